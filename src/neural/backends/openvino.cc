#include "neural/backends/openvino.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>
#include <openvino/runtime/intel_cpu/properties.hpp>
#include <optional>

#include "base/utf8.h"
#include "neural/backends/graph_flops.h"
#include "neural/backends/load_error.h"
#include "neural/backends/module.h"
#include "neural/backends/text_graph.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

/// OpenVINO puts its own source lines first; the last line is what it means.
std::string reason(const std::exception& error) {
  std::string text = error.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t line = text.rfind('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  if (text.size() > 300) text.resize(300);
  return text;
}

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;
constexpr std::uintmax_t kMaxWeightBytes = std::uintmax_t{1} << 30;

/// Of a model that reads text.
struct TextUse {
  explicit TextUse(const std::shared_ptr<ov::Model>& graph) : flops(graph) {}
  TextFlops flops;
  std::size_t context = 0;  // tokens of a text, at most; 0: as many as the graph takes
};

class OpenVinoModel : public Model {
 public:
  /// `text` of a model that reads text, else none.
  OpenVinoModel(ov::CompiledModel compiled, const LoadSettings& settings, double flops, std::unique_ptr<TextUse> text)
      : compiled_(std::move(compiled)), settings_(settings), flops_(flops), text_(std::move(text)) {
    for (unsigned i = 0; i < std::max(1u, settings.threads); ++i) {
      requests_.push_back(compiled_.create_infer_request());
      if (text_) requests_.back().set_input_tensor(ov::Tensor(ov::element::string, {1}));
      idle_.push_back(i);
    }
    for (const OutputSpec& spec : settings_.outputs) ports_.push_back(compiled_.output(spec.name));
    if (!text_) return;
    for (const std::string& name : text_->flops.cut()) cut_.push_back(compiled_.output(name));
  }

  Status run(const Batch& batch, Outputs& outputs) override {
    outputs = {};
    for (const OutputSpec& spec : settings_.outputs) outputs.values.emplace_back(batch.size() * spec.size);
    if (text_) prepare(batch, outputs);
    try {
      auto ran = settings_.threads <= 1 ? run_alone(batch, outputs) : run_abreast(batch, outputs);
      if (std::any_of(outputs.flops.begin(), outputs.flops.end(), [](double f) { return f < 0.0; }))
        outputs.flops.clear();  // not countable: what NAME.toml says holds
      return ran;
    } catch (const std::exception& error) {
      return error_at("network-failed", settings_.path, "the network failed: " + reason(error),
                      "run it on one input to find which");
    }
  }
  double flops_per_input() const override { return flops_; }

 private:
  std::size_t take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !idle_.empty(); });
    const std::size_t i = idle_.back();
    idle_.pop_back();
    return i;
  }
  void give_back(std::size_t i) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(i);
    freed_.notify_one();
  }

  /// What is no text is not run: it would be told something all the same.
  void prepare(const Batch& batch, Outputs& outputs) const {
    outputs.refusals.assign(batch.size(), "");
    outputs.flops.assign(batch.size(), 0.0);
    outputs.tokens.assign(batch.size(), {});
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::string_view text = batch.texts[i];
      if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        outputs.refusals[i] = "blank";
      } else if (text.size() > kMaxTextBytes) {
        outputs.refusals[i] = "too-long";
      } else if (!valid_utf8(text)) {
        outputs.refusals[i] = "unreadable";
      }
    }
  }
  bool refused(const Outputs& outputs, std::size_t input) const { return text_ && !outputs.refusals[input].empty(); }

  void feed(ov::InferRequest& request, const Batch& batch, std::size_t input) const {
    ov::Tensor tensor = request.get_input_tensor();
    if (text_) {
      tensor.data<std::string>()[0] = batch.texts[input];
      return;
    }
    const auto pixels = batch.pixels.subspan(input * settings_.input.size(), settings_.input.size());
    std::copy(pixels.begin(), pixels.end(), tensor.data<float>());
  }
  void collect(ov::InferRequest& request, Outputs& outputs, std::size_t input) const {
    if (text_) count(request, outputs, input);
    if (refused(outputs, input)) return;
    for (std::size_t k = 0; k < settings_.outputs.size(); ++k) {
      const std::size_t size = settings_.outputs[k].size;
      const ov::Tensor tensor = request.get_tensor(ports_[k]);
      if (tensor.get_size() != size)  // a text's is known only now
        throw std::length_error("output `" + settings_.outputs[k].name + "` has " + std::to_string(tensor.get_size()) +
                                " values for an input, and not " + std::to_string(size));
      const float* values = tensor.data<float>();
      std::copy_n(values, size, outputs.values[k].begin() + static_cast<std::ptrdiff_t>(input * size));
    }
  }
  void count(ov::InferRequest& request, Outputs& outputs, std::size_t input) const {
    std::vector<ov::Shape> shapes;
    std::size_t tokens = 0;
    for (const auto& port : cut_) {
      const ov::Tensor shape = request.get_tensor(port);
      const auto* sizes = shape.data<std::int64_t>();
      shapes.emplace_back(sizes, sizes + shape.get_size());
      if (!shapes.back().empty()) tokens = std::max(tokens, shapes.back().back());
    }
    outputs.tokens[input].prompt = tokens;
    outputs.flops[input] = text_->flops.count(shapes);
    if (text_->context > 0 && tokens > text_->context) outputs.refusals[input] = "too-long";
  }

  Status run_alone(const Batch& batch, Outputs& outputs) {
    const std::size_t mine = take();
    const Return back{*this, {mine}};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (refused(outputs, i)) continue;
      feed(requests_[mine], batch, i);
      requests_[mine].infer();
      collect(requests_[mine], outputs, i);
    }
    return {};
  }

  /// One request a thread, in turn: input i starts when input i - threads is done.
  Status run_abreast(const Batch& batch, Outputs& outputs) {
    Return back{*this, {}};
    // All that are idle now, one at least: two callers share the requests, and neither waits while holding one.
    back.taken.push_back(take());
    {
      const std::lock_guard lock(mutex_);
      while (!idle_.empty() && back.taken.size() < batch.size()) {
        back.taken.push_back(idle_.back());
        idle_.pop_back();
      }
    }
    std::vector<std::size_t> inputs;
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (!refused(outputs, i)) inputs.push_back(i);
    const std::size_t width = back.taken.size();
    for (std::size_t i = 0; i < inputs.size() + width; ++i) {
      ov::InferRequest& request = requests_[back.taken[i % width]];
      if (i >= width && i - width < inputs.size()) {
        request.wait();
        collect(request, outputs, inputs[i - width]);
      }
      if (i >= inputs.size()) continue;
      feed(request, batch, inputs[i]);
      request.start_async();
    }
    return {};
  }

  struct Return {
    OpenVinoModel& model;
    std::vector<std::size_t> taken;
    ~Return() {
      for (const std::size_t i : taken) {
        // After a failure others may still be under way; a request must be idle before the next batch has it.
        try {
          model.requests_[i].wait();
        } catch (const std::exception&) {
        }
        model.give_back(i);
      }
    }
  };

  ov::CompiledModel compiled_;
  const LoadSettings settings_;
  const double flops_;
  const std::unique_ptr<TextUse> text_;
  std::vector<ov::Output<const ov::Node>> ports_;  // of settings_.outputs
  std::vector<ov::Output<const ov::Node>> cut_;    // of text_
  std::vector<ov::InferRequest> requests_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::size_t> idle_;
};

/// Looks whether the graph's outputs are what was promised. The length of a text may leave sizes open; not the last.
Status check_outputs(const std::shared_ptr<ov::Model>& graph, const LoadSettings& settings, bool text) {
  for (const OutputSpec& spec : settings.outputs) {
    std::string names;
    bool found = false;
    for (const auto& output : graph->outputs()) {
      for (const std::string& name : output.get_names()) names += (names.empty() ? "" : ", ") + name;
      if (!output.get_names().contains(spec.name)) continue;
      found = true;
      const auto& size = output.get_partial_shape();
      const bool open = text && size.is_dynamic() && size.rank().is_static() && size.size() > 0 &&
                        size[size.size() - 1].compatible(static_cast<std::int64_t>(spec.size));
      const bool fits = size.is_static() && ov::shape_size(size.to_shape()) == spec.size;
      if (!(open || fits) || output.get_element_type() != ov::element::f32) {
        return error_at("no-output", settings.path,
                        "output `" + spec.name + "` is " + size.to_string() + " " +
                            output.get_element_type().to_string() + ", and " + std::to_string(spec.size) +
                            " float32 an input are needed",
                        "one value a label, or one for a gate");
      }
    }
    if (!found)
      return error_at("no-output", settings.path, "the model has no output `" + spec.name + "`", "it has " + names);
  }
  return {};
}

/// Gives the graph its static shape of one input, and looks whether it takes what [input] says.
Status shape(const std::shared_ptr<ov::Model>& graph, const LoadSettings& settings, bool text) {
  const InputShape& want = settings.input;
  const ov::Shape shape = text ? ov::Shape{1} : ov::Shape{1, want.channels, want.height, want.width};
  const auto wrong = [&](const std::string& has) {
    return error_at("wrong-shape", settings.path,
                    "the model takes " + has + ", and [input] says " +
                        (want.size() == 0 ? "text" : ov::PartialShape(shape).to_string()),
                    "make the model and its description agree");
  };
  if (graph->inputs().size() != 1) return wrong(std::to_string(graph->inputs().size()) + " inputs");
  const auto has = graph->input().get_partial_shape();
  if (text && want.size() > 0)
    return error_at("wrong-shape", settings.path, "the model takes text, and [input] pictures",
                    "write kind = \"text\" there");
  if (!text && want.size() == 0) return wrong(has.to_string() + " " + graph->input().get_element_type().to_string());
  if (!has.compatible(shape)) return wrong(has.to_string());
  if (!text && graph->input().get_element_type() != ov::element::f32) {
    return error_at("wrong-shape", settings.path, "the model's input is not float32", "export it with a float32 input");
  }
  // Operators that split a text would take the number of texts for that of the parts, were it fixed.
  graph->reshape(text ? ov::PartialShape{-1} : ov::PartialShape(shape));
  return check_outputs(graph, settings, text);
}

/// The file beside a graph that holds its constants, whole: its checksum is that of what is used.
Result<ov::Tensor> read_weights(const LoadSettings& settings) {
  if (settings.weights.empty()) return ov::Tensor();
  std::ifstream file(settings.weights, std::ios::binary | std::ios::ate);
  const auto size = file ? static_cast<std::intmax_t>(file.tellg()) : -1;
  if (size < 0 || static_cast<std::uintmax_t>(size) > kMaxWeightBytes)
    return error_at("no-model", settings.path,
                    "the weights " + settings.weights + " cannot be read, or are larger than 1 GiB",
                    "make them with the recipe beside them");
  ov::Tensor tensor(ov::element::u8, {static_cast<std::size_t>(size)});
  auto* bytes = tensor.data<std::uint8_t>();
  if (!file.seekg(0).read(reinterpret_cast<char*>(bytes), size))
    return error_at("no-model", settings.path, "the weights " + settings.weights + " ended early", "make them again");
  const std::string sum = sha256(std::as_bytes(std::span(bytes, tensor.get_size())));
  if (sum != settings.weights_sha256)
    return error_at("wrong-checksum", settings.path,
                    "the weights " + settings.weights + " have sha256 " + sum + " and not " + settings.weights_sha256,
                    "restore the file, or measure the new one and write its checksum and temperature here");
  return tensor;
}

Result<std::size_t> context_of(const LoadSettings& settings) {
  const std::string text = settings.option("context", "0");
  std::size_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad == std::errc() && end == text.data() + text.size()) return value;
  return error_at("bad-option", settings.path, "option context is `" + text + "`", "write a number of tokens");
}

/// The checksum of the library that tokenises: its version cannot be asked for before it is opened.
std::string tokenizers_identity() {
  static const std::string identity = [] {
    std::vector<std::string> looked;
    return " tokenizers " + sha256_of_file(find_tokenizers(looked)).value_or("");
  }();
  return identity;
}

}  // namespace

struct OpenVinoBackend::Core {
  std::mutex mutex;
  ov::Core core;
  bool tokenizers = false;  // their library was added

  /// Requires `mutex`.
  Status add_tokenizers(const LoadSettings& settings) {
    if (tokenizers) return {};
    const std::string install = "pip install --no-deps 'openvino-tokenizers==" + openvino_release() + ".*'";
    std::vector<std::string> looked;
    const std::string file = find_tokenizers(looked);
    if (file.empty()) {
      std::string places;
      for (const std::string& place : looked) places += (places.empty() ? "" : ", ") + place;
      return error_at("no-tokenizers", settings.path,
                      "the model reads text, and OpenVINO's tokenizers are not there: " + places,
                      "run scripts/setup, or " + install +
                          " beside openvino, or name the library in "
                          "TENFOLD_OPENVINO_TOKENIZERS");
    }
    try {
      core.add_extension(file);
    } catch (const std::exception& error) {
      return error_at("no-tokenizers", settings.path,
                      file + " is no library of OpenVINO's tokenizers for this OpenVINO: " + reason(error), install);
    }
    tokenizers = true;
    return {};
  }
};

OpenVinoBackend::OpenVinoBackend() = default;
OpenVinoBackend::~OpenVinoBackend() = default;

Traits OpenVinoBackend::traits(const LoadSettings& settings) const {
  const char* widest = __builtin_cpu_supports("avx512f") ? "avx512" : __builtin_cpu_supports("avx2") ? "avx2" : "sse";
  const bool text = settings.input.size() == 0;
  return {text ? Reads::text : Reads::pixels, false,
          std::string("OpenVINO ") + ov::get_openvino_version().buildNumber + " " + widest +
              (text ? tokenizers_identity() : "")};
}

Result<std::unique_ptr<Model>> OpenVinoBackend::load(std::span<const std::byte> model, const LoadSettings& settings) {
  static std::mutex making;
  try {
    {
      const std::lock_guard lock(making);
      if (!core_) core_ = std::make_unique<Core>();
    }
    const std::lock_guard lock(core_->mutex);
    const std::string bytes(reinterpret_cast<const char*>(model.data()), model.size());
    if (needs_tokenizers(bytes)) {
      if (Status s = core_->add_tokenizers(settings); !s.ok()) return s.error();
    }
    const auto weights = read_weights(settings);
    if (!weights) return weights.error();
    const std::shared_ptr<ov::Model> graph = core_->core.read_model(bytes, *weights);
    const bool reads_text = graph->inputs().size() == 1 && graph->input().get_element_type() == ov::element::string;
    if (auto shaped = shape(graph, settings, reads_text); !shaped) return shaped.error();
    std::unique_ptr<TextUse> text;
    if (reads_text) {
      text = std::make_unique<TextUse>(graph);
      auto context = context_of(settings);
      if (!context) return context.error();
      text->context = *context;
    }
    const double flops = reads_text ? 0.0 : std::max(0.0, graph_flops(graph));
    const auto threads = static_cast<int>(std::max(1u, settings.threads));
    auto compiled = core_->core.compile_model(graph, "CPU", ov::hint::inference_precision(ov::element::f32),
                                              ov::hint::execution_mode(ov::hint::ExecutionMode::ACCURACY),
                                              ov::hint::enable_cpu_pinning(false), ov::num_streams(threads),
                                              ov::inference_num_threads(threads));
    return std::unique_ptr<Model>(
        std::make_unique<OpenVinoModel>(std::move(compiled), settings, flops, std::move(text)));
  } catch (const std::exception& error) {
    return error_at("bad-model", settings.path, "the model cannot be loaded: " + reason(error),
                    "give an ONNX file, or OpenVINO's .xml with its .bin as weights");
  }
}

}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Backend* tenfold_backend(unsigned interface) {
  // Not destroyed at exit: taking OpenVINO down takes longer than a short run, and frees nothing the system would not.
  static auto* const backend = new tenfold::neural::OpenVinoBackend;
  return interface == tenfold::neural::kBackendInterface ? backend : nullptr;
}
