// An allocator for what grows to many megabytes: from one MiB on it asks for pages of two MiB, as clearing memory page
// by page costs as much as filling it. Where the system has no such pages, nothing changes.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace tenfold {

template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}
  template <class U>
  bool operator==(const LargePages<U>&) const {
    return true;
  }

  T* allocate(std::size_t n) {
    if (n * sizeof(T) < kLarge) return static_cast<T*>(::operator new(n * sizeof(T)));
    if (n > static_cast<std::size_t>(-1) / sizeof(T) / 2) throw std::bad_array_new_length();
    const std::size_t bytes = (n * sizeof(T) + kPage - 1) / kPage * kPage;
    void* at = std::aligned_alloc(kPage, bytes);
    if (at == nullptr) throw std::bad_alloc();
    madvise(at, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t n) {
    if (n * sizeof(T) < kLarge)
      ::operator delete(at);
    else
      std::free(at);
  }

 private:
  static constexpr std::size_t kLarge = std::size_t{1} << 20, kPage = std::size_t{1} << 21;
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace tenfold
