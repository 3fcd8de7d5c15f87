#include "lang/dump.h"

#include "lang/aggregate_forms.h"
#include "lang/operators.h"
#include "modules/modules.h"

namespace tenfold::lang {
namespace {

std::string column(const Column& c) {
  std::string out = c.bound ? "bound " : "";
  if (!c.name.empty()) out += c.name + ": ";
  out += name(c.type);
  if (!c.domain.empty()) out += " as " + c.domain;
  return out;
}

std::string relation(const Relation& r, const Program& program) {
  std::string out = "type " + r.name + "(";
  for (std::size_t c = 0; c < r.columns.size(); ++c) out += (c ? ", " : "") + column(r.columns[c]);
  out += ")";
  if (r.kind == RelationKind::perceived) out += " seen by " + program.networks[r.network].name;
  if (r.kind == RelationKind::foreign) out += " computed by " + r.foreign;
  if (r.kind == RelationKind::aggregate) out += " aggregated";
  if (r.kind == RelationKind::terms) out += " of terms";
  if (r.hidden) out += " hidden";
  for (const FileInput& file : r.files) out += " from " + file.path;
  return out + "\n";
}

template <class Args>
std::string atom(const Args& args, RelationId relation, const Rule& rule, const Program& program) {
  std::string out = program.relations[relation].name + "(";
  for (std::size_t i = 0; i < args.size(); ++i) out += (i ? ", " : "") + dump(args[i], rule, program);
  return out + ")";
}

std::string fact(const Fact& f, const Program& program) {
  std::string out = "fact ";
  if (f.probability) out += number_text(*f.probability) + "::";
  out += program.relations[f.relation].name + "(";
  for (std::size_t c = 0; c < f.row.size(); ++c)
    out += (c ? ", " : "") + literal(f.row[c], program.relations[f.relation].columns[c].type, program.symbols);
  out += ")";
  if (f.group != kNone) out += " of group " + std::to_string(f.group);
  return out + "\n";
}

std::string aggregate(const Aggregate& a, const Program& program) {
  std::string out = "aggregate " + program.relations[a.result].name + " = " + std::string(aggregate_form(a.op).name);
  if (a.one_world) out += "!";
  out += " of " + program.relations[a.body].name;
  out += ": " + std::to_string(a.groups) + " groups, " + std::to_string(a.args) + " args, " + std::to_string(a.vars) +
         " vars";
  if (a.domain != kNone) out += ", groups from " + program.relations[a.domain].name;
  return out + "\n";
}

}  // namespace

std::string dump(const Expr& e, const Rule& rule, const Program& program) {
  auto arg = [&](std::size_t i) { return dump(e.args[i], rule, program); };
  switch (e.op) {
    case Op::variable:
      return rule.variables[e.variable].name;
    case Op::constant:
      return literal(e.constant, e.type, program.symbols);
    case Op::negate:
      return "-" + arg(0);
    case Op::logical_not:
      return "!" + arg(0);
    case Op::is_term:
      return "(" + arg(0) + " is " + program.symbols.terms().constructor(e.function).name + ")";
    case Op::field:
      return "(" + arg(0) + " as " + program.symbols.terms().constructor(e.function).name + ")." +
             std::to_string(e.constant);
    case Op::construct: {
      std::string out = "new " + program.symbols.terms().constructor(e.function).name + "(";
      for (std::size_t i = 0; i < e.args.size(); ++i) out += (i ? ", " : "") + arg(i);
      return out + ")";
    }
    case Op::cast:
      return "(" + arg(0) + " as " + std::string(name(e.type)) + ")";
    case Op::conditional:
      return "(if " + arg(0) + " then " + arg(1) + " else " + arg(2) + ")";
    case Op::call: {
      std::string out = "$" + std::string(modules::functions()[e.function].name) + "(";
      for (std::size_t i = 0; i < e.args.size(); ++i) out += (i ? ", " : "") + arg(i);
      return out + ")";
    }
    default: {
      auto inner = [&](std::size_t i) { return e.args[i].args.size() == 2 ? "(" + arg(i) + ")" : arg(i); };
      return inner(0) + " " + std::string(spelling(e.op)) + " " + inner(1);
    }
  }
}

std::string dump(const Rule& rule, const Program& program) {
  std::string out = "rule ";
  if (rule.tag) out += dump(*rule.tag, rule, program) + "::";
  out += atom(rule.head_args, rule.head, rule, program) + " = ";
  for (std::size_t i = 0; i < rule.body.size(); ++i) {
    const Literal& l = rule.body[i];
    if (i) out += " and ";
    if (l.kind == LiteralKind::negative) out += "not ";
    out +=
        l.kind == LiteralKind::constraint ? dump(l.condition, rule, program) : atom(l.args, l.relation, rule, program);
  }
  return out + "\n";
}

std::string dump(const Program& program) {
  std::string out;
  for (const Relation& r : program.relations) out += relation(r, program);
  for (const Network& n : program.networks) {
    out += (n.reads_media() ? "media " : "network ") + n.name;
    for (const std::string& label : n.labels) out += " " + label;
    if (n.answer == Network::Answer::many && !n.reads_media()) out += " says many";
    if (n.answer == Network::Answer::text) out += " says a text";
    if (!n.prompt.empty()) out += " asked \"" + n.prompt + "\"";
    if (n.refusal != kNone) out += " refuses in " + program.relations[n.refusal].name;
    out += "\n";
  }
  for (const Fact& f : program.facts) out += fact(f, program);
  for (const Rule& rule : program.rules) out += dump(rule, program);
  for (const Aggregate& a : program.aggregates) out += aggregate(a, program);
  for (const Query& q : program.queries) out += "query " + q.name + "\n";
  return out;
}

}  // namespace tenfold::lang
