// The labels of calibration items: a CSV with a header, of which the columns item, label, group and decisions are read.
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

}  // namespace tenfold::answer
