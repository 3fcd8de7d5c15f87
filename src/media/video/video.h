// Films: frames as pictures by their time, and what can be said of a film before a network sees any of it: from its
// packets alone, then from one look at low resolution. Opened by video_adapter() (adapter.h).
#pragma once

#include <memory>

#include "media/adapter.h"
#include "media/video/decoder.h"

namespace tenfold::media {

/// Relations of the adapter `video`, by number.
enum class VideoRelation : std::uint8_t { video, keyframe, scene, moving, region, track, track_box, track_best };

/// A packet that repeats the frame before it: all blocks skipped, which costs a block less than a thirtieth of a bit,
/// and a header. Encoders of live cameras write such frames where nothing moves and the sensor is quiet.
constexpr std::uint32_t repeats_at_most(std::uint32_t width, std::uint32_t height) {
  return 40 + static_cast<std::uint32_t>(std::uint64_t{width} * height / 256 / 256);
}

/// Which packets a look over the film must decode: all but those between a keyframe and the next of which every one
/// repeats the frame before.
std::vector<bool> worth_decoding(const std::vector<VideoPacket>& packets, std::uint32_t repeats_at_most);

}  // namespace tenfold::media
