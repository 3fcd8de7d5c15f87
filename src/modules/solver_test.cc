#include "modules/solver.h"

#include <array>
#include <random>
#include <set>

#include "modules/call_test.h"
#include "modules/constraints.h"

namespace tenfold::modules {
namespace {

class SolverTest : public CallTest {
 protected:
  void SetUp() override {
    if (!open_solver().ok()) GTEST_SKIP() << "built with TENFOLD_Z3=OFF";
  }
  std::string satisfiable(const std::string& problem) {
    return call("satisfiable", {{Type::string, problem}}, Type::boolean);
  }
  std::string entails(const std::string& problem, const std::string& claim) {
    return call("entails", {{Type::string, problem}, {Type::string, claim}}, Type::boolean);
  }
  std::string best(std::string_view which, const std::string& problem, const std::string& goal) {
    return call(which, {{Type::string, problem}, {Type::string, goal}}, Type::rational);
  }
  /// Rows as "x=1 y=2 ", those of one solution together: "x=1 y=2 | x=2 y=1 ".
  std::string values(std::string_view predicate, const std::string& problem) {
    std::string out;
    Cell last = 0;
    each_row(predicate, {{Type::string, problem}}, [&](std::span<const Cell> row, double, std::span<const Type>) {
      if (row.size() == 3 && row[0] != last) out += "| ", last = row[0];
      const auto text = [&](std::size_t i) { return std::string(symbols.text(as_symbol(row[row.size() - i]))); };
      out += text(2) + "=" + text(1) + " ";
      return true;
    });
    return out;
  }
  std::string complaint(const std::string& problem) {
    Problem p;
    const auto found = p.read(problem);
    return found ? found->what : "";
  }
};

TEST_F(SolverTest, AnOrderingPuzzleHasOneSolution) {
  const std::string puzzle =
      "ann, ben, cleo, dan: 1..4\n"
      "distinct(ann, ben, cleo, dan)\n"
      "ann < ben            # Ann came before Ben\n"
      "cleo = ben + 1; dan != 4; not dan = 1\n"
      "dan > ann";
  EXPECT_EQ(values("solver_solution", puzzle), "ann=1 ben=3 cleo=4 dan=2 ");
  EXPECT_EQ(values("solver_forced", puzzle), "ann=1 ben=3 cleo=4 dan=2 ");
  EXPECT_EQ(entails(puzzle, "cleo > dan"), "true");
  EXPECT_EQ(entails(puzzle, "cleo < dan"), "false");
}

TEST_F(SolverTest, WhatAllSolutionsShareAndWhatSomeHave) {
  const std::string p = "x, y: 1..3; c: {red, green, blue}; b: bool; x + y = 5; c != red; b <=> x > 1";
  EXPECT_EQ(values("solver_forced", p), "b=true ");
  EXPECT_EQ(values("solver_possible", p), "x=2 x=3 y=2 y=3 c=green c=blue b=true ");
  EXPECT_EQ(values("solver_solution", p),
            "x=2 y=3 c=green b=true | x=2 y=3 c=blue b=true | x=3 y=2 c=green b=true | x=3 y=2 c=blue b=true ");
}

TEST_F(SolverTest, LinearArithmeticIsExact) {
  const std::string diet = "x, y: real; x >= 0; y >= 0; x + 2*y <= 4; 3*x + y <= 6";
  EXPECT_EQ(best("greatest", diet, "x + y"), "2.8");
  EXPECT_EQ(best("greatest", "x: real; 3*x <= 1", "x"), "1/3");
  EXPECT_EQ(best("least", diet, "x - y"), "-2");
  EXPECT_EQ(best("greatest", "x: real; x >= 0", "x"), "none");        // no bound
  EXPECT_EQ(best("greatest", "x: real; x < 1", "x"), "none");         // not reached
  EXPECT_EQ(best("greatest", "x: real; x < 1; x > 2", "x"), "none");  // no solution
  EXPECT_EQ(best("greatest", "x: int; 2*x < 7", "x"), "3");
  EXPECT_EQ(best("greatest", "x: -5..5; y: 1..2", "max(abs(x), y) - x/2"), "7.5");
  EXPECT_EQ(satisfiable("x: int; 2*x = 7"), "false");
  EXPECT_EQ(satisfiable("x: real; 2*x = 7"), "true");
  EXPECT_EQ(values("solver_forced", "x: real; 3*x = 1"), "x=1/3 ");
  EXPECT_EQ(best("least", "a, b, c: bool; a or b; b => c", "count(a, b, c)"), "1");
}

TEST_F(SolverTest, NoSolutionMeansNoRowsAndNoClaim) {
  EXPECT_EQ(satisfiable("x: 1..3; x > 3"), "false");
  EXPECT_EQ(entails("x: 1..3; x > 3", "x = 1"), "none");
  EXPECT_EQ(values("solver_forced", "x: 1..3; x > 3"), "");
  EXPECT_EQ(values("solver_solution", "x: 1..3; x > 3"), "");
  EXPECT_EQ(satisfiable("x: 3..1"), "false");
  EXPECT_EQ(satisfiable(""), "true");
}

TEST_F(SolverTest, WhatIsNotDecidedOrTooManyHasNoAnswer) {
  EXPECT_EQ(values("solver_solution", "x: 1..257"), "");
  EXPECT_EQ(values("solver_possible", "x: 1..1001"), "");
  EXPECT_EQ(values("solver_solution", "x: real; x = 1"), "");
  // Pigeons: resolution needs exponentially many steps, and the effort ends first.
  std::string pigeons;
  const int holes = 12;
  for (int p = 0; p <= holes; ++p) pigeons += (p ? ", p" : "p") + std::to_string(p);
  pigeons += ": 1.." + std::to_string(holes) + ";";
  for (int p = 0; p <= holes; ++p)
    for (int q = 0; q < p; ++q) pigeons += "p" + std::to_string(p) + " != p" + std::to_string(q) + ";";
  const std::string answer = satisfiable(pigeons);
  EXPECT_NE(answer, "true");
}

// A number of 10,000 digits can be written, its square is past what a Rational holds.
TEST_F(SolverTest, ValuesPastARationalHaveNoRows) {
  const std::string large = std::string(10'000, '9'), x = "x, y: int; x = " + large + "; ", y = "y = " + large + "*x";
  EXPECT_TRUE(values("solver_possible", x + y + " or " + y + " + 1").empty());
  EXPECT_TRUE(values("solver_solution", x + y + " or " + y + " + 1").empty());
  EXPECT_TRUE(best("least", x + y, "y") == "none");
}

TEST_F(SolverTest, MalformedProblemsSayWhere) {
  EXPECT_EQ(complaint("x: 1..3; y < 2"), "nothing is called `y` (line 1 of the problem, before `y < 2`)");
  EXPECT_EQ(complaint("x: 1..3\n\nx * x = 4"),
            "a product of two unknowns is not linear (line 3 of the problem, before `= 4`)");
  for (const char* bad : {"x",
                          "x:",
                          "x: 1..",
                          "x: 1..y",
                          "x: {}",
                          "x: {a, }",
                          "x: int; x: int",
                          "x: {a}; a: int",
                          "x: int; x + true = 2",
                          "x: int; x / 0 = 1",
                          "x: int; 1 / x = 1",
                          "x: bool; x < true",
                          "c: {a, b}; c < b",
                          "c: {a}; c = 1",
                          "x: int; x",
                          "x: int; x = 1 2",
                          "(",
                          "x: int; distinct(x, true)",
                          "x: int; foo(x) = 1",
                          "x: int; x = 1)",
                          "x: bool; not",
                          "x: bool; x and 1",
                          "x: bool; x => 3 = 3 =>",
                          "1 < 2 < 3",
                          "x: int; x = 99999999999999999999999999999999*"})
    EXPECT_NE(complaint(bad), "") << bad;
  EXPECT_NE(complaint(std::string(1000, '(')), "");
  EXPECT_NE(complaint(std::string(70'000, ' ')), "");
  EXPECT_NE(complaint("x: bool; " + std::string(60'000, '-') + "x = 1"), "");
  std::string many;
  for (int i = 0; i < 1100; ++i) many += "v" + std::to_string(i) + ": bool;";
  EXPECT_NE(complaint(many), "");
}

/// A condition or number over x, y, z: 0..3 and b, as text, and its value.
class Drawn {
 public:
  explicit Drawn(std::uint64_t seed) : random_(seed) {}

  std::string condition(int depth) {
    switch (depth == 0 ? pick(3) : pick(9)) {
      case 0:
        return number(depth) + std::array{" = ", " != ", " < ", " <= ", " > ", " >= "}[pick(6)] + number(depth);
      case 1:
        return "b";
      case 2:
        return "distinct(" + number(0) + ", " + number(0) + ", " + number(0) + ")";
      case 3:
        return "not (" + condition(depth - 1) + ")";
      case 4:
        return "(" + condition(depth - 1) + " and " + condition(depth - 1) + ")";
      case 5:
        return "(" + condition(depth - 1) + " => " + condition(depth - 1) + ")";
      case 6:
        return "(" + condition(depth - 1) + " <=> " + condition(depth - 1) + ")";
      case 7:
        return "count(" + condition(depth - 1) + ", " + condition(depth - 1) + ") = " + std::to_string(pick(3));
      default:
        return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
    }
  }
  std::string number(int depth) {
    switch (depth == 0 ? pick(2) : pick(7)) {
      case 0:
        return std::array{"x", "y", "z"}[pick(3)];
      case 1:
        return std::to_string(pick(5));
      case 2:
        return "(" + number(depth - 1) + " + " + number(depth - 1) + ")";
      case 3:
        return "(" + number(depth - 1) + " - 2*" + number(0) + ")";
      case 4:
        return "abs(" + number(depth - 1) + ")";
      case 5:
        return "max(" + number(depth - 1) + ", " + number(0) + ")";
      default:
        return "if(" + condition(depth - 1) + ", " + number(depth - 1) + ", " + number(0) + ")";
    }
  }

 private:
  std::size_t pick(std::size_t n) { return random_() % n; }
  std::mt19937_64 random_;
};

/// The terms of a problem under one choice of values, term by term.
std::vector<std::int64_t> worth(const Problem& p, const std::vector<std::int64_t>& chosen) {
  std::vector<std::int64_t> v;
  for (const Term& t : p.terms) {
    const auto arg = [&](std::size_t i) { return v[t.args[i]]; };
    std::int64_t out = 0;
    switch (t.op) {
      case Op::number:
        out = std::stoll(t.digits);
        break;
      case Op::variable:
        out = chosen[t.index];
        break;
      case Op::add:
        out = arg(0) + arg(1);
        break;
      case Op::subtract:
        out = arg(0) - arg(1);
        break;
      case Op::multiply:
        out = arg(0) * arg(1);
        break;
      case Op::equal:
        out = arg(0) == arg(1);
        break;
      case Op::less:
        out = arg(0) < arg(1);
        break;
      case Op::less_equal:
        out = arg(0) <= arg(1);
        break;
      case Op::both:
        out = 1;
        for (const std::uint32_t a : t.args) out &= v[a];
        break;
      case Op::either:
        for (const std::uint32_t a : t.args) out |= v[a];
        break;
      case Op::implies:
        out = !arg(0) || arg(1);
        break;
      case Op::opposite:
        out = !arg(0);
        break;
      case Op::distinct: {
        std::set<std::int64_t> all;
        for (const std::uint32_t a : t.args) all.insert(v[a]);
        out = all.size() == t.args.size();
        break;
      }
      case Op::condition:
        out = arg(0) ? arg(1) : arg(2);
        break;
      default:
        out = t.index;
    }
    v.push_back(out);
  }
  return v;
}

// Everything that is answered, against all 128 choices of values.
TEST_F(SolverTest, AnswersAreThoseOfTryingEverything) {
  int with_some = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Drawn drawn(seed);
    std::string text = "x, y, z: 0..3; b: bool";
    for (int i = 0; i < 3; ++i) text += "; " + drawn.condition(2);
    const std::string claim = drawn.condition(1), goal = drawn.number(2);
    Problem p;
    ASSERT_FALSE(p.read(text)) << text;
    const auto claimed = std::get<std::uint32_t>(p.expression(claim, true));
    const auto wanted = std::get<std::uint32_t>(p.expression(goal, false));
    std::string solutions, forced, possible;
    std::vector<std::set<std::int64_t>> seen(4);
    std::optional<std::int64_t> least, greatest;
    bool always = true;
    for (std::int64_t n = 0; n < 128; ++n) {
      const std::vector<std::int64_t> chosen = {n / 32, n / 8 % 4, n / 2 % 4, n % 2};
      const auto v = worth(p, chosen);
      if (!std::all_of(p.required.begin(), p.required.end(), [&](std::uint32_t t) { return v[t] != 0; })) continue;
      solutions += solutions.empty() ? "" : "| ";
      for (std::size_t i = 0; i < 4; ++i) {
        const std::string shown = i == 3 ? (chosen[i] ? "true" : "false") : std::to_string(chosen[i]);
        solutions += p.variables[i].name + "=" + shown + " ";
        seen[i].insert(chosen[i]);
      }
      always = always && v[claimed];
      least = std::min(least.value_or(v[wanted]), v[wanted]);
      greatest = std::max(greatest.value_or(v[wanted]), v[wanted]);
    }
    for (std::size_t i = 0; i < 4; ++i)
      for (const std::int64_t value : seen[i]) {
        const std::string shown = i == 3 ? (value ? "true" : "false") : std::to_string(value);
        possible += p.variables[i].name + "=" + shown + " ";
        if (seen[i].size() == 1) forced += p.variables[i].name + "=" + shown + " ";
      }
    with_some += !solutions.empty();
    ASSERT_EQ(satisfiable(text), solutions.empty() ? "false" : "true") << text;
    ASSERT_EQ(values("solver_solution", text), solutions) << text;
    ASSERT_EQ(values("solver_forced", text), forced) << text;
    ASSERT_EQ(values("solver_possible", text), possible) << text;
    ASSERT_EQ(entails(text, claim), solutions.empty() ? "none" : always ? "true" : "false") << text << " | " << claim;
    ASSERT_EQ(best("least", text, goal), least ? std::to_string(*least) : "none") << text << " | " << goal;
    ASSERT_EQ(best("greatest", text, goal), greatest ? std::to_string(*greatest) : "none") << text << " | " << goal;
  }
  EXPECT_GT(with_some, 20);
}

}  // namespace
}  // namespace tenfold::modules
