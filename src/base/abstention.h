// Why nothing is said: one list for all who may decline, be it a network, a limit or a rule.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tenfold {

enum class AbstentionKind : std::uint8_t {
  out_of_distribution,  // an input unlike those that a network was made for
  below_confidence,     // every stage was too unsure
  outside_vocabulary,   // the question or the answer has no word in the rules
  over_budget,          // time, memory, money or calls did not suffice
  network_failed,       // it crashed, hung, was not there or said garbage
  unreadable,           // the input itself
  conflict,             // rules affirm what excludes each other
  by_rule,              // the program says so, with a code of its own
};

/// A reason as answers carry it: `code` in kebab case, and in words what would settle the matter.
struct AbstentionReason {
  std::string_view code;
  AbstentionKind kind;
  std::string_view settle;
};

/// All codes that the system itself gives.
std::span<const AbstentionReason> abstention_reasons();
/// That of the code; `by_rule`, with nothing that would settle it, for a code that a program made up.
AbstentionReason abstention_reason(std::string_view code);
/// "out-of-distribution" and so on.
std::string_view to_text(AbstentionKind kind);

}  // namespace tenfold
