// Values as bytes, little-endian, for the memo on disk and for what runs in another process. A reader is given
// whatever comes, and says afterwards whether it was whole.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tenfold::wire {

static_assert(std::endian::native == std::endian::little);

template <class T>
requires std::is_arithmetic_v<T>
void write(std::string& bytes, T value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }

inline void write_text(std::string& bytes, std::string_view text) {
  write(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}

/// Past the end it is spoilt, and gives zeros and empty texts.
struct Reader {
  std::string_view rest;
  bool fine = true;

  template <class T>
  requires std::is_arithmetic_v<T> T next() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (fine) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view take(std::size_t size) {
    fine = fine && size <= rest.size();
    if (!fine) return {};
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  std::string_view text() { return take(next<std::uint32_t>()); }
  /// How many elements follow, each of at least `size` bytes; 0 and spoilt when there is no room for them.
  std::size_t count(std::size_t size) {
    const auto n = next<std::uint32_t>();
    fine = fine && n <= rest.size() / size;
    return fine ? n : 0;
  }
  bool whole() const { return fine && rest.empty(); }
};

template <class T>
void write_numbers(std::string& bytes, const T& numbers) {
  write(bytes, static_cast<std::uint32_t>(numbers.size()));
  bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(numbers[0]));
}

template <class T>
void read_numbers(Reader& read, std::vector<T>& numbers) {
  numbers.resize(read.count(sizeof(T)));
  const std::string_view bytes = read.take(numbers.size() * sizeof(T));
  if (read.fine && !numbers.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
}

}  // namespace tenfold::wire
