#include "media/video/tracker.h"

#include <algorithm>
#include <cmath>

namespace tenfold::media {
namespace {

double middle_x(const CellBox& box) { return (box.left + box.right) / 2.0; }
double middle_y(const CellBox& box) { return (box.top + box.bottom) / 2.0; }

int overlap(const CellBox& a, const CellBox& b) {
  const int width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const int height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

// 1 and more: they overlap, by their intersection over union; below 1: how near their middles are in sizes of the
// larger.
double likeness(const CellBox& a, const CellBox& b) {
  const int both = overlap(a, b);
  if (both > 0) return 1.0 + static_cast<double>(both) / (a.area() + b.area() - both);
  const double distance = std::hypot(middle_x(a) - middle_x(b), middle_y(a) - middle_y(b));
  return 1.0 - distance / std::hypot(std::max(a.right - a.left, b.right - b.left),
                                     std::max(a.bottom - a.top, b.bottom - b.top));
}

}  // namespace

CellBox Tracker::foreseen(const Live& live, Microseconds us) const {
  const TrackedBox& last = live.track.boxes.back();
  const double passed = static_cast<double>(us - last.us) / 1e6;
  const int dx = static_cast<int>(std::lround(live.vx * passed)), dy = static_cast<int>(std::lround(live.vy * passed));
  return {last.box.left + dx, last.box.top + dy, last.box.right + dx, last.box.bottom + dy, last.box.cells};
}

double Tracker::view(std::size_t region, const std::vector<CellBox>& regions) const {
  const CellBox& box = regions[region];
  const bool cut = box.left == 0 || box.top == 0 || box.right == width_ || box.bottom == height_;
  const CellBox around{box.left - 2, box.top - 2, box.right + 2, box.bottom + 2, 0};
  bool touched = false;
  for (std::size_t i = 0; i < regions.size(); ++i)
    touched = touched || (i != region && overlap(around, regions[i]) > 0);
  // What is cut off or covered can be larger than a whole view and still say less.
  return box.cells * (cut ? 0.25 : 1.0) * (touched ? 0.5 : 1.0);
}

void Tracker::extend(Live& live, Microseconds us, std::size_t region, const std::vector<CellBox>& regions) const {
  const CellBox& box = regions[region];
  if (!live.track.boxes.empty()) {
    const TrackedBox& last = live.track.boxes.back();
    const double passed = static_cast<double>(us - last.us) / 1e6;
    constexpr double kNew = 0.5;  // half of the newest step: steps are whole cells
    live.vx += kNew * ((middle_x(box) - middle_x(last.box)) / passed - live.vx);
    live.vy += kNew * ((middle_y(box) - middle_y(last.box)) / passed - live.vy);
  }
  live.track.boxes.push_back({us, box});
  if (const double score = view(region, regions); score > live.score) {
    live.score = score;
    live.track.best = live.track.boxes.size() - 1;
  }
}

void Tracker::add(Microseconds us, const std::vector<CellBox>& regions) {
  now_ = us;
  struct Pair {
    double likeness;
    std::size_t live, region;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const CellBox box = foreseen(live_[i], us);
    for (std::size_t j = 0; j < regions.size(); ++j)
      if (const double like = likeness(box, regions[j]); like > 0.0) pairs.push_back({like, i, j});
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.likeness > b.likeness; });
  std::vector<bool> extended(live_.size()), taken(regions.size());
  for (const Pair& pair : pairs) {
    if (extended[pair.live] || taken[pair.region]) continue;
    extended[pair.live] = taken[pair.region] = true;
    extend(live_[pair.live], us, pair.region, regions);
  }
  for (std::size_t j = 0; j < regions.size(); ++j)
    if (!taken[j]) extend(live_.emplace_back(), us, j, regions);
}

std::vector<Track> Tracker::ended(bool all) {
  std::vector<Track> out;
  std::erase_if(live_, [&](Live& live) {
    if (!all && now_ - live.track.boxes.back().us < kLost) return false;
    if (live.track.boxes.size() >= kSeen) out.push_back(std::move(live.track));
    return true;
  });
  return out;
}

}  // namespace tenfold::media
