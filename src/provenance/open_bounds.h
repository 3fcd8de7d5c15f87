// Where the values of some formulas lie while some of their inputs are open: an open group may be any of its members.
// A probability is linear in the distribution of each group, so its extremes lie where every open group has one member:
// least and greatest over what an open group may be, weighted sums over what is known. Over a diagram that asks about
// open groups first this is exact; where a known group lies above an open one it is still certain, and the diagram is
// made anew as long as that is cheap. Under min-max values are monotone in what they are made of, and intervals go
// through the lineage as they are.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "provenance/lineage.h"

namespace tenfold::provenance {

using Interval = std::pair<double, double>;

/// What the value of a formula is.
enum class Reading : std::uint8_t {
  probability,  // `exact`
  likeliest,    // `unit`: each group is one of its members, and a value is 0 or 1
  min_max,      // `minmaxprob`
};

class OpenBounds {
 public:
  explicit OpenBounds(Reading reading) : reading_(reading) {}

  /// Formulas of these roots; `lineage` and `inputs` outlive this, whose probabilities are read whenever intervals are
  /// asked for.
  void start(const Lineage* lineage, const Inputs* inputs, std::vector<std::uint32_t> roots);
  /// open[group]; shorter where none follows.
  void set_open(std::vector<bool> open) { open_ = std::move(open); }
  /// For each root, in order. False: some formula did not fit, and nothing is known of it.
  bool intervals(std::vector<Interval>& out);
  /// The same if `member` held.
  void intervals_if(Member member, std::vector<Interval>& out);
  /// Open groups that may still matter to a root.
  std::vector<std::uint32_t> open_groups(std::size_t root);
  /// Steps that intervals_if() takes.
  std::size_t size() const;
  /// More than the rounding of a value, computed in whatever way; 0 where none is rounded.
  double margin() const;

 private:
  bool open(std::uint32_t group) const { return group < open_.size() && open_[group]; }
  bool compile();
  bool attempt(const std::vector<std::uint32_t>& order);
  bool stale() const;
  void weigh(std::uint32_t fixed_group, Member fixed, std::vector<Interval>& out);
  std::vector<std::uint32_t> named_groups(std::size_t root) const;
  bool may_fire(std::uint32_t alternative, const std::vector<bool>& possible) const;
  std::vector<bool> possible() const;
  void fuzzy(std::uint32_t fixed_group, Member fixed, std::vector<Interval>& out);

  Reading reading_;
  const Lineage* lineage_ = nullptr;
  const Inputs* inputs_ = nullptr;
  std::vector<std::uint32_t> roots_;
  std::vector<bool> open_;
  std::unique_ptr<Diagrams> diagrams_;
  std::vector<Diagrams::Edge> edges_;  // of the roots
  std::vector<std::uint32_t> first_;   // groups that the diagram asks about first: those that were open
  std::uint32_t top_ = 0;
  std::vector<Interval> nodes_;
  std::vector<std::uint64_t> seen_, known_;  // by node and by group: the last open_groups() that met it
  std::uint64_t mark_ = 0;
  std::optional<Components> components_;  // min_max
};

}  // namespace tenfold::provenance
