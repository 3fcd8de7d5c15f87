#include "neural/backends/isolated.h"

#include <sys/resource.h>

#include <charconv>
#include <exception>
#include <fstream>
#include <mutex>

#include "base/shared_module.h"
#include "base/worker_process.h"
#include "neural/backends/isolated_wire.h"
#include "neural/backends/load_error.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

constexpr double kLoadingSeconds = 300.0;  // reading and compiling a model
// A reply begins with what it is.
constexpr char kFine = '+', kFailed = '-';

Error failed(const std::string& path, std::string what) {
  return error_at("network-failed", path, std::move(what), "run it on one input to find which");
}

struct Limits {
  double timeout_s = 60.0;
  std::uint64_t restarts = 8;
};

class IsolatedProcess : public Model {
 public:
  IsolatedProcess(const LoadRequest& request, std::string program, Limits limits)
      : path_(request.settings.path), load_bytes_(to_bytes(request)), program_(std::move(program)), limits_(limits) {}

  /// What the model says of itself. Requires that nobody else uses it.
  Result<Loaded> start() {
    worker_ = WorkerProcess::start(program_);
    if (!worker_) return failed(path_, "the process for the back end cannot be started");
    char kind = 0;
    std::string why;
    const auto reply = ask(load_bytes_, kLoadingSeconds, kind, why);
    if (reply && kind == kFine)
      if (const auto loaded = read_loaded(*reply)) return *loaded;
    worker_.reset();
    if (reply && kind == kFailed)
      if (const auto error = read_error(*reply)) return *error;
    return failed(path_, "its process " + (why.empty() ? "said what cannot be read" : why) + " while loading");
  }
  /// Requires that nobody else uses it.
  Status start_first() {
    const auto loaded = start();
    if (!loaded) return loaded.error();
    loaded_ = *loaded;
    return {};
  }

  Status run(const Batch& batch, Outputs& outputs) override {
    const std::lock_guard lock(mutex_);
    if (!worker_) {
      if (restarted_ >= limits_.restarts) {
        return failed(
            path_, "its process ended " + std::to_string(restarted_ + 1) + " times and is not started again: " + last_);
      }
      ++restarted_;
      if (const auto started = start(); !started) return started.error();
    }
    char kind = 0;
    std::string why;
    const auto reply = ask(to_bytes(batch), limits_.timeout_s, kind, why);
    if (reply && kind == kFailed) {
      if (const auto error = read_error(*reply)) return *error;
    } else if (reply && kind == kFine) {
      if (auto read = read_outputs(*reply)) {
        outputs = std::move(*read);
        return {};
      }
    }
    worker_.reset();  // whatever state it is in
    last_ = "its process " + (why.empty() ? "said what cannot be read" : why);
    return failed(path_, last_);
  }
  double flops_per_input() const override { return loaded_.flops_per_input; }

 private:
  /// The reply without its first byte.
  std::optional<std::string> ask(std::string_view request, double seconds, char& kind, std::string& why) {
    auto reply = worker_->ask(request, seconds, why);
    if (!reply || reply->empty()) return std::nullopt;
    kind = reply->front();
    reply->erase(0, 1);
    return reply;
  }

  const std::string path_;
  const std::string load_bytes_;
  const std::string program_;
  const Limits limits_;
  Loaded loaded_;  // by the first start; whoever reads it needs no lock
  std::mutex mutex_;
  std::unique_ptr<WorkerProcess> worker_;
  std::uint64_t restarted_ = 0;
  std::string last_;
};

/// Takes an option out, as a number; false when it is none.
template <class T>
bool take(LoadSettings& settings, const char* name, T& value) {
  const auto found = settings.options.find(name);
  if (found == settings.options.end()) return true;
  const std::string text = found->second;
  settings.options.erase(found);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value >= T{};
}

// ---- in the worker
// ----------------------------------------------------------------------------------------------------

std::string reply_of(const Error& error) { return kFailed + to_bytes(error); }

Result<std::string> model_bytes(const LoadRequest& request, const Backend& backend) {
  if (request.sha256.empty()) return request.bytes;
  if (backend.opens_file()) return std::string();
  std::ifstream file(request.settings.path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (sha256(std::as_bytes(std::span(bytes))) == request.sha256) return bytes;
  return error_at("wrong-checksum", request.settings.path, "the model file has changed while it was being loaded",
                  "run it again");
}

Result<std::unique_ptr<Model>> load_here(const LoadRequest& request) {
  if (request.memory_mib > 0) {
    const rlim_t bytes = static_cast<rlim_t>(request.memory_mib) << 20;
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_DATA, &limit);
  }
  auto backend = find_backend(request.backend);
  if (!backend) return backend.error();
  auto bytes = model_bytes(request, **backend);
  if (!bytes) return bytes.error();
  return (*backend)->load(std::as_bytes(std::span(*bytes)), request.settings);
}

/// Runs and writes the reply; what is thrown is a failure as well.
template <class F>
std::string guarded(const LoadSettings& settings, F work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return reply_of(failed(settings.path, "it needed more memory than it may have"));
  } catch (const std::exception& error) {
    return reply_of(failed(settings.path, std::string("it failed: ") + error.what()));
  }
}

}  // namespace

Result<std::unique_ptr<Model>> load_isolated(const IsolatedModel& model, const LoadSettings& settings) {
  LoadRequest request;
  request.backend = model.backend;
  request.sha256 = model.sha256;
  request.bytes.assign(reinterpret_cast<const char*>(model.bytes.data()), model.bytes.size());
  request.settings = settings;
  Limits limits;
  if (!take(request.settings, "timeout_s", limits.timeout_s) ||
      !take(request.settings, "memory_mib", request.memory_mib) ||
      !take(request.settings, "restarts", limits.restarts) || !(limits.timeout_s > 0.0)) {
    return error_at("bad-options", settings.path, "timeout_s, memory_mib or restarts is no such number",
                    "give seconds, MiB and a count");
  }
  auto program = find_beside("tenfold-worker");
  if (!program) return program.error();
  auto isolated = std::make_unique<IsolatedProcess>(request, std::move(*program), limits);
  if (auto started = isolated->start_first(); !started) return started.error();
  return std::unique_ptr<Model>(std::move(isolated));
}

int serve_isolated(int socket) {
  end_with(socket);  // a back end may never come back
  std::string message;
  if (!receive_message(socket, message, 0.0)) return 0;
  const auto request = read_load_request(message);
  if (!request) return 1;
  std::unique_ptr<Model> model;
  const std::string first = guarded(request->settings, [&] {
    auto loaded = load_here(*request);
    if (!loaded) return reply_of(loaded.error());
    model = std::move(*loaded);
    return kFine + to_bytes(Loaded{model->flops_per_input()});
  });
  if (!send_message(socket, first, 0.0) || !model) return 0;
  while (receive_message(socket, message, 0.0)) {
    const auto batch = read_batch(message);
    if (!batch) return 1;
    const std::string reply = guarded(request->settings, [&] {
      Outputs outputs;
      if (auto ran = model->run(batch->batch(), outputs); !ran) return reply_of(ran.error());
      return kFine + to_bytes(outputs);
    });
    if (!send_message(socket, reply, 0.0)) return 0;
  }
  return 0;
}

}  // namespace tenfold::neural
