// PNG (libpng) and JPEG (libjpeg) pictures, from bytes. Sizes are checked before anything is allocated by them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "media/media.h"

namespace tenfold::media {

/// 1 to 16 bits, grey, colour or palette, interlaced or not; transparency shows black. Gamma is not applied.
/// Errors (place.file empty): image-too-large, truncated-image, damaged-image, out-of-memory.
Result<Picture> decode_png(std::string_view file, std::uint64_t max_pixels);

/// Baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK. A picture that is cut off is an error, not half grey.
/// Errors: as decode_png.
Result<Picture> decode_jpeg(std::string_view file, std::uint64_t max_pixels);

/// The same in colour. Errors: as decode_png.
Result<Colours> decode_png_colours(std::string_view file, std::uint64_t max_pixels);
Result<Colours> decode_jpeg_colours(std::string_view file, std::uint64_t max_pixels);

/// The samples of a JPEG of 8 bits inside another format, pixel after pixel; its size was checked by coded_size.
/// Where the stream does not say what its three channels are, `luma_first` (YCbCr) or not (RGB) says it.
/// Errors: truncated-image, damaged-image (also when it has not `channels` channels).
struct JpegSamples {
  std::vector<char> bytes;  // [height, width, channels]
  bool luma_first = false;
};
Result<JpegSamples> decode_jpeg_samples(std::string_view stream, bool luma_first, std::uint32_t channels);

}  // namespace tenfold::media
