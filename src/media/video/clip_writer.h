// Films for tests: what is drawn is coded by libav, and decoded again from beginning to end without any seek.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "media/media.h"

namespace tenfold::media {

struct Clip {
  std::string container = "mp4";  // as libav names it: mp4, matroska, avi, mpegts, gif
  std::string codec = "libx264";
  int width = 160, height = 96, rate = 25, frames = 100;
  int keyframe_every = 25, b_frames = 2;
  int quarter_turns = 0;        // clockwise, that a player is to apply
  std::vector<int> times = {};  // of the frames in 1/rate seconds, where they are not 0, 1, 2 …
};

using Draw = std::function<void(int frame, Colours& picture)>;

/// Aborts where libav does not give what is asked for.
void write_clip(const std::string& path, const Clip& clip, const Draw& draw);

struct PlayedFrame {
  std::int64_t us;
  Colours picture;
};

/// All frames one after another, and every `every`-th of them turned into RGB as the ffmpeg program does; the others
/// have no pixels.
std::vector<PlayedFrame> play(const std::string& path, std::size_t every = 1);

/// Fills a box, as far as it lies in the picture.
void fill(Colours& picture, int x, int y, int width, int height, std::uint8_t red, std::uint8_t green,
          std::uint8_t blue);

}  // namespace tenfold::media
