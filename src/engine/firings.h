// Why a tuple is there: each firing of a rule once, as (rule, premise rows) -> head row. An AND/OR graph, cyclic where
// the program is. Tags are computed over it after the tuples of a stratum are known; proofs are read from it. Under
// `unit` without proofs nothing is recorded.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/large_pages.h"
#include "engine/relation.h"
#include "provenance/provenance.h"

namespace tenfold::engine {

enum class FiringKind : std::uint8_t {
  given,      // an uncertain input: its event is the tag
  rule,       // of the program
  aggregate,  // premises are rows of the aggregate's body
  perceived,  // a network said so
};

struct Firing {
  FiringKind kind;
  std::uint32_t source;  // rule: index into Plan::rules; aggregate: into Program::aggregates; perceived: network
  std::uint32_t next;    // of the same head row, older first; kNone ends
  std::uint32_t premises;
  std::uint32_t count;
  provenance::Member event;  // kNone when there is none
};

/// Firings of one evaluation. Premises of a rule are rows, one for each of its literals that is an atom and no guard,
/// in the order of the text; kNone for an atom that is absent (negation) or computed (range).
class Firings {
 public:
  std::uint32_t add(FiringKind kind, std::uint32_t source, std::span<const Row> premises, provenance::Member event) {
    firings_.push_back({kind, source, kNone, static_cast<std::uint32_t>(pool_.size()),
                        static_cast<std::uint32_t>(premises.size()), event});
    pool_.insert(pool_.end(), premises.begin(), premises.end());
    return static_cast<std::uint32_t>(firings_.size() - 1);
  }
  /// Appends a firing to the list of a row of `relation`.
  void attach(Relation& relation, Row row, std::uint32_t firing);
  /// Leaves these of the list of a row, in this order.
  void keep(Relation& relation, Row row, const std::vector<std::uint32_t>& kept);

  const Firing& operator[](std::uint32_t i) const { return firings_[i]; }
  std::span<const Row> premises(const Firing& f) const { return {pool_.data() + f.premises, f.count}; }
  std::size_t size() const { return firings_.size(); }
  std::size_t bytes() const { return firings_.capacity() * sizeof(Firing) + (pool_.capacity() + last_.capacity()) * 4; }
  void clear() {
    firings_.clear();
    pool_.clear();
    last_.clear();
  }

 private:
  LargeVector<Firing> firings_;
  LargeVector<Row> pool_;
  LargeVector<std::uint32_t> last_;  // per first firing of a row: the last of its list
};

}  // namespace tenfold::engine
