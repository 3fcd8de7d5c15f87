// Prints answers under `unit` straight from the set executor: a closure of millions of tuples is sorted and written row
// of bits by row of bits, and never becomes a list of answers.
#pragma once

#include <functional>
#include <string_view>

#include "answer/parts.h"

namespace tenfold::answer {

/// True when all that is asked lies in the evaluation's set executor and needs no proof, decision or abstention.
bool can_write_sets(const Program::Parts& parts, const engine::Evaluation* evaluation);

/// `format`: csv, scallop or table, as to_csv(), to_scallop() and to_table() print them. Hands text over in pieces of
/// some 64 KiB; `out` returns false to stop. False when it did.
bool write_sets(const Program::Parts& parts, const engine::Evaluation& evaluation, std::string_view format, bool colour,
                const std::function<bool(std::string_view)>& out);

}  // namespace tenfold::answer
