// Why a tuple is not there: for each rule that could derive it, the longest run of its body that can be satisfied, and
// what then fails; the same for the tuples whose absence that is, a few levels deep.
#pragma once

#include <optional>
#include <vector>

#include "engine/engine.h"
#include "tenfold/proof.h"

namespace tenfold::answer {

class WhyNotFinder {
 public:
  /// Tuples are those of a finished evaluation; what it was not asked for looks absent, so plan without `demand`.
  WhyNotFinder(const engine::Evaluation& evaluation, Symbols& symbols)
      : e_(evaluation), program_(*evaluation.plan().program), symbols_(symbols) {}

  /// `args`: nothing = any value would have done.
  WhyNot explain(lang::RelationId relation, const std::vector<std::optional<Cell>>& args);

 private:
  using Args = std::vector<std::optional<Cell>>;
  struct Attempt;
  std::uint32_t add(lang::RelationId relation, const Args& args, std::size_t depth);
  void look(std::size_t number);
  std::string note(lang::RelationId relation, const Args& args) const;
  std::string aggregate_note(const lang::Aggregate& a, const Args& args) const;
  NearMiss try_rule(const lang::Rule& rule, const Args& args, std::optional<std::pair<lang::RelationId, Args>>& failed);
  bool derived(lang::RelationId relation) const;

  const engine::Evaluation& e_;
  const lang::Program& program_;
  Symbols& symbols_;
  struct Pending {
    lang::RelationId relation;
    Args args;
    std::size_t depth;
  };
  std::vector<Pending> pending_;
  WhyNot out_;
};

}  // namespace tenfold::answer
