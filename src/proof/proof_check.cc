#include "proof/proof_check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lang/expression.h"
#include "proof/instance.h"

namespace tenfold::proof {

using Kind = ProofStep::Kind;
using lang::LiteralKind;

namespace {
// A product of the same factors in another order differs by rounding alone.
constexpr double kTolerance = 1e-12;

bool equal(double p, double q) { return std::abs(p - q) <= kTolerance * std::max(p, q); }

bool positive(Kind kind) { return kind != Kind::absent && kind != Kind::denied; }
}  // namespace

// Premises are later steps, each step but the first is used.
bool ProofCheck::shape() {
  if (proof_.steps.empty()) return fail(0, "the proof has no steps");
  std::vector<bool> used(proof_.steps.size(), false);
  used[0] = true;
  for (std::size_t i = 0; i < proof_.steps.size(); ++i)
    for (std::uint32_t premise : proof_.steps[i].premises) {
      if (premise <= i || premise >= proof_.steps.size())
        return fail(i, "rests on step " + std::to_string(premise) + ", which is no later step");
      used[premise] = true;
    }
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) return fail(i, "nothing rests on this step");
  return true;
}

bool ProofCheck::read(lang::RelationId root, const std::vector<std::string>& args) {
  steps_.assign(proof_.steps.size(), {});
  if (!shape()) return false;
  for (std::size_t i = 0; i < proof_.steps.size(); ++i)
    if (!read_tuple(i) || !read_step(i)) return false;
  if (!positive(proof_.steps[0].kind) || steps_[0].relation != root || proof_.steps[0].args != args)
    return fail(0, "the proof is of " + atom_text(proof_.steps[0].relation, proof_.steps[0].args) +
                       ", which is not the answer");
  return true;
}

bool ProofCheck::read_tuple(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  Step& out = steps_[i];
  out.relation = program_.find(step.relation);
  if (out.relation == lang::kNone) return fail(i, "the program has no relation `" + step.relation + "`");
  const lang::Relation& relation = program_.relations[out.relation];
  if (is_computed(relation) && !uncertain(out.relation))
    return fail(i, "`" + step.relation + "` is computed, not proved");
  if (step.args.size() != relation.columns.size()) return fail(i, "has the wrong number of arguments");
  if (step.made != relation.synthetic) return fail(i, "is wrong about whether desugaring made the relation");
  for (std::size_t c = 0; c < step.args.size(); ++c) {
    if (c < step.open.size() && step.open[c]) {
      out.args.push_back(std::nullopt);
      continue;
    }
    const Type type = relation.columns[c].type;
    const auto cell = parse_plain(step.args[c], type, program_.symbols);
    if (!cell || plain(*cell, type, program_.symbols) != step.args[c])
      return fail(i, "`" + step.args[c] + "` is no " + std::string(name(type)) + " that can be checked");
    out.args.push_back(*cell);
    out.row.push_back(*cell);
  }
  return true;
}

bool ProofCheck::says_nothing_else(std::size_t i, bool origin, bool rule) {
  const ProofStep& step = proof_.steps[i];
  if (!origin && !step.origin.empty()) return fail(i, "names an origin, which such a step has not");
  if (!rule && !(step.rule.empty() && step.place.file.empty() && step.source.empty() && step.bindings.empty()))
    return fail(i, "names a rule, which such a step has not");
  if (!step.open.empty() && step.kind != Kind::absent) return fail(i, "has an open column");
  return true;
}

bool ProofCheck::read_step(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  switch (step.kind) {
    case Kind::fact:
    case Kind::perceived:
    case Kind::assumed:
      if (!step.premises.empty()) return fail(i, "is an input, and rests on others");
      return says_nothing_else(i, true, false) && leaf(i);
    case Kind::denied:
      monotone_ = false;
      if (!step.premises.empty()) return fail(i, "is an input, and rests on others");
      if (!step.rule.empty()) return says_nothing_else(i, false, true);  // run() looks for its event
      return says_nothing_else(i, true, false) && leaf(i);
    case Kind::absent:
      monotone_ = false;
      if (step.probability != 1.0) return fail(i, "an absence has no probability of its own");
      return says_nothing_else(i, false, false);
    case Kind::aggregate:
      monotone_ = false;
      if (!step.bindings.empty() || !step.source.empty()) return fail(i, "says more than an aggregate has to say");
      return says_nothing_else(i, false, true);
    case Kind::rule:
      return says_nothing_else(i, false, true);
  }
  return false;
}

bool ProofCheck::leaf(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  Step& out = steps_[i];
  const lang::Relation& relation = program_.relations[out.relation];
  const bool network = relation.kind == lang::RelationKind::perceived;
  if (network != (step.kind == Kind::perceived || step.kind == Kind::assumed || (step.kind == Kind::denied && network)))
    return fail(i, network ? "is what a network said, not a fact" : "no network fills `" + step.relation + "`");
  if (!(step.probability > 0.0 && step.probability <= 1.0)) return fail(i, "its probability is not in (0, 1]");
  if (network && !from_network(i)) return false;
  if (uncertain(out.relation)) return computed(i);
  if (step.kind == Kind::assumed) return step.probability == 1.0 || fail(i, "what is assumed has no probability");
  const Given* given = given_.find(out.relation, out.row, step);
  std::optional<Given> learnt;
  if (!given) {
    const bool may = network ? !given_.stated(out.relation)
                             : settings_.records && relation.declared && relation.kind == lang::RelationKind::plain;
    if (may) learnt = given_.learn(out.relation, out.row, step);
    if (!learnt)
      return fail(
          i, atom_text(step.relation, step.args) + " is not given with this probability from `" + step.origin + "`");
    given = &*learnt;
  }
  if (given->event != kNoEvent)
    out.literal.push_back(step.kind == Kind::denied ? fails(given->event) : holds(given->event));
  else if (step.kind == Kind::denied)
    return fail(i, "is certain, so it cannot fail");
  return true;
}

bool ProofCheck::uncertain(lang::RelationId relation) const {
  return tags() && is_uncertain(program_.relations[relation]);
}

bool ProofCheck::told(const lang::Literal& l) const {
  return l.kind != LiteralKind::constraint && (!is_computed(program_.relations[l.relation]) || uncertain(l.relation));
}

// An uncertain row of a predicate is computed here as well.
bool ProofCheck::computed(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  Step& out = steps_[i];
  double found = 0.0;
  compute_weighed(program_.relations[out.relation], out.args, program_.symbols, [&](std::span<const Cell>, double p) {
    found = p;
    return false;
  });
  if (step.origin != "computed" || found <= 0.0 || found >= 1.0 || !equal(found, step.probability))
    return fail(i, "is not what is computed: `" + step.relation + "` has the probability " + number_text(found));
  const Event event = given_.computed_event_of(out.relation, out.row, found);
  out.literal.push_back(step.kind == Kind::denied ? fails(event) : holds(event));
  return true;
}

// No row that is computed is certain, and each that is not is denied.
void ProofCheck::computed_absent(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  std::set<Row> rows, denied;
  bool sure = false;
  const auto ran = compute_weighed(program_.relations[steps_[i].relation], steps_[i].args, program_.symbols,
                                   [&](std::span<const Cell> row, double p) {
                                     sure = sure || p >= 1.0;
                                     if (p > 0.0 && p < 1.0) rows.emplace(row.begin(), row.end());
                                     return true;
                                   });
  for (std::uint32_t at : step.premises)
    if (proof_.steps[at].kind == Kind::denied && steps_[at].relation == steps_[i].relation)
      denied.insert(steps_[at].row);
  if (ran != Computed::done || sure || denied != rows || denied.size() != step.premises.size())
    fail(i, atom_text(step.relation, step.args) + " is not absent once just these are denied");
}

// "chest-xray small-int8, calibrated": the network's name first; and one of its labels.
bool ProofCheck::from_network(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  const lang::Network& network = program_.networks[program_.relations[steps_[i].relation].network];
  const std::string rest = step.origin.substr(std::min(network.name.size(), step.origin.size()));
  const bool named = step.origin.compare(0, network.name.size(), network.name) == 0 &&
                     (rest.empty() || rest[0] == ' ' || rest[0] == ',');
  const bool refusal = rest.compare(0, 19, " refused the input:") == 0;
  const auto stage = settings_.stages.find(network.name);
  const bool other = stage != settings_.stages.end() && !refusal && step.origin != stage->second;
  if (!named || other || refusal != (step.kind == Kind::assumed))
    return fail(i, "`" + step.origin + "` is not what the network `" + network.name + "` would be called");
  if (!network.labels.empty() &&
      std::find(network.labels.begin(), network.labels.end(), step.args.back()) == network.labels.end())
    return fail(i, "`" + step.args.back() + "` is no label of the network `" + network.name + "`");
  return true;
}

// The event of a tagged rule, or one that an aggregate makes, taken not to have happened.
bool ProofCheck::denied_event(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  for (const lang::Rule& rule : program_.rules)
    if (rule.head == steps_[i].relation && rule.tag && rule.text == step.rule &&
        place_text(rule.place) == place_text(step.place) && step.source.empty() && event_of_rule(rule, i))
      return true;
  for (const lang::Aggregate& a : program_.aggregates)
    if (a.result == steps_[i].relation && a.text == step.rule && place_text(a.place) == place_text(step.place) &&
        step.source.empty() && step.bindings.empty())
      return denied_outcome(a, i);
  return fail(i, "no rule has such an event");
}

bool ProofCheck::denied_outcome(const lang::Aggregate& a, std::size_t i) {
  const Row& row = steps_[i].row;
  const auto* all = models_.lineages().outcomes(a, Row(row.begin(), row.begin() + a.groups));
  if (!all) return fail(i, "cannot be checked: " + models_.lineages().why());
  for (const Told& one : *all)
    if (one.event != kNoEvent && std::equal(row.begin() + a.groups, row.end(), one.outcome.value.begin()) &&
        equal(one.outcome.probability, proof_.steps[i].probability)) {
      steps_[i].literal.push_back(fails(one.event));
      return true;
    }
  return fail(i, "the aggregate `" + a.text + "` makes no such event");
}

bool ProofCheck::event_of_rule(const lang::Rule& rule, std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  Instance instance(program_, rule, program_.symbols);
  if (!instance.match(rule.head_args, steps_[i].row)) return false;
  std::size_t named = 0;
  for (const lang::Variable& v : rule.variables) named += !v.wildcard && !v.made;
  if (named != step.bindings.size()) return false;
  for (const auto& [variable, text] : step.bindings) {
    lang::VarId id = 0;
    while (id < rule.variables.size() && (rule.variables[id].name != variable || rule.variables[id].made)) ++id;
    if (id == rule.variables.size()) return false;
    const auto cell = parse_plain(text, rule.variables[id].type, program_.symbols);
    if (!cell || plain(*cell, rule.variables[id].type, program_.symbols) != text) return false;
    lang::Expr arg;
    arg.op = lang::Op::variable;
    arg.variable = id;
    if (!instance.match({&arg, 1}, {&*cell, 1})) return false;
  }
  if (!lang::ready(*rule.tag, instance.bound())) return false;
  const auto tag = lang::evaluate(*rule.tag, instance.registers(), program_.symbols);
  if (!tag) return false;
  const double p = share(rule, *tag, program_.symbols);
  if (p != step.probability || p <= 0.0 || p >= 1.0) return false;
  steps_[i].literal.push_back(fails(given_.rule_event_of(rule, step.bindings, p)));
  return true;
}

Literals ProofCheck::joined(Literals a, const Literals& b) const {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

Literals ProofCheck::closure(const std::vector<std::uint32_t>& from, bool through_absences) const {
  std::vector<bool> seen(steps_.size(), false);
  std::vector<std::uint32_t> work = from;
  Literals out;
  while (!work.empty()) {
    const std::uint32_t at = work.back();
    work.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    out.insert(out.end(), steps_[at].literal.begin(), steps_[at].literal.end());
    if (proof_.steps[at].kind == Kind::absent && !through_absences) continue;
    work.insert(work.end(), proof_.steps[at].premises.begin(), proof_.steps[at].premises.end());
  }
  return joined(std::move(out), {});
}

void ProofCheck::run() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Kind kind = proof_.steps[i].kind;
    if (kind == Kind::rule) rule(i);
    if (kind == Kind::denied && !proof_.steps[i].rule.empty()) denied_event(i);
    if (kind == Kind::aggregate) aggregate(i);
  }
  base_ = closure({0}, false);
  literals_ = closure({0}, true);
  if (!consistent(literals_, given_.events)) {
    fail(0, "rests on inputs that exclude each other");
    return;
  }
  const double p = probability(literals_, given_.events);
  if (!equal(p, proof_.probability))
    fail(0,
         "the inputs of the proof have the probability " + number_text(p) + ", not " + number_text(proof_.probability));
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (proof_.steps[i].kind == Kind::absent) absent(i);
    if (proof_.steps[i].kind != Kind::aggregate) continue;
    const lang::Aggregate* a = aggregate_of(i);
    const std::size_t first = a && a->domain != lang::kNone ? 1 : 0;
    if (a && (!looks_at_all(*a) || (a->one_world && proof_.steps[i].premises.size() > first))) members(*a, i, first);
  }
}

void ProofCheck::rule(std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  std::string why = "no rule for `" + step.relation + "` reads so at this place";
  for (const lang::Rule& rule : program_.rules)
    if (rule.head == steps_[i].relation && rule.text == step.rule && place_text(rule.place) == place_text(step.place) &&
        rule.source == step.source && instance(rule, i, why))
      return;
  fail(i, why);
}

// Heads and atoms matched, the rest worked out.
bool ProofCheck::instance(const lang::Rule& rule, std::size_t i, std::string& why) {
  const ProofStep& step = proof_.steps[i];
  std::vector<const lang::Literal*> atoms;
  for (const lang::Literal& l : rule.body)
    if (told(l)) atoms.push_back(&l);
  why = "its premises are not the atoms of the rule";
  // Of an uncertain predicate only rows that are not certain are premises.
  for (std::size_t n = 0; n < atoms.size();) {
    const bool there = n < step.premises.size() && steps_[step.premises[n]].relation == atoms[n]->relation;
    if (!there && uncertain(atoms[n]->relation))
      atoms.erase(atoms.begin() + static_cast<std::ptrdiff_t>(n));
    else
      ++n;
  }
  if (atoms.size() != step.premises.size()) return false;
  Instance instance(program_, rule, program_.symbols, models_.terms(), tags());
  if (!instance.match(rule.head_args, steps_[i].row)) return false;
  for (std::size_t n = 0; n < atoms.size(); ++n) {
    const Step& premise = steps_[step.premises[n]];
    const Kind kind = proof_.steps[step.premises[n]].kind;
    const bool negative = atoms[n]->kind == LiteralKind::negative;
    if (premise.relation != atoms[n]->relation || (negative ? kind != Kind::absent : !positive(kind))) return false;
    std::vector<lang::Expr> args;
    Row row;
    for (std::size_t c = 0; c < premise.args.size(); ++c) {
      const lang::Expr& arg = atoms[n]->args[c];
      const bool wildcard = arg.op == lang::Op::variable && rule.variables[arg.variable].wildcard;
      if (negative && wildcard != !premise.args[c]) return false;
      if (!premise.args[c]) continue;
      args.push_back(arg);
      row.push_back(*premise.args[c]);
    }
    if (!instance.match(args, row)) {
      why = "premise " + std::to_string(n + 1) + " does not fit the rule";
      return false;
    }
    instance.matched(static_cast<std::size_t>(atoms[n] - rule.body.data()));
  }
  double p = 1.0;
  const Completion done = instance.complete([&] {
    p = 1.0;
    if (rule.tag && tags()) {
      const auto tag = lang::evaluate(*rule.tag, instance.registers(), program_.symbols);
      if (!tag) return false;
      p = share(rule, *tag, program_.symbols);
      if (p <= 0.0) return false;
    }
    return step.probability == std::min(p, 1.0) &&
           (p < 1.0 ? step.bindings == instance.named() : step.bindings.empty());
  });
  why = done == Completion::unknown ? "the rule's constraints cannot be checked here"
                                    : "the rule's constraints, its tag or its bindings do not come out so";
  if (done != Completion::accepted) return false;
  if (p < 1.0) steps_[i].literal.push_back(holds(given_.rule_event_of(rule, step.bindings, p)));
  return true;
}

void ProofCheck::absent(std::size_t i) {
  const Step& s = steps_[i];
  const ProofStep& step = proof_.steps[i];
  const std::string what = atom_text(step.relation, step.args);
  if (uncertain(s.relation)) {
    computed_absent(i);
    return;
  }
  Model& open = models_.with({});
  if (!open.evaluate(s.relation)) {
    fail(i, "cannot be checked: " + open.why());
    return;
  }
  if (!open.possible(s.relation, s.args)) {
    if (!step.premises.empty()) fail(i, what + " cannot be derived at all; its premises are in vain");
    return;
  }
  const auto derivable = [&](const std::vector<std::uint32_t>& premises) {
    Model& model = models_.with(joined(base_, closure(premises, true)));
    return !model.evaluate(s.relation) || model.possible(s.relation, s.args);
  };
  // The model takes each tuple by itself; formulas know which exclude each other.
  if (derivable(step.premises) &&
      models_.lineages().possible(s.relation, s.args, joined(base_, closure(step.premises, true)))) {
    fail(i, what + " is not absent: it can be derived");
    return;
  }
  for (std::size_t n = 0; n < step.premises.size(); ++n) {
    std::vector<std::uint32_t> others = step.premises;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(n));
    if (!derivable(others))
      fail(i, "premise " + std::to_string(n + 1) + " is in vain: " + what + " is absent without it");
  }
}

const lang::Aggregate* ProofCheck::aggregate_of(std::size_t i) const {
  const ProofStep& step = proof_.steps[i];
  for (const lang::Aggregate& a : program_.aggregates)
    if (a.result == steps_[i].relation && a.text == step.rule && place_text(a.place) == place_text(step.place))
      return &a;
  return nullptr;
}

// What can be said before it is known on which inputs the proof rests: the members of a world come later.
void ProofCheck::aggregate(std::size_t i) {
  const lang::Aggregate* a = aggregate_of(i);
  if (!a) {
    fail(i, "no aggregate for `" + proof_.steps[i].relation + "` reads so at this place");
    return;
  }
  if (!makes_events(*a) && proof_.steps[i].probability != 1.0) fail(i, "this aggregate has no probability of its own");
  if (!rests_on_group(*a, i)) return;
  if (looks_at_all(*a)) outcome(*a, i);
}

// The first premise of an aggregate with a `where` is the tuple of it that makes the group.
bool ProofCheck::rests_on_group(const lang::Aggregate& a, std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  if (a.domain == lang::kNone || (a.one_world && step.premises.empty())) return true;
  const std::uint32_t domain = step.premises.empty() ? 0 : step.premises[0];
  const bool fits = domain != 0 && positive(proof_.steps[domain].kind) && steps_[domain].relation == a.domain &&
                    std::equal(steps_[domain].row.begin(), steps_[domain].row.end(), steps_[i].row.begin(),
                               steps_[i].row.begin() + a.groups);
  return fits || fail(i, "does not rest on the tuple of its `where` that makes the group");
}

// A result of an aggregate that looks at all rows: its value, its event and the rows that it comes with.
void ProofCheck::outcome(const lang::Aggregate& a, std::size_t i) {
  const ProofStep& step = proof_.steps[i];
  const Row key(steps_[i].row.begin(), steps_[i].row.begin() + a.groups);
  const Row value(steps_[i].row.begin() + a.groups, steps_[i].row.end());
  Lineages& lineages = models_.lineages();
  std::vector<Row> rows;
  for (std::size_t n = a.domain == lang::kNone || step.premises.empty() ? 0 : 1; n < step.premises.size(); ++n) {
    const std::uint32_t at = step.premises[n];
    if (steps_[at].relation != a.body || !positive(proof_.steps[at].kind)) {
      fail(i, "premise " + std::to_string(n + 1) + " is no tuple of the group");
      return;
    }
    rows.push_back(steps_[at].row);
  }
  if (a.one_world && !rows.empty()) return;  // over certain tuples alone, which members() looks at
  const auto* all = lineages.outcomes(a, key);
  if (!all) {
    fail(i, "cannot be checked: " + lineages.why());
    return;
  }
  std::sort(rows.begin(), rows.end());
  const auto fits = [&](const Told& one) {
    std::vector<Row> needed = one.outcome.rows;
    std::sort(needed.begin(), needed.end());
    return same_result(program_, a, one.outcome.value, value) && needed == rows &&
           equal(one.outcome.probability, step.probability);
  };
  const auto found = std::find_if(all->begin(), all->end(), fits);
  if (found == all->end())
    fail(i, "the aggregate does not come to this result with this probability and these premises");
  else if (found->event != kNoEvent)
    steps_[i].literal.push_back(holds(found->event));
}

std::optional<std::vector<double>> ProofCheck::weights(const lang::Aggregate& a, const Row& key,
                                                       const std::vector<Row>& rows) {
  std::vector<double> out;
  if (!weighs(a)) return out;
  Table& certain = models_.with({}).certain(a.body);
  if (std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return certain.contains(row); })) return out;
  const auto* all = models_.lineages().group(a, key);
  for (const Row& row : all ? rows : std::vector<Row>()) {
    const auto at = std::find_if(all->begin(), all->end(), [&](const WeighedRow& w) { return w.row == row; });
    if (at == all->end()) return std::nullopt;
    out.push_back(at->weight);
  }
  return all ? std::optional(out) : std::nullopt;
}

// Every tuple that the group may have is counted or left out with a reason, and those counted give the result.
void ProofCheck::members(const lang::Aggregate& a, std::size_t i, std::size_t first) {
  const ProofStep& step = proof_.steps[i];
  const Row key(steps_[i].row.begin(), steps_[i].row.begin() + a.groups);
  const Row value(steps_[i].row.begin() + a.groups, steps_[i].row.end());
  std::set<Row> in, out;
  for (std::size_t n = first; n < step.premises.size(); ++n) {
    const std::uint32_t at = step.premises[n];
    const Step& member = steps_[at];
    const bool left_out = proof_.steps[at].kind == Kind::absent;
    if (member.relation != a.body || member.row.size() != program_.relations[a.body].columns.size() ||
        !std::equal(key.begin(), key.end(), member.row.begin()) || !(left_out || positive(proof_.steps[at].kind)) ||
        !(left_out ? out : in).insert(member.row).second) {
      fail(i, "premise " + std::to_string(n + 1) + " is no tuple of the group, or is there twice");
      return;
    }
  }
  Model& open = models_.with({});
  Model& given = models_.with(literals_);
  if (!open.evaluate(a.body) || !given.evaluate(a.body)) {
    fail(i, "cannot be checked: " + (open.why().empty() ? given : open).why());
    return;
  }
  std::set<Row> possible;
  for (std::size_t r = 0; r < open.possible(a.body).size(); ++r)
    if (const Row& row = open.possible(a.body)[r]; std::equal(key.begin(), key.end(), row.begin()))
      possible.insert(row);
  if (a.one_world && std::any_of(possible.begin(), possible.end(),
                                 [&](const Row& row) { return !open.certain(a.body).contains(row); })) {
    fail(i, "counts all tuples, whichever hold: there is nothing that it rests on");
    return;
  }
  const std::vector<Row> counted(in.begin(), in.end());
  const auto weighed = weights(a, key, counted);
  if (!weighed) {
    fail(i, "cannot be checked: " + models_.lineages().why());
    return;
  }
  const auto found = results(program_, a, counted, program_.symbols, *weighed);
  const bool gives = found && std::any_of(found->begin(), found->end(),
                                          [&](const Row& row) { return same_result(program_, a, row, value); });
  if (!gives) {
    fail(i, "the tuples counted do not give this result");
    return;
  }
  const bool some = existential(a.op) && !in.empty();
  if ((extreme(a.op) || some) && in.size() != 1) fail(i, "one tuple is enough for this result");
  for (const Row& row : out)
    if (!possible.contains(row)) fail(i, "leaves out a tuple that cannot be");
  for (const Row& row : possible) {
    const bool matters = !some && (!extreme(a.op) || better(program_, a, row, *in.begin(), program_.symbols) < 0);
    if (!matters && out.contains(row)) fail(i, "leaves out a tuple that makes no difference");
    if (!matters || in.contains(row) || out.contains(row)) continue;
    if (given.possible(a.body).contains(row) &&
        models_.lineages().possible(a.body, {row.begin(), row.end()}, literals_)) {
      fail(i, "does not count every tuple of the group");
      return;
    }
  }
}

}  // namespace tenfold::proof
