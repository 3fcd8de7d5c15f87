// What is said to a back end in another process, and what it says: as bytes and back.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neural/backend.h"

namespace tenfold::neural {

struct LoadRequest {
  std::string backend, sha256, bytes;
  std::uint64_t memory_mib = 0;
  LoadSettings settings;
};

/// What a loaded model says of itself.
struct Loaded {
  double flops_per_input = 0.0;
};

struct OwnedBatch {
  std::vector<std::string_view> keys, texts;  // into the message
  std::vector<float> pixels;
  std::vector<std::vector<Shown>> within;  // what `shown` is of
  std::vector<std::span<const Shown>> shown;
  std::deque<ColourPicture> pictures;  // what those are, which stay where they are
  Batch batch() const { return {keys, pixels, texts, shown}; }
};

std::string to_bytes(const LoadRequest& request);
std::string to_bytes(const Loaded& loaded);
std::string to_bytes(const Batch& batch);
std::string to_bytes(const Outputs& outputs);

/// Nothing when the bytes are not exactly one.
std::optional<LoadRequest> read_load_request(std::string_view bytes);
std::optional<Loaded> read_loaded(std::string_view bytes);
std::optional<OwnedBatch> read_batch(std::string_view bytes);
std::optional<Outputs> read_outputs(std::string_view bytes);

}  // namespace tenfold::neural
