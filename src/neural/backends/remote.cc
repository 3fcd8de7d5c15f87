#include "neural/backends/remote.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <set>
#include <thread>

#include "neural/backends/budget.h"
#include "neural/backends/chat.h"
#include "neural/backends/curl_http.h"
#include "neural/backends/data_url.h"
#include "neural/backends/load_error.h"
#include "neural/backends/module.h"

namespace tenfold::neural {
namespace {

using Clock = std::chrono::steady_clock;

// Of a prompt, tokens of a byte each at worst, and what a server puts around it.
constexpr double kOverheadTokens = 256.0;
constexpr std::size_t kMaxRequestBytes = std::size_t{20} << 20;  // what services take, at most
constexpr std::uint64_t kMaxReplyBytes = std::uint64_t{8} << 20;
constexpr std::size_t kMaxErrorBytes = 4096;
constexpr double kLongestWait = 60.0;  // between two tries, seconds

struct Options {
  std::string url, key;
  ChatSettings chat;
  double usd_per_input = 0.0, usd_per_output = 0.0;  // a token
  double max_usd = std::numeric_limits<double>::infinity();
  std::uint64_t max_calls = std::numeric_limits<std::uint64_t>::max();
  double timeout_s = 120.0, idle_s = 30.0, backoff_s = 0.5;
  std::uint64_t retries = 4, parallel = 4;
  std::uint64_t tokens_per_picture = 50'000;  // that one may be charged as: more than any service is known to
};

std::string shown(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// The host of a URL without user, port and path.
std::string host(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.starts_with('[')) return std::string(rest.substr(0, rest.find(']') + 1));
  return std::string(rest.substr(0, rest.find(':')));
}

class Reader {
 public:
  explicit Reader(const LoadSettings& settings) : settings_(settings) {}

  double number(std::string_view name, double fallback, double least, double most) {
    const std::string text = take(name);
    if (text.empty()) return fallback;
    double value = 0.0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most)) {
      fail("option `" + std::string(name) + "` is `" + text + "`",
           "give a number from " + shown(least) + " to " + shown(most));
    }
    return value;
  }
  std::uint64_t whole(std::string_view name, std::uint64_t fallback, std::uint64_t most) {
    const double value = number(name, static_cast<double>(fallback), 0.0, static_cast<double>(most));
    if (value != std::floor(value)) fail("option `" + std::string(name) + "` is no whole number", "give one");
    return static_cast<std::uint64_t>(value);
  }
  std::string take(std::string_view name) {
    known_.emplace(name);
    return settings_.option(name);
  }
  void fail(std::string what, std::string hint, std::string code = "bad-options") {
    if (!error_) error_ = error_at(std::move(code), settings_.path, std::move(what), std::move(hint));
  }
  const std::optional<Error>& error() {
    for (const auto& [name, value] : settings_.options)
      if (!known_.contains(name)) fail("there is no option `" + name + "`", "see docs/back-ends.md");
    return error_;
  }

 private:
  const LoadSettings& settings_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

/// The key in a file that only its owner can read, without the line break at its end.
std::string key_of_file(Reader& read, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    read.fail("the key file " + path + " is not there", "make it, mode 0600", "no-key");
    return "";
  }
  if (status.st_uid != geteuid() || (status.st_mode & 077) != 0 || !S_ISREG(status.st_mode)) {
    read.fail("the key file " + path + " can be read by others, or is another's", "chmod 600 it", "unsafe-key");
    return "";
  }
  std::ifstream file(path);
  std::string key;
  std::getline(file, key);
  return key;
}

std::string read_key(Reader& read) {
  const std::string variable = read.take("key_env"), path = read.take("key_file");
  std::string key;
  if (!variable.empty()) {
    const char* value = std::getenv(variable.c_str());
    key = value ? value : "";
    if (key.empty()) read.fail("the environment variable " + variable + " holds no key", "set it", "no-key");
  } else if (!path.empty()) {
    key = key_of_file(read, path);
  }
  if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x21 || c > 0x7e; })) {
    read.fail("the key has characters that no key has", "look at where it comes from", "no-key");
  }
  return key;
}

Result<Options> read_options(const LoadSettings& settings) {
  Reader read(settings);
  Options options;
  if (!settings.option("key").empty())
    return error_at("unsafe-key", settings.path, "a key has no place in this file, which others read",
                    "use key_env or key_file");
  options.url = read.take("url");
  while (options.url.ends_with('/')) options.url.pop_back();
  options.chat.model = read.take("model");
  const std::string name = host(options.url);
  const bool local = name == "localhost" || name == "127.0.0.1" || name == "[::1]";
  if (!options.url.starts_with("https://") && !(options.url.starts_with("http://") && local)) {
    read.fail("option `url` must be an https address (http only for this machine)",
              "give the address up to /v1, as in https://HOST/v1");
  }
  if (options.url.find('@') != std::string::npos)
    read.fail("option `url` holds a name or a password", "use key_env or key_file", "unsafe-key");
  if (options.chat.model.empty()) read.fail("option `model` is missing", "name the model as its server does");
  options.key = read_key(read);

  options.chat.labels = settings.labels;
  options.chat.form = settings.form;
  const std::string logprobs = read.take("logprobs");
  options.chat.logprobs = logprobs != "false";
  if (settings.form.kind == AnswerForm::Kind::text)
    read.fail("a remote model cannot be held to a grammar", "ask for labels or a record, or use the back end llama");
  if (settings.labels.empty() && settings.form.schema.empty())
    read.fail("nothing says what the model may answer", "give the network labels or an answer");
  if (options.chat.logprobs && settings.labels.size() > kMaxChoices)
    read.fail("a remote model tells at most 26 labels apart by log-probabilities", "use fewer, or logprobs = false");
  const std::uint64_t tokens = settings.labels.empty() ? 1024 : options.chat.logprobs ? 1 : 64;
  options.chat.max_tokens = read.whole("max_tokens", tokens, 1'000'000);

  options.usd_per_input = read.number("usd_per_million_input", 0.0, 0.0, 1e6) / 1e6;
  options.usd_per_output = read.number("usd_per_million_output", 0.0, 0.0, 1e6) / 1e6;
  const bool money = !settings.option("max_usd").empty(), calls = !settings.option("max_calls").empty();
  if (money) options.max_usd = read.number("max_usd", 0.0, 0.0, 1e9);
  if (calls) options.max_calls = read.whole("max_calls", 0, std::uint64_t{1} << 40);
  if (!money && !calls) read.fail("nothing bounds what is spent", "give max_usd or max_calls, of one run");
  if (money && (settings.option("usd_per_million_input").empty() || settings.option("usd_per_million_output").empty()))
    read.fail("max_usd needs the model's prices", "give usd_per_million_input and usd_per_million_output");
  options.timeout_s = read.number("timeout_s", options.timeout_s, 0.01, 86400.0);
  options.idle_s = read.number("idle_s", options.idle_s, 0.01, 86400.0);
  options.backoff_s = read.number("backoff_s", options.backoff_s, 0.0, 60.0);
  options.tokens_per_picture = read.whole("tokens_per_picture", options.tokens_per_picture, 10'000'000);
  options.retries = read.whole("retries", options.retries, 100);
  options.parallel = std::max<std::uint64_t>(1, read.whole("parallel", options.parallel, 64));
  if (read.error()) return *read.error();
  return options;
}

class RemoteModel : public Model {
 public:
  explicit RemoteModel(Options options) : options_(std::move(options)), budget_(options_.max_usd, options_.max_calls) {}

  Status run(const Batch& batch, Outputs& outputs) override {
    const std::size_t n = batch.size(), labels = options_.chat.labels.size();
    outputs = {};
    if (labels > 0) outputs.values.assign(1, std::vector<double>(n * labels, 0.0));
    if (labels == 0) outputs.records.resize(n);
    outputs.refusals.resize(n);
    outputs.details.resize(n);
    outputs.tokens.resize(n);
    outputs.usd.resize(n);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < n; i = next++) answer(batch, i, outputs);
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < std::min<std::size_t>(n, options_.parallel); ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return {};
  }
  double flops_per_input() const override { return 0.0; }

 private:
  enum class Next : std::uint8_t { done, retry, give_up };
  struct Try {
    Next next = Next::give_up;
    std::string why;
    double wait_s = 0.0;  // that the server asked for
  };

  /// One input, with as many tries as it may have.
  void answer(const Batch& batch, std::size_t i, Outputs& outputs) {
    const auto start = Clock::now();
    const auto left = [&] { return options_.timeout_s - std::chrono::duration<double>(Clock::now() - start).count(); };
    std::vector<ChatPicture> pictures;
    double worst_tokens = kOverheadTokens;
    if (!batch.shown.empty()) {
      for (const Shown& shown : batch.shown[i]) {
        pictures.push_back({shown.at, data_url(*shown.picture)});
        worst_tokens +=
            static_cast<double>(options_.tokens_per_picture) - static_cast<double>(pictures.back().url.size());
        if (pictures.back().url.empty()) return refuse(i, "unreadable", "a picture has no size", outputs);
      }
    }
    const std::string body = chat_request(options_.chat, batch.texts[i], pictures);
    worst_tokens += static_cast<double>(body.size());
    if (!pictures.empty() && body.size() > kMaxRequestBytes)
      return refuse(i, "too-long", "its pictures make a request of " + std::to_string(body.size() >> 20) + " MiB",
                    outputs);
    Try last;
    for (std::uint64_t attempt = 0; attempt <= options_.retries; ++attempt) {
      if (attempt > 0) {
        const double wait = std::max(jitter(attempt), last.wait_s);
        if (wait >= left()) break;
        std::this_thread::sleep_for(std::chrono::duration<double>(wait));
      }
      const double worst = worst_tokens * options_.usd_per_input +
                           static_cast<double>(options_.chat.max_tokens) * options_.usd_per_output;
      if (!budget_.reserve(worst))
        return refuse(i, "over-budget",
                      "the budget of this run (max_usd, max_calls) does not allow another call" +
                          (last.why.empty() ? "" : "; before: " + last.why),
                      outputs);
      last = exchange(body, worst, left(), i, outputs);
      if (last.next == Next::done) return;
      if (last.next == Next::give_up) break;
    }
    refuse(i, "network-failed", options_.chat.model + ": " + last.why, outputs);
  }

  static void refuse(std::size_t i, std::string code, std::string detail, Outputs& outputs) {
    outputs.refusals[i] = std::move(code);
    outputs.details[i] = std::move(detail);
  }

  /// Exponential backoff with full jitter. Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
  /// 2015.
  double jitter(std::uint64_t attempt) {
    const double most = std::min(kLongestWait, std::ldexp(options_.backoff_s, static_cast<int>(attempt) - 1));
    thread_local std::mt19937_64 random{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(random) * most;
  }

  Try exchange(const std::string& body, double worst, double left_s, std::size_t i, Outputs& outputs) {
    HttpRequest request;
    request.url = options_.url + "/chat/completions";
    request.headers = {"Content-Type: application/json", "Accept: text/event-stream, application/json", "Expect:"};
    if (!options_.key.empty()) request.headers.push_back("Authorization: Bearer " + options_.key);
    request.body = body;
    request.total_s = std::max(0.01, left_s);
    request.idle_s = options_.idle_s;
    request.max_bytes = kMaxReplyBytes;
    ChatReply reply;
    std::string trouble;
    const HttpReply http = curl_http().send(request, [&](long status, std::string_view bytes) {
      if (status >= 200 && status < 300) return reply.add(bytes);
      trouble += bytes.substr(0, kMaxErrorBytes - std::min(kMaxErrorBytes, trouble.size()));
      return trouble.size() < kMaxErrorBytes;
    });
    const bool answered = http.status >= 200 && http.status < 300;
    if (!answered && http.status > 0) {
      budget_.settle(worst, 0.0);  // an error is not charged for
      return refused(http, trouble);
    }
    const bool whole = answered && http.whole && reply.whole();
    // What a call that was sent and not answered to the end cost is not known: all of what was set aside.
    double usd = http.sent ? worst : 0.0;
    if (whole && reply.prompt_tokens && reply.sampled_tokens) {
      usd = static_cast<double>(*reply.prompt_tokens) * options_.usd_per_input +
            static_cast<double>(*reply.sampled_tokens) * options_.usd_per_output;
    }
    budget_.settle(worst, usd);
    outputs.usd[i] += usd;
    outputs.tokens[i].prompt += reply.prompt_tokens.value_or(0);
    outputs.tokens[i].sampled += reply.sampled_tokens.value_or(0);
    if (!http.whole) return {http.too_large ? Next::give_up : Next::retry, http.why};
    if (!whole) return {Next::retry, reply.problem.empty() ? "its answer broke off" : reply.problem};
    return conclude(reply, i, outputs);
  }

  Try refused(const HttpReply& http, const std::string& trouble) const {
    std::string why = "HTTP " + std::to_string(http.status);
    if (http.status >= 300 && http.status < 400) return {Next::give_up, why + ", and redirects are not followed"};
    if (const std::string message = without_key(error_message(trouble)); !message.empty()) why += ": " + message;
    static constexpr long kPassing[] = {408, 409, 425, 429, 500, 502, 503, 504, 529};
    const bool passing = std::find(std::begin(kPassing), std::end(kPassing), http.status) != std::end(kPassing);
    return {passing ? Next::retry : Next::give_up, why, http.retry_after_s};
  }

  /// A server may repeat what it was sent.
  std::string without_key(std::string text) const {
    for (std::size_t at = 0; !options_.key.empty() && (at = text.find(options_.key)) != std::string::npos;)
      text.replace(at, options_.key.size(), "…");
    return text;
  }

  Try conclude(const ChatReply& reply, std::size_t i, Outputs& outputs) const {
    if (options_.chat.labels.empty()) {
      auto records = reply_records(options_.chat, reply);
      if (!records) return {Next::give_up, records.error().what};
      outputs.records[i] = std::move(*records);
      return {Next::done, ""};
    }
    const auto probabilities = label_probabilities(options_.chat, reply);
    if (!probabilities) return {Next::give_up, probabilities.error().what};
    const auto to = outputs.values[0].begin() + static_cast<std::ptrdiff_t>(i * options_.chat.labels.size());
    std::copy(probabilities->begin(), probabilities->end(), to);
    return {Next::done, ""};
  }

  const Options options_;
  Budget budget_;
};

}  // namespace

Result<std::unique_ptr<Model>> RemoteBackend::load(std::span<const std::byte>, const LoadSettings& settings) {
  auto options = read_options(settings);
  if (!options) return options.error();
  return std::unique_ptr<Model>(std::make_unique<RemoteModel>(std::move(*options)));
}

}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Backend* tenfold_backend(unsigned interface) {
  static auto* const backend = new tenfold::neural::RemoteBackend;
  return interface == tenfold::neural::kBackendInterface ? backend : nullptr;
}
