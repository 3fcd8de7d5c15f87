// $datetime_… $days_between $hours_between $age_years $date_text. All times are UTC.
#include "base/datetime.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

CivilDate date(const Call& call) { return civil(as_int(call.args[0])); }

Maybe year(const Call& call) { return cell(std::int64_t{date(call).year}); }
Maybe month(const Call& call) { return Cell{date(call).month}; }
Maybe month0(const Call& call) { return Cell{date(call).month - 1}; }
Maybe day(const Call& call) { return Cell{date(call).day}; }

std::optional<Micros> between(const Call& call) {
  Micros span = 0;
  if (__builtin_sub_overflow(as_int(call.args[1]), as_int(call.args[0]), &span)) return std::nullopt;
  return span;
}

Maybe days_between(const Call& call) {
  const auto span = between(call);
  return span ? Maybe(cell(day_of(*span))) : std::nullopt;
}

Maybe hours_between(const Call& call) {
  const auto span = between(call);
  if (!span) return std::nullopt;
  return cell(static_cast<double>(*span) / 3.6e9);
}

Maybe years(const Call& call) { return cell(age_years(as_int(call.args[0]), as_int(call.args[1]))); }

Maybe date_text(const Call& call) {
  const auto start = midnight(day_of(as_int(call.args[0])));
  return start ? Maybe(call.symbols.intern(datetime_text(*start))) : std::nullopt;
}

}  // namespace

void add_time(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("datetime_year", {datetime}, i32, year, "calendar year, UTC");
  add("datetime_month", {datetime}, u32, month, "month, 1 to 12");
  add("datetime_month0", {datetime}, u32, month0, "month, 0 to 11");
  add("datetime_day", {datetime}, u32, day, "day of the month, 1 to 31");
  add("days_between", {datetime, datetime}, i64, days_between, "whole days from the first to the second, rounded down");
  add("hours_between", {datetime, datetime}, f64, hours_between, "hours from the first to the second");
  add("age_years", {datetime, datetime}, i64, years, "completed years from birth to a time, by the calendar");
  add("date_text", {datetime}, text, date_text, "the calendar day, as 2020-01-31");
}

}  // namespace tenfold::modules
