#include "lang/expression.h"

#include <gtest/gtest.h>

#include <limits>

#include "lang/lang.h"

namespace tenfold::lang {
namespace {

/// The value of `text` as a column of that type, or nothing where the fact does not exist.
std::optional<std::string> worth(const std::string& text, const std::string& type) {
  const Compiled c = compile_text("type v(x: " + type + ")\nrel v(" + text + ")");
  EXPECT_TRUE(c.ok()) << (c.ok() ? "" : render(c.errors[0]));
  if (!c.ok() || c.program.facts.empty()) return std::nullopt;
  return literal(c.program.facts[0].row[0], c.program.relations[0].columns[0].type, c.program.symbols);
}

struct Case {
  std::string text, type, value;  // value empty: there is none
};

TEST(Evaluate, ArithmeticIsTheLanguages) {
  for (const Case& c : std::vector<Case>{
           {"127 + 1", "i8", "127"},  // + and - saturate
           {"1 - 2", "usize", "0"},
           {"18446744073709551615 + 1", "u64", "18446744073709551615"},
           {"-128 - 1", "i8", "-128"},
           {"127 * 127", "i8", ""},  // a product out of range has no value
           {"4294967296 * 4294967296", "i64", ""},
           {"1 / 0", "i32", ""},
           {"1 % 0", "i32", ""},
           {"-7 % 2", "i32", "-1"},  // the sign of the dividend
           {"-7 / 2", "i32", "-3"},
           {"-9223372036854775808 / -1", "i64", ""},
           {"-9223372036854775808 % -1", "i64", "0"},
           {"-(-9223372036854775808)", "i64", "9223372036854775807"},
           {"0.0 / 0.0", "f64", ""},
           {"1.0 / 0.0", "f64", "inf"},
           {"0.1 + 0.2", "f32", "0.3"},  // rounded to float after each step
           {"7.5 % 2.0", "f64", "1.5"},
           {"\"a\" + \"b\"", "String", "\"ab\""},
           {"if 1 > 2 then 3 else 4", "i32", "4"},
           {"true ^ true || false", "bool", "false"},
           {"\"b\" > \"a\"", "bool", "true"},
           {"\"a\" < \"aa\"", "bool", "true"},
       }) {
    const auto value = worth(c.text, c.type);
    EXPECT_EQ(value.value_or(""), c.value) << c.text << " as " << c.type;
  }
}

TEST(Evaluate, CastsTruncateSaturateOrFail) {
  for (const Case& c : std::vector<Case>{
           {"300 as u8", "u8", "44"},
           {"-1 as u8", "u8", "255"},
           {"-1 as u64", "u64", "18446744073709551615"},
           {"3.9 as i32", "i32", "3"},
           {"-3.9 as i32", "i32", "-3"},
           {"1000.0 as i8", "i8", "127"},
           {"-1.0 as u32", "u32", "0"},
           {"(1.0 / 0.0) as i64", "i64", "9223372036854775807"},
           {"0.1 as f32 as f64", "f64", "0.10000000149011612"},
           {"\"12\" as i32", "i32", "12"},
           {"\"twelve\" as i32", "i32", ""},
           {"\"300\" as u8", "u8", ""},
           {"'7' as i32", "i32", "7"},
           {"'x' as i32", "i32", ""},
           {"'x' as String", "String", "\"x\""},
           {"1.50 as String", "String", "\"1.5\""},
           {"true as String", "String", "\"true\""},
           {"s\"NAME\" as String", "String", "\"NAME\""},
           {"(340282366920938463463374607431768211455 as Rational) as u128", "u128",
            "340282366920938463463374607431768211455"},
           {"(340282366920938463463374607431768211455.9 as Rational) as u128", "u128",
            "340282366920938463463374607431768211455"},
           {"(340282366920938463463374607431768211456 as Rational) as u128", "u128", ""},
           {"(-170141183460469231731687303715884105728 as Rational) as i128", "i128",
            "-170141183460469231731687303715884105728"},
           {"(170141183460469231731687303715884105728 as Rational) as i128", "i128", ""},
           {"(-0.5 as Rational) as u128", "u128", "0"},
           {"(-1 as Rational) as u128", "u128", ""},
       }) {
    const auto value = worth(c.text, c.type);
    EXPECT_EQ(value.value_or(""), c.value) << c.text << " as " << c.type;
  }
}

Expr var(VarId v, Type type = Type::i32) {
  Expr e;
  e.op = Op::variable;
  e.variable = v;
  e.type = type;
  return e;
}
Expr number(std::int64_t value, Type type = Type::i32) {
  Expr e;
  e.type = type;
  e.constant = cell(value);
  return e;
}
Expr make(Op op, Expr a, Expr b, Type type = Type::i32) {
  Expr e;
  e.op = op;
  e.type = type;
  e.args = {std::move(a), std::move(b)};
  return e;
}

TEST(Assignment, SolvesThroughPlusAndMinus) {
  Symbols symbols;
  const std::vector<bool> bound = {true, false};
  // 10 - (x + 3) == v0
  const Expr side = make(Op::subtract, number(10), make(Op::add, var(1), number(3)));
  const auto found = assignment(make(Op::equal, side, var(0), Type::boolean), bound);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->variable, 1u);
  const std::vector<Cell> registers = {cell(std::int64_t{2}), 0};
  EXPECT_EQ(evaluate(found->value, registers, symbols), cell(std::int64_t{5}));
}

TEST(Assignment, SaturationIsNoSolution) {
  Symbols symbols;
  const std::vector<bool> bound = {true, false};
  // x + 1 == 0 has no solution in usize, though 0 - 1 saturates to 0
  const Expr side = make(Op::add, var(1, Type::usize), number(1, Type::usize), Type::usize);
  const auto found = assignment(make(Op::equal, side, var(0, Type::usize), Type::boolean), bound);
  ASSERT_TRUE(found);
  EXPECT_FALSE(evaluate(found->value, std::vector<Cell>{0, 0}, symbols));
  EXPECT_EQ(evaluate(found->value, std::vector<Cell>{1, 0}, symbols), Cell{0});
}

TEST(Assignment, NotThroughProductsNorTwice) {
  const std::vector<bool> bound = {true, false};
  EXPECT_FALSE(assignment(make(Op::equal, make(Op::multiply, var(1), number(2)), var(0), Type::boolean), bound));
  EXPECT_FALSE(assignment(make(Op::equal, make(Op::add, var(1), var(1)), var(0), Type::boolean), bound));
  EXPECT_FALSE(assignment(make(Op::not_equal, var(1), var(0), Type::boolean), bound));
  EXPECT_FALSE(assignment(make(Op::equal, var(0), number(1), Type::boolean), bound));  // a test
}

}  // namespace
}  // namespace tenfold::lang
