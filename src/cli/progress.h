// A counter on stderr for long jobs: at most ten times a second, and only on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>

namespace tenfold::cli {

class Progress {
 public:
  explicit Progress(bool on) : on_(on) {}
  void tick() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (!on_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    std::cerr << "\r" << done_ << " records, " << static_cast<std::uint64_t>(rate(now)) << " a second " << std::flush;
  }
  void end() {
    if (on_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  double rate(std::chrono::steady_clock::time_point now) const {
    return static_cast<double>(done_) / std::max(1e-3, std::chrono::duration<double>(now - start_).count());
  }
  bool on_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
};

}  // namespace tenfold::cli
