#include "neural/registry.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace tenfold::neural {
namespace {

constexpr std::uintmax_t kMaxTomlBytes = std::uintmax_t{1} << 20;
constexpr std::int64_t kMaxEdge = 4096;
constexpr std::size_t kMaxLabels = 100'000;

/// Reads tables key by key; the first thing that is wrong is kept, and later reads give defaults.
class Reader {
 public:
  Reader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }

  Place place(const toml::source_region& source) const { return {path_, source.begin.line, source.begin.column, 1}; }

  void fail(const toml::source_region& source, std::string what, std::string hint) {
    if (error_) return;
    Place at = place(source);
    std::string excerpt(line(at.line));
    error_ = Error{"bad-network", std::move(at), std::move(what), std::move(hint), std::move(excerpt)};
  }

  toml::table root() {
    try {
      return toml::parse(text_, path_);
    } catch (const toml::parse_error& error) {
      fail(error.source(), "this is no TOML: " + std::string(error.description()), "mend the line");
      return {};
    }
  }

  std::string text(const toml::table& table, std::string_view key, std::optional<std::string> fallback = {}) {
    return get<std::string>(table, key, "a text", std::move(fallback));
  }
  double number(const toml::table& table, std::string_view key, std::optional<double> fallback = {}) {
    return get<double>(table, key, "a number", fallback);
  }
  std::int64_t whole(const toml::table& table, std::string_view key, std::int64_t least, std::int64_t most) {
    const auto value = get<std::int64_t>(table, key, "a whole number", {});
    if (ok() && (value < least || value > most)) {
      fail(table.get(key)->source(), std::string(key) + " is " + std::to_string(value),
           "give a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
  }
  const toml::table* table(const toml::table& in, std::string_view key, bool required) {
    const toml::node* node = in.get(key);
    if (node && node->is_table()) return node->as_table();
    if (node || required)
      fail(node ? node->source() : in.source(), "a table [" + std::string(key) + "] is expected",
           "see src/neural/registry.h for the form");
    return nullptr;
  }

 private:
  template <class T>
  T get(const toml::table& table, std::string_view key, std::string_view kind, std::optional<T> fallback) {
    const toml::node* node = table.get(key);
    if (node) {
      // A whole number is a number, an infinity or NaN is none.
      if (const auto value = node->value<T>(); value && finite(*value)) return *value;
    } else if (fallback) {
      return *fallback;
    }
    fail(node ? node->source() : table.source(), "`" + std::string(key) + "` must be " + std::string(kind),
         node ? "write it so" : "add a line " + std::string(key) + " = …");
    return T{};
  }
  static bool finite(double value) { return value - value == 0.0; }
  static bool finite(std::int64_t) { return true; }
  static bool finite(const std::string&) { return true; }

  std::string_view line(std::uint32_t number) const {
    std::string_view rest = text_;
    for (std::uint32_t i = 1; i < number && !rest.empty(); ++i) {
      rest.remove_prefix(
          std::min(rest.size(), rest.find('\n') == std::string_view::npos ? rest.size() : rest.find('\n') + 1));
    }
    return rest.substr(0, rest.find('\n'));
  }

  std::string_view text_;
  const std::string& path_;
  std::optional<Error> error_;
};

/// A model lies beside its description: neither elsewhere nor above.
std::string model_path(Reader& read, const toml::table& table, const std::string& toml_path,
                       std::string_view key = "model") {
  const std::string name = read.text(table, key);
  if (read.ok() && (name.empty() || name.find('/') != std::string::npos || name == "..")) {
    read.fail(table.get(key)->source(), "`" + name + "` is no file beside this one", "give the file's bare name");
  }
  return (std::filesystem::path(toml_path).parent_path() / name).string();
}

std::string checksum(Reader& read, const toml::table& table, bool required, std::string_view key = "sha256") {
  const std::string sum = read.text(table, key, required ? std::nullopt : std::optional<std::string>(""));
  const bool hex =
      std::all_of(sum.begin(), sum.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (read.ok() && !sum.empty() && (sum.size() != 64 || !hex)) {
    read.fail(table.get(key)->source(), "`" + sum + "` is no SHA-256",
              "give 64 lower-case hexadecimal digits: sha256sum FILE");
  }
  return sum;
}

double flops(Reader& read, const toml::table& table) {
  const double value = read.number(table, "flops");
  if (read.ok() && value < 0.0) {
    read.fail(table.get("flops")->source(), "flops is negative",
              "give the operations of one input, a multiply-add as two");
  }
  return value;
}

/// Nothing where some are the same, empty or no texts, or there are too many.
std::vector<std::string> different_texts(const toml::node* node) {
  std::vector<std::string> texts;
  const toml::array* array = node ? node->as_array() : nullptr;
  if (!array || array->size() > kMaxLabels) return {};
  for (const toml::node& text : *array) texts.push_back(text.value<std::string>().value_or(""));
  const std::set<std::string> distinct(texts.begin(), texts.end());
  if (distinct.size() != texts.size() || distinct.contains("")) return {};
  return texts;
}

std::vector<std::string> read_labels(Reader& read, const toml::table& root) {
  const toml::node* node = root.get("labels");
  std::vector<std::string> labels = different_texts(node);
  if (labels.size() < 2) {
    read.fail(node ? node->source() : root.source(), "`labels` must be at least two different texts",
              R"(write labels = ["normal", "pneumonia"])");
  }
  return labels;
}

/// Whether a stage is a graph. Only then labels and the form of the input have to be here.
bool has_graph(const toml::table& root) {
  const toml::array* stages = root["stage"].as_array();
  if (!stages) return true;
  return std::any_of(stages->begin(), stages->end(), [](const toml::node& stage) {
    return !stage.is_table() || (*stage.as_table())["backend"].value_or(std::string("openvino")) == "openvino";
  });
}

void read_pictures(Reader& read, const toml::table& input, NetworkDescription& network) {
  const toml::node* node = input.get("pictures");
  if (!node) return;
  network.pictures = different_texts(node);
  if (network.pictures.empty())
    read.fail(node->source(), "`pictures` must be different names of columns", R"(write pictures = ["photo"])");
}

void read_input(Reader& read, const toml::table& root, NetworkDescription& network) {
  const toml::table* input = read.table(root, "input", true);
  if (!input) return;
  const std::string kind = read.text(*input, "kind", "picture");
  if (kind != "picture" && kind != "text") {
    return read.fail(input->get("kind")->source(), "`" + kind + "` is no kind of input", "use picture or text");
  }
  if (kind == "text") {
    for (const char* key : {"width", "height", "channels", "resize"})
      if (input->contains(key))
        read.fail(input->get(key)->source(), "a text has no " + std::string(key), "leave it out");
    return read_pictures(read, *input, network);
  }
  if (input->contains("pictures"))
    read.fail(input->get("pictures")->source(), "`pictures` are within a text", "write kind = \"text\" as well");
  network.input.width = static_cast<std::uint32_t>(read.whole(*input, "width", 1, kMaxEdge));
  network.input.height = static_cast<std::uint32_t>(read.whole(*input, "height", 1, kMaxEdge));
  network.input.channels = static_cast<std::uint32_t>(read.whole(*input, "channels", 1, 1));
  const std::string resize = read.text(*input, "resize", "bicubic");
  network.resize = resize == "area" ? Resize::area : Resize::bicubic;
  if (resize != "area" && resize != "bicubic") {
    read.fail(input->get("resize")->source(), "`" + resize + "` is no way to resize", "use bicubic or area");
  }
}

void read_population(Reader& read, const toml::table& root, Population& population) {
  const toml::table* table = read.table(root, "population", false);
  if (!table) return;
  population.text = read.text(*table, "trained_on", "");
  if (table->contains("age_years_min")) population.age_years_min = read.number(*table, "age_years_min");
  if (table->contains("age_years_max")) population.age_years_max = read.number(*table, "age_years_max");
}

/// The second file of a model that has two.
void read_weights(Reader& read, const toml::table& table, const std::string& path, StageDescription& stage) {
  if (!table.contains("weights")) return;
  stage.weights = model_path(read, table, path, "weights");
  stage.weights_sha256 = checksum(read, table, true, "weights_sha256");
  if (read.ok() && stage.backend != "openvino" && stage.backend != "llama") {
    read.fail(table.get("weights")->source(), "a model of " + stage.backend + " is one file", "leave `weights` out");
  }
}

void read_gate(Reader& read, const toml::table& root, const std::string& path, NetworkDescription& network) {
  const toml::table* table = read.table(root, "gate", false);
  if (!table) return;
  GateDescription gate;
  gate.output = read.text(*table, "output");
  gate.threshold = read.number(*table, "threshold");
  network.blank_deviation = read.number(*table, "blank_deviation", network.blank_deviation);
  if (table->contains("model")) {
    StageDescription model;
    model.name = "gate";
    model.model = model_path(read, *table, path);
    model.sha256 = checksum(read, *table, true);
    read_weights(read, *table, path, model);
    model.output = gate.output;
    model.flops = flops(read, *table);
    model.place = read.place(table->source());
    gate.model = std::move(model);
  }
  network.gate = std::move(gate);
}

void read_curve(Reader& read, const toml::table& table, std::size_t labels, StageDescription& stage) {
  const toml::node* node = table.get("isotonic");
  if (!node) return;
  const toml::array* corners = node->as_array();
  bool fine = corners && !corners->empty() && corners->size() <= kMaxLabels;
  for (std::size_t i = 0; fine && i < corners->size(); ++i) {
    const toml::array* corner = corners->get(i)->as_array();
    const auto x = corner && corner->size() == 2 ? corner->get(0)->value<double>() : std::nullopt;
    const auto y = corner && corner->size() == 2 ? corner->get(1)->value<double>() : std::nullopt;
    fine = x && y && *x >= 0.0 && *x <= 1.0 && *y >= 0.0 && *y <= 1.0 &&
           (stage.isotonic.empty() || (*x > stage.isotonic.back().first && *y >= stage.isotonic.back().second));
    if (fine) stage.isotonic.emplace_back(*x, *y);
  }
  if (!fine) read.fail(node->source(), "isotonic is no rising curve", "write it as [[0.1, 0.02], [0.9, 0.97]]");
  if (labels != 2) read.fail(node->source(), "a curve is for networks of two labels", "use a temperature");
}

/// What calibrating a stage gives.
void read_calibration(Reader& read, const toml::table& table, std::size_t labels, StageDescription& stage) {
  if (table.contains("temperature")) {
    stage.temperature = read.number(table, "temperature");
    if (read.ok() && !(*stage.temperature > 0.0 && *stage.temperature <= 100.0)) {
      read.fail(table.get("temperature")->source(), "temperature is not in (0, 100]", "fit it on the validation split");
    }
  }
  if (table.contains("accept")) {
    stage.accept = read.number(table, "accept");
    if (read.ok() && !(*stage.accept > 0.0 && *stage.accept <= 1.0)) {
      read.fail(table.get("accept")->source(), "accept is not in (0, 1]",
                "give the confidence from which the stage answers");
    }
  }
  read_curve(read, table, labels, stage);
}

StageDescription read_stage(Reader& read, const toml::table& table, std::size_t labels, const std::string& path) {
  StageDescription stage;
  stage.name = read.text(table, "name");
  stage.backend = read.text(table, "backend", "openvino");
  if (stage.backend != "remote") {  // which has its model elsewhere
    stage.model = model_path(read, table, path);
    stage.sha256 = checksum(read, table, stage.backend != "table" && stage.backend != "faulty");
  }
  read_weights(read, table, path, stage);
  stage.output = read.text(table, "output", "logits");
  stage.flops = flops(read, table);
  stage.distilled_from = read.text(table, "distilled_from", "");
  stage.place = read.place(table.source());
  read_calibration(read, table, labels, stage);
  // Both compute what is not quantised in f32: bf16 and f16 would be chosen by the machine, and change answers with it.
  const std::string precision = read.text(table, "precision", "f32");
  if (precision != "f32" && precision != "int8") {
    read.fail(table.get("precision")->source(), "precision `" + precision + "` is not offered",
              "use f32, or int8 for a quantised file");
  }
  return stage;
}

/// Settings of the back end, as text: it says itself which it has.
void read_options(Reader& read, const toml::table& table, StageDescription& stage) {
  const toml::table* options = read.table(table, "options", false);
  if (!options) return;
  for (const auto& [key, node] : *options) {
    std::string value;
    if (const auto* text = node.as_string()) {
      value = text->get();
    } else if (const auto* truth = node.as_boolean()) {
      value = truth->get() ? "true" : "false";
    } else if (const auto* whole = node.as_integer()) {
      value = std::to_string(whole->get());
    } else if (const auto* number = node.as_floating_point()) {
      value = number_text(number->get());
    } else {
      return read.fail(node.source(), "option `" + std::string(key.str()) + "` is no text, number, true or false",
                       "write one value");
    }
    stage.options.emplace(key.str(), std::move(value));
  }
}

void read_stages(Reader& read, const toml::table& root, const std::string& path, NetworkDescription& network) {
  const toml::array* stages = root["stage"].as_array();
  if (!stages || stages->empty()) {
    return read.fail(root.source(), "a network needs at least one [[stage]]", "see src/neural/registry.h for the form");
  }
  for (const toml::node& node : *stages) {
    if (!read.ok()) return;
    if (!node.is_table()) return read.fail(node.source(), "a stage must be a table", "write [[stage]] above its keys");
    StageDescription stage = read_stage(read, *node.as_table(), network.labels.size(), path);
    read_options(read, *node.as_table(), stage);
    if (read.ok() && stage.backend == "llama" && stage.weights.empty() != network.pictures.empty()) {
      return read.fail(node.source(),
                       stage.weights.empty() ? "stage `" + stage.name + "` cannot be shown pictures without `weights`"
                                             : "stage `" + stage.name + "` has `weights` and is shown no pictures",
                       stage.weights.empty()
                           ? "write weights = \"…\", the file that comes with the model as its mmproj"
                           : "name the pictures' columns in [input] pictures, or leave `weights` out");
    }
    for (const StageDescription& before : network.stages) {
      if (before.name == stage.name)
        return read.fail(node.source(), "a second stage `" + stage.name + "`", "rename it");
      if (before.flops > stage.flops) {
        return read.fail(node.source(), "stage `" + stage.name + "` is cheaper than `" + before.name + "` before it",
                         "order stages by flops, cheapest first");
      }
    }
    network.stages.push_back(std::move(stage));
  }
}

void read_guarantee(Reader& read, const toml::table& root, NetworkDescription& network) {
  const toml::table* table = read.table(root, "guarantee", false);
  if (!table) return;
  GuaranteeDescription guarantee;
  guarantee.target = read.text(*table, "target");
  guarantee.scope = read.text(*table, "scope", "network");
  guarantee.error = read.number(*table, "error");
  guarantee.confidence = read.number(*table, "confidence");
  guarantee.items = static_cast<std::uint64_t>(read.whole(*table, "items", 0, std::int64_t{1} << 40));
  guarantee.method = read.text(*table, "method", "");
  const auto inside = [](double value) { return value > 0.0 && value < 1.0; };
  if (read.ok() && !(inside(guarantee.error) && inside(guarantee.confidence))) {
    read.fail(table->source(), "error and confidence must lie between 0 and 1",
              "write error = 0.05 and confidence = 0.95, or let `tenfold calibrate` write them");
  }
  network.guarantee = std::move(guarantee);
}

void read_drift(Reader& read, const toml::table& root, NetworkDescription& network) {
  const toml::table* table = read.table(root, "drift", false);
  if (!table) return;
  const toml::array* scores = (*table)["scores"].as_array();
  network.drift_scores.clear();
  for (std::size_t i = 0; scores && i < std::min(scores->size(), kMaxLabels); ++i) {
    const auto score = scores->get(i)->value<double>();
    if (!score || !(*score >= 0.0 && *score <= 1.0)) {
      return read.fail(scores->get(i)->source(), "a confidence lies from 0 to 1", "let `tenfold calibrate` write it");
    }
    network.drift_scores.push_back(*score);
  }
  std::sort(network.drift_scores.begin(), network.drift_scores.end());
}

Result<std::string> read_text(const std::string& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  std::ifstream file(path, std::ios::binary);
  if (failed || !file) return Error{"no-network", {path, 0, 0, 1}, "the network's description cannot be read", "", ""};
  if (size > kMaxTomlBytes) {
    return Error{"bad-network",
                 {path, 0, 0, 1},
                 "the network's description is larger than 1 MiB",
                 "keep it to what registry.h shows",
                 ""};
  }
  std::string text(size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

Result<NetworkDescription> parse_network(std::string_view text, const std::string& path) {
  Reader read(text, path);
  const toml::table root = read.root();
  if (!read.ok()) return read.error();
  NetworkDescription network;
  network.place = {path, 1, 1, 1};
  network.name = read.text(root, "name");
  const bool graph = has_graph(root);
  if (graph || root.contains("labels")) network.labels = read_labels(read, root);
  if (graph || root.contains("input")) read_input(read, root, network);
  network.prompt = read.text(root, "prompt", "");
  read_population(read, root, network.population);
  read_gate(read, root, path, network);
  if (read.ok()) read_stages(read, root, path, network);
  if (read.ok()) read_guarantee(read, root, network);
  if (read.ok()) read_drift(read, root, network);
  if (!read.ok()) return read.error();
  return network;
}

Result<NetworkDescription> read_network(const std::string& path) {
  auto text = read_text(path);
  if (!text) return text.error();
  return parse_network(*text, path);
}

Status add_stage(NetworkDescription& network, const NetworkDescription& candidate) {
  const auto unfit = [&](const std::string& what, const std::string& hint) {
    return Error{"bad-network", candidate.place, "this is no further stage of " + network.name + ": " + what, hint, ""};
  };
  if (candidate.stages.size() != 1)
    return unfit("it has " + std::to_string(candidate.stages.size()) + " stages", "describe one");
  const StageDescription& stage = candidate.stages.front();
  if (candidate.labels != network.labels) return unfit("its labels are others", "name the same, in the same order");
  const InputShape &mine = network.input, &its = candidate.input;
  if (mine.width != its.width || mine.height != its.height || mine.channels != its.channels ||
      network.resize != candidate.resize || network.pictures != candidate.pictures)
    return unfit("it sees other inputs", "prepare them alike: [input] must be the same");
  bool known = false;
  for (const StageDescription& other : network.stages) {
    if (other.name == stage.name) return unfit("there is a stage `" + stage.name + "` already", "rename it");
    known = known || other.name == stage.distilled_from;
  }
  if (!known)
    return unfit("nothing says which stage it was trained to repeat",
                 "write distilled_from = \"" + network.stages.back().name + "\"");
  const auto dearer = [&](const StageDescription& other) { return other.flops > stage.flops; };
  network.stages.insert(std::find_if(network.stages.begin(), network.stages.end(), dearer), stage);
  return {};
}

Status add_stages(NetworkDescription& network, const std::string& folder) {
  std::error_code failed;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::filesystem::path file = entry.path() / (entry.path().filename().string() + ".toml");
    if (std::filesystem::exists(file, failed)) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    auto candidate = read_network(file.string());
    if (!candidate) return candidate.error();
    if (Status added = add_stage(network, *candidate); !added) return added;
  }
  return {};
}

Status apply_calibration(NetworkDescription& network, const std::string& path) {
  auto text = read_text(path);
  if (!text) return text.error();
  Reader read(*text, path);
  const toml::table root = read.root();
  if (!read.ok()) return read.error();
  if (const std::string name = read.text(root, "network"); read.ok() && name != network.name) {
    read.fail(root.get("network")->source(), "this is the calibration of `" + name + "`", "name it " + network.name);
  }
  for (StageDescription& stage : network.stages) stage.accept.reset();
  network.guarantee.reset();
  const toml::array* stages = root["stage"].as_array();
  for (std::size_t i = 0; read.ok() && stages && i < stages->size(); ++i) {
    const toml::table* table = stages->get(i)->as_table();
    if (!table) {
      read.fail(stages->get(i)->source(), "a stage must be a table", "write [[stage]] above its keys");
      break;
    }
    const std::string name = read.text(*table, "name"), sum = read.text(*table, "sha256", ""),
                      weights = read.text(*table, "weights_sha256", "");
    const auto known = std::find_if(network.stages.begin(), network.stages.end(),
                                    [&](const StageDescription& stage) { return stage.name == name; });
    if (read.ok() && known == network.stages.end()) {
      read.fail(table->source(), "the network has no stage `" + name + "`", "calibrate again");
    }
    if (!read.ok()) break;
    if (sum != known->sha256 || weights != known->weights_sha256) {
      return Error{"stale-calibration", read.place(table->source()),
                   "stage `" + name + "` has another model than the one that was calibrated",
                   "run tenfold calibrate again, or delete this file", ""};
    }
    known->isotonic.clear();
    read_calibration(read, *table, network.labels.size(), *known);
  }
  if (const toml::table* gate = read.table(root, "gate", false); gate && network.gate) {
    network.gate->threshold = read.number(*gate, "threshold");
  }
  if (read.ok()) read_guarantee(read, root, network);
  if (read.ok()) read_drift(read, root, network);
  return read.ok() ? Status{} : Status{read.error()};
}

std::string calibration_text(const NetworkDescription& network, std::string_view comment) {
  std::string out;
  for (std::size_t at = 0; at < comment.size();) {
    const std::size_t end = std::min(comment.find('\n', at), comment.size());
    out += "# " + std::string(comment.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  out += "network = " + toml_text(network.name) + "\n";
  if (network.gate) out += "\n[gate]\nthreshold = " + number_text(network.gate->threshold) + "\n";
  for (const StageDescription& stage : network.stages) {
    out += "\n[[stage]]\nname = " + toml_text(stage.name) + "\nsha256 = " + toml_text(stage.sha256) + "\n";
    if (!stage.weights.empty()) out += "weights_sha256 = " + toml_text(stage.weights_sha256) + "\n";
    if (stage.temperature) out += "temperature = " + number_text(*stage.temperature) + "\n";
    if (!stage.isotonic.empty()) {
      out += "isotonic = [";
      for (std::size_t i = 0; i < stage.isotonic.size(); ++i) {
        out += (i ? ", [" : "[") + number_text(stage.isotonic[i].first) + ", " + number_text(stage.isotonic[i].second) +
               "]";
      }
      out += "]\n";
    }
    if (stage.accept) out += "accept = " + number_text(*stage.accept) + "\n";
  }
  if (const auto& promise = network.guarantee) {
    out += "\n[guarantee]\ntarget = " + toml_text(promise->target) + "\nscope = " + toml_text(promise->scope) +
           "\nerror = " + number_text(promise->error) + "\nconfidence = " + number_text(promise->confidence) +
           "\nitems = " + std::to_string(promise->items) + "\nmethod = " + toml_text(promise->method) + "\n";
  }
  if (!network.drift_scores.empty()) {
    out += "\n[drift]\nscores = [";
    for (std::size_t i = 0; i < network.drift_scores.size(); ++i) {
      out += (i ? ", " : "") + number_text(network.drift_scores[i]);
    }
    out += "]\n";
  }
  return out;
}

Result<NetworkDescription> find_network(std::span<const std::string> folders, std::string_view name) {
  std::string looked;
  for (const std::string& folder : folders) {
    if (!plain_name(name)) break;
    const std::string base(name);
    const auto path = std::filesystem::path(folder) / base / (base + ".toml");
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) return read_network(path.string());
    looked += (looked.empty() ? "" : ", ") + path.string();
  }
  return Error{"unknown-network",
               {},
               "there is no network `" + std::string(name) + "`",
               looked.empty() ? "names are made of letters, digits, - and _" : "looked for " + looked,
               ""};
}

Result<std::vector<std::size_t>> match_labels(const NetworkDescription& network, std::span<const std::string> labels,
                                              const Place& place) {
  std::string known;
  for (const std::string& label : network.labels) known += (known.empty() ? "" : ", ") + label;
  std::vector<std::size_t> indexes;
  for (const std::string& label : labels) {
    const auto found = std::find(network.labels.begin(), network.labels.end(), label);
    if (found == network.labels.end()) {
      return Error{"unknown-label", place, "network " + network.name + " has no label `" + label + "`",
                   "it has " + known, ""};
    }
    indexes.push_back(static_cast<std::size_t>(found - network.labels.begin()));
  }
  const std::set<std::size_t> distinct(indexes.begin(), indexes.end());
  if (distinct.size() != network.labels.size() || indexes.size() != distinct.size()) {
    return Error{"bad-network", place, "network " + network.name + " has other labels", "name each once: " + known, ""};
  }
  return indexes;
}

}  // namespace tenfold::neural
