// The models of one set of facts, by what they take for granted; made when they are asked for, and a few are kept.
#pragma once

#include <map>
#include <memory>

#include "proof/computed.h"
#include "proof/given.h"
#include "proof/lineage.h"

namespace tenfold::proof {

class Models {
 public:
  Models(GivenFacts& given, const CheckSettings& settings) : given_(given), settings_(settings) {}

  /// With no literals: the open model.
  Model& with(const Literals& literals);
  Lineages& lineages();
  /// The terms that the program makes.
  TermRows terms();
  /// After the facts changed.
  void forget();

 private:
  GivenFacts& given_;
  const CheckSettings& settings_;
  std::map<Literals, std::unique_ptr<Model>> kept_;
  std::unique_ptr<Lineages> lineages_;
};

}  // namespace tenfold::proof
