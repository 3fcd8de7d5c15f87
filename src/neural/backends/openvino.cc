#include "neural/backends/openvino.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <openvino/openvino.hpp>
#include <openvino/runtime/intel_cpu/properties.hpp>

#include "neural/backends/graph_flops.h"
#include "neural/backends/load_error.h"
#include "neural/backends/module.h"

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

class OpenVinoModel : public Model {
 public:
  OpenVinoModel(ov::CompiledModel compiled, const LoadSettings& settings, double flops)
      : compiled_(std::move(compiled)), settings_(settings), flops_(flops) {
    for (unsigned i = 0; i < std::max(1u, settings.threads); ++i) {
      requests_.push_back(compiled_.create_infer_request());
      idle_.push_back(i);
    }
    for (const OutputSpec& spec : settings_.outputs) ports_.push_back(compiled_.output(spec.name));
  }

  Status run(const Batch& batch, Outputs& outputs) override {
    outputs.refusals.clear();
    outputs.values.clear();
    for (const OutputSpec& spec : settings_.outputs) outputs.values.emplace_back(batch.size() * spec.size);
    try {
      return settings_.threads <= 1 ? run_alone(batch, outputs) : run_abreast(batch, outputs);
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

  void feed(ov::InferRequest& request, const Batch& batch, std::size_t input) const {
    ov::Tensor tensor = request.get_input_tensor();
    const auto pixels = batch.pixels.subspan(input * settings_.input.size(), settings_.input.size());
    std::copy(pixels.begin(), pixels.end(), tensor.data<float>());
  }
  void collect(ov::InferRequest& request, Outputs& outputs, std::size_t input) const {
    for (std::size_t k = 0; k < settings_.outputs.size(); ++k) {
      const std::size_t size = settings_.outputs[k].size;
      const float* values = request.get_tensor(ports_[k]).data<float>();
      std::copy_n(values, size, outputs.values[k].begin() + static_cast<std::ptrdiff_t>(input * size));
    }
  }

  Status run_alone(const Batch& batch, Outputs& outputs) {
    const std::size_t mine = take();
    const Return back{*this, {mine}};
    for (std::size_t i = 0; i < batch.size(); ++i) {
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
    const std::size_t width = back.taken.size();
    for (std::size_t i = 0; i < batch.size() + width; ++i) {
      ov::InferRequest& request = requests_[back.taken[i % width]];
      if (i >= width) {
        request.wait();
        collect(request, outputs, i - width);
      }
      if (i >= batch.size()) continue;
      feed(request, batch, i);
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
  std::vector<ov::Output<const ov::Node>> ports_;  // of settings_.outputs
  std::vector<ov::InferRequest> requests_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::size_t> idle_;
};

/// Gives the graph its static shape of one input, and looks whether its outputs are what was promised.
Status shape(const std::shared_ptr<ov::Model>& graph, const LoadSettings& settings) {
  const InputShape& want = settings.input;
  const ov::Shape shape = {1, want.channels, want.height, want.width};
  if (graph->inputs().size() != 1 || !graph->input().get_partial_shape().compatible(shape)) {
    const std::string has = graph->inputs().size() == 1 ? graph->input().get_partial_shape().to_string()
                                                        : std::to_string(graph->inputs().size()) + " inputs";
    return error_at("wrong-shape", settings.path,
                    "the model takes " + has + ", and [input] says " + ov::PartialShape(shape).to_string(),
                    "make the model and its description agree");
  }
  if (graph->input().get_element_type() != ov::element::f32) {
    return error_at("wrong-shape", settings.path, "the model's input is not float32", "export it with a float32 input");
  }
  graph->reshape(shape);
  for (const OutputSpec& spec : settings.outputs) {
    std::string names;
    bool found = false;
    for (const auto& output : graph->outputs()) {
      for (const std::string& name : output.get_names()) names += (names.empty() ? "" : ", ") + name;
      if (!output.get_names().contains(spec.name)) continue;
      found = true;
      const auto& size = output.get_partial_shape();
      if (size.is_dynamic() || ov::shape_size(size.to_shape()) != spec.size ||
          output.get_element_type() != ov::element::f32) {
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

}  // namespace

struct OpenVinoBackend::Core {
  std::mutex mutex;
  ov::Core core;
};

OpenVinoBackend::OpenVinoBackend() = default;
OpenVinoBackend::~OpenVinoBackend() = default;

Traits OpenVinoBackend::traits(const LoadSettings&) const {
  const char* widest = __builtin_cpu_supports("avx512f") ? "avx512" : __builtin_cpu_supports("avx2") ? "avx2" : "sse";
  return {Reads::pixels, false, std::string("OpenVINO ") + ov::get_openvino_version().buildNumber + " " + widest};
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
    const std::shared_ptr<ov::Model> graph = core_->core.read_model(bytes, ov::Tensor());
    if (auto shaped = shape(graph, settings); !shaped) return shaped.error();
    const double flops = std::max(0.0, graph_flops(graph));
    const auto threads = static_cast<int>(std::max(1u, settings.threads));
    auto compiled = core_->core.compile_model(graph, "CPU", ov::hint::inference_precision(ov::element::f32),
                                              ov::hint::execution_mode(ov::hint::ExecutionMode::ACCURACY),
                                              ov::hint::enable_cpu_pinning(false), ov::num_streams(threads),
                                              ov::inference_num_threads(threads));
    return std::unique_ptr<Model>(std::make_unique<OpenVinoModel>(std::move(compiled), settings, flops));
  } catch (const std::exception& error) {
    return error_at("bad-model", settings.path, "the model cannot be loaded: " + reason(error), "give an ONNX file");
  }
}

}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Backend* tenfold_backend(unsigned interface) {
  // Not destroyed at exit: taking OpenVINO down takes longer than a short run, and frees nothing the system would not.
  static auto* const backend = new tenfold::neural::OpenVinoBackend;
  return interface == tenfold::neural::kBackendInterface ? backend : nullptr;
}
