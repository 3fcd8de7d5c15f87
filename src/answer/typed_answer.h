// What a language network is asked and may answer, from the program's columns; and what it said, as tuples.
#pragma once

#include <optional>
#include <vector>

#include "base/base.h"
#include "base/text_template.h"
#include "engine/engine.h"
#include "lang/program.h"
#include "neural/language.h"
#include "neural/network.h"

namespace tenfold::answer {

/// Fields from the free columns, tightened by the files that the program names. Requires a network without labels.
/// Errors: "no-file", those of neural::record_form and text_form.
Result<neural::AnswerForm> answer_form(const lang::Program& program, std::uint32_t network);

/// The program's, or that of the network's file; nothing where neither says one. Errors: "bad-prompt": said twice, or a
/// hole that is no bound column, with the place of whoever says it.
Result<std::optional<TextTemplate>> read_prompt(const lang::Program& program, std::uint32_t network,
                                                const neural::NetworkDescription& description);

/// Of the bound columns, which name a picture that the prompt shows. Errors: "bad-network": one that the program does
/// not bind, or that the prompt does not show.
Result<std::vector<bool>> shown_inputs(const lang::Program& program, std::uint32_t network,
                                       const neural::NetworkDescription& description,
                                       const std::optional<TextTemplate>& prompt);

/// Tuples over the free columns, each once with the largest of its probabilities. Nothing where a record does not fit
/// the columns: the answer is then no answer.
std::optional<std::vector<engine::Perception::Tuple>> tuples(const lang::Program& program, std::uint32_t network,
                                                             const std::vector<neural::Record>& records,
                                                             Symbols& symbols);

}  // namespace tenfold::answer
