// The facts that the program itself states, by tuple: an evaluation keeps no place for them, so a proof looks here.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "lang/program.h"

namespace tenfold::answer {

class StatedFacts {
 public:
  explicit StatedFacts(const lang::Program& program) : program_(program) {}

  /// Indices into Program::facts of the facts that state this tuple, in the order of the text.
  const std::vector<std::uint32_t>& of(lang::RelationId relation, std::span<const Cell> row) {
    if (by_relation_.empty()) {
      by_relation_.resize(program_.relations.size());
      for (std::uint32_t f = 0; f < program_.facts.size(); ++f) by_relation_[program_.facts[f].relation].push_back(f);
    }
    static const std::vector<std::uint32_t> kNothing;
    if (relation >= by_relation_.size() || by_relation_[relation].empty()) return kNothing;
    auto [table, fresh] = rows_.try_emplace(relation);
    if (fresh)
      for (std::uint32_t f : by_relation_[relation]) table->second[program_.facts[f].row].push_back(f);
    const auto at = table->second.find({row.begin(), row.end()});
    return at == table->second.end() ? kNothing : at->second;
  }

 private:
  const lang::Program& program_;
  std::vector<std::vector<std::uint32_t>> by_relation_;
  std::map<lang::RelationId, std::map<std::vector<Cell>, std::vector<std::uint32_t>>> rows_;
};

}  // namespace tenfold::answer
