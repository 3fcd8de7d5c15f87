#include "base/datetime.h"

namespace tenfold {
namespace {

constexpr Micros kMicrosPerSecond = 1'000'000;
constexpr Micros kMicrosPerMinute = 60 * kMicrosPerSecond;
constexpr Micros kMicrosPerHour = 60 * kMicrosPerMinute;

/// Takes from the front of a text; every taker says whether it found what it wanted.
struct Reader {
  std::string_view left;

  bool take(char c) {
    if (left.empty() || left.front() != c) return false;
    left.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!left.starts_with(word)) return false;
    left.remove_prefix(word.size());
    return true;
  }
  bool digit() const { return !left.empty() && left.front() >= '0' && left.front() <= '9'; }
  /// Exactly `digits` digits with a value of `least` to `most`.
  bool number(int digits, std::uint32_t least, std::uint32_t most, std::uint32_t& value) {
    value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!digit()) return false;
      value = value * 10 + static_cast<std::uint32_t>(left.front() - '0');
      left.remove_prefix(1);
    }
    return value >= least && value <= most;
  }
};

/// "Z", "±hh:mm", " UTC", or nothing, which is UTC; `offset` is what local time is ahead of UTC.
bool read_zone(Reader& in, Micros& offset) {
  offset = 0;
  if (in.left.empty() || in.take('Z') || in.take(" UTC")) return in.left.empty();
  const bool west = in.left.front() == '-';
  if (!in.take('+') && !in.take('-')) return false;
  std::uint32_t hours = 0, minutes = 0;
  if (!in.number(2, 0, 14, hours) || !in.take(':') || !in.number(2, 0, 59, minutes)) return false;
  offset = hours * kMicrosPerHour + minutes * kMicrosPerMinute;
  if (west) offset = -offset;
  return in.left.empty();
}

/// "hh:mm[:ss[.f…]]" and a zone: microseconds since midnight UTC of the stated day. Digits after the sixth are dropped.
bool read_time(Reader& in, Micros& time) {
  std::uint32_t hour = 0, minute = 0, second = 0;
  // FHIR allows a leap second, which is the first of the next minute here.
  if (!in.number(2, 0, 23, hour) || !in.take(':') || !in.number(2, 0, 59, minute)) return false;
  if (in.take(':') && !in.number(2, 0, 60, second)) return false;
  time = hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond;
  if (in.take('.')) {
    if (!in.digit()) return false;
    for (Micros unit = kMicrosPerSecond / 10; in.digit(); unit /= 10) {
      time += unit * (in.left.front() - '0');
      in.left.remove_prefix(1);
    }
  }
  Micros offset = 0;
  if (!read_zone(in, offset)) return false;
  time -= offset;
  return true;
}

void put(std::string& out, std::uint64_t value, int digits) {
  const std::string text = std::to_string(value);
  for (int i = static_cast<int>(text.size()); i < digits; ++i) out += '0';
  out += text;
}

}  // namespace

// Hinnant's algorithms count from 1 March, so that the leap day is the last of its year, in eras of 400 years.
std::int64_t days_from_civil(CivilDate date) {
  const std::int64_t year = static_cast<std::int64_t>(date.year) - (date.month <= 2);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;  // months since March
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int32_t>(year_of_era + era * 400 + (month <= 2)), static_cast<std::uint32_t>(month),
          static_cast<std::uint32_t>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

bool leap(std::int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::uint32_t days_in_month(std::int32_t year, std::uint32_t month) {
  if (month == 2) return leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int64_t day_of(Micros time) { return time / kMicrosPerDay - (time % kMicrosPerDay < 0); }

Micros since_midnight(Micros time) { return (time % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay; }

std::optional<Micros> midnight(std::int64_t day) {
  Micros time = 0;
  return __builtin_mul_overflow(day, kMicrosPerDay, &time) ? std::nullopt : std::optional(time);
}

CivilDate civil(Micros time) { return civil_from_days(day_of(time)); }

std::optional<Micros> parse_datetime(std::string_view text) {
  Reader in{text};
  std::uint32_t year = 0, month = 1, day = 1;
  Micros time = 0;
  if (!in.number(4, 1, 9999, year)) return std::nullopt;
  const auto date = [&] { return CivilDate{static_cast<std::int32_t>(year), month, day}; };
  const auto day_fits = [&] { return day <= days_in_month(static_cast<std::int32_t>(year), month); };
  if (in.digit()) {  // DICOM
    if (!in.number(2, 1, 12, month) || !in.number(2, 1, 31, day) || !in.left.empty() || !day_fits())
      return std::nullopt;
    return days_from_civil(date()) * kMicrosPerDay;
  }
  if (in.take('-')) {
    if (!in.number(2, 1, 12, month)) return std::nullopt;
    if (in.take('-')) {
      if (!in.number(2, 1, 31, day) || !day_fits()) return std::nullopt;
      if ((in.take('T') || in.take(' ')) && !read_time(in, time)) return std::nullopt;
    }
  }
  if (!in.left.empty()) return std::nullopt;
  return days_from_civil(date()) * kMicrosPerDay + time;
}

std::string datetime_text(Micros time) {
  const CivilDate date = civil(time);
  const Micros rest = since_midnight(time);
  std::string out;
  if (date.year < 0) out += '-';
  put(out, static_cast<std::uint64_t>(date.year < 0 ? -date.year : date.year), 4);
  out += '-';
  put(out, date.month, 2);
  out += '-';
  put(out, date.day, 2);
  if (rest == 0) return out;
  out += 'T';
  put(out, static_cast<std::uint64_t>(rest / kMicrosPerHour), 2);
  out += ':';
  put(out, static_cast<std::uint64_t>(rest / kMicrosPerMinute % 60), 2);
  out += ':';
  put(out, static_cast<std::uint64_t>(rest / kMicrosPerSecond % 60), 2);
  if (const Micros fraction = rest % kMicrosPerSecond; fraction != 0) {
    out += '.';
    put(out, static_cast<std::uint64_t>(fraction), 6);
    while (out.back() == '0') out.pop_back();
  }
  return out + 'Z';
}

std::int64_t age_years(Micros birth, Micros at) {
  const CivilDate born = civil(birth), now = civil(at);
  const bool before_birthday = now.month < born.month || (now.month == born.month && now.day < born.day);
  return static_cast<std::int64_t>(now.year) - born.year - before_birthday;
}

}  // namespace tenfold
