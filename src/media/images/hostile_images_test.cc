// Picture files that are cut, changed at random, or say absurd things: each is read or refused with a message.
#include <gtest/gtest.h>

#include <random>

#include "media/images/picture_file.h"
#include "media/images/written_pictures.h"

namespace tenfold::media {
namespace {

/// Reads all relations of a file as they would be read of a file that says `format`.
void survive(const WrittenFile& file, std::string_view format) {
  Limits limits;
  limits.pixels = limits.decoded_pixels = 1'000'000;
  limits.memory_bytes = std::uint64_t{64} << 20;
  limits.pages = 50;
  const Adapter adapter = image_adapter();
  const auto medium = adapter.open(file.path(), format, limits);
  const auto expect_said = [&](const Error& error) {
    EXPECT_FALSE(error.code.empty());
    EXPECT_FALSE(error.what.empty());
    EXPECT_EQ(error.place.file, file.path());
  };
  if (!medium) return expect_said(medium.error());
  for (std::size_t i = 0; i < adapter.relations.size(); ++i)
    if (const auto facts = (*medium)->read(i, {}); !facts) expect_said(facts.error());
  Part part;
  part.box = Box{3, 2, 7, 5};
  if (const auto colours = (*medium)->picture(part, {4, 4}); !colours) expect_said(colours.error());
}

void mutate(const std::string& good, std::string_view format, unsigned seed) {
  std::mt19937 numbers(seed);
  const auto random = [&] { return static_cast<unsigned>(numbers()); };
  const WrittenFile file(good);
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    if (round % 5 == 0) bad.resize(random() % bad.size());
    for (unsigned i = 0, changes = 1 + random() % 6; i < changes && !bad.empty(); ++i) {
      const std::size_t at = random() % bad.size();
      switch (random() % 4) {
        case 0:
          bad[at] = static_cast<char>(random());
          break;
        case 1:
          bad[at] = static_cast<char>(0xFF);
          break;
        case 2:
          bad.insert(at, 1 + random() % 3, static_cast<char>(random()));
          break;
        default:
          bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
      }
    }
    file.write(bad);
    survive(file, format);
  }
}

std::vector<unsigned char> noise(std::size_t count) {
  std::mt19937 random(1);
  std::vector<unsigned char> bytes(count);
  for (auto& one : bytes) one = static_cast<unsigned char>(random() % 90);
  return bytes;
}

TEST(Hostile, png) {
  mutate(png_file(20, 16, {.type = PNG_COLOR_TYPE_RGB}, noise(20 * 16 * 3)), "png", 1);
  mutate(png_file(20, 16, {.depth = 16, .interlaced = true}, noise(20 * 16 * 2)), "png", 2);
}

TEST(Hostile, jpeg) {
  std::string turned = jpeg_file(24, 20, 3, noise(24 * 20 * 3));
  turned.insert(2, exif_segment(6, "2024:05:17 09:31:00"));
  mutate(turned, "jpeg", 3);
  mutate(jpeg_file(24, 20, 3, noise(24 * 20 * 3), true), "jpeg", 4);
}

TEST(Hostile, tiff) {
  TiffForm rows{.width = 20, .height = 16, .values = std::vector<unsigned>(320, 99)};
  TiffForm tiles{.width = 40,
                 .height = 36,
                 .samples = 3,
                 .bits = 16,
                 .photometric = 2,
                 .tile = 16,
                 .values = std::vector<unsigned>(40 * 36 * 3, 9999)};
  TiffForm palette{.width = 8,
                   .height = 8,
                   .photometric = 3,
                   .values = std::vector<unsigned>(64, 7),
                   .palette = std::vector<unsigned>(768, 4000)};
  mutate(tiff_file({rows, palette}), "tiff", 5);
  mutate(tiff_file({tiles}), "tiff", 6);
}

TEST(Hostile, a_tiff_whose_directories_go_in_a_circle_ends) {
  std::string file = tiff_file({TiffForm{.width = 1, .height = 1, .values = {1}}});
  file.replace(file.size() - 4, 4, file.substr(4, 4));
  const WrittenFile written(file);
  survive(written, "tiff");
}

TEST(Hostile, a_small_file_of_a_huge_picture_is_refused_before_memory) {
  // Rows of 400,000,000 pixels.
  TiffForm form{.width = 400, .height = 1, .values = std::vector<unsigned>(400, 1)};
  std::string file = tiff_file({form});
  const std::size_t entry = file.find(std::string("\x00\x01\x04\x00\x01\x00\x00\x00\x90\x01\x00\x00", 12));
  ASSERT_NE(entry, std::string::npos);
  file.replace(entry + 8, 4, std::string("\x00\x84\xD7\x17", 4));
  const WrittenFile written(file);
  const auto picture = PictureFile::open(written.path(), "tiff", {});
  ASSERT_TRUE(picture.ok());
  const auto whole = (*picture)->grey({}, {});
  ASSERT_FALSE(whole.ok());
  EXPECT_EQ(whole.error().code, "image-too-large");
  Part part;
  part.box = Box{0, 0, 10, 1};
  const auto region = (*picture)->grey(part, {});
  EXPECT_FALSE(region.ok());  // the row itself is too long
  // A PNG that unpacks ten thousandfold: 16,000 x 16,000 black pixels are more than may be decoded at once.
  const WrittenFile png(png_file(16'000, 16'000, {.depth = 1}, std::vector<png_byte>(2000 * 16'000)));
  EXPECT_EQ(read_image(png.path()).error().code, "image-too-large");
}

}  // namespace
}  // namespace tenfold::media
