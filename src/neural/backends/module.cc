#include "neural/backends/module.h"

#include "base/shared_module.h"

namespace tenfold::neural {

Result<Backend*> open_module(std::string_view name) {
  const std::string file = "libtenfold_" + std::string(name) + ".so";
  const std::string what = "the back end `" + std::string(name) + "` cannot be opened: ";
  const auto entry = open_shared_module(file, "tenfold_backend");
  if (!entry)
    return Error{"no-backend",
                 {},
                 what + entry.error().what,
                 "run scripts/setup and build with the preset default, or ask a question that needs no network",
                 ""};
  Backend* backend = reinterpret_cast<OpenBackend>(*entry)(kBackendInterface);
  if (!backend)
    return Error{"no-backend", {}, what + file + " is of another version", "build and install both again", ""};
  return backend;
}

}  // namespace tenfold::neural
