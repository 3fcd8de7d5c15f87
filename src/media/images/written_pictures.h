// Pictures that tests make: PNG by libpng, JPEG by libjpeg, TIFF by hand.
#pragma once

#include <png.h>

// libjpeg's header wants <cstdio> before it.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tenfold::media {

struct PngForm {
  int depth = 8, type = PNG_COLOR_TYPE_GRAY;
  bool interlaced = false;
};

inline int channels_of(int type) {
  return type == PNG_COLOR_TYPE_RGB ? 3 : type == PNG_COLOR_TYPE_RGBA ? 4 : type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2 : 1;
}

/// A PNG file of rows as libpng takes them.
inline std::string png_file(unsigned width, unsigned height, PngForm form, std::vector<png_byte> rows) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp p, png_bytep data, png_size_t size) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), size);
      },
      [](png_structp) {});
  png_set_IHDR(png, info, width, height, form.depth, form.type,
               form.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  const png_color palette[] = {{0, 0, 0}, {255, 0, 0}, {255, 255, 255}};
  if (form.type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 3);
  png_write_info(png, info);
  const std::size_t stride = (width * static_cast<unsigned>(channels_of(form.type) * form.depth) + 7) / 8;
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass) {
    for (unsigned y = 0; y < height; ++y) png_write_row(png, rows.data() + y * stride);
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

inline std::string jpeg_file(unsigned width, unsigned height, int channels, const std::vector<JSAMPLE>& pixels,
                             bool progressive = false, int halved = 2) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = channels;
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  if (channels == 3) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = halved;
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < height) {
    auto* row = const_cast<JSAMPLE*>(pixels.data() + info.next_scanline * width * static_cast<unsigned>(channels));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::string file(reinterpret_cast<char*>(data), size);
  jpeg_destroy_compress(&info);
  std::free(data);
  return file;
}

/// An EXIF segment, to stand behind the first two bytes of a JPEG.
inline std::string exif_segment(unsigned orientation, const std::string& taken) {
  const auto u16 = [](std::size_t v) { return std::string{static_cast<char>(v >> 8), static_cast<char>(v)}; };
  const auto u32 = [&](std::size_t v) { return u16(v >> 16) + u16(v & 0xFFFF); };
  const std::string date = taken + std::string(1, '\0');
  // Header, a directory of two entries, another of one, the date.
  std::string block = "MM" + u16(42) + u32(8) + u16(2) + u16(0x112) + u16(3) + u32(1) + u16(orientation) + u16(0) +
                      u16(0x8769) + u16(4) + u32(1) + u32(38) + u32(0) + u16(1) + u16(0x9003) + u16(2) +
                      u32(date.size()) + u32(56) + u32(0) + date;
  const std::string body = std::string("Exif\0\0", 6) + block;
  return "\xFF\xE1" + u16(body.size() + 2) + body;
}

struct TiffForm {
  unsigned width = 0, height = 0, samples = 1, bits = 8, photometric = 1, orientation = 1;
  unsigned tile = 0;                   // side; 0: one strip
  std::vector<unsigned> values = {};   // [height, width, samples]
  std::vector<unsigned> palette = {};  // 3 x 2^bits
};

/// Little endian, not compressed, a directory a page.
inline std::string tiff_file(const std::vector<TiffForm>& pages) {
  const auto u16 = [](std::size_t v) { return std::string{static_cast<char>(v), static_cast<char>(v >> 8)}; };
  const auto u32 = [&](std::size_t v) { return u16(v & 0xFFFF) + u16(v >> 16); };
  std::string file = "II" + u16(42) + u32(0);
  std::size_t link = 4;
  for (const TiffForm& f : pages) {
    const auto put = [&](unsigned value) {
      file += f.bits == 16 ? u16(value) : std::string(1, static_cast<char>(value));
    };
    std::vector<std::size_t> offsets, counts;
    const unsigned tw = f.tile ? f.tile : f.width, th = f.tile ? f.tile : f.height;
    for (unsigned top = 0; top < f.height; top += th) {
      for (unsigned left = 0; left < f.width; left += tw) {
        offsets.push_back(file.size());
        for (unsigned y = top; y < top + th; ++y)
          for (unsigned x = left; x < left + tw; ++x)
            for (unsigned s = 0; s < f.samples; ++s)
              put(x < f.width && y < f.height ? f.values[(y * f.width + x) * f.samples + s] : 0);
        counts.push_back(file.size() - offsets.back());
      }
    }
    if (file.size() % 2) file += '\0';
    std::string entries;
    std::size_t n = 0;
    const auto entry = [&](unsigned tag, unsigned type, const std::vector<std::size_t>& values) {
      std::string bytes;
      for (const std::size_t v : values) bytes += type == 3 ? u16(v) : u32(v);
      if (bytes.size() > 4) {
        const std::size_t at = file.size();
        file += bytes;
        bytes = u32(at);
      }
      bytes.resize(4, '\0');
      entries += u16(tag) + u16(type) + u32(values.size()) + bytes;
      ++n;
    };
    entry(256, 4, {f.width});
    entry(257, 4, {f.height});
    entry(258, 3, std::vector<std::size_t>(f.samples, f.bits));
    entry(259, 3, {1});
    entry(262, 3, {f.photometric});
    if (!f.tile) entry(273, 4, offsets);
    entry(274, 3, {f.orientation});
    entry(277, 3, {f.samples});
    if (!f.tile) entry(278, 4, {f.height}), entry(279, 4, counts);
    if (!f.palette.empty()) entry(320, 3, {f.palette.begin(), f.palette.end()});
    if (f.tile) entry(322, 4, {f.tile}), entry(323, 4, {f.tile}), entry(324, 4, offsets), entry(325, 4, counts);
    if (f.samples == 2 || f.samples == 4) entry(338, 3, {2});
    const std::string at = u32(file.size());
    file.replace(link, 4, at);
    file += u16(n) + entries;
    link = file.size();
    file += u32(0);
  }
  return file;
}

/// A file that is there as long as this is.
class WrittenFile {
 public:
  explicit WrittenFile(const std::string& bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "tenfold-XXXXXX").string();
    const int file = mkstemp(name.data());
    if (file >= 0) close(file);
    path_ = name;
    write(bytes);
  }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;
  ~WrittenFile() { std::filesystem::remove(path_); }
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tenfold::media
