#include "modules/calendar.h"

#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

using enum Type;

class CalendarTest : public CallTest {
 protected:
  std::string moved(const std::string& day, int n, const std::string& calendar) {
    return call("add_business_days", {{datetime, day}, {i32, std::to_string(n)}, {string, calendar}}, datetime);
  }
  std::string between(const std::string& from, const std::string& to, const std::string& calendar) {
    return call("business_days_between", {{datetime, from}, {datetime, to}, {string, calendar}}, i64);
  }
  std::string adjusted(const std::string& day, const std::string& how, const std::string& calendar = "target") {
    return call("adjust_business_day", {{datetime, day}, {string, how}, {string, calendar}}, datetime);
  }
  std::string fraction(const std::string& from, const std::string& to, const std::string& how) {
    return call("day_fraction", {{datetime, from}, {datetime, to}, {string, how}}, rational);
  }
};

/// How many weekdays of the years are no business days, and the sum of their day numbers.
std::pair<int, std::int64_t> closed(std::string_view calendar, std::int32_t first, std::int32_t last) {
  const Calendar days = *Calendar::named(calendar), weekdays = *Calendar::named("weekends");
  std::pair<int, std::int64_t> out{0, 0};
  for (std::int64_t day = days_from_civil({first, 1, 1}); day < days_from_civil({last + 1, 1, 1}); ++day)
    if (*weekdays.open(day) && !*days.open(day)) ++out.first, out.second += day;
  return out;
}

// Counts and sums are those of the Python package holidays 0.109 (ECB and US federal) for the same years.
TEST_F(CalendarTest, HolidaysAreThoseOfAnotherImplementation) {
  EXPECT_EQ(closed("target", 2002, 2040), (std::pair<int, std::int64_t>{187, 3'500'058}));
  EXPECT_EQ(closed("us-federal", 1986, 2040), (std::pair<int, std::int64_t>{570, 9'189'391}));
}

TEST_F(CalendarTest, ReserveBanksDoNotKeepASaturday) {
  const auto open = [&](const std::string& day, const std::string& calendar) {
    return call("is_business_day", {{datetime, day}, {string, calendar}}, boolean);
  };
  EXPECT_EQ(open("2021-12-24", "us-federal"), "false");  // for Christmas on a Saturday
  EXPECT_EQ(open("2021-12-24", "us-reserve-banks"), "true");
  EXPECT_EQ(open("2022-12-26", "us-reserve-banks"), "false");  // for Christmas on a Sunday
  EXPECT_EQ(open("2021-12-31", "us-federal"), "false");        // for New Year of the next year
  EXPECT_EQ(open("2020-06-19", "us-federal"), "true");         // before Juneteenth was one
  EXPECT_EQ(open("2024-05-01", "us-federal"), "true");
  EXPECT_EQ(open("2024-05-01", "us-federal+target"), "false");
  EXPECT_EQ(open("2024-05-01T23:59:59Z", "target"), "false");
  EXPECT_EQ(open("2001-12-31", "target"), "none");
  EXPECT_EQ(open("1985-12-31", "us-federal"), "none");
  EXPECT_EQ(open("2024-05-01", "mars"), "none");
  EXPECT_EQ(open("2024-05-01", "target+"), "none");
}

// numpy.busday_offset and busday_count with the holidays above.
TEST_F(CalendarTest, BusinessDaysAreCountedAsNumpyDoes) {
  EXPECT_EQ(moved("2019-07-13", 244, "target"), "2020-06-26");
  EXPECT_EQ(moved("2003-07-23", 246, "target"), "2004-07-08");
  EXPECT_EQ(moved("2014-07-21", 12, "target"), "2014-08-06");
  EXPECT_EQ(moved("2018-07-13", -172, "target"), "2017-11-07");
  EXPECT_EQ(moved("2027-02-19", -357, "target"), "2025-09-26");
  EXPECT_EQ(between("2017-01-27", "2018-01-29", "target"), "255");
  EXPECT_EQ(between("2006-03-25", "2006-05-04", "target"), "26");
  EXPECT_EQ(between("2006-09-01", "2009-02-16", "target"), "626");
  EXPECT_EQ(between("2006-05-04", "2006-05-04", "target"), "0");
  EXPECT_EQ(moved("2024-03-29", 0, "target"), "2024-04-02");  // Good Friday
  EXPECT_EQ(moved("2024-03-29", 100'001, "target"), "none");
  EXPECT_EQ(between("0001-01-01", "9999-01-01", "weekends"), "none");
  EXPECT_EQ(moved("2002-01-02", -1, "target"), "none");
  for (int n = -30; n <= 30; n += n == -1 ? 2 : 1)
    EXPECT_EQ(between("2024-03-27", moved("2024-03-27", n, "target"), "target"), std::to_string(n));
}

TEST_F(CalendarTest, ConventionsMoveDays) {
  EXPECT_EQ(adjusted("2024-03-29", "following"), "2024-04-02");
  EXPECT_EQ(adjusted("2024-03-29", "modified-following"), "2024-03-28");
  EXPECT_EQ(adjusted("2024-03-29", "preceding"), "2024-03-28");
  EXPECT_EQ(adjusted("2024-06-01", "modified-preceding"), "2024-06-03");
  EXPECT_EQ(adjusted("2024-03-29", "unadjusted"), "2024-03-29");
  EXPECT_EQ(adjusted("2024-03-28", "following"), "2024-03-28");
  EXPECT_EQ(adjusted("2024-03-29", "nearest"), "none");
}

TEST_F(CalendarTest, DayCountsAreExact) {
  EXPECT_EQ(fraction("2024-01-31", "2024-03-31", "30/360"), "1/6");
  EXPECT_EQ(fraction("2024-01-30", "2024-03-31", "30/360"), "1/6");
  EXPECT_EQ(fraction("2024-01-29", "2024-03-31", "30/360"), "31/180");  // 62 of 360
  EXPECT_EQ(fraction("2024-01-29", "2024-03-31", "30E/360"), "61/360");
  EXPECT_EQ(fraction("2024-01-01", "2024-07-01", "act/360"), "91/180");
  EXPECT_EQ(fraction("2024-01-01", "2024-07-01", "act/365"), "182/365");
  EXPECT_EQ(fraction("2003-11-01", "2004-05-01", "act/act"), "66491/133590");  // 61/365 + 121/366: ISDA's own example
  EXPECT_EQ(fraction("2004-05-01", "2003-11-01", "act/act"), "-66491/133590");
  EXPECT_EQ(fraction("2000-01-01", "2005-01-01", "act/act"), "5");
  EXPECT_EQ(fraction("2000-01-01", "2005-01-01", "act/364"), "none");
}

TEST_F(CalendarTest, EasterWeekdaysAndMonthEnds) {
  std::int64_t sum = 0;  // of dateutil.easter
  for (std::int32_t year = 1583; year < 2400; ++year) sum += easter(year);
  EXPECT_EQ(sum, 6'346'355);
  EXPECT_EQ(call("easter", {{i32, "2038"}}, datetime), "2038-04-25");
  EXPECT_EQ(call("easter", {{i32, "1582"}}, datetime), "none");
  EXPECT_EQ(call("weekday", {{datetime, "2024-02-29"}}, u32), "4");
  EXPECT_EQ(call("weekday", {{datetime, "1969-12-28"}}, u32), "7");
  EXPECT_EQ(call("end_of_month", {{datetime, "2024-02-10"}}, datetime), "2024-02-29");
  EXPECT_EQ(call("end_of_month", {{datetime, "2023-12-31"}}, datetime), "2023-12-31");
}

TEST_F(CalendarTest, DaysOfAPeriod) {
  EXPECT_EQ(rows("business_days_in", {{datetime, "2024-03-28"}, {datetime, "2024-04-03"}, {string, "target"}}),
            (std::vector<std::string>{"2024-03-28", "2024-04-02", "2024-04-03"}));
}

}  // namespace
}  // namespace tenfold::modules
