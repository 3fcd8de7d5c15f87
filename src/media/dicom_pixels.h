// Stored DICOM pixels into samples. Native and RLE pixels are read here and 8-bit JPEG by libjpeg; GDCM decodes the
// rest (JPEG lossless and 12-bit, JPEG-LS, JPEG 2000), on pictures built from a header that was checked. Its own parser
// is not used: Debian builds GDCM with assertions, and what aborts the program on a damaged file is no way to read
// files.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "media/dicom_header.h"

namespace tenfold::media {

/// Samples of one frame, little endian, as wide as they are allocated.
struct Samples {
  std::vector<char> bytes;
  std::uint32_t bits_allocated = 8, bits_stored = 8, shift = 0;  // shift: bits below the stored ones
  std::uint32_t channels = 1;
  bool is_signed = false;
  bool planar = false;      // channel after channel instead of pixel after pixel
  bool luma_first = false;  // three channels are YCbCr of full range, not RGB

  double at(std::size_t i) const {
    std::uint32_t value = 0;
    if (bits_allocated == 1) return static_cast<unsigned char>(bytes[i / 8]) >> (i % 8) & 1;
    if (bits_allocated == 8) {
      value = static_cast<unsigned char>(bytes[i]);
    } else if (bits_allocated == 16) {
      std::uint16_t two = 0;
      std::memcpy(&two, bytes.data() + 2 * i, 2);
      value = two;
    } else {
      std::memcpy(&value, bytes.data() + 4 * i, 4);
    }
    // Bits over the stored ones may hold overlays.
    value = value >> shift << (32 - bits_stored);
    return is_signed ? static_cast<std::int32_t>(value) >> (32 - bits_stored)
                     : static_cast<double>(value >> (32 - bits_stored));
  }
  double greatest() const { return std::ldexp(1.0, static_cast<int>(bits_stored)) - 1; }
};

/// Samples of a frame, counted from 0. Requires a header that check_pixels accepts.
/// Errors: no-frame, damaged-image, truncated-dicom, malformed-dicom, unsupported-pixels.
Result<Samples> read_samples(const DicomHeader& header, std::string_view file, std::uint32_t frame = 0);

/// Whether the header describes a picture that can be decoded within the limit. Errors: as decode_dicom.
Status check_pixels(const DicomHeader& header, std::uint64_t max_pixels);

/// Decodes the segments of one RLE frame (PS3.5 annex G) into `samples.bytes`, sample bytes little endian, planar.
/// Errors: damaged-image.
Status decode_rle(std::string_view frame, std::uint64_t pixels, Samples& samples);

Error dicom_error(std::string code, std::string what, std::string hint);

}  // namespace tenfold::media
