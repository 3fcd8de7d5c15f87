// Brightness of a colour, and whether a picture has colours at all.
#pragma once

#include <algorithm>
#include <cstddef>

namespace tenfold::media {

/// ITU-R BT.601, on channels in [0, 1].
inline float luma(float red, float green, float blue) { return 0.299f * red + 0.587f * green + 0.114f * blue; }

/// Counts pixels whose channels differ: X-rays are often stored in three equal channels, and compression blurs these.
class ColourCount {
 public:
  /// Channels in [0, 1].
  void add(float red, float green, float blue) {
    count_ += std::max({red, green, blue}) - std::min({red, green, blue}) > kVisible;
  }
  /// Chroma around 0 in [-0.5, 0.5], as YCbCr has it; red - luma is 1.402 times Cr, blue - luma 1.772 times Cb.
  void add_chroma(float cb, float cr) {
    const float red = 1.402f * cr, blue = 1.772f * cb, green = -0.344136f * cb - 0.714136f * cr;
    add(red, green, blue);
  }
  /// At least one pixel in a thousand.
  bool coloured(std::size_t pixels) const { return count_ > 0 && count_ * 1000 >= pixels; }

 private:
  static constexpr float kVisible = 16.0f / 255.0f;
  std::size_t count_ = 0;
};

}  // namespace tenfold::media
