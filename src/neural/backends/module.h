// Back ends that live in a shared module, so that a run that sees nothing pays nothing for the libraries that see.
//
// base/shared_module.h says where lib/tenfold/libtenfold_NAME.so is looked for. The module finds its own libraries by
// its own run path.
#pragma once

#include <string_view>

#include "neural/backend.h"

namespace tenfold::neural {

/// Grows with every change to backend.h; a module built for another number is refused.
constexpr unsigned kBackendInterface = 6;

/// What a module exports, as "tenfold_backend": the one back end in it, or null if the number is not its own.
using OpenBackend = Backend* (*)(unsigned interface);

/// Errors: "no-backend".
Result<Backend*> open_module(std::string_view name);

}  // namespace tenfold::neural
