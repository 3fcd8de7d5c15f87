#include "engine/derivations.h"

namespace tenfold::engine {

void Derivations::add(std::uint32_t firing, std::uint32_t rule, Row head, std::span<const Row> read) {
  head_.resize(firing + 1, kNone);
  first_.resize(firing + 1, kNone);
  head_[firing] = head;
  first_[firing] = static_cast<std::uint32_t>(rows_.size());
  rows_.insert(rows_.end(), read.begin(), read.end());
  if (turned_) link(firing, rule);
}

void Derivations::turn(const Firings& firings) {
  turned_ = true;
  for (std::uint32_t f = 0; f < head_.size(); ++f)
    if (head_[f] != kNone) link(f, firings[f].source);
}

void Derivations::link(std::uint32_t firing, std::uint32_t rule) {
  dead_.resize(std::max<std::size_t>(dead_.size(), firing + 1), false);
  next_.resize(rows_.size(), kNone);
  owner_.resize(rows_.size(), kNone);
  const std::vector<plan::PlanLiteral>& body = plan_.rules[rule].body;
  for (std::uint32_t i = 0; i < body.size(); ++i) {
    const std::uint32_t at = first_[firing] + i;
    const Row row = rows_[at];
    if (row == kNone) continue;
    auto& uses = uses_[body[i].literal.relation];
    if (uses.size() <= row) uses.resize(row + 1, kNone);
    owner_[at] = firing;
    next_[at] = std::exchange(uses[row], at);
  }
  same_key_.resize(firing + 1, kNone);
  const auto [at, fresh] = by_key_.try_emplace(key(rule, {rows_.data() + first_[firing], body.size()}), firing);
  if (!fresh) same_key_[firing] = std::exchange(at->second, firing);
}

bool Derivations::has(const Firings& firings, std::uint32_t rule, std::span<const Row> rows) const {
  const auto at = by_key_.find(key(rule, rows));
  if (at == by_key_.end()) return false;
  for (std::uint32_t f = at->second; f != kNone; f = same_key_[f]) {
    if (dead_[f] || firings[f].source != rule) continue;
    const auto known = read(firings, f);
    if (std::equal(rows.begin(), rows.end(), known.begin(), known.end())) return true;
  }
  return false;
}

void Derivations::kill(std::uint32_t firing) {
  if (dead_.size() <= firing) dead_.resize(firing + 1, false);
  killed_ += !dead_[firing];
  dead_[firing] = true;
}

std::uint64_t Derivations::key(std::uint32_t rule, std::span<const Row> read) {
  std::uint64_t h = rule + 0x9E3779B97F4A7C15u;
  for (Row row : read) h = (h ^ row) * 0xBF58476D1CE4E5B9u ^ (h >> 29);
  return h;
}

std::size_t Derivations::bytes() const {
  std::size_t n = (head_.capacity() + first_.capacity() + same_key_.capacity() + rows_.capacity() + next_.capacity() +
                   owner_.capacity()) *
                  4;
  for (const auto& uses : uses_) n += uses.capacity() * 4;
  return n + by_key_.size() * 32;
}

void Derivations::clear() {
  turned_ = false;
  killed_ = 0;
  head_.clear();
  first_.clear();
  dead_.clear();
  rows_.clear();
  for (auto& uses : uses_) uses.clear();
  next_.clear();
  owner_.clear();
  by_key_.clear();
  same_key_.clear();
  for (auto& stated : stated_) stated.clear();
}

}  // namespace tenfold::engine
