#include "media/raster.h"

#include <ctime>
#include <new>

namespace tenfold::media {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class T>
void turn_pixels(std::vector<T>& pixels, std::uint32_t& width, std::uint32_t& height, std::size_t channels,
                 std::uint32_t orientation) {
  if (orientation < 2 || orientation > 8) return;
  const std::size_t w = width, h = height;
  const bool sideways = orientation >= 5;
  std::vector<T> out(pixels.size());
  const std::size_t stride = sideways ? h : w;
  for (std::size_t y = 0; y < h; ++y) {
    for (std::size_t x = 0; x < w; ++x) {
      std::size_t to_x = x, to_y = y;
      switch (orientation) {
        case 2:
          to_x = w - 1 - x;
          break;
        case 3:
          to_x = w - 1 - x, to_y = h - 1 - y;
          break;
        case 4:
          to_y = h - 1 - y;
          break;
        case 5:
          to_x = y, to_y = x;
          break;
        case 6:
          to_x = h - 1 - y, to_y = x;
          break;
        case 7:
          to_x = h - 1 - y, to_y = w - 1 - x;
          break;
        default:
          to_x = y, to_y = w - 1 - x;
      }
      for (std::size_t c = 0; c < channels; ++c)
        out[(to_y * stride + to_x) * channels + c] = pixels[(y * w + x) * channels + c];
    }
  }
  pixels = std::move(out);
  if (sideways) std::swap(width, height);
}

}  // namespace

void Canvas::begin(std::uint32_t width, std::uint32_t height) {
  const std::size_t pixels = std::size_t{width} * height;
  if (in_colour) {
    colours = {width, height, {}};
    colours.rgb.resize(pixels * 3);
  } else {
    image = {width, height, {}, false};
    image.pixels.resize(pixels);
  }
}

Deadline::Deadline(double seconds) : end_(cpu_seconds() + seconds) {}
bool Deadline::over() const { return cpu_seconds() > end_; }

void turn(Image& image, std::uint32_t orientation) {
  turn_pixels(image.pixels, image.width, image.height, 1, orientation);
}

void turn(Colours& colours, std::uint32_t orientation) {
  turn_pixels(colours.rgb, colours.width, colours.height, 3, orientation);
}

Cut stored_cut(const RasterHeader& header, const Cut& s) {
  const std::uint32_t w = header.width, h = header.height;
  switch (header.orientation) {
    case 2:
      return {w - s.x - s.width, s.y, s.width, s.height};
    case 3:
      return {w - s.x - s.width, h - s.y - s.height, s.width, s.height};
    case 4:
      return {s.x, h - s.y - s.height, s.width, s.height};
    case 5:
      return {s.y, s.x, s.height, s.width};
    case 6:
      return {s.y, h - s.x - s.width, s.height, s.width};
    case 7:
      return {w - s.y - s.height, h - s.x - s.width, s.height, s.width};
    case 8:
      return {w - s.y - s.height, s.x, s.height, s.width};
    default:
      return s;
  }
}

Error picture_failure(std::string code, std::string what) {
  return {std::move(code), {}, std::move(what), "copy or export the picture again", ""};
}

Error picture_too_large(std::uint64_t width, std::uint64_t height, std::uint64_t most) {
  Error error =
      picture_failure("image-too-large", "the picture has " + std::to_string(width) + "x" + std::to_string(height) +
                                             " pixels, more than " + std::to_string(most) + " in all");
  error.hint = "raise the limit if the picture is real, or ask about a region of it (#xywh=…)";
  return error;
}

Error picture_too_slow(double seconds) {
  Error error = picture_failure("time-limit", "the picture is not decoded after " +
                                                  std::to_string(static_cast<long>(seconds)) + " s of CPU time");
  error.hint = "raise the limit if the picture is real";
  return error;
}

std::FILE* memory_stream(std::string_view bytes) {
  // An empty buffer cannot be a stream; one NUL is refused as any other file that ends too early.
  static char none[1] = {0};
  std::FILE* file =
      bytes.empty() ? fmemopen(none, 1, "rb") : fmemopen(const_cast<char*>(bytes.data()), bytes.size(), "rb");
  if (!file) throw std::bad_alloc();
  return file;
}

}  // namespace tenfold::media
