// From a network's NAME.toml to its description. The file lies in a folder of the same name, beside its models:
//
//   name = "chest-xray"
//   labels = ["normal", "pneumonia"]         # exclusive, in the order of the outputs; may be left out of a language
//                                             # network, whose answers the program describes
//   prompt = "… {text} …"                     # of a language network, unless the program says it; {name} an input's
//   [input]                                   # of a graph: [n, channels, height, width], 0 black to 1 white
//   width = 28
//   height = 28
//   channels = 1                              # 1, which is what there is so far
//   resize = "bicubic"                        # or "area"; bicubic unless said
//   kind = "picture"                          # or "text", and then only `pictures` here; picture unless said
//   pictures = ["photo"]                      # of a text: bound columns of the program that name a picture each, which
//                                             # stands in the prompt where {photo} does
//   [population]                              # for whom it was trained; all optional
//   trained_on = "…"
//   age_years_min = 1
//   age_years_max = 5
//   [gate]                                    # optional: an input with a score below the threshold is refused
//   model = "gate.onnx"                       # asked before any stage; without it, `output` is one of each stage
//   sha256 = "…"
//   output = "score"                          # [n, 1]
//   threshold = 0.5
//   blank_deviation = 0.02                    # optional: below it a picture is refused as blank; 0.01 unless said
//   flops = 123456
//   [[stage]]                                 # cheapest first
//   name = "small"
//   backend = "openvino"                      # or another of docs/back-ends.md; openvino unless said
//   model = "small.onnx"                      # beside this file; left out for "remote"
//   sha256 = "…"                              # may be left out for a table
//   weights = "small.bin"                     # beside OpenVINO's .xml, or the mmproj of a model of llama that is shown
//                                             # pictures; left out for a model of one file
//   weights_sha256 = "…"
//   output = "logits"                         # [n, labels]; logits unless said
//   flops = 1234567                           # an input; a multiply-add counts two
//   temperature = 1.23                        # left out: not calibrated
//   isotonic = [[0.1, 0.02], [0.9, 0.97]]     # optional, two labels: the second's probability as said and as it is
//   accept = 0.93                             # optional: it answers from this confidence on, else the next stage does
//   distilled_from = "large"                  # the stage that it was trained to repeat; left out: none
//   precision = "f32"                         # or "int8" for a quantised file; f32 unless said
//   options = { threads = 2 }                 # the back end's own: texts, numbers, true or false
//   [guarantee]                               # optional: what a calibration found the thresholds to promise
//   target = "against-dearest"                # or "accuracy", "precision", "recall"
//   scope = "network"                         # or "decision": what the rules conclude; network unless said
//   error = 0.05                              # α
//   confidence = 0.95                         # 1-δ
//   items = 599                               # that it rests on
//   method = "…"
//   [drift]                                   # optional: confidences of the first stage on calibration items
//   scores = [0.51, 0.6, 0.99]
//
// With a threshold or a guarantee, stages are asked cheapest first; one without a threshold is left out, and the last
// answers whatever reaches it, unless it has a threshold too. With neither, the first stage answers.
// Other keys are the model card's and are not read here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "neural/network.h"

namespace tenfold::neural {

/// Errors: "no-network" (no such file), "bad-network" (with its place, line and what is expected).
Result<NetworkDescription> read_network(const std::string& path);

/// The same from a text; `path` names it, and models lie in its folder.
Result<NetworkDescription> parse_network(std::string_view text, const std::string& path);

/// Reads FOLDER/NAME/NAME.toml of the first folder that has it. Errors: "unknown-network", those of read_network.
Result<NetworkDescription> find_network(std::span<const std::string> folders, std::string_view name);

/// Puts the one stage of `candidate`, a network file for the same inputs and labels, among those of the network,
/// cheapest first. Errors: "bad-network" (other labels, another input, not one stage, a name that is taken, or
/// `distilled_from` names none of the network's stages).
Status add_stage(NetworkDescription& network, const NetworkDescription& candidate);

/// The stages that a site installed (`tenfold distil`), FOLDER/STAGE/STAGE.toml each; none where there is no folder.
/// Errors: those of read_network and add_stage.
Status add_stages(NetworkDescription& network, const std::string& folder);

/// What a site found on its own items (`tenfold calibrate`), over what the network came with: SITE/networks/NAME.toml,
/// with `network`, [gate] threshold, [[stage]] name, sha256, weights_sha256, temperature, isotonic, accept;
/// [guarantee]; [drift]. All thresholds of the description are replaced, also by none.
/// Errors: "no-network", "bad-network"; "stale-calibration" when a stage's model is another than the one calibrated.
Status apply_calibration(NetworkDescription& network, const std::string& path);

/// The text of such a file from a description.
std::string calibration_text(const NetworkDescription& network, std::string_view comment);

/// A program may name the labels in its own order, and not others: gives for each of its labels the network's index.
/// Errors: "unknown-label", "bad-network" (not as many as the network has, or one twice); `place` is the program's.
Result<std::vector<std::size_t>> match_labels(const NetworkDescription& network, std::span<const std::string> labels,
                                              const Place& place);

}  // namespace tenfold::neural
