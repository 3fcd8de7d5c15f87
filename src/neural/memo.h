// What a network said, by the content of what it saw: equal content is never seen twice by the same stage, also when
// two threads ask at the same moment. In memory, bounded in bytes, the least recently used goes first.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "neural/language.h"

namespace tenfold::neural {

/// What a stage said about one input: its outputs one after the other, or the reason why it said nothing.
struct Said {
  std::vector<double> values;
  std::string refusal;
  std::vector<Record> records = {};
};

/// XXH3-128 of a stage's id and the bytes it sees. Source: xxHash, doc/xxhash_spec.md.
struct ContentKey {
  std::uint64_t low = 0, high = 0;
  friend bool operator==(const ContentKey&, const ContentKey&) = default;
};
ContentKey content_key(std::string_view stage, std::span<const std::byte> content);

/// Thread-safe. A thread claims a key, and either finds the answer, or owes it (publish or abandon), or learns that
/// another claim owes it (wait). Nobody may wait while owing: publish first, so that two threads never wait for each
/// other.
class Memo {
 public:
  /// 0 bytes: nothing is remembered, every claim is owed by who made it.
  explicit Memo(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  enum class Claim : std::uint8_t { known, owed_by_me, owed_by_other };
  /// Fills `said` when known.
  Claim claim(const ContentKey& key, Said& said);
  void publish(const ContentKey& key, const Said& said);
  void abandon(const ContentKey& key);
  /// Blocks until nobody owes the key; nothing when it was abandoned or has already been forgotten.
  std::optional<Said> wait(const ContentKey& key);

  std::size_t bytes() const;
  bool remembers() const { return max_bytes_ > 0; }

 private:
  struct Entry {
    ContentKey key;
    Said said;
    bool owed = true;
  };
  struct Hash {
    std::size_t operator()(const ContentKey& key) const { return static_cast<std::size_t>(key.low); }
  };
  static std::size_t cost(const Entry& entry);
  void forget_oldest();

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<ContentKey, std::list<Entry>::iterator, Hash> index_;
  std::size_t bytes_ = 0;  // of entries that are not owed
};

}  // namespace tenfold::neural
