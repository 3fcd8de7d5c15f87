#include "neural/backends/data_url.h"

#include <png.h>

#include <string_view>

namespace tenfold::neural {
namespace {

/// Source: RFC 4648, section 4.
void add_base64(std::string& out, std::string_view bytes) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) out += at + i <= bytes.size() ? kLetters[three >> (18 - 6 * i) & 63u] : '=';
  }
}

}  // namespace

std::string data_url(const ColourPicture& picture) {
  const auto& [width, height, rgb] = picture;
  if (width == 0 || height == 0 || rgb.size() != std::size_t{width} * height * 3) return "";
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  std::string file(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&image, file.data(), &size, 0, rgb.data(), 0, nullptr) == 0) return "";
  std::string out = "data:image/png;base64,";
  add_base64(out, std::string_view(file).substr(0, size));
  return out;
}

}  // namespace tenfold::neural
