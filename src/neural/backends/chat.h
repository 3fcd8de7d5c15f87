// What is said to a chat model and what it says back: the JSON of OpenAI's chat completions, which most servers and
// providers speak. No network here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neural/backend.h"

namespace tenfold::neural {

struct ChatSettings {
  std::string model;
  std::vector<std::string> labels;  // of a choice; empty: a record is asked for
  AnswerForm form;
  bool logprobs = true;          // the server gives them; without, the label that it names is taken for certain
  std::uint64_t max_tokens = 0;  // of an answer
};

/// A picture of a prompt, before its byte `at`.
struct ChatPicture {
  std::size_t at = 0;
  std::string url;
};

/// The body of a request.
std::string chat_request(const ChatSettings& settings, std::string_view prompt,
                         const std::vector<ChatPicture>& pictures = {});

/// Reads a reply as it comes: a stream of events, or one JSON object.
class ChatReply {
 public:
  /// False: enough, or hopeless.
  bool add(std::string_view bytes);
  /// The stream said that it is at its end, or the object is whole.
  bool whole();

  std::string content;
  std::string finish_reason;
  struct Alternative {
    std::string token;
    double logprob = 0.0;
  };
  std::vector<Alternative> first;  // of the first token; empty: the server gave none
  std::optional<std::uint64_t> prompt_tokens, sampled_tokens;
  std::string problem;  // what is wrong with the reply

 private:
  void line(std::string_view text);
  void object(std::string_view json);

  std::string rest_;
  bool events_ = false, done_ = false, parsed_ = false;
};

/// Probabilities of the labels, by the letters that chat_request gave them. Errors: "network-failed" with what is
/// missing: log-probabilities, or a label.
Result<std::vector<double>> label_probabilities(const ChatSettings& settings, const ChatReply& reply);

/// The records that the reply holds, checked against the form. Errors: "network-failed".
Result<std::vector<Record>> reply_records(const ChatSettings& settings, const ChatReply& reply);

/// What a server says is wrong ({"error": {"message": …}}), shortened; empty when it says nothing that can be read.
std::string error_message(std::string_view body);

/// Labels that a choice by log-probabilities can have: each is one letter.
constexpr std::size_t kMaxChoices = 26;

}  // namespace tenfold::neural
