// What the tests of OpenVINO's back end share.
#pragma once

#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "neural/backend.h"

namespace tenfold::neural {

inline std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Why a model cannot be loaded, "CODE: WHAT"; "fine" where it can.
inline std::string load_error(const std::vector<std::byte>& model, const LoadSettings& settings) {
  const auto backend = find_backend("openvino");
  if (!backend) return backend.error().what;
  const auto loaded = (*backend)->load(model, settings);
  return loaded ? "fine" : loaded.error().code + ": " + loaded.error().what;
}

}  // namespace tenfold::neural
