#include "provenance/shapes.h"

#include "provenance/compile.h"
#include "provenance/variable_order.h"

namespace tenfold::provenance {
namespace {

// Enough for most parts, and tried in milliseconds.
constexpr std::size_t kFirstRoom = std::size_t{1} << 20;

// Every order is tried with little room, then with eight times as much, until one fits or the limit is reached.
std::optional<Circuit> circuit_of(const OwnLineage& part, const std::function<void(Diagrams&)>& limit) {
  std::vector<GroupOrder> orders{order_of_derivation(part.lineage, part.inputs, part.roots)};
  for (std::size_t room = kFirstRoom;; room *= 8) {
    for (const GroupOrder& order : orders) {
      Diagrams diagrams(&part.inputs);
      limit(diagrams);
      const bool last_chance = room >= diagrams.most_bytes() && diagrams.most_bytes() > 0;
      if (!last_chance) diagrams.tighten(room);
      for (std::uint32_t group : order) diagrams.place(group);
      const auto edges = compile(part.lineage, diagrams);
      std::vector<Diagrams::Edge> roots;
      bool whole = true;
      for (std::uint32_t root : part.roots) {
        roots.push_back(edges[root]);
        whole = whole && edges[root] != Diagrams::kUnknown;
      }
      if (whole) return Circuit(diagrams, roots);
      if (last_chance || diagrams.expired()) return std::nullopt;
    }
    if (room == kFirstRoom) orders = candidate_orders(part.lineage, part.inputs, part.roots);
  }
}

std::uint64_t hash(const std::vector<std::uint32_t>& code) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  for (std::uint32_t c : code) {
    h = (h ^ c) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
  }
  return h;
}

}  // namespace

OwnLineage decode(const Part& part, const Inputs& inputs) {
  OwnLineage out;
  const std::uint32_t* at = part.code.data();
  const std::uint32_t nodes = *at++;
  for (std::uint32_t v = 0; v < nodes; ++v) {
    if (*at++) out.roots.push_back(v);
    for (std::uint32_t left = *at++; left > 0; --left) {
      for (std::uint32_t premises = *at++; premises > 0; --premises) out.lineage.add(*at++);
      out.lineage.end_alternative();
    }
    out.lineage.end_node();
  }
  for (Member m : part.members) {
    const std::uint32_t group = *at++;
    while (out.inputs.groups <= group) out.inputs.new_group();
    out.inputs.add(inputs.probability[m], group, 0);
  }
  return out;
}

void Shapes::clear() {
  shapes_.clear();
  by_hash_.clear();
}

// nodes, then for each: asked, its alternatives with their premises; for each member its group; for each group whether
// it leaves nothing to "none of them", which changes its diagram.
Part Shapes::write(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> nodes,
                   std::uint32_t asked) {
  Part part;
  if (node_.size() < lineage.nodes()) node_.resize(lineage.nodes(), kNever);
  if (group_.size() < inputs.groups) group_.resize(inputs.groups, kNever);
  if (member_.size() < inputs.probability.size()) member_.resize(inputs.probability.size(), kNever);
  part.code.push_back(static_cast<std::uint32_t>(nodes.size()));
  for (std::uint32_t i = 0; i < nodes.size(); ++i) node_[nodes[i]] = i;
  for (std::uint32_t v : nodes) {
    part.code.push_back(v < asked);
    if (v < asked) part.roots.push_back(v);
    part.code.push_back(lineage.first_alternative(v + 1) - lineage.first_alternative(v));
    for (std::uint32_t a = lineage.first_alternative(v); a < lineage.first_alternative(v + 1); ++a) {
      const auto premises = lineage.premises(a);
      part.code.push_back(static_cast<std::uint32_t>(premises.size()));
      for (Premise p : premises) {
        std::uint32_t own = kNever;
        if (kind_of(p) == PremiseKind::node) {
          own = node_[index_of(p)];
        } else {
          std::uint32_t& number = member_[index_of(p)];
          if (number == kNever) {
            number = static_cast<std::uint32_t>(part.members.size());
            part.members.push_back(index_of(p));
          }
          own = number;
        }
        part.code.push_back(premise(kind_of(p), own, negated(p)));
      }
    }
  }
  std::uint32_t groups = 0;
  std::vector<double> rest;
  for (Member m : part.members) {
    std::uint32_t& number = group_[inputs.group[m]];
    if (number == kNever) {
      number = groups++;
      rest.push_back(1.0);
    }
    rest[number] -= inputs.probability[m];
    part.code.push_back(number);
  }
  for (double left : rest) part.code.push_back(left <= Diagrams::kNothing);
  for (std::uint32_t v : nodes) node_[v] = kNever;
  for (Member m : part.members) {
    group_[inputs.group[m]] = kNever;
    member_[m] = kNever;
  }
  return part;
}

const Shape& Shapes::shape(const Part& part, const Inputs& inputs, const std::function<void(Diagrams&)>& limit) {
  const std::uint64_t key = hash(part.code);
  const auto [from, to] = by_hash_.equal_range(key);
  for (auto at = from; at != to; ++at)
    if (shapes_[at->second].code == part.code) return shapes_[at->second];
  by_hash_.emplace(key, shapes_.size());
  const OwnLineage decoded = decode(part, inputs);
  shapes_.push_back({part.code, circuit_of(decoded, limit)});
  return shapes_.back();
}

}  // namespace tenfold::provenance
