// What a question gets back: tuples with probability, decision and proof; what could not be decided and why; and the
// receipt that says what was run, what was not, and what that cost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenfold/proof.h"
#include "tenfold/result.h"

namespace tenfold {

/// A tuple of a queried relation. `args` as text: strings raw, floats shortest, times ISO 8601.
struct AnswerTuple {
  std::string relation;
  std::vector<std::string> args;
  std::vector<std::string> literals;  // the same as the language writes them ("x" quoted)
  double probability = 1.0;
  std::optional<std::pair<double, double>> interval;  // where the probability is only bounded
  std::optional<bool> decision;                       // where a threshold was given
  std::optional<Proof> proof;
  std::vector<Proof> more_proofs;       // after the first, where several were asked for
  bool proofs_complete = false;         // these are all proofs that there are
  std::vector<std::string> depends_on;  // origins without which the tuple would not be there
};

/// A tuple that can be neither affirmed nor denied. `reason` is kebab-case ("out-of-distribution"; docs/abstaining.md
/// has all that the system gives, a program may make up others), `kind` the family that it belongs to ("by-rule" where
/// a program made it up), `detail` for people.
struct Abstention {
  std::string relation;
  std::vector<std::string> args;
  std::string reason;
  std::string detail;
  std::string kind;
  std::vector<std::string> evidence;  // what it rests on: inputs that a network refused, with why; facts in conflict
  std::string settle;                 // what would settle it, for people
};

/// Tokens of a language model: of prompts, evaluated now or as another's prefix; chosen by the model; appended because
/// the form of the answer allows nothing else.
struct TokenUse {
  std::uint64_t prompt = 0, reused = 0, sampled = 0, forced = 0;
  TokenUse& operator+=(const TokenUse& other) {
    prompt += other.prompt, reused += other.reused, sampled += other.sampled, forced += other.forced;
    return *this;
  }
};

/// What one stage of a network did, and what it was spared. The stage asked first stands for the network: its run,
/// turned_away and avoided add up to all inputs that the network could have seen. For a later stage run and avoided add
/// up to those that reached the network and no stage before refused.
struct NetworkUse {
  std::string name;
  std::string stage;
  std::uint64_t run = 0;
  std::map<std::string, std::uint64_t> avoided;  // by lever
  double flops = 0.0;
  double wall_s = 0.0;  // within the models
  double usd = 0.0;     // charged by a remote service
  TokenUse tokens = {};
  std::uint64_t failed = 0;       // of those run: no usable answer came back
  std::uint64_t turned_away = 0;  // before any stage, by decoder or gate
};

/// What was read from files through one adapter. `decoded` of the `there` units (pages, frames, pictures) of the files
/// that were opened were decoded: no rule asked for the others.
struct MediaUse {
  std::string adapter, unit;
  std::uint64_t reads = 0, there = 0, decoded = 0;
  double cpu_s = 0.0;  // of decoding, in whatever process
};

/// What a cascade's thresholds were found to promise of a network, and whether that still holds: with `confidence`, at
/// most `error` of what `target` names (docs/guarantees.md).
struct Promise {
  std::string network, target, scope;
  double error = 0.0, confidence = 0.0;
  bool holds = true;
  std::string why;  // where it does not
};

/// What answering cost. FLOPs count a multiply-add as 2; joules are modelled from CPU seconds unless `joules_source`
/// says rapl; money and carbon from prices.toml.
struct Receipt {
  std::vector<NetworkUse> networks;
  std::vector<MediaUse> media;
  std::vector<Promise> promises;  // as they stand at the end
  double flops = 0.0;
  double flops_neural_only = 0.0;
  double wall_s = 0.0;
  double cpu_s = 0.0;
  double joules = 0.0;
  std::string joules_source = "model";
  double usd = 0.0;         // usd_remote, and what the CPU time costs
  double usd_remote = 0.0;  // charged by remote models
  std::string usd_source;
  double gco2e = 0.0;
  std::uint64_t abstained = 0;

  /// Sums two receipts; networks are matched by name and stage.
  void add(const Receipt& other);
  void add(const MediaUse& use);
};

struct Answer {
  std::vector<AnswerTuple> tuples;  // by relation in the order asked, then by arguments
  std::vector<Abstention> abstained;
  std::vector<std::string> warnings;
  std::optional<Error> stopped;         // a limit of time or memory was reached: what is here is whole all the same
  std::vector<std::string> unfinished;  // queries that it kept from being answered
  std::string provenance;               // what a probability means
  std::uint64_t seed = 0;               // of the samplers
  Receipt receipt;
};

}  // namespace tenfold
