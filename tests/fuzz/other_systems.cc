#include "fuzz/other_systems.h"

#include <algorithm>
#include <set>

#include "base/value_text.h"
#include "lang/expression.h"

namespace tenfold::fuzz {
namespace {

using lang::Expr;
using lang::LiteralKind;
using lang::Op;

class Translator {
 public:
  Translator(const Source& source, const lang::Program& program, System system)
      : source_(source), p_(program), problog_(system == System::problog) {}

  std::optional<std::string> run() {
    if (!p_.aggregates.empty()) return std::nullopt;
    for (const lang::Relation& r : p_.relations) {
      const bool bound = std::any_of(r.columns.begin(), r.columns.end(), [](const auto& c) { return c.bound; });
      if (r.kind != lang::RelationKind::plain && r.kind != lang::RelationKind::perceived) return std::nullopt;
      if (bound && r.kind == lang::RelationKind::plain && !refusal(r)) return std::nullopt;
      for (const lang::Column& c : r.columns)
        if (!is_text(c.type) && !is_integer(c.type) && !(problog_ && is_float(c.type))) return std::nullopt;
    }
    facts();
    for (std::size_t n = 0; n < p_.networks.size(); ++n) network(n);
    for (const lang::Rule& r : p_.rules)
      if (!rule(r)) return std::nullopt;
    defined();
    for (std::size_t q = 0; q < p_.queries.size(); ++q) query(q);
    return out_;
  }

 private:
  bool refusal(const lang::Relation& r) const {
    return std::any_of(p_.networks.begin(), p_.networks.end(), [&](const lang::Network& n) {
      return n.refusal != lang::kNone && &p_.relations[n.refusal] == &r;
    });
  }

  std::string value(Cell cell, Type type) const {
    const std::string text = plain(cell, type, p_.symbols);
    return is_text(type) ? (problog_ ? "'" + text + "'" : "\"" + text + "\"") : text;
  }

  std::string predicate(lang::RelationId r, const std::vector<std::string>& args) {
    used_.insert(r);
    return call("r" + std::to_string(r), args);
  }

  static std::string call(const std::string& name, const std::vector<std::string>& args) {
    std::string out;
    for (const std::string& a : args) out += (out.empty() ? "(" : ", ") + a;
    return name + out + (args.empty() ? "" : ")");
  }

  static std::string tag(double p) { return number_text(p) + "::"; }

  void facts() {
    std::map<std::uint32_t, std::string> groups;
    for (const lang::Fact& f : p_.facts) {
      std::vector<std::string> args;
      for (std::size_t c = 0; c < f.row.size(); ++c)
        args.push_back(value(f.row[c], p_.relations[f.relation].columns[c].type));
      given_.insert(f.relation);
      const std::string text = (problog_ && f.probability ? tag(*f.probability) : "") + predicate(f.relation, args);
      if (problog_ && f.group != lang::kNone)
        groups[f.group] += (groups[f.group].empty() ? "" : "; ") + text;
      else
        out_ += text + ".\n";
    }
    for (const auto& [group, text] : groups) out_ += text + ".\n";
  }

  void network(std::size_t number) {
    const lang::Network& n = p_.networks[number];
    const auto at = source_.networks.find(n.name);
    if (at == source_.networks.end()) return;
    for (const auto& [row, saying] : at->second) {
      std::vector<std::string> args;
      for (std::size_t c = 0; c < row.size(); ++c)
        args.push_back(is_text(p_.relations[n.relation].columns[c].type)
                           ? (problog_ ? "'" + row[c] + "'" : "\"" + row[c] + "\"")
                           : row[c]);
      const std::string quote = problog_ ? "'" : "\"";
      args.emplace_back();
      if (!saying.refusal.empty()) {
        if (n.refusal == lang::kNone) continue;
        args.back() = quote + saying.refusal + quote;
        given_.insert(n.refusal);
        out_ += predicate(n.refusal, args) + ".\n";
        continue;
      }
      const auto& p = saying.probabilities;
      const auto likeliest = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
      std::string alternatives;
      for (std::size_t l = 0; l < p.size(); ++l) {
        args.back() = quote + n.labels[l] + quote;
        if (problog_ ? p[l] <= 0.0 : l != likeliest) continue;
        alternatives += (alternatives.empty() ? "" : "; ") + (problog_ && p[l] < 1.0 ? tag(p[l]) : "") +
                        predicate(n.relation, args);
      }
      given_.insert(n.relation);
      if (!alternatives.empty()) out_ += alternatives + ".\n";
    }
  }

  static std::string variable(const lang::Rule& r, lang::VarId v) {
    return r.variables[v].wildcard ? "_" : "V" + std::to_string(v);
  }

  std::string argument(const lang::Rule& r, const Expr& e) const {
    return e.op == Op::constant ? value(e.constant, e.type) : variable(r, e.variable);
  }

  std::optional<std::string> arithmetic(const lang::Rule& r, const Expr& e) const {
    if (e.op == Op::constant || e.op == Op::variable) return argument(r, e);
    static const std::map<Op, std::string> kSigns = {{Op::add, "+"}, {Op::subtract, "-"}, {Op::multiply, "*"}};
    const auto sign = kSigns.find(e.op);
    if (sign == kSigns.end() || is_text(e.type)) return std::nullopt;
    const auto left = arithmetic(r, e.args[0]), right = arithmetic(r, e.args[1]);
    if (!left || !right) return std::nullopt;
    return "(" + *left + sign->second + *right + ")";
  }

  std::optional<std::string> condition(const lang::Rule& r, const Expr& e, const std::vector<bool>& bound) const {
    if (!lang::ready(e, bound)) {
      const auto assigned = lang::assignment(e, bound);
      if (!assigned) return std::nullopt;
      const auto text = arithmetic(r, assigned->value);
      if (!text) return std::nullopt;
      const bool computes = assigned->value.op != Op::constant && assigned->value.op != Op::variable;
      return variable(r, assigned->variable) + (problog_ && computes ? " is " : " = ") + *text;
    }
    static const std::map<Op, std::pair<std::string, std::string>> kTests = {
        {Op::equal, {"=:=", "="}},      {Op::not_equal, {"=\\=", "!="}}, {Op::less, {"<", "<"}},
        {Op::less_equal, {"=<", "<="}}, {Op::greater, {">", ">"}},       {Op::greater_equal, {">=", ">="}}};
    const auto test = kTests.find(e.op);
    if (test == kTests.end()) return std::nullopt;
    std::string sign = problog_ ? test->second.first : test->second.second;
    if (is_text(e.args[0].type)) {
      if (e.op != Op::equal && e.op != Op::not_equal) return std::nullopt;
      if (problog_) sign = e.op == Op::equal ? "==" : "\\==";
    }
    const auto left = arithmetic(r, e.args[0]), right = arithmetic(r, e.args[1]);
    if (!left || !right) return std::nullopt;
    return *left + " " + sign + " " + *right;
  }

  // `not p(X, _)`: neither system negates with a free variable, so the rest is a predicate of its own.
  std::string absent(const lang::Rule& r, const lang::Literal& l) {
    std::vector<std::string> kept, all;
    for (const Expr& a : l.args) {
      all.push_back(argument(r, a));
      if (a.op == Op::variable && !r.variables[a.variable].wildcard &&
          std::find(kept.begin(), kept.end(), all.back()) == kept.end())
        kept.push_back(all.back());
    }
    const std::string some = call("some" + std::to_string(helpers_++), kept);
    before_ += some + " :- " + predicate(l.relation, all) + ".\n";
    return (problog_ ? "\\+ " : "not ") + some;
  }

  bool rule(const lang::Rule& r) {
    std::vector<bool> bound(r.variables.size(), false), placed(r.body.size(), false);
    std::string body;
    before_.clear();
    for (std::size_t left = r.body.size(); left > 0; --left) {
      std::size_t next = r.body.size();
      for (std::size_t i = r.body.size(); i-- > 0;)
        if (!placed[i] && ready(r, r.body[i], bound)) next = i;
      if (next == r.body.size()) return false;
      const lang::Literal& l = r.body[next];
      placed[next] = true;
      std::optional<std::string> text;
      if (l.kind == LiteralKind::constraint) {
        text = condition(r, l.condition, bound);
        if (const auto made = lang::assignment(l.condition, bound); made && !lang::ready(l.condition, bound))
          bound[made->variable] = true;
      } else if (l.kind == LiteralKind::negative) {
        text = absent(r, l);
      } else {
        std::vector<std::string> args;
        for (const Expr& a : l.args) {
          args.push_back(argument(r, a));
          if (a.op == Op::variable) bound[a.variable] = true;
        }
        text = predicate(l.relation, args);
      }
      if (!text) return false;
      body += (body.empty() ? "" : ", ") + *text;
    }
    if (problog_ && r.tag) {
      if (r.tag->op != Op::constant) return false;
      std::map<std::string, lang::VarId> named;
      for (lang::VarId v = 0; v < r.variables.size(); ++v)
        if (bound[v] && !r.variables[v].wildcard && !r.variables[v].made) named[r.variables[v].name] = v;
      std::vector<std::string> args;
      std::string name = "event" + std::to_string(r.origin);
      for (const auto& [text, v] : named) args.push_back(variable(r, v)), name += "_" + text;
      const std::string event = call(name, args);
      if (events_.insert(name).second) {
        // A fact with free variables is one event for each of their values.
        out_ += tag(as_double(r.tag->constant)) + event + ".\n";
      }
      body += (body.empty() ? "" : ", ") + event;
    }
    std::vector<std::string> head;
    for (const Expr& a : r.head_args) head.push_back(argument(r, a));
    given_.insert(r.head);
    out_ += before_ + predicate(r.head, head) + (body.empty() ? "" : " :- " + body) + ".\n";
    return true;
  }

  static bool ready(const lang::Rule& r, const lang::Literal& l, const std::vector<bool>& bound) {
    if (l.kind == LiteralKind::constraint)
      return lang::ready(l.condition, bound) || lang::assignment(l.condition, bound).has_value();
    if (l.kind == LiteralKind::positive) return true;
    return std::all_of(l.args.begin(), l.args.end(), [&](const Expr& a) {
      return a.op == Op::constant || bound[a.variable] || r.variables[a.variable].wildcard;
    });
  }

  // A predicate that nothing defines is an error to ProbLog.
  void defined() {
    for (const lang::RelationId r : used_) {
      if (given_.contains(r)) continue;
      std::vector<std::string> args;
      for (std::size_t c = 0; c < p_.relations[r].columns.size(); ++c) args.push_back("nothing");
      out_ += predicate(r, args) + (problog_ ? " :- fail.\n" : " :- 1 = 2.\n");
    }
  }

  void query(std::size_t q) {
    const lang::RelationId r = p_.queries[q].relation;
    std::vector<std::string> args;
    for (std::size_t c = 0; c < p_.relations[r].columns.size(); ++c) args.push_back("X" + std::to_string(c));
    const std::string name = "q" + std::to_string(q);
    const bool known = used_.contains(r) && given_.contains(r);
    if (known) out_ += call(name, args) + " :- " + predicate(r, args) + ".\n";
    if (problog_ && known) out_ += "query(" + call(name, std::vector<std::string>(args.size(), "_")) + ").\n";
    if (!problog_) out_ += "#show " + name + "/" + std::to_string(args.size()) + ".\n";
  }

  const Source& source_;
  const lang::Program& p_;
  bool problog_;
  std::string out_, before_;
  std::set<lang::RelationId> used_, given_;
  std::set<std::string> events_;
  int helpers_ = 0;
};

}  // namespace

std::optional<std::string> translated(const Source& source, const lang::Program& program, System system) {
  return Translator(source, program, system).run();
}

}  // namespace tenfold::fuzz
