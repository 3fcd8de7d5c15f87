// Why a back end does not load a model: what the tests of several compare.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "neural/backend.h"

namespace tenfold::neural {

/// "CODE: WHAT"; "fine" where it loads.
inline std::string load_error(std::string_view name, const LoadSettings& settings,
                              std::span<const std::byte> model = {}) {
  const auto backend = find_backend(name);
  if (!backend) return backend.error().what;
  const auto loaded = (*backend)->load(model, settings);
  return loaded ? "fine" : loaded.error().code + ": " + loaded.error().what;
}

}  // namespace tenfold::neural
