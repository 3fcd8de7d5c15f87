// Random programs through the engine, under every provenance and every switch, against the reference evaluator; and
// what must never change an answer: the order of facts and rules, names, a rule said twice, a literal said twice. A
// mismatch is shrunk and printed as a program. TENFOLD_FUZZ_RUNS programs (default below), seeds from TENFOLD_FUZZ_SEED
// (0).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <regex>

#include "base/value_text.h"
#include "fuzz/generate.h"
#include "lang/lang.h"
#include "reference/reference.h"
#include "run/answers.h"

namespace tenfold::fuzz {
namespace {

using answers::Answers;
using answers::Row;

constexpr std::uint64_t kDefaultRuns = 300;
// Engine and reference add and multiply the same numbers in another order: a few hundred roundings of 1e-16; add-mult
// cycles stop at steps of 1e-12 and 1e-13.
constexpr double kTolerance = 1e-9;
constexpr std::size_t kEnough = 600;  // proofs kept where nothing may be cut
const char* const kLevers[] = {"demand", "order"};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Counts {
  std::uint64_t programs = 0, refused = 0, compared = 0, too_many_worlds = 0, cut = 0, asked = 0, tuples = 0;
};

answers::Stub stub_of(const Source& source) {
  return [&source](const std::string& network, const Row& inputs) -> std::optional<answers::Saying> {
    const auto at = source.networks.find(network);
    if (at == source.networks.end() || !at->second.contains(inputs)) return std::nullopt;
    return at->second.at(inputs);
  };
}

reference::Setting setting_of(const Source& source, const lang::Program& program, Symbols& symbols) {
  reference::Setting setting;
  setting.max_worlds = 1500;
  setting.max_tuples = 1500;
  for (int i = kLowest; i <= kHighest; ++i) setting.universe[Type::i32].push_back(cell(std::int64_t{i}));
  for (const lang::Network& network : program.networks) {
    auto& table = setting.networks.emplace_back();
    const auto at = source.networks.find(network.name);
    if (at == source.networks.end()) continue;
    for (const auto& [row, saying] : at->second) {
      reference::Tuple tuple;
      for (std::size_t c = 0; c < row.size(); ++c)
        tuple.push_back(*parse_plain(row[c], program.relations[network.relation].columns[c].type, symbols));
      table[tuple] = {saying.probabilities, saying.refusal};
    }
  }
  return setting;
}

std::optional<Answers> expected(const Source& source, const lang::Program& program, const std::string& provenance) {
  Symbols symbols(&program.symbols);
  const auto tables = reference::evaluate(program, provenance, setting_of(source, program, symbols), symbols);
  if (!tables) return std::nullopt;
  Answers out;
  for (const lang::Query& query : program.queries) {
    answers::Table& table = out[query.name];
    for (const auto& [tuple, tag] : (*tables)[query.relation]) {
      Row row;
      for (std::size_t c = 0; c < tuple.size(); ++c)
        row.push_back(plain(tuple[c], program.relations[query.relation].columns[c].type, symbols));
      table[row] = tag;
    }
  }
  return out;
}

// Nothing when both say the same; a tuple that is missing has probability zero.
std::string difference(const Answers& wanted, const Answers& found) {
  std::string out;
  for (const auto& [name, table] : wanted) {
    const auto at = found.find(name);
    std::set<Row> rows;
    for (const auto& [row, p] : table) rows.insert(row);
    if (at != found.end())
      for (const auto& [row, p] : at->second) rows.insert(row);
    for (const Row& row : rows) {
      const double w = table.contains(row) ? table.at(row) : 0.0;
      const double f = at != found.end() && at->second.contains(row) ? at->second.at(row) : 0.0;
      if (!(std::abs(w - f) <= kTolerance))
        out += "    " + name + ": wanted " + answers::show(row, w) + ", found " + number_text(f) + "\n";
    }
  }
  return out;
}

std::string describe(const answers::Settings& s) {
  std::string out = s.provenance + " k=" + std::to_string(s.k);
  for (const std::string& lever : s.without) out += " without " + lever;
  return out + (s.proofs ? " with proofs" : "") + (s.shared_base ? " over a base" : "") +
         (s.again ? " after reset" : "");
}

std::vector<answers::Settings> lever_settings(const std::string& provenance, std::size_t k) {
  std::vector<answers::Settings> out;
  for (int bits = 0; bits < 4; ++bits) {
    answers::Settings s;
    s.provenance = provenance;
    s.k = k;
    for (int b = 0; b < 2; ++b)
      if (bits >> b & 1) s.without.insert(kLevers[b]);
    out.push_back(s);
  }
  for (int variant = 0; variant < 3; ++variant) {
    answers::Settings s;
    s.provenance = provenance;
    s.k = k;
    s.proofs = variant == 0;
    s.shared_base = variant == 1;
    s.again = variant == 2;
    out.push_back(s);
  }
  return out;
}

// Errors that are answers: an add-mult cycle that never settles, sums that can have too many values.
bool allowed(const Error& error) { return error.code == "tags-not-settled" || error.code == "aggregate-too-large"; }

// Runs one program in one way under all switches. Nothing when all agree with `wanted`, or with each other without it.
std::string check_levers(const Source& source, const lang::Program& program, const std::string& provenance,
                         std::size_t k, const std::optional<Answers>& wanted, Counts& counts) {
  std::optional<answers::Run> first;
  for (const answers::Settings& s : lever_settings(provenance, k)) {
    const auto run = answers::run(program, s, stub_of(source));
    if (!run) {
      if (allowed(run.error())) return "";
      return describe(s) + " fails: " + render(run.error());
    }
    if (run->cut && k == kEnough) {
      ++counts.cut;
      return "";
    }
    const std::string wrong = difference(wanted ? *wanted : first ? first->answers : run->answers, run->answers);
    if (!wrong.empty())
      return describe(s) + (wanted ? " is not what the reference says:\n" : " differs from no switch at all:\n") +
             wrong;
    if (!first) first = *run;
    if (s.without.contains("demand")) {
      for (const auto& [network, inputs] : first->asked)
        for (const Row& row : inputs)
          if (!run->asked.contains(network) || !run->asked.at(network).contains(row))
            return "demand asks " + network + " about " + answers::show(row, 1.0) + ", which " + describe(s) +
                   " does not\n";
    }
    ++counts.compared;
    for (const auto& [network, inputs] : run->asked) counts.asked += inputs.size();
    for (const auto& [query, table] : run->answers) counts.tuples += table.size();
  }
  return "";
}

std::string check(const Source& source, Counts& counts) {
  const lang::Compiled compiled = lang::compile_text(text(source));
  if (!compiled.ok()) {
    ++counts.refused;
    return "";
  }
  const lang::Program& program = compiled.program;
  for (const char* name : {"unit", "minmaxprob", "addmultprob", "topkproofs"}) {
    const std::string provenance = name;
    const bool exact = provenance == "topkproofs";
    const auto wanted = expected(source, program, exact ? "exact" : provenance);
    if (!wanted && !exact) return "";  // arithmetic without end
    if (!wanted) {
      ++counts.too_many_worlds;
      continue;
    }
    if (auto wrong = check_levers(source, program, provenance, exact ? kEnough : 3, wanted, counts); !wrong.empty())
      return wrong;
  }
  for (const std::size_t k : {std::size_t{1}, std::size_t{3}})
    if (auto wrong = check_levers(source, program, "topkproofs", k, std::nullopt, counts); !wrong.empty()) return wrong;
  return "";
}

Answers plain_run(const Source& source, const std::string& provenance, std::string& failure) {
  const lang::Compiled compiled = lang::compile_text(text(source));
  if (!compiled.ok()) {
    failure = render(compiled.errors[0]);
    return {};
  }
  answers::Settings s;
  s.provenance = provenance;
  s.k = kEnough;
  const auto run = answers::run(compiled.program, s, stub_of(source));
  if (run && !run->cut) return run->answers;
  if (!run && !allowed(run.error())) failure = render(run.error());
  return {{"", {{{"no answer"}, 1.0}}}};
}

Source shuffled(Source source, std::uint64_t seed) {
  const auto facts = std::stable_partition(source.items.begin(), source.items.end(),
                                           [](const Item& i) { return i.kind == ItemKind::declaration; });
  std::mt19937_64 random(seed);
  std::shuffle(facts, source.items.end(), random);
  return source;
}

Source renamed(Source source) {
  static const std::regex relation("\\b(e|r|g|net|nonet|bound)([0-9]+)\\b"), variable("\\b([xyzuvwpqst])\\b(?!\")");
  auto rename = [&](std::string& s) {
    s = std::regex_replace(s, relation, "named_$1$2");
    s = std::regex_replace(s, variable, "v$1");
  };
  for (Item& item : source.items) {
    rename(item.start);
    rename(item.end);
    for (std::string& part : item.parts) rename(part);
  }
  return source;
}

Source said_twice(Source source, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Item> items;
  for (const Item& item : source.items) {
    items.push_back(item);
    if (item.kind != ItemKind::rule || item.tagged) continue;
    if (random() % 2) items.push_back(item);
    if (!item.single && !item.parts.empty() && random() % 2)
      items.back().parts.push_back(item.parts[random() % item.parts.size()]);
  }
  source.items = items;
  return source;
}

std::string check_meaning(const Source& source, std::uint64_t seed) {
  std::string failure;
  for (const char* name : {"unit", "minmaxprob", "addmultprob", "topkproofs"}) {
    const std::string provenance = name;
    const Answers wanted = plain_run(source, provenance, failure);
    if (!failure.empty()) return "";  // check() has seen it
    std::vector<std::pair<std::string, Source>> others{{"shuffled", shuffled(source, seed)}};
    if (provenance != "addmultprob") others.emplace_back("said twice", said_twice(source, seed));
    for (const auto& [how, other] : others) {
      Answers found = plain_run(other, provenance, failure);
      if (!failure.empty()) return how + " fails: " + failure + text(other);
      if (auto wrong = difference(wanted, found); !wrong.empty())
        return provenance + ", " + how + ":\n" + wrong + text(other);
    }
    const Answers found = plain_run(renamed(source), provenance, failure);
    if (!failure.empty()) return "renamed fails: " + failure + text(renamed(source));
    Answers back;  // queries are named after relations
    for (const auto& [query, table] : found) {
      for (const auto& [original, rows] : wanted) {
        Source one;
        one.items.push_back({ItemKind::query, original, {}, "", "", false, true});
        if (text(renamed(one)) == query + "\n") back[original] = table;
      }
    }
    if (auto wrong = difference(wanted, back); !wrong.empty())
      return provenance + ", renamed:\n" + wrong + text(renamed(source));
  }
  return "";
}

// The smallest program that still goes wrong, by dropping items and parts one at a time.
template <class Wrong>
Source shrink(Source source, Wrong wrong) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    auto attempt = [&](Source candidate) {
      if (wrong(candidate).empty()) return false;
      source = std::move(candidate);
      return smaller = true;
    };
    for (std::size_t i = source.items.size(); i-- > 0;) {
      Source without = source;
      without.items.erase(without.items.begin() + static_cast<std::ptrdiff_t>(i));
      if (attempt(std::move(without)) || source.items[i].parts.size() < 2) continue;
      for (std::size_t p = source.items[i].parts.size(); p-- > 0 && source.items[i].parts.size() > 1;) {
        Source shorter = source;
        shorter.items[i].parts.erase(shorter.items[i].parts.begin() + static_cast<std::ptrdiff_t>(p));
        attempt(std::move(shorter));
      }
    }
  }
  return source;
}

std::string sayings(const Source& source, const std::string& program) {
  std::string out;
  for (const auto& [network, table] : source.networks) {
    if (program.find("\"" + network + "\"") == std::string::npos) continue;
    out += "// network " + network;
    for (const auto& [row, saying] : table) {
      if (row.size() > 1) continue;
      out += " | " + row[0] + (saying.refusal.empty() ? "" : " refused");
      for (double p : saying.probabilities) out += " " + number_text(p);
    }
    out += "\n";
  }
  return out;
}

template <class Check>
void fuzz(Check check_one) {
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0),
                      runs = number_from("TENFOLD_FUZZ_RUNS", kDefaultRuns);
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + runs && failures < 3; ++seed) {
    const Source source = generate(seed);
    if (check_one(source, seed).empty()) continue;
    ++failures;
    const Source small = shrink(source, [&](const Source& s) { return check_one(s, seed); });
    const std::string program = text(small);
    ADD_FAILURE() << "seed " << seed << "\n" << program << sayings(small, program) << check_one(small, seed);
  }
}

TEST(Fuzz, EngineSaysWhatTheReferenceSays) {
  Counts counts;
  fuzz([&](const Source& source, std::uint64_t) {
    ++counts.programs;
    return check(source, counts);
  });
  std::printf(
      "%llu programs, %llu refused by lang, %llu runs compared, %llu too many worlds, %llu cut, %llu tuples, %llu "
      "network calls\n",
      static_cast<unsigned long long>(counts.programs), static_cast<unsigned long long>(counts.refused),
      static_cast<unsigned long long>(counts.compared), static_cast<unsigned long long>(counts.too_many_worlds),
      static_cast<unsigned long long>(counts.cut), static_cast<unsigned long long>(counts.tuples),
      static_cast<unsigned long long>(counts.asked));
  EXPECT_LT(counts.refused * 3, counts.programs) << "most programs should be well typed";
}

TEST(Fuzz, OrderNamesAndRepetitionChangeNothing) {
  fuzz([](const Source& source, std::uint64_t seed) { return check_meaning(source, seed); });
}

}  // namespace
}  // namespace tenfold::fuzz
