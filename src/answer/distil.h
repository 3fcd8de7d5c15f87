// The lever `distil`: a cheap stage that was trained to repeat a dearer one is proposed, measured on items that it was
// not trained on, and installed for the site or refused.
#pragma once

#include <filesystem>
#include <string>

#include "answer/calibrate.h"

namespace tenfold::answer {

struct Proposal {
  bool accepted = false;
  std::string why;                          // where it is not
  std::string report;                       // for people, with the calibration's
  NetworkCalibration with;                  // the network with the new stage, where it is accepted
  double flops = 0.0, flops_without = 0.0;  // an input, with what each is calibrated to on the same items
};

/// `candidate` is a network file for the same inputs and labels with one [[stage]], which says `distilled_from`. It is
/// accepted when thresholds with the promise of `options` are found that let it answer, and the share that it answers
/// is, with confidence 1-δ (Clopper and Pearson), larger than what asking it first costs: its FLOPs over those of an
/// input without it. Errors: "unknown-network", those of neural::add_stage and calibrate_network but for "no-promise",
/// which refuses it.
Result<Proposal> propose_stage(const Sources& sources, const std::string& candidate, const CalibrationOptions& options);

/// Copies the candidate and its model to SITE/networks/NAME/STAGE, and writes the calibration. Returns what was
/// written. Errors: "write-failed".
Result<std::vector<std::string>> install_stage(const Proposal& proposal, const std::string& candidate,
                                               const std::filesystem::path& site);

}  // namespace tenfold::answer
