#include "media/video/background.h"

#include <gtest/gtest.h>

#include "media/video/scanner.h"

namespace tenfold::media {
namespace {

LumaGrid grid(std::uint8_t level, int x = -100, int y = 0, int side = 8) {
  LumaGrid out{64, 36, std::vector<std::uint8_t>(std::size_t{64} * 36, level)};
  for (int v = std::max(0, y); v < std::min(36, y + side); ++v)
    for (int u = std::max(0, x); u < std::min(64, x + side); ++u) out.cells[static_cast<std::size_t>(v * 64 + u)] = 220;
  return out;
}

TEST(Background, IsWhatIsThereMostOfTheTime) {
  std::vector<LumaGrid> grids;
  for (int i = 0; i < 9; ++i) grids.push_back(grid(80, i * 7, 10));
  std::vector<const LumaGrid*> samples;
  for (const LumaGrid& one : grids) samples.push_back(&one);
  const Background background = background_of(samples);
  EXPECT_EQ(background.median.cells, grid(80).cells);
  EXPECT_EQ(moving_cells(grids[3], background), (std::vector<CellBox>{{21, 10, 29, 18, 64}}));
  EXPECT_TRUE(moving_cells(grid(80), background).empty());
  EXPECT_TRUE(moving_cells(grid(60), background).empty()) << "a cloud moves nothing";
  EXPECT_EQ(moving_cells(grid(110, 20, 10), background), (std::vector<CellBox>{{20, 10, 28, 18, 64}}));
  EXPECT_TRUE(moving_cells(grid(80, 5, 5, 2), background).empty()) << "four cells are noise";
}

TEST(Background, NoiseRaisesItsOwnThreshold) {
  std::vector<LumaGrid> grids(9, grid(80));
  for (std::size_t i = 0; i < grids.size(); ++i) grids[i].cells[5] = static_cast<std::uint8_t>(60 + 5 * i);
  std::vector<const LumaGrid*> samples;
  for (const LumaGrid& one : grids) samples.push_back(&one);
  const Background background = background_of(samples);
  EXPECT_EQ(background.threshold[4], kLeastContrast);
  EXPECT_EQ(background.threshold[5], 59);  // 4 * 1.4826 * 10
}

TEST(Background, PartsThatTouchCornersOrNearlyTouchAreOne) {
  LumaGrid both = grid(80, 10, 10);
  for (int v = 18; v < 26; ++v)
    for (int u = 19; u < 27; ++u) both.cells[static_cast<std::size_t>(v * 64 + u)] = 220;
  const LumaGrid empty = grid(80);
  const LumaGrid* samples[] = {&empty};
  EXPECT_EQ(moving_cells(both, background_of(samples)), (std::vector<CellBox>{{10, 10, 27, 26, 128}}));
}

/// Frames at 10 a second for `seconds`, of which two things cross.
Looked crossing(int seconds, Microseconds ahead) {
  Scanner scanner(ahead);
  for (int i = 0; i < seconds * 10; ++i) {
    LumaGrid frame = grid(80, i - 100, 4);         // enters at 9.3 s, is gone at 16.4 s
    const LumaGrid other = grid(80, 264 - i, 24);  // enters at 20.1 s, is gone at 27.2 s
    for (std::size_t c = 0; c < frame.cells.size(); ++c) frame.cells[c] = std::max(frame.cells[c], other.cells[c]);
    scanner.add(i * 100'000, frame);
  }
  scanner.finish(seconds * 1'000'000);
  return scanner.looked();
}

TEST(Scanner, FollowsWhatCrosses) {
  for (const Microseconds ahead : {Microseconds{0}, Scanner::kWindow / 2}) {
    const Looked looked = crossing(40, ahead);
    ASSERT_EQ(looked.tracks.size(), 2u);
    EXPECT_EQ(looked.scenes, (std::vector<Interval>{{0, 40'000'000}}));
    const std::vector<Interval> stretches = moving(looked.tracks);
    ASSERT_EQ(stretches.size(), 2u);
    // One column of eight cells is visible at first.
    EXPECT_EQ(stretches[0], (Interval{9'300'000, 16'400'000}));
    EXPECT_EQ(stretches[1], (Interval{20'100'000, 27'200'000}));
    for (const Track& track : looked.tracks) {
      const CellBox& best = track.boxes[track.best].box;
      EXPECT_EQ(best.cells, 64) << "all of it is seen";
      EXPECT_GT(best.left, 0);
      EXPECT_LT(best.right, 64);
    }
  }
}

TEST(Scanner, AWholeFilmIsKeptInLittle) {
  // What is live has no frames waiting; a film half a window of them.
  const Looked looked = crossing(200, 0);
  EXPECT_EQ(looked.tracks.size(), 2u);
  EXPECT_EQ(looked.regions.size(), looked.tracks[0].boxes.size() + looked.tracks[1].boxes.size());
}

TEST(Scanner, ACutBeginsANewScene) {
  Scanner scanner;
  for (int i = 0; i < 60; ++i) scanner.add(i * 100'000, grid(i < 30 ? 80 : 150));
  scanner.finish(6'000'000);
  EXPECT_EQ(scanner.looked().scenes, (std::vector<Interval>{{0, 3'000'000}, {3'000'000, 6'000'000}}));
  EXPECT_TRUE(scanner.looked().tracks.empty());
}

TEST(Scanner, AShortSceneHasABackgroundToo) {
  Scanner scanner;
  for (int i = 0; i < 40; ++i) scanner.add(i * 100'000, grid(80, 2 * i - 8, 10));
  scanner.finish(4'000'000);
  ASSERT_EQ(scanner.looked().tracks.size(), 1u);
  EXPECT_GT(scanner.looked().tracks[0].boxes.size(), 30u);
}

}  // namespace
}  // namespace tenfold::media
