#include "media/video/scanner.h"

#include <algorithm>
#include <cmath>

namespace tenfold::media {
namespace {

// A cut changes the mean cell by more than this, and several times as much as the frames before it changed: a fast pan
// changes as much, but does so in every frame.
constexpr double kCutDifference = 16.0, kCutTimes = 4.0;
// A median of fewer samples is whatever passed.
constexpr std::size_t kLeastSamples = 8;

}  // namespace

std::vector<Interval> moving(const std::vector<Track>& tracks) {
  constexpr Microseconds kGap = 500'000;
  std::vector<Interval> out;
  for (const Track& track : tracks) {
    const Interval seen{track.boxes.front().us, track.boxes.back().us + kLookEvery};
    if (!out.empty() && seen.from < out.back().to + kGap)
      out.back().to = std::max(out.back().to, seen.to);
    else
      out.push_back(seen);
  }
  return out;
}

std::pair<std::uint32_t, std::uint32_t> grid_size(const VideoHeader& header) {
  const double scale = std::min(1.0, double{kGridSide} / std::max({header.width, header.height, 1u}));
  const auto side = [&](std::uint32_t pixels) {
    return std::max(1u, static_cast<std::uint32_t>(std::lround(pixels * scale)));
  };
  return {side(header.width), side(header.height)};
}

Looked Scanner::take() {
  Looked taken = std::move(looked_);
  looked_ = {taken.grid_width, taken.grid_height, {}, {}, {}, {}};
  return taken;
}

bool Scanner::cut(const LumaGrid& grid) {
  if (!before_) return false;
  if (before_->cells.size() != grid.cells.size() || before_->width != grid.width) return true;
  const double difference = mean_difference(*before_, grid);
  const bool cut = difference > kCutDifference && difference > kCutTimes * usual_difference_;
  if (!cut) usual_difference_ += 0.1 * (difference - usual_difference_);
  return cut;
}

void Scanner::add(Microseconds us, const LumaGrid& grid) {
  if (!before_) {
    looked_.grid_width = grid.width;
    looked_.grid_height = grid.height;
    scene_begin_ = us;
  } else if (cut(grid)) {
    end_scene(us);
    scene_begin_ = us;
    due_ = sample_due_ = us;
    usual_difference_ = 0.0;
  }
  before_ = grid;
  if (!tracker_) tracker_.emplace(static_cast<int>(grid.width), static_cast<int>(grid.height));
  if (us < due_) return;
  due_ = std::max(due_ + kLookEvery, us + kLookEvery / 2);
  if (us >= sample_due_) {
    sample_due_ = us + kSampleEvery;
    samples_.push_back({us, grid});
  }
  waiting_.push_back({us, grid});
  while (!waiting_.empty() && waiting_.front().us + ahead_ <= us) {
    look(waiting_.front());
    waiting_.pop_front();
  }
  collect(false);
}

void Scanner::look(const Seen& seen) {
  while (samples_.size() > 1 && samples_.front().us < seen.us - (kWindow - ahead_)) samples_.pop_front();
  // Later samples are there only for frames that are still waiting.
  std::vector<const LumaGrid*> samples;
  Microseconds last = -1;
  for (const Seen& sample : samples_)
    if (sample.us <= seen.us + ahead_) {
      samples.push_back(&sample.grid);
      last = sample.us;
    }
  if (samples.size() < kLeastSamples) return;
  if (const std::pair now{samples_.front().us, last}; !background_ || now != background_of_) {
    background_ = background_of(samples);
    background_of_ = now;
  }
  const std::vector<CellBox> regions = moving_cells(seen.grid, *background_);
  looked_.times.push_back(seen.us);
  for (const CellBox& box : regions) looked_.regions.push_back({seen.us, box});
  tracker_->add(seen.us, regions);
}

void Scanner::end_scene(Microseconds us) {
  looked_.scenes.push_back({scene_begin_, us});
  // Of a scene of less than half the window every frame is still waiting: its samples may lie closer together.
  if (samples_.size() < 2 * kLeastSamples && !waiting_.empty() && waiting_.front().us == scene_begin_) {
    constexpr std::size_t kMost = 30;
    const std::size_t step = waiting_.size() / kMost + 1;
    samples_.clear();
    for (std::size_t i = 0; i < waiting_.size(); i += step) samples_.push_back(waiting_[i]);
  }
  for (const Seen& seen : waiting_) look(seen);
  waiting_.clear();
  samples_.clear();
  background_.reset();
  collect(true);  // nothing is followed through a cut
  tracker_.reset();
}

void Scanner::collect(bool all) {
  if (!tracker_) return;
  for (Track& track : tracker_->ended(all)) looked_.tracks.push_back(std::move(track));
}

void Scanner::finish(Microseconds end) {
  if (before_) end_scene(std::max(end, scene_begin_));
  std::stable_sort(looked_.tracks.begin(), looked_.tracks.end(),
                   [](const Track& a, const Track& b) { return a.boxes.front().us < b.boxes.front().us; });
  std::uint32_t id = 0;
  for (Track& track : looked_.tracks) track.id = ++id;
}

}  // namespace tenfold::media
