// A network that is a table: probabilities by key, no pixels. For tests, for trying rules before a network is trained,
// and for the stub networks of .test files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "neural/backend.h"

namespace tenfold::neural {

/// Probabilities of one key in the order of the labels, or records, or a refusal's code.
struct TableRow {
  std::vector<double> probabilities;
  std::string refusal;
  std::vector<Record> records = {};
  double score = 0.0;  // for a gate
};
using Table = std::map<std::string, TableRow, std::less<>>;

/// Reads "KEY LABEL P [LABEL P]… | KEY refused CODE | …" as .test files write it; `|` or a line break ends a row, and a
/// word with blanks stands in double quotes. Labels that are not named share what is left of 1 equally. With a `score`
/// each such row gives it as well, a number after that name: "KEY LABEL P score 2.5".
/// Without labels a row reads "KEY says (VALUE, VALUE) P (VALUE, VALUE) P …" with a value for each field and a
/// probability that is 1 unless said, or "KEY says nothing". Errors: "bad-table" with line and column in `file`.
Result<Table> read_table(std::string_view text, const std::vector<std::string>& labels, const std::string& file,
                         const AnswerForm& form = {}, const std::string& score = "");

/// Loads what read_table reads. Its outputs are probabilities and, of a network with a gate, a score.
class TableBackend : public Backend {
 public:
  Traits traits(const LoadSettings&) const override { return {}; }
  Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) override;
};

}  // namespace tenfold::neural
