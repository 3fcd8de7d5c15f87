#include "engine/lane_team.h"

#include <system_error>

namespace tenfold::engine {

LaneTeam::~LaneTeam() {
  stop_ = true;
  turn_.fetch_add(1, std::memory_order_release);
  turn_.notify_all();
  threads_.clear();  // joins
}

void LaneTeam::start() {
  try {
    while (threads_.size() + 1 < lanes_) {
      const auto lane = static_cast<std::uint32_t>(threads_.size() + 1);
      threads_.emplace_back([this, lane] { work(lane); });
    }
  } catch (const std::system_error&) {  // no thread to be had: run() does its share
  }
}

void LaneTeam::work(std::uint32_t lane) {
  for (std::uint32_t turn = 0;; ++turn) {
    turn_.wait(turn, std::memory_order_acquire);
    if (stop_) return;
    (*task_)(lane);
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
  }
}

void LaneTeam::run(const std::function<void(std::uint32_t)>& f) {
  if (threads_.empty() && lanes_ > 1 && turn_ == 0) start();
  if (!threads_.empty()) {
    task_ = &f;
    left_ = static_cast<std::uint32_t>(threads_.size());
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
  }
  f(0);
  for (auto lane = static_cast<std::uint32_t>(threads_.size() + 1); lane < lanes_; ++lane) f(lane);
  for (std::uint32_t left = left_; left; left = left_.load(std::memory_order_acquire))
    left_.wait(left, std::memory_order_acquire);
}

}  // namespace tenfold::engine
