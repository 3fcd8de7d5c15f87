// A PNG, JPEG or TIFF file, of which regions are decoded as they are asked for, turned as they are shown.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "media/adapter.h"
#include "media/images/tiff_codec.h"
#include "media/raster.h"

namespace tenfold::media {

/// Not thread-safe. Errors name the file.
class PictureFile {
 public:
  /// `format`: "png", "jpeg" or "tiff". Errors: file-not-found, unreadable-file, is-a-folder, file-too-large; no-codec
  /// where the module for TIFF is missing; those of raster.h.
  static Result<std::unique_ptr<PictureFile>> open(const std::string& path, std::string_view format,
                                                   const Limits& limits);

  std::uint32_t pages() const { return tiff_ ? tiff_->pages() : 1; }
  /// The header of a page, from 1. Errors: no-page.
  Result<RasterHeader> header(std::uint32_t page);
  /// The sides of a page as it is shown.
  static Cut shown(const RasterHeader& header);
  /// The pixels of a page, as shown, that a part names: its box rounded outward and clipped. Errors: no-page,
  /// outside-picture; no-such-part where the part names what pictures have not.
  Result<Cut> region(const Part& part);

  /// The region of a part. `size`: a JPEG is decoded in eighths of its size, the fewest that give as much.
  Result<Image> grey(const Part& part, PictureSize size);
  Result<Colours> colours(const Part& part, PictureSize size);

  /// Pixels that were decoded, over all reads.
  std::uint64_t decoded() const { return decoded_; }

 private:
  Result<Canvas> decode(const Part& part, PictureSize size, bool in_colour);
  Error at(Error error) const;

  std::string path_;
  std::string_view format_;
  Limits limits_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};
  std::unique_ptr<TiffFile> tiff_;
  RasterHeader header_;
  std::uint64_t decoded_ = 0;
};

}  // namespace tenfold::media
