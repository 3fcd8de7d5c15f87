// A model behind an HTTP interface of the kind that OpenAI's chat completions are. Everything here is in the module
// libtenfold_remote.so (module.h). docs/back-ends.md has its options.
//
// Always holds: no more is spent and no more calls are made than the budget says, by all threads together and whatever
// the server does; the key goes to the host of `url` and nowhere else, not into a message either; what is not exactly
// an answer to the question is a failure of the stage and never an answer.
#pragma once

#include <memory>
#include <span>

#include "neural/backend.h"

namespace tenfold::neural {

class RemoteBackend : public Backend {
 public:
  Traits traits(const LoadSettings&) const override { return {.reads = Reads::text, .sees = true}; }
  /// Errors: "bad-options" (an option that is missing, unknown or of the wrong form), "no-key", "unsafe-key".
  Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) override;
};

}  // namespace tenfold::neural
