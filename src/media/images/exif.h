// The two entries of an EXIF block that are used (CIPA DC-008, a TIFF structure in a segment of JPEG or a chunk of
// PNG): how the camera was held, and when.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace tenfold::media {

struct Exif {
  std::uint32_t orientation = 1;
  std::string taken;  // "2024:05:17 09:31:00"; "" where nothing says it
};

/// Reads a block that begins with its TIFF header; what is damaged says nothing.
Exif read_exif(std::string_view block);

/// Finds the block among the segments of a JPEG file before its first scan. Leaves the file anywhere.
Exif jpeg_exif(std::FILE* file);

}  // namespace tenfold::media
