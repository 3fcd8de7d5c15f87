#include "plan/callers.h"

#include <algorithm>
#include <map>

namespace tenfold::plan {
namespace {

// Chains of callers multiply; a program that needs more keeps its error.
constexpr std::size_t kMostRules = 10'000;

class Callers {
 public:
  explicit Callers(lang::Program& program) : program_(program), relations_(program.relations.size()) {}

  /// False: some relation that would need copies has to stay one.
  bool run(const std::vector<RelationId>& asked, const std::function<bool(RelationId)>& given) {
    collect_edges();
    std::vector<bool> has_facts(relations_, false);
    for (const lang::Fact& f : program_.facts) has_facts[f.relation] = true;
    for (RelationId r = 0; r < relations_; ++r) {
      const auto& columns = program_.relations[r].columns;
      if (group_of_.contains(r) || program_.relations[r].kind != lang::RelationKind::plain || rules_of(r).empty() ||
          std::none_of(columns.begin(), columns.end(), [](const lang::Column& c) { return c.bound; }))
        continue;
      const std::vector<RelationId> group = recursive_with(r);
      for (RelationId m : group) {
        if (has_facts[m] || !program_.relations[m].files.empty() || given(m)) return false;
        if (std::find(asked.begin(), asked.end(), m) != asked.end()) return false;
      }
      for (RelationId m : group) group_of_[m] = groups_.size();
      groups_.push_back(group);
    }
    // Rules are added behind: those of copies call copies of their own.
    for (std::size_t i = 0; i < program_.rules.size(); ++i) {
      if (group_of_.contains(program_.rules[i].head)) continue;  // nobody is left who reads it
      for (std::size_t b = 0; b < program_.rules[i].body.size(); ++b) {
        const lang::Literal& l = program_.rules[i].body[b];
        if (l.kind == lang::LiteralKind::constraint || !group_of_.contains(l.relation)) continue;
        // A rule of terms reads what others ask for (order.cc), which would be nothing.
        if (program_.relations[program_.rules[i].head].kind == lang::RelationKind::terms) return false;
        const RelationId own = copy(l.relation);
        program_.rules[i].body[b].relation = own;
        if (program_.rules.size() > kMostRules) return false;
      }
    }
    return true;
  }

 private:
  void collect_edges() {
    reads_.resize(relations_);
    read_by_.resize(relations_);
    auto edge = [&](RelationId head, RelationId read) {
      reads_[head].push_back(read);
      read_by_[read].push_back(head);
    };
    for (const lang::Rule& rule : program_.rules)
      for (const lang::Literal& l : rule.body)
        if (l.kind != lang::LiteralKind::constraint) edge(rule.head, l.relation);
    for (const lang::Aggregate& a : program_.aggregates) {
      edge(a.result, a.body);
      if (a.domain != kNone) edge(a.result, a.domain);
    }
  }

  std::vector<std::uint32_t> rules_of(RelationId r) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < program_.rules.size(); ++i)
      if (program_.rules[i].head == r) out.push_back(i);
    return out;
  }

  static std::vector<bool> reached(RelationId from, const std::vector<std::vector<RelationId>>& edges) {
    std::vector<bool> out(edges.size(), false);
    std::vector<RelationId> work{from};
    while (!work.empty()) {
      const RelationId r = work.back();
      work.pop_back();
      if (out[r]) continue;
      out[r] = true;
      work.insert(work.end(), edges[r].begin(), edges[r].end());
    }
    return out;
  }

  std::vector<RelationId> recursive_with(RelationId r) const {
    const std::vector<bool> down = reached(r, reads_), up = reached(r, read_by_);
    std::vector<RelationId> out;
    for (RelationId m = 0; m < relations_; ++m)
      if (down[m] && up[m]) out.push_back(m);
    return out;
  }

  // All relations that are recursive with this one; says which is its copy.
  RelationId copy(RelationId called) {
    std::map<RelationId, RelationId> copies;
    for (RelationId m : groups_[group_of_.at(called)]) {
      copies[m] = static_cast<RelationId>(program_.relations.size());
      lang::Relation made = program_.relations[m];
      made.hidden = true;
      program_.relations.push_back(std::move(made));
    }
    for (const auto& [m, own] : copies)
      for (std::uint32_t i : rules_of(m)) {
        lang::Rule rule = program_.rules[i];
        rule.head = own;
        for (lang::Literal& l : rule.body)
          if (const auto at = copies.find(l.relation); l.kind != lang::LiteralKind::constraint && at != copies.end())
            l.relation = at->second;
        program_.rules.push_back(std::move(rule));
      }
    return copies.at(called);
  }

  lang::Program& program_;
  const std::size_t relations_;  // before copies
  std::vector<std::vector<RelationId>> reads_, read_by_;
  std::map<RelationId, std::size_t> group_of_;
  std::vector<std::vector<RelationId>> groups_;
};

}  // namespace

Result<Plan> make_plan_for_callers(lang::Program& program, const Options& options,
                                   const std::function<bool(RelationId)>& given) {
  auto plan = make_plan(program, options);
  if (plan || plan.error().code != "demand-cycle") return plan;
  std::vector<RelationId> asked = options.asked;
  if (asked.empty())
    for (const lang::Query& query : program.queries) asked.push_back(query.relation);
  if (asked.empty()) return plan;  // all of it is asked for
  const std::vector<lang::Relation> relations = program.relations;
  const std::vector<lang::Rule> rules = program.rules;
  if (Callers(program).run(asked, given)) {
    auto again = make_plan(program, options);
    if (again) again->notes.push_back("each rule that reads a relation with bound columns has a copy of its own");
    if (again) return again;
  }
  program.relations = relations;
  program.rules = rules;
  return plan;
}

}  // namespace tenfold::plan
