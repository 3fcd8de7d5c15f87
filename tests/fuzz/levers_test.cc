// The exact levers change nothing: random programs with stub networks through sessions, with every subset of them, and
// under thresholds at random. Same decisions as without, and as the reference says; calls never more. Then what
// `bounds` is worth: on small programs the smallest set of inputs that fixes every decision, and the policy that needs
// fewest calls on average, by brute force over all that networks may say. TENFOLD_FUZZ_RUNS programs (default below)
// from seed TENFOLD_FUZZ_SEED.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "answer/bounds.h"
#include "answer/session_state.h"
#include "fuzz/check.h"
#include "fuzz/lever_programs.h"
#include "fuzz/stub_session.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

constexpr const char* kLevers[] = {"demand", "order", "bounds", "offload", "reuse"};
constexpr unsigned kBounds = 4, kSubsets = 32;
constexpr double kNear = 1e-9;  // of a threshold, where the reference may round to the other side

using Decisions = std::map<std::pair<std::string, answers::Row>, bool>;

struct Outcome {
  Decisions decided;  // an answer that is not listed is decided to be false
  std::set<std::pair<std::string, answers::Row>> abstained;
  std::uint64_t calls = 0, again = 0;  // of the first question and of the same one asked again
  std::uint64_t spared = 0;            // by bounds, as the receipt says
  bool on = false;                     // bounds
};

Result<Outcome> run(const Source& source, const lang::Program& program, const Settings& settings) {
  std::map<std::string, neural::NetworkDescription> networks;
  for (const lang::Network& network : program.networks)
    networks[network.name] = neural::stub_network(
        network.name, network.labels, answers::table_text(source.networks.at(network.name), network.labels), 100.0);
  auto opened = open_stubs(text(source), std::move(networks), settings);
  if (!opened) return opened.error();
  auto answer = opened->session.ask();
  if (!answer) return answer.error();
  Outcome out;
  out.on = opened->parts->bounds;
  for (const AnswerTuple& t : answer->tuples)
    if (t.decision.value_or(false)) out.decided[{t.relation, t.args}] = true;
  for (const Abstention& a : answer->abstained) out.abstained.insert({a.relation, a.args});
  for (const NetworkUse& use : answer->receipt.networks) {
    out.calls += use.run + use.avoided.at("reuse");
    out.spared += use.avoided.at("bounds");
  }
  auto again = opened->session.ask();
  if (!again) return again.error();
  for (const NetworkUse& use : again->receipt.networks) out.again += use.run;
  return out;
}

// A tuple that one run abstains from, alone or with others ("_" stands for any value), may be decided by another that
// never met the refusal.
bool agree(const Outcome& full, const Outcome& spare) {
  const auto open = [&](const std::pair<std::string, answers::Row>& tuple) {
    return std::any_of(full.abstained.begin(), full.abstained.end(),
                       [&](const auto& a) { return a.first == tuple.first && takes_in(a.second, tuple.second); });
  };
  for (const auto& [tuple, yes] : full.decided)
    if (!spare.decided.contains(tuple)) return false;
  for (const auto& [tuple, yes] : spare.decided)
    if (!full.decided.contains(tuple) && !open(tuple)) return false;
  return std::all_of(spare.abstained.begin(), spare.abstained.end(), open);
}

std::string shown(const char* whose, const Outcome& outcome) {
  std::string out = std::string(whose) + ":";
  for (const auto& [tuple, yes] : outcome.decided) out += " " + tuple.first + answers::show(tuple.second, 1.0);
  for (const auto& tuple : outcome.abstained) out += " ?" + tuple.first + answers::show(tuple.second, 1.0);
  return out + "\n";
}

Settings settings_of(const std::string& provenance, unsigned on, double threshold, std::size_t winners = 0) {
  Settings settings;
  settings.provenance = provenance;
  if (winners > 0)
    settings.winners = winners;
  else
    settings.threshold = threshold;
  for (unsigned l = 0; l < std::size(kLevers); ++l)
    if (!(on >> l & 1u)) settings.without.insert(kLevers[l]);
  return settings;
}

struct Tally {
  std::uint64_t programs = 0, refused = 0, compared = 0, with_reference = 0, bounded = 0, saved = 0, more_with_both = 0;
  std::uint64_t calls = 0, calls_without = 0;
};

bool has_refusals(const Source& source) {
  for (const auto& [network, sayings] : source.networks)
    for (const auto& [row, saying] : sayings)
      if (!saying.refusal.empty()) return true;
  return false;
}

// Sums of what a table says are 1.
Source whole(Source source) {
  for (auto& [network, sayings] : source.networks)
    for (auto& [row, saying] : sayings) {
      double sum = 0.0;
      for (double p : saying.probabilities) sum += p;
      if (!saying.probabilities.empty()) saying.probabilities.back() += 1.0 - sum;
    }
  return source;
}

std::string reference_differs(const Source& source, const lang::Program& program, const std::string& provenance,
                              double threshold, const Outcome& outcome, Tally& tally) {
  if (has_refusals(source)) return "";
  const auto wanted = expected(source, program, provenance);
  if (!wanted) return "";
  ++tally.with_reference;
  for (const auto& [relation, table] : *wanted)
    for (const auto& [row, p] : table) {
      if (std::abs(p - threshold) < kNear) continue;
      if (outcome.decided.contains({relation, row}) != (p >= threshold))
        return "the reference gives " + relation + " " + answers::show(row, p) + "\n";
    }
  for (const auto& [tuple, yes] : outcome.decided)
    if (!wanted->contains(tuple.first) || !wanted->at(tuple.first).contains(tuple.second))
      return "the reference has no " + tuple.first + " " + answers::show(tuple.second, 0.0) + "\n";
  return "";
}

std::string check_levers(const Source& source, std::uint64_t seed, const std::string& provenance, Tally& tally) {
  const lang::Compiled compiled = lang::compile_text(text(source), "fuzz.scl");
  ++tally.programs;
  if (!compiled.ok()) {
    ++tally.refused;
    return "";
  }
  constexpr double kThresholds[] = {0.37, 0.5, 0.62, 0.07, 0.93};
  const double threshold = kThresholds[seed % std::size(kThresholds)];
  const std::size_t winners = seed % 7 == 3 ? 1 + seed % 2 : 0;
  std::vector<Outcome> outcomes;
  for (unsigned on = 0; on < kSubsets; ++on) {
    auto outcome = run(source, compiled.program, settings_of(provenance, on, threshold, winners));
    if (!outcome) return allowed(outcome.error()) ? "" : render(outcome.error());
    outcomes.push_back(std::move(*outcome));
  }
  const auto name = [&](unsigned on) {
    std::string out = provenance + " at " + (winners > 0 ? "top " + std::to_string(winners) : number_text(threshold));
    for (unsigned l = 0; l < std::size(kLevers); ++l) out += on >> l & 1u ? std::string(" ") + kLevers[l] : "";
    return out + ": ";
  };
  if (winners == 0)
    if (auto wrong = reference_differs(source, compiled.program, provenance, threshold, outcomes[kSubsets - 1], tally);
        !wrong.empty())
      return name(kSubsets - 1) + wrong;
  for (unsigned on = 0; on < kSubsets; ++on) {
    ++tally.compared;
    if (!agree(outcomes[0], outcomes[on]))
      return name(on) + "decides otherwise than without any lever\n" + shown("without", outcomes[0]) +
             shown("with", outcomes[on]);
    if (outcomes[on].calls > outcomes[0].calls) return name(on) + "asks more than without any lever\n";
    if (on >> 4 & 1u && outcomes[on].again > 0) return name(on) + "asks again what it was told\n";
    if (outcomes[on].spared > 0 && !(on & kBounds)) return name(on) + "spares by a lever that is off\n";
    for (unsigned l = 0; l < std::size(kLevers); ++l) {
      if (!(on >> l & 1u) || outcomes[on].calls <= outcomes[on & ~(1u << l)].calls) continue;
      // With bounds the other levers say what may be asked first, and luck what that decides.
      if (on & kBounds && 1u << l != kBounds)
        ++tally.more_with_both;
      else
        return name(on) + "asks more than without " + kLevers[l] + ": " + std::to_string(outcomes[on].calls) + " and " +
               std::to_string(outcomes[on & ~(1u << l)].calls) + "\n";
    }
  }
  const Outcome &all = outcomes[kSubsets - 1], &without = outcomes[(kSubsets - 1) & ~kBounds];
  tally.bounded += all.on && without.calls > 0;
  tally.saved += all.calls < without.calls;
  tally.calls += all.calls;
  tally.calls_without += without.calls;
  return "";
}

void report(const char* what, const Tally& t) {
  std::printf(
      "%s: %llu programs, %llu refused by lang, %llu runs compared, %llu programs with the reference, %llu with "
      "bounds on, %llu of them saved calls; %llu calls of %llu; %llu runs asked more with another lever on\n",
      what, static_cast<unsigned long long>(t.programs), static_cast<unsigned long long>(t.refused),
      static_cast<unsigned long long>(t.compared), static_cast<unsigned long long>(t.with_reference),
      static_cast<unsigned long long>(t.bounded), static_cast<unsigned long long>(t.saved),
      static_cast<unsigned long long>(t.calls), static_cast<unsigned long long>(t.calls_without),
      static_cast<unsigned long long>(t.more_with_both));
}

TEST(Levers, ChangeNoDecisionAndNeverAskMore) {
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0), runs = number_from("TENFOLD_FUZZ_RUNS", 120);
  // What cannot be bounded is run as it is.
  const char* const provenances[] = {"exact", "unit", "minmaxprob", "exact", "unit", "addmultprob", "topkproofs"};
  std::map<std::string, Tally> tallies;
  int left = 3;
  for (std::uint64_t seed = first; seed < first + runs && left > 0; ++seed) {
    const std::string provenance = provenances[seed % std::size(provenances)];
    const Source source = seed % 3 == 2 ? whole(generate(seed)) : lever_program(seed, seed % 2 == 1).source;
    const bool cuts = provenance == "topkproofs" || provenance == "addmultprob";
    Tally& tally = tallies[provenance];
    std::string wrong = check_levers(source, seed, provenance, tally);
    if (cuts) {
      EXPECT_EQ(tally.bounded, 0u) << "bounds under " << provenance;
    }
    if (wrong.empty() || (cuts && wrong.find("reference") != std::string::npos)) continue;
    --left;
    std::string tables;
    for (const auto& [name, sayings] : source.networks)
      for (const auto& [row, saying] : sayings) {
        tables += name + " " + row[0] + ":";
        for (double p : saying.probabilities) tables += " " + number_text(p);
        tables += " " + saying.refusal + "\n";
      }
    ADD_FAILURE() << "seed " << seed << ": " << wrong << text(source) << tables;
  }
  for (const auto& [provenance, tally] : tallies) report(provenance.c_str(), tally);
}

// ---- what bounds is worth

struct Input {
  std::size_t network;
  answers::Row row;
};

// Every answer's probability in every world of labels, and what follows from that for any set of inputs seen.
class Oracle {
 public:
  Oracle(const LeverProgram& program, const lang::Program& typed, std::vector<Input> inputs, bool unit,
         double threshold)
      : program_(program), typed_(typed), inputs_(std::move(inputs)), unit_(unit), threshold_(threshold) {}

  bool prepare() {
    worlds_ = 1;
    for (const Input& input : inputs_) worlds_ *= labels(input);
    for (std::size_t w = 0; w < worlds_; ++w) {
      Source source = program_.source;
      std::size_t rest = w;
      for (const Input& input : inputs_) {
        std::vector<double> one(labels(input), 0.0);
        one[rest % labels(input)] = 1.0;
        rest /= labels(input);
        source.networks[typed_.networks[input.network].name][input.row] = {one, ""};
      }
      const auto answers = expected(source, typed_, unit_ ? "unit" : "exact");
      if (!answers) return false;
      for (const auto& [relation, table] : *answers)
        for (const auto& [row, p] : table) {
          auto& column = tuples_[{relation, row}];
          column.resize(worlds_, 0.0);
          column[w] = p;
        }
    }
    return true;
  }

  using State = std::vector<std::vector<double>>;  // per input what was said; empty: unseen
  bool decided(const State& state) const {
    for (const auto& [tuple, column] : tuples_) {
      std::map<std::size_t, double> corners;
      for (std::size_t w = 0; w < worlds_; ++w) {
        double weight = 1.0;
        std::size_t rest = w, corner = 0, scale = 1;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
          const std::size_t label = rest % labels(inputs_[i]);
          rest /= labels(inputs_[i]);
          if (state[i].empty())
            corner += label * scale;
          else
            weight *= state[i][label];
          scale *= labels(inputs_[i]);
        }
        corners[corner] += weight * column[w];
      }
      double low = 1.0, high = 0.0;
      for (const auto& [corner, p] : corners) low = std::min(low, p), high = std::max(high, p);
      if (!(low >= threshold_ + kNear || high < threshold_ - kNear)) return false;
    }
    return true;
  }

  std::vector<double> said(std::size_t i) const {
    const Input& input = inputs_[i];
    return reading(program_.source.networks.at(typed_.networks[input.network].name).at(input.row).probabilities);
  }

  // The fewest inputs that fix every decision, for one who knows what they say.
  std::size_t certificate() const {
    std::size_t best = inputs_.size() + 1;
    for (unsigned mask = 0; mask < 1u << inputs_.size(); ++mask) {
      const auto many = static_cast<std::size_t>(__builtin_popcount(mask));
      if (many >= best) continue;
      State state(inputs_.size());
      for (std::size_t i = 0; i < inputs_.size(); ++i)
        if (mask >> i & 1u) state[i] = said(i);
      if (decided(state)) best = many;
    }
    return best;
  }

  // Calls of the policy that needs fewest on average over the prior, on what the networks really say.
  std::size_t optimal() {
    std::vector<int> state(inputs_.size(), -1);
    std::size_t calls = 0;
    while (true) {
      const auto [value, choice] = best(state);
      if (choice < 0 || calls == inputs_.size()) return calls;
      ++calls;
      const auto& all = prior(static_cast<std::size_t>(choice));
      const auto real = said(static_cast<std::size_t>(choice));
      state[static_cast<std::size_t>(choice)] = static_cast<int>(std::find(all.begin(), all.end(), real) - all.begin());
    }
  }

 private:
  std::size_t labels(const Input& input) const { return typed_.networks[input.network].labels.size(); }
  std::vector<double> reading(std::vector<double> p) const {
    if (!unit_) return p;
    const auto likeliest = std::max_element(p.begin(), p.end()) - p.begin();
    std::fill(p.begin(), p.end(), 0.0);
    p[static_cast<std::size_t>(likeliest)] = 1.0;
    return p;
  }
  const std::vector<std::vector<double>>& prior(std::size_t i) {
    auto& all = priors_[labels(inputs_[i])];
    if (all.empty())
      for (const auto& p : program_.prior.at(labels(inputs_[i]))) all.push_back(reading(p));
    return all;
  }
  std::pair<double, int> best(const std::vector<int>& state) {
    if (const auto at = known_.find(state); at != known_.end()) return at->second;
    State full;
    bool any = false;
    for (std::size_t i = 0; i < state.size(); ++i) {
      full.push_back(state[i] < 0 ? std::vector<double>() : prior(i)[static_cast<std::size_t>(state[i])]);
      any = any || state[i] < 0;
    }
    std::pair<double, int> found{0.0, -1};
    if (any && !decided(full)) {
      found.first = 1e9;
      for (std::size_t i = 0; i < state.size(); ++i) {
        if (state[i] >= 0) continue;
        double sum = 0.0;
        std::vector<int> then = state;
        for (std::size_t o = 0; o < prior(i).size(); ++o) {
          then[i] = static_cast<int>(o);
          sum += best(then).first;
        }
        const double value = 1.0 + sum / static_cast<double>(prior(i).size());
        if (value < found.first - 1e-12) found = {value, static_cast<int>(i)};
      }
    }
    return known_[state] = found;
  }

  const LeverProgram& program_;
  const lang::Program& typed_;
  std::vector<Input> inputs_;
  bool unit_;
  double threshold_;
  std::size_t worlds_ = 1;
  std::map<std::pair<std::string, answers::Row>, std::vector<double>> tuples_;
  std::map<std::size_t, std::vector<std::vector<double>>> priors_;
  std::map<std::vector<int>, std::pair<double, int>> known_;
};

TEST(Levers, BoundsSaveWhatCanBeSaved) {
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0), runs = number_from("TENFOLD_FUZZ_RUNS", 120);
  std::uint64_t compared = 0, savable = 0, saved = 0, calls = 0, least = 0, optimal = 0, all = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    const bool unit = seed % 2 == 1;
    const LeverProgram program = lever_program(seed, false);
    const lang::Compiled compiled = lang::compile_text(text(program.source), "fuzz.scl");
    if (!compiled.ok()) continue;
    const double threshold = seed % 3 == 0 ? 0.37 : 0.62;
    answers::Settings plain;
    plain.provenance = unit ? "unit" : "exact";
    const auto shown = answers::run(compiled.program, plain, stub_of(program.source));
    ASSERT_TRUE(shown) << render(shown.error());
    std::vector<Input> inputs;
    for (std::size_t n = 0; n < compiled.program.networks.size(); ++n) {
      const auto at = shown->asked.find(compiled.program.networks[n].name);
      if (at == shown->asked.end()) continue;
      for (const answers::Row& row : at->second) inputs.push_back({n, row});
    }
    if (inputs.empty() || inputs.size() > 4) continue;
    const auto outcome = run(program.source, compiled.program, settings_of(plain.provenance, kSubsets - 1, threshold));
    ASSERT_TRUE(outcome) << render(outcome.error());
    ASSERT_TRUE(outcome->on);
    const std::size_t demanded = inputs.size();
    Oracle oracle(program, compiled.program, std::move(inputs), unit, threshold);
    if (!oracle.prepare()) continue;
    ++compared;
    const std::size_t smallest = oracle.certificate();
    EXPECT_GE(outcome->calls, std::min(smallest, demanded)) << "seed " << seed << " decides on too little\n"
                                                            << text(program.source);
    all += demanded;
    calls += outcome->calls;
    least += std::min(smallest, demanded);
    optimal += oracle.optimal();
    savable += smallest < demanded;
    saved += smallest < demanded && outcome->calls < demanded;
  }
  std::printf(
      "bounds: %llu small programs, a saving exists in %llu and is found in %llu; %llu calls, %llu by the optimal "
      "policy, %llu for one who knows the answers, %llu without\n",
      static_cast<unsigned long long>(compared), static_cast<unsigned long long>(savable),
      static_cast<unsigned long long>(saved), static_cast<unsigned long long>(calls),
      static_cast<unsigned long long>(optimal), static_cast<unsigned long long>(least),
      static_cast<unsigned long long>(all));
  if (compared < 30) return;
  EXPECT_GE(saved * 10, savable * 3);
  EXPECT_LE(calls * 2, optimal * 3);
}

}  // namespace
}  // namespace tenfold::fuzz
