// Why one tuple holds, or why it does not: what `tenfold why` and `:why` ask.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tenfold/session.h"

namespace tenfold::answer {

struct ExplainOptions {
  std::size_t count = 1;  // proofs, at most
  ProofOrder order = ProofOrder::smallest;
};

/// A tuple that holds has proofs (best first; none only where the search met its bounds), one that does not has `why`.
struct Explanation {
  AnswerTuple tuple;  // probability, first proof and more_proofs; meaningful when `why` is empty
  std::optional<WhyNot> why;
};

/// Evaluates the session and explains one tuple. `args` as text, as Session::add takes them; `_` = any value, for a
/// tuple that is sought by a part of its columns (the first that fits is explained).
/// Requires a program compiled with Settings::proofs and `demand` among Settings::without, else derived tuples may be
/// missing that nobody asked for. Errors: unknown-relation, arity, bad-value, no-proofs, and those of evaluation.
Result<Explanation> explain_tuple(Session& session, const std::string& relation, const std::vector<std::string>& args,
                                  const ExplainOptions& options = {});

/// "path(1, \"a b\")" in two: the relation and its arguments as text. Errors: bad-tuple.
Result<std::pair<std::string, std::vector<std::string>>> parse_tuple(const std::string& text);

}  // namespace tenfold::answer
