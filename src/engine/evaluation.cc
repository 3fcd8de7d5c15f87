#include <algorithm>
#include <array>
#include <ctime>
#include <string>

#include "base/value_order.h"
#include "engine/aggregate.h"
#include "engine/engine.h"
#include "engine/join.h"
#include "engine/row_update.h"
#include "engine/set_update.h"
#include "engine/tags.h"
#include "modules/predicates.h"

namespace tenfold::engine {

void Firings::attach(Relation& relation, Row row, std::uint32_t firing) {
  const std::uint32_t first = relation.firing(row);
  if (last_.size() <= firing) last_.resize(firing + 1, kNone);
  if (first == kNone) {
    relation.set_firing(row, firing);
    last_[firing] = firing;
    return;
  }
  firings_[last_[first]].next = firing;
  last_[first] = firing;
}

void Firings::keep(Relation& relation, Row row, const std::vector<std::uint32_t>& kept) {
  relation.set_firing(row, kNone);
  for (std::uint32_t firing : kept) {
    firings_[firing].next = kNone;
    attach(relation, row, firing);
  }
}

Evaluation::Evaluation(const plan::Plan& plan, const Options& options, Symbols& symbols, const Evaluation* base)
    : plan_(plan),
      options_(options),
      costs_(provenance::takes_costs(options.provenance)),
      numbers_(provenance::takes_numbers(options.provenance)),
      counts_(provenance::counts_certain(options.provenance)),
      symbols_(symbols),
      base_(base),
      frozen_(plan.relations.size(), false),
      done_(plan.strata.size(), false),
      low_(plan.relations.size(), 0),
      high_(plan.relations.size(), kNone),
      asked_(plan.networks.size(), 0) {
  for (const plan::PlanRelation& r : plan.relations)
    relations_.emplace_back(static_cast<std::uint32_t>(r.types.size()));
  for (const plan::IndexSpec& spec : plan.indexes) indexes_.emplace_back(spec.columns);
  if (auto made = make_tags(options, inputs_); made) tags_ = std::move(*made);
  if (options.sets && !base && !tags_ && options.provenance == "unit" && !options.proofs && sets_can_run(plan))
    make_sets();
  else if (options.updates && !base)
    make_derivations();
  if (options.open) hangs_ = hang_on_networks(plan);
  inherit();
}

Evaluation::~Evaluation() = default;

std::vector<bool> hang_on_networks(const plan::Plan& plan) {
  std::vector<bool> out(plan.relations.size(), false);
  for (const lang::Network& network : plan.program->networks) {
    if (network.reads_media()) continue;  // what a file holds is certain
    out[network.relation] = true;
    if (network.refusal != lang::kNone) out[network.refusal] = true;
  }
  for (bool changed = true; changed;) {
    changed = false;
    const auto reach = [&](RelationId head, RelationId read) {
      if (read == lang::kNone || !out[read] || out[head]) return;
      out[head] = changed = true;
    };
    for (const plan::PlanRule& rule : plan.rules)
      for (const plan::PlanLiteral& l : rule.body)
        if (l.literal.kind != lang::LiteralKind::constraint) reach(rule.head, l.literal.relation);
    for (const plan::Stratum& stratum : plan.strata)
      for (std::uint32_t a : stratum.aggregates) {
        const lang::Aggregate& aggregate = plan.program->aggregates[a];
        reach(aggregate.result, aggregate.body);
        reach(aggregate.result, aggregate.domain);
      }
  }
  return out;
}

void Evaluation::make_sets() {
  if (options_.updates && !updates_)
    if (auto made = plan::make_updates(plan_); made) updates_ = std::make_unique<plan::Updates>(std::move(*made));
  sets_ = std::make_unique<SetExecutor>(
      plan_, symbols_, [this](std::size_t bytes) { return check_sets(bytes); }, updates_.get());
  sets_->set_threads(std::max(1u, options_.threads), options_.share_from);
  has_rows_.assign(plan_.relations.size(), false);
}

namespace {
// These give even certain rows a probability, and what is shared has none.
bool makes_events(lang::AggregateOp op) {
  using enum lang::AggregateOp;
  return op == normalize || op == softmax || op == disjunct;
}

// Facts of a relation then go to its superset as well (plan/possible.h).
bool copies_facts(const plan::Plan& plan) {
  return std::any_of(plan.relations.begin(), plan.relations.end(), [](const auto& r) { return r.possible != kNone; });
}

// Whether firings say all that an update has to know: that two bindings of a rule differ in the rows they read, and
// that what an aggregate makes is made by its rows alone.
bool rows_can_update(const plan::Plan& plan) {
  if (!plan.networks.empty() || copies_facts(plan)) return false;
  const auto computed = [&](const plan::Variant& v) {
    return std::any_of(v.steps.begin(), v.steps.end(), [](const plan::Step& s) {
      return s.kind == plan::StepKind::range || s.kind == plan::StepKind::foreign;
    });
  };
  return std::none_of(plan.strata.begin(), plan.strata.end(), [&](const plan::Stratum& s) {
    return std::any_of(s.first.begin(), s.first.end(), computed) ||
           std::any_of(s.aggregates.begin(), s.aggregates.end(),
                       [&](std::uint32_t a) { return makes_events(plan.program->aggregates[a].op); });
  });
}
}  // namespace

void Evaluation::make_derivations() {
  // Counts are of derivations, and a sample is drawn in the order in which they were found.
  if (counts_ || options_.provenance.ends_with("samplekproofs") || !rows_can_update(plan_)) return;
  auto made = plan::make_updates(plan_, true);
  if (!made) return;
  updates_ = std::make_unique<plan::Updates>(std::move(*made));
  derivations_ = std::make_unique<Derivations>(plan_);
  for (std::size_t i = plan_.indexes.size(); i < updates_->indexes.size(); ++i)
    indexes_.emplace_back(updates_->indexes[i].columns);
}

namespace {
// Of this thread: what else the machine does says nothing about what is cheaper.
double cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
}  // namespace

Status Evaluation::check_sets(std::size_t bytes) const {
  if (give_up_ && cpu_s() > *give_up_) return Error{kGivenUp, {}, "", "", ""};
  Status s = within_time();
  return s.ok() ? within_memory(bytes) : s;
}

const Relation& Evaluation::as_rows(RelationId r) const {
  const std::lock_guard lock(as_rows_);
  Relation& rows = relations_[r];
  if (has_rows_[r] && rows.size() == sets_->size(r)) return rows;
  rows.clear();
  sets_->each(r, [&](std::span<const Cell> tuple) { rows.set_certain(rows.insert(tuple).first); });
  has_rows_[r] = true;
  return rows;
}

// The base's facts of relations that vary: a site's own row beside a record's.
void Evaluation::inherit() {
  if (!base_) return;
  inputs_ = base_->inputs_;
  event_origins_ = base_->event_origins_;
  for (RelationId r = 0; r < relations_.size(); ++r) {
    if (base_->frozen_[r]) continue;
    const Relation& from = base_->relations_[r];
    for (Row row = 0; row < from.size(); ++row) {
      const auto [at, fresh] = relations_[r].insert(from.row(row));
      if (from.certain(row)) relations_[r].set_certain(at);
      if (from.origin(row) != kNone) relations_[r].set_origin(at, from.origin(row));
      for (std::uint32_t f = from.firing(row); f != kNone; f = base_->firings_[f].next)
        firings_.attach(relations_[r], at, firings_.add(FiringKind::given, kNone, {}, base_->firings_[f].event));
    }
  }
}

std::uint64_t Evaluation::content_key(RelationId r, std::span<const Cell> row) const {
  ContentHash hash;
  hash.add(plan_.relations[r].name);
  for (std::size_t c = 0; c < row.size(); ++c) {
    const Type type = plan_.relations[r].types[c];
    hash.add(type == Type::entity ? std::to_string(content(row[c], type, symbols_)) : plain(row[c], type, symbols_));
  }
  return hash.value;
}

// A row of a computed predicate with a tag, as if it were given.
Row Evaluation::uncertain_row(RelationId r, std::span<const Cell> row, double probability) {
  const auto [at, fresh] = relations_[r].insert(row);
  if (!fresh) return at;
  const provenance::Member m = inputs_.add(probability, inputs_.new_group(), content_key(r, row));
  firings_.attach(relations_[r], at, firings_.add(FiringKind::given, kNone, {}, m));
  if (std::find(computed_.begin(), computed_.end(), r) == computed_.end()) computed_.push_back(r);
  return at;
}

Status Evaluation::insert_given(RelationId r, std::span<const Cell> row, std::optional<double> p, std::uint32_t group,
                                SymbolId origin) {
  if (shared(r))
    return Error{"frozen-relation",
                 {},
                 "facts for `" + plan_.relations[r].name + "` came after it was shared",
                 "name it as an input",
                 ""};
  if (has_tags() && !costs_ && p == 0.0) return {};
  if (const plan::PlanRelation& about = plan_.relations[r]; about.possible != kNone) {
    std::vector<Cell> kept;
    for (std::uint32_t c : about.possible_columns) kept.push_back(row[c]);
    if (sets_)
      sets_->add(about.possible, kept);
    else
      relations_[about.possible].set_certain(relations_[about.possible].insert(kept).first);
  }
  if (sets_) {
    sets_->add(r, row);
    return {};
  }
  const auto [at, fresh] = relations_[r].insert(row);
  if (origin != kNone) relations_[r].set_origin(at, origin);
  if (!has_tags() || (!counts_ && group == kNone && (!p || (!costs_ && *p == 1.0)))) {
    relations_[r].set_certain(at);
    if (derivations_) derivations_->set_stated(r, at, true);
    return {};
  }
  const provenance::Member m =
      inputs_.add(p.value_or(costs_ ? 0.0 : 1.0), group == kNone ? inputs_.new_group() : group, content_key(r, row));
  if (origin != kNone) {
    event_origins_.resize(m + 1, kNone);
    event_origins_[m] = origin;
  }
  firings_.attach(relations_[r], at, firings_.add(FiringKind::given, kNone, {}, m));
  return {};
}

namespace {

constexpr double kGroupTolerance = 1e-6;  // of probabilities that are written with few digits

// Elsewhere a number is a cost, a count or nothing, and members of a group need not share a whole.
bool weighs_worlds(std::string_view provenance) {
  constexpr std::array<std::string_view, 6> kOther = {"unit", "bool", "natural", "proofs", "tropical", "realtropical"};
  return std::find(kOther.begin(), kOther.end(), provenance) == kOther.end();
}

// {1; 2} states no probabilities: one of its facts holds, each as likely as the other.
std::unordered_map<std::uint32_t, double> equal_shares(const lang::Program& program) {
  std::unordered_map<std::uint32_t, double> members;
  for (const lang::Fact& fact : program.facts)
    if (fact.group != lang::kNone) ++members[fact.group];
  for (const lang::Fact& fact : program.facts)
    if (fact.group != lang::kNone && fact.probability) members.erase(fact.group);
  for (auto& [group, share] : members) share = 1.0 / share;
  return members;
}

Error group_sum(const lang::Fact& fact, const std::string& relation) {
  return {"group-sum", fact.place,
          "the probabilities of this set of `" + relation + "` sum to more than 1: only one of its facts can hold",
          "lower them, or separate the facts with commas if they do not exclude each other", ""};
}

}  // namespace

Status Evaluation::add_program_facts(const std::function<bool(const lang::Fact&)>& left_out) {
  struct Group {
    std::uint32_t number;
    double sum;
  };
  std::unordered_map<std::uint32_t, Group> groups;
  const bool weighed = weighs_worlds(options_.provenance);
  const auto shares = weighed ? equal_shares(*plan_.program) : std::unordered_map<std::uint32_t, double>();
  for (const lang::Fact& fact : plan_.program->facts) {
    std::uint32_t group = kNone;
    std::optional<double> p = fact.probability;
    if (fact.group != lang::kNone) {
      if (const auto share = shares.find(fact.group); share != shares.end()) p = share->second;
      auto [at, fresh] = groups.try_emplace(fact.group, Group{0, 0.0});
      if (fresh) at->second.number = inputs_.new_group();
      group = at->second.number;
      at->second.sum += p.value_or(1.0);
      if (weighed && at->second.sum > 1.0 + kGroupTolerance)
        return group_sum(fact, plan_.relations[fact.relation].name);
    }
    if (left_out && left_out(fact)) continue;
    if (Status s = insert_given(fact.relation, fact.row, p, group, kNone); !s.ok()) return s;
  }
  return {};
}

Status Evaluation::add(RelationId relation, const FactTable& facts) {
  if (sets_ && facts.probabilities.empty() && plan_.relations[relation].possible == kNone && !facts.types.empty()) {
    sets_->load(relation, facts.cells);
    return {};
  }
  for (std::size_t i = 0; i < facts.rows(); ++i)
    if (Status s = add_one(relation, facts, i); !s.ok()) return s;
  return {};
}

Status Evaluation::add_one(RelationId relation, const FactTable& facts, std::size_t i) {
  std::optional<double> p;
  if (!facts.probabilities.empty()) p = facts.probabilities[i];
  if (p && !in_range(*p))
    return Error{"probability-range",
                 {facts.origins[i] == kNone ? std::string() : std::string(symbols_.text(facts.origins[i])), 0, 0, 1},
                 "the probability " + number_text(*p) + " is outside [0, 1]",
                 "give a number from 0 to 1",
                 ""};
  return insert_given(relation, facts.row(i), p, kNone, facts.origins[i]);
}

Status Evaluation::freeze(const std::vector<bool>& inputs) {
  start_clock();
  alone_ = std::find(inputs.begin(), inputs.end(), true) == inputs.end();
  std::vector<bool> varies(plan_.relations.size(), false);
  for (RelationId r = 0; r < plan_.relations.size(); ++r) {
    if (r < inputs.size() && inputs[r]) varies[r] = true;
    if (varies[r] && plan_.relations[r].possible != kNone) varies[plan_.relations[r].possible] = true;
    if (r < plan_.program->relations.size() && plan_.program->relations[r].kind == lang::RelationKind::foreign)
      varies[r] = has_tags() && modules::predicates()[plan_.program->relations[r].predicate].tagged;
    for (Row row = 0; row < relations_[r].size() && !varies[r]; ++row) varies[r] = !relations_[r].certain(row);
  }
  // Records add rows to what a base holds as rows.
  if (sets_ && std::find(varies.begin(), varies.end(), true) != varies.end()) {
    for (RelationId r = 0; r < relations_.size(); ++r) (void)as_rows(r);
    sets_.reset();
  }
  for (std::size_t s = 0; s < plan_.strata.size(); ++s) {
    const plan::Stratum& stratum = plan_.strata[s];
    bool fixed = stratum.networks.empty() && !counts_;  // even a certain tuple has derivations to be counted
    auto reads = [&](RelationId r) { fixed = fixed && !varies[r]; };
    for (RelationId r : stratum.relations) reads(r);
    for (std::uint32_t rule : stratum.rules) {
      fixed = fixed && (!has_tags() || !plan_.rules[rule].tag);
      for (const plan::PlanLiteral& l : plan_.rules[rule].body)
        if (l.literal.kind != lang::LiteralKind::constraint) reads(l.literal.relation);
    }
    for (std::uint32_t a : stratum.aggregates) {
      fixed = fixed && !(has_tags() && makes_events(plan_.program->aggregates[a].op));
      reads(plan_.program->aggregates[a].body);
      if (plan_.program->aggregates[a].domain != lang::kNone) reads(plan_.program->aggregates[a].domain);
    }
    if (!fixed) {
      for (RelationId r : stratum.relations) varies[r] = true;
      continue;
    }
    stratum_ = s;
    if (Status done = run_stratum(); !done.ok()) {
      if (!is_limit(done.error())) return done;
      stop_ = done.error();
      for (; s < plan_.strata.size(); ++s)
        for (RelationId r : plan_.strata[s].relations) varies[r] = true;
      break;
    }
    for (RelationId r : stratum.relations) high_[r] = kNone;
    in_stratum_ = false;
    done_[s] = true;
  }
  for (RelationId r = 0; r < plan_.relations.size(); ++r) frozen_[r] = !varies[r];
  for (std::size_t i = 0; i < indexes_.size(); ++i)
    if (frozen_[plan_.indexes[i].relation]) indexes_[i].catch_up(relations_[plan_.indexes[i].relation]);
  return {};
}

void Evaluation::catch_up(const std::vector<plan::Variant>& variants) {
  for (const plan::Variant& variant : variants) catch_up(variant);
}

void Evaluation::catch_up(const plan::Variant& variant) {
  for (const plan::Step& step : variant.steps)
    if (step.kind == plan::StepKind::probe && !shared(step.relation))
      indexes_[step.index].catch_up(relations_[step.relation]);
}

void Evaluation::begin_stratum() {
  in_stratum_ = true;
  first_round_ = true;
  for (RelationId r : plan_.strata[stratum_].relations) {
    low_[r] = 0;
    high_[r] = relations_[r].size();
  }
}

// What the last round added becomes the delta. False when it added nothing.
bool Evaluation::next_round() {
  bool grew = false;
  for (RelationId r : plan_.strata[stratum_].relations) {
    low_[r] = high_[r];
    high_[r] = relations_[r].size();
    grew = grew || low_[r] < high_[r];
  }
  return grew;
}

// Aggregates of the set executor that it does not do itself go through rows and back.
Status Evaluation::run_aggregate(std::uint32_t number) {
  const lang::Aggregate& a = plan_.program->aggregates[number];
  if (sets_->aggregate(a)) return {};
  (void)as_rows(a.body);
  if (a.domain != lang::kNone) (void)as_rows(a.domain);
  relations_[a.result] = Relation(relations_[a.result].arity());
  Aggregation aggregation(*this, a, number);
  if (Status s = aggregation.run(); !s.ok()) return s;
  const Relation& result = relations_[a.result];
  for (Row r = 0; r < result.size(); ++r) sets_->add(a.result, result.row(r), false);
  for (RelationId used : {a.result, a.body}) {
    relations_[used] = Relation(relations_[used].arity());
    has_rows_[used] = false;
  }
  return {};
}

Status Evaluation::prepare_tags(const std::vector<std::uint32_t>& aggregates) {
  if (!tags_ || aggregates.empty()) return {};
  std::vector<RelationId> read;
  for (std::uint32_t a : aggregates) {
    const lang::Aggregate& aggregate = plan_.program->aggregates[a];
    if (!aggregate.one_world) read.push_back(aggregate.body);
    if (aggregate.domain != lang::kNone) read.push_back(aggregate.domain);
  }
  return tags_->prepare(*this, read);
}

// To the local fixpoint; a stratum that asked networks comes back here when they have answered.
Status Evaluation::run_stratum() {
  const plan::Stratum& stratum = plan_.strata[stratum_];
  if (sets_) {
    for (std::uint32_t number : stratum.aggregates)
      if (Status s = run_aggregate(number); !s.ok()) return s;
    return sets_->run(stratum);
  }
  if (!in_stratum_) {
    begin_stratum();
    if (Status s = prepare_tags(stratum.aggregates); !s.ok()) return s;
    for (std::uint32_t a : stratum.aggregates) {
      Aggregation aggregation(*this, plan_.program->aggregates[a], a);
      if (Status s = aggregation.run(); !s.ok()) return s;
    }
    for (RelationId r : stratum.relations) high_[r] = relations_[r].size();
    catch_up(stratum.first);
    Join join(*this);
    for (const plan::Variant& variant : stratum.first)
      if (Status s = join.run(variant); !s.ok()) return s;
    first_round_ = false;
  }
  if (!stratum.recursive.empty()) {
    Join join(*this);
    while (next_round()) {
      catch_up(stratum.recursive);
      for (const plan::Variant& variant : stratum.recursive)
        if (Status s = join.run(variant); !s.ok()) return s;
      if (Status s = check_limits(); !s.ok()) return s;
    }
  }
  return {};
}

void Evaluation::collect_demands(std::vector<Demand>& out) {
  for (std::uint32_t n : plan_.strata[stratum_].networks) {
    const RelationId asked = plan_.networks[n].asked;
    const Relation& relation = this->relation(asked);
    if (asked_[n] >= relation.size()) continue;
    Demand demand{n, relation.arity(), {}};
    for (Row r = asked_[n]; r < relation.size(); ++r) {
      const auto row = relation.row(r);
      demand.inputs.insert(demand.inputs.end(), row.begin(), row.end());
    }
    open_ += relation.size() - asked_[n];
    asked_[n] = relation.size();
    out.push_back(std::move(demand));
  }
}

void Evaluation::start_clock() {
  using Clock = std::chrono::steady_clock;
  if (base_ && base_->alone_) deadline_ = base_->deadline_;
  if (options_.timeout_s > 0 && deadline_ == Clock::time_point{})
    deadline_ =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.timeout_s));
}

// Relations of no stratum are filled by facts alone; their tags are read by all strata.
Status Evaluation::finish_given() {
  if (given_done_ || !tags_) return {};
  given_done_ = true;
  return tags_->finish(*this, given_relations());
}

std::vector<RelationId> Evaluation::given_relations() const {
  std::vector<bool> computed(relations_.size(), false);
  for (const plan::Stratum& stratum : plan_.strata)
    for (RelationId r : stratum.relations) computed[r] = true;
  std::vector<RelationId> given;
  for (RelationId r = 0; r < relations_.size(); ++r)
    if (!computed[r] && !shared(r)) given.push_back(r);
  return given;
}

Result<std::vector<Demand>> Evaluation::advance() {
  if (!tags_ && options_.provenance != "unit") {
    auto made = make_tags(options_, inputs_);
    if (!made) return made.error();
  }
  start_clock();
  if (options_.open && given_.empty())
    for (const Relation& r : relations_) given_.push_back(r.size());
  const double start = cpu_s();
  if (open_ > 0)
    return Error{"unanswered", {}, "advance() before every demanded input was supplied", "call supply() for each", ""};
  if (Status s = finish_given(); !s.ok()) return s.error();
  if (base_ && base_->stop_) return *base_->stop_;
  for (; stratum_ < plan_.strata.size(); ++stratum_) {
    if (base_ && base_->done_[stratum_]) continue;
    if (Status s = not_interrupted(); !s.ok()) return s.error();
    if (Status s = run_stratum(); !s.ok()) return s.error();
    std::vector<Demand> demands;
    collect_demands(demands);
    if (!demands.empty()) return demands;
    if (tags_ && !computed_.empty())
      if (Status s = tags_->finish(*this, computed_); !s.ok()) return s.error();
    if (tags_)
      if (Status s = tags_->finish(*this, plan_.strata[stratum_].relations); !s.ok()) return s.error();
    // Later strata read these relations whole.
    for (RelationId r : plan_.strata[stratum_].relations) high_[r] = kNone;
    in_stratum_ = false;
  }
  finished_ = true;
  run_s_ = cpu_s() - start;
  if (updates_ && sets_) sets_->prepare_updates();
  if (derivations_ && !derivations_->turned()) {
    derivations_->turn(firings_);
    for (std::size_t i = 0; i < indexes_.size(); ++i) indexes_[i].catch_up(relations_[updates_->indexes[i].relation]);
  }
  return std::vector<Demand>{};
}

constexpr double kLeast_s = 0.001;  // an update may take, however fast a fresh run is

bool Evaluation::can_update() const {
  if (derivations_) return true;
  return sets_ && updates_ && !copies_facts(plan_);
}

Result<bool> Evaluation::update(std::span<const Change> changes) {
  updated_in_place_ = false;
  if (!can_update() || !finished_) return false;
  if (derivations_) return update_rows(changes);
  std::vector<SetChange> list;
  for (const Change& c : changes) {
    if (c.table->types.empty() && c.table->rows() > 0) list.push_back({c.relation, c.insert, {}});
    for (std::size_t i = 0; i < c.table->rows() && !c.table->types.empty(); ++i)
      list.push_back({c.relation, c.insert, c.table->row(i)});
  }
  std::fill(has_rows_.begin(), has_rows_.end(), false);
  deadline_ = {};
  start_clock();
  finished_ = false;
  SetUpdate update(
      *sets_, [this](std::uint32_t number) { return run_aggregate(number); }, options_.update_share >= 0);
  // After one that was given up nothing is known of rounds: this one starts over, and keeps them for the next.
  const bool attempt = sets_->can_update();
  if (!attempt) update.change(list);
  const double share = options_.update_share;
  if (share >= 0) give_up_ = cpu_s() + (share > 0 ? std::max(run_s_ * share, kLeast_s) : 0.0);
  Status done = attempt ? update.run(list) : Status(Error{kGivenUp, {}, "", "", ""});
  give_up_.reset();
  updated_in_place_ = done.ok();
  if (!done.ok() && done.error().code != kGivenUp) return done.error();
  if (!done.ok()) {
    sets_->forget_derived(!attempt);
    stratum_ = 0;
    if (auto fresh = advance(); !fresh) return fresh.error();
  }
  finished_ = true;
  return true;
}

// What was killed stays in its place: with more of it than of what lives, a fresh start is the cheaper.
Result<bool> Evaluation::update_rows(std::span<const Change> changes) {
  constexpr std::size_t kFew = 1024;
  const std::size_t killed = derivations_->killed();
  if ((tags_ && tags_->worn()) || killed > std::max(kFew, firings_.size() / 2)) return false;
  deadline_ = {};
  start_clock();
  if (Status done = RowUpdate(*this, *updates_).run(changes); !done.ok()) {
    reset();
    return done.error();
  }
  return updated_in_place_ = true;
}

Status Evaluation::supply(std::uint32_t n, std::span<const Cell> inputs, const Perception& perception) {
  const lang::Network& network = plan_.program->networks[n];
  if (open_ > 0) --open_;
  std::vector<Cell> row(inputs.begin(), inputs.end());
  row.push_back(0);
  if (!perception.refusal.empty()) {
    if (network.refusal == lang::kNone) return {};
    row.back() = symbols_.intern(perception.refusal);
    const auto [at, fresh] = relations_[network.refusal].insert(row);
    relations_[network.refusal].set_certain(at);
    return {};
  }
  if (network.labels.empty()) return supply_tuples(n, inputs, perception);
  if (perception.probabilities.size() != network.labels.size())
    return Error{"label-count", network.place,
                 "network `" + network.name + "` answered " + std::to_string(perception.probabilities.size()) +
                     " probabilities for " + std::to_string(network.labels.size()) + " labels",
                 "give the labels of the program and of the network file in one order", ""};
  const auto& p = perception.probabilities;
  const auto likeliest = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  const std::uint32_t group = inputs_.new_group();
  for (std::size_t l = 0; l < p.size(); ++l) {
    // Plain sets know no degrees: there a network says its likeliest label.
    if (has_tags() ? p[l] <= 0.0 : l != likeliest) continue;
    row.back() = symbols_.intern(network.labels[l]);
    const auto [at, fresh] = relations_[network.relation].insert(row);
    const bool certain = !has_tags() || p[l] >= 1.0;
    if (certain) relations_[network.relation].set_certain(at);
    if (certain && !options_.proofs) continue;
    const provenance::Member m = certain ? kNone : inputs_.add(p[l], group, content_key(network.relation, row));
    firings_.attach(relations_[network.relation], at, firings_.add(FiringKind::perceived, n, {}, m));
  }
  return {};
}

// Alike to facts that are given with the record: each its own event. Plain sets take what was said at all.
Status Evaluation::supply_tuples(std::uint32_t n, std::span<const Cell> inputs, const Perception& perception) {
  const lang::Network& network = plan_.program->networks[n];
  Relation& relation = relations_[network.relation];
  for (const Perception::Tuple& tuple : perception.tuples) {
    std::vector<Cell> row(inputs.begin(), inputs.end());
    row.insert(row.end(), tuple.values.begin(), tuple.values.end());
    if (row.size() != plan_.relations[network.relation].types.size())
      return Error{"label-count", network.place, "network `" + network.name + "` answered a tuple of another width", "",
                   ""};
    if (has_tags() && !(tuple.probability > 0.0)) continue;
    const auto [at, fresh] = relation.insert(row);
    const bool certain = !has_tags() || tuple.probability >= 1.0;
    if (certain) relation.set_certain(at);
    if (certain && !options_.proofs) continue;
    const provenance::Member m =
        certain ? kNone : inputs_.add(tuple.probability, inputs_.new_group(), content_key(network.relation, row));
    firings_.attach(relation, at, firings_.add(FiringKind::perceived, n, {}, m));
  }
  return {};
}

provenance::Member Evaluation::supply_open(std::uint32_t n, std::span<const Cell> inputs) {
  const lang::Network& network = plan_.program->networks[n];
  if (open_ > 0) --open_;
  std::vector<Cell> row(inputs.begin(), inputs.end());
  row.push_back(0);
  const std::uint32_t group = inputs_.new_group();
  const double share = 1.0 / static_cast<double>(network.labels.size());
  const auto first = static_cast<provenance::Member>(inputs_.probability.size());
  for (const std::string& label : network.labels) {
    row.back() = symbols_.intern(label);
    const Row at = relations_[network.relation].insert(row).first;
    const provenance::Member m = inputs_.add(share, group, content_key(network.relation, row));
    firings_.attach(relations_[network.relation], at, firings_.add(FiringKind::perceived, n, {}, m));
  }
  return first;
}

void Evaluation::weigh(provenance::Member first, std::span<const double> probabilities) {
  std::copy(probabilities.begin(), probabilities.end(), inputs_.probability.begin() + first);
}

void Evaluation::trace(std::uint32_t rule, Row row, std::span<const Row> matched, bool event) {
  traced_.push_back({rule, row, traced_rows_.size(), event});
  traced_rows_.insert(traced_rows_.end(), matched.begin(), matched.end());
}

Status Evaluation::not_interrupted() const {
  if (!options_.stop || !*options_.stop) return {};
  return Error{"interrupted", {}, "interrupted", "", ""};
}

Status Evaluation::within_time() const {
  if (Status s = not_interrupted(); !s.ok()) return s;
  if (options_.timeout_s <= 0 || std::chrono::steady_clock::now() <= deadline_) return {};
  return Error{"timeout",
               {},
               "the time limit of " + number_text(options_.timeout_s) + " s was reached",
               "raise --timeout, or ask for less",
               ""};
}

Status Evaluation::check_limits() {
  if (Status s = within_time(); !s.ok()) return s;
  if (options_.memory_bytes == 0) return {};
  std::size_t bytes = firings_.bytes() + (derivations_ ? derivations_->bytes() : 0) +
                      traced_.capacity() * sizeof(TracedFiring) + traced_rows_.capacity() * sizeof(Row);
  for (const Relation& r : relations_) bytes += r.bytes();
  return within_memory(bytes);
}

Status Evaluation::within_memory(std::size_t bytes) const {
  if (options_.memory_bytes == 0 || bytes <= options_.memory_bytes) return {};
  return Error{"memory",
               {},
               "the memory limit of " + std::to_string(options_.memory_bytes >> 20) + " MiB was reached",
               "raise --memory, or ask for less; arithmetic in a recursive rule may never end",
               ""};
}

void Evaluation::reset() {
  for (std::size_t r = 0; r < relations_.size(); ++r)
    if (relations_[r].size() > 0) relations_[r].clear();
  for (Index& index : indexes_) index.clear();
  if (sets_) make_sets();
  firings_.clear();
  if (derivations_) derivations_->clear();
  inputs_.clear();
  event_origins_.clear();
  if (tags_) tags_->clear();
  events_.clear();
  traced_.clear();
  traced_rows_.clear();
  given_.clear();
  given_done_ = false;
  finished_ = false;
  stratum_ = 0;
  in_stratum_ = false;
  std::fill(high_.begin(), high_.end(), kNone);
  std::fill(asked_.begin(), asked_.end(), 0);
  computed_.clear();
  open_ = 0;
  deadline_ = {};
  inherit();
}

double Evaluation::probability(RelationId r, Row row) const {
  if (!tags_ || relation(r).certain(row)) return costs_ ? 0.0 : 1.0;
  return tags_->probability(r, row);
}

bool Evaluation::holds(RelationId r, Row row) const {
  if (derivations_ && !relation(r).there(row)) return false;
  return !tags_ || relation(r).certain(row) || tags_->holds(r, row);
}

std::vector<std::pair<provenance::Member, double>> Evaluation::gradient(RelationId r, Row row) const {
  if (!tags_ || relation(r).certain(row)) return {};
  return tags_->gradient(r, row);
}

std::pair<double, double> Evaluation::interval(RelationId r, Row row) const {
  if (!tags_ || relation(r).certain(row)) return {probability(r, row), probability(r, row)};
  return tags_->interval(r, row);
}

bool Evaluation::complete(RelationId r) const {
  if (shared(r)) return true;
  for (std::size_t s = 0; s < plan_.strata.size(); ++s) {
    const auto& relations = plan_.strata[s].relations;
    if (std::find(relations.begin(), relations.end(), r) != relations.end())
      return s < stratum_ || (base_ && base_->done_[s]);
  }
  return true;
}

std::vector<std::string> Evaluation::warnings() const { return tags_ ? tags_->warnings() : std::vector<std::string>(); }

bool Evaluation::cut() const { return tags_ && tags_->cut(); }

std::uint64_t Evaluation::tuples() const {
  std::uint64_t n = 0;
  for (RelationId r = 0; r < relations_.size(); ++r) {
    n += sets_ ? sets_->size(r) : relations_[r].size();
    for (Row row = 0; derivations_ && row < relations_[r].size(); ++row) n -= !relations_[r].there(row);
  }
  return n;
}

}  // namespace tenfold::engine
