#include "base/shared_module.h"
#include "neural/backends/http.h"

namespace tenfold::neural {

Result<Http*> open_http() {
  const auto entry = open_shared_module("libtenfold_remote.so", "tenfold_http");
  if (!entry) return entry.error();
  return reinterpret_cast<OpenHttp>(*entry)();
}

}  // namespace tenfold::neural
