#include "media/video/live.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace tenfold::media {
namespace {

class SteadyClock : public Clock {
 public:
  Microseconds now() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  void wait(Microseconds us) override { std::this_thread::sleep_for(std::chrono::microseconds(us)); }
};

std::size_t read_some(int descriptor, std::uint8_t* to, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(descriptor, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return 0;
  }
}

}  // namespace

Clock& steady_clock() {
  static SteadyClock clock;
  return clock;
}

std::size_t PipeSource::read(std::uint8_t* to, std::size_t size) { return read_some(descriptor_, to, size); }

Result<std::unique_ptr<GrowingFile>> GrowingFile::open(const std::string& path, Clock& clock, Microseconds quiet) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return Error{
        "unreadable-file", {path}, "the file cannot be opened", "look whether it is there and may be read", ""};
  return std::unique_ptr<GrowingFile>(new GrowingFile(descriptor, clock, quiet));
}

GrowingFile::~GrowingFile() { close(descriptor_); }

std::size_t GrowingFile::read(std::uint8_t* to, std::size_t size) {
  constexpr Microseconds kLook = 20'000;
  const Microseconds begun = clock_.now();
  while (true) {
    if (const std::size_t got = read_some(descriptor_, to, size); got > 0) return got;
    if (clock_.now() - begun >= quiet_) return 0;
    clock_.wait(kLook);
  }
}

Result<std::unique_ptr<LiveVideo>> LiveVideo::open(ByteSource& source, std::string_view format, Clock& clock,
                                                   const LiveOptions& options, const Limits& limits) {
  Result<std::unique_ptr<VideoDecoder>> decoder =
      open_video({.path = "", .stream = &source, .format = format, .rough = true}, limits);
  if (!decoder) return decoder.error();
  return std::unique_ptr<LiveVideo>(new LiveVideo(std::move(*decoder), clock, options, limits.seconds));
}

Microseconds LiveVideo::lateness() {
  const Microseconds now = clock_.now(), ahead = now - decoder_->us();
  if (soonest_) *soonest_ += static_cast<Microseconds>(static_cast<double>(now - seen_) * LiveOptions::kDrift);
  if (!soonest_ || ahead < *soonest_) soonest_ = ahead;
  seen_ = now;
  return ahead - *soonest_;
}

Result<bool> LiveVideo::next() {
  while (true) {
    decoder_->allow(seconds_);
    const Result<bool> more = decoder_->next();
    if (!more || !*more) return more;
    late_ = lateness();
    if (late_ <= options_.latency) {
      ++counts_.given;
      return true;
    }
    ++counts_.dropped;
    if (late_ > 2 * options_.latency) decoder_->skip_to_keyframe();
  }
}

LiveCounts LiveVideo::counts() const {
  LiveCounts counts = counts_;
  counts.unread = decoder_->packets_skipped();
  return counts;
}

Result<LumaGrid> LiveVideo::grid() {
  const auto [width, height] = grid_size(decoder_->header());
  return decoder_->luma(width, height);
}

}  // namespace tenfold::media
