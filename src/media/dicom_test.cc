#include "media/dicom.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "media/dicom_header.h"
#include "media/dicom_pixels.h"

namespace tenfold::media {
namespace {

std::string u16(unsigned value, bool big = false) {
  const char low = static_cast<char>(value), high = static_cast<char>(value >> 8);
  return big ? std::string{high, low} : std::string{low, high};
}
std::string u32(std::uint32_t value) { return u16(value & 0xFFFF) + u16(value >> 16); }

/// One data element, explicit little endian.
std::string element(unsigned group, unsigned number, const std::string& vr, std::string value) {
  if (value.size() % 2) value += vr == "UI" || vr == "OB" ? '\0' : ' ';
  const std::string head = u16(group) + u16(number) + vr;
  const bool is_long = vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" || vr == "UT";
  return head +
         (is_long ? u16(0) + u32(static_cast<std::uint32_t>(value.size())) : u16(static_cast<unsigned>(value.size()))) +
         value;
}

std::string item(const std::string& value) {
  return u16(0xFFFE) + u16(0xE000) + u32(static_cast<std::uint32_t>(value.size())) + value;
}

/// A small picture that tests change.
struct Film {
  std::string syntax = "1.2.840.10008.1.2.1";
  std::string photometric = "MONOCHROME2";
  unsigned rows = 2, columns = 3, samples = 1, allocated = 16, stored = 16, is_signed = 0;
  std::string extra;  // elements before the pixels
  std::string pixels;
  std::string pixel_element;  // instead of `pixels`

  std::string meta() const { return std::string(128, '\0') + "DICM" + element(2, 0x10, "UI", syntax); }
  std::string data_set() const {
    return element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.1") + element(8, 0x20, "DA", "20210304") +
           element(8, 0x60, "CS", "CR") + element(0x10, 0x20, "LO", "P-7") + element(0x10, 0x1010, "AS", "004Y") +
           element(0x18, 0x15, "CS", "CHEST") + element(0x18, 0x5101, "CS", "PA") +
           element(0x28, 2, "US", u16(samples)) + element(0x28, 4, "CS", photometric) +
           element(0x28, 0x10, "US", u16(rows)) + element(0x28, 0x11, "US", u16(columns)) +
           element(0x28, 0x100, "US", u16(allocated)) + element(0x28, 0x101, "US", u16(stored)) +
           element(0x28, 0x102, "US", u16(stored - 1)) + element(0x28, 0x103, "US", u16(is_signed)) + extra +
           (pixel_element.empty() ? element(0x7FE0, 0x10, allocated > 8 ? "OW" : "OB", pixels) : pixel_element);
  }
  std::string file() const { return meta() + data_set(); }
};

Film grey(std::vector<unsigned> values) {
  Film film;
  for (const unsigned value : values) film.pixels += u16(value);
  return film;
}

std::vector<float> pixels_of(const std::string& file) {
  const auto picture = decode_dicom(file, 1000);
  EXPECT_TRUE(picture.ok()) << (picture ? "" : render(picture.error()));
  return picture ? picture->image.pixels : std::vector<float>();
}

std::string code_of(const std::string& file) {
  const auto picture = decode_dicom(file, 1000);
  return picture ? "ok" : picture.error().code;
}

void expect_near(const std::vector<float>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6) << i;
}

TEST(Dicom, tags_and_range) {
  const auto picture = decode_dicom(grey({10, 20, 30, 40, 50, 60}).file(), 1000);
  ASSERT_TRUE(picture.ok());
  expect_near(picture->image.pixels, {0, 0.2, 0.4, 0.6, 0.8, 1});
  EXPECT_EQ(picture->image.width, 3u);
  EXPECT_EQ(picture->image.height, 2u);
  const ImageTags& tags = picture->tags;
  EXPECT_EQ(tags.format, "dicom");
  EXPECT_EQ(tags.modality, "CR");
  EXPECT_EQ(tags.body_part, "CHEST");
  EXPECT_EQ(tags.view, "PA");
  EXPECT_EQ(tags.patient_id, "P-7");
  EXPECT_EQ(tags.patient_age, "004Y");
  EXPECT_EQ(tags.study_date, "20210304");
}

TEST(Dicom, rescale_window_and_inversion) {
  Film film = grey({0, 1, 2, 3, 4, 5});
  film.extra = element(0x28, 0x1050, "DS", "10\\99") + element(0x28, 0x1051, "DS", "11\\1") +
               element(0x28, 0x1052, "DS", "5") + element(0x28, 0x1053, "DS", "2");
  // Values 5 7 9 11 13 15 under center 10, width 11: (v - 9.5) / 10 + 0.5.
  expect_near(pixels_of(film.file()), {0.05, 0.25, 0.45, 0.65, 0.85, 1});
  film.photometric = "MONOCHROME1";
  expect_near(pixels_of(film.file()), {0.95, 0.75, 0.55, 0.35, 0.15, 0});
  film.photometric = "MONOCHROME2";
  film.extra += element(0x28, 0x1056, "CS", "LINEAR_EXACT");
  expect_near(pixels_of(film.file()),
              {0.5 - 5 / 11.0, 0.5 - 3 / 11.0, 0.5 - 1 / 11.0, 0.5 + 1 / 11.0, 0.5 + 3 / 11.0, 0.5 + 5 / 11.0});
}

TEST(Dicom, sigmoid_window) {
  Film film = grey({0, 10, 20, 30, 40, 50});
  film.extra =
      element(0x28, 0x1050, "DS", "20") + element(0x28, 0x1051, "DS", "40") + element(0x28, 0x1056, "CS", "SIGMOID");
  std::vector<double> expected;
  for (int v = 0; v <= 50; v += 10) expected.push_back(1 / (1 + std::exp(-4 * (v - 20) / 40.0)));
  expect_near(pixels_of(film.file()), expected);
}

TEST(Dicom, signed_values_padding_and_overlay_bits) {
  Film film = grey({0xF000 | 0x0FFE, 0x0000, 0x0002, 0x0004, 0x0800, 0x0001});
  film.stored = 12;
  film.is_signed = 1;
  film.extra = element(0x28, 0x120, "SS", u16(0xF800));  // -2048 is padding, stored as 0x800
  // -2 (with bits over the stored ones), 0, 2, 4, padding, 1: range -2 to 4.
  expect_near(pixels_of(film.file()), {0, 2 / 6.0, 4 / 6.0, 1, 0, 3 / 6.0});
}

TEST(Dicom, a_constant_picture_is_black) {
  expect_near(pixels_of(grey({7, 7, 7, 7, 7, 7}).file()), {0, 0, 0, 0, 0, 0});
}

TEST(Dicom, colour_pixel_by_pixel_and_plane_by_plane) {
  Film film;
  film.photometric = "RGB";
  film.samples = 3;
  film.allocated = film.stored = 8;
  film.rows = 1, film.columns = 2;
  film.pixels = std::string("\xFF\x00\x00\x00\xFF\x00", 6);
  expect_near(pixels_of(film.file()), {0.299, 0.587});
  EXPECT_TRUE(decode_dicom(film.file(), 10)->image.coloured);
  film.pixels = std::string("\xFF\x00\x00\xFF\x00\x00", 6);
  film.extra = element(0x28, 6, "US", u16(1));
  expect_near(pixels_of(film.file()), {0.299, 0.587});
  film.extra.clear();
  film.photometric = "YBR_FULL";
  film.pixels = std::string("\x33\x80\x80\x66\x80\x80", 6);
  expect_near(pixels_of(film.file()), {0.2, 0.4});
  EXPECT_FALSE(decode_dicom(film.file(), 10)->image.coloured);
}

TEST(Dicom, palette) {
  Film film;
  film.photometric = "PALETTE COLOR";
  film.allocated = film.stored = 8;
  film.rows = 1, film.columns = 4;
  film.pixels = std::string("\x04\x05\x06\x09", 4);
  const std::string descriptor = u16(3) + u16(4) + u16(16);
  const std::string ramp = u16(0) + u16(0x8000) + u16(0xFFFF);
  for (unsigned c = 0; c < 3; ++c) film.extra += element(0x28, 0x1101 + c, "US", descriptor);
  for (unsigned c = 0; c < 3; ++c) film.extra += element(0x28, 0x1201 + c, "OW", ramp);
  expect_near(pixels_of(film.file()), {0, 32768 / 65535.0, 1, 1});
}

TEST(Dicom, only_the_first_frame) {
  Film film = grey({0, 1, 2, 3, 4, 5, 9, 9, 9, 9, 9, 9});
  film.extra = element(0x28, 8, "IS", "2");
  expect_near(pixels_of(film.file()), {0, 0.2, 0.4, 0.6, 0.8, 1});
  EXPECT_EQ(decode_dicom(film.file(), 1000)->tags.frames, 2u);
}

TEST(Dicom, each_frame_by_its_number) {
  Film film = grey({0, 1, 2, 3, 4, 5, 9, 9, 9, 9, 9, 10});
  film.extra = element(0x28, 8, "IS", "3");
  const auto second = decode_dicom(film.file(), 1000, 1);
  ASSERT_TRUE(second.ok()) << render(second.error());
  EXPECT_EQ(second->image.pixels, (std::vector<float>{0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(decode_dicom(film.file(), 1000, 2).error().code, "truncated-dicom");
  EXPECT_EQ(decode_dicom(film.file(), 1000, 3).error().code, "no-frame");
}

// 2 x 3 pixels of one bit: the second frame begins within a byte.
TEST(Dicom, frames_of_single_bits_follow_without_padding) {
  Film film;
  film.allocated = film.stored = 1;
  film.extra = element(0x28, 8, "IS", "2");
  film.pixels = std::string("\x81\x0A", 2);  // 100000 and 010101, least significant bit first
  EXPECT_EQ(decode_dicom(film.file(), 1000, 0)->image.pixels, (std::vector<float>{1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(decode_dicom(film.file(), 1000, 1)->image.pixels, (std::vector<float>{0, 1, 0, 1, 0, 1}));
}

std::string encapsulated(const std::vector<std::string>& fragments) {
  std::string out = u16(0x7FE0) + u16(0x10) + "OB" + u16(0) + u32(0xFFFFFFFF) + item("");
  for (const std::string& fragment : fragments) out += item(fragment);
  return out + u16(0xFFFE) + u16(0xE0DD) + u32(0);
}

std::string rle(const std::vector<std::string>& segments) {
  std::string header = u32(static_cast<std::uint32_t>(segments.size())), body;
  for (std::size_t i = 0; i < 15; ++i) {
    header += u32(i < segments.size() ? static_cast<std::uint32_t>(64 + body.size()) : 0);
    if (i < segments.size()) body += segments[i];
  }
  return header + body + (body.size() % 2 ? std::string(1, '\0') : "");
}

TEST(Dicom, rle) {
  Film film = grey({});
  film.syntax = "1.2.840.10008.1.2.5";
  // High bytes 0 six times; low bytes 10 20 literally, 30 twice, then 50 60.
  const std::string high("\xFB\x00", 2), low("\x01\x0A\x14\xFF\x1E\x80\x01\x32\x3C", 9);
  film.pixel_element = encapsulated({rle({high, low})});
  expect_near(pixels_of(film.file()), {0, 0.2, 0.4, 0.4, 0.8, 1});
  film.pixel_element = encapsulated({rle({high, low.substr(0, 4)})});
  EXPECT_EQ(code_of(film.file()), "damaged-image");
  film.pixel_element = encapsulated({rle({high})});
  EXPECT_EQ(code_of(film.file()), "damaged-image");
  film.pixel_element = encapsulated({});
  EXPECT_EQ(code_of(film.file()), "truncated-dicom");
}

TEST(Dicom, deflated) {
  Film film = grey({10, 20, 30, 40, 50, 60});
  film.syntax = "1.2.840.10008.1.2.1.99";
  const std::string plain = film.data_set();
  std::string packed(plain.size() + 100, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  expect_near(pixels_of(film.meta() + packed), {0, 0.2, 0.4, 0.6, 0.8, 1});
  EXPECT_EQ(code_of(film.meta() + packed.substr(0, packed.size() / 2)), "truncated-dicom");
  std::string inflated;
  const auto bomb = read_dicom_header(film.meta() + packed, inflated, 100);
  ASSERT_FALSE(bomb.ok());
  EXPECT_EQ(bomb.error().code, "file-too-large");
}

TEST(Dicom, big_endian) {
  Film film = grey({});
  film.syntax = "1.2.840.10008.1.2.2";
  const auto be = [](unsigned group, unsigned number, const char* vr, const std::string& value) {
    return u16(group, true) + u16(number, true) + vr + u16(static_cast<unsigned>(value.size()), true) + value;
  };
  std::string set = be(0x28, 2, "US", u16(1, true)) + be(0x28, 4, "CS", "MONOCHROME2 ") +
                    be(0x28, 0x10, "US", u16(1, true)) + be(0x28, 0x11, "US", u16(3, true)) +
                    be(0x28, 0x100, "US", u16(16, true)) + be(0x28, 0x101, "US", u16(16, true)) +
                    be(0x28, 0x102, "US", u16(15, true)) + be(0x28, 0x103, "US", u16(0, true));
  set += u16(0x7FE0, true) + u16(0x10, true) + "OW" + u16(0) + u16(0) + u16(6, true) + u16(0x100, true) +
         u16(0x180, true) + u16(0x200, true);
  expect_near(pixels_of(film.meta() + set), {0, 0.5, 1});
}

TEST(Dicom, implicit_without_preamble) {
  const auto implicit = [](unsigned group, unsigned number, const std::string& value) {
    return u16(group) + u16(number) + u32(static_cast<std::uint32_t>(value.size())) + value;
  };
  const std::string file = implicit(8, 0x60, "DX") + implicit(0x28, 2, u16(1)) + implicit(0x28, 4, "MONOCHROME2 ") +
                           implicit(0x28, 0x10, u16(1)) + implicit(0x28, 0x11, u16(2)) + implicit(0x28, 0x100, u16(8)) +
                           implicit(0x28, 0x101, u16(8)) + implicit(0x28, 0x102, u16(7)) +
                           implicit(0x28, 0x103, u16(0)) + implicit(0x7FE0, 0x10, std::string("\x05\x09", 2));
  expect_near(pixels_of(file), {0, 1});
}

TEST(Dicom, sequences_of_every_kind_are_passed) {
  Film film = grey({10, 20, 30, 40, 50, 60});
  const std::string inner = element(8, 0x100, "SH", "X") + element(0x28, 0x10, "US", u16(999));
  const std::string open_item =
      u16(0xFFFE) + u16(0xE000) + u32(0xFFFFFFFF) + inner + u16(0xFFFE) + u16(0xE00D) + u32(0);
  const std::string open_sequence = u16(0x40) + u16(0x275) + "SQ" + u16(0) + u32(0xFFFFFFFF) + item(inner) + open_item +
                                    u16(0xFFFE) + u16(0xE0DD) + u32(0);
  film.extra = element(0x32, 0x1064, "SQ", item(inner) + open_item) + open_sequence;
  expect_near(pixels_of(film.file()), {0, 0.2, 0.4, 0.6, 0.8, 1});
}

TEST(Dicom, the_window_of_a_multi_frame_object) {
  Film film = grey({0, 1, 2, 3, 4, 5});
  const std::string voi =
      element(0x28, 0x9132, "SQ", item(element(0x28, 0x1050, "DS", "3") + element(0x28, 0x1051, "DS", "5")));
  film.extra = element(0x5200, 0x9229, "SQ", item(voi));
  expect_near(pixels_of(film.file()), {0, 0.125, 0.375, 0.625, 0.875, 1});
}

TEST(Dicom, lengths_that_lie) {
  Film film = grey({10, 20, 30, 40, 50, 60});
  const std::string good = film.file();
  // The pixels say they are 4 GB.
  std::string lying = good;
  lying.replace(good.size() - 16, 4, u32(0xFFFFFFF0));
  EXPECT_EQ(code_of(lying), "truncated-dicom");
  // A nested element says so.
  film.extra = element(0x32, 0x1064, "SQ", item(u16(8) + u16(0x100) + "UT" + u16(0) + u32(0xFFFFFFF0)));
  EXPECT_EQ(code_of(film.file()), "truncated-dicom");
  film.extra = element(0x32, 0x1064, "SQ", u16(0xFFFE) + u16(0xE000) + u32(0x7FFFFFFF));
  EXPECT_EQ(code_of(film.file()), "truncated-dicom");
  // More pixels than there are.
  film.extra.clear();
  film.rows = 20;
  EXPECT_EQ(code_of(film.file()), "truncated-dicom");
  // A fragment of 2 GB.
  film.syntax = "1.2.840.10008.1.2.5";
  film.pixel_element = u16(0x7FE0) + u16(0x10) + "OB" + u16(0) + u32(0xFFFFFFFF) + item("") + u16(0xFFFE) +
                       u16(0xE000) + u32(0x7FFFFFFF);
  EXPECT_EQ(code_of(film.file()), "truncated-dicom");
}

TEST(Dicom, sequences_too_deep) {
  Film film = grey({1, 2, 3, 4, 5, 6});
  std::string open;
  for (int i = 0; i < 10'000; ++i) {
    open += u16(0x40) + u16(0x275) + "SQ" + u16(0) + u32(0xFFFFFFFF) + u16(0xFFFE) + u16(0xE000) + u32(0xFFFFFFFF);
  }
  film.extra = open;
  EXPECT_EQ(code_of(film.file()), "malformed-dicom");
}

TEST(Dicom, absurd_sizes) {
  Film film = grey({1, 2, 3, 4, 5, 6});
  film.rows = film.columns = 65535;
  EXPECT_EQ(code_of(film.file()), "image-too-large");
}

TEST(Dicom, a_stream_of_another_size_than_the_header) {
  Film film;
  film.syntax = "1.2.840.10008.1.2.4.90";
  film.allocated = film.stored = 8;
  // The head of a JPEG 2000 stream: 60000x60000, one component of 8 bits.
  const auto b16 = [](unsigned v) { return u16(v, true); };
  const auto b32 = [&](std::uint32_t v) { return b16(v >> 16) + b16(v & 0xFFFF); };
  const std::string siz = std::string("\xFF\x4F\xFF\x51", 4) + b16(41) + b16(0) + b32(60000) + b32(60000) + b32(0) +
                          b32(0) + b32(60000) + b32(60000) + b32(0) + b32(0) + b16(1) + std::string("\x07\x01\x01", 3);
  film.pixel_element = encapsulated({siz + std::string(5, '\0')});
  EXPECT_EQ(code_of(film.file()), "malformed-dicom");
  // Under the transfer syntax of JPEG-LS it must not reach that decoder.
  film.syntax = "1.2.840.10008.1.2.4.80";
  EXPECT_EQ(code_of(film.file()), "damaged-image");
  film.pixel_element = encapsulated({"no stream at all"});
  EXPECT_EQ(code_of(film.file()), "damaged-image");
}

TEST(Dicom, objects_without_a_picture) {
  Film film;
  film.pixel_element = element(0x40, 0xA040, "CS", "CONTAINER");
  film.rows = 0;
  EXPECT_EQ(code_of(film.file()), "not-an-image");
  EXPECT_EQ(code_of(film.meta() + element(8, 0x60, "CS", "SR")), "not-an-image");
  Film video = grey({});
  video.syntax = "1.2.840.10008.1.2.4.102";
  video.pixel_element = encapsulated({"mpeg"});
  EXPECT_EQ(code_of(video.file()), "unsupported-transfer-syntax");
  Film strange = grey({1, 2, 3, 4, 5, 6});
  strange.photometric = "HSV";
  EXPECT_EQ(code_of(strange.file()), "unsupported-pixels");
  EXPECT_EQ(code_of("hello"), "not-dicom");
  EXPECT_EQ(code_of(std::string(128, '\0') + "DICM"), "not-an-image");
}

TEST(Dicom, every_truncation_is_an_error) {
  Film film = grey({10, 20, 30, 40, 50, 60});
  film.extra = element(0x32, 0x1064, "SQ", item(element(8, 0x100, "SH", "X")));
  Film packed = film;
  packed.syntax = "1.2.840.10008.1.2.5";
  packed.pixel_element = encapsulated({rle({std::string("\xFB\x00", 2), std::string("\xFB\x07", 2)})});
  for (const std::string& file : {film.file(), packed.file()}) {
    ASSERT_EQ(code_of(file), "ok");
    for (std::size_t n = 0; n < file.size(); ++n) {
      // A copy of its own, so that a sanitizer sees a read past its end.
      const std::vector<char> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n));
      ASSERT_FALSE(decode_dicom({cut.data(), cut.size()}, 1000).ok()) << n;
    }
  }
}

TEST(Dicom, every_changed_byte_is_survived) {
  Film packed = grey({});
  packed.syntax = "1.2.840.10008.1.2.5";
  packed.extra = element(0x32, 0x1064, "SQ", item(element(8, 0x100, "SH", "X")));
  packed.pixel_element = encapsulated({rle({std::string("\xFB\x00", 2), std::string("\xFB\x07", 2)})});
  const std::string file = packed.file();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const char c : {'\0', '\xFF', 'Q', '\x7F'}) {
      std::vector<char> changed(file.begin(), file.end());
      changed[at] = c;
      static_cast<void>(decode_dicom({changed.data(), changed.size()}, 1000));
    }
  }
}

TEST(ReadImage, goes_by_content) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("tenfold-image-" + std::to_string(::getpid()))).native();
  const auto write = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
  write(grey({10, 20, 30, 40, 50, 60}).file());
  const auto picture = read_image(path);
  ASSERT_TRUE(picture.ok());
  EXPECT_EQ(picture->tags.modality, "CR");
  EXPECT_EQ(read_image_tags(path)->body_part, "CHEST");
  // A header longer than is read at first.
  Film film = grey({10, 20, 30, 40, 50, 60});
  film.extra = element(0x13, 0x10, "UN", std::string(200'000, 'x')) + element(0x18, 0x5101, "CS", "LL");
  write(film.file());
  EXPECT_EQ(read_image_tags(path)->view, "LL");
  write("plain text");
  EXPECT_EQ(read_image(path).error().code, "unknown-format");
  EXPECT_EQ(read_image(path).error().place.file, path);
  EXPECT_EQ(read_image_tags(path).error().code, "unknown-format");
  write("");
  EXPECT_EQ(read_image(path).error().code, "empty-file");
  std::filesystem::remove(path);
  EXPECT_EQ(read_image(path).error().code, "file-not-found");
  EXPECT_EQ(read_image_tags("/dev/zero").error().code, "not-a-file");
  EXPECT_EQ(read_image("/").error().code, "is-a-folder");
}

}  // namespace
}  // namespace tenfold::media
