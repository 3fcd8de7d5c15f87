#include "engine/tags.h"

#include <algorithm>
#include <string>

#include "engine/exact_tags.h"
#include "provenance/add_mult.h"
#include "provenance/boolean.h"
#include "provenance/dual.h"
#include "provenance/exact.h"
#include "provenance/min_max.h"
#include "provenance/natural.h"
#include "provenance/top_bottom_k_clauses.h"
#include "provenance/top_k_proofs.h"
#include "provenance/tropical.h"

namespace tenfold::engine {
namespace {

// Rounds that a cycle may take before its tags are said not to settle. An add-mult cycle gains a constant factor a
// round, so 1e-12 is reached far earlier unless that factor is within 1e-3 of one.
constexpr int kMaxRounds = 50'000;
constexpr int kFewRounds = 100;            // to see whether counts have an end
constexpr std::size_t kBetweenLooks = 64;  // at the clock: tuples or components

template <provenance::Provenance P>
class Layer final : public TagLayer {
 public:
  using Tag = typename P::Tag;
  explicit Layer(P p) : p_(std::move(p)) {}

  Status finish(const Evaluation& e, const std::vector<RelationId>& relations) override {
    collect(e, relations);
    return settle_all(e);
  }

  Status renew(const Evaluation& e, std::span<const TupleRef> rows) override {
    forget_nodes();
    for (const TupleRef& t : rows) {
      const Relation& relation = e.relation(t.relation);
      const std::uint32_t first = relation.firing(t.row);
      if (first != kNone && e.firing(t.relation, first).kind == FiringKind::aggregate) continue;
      slot(t.relation, t.row) = p_.zero();
      if (first != kNone && !relation.certain(t.row)) add_node({t.relation, t.row});
    }
    return settle_all(e);
  }

  double probability(RelationId r, Row row) const override { return p_.probability(tag(r, row)); }
  std::vector<std::pair<provenance::Member, double>> gradient(RelationId r, Row row) const override {
    if constexpr (requires { p_.gradient(tag(r, row)); }) return p_.gradient(tag(r, row));
    return {};
  }
  bool holds(RelationId r, Row row) const override { return !p_.is_zero(tag(r, row)); }
  bool cut() const override {
    if constexpr (requires { p_.cut(); }) return p_.cut();
    return false;
  }
  void clear() override {
    tags_.clear();
    if constexpr (requires { p_.cut(); }) p_.forget_cut();
    if constexpr (requires { p_.clear(); }) p_.clear();
  }

  std::size_t constant(bool truth) override { return keep(truth ? p_.one() : p_.zero()); }
  std::size_t of_row(const Relation& relation, RelationId r, Row row) override {
    return keep(relation.certain(row) ? p_.one() : tag(r, row));
  }
  std::size_t of_input(provenance::Member member) override { return keep(p_.input(member)); }
  std::size_t both(std::size_t a, std::size_t b) override { return keep(p_.times(scratch_[a], scratch_[b])); }
  std::size_t either(const std::vector<std::size_t>& all) override {
    std::vector<Tag> tags;
    for (std::size_t a : all) tags.push_back(scratch_[a]);
    return keep(p_.plus(tags));
  }
  std::size_t negation(std::size_t a) override { return keep(p_.negate(scratch_[a])); }
  bool zero(std::size_t a) const override { return p_.is_zero(scratch_[a]); }
  void set(RelationId r, Row row, std::size_t a) override { slot(r, row) = scratch_[a]; }
  void retain(std::vector<std::size_t>& kept) override {
    std::vector<Tag> tags;
    for (std::size_t& a : kept) {
      tags.push_back(scratch_[a]);
      a = tags.size() - 1;
    }
    scratch_ = std::move(tags);
  }
  void forget() override { scratch_.clear(); }

 private:
  using Node = TupleRef;
  struct Component {
    std::uint32_t begin, end;  // in members_
    bool cyclic;
  };

  std::size_t keep(Tag t) {
    scratch_.push_back(std::move(t));
    return scratch_.size() - 1;
  }
  Tag& slot(RelationId r, Row row) {
    if (tags_.size() <= r) tags_.resize(r + 1);
    if (tags_[r].size() <= row) tags_[r].resize(row + 1, p_.zero());
    return tags_[r][row];
  }
  Tag tag(RelationId r, Row row) const { return r < tags_.size() && row < tags_[r].size() ? tags_[r][row] : p_.zero(); }
  Tag tag_or_one(const Evaluation& e, RelationId r, Row row) const {
    return e.relation(r).certain(row) ? p_.one() : tag(r, row);
  }

  Status settle_all(const Evaluation& e) {
    find_components(e);
    for (std::size_t i = 0; i < components_.size(); ++i) {
      const bool settled = settle(e, component(i), components_[i].cyclic);
      if (!settled || i % kBetweenLooks == 0)
        if (Status s = e.within_time(); !s.ok()) return s;
      if (!settled)
        return Error{"tags-not-settled",
                     {},
                     "the probabilities of a recursive relation (`" +
                         e.plan().relations[nodes_[component(i)[0]].relation].name + "`) do not settle",
                     "use minmaxprob or topkproofs, or make the recursion lose probability on each turn",
                     ""};
    }
    return {};
  }

  void add_node(TupleRef t) {
    if (number_.size() <= t.relation) number_.resize(t.relation + 1);
    auto& numbers = number_[t.relation];
    if (numbers.size() <= t.row) numbers.resize(std::max<std::size_t>(t.row + 1, numbers.size() * 2), kNone);
    numbers[t.row] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(t);
  }
  std::uint32_t number(RelationId r, Row row) const {
    return r < number_.size() && row < number_[r].size() ? number_[r][row] : kNone;
  }
  void forget_nodes() {
    for (const TupleRef& t : nodes_) number_[t.relation][t.row] = kNone;
    nodes_.clear();
  }
  void collect(const Evaluation& e, const std::vector<RelationId>& relations) {
    forget_nodes();
    for (RelationId r : relations) {
      const Relation& relation = e.relation(r);
      if (!relation.has_firings()) continue;
      for (Row row = 0; row < relation.size(); ++row) {
        // A tuple without firings got its tag from an aggregate.
        if (relation.certain(row) || relation.firing(row) == kNone) continue;
        if (r < tags_.size() && row < tags_[r].size() &&
            e.firing(r, relation.firing(row)).kind == FiringKind::aggregate)
          continue;
        add_node({r, row});
      }
    }
  }

  template <class Visit>
  void each_premise(const Evaluation& e, const Node& node, Visit visit) const {
    for (std::uint32_t f = e.relation(node.relation).firing(node.row); f != kNone;) {
      const Firing& firing = e.firing(node.relation, f);
      if (firing.kind == FiringKind::rule) {
        const plan::PlanRule& rule = e.plan().rules[firing.source];
        const auto rows = e.premises(node.relation, firing);
        for (std::size_t i = 0; i < rows.size(); ++i)
          if (rows[i] != kNone) visit(rule.body[rule.premises[i]].literal.relation, rows[i]);
      }
      f = firing.next;
    }
  }

  std::span<const std::uint32_t> component(std::size_t i) const {
    return std::span(members_).subspan(components_[i].begin, components_[i].end - components_[i].begin);
  }

  // Tarjan without recursion; components come out premises first.
  void find_components(const Evaluation& e) {
    const auto n = static_cast<std::uint32_t>(nodes_.size());
    std::vector<std::uint32_t> first(n + 1), reads;  // what v reads: reads[first[v]] to reads[first[v + 1]]
    for (std::uint32_t v = 0; v < n; ++v) {
      first[v] = static_cast<std::uint32_t>(reads.size());
      each_premise(e, nodes_[v], [&](RelationId r, Row row) {
        if (const std::uint32_t w = number(r, row); w != kNone) reads.push_back(w);
      });
    }
    first[n] = static_cast<std::uint32_t>(reads.size());
    components_.clear();
    members_.clear();
    std::vector<std::uint32_t> order(n, kNone), low(n), stack;
    std::vector<bool> closed(n, false);
    std::uint32_t clock = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> calls;  // and the place in reads
    for (std::uint32_t root = 0; root < n; ++root) {
      if (order[root] != kNone) continue;
      calls.push_back({root, first[root]});
      while (!calls.empty()) {
        auto [v, at] = calls.back();
        if (order[v] == kNone) {
          order[v] = low[v] = clock++;
          stack.push_back(v);
        }
        if (at < first[v + 1]) {
          ++calls.back().second;
          const std::uint32_t w = reads[at];
          if (order[w] == kNone)
            calls.push_back({w, first[w]});
          else if (!closed[w])
            low[v] = std::min(low[v], order[w]);
          continue;
        }
        calls.pop_back();
        if (!calls.empty()) low[calls.back().first] = std::min(low[calls.back().first], low[v]);
        if (low[v] != order[v]) continue;
        const auto begin = static_cast<std::uint32_t>(members_.size());
        std::uint32_t w;
        do {
          w = stack.back();
          stack.pop_back();
          closed[w] = true;
          members_.push_back(w);
        } while (w != v);
        const auto own = reads.begin() + first[v], end = reads.begin() + first[v + 1];
        const bool loop = members_.size() - begin > 1 || std::find(own, end, v) != end;
        components_.push_back({begin, static_cast<std::uint32_t>(members_.size()), loop});
      }
    }
  }

  Tag derive(const Evaluation& e, const Node& node) const {
    std::vector<Tag> ways;
    for (std::uint32_t f = e.relation(node.relation).firing(node.row); f != kNone;) {
      const Firing& firing = e.firing(node.relation, f);
      Tag way = p_.one();
      if (firing.kind == FiringKind::rule) {
        const plan::PlanRule& rule = e.plan().rules[firing.source];
        const auto rows = e.premises(node.relation, firing);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          if (rows[i] == kNone) continue;
          const lang::Literal& l = rule.body[rule.premises[i]].literal;
          Tag premise = tag_or_one(e, l.relation, rows[i]);
          if (l.kind == lang::LiteralKind::negative) premise = p_.negate(premise);
          way = p_.times(way, premise);
        }
      }
      if (firing.event != kNone) way = p_.times(way, p_.input(firing.event));
      ways.push_back(std::move(way));
      f = firing.next;
    }
    return p_.plus(ways);
  }

  bool settle(const Evaluation& e, std::span<const std::uint32_t> component, bool cyclic) {
    for (std::uint32_t v : component) slot(nodes_[v].relation, nodes_[v].row) = p_.zero();
    if (!cyclic) {
      const Node& node = nodes_[component[0]];
      slot(node.relation, node.row) = derive(e, node);
      return true;
    }
    if constexpr (requires { P::kEndless; }) {
      // A cycle that no derivation goes round settles within as many rounds as it has tuples.
      if (rounds(e, component, std::min(kFewRounds, static_cast<int>(component.size()) + 2), false)) return true;
      for (std::uint32_t v : component) slot(nodes_[v].relation, nodes_[v].row) = p_.zero();
      return rounds(e, component, kMaxRounds, true);
    }
    return rounds(e, component, kMaxRounds, false);
  }

  // @param first_stays  a tag that is no longer zero does not change
  bool rounds(const Evaluation& e, std::span<const std::uint32_t> component, int most, bool first_stays) {
    std::vector<Tag> next(component.size());
    for (int round = 0; round < most; ++round) {
      bool done = true;
      for (std::size_t i = 0; i < component.size(); ++i) {
        if (i % kBetweenLooks == 0 && !e.within_time().ok()) return false;
        const Node& node = nodes_[component[i]];
        const Tag before = tag(node.relation, node.row);
        next[i] = first_stays && !p_.is_zero(before) ? before : derive(e, node);
        // Pruning may drop what an earlier round had: what was found stays among the candidates.
        if constexpr (P::kIdempotent) next[i] = p_.plus({before, next[i]});
        done = done && p_.saturated(before, next[i]);
      }
      for (std::size_t i = 0; i < component.size(); ++i)
        slot(nodes_[component[i]].relation, nodes_[component[i]].row) = next[i];
      if (done) return true;
    }
    return false;
  }

  P p_;
  std::vector<std::vector<Tag>> tags_;
  std::vector<Tag> scratch_;
  std::vector<Node> nodes_;
  std::vector<std::vector<std::uint32_t>> number_;  // of a row among nodes_, by relation; kNone for others
  std::vector<std::uint32_t> members_;              // of all components, one after the other
  std::vector<Component> components_;
};

}  // namespace

namespace {

// All proofs: as many as can still be compared with each other.
constexpr std::size_t kAllProofs = 4096;

template <class P>
std::unique_ptr<TagLayer> layer(P p) {
  return std::make_unique<Layer<P>>(std::move(p));
}

std::unique_ptr<TagLayer> numbers(std::string_view name, const provenance::Inputs* inputs) {
  if (name == provenance::Boolean::kName) return layer(provenance::Boolean{inputs});
  if (name == provenance::Natural::kName) return layer(provenance::Natural{inputs});
  if (name == provenance::Tropical::kName) return layer(provenance::Tropical{inputs});
  if (name == provenance::RealTropical::kName) return layer(provenance::RealTropical{inputs});
  if (name == provenance::MinMax::kName) return layer(provenance::MinMax{inputs});
  if (name == provenance::AddMult::kName) return layer(provenance::AddMult{inputs});
  if (name == provenance::DiffMinMax::kName) return layer(provenance::DiffMinMax{inputs});
  if (name == provenance::DiffAddMult::kName) return layer(provenance::DiffAddMult{inputs});
  if (name == provenance::DiffNandMult::kName) return layer(provenance::DiffNandMult{inputs});
  if (name == provenance::DiffMaxMult::kName) return layer(provenance::DiffMaxMult{inputs});
  if (name == provenance::DiffNandMin::kName) return layer(provenance::DiffNandMin{inputs});
  return nullptr;
}

// Those that keep formulas; their gradients cost nothing until asked for, so `diff` is the same.
std::unique_ptr<TagLayer> formulas(std::string_view name, const Options& options, const provenance::Inputs* inputs) {
  if (name.starts_with("diff")) name.remove_prefix(4);
  if (name == "proofs") return layer(provenance::TopKProofs(inputs, kAllProofs));
  if (name == provenance::TopKProofs::kName) return layer(provenance::TopKProofs(inputs, options.k));
  if (name == "samplekproofs")
    return layer(provenance::TopKProofs(inputs, options.k, provenance::TopKProofs::Keep::sampled, options.seed));
  if (name == provenance::TopBottomKClauses::kName) return layer(provenance::TopBottomKClauses(inputs, options.k));
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<TagLayer>> make_tags(const Options& options, const provenance::Inputs& inputs) {
  const std::string_view name = options.provenance;
  if (name == "unit") return std::unique_ptr<TagLayer>();
  // Tags may take most of the time that is left to all, so that their intervals still get printed.
  if (name == provenance::Exact::kName) return make_exact_tags(inputs, {options.timeout_s * 0.9, options.memory_bytes});
  if (auto made = numbers(name, &inputs)) return made;
  if (auto made = formulas(name, options, &inputs)) return made;
  std::string names;
  for (std::string_view known : provenance::kNames) names += (names.empty() ? "" : ", ") + std::string(known);
  return Error{"unknown-provenance", {}, "unknown provenance `" + std::string(name) + "`", "use one of: " + names, ""};
}

}  // namespace tenfold::engine
