// Days on which business is done, and how much of a year lies between two days.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/datetime.h"
#include "base/rational.h"

namespace tenfold::modules {

/// One or several calendars, in whose business days all are at work. "weekends": Monday to Friday. "target": the days
/// of the euro payment system, from 2002 (European Central Bank, press release of 14 December 2000). "us-federal":
/// offices of the United States, from 1986; a holiday on a Saturday is kept on the Friday before (5 U.S.C. 6103;
/// without the inauguration and closings by order). "us-reserve-banks": the same, but not on that Friday (Federal
/// Reserve Financial Services, holiday schedules).
class Calendar {
 public:
  /// "target", or several joined by "+". Nothing when one is unknown.
  static std::optional<Calendar> named(std::string_view names);

  /// `day` in days since 1970-01-01; nothing before the first year that the calendar knows.
  std::optional<bool> open(std::int64_t day) const;

 private:
  bool target_ = false, federal_ = false, reserve_banks_ = false;
};

/// Easter Sunday of the Gregorian calendar, in days since 1970-01-01. Source: Meeus, "Astronomical Algorithms", 2nd
/// edition, chapter 8.
std::int64_t easter(std::int32_t year);

/// The part of a year from one day to another, exactly, by a convention of the 2006 ISDA Definitions, section 4.16:
/// "act/act" (b), "act/365" (d), "act/360" (e), "30/360" (f), "30E/360" (g). Negative when the second day comes first.
/// Nothing for another name.
std::optional<Cell> day_fraction(std::int64_t from, std::int64_t to, std::string_view convention, Symbols& symbols);

}  // namespace tenfold::modules
