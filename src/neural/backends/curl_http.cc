#include "neural/backends/curl_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>

namespace tenfold::neural {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kConnectMs = 10'000;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Exchange {
  CURL* handle = nullptr;
  const HttpRequest* request = nullptr;
  const HttpSink* sink = nullptr;
  HttpReply reply;
  std::uint64_t bytes = 0;
  Clock::time_point start = Clock::now(), last = Clock::now();
  bool ended_by_sink = false, idle = false, late = false;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.last = Clock::now();
  exchange.bytes += size;
  if (exchange.request->max_bytes > 0 && exchange.bytes > exchange.request->max_bytes) {
    exchange.reply.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  long status = 0;
  curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
  if (!(*exchange.sink)(status == 0 ? 200 : status, {data, size})) {
    exchange.ended_by_sink = true;
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

// Seconds, or a date.
double retry_after(std::string_view value) {
  const std::string text(value);
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }))
    return std::min(std::stod(text.substr(0, 9)), 1e6);
  const std::time_t when = curl_getdate(text.c_str(), nullptr);
  return when < 0 ? 0.0 : std::max(0.0, std::difftime(when, std::time(nullptr)));
}

std::size_t header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.last = Clock::now();
  std::string_view line(data, size);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front()))) value.remove_prefix(1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back()))) value.remove_suffix(1);
  if (name == "retry-after") exchange.reply.retry_after_s = retry_after(value);
  return size;
}

// Called at least once a second, and whenever something moves.
int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.idle = exchange.request->idle_s > 0 && since(exchange.last) > exchange.request->idle_s;
  exchange.late = exchange.request->total_s > 0 && since(exchange.start) > exchange.request->total_s;
  return exchange.idle || exchange.late;
}

// Without curl's own words: they may quote a URL.
std::string reason(CURLcode code, const Exchange& exchange) {
  if (exchange.reply.too_large) return "the reply is too large";
  if (exchange.idle) return "nothing came any more";
  if (exchange.late || code == CURLE_OPERATION_TIMEDOUT) return "it took too long";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host is not known";
    case CURLE_COULDNT_CONNECT:
      return "it cannot be connected to";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      return "its certificate cannot be trusted";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return "the URL is of no kind that is allowed here";
    case CURLE_TOO_MANY_REDIRECTS:
      return "it redirects without end";
    case CURLE_FILE_COULDNT_READ_FILE:
      return "the file cannot be read";
    default:
      return "the connection was lost";
  }
}

class CurlHttp : public Http {
 public:
  CurlHttp() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  HttpReply send(const HttpRequest& request, const HttpSink& sink) override {
    const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
    Exchange exchange;
    if (!handle) {
      exchange.reply.why = "out of memory";
      return exchange.reply;
    }
    exchange.handle = handle.get();
    exchange.request = &request;
    exchange.sink = &sink;
    curl_slist* headers = nullptr;
    for (const std::string& line : request.headers) headers = curl_slist_append(headers, line.c_str());
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> freed(headers, curl_slist_free_all);

    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(handle.get(), option, value); };
    const char* kinds = request.files ? "http,https,file" : "http,https";
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, kinds);
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, request.follow ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    if (request.total_s > 0) set(CURLOPT_TIMEOUT_MS, std::max(1L, std::lround(request.total_s * 1000)));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &watch);
    set(CURLOPT_XFERINFODATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, &receive);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_HEADERFUNCTION, &header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_USERAGENT, "tenfold");
    if (!request.body.empty()) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.data());
    }
    // As a range and not as curl's resuming, which fails where a server gives the whole instead.
    const std::string range = std::to_string(request.from_byte) + "-";
    if (request.from_byte > 0) set(CURLOPT_RANGE, range.c_str());

    const CURLcode code = curl_easy_perform(handle.get());
    HttpReply& reply = exchange.reply;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply.status);
    if (code == CURLE_OK && reply.status == 0) reply.status = 200;
    long sent = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &sent);
    reply.sent = sent > 0;
    reply.whole = code == CURLE_OK || (exchange.ended_by_sink && !reply.too_large);
    if (!reply.whole) reply.why = reason(code, exchange);
    return reply;
  }
};

}  // namespace

Http& curl_http() {
  static CurlHttp* const http = new CurlHttp;  // never taken down: other threads may be in it at exit
  return *http;
}

}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Http* tenfold_http() {
  return &tenfold::neural::curl_http();
}
