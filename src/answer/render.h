// Answers for people and for programs: proofs as text trees, one answer a line of JSON, CSV and tables.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "proof/text.h"
#include "tenfold/answer.h"

namespace tenfold::answer {

using proof::TextStyle;

/// A warning as a person reads it: as an error, and called what it is.
std::string to_warning(const Error& warning);

/// An argument as it reads best: quoted where a blank or a comma would hide where it ends.
std::string readable(const std::string& arg);
/// A cell of RFC 4180: quoted where it must be.
std::string csv_cell(const std::string& text);

/// `alert(p, "x")   p = 0.93` and, below, what it rests on.
std::string to_text(const AnswerTuple& tuple, const TextStyle& style = {});
std::string to_text(const Abstention& abstention, const TextStyle& style = {});

nlohmann::ordered_json to_json(const AnswerTuple& tuple);
/// An object `{input, answers, abstained, receipt}` (contract, design section 7).
nlohmann::ordered_json to_json(const std::string& input, const Answer& answer);
/// An object `{input, error}`.
nlohmann::ordered_json to_json(const std::string& input, const Error& error);

/// One relation of an answer as `relation,probability,arg1,…` lines (RFC 4180), header first.
std::string to_csv(const Answer& answer);
/// As scli prints: `edge: {(0, 1), (1, 2)}`, or with tags `edge: {0.5::(0, 1), 1::(1, 2)}`.
std::string to_scallop(const Answer& answer, const std::vector<std::string>& relations, std::string_view provenance);
std::string to_table(const Answer& answer, const TextStyle& style = {});

}  // namespace tenfold::answer
