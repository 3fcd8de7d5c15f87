#include "answer/bounds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "base/value_order.h"

namespace tenfold::answer {

using engine::kNone;
using engine::RelationId;
using provenance::Interval;
using provenance::Reading;

namespace {

// Inputs of one record; a question that opens more is not bounded. Under `unit` a network may end what goes on for
// ever if every label is possible.
constexpr std::size_t kMostInputs = 20'000;
constexpr std::size_t kMostBytes = std::size_t{1} << 28;  // of relations and firings, in the same place
// Steps that looking one call ahead may take; beyond, inputs are taken by how many answers hang on them.
constexpr std::size_t kMostSteps = 4'000'000;
// From so many calls on a batch is as large as a half of what was asked: at most a third is asked in vain.
constexpr std::size_t kAlone = 4;
constexpr double kNoWorth = 1e-9;  // more than the rounding of a sum of intervals

std::optional<Reading> reading(std::string_view provenance) {
  if (provenance == "exact") return Reading::probability;
  if (provenance == "unit") return Reading::likeliest;
  if (provenance == "minmaxprob") return Reading::min_max;
  return std::nullopt;
}

engine::Options open_options(const Program::Parts& parts) {
  engine::Options options = parts.engine;
  options.open = true;
  options.sets = false;
  options.threads = 1;
  if (options.memory_bytes == 0 || options.memory_bytes > kMostBytes) options.memory_bytes = kMostBytes;
  return options;
}

}  // namespace

bool has_networks(const Program::Parts& parts) {
  return std::any_of(parts.networks.begin(), parts.networks.end(), [](const auto& n) { return !n->adapter(); });
}

bool could_spare(const Program::Parts& parts) {
  return has_networks(parts) && decides(parts.settings) && !parts.settings.without.contains("bounds");
}

std::string why_no_bounds(const Program::Parts& parts) {
  if (!reading(parts.engine.provenance))
    return "under `" + parts.engine.provenance + "` stopping early is not proved to keep the decision";
  if (parts.settings.updates) return "facts come and go between answers";
  for (const lang::Network& network : parts.language.networks)
    if (network.labels.empty() && !network.reads_media())
      return "what the network `" + network.name + "` may say is not one of some labels";
  const std::vector<bool> hangs = engine::hang_on_networks(parts.plan);
  for (const plan::Stratum& stratum : parts.plan.strata)
    for (std::uint32_t a : stratum.aggregates) {
      const lang::Aggregate& aggregate = parts.language.aggregates[a];
      if (hangs[aggregate.result]) return "the aggregate `" + aggregate.text + "` hangs on what a network says";
    }
  for (const plan::PlanRule& rule : parts.plan.rules)
    for (const plan::PlanLiteral& l : rule.body)
      for (const lang::Network& network : parts.language.networks)
        if (network.refusal != lang::kNone && l.literal.kind != lang::LiteralKind::constraint &&
            l.literal.relation == network.refusal)
          return "rules read what `" + network.name + "` refuses";
  for (const lang::Query& query : parts.queries)
    for (const lang::Network& network : parts.language.networks)
      if (query.relation == network.refusal) return "the answers say what `" + network.name + "` refuses";
  return "";
}

Bounds::Bounds(const Program::Parts& parts, Symbols& symbols)
    : parts_(parts),
      symbols_(symbols),
      evaluation_(parts.plan, open_options(parts), symbols, parts.base.get()),
      asked_anyway_(evaluation_),
      bounds_(*reading(parts.engine.provenance)) {}

Result<bool> Bounds::begin(const Reads& reads) {
  inputs_.clear();
  rows_.clear();
  asked_ = 0;
  said_.clear();
  for (const lang::Network& network : parts_.language.networks) said_.emplace_back(network.labels.size(), 0.0);
  state_ = State::gave_up;
  while (true) {
    auto demands = evaluation_.advance();
    // What a limit stops here need not stop a run that knows more.
    if (!demands && engine::is_limit(demands.error())) return false;
    if (!demands) return demands.error();
    if (demands->empty()) break;
    for (const engine::Demand& demand : *demands)
      for (std::size_t i = 0; i < demand.rows(); ++i) {
        const auto row = std::span<const Cell>(demand.inputs).subspan(i * demand.arity, demand.arity);
        if (parts_.networks[demand.network]->adapter()) {
          auto read = reads(demand.network, row);
          if (!read) return read.error();
          if (!*read) return false;
          continue;
        }
        const provenance::Member first = evaluation_.supply_open(demand.network, row);
        inputs_.push_back({demand.network, {row.begin(), row.end()}, first, {}});
      }
    if (inputs_.size() > kMostInputs) return false;
  }
  // A value that an aggregate made of uncertain facts has a formula of its own.
  for (const plan::Stratum& stratum : parts_.plan.strata)
    for (std::uint32_t a : stratum.aggregates) {
      const engine::Relation& result = evaluation_.relation(parts_.language.aggregates[a].result);
      for (engine::Row r = 0; r < result.size(); ++r)
        if (!result.certain(r)) return false;
    }
  find_rows();
  start_lineage();
  state_ = State::asking;
  return true;
}

// In the order of answers, which tells equals apart.
void Bounds::find_rows() {
  candidates_.clear();
  std::uint32_t groups = 0;
  for (std::size_t q = 0; q < parts_.queries.size(); ++q) {
    const lang::Query& query = parts_.queries[q];
    const engine::Relation& relation = evaluation_.relation(query.relation);
    const auto& types = parts_.plan.relations[query.relation].types;
    const std::size_t from = rows_.size();
    for (engine::Row r = 0; r < relation.size(); ++r) {
      if (query.fits(relation.row(r))) rows_.push_back({q, r, 0.0, 1.0, std::nullopt});
    }
    std::sort(rows_.begin() + static_cast<std::ptrdiff_t>(from), rows_.end(), [&](const Row& a, const Row& b) {
      return compare(relation.row(a.row), relation.row(b.row), types, symbols_) < 0;
    });
    for (std::size_t i = from; i < rows_.size(); ++i) {
      Candidate& c = candidates_.emplace_back();
      c.relation = &parts_.queries[q].name;
      if (i == from || !rivals(relation.row(rows_[i - 1].row), relation.row(rows_[i].row))) ++groups;
      c.group = groups;
      c.known = relation.certain(rows_[i].row);
      if (c.known) c.low = c.high = 1.0;
    }
  }
}

void Bounds::start_lineage() {
  std::vector<engine::TupleRef> roots;
  std::map<std::pair<RelationId, engine::Row>, std::uint32_t> known;
  root_of_row_.assign(rows_.size(), kNone);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const RelationId r = parts_.queries[rows_[i].query].relation;
    if (candidates_[i].known) continue;
    // Two queries may ask for one tuple.
    const auto [at, fresh] = known.try_emplace({r, rows_[i].row}, static_cast<std::uint32_t>(roots.size()));
    root_of_row_[i] = at->second;
    if (fresh) roots.push_back({r, rows_[i].row});
  }
  slice_.trace(evaluation_, roots, {});
  std::vector<std::uint32_t> numbers(roots.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  input_of_group_.assign(evaluation_.inputs().groups, kNone);
  for (std::uint32_t i = 0; i < inputs_.size(); ++i) input_of_group_[evaluation_.inputs().group[inputs_[i].first]] = i;
  bounds_.start(&slice_.lineage(), &evaluation_.inputs(), std::move(numbers));
}

void Bounds::learn(std::size_t number, const std::vector<double>& probabilities) {
  engine::OpenInput& input = inputs_[number];
  // Open inputs are taken to have one of their labels.
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  if (std::abs(sum - 1.0) > provenance::Diagrams::kNothing) state_ = State::gave_up;
  input.seen = probabilities;
  if (parts_.engine.provenance == "unit") {
    const auto likeliest = std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    input.seen.assign(probabilities.size(), 0.0);
    input.seen[static_cast<std::size_t>(likeliest)] = 1.0;
  }
  evaluation_.weigh(input.first, input.seen);
  for (std::size_t l = 0; l < probabilities.size(); ++l) said_[input.network][l] += input.seen[l];
  ++asked_;
}

std::vector<Verdict> Bounds::verdicts(const std::vector<Interval>& roots) const {
  std::vector<Candidate> now = candidates_;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (root_of_row_[i] != kNone) std::tie(now[i].low, now[i].high) = roots[root_of_row_[i]];
  return judge(parts_.settings, now, bounds_.margin());
}

// How much is open of what is not decided: what calls are to bring down.
double Bounds::undecided(const std::vector<Interval>& roots) const {
  const auto all = verdicts(roots);
  double sum = 0.0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].fixed && root_of_row_[i] != kNone) sum += roots[root_of_row_[i]].second - roots[root_of_row_[i]].first;
  return sum;
}

// How likely a network is to say a label: as it did for this record so far, with one call's worth of doubt.
double Bounds::expected(std::uint32_t network, std::size_t label) const {
  const auto& said = said_[network];
  const double all = std::accumulate(said.begin(), said.end(), 0.0);
  return (said[label] + 1.0 / static_cast<double>(said.size())) / (all + 1.0);
}

double Bounds::worth(std::size_t number, double now) {
  const engine::OpenInput& input = inputs_[number];
  std::vector<Interval> then;
  double left = 0.0;
  for (std::size_t l = 0; l < said_[input.network].size(); ++l) {
    bounds_.intervals_if(input.first + static_cast<provenance::Member>(l), then);
    left += expected(input.network, l) * undecided(then);
  }
  return now - left;
}

// Proofs are of what holds: a tuple that is decided to be false has none.
bool Bounds::proves(std::size_t row) const {
  const Settings& settings = parts_.settings;
  if (!settings.proofs || !rows_[row].decision.value_or(true)) return false;
  return settings.decide.empty() || settings.decide == *candidates_[row].relation;
}

std::vector<std::size_t> Bounds::next() {
  if (state_ != State::asking) return {};
  std::vector<bool> open(evaluation_.inputs().groups, false);
  for (const engine::OpenInput& input : inputs_)
    if (input.open()) open[evaluation_.inputs().group[input.first]] = true;
  bounds_.set_open(std::move(open));
  state_ = State::gave_up;
  if (!bounds_.intervals(intervals_)) return {};
  const std::vector<Verdict> all = verdicts(intervals_);
  // Which open inputs undecided answers hang on, how many, and whether some answer hangs on nothing else.
  std::vector<std::uint32_t> hanging(inputs_.size(), 0);
  std::vector<bool> needed(inputs_.size(), false);
  bool decided = true;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    rows_[i].decision = all[i].decision;
    rows_[i].low = candidates_[i].low;
    rows_[i].high = candidates_[i].high;
    if (root_of_row_[i] != kNone) std::tie(rows_[i].low, rows_[i].high) = intervals_[root_of_row_[i]];
    // A proof may name what no decision needs: where one is wanted, all that is demanded is asked.
    if (all[i].fixed && proves(i)) return {};
    if (all[i].fixed) continue;
    decided = false;
    if (root_of_row_[i] == kNone) continue;
    const auto groups = bounds_.open_groups(root_of_row_[i]);
    // What is wanted to the end needs all that it hangs on.
    const bool to_the_end = !decides(parts_.settings, *candidates_[i].relation);
    for (std::uint32_t group : groups) {
      const std::uint32_t input = input_of_group_[group];
      ++hanging[input];
      if (to_the_end || (groups.size() == 1 && parts_.settings.winners == 0)) needed[input] = true;
    }
  }
  if (decided) {
    state_ = State::decided;
    return {};
  }
  const std::vector<bool> asked = asked_anyway_.of(inputs_);
  struct Choice {
    std::size_t input;
    double value;
    std::uint32_t hanging;
  };
  std::vector<Choice> choices;
  std::size_t steps = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    if (inputs_[i].open() && asked[i] && hanging[i] > 0) {
      choices.push_back({i, 0.0, hanging[i]});
      steps += bounds_.size() * said_[inputs_[i].network].size();
    }
  // Nothing that could be asked bears on what is open: the rest is for a run that sees everything.
  if (choices.empty()) return {};
  state_ = State::asking;
  const double now = steps <= kMostSteps && choices.size() > 1 ? undecided(intervals_) : 0.0;
  for (Choice& c : choices) {
    const double flops = std::max(1.0, parts_.costs[inputs_[c.input].network]);
    if (steps <= kMostSteps && choices.size() > 1) c.value = worth(c.input, now) / flops;
    // Two calls may only say something together.
    if (c.value * flops <= kNoWorth) c.value = -flops / c.hanging;
  }
  std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) { return a.value > b.value; });
  const std::size_t many = asked_ < kAlone ? 1 : asked_ / 2;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (i < many || needed[choices[i].input]) out.push_back(choices[i].input);
  return out;
}

}  // namespace tenfold::answer
