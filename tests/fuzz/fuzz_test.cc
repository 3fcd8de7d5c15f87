// Random programs through the engine, under every provenance and every switch, against the reference evaluator
// (check.h); and rewritten in ways that must never change an answer (metamorphic.h). A mismatch is shrunk (shrink.h)
// and written as a case for tests/run. Programs with seeds from TENFOLD_FUZZ_SEED (0): TENFOLD_FUZZ_RUNS of them
// (default below), or as many as TENFOLD_FUZZ_SECONDS allow in each test. TENFOLD_FUZZ_AGGREGATE and
// TENFOLD_FUZZ_PROVENANCE aim the first test at one cell of the table that it prints, or with `each` at all aggregates
// in turn.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "fuzz/aggregate_text.h"
#include "fuzz/check.h"
#include "fuzz/generate.h"
#include "fuzz/metamorphic.h"
#include "fuzz/shrink.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

constexpr std::uint64_t kDefaultRuns = 240;

// `check_one` counts; what it finds is shrunk without counting.
template <class Count, class Check>
void fuzz(const char* name, Count& counts, Check check_one, const std::vector<std::string>& aims = {""}) {
  const std::uint64_t seconds = number_from("TENFOLD_FUZZ_SECONDS", 0);
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0);
  const std::uint64_t runs = number_from("TENFOLD_FUZZ_RUNS", seconds > 0 ? ~first : kDefaultRuns);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int left = seconds > 0 ? 20 : 3;  // failures to show
  for (std::uint64_t seed = first; seed < first + runs && left > 0; ++seed) {
    if (seconds > 0 && std::chrono::steady_clock::now() > end) break;
    const Source source = generate(seed, aims[seed % aims.size()]);
    if (check_one(source, seed, counts, false).empty()) continue;
    --left;
    Count none;
    const Source small = shrink(source, [&](const Source& s) { return check_one(s, seed, none, true); });
    const std::string test = as_test(small, name + std::string(", seed ") + std::to_string(seed));
    const std::string file = write_found(name + std::string("-") + std::to_string(seed), test);
    ADD_FAILURE() << check_one(small, seed, none, true) << test << "written to " << file;
  }
}

std::string text_from(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::vector<std::string> every_aggregate() {
  std::vector<std::string> out = aggregate_names();
  out.push_back("forall");
  return out;
}

TEST(Fuzz, EngineSaysWhatTheReferenceSays) {
  Counts counts;
  const std::string aggregate = text_from("TENFOLD_FUZZ_AGGREGATE"), provenance = text_from("TENFOLD_FUZZ_PROVENANCE");
  const auto check_one = [&](const Source& s, std::uint64_t, Counts& c, bool brief) {
    return check(s, c, {provenance, brief});
  };
  fuzz("reference", counts, check_one, aggregate == "each" ? every_aggregate() : std::vector{aggregate});
  std::printf("%s%s", counts.text().c_str(), counts.table().c_str());
  EXPECT_LT(counts.refused * 3, counts.programs) << "most programs should be well typed";
}

TEST(Fuzz, OtherWordsForTheSameChangeNothing) {
  ChangeCounts counts;
  fuzz("changes", counts, [](const Source& s, std::uint64_t seed, ChangeCounts& c, bool brief) {
    return check_changes(s, seed, c, brief);
  });
  std::printf("%s", counts.text().c_str());
  for (const auto& [name, c] : counts.by_name) {
    EXPECT_GT(c.changed * 4, c.tried) << name << " rarely finds something to change";
    EXPECT_LT(c.refused * 4, c.changed * 3) << name << " is mostly refused";
  }
}

// Each aggregate gets its turn, whatever the programs at large draw.
TEST(Fuzz, EveryAggregateSaysWhatTheReferenceSays) {
  Counts counts;
  if (!text_from("TENFOLD_FUZZ_AGGREGATE").empty()) GTEST_SKIP() << "the test above does it";
  const auto check_one = [](const Source& s, std::uint64_t, Counts& c, bool brief) { return check(s, c, {"", brief}); };
  fuzz("aggregates", counts, check_one, every_aggregate());
  std::printf("%s", counts.text().c_str());
  std::map<std::string, std::uint64_t> programs;
  for (const auto& [pair, number] : counts.covered)
    if (pair.second == "minmaxprob") programs[pair.first] = number;
  if (counts.programs < 10 * every_aggregate().size()) return;
  for (const std::string& name : every_aggregate())
    EXPECT_GE(programs[name] * 60, counts.programs) << name << " is rarely in a program that could be compared";
}

TEST(Shrink, KeepsWhatIsWrongAndNothingElse) {
  int shrunk = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto wrong = [](const Source& s) {
      return lang::compile_text(text(s)).ok() && text(s).find(" and not ") != std::string::npos ? "negates" : "";
    };
    const Source source = generate(seed);
    if (*wrong(source) == 0) continue;
    ++shrunk;
    const Source small = shrink(source, wrong);
    EXPECT_LE(small.items.size(), 12u) << text(small);
    EXPECT_EQ(as_test(small, "a negation").rfind("== a negation\nprogram\n  ", 0), 0u);
  }
  EXPECT_GT(shrunk, 3);
}

}  // namespace
}  // namespace tenfold::fuzz
