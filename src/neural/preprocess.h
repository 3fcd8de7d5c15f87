// From a decoded picture to what a network takes: centre-crop to the short edge, then resize. Deterministic: plain
// arithmetic in double, in a fixed order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/base.h"

namespace tenfold::neural {

/// A picture, one channel, row-major, finite, in [0, 1], 0 = black.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::vector<float> pixels;  // [height, width]
};

/// Reads the picture that a key names. Called once for each distinct key of a run, on the caller's thread. An error is
/// turned into a refusal, so a broken file never stops a run.
using Decoder = std::function<Result<Picture>(const std::string& key)>;

/// A picture as a language model is shown it beside a text: [height, width, 3], red, green and blue, 0 = black.
struct ColourPicture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};

/// As Decoder, in colour.
using ColourDecoder = std::function<Result<ColourPicture>(const std::string& key)>;

/// What one input of a network measures: [channels, height, width].
struct InputShape {
  std::uint32_t channels = 1, height = 0, width = 0;
  std::size_t size() const { return std::size_t{channels} * height * width; }
  friend bool operator==(const InputShape&, const InputShape&) = default;
};

/// How pixels are made fewer or more. Must be what the network was trained with.
enum class Resize : std::uint8_t {
  /// Cubic convolution, a = -0.5, its support widened by the scale when shrinking, so that nothing aliases.
  /// Source: Keys, "Cubic Convolution Interpolation for Digital Image Processing", IEEE TASSP 29(6), 1981; widening as
  /// in
  /// Pillow's Image.resize(BICUBIC), which tests compare with.
  bicubic,
  /// Each new pixel is the mean of the area it covers, edges by the part covered.
  area,
};

/// Writes [1, height, width] to `tensor`, values in [0, 1]; the picture's own pixels, bit for bit, when it already has
/// that size. The crop's offset is half the difference, rounded down.
/// Errors: unreadable (empty, sizes that do not fit its pixels, a pixel that is not finite). Cost: O(width * height).
Status preprocess(const Picture& picture, const InputShape& shape, Resize resize, std::span<float> tensor);

/// Standard deviation of the values, population form.
double deviation(std::span<const float> values);

}  // namespace tenfold::neural
