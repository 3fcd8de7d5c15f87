#include "engine/exact_tags.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "engine/slice.h"
#include "provenance/bounds.h"
#include "provenance/compile.h"
#include "provenance/shapes.h"
#include "provenance/variable_order.h"

namespace tenfold::engine {
namespace {

using provenance::Diagrams;
using Edge = Diagrams::Edge;
using Clock = std::chrono::steady_clock;

// Without --timeout and --memory: what a question may take before its answer becomes an interval.
constexpr double kSeconds = 20.0;
constexpr std::size_t kBytes = std::size_t{1} << 30;

class ExactLayer final : public TagLayer {
 public:
  ExactLayer(const provenance::Inputs& inputs, const TagLimits& limits)
      : inputs_(inputs), limits_(limits), diagrams_(&inputs) {}

  Status finish(const Evaluation& e, const std::vector<RelationId>&) override {
    e_ = &e;
    if (opened_ == Clock::time_point{}) opened_ = Clock::now();
    return {};
  }
  // Answers and diagrams of other tuples stay; each update has its own time.
  Status renew(const Evaluation& e, std::span<const TupleRef> rows) override {
    e_ = &e;
    opened_ = Clock::now();
    deadline_ = {};
    for (const auto [r, row] : rows) {
      if (found(r, row)) values_[r][row] = kNotFound;
      const std::uint32_t first = e.relation(r).firing(row);
      const bool aggregated = first != kNone && e.firing(r, first).kind == FiringKind::aggregate;
      if (!aggregated && edge(r, row) != Slice::kUnknownYet) edges_[r][row] = Slice::kUnknownYet;
    }
    return {};
  }
  bool worn() const override { return cut_ || diagrams_.bytes() > (limits_.bytes > 0 ? limits_.bytes : kBytes) / 4; }
  Status prepare(const Evaluation& e, const std::vector<RelationId>& relations) override {
    e_ = &e;
    std::vector<TupleRef> roots;
    for (RelationId r : relations)
      for (Row row = 0; row < e.relation(r).size(); ++row)
        if (!e.relation(r).certain(row) && edge(r, row) == Slice::kUnknownYet) roots.push_back({r, row});
    compile_into_store(roots);
    return {};
  }

  double probability(RelationId r, Row row) const override {
    const auto [low, high] = interval(r, row);
    return low == high ? low : (low + high) / 2;
  }
  bool holds(RelationId r, Row row) const override { return interval(r, row).second > 0.0; }
  std::pair<double, double> interval(RelationId r, Row row) const override {
    // What is asked for is computed now; the answers do not depend on what was asked before.
    auto& self = const_cast<ExactLayer&>(*this);
    if (const Edge known = edge(r, row); known != Slice::kUnknownYet) return self.weigh(known);
    if (!found(r, row)) self.answer(r, row);
    return values_[r][row];
  }
  bool cut() const override { return cut_; }
  std::vector<std::string> warnings() const override { return warnings_; }
  std::vector<std::pair<provenance::Member, double>> gradient(RelationId r, Row row) const override {
    auto& self = const_cast<ExactLayer&>(*this);
    if (const auto input = sole_input(*e_, r, row); input != kNone) return {{input, 1.0}};
    if (edge(r, row) == Slice::kUnknownYet) self.compile_into_store({{r, row}});
    std::vector<double> slopes;
    diagrams_.add_gradient(edge(r, row), 1.0, slopes);
    std::vector<std::pair<provenance::Member, double>> out;
    for (provenance::Member m = 0; m < slopes.size(); ++m)
      if (slopes[m] != 0.0) out.emplace_back(m, slopes[m]);
    return out;
  }
  void clear() override {
    diagrams_.clear();
    edges_.clear();
    values_.clear();
    shapes_.clear();
    scratch_.clear();
    cut_ = false;
    warnings_.clear();
    deadline_ = {};
    opened_ = {};
    e_ = nullptr;
  }

  std::size_t constant(bool truth) override { return keep(truth ? Diagrams::kTrue : Diagrams::kFalse); }
  std::size_t of_row(const Relation& relation, RelationId r, Row row) override {
    if (relation.certain(row)) return keep(Diagrams::kTrue);
    if (edge(r, row) == Slice::kUnknownYet) compile_into_store({{r, row}});
    return keep(edge(r, row));
  }
  std::size_t of_input(provenance::Member member) override {
    limit(diagrams_);
    return keep(diagrams_.literal(member));
  }
  std::size_t both(std::size_t a, std::size_t b) override { return keep(diagrams_.conjoin(scratch_[a], scratch_[b])); }
  std::size_t either(const std::vector<std::size_t>& all) override {
    std::vector<Edge> edges;
    for (std::size_t a : all) edges.push_back(scratch_[a]);
    return keep(diagrams_.any(std::move(edges)));
  }
  std::size_t negation(std::size_t a) override { return keep(Diagrams::negate(scratch_[a])); }
  bool zero(std::size_t a) const override { return scratch_[a] == Diagrams::kFalse; }
  std::uint32_t depth(std::size_t a) const override { return diagrams_.level(scratch_[a]); }
  void set(RelationId r, Row row, std::size_t tag) override { slot(r, row) = scratch_[tag]; }
  void retain(std::vector<std::size_t>& kept) override {
    std::vector<Edge> edges;
    for (std::size_t& a : kept) {
      edges.push_back(scratch_[a]);
      a = edges.size() - 1;
    }
    scratch_ = std::move(edges);
  }
  void forget() override { scratch_.clear(); }

 private:
  static constexpr std::pair<double, double> kNotFound{2.0, 2.0};

  std::size_t keep(Edge e) {
    scratch_.push_back(e);
    return scratch_.size() - 1;
  }
  Edge edge(RelationId r, Row row) const {
    return r < edges_.size() && row < edges_[r].size() ? edges_[r][row] : Slice::kUnknownYet;
  }
  Edge& slot(RelationId r, Row row) {
    if (edges_.size() <= r) edges_.resize(r + 1);
    if (edges_[r].size() <= row)
      edges_[r].resize(std::max<std::size_t>(row + 1, e_ ? e_->relation(r).size() : 0), Slice::kUnknownYet);
    return edges_[r][row];
  }
  bool found(RelationId r, Row row) const {
    return r < values_.size() && row < values_[r].size() && values_[r][row] != kNotFound;
  }
  std::pair<double, double>& value(RelationId r, Row row) {
    if (values_.size() <= r) values_.resize(r + 1);
    if (values_[r].size() <= row) values_[r].resize(std::max<std::size_t>(row + 1, e_->relation(r).size()), kNotFound);
    return values_[r][row];
  }

  std::pair<double, double> weigh(Edge e) {
    if (e == Diagrams::kUnknown) {
      cut_ = true;
      return {0.0, 1.0};
    }
    const double p = std::clamp(diagrams_.probability(e), 0.0, 1.0);
    return {p, p};
  }

  void limit(Diagrams& diagrams) {
    if (deadline_ == Clock::time_point{}) {
      start_ = Clock::now();
      // What finding the tuples took is gone; a twentieth is left in any case, so that bounds say something.
      const double spent = std::chrono::duration<double>(start_ - opened_).count();
      const double seconds =
          (limits_.seconds > 0 ? std::max(limits_.seconds / 20, limits_.seconds - spent) : kSeconds) / 2;
      deadline_ = start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }
    diagrams.limit(limits_.bytes > 0 ? limits_.bytes : kBytes, [this] { return expired(deadline_); });
  }

  bool expired(Clock::time_point end) const { return Clock::now() > end || !e_->not_interrupted().ok(); }

  void compile_into_store(const std::vector<TupleRef>& roots) {
    slice_.trace(*e_, roots, edges_);
    const auto& lineage = slice_.lineage();
    if (lineage.nodes() == 0) return;
    limit(diagrams_);
    std::vector<std::uint32_t> all(lineage.nodes());
    for (std::uint32_t v = 0; v < all.size(); ++v) all[v] = v;
    for (std::uint32_t group : provenance::order_of_derivation(lineage, inputs_, all)) diagrams_.place(group);
    const std::vector<Edge> edges = provenance::compile(lineage, diagrams_);
    for (std::size_t v = 0; v < edges.size(); ++v) slot(slice_.tuples()[v].relation, slice_.tuples()[v].row) = edges[v];
  }

  // All tuples of a queried relation at once: they are asked for together, and the order of variables suits them all.
  void answer(RelationId r, Row row) {
    std::vector<TupleRef> roots;
    const auto& asked = e_->plan().roots;
    if (std::find(asked.begin(), asked.end(), r) == asked.end())
      roots.push_back({r, row});
    else
      for (Row i = 0; i < e_->relation(r).size(); ++i)
        if (!e_->relation(r).certain(i) && edge(r, i) == Slice::kUnknownYet && !found(r, i)) {
          if (const auto input = sole_input(*e_, r, i); input != kNone)
            value(r, i) = {inputs_.probability[input], inputs_.probability[input]};
          else
            roots.push_back({r, i});
        }
    if (roots.empty()) return;
    const auto many = static_cast<std::uint32_t>(roots.size());
    slice_.trace(*e_, roots, edges_);
    if (!slice_.lineage().diagrams.empty()) {
      compile_into_store(roots);
      for (const TupleRef& t : roots) value(t.relation, t.row) = weigh(edge(t.relation, t.row));
      return;
    }
    by_parts(many);
  }

  void by_parts(std::uint32_t asked) {
    const auto& lineage = slice_.lineage();
    std::uint32_t parts = 0;
    const auto part_of = provenance::independent_parts(lineage, inputs_, parts);
    std::vector<std::uint32_t> begin(parts + 1, 0), nodes(lineage.nodes());
    for (std::uint32_t p : part_of) ++begin[p + 1];
    for (std::uint32_t p = 0; p < parts; ++p) begin[p + 1] += begin[p];
    std::vector<std::uint32_t> at(begin.begin(), begin.end() - 1);
    for (const Said& said : by_what_they_say(slice_.tuples())) nodes[at[part_of[said.number]]++] = said.number;
    const std::vector<std::uint32_t> place = places_of_members();
    std::vector<double> probability, values;
    for (std::uint32_t p = 0; p < parts; ++p) {
      const std::span<std::uint32_t> own(nodes.data() + begin[p], nodes.data() + begin[p + 1]);
      provenance::Part part = shapes_.write(lineage, inputs_, own, asked, place);
      const provenance::Shape& shape = shapes_.shape(part, inputs_, [this](Diagrams& d) { limit(d); });
      if (shape.whole()) {
        probability.clear();
        for (provenance::Member m : part.members) probability.push_back(inputs_.probability[m]);
        shape.evaluate(probability, values);
      }
      std::vector<std::pair<double, double>> between;
      if (!shape.whole()) {
        between = bound(part);
        warn(own, part);
      }
      for (std::size_t i = 0; i < part.roots.size(); ++i) {
        const TupleRef& t = slice_.tuples()[part.roots[i]];
        value(t.relation, t.row) = shape.whole() ? std::pair(values[i], values[i]) : between[i];
        if (shape.is_false(i)) value(t.relation, t.row) = {0.0, 0.0};
      }
    }
  }

  // By what they say, so that the order of arrival is nothing.
  struct Said {
    RelationId relation;
    std::uint32_t number, arity;
    Cell first;  // of the cells, at hand
    const Cell* cells;
    bool operator<(const Said& other) const {
      if (relation != other.relation) return relation < other.relation;
      if (first != other.first) return first < other.first;
      for (std::uint32_t c = 1; c < arity; ++c)
        if (cells[c] != other.cells[c]) return cells[c] < other.cells[c];
      return false;
    }
  };
  std::vector<Said> by_what_they_say(std::span<const TupleRef> tuples) const {
    std::vector<Said> said;
    said.reserve(tuples.size());
    for (std::uint32_t i = 0; i < tuples.size(); ++i) {
      if (tuples[i].relation == kNone) continue;
      const auto row = e_->relation(tuples[i].relation).row(tuples[i].row);
      said.push_back(
          {tuples[i].relation, i, static_cast<std::uint32_t>(row.size()), row.empty() ? 0 : row[0], row.data()});
    }
    std::sort(said.begin(), said.end());
    return said;
  }
  // Events of rules, which have no tuple, last.
  std::vector<std::uint32_t> places_of_members() const {
    std::vector<std::uint32_t> place(inputs_.probability.size(), kNone);
    std::uint32_t next = 0;
    for (const Said& said : by_what_they_say(slice_.said_by())) place[said.number] = next++;
    return place;
  }

  std::vector<std::pair<double, double>> bound(const provenance::Part& part) {
    cut_ = true;
    const provenance::OwnLineage own = provenance::decode(part, inputs_);
    const auto orders = provenance::candidate_orders(own.lineage, own.inputs, own.roots);
    provenance::BoundLimits limits;
    limits.bytes = limits_.bytes > 0 ? limits_.bytes : kBytes;
    const auto end = deadline_ + (deadline_ - start_);
    limits.expired = [this, end] { return expired(end); };
    return provenance::bounds(own.lineage, own.inputs, own.roots, orders[0], limits);
  }

  // Names the relation asked for and the rule that fires most in its lineage.
  void warn(std::span<const std::uint32_t> nodes, const provenance::Part& part) {
    std::map<std::uint32_t, std::size_t> fired;
    std::size_t firings = 0;
    for (std::uint32_t v : nodes) {
      const auto [r, row] = slice_.tuples()[v];
      for (std::uint32_t f = e_->relation(r).firing(row); f != kNone; f = e_->firing(r, f).next) {
        ++firings;
        if (e_->firing(r, f).kind == FiringKind::rule) ++fired[e_->firing(r, f).source];
      }
    }
    std::uint32_t most = kNone;
    for (const auto& [rule, times] : fired)
      if (most == kNone || times > fired[most]) most = rule;
    const std::string& relation = e_->plan().relations[slice_.tuples()[part.roots[0]].relation].name;
    std::string text = "warning: probabilities of `" + relation + "` are bounds: their lineage of " +
                       std::to_string(part.members.size()) + " inputs and " + std::to_string(firings) +
                       " firings did not fit";
    if (most != kNone) {
      const lang::Rule& rule = e_->plan().program->rules[e_->plan().rules[most].source];
      text += "; most are of `" + rule.text + "` (" + rule.place.file + ":" + std::to_string(rule.place.line) + ")";
    }
    warnings_.push_back(text + "; more --timeout or --memory makes them closer");
  }

  const provenance::Inputs& inputs_;
  TagLimits limits_;
  const Evaluation* e_ = nullptr;
  Diagrams diagrams_;
  Slice slice_;
  provenance::Shapes shapes_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<std::vector<std::pair<double, double>>> values_;
  std::vector<Edge> scratch_;
  Clock::time_point opened_{};              // when the tuples of this evaluation began to be found
  Clock::time_point start_{}, deadline_{};  // half of the time is for diagrams, half for bounds
  std::vector<std::string> warnings_;
  bool cut_ = false;
};

}  // namespace

std::unique_ptr<TagLayer> make_exact_tags(const provenance::Inputs& inputs, const TagLimits& limits) {
  return std::make_unique<ExactLayer>(inputs, limits);
}

}  // namespace tenfold::engine
