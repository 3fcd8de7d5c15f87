// Receipts: summing and writing them (contract, version 1). What they cost is filled in by prices.h and energy.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tenfold/answer.h"

namespace tenfold::answer {

nlohmann::ordered_json to_json(const Receipt& receipt);

/// Two lines for people; `colour` for terminals.
std::string to_text(const Receipt& receipt, bool colour = false);

/// CPU seconds that this process has used in all its threads.
double process_cpu_s();
/// CPU seconds of the calling thread.
double thread_cpu_s();

}  // namespace tenfold::answer
