// Money and calls that a run may spend on a remote model. The worst case is set aside before a call and settled after
// it, so that many threads together never spend more than what was allowed.
#pragma once

#include <cstdint>
#include <limits>
#include <mutex>

namespace tenfold::neural {

/// Thread-safe.
class Budget {
 public:
  Budget(double max_usd, std::uint64_t max_calls) : max_usd_(max_usd), max_calls_(max_calls) {}

  /// Sets one call and `usd`, its worst case, aside; false when either does not fit any more.
  bool reserve(double usd) {
    const std::lock_guard lock(mutex_);
    if (calls_ >= max_calls_ || spent_ + reserved_ + usd > max_usd_) return false;
    ++calls_;
    reserved_ += usd;
    return true;
  }
  /// The call that set `reserved` aside cost `usd`. It stays counted as a call.
  void settle(double reserved, double usd) {
    const std::lock_guard lock(mutex_);
    reserved_ -= reserved;
    spent_ += usd;
  }

 private:
  const double max_usd_;
  const std::uint64_t max_calls_;
  std::mutex mutex_;
  double spent_ = 0.0, reserved_ = 0.0;
  std::uint64_t calls_ = 0;
};

}  // namespace tenfold::neural
