// Proofs of the tuples of an evaluation, as data (tenfold/proof.h): builds the graph of what a tuple rests on
// (proof_graph.h), chooses in it (proof_search.h) and writes the steps out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "answer/proof_search.h"
#include "tenfold/proof.h"

namespace tenfold::answer {

/// Says where a perceived tuple came from: "chest-xray small, calibrated"; and whether it was assumed, not said.
struct Perceived {
  std::string origin;
  bool assumed = false;
};
using PerceivedBy = std::function<Perceived(std::uint32_t network, std::span<const Cell> inputs)>;

struct ProofOptions {
  std::size_t count = 1;
  ProofOrder order = ProofOrder::likeliest;
};

struct Proofs {
  std::vector<Proof> list;
  bool complete = false;  // no other proof rests on other uncertain inputs (or, of a certain tuple: no other at all)
};

/// Keeps the graph from tuple to tuple. `symbols` are those of the evaluation.
class ProofBuilder {
 public:
  ProofBuilder(const engine::Evaluation& evaluation, Symbols& symbols, PerceivedBy perceived_by,
               const ProofOptions& options = {})
      : e_(evaluation),
        program_(*evaluation.plan().program),
        symbols_(symbols),
        perceived_by_(std::move(perceived_by)),
        options_(options),
        graph_(evaluation, symbols, options.order) {}

  /// Best first. Requires an evaluation with Options::proofs; empty where no proof was found within bounds.
  Proofs prove(engine::RelationId relation, engine::Row row);

 private:
  struct Writing;
  Proof write(NodeId root, const Choice& choice);
  ProofStep step(NodeId node, const Alternative& a);
  void fact(NodeId node, const Alternative& a, ProofStep& step);
  void perceived(NodeId node, const engine::Firing& firing, ProofStep& step);
  void rule(NodeId node, const Alternative& a, ProofStep& step);
  ProofStep denied(const Leaf& leaf);
  ProofStep absence(NodeId parent, const Alternative& a, const Item& item);
  std::vector<std::string> args_text(engine::RelationId relation, std::span<const Cell> cells) const;
  const lang::Rule& rule_of(NodeId node, const Alternative& a) const;

  const engine::Evaluation& e_;
  const lang::Program& program_;
  Symbols& symbols_;
  PerceivedBy perceived_by_;
  ProofOptions options_;
  ProofGraph graph_;
};

/// Every origin that the facts of a proof name, in order, once each.
std::vector<std::string> origins(const Proof& proof);

}  // namespace tenfold::answer
