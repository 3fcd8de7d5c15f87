// The items of a calibration: their labels, from a CSV with a header of which the columns item, label, group and
// decisions are read; and which of them fit and which give thresholds.
#pragma once

#include <string>
#include <vector>

#include "base/base.h"

namespace tenfold::answer {

struct ItemLabel {
  std::string item, label, group, decisions;  // empty where there is no such column
};

/// In the order of the file. Errors: those of media::read_csv; "no-labels" when there is no column `item`.
Result<std::vector<ItemLabel>> read_item_labels(const std::string& path);

/// A third, by the SHA-256 of what the item or its group is: the same whatever the order and the other items.
bool is_for_fitting(const std::string& group);
/// Confidences that a drift monitor is given to compare with, at most.
inline constexpr std::size_t kDriftScores = 500;

}  // namespace tenfold::answer
