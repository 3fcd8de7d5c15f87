// Http by libcurl.
#pragma once

#include "neural/backends/http.h"

namespace tenfold::neural {

/// Made once a process. Thread-safe: each exchange has a handle of its own.
Http& curl_http();

}  // namespace tenfold::neural
