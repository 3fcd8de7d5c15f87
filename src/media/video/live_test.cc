#include "media/video/live.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "media/video/clip_writer.h"

namespace tenfold::media {
namespace {

class FakeClock : public Clock {
 public:
  Microseconds now() override { return now_; }
  void wait(Microseconds us) override { now_ += us; }
  void pass(Microseconds us) { now_ += us; }
  void at_least(Microseconds us) { now_ = std::max(now_, us); }

 private:
  Microseconds now_ = 0;
};

/// A camera's pipe: bytes come when the clock says so, evenly over the film. Who reads before waits, and the clock with
/// it.
class Camera : public ByteSource {
 public:
  Camera(ByteSource& pipe, FakeClock& clock, double us_per_byte)
      : pipe_(pipe), clock_(clock), us_per_byte_(us_per_byte) {}
  std::size_t read(std::uint8_t* to, std::size_t size) override {
    // Whole pieces whatever the pipe has at hand, so that nothing hangs on when the other thread runs.
    std::size_t got = 0;
    for (const std::size_t most = std::min<std::size_t>(size, 188); got < most;) {
      const std::size_t some = pipe_.read(to + got, most - got);
      if (some == 0) break;
      got += some;
    }
    read_ += got;
    clock_.at_least(static_cast<Microseconds>(static_cast<double>(read_) * us_per_byte_));
    return got;
  }

 private:
  ByteSource& pipe_;
  FakeClock& clock_;
  double us_per_byte_;
  std::size_t read_ = 0;
};

constexpr int kFrames = 400, kRate = 25;

std::string film() {
  static const std::string bytes = [] {
    const std::string path = testing::TempDir() + "live.ts";
    // Every frame costs about as much as the next, so that bytes come evenly.
    write_clip(path,
               {.container = "mpegts", .codec = "mpeg2video", .frames = kFrames, .keyframe_every = 10, .b_frames = 0},
               [](int frame, Colours& picture) {
                 fill(picture, 0, 0, 160, 96, 80, 80, 80);
                 fill(picture, (frame * 4) % 200 - 20, 30, 20, 20, 230, 200, 40);
               });
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  return bytes;
}

/// Follows the film through a pipe that a thread fills, and calls `work` after each frame that is given.
LiveCounts follow(const LiveOptions& options, const std::function<void(LiveVideo&, FakeClock&)>& work) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const std::string bytes = film();
  std::thread writer([&] {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t put = write(ends[1], bytes.data() + at, std::min<std::size_t>(bytes.size() - at, 4096));
      if (put <= 0) break;
      at += static_cast<std::size_t>(put);
    }
    close(ends[1]);
  });
  FakeClock clock;
  PipeSource pipe_source(ends[0]);
  Camera camera(pipe_source, clock, 1e6 * kFrames / kRate / static_cast<double>(bytes.size()));
  LiveCounts counts;
  {
    Result<std::unique_ptr<LiveVideo>> live = LiveVideo::open(camera, "mpeg-ts", clock, options);
    EXPECT_TRUE(live.ok()) << render(live.error());
    while (live) {
      const Result<bool> more = (*live)->next();
      EXPECT_TRUE(more.ok()) << render(more.error());
      if (!more || !*more) break;
      EXPECT_LE((*live)->late(), options.latency);
      work(**live, clock);
    }
    if (live) counts = (*live)->counts();
  }
  std::uint8_t rest[4096];
  while (pipe_source.read(rest, sizeof rest) > 0) {
  }
  writer.join();
  close(ends[0]);
  return counts;
}

TEST(Live, WhoKeepsUpGetsEveryFrame) {
  Microseconds last = -1;
  const LiveCounts counts = follow({.latency = 3'000'000}, [&](LiveVideo& live, FakeClock&) {
    EXPECT_GT(live.us(), last);
    last = live.us();
  });
  EXPECT_EQ(counts, (LiveCounts{.given = kFrames, .dropped = 0, .unread = 0}));
}

TEST(Live, WhoIsSlowGetsFewerFramesAndNoneLate) {
  // A tenth of a second for each of 25 frames a second: at most 10 a second can be given.
  const LiveCounts counts = follow({.latency = 500'000}, [](LiveVideo&, FakeClock& clock) { clock.pass(100'000); });
  EXPECT_EQ(counts.given + counts.dropped + counts.unread, static_cast<std::uint64_t>(kFrames));
  EXPECT_LT(counts.given, kFrames * 45u / 100);
  EXPECT_GT(counts.given, kFrames * 25u / 100);
  EXPECT_GT(counts.dropped, 0u);
}

TEST(Live, AfterAPauseWhatIsLongPastIsNotEvenDecoded) {
  int frames = 0;
  Microseconds before = 0, after = 0;
  const LiveCounts counts = follow({.latency = 500'000}, [&](LiveVideo& live, FakeClock& clock) {
    if (after == 0 && before > 0) after = live.us();
    if (++frames != 50) return;
    before = live.us();
    clock.pass(6'000'000);
  });
  EXPECT_EQ(counts.given + counts.dropped + counts.unread, static_cast<std::uint64_t>(kFrames));
  EXPECT_GT(counts.unread, 100u) << "6 s are 150 frames, of which each tenth is a keyframe";
  EXPECT_GE(after - before, 5'500'000);
  EXPECT_LE(after - before, 6'500'000);
}

TEST(Live, TheLookIsKeptInBoundedMemory) {
  Scanner scanner(0);
  std::size_t tracks = 0, most = 0;
  follow({.latency = 3'000'000}, [&](LiveVideo& live, FakeClock&) {
    const Result<LumaGrid> grid = live.grid();
    ASSERT_TRUE(grid.ok());
    scanner.add(live.us(), *grid);
    const Looked looked = scanner.take();
    tracks += looked.tracks.size();
    most = std::max(most, looked.regions.size());
  });
  scanner.finish(16'000'000);
  tracks += scanner.take().tracks.size();
  EXPECT_GE(tracks, 3u) << "one crosses every two seconds, and the first eight are spent on the background";
  EXPECT_LE(tracks, 6u);
  EXPECT_LE(most, 4u);
}

TEST(Live, AFileThatGrowsIsFollowedUntilItIsQuiet) {
  const std::string path = testing::TempDir() + "growing.ts", bytes = film();
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  // What is written while the reader waits.
  class Writing : public FakeClock {
   public:
    Writing(std::ofstream& out, const std::string& bytes) : out_(out), bytes_(bytes) {}
    void wait(Microseconds us) override {
      pass(us);
      const std::size_t some = std::min<std::size_t>(bytes_.size() - written_, 20'000);
      out_.write(bytes_.data() + written_, static_cast<std::streamsize>(some));
      out_.flush();
      written_ += some;
    }

   private:
    std::ofstream& out_;
    const std::string& bytes_;
    std::size_t written_ = 0;
  } clock(out, bytes);
  const Result<std::unique_ptr<GrowingFile>> file = GrowingFile::open(path, clock, 2'000'000);
  ASSERT_TRUE(file.ok());
  Result<std::unique_ptr<LiveVideo>> live = LiveVideo::open(**file, "mpeg-ts", clock, {.latency = 60'000'000});
  ASSERT_TRUE(live.ok()) << render(live.error());
  std::size_t frames = 0;
  while (true) {
    const Result<bool> more = (*live)->next();
    ASSERT_TRUE(more.ok()) << render(more.error());
    if (!*more) break;
    ++frames;
  }
  EXPECT_EQ(frames, static_cast<std::size_t>(kFrames));
  EXPECT_FALSE(GrowingFile::open(testing::TempDir() + "not there", clock, 1).ok());
}

TEST(Live, WhatIsNoFilmIsAnError) {
  class Zeros : public ByteSource {
   public:
    std::size_t read(std::uint8_t* to, std::size_t size) override {
      std::fill(to, to + size, std::uint8_t{0});
      return left_-- > 0 ? size : 0;
    }

   private:
    int left_ = 100;
  };
  FakeClock clock;
  for (const char* format : {"mpeg-ts", "matroska", "mp4", "avi", "gif", "png"}) {
    Zeros zeros;
    const Result<std::unique_ptr<LiveVideo>> live = LiveVideo::open(zeros, format, clock);
    ASSERT_FALSE(live.ok()) << format;
    EXPECT_FALSE(live.error().what.empty());
  }
}

}  // namespace
}  // namespace tenfold::media
