#include "neural/backends/chat.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace tenfold::neural {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNesting = 64;  // of JSON that comes from outside
// Of the first token: what is not one of the letters. Above, the model did not answer the question it was asked.
constexpr double kMaxElsewhere = 0.5;

std::string letter(std::size_t index) { return std::string(1, static_cast<char>('A' + index)); }

std::string trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

Error failed(std::string what) {
  return Error{"network-failed", {}, std::move(what), "look at what the server answers", ""};
}

/// Null when it is no JSON, or nested as nothing honest is.
json parse(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false, escaped = false;
  for (const char c : text) {
    if (quoted) {
      if (!escaped && c == '"') quoted = false;
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxNesting) return nullptr;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(nullptr) : value;
}

const json& at(const json& object, std::string_view key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

}  // namespace

std::string chat_request(const ChatSettings& settings, std::string_view prompt,
                         const std::vector<ChatPicture>& pictures) {
  json request = {{"model", settings.model},
                  {"temperature", 0},
                  {"stream", true},
                  {"stream_options", {{"include_usage", true}}},
                  {"max_tokens", settings.max_tokens}};
  std::string text(prompt);
  if (!settings.labels.empty() && settings.logprobs) {
    text += "\n\nAnswer with one letter and nothing else:";
    for (std::size_t i = 0; i < settings.labels.size(); ++i) text += "\n" + letter(i) + ": " + settings.labels[i];
    request["logprobs"] = true;
    request["top_logprobs"] = 20;  // the most that the interface allows
  } else if (!settings.labels.empty()) {
    text += "\n\nAnswer with one of these, as it is written, and nothing else:";
    for (const std::string& label : settings.labels) text += "\n" + label;
  } else {
    // The interface wants an object at the top, and a list is none.
    const json schema = {{"type", "object"},
                         {"properties", {{"answer", parse(settings.form.schema)}}},
                         {"required", {"answer"}},
                         {"additionalProperties", false}};
    request["response_format"] = {{"type", "json_schema"},
                                  {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
  }
  json content = text;
  if (!pictures.empty()) {
    content = json::array();
    std::size_t said = 0;
    const auto say = [&](std::size_t end) {
      if (end > said) content.push_back({{"type", "text"}, {"text", text.substr(said, end - said)}});
      said = end;
    };
    for (const ChatPicture& picture : pictures) {
      say(picture.at);
      content.push_back({{"type", "image_url"}, {"image_url", {{"url", picture.url}}}});
    }
    say(text.size());
  }
  request["messages"] = json::array({{{"role", "user"}, {"content", std::move(content)}}});
  return request.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool ChatReply::add(std::string_view bytes) {
  rest_ += bytes;
  const std::size_t begin = rest_.find_first_not_of(" \r\n\t");
  events_ = events_ || (begin != std::string::npos && rest_[begin] != '{');
  if (!events_) return true;  // one object: read when it is whole
  std::size_t from = 0;
  for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', from)) {
    line(std::string_view(rest_).substr(from, end - from));
    from = end + 1;
  }
  rest_.erase(0, from);
  return problem.empty() && !done_;
}

void ChatReply::line(std::string_view text) {
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (!text.starts_with("data:")) return;  // comments keep the line alive
  text.remove_prefix(5);
  const std::string data = trimmed(text);
  if (data == "[DONE]") {
    done_ = true;
  } else {
    object(data);
  }
}

void ChatReply::object(std::string_view text) {
  const json value = parse(text);
  if (!value.is_object()) {
    problem = "what it sent is no JSON";
    return;
  }
  if (value.contains("error") && !value["error"].is_null()) {
    problem = "it broke off with an error";
    return;
  }
  const json& usage = at(value, "usage");
  for (const auto& [key, to] : {std::pair{"prompt_tokens", &prompt_tokens}, {"completion_tokens", &sampled_tokens}})
    if (at(usage, key).is_number_unsigned()) *to = at(usage, key).get<std::uint64_t>();
  const json& choices = at(value, "choices");
  if (!choices.is_array() || choices.empty()) return;
  const json& choice = choices.front();
  const json& part = at(choice, "delta").is_object() ? at(choice, "delta") : at(choice, "message");
  content += text_of(at(part, "content"));
  if (at(choice, "finish_reason").is_string()) finish_reason = text_of(at(choice, "finish_reason"));
  const json& tokens = at(at(choice, "logprobs"), "content");
  if (!first.empty() || !tokens.is_array() || tokens.empty()) return;
  const json& alternatives = at(tokens.front(), "top_logprobs");
  if (!alternatives.is_array()) return;
  for (const json& each : alternatives)
    if (at(each, "logprob").is_number())
      first.push_back({text_of(at(each, "token")), at(each, "logprob").get<double>()});
}

bool ChatReply::whole() {
  if (!events_ && !std::exchange(parsed_, true)) {
    object(rest_);
    done_ = problem.empty();
  }
  return done_ && problem.empty();
}

Result<std::vector<double>> label_probabilities(const ChatSettings& settings, const ChatReply& reply) {
  const std::size_t n = settings.labels.size();
  std::vector<double> probabilities(n, 0.0);
  if (!settings.logprobs) {
    const auto named = std::find(settings.labels.begin(), settings.labels.end(), trimmed(reply.content));
    if (named == settings.labels.end()) return failed("it named none of the labels");
    probabilities[static_cast<std::size_t>(named - settings.labels.begin())] = 1.0;
    return probabilities;
  }
  if (reply.first.empty()) return failed("it gave no log-probabilities (logprobs = false takes its word for certain)");
  double seen = 0.0, labelled = 0.0, least = 1.0;
  std::vector<bool> named(n, false);
  for (const ChatReply::Alternative& each : reply.first) {
    const double p = std::exp(each.logprob);
    if (!(p >= 0.0 && p <= 1.0 + 1e-6)) return failed("its log-probabilities are none");
    seen += p;
    least = std::min(least, p);
    const std::string token = trimmed(each.token);
    if (token.size() != 1 || token[0] < 'A' || static_cast<std::size_t>(token[0] - 'A') >= n) continue;
    const auto label = static_cast<std::size_t>(token[0] - 'A');
    probabilities[label] += p;
    named[label] = true;
    labelled += p;
  }
  if (seen > 1.0 + 1e-3) return failed("its log-probabilities are none");
  if (labelled < 1.0 - kMaxElsewhere) return failed("it named none of the labels");
  // A label that is not among the likeliest tokens has at most what the last of these has, and what is left over.
  const auto unnamed = static_cast<double>(std::count(named.begin(), named.end(), false));
  double sum = labelled;
  for (std::size_t i = 0; i < n; ++i) {
    if (named[i]) continue;
    probabilities[i] = std::min(least, std::max(0.0, 1.0 - seen) / unnamed);
    sum += probabilities[i];
  }
  for (double& p : probabilities) p /= sum;
  return probabilities;
}

Result<std::vector<Record>> reply_records(const ChatSettings& settings, const ChatReply& reply) {
  if (reply.finish_reason == "length") return failed("its answer was cut short (max_tokens)");
  auto read = read_records(settings.form, at(parse(reply.content), "answer").dump());
  if (!read) return failed("its answer has not the form it was asked for: " + read.error().what);
  std::vector<Record> records;
  for (std::string& record : *read) records.push_back({std::move(record), 1.0});
  return records;
}

std::string error_message(std::string_view body) {
  const json value = parse(body);
  const json& error = at(value, "error");
  std::string text = error.is_string() ? error.get<std::string>() : text_of(at(error, "message"));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  constexpr std::size_t kShown = 200;
  if (text.size() > kShown) {
    std::size_t cut = kShown;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    text = text.substr(0, cut) + "…";
  }
  return text;
}

}  // namespace tenfold::neural
