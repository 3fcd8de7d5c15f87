// PNG (libpng) and JPEG (libjpeg-turbo) pictures, whole or a region of them. Sizes are checked before anything is
// allocated by them; of a region only what the format cannot step over is decoded, and only the region is kept.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "media/adapter.h"
#include "media/luma.h"
#include "media/media.h"

namespace tenfold::media {

/// What the header of a picture says, before it is turned to be shown.
struct RasterHeader {
  std::uint32_t width = 0, height = 0;
  std::uint32_t bits = 8;                         // of a sample
  std::uint32_t channels = 1;                     // as stored, alpha among them
  std::string colour;                             // "grey", "rgb", "palette", "ycbcr", "cmyk", "lab"
  std::uint32_t orientation = 1;                  // EXIF and TIFF tag 274: 1 as it is, 2 to 8 mirrored or turned
  std::string taken;                              // EXIF DateTimeOriginal, else DateTime: "2024:05:17 09:31:00"
  std::uint32_t tile_width = 0, tile_height = 0;  // TIFF: of a tile; 0: stored by rows
  std::string compression;                        // TIFF: "none", "lzw" …
};

/// Pixels of a picture as it is stored.
struct Cut {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Cut&) const = default;
};

/// Where decoded pixels go: brightness or colours.
struct Canvas {
  bool in_colour = false;
  Image image;
  Colours colours;
  ColourCount count;
  std::uint64_t decoded = 0;  // pixels that were decoded for it, which may be more than it holds

  std::uint32_t width() const { return in_colour ? colours.width : image.width; }
  std::uint32_t height() const { return in_colour ? colours.height : image.height; }
  void begin(std::uint32_t width, std::uint32_t height);
  void finish() { image.coloured = count.coloured(image.pixels.size()); }
};

/// The CPU time that one read may take; of the calling thread.
class Deadline {
 public:
  explicit Deadline(double seconds);
  bool over() const;

 private:
  double end_;
};

/// Turns a picture as `orientation` says.
void turn(Image& image, std::uint32_t orientation);
void turn(Colours& colours, std::uint32_t orientation);
/// The stored pixels that are shown in `shown`; `header` has the sides as stored.
Cut stored_cut(const RasterHeader& header, const Cut& shown);

/// The headers of files. Errors (place.file empty): image-too-large (Limits::pixels), truncated-image, damaged-image,
/// out-of-memory.
Result<RasterHeader> png_header(std::FILE* file, const Limits& limits);
Result<RasterHeader> jpeg_header(std::FILE* file, const Limits& limits);

/// Decodes a region: the same pixels as those of the whole picture. PNG: 1 to 16 bits, grey, colour or palette,
/// interlaced or not; transparency shows black; gamma is not applied; rows below the region are not read.
/// Errors: as png_header, and time-limit.
Status decode_png(std::FILE* file, const Cut& cut, const Limits& limits, Canvas& canvas);
/// Baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK, in `eighths` of its size (1 to 8; the region then begins
/// at the pixel that its corner falls into). A picture that is cut off is an error, not half grey.
Status decode_jpeg(std::FILE* file, const Cut& cut, std::uint32_t eighths, const Limits& limits, Canvas& canvas);

/// Whole files in memory, as they are stored. Errors as above.
Result<Picture> decode_png(std::string_view file, std::uint64_t max_pixels);
Result<Picture> decode_jpeg(std::string_view file, std::uint64_t max_pixels);
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

/// What all pictures are refused with.
Error picture_failure(std::string code, std::string what);
Error picture_too_large(std::uint64_t width, std::uint64_t height, std::uint64_t most);
Error picture_too_slow(double seconds);
/// A stream over bytes; not null.
std::FILE* memory_stream(std::string_view bytes);

}  // namespace tenfold::media
