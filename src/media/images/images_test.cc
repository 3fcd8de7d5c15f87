// Regions, orientation, pages and measures of PNG, JPEG and TIFF files.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "media/file_type.h"
#include "media/images/measures.h"
#include "media/images/picture_file.h"
#include "media/images/written_pictures.h"

namespace tenfold::media {
namespace {

std::vector<unsigned char> texture(unsigned width, unsigned height, unsigned channels, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<unsigned char> pixels(std::size_t{width} * height * channels);
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x)
      for (unsigned c = 0; c < channels; ++c)
        pixels[(std::size_t{y} * width + x) * channels + c] =
            static_cast<unsigned char>(x * 5 + y * 3 + c * 60 + random() % 50);
  return pixels;
}

/// The part of a picture that a box names.
Image cropped(const Image& image, const Cut& cut) {
  Image out{cut.width, cut.height, {}, false};
  for (std::uint32_t y = 0; y < cut.height; ++y) {
    const auto at = image.pixels.begin() + static_cast<std::ptrdiff_t>((cut.y + y) * image.width + cut.x);
    out.pixels.insert(out.pixels.end(), at, at + cut.width);
  }
  return out;
}

Colours cropped(const Colours& image, const Cut& cut) {
  Colours out{cut.width, cut.height, {}};
  for (std::uint32_t y = 0; y < cut.height; ++y) {
    const auto at = image.rgb.begin() + static_cast<std::ptrdiff_t>(3 * ((cut.y + y) * image.width + cut.x));
    out.rgb.insert(out.rgb.end(), at, at + 3 * cut.width);
  }
  return out;
}

std::unique_ptr<PictureFile> opened(const std::string& path, std::string_view format, const Limits& limits = {}) {
  auto file = PictureFile::open(path, format, limits);
  EXPECT_TRUE(file.ok()) << (file ? "" : render(file.error()));
  return file ? std::move(*file) : nullptr;
}

/// Every region is what the whole picture has there.
void expect_regions_of_the_whole(const std::string& bytes, std::string_view format) {
  const WrittenFile written(bytes);
  const auto file = opened(written.path(), format);
  ASSERT_TRUE(file);
  const auto grey = file->grey({}, {});
  const auto colours = file->colours({}, {});
  ASSERT_TRUE(grey.ok()) << render(grey.error());
  ASSERT_TRUE(colours.ok());
  std::mt19937 numbers(3);
  const auto random = [&] { return static_cast<std::uint32_t>(numbers()); };
  for (int i = 0; i < 60; ++i) {
    Cut cut;
    cut.x = random() % grey->width, cut.y = random() % grey->height;
    cut.width = 1 + random() % (grey->width - cut.x), cut.height = 1 + random() % (grey->height - cut.y);
    Part part;
    part.box = Box{double(cut.x), double(cut.y), double(cut.width), double(cut.height)};
    const auto region = file->grey(part, {});
    ASSERT_TRUE(region.ok()) << render(region.error());
    ASSERT_EQ(region->pixels, cropped(*grey, cut).pixels)
        << cut.x << "," << cut.y << "," << cut.width << "," << cut.height;
    const auto coloured = file->colours(part, {});
    ASSERT_TRUE(coloured.ok());
    ASSERT_EQ(coloured->rgb, cropped(*colours, cut).rgb);
  }
}

TEST(Regions, png) {
  for (const int type : {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGBA})
    for (const bool interlaced : {false, true})
      expect_regions_of_the_whole(png_file(45, 39, {.type = type, .interlaced = interlaced},
                                           texture(45, 39, static_cast<unsigned>(channels_of(type)), 1)),
                                  "png");
}

TEST(Regions, jpeg) {
  for (const bool progressive : {false, true}) {
    expect_regions_of_the_whole(jpeg_file(131, 97, 1, texture(131, 97, 1, 2), progressive), "jpeg");
    for (const int halved : {1, 2})
      expect_regions_of_the_whole(jpeg_file(131, 97, 3, texture(131, 97, 3, 2), progressive, halved), "jpeg");
  }
}

TiffForm form_of(unsigned width, unsigned height, unsigned samples, unsigned bits, unsigned photometric) {
  TiffForm form;
  form.width = width, form.height = height, form.samples = samples, form.bits = bits, form.photometric = photometric;
  for (const unsigned char value : texture(width, height, samples, 5))
    form.values.push_back(bits == 16 ? value * 257u - 100u * (value > 0) : value);
  return form;
}

TEST(Regions, tiff) {
  for (const unsigned tile : {0u, 16u})
    for (const unsigned samples : {1u, 3u, 4u})
      for (const unsigned bits : {8u, 16u}) {
        TiffForm form = form_of(45, 39, samples, bits, samples == 1 ? 1 : 2);
        form.tile = tile;
        expect_regions_of_the_whole(tiff_file({form}), "tiff");
      }
}

TEST(Tiff, samples_are_as_they_are_written) {
  TiffForm form = form_of(5, 3, 1, 16, 1);
  const WrittenFile grey(tiff_file({form}));
  const auto picture = read_image(grey.path());
  ASSERT_TRUE(picture.ok()) << render(picture.error());
  EXPECT_EQ(picture->tags.format, "tiff");
  for (std::size_t i = 0; i < form.values.size(); ++i)
    EXPECT_EQ(picture->image.pixels[i], static_cast<float>(form.values[i]) / 65535.0f);
  form.photometric = 0;  // white is zero
  grey.write(tiff_file({form}));
  EXPECT_EQ(read_image(grey.path())->image.pixels[4], 1.0f - static_cast<float>(form.values[4]) / 65535.0f);

  TiffForm palette{.width = 2, .height = 1, .photometric = 3, .values = {1, 255}};
  palette.palette.resize(768);
  palette.palette[1] = 65535, palette.palette[256 + 255] = 32896, palette.palette[512 + 255] = 65535;
  grey.write(tiff_file({palette}));
  EXPECT_EQ(read_colours(grey.path())->rgb, (std::vector<std::uint8_t>{255, 0, 0, 0, 128, 255}));

  const TiffForm ink{.width = 2, .height = 1, .samples = 4, .photometric = 5, .values = {0, 255, 0, 0, 0, 0, 0, 51}};
  const WrittenFile cmyk(tiff_file({ink}));
  EXPECT_EQ(read_colours(cmyk.path())->rgb, (std::vector<std::uint8_t>{255, 0, 255, 204, 204, 204}));
}

TEST(Tiff, a_dicom_file_may_begin_as_one) {
  EXPECT_EQ(file_type(std::string("II*\0", 4) + std::string(124, '\0') + "DICM"), "dicom");
  EXPECT_EQ(file_type(std::string("II*\0", 4) + std::string(128, '\0')), "tiff");
}

TEST(Tiff, pages_are_parts) {
  const WrittenFile file(tiff_file({form_of(4, 4, 1, 8, 1), form_of(7, 2, 3, 8, 2)}));
  EXPECT_EQ(read_image(file.path())->image.width, 4u);
  EXPECT_EQ(read_image(file.path() + "#page=2")->image.width, 7u);
  EXPECT_EQ(read_colours(file.path() + "#page=2&xywh=5,1,9,9")->rgb.size(), 2u * 1 * 3);
  EXPECT_EQ(read_image(file.path() + "#page=3").error().code, "no-page");
  EXPECT_EQ(read_image(file.path() + "#frame=1").error().code, "no-such-part");
  EXPECT_EQ(read_image(file.path() + "#xywh=4,0,1,1").error().code, "outside-picture");
}

TEST(Orientation, every_code_shows_the_corner_where_it_belongs) {
  // The stored upper left pixel is white; where is it shown? TIFF 6.0, page 36.
  const std::pair<unsigned, unsigned> corners[] = {{0, 0}, {2, 0}, {2, 1}, {0, 1}, {0, 0}, {1, 0}, {1, 2}, {0, 2}};
  for (unsigned code = 1; code <= 8; ++code) {
    TiffForm form{.width = 3, .height = 2, .orientation = code, .values = {255, 50, 10, 20, 30, 40}};
    const WrittenFile file(tiff_file({form}));
    const auto shown = read_image(file.path());
    ASSERT_TRUE(shown.ok());
    const auto [x, y] = corners[code - 1];
    EXPECT_EQ(shown->image.width, code < 5 ? 3u : 2u);
    EXPECT_EQ(shown->image.pixels[y * shown->image.width + x], 1.0f) << code;
    // Regions count in the shown picture.
    expect_regions_of_the_whole(tiff_file({form}), "tiff");
  }
}

TEST(Orientation, exif_turns_a_jpeg) {
  std::string file = jpeg_file(40, 24, 3, texture(40, 24, 3, 9));
  file.insert(2, exif_segment(6, "2024:05:17 09:31:00"));
  const WrittenFile written(file);
  const auto picture = opened(written.path(), "jpeg");
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->header(1)->orientation, 6u);
  EXPECT_EQ(picture->header(1)->taken, "2024:05:17 09:31:00");
  const auto shown = read_image(written.path());
  EXPECT_EQ(shown->image.width, 24u);
  const auto stored = decode_jpeg(file, 10'000);
  EXPECT_EQ(shown->image.pixels[23], stored->image.pixels[0]);  // turned right
  expect_regions_of_the_whole(file, "jpeg");
}

TEST(Jpeg, is_decoded_as_small_as_it_is_wanted) {
  const WrittenFile written(jpeg_file(800, 400, 3, texture(800, 400, 3, 9)));
  const auto file = opened(written.path(), "jpeg");
  ASSERT_TRUE(file);
  const auto small = file->colours({}, {224, 224});
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->width, 500u);  // five eighths: 400 * 4/8 is less than 224
  EXPECT_EQ(small->height, 250u);
  EXPECT_EQ(file->colours({}, {100, 50})->width, 100u);
  EXPECT_EQ(file->colours({}, {2000, 10})->width, 800u);
  Part part;
  part.box = Box{200, 100, 400, 200};
  const auto region = file->colours(part, {50, 25});
  ASSERT_TRUE(region.ok());
  EXPECT_EQ(region->width, 50u);
  EXPECT_EQ(region->rgb, cropped(*file->colours({}, {100, 50}), {25, 13 - 1, 50, 26}).rgb);
}

TEST(Regions, a_large_picture_is_never_whole) {
  // 20,000 x 20,000 pixels of which a picture may hold 100,000,000.
  std::vector<png_byte> rows(20'000u / 8 * 20'000u);
  std::fill(rows.begin() + 2500 * 7000, rows.begin() + 2500 * 7001, png_byte{0xFF});
  const WrittenFile written(png_file(20'000, 20'000, {.depth = 1}, std::move(rows)));
  const auto file = opened(written.path(), "png");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->grey({}, {}).error().code, "image-too-large");
  Part part;
  part.box = Box{100, 6999, 300, 3};
  const auto region = file->grey(part, {});
  ASSERT_TRUE(region.ok()) << render(region.error());
  EXPECT_EQ(region->pixels[0], 0.0f);
  EXPECT_EQ(region->pixels[300], 1.0f);
  EXPECT_EQ(region->pixels[600], 0.0f);
}

Image image_of(std::uint32_t width, std::uint32_t height, float value) {
  return {width, height, std::vector<float>(std::size_t{width} * height, value), false};
}

TEST(Measures, exposure_counts) {
  Image image = image_of(10, 10, 0.5f);
  for (std::size_t i = 0; i < 25; ++i) image.pixels[i] = 0.0f;
  for (std::size_t i = 25; i < 50; ++i) image.pixels[i] = 1.0f;
  const Exposure e = exposure(image);
  EXPECT_DOUBLE_EQ(e.mean, 0.5);
  EXPECT_DOUBLE_EQ(e.deviation, std::sqrt(0.125));
  EXPECT_DOUBLE_EQ(e.dark_share, 0.25);
  EXPECT_DOUBLE_EQ(e.bright_share, 0.25);
}

TEST(Measures, sharpness_and_edges_of_a_step) {
  Image image = image_of(6, 3, 0.0f);
  for (std::size_t y = 0; y < 3; ++y)
    for (std::size_t x = 3; x < 6; ++x) image.pixels[y * 6 + x] = 1.0f;
  // Laplacian of the four inner pixels: 0, 1, -1, 0.
  EXPECT_DOUBLE_EQ(sharpness(image), 0.5 * 255 * 255);
  EXPECT_DOUBLE_EQ(edge_share(image), 0.5);
  EXPECT_EQ(sharpness(image_of(2, 9, 1.0f)), 0.0);
}

TEST(Measures, blank_is_nearly_one_brightness) {
  Image image = image_of(100, 100, 0.9f);
  EXPECT_TRUE(blank(image));
  for (std::size_t i = 0; i < 10; ++i) image.pixels[i] = 0.0f;
  EXPECT_TRUE(blank(image));
  image.pixels[10] = 0.0f;
  EXPECT_FALSE(blank(image));
}

TEST(Measures, blobs_touch_by_corners) {
  Image image = image_of(20, 10, 0.1f);
  const auto paint = [&](std::size_t x, std::size_t y, float value) { image.pixels[y * 20 + x] = value; };
  for (const auto& [x, y] : {std::pair{2, 2}, {3, 3}, {4, 2}, {5, 1}}) paint(std::size_t(x), std::size_t(y), 0.9f);
  for (std::size_t x = 10; x < 15; ++x) paint(x, 7, 0.7f), paint(x, 8, 0.7f);
  paint(18, 1, 0.9f);  // too small
  const auto found = blobs(image);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].area, 10u);
  EXPECT_EQ(found[0].x, 10u);
  EXPECT_EQ(found[0].y, 7u);
  EXPECT_EQ(found[0].width, 5u);
  EXPECT_EQ(found[0].height, 2u);
  EXPECT_NEAR(found[0].mean, 0.7, 1e-6);
  EXPECT_EQ(found[1].area, 4u);
  EXPECT_EQ(found[1].x, 2u);
  EXPECT_EQ(found[1].y, 1u);
  EXPECT_EQ(found[1].width, 4u);
  EXPECT_EQ(found[1].height, 3u);
  EXPECT_TRUE(blobs(image_of(9, 9, 0.4f)).empty());
}

/// By flooding from each pixel, as connected components are defined.
TEST(Measures, connected_is_what_flooding_finds) {
  std::mt19937 numbers(11);
  const auto random = [&] { return static_cast<std::uint32_t>(numbers()); };
  for (int round = 0; round < 200; ++round) {
    const std::uint32_t w = 1 + random() % 12, h = 1 + random() % 12;
    std::vector<std::uint8_t> chosen(w * h);
    for (auto& one : chosen) one = random() % 5 < 2;
    std::vector<std::uint64_t> areas;
    std::vector<std::uint8_t> left = chosen;
    for (std::uint32_t i = 0; i < w * h; ++i) {
      if (!left[i]) continue;
      std::vector<std::uint32_t> open{i};
      left[i] = 0;
      std::uint64_t area = 0;
      while (!open.empty()) {
        const std::uint32_t at = open.back();
        open.pop_back();
        ++area;
        for (std::uint32_t y = at / w - (at / w > 0); y <= std::min(at / w + 1, h - 1); ++y)
          for (std::uint32_t x = at % w - (at % w > 0); x <= std::min(at % w + 1, w - 1); ++x)
            if (left[y * w + x]) left[y * w + x] = 0, open.push_back(y * w + x);
      }
      areas.push_back(area);
    }
    std::sort(areas.rbegin(), areas.rend());
    std::vector<std::uint64_t> found;
    for (const Blob& blob : connected(chosen, image_of(w, h, 0.5f), 1)) found.push_back(blob.area);
    ASSERT_EQ(found, areas);
  }
}

TEST(ImageAdapter, relations_of_a_file) {
  std::string bytes = jpeg_file(600, 520, 3, texture(600, 520, 3, 9));
  bytes.insert(2, exif_segment(1, "2024:05:17 09:31:00"));
  const WrittenFile file(bytes);
  const Adapter adapter = image_adapter();
  auto medium = adapter.open(file.path(), "jpeg", {});
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const auto facts = [&](std::string_view relation, const Part& part = {}) {
    for (std::size_t i = 0; i < adapter.relations.size(); ++i) {
      if (adapter.relations[i].relation != relation) continue;
      auto read = (*medium)->read(i, part);
      EXPECT_TRUE(read.ok()) << relation;
      for (const MediaFact& fact : *read) EXPECT_EQ(fact.values.size() + 1, adapter.relations[i].columns.size());
      return std::move(*read);
    }
    ADD_FAILURE() << relation;
    return std::vector<MediaFact>();
  };
  EXPECT_EQ(facts("picture")[0].values[1], Value(std::int64_t{600}));
  EXPECT_EQ(facts("taken")[0].values[0], Value(*parse_datetime("2024-05-17T09:31:00")));
  EXPECT_EQ(facts("page").size(), 1u);
  EXPECT_EQ((*medium)->work().decoded, 0u);  // headers alone
  const auto tiles = facts("tile");
  ASSERT_EQ(tiles.size(), 4u);
  EXPECT_EQ(tiles[3].place, file.path() + "#xywh=512,512,88,8");
  EXPECT_EQ(tiles[3].values[1], Value(tiles[3].place));
  EXPECT_EQ((*medium)->work().decoded, 0u);
  EXPECT_EQ(facts("exposure", read_key(tiles[3].place).part).size(), 1u);
  EXPECT_LT((*medium)->work().decoded, (*medium)->work().there);
  for (const FactSchema& schema : adapter.relations) facts(schema.relation);
}

}  // namespace
}  // namespace tenfold::media
