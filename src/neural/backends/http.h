// One exchange over HTTP, with every wait and every size bounded; libcurl does it (http.cc, in the module
// libtenfold_remote.so, which is opened by whoever needs it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::neural {

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;    // "Name: value"
  std::string body;                    // posted where there is one, else the URL is fetched
  double total_s = 0.0;                // 0: as long as bytes keep coming
  double idle_s = 30.0;                // without a byte
  std::uint64_t max_bytes = 64 << 20;  // of the reply; 0: no bound
  bool follow = false;                 // redirects; never set it where a header holds a secret
  bool files = false;                  // file:// as well
  std::uint64_t from_byte = 0;         // what comes before is there already
};

struct HttpReply {
  long status = 0;           // 200 for a file
  double retry_after_s = 0;  // as the server said; 0: it did not
  bool sent = false;         // the request may have reached the server
  bool whole = false;        // the reply ended as it should
  std::string why;           // it did not: "timed out", "the connection was lost" …
  bool too_large = false;
};

/// Gets the bytes of a 2xx reply as they come; false ends the exchange. Others come as well, after `status`.
using HttpSink = std::function<bool(long status, std::string_view bytes)>;

class Http {
 public:
  virtual ~Http() = default;
  virtual HttpReply send(const HttpRequest& request, const HttpSink& sink) = 0;
};

/// What the module exports as "tenfold_http".
using OpenHttp = Http* (*)();

/// Errors: "no-module". Thread-safe.
Result<Http*> open_http();

}  // namespace tenfold::neural
