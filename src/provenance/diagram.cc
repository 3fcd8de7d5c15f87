#include "provenance/diagram.h"

#include <algorithm>
#include <array>

namespace tenfold::provenance {
namespace {

constexpr std::size_t kFirstSlots = 1024;

std::uint64_t mix(std::uint64_t h) {
  h *= 0xD6E8FEB86659FD93u;
  return h ^ (h >> 32);
}

}  // namespace

Diagrams::Diagrams(const Inputs* inputs) : inputs_(inputs) { clear(); }

void Diagrams::clear() {
  nodes_.clear();
  nodes_.push_back({kUnplaced, kTrue, 0, 0, 1.0});
  pool_.clear();
  table_.assign(kFirstSlots, 0);
  cache_.assign(kFirstSlots, {});
  groups_.clear();
  group_at_.clear();
  known_members_ = 0;
  levels_ = 0;
  exceeded_ = false;
}

void Diagrams::limit(std::size_t bytes, std::function<bool()> expired) {
  most_bytes_ = bytes;
  expired_ = std::move(expired);
}

std::size_t Diagrams::bytes() const {
  return nodes_.capacity() * sizeof(Node) + pool_.capacity() * sizeof(Branch) + table_.capacity() * 4 +
         cache_.capacity() * sizeof(Cached);
}

bool Diagrams::over_budget() {
  if (exceeded_) return true;
  if (++ticks_ % 1024 != 0) return false;
  exceeded_ = (most_bytes_ > 0 && bytes() > most_bytes_) || nodes_.size() > (kUnknown >> 2) || (expired_ && expired_());
  return exceeded_;
}

void Diagrams::learn_groups() {
  groups_.resize(inputs_->groups);
  for (; known_members_ < inputs_->probability.size(); ++known_members_) {
    if (inputs_->probability[known_members_] <= 0.0) continue;
    Group& group = groups_[inputs_->group[known_members_]];
    if (group.members++ == 0) group.first = static_cast<Member>(known_members_);
    group.rest -= inputs_->probability[known_members_];
  }
}

void Diagrams::place(std::uint32_t group) {
  if (known_members_ < inputs_->probability.size() || groups_.size() <= group) learn_groups();
  if (groups_[group].level != kUnplaced) return;
  groups_[group].level = levels_++;
  group_at_.push_back(group);
}

// Where a group leaves nothing to "none of them", the shared branch stands for its first member, which is then never
// listed: so `d(1) or d(2)` over {0.3; 0.7} is the constant true.
Diagrams::Edge Diagrams::literal(Member m) {
  const std::uint32_t number = inputs_->group[m];
  place(number);
  const Group& group = groups_[number];
  if (inputs_->probability[m] <= 0.0) return kFalse;
  if (group.rest > kNothing || group.first != m) {
    Branch branch{m, kTrue};
    return make(group.level, kFalse, {&branch, 1});
  }
  std::vector<Branch> others;
  for (Member other = m + 1; others.size() + 1 < group.members; ++other)
    if (inputs_->group[other] == number && inputs_->probability[other] > 0.0) others.push_back({other, kFalse});
  return make(group.level, kTrue, others);
}

std::uint64_t Diagrams::hash(const Node& n) const {
  std::uint64_t h = mix((std::uint64_t{n.level} << 32 | n.otherwise) + 0x9E3779B97F4A7C15u);
  for (std::uint32_t i = 0; i < n.count; ++i) {
    const Branch& b = pool_[n.branches + i];
    h = mix(h ^ (std::uint64_t{b.member} << 32 | b.to));
  }
  return h;
}

void Diagrams::grow_table() {
  table_.assign(table_.size() * 2, 0);
  const std::size_t mask = table_.size() - 1;
  for (std::uint32_t n = 1; n < nodes_.size(); ++n) {
    std::size_t at = hash(nodes_[n]) & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = n;
  }
  // What was computed is worth more than the nodes that keep it small: a cache of the table's size, emptied never.
  LargeVector<Cached> before(table_.size());
  before.swap(cache_);
  for (const Cached& c : before)
    if (c.a != kTrue) cache_[mix(std::uint64_t{c.a} << 32 | c.b) & mask] = c;
}

Diagrams::Edge Diagrams::make(std::uint32_t level, Edge otherwise, std::span<Branch> branches) {
  if (branches.empty()) return otherwise;
  const Edge sign = otherwise & 1u;
  if (sign)
    for (Branch& b : branches) b.to ^= 1u;
  Node node{level, otherwise ^ sign, static_cast<std::uint32_t>(pool_.size()),
            static_cast<std::uint32_t>(branches.size()), 0.0};
  pool_.insert(pool_.end(), branches.begin(), branches.end());
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash(node) & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const Node& known = nodes_[table_[at]];
    if (known.level != level || known.otherwise != node.otherwise || known.count != node.count) continue;
    if (!std::equal(branches.begin(), branches.end(), pool_.begin() + known.branches)) continue;
    pool_.resize(node.branches);
    return table_[at] * 2 + sign;
  }
  if (weighs_) {
    double rest = 1.0;
    for (const Branch& b : branches) {
      const double p = inputs_->probability[b.member];
      rest -= p;
      node.probability += p * probability(b.to);
    }
    node.probability += std::max(0.0, rest) * probability(node.otherwise);
  }
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(node);
  table_[at] = number;
  if (nodes_.size() * 2 > table_.size()) grow_table();
  return number * 2 + sign;
}

bool Diagrams::simple(Edge a, Edge b, Edge& result) const {
  if (a == kFalse || b == kFalse || (a ^ b) == 1u)
    result = kFalse;
  else if (a == kUnknown || b == kUnknown)
    result = kUnknown;
  else if (a == kTrue || a == b)
    result = b;
  else if (b == kTrue)
    result = a;
  else
    return false;
  return true;
}

bool Diagrams::cached(Edge a, Edge b, Edge& result) const {
  if (a > b) std::swap(a, b);
  const Cached& c = cache_[mix(std::uint64_t{a} << 32 | b) & (cache_.size() - 1)];
  if (c.a != a || c.b != b) return false;
  result = c.result;
  return true;
}

void Diagrams::remember(Edge a, Edge b, Edge result) {
  if (a > b) std::swap(a, b);
  cache_[mix(std::uint64_t{a} << 32 | b) & (cache_.size() - 1)] = {a, b, result};
}

Diagrams::Frame Diagrams::frame(Edge a, Edge b) const {
  const Node &x = nodes_[a >> 1], &y = nodes_[b >> 1];
  Frame f{};
  f.a = a;
  f.b = b;
  f.level = std::min(x.level, y.level);
  f.otherwise_a = a;
  f.otherwise_b = b;
  if (x.level == f.level) {
    f.at_a = x.branches;
    f.end_a = x.branches + x.count;
    f.otherwise_a = x.otherwise ^ (a & 1u);
  }
  if (y.level == f.level) {
    f.at_b = y.branches;
    f.end_b = y.branches + y.count;
    f.otherwise_b = y.otherwise ^ (b & 1u);
  }
  f.member = kNoMember;
  f.made = static_cast<std::uint32_t>(made_.size());
  return f;
}

// The next pair of branches to conjoin, in the order of members. False when all are done.
bool Diagrams::next(Frame& f, Edge& a, Edge& b) const {
  const Member in_a = f.at_a < f.end_a ? pool_[f.at_a].member : kNoMember,
               in_b = f.at_b < f.end_b ? pool_[f.at_b].member : kNoMember;
  f.member = std::min(in_a, in_b);
  if (f.member == kNoMember) return false;
  a = in_a == f.member ? pool_[f.at_a++].to ^ (f.a & 1u) : f.otherwise_a;
  b = in_b == f.member ? pool_[f.at_b++].to ^ (f.b & 1u) : f.otherwise_b;
  return true;
}

Diagrams::Edge Diagrams::conjoin(Edge a, Edge b) {
  Edge result;
  if (simple(a, b, result) || cached(a, b, result)) return result;
  const std::size_t bottom = frames_.size();
  frames_.push_back(frame(a, b));
  a = frames_.back().otherwise_a;
  b = frames_.back().otherwise_b;
  while (true) {
    if (!simple(a, b, result) && !cached(a, b, result)) {
      if (over_budget()) {
        frames_.resize(bottom);
        made_.clear();
        return kUnknown;
      }
      frames_.push_back(frame(a, b));
      a = frames_.back().otherwise_a;
      b = frames_.back().otherwise_b;
      continue;
    }
    // `result` belongs to the branch under way of the frame on top; frames that it completes give theirs in turn.
    while (true) {
      Frame& f = frames_.back();
      if (f.member == kNoMember)
        f.otherwise = result;
      else if (result != f.otherwise)
        made_.push_back({f.member, result});
      if (next(f, a, b)) break;
      result = make(f.level, f.otherwise, {made_.data() + f.made, made_.size() - f.made});
      made_.resize(f.made);
      remember(f.a, f.b, result);
      frames_.pop_back();
      if (frames_.size() == bottom) return result;
    }
  }
}

// Pairs of equal size keep the intermediate results small; what is nearest the leaves goes first.
Diagrams::Edge Diagrams::every(std::vector<Edge> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all.empty()) return kTrue;
  for (std::size_t left = all.size(); left > 1; left = (left + 1) / 2) {
    for (std::size_t i = 0; i + 1 < left; i += 2) {
      all[i / 2] = conjoin(all[i], all[i + 1]);
      if (all[i / 2] == kFalse) return kFalse;
    }
    if (left % 2 == 1) all[left / 2] = all[left - 1];
  }
  return all[0];
}

Diagrams::Edge Diagrams::any(std::vector<Edge> all) {
  for (Edge& e : all) e = negate(e);
  return negate(every(std::move(all)));
}

// Children have smaller numbers than their parents, so one pass downward over the numbers is reverse mode.
void Diagrams::add_gradient(Edge a, double scale, std::vector<double>& gradient) const {
  if (a == kUnknown) return;
  gradient.resize(std::max(gradient.size(), inputs_->probability.size()), 0.0);
  std::vector<double> weight((a >> 1) + 1, 0.0);
  weight[a >> 1] = a & 1u ? -scale : scale;
  for (std::uint32_t n = a >> 1; n > 0; --n) {
    if (weight[n] == 0.0) continue;
    const Node& node = nodes_[n];
    const double otherwise = probability(node.otherwise);
    double rest = 1.0;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const Branch& b = pool_[node.branches + i];
      const double p = inputs_->probability[b.member];
      rest -= p;
      gradient[b.member] += weight[n] * (probability(b.to) - otherwise);
      weight[b.to >> 1] += b.to & 1u ? -weight[n] * p : weight[n] * p;
    }
    weight[node.otherwise >> 1] += weight[n] * std::max(0.0, rest);
  }
}

// The nodes below an edge, in ascending order.
void Diagrams::below(Edge a, std::vector<std::uint32_t>& nodes) {
  nodes.clear();
  if (a == kUnknown || a >> 1 == 0) return;
  mark_.resize(nodes_.size(), marks_);
  ++marks_;
  const auto visit = [&](Edge e) {
    if (e >> 1 == 0 || mark_[e >> 1] == marks_) return;
    mark_[e >> 1] = marks_;
    nodes.push_back(e >> 1);
  };
  visit(a);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node n = nodes_[nodes[i]];
    visit(n.otherwise);
    for (std::uint32_t b = 0; b < n.count; ++b) visit(pool_[n.branches + b].to);
  }
  std::sort(nodes.begin(), nodes.end());
}

Diagrams::Edge Diagrams::shrink(Edge a, std::size_t most, bool up) {
  std::vector<std::uint32_t> nodes;
  below(a, nodes);
  if (nodes.size() <= most) return a;
  // How much of all worlds comes by each node, as it is and negated.
  const auto at = [&](std::uint32_t n) {
    return static_cast<std::size_t>(std::lower_bound(nodes.begin(), nodes.end(), n) - nodes.begin());
  };
  std::vector<std::array<double, 2>> mass(nodes.size(), {0.0, 0.0});
  mass.back()[a & 1u] = 1.0;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const Node& n = nodes_[nodes[i]];
    double rest = 1.0;
    const auto pass = [&](Edge to, double p) {
      if (to >> 1 == 0) return;
      auto& below_it = mass[at(to >> 1)];
      for (unsigned sign = 0; sign < 2; ++sign) below_it[sign ^ (to & 1u)] += mass[i][sign] * p;
    };
    for (std::uint32_t b = 0; b < n.count; ++b) {
      const Branch& branch = pool_[n.branches + b];
      rest -= inputs_->probability[branch.member];
      pass(branch.to, inputs_->probability[branch.member]);
    }
    pass(n.otherwise, std::max(0.0, rest));
  }
  // What giving a node up would cost; the dearest stay.
  const auto cost = [&](std::size_t i, unsigned sign) {
    const double p = probability(nodes[i] * 2 + sign);
    return mass[i][sign] * (up ? 1.0 - p : p);
  };
  std::vector<double> costs;
  for (std::size_t i = 0; i < nodes.size(); ++i) costs.push_back(cost(i, 0) + cost(i, 1));
  const std::size_t gone = nodes.size() - most;
  std::nth_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(gone), costs.end());
  const double least = costs[gone];
  std::vector<std::array<Edge, 2>> now(nodes.size());
  std::vector<Branch> branches;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool goes = cost(i, 0) + cost(i, 1) < least && nodes[i] != a >> 1;
    for (unsigned sign = 0; sign < 2; ++sign) {
      if (goes) {
        now[i][sign] = up ? kTrue : kFalse;
        continue;
      }
      const Node n = nodes_[nodes[i]];
      const auto moved = [&](Edge to) {
        const Edge e = to ^ sign;
        return e >> 1 == 0 ? e : now[at(e >> 1)][e & 1u];
      };
      const Edge otherwise = moved(n.otherwise);
      branches.clear();
      for (std::uint32_t b = 0; b < n.count; ++b) {
        const Branch branch = pool_[n.branches + b];
        if (const Edge to = moved(branch.to); to != otherwise) branches.push_back({branch.member, to});
      }
      now[i][sign] = make(n.level, otherwise, branches);
    }
  }
  return now.back()[a & 1u];
}

void Diagrams::keep_only(std::vector<Edge>& roots) {
  std::vector<char> live(nodes_.size(), 0);
  for (Edge e : roots)
    if (e != kUnknown) live[e >> 1] = 1;
  for (std::size_t n = nodes_.size(); n-- > 1;) {
    if (!live[n]) continue;
    live[nodes_[n].otherwise >> 1] = 1;
    for (std::uint32_t b = 0; b < nodes_[n].count; ++b) live[pool_[nodes_[n].branches + b].to >> 1] = 1;
  }
  std::vector<std::uint32_t> number(nodes_.size(), 0);
  LargeVector<Node> nodes{nodes_[0]};
  LargeVector<Branch> pool;
  const auto moved = [&](Edge e) { return number[e >> 1] * 2 + (e & 1u); };
  for (std::uint32_t n = 1; n < nodes_.size(); ++n) {
    if (!live[n]) continue;
    number[n] = static_cast<std::uint32_t>(nodes.size());
    Node node = nodes_[n];
    node.otherwise = moved(node.otherwise);
    node.branches = static_cast<std::uint32_t>(pool.size());
    for (std::uint32_t b = 0; b < node.count; ++b) {
      const Branch& branch = pool_[nodes_[n].branches + b];
      pool.push_back({branch.member, moved(branch.to)});
    }
    nodes.push_back(node);
  }
  for (Edge& e : roots)
    if (e != kUnknown) e = moved(e);
  nodes_ = std::move(nodes);
  pool_ = std::move(pool);
  mark_.clear();
  cache_.clear();
  table_.assign(kFirstSlots / 2, 0);
  while (nodes_.size() * 2 > table_.size()) table_.resize(table_.size() * 2);
  grow_table();
}

std::size_t Diagrams::size(Edge a) const {
  if (a == kUnknown) return 0;
  std::vector<bool> seen((a >> 1) + 1, false);
  seen[a >> 1] = true;
  std::size_t count = 0;
  for (std::uint32_t n = a >> 1; n > 0; --n) {
    if (!seen[n]) continue;
    ++count;
    seen[nodes_[n].otherwise >> 1] = true;
    for (std::uint32_t i = 0; i < nodes_[n].count; ++i) seen[pool_[nodes_[n].branches + i].to >> 1] = true;
  }
  return count;
}

}  // namespace tenfold::provenance
