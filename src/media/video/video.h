// Films: frames as pictures by their time, and what can be said of a film before a network sees any of it: from its
// packets alone, then from one look at low resolution. Opened by video_adapter() (adapter.h).
#pragma once

#include <memory>

#include "media/adapter.h"
#include "media/video/decoder.h"

namespace tenfold::media {

/// Relations of the adapter `video`, by number.
enum class VideoRelation : std::uint8_t { video, keyframe, scene, moving, region, track, track_box, track_best };

/// A packet that repeats the frame before it: a header and one run of skipped blocks, however many there are. x264
/// writes 11 to 16 bytes for it at 160x96 as at 1920x1080; a flat square that vanishes from a flat ground takes 23.
/// Encoders write such packets where nothing moves and nothing is noisy: drawn pictures, screens, cameras that clean
/// their pictures.
constexpr std::uint32_t kRepeatsAtMost = 16;

/// Which packets a look over the film must decode: all but those between a keyframe and the next of which every one
/// repeats the frame before.
std::vector<bool> worth_decoding(const std::vector<VideoPacket>& packets);

}  // namespace tenfold::media
