#include "media/raster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "media/images/written_pictures.h"

namespace tenfold::media {
namespace {

constexpr std::uint64_t kMany = 1'000'000;

TEST(Png, grey_of_every_depth) {
  const auto eight = decode_png(png_file(2, 1, {}, {0, 51}), kMany);
  ASSERT_TRUE(eight.ok());
  EXPECT_EQ(eight->image.pixels, (std::vector<float>{0.0f, 0.2f}));
  EXPECT_FALSE(eight->image.coloured);
  EXPECT_EQ(eight->tags.format, "png");
  const auto sixteen = decode_png(png_file(2, 1, {.depth = 16}, {0x80, 0x00, 0xFF, 0xFF}), kMany);
  ASSERT_TRUE(sixteen.ok());
  EXPECT_FLOAT_EQ(sixteen->image.pixels[0], 32768.0f / 65535.0f);
  EXPECT_EQ(sixteen->image.pixels[1], 1.0f);
  const auto one = decode_png(png_file(3, 1, {.depth = 1}, {0b10100000}), kMany);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->image.pixels, (std::vector<float>{1, 0, 1}));
}

TEST(Png, colour_becomes_luma) {
  const auto rgb = decode_png(png_file(3, 1, {.type = PNG_COLOR_TYPE_RGB}, {255, 0, 0, 0, 255, 0, 7, 7, 7}), kMany);
  ASSERT_TRUE(rgb.ok());
  EXPECT_FLOAT_EQ(rgb->image.pixels[0], 0.299f);
  EXPECT_FLOAT_EQ(rgb->image.pixels[1], 0.587f);
  EXPECT_NEAR(rgb->image.pixels[2], 7.0f / 255.0f, 1e-6);
  EXPECT_TRUE(rgb->image.coloured);
  const auto palette = decode_png(png_file(2, 1, {.type = PNG_COLOR_TYPE_PALETTE}, {1, 2}), kMany);
  ASSERT_TRUE(palette.ok());
  EXPECT_FLOAT_EQ(palette->image.pixels[0], 0.299f);
  EXPECT_FLOAT_EQ(palette->image.pixels[1], 1.0f);
  // Three equal channels are no colour.
  EXPECT_FALSE(decode_png(png_file(1, 1, {.type = PNG_COLOR_TYPE_RGB}, {9, 9, 9}), kMany)->image.coloured);
}

TEST(Png, colours_are_kept) {
  const auto colours = [](unsigned width, PngForm form, std::vector<png_byte> rows) {
    const auto read = decode_png_colours(png_file(width, 1, form, std::move(rows)), kMany);
    EXPECT_TRUE(read.ok());
    return read.ok() ? read->rgb : std::vector<std::uint8_t>();
  };
  using Bytes = std::vector<std::uint8_t>;
  EXPECT_EQ(colours(2, {.type = PNG_COLOR_TYPE_RGB}, {255, 1, 2, 3, 254, 7}), (Bytes{255, 1, 2, 3, 254, 7}));
  EXPECT_EQ(colours(2, {}, {0, 51}), (Bytes{0, 0, 0, 51, 51, 51}));
  EXPECT_EQ(colours(2, {.type = PNG_COLOR_TYPE_PALETTE}, {1, 2}), (Bytes{255, 0, 0, 255, 255, 255}));
  EXPECT_EQ(colours(2, {.depth = 16}, {0x80, 0x00, 0x01, 0x00}), (Bytes{128, 128, 128, 1, 1, 1}));
  EXPECT_EQ(colours(1, {.type = PNG_COLOR_TYPE_RGBA}, {255, 100, 0, 51}), (Bytes{51, 20, 0}));
  EXPECT_EQ(colours(1, {.type = PNG_COLOR_TYPE_GRAY_ALPHA}, {100, 255}), (Bytes{100, 100, 100}));
}

TEST(Png, transparency_is_black) {
  const auto rgba =
      decode_png(png_file(2, 1, {.type = PNG_COLOR_TYPE_RGBA}, {255, 255, 255, 0, 255, 255, 255, 51}), kMany);
  ASSERT_TRUE(rgba.ok());
  EXPECT_FLOAT_EQ(rgba->image.pixels[0], 0.0f);
  EXPECT_FLOAT_EQ(rgba->image.pixels[1], 0.2f);
}

TEST(Png, interlacing_changes_nothing) {
  std::vector<png_byte> rows(37 * 23);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<png_byte>(i * 7);
  const auto plain = decode_png(png_file(37, 23, {}, rows), kMany),
             laced = decode_png(png_file(37, 23, {.interlaced = true}, rows), kMany);
  ASSERT_TRUE(plain.ok() && laced.ok());
  EXPECT_EQ(plain->image.pixels, laced->image.pixels);
}

TEST(Png, every_truncation_is_an_error) {
  const std::string file = png_file(5, 5, {.type = PNG_COLOR_TYPE_RGBA}, std::vector<png_byte>(100, 77));
  for (std::size_t n = 0; n < file.size(); ++n) {
    const std::vector<char> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n));
    const auto result = decode_png({cut.data(), cut.size()}, kMany);
    ASSERT_FALSE(result.ok()) << n;
    EXPECT_TRUE(result.error().code == "truncated-image" || result.error().code == "damaged-image") << n;
  }
}

TEST(Png, every_changed_byte_is_survived) {
  const std::string file = png_file(5, 5, {.type = PNG_COLOR_TYPE_PALETTE}, std::vector<png_byte>(25, 1));
  for (std::size_t at = 8; at < file.size(); ++at) {
    std::vector<char> changed(file.begin(), file.end());
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    static_cast<void>(decode_png({changed.data(), changed.size()}, kMany));
  }
}

TEST(Png, the_limit_comes_before_the_memory) {
  std::string file = png_file(1, 1, {}, {0});
  // A width of 1,000,000,000, with the checksum of the changed header.
  file.replace(16, 4, std::string("\x3B\x9A\xCA\x00", 4));
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(file[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) file[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  const auto result = decode_png(file, 100'000'000);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "image-too-large");
}

std::vector<JSAMPLE> gradient(unsigned width, unsigned height, unsigned channels) {
  std::vector<JSAMPLE> pixels;
  for (unsigned y = 0; y < height; ++y) {
    for (unsigned x = 0; x < width; ++x) {
      for (unsigned c = 0; c < channels; ++c) pixels.push_back(static_cast<JSAMPLE>((x * 3 + y * 2) % 256));
    }
  }
  return pixels;
}

TEST(Jpeg, grey_and_colour) {
  const auto grey = decode_jpeg(jpeg_file(64, 32, 1, gradient(64, 32, 1)), kMany);
  ASSERT_TRUE(grey.ok());
  EXPECT_EQ(grey->image.width, 64u);
  EXPECT_EQ(grey->image.height, 32u);
  EXPECT_NEAR(grey->image.pixels[10], 30.0f / 255.0f, 2.0f / 255.0f);
  EXPECT_EQ(grey->tags.format, "jpeg");
  // The same picture in three channels: the same brightness, and no colour.
  const auto same = decode_jpeg(jpeg_file(64, 32, 3, gradient(64, 32, 3), true), kMany);
  ASSERT_TRUE(same.ok());
  EXPECT_FALSE(same->image.coloured);
  for (std::size_t i = 0; i < same->image.pixels.size(); ++i)
    ASSERT_NEAR(same->image.pixels[i], grey->image.pixels[i], 3.0f / 255.0f);
  std::vector<JSAMPLE> red;
  for (int i = 0; i < 256; ++i) red.insert(red.end(), {255, 0, 0});
  const auto colour = decode_jpeg(jpeg_file(16, 16, 3, red), kMany);
  ASSERT_TRUE(colour.ok());
  EXPECT_TRUE(colour->image.coloured);
  EXPECT_NEAR(colour->image.pixels[0], 0.299f, 0.01f);
}

TEST(Jpeg, colours_are_kept) {
  const auto near = [](const std::string& file, int red, int green, int blue) {
    const auto read = decode_jpeg_colours(file, kMany);
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->rgb.size(), std::size_t{3} * read->width * read->height);
    EXPECT_NEAR(read->rgb[0], red, 3);
    EXPECT_NEAR(read->rgb[1], green, 3);
    EXPECT_NEAR(read->rgb[2], blue, 3);
  };
  std::vector<JSAMPLE> colour, ink;
  for (int i = 0; i < 256; ++i) colour.insert(colour.end(), {200, 100, 50});
  for (int i = 0; i < 64; ++i) ink.insert(ink.end(), {255, 128, 0, 128});
  near(jpeg_file(16, 16, 3, colour), 200, 100, 50);
  near(jpeg_file(16, 16, 3, colour, true), 200, 100, 50);
  near(jpeg_file(8, 8, 4, ink), 128, 64, 0);
  near(jpeg_file(16, 16, 1, std::vector<JSAMPLE>(256, 77)), 77, 77, 77);
  const std::string file = jpeg_file(40, 40, 3, gradient(40, 40, 3));
  const auto half = decode_jpeg_colours(std::string_view(file).substr(0, file.size() / 2), kMany);
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, "truncated-image");
  EXPECT_EQ(decode_jpeg_colours(file, 1599).error().code, "image-too-large");
}

TEST(Jpeg, truncation_is_an_error) {
  const std::string file = jpeg_file(40, 40, 3, gradient(40, 40, 3));
  // The last two bytes are the end marker, which libjpeg can do without.
  for (std::size_t n = 0; n + 8 < file.size(); ++n) {
    const std::vector<char> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n));
    const auto result = decode_jpeg({cut.data(), cut.size()}, kMany);
    ASSERT_FALSE(result.ok()) << n << " of " << file.size();
  }
}

TEST(Jpeg, every_changed_byte_is_survived) {
  const std::string file = jpeg_file(16, 16, 3, gradient(16, 16, 3), true);
  for (std::size_t at = 2; at < file.size(); ++at) {
    std::vector<char> changed(file.begin(), file.end());
    changed[at] = static_cast<char>(changed[at] ^ 0xA5);
    static_cast<void>(decode_jpeg({changed.data(), changed.size()}, kMany));
  }
}

TEST(Jpeg, the_limit_comes_before_the_memory) {
  std::string file = jpeg_file(8, 8, 1, gradient(8, 8, 1));
  const std::size_t frame = file.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  file.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");  // 65500 each way, the most that JPEG holds
  const auto result = decode_jpeg(file, kMany);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "image-too-large");
}

TEST(Jpeg, cmyk) {
  std::vector<JSAMPLE> ink;
  for (int i = 0; i < 64; ++i) ink.insert(ink.end(), {255, 255, 255, 128});
  const auto picture = decode_jpeg(jpeg_file(8, 8, 4, ink), kMany);
  ASSERT_TRUE(picture.ok());
  EXPECT_NEAR(picture->image.pixels[0], 128.0f / 255.0f, 0.02f);
}

}  // namespace
}  // namespace tenfold::media
