#include "neural/backends/text_graph.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/shape_of.hpp>
#include <set>

#include "neural/backends/graph_flops.h"

namespace tenfold::neural {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libopenvino_tokenizers.so";
constexpr std::size_t kMaxKnown = 4096;  // lengths, a hundred bytes each

bool is_extension(const ov::Node& node) {
  const char* version = node.get_type_info().version_id;
  return version && std::string_view(version) == "extension";
}

/// Operators that are not OpenVINO's own, whatever deals in strings, and all that these hang on.
std::set<const ov::Node*> text_part(const ov::Model& graph) {
  std::set<const ov::Node*> part;
  const auto nodes = graph.get_ordered_ops();
  for (auto at = nodes.rbegin(); at != nodes.rend(); ++at) {
    const ov::Node& node = **at;
    bool inside = part.contains(&node) || is_extension(node);
    for (const auto& output : node.outputs()) inside = inside || output.get_element_type() == ov::element::string;
    if (!inside) continue;
    part.insert(&node);
    for (std::size_t i = 0; i < node.get_input_size(); ++i) part.insert(node.get_input_node_ptr(i));
  }
  return part;
}

std::vector<ov::Output<ov::Node>> cut_of(const ov::Model& graph) {
  const auto part = text_part(graph);
  std::vector<ov::Output<ov::Node>> cut;
  for (const auto& node : graph.get_ordered_ops()) {
    if (!part.contains(node.get()) || ov::is_type<ov::op::v0::Constant>(node)) continue;
    for (const auto& output : node->outputs()) {
      const auto readers = output.get_target_inputs();
      if (std::any_of(readers.begin(), readers.end(),
                      [&](const ov::Input<ov::Node>& input) { return !part.contains(input.get_node()); }))
        cut.push_back(output);
    }
  }
  return cut;
}

}  // namespace

bool needs_tokenizers(std::string_view model) {
  const std::size_t start = model.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && model[start] == '<' &&
         model.find("version=\"extension\"") != std::string_view::npos;
}

std::string find_tokenizers(std::vector<std::string>& looked) {
  if (const char* named = std::getenv("TENFOLD_OPENVINO_TOKENIZERS"); named && *named) {
    looked.emplace_back(named);
  } else if (Dl_info own{}; dladdr(reinterpret_cast<const void*>(&ov::get_openvino_version), &own) && own.dli_fname) {
    std::error_code failed;
    const fs::path library = fs::canonical(own.dli_fname, failed);
    looked.push_back((library.parent_path().parent_path().parent_path() / "openvino_tokenizers" / "lib" / kLibrary));
    looked.push_back(library.parent_path() / kLibrary);
  }
  std::error_code failed;
  for (const std::string& file : looked)
    if (fs::is_regular_file(file, failed)) return file;
  return "";
}

std::string openvino_release() {
  const std::string build = ov::get_openvino_version().buildNumber;
  return build.substr(0, build.find('-'));
}

TextFlops::TextFlops(const std::shared_ptr<ov::Model>& graph) : graph_(graph->clone()) {
  for (ov::Output<ov::Node>& output : cut_of(*graph)) {
    const auto shape = std::make_shared<ov::op::v3::ShapeOf>(output, ov::element::i64);
    names_.push_back("tenfold:cut:" + std::to_string(names_.size()));
    shape->output(0).get_tensor().add_names({names_.back()});
    graph->add_output(shape->output(0));
  }
  ov::ParameterVector parameters;
  for (ov::Output<ov::Node>& output : cut_of(*graph_)) {
    parameters.push_back(
        std::make_shared<ov::op::v0::Parameter>(output.get_element_type(), output.get_partial_shape()));
    output.replace(parameters.back()->output(0));
  }
  // Without the sinks, which belong to the part that is cut off.
  graph_ = std::make_shared<ov::Model>(graph_->get_results(), parameters);
}

double TextFlops::count(const std::vector<ov::Shape>& shapes) {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(shapes); found != known_.end()) return found->second;
  if (known_.size() >= kMaxKnown) known_.clear();
  return known_[shapes] = count_once(shapes);
}

double TextFlops::count_once(const std::vector<ov::Shape>& shapes) const {
  std::map<std::size_t, ov::PartialShape> wanted;
  for (std::size_t i = 0; i < shapes.size(); ++i) wanted.emplace(i, shapes[i]);
  graph_->reshape(wanted);
  return graph_flops(graph_);
}

}  // namespace tenfold::neural
