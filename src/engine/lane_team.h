// The threads of one evaluation.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace tenfold::engine {

/// Threads that wait for work: run(f) calls f(lane) on each lane at once, the first on this thread, and returns when
/// all have returned. They are made when the first work comes.
class LaneTeam {
 public:
  explicit LaneTeam(std::uint32_t lanes) : lanes_(lanes) {}
  ~LaneTeam();
  std::uint32_t lanes() const { return lanes_; }
  void run(const std::function<void(std::uint32_t lane)>& f);

 private:
  void start();
  void work(std::uint32_t lane);

  std::uint32_t lanes_;
  std::vector<std::jthread> threads_;
  const std::function<void(std::uint32_t)>* task_ = nullptr;
  std::atomic<std::uint32_t> turn_ = 0, left_ = 0;  // tasks given out; threads that have not ended the last one
  bool stop_ = false;
};

}  // namespace tenfold::engine
