#include "base/abstention.h"

#include <algorithm>

namespace tenfold {
namespace {

using Kind = AbstentionKind;

constexpr AbstentionReason kReasons[] = {
    {"out-of-distribution", Kind::out_of_distribution, "a person, or a network that was trained on such inputs"},
    {"outside-population", Kind::out_of_distribution, "a network that was trained on such people"},
    {"blank", Kind::out_of_distribution, "the picture taken again, or a text that says something"},
    {"too-many-refusals", Kind::out_of_distribution, "fewer refused inputs behind one answer: look at each by itself"},
    {"below-confidence", Kind::below_confidence, "a dearer stage, or a person"},
    {"outside-vocabulary", Kind::outside_vocabulary, "a rule, a table row or a label for what was meant"},
    {"over-budget", Kind::over_budget, "a larger budget of calls or money"},
    {"too-dear", Kind::over_budget, "more time or memory for exact probabilities, or a threshold outside the interval"},
    {"network-failed", Kind::network_failed, "the same run once the network works again"},
    {"network-unavailable", Kind::network_failed, "the same run once the network is there"},
    {"too-long", Kind::over_budget, "a model with a longer context, or a shorter text"},
    {"not-an-answer", Kind::network_failed, "a larger model, or a larger max_tokens"},
    {"not-finite", Kind::network_failed, "a dearer stage, or a person"},
    {"unreadable", Kind::unreadable, "the file, whole and in a format that is read"},
    {"conflict", Kind::conflict, "a rule that says which of the two gives way, or a person"},
};

}  // namespace

std::span<const AbstentionReason> abstention_reasons() { return kReasons; }

AbstentionReason abstention_reason(std::string_view code) {
  const auto found =
      std::find_if(std::begin(kReasons), std::end(kReasons), [&](const auto& reason) { return reason.code == code; });
  return found == std::end(kReasons) ? AbstentionReason{code, Kind::by_rule, ""} : *found;
}

std::string_view to_text(AbstentionKind kind) {
  switch (kind) {
    case Kind::out_of_distribution:
      return "out-of-distribution";
    case Kind::below_confidence:
      return "below-confidence";
    case Kind::outside_vocabulary:
      return "outside-vocabulary";
    case Kind::over_budget:
      return "over-budget";
    case Kind::network_failed:
      return "network-failed";
    case Kind::unreadable:
      return "unreadable";
    case Kind::conflict:
      return "conflict";
    case Kind::by_rule:
      return "by-rule";
  }
  return "";
}

}  // namespace tenfold
