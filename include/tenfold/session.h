// A program with facts that can be asked.
//   auto program = tenfold::Program::compile_file("family.scl").value();
//   auto session = tenfold::Session::open(program, {.provenance = "topkproofs"}).value();
//   tenfold::Answer answer = session.ask().value();
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tenfold/answer.h"
#include "tenfold/result.h"

namespace tenfold {

struct Settings {
  std::string provenance;  // empty: exact where the program has probabilities or networks, else unit
  std::size_t k = 3;       // proofs kept by topkproofs
  std::set<std::string, std::less<>> without;  // levers switched off: demand, order, reuse …
  bool proofs = false;
  std::size_t proofs_count = 1;  // of each answer, at most
  ProofOrder proofs_order = ProofOrder::likeliest;
  bool depends_on = false;          // find the origins that each answer needs (evaluates once more for each)
  bool literals = false;            // fill AnswerTuple::literals
  double timeout_s = 0.0;           // 0 = none
  std::size_t memory_mib = 0;       // 0 = none
  std::uint64_t seed = 0;           // of the samplers uniform and categorical: the same seed draws the same
  std::optional<double> threshold;  // decide answers by their probability
  std::size_t winners = 0;          // decide which answers are among this many likeliest of those that differ from
                                    // them in the last column alone; 0 = not asked, 1 = argmax. Not with a threshold
  double tolerance = 0.0;           // how far apart the ends of a decided answer's interval may be; 0 = not asked
  std::string decide;               // the relation that is decided; empty = every queried one
  std::string abstain;              // a relation (…, reason: String, detail: String) whose tuples are abstentions
  /// Pairs of relations that exclude each other: where both are affirmed of the same arguments, both are abstained
  /// from.
  std::vector<std::pair<std::string, std::string>> conflicts;
  std::vector<std::string> queries;         // relations to ask for instead of the program's queries
  const std::atomic<bool>* stop = nullptr;  // what runs ends with the error `interrupted` once it is set
  bool updates = false;                     // sessions may insert and erase facts of any relation between answers
};

/// A compiled program with its static tables loaded and its networks named; shared by any number of sessions,
/// immutable.
class Program {
 public:
  struct Parts;
  /// Errors: everything that is wrong with the text, as one message list in `errors`, when there is room for them.
  static Result<Program> compile_file(const std::string& path, const Settings& settings = {},
                                      std::vector<Error>* errors = nullptr);
  const std::shared_ptr<const Parts>& parts() const { return parts_; }
  explicit Program(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

 private:
  std::shared_ptr<const Parts> parts_;
};

/// One question at a time; reusable, keeps its memory. Not thread-safe; a program may be used by many sessions at once.
class Session {
 public:
  static Result<Session> open(const Program& program);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// One fact, arguments as text of the relation's column types. Errors: unknown relation, arity, value of another
  /// type.
  Status add(const std::string& relation, const std::vector<std::string>& args, double probability = 1.0,
             const std::string& origin = "");
  /// That fact, however often it was stated, by whom and with what probability, is stated no more; what rules derive
  /// all the same stays. Needs Settings::updates for facts of the program and of its tables. Errors: as of add().
  Status erase(const std::string& relation, const std::vector<std::string>& args);
  /// Evaluates and answers; facts stay until clear(). With Settings::updates a later ask() carries what was added and
  /// erased since through what is there, where that pays; the answer is that of a fresh session either way.
  Result<Answer> ask();
  /// The last ask() did not start over.
  bool updated_in_place() const;
  void clear();

  struct State;
  State& state() { return *state_; }

 private:
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenfold
