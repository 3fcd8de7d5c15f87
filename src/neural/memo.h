// What a network said, by the content of what it saw: equal content is never seen twice by the same stage, also when
// two threads ask at the same moment. In memory, bounded in bytes, the least recently used goes first; behind it, where
// there is one, a file that other runs and processes share (store/disk_memo.h).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "neural/language.h"
#include "neural/sha256.h"
#include "store/disk_memo.h"

namespace tenfold::neural {

/// What a stage said about one input: its outputs one after the other, or the reason why it said nothing.
struct Said {
  std::vector<double> values;
  std::string refusal;
  std::vector<Record> records = {};
};

/// What is written to disk of it, and back; nothing when the bytes are no such thing (docs/memo-format.md).
std::string to_bytes(const Said& said);
std::optional<Said> from_bytes(std::string_view bytes);

/// SHA-256 of a stage's id and the bytes it sees: nobody can make an input that is taken for another.
using ContentKey = Sha256Digest;
ContentKey content_key(std::string_view stage, std::span<const std::byte> content);

/// Thread-safe. A thread claims a key, and either finds the answer, or owes it (publish or abandon), or learns that
/// another claim owes it (wait). Nobody may wait while owing: publish first, so that two threads never wait for each
/// other.
class Memo {
 public:
  /// 0 bytes: nothing is remembered, every claim is owed by who made it.
  /// `disk` may be null; `network` is what its entries are called there.
  explicit Memo(std::size_t max_bytes, std::shared_ptr<store::DiskMemo> disk = nullptr, std::string network = "")
      : max_bytes_(max_bytes), disk_(std::move(disk)), network_(std::move(network)) {}

  enum class Claim : std::uint8_t { known, owed_by_me, owed_by_other };
  /// Fills `said` when known.
  Claim claim(const ContentKey& key, Said& said);
  void publish(const ContentKey& key, const Said& said);
  void abandon(const ContentKey& key);
  /// Blocks until nobody owes the key; nothing when it was abandoned or has already been forgotten.
  std::optional<Said> wait(const ContentKey& key);

  /// What an earlier run, or another process, kept of each key; and keeping it. Both for keys that the caller owes.
  std::vector<std::optional<Said>> recall(const std::string& stage, std::span<const ContentKey> keys);
  void keep(const std::string& stage, std::span<const std::pair<ContentKey, const Said*>> answers);

  std::size_t bytes() const;
  bool remembers() const { return max_bytes_ > 0; }

 private:
  struct Entry {
    ContentKey key;
    Said said;
    bool owed = true;
  };
  struct Hash {
    std::size_t operator()(const ContentKey& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };
  static std::size_t cost(const Entry& entry);
  void forget_oldest();

  const std::size_t max_bytes_;
  const std::shared_ptr<store::DiskMemo> disk_;
  const std::string network_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<ContentKey, std::list<Entry>::iterator, Hash> index_;
  std::size_t bytes_ = 0;  // of entries that are not owed
};

}  // namespace tenfold::neural
