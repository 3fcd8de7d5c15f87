// Hostile and very large programs: bounded time, memory and recursion, and errors instead of crashes.
#include "lang/lang.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace tenfold::lang {
namespace {

std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

std::string first_code(const std::string& program) {
  const Compiled c = compile_text(program);
  return c.ok() ? "" : c.errors[0].code;
}

TEST(Hostile, NestingIsLimited) {
  for (std::size_t n : {300, 100'000}) {
    EXPECT_EQ(first_code("rel p(x) = q(x) and x == " + repeated("(", n) + "1" + repeated(")", n)), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = " + repeated("(", n) + "q(x)" + repeated(")", n)), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = " + repeated("not ", n) + "q(x)"), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = q(" + repeated("-", n) + "x)"), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = q(" + repeated("A(", n) + "x" + repeated(")", n) + ")"), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = q(1" + repeated(" + 1", n) + ")"), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = q(x" + repeated(" as i32", n) + ")"), "too-deep");
    EXPECT_EQ(first_code("rel p(x) = q(" + repeated("if ", n) + "x)"), "too-deep");
    EXPECT_EQ(first_code("rel p(n) = " + repeated("n := count(x: ", n) + "q(x)" + repeated(")", n)), "too-deep");
    EXPECT_EQ(first_code("@a(" + repeated("[", n) + repeated("]", n) + ") type p(i32)"), "too-deep");
  }
  EXPECT_EQ(first_code("type q(i32)\nrel p(x) = q(x) and x == " + repeated("(", 100) + "1" + repeated(")", 100)), "");
}

TEST(Hostile, AlternativesAreLimited) {
  const std::string program = "type q(i32)\nrel p(x) = q(x)" + repeated(" and (q(x) or x > 1)", 40);
  EXPECT_EQ(first_code(program), "too-many-alternatives");
}

TEST(Hostile, ConstantsDoNotMultiply) {
  std::string program = "const C0 = 1";
  for (int i = 1; i < 60; ++i)
    program += ", C" + std::to_string(i) + " = C" + std::to_string(i - 1) + " + C" + std::to_string(i - 1);
  EXPECT_EQ(first_code(program + "\nrel p(C59)"), "constant-cycle");
  EXPECT_EQ(first_code("const A = A\nrel p(A)"), "constant-cycle");
}

TEST(Hostile, WhatMultipliesIsLimitedInAll) {
  const std::string rule = "rel p(x) = q(x)" + repeated(" and (q(x) or r(x))", 11) + "\n";
  EXPECT_EQ(first_code("type q(i32), r(i32)\n" + repeated(rule, 500)), "too-large");
  EXPECT_EQ(first_code("type q(i32)\nrel p(x) = q(x)" + repeated(" and q(x)", 5000)), "too-long");
}

TEST(Hostile, LongLinesAndTextsAreNotCopied) {
  const std::string blanks(1 << 20, ' ');
  const Compiled c =
      compile_text("type q(i32)" + repeated(blanks + " rel p(x) = q(x) and x == $nothing(x)", 4) + " rel p(x) = q(x, 1)");
  ASSERT_EQ(c.errors.size(), 5u);
  for (const Error& e : c.errors) EXPECT_LE(e.excerpt.size(), 65536u);
  const Compiled long_text =
      compile_text("rel q = {\"a\"} rel p(x) = q(x) and x == \"" + std::string(1 << 20, 'x') + "\"");
  ASSERT_TRUE(long_text.ok());
  EXPECT_LE(long_text.program.rules[0].text.size(), 1010u);
}

TEST(Hostile, AtMostFiftyErrorsInTheOrderOfTheText) {
  std::string program;
  for (int i = 0; i < 500; ++i) program += "rel p(x) = q(x) and x == $nothing" + std::to_string(i) + "(x)\n";
  const Compiled c = compile_text(program);
  ASSERT_EQ(c.errors.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(c.errors[i].place.line, i + 1);
}

TEST(Hostile, TooLargeIsAnError) { EXPECT_EQ(first_code(std::string((std::size_t{16} << 20) + 1, ' ')), "too-large"); }

TEST(Hostile, FilesThatCannotBeRead) {
  EXPECT_EQ(compile_file("no/such/file.scl").errors.at(0).code, "cannot-read");
  EXPECT_EQ(compile_file(std::filesystem::temp_directory_path()).errors.at(0).code, "cannot-read");
}

TEST(Hostile, AnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_FALSE(compile_text(bytes + bytes).ok());
  EXPECT_FALSE(compile_text(std::string(100'000, '\xFF')).ok());
  EXPECT_FALSE(compile_text(std::string(100'000, '"')).ok());
  EXPECT_FALSE(compile_text(std::string("rel p(\0x) = q(x)", 16)).ok());
}

TEST(Large, HundredThousandFactsOnOneLine) {
  std::string program = "type p(i64, String)\nrel p = {";
  for (int i = 0; i < 100'000; ++i) program += "(" + std::to_string(i) + ", \"name" + std::to_string(i) + "\"), ";
  program += "}";
  const auto start = std::chrono::steady_clock::now();
  const Compiled c = compile_text(program);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c.program.facts.size(), 100'000u);
  // Linear work takes a tenth of a second; counting columns from the start of the line each time took minutes.
  EXPECT_LT(took.count(), 20.0);
}

TEST(Large, ThousandsOfRelationsAndRules) {
  std::string program;
  for (int i = 1; i < 5000; ++i)
    program +=
        "rel r" + std::to_string(i) + "(x, n) = r" + std::to_string(i - 1) + "(x, _) and n := count(y: r0(x, y))\n";
  program += "rel r0 = {(1, 2)}\n";
  const Compiled c = compile_text(program);
  ASSERT_TRUE(c.ok()) << render(c.errors[0]);
  EXPECT_EQ(c.program.aggregates.size(), 4999u);
}

TEST(Overlays, AreReadAfterTheProgram) {
  const auto folder = std::filesystem::temp_directory_path() / "tenfold-lang-overlay";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "base.scl") << "rel p = {1}\nrel q(x) = p(x)";
  std::ofstream(folder / "site.scl") << "import \"base.scl\"\nrel p = {2}\nrel q(x) = x == 3";
  const Compiled c = compile_file(folder / "base.scl", {{folder / "site.scl"}});
  ASSERT_TRUE(c.ok()) << render(c.errors[0]);
  EXPECT_EQ(c.program.facts.size(), 2u);
  EXPECT_EQ(c.program.rules.size(), 2u);
  EXPECT_EQ(compile_file(folder / "base.scl", {{folder / "none.scl"}}).errors.at(0).code, "cannot-read");
  std::filesystem::remove_all(folder);
}

TEST(Rules, CarryTextOriginSourceAndPlace) {
  const Compiled c = compile_text(
      "rel q = {1}\n@source(\"Smith 2020\")\nrel p(x) =   q(x) // why\n  or (q(x)\tand x > 1)\nrel {a(x), b(x)} = q(x)",
      "t.scl");
  ASSERT_TRUE(c.ok());
  ASSERT_EQ(c.program.rules.size(), 4u);
  EXPECT_EQ(c.program.rules[0].text, "p(x) = q(x) or (q(x) and x > 1)");
  EXPECT_EQ(c.program.rules[1].text, c.program.rules[0].text);
  EXPECT_EQ(c.program.rules[0].origin, c.program.rules[1].origin);
  EXPECT_EQ(c.program.rules[0].source, "Smith 2020");
  EXPECT_EQ(c.program.rules[0].place, (Place{"t.scl", 3, 5, 4}));
  EXPECT_EQ(c.program.rules[2].origin, c.program.rules[3].origin);
  EXPECT_NE(c.program.rules[1].origin, c.program.rules[2].origin);
}

}  // namespace
}  // namespace tenfold::lang
