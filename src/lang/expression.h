// What an expression is worth under a binding, and which constraints bind a variable.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/symbols.h"
#include "lang/program.h"

namespace tenfold::lang {

/// The value of `expr` when variable v is registers[v]; nothing where there is no value (division by zero, a text that
/// is no number, overflow of a product): the tuple under construction then does not exist. `+` and `-` on integers
/// saturate, and amounts of two currencies have no sum, order or quotient. May intern new text. Never aborts.
std::optional<Cell> evaluate(const Expr& expr, std::span<const Cell> registers, Symbols& symbols);

/// Numbers of one type, and sums of amounts: `+` and `-` on integers saturate, else nothing where the result does not
/// fit, nor of amounts in two currencies.
std::optional<Cell> arithmetic(Op op, Cell a, Cell b, Type type, Symbols& symbols);

/// The n-th part of a Rational or of an amount.
std::optional<Cell> share(Cell whole, Type type, std::uint64_t n, Symbols& symbols);

/// What a tag is worth as a probability, whatever number it is.
double probability(Cell tag, Type type, const Symbols& symbols);

struct Assignment {
  VarId variable;
  Expr value;
};

/// If `condition` is an equation that determines exactly one variable not yet bound (`x == e`, or `e == x + c` and the
/// like through + and -, whose operands are otherwise bound), that assignment; else nothing.
std::optional<Assignment> assignment(const Expr& condition, const std::vector<bool>& bound);

/// The variables that `expr` reads are all bound.
bool ready(const Expr& expr, const std::vector<bool>& bound);

}  // namespace tenfold::lang
