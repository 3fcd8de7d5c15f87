// A run before it runs: rules and levers do what they will do, and each network is played by draws from what it cost
// and said on this machine so far (neural/experience.h). What comes out is the receipt that is to be expected.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "answer/parts.h"

namespace tenfold::answer {

/// From now on no network of `parts` runs: each input is refused, goes on to the next stage, and gets a label as often
/// as earlier inputs did. Without earlier inputs all labels are as likely, and a stage with a threshold answers as
/// often as calibration's scores say, or half of the time. Equal inputs are one; nothing is taken from the memo on
/// disk. A network that writes values or records is taken to say nothing, so what hangs on its tuples is not foreseen.
/// Deterministic in `seed`, the network and the input. Before any session asks.
void play_networks(const Program::Parts& parts, const Sources& sources, std::uint64_t seed);

/// Adds to the CPU and wall seconds what the networks are expected to take beside the rules, which really ran.
void add_network_time(Receipt& receipt);

/// What the prediction rests on, a line a stage: "chest-xray small: 0.82 ms an input (of 524 so far)".
std::string experience_text(const Program::Parts& parts, const Sources& sources);

/// The predicted receipt beside what came, as text and as JSON: calls, FLOPs, CPU seconds, each with the ratio of
/// predicted to real. Calls that the memo answered count as calls.
std::string compared_text(const Receipt& predicted, const Receipt& real);
nlohmann::ordered_json compared_json(const Receipt& predicted, const Receipt& real);

}  // namespace tenfold::answer
