#include "lang/aggregate_forms.h"

#include <array>
#include <charconv>

namespace tenfold::lang {
namespace {

using Form = AggregateForm;
using enum AggregateOp;

constexpr std::array<Form, 24> kForms = {{
    {.op = count, .name = "count", .one_world = true},
    {.op = sum, .name = "sum", .takes = Form::Takes::any, .vars = Form::Vars::one, .one_world = true},
    {.op = prod, .name = "prod", .takes = Form::Takes::any, .vars = Form::Vars::one, .one_world = true},
    {.op = min, .name = "min", .takes = Form::Takes::any, .gives_args = true, .gives_vars = true, .one_world = true},
    {.op = max, .name = "max", .takes = Form::Takes::any, .gives_args = true, .gives_vars = true, .one_world = true},
    {.op = argmin, .name = "argmin", .takes = Form::Takes::some, .gives_args = true, .one_world = true},
    {.op = argmax, .name = "argmax", .takes = Form::Takes::some, .gives_args = true, .one_world = true},
    {.op = exists, .name = "exists", .vars = Form::Vars::optional, .one_world = true},
    {.op = forall, .name = "forall", .vars = Form::Vars::optional, .one_world = true},
    {.op = avg, .name = "avg", .takes = Form::Takes::any, .vars = Form::Vars::one, .one_world = true},
    {.op = weighted_sum, .name = "weighted_sum", .takes = Form::Takes::any, .vars = Form::Vars::one, .one_world = true},
    {.op = weighted_avg, .name = "weighted_avg", .takes = Form::Takes::any, .vars = Form::Vars::one, .one_world = true},
    {.op = string_join,
     .name = "string_join",
     .takes = Form::Takes::any,
     .vars = Form::Vars::one,
     .one_world = true,
     .parameter = Form::Parameter::text,
     .flags = Form::Flags::all},
    {.op = sort,
     .name = "sort",
     .takes = Form::Takes::any,
     .index = true,
     .gives_args = true,
     .gives_vars = true,
     .flags = Form::Flags::order},
    {.op = argsort,
     .name = "argsort",
     .takes = Form::Takes::some,
     .index = true,
     .gives_args = true,
     .flags = Form::Flags::order},
    {.op = enumerate, .name = "enumerate", .index = true, .gives_vars = true},
    {.op = rank, .name = "rank", .index = true, .gives_vars = true, .flags = Form::Flags::order},
    {.op = normalize, .name = "normalize", .gives_vars = true},
    {.op = softmax, .name = "softmax", .gives_vars = true},
    {.op = disjunct, .name = "disjunct", .takes = Form::Takes::any, .gives_args = true, .gives_vars = true},
    {.op = top, .name = "top", .gives_vars = true, .parameter = Form::Parameter::size},
    {.op = unique, .name = "unique", .gives_vars = true},
    {.op = uniform, .name = "uniform", .gives_vars = true, .parameter = Form::Parameter::required_size},
    {.op = categorical, .name = "categorical", .gives_vars = true, .parameter = Form::Parameter::required_size},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kForms.size(); ++i)
    if (static_cast<std::size_t>(kForms[i].op) != i) return false;
  return true;
}
static_assert(in_order());

// A flag that is named, with `=true` or `=false` where it is written. False when the form knows no such flag.
bool read_flag(const Form& form, const syntax::Parameter& p, Aggregate& a) {
  const std::string_view name = p.name->text;
  const bool on = !p.value || p.value->literal == Tok::k_true;
  if (form.flags == Form::Flags::order && name == "asc")
    a.ascending = on;
  else if (form.flags == Form::Flags::order && name == "desc")
    a.ascending = !on;
  else if (form.flags == Form::Flags::all && name == "all")
    a.all = on;
  else
    return false;
  return true;
}

std::string wants(const Form& form) {
  switch (form.parameter) {
    case Form::Parameter::size:
    case Form::Parameter::required_size:
      return "write how many: " + std::string(form.name) + "<3>(x: …)";
    case Form::Parameter::text:
      return "write what stands between the texts: " + std::string(form.name) + "<\", \">(x: …), or <all>";
    case Form::Parameter::none:
      break;
  }
  return form.flags == Form::Flags::order ? "write <asc> or <desc>" : "leave out <…>";
}

bool read_value(const Form& form, const syntax::Expr& value, std::string_view token, Aggregate& a) {
  if (value.kind != syntax::ExprKind::literal) return false;
  switch (form.parameter) {
    case Form::Parameter::size:
    case Form::Parameter::required_size: {
      if (value.literal != Tok::integer) return false;
      const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), a.k);
      return error == std::errc() && end == token.data() + token.size();
    }
    case Form::Parameter::text:
      if (value.literal != Tok::string) return false;
      a.separator = unescape(literal_body(Tok::string, token));
      return true;
    case Form::Parameter::none:
      return false;
  }
  return false;
}

}  // namespace

const AggregateForm& aggregate_form(AggregateOp op) { return kForms[static_cast<std::size_t>(op)]; }

std::optional<AggregateOp> aggregate_op(std::string_view name) {
  for (const Form& form : kForms)
    if (form.name == name) return form.op;
  return std::nullopt;
}

std::vector<std::string> aggregate_names() {
  std::vector<std::string> out;
  for (const Form& form : kForms) out.emplace_back(form.name);
  return out;
}

std::optional<std::size_t> result_columns(const syntax::Aggregate& a) {
  const auto op = aggregate_op(a.op.text);
  if (!op) return std::nullopt;
  const Form& form = aggregate_form(*op);
  if (form.gives_value()) return 1;
  return (form.index ? 1 : 0) + (form.gives_args ? a.args.size() : 0) + (form.gives_vars ? a.vars.size() : 0);
}

std::optional<ParameterComplaint> read_parameters(const Sources& sources, const syntax::Aggregate& text,
                                                  Aggregate& aggregate) {
  const Form& form = aggregate_form(*aggregate_op(text.op.text));
  std::size_t values = 0;
  for (const syntax::Parameter& p : text.params) {
    const Span span = p.name ? p.name->span : p.value ? p.value->span : text.op.span;
    if (p.name) {
      if (!read_flag(form, p, aggregate))
        return ParameterComplaint{ticked(form.name) + " has no parameter " + ticked(p.name->text), wants(form), span};
      continue;
    }
    const std::size_t most = form.parameter == Form::Parameter::none ? 0 : 1;
    if (++values > most)
      return ParameterComplaint{ticked(form.name) + " takes " + (most ? "at most one value" : "no value") + " in <…>",
                                wants(form), span};
    if (!p.value || !read_value(form, *p.value, sources.text(p.value->span), aggregate))
      return ParameterComplaint{"this is no parameter of " + ticked(form.name), wants(form), span};
  }
  if (values == 0 && form.parameter == Form::Parameter::required_size)
    return ParameterComplaint{ticked(form.name) + " needs to know how many to draw", wants(form), text.op.span};
  return std::nullopt;
}

}  // namespace tenfold::lang
