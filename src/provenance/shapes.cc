#include "provenance/shapes.h"

#include <algorithm>
#include <memory>

#include "provenance/compile.h"
#include "provenance/variable_order.h"

namespace tenfold::provenance {
namespace {

// Enough for most parts, and tried in milliseconds.
constexpr std::size_t kFirstRoom = std::size_t{1} << 22;
// What is made in so much room is kept, and gone on from where there is more.
constexpr std::size_t kKeptRoom = std::size_t{1} << 23;

// One order of variables and what it came to.
struct Attempt {
  GroupOrder order;
  std::unique_ptr<Diagrams> diagrams;
  bool over = false;  // there is no more room, or no more time

  std::optional<Circuit> run(const OwnLineage& part, const std::function<void(Diagrams&)>& limit, std::size_t room) {
    if (!diagrams) {
      diagrams = std::make_unique<Diagrams>(&part.inputs);
      diagrams->leave_unweighed();
      for (std::uint32_t group : order) diagrams->place(group);
    }
    diagrams->forgive();
    limit(*diagrams);
    over = room >= diagrams->most_bytes() && diagrams->most_bytes() > 0;
    if (!over) diagrams->tighten(room);
    const auto edges = compile(part.lineage, *diagrams);
    std::vector<Diagrams::Edge> roots;
    bool whole = true;
    for (std::uint32_t root : part.roots) {
      roots.push_back(edges[root]);
      whole = whole && edges[root] != Diagrams::kUnknown;
    }
    if (whole) return Circuit(*diagrams, roots);
    over = over || diagrams->expired();
    if (room > kKeptRoom) diagrams.reset();
    return std::nullopt;
  }
};

// Every order is tried with little room, then with eight times as much, until one fits or the limit is reached.
std::optional<Circuit> circuit_of(const OwnLineage& part, const std::function<void(Diagrams&)>& limit) {
  std::vector<Attempt> attempts(1);
  attempts[0].order = order_of_derivation(part.lineage, part.inputs, part.roots);
  for (std::size_t room = kFirstRoom;; room *= 8) {
    for (Attempt& attempt : attempts) {
      if (auto made = attempt.run(part, limit, room)) return made;
      if (attempt.over) return std::nullopt;
    }
    if (room > kFirstRoom) continue;
    Attempt first = std::move(attempts[0]);
    attempts.clear();
    for (GroupOrder& order : candidate_orders(part.lineage, part.inputs, part.roots)) {
      if (order == first.order)
        attempts.push_back(std::move(first));
      else
        attempts.push_back({std::move(order), nullptr});
    }
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

void Shapes::clear() {
  shapes_.clear();
  known_.clear();
  by_hash_.clear();
  sums_ = true;
}

Part Shapes::write(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> nodes,
                   std::uint32_t asked, std::span<const std::uint32_t> place) {
  Part part;
  if (node_.size() < lineage.nodes()) node_.resize(lineage.nodes(), kNever);
  if (group_.size() < inputs.groups) group_.resize(inputs.groups, kNever);
  if (member_.size() < inputs.probability.size()) member_.resize(inputs.probability.size(), kNever);
  for (std::uint32_t i = 0; i < nodes.size(); ++i) node_[nodes[i]] = i;
  for (std::uint32_t v : nodes)
    for (Premise p : lineage.premises_of_node(v))
      if (kind_of(p) == PremiseKind::member && member_[index_of(p)] == kNever) {
        member_[index_of(p)] = 0;
        part.members.push_back(index_of(p));
      }
  const auto before = [&](Member a, Member b) { return place[a] < place[b]; };
  if (!std::is_sorted(part.members.begin(), part.members.end(), before))
    std::stable_sort(part.members.begin(), part.members.end(), before);
  for (std::uint32_t i = 0; i < part.members.size(); ++i) member_[part.members[i]] = i;
  part.code.push_back(static_cast<std::uint32_t>(nodes.size()));
  CodeWriter writer(part.code);
  for (std::uint32_t v : nodes) {
    writer.begin_node(v < asked);
    if (v < asked) part.roots.push_back(v);
    for (std::uint32_t a = lineage.first_alternative(v); a < lineage.first_alternative(v + 1); ++a) {
      for (Premise p : lineage.premises(a)) {
        const auto& own = kind_of(p) == PremiseKind::node ? node_ : member_;
        writer.add(premise(kind_of(p), own[index_of(p)], negated(p)));
      }
      writer.end_alternative();
    }
    writer.end_node();
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

const Shapes::Known* Shapes::find(const std::vector<std::uint32_t>& code, std::uint64_t key) const {
  const auto [from, to] = by_hash_.equal_range(key);
  for (auto at = from; at != to; ++at)
    if (known_[at->second].code == code) return &known_[at->second];
  return nullptr;
}

std::size_t Shapes::keep(std::vector<std::uint32_t> code, std::uint64_t key, std::size_t shape, Renaming renaming) {
  by_hash_.emplace(key, known_.size());
  known_.push_back({std::move(code), shape, std::move(renaming)});
  return known_.size() - 1;
}

// The words are read again where bounds are to be found.
const Shape& Shapes::taken(Part& part, std::size_t shape) const {
  if (!shapes_[shape].whole()) part.code = known_[shapes_[shape].known].code;
  return shapes_[shape];
}

// First as the part is written, then as its structure alone would have it; a shape has the numbers of its first part.
// Where sums of products do, finding them costs no more than a numbering by structure, and is tried first.
const Shape& Shapes::shape(Part& part, const Inputs& inputs, const std::function<void(Diagrams&)>& limit) {
  const std::uint64_t key = hash(part.code);
  if (const Known* known = find(part.code, key)) {
    if (!known->renaming.empty()) rename(part, known->renaming);
    return taken(part, known->shape);
  }
  Shape made;
  const OwnLineage decoded = decode(part, inputs);
  const bool tried = sums_;
  if (tried) {
    made.decomposed = Decomposed::of(decoded);
    sums_ = made.decomposed.has_value();
    if (sums_) {
      made.known = keep(part.code, key, shapes_.size(), {});
      shapes_.push_back(std::move(made));
      return shapes_.back();
    }
  }
  const Renaming canonical = by_structure(part);
  Part same = rewritten(part, canonical);
  const std::uint64_t same_key = hash(same.code);
  if (const Known* known = find(same.code, same_key)) {
    Renaming both = known->renaming.empty() ? canonical : combined(canonical, known->renaming);
    const std::size_t number = known->shape;
    rename(part, both);
    keep(part.code, key, number, std::move(both));
    return taken(part, number);
  }
  if (!tried) {
    made.decomposed = Decomposed::of(decoded);
    sums_ = made.decomposed.has_value();
  }
  if (!made.decomposed) made.circuit = circuit_of(decoded, limit);
  made.known = keep(part.code, key, shapes_.size(), {});
  if (same.code != part.code) keep(std::move(same.code), same_key, shapes_.size(), inverse(canonical));
  shapes_.push_back(std::move(made));
  return shapes_.back();
}

}  // namespace tenfold::provenance
