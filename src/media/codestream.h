// The size of a compressed picture as its own stream states it. Decoders allocate and write by the stream, callers by
// the file around it, so the two must agree before a decoder is let loose.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenfold::media {

enum class PictureCoding : std::uint8_t { jpeg_dct, jpeg_lossless, jpeg_ls, jpeg2000 };

struct CodedSize {
  PictureCoding coding = PictureCoding::jpeg_dct;
  std::uint32_t width = 0, height = 0, components = 0;
  std::uint32_t bits = 0;  // of a sample
};

/// Reads the frame header of JPEG and JPEG-LS (ITU-T T.81 B.2.2, T.87 C.2.2) or the SIZ marker of JPEG 2000 (T.800
/// A.5.1, bare or in a JP2 box). Nothing if neither is found, or if components of JPEG 2000 differ in precision or
/// size.
std::optional<CodedSize> coded_size(std::string_view stream);

}  // namespace tenfold::media
