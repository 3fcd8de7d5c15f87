#include "neural/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenfold::neural {
namespace {

/// A picture that tells its pixels apart: a hash of the position, in [0, 1).
Picture grain(std::uint32_t width, std::uint32_t height) {
  Picture picture{width, height, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      picture.pixels.push_back(static_cast<float>((x * 7919u + y * 104729u) % 997u) / 997.0f);
    }
  }
  return picture;
}

std::vector<float> resized(const Picture& picture, std::uint32_t edge, Resize resize) {
  std::vector<float> tensor(std::size_t{edge} * edge, -1.0f);
  EXPECT_TRUE(preprocess(picture, {1, edge, edge}, resize, tensor));
  return tensor;
}

TEST(Preprocess, a_picture_of_the_right_size_is_left_bit_for_bit) {
  const Picture picture = grain(28, 28);
  for (const Resize resize : {Resize::bicubic, Resize::area}) EXPECT_EQ(resized(picture, 28, resize), picture.pixels);
}

TEST(Preprocess, the_middle_is_cut_out_to_the_short_edge) {
  const Picture wide = grain(9, 4), tall = grain(4, 7);
  const auto from_wide = resized(wide, 4, Resize::area), from_tall = resized(tall, 4, Resize::area);
  for (std::uint32_t y = 0; y < 4; ++y) {
    for (std::uint32_t x = 0; x < 4; ++x) {
      EXPECT_EQ(from_wide[y * 4 + x], wide.pixels[y * 9 + x + 2]);
      EXPECT_EQ(from_tall[y * 4 + x], tall.pixels[(y + 1) * 4 + x]);
    }
  }
}

TEST(Preprocess, area_is_the_mean_of_what_is_covered) {
  const Picture picture{3, 3, {0.0f, 0.3f, 0.6f, 0.1f, 0.4f, 0.7f, 0.2f, 0.5f, 0.8f}};
  // 3 to 2: each new pixel covers 1.5 old ones a side, so weights are 1, 0.5 and 0.5, 1 over 1.5.
  const auto tensor = resized(picture, 2, Resize::area);
  EXPECT_NEAR(tensor[0], (0.0 + 0.5 * 0.3 + 0.5 * 0.1 + 0.25 * 0.4) / 2.25, 1e-7);
  EXPECT_NEAR(tensor[3], (0.25 * 0.4 + 0.5 * 0.7 + 0.5 * 0.5 + 0.8) / 2.25, 1e-7);
}

TEST(Preprocess, area_by_a_whole_factor_keeps_the_mean) {
  const Picture picture = grain(84, 84);
  double before = 0.0, after = 0.0;
  for (const float p : picture.pixels) before += p;
  for (const float p : resized(picture, 28, Resize::area)) after += 9.0 * p;
  EXPECT_NEAR(before, after, 784 * 9 * 6e-8);  // each new pixel is rounded to float once
}

// Pillow 12, Image.fromarray(mode F).resize((12, 12), BICUBIC) of grain(50, 50) and grain(7, 7); Pillow does not clamp.
// Its weights are doubles and its sums are rounded to float twice, once a pass.
TEST(Preprocess, bicubic_agrees_with_pillow) {
  const auto smaller = resized(grain(50, 50), 12, Resize::bicubic), larger = resized(grain(7, 7), 12, Resize::bicubic);
  const std::size_t at[] = {0, 5, 6 * 12 + 3, 11 * 12 + 11, 4 * 12 + 9};
  const double shrunk[] = {0.55641443, 0.81947726, 0.34872720, 0.38205263, 0.57792568};
  const double grown[] = {-0.07672773, 0.84172952, -0.03870166, 0.92075157, 0.80544853};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(smaller[at[i]], shrunk[i], 2e-7);
    EXPECT_NEAR(larger[at[i]], std::max(0.0, grown[i]), 2e-7);
  }
}

TEST(Preprocess, one_shade_stays_one_shade_at_every_size) {
  for (const std::uint32_t size : {1u, 5u, 28u, 100u, 1841u}) {
    Picture picture{size, size + 3, std::vector<float>(std::size_t{size} * (size + 3), 0.25f)};
    for (const Resize resize : {Resize::bicubic, Resize::area}) {
      const auto tensor = resized(picture, 28, resize);
      for (const float value : tensor) EXPECT_NEAR(value, 0.25f, 1e-6);
      EXPECT_LT(deviation(tensor), 1e-6);
    }
  }
}

TEST(Preprocess, what_is_no_picture_is_unreadable) {
  std::vector<float> tensor(784);
  const InputShape shape{1, 28, 28};
  EXPECT_EQ(preprocess({0, 0, {}}, shape, Resize::area, tensor).error().code, "unreadable");
  EXPECT_EQ(preprocess({5, 5, {0.5f}}, shape, Resize::area, tensor).error().what,
            "the picture says 5 x 5 and has 1 pixels");
  Picture picture = grain(28, 28);
  picture.pixels[100] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(preprocess(picture, shape, Resize::area, tensor).error().code, "unreadable");
}

TEST(Preprocess, deviation_of_two_shades) {
  EXPECT_DOUBLE_EQ(deviation(std::vector<float>{0.0f, 1.0f, 0.0f, 1.0f}), 0.5);
  EXPECT_DOUBLE_EQ(deviation({}), 0.0);
}

}  // namespace
}  // namespace tenfold::neural
