#include "lang/query_name.h"

#include "lang/operators.h"

namespace tenfold::lang {
namespace {

std::string text(const Sources& sources, const syntax::Expr& e);

std::string list(const Sources& sources, std::string name, const std::vector<syntax::Expr>& args) {
  name += "(";
  for (std::size_t i = 0; i < args.size(); ++i) name += (i > 0 ? ", " : "") + text(sources, args[i]);
  return name + ")";
}

std::string text(const Sources& sources, const syntax::Expr& e) {
  auto arg = [&](std::size_t i) { return text(sources, e.args[i]); };
  switch (e.kind) {
    case syntax::ExprKind::operation:
      if (e.args.size() == 1) return "(" + std::string(spelling(e.op)) + arg(0) + ")";
      return "(" + arg(0) + " " + std::string(spelling(e.op)) + " " + arg(1) + ")";
    case syntax::ExprKind::cast:
      return "(" + arg(0) + " as " + std::string(e.name.text) + ")";
    case syntax::ExprKind::conditional:
      return "if " + arg(0) + " then " + arg(1) + " else " + arg(2);
    case syntax::ExprKind::call:
      return list(sources, "$" + std::string(e.name.text), e.args);
    case syntax::ExprKind::create:
      return list(sources, "new " + std::string(e.name.text), e.args);
    case syntax::ExprKind::pattern:
      return list(sources, std::string(e.name.text), e.args);
    default:
      return std::string(sources.text(e.span));
  }
}

}  // namespace

std::string query_name(const Sources& sources, const syntax::Atom& atom) {
  return list(sources, std::string(atom.name.text), atom.args);
}

}  // namespace tenfold::lang
