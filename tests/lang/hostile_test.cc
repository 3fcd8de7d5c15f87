// Text that is too much of something: a hundred thousand brackets, operators, literals, columns. The compiler answers,
// with a program or an error, in a stack of the usual size.
#include <gtest/gtest.h>

#include <string>

#include "lang/lang.h"

namespace tenfold::lang {
namespace {

constexpr int kMany = 100'000;

std::string times(int n, const std::string& s) {
  std::string out;
  for (int i = 0; i < n; ++i) out += s;
  return out;
}

// The code of the first error, "ok" without one.
std::string outcome(const std::string& program) {
  const Compiled c = compile_text(program, "t.scl");
  for (const Error& e : c.errors) EXPECT_LT(render(e).size(), 2000u) << "an error for people";
  return c.ok() ? "ok" : c.errors[0].code;
}

TEST(Hostile, NestingIsRefusedNotFollowed) {
  const std::string open = "rel q = {1}\nrel p(x) = q(x) and ";
  for (const char* bracket : {"(", "-(", "not (", "if (", "1 + (", "$abs(", "!", "- ", "q(", "exists(y: ", "(q(x) and "})
    EXPECT_NE(outcome(open + "x == " + times(kMany, bracket) + "1"), "ok") << bracket;
  for (const char* bracket : {"(", "not (", "exists(y: ", "forall(y: q(y) implies ", "n := count(y: ", "(q(x) or ", "~("})
    EXPECT_NE(outcome(open + times(kMany, bracket) + "q(x)"), "ok") << bracket;
  EXPECT_EQ(outcome(open + "x == " + times(kMany, "(") + "1" + times(kMany, ")")), "too-deep");
  EXPECT_EQ(outcome(open + times(kMany, "(") + "q(x)" + times(kMany, ")")), "too-deep");
  EXPECT_NE(outcome("@file(" + times(kMany, "[")), "ok");
  EXPECT_NE(outcome("const A = " + times(kMany, "B(") + times(kMany, ")")), "ok");
  EXPECT_NE(outcome("rel p = {" + times(kMany, "(")), "ok");
  EXPECT_NE(outcome(times(kMany, "{")), "ok");
}

TEST(Hostile, LongFlatExpressionsHaveABoundedDepth) {
  const std::string open = "rel q = {1}\nrel p(x) = q(x) and x == 1";
  for (const char* more : {" + 1", " - x", " * 1", " as i32"}) outcome(open + times(kMany, more));
  for (const char* more : {" and q(x)", " or q(x)", " and not q(x)", " and (q(x) or q(x))"})
    outcome("rel q = {1}\nrel p(x) = q(x)" + times(kMany / 10, more));
  for (const char* more : {" && x == 1", " || x == 1"}) outcome(open + times(kMany, more));
  outcome("rel q = {1}\nrel p(x) = q(x) and x == " + times(kMany / 10, "if x == 1 then 1 else ") + "2");
}

TEST(Hostile, LongLinesAndNames) {
  EXPECT_EQ(outcome("rel p = {" + times(kMany, "1, ") + "1}"), "ok");
  EXPECT_EQ(outcome("rel p = {\"" + times(1'000'000, "x") + "\"}"), "ok");
  EXPECT_EQ(outcome("rel " + times(1'000'000, "x") + " = {1}"), "ok");
  EXPECT_EQ(outcome("//" + times(1'000'000, "x")), "ok");
  EXPECT_NE(outcome("/*" + times(1'000'000, "/*")), "ok");
  EXPECT_NE(outcome("rel p = {\"" + times(1'000'000, "\\")), "ok");
  EXPECT_NE(outcome("rel p = {" + times(kMany, "9") + "}"), "ok");
  EXPECT_NE(outcome(times(kMany, "\x01")), "ok");
  EXPECT_NE(outcome(times(kMany, "rel ")), "ok");
}

TEST(Hostile, WideRelations) {
  std::string columns;
  for (int i = 0; i < 5000; ++i) columns += (i > 0 ? ", x" : "x") + std::to_string(i);
  outcome("rel p(" + columns + ") = q(" + columns + ")");
  std::string types;
  for (int i = 0; i < 5000; ++i) types += std::string(i > 0 ? ", " : "") + "i32";
  outcome("type p(" + types + ")\nquery p");
}

// Doubling is where a compiler that copies ends: (a or b) and (a or b) and … has 2^n conjunctions.
TEST(Hostile, ConjunctionsOfAlternativesAreBounded) {
  outcome("rel q = {1}\nrel p(x) = q(x)" + times(40, " and (q(x) or x == 1)"));
  outcome("rel q = {1}\nrel p() = q(x) and not (" + times(40, "(q(x) or x == 1) and ") + " q(x))");
}

TEST(Hostile, LongChainsOfDeclarations) {
  std::string aliases = "type T0 = i32\n", constants = "const C0 = 1\n", rules = "rel r0 = {1}\n";
  for (int i = 1; i < 20'000; ++i) {
    const std::string one = std::to_string(i), before = std::to_string(i - 1);
    aliases += "type T" + one + " = T" + before + "\n";
    constants += "const C" + one + " = C" + before + "\n";
    rules += "rel r" + one + "(x) = r" + before + "(x)\n";
  }
  outcome(aliases + "type p(T19999)");
  outcome(constants + "rel p = {C19999}");
  EXPECT_EQ(outcome(rules + "query r19999"), "ok");
}

}  // namespace
}  // namespace tenfold::lang
