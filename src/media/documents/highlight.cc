#include "media/documents/highlight.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <new>

namespace tenfold::media {
namespace {

struct Pixels {
  std::int64_t left, top, right, bottom;
};

/// Multiplied, so that black letters stay black.
void shade(Colours& picture, const Pixels& area) {
  constexpr std::uint32_t kYellow[] = {255, 232, 80};
  for (std::int64_t y = std::max<std::int64_t>(area.top, 0); y < std::min<std::int64_t>(area.bottom, picture.height);
       ++y)
    for (std::int64_t x = std::max<std::int64_t>(area.left, 0); x < std::min<std::int64_t>(area.right, picture.width);
         ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        std::uint8_t& value = picture.rgb[3 * static_cast<std::size_t>(y * picture.width + x) + c];
        value = static_cast<std::uint8_t>(value * kYellow[c] / 255);
      }
}

void fill(Colours& picture, const Pixels& area) {
  constexpr std::uint8_t kRed[] = {208, 60, 20};
  for (std::int64_t y = std::max<std::int64_t>(area.top, 0); y < std::min<std::int64_t>(area.bottom, picture.height);
       ++y)
    for (std::int64_t x = std::max<std::int64_t>(area.left, 0); x < std::min<std::int64_t>(area.right, picture.width);
         ++x)
      std::copy_n(kRed, 3, picture.rgb.begin() + 3 * (y * picture.width + x));
}

void write_some(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), count);
}
void flush_nothing(png_structp) {}
[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

/// What must outlive a longjmp.
struct Encoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~Encoder() { png_destroy_write_struct(&png, &info); }
};

bool write(Encoder& encoder, const Colours& picture) {
  if (setjmp(png_jmpbuf(encoder.png))) return false;
  png_set_IHDR(encoder.png, encoder.info, picture.width, picture.height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(encoder.png, encoder.info);
  for (std::uint32_t y = 0; y < picture.height; ++y)
    png_write_row(encoder.png, picture.rgb.data() + 3 * std::size_t{y} * picture.width);
  png_write_end(encoder.png, nullptr);
  return true;
}

}  // namespace

void highlight(Colours& picture, const Box& shown, std::span<const Box> boxes) {
  if (!(shown.width > 0.0) || !(shown.height > 0.0)) return;
  const double x = picture.width / shown.width, y = picture.height / shown.height;
  const auto line =
      static_cast<std::int64_t>(std::max(1.0, std::round(std::min(picture.width, picture.height) / 600.0)));
  const auto near = [](double value) { return static_cast<std::int64_t>(std::llround(std::clamp(value, -1e9, 1e9))); };
  for (const Box& box : boxes) {
    const Pixels in{near((box.x - shown.x) * x), near((box.y - shown.y) * y), near((box.x + box.width - shown.x) * x),
                    near((box.y + box.height - shown.y) * y)};
    if (in.right <= in.left || in.bottom <= in.top) continue;
    shade(picture, in);
    fill(picture, {in.left - line, in.top - line, in.right + line, in.top});
    fill(picture, {in.left - line, in.bottom, in.right + line, in.bottom + line});
    fill(picture, {in.left - line, in.top, in.left, in.bottom});
    fill(picture, {in.right, in.top, in.right + line, in.bottom});
  }
}

Result<std::string> encode_png(const Colours& picture) try {
  std::string out;
  Encoder encoder;
  encoder.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  if (encoder.png) encoder.info = png_create_info_struct(encoder.png);
  if (!encoder.info) throw std::bad_alloc();
  png_set_write_fn(encoder.png, &out, write_some, flush_nothing);
  if (!write(encoder, picture)) throw std::bad_alloc();  // libpng has no other reason here
  return out;
} catch (const std::bad_alloc&) {
  return Error{"out-of-memory", {}, "no memory to write the picture", "ask for it smaller", ""};
}

Result<std::string> highlighted_page(Medium& document, std::uint32_t page, std::span<const Part> evidence,
                                     PictureSize size) {
  Part whole;
  whole.page = page;
  static const std::size_t dimensions = [] {
    const std::vector<FactSchema> relations = document_adapter().relations;
    return static_cast<std::size_t>(std::ranges::find(relations, "dimensions", &FactSchema::relation) -
                                    relations.begin());
  }();
  const Result<std::vector<MediaFact>> sides = document.read(dimensions, whole);
  if (!sides) return sides.error();
  Result<Colours> picture = document.picture(whole, size);
  if (!picture) return picture.error();
  std::vector<Box> boxes;
  for (const Part& part : evidence)
    if (part.box && part.page.value_or(1) == page) boxes.push_back(*part.box);
  if (!sides->empty())
    highlight(*picture,
              {0.0, 0.0, std::get<double>(sides->front().values[0]), std::get<double>(sides->front().values[1])},
              boxes);
  return encode_png(*picture);
}

}  // namespace tenfold::media
