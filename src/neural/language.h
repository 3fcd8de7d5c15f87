// What a language model may say: the form of its answers, which a back end holds it to, token by token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::neural {

/// A value of a record, as JSON holds it. The range, that of the column's type, is of a whole number only.
struct Field {
  enum class Kind : std::uint8_t { text, character, whole, number, truth };
  std::string name;
  Kind kind = Kind::text;
  std::int64_t least = 0;
  std::uint64_t most = 0;
};

/// What an answer may be. labels: one of LoadSettings::labels, each with its probability. record: one value for each
/// field. records: a list of such. text: one value, which is the text that `grammar` lets through.
struct AnswerForm {
  enum class Kind : std::uint8_t { labels, record, records, text };
  Kind kind = Kind::labels;
  std::vector<Field> fields;
  std::string schema;   // of what is said, for a back end that takes JSON schemas; empty for labels and text
  std::string grammar;  // the same in GBNF, for one that takes grammars; empty for labels
};

/// An object with these fields in this order, or a list of such. A schema may tighten them, and give them another
/// order: its properties are the fields, of their kinds. What of it a grammar cannot hold a model to is an error, so
/// that nothing that was asked for is left unconstrained. It may have: type, properties, required, additionalProperties
/// = false, items, minItems, maxItems, enum, const, minLength, maxLength, minimum and maximum of whole numbers, and
/// what only describes. Errors: "bad-schema" with line and column in `file`.
Result<AnswerForm> record_form(std::vector<Field> fields, bool many, std::string_view schema = {},
                               const std::string& file = {});

/// Any text that the grammar lets through (grammar.h). Errors: those of Grammar::parse.
Result<AnswerForm> text_form(std::string_view gbnf, const std::string& file);

/// What was said, as records: each a JSON object with its fields in the form's order, or the text itself. A list may
/// name one record twice. Errors: "not-an-answer".
Result<std::vector<std::string>> read_records(const AnswerForm& form, std::string_view said);

/// One record of a language network: `json` holds an object with a value for each field, or the text itself.
struct Record {
  std::string json;
  double probability = 1.0;
  friend bool operator==(const Record&, const Record&) = default;
};

/// What runs of a language model evaluated or did not need to.
struct Tokens {
  std::uint64_t prompt = 0;   // of prompts, evaluated
  std::uint64_t reused = 0;   // of prompts, evaluated before: the prefix is another's too
  std::uint64_t sampled = 0;  // chosen by the model
  std::uint64_t forced = 0;   // appended: the form allows nothing else
  Tokens& operator+=(const Tokens& other) {
    prompt += other.prompt, reused += other.reused, sampled += other.sampled, forced += other.forced;
    return *this;
  }
  Tokens& operator-=(const Tokens& other) {
    prompt -= other.prompt, reused -= other.reused, sampled -= other.sampled, forced -= other.forced;
    return *this;
  }
  friend bool operator==(const Tokens&, const Tokens&) = default;
};

}  // namespace tenfold::neural
