#include "base/date_forms.h"

#include <array>
#include <string>
#include <tuple>
#include <utility>

namespace tenfold {
namespace {

constexpr Micros kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};
// Hours ahead of UTC. Source: RFC 2822, section 4.3.
constexpr std::array<std::pair<std::string_view, int>, 12> kZones = {{{"z", 0},
                                                                      {"ut", 0},
                                                                      {"utc", 0},
                                                                      {"gmt", 0},
                                                                      {"edt", -4},
                                                                      {"est", -5},
                                                                      {"cdt", -5},
                                                                      {"cst", -6},
                                                                      {"mdt", -6},
                                                                      {"mst", -7},
                                                                      {"pdt", -7},
                                                                      {"pst", -8}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Number {
  std::int64_t value = 0;
  int digits = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  bool at_end() const { return left_.empty(); }
  char next() const { return left_.empty() ? '\0' : left_.front(); }
  bool take(std::string_view word) {
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }
  bool blanks() {
    const std::size_t before = left_.size();
    while (next() == ' ') left_.remove_prefix(1);
    return left_.size() < before;
  }
  /// Up to nine digits.
  bool number(Number& out) {
    out = {};
    while (is_digit(next()) && out.digits < 9) {
      out.value = out.value * 10 + (next() - '0');
      ++out.digits;
      left_.remove_prefix(1);
    }
    return out.digits > 0 && !is_digit(next());
  }
  /// A word in small letters; empty where there is none.
  std::string word() {
    std::string out;
    for (; is_letter(next()); left_.remove_prefix(1)) out += static_cast<char>(next() | 0x20);
    return out;
  }

 private:
  std::string_view left_;
};

// By three letters, or in full; 1 is the first.
template <std::size_t N>
std::uint32_t named(const std::array<std::string_view, N>& names, const std::string& word) {
  for (std::uint32_t i = 0; i < N; ++i)
    if (word == names[i] || word == names[i].substr(0, 3)) return i + 1;
  return 0;
}

bool year_of(const Number& n, CivilDate& date) {
  if (n.digits == 4)
    date.year = static_cast<std::int32_t>(n.value);
  else if (n.digits == 2)
    date.year = static_cast<std::int32_t>(n.value + (n.value < 70 ? 2000 : 1900));
  else
    return false;
  return date.year > 0;
}

bool small(const Number& n, std::uint32_t& out) {
  out = static_cast<std::uint32_t>(n.value);
  return n.digits <= 2;
}

bool month_in_words(Reader& in, CivilDate& date) {
  date.month = named(kMonths, in.word());
  return date.month > 0;
}

// "(Wed,) 14 May 2019", after the number.
bool day_month_year(Reader& in, const Number& first, CivilDate& date) {
  Number year;
  return small(first, date.day) && month_in_words(in, date) && in.blanks() && in.number(year) && year_of(year, date);
}

// "May 6, 2014", "oct. 7, 70"
bool month_day_year(Reader& in, CivilDate& date) {
  Number day, year;
  if (!month_in_words(in, date)) return false;
  (void)in.take(".");
  if (!in.blanks() || !in.number(day) || !small(day, date.day)) return false;
  const bool comma = in.take(",");
  return in.blanks() && in.number(year) && year_of(year, date) && (comma || year.digits == 4);
}

// "2014年04月08日", and perhaps "11时25分18秒"
bool chinese(Reader& in, CivilDate& date, Micros& time) {
  Number month, day, part;
  if (!in.number(month) || !small(month, date.month) || !in.take("月") || !in.number(day) || !small(day, date.day) ||
      !in.take("日"))
    return false;
  if (in.at_end()) return true;
  for (const auto& [unit, size, most] :
       {std::tuple{"时", kHour, 23}, std::tuple{"分", kMinute, 59}, std::tuple{"秒", kSecond, 59}}) {
    if (!in.number(part) || part.value > most || !in.take(unit)) return false;
    time += part.value * size;
  }
  return in.at_end();
}

// Two or three numbers with '-', '/' or '.' between them.
bool numbers(Reader& in, const Number& first, CivilDate& date) {
  const char between = in.next();
  if (between != '-' && between != '/' && between != '.') return false;
  const std::string_view mark = between == '-' ? "-" : between == '/' ? "/" : ".";
  in.take(mark);
  Number second, third;
  if (first.digits == 4) {
    if (!year_of(first, date)) return false;
    if (between == '-' && is_letter(in.next())) {
      if (!month_in_words(in, date)) return false;
    } else if (!in.number(second) || !small(second, date.month)) {
      return false;
    }
    date.day = 1;
    if (!in.take(mark)) return between == '.' && in.at_end();
    return in.number(third) && small(third, date.day);
  }
  return between != '-' && small(first, date.month) && in.number(second) && small(second, date.day) && in.take(mark) &&
         in.number(third) && year_of(third, date);
}

bool offset(Reader& in, Micros& ahead) {
  const std::string name = in.word();
  if (!name.empty()) {
    for (const auto& [known, hours] : kZones)
      if (known == name) return ahead = hours * kHour, true;
    return false;
  }
  const bool west = in.take("-");
  Number hours, minutes;
  if ((!west && !in.take("+")) || !in.number(hours)) return false;
  if (hours.digits == 4) {
    minutes.value = hours.value % 100;
    hours.value /= 100;
  } else if (hours.digits != 2 || (in.take(":") && (!in.number(minutes) || minutes.digits != 2))) {
    return false;
  }
  if (hours.value > 14 || minutes.value > 59) return false;
  ahead = hours.value * kHour + minutes.value * kMinute;
  if (west) ahead = -ahead;
  return true;
}

// "22:05", "10:11:59.318 PM", and a zone
bool clock(Reader& in, Micros& time) {
  Number hour, minute, second;
  if (!in.number(hour) || hour.digits > 2 || !in.take(":") || !in.number(minute) || minute.digits != 2) return false;
  if (in.take(":") && (!in.number(second) || second.digits != 2)) return false;
  Micros fraction = 0;
  if (second.digits > 0 && in.take(".")) {
    Number digits;
    if (!in.number(digits)) return false;
    for (fraction = digits.value; digits.digits < 6; ++digits.digits) fraction *= 10;
    for (; digits.digits > 6; --digits.digits) fraction /= 10;
  }
  in.blanks();
  Reader ahead = in;
  if (const std::string half = ahead.word(); half == "am" || half == "pm") {
    if (hour.value < 1 || hour.value > 12) return false;
    hour.value = hour.value % 12 + (half == "pm" ? 12 : 0);
    in = ahead;
    in.blanks();
  }
  if (hour.value > 23 || minute.value > 59 || second.value > 60) return false;
  Micros zone = 0;
  if (!in.at_end() && !offset(in, zone)) return false;
  time = hour.value * kHour + minute.value * kMinute + second.value * kSecond + fraction - zone;
  return in.at_end();
}

std::optional<Micros> since_1970(std::string_view text) {
  std::int64_t value = 0;
  for (char c : text) {
    if (!is_digit(c) || __builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value))
      return std::nullopt;
  }
  if (text.size() == 10) return value * kSecond;
  if (text.size() == 13) return value * 1000;
  if (text.size() == 19) return value / 1000;
  return std::nullopt;
}

std::optional<Micros> on(const CivilDate& date, Micros time) {
  const std::int64_t days = days_from_civil(date);
  const CivilDate back = date.month >= 1 && date.month <= 12 ? civil_from_days(days) : CivilDate{};
  if (back.year != date.year || back.month != date.month || back.day != date.day) return std::nullopt;
  return days * kMicrosPerDay + time;
}

}  // namespace

std::optional<Micros> parse_date_form(std::string_view text) {
  if (const auto time = parse_datetime(text)) return time;
  if (const auto time = since_1970(text)) return time;
  Reader in(text);
  CivilDate date{};
  Micros time = 0;
  Number first;
  if (is_letter(in.next())) {
    Reader ahead = in;
    if (named(kDays, ahead.word()) > 0 && ahead.take(",")) {
      in = ahead;
      if (!in.blanks() || !in.number(first) || !in.blanks() || !day_month_year(in, first, date)) return std::nullopt;
    } else if (!month_day_year(in, date)) {
      return std::nullopt;
    }
  } else {
    if (!in.number(first)) return std::nullopt;
    if (first.digits == 4 && in.take("年")) {
      if (!year_of(first, date) || !chinese(in, date, time)) return std::nullopt;
      return on(date, time);
    }
    if (first.digits == 6) {
      date.day = static_cast<std::uint32_t>(first.value % 100);
      date.month = static_cast<std::uint32_t>(first.value / 100 % 100);
      if (!year_of({first.value / 10000, 2}, date) || in.next() != ' ') return std::nullopt;
    } else if (in.blanks() ? !day_month_year(in, first, date) : !numbers(in, first, date)) {
      return std::nullopt;
    }
  }
  if (in.at_end()) return on(date, 0);
  const bool comma = in.take(",");
  const bool apart = in.blanks() || in.take("T");
  if (in.take("at") && !in.blanks()) return std::nullopt;
  if (is_digit(in.next())) return apart && clock(in, time) ? on(date, time) : std::nullopt;
  // A zone may follow a date alone.
  Micros zone = 0;
  const bool fits = !comma && (apart || in.next() == '+' || in.next() == '-');
  return fits && offset(in, zone) && in.at_end() ? on(date, -zone) : std::nullopt;
}

}  // namespace tenfold
