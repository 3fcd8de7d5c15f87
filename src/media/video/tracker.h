// One object from frame to frame: regions that overlap what was foreseen of it, so that a network sees it once.
//   Bochinski, Eiselein, Sikora, "High-Speed Tracking-by-Detection Without Using Image Information", AVSS 2017; here
//   with a constant velocity, since frames are a tenth of a second apart.
#pragma once

#include <cstdint>
#include <vector>

#include "media/video/background.h"

namespace tenfold::media {

struct TrackedBox {
  Microseconds us;
  CellBox box;
};

struct Track {
  std::uint32_t id = 0;  // from 1, by first appearance
  std::vector<TrackedBox> boxes;
  std::size_t best = 0;  // of boxes: the largest that neither touches the border nor another region, where there is one
};

/// Not thread-safe.
class Tracker {
 public:
  Tracker(int grid_width, int grid_height) : width_(grid_width), height_(grid_height) {}
  /// The regions of a frame; times rise.
  void add(Microseconds us, const std::vector<CellBox>& regions);
  /// Tracks that have ended since the last call: not seen for kLost, or `all`. Those seen in fewer than kSeen frames
  /// are noise and left out.
  std::vector<Track> ended(bool all);

  static constexpr Microseconds kLost = 1'000'000;
  static constexpr std::size_t kSeen = 3;

 private:
  struct Live {
    Track track;
    double score = -1.0;        // of the best view
    double vx = 0.0, vy = 0.0;  // cells a second, of the middle
  };
  CellBox foreseen(const Live& live, Microseconds us) const;
  void extend(Live& live, Microseconds us, std::size_t region, const std::vector<CellBox>& regions) const;
  double view(std::size_t region, const std::vector<CellBox>& regions) const;

  int width_, height_;
  Microseconds now_ = 0;
  std::vector<Live> live_;
};

}  // namespace tenfold::media
