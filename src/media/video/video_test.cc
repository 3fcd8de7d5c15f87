#include "media/video/video.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "media/file_type.h"
#include "media/video/clip_writer.h"

namespace tenfold::media {
namespace {

std::string file(const std::string& name) { return testing::TempDir() + name; }

std::unique_ptr<Medium> open(const std::string& path, const Limits& limits = {}) {
  const Result<std::string_view> format = file_type_of(path);
  if (!format) return nullptr;
  Result<std::unique_ptr<Medium>> medium = video_adapter().open(path, *format, limits);
  EXPECT_TRUE(medium.ok()) << render(medium.error());
  return medium ? std::move(*medium) : nullptr;
}

Part at(double t) {
  Part part;
  part.t = t;
  return part;
}

std::vector<MediaFact> tuples(Medium& medium, VideoRelation relation, const Part& part = {}) {
  Result<std::vector<MediaFact>> facts = medium.read(static_cast<std::size_t>(relation), part);
  EXPECT_TRUE(facts.ok()) << render(facts.error());
  return facts ? std::move(*facts) : std::vector<MediaFact>();
}

double number(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

/// A square crosses a patterned ground from left to right.
void draw(int frame, Colours& picture) {
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      std::uint8_t* pixel = picture.rgb.data() + (std::size_t{y} * picture.width + x) * 3;
      pixel[0] = static_cast<std::uint8_t>(60 + (x * 7 + y * 3) % 40);
      pixel[1] = static_cast<std::uint8_t>(60 + (x * 3 + y * 5) % 40);
      pixel[2] = static_cast<std::uint8_t>(60 + y % 40);
    }
  fill(picture, frame * 2 - 20, 30, 20, 20, 230, 200, 40);
}

struct Form {
  const char* name;
  const char* type;  // of file_type.h
  Clip clip;
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"h264.mp4", "mp4", {}},
      {"mpeg4.mp4", "mp4", {.codec = "mpeg4"}},
      {"h264.mkv", "matroska", {.container = "matroska"}},
      {"mpeg4.avi", "avi", {.container = "avi", .codec = "mpeg4", .b_frames = 0}},
      {"h264.ts", "mpeg-ts", {.container = "mpegts"}},
      {"mpeg2.ts", "mpeg-ts", {.container = "mpegts", .codec = "mpeg2video"}},
      {"film.gif", "gif", {.container = "gif", .codec = "gif", .b_frames = 0}},
      {"uneven.mkv", "matroska", {.container = "matroska", .frames = 5, .times = {0, 3, 20, 21, 70}}},
  };
  return all;
}

class EachForm : public testing::TestWithParam<Form> {};

TEST_P(EachForm, AFrameIsWhatPlayingToItShows) {
  const Form& form = GetParam();
  const std::string path = file(form.name);
  write_clip(path, form.clip, draw);
  ASSERT_EQ(*file_type_of(path), form.type);
  const std::vector<PlayedFrame> played = play(path);
  ASSERT_EQ(played.size(), static_cast<std::size_t>(form.clip.frames));
  const auto medium = open(path);
  ASSERT_TRUE(medium);
  // Forth, back and across; each frame by the first and the last microsecond of it.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < played.size(); i += 3) order.push_back(i);
  for (std::size_t i = played.size(); i > 0; i -= std::min<std::size_t>(i, 7)) order.push_back(i - 1);
  std::mt19937 random(5);
  for (int i = 0; i < 30; ++i) order.push_back(random() % played.size());
  for (const std::size_t i : order) {
    const std::string key = write_key(path, at(seconds(played[i].us)));
    const Result<Colours> first = medium->picture(read_key(key).part, {});
    ASSERT_TRUE(first.ok()) << key << "\n" << render(first.error());
    EXPECT_EQ(first->width, played[i].picture.width);
    EXPECT_EQ(first->rgb == played[i].picture.rgb, true) << key << " is not frame " << i;
    if (i + 1 == played.size()) continue;
    const Result<Colours> last = medium->picture(at(seconds(played[i + 1].us - 1)), {});
    ASSERT_TRUE(last.ok()) << render(last.error());
    EXPECT_EQ(last->rgb == played[i].picture.rgb, true) << "the end of frame " << i;
  }
}

TEST_P(EachForm, SaysWhatItIs) {
  const Form& form = GetParam();
  const std::string path = file(form.name);
  write_clip(path, form.clip, draw);
  const std::vector<PlayedFrame> played = play(path);
  const auto medium = open(path);
  ASSERT_TRUE(medium);
  const std::vector<MediaFact> video = tuples(*medium, VideoRelation::video);
  ASSERT_EQ(video.size(), 1u);
  EXPECT_EQ(number(video[0].values[0]), form.clip.width);
  EXPECT_EQ(number(video[0].values[1]), form.clip.height);
  EXPECT_GE(number(video[0].values[2]), seconds(played.back().us));
  EXPECT_EQ(number(video[0].values[3]), form.clip.frames);
  EXPECT_EQ(medium->work().there, static_cast<std::uint64_t>(form.clip.frames));
  EXPECT_EQ(medium->work().decoded, 0u);
  for (const MediaFact& key : tuples(*medium, VideoRelation::keyframe)) {
    const Microseconds us = microseconds(number(key.values[0]));
    EXPECT_TRUE(std::any_of(played.begin(), played.end(), [&](const PlayedFrame& frame) { return frame.us == us; }));
  }
  EXPECT_EQ(medium->work().decoded, 0u);
}

INSTANTIATE_TEST_SUITE_P(Video, EachForm, testing::ValuesIn(forms()), [](const auto& one) {
  std::string name = one.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(Video, RisingTimesDecodeEachFrameOnce) {
  const std::string path = file("rising.mp4");
  write_clip(path, {.frames = 250, .keyframe_every = 50}, draw);
  Result<std::unique_ptr<Medium>> medium = video_adapter().open(path, "mp4", {});
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE((*medium)->picture(at(0.1 * i), {}).ok());
  EXPECT_LE((*medium)->work().decoded, 20u * 5 / 2 + 2) << "up to 1.9 s at 25 frames a second";
  const std::uint64_t before = (*medium)->work().decoded;
  ASSERT_TRUE((*medium)->picture(at(1.81), {}).ok());
  EXPECT_EQ((*medium)->work().decoded, before) << "the frame of 1.8 s is still there";
  ASSERT_TRUE((*medium)->picture(at(9.0), {}).ok());
  EXPECT_LE((*medium)->work().decoded, before + 30) << "from the keyframe of 8 s";
}

TEST(Video, ABoxAndASize) {
  const std::string path = file("box.mp4");
  write_clip(path, {}, draw);
  const auto medium = open(path);
  const Result<Colours> whole = medium->picture(at(1.0), {});
  const Result<Colours> part = medium->picture(read_key(path + "#t=1&xywh=10,20,30,40").part, {});
  ASSERT_TRUE(whole.ok() && part.ok());
  ASSERT_EQ(part->width, 30u);
  ASSERT_EQ(part->height, 40u);
  for (std::uint32_t y = 0; y < 40; ++y)
    for (std::uint32_t x = 0; x < 90; ++x) ASSERT_EQ(part->rgb[y * 90 + x], whole->rgb[(y + 20) * 480 + 30 + x]);
  const Result<Colours> cut = medium->picture(read_key(path + "#t=1&xywh=150,90,30,40").part, {});
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(cut->width, 10u);
  EXPECT_EQ(cut->height, 6u);
  EXPECT_EQ(medium->picture(read_key(path + "#t=1&xywh=160,0,30,40").part, {}).error().code, "no-such-part");
  const Result<Colours> small = medium->picture(at(1.0), {.width = 40, .height = 20});
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->width, 40u);
  EXPECT_EQ(small->height, 24u);
  int sum = 8;
  for (std::uint32_t y = 0; y < 4; ++y)
    for (std::uint32_t x = 0; x < 4; ++x) sum += whole->rgb[(y * 160 + x) * 3 + 1];
  EXPECT_EQ(small->rgb[1], sum / 16);
}

TEST(Video, ATelephoneHeldUprightIsShownUpright) {
  for (const int turns : {1, 2, 3}) {
    const std::string path = file("turned" + std::to_string(turns) + ".mp4");
    write_clip(path, {.quarter_turns = turns}, [](int, Colours& picture) {
      fill(picture, 0, 0, 160, 96, 20, 20, 20);
      fill(picture, 0, 0, 40, 24, 250, 250, 250);  // upper left as stored
    });
    const auto medium = open(path);
    const Result<Colours> shown = medium->picture(at(0.0), {});
    ASSERT_TRUE(shown.ok());
    EXPECT_EQ(shown->width, turns == 2 ? 160u : 96u);
    const auto bright = [&](std::uint32_t x, std::uint32_t y) { return shown->rgb[(y * shown->width + x) * 3] > 200; };
    const std::uint32_t right = shown->width - 3, bottom = shown->height - 3;
    EXPECT_EQ(bright(right, 3), turns == 1);
    EXPECT_EQ(bright(right, bottom), turns == 2);
    EXPECT_EQ(bright(3, bottom), turns == 3);
    EXPECT_FALSE(bright(3, 3));
  }
}

/// Half a minute: a square crosses from second 8 to 14, another from 20 to 24.
void street(int frame, Colours& picture) {
  draw(-1000, picture);
  fill(picture, (frame - 80) * 3 - 20, 30, 20, 20, 230, 200, 40);
  fill(picture, 160 - (frame - 200) * 5, 60, 24, 16, 240, 240, 240);
}

TEST(Video, WhatMovesIsFollowed) {
  const std::string path = file("street.mp4");
  write_clip(path, {.rate = 10, .frames = 300, .keyframe_every = 20}, street);
  const auto medium = open(path);
  const std::vector<MediaFact> stretches = tuples(*medium, VideoRelation::moving);
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_NEAR(number(stretches[0].values[1]), 8.2, 0.3);
  EXPECT_NEAR(number(stretches[0].values[2]), 14.0, 0.4);
  EXPECT_NEAR(number(stretches[1].values[1]), 20.2, 0.3);
  EXPECT_NEAR(number(stretches[1].values[2]), 23.7, 0.4);
  EXPECT_EQ(tuples(*medium, VideoRelation::scene).size(), 1u);
  ASSERT_EQ(tuples(*medium, VideoRelation::track).size(), 2u);
  EXPECT_EQ(tuples(*medium, VideoRelation::track, at(10.0)).size(), 1u);
  EXPECT_TRUE(tuples(*medium, VideoRelation::track, at(17.0)).empty());
  EXPECT_TRUE(tuples(*medium, VideoRelation::region, at(17.0)).empty());
  const std::vector<MediaFact> regions = tuples(*medium, VideoRelation::region, at(10.0));
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_NEAR(number(regions[0].values[1]), 40.0, 4.0);
  EXPECT_NEAR(number(regions[0].values[2]), 30.0, 4.0);
  EXPECT_NEAR(number(regions[0].values[3]), 20.0, 6.0);
  // A zone at the right that only a thing in the lower half crosses.
  const Part zone = read_key(path + "#xywh=80,50,80,46").part;
  ASSERT_EQ(tuples(*medium, VideoRelation::track, zone).size(), 1u);
  EXPECT_EQ(number(tuples(*medium, VideoRelation::track, zone)[0].values[0]), 2.0);
  // The best view is a picture of all of it.
  const std::vector<MediaFact> best = tuples(*medium, VideoRelation::track_best);
  ASSERT_EQ(best.size(), 2u);
  const Key key = read_key(std::get<std::string>(best[0].values[1]));
  EXPECT_EQ(key.path, path);
  const Result<Colours> view = medium->picture(key.part, {});
  ASSERT_TRUE(view.ok()) << render(view.error());
  std::size_t yellow = 0;
  for (std::size_t i = 0; i < view->rgb.size(); i += 3) yellow += view->rgb[i] > 180 && view->rgb[i + 2] < 110;
  EXPECT_NEAR(static_cast<double>(yellow), 400.0, 60.0);
  EXPECT_LT(view->rgb.size(), 3u * 40 * 40);
}

TEST(Video, FramesThatRepeatTheOneBeforeAreNotDecoded) {
  const std::string path = file("still.mp4");
  const auto sometimes = [](int frame, Colours& picture) {
    draw(-1000, picture);
    if (frame >= 300 && frame < 340) fill(picture, (frame - 300) * 4, 30, 20, 20, 230, 200, 40);
  };
  write_clip(path, {.rate = 10, .frames = 600, .keyframe_every = 20, .b_frames = 0}, sometimes);
  const auto medium = open(path);
  const std::vector<MediaFact> stretches = tuples(*medium, VideoRelation::moving);
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_NEAR(number(stretches[0].values[1]), 30.0, 0.2);
  EXPECT_NEAR(number(stretches[0].values[2]), 34.0, 0.2);
  EXPECT_EQ(medium->work().there, 600u);
  EXPECT_LE(medium->work().decoded, 28u + 60u) << "a keyframe of each still stretch, and where something moves";
  EXPECT_GE(medium->work().decoded, 40u);
}

TEST(Video, OnlyStretchesWithoutAnyChangeAreLeftOut) {
  const auto packet = [](std::uint32_t bytes, bool key) {
    return VideoPacket{.us = 0, .duration = 0, .bytes = bytes, .key = key};
  };
  const std::vector<VideoPacket> packets = {packet(900, true), packet(12, false), packet(16, false), packet(900, true),
                                            packet(12, false), packet(17, false), packet(900, true)};
  EXPECT_EQ(worth_decoding(packets), (std::vector<bool>{true, false, false, true, true, true, true}));
}

TEST(Video, AFlatThingOnAFlatGroundIsSeenToGo) {
  const std::string path = file("flat.mp4");
  write_clip(path, {.width = 320, .height = 180, .rate = 10, .frames = 300, .keyframe_every = 100},
             [](int frame, Colours& picture) {
               fill(picture, 0, 0, 320, 180, 110, 110, 110);
               if (frame >= 100 && frame < 130) fill(picture, 40, 80, 40, 40, 250, 250, 250);
             });
  const auto medium = open(path);
  const std::vector<MediaFact> stretches = tuples(*medium, VideoRelation::moving);
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_EQ(number(stretches[0].values[1]), 10.0);
  EXPECT_EQ(number(stretches[0].values[2]), 13.0);
}

TEST(Video, PartsThatAreNotThere) {
  const std::string path = file("short.mp4");
  write_clip(path, {.frames = 50}, draw);
  const auto medium = open(path);
  EXPECT_TRUE(medium->picture(at(1.999), {}).ok());
  const Result<Colours> late = medium->picture(at(2.0), {});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, "no-such-part");
  EXPECT_EQ(late.error().place.file, path);
  EXPECT_TRUE(medium->picture(at(0.5), {}).ok()) << "the medium goes on";
  EXPECT_EQ(medium->picture({}, {}).error().code, "no-such-part");
  EXPECT_EQ(medium->picture(read_key(path + "#page=1").part, {}).error().code, "no-such-part");
  EXPECT_EQ(medium->read(0, read_key(path + "#page=1").part).error().code, "no-such-part");
}

TEST(Video, LimitsAreNamed) {
  const std::string path = file("limits.mp4");
  write_clip(path, {.frames = 50}, draw);
  const auto code = [&](const Limits& limits) {
    const Result<std::unique_ptr<Medium>> medium = video_adapter().open(path, "mp4", limits);
    return medium ? std::string("opened") : medium.error().code;
  };
  EXPECT_EQ(code({}), "opened");
  EXPECT_EQ(code({.decoded_pixels = 160 * 96 - 1}), "video-too-large");
  EXPECT_EQ(code({.memory_bytes = 1 << 20}), "video-too-large");
  EXPECT_EQ(code({.file_bytes = 100}), "file-too-large");
  EXPECT_EQ(code({.seconds = 0.0}), "out-of-time");
  EXPECT_EQ(video_adapter().open(file("nothing.mp4"), "mp4", {}).error().code, "file-not-found");
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Everything that can be asked; every failure must say what is wrong. Whether frames were decoded.
bool ask_all(const std::string& path, std::string_view format) {
  const Limits limits{.memory_bytes = 64 << 20, .decoded_pixels = 1'000'000, .seconds = 10.0};
  const auto says = [&](const auto& result) {
    if (result.ok()) return;
    EXPECT_FALSE(result.error().code.empty());
    EXPECT_FALSE(result.error().what.empty());
    EXPECT_EQ(result.error().place.file, path);
  };
  const Result<std::unique_ptr<Medium>> medium = video_adapter().open(path, format, limits);
  says(medium);
  if (!medium) return false;
  says((*medium)->picture(at(0.0), {}));
  says((*medium)->picture(at(0.9), {}));
  says((*medium)->picture(at(0.2), {}));
  says((*medium)->picture(at(3.5), {}));
  for (std::size_t relation = 0; relation < video_adapter().relations.size(); ++relation) {
    const Result<std::vector<MediaFact>> facts = (*medium)->read(relation, {});
    says(facts);
    if (!facts) continue;
    for (const MediaFact& fact : *facts)
      EXPECT_EQ(fact.values.size() + 1, video_adapter().relations[relation].columns.size());
  }
  return (*medium)->work().decoded > 0;
}

TEST(Video, DamageIsAnErrorWithAMessage) {
  std::mt19937 random(11);
  int decoded = 0, files = 0;
  for (const Form& form : forms()) {
    Clip clip = form.clip;
    if (clip.times.empty()) clip.frames = 30;
    const std::string path = file(std::string("damaged_") + form.name);
    write_clip(path, clip, draw);
    const std::string whole = bytes_of(path);
    for (int round = 0; round < 40; ++round) {
      std::string bytes = whole;
      if (round % 4 == 0) bytes.resize(random() % bytes.size());
      for (unsigned change = 0; !bytes.empty() && change < 1 + random() % 8; ++change) {
        // Half of them in the first kilobyte, where headers are; and at the end, where mp4 has its index.
        const std::size_t near = std::min<std::size_t>(bytes.size(), 1024);
        const std::size_t where = random() % 2   ? random() % bytes.size()
                                  : random() % 2 ? random() % near
                                                 : bytes.size() - 1 - random() % near;
        bytes[where] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      }
      write_bytes(path, bytes);
      SCOPED_TRACE(std::string(form.name) + " round " + std::to_string(round));
      ++files;
      decoded += ask_all(path, form.type);
    }
  }
  EXPECT_GT(decoded * 10, files * 3) << "too few get as far as the decoder to say anything of it";
}

TEST(Video, AFilmThatIsCutOffIsNotAShorterOne) {
  // A transport stream and a GIF may end anywhere, so of these nobody can tell.
  const struct {
    const char* name;
    Clip clip;
    const char* code;
  } cases[] = {{"cut.mkv", {.container = "matroska"}, "truncated-video"},
               {"cut.avi", {.container = "avi", .codec = "mpeg4", .b_frames = 0}, "truncated-video"},
               {"cut.mp4", {}, "damaged-video"}};  // its index is at the end
  for (const auto& one : cases) {
    const std::string path = file(one.name);
    write_clip(path, one.clip, draw);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const Result<std::unique_ptr<Medium>> medium = video_adapter().open(path, *file_type_of(path), {});
    if (!medium) {
      EXPECT_EQ(medium.error().code, one.code);
      continue;
    }
    const Result<std::vector<MediaFact>> video = (*medium)->read(0, {});
    ASSERT_FALSE(video.ok()) << one.name;
    EXPECT_EQ(video.error().code, one.code);
  }
}

TEST(Video, SampleClips) {
  const std::filesystem::path folder = std::filesystem::path(TENFOLD_SOURCE_DIR) / "../shared/data/media/video";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: there is no " << folder;
  const struct {
    const char* name;
    int width, height, frames;
  } clips[] = {{"bottle-detection.mp4", 640, 360, 1189},
               {"car-detection.mp4", 768, 432, 377},
               {"bolt-multi-size-detection.preview.gif", 480, 270, 37}};
  for (const auto& clip : clips) {
    const std::string path = (folder / clip.name).string();
    const auto medium = open(path);
    ASSERT_TRUE(medium);
    const std::vector<MediaFact> video = tuples(*medium, VideoRelation::video);
    EXPECT_EQ(number(video[0].values[0]), clip.width);
    EXPECT_EQ(number(video[0].values[1]), clip.height);
    EXPECT_EQ(number(video[0].values[3]), clip.frames);
    const std::vector<PlayedFrame> played = play(path, 29);
    for (std::size_t i = 0; i < played.size(); i += 29) {
      const Result<Colours> frame = medium->picture(at(seconds(played[i].us)), {});
      ASSERT_TRUE(frame.ok()) << render(frame.error());
      EXPECT_TRUE(frame->rgb == played[i].picture.rgb) << clip.name << " frame " << i;
    }
  }
}

}  // namespace
}  // namespace tenfold::media
