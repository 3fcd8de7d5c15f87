// $round $numerator … $money …: fractions of any size and amounts of money. Every rounding is named by its caller.
#include <string>

#include "base/money.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

constexpr std::uint32_t kMostParts = 100'000;

/// $round(x, places, mode).
Maybe round_to(const Call& call) {
  const auto how = rounding_named(text(call, 2));
  return how ? rational::rounded(call.args[0], as_int(call.args[1]), *how, call.symbols) : std::nullopt;
}

/// $decimal_text(x, places, mode): with exactly that many decimals.
Maybe decimal_text(const Call& call) {
  const std::int64_t places = as_int(call.args[1]);
  const Maybe rounded = places < 0 ? std::nullopt : round_to(call);
  if (!rounded) return std::nullopt;
  return Cell{call.symbols.intern(rational::fixed(*rounded, static_cast<std::size_t>(places), call.symbols))};
}

Maybe numerator(const Call& call) { return rational::numerator(call.args[0], call.symbols); }
Maybe denominator(const Call& call) { return rational::denominator(call.args[0], call.symbols); }
Maybe power(const Call& call) { return rational::power(call.args[0], as_int(call.args[1]), call.symbols); }
Maybe gcd(const Call& call) { return rational::gcd(call.args[0], call.args[1], call.symbols); }

Maybe money(const Call& call) {
  const auto currency = currency_named(text(call, 1));
  return currency ? Maybe(cell_of(Money{call.args[0], *currency}, call.symbols)) : std::nullopt;
}

Maybe money_amount(const Call& call) { return as_money(call.args[0], call.symbols).amount; }

Maybe money_currency(const Call& call) {
  const auto code = as_money(call.args[0], call.symbols).currency;
  return Cell{call.symbols.intern({code.data(), code.size()})};
}

/// $money_round(m, mode): to the smallest unit of the currency.
Maybe money_round(const Call& call) {
  Money money = as_money(call.args[0], call.symbols);
  const auto how = rounding_named(text(call, 1));
  const auto digits = minor_digits(money.currency);
  if (!how || !digits) return std::nullopt;
  const Maybe rounded = rational::rounded(money.amount, *digits, *how, call.symbols);
  if (!rounded) return std::nullopt;
  money.amount = *rounded;
  return cell_of(money, call.symbols);
}

/// $money_convert(m, rate, currency): rate is what one unit of m's currency costs in the other; not rounded.
Maybe money_convert(const Call& call) {
  const Money money = as_money(call.args[0], call.symbols);
  const auto currency = currency_named(text(call, 2));
  if (!currency || rational::sign(call.args[1], call.symbols) <= 0) return std::nullopt;
  const Maybe amount = rational::multiply(money.amount, call.args[1], call.symbols);
  return amount ? Maybe(cell_of(Money{*amount, *currency}, call.symbols)) : std::nullopt;
}

std::optional<Complaint> refuse_mode(std::size_t argument, std::string_view text) {
  if (argument == 0 || rounding_named(text)) return std::nullopt;
  return Complaint{"there is no rounding `" + std::string(text.substr(0, 40)) + "`",
                   "there are half-even, half-up, half-down, up, down, ceiling and floor"};
}

std::optional<Complaint> refuse_currency(std::size_t, std::string_view text) {
  if (currency_named(text)) return std::nullopt;
  return Complaint{"there is no currency `" + std::string(text.substr(0, 40)) + "`",
                   "write a code of ISO 4217, such as EUR or USD"};
}

/// money_split(m, parts, index, part): a multiple of the smallest unit each, together m; the first parts get what is
/// left over. Nothing when m itself is no multiple, or for 0 parts or more than kMostParts.
bool money_split(const PredicateCall& call, const RowSink& sink) {
  Symbols& symbols = call.symbols;
  const Money money = as_money(call.inputs[0], symbols);
  const Cell parts = call.inputs[1];
  const auto digits = minor_digits(money.currency);
  if (!digits || parts == 0 || parts > kMostParts) return true;
  const Maybe units = rational::multiply(money.amount, *rational::power(10, *digits, symbols), symbols);
  if (!units || rational::denominator(*units, symbols) != 1) return true;
  const Cell unit = *rational::power(10, -std::int64_t{*digits}, symbols);
  const Maybe exact = rational::divide(*units, parts, symbols);
  if (!exact) return true;
  const Cell least = *rational::rounded(*exact, 0, Rounding::down, symbols);
  const Maybe dealt = rational::multiply(least, parts, symbols);
  const Cell left = *rational::subtract(*units, *dealt, symbols);  // of the sign of m, and smaller than parts
  const auto extra = static_cast<std::uint64_t>(std::abs(as_int(left)));
  const Cell more = *rational::add(least, cell(std::int64_t{rational::sign(left, symbols)}), symbols);
  for (Cell i = 0; i < parts; ++i) {
    const Maybe amount = rational::multiply(i < extra ? more : least, unit, symbols);
    if (!amount) return true;
    const Cell row[] = {i, cell_of(Money{*amount, money.currency}, symbols)};
    if (!sink(row)) return false;
  }
  return true;
}

}  // namespace

void add_exact(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("round", {rational, i32, text}, rational, round_to, "to so many decimals, in a named way", refuse_mode);
  add("decimal_text", {rational, i32, text}, Family::text, decimal_text, "with exactly so many decimals, rounded",
      refuse_mode);
  add("numerator", {rational}, rational, numerator, "above the bar, in lowest terms");
  add("denominator", {rational}, rational, denominator, "below the bar, in lowest terms, above 0");
  add("power", {rational, i32}, rational, power, "x to a whole power; none for 0 below 0, or past 65536 bits");
  add("gcd", {rational, rational}, rational, gcd, "greatest common divisor of whole numbers; none for fractions");
  add("money", {rational, text}, Family::money, modules::money, "an amount in a currency of ISO 4217", refuse_currency);
  add("money_amount", {Family::money}, rational, money_amount, "the amount without its currency");
  add("money_currency", {Family::money}, text, money_currency, "the code of the currency");
  add("money_round", {Family::money, text}, Family::money, money_round,
      "to the currency's smallest unit, in a named way", refuse_mode);
  add("money_convert", {Family::money, rational, text}, Family::money, money_convert,
      "at a rate above 0, not rounded, into another currency", refuse_currency);
}

void add_exact(std::vector<Predicate>& list) {
  using F = Family;
  PredicateList{list}("money_split", {{"amount", F::money}, {"parts", F::u32}, {"index", F::u32}, {"part", F::money}},
                      2, money_split, "equal parts in the smallest unit that add up; the first get what is left over");
}

}  // namespace tenfold::modules
