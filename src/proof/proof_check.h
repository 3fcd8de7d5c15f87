// One proof under the checker's eyes; see checker.h for what is checked.
#pragma once

#include <functional>

#include "proof/models.h"

namespace tenfold::proof {

class ProofCheck {
 public:
  using Object = std::function<void(std::size_t step, const std::string& what)>;
  ProofCheck(lang::Program& program, GivenFacts& given, Models& models, const CheckSettings& settings,
             const Proof& proof, Object object)
      : program_(program), given_(given), models_(models), settings_(settings), proof_(proof), object_(object) {}

  /// Reads the steps and takes in the inputs that they rest on. False: nothing more can be said.
  bool read(lang::RelationId root, const std::vector<std::string>& args);
  /// The rest. Requires read(), of all proofs about this input.
  void run();
  const Literals& literals() const { return literals_; }
  /// It rests on inputs that hold alone.
  bool monotone() const { return monotone_; }

 private:
  struct Step {
    lang::RelationId relation = lang::kNone;
    std::vector<std::optional<Cell>> args;
    Row row;  // when no column is open
    std::vector<Literal> literal;
  };
  bool shape();
  bool read_step(std::size_t i);
  bool read_tuple(std::size_t i);
  bool leaf(std::size_t i);
  bool from_network(std::size_t i);
  bool computed(std::size_t i);
  void computed_absent(std::size_t i);
  /// An atom that proofs speak of.
  bool told(const lang::Literal& literal) const;
  bool uncertain(lang::RelationId relation) const;
  bool denied_event(std::size_t i);
  bool denied_outcome(const lang::Aggregate& a, std::size_t i);
  bool event_of_rule(const lang::Rule& rule, std::size_t i);
  void rule(std::size_t i);
  bool instance(const lang::Rule& rule, std::size_t i, std::string& why);
  void absent(std::size_t i);
  void aggregate(std::size_t i);
  const lang::Aggregate* aggregate_of(std::size_t i) const;
  bool rests_on_group(const lang::Aggregate& a, std::size_t i);
  void outcome(const lang::Aggregate& a, std::size_t i);
  void members(const lang::Aggregate& a, std::size_t i, std::size_t first);
  std::optional<std::vector<double>> weights(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows);
  Literals closure(const std::vector<std::uint32_t>& from, bool through_absences) const;
  Literals joined(Literals a, const Literals& b) const;
  bool says_nothing_else(std::size_t i, bool origin, bool rule);
  bool tags() const { return settings_.provenance != "unit"; }
  bool fail(std::size_t step, const std::string& what) {
    object_(step, what);
    return false;
  }

  lang::Program& program_;
  GivenFacts& given_;
  Models& models_;
  const CheckSettings& settings_;
  const Proof& proof_;
  Object object_;
  std::vector<Step> steps_;
  Literals base_, literals_;
  bool monotone_ = true;
};

}  // namespace tenfold::proof
