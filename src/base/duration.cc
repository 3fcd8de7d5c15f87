#include "base/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tenfold {
namespace {

struct Unit {
  std::string_view shortest, name;  // any start of `name` that begins with `shortest` will do
  std::int64_t months, micros;
};

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kAverageMonth = 2'629'746 * kSecond;  // of the Gregorian calendar: a part of a month is so much

// `m` is minutes and `M` months, so these two are told apart before letters are made small. A nanosecond is less than
// what is kept, and counts as 0 unless there are a thousand.
constexpr std::array kUnits = {
    Unit{"n", "nanoseconds", 0, 0},
    Unit{"n", "nsecs", 0, 0},
    Unit{"mic", "microseconds", 0, 1},
    Unit{"u", "usecs", 0, 1},
    Unit{"\u03bc", "\u03bcsecs", 0, 1},
    Unit{"mil", "milliseconds", 0, 1000},
    Unit{"ms", "msecs", 0, 1000},
    Unit{"s", "seconds", 0, kSecond},
    Unit{"s", "secs", 0, kSecond},
    Unit{"min", "minutes", 0, 60 * kSecond},
    Unit{"min", "mins", 0, 60 * kSecond},
    Unit{"h", "hours", 0, 3600 * kSecond},
    Unit{"h", "hrs", 0, 3600 * kSecond},
    Unit{"d", "days", 0, kMicrosPerDay},
    Unit{"w", "weeks", 0, 7 * kMicrosPerDay},
    Unit{"mo", "months", 1, 0},
    Unit{"y", "years", 12, 0},
    Unit{"y", "yrs", 12, 0},
};

const Unit* find_unit(std::string_view text) {
  if (text == "m") text = "min";
  if (text == "M") text = "mo";
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) {
    return small.size() <= unit.name.size() && small.starts_with(unit.shortest) && unit.name.starts_with(small);
  });
  return found == kUnits.end() ? nullptr : &*found;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

/// Adds amount times unit; whole numbers exactly. False when out of range.
bool add(Int128& total, std::string_view number, std::int64_t unit) {
  std::int64_t whole = 0;
  const char* begin = number.data() + (number.front() == '+');
  const char* end = number.data() + number.size();
  if (const auto [stop, failed] = std::from_chars(begin, end, whole); stop == end) {
    if (failed != std::errc{}) return false;
    total += static_cast<Int128>(whole) * unit;
  } else {
    double value = 0;
    const auto [last, bad] = std::from_chars(begin, end, value);
    if (bad != std::errc{} || last != end || !(std::fabs(value * static_cast<double>(unit)) < 9e18)) return false;
    total += static_cast<std::int64_t>(std::round(value * static_cast<double>(unit)));
  }
  constexpr Int128 kMost = std::int64_t{1} << 62;
  return total >= -kMost && total <= kMost;
}

/// The size of a number with sign, decimals and exponent at the start of `text`; 0 when there is none.
std::size_t number_size(std::string_view text) {
  auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  std::size_t i = at(0) == '-' || at(0) == '+';
  if (!digit(at(i))) return 0;
  while (digit(at(i))) ++i;
  if (at(i) == '.' && digit(at(i + 1)))
    for (++i; digit(at(i));) ++i;
  if (at(i) == 'e' || at(i) == 'E') {
    std::size_t e = i + 1;
    if (at(e) == '-' || at(e) == '+') ++e;
    if (digit(at(e))) {
      while (digit(at(e))) ++e;
      i = e;
    }
  }
  return i;
}

bool whole(std::string_view number) { return std::all_of(number.begin() + 1, number.end(), digit); }

/// Blanks, marks and `and`, which may stand between two parts.
void skip_between(std::string_view& text) {
  for (;;) {
    if (text.starts_with("and "))
      text.remove_prefix(4);
    else if (!text.empty() && std::string_view(" ,;:").find(text.front()) != std::string_view::npos)
      text.remove_prefix(1);
    else
      return;
  }
}

/// "R14MO P0D", "PT5400S", "R1MO -PT5S".
std::optional<Duration> parse_written(std::string_view text) {
  Int128 months = 0, micros = 0;
  if (text.starts_with('R')) {
    const std::size_t size = number_size(text.substr(1));
    if (size == 0 || !text.substr(1 + size).starts_with("MO ") || !add(months, text.substr(1, size), 1))
      return std::nullopt;
    text.remove_prefix(1 + size + 3);
  }
  if (text != "P0D") {
    const bool minus = text.starts_with('-');
    if (minus) text.remove_prefix(1);
    if (!text.starts_with("PT") || !text.ends_with('S') || text.size() < 4) return std::nullopt;
    const std::string_view number = text.substr(2, text.size() - 3);
    if (number_size(number) != number.size() || !add(micros, number, kSecond)) return std::nullopt;
    if (minus) micros = -micros;
  }
  return Duration{static_cast<std::int64_t>(months), static_cast<std::int64_t>(micros)};
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.starts_with('P') || text.starts_with('R') || text.starts_with("-P")) return parse_written(text);
  Int128 months = 0, micros = 0, nanos = 0;
  bool some = false;
  for (;;) {
    skip_between(text);
    if (text.empty()) break;
    const std::size_t size = number_size(text);
    if (size == 0) return std::nullopt;
    const std::string_view number = text.substr(0, size);
    text.remove_prefix(size);
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty() && !some && whole(number)) {
      if (!add(micros, number, kSecond)) return std::nullopt;
      some = true;
      break;
    }
    const auto end = std::find_if(text.begin(), text.end(), [](char c) {
      return std::string_view(" ,;:-+").find(c) != std::string_view::npos || digit(c);
    });
    const auto length = static_cast<std::size_t>(end - text.begin());
    const Unit* unit = length == 0 ? nullptr : find_unit(text.substr(0, length));
    if (!unit) return std::nullopt;
    text.remove_prefix(length);
    const bool tiny = unit->months == 0 && unit->micros == 0;
    const bool fine = tiny ? add(nanos, number, 1)
                      : unit->months && whole(number)
                          ? add(months, number, unit->months)
                          : add(micros, number, unit->months * kAverageMonth + unit->micros);
    if (!fine) return std::nullopt;
    some = true;
  }
  if (!some) return std::nullopt;
  return Duration{static_cast<std::int64_t>(months), static_cast<std::int64_t>(micros + nanos / 1000)};
}

std::string duration_text(Duration duration) {
  std::string out;
  if (duration.months != 0) out = "R" + std::to_string(duration.months) + "MO ";
  if (duration.micros == 0) return out + "P0D";
  const bool minus = duration.micros < 0;
  const auto size =
      minus ? 0 - static_cast<std::uint64_t>(duration.micros) : static_cast<std::uint64_t>(duration.micros);
  out += std::string(minus ? "-PT" : "PT") + std::to_string(size / kSecond);
  if (const std::uint64_t rest = size % kSecond; rest != 0) {
    std::string digits = std::to_string(rest);
    digits.insert(0, 6 - digits.size(), '0');
    while (digits.back() == '0') digits.pop_back();
    out += "." + digits;
  }
  return out + "S";
}

std::optional<Micros> moved(Micros time, Duration by) {
  constexpr std::int64_t kMostMonths = 12 * 100'000;
  if (by.months > kMostMonths || by.months < -kMostMonths) return std::nullopt;
  std::int64_t days = day_of(time);
  if (by.months != 0) {
    CivilDate date = civil_from_days(days);
    const std::int64_t month = std::int64_t{date.year} * 12 + date.month - 1 + by.months;
    const std::int64_t year = month / 12 - (month % 12 < 0);
    date.year = static_cast<std::int32_t>(year);
    date.month = static_cast<std::uint32_t>(month - year * 12 + 1);
    date.day = std::min(date.day, days_in_month(date.year, date.month));
    days = days_from_civil(date);
  }
  Micros out = 0;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &out) || __builtin_add_overflow(out, since_midnight(time), &out) ||
      __builtin_add_overflow(out, by.micros, &out))
    return std::nullopt;
  return out;
}

std::optional<Duration> plus(Duration a, Duration b) {
  Duration out;
  if (__builtin_add_overflow(a.months, b.months, &out.months) ||
      __builtin_add_overflow(a.micros, b.micros, &out.micros))
    return std::nullopt;
  return out;
}

std::optional<Duration> minus(Duration a) { return times(a, -1); }

std::optional<Duration> times(Duration a, std::int64_t factor) {
  Duration out;
  if (__builtin_mul_overflow(a.months, factor, &out.months) || __builtin_mul_overflow(a.micros, factor, &out.micros))
    return std::nullopt;
  return out;
}

std::optional<Duration> divided(Duration a, std::int64_t divisor) {
  if (divisor == 0) return std::nullopt;
  if (divisor == -1) return minus(a);
  return Duration{a.months / divisor, a.micros / divisor};
}

}  // namespace tenfold
