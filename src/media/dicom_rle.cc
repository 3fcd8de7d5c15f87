#include <algorithm>

#include "media/dicom_pixels.h"

namespace tenfold::media {
namespace {

std::uint32_t u32(std::string_view s, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(s[at + i]);
  return value;
}

/// PackBits: n in 0..127 copies n + 1 bytes, n in 129..255 repeats the next byte 257 - n times. Writes every
/// `stride`-th byte from `to`, `count` of them; false if the segment ends before.
bool unpack(std::string_view segment, char* to, std::size_t stride, std::size_t count) {
  std::size_t at = 0, done = 0;
  while (done < count) {
    if (at >= segment.size()) return false;
    const auto n = static_cast<unsigned char>(segment[at++]);
    if (n == 128) continue;
    const bool copy = n < 128;
    const std::size_t wanted = copy ? n + 1u : 257u - n;
    if (at + (copy ? wanted : 1) > segment.size()) return false;
    const std::size_t length = std::min(wanted, count - done);  // a last run may spill over the end
    for (std::size_t i = 0; i < length; ++i) to[(done + i) * stride] = segment[copy ? at + i : at];
    done += length;
    at += copy ? wanted : 1;
  }
  return true;
}

}  // namespace

Status decode_rle(std::string_view frame, std::uint64_t pixels, Samples& samples) {
  const auto damaged = [](const char* what) { return dicom_error("damaged-image", what, "export the image again"); };
  const std::size_t width = samples.bits_allocated / 8;
  const std::size_t segments = width * samples.channels;
  if (frame.size() < 64 || u32(frame, 0) != segments || segments > 15) {
    return damaged("the RLE header does not fit the picture");
  }
  samples.bytes.assign(pixels * segments, '\0');
  samples.planar = true;
  for (std::size_t i = 0; i < segments; ++i) {
    const std::size_t begin = u32(frame, 4 + 4 * i), end = i + 1 < segments ? u32(frame, 8 + 4 * i) : frame.size();
    if (begin < 64 || begin > end || end > frame.size()) return damaged("the RLE segments do not lie in order");
    // Segments go channel by channel, and from the most significant byte of a sample to the least.
    const std::size_t channel = i / width, byte = width - 1 - i % width;
    char* to = samples.bytes.data() + channel * pixels * width + byte;
    if (!unpack(frame.substr(begin, end - begin), to, width, pixels)) return damaged("an RLE segment ends too early");
  }
  return {};
}

}  // namespace tenfold::media
