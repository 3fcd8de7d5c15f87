#include "proof/computed.h"

#include <array>

namespace tenfold::proof {
namespace {

using Visit = std::function<bool(std::span<const Cell>)>;

// range(low, high, x): the integers from low to below high.
Computed range(std::span<const std::optional<Cell>> known, const Visit& visit) {
  if (!known[0] || !known[1]) return Computed::waiting;
  const std::int64_t low = as_int(*known[0]), high = as_int(*known[1]);
  std::array<Cell, 3> row{*known[0], *known[1], 0};
  if (known[2]) {
    row[2] = *known[2];
    if (low <= as_int(row[2]) && as_int(row[2]) < high) visit(row);
    return Computed::done;
  }
  for (std::int64_t x = low; x < high; ++x) {
    row[2] = cell(x);
    if (!visit(row)) break;
  }
  return Computed::done;
}

}  // namespace

Computed compute(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols&,
                 const Visit& visit) {
  if (relation.foreign == "range" && known.size() == 3) return range(known, visit);
  return Computed::unknown;
}

}  // namespace tenfold::proof
