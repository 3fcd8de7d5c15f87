// A film that is still being written: a camera's pipe, or a file that grows. Memory is bounded, because nothing is read
// that was not asked for: what waits, waits in the pipe.
//
// The rule: a frame is given if it comes at most `latency` later than it should. One that is later is decoded, since
// others refer to it, and dropped; one more than twice as late has the decoder leave out all up to the next keyframe.
// Both are counted.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "media/video/scanner.h"

namespace tenfold::media {

/// Time as a live source knows it; tests have one of their own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Microseconds now() = 0;
  virtual void wait(Microseconds us) = 0;
};
/// The steady clock of this machine.
Clock& steady_clock();

/// A pipe, a socket or a terminal, as a file descriptor that stays the caller's; waits for bytes.
class PipeSource : public ByteSource {
 public:
  explicit PipeSource(int descriptor) : descriptor_(descriptor) {}
  std::size_t read(std::uint8_t* to, std::size_t size) override;

 private:
  int descriptor_;
};

/// A file that another program appends to, from its beginning. It is at its end when nothing was appended for `quiet`.
class GrowingFile : public ByteSource {
 public:
  /// Errors: unreadable-file.
  static Result<std::unique_ptr<GrowingFile>> open(const std::string& path, Clock& clock, Microseconds quiet);
  ~GrowingFile() override;
  std::size_t read(std::uint8_t* to, std::size_t size) override;

 private:
  GrowingFile(int descriptor, Clock& clock, Microseconds quiet)
      : descriptor_(descriptor), clock_(clock), quiet_(quiet) {}
  int descriptor_;
  Clock& clock_;
  Microseconds quiet_;
};

struct LiveOptions {
  /// How late a frame may be given, against the one that came soonest. The camera's clock is trusted to kDrift.
  Microseconds latency = 500'000;
  static constexpr double kDrift = 200e-6;
};

struct LiveCounts {
  std::uint64_t given = 0;
  std::uint64_t dropped = 0;  // decoded, and too late
  std::uint64_t unread = 0;   // left out up to a keyframe
  bool operator==(const LiveCounts&) const = default;
};

/// Not thread-safe; source and clock must outlive it.
class LiveVideo {
 public:
  /// `format` of file_type.h: "mpeg-ts", "matroska", or an mp4 in fragments; reads the beginning. Errors: of
  /// open_video.
  static Result<std::unique_ptr<LiveVideo>> open(ByteSource& source, std::string_view format, Clock& clock,
                                                 const LiveOptions& options = {}, const Limits& limits = {});

  /// Waits for the next frame that is not too late; false at the end of the source.
  Result<bool> next();

  // Of the frame that next() gave:
  Microseconds us() const { return decoder_->us(); }
  Microseconds late() const { return late_; }
  Result<Colours> colours() { return decoder_->colours(); }
  /// With kGridSide cells on its longer side, for a Scanner(0).
  Result<LumaGrid> grid();

  LiveCounts counts() const;
  const VideoHeader& header() const { return decoder_->header(); }

 private:
  LiveVideo(std::unique_ptr<VideoDecoder> decoder, Clock& clock, const LiveOptions& options, double seconds)
      : decoder_(std::move(decoder)), clock_(clock), options_(options), seconds_(seconds) {}
  Microseconds lateness();

  std::unique_ptr<VideoDecoder> decoder_;
  Clock& clock_;
  LiveOptions options_;
  double seconds_;
  std::optional<Microseconds> soonest_;  // the least that the clock was ahead of a frame's own time, drift allowed for
  Microseconds seen_ = 0;                // when that was looked at last
  Microseconds late_ = 0;
  LiveCounts counts_;
};

}  // namespace tenfold::media
