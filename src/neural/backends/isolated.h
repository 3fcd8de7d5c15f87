// A back end in a process of its own (`tenfold-worker`), so that a crash, a hang or a growth without end is the end of
// that process and not of the run. `isolate = true` among a stage's options.
//
// Each request and each reply is one message: its length in 8 bytes, then its bytes (isolated_wire.h).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "neural/backend.h"

namespace tenfold::neural {

/// What the worker is to load: the model's bytes, or the file at `settings.path` with this checksum.
struct IsolatedModel {
  std::string backend;
  std::string sha256;  // of the file; empty: `bytes` are the model
  std::span<const std::byte> bytes;
};

/// Of `settings.options` it takes timeout_s (a run, default 60), memory_mib (of the worker, default none) and restarts
/// (after it ended by itself or was killed, default 8; then every run fails at once). The model it gives is one request
/// at a time. Errors: those of Backend::load, "wrong-checksum", "bad-options", "network-failed" (the worker ended or
/// took too long). Not for a remote model: a process that is started again would spend its budget again.
Result<std::unique_ptr<Model>> load_isolated(const IsolatedModel& model, const LoadSettings& settings);

/// What `tenfold-worker` does, until `socket` is closed. Returns its exit status.
int serve_isolated(int socket);

}  // namespace tenfold::neural
