// Calendar time: parsing of ISO 8601 and FHIR dates, formatting, and civil dates. All times are UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenfold {

/// Microseconds since 1970-01-01 00:00 UTC.
using Micros = std::int64_t;
constexpr Micros kMicrosPerDay = 86'400'000'000;

struct CivilDate {
  std::int32_t year;
  std::uint32_t month;  // 1..12
  std::uint32_t day;    // 1..31
};

/// Days since 1970-01-01, proleptic Gregorian. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days);
CivilDate civil(Micros time);
bool leap(std::int32_t year);
std::uint32_t days_in_month(std::int32_t year, std::uint32_t month);

/// The day that a time falls on, in days since 1970-01-01, and how far into it.
std::int64_t day_of(Micros time);
Micros since_midnight(Micros time);
/// The first moment of a day; nothing where Micros does not reach.
std::optional<Micros> midnight(std::int64_t day);

/// Reads FHIR date, dateTime and instant (YYYY, YYYY-MM, YYYY-MM-DD, …Thh:mm[:ss[.f]](Z|±hh:mm)), also with a blank in
/// place of T, with " UTC" or nothing for Z, and DICOM's YYYYMMDD. Missing parts are the earliest (2020 is 2020-01-01
/// 00:00). Nothing when malformed.
std::optional<Micros> parse_datetime(std::string_view text);

/// "2020-01-31" at midnight, else "2020-01-31T08:30:00Z" (with fraction only where there is one).
std::string datetime_text(Micros time);

/// Completed years between birth and a later time, by the calendar; negative when `at` is before `birth`.
std::int64_t age_years(Micros birth, Micros at);

}  // namespace tenfold
