// A program text through lang, plan and engine to answers as text, with stub networks. What the text tests and the
// fuzzer run; nothing here knows what an answer should be.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lang/program.h"
#include "tenfold/result.h"

namespace tenfold::answers {

using Row = std::vector<std::string>;          // values as plain() writes them
using Table = std::map<Row, double>;           // tuple to probability
using Answers = std::map<std::string, Table>;  // by the name of the query

/// What a stub network says: probabilities in the order of its labels, or tuples, or a refusal.
struct Saying {
  std::vector<double> probabilities;
  std::string refusal;
  std::vector<std::pair<Row, double>> tuples = {};  // of a network without labels, over its free columns
};
/// What a network says of each input, as a table that backends/table.h reads. Of one with labels.
std::string table_text(const std::map<Row, Saying>& sayings, const std::vector<std::string>& labels);
/// Nothing: the test did not foresee this input, and the run fails.
using Stub = std::function<std::optional<Saying>(const std::string& network, const Row& inputs)>;

struct Settings {
  std::string provenance = "unit";
  std::size_t k = 3;
  std::set<std::string, std::less<>> without;
  bool proofs = false;
  bool shared_base = false;  // facts of the program in a frozen base, evaluation in a child of it
  bool again = false;        // evaluate twice, the second time after reset()
  unsigned threads = 1;      // above 1 every rule that can be shared among threads is, however small
  double timeout_s = 300;    // sanitizers take ten times as long, and exact answers may not depend on that
};

struct Run {
  Answers answers;
  std::map<std::string, std::set<Row>> asked;  // per network, what it was shown
  std::map<std::string, std::size_t> domain;   // per network, how many inputs it could have
  std::map<std::string, std::size_t> counted;  // per network, how many it would be shown without `order`
  bool cut = false;
  std::vector<std::string> notes;
};

Result<Run> run(const lang::Program& program, const Settings& settings, const Stub& stub);

/// One tuple as text: 0.93 :: (7, a).
std::string show(const Row& row, double probability);
std::string show(const Table& table);

}  // namespace tenfold::answers
