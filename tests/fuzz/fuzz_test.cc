// Random programs through the engine, under every provenance and every switch, against the reference evaluator
// (check.h); and rewritten in ways that must never change an answer (metamorphic.h). A mismatch is shrunk (shrink.h)
// and written as a case for tests/run. Programs with seeds from TENFOLD_FUZZ_SEED (0): TENFOLD_FUZZ_RUNS of them
// (default below), or as many as TENFOLD_FUZZ_SECONDS allow in each of the two tests.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "fuzz/check.h"
#include "fuzz/generate.h"
#include "fuzz/metamorphic.h"
#include "fuzz/shrink.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

constexpr std::uint64_t kDefaultRuns = 300;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// `check_one` counts; what it finds is shrunk without counting.
template <class Count>
void fuzz(const char* name, Count& counts, std::string (*check_one)(const Source&, std::uint64_t, Count&)) {
  const std::uint64_t seconds = number_from("TENFOLD_FUZZ_SECONDS", 0);
  const std::uint64_t first = number_from("TENFOLD_FUZZ_SEED", 0);
  const std::uint64_t runs = number_from("TENFOLD_FUZZ_RUNS", seconds > 0 ? ~first : kDefaultRuns);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int left = seconds > 0 ? 20 : 3;  // failures to show
  for (std::uint64_t seed = first; seed < first + runs && left > 0; ++seed) {
    if (seconds > 0 && std::chrono::steady_clock::now() > end) break;
    const Source source = generate(seed);
    if (check_one(source, seed, counts).empty()) continue;
    --left;
    Count none;
    const Source small = shrink(source, [&](const Source& s) { return check_one(s, seed, none); });
    const std::string test = as_test(small, name + std::string(", seed ") + std::to_string(seed));
    const std::string file = write_found(name + std::string("-") + std::to_string(seed), test);
    ADD_FAILURE() << check_one(small, seed, none) << test << "written to " << file;
  }
}

TEST(Fuzz, EngineSaysWhatTheReferenceSays) {
  Counts counts;
  fuzz<Counts>("reference", counts, [](const Source& s, std::uint64_t, Counts& c) { return check(s, c); });
  std::printf("%s", counts.text().c_str());
  EXPECT_LT(counts.refused * 3, counts.programs) << "most programs should be well typed";
}

TEST(Fuzz, OtherWordsForTheSameChangeNothing) {
  ChangeCounts counts;
  fuzz("changes", counts, check_changes);
  std::printf("%s", counts.text().c_str());
  for (const auto& [name, c] : counts.by_name) {
    EXPECT_GT(c.changed * 4, c.tried) << name << " rarely finds something to change";
    EXPECT_LT(c.refused * 4, c.changed * 3) << name << " is mostly refused";
  }
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
