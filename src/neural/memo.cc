#include "neural/memo.h"

#include <utility>

#include "base/wire.h"

namespace tenfold::neural {
namespace {

constexpr std::uint8_t kForm = 1;  // of what to_bytes writes; a reader of another finds nothing

}  // namespace

ContentKey content_key(std::string_view stage, std::span<const std::byte> content) {
  // The length first, so that no id and content can run into each other.
  const std::uint64_t length = stage.size();
  Sha256 sum;
  sum.add(std::as_bytes(std::span(&length, 1)));
  sum.add(std::as_bytes(std::span(stage.data(), stage.size())));
  sum.add(content);
  return sum.finish();
}

std::string to_bytes(const Said& said) {
  using wire::write;
  std::string bytes;
  write(bytes, kForm);
  write(bytes, static_cast<std::uint32_t>(said.values.size()));
  for (const double value : said.values) write(bytes, value);
  wire::write_text(bytes, said.refusal);
  write(bytes, static_cast<std::uint32_t>(said.records.size()));
  for (const Record& record : said.records) {
    write(bytes, record.probability);
    wire::write_text(bytes, record.json);
  }
  return bytes;
}

std::optional<Said> from_bytes(std::string_view bytes) {
  wire::Reader read{bytes};
  Said said;
  if (read.next<std::uint8_t>() != kForm) return std::nullopt;
  const auto values = read.next<std::uint32_t>();
  if (values > read.rest.size() / sizeof(double)) return std::nullopt;
  for (std::uint32_t i = 0; i < values; ++i) said.values.push_back(read.next<double>());
  said.refusal = read.text();
  const auto records = read.next<std::uint32_t>();
  for (std::uint32_t i = 0; i < records && read.fine; ++i) {
    const auto probability = read.next<double>();
    said.records.push_back({std::string(read.text()), probability});
  }
  if (!read.whole()) return std::nullopt;
  return said;
}

std::vector<std::optional<Said>> Memo::recall(const std::string& stage, std::span<const ContentKey> keys) {
  std::vector<std::optional<Said>> out(keys.size());
  if (!disk_) return out;
  const auto values = disk_->get(network_ + " " + stage, keys);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i]) out[i] = from_bytes(*values[i]);
  return out;
}

void Memo::keep(const std::string& stage, std::span<const std::pair<ContentKey, const Said*>> answers) {
  if (!disk_ || answers.empty()) return;
  std::vector<std::string> values;
  std::vector<store::MemoEntry> entries;
  values.reserve(answers.size());
  for (const auto& [key, said] : answers) entries.push_back({key, values.emplace_back(to_bytes(*said))});
  disk_->put(network_ + " " + stage, entries);
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
