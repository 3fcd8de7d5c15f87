// What libav gives: packets and frames of one video stream, in a shared module that is opened at the first film.
// Nothing but the one file is ever opened: no network, no playlist, no file that another names. libav_decoder.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/adapter.h"

namespace tenfold::media {

/// Times are whole microseconds from the first frame of the stream, rounded down, so that a time that is written into
/// a key in decimals and read again is the same frame's.
using Microseconds = std::int64_t;

/// The key's seconds as such a time.
Microseconds microseconds(double seconds);
/// The other way round: to be written with six decimals at most.
double seconds(Microseconds us);

struct VideoHeader {
  std::uint32_t width = 0, height = 0;  // as shown: a telephone's rotation is applied
  std::string codec;                    // as libav names it: "h264"
  double seconds = 0.0;                 // as the container states them; 0: it does not
  double rate = 0.0;                    // frames a second, on the average; 0: not stated
};

/// A coded frame, as stored. Nothing is decoded to know this much.
struct VideoPacket {
  Microseconds us = 0, duration = 0;  // of presentation; duration 0: not stated
  std::uint32_t bytes = 0;
  bool key = false;  // decoding can begin here
};

/// One channel of 8 bits, row-major: luma as coded (16 to 235 in most films).
struct LumaGrid {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> cells;
};

/// How far a block of the picture came from where the frame refers to, as the encoder chose it; in pixels.
struct MotionVector {
  float x, y;    // the middle of the block
  float dx, dy;  // to there from where it was in the frame before
  std::uint16_t width, height;
};

/// A stream of bytes that is read once, from beginning to end (live.h).
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// At most `size` bytes, at least one; 0 at the end. May wait.
  virtual std::size_t read(std::uint8_t* to, std::size_t size) = 0;
};

struct VideoInput {
  std::string path;              // of a regular file …
  ByteSource* stream = nullptr;  // … or this, which has no seek() and no packets()
  std::string_view format;       // of file_type.h
  /// Without the deblocking filter, and on through damage: for looking where something moves.
  bool rough = false;
  bool motion_vectors = false;
};

/// Not thread-safe. Errors of all calls: damaged-video, truncated-video, video-too-large, out-of-time, out-of-memory.
class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;
  virtual const VideoHeader& header() const = 0;

  /// The CPU seconds of this thread from now on after which every call is the error out-of-time.
  virtual void allow(double cpu_seconds) = 0;

  /// Every packet in the order in which they are stored. Afterwards the next frame is the first.
  virtual Result<std::vector<VideoPacket>> packets() = 0;

  /// Makes a frame that decoding can begin with, shown at or before `us`, the next; it is the last such where the
  /// container has an index.
  virtual Status seek(Microseconds us) = 0;
  /// Whether going to `us` by seek() saves at least a second of film against decoding on to it.
  virtual bool seek_pays(Microseconds us) const = 0;

  /// Of what is read from now on only what follows the next keyframe is decoded, and that; how many packets that left
  /// out so far.
  virtual void skip_to_keyframe() = 0;
  virtual std::uint64_t packets_skipped() const = 0;

  /// From the beginning of the stream only packets i with wanted[i] are decoded; requires that what follows a gap is
  /// a keyframe.
  virtual void decode_only(std::vector<bool> wanted) = 0;

  /// Decodes the next frame in the order of presentation; false at the end. Frames whose times do not rise are left
  /// out.
  virtual Result<bool> next() = 0;
  /// When the frame after it is shown, which is decoded for that and kept for next(); nothing at the end.
  virtual Result<std::optional<Microseconds>> following() = 0;

  // Of the frame that next() decoded:
  virtual Microseconds us() const = 0;
  virtual Microseconds duration() const = 0;  // as stated; 0: not
  virtual Result<Colours> colours() = 0;      // of all of it
  /// Averages over the cells of a grid, which is at most as large as the picture.
  virtual Result<LumaGrid> luma(std::uint32_t width, std::uint32_t height) = 0;
  virtual std::vector<MotionVector> motion() const = 0;  // as coded: not rotated

  virtual std::uint64_t frames_decoded() const = 0;
  virtual std::uint64_t seeks() const = 0;
};

/// What the module exports as "tenfold_video_open".
using OpenVideo = Result<std::unique_ptr<VideoDecoder>> (*)(const VideoInput& input, const Limits& limits);

/// Opens a film through the module. Errors beside the above: file-not-found, unreadable-file, is-a-folder, not-a-file,
/// file-too-large, no-video (sound alone), unsupported-video (a codec that is not decoded), no-module.
Result<std::unique_ptr<VideoDecoder>> open_video(const VideoInput& input, const Limits& limits);

}  // namespace tenfold::media
