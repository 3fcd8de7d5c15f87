// Calibrating a pack's networks on one's own items: temperature, gate and thresholds, with what that many items
// promise. What was fitted on some items is promised by others, and which is which depends on the item alone (its
// SHA-256).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "answer/pack.h"
#include "answer/parts.h"
#include "neural/cascade.h"

namespace tenfold::answer {

struct CalibrationOptions {
  std::string data;     // a folder of pictures, or of records
  std::string labels;   // CSV with a header: item,label[,group]; empty: no labels are known
  std::string network;  // this one alone; empty: all
  neural::Target target = neural::Target::against_dearest;
  std::string positive;  // label, for precision and recall
  neural::Level level;
  double false_refusal = 0.05;  // good items that a gate may turn away
  std::string scores;           // write what every stage says of every item to this CSV; empty: not
  std::optional<std::int64_t> as_of;
  unsigned threads = 1;
};

struct NetworkCalibration {
  neural::NetworkDescription network;        // with what was found
  std::string report;                        // for people
  std::uint64_t items = 0;                   // for thresholds
  std::vector<std::uint64_t> answered = {};  // of these, by stage
  double flops = 0.0;                        // an input, on these
};

struct Calibration {
  std::vector<NetworkCalibration> networks;
  std::string report;  // of the decisions, where these were calibrated
};

/// Networks alone, each on the pictures (for a table: the keys) of `data`, or of the labels' first column.
/// A third of the items, by the SHA-256 of their group (else of their content), fits temperature (from 50 labelled ones
/// on; an isotonic curve from 1,000 on, for two labels) and gate; the others give thresholds. With fewer than 150 items
/// nothing is fitted, and all give thresholds. Of a group one item counts: the others would not be independent.
/// Errors: "too-few-items" (says how many are missing), "no-promise" (enough items, too many errors), "no-labels",
/// "unknown-label", those of reading networks, labels and pictures.
Result<Calibration> calibrate_networks(const Pack& pack, const Sources& sources, const CalibrationOptions& options);

/// One of them, as it is described. Errors: as above.
Result<NetworkCalibration> calibrate_network(neural::NetworkDescription network, const neural::Decoder& decoder,
                                             const CalibrationOptions& options);

/// The decisions of whole records, with all networks of the pack at once: with thresholds along one path from strict to
/// loose, fixed on a third of the records, the share of records decided otherwise than with the dearest stages (or than
/// `labels` say: item,decisions, as in "alert(7, review) | alert(8, review)") is at most α. LTT: errors of several
/// networks may cancel, so the loss need not grow along the path. Networks see what the rules ask of them; every stage
/// is run once an input, and all else is replayed.
Result<Calibration> calibrate_decisions(const Pack& pack, const Settings& settings, const Sources& sources,
                                        const CalibrationOptions& options);

/// What is decided about a record, as text: affirmed tuples, and those that nobody can tell. Of `decide` alone, where
/// it is not empty.
std::set<std::string> decisions(const Answer& answer, const std::string& decide);

/// Writes FOLDER/networks/NAME.toml for each. Errors: "write-failed".
Result<std::vector<std::string>> write_calibration(const Calibration& calibration, const std::filesystem::path& folder);

}  // namespace tenfold::answer
