#include <string>

#include "plan/plan.h"

namespace tenfold::plan {
namespace {

std::string show(const lang::Expr& arg, const PlanRule& rule, const lang::Program& program) {
  if (arg.op == lang::Op::constant) return literal(arg.constant, arg.type, program.symbols);
  const lang::Variable& v = rule.variables[arg.variable];
  return v.wildcard ? "_" : v.name;
}

std::string show_atom(const std::string& name, const std::vector<lang::Expr>& args, const PlanRule& rule,
                      const lang::Program& program) {
  std::string out = name + "(";
  for (std::size_t i = 0; i < args.size(); ++i) out += (i ? ", " : "") + show(args[i], rule, program);
  return out + ")";
}

std::string show_rule(const Plan& plan, const PlanRule& rule) {
  std::string out = show_atom(plan.relations[rule.head].name, rule.head_args, rule, *plan.program) + " = ";
  bool first = true;
  for (std::uint32_t i : rule.order) {
    const lang::Literal& l = rule.body[i].literal;
    if (!first) out += " and ";
    first = false;
    if (l.kind == lang::LiteralKind::constraint) {
      out += "…";
      if (l.place.line > 0) out += " (line " + std::to_string(l.place.line) + ")";
      continue;
    }
    if (l.kind == lang::LiteralKind::negative) out += "not ";
    out += show_atom(plan.relations[l.relation].name, l.args, rule, *plan.program);
  }
  return first ? out + "true" : out;
}

}  // namespace

std::string explain(const Plan& plan) {
  std::string out;
  for (const PassTime& pass : plan.times) out += "pass " + pass.name + (pass.on ? "" : " (off)") + "\n";
  for (const std::string& note : plan.notes) out += "note " + note + "\n";
  for (std::size_t s = 0; s < plan.strata.size(); ++s) {
    const Stratum& stratum = plan.strata[s];
    out += "stratum " + std::to_string(s + 1) + (stratum.recursive.empty() ? "" : " (recursive)") + "\n";
    for (std::uint32_t n : stratum.networks) {
      const lang::Network& network = plan.program->networks[n];
      out += (network.reads_media() ? "  medium " : "  network ") + network.name + " sees " +
             plan.relations[plan.networks[n].asked].name + " and fills " + plan.relations[network.relation].name + "\n";
    }
    for (std::uint32_t a : stratum.aggregates) out += "  aggregate " + plan.program->aggregates[a].text + "\n";
    for (std::uint32_t r : stratum.rules) {
      const PlanRule& rule = plan.rules[r];
      const char* kind = rule.kind == RuleKind::derived    ? "rule"
                         : rule.kind == RuleKind::terms    ? "terms"
                         : rule.kind == RuleKind::demand   ? "demand"
                         : rule.kind == RuleKind::domain   ? "domain"
                         : rule.kind == RuleKind::possible ? "possible"
                                                           : "count";
      out += std::string("  ") + kind + " " + show_rule(plan, rule) + "\n";
    }
  }
  return out;
}

}  // namespace tenfold::plan
