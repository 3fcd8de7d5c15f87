// What a relation of the set executor keeps beside its tuples so that it can be updated (set_update.h).
#pragma once

#include "engine/bit_ranks.h"
#include "engine/row_set.h"

namespace tenfold::engine {

/// Where a row of a RowSet stands in the update at hand.
enum class RowState : std::uint8_t { old, gone, fresh };

struct SetUpkeep {
  bool derived = false;  // rules or an aggregate fill it: stated facts are told from what follows
  BitRows given;         // stated facts of a derived relation, two columns at most
  RowSet given_rows;     // three and more

  BitRanks ranks;                        // of a recursive relation: two columns at most
  std::vector<std::uint32_t> row_ranks;  // three and more, per row

  // Against the answer before the last update. `fresh` and `gone` share nothing.
  BitRows gone, fresh;
  std::vector<std::uint32_t> gone_rows, fresh_rows;
  std::vector<RowState> states;  // per row; may be shorter than the rows: old

  RowState state(std::uint32_t row) const { return row < states.size() ? states[row] : RowState::old; }
  void set_state(std::uint32_t row, RowState s) {
    if (states.size() <= row) states.resize(row + 1, RowState::old);
    states[row] = s;
  }
  bool changed() const { return gone.size() + fresh.size() > 0 || !gone_rows.empty() || !fresh_rows.empty(); }
  void forget_changes() {
    gone.clear();
    fresh.clear();
    for (std::uint32_t r : gone_rows) set_state(r, RowState::old);
    for (std::uint32_t r : fresh_rows) set_state(r, RowState::old);
    gone_rows.clear();
    fresh_rows.clear();
  }
  std::size_t bytes() const {
    return given.bytes() + given_rows.bytes() + ranks.bytes() + row_ranks.capacity() * 4 + gone.bytes() +
           fresh.bytes() + states.capacity();
  }
};

}  // namespace tenfold::engine
