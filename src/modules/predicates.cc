#include "modules/predicates.h"

#include <algorithm>
#include <cmath>

#include "base/datetime.h"
#include "base/rational.h"
#include "base/utf8.h"
#include "base/value_order.h"
#include "base/wide.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

/// range(from, to, value): half-open.
bool range(const PredicateCall& call, const RowSink& sink) {
  const Type type = call.types[0];
  const bool wide = type == Type::i128 || type == Type::u128;
  Cell at = call.inputs[0];
  while (compare(at, call.inputs[1], type, call.symbols) < 0) {
    if (!sink({&at, 1})) return false;
    at = wide ? cell128(as_int128(at, call.symbols) + 1, call.symbols) : at + 1;
  }
  return true;
}

bool string_chars(const PredicateCall& call, const RowSink& sink) {
  Cell row[] = {0, 0};
  for (std::string_view left = text(call, 0); !left.empty(); ++row[0]) {
    const Scalar scalar = first_scalar(left);
    row[1] = scalar.value;
    left.remove_prefix(scalar.bytes);
    if (!sink(row)) return false;
  }
  return true;
}

bool string_index(const PredicateCall& call, const RowSink& sink) {
  const std::size_t length = count_scalars(text(call, 0));
  for (Cell at = 0; at < length; ++at)
    if (!sink({&at, 1})) return false;
  return true;
}

/// Occurrences from the left, not overlapping, as [from, to) in characters. An empty pattern occurs at every place.
bool string_find(const PredicateCall& call, const RowSink& sink) {
  std::string_view left = text(call, 0);
  const std::string_view pattern = text(call, 1);
  const std::size_t length = count_scalars(pattern);
  Cell row[] = {0, length};
  if (pattern.empty()) {
    for (const std::size_t end = count_scalars(left); row[0] <= end; row[1] = ++row[0])
      if (!sink(row)) return false;
    return true;
  }
  for (std::size_t at; (at = left.find(pattern)) != std::string_view::npos;) {
    row[0] += count_scalars(left.substr(0, at));
    row[1] = row[0] + length;
    if (!sink(row)) return false;
    row[0] = row[1];
    left.remove_prefix(at + pattern.size());
  }
  return true;
}

bool string_split(const PredicateCall& call, const RowSink& sink) {
  std::string_view left = text(call, 0);
  const std::string_view separator = text(call, 1);
  const auto part = [&](std::string_view value) {
    const Cell made = call.symbols.intern(value);
    return sink({&made, 1});
  };
  if (separator.empty()) {  // every character by itself, between two empty parts
    for (; !left.empty(); left.remove_prefix(first_scalar(left).bytes))
      if (!part(left.substr(0, first_scalar(left).bytes))) return false;
    return part("");
  }
  for (std::size_t at; (at = left.find(separator)) != std::string_view::npos;) {
    if (!part(left.substr(0, at))) return false;
    left.remove_prefix(at + separator.size());
  }
  return part(left);
}

bool datetime_ymd(const PredicateCall& call, const RowSink& sink) {
  const CivilDate date = civil(as_int(call.inputs[0]));
  const Cell row[] = {cell(std::int64_t{date.year}), date.month, date.day};
  return sink(row);
}

double number(const PredicateCall& call, std::size_t i) {
  const Cell c = call.inputs[i];
  switch (call.types[i]) {
    case Type::f32:
    case Type::f64:
      return as_double(c);
    case Type::i128:
      return static_cast<double>(as_int128(c, call.symbols));
    case Type::rational:
      return rational::to_double(c, call.symbols);
    case Type::u128:
      return static_cast<double>(static_cast<Uint128>(as_int128(c, call.symbols)));
    default:
      return is_unsigned(call.types[i]) ? static_cast<double>(c) : static_cast<double>(as_int(c));
  }
}

bool float_eq(const PredicateCall& call, const RowSink& sink) {
  constexpr double kNear = 0.001;  // the language's
  const double a = number(call, 0), b = number(call, 1);
  return a == b || std::fabs(a - b) < kNear ? sink({}) : true;
}

/// Numbers that are near are probably equal: sech((a - b) / 2), which is 1 at 0.
double likeness(double a, double b) { return a == b ? 1.0 : 1.0 / std::cosh((a - b) / 2); }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double soft_equal(double a, double b) { return likeness(a, b); }
double soft_unequal(double a, double b) { return 1.0 - likeness(a, b); }
double soft_greater(double a, double b) { return a == b ? 0.5 : sigmoid(a - b); }
double soft_less(double a, double b) { return soft_greater(b, a); }

template <double (*probability)(double, double)>
bool soft(const PredicateCall& call, const RowSink& sink) {
  return sink({}, probability(number(call, 0), number(call, 1)));
}

/// Nothing makes a tensor yet, so this is never called with one.
bool no_rows(const PredicateCall&, const RowSink&) { return true; }

void add_language(std::vector<Predicate>& list) {
  using F = Family;
  const PredicateList add(list);
  add("range", {{"from", F::integer}, {"to", F::integer}, {"value", F::integer}}, 2, range,
      "whole numbers from the first up to, not with, the second");
  add("string_chars", {{"text", F::text}, {"index", F::usize}, {"character", F::character}}, 1, string_chars,
      "each character with its offset from 0");
  add("string_index", {{"text", F::text}, {"index", F::usize}}, 1, string_index, "each offset of a character");
  add("string_find", {{"text", F::text}, {"pattern", F::text}, {"from", F::usize}, {"to", F::usize}}, 2, string_find,
      "where the pattern occurs, in characters");
  add("string_split", {{"text", F::text}, {"separator", F::text}, {"part", F::text}}, 2, string_split,
      "the parts between separators");
  add("datetime_ymd", {{"time", F::datetime}, {"year", F::i32}, {"month", F::u32}, {"day", F::u32}}, 1, datetime_ymd,
      "calendar date, UTC");
  add("float_eq", {{"a", F::floating}, {"b", F::floating}}, 2, float_eq, "differ by less than 0.001");
  const auto uncertain = [&](std::string_view name, bool (*rows)(const PredicateCall&, const RowSink&),
                             std::string_view doc) {
    list.push_back({name, {{"a", F::number}, {"b", F::number}}, 2, true, doc, rows});
  };
  uncertain("soft_eq", soft<soft_equal>, "probably equal: sech((a - b) / 2)");
  uncertain("soft_neq", soft<soft_unequal>, "probably different: 1 - sech((a - b) / 2)");
  uncertain("soft_gt", soft<soft_greater>, "probably greater: the logistic function of a - b");
  uncertain("soft_lt", soft<soft_less>, "probably less: the logistic function of b - a");
  add("tensor_shape", {{"tensor", F::tensor}, {"dimension", F::usize}, {"size", F::i64}}, 1, no_rows,
      "the size of each dimension");
}

}  // namespace

Type type_of(Family family) {
  switch (family) {
    case Family::number:
    case Family::integer:
    case Family::any:
    case Family::i32:
      return Type::i32;
    case Family::floating:
      return Type::f32;
    case Family::text:
      return Type::string;
    case Family::boolean:
      return Type::boolean;
    case Family::character:
      return Type::character;
    case Family::datetime:
      return Type::datetime;
    case Family::usize:
      return Type::usize;
    case Family::u32:
      return Type::u32;
    case Family::i64:
      return Type::i64;
    case Family::f64:
      return Type::f64;
    case Family::u64:
      return Type::u64;
    case Family::duration:
      return Type::duration;
    case Family::entity:
      return Type::entity;
    case Family::tensor:
      return Type::tensor;
    case Family::rational:
      return Type::rational;
    case Family::money:
      return Type::money;
  }
  return Type::i32;
}

const std::vector<Predicate>& predicates() {
  static const std::vector<Predicate> table = [] {
    std::vector<Predicate> list;
    add_language(list);
    add_exact(list);
    add_regex(list);
    add_calendar(list);
    add_names(list);
    add_solver(list);
    return list;
  }();
  return table;
}

std::optional<std::uint32_t> find_predicate(std::string_view name) {
  const auto& table = predicates();
  const auto at = std::ranges::find(table, name, &Predicate::name);
  if (at == table.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - table.begin());
}

}  // namespace tenfold::modules
