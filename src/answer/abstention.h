// From what kept an answer open to an Abstention (tenfold/answer.h).
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "answer/perception.h"
#include "tenfold/answer.h"

namespace tenfold::answer {

/// With kind and settle as base/abstention.h has them for the reason.
Abstention abstention(AnswerTuple tuple, std::string reason, std::string detail,
                      std::vector<std::string> evidence = {});

/// An input that a network refused, as text, and what the network said.
struct Refused {
  std::string input;  // "finding(cxr-118.dcm)"
  const Seen* seen = nullptr;
};
/// A line for each.
std::vector<std::string> evidence(std::span<const Refused> refused);
/// Reason and detail of the first refusal, in the order of base/abstention.h; all of them are evidence.
Abstention abstention(AnswerTuple tuple, std::span<const Refused> refused);

/// Where two relations of a pair are both affirmed of the same arguments, both tuples become abstentions.
void withdraw_conflicts(Answer& answer, std::span<const std::pair<std::string, std::string>> pairs);

}  // namespace tenfold::answer
