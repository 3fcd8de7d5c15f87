// Graphs that turn text into tokens themselves: what they need beside OpenVINO, and what a text costs them.
//
//   text -> [unpack, normalise, split, look up …] -> tokens [1, n] -> [gather, multiply …] -> logits
//                 work on bytes, no FLOPs                 counted for the n that there were
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold::neural {

/// Whether a graph in OpenVINO's own format has operators that are not OpenVINO's, as all do that tokenise.
bool needs_tokenizers(std::string_view model);

/// The library that has them: what TENFOLD_OPENVINO_TOKENIZERS names, else that of the Python package
/// openvino-tokenizers beside the package openvino, else a file beside OpenVINO's own. `looked` gets all of these.
/// Empty when there is none.
std::string find_tokenizers(std::vector<std::string>& looked);

/// What OpenVINO's major and minor version is called where packages are installed, as "2026.4.1".
std::string openvino_release();

/// FLOPs by length. The graph is cut where text has become tensors of tokens: that is after every operator that is not
/// OpenVINO's own, and all before these. What follows is counted as graph_flops.h says, for the shapes that a run had.
/// Thread-safe.
class TextFlops {
 public:
  /// Adds the shapes of the tensors at the cut to the outputs of `graph`, int64 each. The tensors themselves would not
  /// do: what an operator of a library gives out keeps the shape that it had at first (OpenVINO 2026.4.1).
  explicit TextFlops(const std::shared_ptr<ov::Model>& graph);
  /// What these outputs are called.
  const std::vector<std::string>& cut() const { return names_; }
  /// Of a run in which these had these shapes; -1 where that cannot be counted.
  double count(const std::vector<ov::Shape>& shapes);

 private:
  double count_once(const std::vector<ov::Shape>& shapes) const;
  std::shared_ptr<ov::Model> graph_;  // a copy: what follows the cut, with a parameter for each tensor there
  std::vector<std::string> names_;
  std::mutex mutex_;
  std::map<std::vector<ov::Shape>, double> known_;
};

}  // namespace tenfold::neural
