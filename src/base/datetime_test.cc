#include "base/datetime.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

Micros at(std::string_view text) {
  const auto time = parse_datetime(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(0);
}

TEST(Datetime, EveryDayOfEightCenturiesGoesRoundTrip) {
  CivilDate before = civil_from_days(days_from_civil({1599, 12, 31}));
  for (std::int64_t day = days_from_civil({1600, 1, 1}); day < days_from_civil({2400, 1, 1}); ++day) {
    const CivilDate date = civil_from_days(day);
    ASSERT_EQ(days_from_civil(date), day);
    const bool next_day = date.day == before.day + 1 && date.month == before.month && date.year == before.year;
    const bool next_month = date.day == 1 && before.day >= 28 && (date.month == before.month + 1 || date.month == 1);
    ASSERT_TRUE(next_day || next_month) << date.year << '-' << date.month << '-' << date.day;
    before = date;
  }
  EXPECT_EQ(days_from_civil({1970, 1, 1}), 0);
  EXPECT_EQ(days_from_civil({2000, 3, 1}), 11017);
}

TEST(Datetime, ReadsFhirAndDicom) {
  EXPECT_EQ(at("1970"), 0);
  EXPECT_EQ(at("2020-02"), at("2020-02-01"));
  EXPECT_EQ(at("20200229"), at("2020-02-29"));
  EXPECT_EQ(at("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(at("1970-01-01T00:01Z"), 60'000'000);
  EXPECT_EQ(at("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(at("1969-12-31T19:00:00-05:00"), 0);
  EXPECT_EQ(at("2015-02-07T13:28:17.239+02:00"), at("2015-02-07 11:28:17.239"));
  EXPECT_EQ(at("1970-01-01T00:00:00.1234569Z"), 123456);
  EXPECT_EQ(at("2016-12-31T23:59:60Z"), at("2017-01-01"));
  EXPECT_EQ(at("2020-01-31 00:00:00 UTC"), at("2020-01-31"));
}

TEST(Datetime, MalformedTextIsNoTime) {
  for (const char* text : {"",
                           "20",
                           "202",
                           "20201",
                           "2020-",
                           "2020-13",
                           "2020-00-01",
                           "2020-02-30",
                           "2021-02-29",
                           "1900-02-29",
                           "2020-1-1",
                           "2020-01-01T",
                           "2020-01-01T24:00:00Z",
                           "2020-01-01T10",
                           "2020-01-01T10:60Z",
                           "2020-01-01T10:00:00.Z",
                           "2020-01-01T10:00:00+15:00",
                           "2020-01-01T10:00:00Zx",
                           "2020-01-01Z",
                           "0000-01-01",
                           "202002",
                           "20200230",
                           "2020-01-01t10:00:00z",
                           " 2020",
                           "2020 ",
                           "٢٠٢٠"})
    EXPECT_EQ(parse_datetime(text), std::nullopt) << text;
}

TEST(Datetime, TextReadsBack) {
  EXPECT_EQ(datetime_text(at("2020-01-31")), "2020-01-31");
  EXPECT_EQ(datetime_text(at("2020-01-31T08:30Z")), "2020-01-31T08:30:00Z");
  EXPECT_EQ(datetime_text(at("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59.5Z");
  EXPECT_EQ(datetime_text(at("0999-03-04")), "0999-03-04");
  for (const Micros time : {Micros{-1}, Micros{1}, Micros{1'600'000'000'123'456}, Micros{-62'000'000'000'000'001}})
    EXPECT_EQ(at(datetime_text(time)), time);
}

TEST(Datetime, AgeCountsBirthdays) {
  EXPECT_EQ(age_years(at("1980-06-15"), at("2020-06-14T23:59:59Z")), 39);
  EXPECT_EQ(age_years(at("1980-06-15"), at("2020-06-15")), 40);
  EXPECT_EQ(age_years(at("2000-02-29"), at("2001-02-28")), 0) << "born on a leap day: the birthday is 1 March";
  EXPECT_EQ(age_years(at("2000-02-29"), at("2001-03-01")), 1);
  EXPECT_EQ(age_years(at("2000-02-29"), at("2004-02-29")), 4);
  EXPECT_EQ(age_years(at("2020-06-15"), at("2020-06-14")), -1);
}

}  // namespace
}  // namespace tenfold
