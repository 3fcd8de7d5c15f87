#include "media/codestream.h"

#include <cstddef>

namespace tenfold::media {
namespace {

std::uint32_t byte(std::string_view s, std::size_t at) { return static_cast<unsigned char>(s[at]); }
std::uint32_t u16(std::string_view s, std::size_t at) { return byte(s, at) << 8 | byte(s, at + 1); }
std::uint32_t u32(std::string_view s, std::size_t at) { return u16(s, at) << 16 | u16(s, at + 2); }

std::optional<CodedSize> jpeg_size(std::string_view s) {
  std::size_t at = 2;
  while (at + 4 <= s.size()) {
    if (byte(s, at) != 0xFF) return std::nullopt;
    const std::uint32_t marker = byte(s, at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    const bool frame =
        (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xF7;
    if (frame) {
      if (at + 10 > s.size()) return std::nullopt;
      const bool dct = marker <= 0xC2 || marker == 0xC9 || marker == 0xCA;
      return CodedSize{marker == 0xF7 ? PictureCoding::jpeg_ls
                       : dct          ? PictureCoding::jpeg_dct
                                      : PictureCoding::jpeg_lossless,
                       u16(s, at + 7), u16(s, at + 5), byte(s, at + 9), byte(s, at + 4)};
    }
    if (marker == 0xDA || marker == 0xD9) return std::nullopt;  // the scan begins and no frame was seen
    at += 2 + u16(s, at + 2);
  }
  return std::nullopt;
}

std::optional<CodedSize> jpeg2000_size(std::string_view s) {
  const std::size_t at = s.substr(0, 4096).find(std::string_view("\xFF\x4F\xFF\x51", 4));
  if (at == std::string_view::npos || at + 43 > s.size()) return std::nullopt;
  const std::uint32_t right = u32(s, at + 8), bottom = u32(s, at + 12), left = u32(s, at + 16), top = u32(s, at + 20);
  if (right <= left || bottom <= top) return std::nullopt;
  const std::uint32_t components = u16(s, at + 40), precision = byte(s, at + 42);
  if (components == 0 || at + 42 + 3 * std::size_t{components} > s.size()) return std::nullopt;
  for (std::size_t i = 0; i < components; ++i) {
    // Precision and sign, then the steps between samples across and down.
    const std::size_t c = at + 42 + 3 * i;
    if (byte(s, c) != precision || byte(s, c + 1) != 1 || byte(s, c + 2) != 1) return std::nullopt;
  }
  return CodedSize{PictureCoding::jpeg2000, right - left, bottom - top, components, (precision & 0x7F) + 1};
}

}  // namespace

std::optional<CodedSize> coded_size(std::string_view stream) {
  if (stream.size() > 4 && byte(stream, 0) == 0xFF && byte(stream, 1) == 0xD8) return jpeg_size(stream);
  return jpeg2000_size(stream);
}

}  // namespace tenfold::media
