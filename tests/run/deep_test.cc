// Data that is deep or wide: chains of a hundred thousand steps, tuples with as many derivations, long bodies and long
// chains of rules. They end with the answer, in a stack of the usual size; what is quadratic here does not end in time.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "lang/lang.h"
#include "run/answers.h"

namespace tenfold::answers {
namespace {

constexpr int kMany = 100'000;

// The probability of the only tuple of the only query.
double answer(const std::string& text, const std::string& provenance) {
  const lang::Compiled compiled = lang::compile_text(text, "deep.scl");
  if (!compiled.ok()) {
    ADD_FAILURE() << render(compiled.errors[0]);
    return -1.0;
  }
  Settings settings;
  settings.provenance = provenance;
  const auto result = run(compiled.program, settings, [](const auto&, const auto&) { return std::nullopt; });
  if (!result) {
    ADD_FAILURE() << provenance << ": " << render(result.error());
    return -1.0;
  }
  const Table& table = result->answers.begin()->second;
  return table.size() == 1 ? table.begin()->second : -1.0;
}

std::string chain(int steps, const std::string& tag) {
  std::string out = "rel e = {";
  for (int i = 0; i < steps; ++i)
    out += (i > 0 ? ", " : "") + tag + "(" + std::to_string(i) + ", " + std::to_string(i + 1) + ")";
  return out + "}\nrel r = {0}\nrel r(y) = r(x) and e(x, y)\nquery r(" + std::to_string(steps) + ")\n";
}

TEST(Deep, ChainOfCertainSteps) {
  for (const char* provenance : {"unit", "minmaxprob", "topkproofs", "exact"})
    EXPECT_EQ(answer(chain(kMany, ""), provenance), 1.0) << provenance;
}

TEST(Deep, ChainOfUncertainSteps) {
  EXPECT_EQ(answer(chain(kMany, "0.5::"), "minmaxprob"), 0.5);
  EXPECT_NEAR(answer(chain(1000, "0.999::"), "topkproofs"), std::pow(0.999, 1000), 1e-12);
  EXPECT_NEAR(answer(chain(1000, "0.999::"), "exact"), std::pow(0.999, 1000), 1e-12);
}

TEST(Deep, RecursionOverNumbers) {
  EXPECT_EQ(
      answer("rel n = {0}\nrel n(x + 1) = n(x) and x < 100000\nrel big(x) = n(x) and x >= 100000\nquery big", "unit"),
      1.0);
}

TEST(Deep, ManyAlternatives) {
  constexpr int kAlternatives = 20'000;
  std::string facts = "rel f = {";
  for (int i = 0; i < kAlternatives; ++i) facts += (i > 0 ? ", 0.00001::" : "0.00001::") + std::to_string(i);
  const std::string program = facts + "}\nrel any() = f(x)\nquery any\n";
  EXPECT_NEAR(answer(program, "exact"), 1.0 - std::pow(1.0 - 1e-5, kAlternatives), 1e-9);
  EXPECT_NEAR(answer(program, "topkproofs"), 1.0 - std::pow(1.0 - 1e-5, 3), 1e-12);
}

TEST(Deep, LongBodiesAndLongChainsOfRules) {
  std::string body = "rel p = {0.5::1}\nrel q(x) = p(x)";
  for (int i = 0; i < 2000; ++i) body += " and p(x)";
  EXPECT_EQ(answer(body + "\nquery q", "exact"), 0.5);
  std::string rules = "rel r0 = {0.5::1}\n";
  for (int i = 0; i < 10'000; ++i) rules += "rel r" + std::to_string(i + 1) + "(x) = r" + std::to_string(i) + "(x)\n";
  EXPECT_EQ(answer(rules + "query r10000", "exact"), 0.5);
}

}  // namespace
}  // namespace tenfold::answers
