#include "answer/session_state.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>
#include <utility>

#include "answer/receipt.h"
#include "answer/typed_answer.h"
#include "base/value_order.h"
#include "proof/aggregate.h"
#include "proof/proof.h"

namespace tenfold {

using engine::RelationId;
using engine::Row;

namespace {

// Refused inputs are taken to have each label in turn; past this many combinations the record is not decided at all.
constexpr std::size_t kMaxWorlds = 64;

// Some row fits both.
bool meets(const answer::Pattern& one, const answer::Pattern& other) {
  for (std::size_t c = 0; c < std::min(one.size(), other.size()); ++c)
    if (one[c] && other[c] && *one[c] != *other[c]) return false;
  return true;
}

double wall_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

Session::State::State(std::shared_ptr<const Program::Parts> shared)
    : parts_(std::move(shared)),
      symbols_(&parts_->language.symbols),
      evaluation_(parts_->plan, parts_->engine, symbols_, parts_->base.get()),
      usage_(parts_->networks.size()) {
  if (parts_->bounds) bounds_ = std::make_unique<answer::Bounds>(*parts_, symbols_);
}

void Session::State::forget_symbols() {
  symbols_.clear();
  seen_.clear();
}

Status Session::State::begin(std::vector<const FactTable*> tables) {
  settled_ = false;
  (void)changes_.take_new();
  tables_ = std::move(tables);
  for (const FactTable& table : own_) tables_.push_back(&table);
  seen_.clear();
  for (answer::Usage& usage : usage_) usage.clear();
  cpu_start_ = answer::thread_cpu_s();
  wall_start_ = wall_now();
  if (!(bounding_ = bounds_ != nullptr)) return restart(evaluation_, engine::kNone);
  if (Status s = restart(bounds_->evaluation(), engine::kNone); !s.ok()) return s;
  auto on = bounds_->begin(
      [this](std::uint32_t network, std::span<const Cell> inputs) { return read_medium(network, inputs); });
  if (!on) return on.error();
  return *on ? Status() : run_on();
}

// The lever gives up: all that is demanded is asked, what is known already from memory.
Status Session::State::run_on() {
  bounding_ = false;
  return restart(evaluation_, engine::kNone);
}

// Without a base: all that is stated, as changed so far.
Status Session::State::add_all() {
  Status added =
      evaluation_.add_program_facts([&](const lang::Fact& fact) { return changes_.erased(fact.relation, fact.row); });
  changes_.each(parts_->tables, [&](RelationId relation, const FactTable& table) {
    if (added.ok() && table.rows() > 0) added = evaluation_.add(relation, table);
  });
  return added;
}

void Session::State::change(std::uint32_t relation, bool insert, FactTable table) {
  changes_.add(relation, insert, std::move(table));
}

Result<bool> Session::State::settle() {
  cpu_start_ = answer::thread_cpu_s();
  wall_start_ = wall_now();
  if (!parts_->settings.updates) return false;
  if (settled_ && !changes_.has_new()) return true;
  if (!std::exchange(settled_, false)) return false;
  auto done = evaluation_.update(changes_.take_new());
  if (!done) return done.error();
  return settled_ = *done;
}

Status Session::State::evaluate() {
  auto settled = settle();
  if (!settled) return settled.error();
  if (*settled) return {};
  if (Status s = begin({}); !s.ok()) return s;
  while (true) {
    auto asked = advance();
    if (!asked) return asked.error();
    if (asked->empty()) return {};
    if (Status s = answer_now(*asked); !s.ok()) return s;
  }
}

// Facts into a clean evaluation, those of one origin left out.
Status Session::State::restart(engine::Evaluation& evaluation, SymbolId without) {
  evaluation.reset();
  if (parts_->settings.updates)
    if (Status s = add_all(); !s.ok()) return s;
  for (const FactTable* table : tables_) {
    const RelationId relation = parts_->language.find(table->relation);
    if (relation == lang::kNone || table->rows() == 0) continue;
    if (without == engine::kNone) {
      if (Status s = evaluation.add(relation, *table); !s.ok()) return s;
      continue;
    }
    FactTable kept{table->relation, table->types, {}, {}, {}};
    for (std::size_t i = 0; i < table->rows(); ++i) {
      if (table->origins[i] == without) continue;
      kept.add(table->row(i), table->origins[i]);
      if (!table->probabilities.empty()) kept.probabilities.push_back(table->probabilities[i]);
    }
    if (Status s = evaluation.add(relation, kept); !s.ok()) return s;
  }
  return {};
}

std::string Session::State::key_of(std::uint32_t network, std::span<const Cell> inputs) const {
  const auto& types = parts_->plan.relations[parts_->language.networks[network].relation].types;
  std::string key;
  for (std::size_t c = 0; c < inputs.size(); ++c) key += (c ? "\x1f" : "") + plain(inputs[c], types[c], symbols_);
  return key;
}

Result<std::vector<Session::State::Asked>> Session::State::next_by_bounds() {
  std::vector<Asked> out;
  bounded_.clear();
  for (const std::size_t number : bounds_->next()) {
    const engine::OpenInput& input = bounds_->inputs()[number];
    out.push_back({input.network, input.inputs, key_of(input.network, input.inputs)});
    bounded_[{input.network, input.inputs}] = number;
  }
  settled_ = bounds_->state() == answer::Bounds::State::decided;
  if (bounds_->state() == answer::Bounds::State::gave_up)
    if (Status s = run_on(); !s.ok()) return s.error();
  return out;
}

Result<std::vector<Session::State::Asked>> Session::State::advance() {
  if (bounding_) {
    auto open = next_by_bounds();
    if (bounding_ || !open) return open;
  }
  bounded_.clear();
  while (true) {
    auto demands = evaluation_.advance();
    if (!demands) return demands.error();
    std::vector<Asked> open;
    for (const engine::Demand& demand : *demands) {
      for (std::size_t i = 0; i < demand.rows(); ++i) {
        std::vector<Cell> inputs(demand.inputs.begin() + static_cast<std::ptrdiff_t>(i * demand.arity),
                                 demand.inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * demand.arity));
        if (seen_.contains({demand.network, inputs})) {
          if (Status s = give(demand.network, inputs, {}); !s.ok()) return s.error();
          continue;
        }
        std::string key = key_of(demand.network, inputs);
        open.push_back({demand.network, std::move(inputs), std::move(key)});
      }
    }
    settled_ = demands->empty();
    if (!open.empty() || demands->empty()) return open;
  }
}

Status Session::State::supply(const Asked& asked, answer::Seen seen) {
  usage_[asked.network].count(seen);
  read_tuples(asked.network, seen);
  seen_[{asked.network, asked.inputs}] = std::move(seen);
  return learn(asked);
}

// An input that a network refuses has worlds, and those are looked at in a run that sees everything.
Status Session::State::learn(const Asked& asked) {
  const Key key{asked.network, asked.inputs};
  const auto number = bounded_.find(key);
  if (number == bounded_.end()) return give(asked.network, asked.inputs, {});
  const answer::Seen& seen = seen_.at(key);
  if (seen.refusal.empty() && bounding_)
    bounds_->learn(number->second, seen.probabilities);
  else if (bounding_)
    return run_on();
  return {};
}

// What does not fit the columns is no answer, and never half of one.
void Session::State::read_tuples(std::uint32_t network, answer::Seen& seen) {
  if (!seen.refusal.empty()) return;
  if (parts_->networks[network]->adapter()) return read_facts(network, seen);
  if (auto said = answer::tuples(parts_->language, network, seen.records, symbols_)) {
    seen.tuples = std::move(*said);
    return;
  }
  seen.refusal = "not-an-answer";
  seen.detail = parts_->language.networks[network].name + " said what its columns cannot hold";
}

void Session::State::read_facts(std::uint32_t network, answer::Seen& seen) {
  const lang::Network& of = parts_->language.networks[network];
  const auto types = std::span(parts_->plan.relations[of.relation].types).subspan(of.inputs);
  for (const media::MediaFact& fact : seen.reading.facts) {
    auto values = answer::cells(fact, types, symbols_);
    if (!values) {
      seen.refusal = "unreadable";
      seen.detail = "the adapter " + of.adapter + " gave what the columns of " + of.name + " cannot hold";
      seen.tuples.clear();
      return;
    }
    seen.tuples.push_back({std::move(*values), 1.0});
  }
}

// Into the evaluation of bounds.
Result<bool> Session::State::read_medium(std::uint32_t network, std::span<const Cell> inputs) {
  const Key key{network, {inputs.begin(), inputs.end()}};
  if (!seen_.contains(key))
    if (Status s = see({{network, key.second, key_of(network, inputs)}}); !s.ok()) return s.error();
  const answer::Seen& seen = seen_.at(key);
  if (!seen.refusal.empty()) return false;
  if (Status s = bounds_->evaluation().supply(network, inputs, {{}, "", seen.tuples}); !s.ok()) return s.error();
  return true;
}

Status Session::State::give(std::uint32_t network, std::span<const Cell> inputs, const World& world) {
  const Key key{network, {inputs.begin(), inputs.end()}};
  const answer::Seen& seen = seen_.at(key);
  engine::Perception perception{seen.probabilities, seen.refusal, seen.tuples};
  if (const auto taken = world.find(key); taken != world.end()) {
    perception.probabilities.assign(parts_->language.networks[network].labels.size(), 0.0);
    perception.probabilities[taken->second] = 1.0;
    perception.refusal.clear();
    // The refusal itself stays a fact in every world.
    if (Status s = evaluation_.supply(network, inputs, {{}, seen.refusal}); !s.ok()) return s;
  }
  return evaluation_.supply(network, inputs, perception);
}

Status Session::State::answer_now(const std::vector<Asked>& asked) {
  if (Status s = see(asked); !s.ok()) return s;
  for (const Asked& a : asked)
    if (Status s = learn(a); !s.ok()) return s;
  return {};
}

Status Session::State::see(const std::vector<Asked>& asked) {
  for (std::uint32_t n = 0; n < parts_->networks.size(); ++n) {
    std::vector<std::string> keys;
    std::vector<const Asked*> mine;
    for (const Asked& a : asked)
      if (a.network == n) {
        keys.push_back(a.key);
        mine.push_back(&a);
      }
    if (keys.empty()) continue;
    auto seen = parts_->networks[n]->see(keys);
    if (!seen) return seen.error();
    for (std::size_t i = 0; i < mine.size(); ++i) {
      usage_[n].count((*seen)[i]);
      read_tuples(n, (*seen)[i]);
      seen_[{n, mine[i]->inputs}] = std::move((*seen)[i]);
    }
  }
  return {};
}

// Another evaluation of the same record, in a world and without an origin. What networks said is known or asked at
// once.
Result<bool> Session::State::run_to_end(const World& world, SymbolId without) {
  if (Status s = restart(evaluation_, without); !s.ok()) return s.error();
  while (true) {
    auto demands = evaluation_.advance();
    if (!demands) return demands.error();
    if (demands->empty()) return true;
    std::vector<Asked> unseen;
    const auto each = [&](auto&& visit) {
      for (const engine::Demand& demand : *demands)
        for (std::size_t i = 0; i < demand.rows(); ++i)
          visit(demand.network, std::span<const Cell>(demand.inputs).subspan(i * demand.arity, demand.arity));
    };
    each([&](std::uint32_t n, std::span<const Cell> inputs) {
      if (seen_.contains({n, {inputs.begin(), inputs.end()}})) return;
      unseen.push_back({n, {inputs.begin(), inputs.end()}, key_of(n, inputs)});
    });
    if (Status s = see(unseen); !s.ok()) return s.error();
    Status given;
    each([&](std::uint32_t n, std::span<const Cell> inputs) {
      if (given.ok()) given = give(n, inputs, world);
    });
    if (!given.ok()) return given.error();
  }
}

std::size_t Session::State::refused() const {
  return static_cast<std::size_t>(
      std::count_if(seen_.begin(), seen_.end(), [](const auto& seen) { return !seen.second.refusal.empty(); }));
}

// Inputs that may touch one answer belong together: their labels are taken in all combinations. Those that touch none
// in common do not, and have their worlds side by side.
Session::State::Refusals Session::State::refusals() const {
  Refusals out;
  for (const auto& [key, seen] : seen_)
    if (!seen.refusal.empty()) out.inputs.push_back(key);
  const answer::Touched touched(evaluation_, answer::narrowed(*parts_), out.inputs);
  std::vector<std::uint32_t> root(out.inputs.size());
  std::iota(root.begin(), root.end(), 0u);
  const auto root_of = [&](std::uint32_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (const lang::Query& query : parts_->queries) {
    const bool rivals = parts_->settings.winners > 0 && answer::decides(parts_->settings, query.name);
    out.touched.emplace_back(touched.of(query.relation), parts_->plan.relations[query.relation].types.size(), rivals);
    out.touched.back().connect([&](std::uint32_t a, std::uint32_t b) { root[root_of(a)] = root_of(b); });
    out.stays.push_back(!rivals && touched.only_grows(query.relation));
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
  for (std::uint32_t i = 0; i < root.size(); ++i) groups[root_of(i)].push_back(i);
  out.open.assign(out.inputs.size(), false);
  // What orders or weighs by how likely rows are is more than one of the worlds.
  for (const lang::Aggregate& a : parts_->language.aggregates)
    if (proof::weighs(a) || proof::looks_at_all(a))
      for (const auto& [_, reaching] : touched.of(a.result))
        for (std::uint32_t i : reaching) out.open[i] = true;
  for (auto& [_, group] : groups) {
    std::size_t worlds = 1;
    for (std::uint32_t i : group) {
      const std::size_t many = out.open[i] ? 0 : labels(out.inputs[i]);
      worlds = many == 0 ? kMaxWorlds + 1 : std::min(worlds * many, kMaxWorlds + 1);
    }
    if (worlds > kMaxWorlds) {
      for (std::uint32_t i : group) out.open[i] = true;
    } else {
      out.worlds = std::max(out.worlds, worlds);
      out.groups.push_back(std::move(group));
    }
  }
  return out;
}

bool Session::State::less(const Found& a, const Found& b) const {
  if (a.query != b.query) return a.query < b.query;
  const auto& types = parts_->plan.relations[parts_->queries[a.query].relation].types;
  return compare(a.row, b.row, types, symbols_) < 0;
}

// Where what a network said of an input came from.
answer::Perceived Session::State::perceived(std::uint32_t n, std::span<const Cell> row, const World& world) const {
  const auto inputs = row.first(parts_->language.networks[n].inputs);
  const Key key{n, {inputs.begin(), inputs.end()}};
  const auto seen = seen_.find(key);
  answer::Perceived by{parts_->language.networks[n].name, world.contains(key)};
  if (seen == seen_.end()) return by;
  if (parts_->networks[n]->adapter()) {
    const auto& tuples = seen->second.tuples;
    const auto same = std::find_if(tuples.begin(), tuples.end(), [&](const auto& tuple) {
      return std::equal(tuple.values.begin(), tuple.values.end(), row.begin() + inputs.size(), row.end());
    });
    if (same != tuples.end())
      by.origin = seen->second.reading.facts[static_cast<std::size_t>(same - tuples.begin())].place;
    return by;
  }
  by.origin += by.assumed ? " refused the input: " + seen->second.refusal
                          : (seen->second.stage.empty() ? "" : " " + seen->second.stage) +
                                (parts_->networks[n]->calibrated() ? ", calibrated" : ", not calibrated");
  return by;
}

// Merges what holds in the evaluation at hand: a tuple's probability ranges from its lowest to its highest world.
void Session::State::gather(std::vector<Found>& found, bool with_proofs, const World& world) {
  const answer::ProofOptions options{parts_->settings.proofs_count, parts_->settings.proofs_order};
  answer::ProofBuilder builder(
      evaluation_, symbols_, [&](std::uint32_t n, std::span<const Cell> row) { return perceived(n, row, world); },
      options);
  std::vector<Found> now;
  for (std::size_t q = 0; q < parts_->queries.size(); ++q) {
    const lang::Query& query = parts_->queries[q];
    if (!evaluation_.complete(query.relation)) continue;
    const engine::Relation& relation = evaluation_.relation(query.relation);
    const bool whole =
        std::none_of(query.pattern.begin(), query.pattern.end(), [](const auto& c) { return c.has_value(); });
    if (whole) now.reserve(now.size() + relation.size());
    for (Row r = 0; r < relation.size(); ++r) {
      const auto row = relation.row(r);
      if (!evaluation_.holds(query.relation, r) || !query.fits(row)) continue;
      const auto [low, high] = evaluation_.interval(query.relation, r);
      now.push_back({q, {row.begin(), row.end()}, low, high, 1, {}});
      const std::string& decide = parts_->settings.decide;
      if (with_proofs && (decide.empty() || decide == query.name)) now.back().proofs = builder.prove(query.relation, r);
    }
  }
  // Rows are moved once, not as often as they are compared.
  std::vector<std::uint32_t> place(now.size());
  std::iota(place.begin(), place.end(), 0u);
  std::sort(place.begin(), place.end(), [&](std::uint32_t a, std::uint32_t b) { return less(now[a], now[b]); });
  std::vector<Found> sorted;
  sorted.reserve(now.size());
  for (std::uint32_t i : place) sorted.push_back(std::move(now[i]));
  now = std::move(sorted);
  if (found.empty()) {
    found = std::move(now);
    return;
  }
  std::vector<Found> merged;
  std::size_t i = 0, j = 0;
  while (i < found.size() || j < now.size()) {
    if (j == now.size() || (i < found.size() && less(found[i], now[j]))) {
      merged.push_back(std::move(found[i++]));
    } else if (i == found.size() || less(now[j], found[i])) {
      merged.push_back(std::move(now[j++]));
    } else {
      Found both = std::move(found[i++]);
      const Found& other = now[j++];
      if (other.high > both.high) both.proofs = other.proofs;
      both.low = std::min(both.low, other.low);
      both.high = std::max(both.high, other.high);
      ++both.worlds;
      merged.push_back(std::move(both));
    }
  }
  found = std::move(merged);
}

// P(answer) is linear in the distribution of each refused input, so its extremes lie where that input has one label.
// A world may ask of inputs that no other asked, and some of those may be refused too: then the worlds grow.
Result<Session::State::Refusals> Session::State::gather_worlds(std::vector<Found>& found, SymbolId without,
                                                               bool with_proofs) {
  if (refused() == 0) {
    gather(found, with_proofs, {});
    return Refusals{};
  }
  while (true) {
    Refusals refusals = this->refusals();
    found.clear();
    for (std::size_t w = 0; w < refusals.worlds; ++w) {
      World world;
      for (const std::vector<std::uint32_t>& group : refusals.groups) {
        std::size_t rest = w;  // a group with fewer goes through its own again
        for (std::uint32_t i : group) {
          const Key& input = refusals.inputs[i];
          world[input] = rest % labels(input);
          rest /= labels(input);
        }
      }
      if (!world.empty())
        if (auto ran = run_to_end(world, without); !ran) return ran.error();
      gather(found, with_proofs, world);
    }
    for (Found& f : found)
      if (f.worlds < refusals.worlds) f.low = 0.0;
    if (refused() == refusals.inputs.size()) return refusals;
    if (auto ran = run_to_end({}, without); !ran) return ran.error();
  }
}

void Session::State::gather_bounds(std::vector<Found>& found) {
  for (const answer::Bounds::Row& r : bounds_->rows()) {
    if (r.high <= 0.0) continue;
    const auto row = bounds_->evaluation().relation(parts_->queries[r.query].relation).row(r.row);
    found.push_back({r.query, {row.begin(), row.end()}, r.low, r.high, 1, {}, r.decision});
  }
}

Receipt Session::State::receipt() const {
  Receipt receipt;
  for (std::uint32_t n = 0; n < parts_->networks.size(); ++n)
    if (!parts_->networks[n]->adapter()) usage_[n].add_to(receipt, *parts_->networks[n], reach_[n]);
  std::set<std::pair<std::string_view, std::string_view>> met;  // adapter and file
  for (const auto& [key, seen] : seen_) {
    const media::Adapter* adapter = parts_->networks[key.first]->adapter();
    if (!adapter || !seen.refusal.empty()) continue;
    const media::MediaWork& work = seen.reading.work;
    const bool fresh = met.emplace(adapter->name, seen.reading.path).second;
    receipt.add(
        {std::string(adapter->name), std::string(work.unit), 1, fresh ? work.there : 0, work.decoded, work.seconds});
  }
  for (const auto& network : parts_->networks)
    if (const auto promise = network->guarantee()) {
      const neural::GuaranteeDescription& said = *network->description().guarantee;
      receipt.promises.push_back({network->name(), said.target, said.scope, promise->level.alpha,
                                  1.0 - promise->level.delta, promise->holds, promise->why});
    }
  return receipt;
}

Result<Answer> Session::State::finish() {
  Answer answer;
  const auto size = [&](RelationId r) -> std::uint64_t {
    return r == lang::kNone ? 0 : evaluation().relation(r).size();
  };
  reach_.clear();
  for (std::size_t n = 0; n < parts_->networks.size(); ++n) {
    const plan::NetworkPlan& network = parts_->plan.networks[n];
    const RelationId front = parts_->language.networks[n].front;
    const std::uint64_t asked = size(network.asked);
    // What its exact relation answered is what was asked of the two together and not of the network.
    std::uint64_t offered = asked;
    if (front != lang::kNone)
      offered =
          size(parts_->settings.without.contains("demand") ? network.domain : parts_->plan.relations[front].demand);
    const std::uint64_t offloaded = offered - std::min(asked, offered);
    reach_.push_back({.domain = size(network.domain),
                      .demanded = size(network.counted == lang::kNone ? network.asked : network.counted) + offloaded,
                      .ordered = asked + offloaded,
                      .offloaded = offloaded});
  }
  std::vector<Found> found;
  Refusals refusals;
  if (bounding_) {
    gather_bounds(found);
  } else {
    auto gathered = gather_worlds(found, engine::kNone, parts_->settings.proofs);
    if (!gathered) return gathered.error();
    refusals = std::move(*gathered);
  }
  if (Status s = evaluation_.not_interrupted(); !s.ok()) return s.error();
  fill_answer(found, refusals, answer);
  answer.warnings = evaluation().warnings();
  for (const auto& network : parts_->networks)
    if (const auto promise = network->guarantee(); promise && !promise->holds)
      answer.warnings.push_back("the guarantee of network " + network->name() + " is withdrawn: " + promise->why);
  if (parts_->settings.depends_on)
    if (Status s = find_dependencies(answer); !s.ok()) return s.error();
  answer::withdraw_conflicts(answer, parts_->settings.conflicts);
  answer.provenance = parts_->engine.provenance;
  answer.seed = parts_->engine.seed;
  answer.receipt = receipt();
  answer.receipt.cpu_s = answer::thread_cpu_s() - cpu_start_;
  answer.receipt.wall_s = wall_now() - wall_start_;
  answer.receipt.abstained = answer.abstained.size();
  return answer;
}

Result<Answer> Session::State::stopped(const Error& error) {
  // An input that was refused would be evaluated again in each of its worlds: there is no time for that.
  if (!engine::is_limit(error) || refused() > 0) return error;
  auto answer = finish();
  if (!answer) return error;
  answer->stopped = error;
  for (const lang::Query& query : parts_->queries)
    if (!evaluation_.complete(query.relation)) answer->unfinished.push_back(query.name);
  return answer;
}

AnswerTuple Session::State::tuple(const Found& found) const {
  AnswerTuple out;
  const lang::Query& query = parts_->queries[found.query];
  const auto& types = parts_->plan.relations[query.relation].types;
  out.relation = query.name;
  out.args.reserve(found.row.size());
  for (std::size_t c = 0; c < found.row.size(); ++c) {
    out.args.push_back(plain(found.row[c], types[c], symbols_));
    if (parts_->settings.literals) out.literals.push_back(literal(found.row[c], types[c], symbols_));
  }
  return out;
}

std::vector<answer::Refused> Session::State::said_of(const Refusals& refusals,
                                                     std::span<const std::uint32_t> inputs) const {
  std::vector<answer::Refused> out;
  for (std::uint32_t i : inputs) {
    const Key& key = refusals.inputs[i];
    const lang::Relation& relation = parts_->language.relations[parts_->language.networks[key.first].relation];
    std::vector<std::string> args;
    for (std::size_t c = 0; c < key.second.size(); ++c)
      args.push_back(plain(key.second[c], relation.columns[c].type, symbols_));
    out.push_back({proof::atom_text(relation.name, args), &seen_.at(key)});
  }
  return out;
}

// What each answer is decided to be; nothing where that is open or nobody asked.
std::vector<std::optional<bool>> Session::State::decide(const std::vector<Found>& found) const {
  std::vector<std::optional<bool>> out;
  if (bounding_) {
    for (const Found& f : found) out.push_back(f.decision);
    return out;
  }
  std::vector<answer::Candidate> candidates;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Found& f = found[i];
    const bool joins = i > 0 && f.query == found[i - 1].query && answer::rivals(f.row, found[i - 1].row);
    const std::uint32_t group = i == 0 ? 0 : candidates.back().group + (joins ? 0 : 1);
    candidates.push_back({&parts_->queries[f.query].name, group, f.low, f.high, true});
  }
  for (const answer::Verdict& v : answer::judge(parts_->settings, candidates, 0.0)) out.push_back(v.decision);
  return out;
}

void Session::State::fill_answer(std::vector<Found>& found, const Refusals& refusals, Answer& answer) {
  const Settings& settings = parts_->settings;
  answer.tuples.reserve(found.size());
  const auto any_open = [&](const auto& inputs) {
    return std::any_of(inputs.begin(), inputs.end(), [&](std::uint32_t i) { return refusals.open[i]; });
  };
  const std::vector<std::optional<bool>> decisions = decide(found);
  std::set<std::pair<std::size_t, answer::Pattern>> certain;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Found& f = found[i];
    const std::vector<std::uint32_t> touching =
        refusals.inputs.empty() ? std::vector<std::uint32_t>{} : refusals.touched[f.query].inputs(f.row);
    const bool stays = f.low >= 1.0 && !touching.empty() && refusals.stays[f.query];
    if (stays) certain.insert({f.query, {f.row.begin(), f.row.end()}});
    if (any_open(touching) && !stays) continue;  // said below
    AnswerTuple t = tuple(f);
    if (!f.proofs.list.empty()) {
      t.proof = std::move(f.proofs.list.front());
      t.more_proofs.assign(std::make_move_iterator(f.proofs.list.begin() + 1),
                           std::make_move_iterator(f.proofs.list.end()));
    }
    t.proofs_complete = f.proofs.complete;
    t.probability = f.low == f.high ? f.high : (f.low + f.high) / 2;
    if (!settings.abstain.empty() && t.relation == settings.abstain && t.args.size() >= 2) {
      const std::string detail = t.args.back();
      t.args.pop_back();
      const std::string reason = t.args.back();
      t.args.pop_back();
      if (!settings.decide.empty()) t.relation = settings.decide;
      answer.abstained.push_back(answer::abstention(std::move(t), reason, detail));
      continue;
    }
    const bool decides =
        (settings.threshold || settings.winners > 0) && answer::decides(settings, parts_->queries[f.query].name);
    const bool open = f.low != f.high;
    // Bounds alone are an answer; labels that a network refused to give are not.
    if (open && !touching.empty() && !(decides && decisions[i])) {
      answer.abstained.push_back(answer::abstention(std::move(t), said_of(refusals, touching)));
      continue;
    }
    if (open) t.interval = {f.low, f.high};
    if (decides) t.decision = decisions[i];
    if (decides && !t.decision) {
      answer.abstained.push_back(answer::abstention(
          std::move(t), "too-dear",
          "its probability is only known to lie from " + number_text(f.low) + " to " + number_text(f.high)));
      continue;
    }
    answer.tuples.push_back(std::move(t));
  }
  // Where worlds were not looked at, what is not there may only not be known: a value that could be any is "_".
  for (std::size_t q = 0; q < refusals.touched.size(); ++q) {
    const lang::Query& query = parts_->queries[q];
    const auto& types = parts_->plan.relations[query.relation].types;
    for (const auto& [pattern, all] : refusals.touched[q].widest()) {
      const std::vector<std::uint32_t> inputs(all.begin(), all.end());
      if (!any_open(inputs) || !meets(query.pattern, pattern)) continue;
      if (refusals.stays[q] && certain.contains({q, pattern})) continue;
      AnswerTuple some;
      some.relation = query.name;
      for (std::size_t c = 0; c < pattern.size(); ++c)
        some.args.push_back(pattern[c] ? plain(*pattern[c], types[c], symbols_) : "_");
      const std::vector<answer::Refused> said = said_of(refusals, inputs);
      const bool worlds =
          std::none_of(inputs.begin(), inputs.end(), [&](std::uint32_t i) { return labels(refusals.inputs[i]) == 0; });
      answer.abstained.push_back(
          inputs.size() > 1 && worlds
              ? answer::abstention(std::move(some), "too-many-refusals",
                                   std::to_string(inputs.size()) + " inputs were refused by networks",
                                   answer::evidence(said))
              : answer::abstention(std::move(some), said));
    }
  }
}

// An origin is one that an answer needs if the answer goes when every fact from there does. Evaluated, not guessed:
// taking away the newest value may bring an older one to the front.
Status Session::State::find_dependencies(Answer& answer) {
  std::set<std::string> all;
  for (const AnswerTuple& t : answer.tuples)
    if (t.proof && t.decision.value_or(true))
      for (std::string& origin : answer::origins(*t.proof))
        // What the answer is about needs no saying.
        if (std::find(t.args.begin(), t.args.end(), origin) == t.args.end()) all.insert(std::move(origin));
  for (const std::string& origin : all) {
    // Rows of tables are the program's, not the record's; what has no address cannot be taken away by anyone.
    const auto symbol = symbols_.find(origin);
    if (!symbol || *symbol < parts_->language.symbols.size() || origin.find('/') == std::string::npos) continue;
    std::vector<Found> left;
    if (auto ran = run_to_end({}, *symbol); !ran) return ran.error();
    auto refusals = gather_worlds(left, *symbol, false);
    if (!refusals) return refusals.error();
    Answer without;
    fill_answer(left, *refusals, without);
    for (AnswerTuple& t : answer.tuples) {
      if (!t.decision.value_or(true)) continue;
      const bool stays = std::any_of(without.tuples.begin(), without.tuples.end(), [&](const AnswerTuple& other) {
        return other.relation == t.relation && other.args == t.args && other.decision.value_or(true);
      });
      if (!stays) t.depends_on.push_back(origin);
    }
  }
  return {};
}

}  // namespace tenfold
