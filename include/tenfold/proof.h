// Why a tuple is there, as data: the steps of one proof, each once, however many others rest on it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

/// One step of a proof and what it rests on.
struct ProofStep {
  enum class Kind : std::uint8_t {
    rule,       // derived by a rule: premises are its atoms, in the order of the text; computed ones are left out
    fact,       // given
    absent,     // `not p(…)`: no such tuple; premises are the inputs that had to fall the way they did
    perceived,  // a network's label
    aggregate,  // premises: the tuples counted or picked, and the absences of those that might have been
    assumed,    // a network declined this input: holds only if it had said so
    denied,     // an uncertain input (or the event of a rule or an aggregate) that is taken not to hold
  };
  Kind kind = Kind::fact;
  std::string relation;
  std::vector<std::string> args;
  std::vector<bool> open;    // absent: columns that may hold anything; empty = none
  double probability = 1.0;  // fact, perceived, denied: of the input; rule, aggregate: of the event that it makes
  std::string origin;        // fact: the resource, file row or place in the program; perceived: network and stage
  std::string rule;          // rule, aggregate: its text
  Place place;               // rule, aggregate: where it stands
  std::string source;        // rule: the publication that it cites
  std::vector<std::pair<std::string, std::string>> bindings;  // tagged rule: what tells its event from its others
  bool made = false;                                          // of a relation made by desugaring: read through it
  std::vector<std::uint32_t> premises;                        // of later steps: a proof has no cycle
};

/// steps[0] is what was proved; empty when nothing is recorded. The probability is that of all inputs that the proof
/// rests on falling as it says, each counted once.
struct Proof {
  std::vector<ProofStep> steps;
  double probability = 1.0;
};

enum class ProofOrder : std::uint8_t { likeliest, smallest };

/// How far one rule got towards a tuple that is not there.
struct NearMiss {
  std::string rule;
  Place place;
  std::vector<std::string> matched;  // the literals that can be satisfied together, from the left, with their values
  std::string failed;                // the literal that then cannot be; empty when the head cannot be the tuple
  std::uint32_t inner = 0;           // index into WhyNot::tuples of the failed literal's tuple; 0 = not looked into
};

/// Why a tuple is absent: for it, and for the tuples whose absence explains that, what each rule would have needed.
struct WhyNot {
  struct Tuple {
    std::string relation;
    std::vector<std::string> args;  // "_" where anything would have done
    std::string note;               // "no rule derives it and no fact states it"
    std::vector<NearMiss> rules;
  };
  std::vector<Tuple> tuples;  // tuples[0] is what was asked
};

}  // namespace tenfold
