// What a session asked of one network, counted as it was answered; from that the network's rows of the receipt.
#pragma once

#include <cstdint>
#include <vector>

#include "answer/perception.h"
#include "tenfold/answer.h"

namespace tenfold::answer {

/// How many inputs a network could see, each figure with one lever more switched on: it asks of no more than the one
/// before.
struct Reach {
  std::uint64_t domain = 0;     // without levers: all that its inputs can be
  std::uint64_t demanded = 0;   // with demand
  std::uint64_t ordered = 0;    // and with order
  std::uint64_t offloaded = 0;  // of these, answered by an exact module instead
};

class Usage {
 public:
  void clear() { *this = {}; }
  void count(const Seen& seen);

  /// Adds a row for each stage that ran or that a cascade may ask. The first stage asked carries what demand, order,
  /// bounds, offload and reuse avoided, so that its run + turned_away + avoided is the domain; a later stage what reuse
  /// and the stages before it avoided (`cascade`, or `distil` where the one that answered was distilled from it), so
  /// that its run + avoided are the inputs that no earlier stage refused.
  void add_to(Receipt& receipt, const Perceiver& network, const Reach& reach) const;

 private:
  struct Stage {
    std::uint64_t run = 0, reused = 0, failed = 0, accepted = 0, refused = 0;
    double flops = 0.0, wall_s = 0.0, usd = 0.0;
    neural::Tokens tokens;
  };
  Stage& stage(std::size_t index);

  std::uint64_t inputs_ = 0, turned_away_ = 0;  // that it was asked about; of these, before any stage
  double gate_flops_ = 0.0;
  std::vector<Stage> stages_;
};

}  // namespace tenfold::answer
