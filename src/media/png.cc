#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "media/images/exif.h"
#include "media/luma.h"
#include "media/raster.h"

namespace tenfold::media {
namespace {

/// What libpng reads from, and what it said last. Plain data: libpng leaves by longjmp, which runs no destructors.
struct Source {
  std::FILE* file;
  bool ran_out;
  char said[128];
};

void read_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (std::fread(to, 1, count, source->file) != count) {
    source->ran_out = true;
    png_error(png, "the file ends in the middle");
  }
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->said, message, sizeof source->said - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

/// Everything that must outlive a longjmp.
struct Decoder {
  Source source{};
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<png_byte> rows;  // one, or those of the region where the picture is interlaced
  png_uint_32 width = 0, height = 0;
  int channels = 0, depth = 0, stored_channels = 0, stored_depth = 0, type = 0, passes = 1;
  std::size_t row_bytes = 0;
  bool too_slow = false;
  explicit Decoder(std::FILE* file) {
    source.file = file;
    std::rewind(file);
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    if (png) info = png_create_info_struct(png);
    if (!info) throw std::bad_alloc();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// Reads up to the size; the caller then checks it. Returns false after a longjmp.
bool read_size(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_set_read_fn(d.png, &d.source, read_bytes);
  png_set_user_limits(d.png, 0x7FFFFFFF, 0x7FFFFFFF);  // ours is on the product
  png_set_chunk_cache_max(d.png, 128);
  png_set_chunk_malloc_max(d.png, 8'000'000);  // text and profiles, which are not looked at
  png_read_info(d.png, d.info);
  d.width = png_get_image_width(d.png, d.info);
  d.height = png_get_image_height(d.png, d.info);
  d.stored_channels = png_get_channels(d.png, d.info);
  d.stored_depth = png_get_bit_depth(d.png, d.info);
  d.type = png_get_color_type(d.png, d.info);
  return true;
}

/// Decodes to grey, grey+alpha, RGB or RGBA of 8 or 16 bits (big endian).
bool prepare(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_set_expand(d.png);  // palettes, few bits and transparent colours
  d.passes = png_set_interlace_handling(d.png);
  png_read_update_info(d.png, d.info);
  d.channels = png_get_channels(d.png, d.info);
  d.depth = png_get_bit_depth(d.png, d.info);
  d.row_bytes = png_get_rowbytes(d.png, d.info);
  return true;
}

float sample(const png_byte* at, int depth) {
  return depth == 16 ? static_cast<float>(at[0] << 8 | at[1]) / 65535.0f : static_cast<float>(at[0]) / 255.0f;
}

void to_luma(const Decoder& d, const png_byte* at, std::uint32_t count, ColourCount& colours, float* out) {
  const int bytes = d.depth / 8;
  const bool colour = d.channels >= 3, alpha = d.channels % 2 == 0;
  for (std::uint32_t x = 0; x < count; ++x, at += d.channels * bytes) {
    float value = sample(at, d.depth);
    if (colour) {
      const float green = sample(at + bytes, d.depth), blue = sample(at + 2 * bytes, d.depth);
      colours.add(value, green, blue);
      value = luma(value, green, blue);
    }
    out[x] = alpha ? value * sample(at + (d.channels - 1) * bytes, d.depth) : value;
  }
}

/// The same in colour, 8 bits a channel.
void to_colours(const Decoder& d, const png_byte* at, std::uint32_t count, std::uint8_t* out) {
  const int bytes = d.depth / 8;
  const int last = d.channels >= 3 ? 2 : 0;  // of grey, that thrice
  const bool alpha = d.channels % 2 == 0;
  for (std::uint32_t x = 0; x < count; ++x, at += d.channels * bytes) {
    const float opacity = alpha ? sample(at + (d.channels - 1) * bytes, d.depth) : 1.0f;
    for (int c = 0; c < 3; ++c)
      *out++ =
          static_cast<std::uint8_t>(std::lround(sample(at + std::min(c, last) * bytes, d.depth) * opacity * 255.0f));
  }
}

void draw(const Decoder& d, const png_byte* row, const Cut& cut, std::uint32_t y, Canvas& canvas) {
  const png_byte* at = row + std::size_t{cut.x} * static_cast<std::size_t>(d.channels * (d.depth / 8));
  const std::size_t to = std::size_t{y} * cut.width;
  if (canvas.in_colour)
    to_colours(d, at, cut.width, canvas.colours.rgb.data() + to * 3);
  else
    to_luma(d, at, cut.width, canvas.count, canvas.image.pixels.data() + to);
}

/// Row after row; of an interlaced picture pass after pass, with the region's rows kept.
bool read_rows(Decoder& d, const Cut& cut, const Deadline& deadline, Canvas& canvas) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  const png_uint_32 bottom = cut.y + cut.height;
  for (int pass = 0; pass < d.passes; ++pass) {
    const bool last = pass + 1 == d.passes;
    const png_uint_32 end = last ? bottom : d.height;
    for (png_uint_32 y = 0; y < end; ++y) {
      const bool inside = y >= cut.y && y < bottom;
      png_bytep row = d.passes == 1 ? d.rows.data() : inside ? d.rows.data() + (y - cut.y) * d.row_bytes : nullptr;
      png_read_row(d.png, row, nullptr);
      if (last && inside) draw(d, row, cut, y - cut.y, canvas);
      if (y % 64 == 0 && deadline.over()) {
        d.too_slow = true;
        return false;
      }
    }
  }
  canvas.decoded += std::uint64_t{d.width} * (d.passes == 1 ? bottom : d.height);
  if (bottom == d.height) png_read_end(d.png, nullptr);
  return true;
}

Error failure(const Decoder& d) {
  if (d.source.ran_out) return picture_failure("truncated-image", "the PNG file ends in the middle");
  return picture_failure("damaged-image", std::string("the PNG file is damaged: ") + d.source.said);
}

Status open(Decoder& d, const Limits& limits) {
  if (!read_size(d)) return failure(d);
  if (std::uint64_t{d.width} * d.height > limits.pixels) return picture_too_large(d.width, d.height, limits.pixels);
  return {};
}

std::string colour_of(int type) {
  if (type == PNG_COLOR_TYPE_PALETTE) return "palette";
  return type & PNG_COLOR_MASK_COLOR ? "rgb" : "grey";
}

Result<Canvas> decode_whole(std::string_view bytes, std::uint64_t max_pixels, bool in_colour) try {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(memory_stream(bytes), std::fclose);
  Limits limits;
  limits.pixels = limits.decoded_pixels = max_pixels;
  const Result<RasterHeader> header = png_header(file.get(), limits);
  if (!header) return header.error();
  Canvas canvas;
  canvas.in_colour = in_colour;
  if (Status s = decode_png(file.get(), {0, 0, header->width, header->height}, limits, canvas); !s) return s.error();
  return canvas;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

}  // namespace

Result<RasterHeader> png_header(std::FILE* file, const Limits& limits) try {
  Decoder d(file);
  if (Status s = open(d, limits); !s) return s.error();
  RasterHeader header;
  header.width = d.width;
  header.height = d.height;
  header.bits = static_cast<std::uint32_t>(d.stored_depth);
  header.channels = static_cast<std::uint32_t>(d.stored_channels);
  header.colour = colour_of(d.type);
  header.compression = "deflate";
  png_bytep block = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(d.png, d.info, &size, &block) != 0) {  // cannot fail
    const Exif exif = read_exif({reinterpret_cast<const char*>(block), size});
    header.orientation = exif.orientation;
    header.taken = exif.taken;
  }
  return header;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Status decode_png(std::FILE* file, const Cut& cut, const Limits& limits, Canvas& canvas) try {
  if (std::uint64_t{cut.width} * cut.height > limits.decoded_pixels)
    return picture_too_large(cut.width, cut.height, limits.decoded_pixels);
  Decoder d(file);
  if (Status s = open(d, limits); !s) return s;
  if (!prepare(d)) return failure(d);
  const std::uint64_t rows = d.passes == 1 ? 1 : cut.height;
  if (rows * d.row_bytes > limits.memory_bytes || std::uint64_t{d.width} * rows > limits.decoded_pixels)
    return picture_too_large(d.width, rows, limits.decoded_pixels);
  d.rows.resize(rows * d.row_bytes);
  canvas.begin(cut.width, cut.height);
  const Deadline deadline(limits.seconds);
  if (!read_rows(d, cut, deadline, canvas)) return d.too_slow ? picture_too_slow(limits.seconds) : failure(d);
  canvas.finish();
  return {};
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Result<Picture> decode_png(std::string_view file, std::uint64_t max_pixels) {
  Result<Canvas> canvas = decode_whole(file, max_pixels, false);
  if (!canvas) return canvas.error();
  Picture picture;
  picture.tags.format = "png";
  picture.image = std::move(canvas->image);
  return picture;
}

Result<Colours> decode_png_colours(std::string_view file, std::uint64_t max_pixels) {
  Result<Canvas> canvas = decode_whole(file, max_pixels, true);
  if (!canvas) return canvas.error();
  return std::move(canvas->colours);
}

}  // namespace tenfold::media
