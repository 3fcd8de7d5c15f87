// The ways in which people and logs write dates, for literals and tables: those that Scallop's programs may use.
#pragma once

#include <optional>
#include <string_view>

#include "base/datetime.h"

namespace tenfold {

/// What parse_datetime() reads, and
///   2021-Feb-21   2014/3/31   2014.03.31   2014.03   2014年04月08日          year first
///   3/31/2014   03.31.2014   8/1/71                                          month first, as in the USA
///   7 oct 70   14 May 2019   May 6, 2014   oct. 7, 1970   Wed, 02 Jun 2021   the month by name
///   171113 14:14:20                                                          a log's yymmdd, with a time
///   1511648546   1620021848429   1620024872717915000                         seconds, ms, ns since 1970
/// then a time of day, `22:05`, `10:11:59.318`, `5:57:51 PM`, `at 10:09am`, and a zone: `Z`, `UTC`, `PDT`, `-08`,
/// `+0800`, `+08:00`. Years of two digits lie in 1970 to 2069; without a zone it is UTC, without a time midnight.
/// Nothing when malformed; also where the year is missing, for it would be that of the day of reading.
std::optional<Micros> parse_date_form(std::string_view text);

}  // namespace tenfold
