// One look over a film at low resolution: cuts, moving regions, tracks. Frames come in one by one, what is kept of them
// is bounded: a grid a tenth of a second for as long as the background is waited for, and half a minute of samples.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "media/video/tracker.h"

namespace tenfold::media {

struct Interval {
  Microseconds from = 0, to = 0;  // `to` left out
  bool operator==(const Interval&) const = default;
};

/// What a look found.
struct Looked {
  std::uint32_t grid_width = 0, grid_height = 0;
  std::vector<Interval> scenes;
  std::vector<Microseconds> times;  // at which regions were looked for
  std::vector<TrackedBox> regions;
  std::vector<Track> tracks;  // by first appearance
};

/// Times at which at least one track is there; gaps under half a second are not gaps.
std::vector<Interval> moving(const std::vector<Track>& tracks);

/// The longer side of a grid.
constexpr std::uint32_t kGridSide = 160;
/// The grid that a film is looked at in: its own shape, and never more cells than pixels.
std::pair<std::uint32_t, std::uint32_t> grid_size(const VideoHeader& header);
/// Regions are looked for at least this far apart: 10 times a second.
constexpr Microseconds kLookEvery = 100'000;

class Scanner {
 public:
  /// The background of a frame is the median of a sample a second over kWindow, of which `ahead` lies after the frame:
  /// half for a film, 0 for what is live.
  explicit Scanner(Microseconds ahead = kWindow / 2) : ahead_(ahead) {}

  /// Times rise; grids have one size.
  void add(Microseconds us, const LumaGrid& grid);
  /// `end`: when the last frame is no longer shown. Afterwards nothing may be added.
  void finish(Microseconds end);

  /// What is known by now; after finish(), all.
  const Looked& looked() const { return looked_; }
  /// What became known since the last call, so that what is live is kept in bounded memory. Tracks have no numbers.
  Looked take();

  static constexpr Microseconds kWindow = 30'000'000;
  static constexpr Microseconds kSampleEvery = 1'000'000;

 private:
  struct Seen {
    Microseconds us;
    LumaGrid grid;
  };
  void end_scene(Microseconds us);
  void look(const Seen& seen);
  void collect(bool all);
  bool cut(const LumaGrid& grid);

  Microseconds ahead_;
  Looked looked_;
  std::optional<Tracker> tracker_;
  std::optional<LumaGrid> before_;
  double usual_difference_ = 0.0;  // between frames that follow one another, running mean
  Microseconds scene_begin_ = 0, due_ = 0, sample_due_ = 0;
  std::deque<Seen> waiting_, samples_;
  std::optional<Background> background_;
  std::pair<Microseconds, Microseconds> background_of_{-1, -1};  // its first and last sample
};

}  // namespace tenfold::media
