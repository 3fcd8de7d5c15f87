#include "media/video/background.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tenfold::media {
namespace {

std::uint8_t median_of(std::span<std::uint8_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How much brighter the median cell is than its background: a camera that adapts its exposure to what enters changes
// everything else by one factor.
float change_of_light(const LumaGrid& grid, const LumaGrid& median) {
  std::vector<float> ratios(grid.cells.size());
  for (std::size_t i = 0; i < ratios.size(); ++i)
    ratios[i] = (static_cast<float>(grid.cells[i]) + 1.0f) / (static_cast<float>(median.cells[i]) + 1.0f);
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return std::clamp(*middle, 0.5f, 2.0f);
}

struct Mask {
  int width, height;
  std::vector<std::uint8_t> on;
  bool at(int x, int y) const {
    return x >= 0 && y >= 0 && x < width && y < height && on[static_cast<std::size_t>(y * width + x)];
  }
};

Mask widened(const Mask& mask) {
  Mask out = mask;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      if (!mask.at(x, y)) continue;
      for (int v = std::max(0, y - 1); v <= std::min(mask.height - 1, y + 1); ++v)
        for (int u = std::max(0, x - 1); u <= std::min(mask.width - 1, x + 1); ++u)
          out.on[static_cast<std::size_t>(v * mask.width + u)] = 1;
    }
  return out;
}

// One connected part of `left`, which it takes off it; its box is around the cells of `mask`.
CellBox take_part(Mask& left, const Mask& mask, int x, int y) {
  CellBox box{mask.width, mask.height, 0, 0, 0};
  std::vector<std::pair<int, int>> open{{x, y}};
  left.on[static_cast<std::size_t>(y * left.width + x)] = 0;
  while (!open.empty()) {
    const auto [u, v] = open.back();
    open.pop_back();
    if (mask.at(u, v)) {
      box = {std::min(box.left, u), std::min(box.top, v), std::max(box.right, u + 1), std::max(box.bottom, v + 1),
             box.cells + 1};
    }
    for (int b = v - 1; b <= v + 1; ++b)
      for (int a = u - 1; a <= u + 1; ++a) {
        if (!left.at(a, b)) continue;
        left.on[static_cast<std::size_t>(b * left.width + a)] = 0;
        open.emplace_back(a, b);
      }
  }
  return box;
}

}  // namespace

Background background_of(std::span<const LumaGrid* const> samples) {
  Background background{*samples.front(), {}};
  background.threshold.resize(background.median.cells.size());
  std::vector<std::uint8_t> values(samples.size());
  for (std::size_t i = 0; i < background.median.cells.size(); ++i) {
    for (std::size_t s = 0; s < samples.size(); ++s) values[s] = samples[s]->cells[i];
    const std::uint8_t median = median_of(values);
    for (std::uint8_t& value : values) value = static_cast<std::uint8_t>(std::abs(value - median));
    const double deviation = 1.4826 * median_of(values);
    background.median.cells[i] = median;
    background.threshold[i] = static_cast<std::uint8_t>(std::clamp(4.0 * deviation, double{kLeastContrast}, 255.0));
  }
  return background;
}

std::vector<CellBox> moving_cells(const LumaGrid& grid, const Background& background) {
  const float light = change_of_light(grid, background.median);
  Mask mask{static_cast<int>(grid.width), static_cast<int>(grid.height), {}};
  mask.on.resize(grid.cells.size());
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    const float usual = (static_cast<float>(background.median.cells[i]) + 1.0f) * light - 1.0f;
    mask.on[i] = std::abs(static_cast<float>(grid.cells[i]) - usual) > static_cast<float>(background.threshold[i]);
  }
  Mask left = widened(mask);
  std::vector<CellBox> boxes;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      if (!left.at(x, y)) continue;
      const CellBox box = take_part(left, mask, x, y);
      if (box.cells >= kLeastCells) boxes.push_back(box);
    }
  std::sort(boxes.begin(), boxes.end(),
            [](const CellBox& a, const CellBox& b) { return std::pair(a.left, a.top) < std::pair(b.left, b.top); });
  return boxes;
}

double mean_difference(const LumaGrid& a, const LumaGrid& b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < a.cells.size(); ++i) sum += static_cast<std::uint64_t>(std::abs(a.cells[i] - b.cells[i]));
  return static_cast<double>(sum) / static_cast<double>(a.cells.size());
}

}  // namespace tenfold::media
