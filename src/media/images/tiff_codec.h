// TIFF by libtiff, in a shared module that is opened at the first such file.
#pragma once

#include <cstdint>
#include <memory>

#include "media/raster.h"

namespace tenfold::media {

/// An open TIFF file. Not thread-safe. Errors (place.file empty): as png_header and decode_png, and unsupported-pixels
/// (float, signed or more than 16 bits), no-page.
class TiffFile {
 public:
  virtual ~TiffFile() = default;
  virtual std::uint32_t pages() const = 0;
  virtual Result<RasterHeader> header(std::uint32_t page) = 0;  // from 1
  /// Decodes the tiles or rows of a region. 1 to 16 bits, grey, palette, RGB, YCbCr, CMYK, CIELab; transparency shows
  /// black.
  virtual Status decode(std::uint32_t page, const Cut& cut, Canvas& canvas) = 0;
};

/// What the module exports as "tenfold_tiff_open".
using OpenTiff = void (*)(const std::string& path, const Limits& limits, Result<std::unique_ptr<TiffFile>>& out);

}  // namespace tenfold::media
