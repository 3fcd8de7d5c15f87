#include "neural/memo.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tenfold::neural {

ContentKey content_key(std::string_view stage, std::span<const std::byte> content) {
  // The content's hash is hashed again with the stage's id, so that no id and content can run into each other.
  const XXH128_hash_t seen = XXH3_128bits(content.data(), content.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, seen);
  std::string both(reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest);
  both += stage;
  const XXH128_hash_t hash = XXH3_128bits(both.data(), both.size());
  return {hash.low64, hash.high64};
}

std::size_t Memo::cost(const Entry& entry) {
  // The list node, the index node and its share of buckets, and what the entry holds outside itself.
  std::size_t bytes = sizeof(Entry) + 96 + entry.said.values.size() * sizeof(double) + entry.said.refusal.size();
  for (const Record& record : entry.said.records) bytes += sizeof(Record) + record.json.size();
  return bytes;
}

Memo::Claim Memo::claim(const ContentKey& key, Said& said) {
  if (!remembers()) return Claim::owed_by_me;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    if (found->second->owed) return Claim::owed_by_other;
    entries_.splice(entries_.begin(), entries_, found->second);
    said = found->second->said;
    return Claim::known;
  }
  entries_.push_front({key, {}, true});
  index_.emplace(key, entries_.begin());
  return Claim::owed_by_me;
}

void Memo::publish(const ContentKey& key, const Said& said) {
  if (!remembers()) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end() && found->second->owed) {
    found->second->said = said;
    found->second->owed = false;
    bytes_ += cost(*found->second);
    forget_oldest();
  }
  settled_.notify_all();
}

void Memo::abandon(const ContentKey& key) {
  if (!remembers()) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end() && found->second->owed) {
    entries_.erase(found->second);
    index_.erase(found);
  }
  settled_.notify_all();
}

std::optional<Said> Memo::wait(const ContentKey& key) {
  std::unique_lock lock(mutex_);
  auto found = index_.end();
  settled_.wait(lock, [&] {
    found = index_.find(key);
    return found == index_.end() || !found->second->owed;
  });
  if (found == index_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->said;
}

void Memo::forget_oldest() {
  auto entry = entries_.end();
  while (bytes_ > max_bytes_ && entry != entries_.begin()) {
    --entry;
    if (entry->owed) continue;  // its owner still needs the place
    bytes_ -= cost(*entry);
    index_.erase(entry->key);
    entry = entries_.erase(entry);
  }
}

std::size_t Memo::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace tenfold::neural
