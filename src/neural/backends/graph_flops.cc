#include "neural/backends/graph_flops.h"

#include <algorithm>
#include <openvino/core/model.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>
#include <set>
#include <string>
#include <string_view>

namespace tenfold::neural {
namespace {

double elements(const ov::Shape& shape) { return static_cast<double>(ov::shape_size(shape)); }

/// A product reads `depth` pairs for each element that it writes.
double product(const ov::Node& node, double depth) { return 2.0 * depth * elements(node.get_output_shape(0)); }

/// Weights [out, in, k…], with groups [groups, out, in, k…]: all but the groups and `out` is summed over.
double convolution(const ov::Node& node, std::size_t outer) {
  const ov::Shape& weights = node.get_input_shape(1);
  double depth = 1.0;
  for (std::size_t i = outer; i < weights.size(); ++i) depth *= static_cast<double>(weights[i]);
  return product(node, depth);
}

/// Backwards each input element is spread over out-channels and the kernel.
double deconvolution(const ov::Node& node, std::size_t inner) {
  const ov::Shape& weights = node.get_input_shape(1);
  double width = 1.0;
  for (std::size_t i = inner; i < weights.size(); ++i) width *= static_cast<double>(weights[i]);
  return 2.0 * width * elements(node.get_input_shape(0));
}

/// The shared length: the only size of a vector, else the first operand's matrix over the rows of the result, which
/// holds transposed or not.
double matrix_product(const ov::Node& node) {
  const ov::Shape &a = node.get_input_shape(0), &b = node.get_input_shape(1), &out = node.get_output_shape(0);
  if (a.size() == 1) return product(node, static_cast<double>(a[0]));
  if (b.size() == 1) return product(node, static_cast<double>(b[0]));
  const double matrix = static_cast<double>(a[a.size() - 1]) * static_cast<double>(a[a.size() - 2]);
  return product(node, matrix / static_cast<double>(std::max<std::size_t>(1, out[out.size() - 2])));
}

double pooling(const ov::Node& node) {
  // Windows may overlap; reading each element once is the usual count, and small beside what precedes it.
  return elements(node.get_input_shape(0));
}

const std::set<std::string, std::less<>>& free_of_arithmetic() {
  static const std::set<std::string, std::less<>> kinds = {
      "Parameter",    "Result",        "Constant",       "Reshape",  "Transpose",    "Squeeze", "Unsqueeze", "Concat",
      "Split",        "VariadicSplit", "Gather",         "GatherND", "StridedSlice", "Slice",   "ShapeOf",   "Convert",
      "ConvertLike",  "Broadcast",     "Tile",           "Pad",      "Range",        "Assign",  "ReadValue", "Identity",
      "SpaceToDepth", "DepthToSpace",  "ShuffleChannels"};
  return kinds;
}

double cost(const ov::Node& node) {
  const std::string kind = node.get_type_name();
  if (free_of_arithmetic().contains(kind)) return 0.0;
  if (kind == "Convolution") return convolution(node, 1);
  if (kind == "GroupConvolution") return convolution(node, 2);
  if (kind == "ConvolutionBackpropData") return deconvolution(node, 1);
  if (kind == "GroupConvolutionBackpropData") return deconvolution(node, 2);
  if (kind == "MatMul") return matrix_product(node);
  if (kind.find("Pool") != std::string::npos || kind.starts_with("Reduce")) return pooling(node);
  return node.get_output_size() == 0 ? 0.0 : elements(node.get_output_shape(0));
}

/// What follows from constants and from static shapes alone is worked out before the first input comes.
bool constant(const ov::Node& node, std::set<const ov::Node*>& constants) {
  const std::string_view kind = node.get_type_name();
  if (kind == "Parameter") return false;
  if (kind == "ShapeOf") constants.insert(&node);
  if (constants.contains(&node)) return true;
  for (std::size_t i = 0; i < node.get_input_size(); ++i) {
    if (!constants.contains(node.get_input_node_ptr(i))) return false;
  }
  constants.insert(&node);
  return true;
}

}  // namespace

double graph_flops(const std::shared_ptr<const ov::Model>& model) {
  std::set<const ov::Node*> constants;
  double sum = 0.0;
  for (const auto& node : model->get_ordered_ops()) {
    if (ov::as_type_ptr<ov::op::util::MultiSubGraphOp>(node)) return -1.0;
    for (const auto& output : node->outputs()) {
      if (output.get_partial_shape().is_dynamic()) return -1.0;
    }
    if (!constant(*node, constants)) sum += cost(*node);
  }
  return sum;
}

}  // namespace tenfold::neural
