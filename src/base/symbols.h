// Interned text. A record's symbols live in a child table over the program's, so that a stream of a million records
// needs the memory of one: clear() forgets the child's and keeps the parent's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/terms.h"
#include "tenfold/value.h"

namespace tenfold {

/// Ids are dense from 0; a child's begin where its parent's ended when the child was made, so the parent must not grow
/// while children live. Reading is safe from many threads, interning is not.
class Symbols {
 public:
  explicit Symbols(const Symbols* parent = nullptr);
  Symbols(Symbols&&) noexcept = default;
  Symbols& operator=(Symbols&&) noexcept = default;

  SymbolId intern(std::string_view text);
  std::optional<SymbolId> find(std::string_view text) const;
  /// Valid until clear() or destruction. Requires an id that this table or its parent gave.
  std::string_view text(SymbolId id) const;
  std::size_t size() const { return base_ + texts_.size(); }
  /// What values point to that is no text.
  Terms& terms() { return terms_; }
  const Terms& terms() const { return terms_; }
  /// Forgets every symbol and term of this table, keeps its memory for the next record.
  void clear();

 private:
  std::string_view store(std::string_view text);
  void grow();

  const Symbols* parent_;
  SymbolId base_;
  Terms terms_;
  std::vector<std::string_view> texts_;
  std::vector<std::size_t> hashes_;
  std::vector<SymbolId> slots_;  // open addressing over texts_; kEmpty where free
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;
  std::size_t block_ = 0;  // index of the block being filled
  std::size_t used_ = 0;   // bytes used in it
};

}  // namespace tenfold
