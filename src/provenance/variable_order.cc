#include "provenance/variable_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenfold::provenance {
namespace {

struct Met {
  std::uint32_t round, visit, group;
};

// Where each group is met by a reader who follows the premises from the roots, depth first in the order of the text.
std::vector<Met> walk(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> roots) {
  const std::vector<std::uint32_t> rounds = first_rounds(lineage);
  std::vector<Met> met;
  std::vector<bool> seen(lineage.nodes(), false);
  struct Call {
    std::uint32_t node, alternative, premise;
  };
  std::vector<Call> calls;
  std::uint32_t visit = 0;
  const auto ready_in = [&](std::uint32_t alternative) {
    std::uint32_t last = 0;
    for (Premise p : lineage.premises(alternative))
      if (kind_of(p) == PremiseKind::node && rounds[index_of(p)] != kNever)
        last = std::max(last, rounds[index_of(p)] + 1);
    return last;
  };
  for (std::uint32_t root : roots) {
    if (seen[root]) continue;
    seen[root] = true;
    calls.push_back({root, lineage.first_alternative(root), 0});
    while (!calls.empty()) {
      Call& c = calls.back();
      if (c.alternative == lineage.first_alternative(c.node + 1)) {
        calls.pop_back();
        continue;
      }
      const auto premises = lineage.premises(c.alternative);
      if (c.premise == premises.size()) {
        ++c.alternative;
        c.premise = 0;
        continue;
      }
      const Premise p = premises[c.premise++];
      if (kind_of(p) == PremiseKind::member) {
        met.push_back({ready_in(c.alternative), visit++, inputs.group[index_of(p)]});
      } else if (kind_of(p) == PremiseKind::node && !seen[index_of(p)]) {
        seen[index_of(p)] = true;
        calls.push_back({index_of(p), lineage.first_alternative(index_of(p)), 0});
      }
    }
  }
  return met;
}

GroupOrder distinct(const std::vector<Met>& met, std::uint32_t groups) {
  GroupOrder out;
  std::vector<bool> placed(groups, false);
  for (const Met& m : met) {
    if (placed[m.group]) continue;
    placed[m.group] = true;
    out.push_back(m.group);
  }
  return out;
}

// Groups and nodes, tied together by each node with its premises.
class Ties {
 public:
  Ties(const Lineage& lineage, const Inputs& inputs)
      : groups_(inputs.groups), things_(inputs.groups + lineage.nodes()) {
    for (std::uint32_t v = 0; v < lineage.nodes(); ++v) {
      std::vector<std::uint32_t> tie{groups_ + v};
      for (Premise p : lineage.premises_of_node(v)) {
        if (kind_of(p) == PremiseKind::member) tie.push_back(inputs.group[index_of(p)]);
        if (kind_of(p) == PremiseKind::node) tie.push_back(groups_ + index_of(p));
      }
      std::sort(tie.begin(), tie.end());
      tie.erase(std::unique(tie.begin(), tie.end()), tie.end());
      ties_.push_back(std::move(tie));
    }
  }

  // Each thing to the mean of the centres of its ties, until that brings no more order.
  GroupOrder pulled(const GroupOrder& start) const {
    std::vector<double> at = places(start);
    GroupOrder best = start;
    double least = cost(start);
    for (int round = 0; round < kRounds; ++round) {
      std::vector<double> sum(things_, 0.0);
      std::vector<std::uint32_t> count(things_, 0);
      for (const auto& tie : ties_) {
        double centre = 0.0;
        for (std::uint32_t t : tie) centre += at[t];
        centre /= static_cast<double>(tie.size());
        for (std::uint32_t t : tie) sum[t] += centre, ++count[t];
      }
      std::vector<std::uint32_t> order(things_);
      std::iota(order.begin(), order.end(), 0u);
      std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return sum[a] * std::max(1u, count[b]) < sum[b] * std::max(1u, count[a]);
      });
      GroupOrder now;
      for (std::uint32_t i = 0; i < order.size(); ++i) {
        at[order[i]] = i;
        if (order[i] < groups_ && count[order[i]] > 0) now.push_back(order[i]);
      }
      if (const double found = cost(now); found < least) {
        least = found;
        best = std::move(now);
      }
    }
    return best;
  }

  // Diagrams grow with two to the number of nodes that a cut divides: the sum of that over all cuts, as a logarithm.
  double cost(const GroupOrder& order) const {
    std::vector<std::uint32_t> place(groups_, kNever);
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<std::int32_t> change(order.size() + 1, 0);
    // A node is divided between what it rests on and what rests on it.
    std::vector<std::uint32_t> first(things_, kNever), last(things_, 0);
    for (const auto& tie : ties_) {
      std::uint32_t low = kNever, high = 0;
      for (std::uint32_t t : tie)
        if (t < groups_) low = std::min(low, place[t]), high = std::max(high, place[t]);
      if (low == kNever) continue;
      for (std::uint32_t t : tie)
        if (t >= groups_) first[t] = std::min(first[t], low), last[t] = std::max(last[t], high);
    }
    for (std::uint32_t t = groups_; t < things_; ++t)
      if (first[t] != kNever) ++change[first[t]], --change[last[t]];
    double sum = 0.0;
    std::int32_t divided = 0;
    for (std::int32_t c : change) sum += std::exp2(std::min(divided += c, 900));
    return std::log2(sum);
  }

 private:
  static constexpr int kRounds = 40;

  // A node begins where its groups are.
  std::vector<double> places(const GroupOrder& order) const {
    std::vector<double> at(things_, static_cast<double>(order.size()) / 2);
    for (std::uint32_t i = 0; i < order.size(); ++i) at[order[i]] = i;
    for (std::uint32_t v = 0; v < ties_.size(); ++v) {
      double sum = 0.0;
      int count = 0;
      for (std::uint32_t t : ties_[v])
        if (t < groups_) sum += at[t], ++count;
      if (count > 0) at[groups_ + v] = sum / count;
    }
    return at;
  }

  std::uint32_t groups_;
  std::size_t things_;
  std::vector<std::vector<std::uint32_t>> ties_;
};

}  // namespace

GroupOrder order_of_derivation(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> roots) {
  std::vector<Met> met = walk(lineage, inputs, roots);
  std::sort(met.begin(), met.end(),
            [](const Met& a, const Met& b) { return a.round != b.round ? a.round < b.round : a.visit < b.visit; });
  return distinct(met, inputs.groups);
}

std::vector<GroupOrder> candidate_orders(const Lineage& lineage, const Inputs& inputs,
                                         std::span<const std::uint32_t> roots) {
  const Ties ties(lineage, inputs);
  std::vector<std::pair<double, GroupOrder>> scored;
  const auto consider = [&](GroupOrder order) {
    for (const auto& [cost, known] : scored)
      if (known == order) return;
    const double cost = ties.cost(order);
    scored.emplace_back(cost, std::move(order));
  };
  const GroupOrder derived = order_of_derivation(lineage, inputs, roots),
                   read = distinct(walk(lineage, inputs, roots), inputs.groups);
  consider(derived);
  consider(read);
  consider(ties.pulled(derived));
  consider(ties.pulled(read));
  std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<GroupOrder> out;
  for (auto& [cost, order] : scored) out.push_back(std::move(order));
  return out;
}

}  // namespace tenfold::provenance
