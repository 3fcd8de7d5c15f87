// What a network refuses opens what hangs on it and nothing else: random programs whose networks refuse some inputs,
// against the same programs where each refused input got an answer after all, drawn at random. What was said in spite
// of the refusals holds with any of those answers, and what holds with one and was not said was abstained from.
// TENFOLD_FUZZ_RUNS programs (default below) from seed TENFOLD_FUZZ_SEED.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <regex>

#include "fuzz/check.h"
#include "fuzz/lever_programs.h"
#include "fuzz/stub_session.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

using Tuple = std::pair<std::string, answers::Row>;

constexpr double kNear = 1e-9;
constexpr int kWorlds = 6;  // drawn for each program

struct Said {
  std::map<Tuple, std::pair<double, double>> tuples;  // from, to
  std::vector<Tuple> abstained;                       // "_" stands for any value
  bool open(const Tuple& tuple) const {
    return std::any_of(abstained.begin(), abstained.end(),
                       [&](const Tuple& a) { return a.first == tuple.first && takes_in(a.second, tuple.second); });
  }
};

// One that says tuples has its labels as the values of its last column, and says any number of them at once.
std::string tuples_text(const std::map<answers::Row, answers::Saying>& sayings,
                        const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& [row, saying] : sayings) {
    std::string key, said;
    for (const std::string& value : row) key += (key.empty() ? "" : "\x1f") + value;
    for (std::size_t l = 0; saying.refusal.empty() && l < labels.size(); ++l)
      if (saying.probabilities[l] > 0.0) said += " (" + labels[l] + ") " + number_text(saying.probabilities[l]);
    out += (out.empty() ? "" : " | ") + key;
    out += !saying.refusal.empty() ? " refused " + saying.refusal : said.empty() ? " says nothing" : " says" + said;
  }
  return out;
}

Result<Said> run(const Source& source, bool tuples, const Settings& settings) {
  const lang::Compiled labelled = lang::compile_text(text(source), "fuzz.scl");
  std::string asked = text(source);
  if (tuples) asked = std::regex_replace(asked, std::regex(R"(, labels = \[[^\]]*\])"), "");
  std::map<std::string, neural::NetworkDescription> networks;
  for (const lang::Network& network : labelled.program.networks) {
    const auto& sayings = source.networks.at(network.name);
    networks[network.name] = neural::stub_network(
        network.name, tuples ? std::vector<std::string>{} : network.labels,
        tuples ? tuples_text(sayings, network.labels) : answers::table_text(sayings, network.labels), 100.0);
  }
  auto opened = open_stubs(asked, std::move(networks), settings);
  if (!opened) return opened.error();
  auto answer = opened->session.ask();
  if (!answer) return answer.error();
  Said out;
  for (const AnswerTuple& t : answer->tuples) {
    // With winners what counts is who wins; without, how likely each is.
    const double p = t.decision ? (*t.decision ? 1.0 : 0.0) : t.probability;
    out.tuples[{t.relation, t.args}] = t.interval && !t.decision ? *t.interval : std::pair(p, p);
  }
  for (const Abstention& a : answer->abstained) out.abstained.emplace_back(a.relation, a.args);
  return out;
}

// Each refused input gets an answer: a label for certain, or several in parts; of tuples any number, or none.
Source answered(Source source, std::mt19937_64& random, bool tuples, bool certain) {
  for (auto& [network, sayings] : source.networks) {
    std::size_t labels = 0;
    for (const auto& [row, saying] : sayings) labels = std::max(labels, saying.probabilities.size());
    for (auto& [row, saying] : sayings) {
      if (saying.refusal.empty()) continue;
      saying.refusal.clear();
      saying.probabilities.assign(labels, 0.0);
      if (tuples) {
        for (double& p : saying.probabilities) p = random() % 2 == 0 ? 0.0 : certain ? 1.0 : 0.5;
      } else if (certain || random() % 2 == 0) {
        saying.probabilities[random() % labels] = 1.0;
      } else {
        saying.probabilities[random() % labels] += 0.25;
        saying.probabilities[random() % labels] += 0.75;
      }
    }
  }
  return source;
}

std::string differs(const Said& said, const Said& world) {
  const auto shown = [](const Tuple& t, double p) { return t.first + " " + answers::show(t.second, p) + "\n"; };
  for (const auto& [tuple, range] : world.tuples) {
    if (range.second <= kNear || said.open(tuple)) continue;
    const auto at = said.tuples.find(tuple);
    if (at == said.tuples.end()) return "not said and not abstained from: " + shown(tuple, range.first);
    if (range.first < at->second.first - kNear || range.second > at->second.second + kNear)
      return "said otherwise than it can be: " + shown(tuple, at->second.first) + shown(tuple, range.first);
  }
  for (const auto& [tuple, range] : said.tuples)
    if (range.first > kNear && !said.open(tuple) && !world.tuples.contains(tuple))
      return "said, and need not hold: " + shown(tuple, range.first);
  return "";
}

TEST(Refusals, OpenWhatHangsOnThemAndNothingElse) {
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0), runs = number_from("TENFOLD_FUZZ_RUNS", 400);
  const char* const provenances[] = {"exact", "unit", "minmaxprob", "addmultprob"};
  std::uint64_t compared = 0, refusing = 0, tuples_said = 0, tuples_abstained = 0;
  int left = 3;
  for (std::uint64_t seed = first; seed < first + runs && left > 0; ++seed) {
    std::mt19937_64 random(seed);
    Source source = seed % 2 == 0 ? generate(seed) : lever_program(seed, true).source;
    // What rules do with a refusal is not what they do with an answer.
    if (text(source).find("@refusal") != std::string::npos) continue;
    const lang::Compiled compiled = lang::compile_text(text(source), "fuzz.scl");
    if (!compiled.ok()) continue;
    for (auto& [network, sayings] : source.networks)
      for (auto& [row, saying] : sayings)
        if (random() % 3 == 0) saying.refusal = "stranger";
    Settings settings;
    settings.provenance = provenances[seed % std::size(provenances)];
    // Where tags are no probabilities, two labels in parts can give what neither gives for certain; and a group of an
    // aggregate is there as soon as a member may be.
    const bool certain = settings.provenance != "exact" || !compiled.program.aggregates.empty();
    const bool tuples = seed % 5 < 2;
    if (seed % 7 < 2) settings.winners = 1;
    const auto said = run(source, tuples, settings);
    if (!said) {
      if (!allowed(said.error())) ADD_FAILURE() << "seed " << seed << ": " << render(said.error());
      continue;
    }
    refusing += !said->abstained.empty();
    tuples_said += said->tuples.size();
    tuples_abstained += said->abstained.size();
    for (int w = 0; w < kWorlds; ++w) {
      const auto world = run(answered(source, random, tuples, certain), tuples, settings);
      if (!world) continue;  // more may hold there than can be worked out
      ++compared;
      const std::string wrong = differs(*said, *world);
      if (wrong.empty()) continue;
      --left;
      ADD_FAILURE() << "seed " << seed << ", " << settings.provenance << (tuples ? ", tuples" : "")
                    << (settings.winners > 0 ? ", winners" : "") << ": " << wrong << text(source);
      break;
    }
  }
  std::printf("%llu worlds compared, %llu programs abstained; %llu answers said, %llu abstained from\n",
              static_cast<unsigned long long>(compared), static_cast<unsigned long long>(refusing),
              static_cast<unsigned long long>(tuples_said), static_cast<unsigned long long>(tuples_abstained));
  if (runs >= 100) {
    EXPECT_GT(refusing, 10u);
    EXPECT_GT(tuples_said, 100u);
  }
}

}  // namespace
}  // namespace tenfold::fuzz
