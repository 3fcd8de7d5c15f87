#include "media/images/measures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace tenfold::media {
namespace {

constexpr std::size_t kLevels = 256;

std::size_t level(float value) { return static_cast<std::size_t>(std::clamp(std::lround(value * 255.0f), 0L, 255L)); }

std::array<std::uint64_t, kLevels> histogram(const Image& image) {
  std::array<std::uint64_t, kLevels> counts{};
  for (const float value : image.pixels) ++counts[level(value)];
  return counts;
}

/// The greatest level of the darker side; nothing separates a picture of one level.
std::size_t otsu_level(const Image& image) {
  const auto counts = histogram(image);
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < kLevels; ++i) {
    total += static_cast<double>(counts[i]);
    sum += static_cast<double>(counts[i] * i);
  }
  double below = 0, sum_below = 0, best = 0;
  std::size_t at = kLevels;
  for (std::size_t i = 0; i + 1 < kLevels; ++i) {
    below += static_cast<double>(counts[i]);
    sum_below += static_cast<double>(counts[i] * i);
    if (below == 0 || below == total) continue;
    const double apart = sum_below / below - (sum - sum_below) / (total - below);
    const double between = below * (total - below) * apart * apart;
    if (between > best) best = between, at = i;
  }
  return at;
}

/// Sets of numbers that grow together.
class Unions {
 public:
  std::uint32_t make() {
    parents_.push_back(static_cast<std::uint32_t>(parents_.size()));
    return parents_.back();
  }
  std::uint32_t find(std::uint32_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a), b = find(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }
  std::size_t size() const { return parents_.size(); }

 private:
  std::vector<std::uint32_t> parents_;
};

/// A stretch of chosen pixels in one row.
struct Run {
  std::uint32_t y, from, to;  // to: one past the last
};

}  // namespace

Exposure exposure(const Image& image) {
  Exposure e;
  if (image.pixels.empty()) return e;
  double sum = 0;
  std::uint64_t dark = 0, bright = 0;
  for (const float value : image.pixels) {
    sum += value;
    dark += value < kDark;
    bright += value > kBright;
  }
  const auto count = static_cast<double>(image.pixels.size());
  e.mean = sum / count;
  double squares = 0;
  for (const float value : image.pixels) squares += (value - e.mean) * (value - e.mean);
  e.deviation = std::sqrt(squares / count);
  e.dark_share = static_cast<double>(dark) / count;
  e.bright_share = static_cast<double>(bright) / count;
  return e;
}

double sharpness(const Image& image) {
  const std::size_t w = image.width, h = image.height;
  if (w < 3 || h < 3) return 0;
  double sum = 0, squares = 0;
  for (std::size_t y = 1; y + 1 < h; ++y) {
    const float* row = image.pixels.data() + y * w;
    for (std::size_t x = 1; x + 1 < w; ++x) {
      const double c = double{row[x - 1]} + row[x + 1] + row[x - w] + row[x + w] - 4.0 * row[x];
      sum += c;
      squares += c * c;
    }
  }
  const auto count = static_cast<double>((w - 2) * (h - 2));
  const double mean = sum / count;
  return std::max(0.0, squares / count - mean * mean) * 255.0 * 255.0;
}

bool blank(const Image& image) {
  const auto counts = histogram(image);
  const std::uint64_t total = image.pixels.size();
  std::size_t median = 0;
  for (std::uint64_t seen = counts[0]; 2 * seen < total; seen += counts[++median]) {
  }
  std::uint64_t near = 0;
  for (std::size_t i = median - std::min<std::size_t>(median, 8); i <= std::min<std::size_t>(median + 8, 255); ++i)
    near += counts[i];
  return near * 1000 >= total * 999;
}

double edge_share(const Image& image) {
  const std::size_t w = image.width, h = image.height;
  if (w < 3 || h < 3) return 0;
  constexpr double kSteep = 8.0 / 16;
  std::uint64_t edges = 0;
  for (std::size_t y = 1; y + 1 < h; ++y) {
    const float* row = image.pixels.data() + y * w;
    for (std::size_t x = 1; x + 1 < w; ++x) {
      const float *above = row - w + x, *here = row + x, *below = row + w + x;
      const double across =
          (double{above[1]} + 2.0 * here[1] + below[1]) - (double{above[-1]} + 2.0 * here[-1] + below[-1]);
      const double down =
          (double{below[-1]} + 2.0 * below[0] + below[1]) - (double{above[-1]} + 2.0 * above[0] + above[1]);
      edges += across * across + down * down > kSteep * kSteep;
    }
  }
  return static_cast<double>(edges) / static_cast<double>((w - 2) * (h - 2));
}

double otsu_threshold(const Image& image) {
  const std::size_t at = otsu_level(image);
  return at == kLevels ? 0 : (static_cast<double>(at) + 0.5) / 255.0;
}

std::vector<Blob> connected(const std::vector<std::uint8_t>& chosen, const Image& values, std::uint64_t least) {
  const std::uint32_t w = values.width, h = values.height;
  std::vector<Run> runs;
  Unions unions;
  std::size_t above = 0, above_end = 0;  // the runs of the row before
  for (std::uint32_t y = 0; y < h; ++y) {
    const std::uint8_t* row = chosen.data() + std::size_t{y} * w;
    const std::size_t first = runs.size();
    std::size_t i = above;
    for (std::uint32_t x = 0; x < w;) {
      if (!row[x]) {
        ++x;
        continue;
      }
      Run run{y, x, x};
      while (run.to < w && row[run.to]) ++run.to;
      const std::uint32_t self = unions.make();
      while (i < above_end && runs[i].to < run.from) ++i;  // ends before the corner
      for (std::size_t j = i; j < above_end && runs[j].from <= run.to; ++j)
        unions.join(self, static_cast<std::uint32_t>(j));
      runs.push_back(run);
      x = run.to;
    }
    above = first, above_end = runs.size();
  }
  std::vector<Blob> all(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    Blob& blob = all[unions.find(static_cast<std::uint32_t>(i))];
    const std::uint32_t right = std::max(blob.x + blob.width, run.to), x = std::min(blob.area ? blob.x : w, run.from);
    if (blob.area == 0) blob.y = run.y;
    blob.x = x, blob.width = right - x, blob.height = run.y + 1 - blob.y;
    blob.area += run.to - run.from;
    const float* row = values.pixels.data() + std::size_t{run.y} * w;
    for (std::uint32_t at = run.from; at < run.to; ++at) blob.mean += row[at];
  }
  std::erase_if(all, [&](const Blob& blob) { return blob.area < std::max<std::uint64_t>(least, 1); });
  for (Blob& blob : all) blob.mean /= static_cast<double>(blob.area);
  std::sort(all.begin(), all.end(), [](const Blob& a, const Blob& b) {
    return std::tuple(b.area, a.y, a.x, a.width) < std::tuple(a.area, b.y, b.x, b.width);
  });
  return all;
}

std::vector<Blob> blobs(const Image& image) {
  constexpr std::uint64_t kLeast = 4;
  const std::size_t at = otsu_level(image);
  if (at == kLevels || blank(image)) return {};
  std::uint64_t dark = 0;
  for (const float value : image.pixels) dark += level(value) <= at;
  const bool choose_dark = 2 * dark <= image.pixels.size();
  std::vector<std::uint8_t> chosen(image.pixels.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = (level(image.pixels[i]) <= at) == choose_dark;
  return connected(chosen, image, kLeast);
}

}  // namespace tenfold::media
