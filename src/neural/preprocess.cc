#include "neural/preprocess.h"

#include <algorithm>
#include <cmath>

namespace tenfold::neural {
namespace {

/// The old pixels that make one new one: weights sum to 1, for old pixels first, first + 1, …
struct Taps {
  std::size_t first = 0;
  std::vector<double> weights;
};

double keys_cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

/// How much of old pixel [i, i+1) lies in [begin, end).
double covered(double i, double begin, double end) { return std::min(i + 1.0, end) - std::max(i, begin); }

std::vector<Taps> taps(std::size_t from, std::size_t to, Resize resize) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double stretch = std::max(scale, 1.0);
  std::vector<Taps> out(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const double reach = resize == Resize::area ? 0.5 * scale : 2.0 * stretch;
    const double begin = std::max(0.0, centre - reach);
    const double end = std::min(static_cast<double>(from), centre + reach);
    const auto last = std::min<std::size_t>(from, static_cast<std::size_t>(std::ceil(end)));
    out[i].first = std::min<std::size_t>(from - 1, static_cast<std::size_t>(std::floor(begin)));
    double sum = 0.0;
    for (std::size_t k = out[i].first; k < last; ++k) {
      const auto at = static_cast<double>(k);
      const double weight =
          resize == Resize::area ? std::max(0.0, covered(at, begin, end)) : keys_cubic((at + 0.5 - centre) / stretch);
      out[i].weights.push_back(weight);
      sum += weight;
    }
    for (double& weight : out[i].weights) weight /= sum;
  }
  return out;
}

Error unreadable(std::string what) {
  return {"unreadable", {}, std::move(what), "give a picture of one channel with finite values in [0, 1]", ""};
}

Status check(const Picture& picture) {
  const std::size_t size = std::size_t{picture.width} * picture.height;
  if (size == 0) return unreadable("the picture is empty");
  if (size != picture.pixels.size()) {
    return unreadable("the picture says " + std::to_string(picture.width) + " x " + std::to_string(picture.height) +
                      " and has " + std::to_string(picture.pixels.size()) + " pixels");
  }
  for (const float pixel : picture.pixels) {
    if (!std::isfinite(pixel)) return unreadable("the picture has a pixel that is not a number");
  }
  return {};
}

}  // namespace

Status preprocess(const Picture& picture, const InputShape& shape, Resize resize, std::span<float> tensor) {
  if (auto fine = check(picture); !fine) return fine;
  const std::size_t edge = std::min(picture.width, picture.height);
  const std::size_t left = (picture.width - edge) / 2, top = (picture.height - edge) / 2;
  const float* origin = picture.pixels.data() + top * picture.width + left;

  if (edge == shape.width && edge == shape.height) {
    for (std::size_t y = 0; y < edge; ++y) {
      std::copy_n(origin + y * picture.width, edge, tensor.begin() + static_cast<std::ptrdiff_t>(y * edge));
    }
    return {};
  }

  // Along the rows first, then down the columns: two passes over few taps instead of one over all.
  const auto across = taps(edge, shape.width, resize), down = taps(edge, shape.height, resize);
  std::vector<double> rows(edge * shape.width);
  for (std::size_t y = 0; y < edge; ++y) {
    const float* line = origin + y * picture.width;
    for (std::size_t x = 0; x < shape.width; ++x) {
      double sum = 0.0;
      for (std::size_t k = 0; k < across[x].weights.size(); ++k)
        sum += across[x].weights[k] * line[across[x].first + k];
      rows[y * shape.width + x] = sum;
    }
  }
  for (std::size_t y = 0; y < shape.height; ++y) {
    for (std::size_t x = 0; x < shape.width; ++x) {
      double sum = 0.0;
      for (std::size_t k = 0; k < down[y].weights.size(); ++k) {
        sum += down[y].weights[k] * rows[(down[y].first + k) * shape.width + x];
      }
      // Cubic weights overshoot at edges.
      tensor[y * shape.width + x] = static_cast<float>(std::clamp(sum, 0.0, 1.0));
    }
  }
  return {};
}

double deviation(std::span<const float> values) {
  if (values.empty()) return 0.0;
  double mean = 0.0;
  for (const float value : values) mean += value;
  mean /= static_cast<double>(values.size());
  double squares = 0.0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace tenfold::neural
