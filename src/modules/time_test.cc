#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

class Time : public CallTest {
 protected:
  std::string of(std::string_view name, const std::vector<std::string>& times, Type result) {
    std::vector<Value> values;
    for (const std::string& time : times) values.emplace_back(Type::datetime, time);
    return call(name, values, result);
  }
};

TEST_F(Time, PartsOfADateAreUtc) {
  EXPECT_EQ(of("datetime_year", {"2020-12-31T23:30:00-01:00"}, Type::i32), "2021");
  EXPECT_EQ(of("datetime_month", {"2020-12-31"}, Type::u32), "12");
  EXPECT_EQ(of("datetime_month0", {"2020-12-31"}, Type::u32), "11");
  EXPECT_EQ(of("datetime_day", {"1969-12-31T12:00:00Z"}, Type::u32), "31");
}

TEST_F(Time, DaysAreWholeAndRoundedDown) {
  EXPECT_EQ(of("days_between", {"2020-02-28", "2020-03-01"}, Type::i64), "2");
  EXPECT_EQ(of("days_between", {"2020-01-01T12:00:00Z", "2020-01-02T11:59:59Z"}, Type::i64), "0");
  EXPECT_EQ(of("days_between", {"2020-01-02", "2020-01-01T12:00:00Z"}, Type::i64), "-1");
  EXPECT_EQ(of("days_between", {"2020-01-02", "2020-01-01"}, Type::i64), "-1");
  EXPECT_EQ(of("hours_between", {"2020-01-01", "2020-01-01T01:30:00Z"}, Type::f64), "1.5");
}

TEST_F(Time, SpansThatLeaveTheClockAreNothing) {
  const std::vector<Cell> cells{cell(std::int64_t{-9'000'000'000'000'000'000}),
                                cell(std::int64_t{9'000'000'000'000'000'000})};
  const std::vector<Type> types{Type::datetime, Type::datetime};
  for (const char* name : {"days_between", "hours_between"})
    EXPECT_EQ(functions()[*find_function(name)].call(
                  {.args = cells, .types = types, .result = Type::i64, .symbols = symbols}),
              std::nullopt);
}

TEST_F(Time, AgeAndDay) {
  EXPECT_EQ(of("age_years", {"1980-06-15", "2020-06-14"}, Type::i64), "39");
  EXPECT_EQ(of("age_years", {"1980-06-15", "2020-06-15"}, Type::i64), "40");
  EXPECT_EQ(of("date_text", {"2020-01-31T23:59:59.999Z"}, Type::string), "2020-01-31");
  EXPECT_EQ(of("date_text", {"1969-12-31T00:00:01Z"}, Type::string), "1969-12-31");
}

}  // namespace
}  // namespace tenfold::modules
