#include "base/symbols.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace tenfold {
namespace {
constexpr SymbolId kEmpty = 0xFFFFFFFFu;
constexpr std::size_t kBlock = 64 * 1024;
}  // namespace

Symbols::Symbols(const Symbols* parent)
    : parent_(parent),
      base_(parent ? static_cast<SymbolId>(parent->size()) : 0),
      terms_(parent ? &parent->terms_ : nullptr),
      slots_(64, kEmpty) {}

std::string_view Symbols::store(std::string_view text) {
  if (text.size() > kBlock / 4) {
    large_.push_back(std::make_unique<char[]>(text.size()));
    std::memcpy(large_.back().get(), text.data(), text.size());
    return {large_.back().get(), text.size()};
  }
  if (blocks_.empty() || used_ + text.size() > kBlock) {
    if (!blocks_.empty()) ++block_;
    if (block_ == blocks_.size()) blocks_.push_back(std::make_unique<char[]>(kBlock));
    used_ = 0;
  }
  char* at = blocks_[block_].get() + used_;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  used_ += text.size();
  return {at, text.size()};
}

void Symbols::grow() {
  std::vector<SymbolId> slots(slots_.size() * 2, kEmpty);
  const std::size_t mask = slots.size() - 1;
  for (SymbolId i = 0; i < texts_.size(); ++i) {
    std::size_t at = hashes_[i] & mask;
    while (slots[at] != kEmpty) at = (at + 1) & mask;
    slots[at] = i;
  }
  slots_ = std::move(slots);
}

std::optional<SymbolId> Symbols::find(std::string_view text) const {
  const std::size_t hash = std::hash<std::string_view>{}(text);
  for (const Symbols* table = this; table; table = table->parent_) {
    const std::size_t mask = table->slots_.size() - 1;
    for (std::size_t at = hash & mask; table->slots_[at] != kEmpty; at = (at + 1) & mask) {
      const SymbolId local = table->slots_[at];
      if (table->hashes_[local] == hash && table->texts_[local] == text) return table->base_ + local;
    }
  }
  return std::nullopt;
}

SymbolId Symbols::intern(std::string_view text) {
  if (auto known = find(text)) return *known;
  if ((texts_.size() + 1) * 2 > slots_.size()) grow();
  const std::size_t hash = std::hash<std::string_view>{}(text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != kEmpty) at = (at + 1) & mask;
  slots_[at] = static_cast<SymbolId>(texts_.size());
  texts_.push_back(store(text));
  hashes_.push_back(hash);
  return base_ + static_cast<SymbolId>(texts_.size() - 1);
}

std::string_view Symbols::text(SymbolId id) const {
  const Symbols* table = this;
  while (id < table->base_) table = table->parent_;
  return table->texts_[id - table->base_];
}

void Symbols::clear() {
  terms_.clear();
  texts_.clear();
  hashes_.clear();
  large_.clear();
  // A record far larger than the rest must not make every later clear() pay for its table.
  if (slots_.size() > 4096) slots_.resize(slots_.size() / 2);
  std::fill(slots_.begin(), slots_.end(), kEmpty);
  if (blocks_.size() > 2 * (block_ + 1)) blocks_.resize(block_ + 1);
  block_ = 0;
  used_ = 0;
}

}  // namespace tenfold
