// Reads proofs from the firings of an evaluation: of each tuple its likeliest firing, down to facts, absences and what
// networks said. Relations made by desugaring are looked through.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "tenfold/answer.h"

namespace tenfold::answer {

/// Says where a perceived tuple came from: "chest-xray small, calibrated"; and whether it was assumed, not said.
struct Perceived {
  std::string origin;
  bool assumed = false;
};
using PerceivedBy = std::function<Perceived(std::uint32_t network, std::span<const Cell> inputs)>;

class ProofBuilder {
 public:
  ProofBuilder(const engine::Evaluation& evaluation, PerceivedBy perceived_by)
      : e_(evaluation), program_(*evaluation.plan().program), perceived_by_(std::move(perceived_by)) {}

  /// Requires an evaluation with Options::proofs, or an uncertain row.
  Proof prove(engine::RelationId relation, engine::Row row);

 private:
  struct Choice {
    double score = 0.0;
    std::uint32_t firing = engine::kNone;
  };
  Choice choose(engine::RelationId relation, engine::Row row, int depth);
  double score(engine::RelationId relation, const engine::Firing& firing, int depth);
  Proof step(engine::RelationId relation, engine::Row row, int depth);
  void premises(const engine::Firing& firing, engine::RelationId relation, Proof& proof, int depth);
  void append(engine::RelationId relation, engine::Row row, Proof& proof, int depth);
  Proof absence(const plan::PlanRule& rule, const lang::Literal& literal, engine::Row row,
                std::span<const engine::Row> matched, int depth);
  std::vector<std::string> args_text(engine::RelationId relation, std::span<const Cell> cells) const;
  bool synthetic(engine::RelationId relation) const { return e_.plan().relations[relation].synthetic; }

  const engine::Evaluation& e_;
  const lang::Program& program_;
  PerceivedBy perceived_by_;
  std::map<std::pair<engine::RelationId, engine::Row>, Choice> chosen_;
  std::set<std::pair<engine::RelationId, engine::Row>> under_way_;
};

/// Every origin that the facts of a proof name, in order, once each.
std::vector<std::string> origins(const Proof& proof);

}  // namespace tenfold::answer
