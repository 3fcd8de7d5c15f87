#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "media/luma.h"
#include "media/raster.h"

namespace tenfold::media {
namespace {

Error png_failure(std::string code, std::string what) {
  Error error;
  error.code = std::move(code);
  error.what = std::move(what);
  error.hint = "copy or export the picture again";
  return error;
}

/// What libpng reads from, and what it said last. Plain data: libpng leaves by longjmp, which runs no destructors.
struct Source {
  const char* data;
  std::size_t size, at;
  bool ran_out;
  char said[128];
};

void read_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->size - source->at) {
    source->ran_out = true;
    png_error(png, "the file ends in the middle");
  }
  std::memcpy(to, source->data + source->at, count);
  source->at += count;
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->said, message, sizeof source->said - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

/// Everything that must outlive a longjmp.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<png_byte> bytes;
  std::vector<png_bytep> rows;
  png_uint_32 width = 0, height = 0;
  int channels = 0, depth = 0;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

enum class Step : std::uint8_t { done, failed, too_large };

/// Reads up to the size; the caller then checks it. Returns false after a longjmp.
bool read_size(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_read_info(d.png, d.info);
  d.width = png_get_image_width(d.png, d.info);
  d.height = png_get_image_height(d.png, d.info);
  return true;
}

/// Decodes to grey, grey+alpha, RGB or RGBA of 8 or 16 bits (big endian). `bytes` and `rows` have room when begun.
bool prepare(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_set_expand(d.png);  // palettes, few bits and transparent colours
  png_set_interlace_handling(d.png);
  png_read_update_info(d.png, d.info);
  d.channels = png_get_channels(d.png, d.info);
  d.depth = png_get_bit_depth(d.png, d.info);
  return true;
}

bool read_rows(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_read_image(d.png, d.rows.data());
  png_read_end(d.png, nullptr);
  return true;
}

float sample(const png_byte* at, int depth) {
  return depth == 16 ? static_cast<float>(at[0] << 8 | at[1]) / 65535.0f : static_cast<float>(at[0]) / 255.0f;
}

void to_luma(const Decoder& d, Image& image) {
  const int bytes = d.depth / 8;
  const bool colour = d.channels >= 3, alpha = d.channels % 2 == 0;
  ColourCount colours;
  std::size_t i = 0;
  for (png_uint_32 y = 0; y < d.height; ++y) {
    const png_byte* at = d.rows[y];
    for (png_uint_32 x = 0; x < d.width; ++x, ++i, at += d.channels * bytes) {
      float value = sample(at, d.depth);
      if (colour) {
        const float green = sample(at + bytes, d.depth), blue = sample(at + 2 * bytes, d.depth);
        colours.add(value, green, blue);
        value = luma(value, green, blue);
      }
      image.pixels[i] = alpha ? value * sample(at + (d.channels - 1) * bytes, d.depth) : value;
    }
  }
  image.coloured = colours.coloured(i);
}

/// The same in colour, 8 bits a channel.
void to_colours(const Decoder& d, std::vector<std::uint8_t>& rgb) {
  const int bytes = d.depth / 8;
  const int last = d.channels >= 3 ? 2 : 0;  // of grey, that thrice
  const bool alpha = d.channels % 2 == 0;
  std::size_t i = 0;
  for (png_uint_32 y = 0; y < d.height; ++y) {
    const png_byte* at = d.rows[y];
    for (png_uint_32 x = 0; x < d.width; ++x, at += d.channels * bytes) {
      const float opacity = alpha ? sample(at + (d.channels - 1) * bytes, d.depth) : 1.0f;
      for (int c = 0; c < 3; ++c)
        rgb[i++] =
            static_cast<std::uint8_t>(std::lround(sample(at + std::min(c, last) * bytes, d.depth) * opacity * 255.0f));
    }
  }
}

Error failure(const Source& source) {
  if (source.ran_out) return png_failure("truncated-image", "the PNG file ends in the middle");
  return png_failure("damaged-image", std::string("the PNG file is damaged: ") + source.said);
}

/// Everything up to the rows. `source` is what libpng reads from until then.
Status decode(Source& source, Decoder& d, std::uint64_t max_pixels) {
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  if (d.png) d.info = png_create_info_struct(d.png);
  if (!d.info) throw std::bad_alloc();
  png_set_read_fn(d.png, &source, read_bytes);
  png_set_user_limits(d.png, 0x7FFFFFFF, 0x7FFFFFFF);  // ours is on the product
  png_set_chunk_cache_max(d.png, 128);
  png_set_chunk_malloc_max(d.png, 8'000'000);  // text and profiles, which are not looked at
  if (!read_size(d)) return failure(source);
  const std::uint64_t pixels = std::uint64_t{d.width} * d.height;
  if (pixels > max_pixels) {
    Error error =
        png_failure("image-too-large", "the picture has " + std::to_string(d.width) + "x" + std::to_string(d.height) +
                                           " pixels, more than " + std::to_string(max_pixels) + " in all");
    error.hint = "raise the limit if the picture is real";
    return error;
  }
  if (!prepare(d)) return failure(source);
  const std::size_t stride = std::size_t{d.width} * static_cast<std::size_t>(d.channels * (d.depth / 8));
  d.bytes.resize(stride * d.height);
  d.rows.resize(d.height);
  for (png_uint_32 y = 0; y < d.height; ++y) d.rows[y] = d.bytes.data() + y * stride;
  if (!read_rows(d)) return failure(source);
  return {};
}

}  // namespace

Result<Picture> decode_png(std::string_view file, std::uint64_t max_pixels) try {
  Source source{file.data(), file.size(), 0, false, {}};
  Decoder d;
  if (Status s = decode(source, d, max_pixels); !s.ok()) return s.error();
  Picture picture;
  picture.tags.format = "png";
  picture.image.width = d.width;
  picture.image.height = d.height;
  picture.image.pixels.resize(std::size_t{d.width} * d.height);
  to_luma(d, picture.image);
  return picture;
} catch (const std::bad_alloc&) {
  return png_failure("out-of-memory", "no memory to decode the picture");
}

Result<Colours> decode_png_colours(std::string_view file, std::uint64_t max_pixels) try {
  Source source{file.data(), file.size(), 0, false, {}};
  Decoder d;
  if (Status s = decode(source, d, max_pixels); !s.ok()) return s.error();
  Colours colours{d.width, d.height, {}};
  colours.rgb.resize(std::size_t{d.width} * d.height * 3);
  to_colours(d, colours.rgb);
  return colours;
} catch (const std::bad_alloc&) {
  return png_failure("out-of-memory", "no memory to decode the picture");
}

}  // namespace tenfold::media
