// The aggregates of the language, a row each: what they take, what they give, which parameters they know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/syntax.h"

namespace tenfold::lang {

/// agg<positional, flags>[args](vars: …) gives a number if `index`, then args, then vars, or one value of its own.
struct AggregateForm {
  enum class Takes : std::uint8_t { none, any, some };        // variables in square brackets
  enum class Vars : std::uint8_t { optional, one, several };  // variables before the colon
  enum class Parameter : std::uint8_t { none, size, required_size, text };
  enum class Flags : std::uint8_t { none, order, all };  // <asc>, <desc>; <all>
  AggregateOp op;
  std::string_view name;
  Takes takes = Takes::none;
  Vars vars = Vars::several;
  bool index = false, gives_args = false, gives_vars = false;
  bool one_world = false;  // `!` may follow its name
  Parameter parameter = Parameter::none;
  Flags flags = Flags::none;

  bool gives_value() const { return !index && !gives_args && !gives_vars; }
};

const AggregateForm& aggregate_form(AggregateOp op);
std::optional<AggregateOp> aggregate_op(std::string_view name);

/// All names, for hints.
std::vector<std::string> aggregate_names();

/// How many values an aggregate gives, by its form; nothing when there is none of that name.
std::optional<std::size_t> result_columns(const syntax::Aggregate& aggregate);

/// Reads <…> into `aggregate`. Returns what is wrong with them; empty when nothing is.
struct ParameterComplaint {
  std::string what, hint;
  Span span;
};
std::optional<ParameterComplaint> read_parameters(const Sources& sources, const syntax::Aggregate& text,
                                                  Aggregate& aggregate);

}  // namespace tenfold::lang
