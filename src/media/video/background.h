// Where a picture differs from what the camera sees otherwise: the median of each cell over half a minute, its noise,
// and the connected cells that stand out.
//   Lo and Velastin, "Automatic congestion detection system for underground platforms", ISIMVSP 2001 (median of
//   samples).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "media/video/decoder.h"

namespace tenfold::media {

/// Cells of a grid, from left and top, the right and the bottom one left out.
struct CellBox {
  int left = 0, top = 0, right = 0, bottom = 0;
  int cells = 0;  // that stand out within it
  bool operator==(const CellBox&) const = default;
  int area() const { return (right - left) * (bottom - top); }
};

struct Background {
  LumaGrid median;
  std::vector<std::uint8_t> threshold;  // one a cell: a difference that is larger stands out
};

/// Of grids of one size. A cell's threshold is four deviations of its noise (1.4826 times the median absolute
/// deviation, which half of the samples may lie outside of), at least kLeastContrast. Requires a sample.
Background background_of(std::span<const LumaGrid* const> samples);

/// Of 255. Compression alone moves the mean of a cell by 2 or 3.
constexpr int kLeastContrast = 10;
/// A smaller spot is noise: 6 of 14,400 cells are 19x19 pixels of a picture of 768x432.
constexpr int kLeastCells = 6;

/// The connected spots (8 neighbours, over gaps of two cells) that stand out, from left to right. A change of light
/// that the median cell shares is taken off first.
std::vector<CellBox> moving_cells(const LumaGrid& grid, const Background& background);

/// Mean difference of the cells of two grids of one size.
double mean_difference(const LumaGrid& a, const LumaGrid& b);

}  // namespace tenfold::media
