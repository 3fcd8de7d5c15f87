// Terms of algebraic types, such as Cons(1, Nil()), each stored once: equal terms have one id, so a cell of type Entity
// is that id and comparing for equality is comparing ids. Values too wide for a cell (128-bit integers, durations) are
// kept the same way, as pairs. A record's terms live in a child table over the program's, as its symbols do.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenfold/value.h"

namespace tenfold {

using ConstructorId = std::uint32_t;
using TermId = std::uint32_t;

struct Constructor {
  std::string name;
  std::vector<Type> fields;
};

/// Ids are dense from 0; a child's begin where its parent's ended, so the parent must not grow while children live.
/// Constructors are declared in the root alone. Reading is safe from many threads, adding is not.
class Terms {
 public:
  explicit Terms(const Terms* parent = nullptr);

  ConstructorId declare(std::string name, std::vector<Type> fields);
  const Constructor& constructor(ConstructorId id) const { return root().constructors_[id]; }
  std::optional<ConstructorId> find(std::string_view name) const;
  std::size_t constructors() const { return root().constructors_.size(); }

  /// `content` says what the term is whatever ids its parts have; see content() in value_order.h.
  TermId make(ConstructorId constructor, std::span<const Cell> args, std::uint64_t content);
  std::optional<TermId> known(ConstructorId constructor, std::span<const Cell> args) const;
  ConstructorId constructor_of(TermId id) const { return entry(id).constructor; }
  /// Valid until the next make() or clear().
  std::span<const Cell> args(TermId id) const;
  std::uint64_t content(TermId id) const { return entry(id).content; }

  /// Two words under one id.
  TermId pair(std::uint64_t high, std::uint64_t low);
  std::pair<std::uint64_t, std::uint64_t> pair(TermId id) const;

  std::size_t size() const { return base_ + entries_.size(); }
  std::size_t bytes() const;
  void clear();

 private:
  struct Entry {
    ConstructorId constructor;
    std::uint32_t count;
    std::uint64_t first;  // of cells_
    std::uint64_t content;
  };

  const Terms& root() const;
  const Terms& owner(TermId id) const;
  const Entry& entry(TermId id) const;
  static std::uint64_t hash(ConstructorId constructor, std::span<const Cell> args);
  std::uint32_t slot(ConstructorId constructor, std::span<const Cell> args, std::uint64_t hash) const;
  void grow();

  const Terms* parent_;
  TermId base_;
  std::vector<Constructor> constructors_;
  std::vector<Entry> entries_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> slots_;  // open addressing over entries_; kFree where free
};

}  // namespace tenfold
