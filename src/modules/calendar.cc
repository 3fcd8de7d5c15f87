// $is_business_day $add_business_days … $day_fraction, business_days_in: days are UTC, and what comes out is a
// midnight.
#include "modules/calendar.h"

#include <algorithm>
#include <array>
#include <string>

#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

constexpr std::int64_t kMostDays = 100'000;  // that are looked at one by one: 273 years
constexpr std::int32_t kFirstTarget = 2002, kFirstFederal = 1986, kJuneteenth = 2021;

/// 1 is Monday, 7 Sunday.
int weekday(std::int64_t day) { return static_cast<int>(((day + 3) % 7 + 7) % 7) + 1; }

/// The day is the n-th of its weekday in its month.
bool nth(const CivilDate& date, std::uint32_t n) { return (date.day - 1) / 7 + 1 == n; }

bool target_holiday(std::int64_t day, const CivilDate& date) {
  if ((date.month == 1 && date.day == 1) || (date.month == 5 && date.day == 1)) return true;
  if (date.month == 12 && (date.day == 25 || date.day == 26)) return true;
  if (date.month != 3 && date.month != 4) return false;
  const std::int64_t sunday = easter(date.year);
  return day == sunday - 2 || day == sunday + 1;
}

/// On the date that the law names, before it is moved off a weekend.
bool fixed_federal(const CivilDate& date) {
  return (date.month == 1 && date.day == 1) || (date.month == 6 && date.day == 19 && date.year >= kJuneteenth) ||
         (date.month == 7 && date.day == 4) || (date.month == 11 && date.day == 11) ||
         (date.month == 12 && date.day == 25);
}

bool federal_holiday(std::int64_t day, const CivilDate& date, bool saturdays) {
  const int which = weekday(day);
  if (fixed_federal(date)) return true;
  if (which == 1 && fixed_federal(civil_from_days(day - 1))) return true;
  if (saturdays && which == 5 && fixed_federal(civil_from_days(day + 1))) return true;
  if (which == 1)  // King, Washington, memorial day, labor day, Columbus
    return (date.month == 1 && nth(date, 3)) || (date.month == 2 && nth(date, 3)) ||
           (date.month == 5 && date.day > 24) || (date.month == 9 && nth(date, 1)) ||
           (date.month == 10 && nth(date, 2));
  return which == 4 && date.month == 11 && nth(date, 4);  // thanksgiving
}

Maybe at_midnight(std::int64_t day) {
  const auto time = midnight(day);
  return time ? Maybe(cell(*time)) : std::nullopt;
}

std::int64_t day(const Call& call, std::size_t i) { return day_of(as_int(call.args[i])); }

/// The first business day from `day` on, going forward or back.
std::optional<std::int64_t> nearest(const Calendar& calendar, std::int64_t day, int step) {
  for (int i = 0; i < 60; ++i, day += step) {
    const auto open = calendar.open(day);
    if (!open) return std::nullopt;
    if (*open) return day;
  }
  return std::nullopt;
}

Maybe is_business_day(const Call& call) {
  const auto calendar = Calendar::named(text(call, 1));
  const auto open = calendar ? calendar->open(day(call, 0)) : std::nullopt;
  return open ? Maybe(Cell{*open}) : std::nullopt;
}

/// $add_business_days(day, n, calendar): the n-th business day after it, before it when n is below 0; for 0 the day
/// itself, or the next business day.
Maybe add_business_days(const Call& call) {
  const auto calendar = Calendar::named(text(call, 2));
  std::int64_t at = day(call, 0), left = as_int(call.args[1]);
  if (!calendar || left > kMostDays || left < -kMostDays) return std::nullopt;
  if (left == 0) {
    const auto next = nearest(*calendar, at, 1);
    return next ? at_midnight(*next) : std::nullopt;
  }
  const int step = left < 0 ? -1 : 1;
  while (left != 0) {
    const auto next = nearest(*calendar, at + step, step);
    if (!next) return std::nullopt;
    at = *next, left -= step;
  }
  return at_midnight(at);
}

/// $business_days_between(from, to, calendar): business days after `from` up to `to`; below 0 when `to` comes first.
Maybe business_days_between(const Call& call) {
  const auto calendar = Calendar::named(text(call, 2));
  const std::int64_t from = day(call, 0), to = day(call, 1);
  if (!calendar || to - from > kMostDays || from - to > kMostDays) return std::nullopt;
  const int step = to < from ? -1 : 1;
  std::int64_t count = 0;
  for (std::int64_t at = from; at != to;) {
    const auto open = calendar->open(at += step);
    if (!open) return std::nullopt;
    count += *open ? step : 0;
  }
  return cell(count);
}

constexpr std::array<std::string_view, 5> kConventions = {"following", "modified-following", "preceding",
                                                          "modified-preceding", "unadjusted"};

/// $adjust_business_day(day, convention, calendar): following, modified-following and preceding as in the 2006 ISDA
/// Definitions, section 4.12; the others as in FpML 5.11. `modified` turns around rather than leave the month.
Maybe adjust_business_day(const Call& call) {
  const auto calendar = Calendar::named(text(call, 2));
  const auto at = std::find(kConventions.begin(), kConventions.end(), text(call, 1));
  if (!calendar || at == kConventions.end()) return std::nullopt;
  const std::int64_t from = day(call, 0);
  if (*at == "unadjusted") return at_midnight(from);
  const int step = at->ends_with("following") ? 1 : -1;
  auto found = nearest(*calendar, from, step);
  if (found && at->starts_with("modified") && civil_from_days(*found).month != civil_from_days(from).month)
    found = nearest(*calendar, from, -step);
  return found ? at_midnight(*found) : std::nullopt;
}

Maybe fraction(const Call& call) { return day_fraction(day(call, 0), day(call, 1), text(call, 2), call.symbols); }

Maybe weekday_of(const Call& call) { return cell(std::int64_t{weekday(day(call, 0))}); }

Maybe end_of_month(const Call& call) {
  CivilDate date = civil_from_days(day(call, 0));
  date.day = days_in_month(date.year, date.month);
  return at_midnight(days_from_civil(date));
}

Maybe easter_of(const Call& call) {
  const std::int64_t year = as_int(call.args[0]);
  return year < 1583 || year > 9999 ? std::nullopt : at_midnight(easter(static_cast<std::int32_t>(year)));
}

/// business_days_in(from, to, calendar, day): each from the first to the last, both included.
bool business_day(const PredicateCall& call, const RowSink& sink) {
  const auto calendar = Calendar::named(text(call, 2));
  const std::int64_t from = day_of(as_int(call.inputs[0])), to = day_of(as_int(call.inputs[1]));
  if (!calendar || to - from > kMostDays) return true;
  for (std::int64_t at = from; at <= to; ++at) {
    const auto open = calendar->open(at);
    const Maybe row = open && *open ? at_midnight(at) : std::nullopt;
    if (row && !sink({&*row, 1})) return false;
  }
  return true;
}

Complaint no_calendar(std::string_view text) {
  return {"there is no calendar `" + std::string(text.substr(0, 40)) + "`",
          "there are weekends, target, us-federal and us-reserve-banks; join several with +"};
}

/// The calendar is the last text of every call, and argument `which`.
template <std::size_t which>
std::optional<Complaint> refuse_calendar(std::size_t argument, std::string_view text) {
  if (argument != which || Calendar::named(text)) return std::nullopt;
  return no_calendar(text);
}

std::optional<Complaint> refuse_adjustment(std::size_t argument, std::string_view text) {
  if (argument == 2) return refuse_calendar<2>(argument, text);
  if (std::find(kConventions.begin(), kConventions.end(), text) != kConventions.end()) return std::nullopt;
  return Complaint{"there is no business day convention `" + std::string(text.substr(0, 40)) + "`",
                   "there are following, modified-following, preceding, modified-preceding and unadjusted"};
}

std::optional<Complaint> refuse_fraction(std::size_t, std::string_view text) {
  Symbols none;
  if (day_fraction(0, 0, text, none)) return std::nullopt;
  return Complaint{"there is no day count convention `" + std::string(text.substr(0, 40)) + "`",
                   "there are act/act, act/365, act/360, 30/360 and 30E/360"};
}

/// Days of the 30/360 conventions between two dates.
std::int64_t days_of_30(const CivilDate& a, const CivilDate& b, bool european) {
  const std::int64_t first = std::min<std::int64_t>(a.day, 30);
  const std::int64_t second = b.day == 31 && (european || first == 30) ? 30 : b.day;
  return 360 * (std::int64_t{b.year} - a.year) + 30 * (std::int64_t{b.month} - a.month) + second - first;
}

}  // namespace

std::int64_t easter(std::int32_t year) {
  const int a = year % 19, b = year / 100, c = year % 100;
  const int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return days_from_civil({year, static_cast<std::uint32_t>(n / 31), static_cast<std::uint32_t>(n % 31 + 1)});
}

std::optional<Calendar> Calendar::named(std::string_view names) {
  Calendar calendar;
  for (;;) {
    const std::size_t plus = names.find('+');
    const std::string_view one = names.substr(0, plus);
    if (one == "target")
      calendar.target_ = true;
    else if (one == "us-federal")
      calendar.federal_ = true;
    else if (one == "us-reserve-banks")
      calendar.reserve_banks_ = true;
    else if (one != "weekends")
      return std::nullopt;
    if (plus == std::string_view::npos) return calendar;
    names.remove_prefix(plus + 1);
  }
}

std::optional<bool> Calendar::open(std::int64_t day) const {
  const CivilDate date = civil_from_days(day);
  if (target_ && date.year < kFirstTarget) return std::nullopt;
  if ((federal_ || reserve_banks_) && date.year < kFirstFederal) return std::nullopt;
  if (weekday(day) > 5) return false;
  if (target_ && target_holiday(day, date)) return false;
  return !(federal_ && federal_holiday(day, date, true)) && !(reserve_banks_ && federal_holiday(day, date, false));
}

std::optional<Cell> day_fraction(std::int64_t from, std::int64_t to, std::string_view convention, Symbols& symbols) {
  const auto over = [&](std::int64_t above, std::int64_t below) {
    return rational::divide(cell(above), cell(below), symbols);  // far below 62 bits
  };
  if (convention == "act/360") return over(to - from, 360);
  if (convention == "act/365") return over(to - from, 365);
  const bool swapped = to < from;
  if (convention == "act/act") {
    if (swapped) std::swap(from, to);
    // The days in leap years over 366 and the others over 365: whole years between are one each.
    const std::int32_t first = civil_from_days(from).year, last = civil_from_days(to).year;
    const auto length = [](std::int32_t year) { return leap(year) ? 366 : 365; };
    const auto january = [](std::int32_t year) { return days_from_civil({year, 1, 1}); };
    std::optional<Cell> total;
    if (first == last) {
      total = over(to - from, length(first));
    } else {
      total = rational::add(*over(january(first + 1) - from, length(first)), *over(to - january(last), length(last)),
                            symbols);
      total = rational::add(*total, cell(std::int64_t{last} - first - 1), symbols);
    }
    return swapped ? rational::subtract(0, *total, symbols) : total;
  }
  const CivilDate a = civil_from_days(from), b = civil_from_days(to);
  if (convention == "30/360") return over(days_of_30(a, b, false), 360);
  if (convention == "30E/360") return over(days_of_30(a, b, true), 360);
  return std::nullopt;
}

void add_calendar(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("is_business_day", {datetime, text}, boolean, is_business_day, "business is done on that day",
      refuse_calendar<1>);
  add("add_business_days", {datetime, i32, text}, datetime, add_business_days,
      "the n-th business day after, or before; 0: the day itself or the next", refuse_calendar<2>);
  add("business_days_between", {datetime, datetime, text}, i64, business_days_between,
      "business days after the first up to the second", refuse_calendar<2>);
  add("adjust_business_day", {datetime, text, text}, datetime, adjust_business_day,
      "moved to a business day by a named convention", refuse_adjustment);
  add("day_fraction", {datetime, datetime, text}, rational, fraction, "the part of a year, by a day count convention",
      refuse_fraction);
  add("weekday", {datetime}, u32, weekday_of, "1 Monday to 7 Sunday");
  add("end_of_month", {datetime}, datetime, end_of_month, "the last day of the month");
  add("easter", {i32}, datetime, easter_of, "Easter Sunday of a year from 1583 on");
}

void add_calendar(std::vector<Predicate>& list) {
  using F = Family;
  PredicateList{list}("business_days_in",
                      {{"from", F::datetime}, {"to", F::datetime}, {"calendar", F::text}, {"day", F::datetime}}, 3,
                      business_day, "each business day from the first to the last", refuse_calendar<2>);
}

}  // namespace tenfold::modules
