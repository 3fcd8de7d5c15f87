#include "base/duration.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

std::string read(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? duration_text(*duration) : "none";
}

TEST(DurationText, FormsOfTheLanguage) {
  EXPECT_EQ(read("1h30m"), "PT5400S");
  EXPECT_EQ(read("2 weeks"), "PT1209600S");
  EXPECT_EQ(read("1y2M"), "R14MO P0D");
  EXPECT_EQ(read("1y5d"), "R12MO PT432000S");
  EXPECT_EQ(read("3mo"), "R3MO P0D");
  EXPECT_EQ(read("3m"), "PT180S");
  EXPECT_EQ(read("-3d"), "-PT259200S");
  EXPECT_EQ(read("-5mo"), "R-5MO P0D");
  EXPECT_EQ(read("1.5 hours"), "PT5400S");
  EXPECT_EQ(read("1.5e2 s"), "PT150S");
  EXPECT_EQ(read("250ms"), "PT0.25S");
  EXPECT_EQ(read("-PT0.25S"), "-PT0.25S");
  EXPECT_EQ(read("R14MO PT90S"), "R14MO PT90S");
  EXPECT_EQ(read("90"), "PT90S");
  EXPECT_EQ(read("-90"), "-PT90S");
  EXPECT_EQ(read("1 hour and 30 minutes"), "PT5400S");
  EXPECT_EQ(read("1h:30m, 5s"), "PT5405S");
  EXPECT_EQ(read("1.5 months"), "PT3944619S");
  EXPECT_EQ(read("0.5y 1M"), "R1MO PT15778476S");
  for (const char* bad : {"", " ", "ABCDEF", "5.5", "and", "1h 5", "1h30", "1 parsec", "1e400 s",
                          "99999999999999999999 s", "R1MO", "PTS"})
    EXPECT_EQ(read(bad), "none") << bad;
}

TEST(DurationArithmetic, MonthsStayWithinTheMonth) {
  const Micros january = *parse_datetime("2020-01-31T10:00:00Z");
  EXPECT_EQ(datetime_text(*moved(january, {1, 0})), "2020-02-29T10:00:00Z");
  EXPECT_EQ(datetime_text(*moved(january, {-2, 0})), "2019-11-30T10:00:00Z");
  EXPECT_EQ(datetime_text(*moved(january, {12, kMicrosPerDay})), "2021-02-01T10:00:00Z");
  EXPECT_EQ(moved(january, {INT64_MAX, 0}), std::nullopt);
  EXPECT_EQ(moved(january, {0, INT64_MAX}), std::nullopt);
  EXPECT_EQ(divided({5, 10}, 0), std::nullopt);
  EXPECT_EQ(*divided({5, 10}, 2), (Duration{2, 5}));
  EXPECT_EQ(plus({INT64_MAX, 0}, {1, 0}), std::nullopt);
}

}  // namespace
}  // namespace tenfold
