// Durations as text, and dates moved by them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/datetime.h"
#include "base/wide.h"

namespace tenfold {

/// Reads "1h30m", "2 weeks and 3 days", "1y2M" (m: minutes, M: months), "-3d", "1.5 hours", "1.5e2 s", "90" (seconds),
/// and what duration_text() writes. Whole years and months count as months, parts of them as time (an average month),
/// as all else. Nothing when malformed or out of range.
std::optional<Duration> parse_duration(std::string_view text);

/// "PT5400S", "R14MO P0D": months in front only where there are some.
std::string duration_text(Duration duration);

/// Months first, kept within the month (31 January and a month is the last of February), then time. Nothing when out of
/// range.
std::optional<Micros> moved(Micros time, Duration by);

/// Each part by itself; nothing on overflow.
std::optional<Duration> plus(Duration a, Duration b);
std::optional<Duration> minus(Duration a);
std::optional<Duration> times(Duration a, std::int64_t factor);
/// Towards zero; nothing for 0.
std::optional<Duration> divided(Duration a, std::int64_t divisor);

}  // namespace tenfold
