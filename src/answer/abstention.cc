#include "answer/abstention.h"

#include <algorithm>
#include <set>

#include "answer/proof_builder.h"
#include "base/abstention.h"
#include "proof/proof.h"

namespace tenfold::answer {
namespace {

std::size_t rank(const std::string& code) {
  const auto all = abstention_reasons();
  return static_cast<std::size_t>(
      std::find_if(all.begin(), all.end(), [&](const auto& reason) { return reason.code == code; }) - all.begin());
}

std::string text(const AnswerTuple& tuple) { return proof::atom_text(tuple.relation, tuple.args); }

std::vector<std::string> evidence(const AnswerTuple& tuple) {
  std::vector<std::string> out{text(tuple)};
  if (tuple.proof)
    for (std::string& origin : origins(*tuple.proof)) out.push_back(std::move(origin));
  return out;
}

}  // namespace

Abstention abstention(AnswerTuple tuple, std::string reason, std::string detail, std::vector<std::string> evidence) {
  const AbstentionReason known = abstention_reason(reason);
  Abstention out{
      std::move(tuple.relation), std::move(tuple.args),    "", std::move(detail), std::string(to_text(known.kind)),
      std::move(evidence),       std::string(known.settle)};
  out.reason = std::move(reason);
  return out;
}

std::vector<std::string> evidence(std::span<const Refused> refused) {
  std::vector<std::string> out;
  for (const Refused& r : refused)
    out.push_back(r.input + ": " + r.seen->refusal + (r.seen->detail.empty() ? "" : ", " + r.seen->detail));
  return out;
}

Abstention abstention(AnswerTuple tuple, std::span<const Refused> refused) {
  const auto first = std::min_element(refused.begin(), refused.end(), [](const Refused& a, const Refused& b) {
    return std::pair(rank(a.seen->refusal), a.input) < std::pair(rank(b.seen->refusal), b.input);
  });
  return abstention(std::move(tuple), first->seen->refusal, first->seen->detail, evidence(refused));
}

void withdraw_conflicts(Answer& answer, std::span<const std::pair<std::string, std::string>> pairs) {
  std::set<std::size_t> withdrawn;
  std::vector<Abstention> found;
  const auto affirmed = [&](std::size_t i) { return answer.tuples[i].decision.value_or(true); };
  for (const auto& [one, other] : pairs)
    for (std::size_t i = 0; i < answer.tuples.size(); ++i)
      for (std::size_t j = 0; j < answer.tuples.size(); ++j) {
        const AnswerTuple &a = answer.tuples[i], &b = answer.tuples[j];
        if (a.relation != one || b.relation != other || a.args != b.args || !affirmed(i) || !affirmed(j)) continue;
        for (const auto& [mine, theirs] : {std::pair(i, j), std::pair(j, i)}) {
          if (!withdrawn.insert(mine).second) continue;
          found.push_back(abstention(answer.tuples[mine], "conflict",
                                     "affirmed together with " + text(answer.tuples[theirs]) + ", which excludes it",
                                     evidence(answer.tuples[theirs])));
        }
      }
  for (auto i = withdrawn.rbegin(); i != withdrawn.rend(); ++i)
    answer.tuples.erase(answer.tuples.begin() + static_cast<std::ptrdiff_t>(*i));
  for (Abstention& a : found) answer.abstained.push_back(std::move(a));
}

}  // namespace tenfold::answer
