#include "provenance/open_bounds.h"

#include <algorithm>

#include "provenance/compile.h"
#include "provenance/variable_order.h"

namespace tenfold::provenance {
namespace {

using Edge = Diagrams::Edge;

constexpr std::size_t kRoom = std::size_t{1} << 24;  // bytes of one diagram: some 300,000 nodes
constexpr std::size_t kCheap = 20'000;               // nodes; larger ones are not made anew
constexpr std::uint32_t kNoGroup = 0xFFFFFFFFu;

Interval turned(Interval i) { return {1.0 - i.second, 1.0 - i.first}; }

}  // namespace

void OpenBounds::start(const Lineage* lineage, const Inputs* inputs, std::vector<std::uint32_t> roots) {
  lineage_ = lineage;
  inputs_ = inputs;
  roots_ = std::move(roots);
  diagrams_.reset();
  edges_.clear();
  components_.reset();
}

bool OpenBounds::attempt(const std::vector<std::uint32_t>& order) {
  diagrams_ = std::make_unique<Diagrams>(inputs_);
  diagrams_->leave_unweighed();
  // No clock: which networks run may not depend on how fast the machine is.
  diagrams_->limit(kRoom, nullptr);
  for (std::uint32_t group : order) diagrams_->place(group);
  const std::vector<Edge> edges = provenance::compile(*lineage_, *diagrams_);
  edges_.clear();
  top_ = 0;
  for (std::uint32_t root : roots_) {
    if (edges[root] == Diagrams::kUnknown) return false;
    edges_.push_back(edges[root]);
    top_ = std::max(top_, edges[root] >> 1);
  }
  return true;
}

bool OpenBounds::compile() {
  const std::vector<std::uint32_t> by_derivation = order_of_derivation(*lineage_, *inputs_, roots_);
  std::vector<std::uint32_t> order;
  std::copy_if(by_derivation.begin(), by_derivation.end(), std::back_inserter(order), [&](auto g) { return open(g); });
  first_ = order;
  std::copy_if(by_derivation.begin(), by_derivation.end(), std::back_inserter(order), [&](auto g) { return !open(g); });
  if (attempt(order)) return true;
  first_.clear();
  return order != by_derivation && attempt(by_derivation);
}

// Some group has become known that was open, and lies above one that still is.
bool OpenBounds::stale() const {
  if (diagrams_->nodes() > kCheap) return false;
  const auto known = std::find_if(first_.begin(), first_.end(), [&](std::uint32_t g) { return !open(g); });
  return std::any_of(known, first_.end(), [&](std::uint32_t g) { return open(g); });
}

bool OpenBounds::intervals(std::vector<Interval>& out) {
  if (reading_ == Reading::min_max) {
    fuzzy(kNoGroup, 0, out);
    return true;
  }
  if ((!diagrams_ || stale()) && !compile()) return false;
  weigh(kNoGroup, 0, out);
  return true;
}

void OpenBounds::intervals_if(Member member, std::vector<Interval>& out) {
  if (reading_ == Reading::min_max)
    fuzzy(inputs_->group[member], member, out);
  else
    weigh(inputs_->group[member], member, out);
}

void OpenBounds::weigh(std::uint32_t fixed_group, Member fixed, std::vector<Interval>& out) {
  nodes_.resize(top_ + 1);
  nodes_[0] = {1.0, 1.0};
  const auto value = [&](Edge e) { return e & 1u ? turned(nodes_[e >> 1]) : nodes_[e >> 1]; };
  for (std::uint32_t n = 1; n <= top_; ++n) {
    std::uint32_t group = kNoGroup;
    double rest = 1.0;
    Interval sum{0.0, 0.0}, all{1.0, 0.0}, taken{0.0, 0.0};
    bool met = false;
    diagrams_->visit(
        n,
        [&](Member m, Edge to) {
          group = inputs_->group[m];
          const Interval v = value(to);
          const double p = inputs_->probability[m];
          rest -= p;
          sum = {sum.first + p * v.first, sum.second + p * v.second};
          all = {std::min(all.first, v.first), std::max(all.second, v.second)};
          if (m == fixed && group == fixed_group) taken = v, met = true;
        },
        [&](Edge to) {
          const Interval v = value(to);
          if (group == fixed_group) {
            nodes_[n] = met ? taken : v;
          } else if (open(group)) {
            nodes_[n] = {std::min(all.first, v.first), std::max(all.second, v.second)};
          } else {
            const double left = std::max(0.0, rest);
            nodes_[n] = {sum.first + left * v.first, sum.second + left * v.second};
          }
        });
  }
  out.clear();
  for (Edge e : edges_) {
    const Interval v = value(e);
    out.push_back({std::clamp(v.first, 0.0, 1.0), std::clamp(v.second, 0.0, 1.0)});
  }
}

void OpenBounds::fuzzy(std::uint32_t fixed_group, Member fixed, std::vector<Interval>& out) {
  if (!components_) components_ = strong_components(*lineage_);
  nodes_.assign(lineage_->nodes(), {0.0, 0.0});
  const auto value = [&](Premise p) {
    Interval v{0.0, 1.0};
    if (kind_of(p) == PremiseKind::node) {
      v = nodes_[index_of(p)];
    } else if (kind_of(p) == PremiseKind::member) {
      const Member m = index_of(p);
      const std::uint32_t group = inputs_->group[m];
      if (group == fixed_group)
        v = m == fixed ? Interval{1.0, 1.0} : Interval{0.0, 0.0};
      else if (!open(group))
        v = {inputs_->probability[m], inputs_->probability[m]};
    }
    return negated(p) ? turned(v) : v;
  };
  const auto derive = [&](std::uint32_t node) {
    Interval best{0.0, 0.0};
    for (std::uint32_t a = lineage_->first_alternative(node); a < lineage_->first_alternative(node + 1); ++a) {
      Interval least{1.0, 1.0};
      for (Premise p : lineage_->premises(a)) {
        const Interval v = value(p);
        least = {std::min(least.first, v.first), std::min(least.second, v.second)};
      }
      best = {std::max(best.first, least.first), std::max(best.second, least.second)};
    }
    return best;
  };
  // Values are among finitely many and only rise, so a cycle comes to an end.
  for (std::size_t c = 0; c < components_->size(); ++c)
    for (bool changed = true; changed;) {
      changed = false;
      for (std::uint32_t node : (*components_)[c]) {
        const Interval now = derive(node);
        if (now == nodes_[node]) continue;
        nodes_[node] = now;
        changed = components_->cyclic[c];
      }
    }
  out.clear();
  for (std::uint32_t root : roots_) out.push_back(nodes_[root]);
}

// No input that it needs is out; what is denied of a tuple counts as possible.
bool OpenBounds::may_fire(std::uint32_t alternative, const std::vector<bool>& possible) const {
  const auto premises = lineage_->premises(alternative);
  return std::all_of(premises.begin(), premises.end(), [&](Premise p) {
    if (kind_of(p) == PremiseKind::node) return negated(p) || possible[index_of(p)];
    const Member m = index_of(p);
    return open(inputs_->group[m]) || (negated(p) ? inputs_->probability[m] < 1.0 : inputs_->probability[m] > 0.0);
  });
}

// Nodes that some derivation of inputs that are not out gives.
std::vector<bool> OpenBounds::possible() const {
  std::vector<bool> out(lineage_->nodes(), false);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t v = lineage_->nodes(); v-- > 0;)
      for (std::uint32_t a = lineage_->first_alternative(v); a < lineage_->first_alternative(v + 1) && !out[v]; ++a) {
        if (may_fire(a, out)) out[v] = changed = true;
      }
  }
  return out;
}

// Open groups that a derivation of a root may name, whether they matter or not.
std::vector<std::uint32_t> OpenBounds::named_groups(std::size_t root) const {
  const std::vector<bool> may_be = possible();
  std::vector<std::uint32_t> out, stack{roots_[root]};
  std::vector<bool> seen(lineage_->nodes(), false);
  seen[roots_[root]] = true;
  while (!stack.empty()) {
    const std::uint32_t node = stack.back();
    stack.pop_back();
    for (std::uint32_t a = lineage_->first_alternative(node); a < lineage_->first_alternative(node + 1); ++a) {
      if (!may_fire(a, may_be)) continue;
      for (Premise p : lineage_->premises(a)) {
        const bool is_node = kind_of(p) == PremiseKind::node;
        if (!is_node && open(inputs_->group[index_of(p)])) out.push_back(inputs_->group[index_of(p)]);
        if (!is_node || seen[index_of(p)]) continue;
        seen[index_of(p)] = true;
        stack.push_back(index_of(p));
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::uint32_t> OpenBounds::open_groups(std::size_t root) {
  if (reading_ == Reading::min_max) return named_groups(root);
  std::vector<std::uint32_t> out, work;
  // A root often sees little of a large diagram: what it met is marked with its number, and not cleared.
  seen_.resize(top_ + 1, 0);
  known_.resize(inputs_->groups, 0);
  ++mark_;
  // What a branch of probability zero leads to does not matter.
  const auto see = [&](Edge to) {
    const std::uint32_t n = to >> 1;
    if (n == 0 || seen_[n] == mark_) return;
    seen_[n] = mark_;
    work.push_back(n);
  };
  see(edges_[root]);
  while (!work.empty()) {
    const std::uint32_t n = work.back();
    work.pop_back();
    double rest = 1.0;
    std::uint32_t group = kNoGroup;
    diagrams_->visit(
        n,
        [&](Member m, Edge to) {
          group = inputs_->group[m];
          rest -= inputs_->probability[m];
          if (open(group) || inputs_->probability[m] > 0.0) see(to);
        },
        [&](Edge to) {
          if (open(group) || rest > Diagrams::kNothing) see(to);
        });
    if (!open(group) || known_[group] == mark_) continue;
    known_[group] = mark_;
    out.push_back(group);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t OpenBounds::size() const {
  return reading_ == Reading::min_max ? lineage_->alternatives() + lineage_->nodes() : top_;
}

double OpenBounds::margin() const {
  return reading_ == Reading::probability ? 1e-12 + 1e-15 * static_cast<double>(lineage_->alternatives() + top_) : 0.0;
}

}  // namespace tenfold::provenance
