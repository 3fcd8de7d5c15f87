// What is wrong with a model's file or its settings, as a back end says it.
#pragma once

#include <string>
#include <utility>

#include "tenfold/result.h"

namespace tenfold::neural {

/// `path` is LoadSettings::path.
inline Error error_at(std::string code, const std::string& path, std::string what, std::string hint) {
  return {std::move(code), {path, 0, 0, 1}, std::move(what), std::move(hint), ""};
}

}  // namespace tenfold::neural
