// Classical measures of a grey picture: exact, cheap, before any network. Brightness is in [0, 1], 0 = black.
#pragma once

#include <cstdint>
#include <vector>

#include "media/media.h"

namespace tenfold::media {

constexpr double kDark = 1.0 / 16, kBright = 15.0 / 16;

/// Mean and population standard deviation of brightness; shares of pixels below kDark and above kBright. All in [0, 1].
struct Exposure {
  double mean = 0, deviation = 0, dark_share = 0, bright_share = 0;
};
Exposure exposure(const Image& image);

/// Variance of the Laplacian (the four neighbours less four times the pixel) over pixels that have four neighbours,
/// with brightness in 0 to 255: squared grey levels. 0 where there is no such pixel.
/// Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
double sharpness(const Image& image);

/// At least 999 of 1,000 pixels lie within 8/255 of the median.
bool blank(const Image& image);

/// The share of pixels with eight neighbours at which brightness climbs by more than 1/16 a pixel (Sobel's gradient
/// over 8). In [0, 1].
double edge_share(const Image& image);

/// The threshold that separates brightness best in two (Otsu, "A Threshold Selection Method from Gray-Level
/// Histograms", IEEE SMC 1979), over 256 levels: a pixel is bright at this value or above. In [0, 1]; 0 where the
/// picture has one level.
double otsu_threshold(const Image& image);

/// Pixels that touch, by a side or a corner.
struct Blob {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;  // the box around them
  std::uint64_t area = 0;                             // how many
  double mean = 0;                                    // of what is measured over them
};

/// Parts of `chosen` (one byte a pixel, row-major), largest first, then from the top and the left; `mean` of `values`.
/// Those of less than `least` pixels are left out.
std::vector<Blob> connected(const std::vector<std::uint8_t>& chosen, const Image& values, std::uint64_t least);

/// Parts on one side of Otsu's threshold, that with fewer pixels (the dark one of equals), of at least 4 pixels; none
/// in a picture that is blank.
std::vector<Blob> blobs(const Image& image);

}  // namespace tenfold::media
