// What a network has cost and said on this machine so far, for predicting what it will: earlier runs note it beside the
// memo (store/disk_memo.h). Of what another model file answered nothing is carried over.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neural/network.h"
#include "store/disk_memo.h"

namespace tenfold::neural {

/// Of inputs that really ran through a stage.
struct StageExperience {
  std::uint64_t run = 0;
  std::uint64_t accepted = 0;         // of these, answered by this stage
  double seconds = 0.0, flops = 0.0;  // of all of them
  std::vector<std::uint64_t> labels;  // of those accepted, by the winning label; empty for a network without
};

struct Experience {
  std::vector<StageExperience> stages;    // as described
  std::uint64_t inputs = 0, refused = 0;  // that the network was asked about; of these, by its gate
};

/// Adds what these outcomes of one batch show; inputs that the memo answered show nothing.
void note_experience(store::DiskMemo& memo, const NetworkDescription& network, std::span<Outcome* const> outcomes);

/// Zeros where nothing was noted.
Experience read_experience(store::DiskMemo& memo, const NetworkDescription& network);

}  // namespace tenfold::neural
