#include "answer/explain_tuple.h"

#include <fmt/format.h>

#include "answer/session_state.h"
#include "answer/why_not.h"

namespace tenfold::answer {
namespace {

Result<std::vector<std::optional<Cell>>> cells_of(const std::vector<std::string>& args, const lang::Relation& relation,
                                                  Symbols& symbols) {
  if (args.size() != relation.columns.size())
    return Error{"arity",
                 {},
                 fmt::format("`{}` has {} columns, this tuple {}", relation.name, relation.columns.size(), args.size()),
                 "give one value a column, or _ for any",
                 ""};
  std::vector<std::optional<Cell>> out;
  for (std::size_t c = 0; c < args.size(); ++c) {
    const Type type = relation.columns[c].type;
    if (args[c] == "_") {
      out.push_back(std::nullopt);
      continue;
    }
    const auto value = parse_plain(args[c], type, symbols);
    if (!value)
      return Error{"bad-value",
                   {},
                   fmt::format("`{}` is no {}", args[c], name(type)),
                   fmt::format("give a {} for column {} of `{}`", name(type), c + 1, relation.name),
                   ""};
    out.push_back(*value);
  }
  return out;
}

// The first row that agrees with what is given and holds.
engine::Row find(const engine::Evaluation& e, lang::RelationId r, const std::vector<std::optional<Cell>>& args) {
  const engine::Relation& relation = e.relation(r);
  for (engine::Row row = 0; row < relation.size(); ++row) {
    bool fits = true;
    for (std::size_t c = 0; c < args.size() && fits; ++c) fits = !args[c] || *args[c] == relation.row(row)[c];
    if (fits && e.holds(r, row)) return row;
  }
  return engine::kNone;
}

Error bad_tuple(const std::string& text, const std::string& what) {
  return Error{"bad-tuple", {}, fmt::format("`{}` {}", text, what), "write it as in path(1, \"a b\")", ""};
}

}  // namespace

Result<std::pair<std::string, std::vector<std::string>>> parse_tuple(const std::string& text) {
  const auto trim = [](std::string s) {
    const auto from = s.find_first_not_of(" \t");
    return from == std::string::npos ? std::string() : s.substr(from, s.find_last_not_of(" \t") - from + 1);
  };
  const std::string whole = trim(text);
  const std::size_t open = whole.find('(');
  if (open == std::string::npos || open == 0 || whole.back() != ')') return bad_tuple(text, "is no tuple");
  std::vector<std::string> args;
  std::string arg;
  bool quoted = false, was_quoted = false;
  for (std::size_t i = open + 1; i < whole.size(); ++i) {
    const char c = whole[i];
    if (quoted && c == '\\' && i + 1 < whole.size()) {
      const char next = whole[++i];
      arg += next == 'n' ? '\n' : next == 't' ? '\t' : next;
    } else if (c == '"') {
      if (!quoted) arg = trim(arg) == "s" ? "" : trim(arg);
      quoted = !quoted;
      was_quoted = true;
    } else if (!quoted && (c == ',' || i + 1 == whole.size())) {
      const std::string done = was_quoted ? arg : trim(arg);
      if (!done.empty() || was_quoted || c == ',' || !args.empty()) args.push_back(done);
      arg.clear();
      was_quoted = false;
    } else if (quoted || !was_quoted) {
      arg += c;
    }
  }
  if (quoted) return bad_tuple(text, "has an open quote");
  return std::pair(trim(whole.substr(0, open)), std::move(args));
}

Result<Explanation> explain_tuple(Session& session, const std::string& relation, const std::vector<std::string>& args,
                                  const ExplainOptions& options) {
  auto answer = session.ask();
  if (!answer) return answer.error();
  return session.state().explain(relation, args, options);
}

}  // namespace tenfold::answer

namespace tenfold {

Result<answer::Explanation> Session::State::explain(const std::string& name, const std::vector<std::string>& args,
                                                    const answer::ExplainOptions& options) {
  const lang::RelationId relation = parts_->language.find(name);
  if (relation == lang::kNone)
    return Error{"unknown-relation",
                 {},
                 "there is no relation `" + name + "`",
                 "use a name that the program declares or derives",
                 ""};
  if (!parts_->engine.proofs)
    return Error{"no-proofs", {}, "this session keeps no proofs", "compile the program with proofs on", ""};
  auto cells = answer::cells_of(args, parts_->language.relations[relation], symbols_);
  if (!cells) return cells.error();
  answer::Explanation out;
  out.tuple.relation = name;
  out.tuple.args = args;
  const engine::Row row = answer::find(evaluation_, relation, *cells);
  if (row == engine::kNone) {
    out.why = answer::WhyNotFinder(evaluation_, symbols_).explain(relation, *cells);
    return out;
  }
  answer::ProofBuilder builder(evaluation_, symbols_,
                               [&](std::uint32_t n, std::span<const Cell> inputs) { return perceived(n, inputs, {}); },
                               {options.count, options.order});
  answer::Proofs proofs = builder.prove(relation, row);
  for (std::size_t c = 0; c < args.size(); ++c)
    out.tuple.args[c] = plain(evaluation_.relation(relation).row(row)[c],
                              parts_->language.relations[relation].columns[c].type, symbols_);
  out.tuple.probability = evaluation_.probability(relation, row);
  out.tuple.proofs_complete = proofs.complete;
  if (!proofs.list.empty()) out.tuple.proof = std::move(proofs.list.front());
  for (std::size_t i = 1; i < proofs.list.size(); ++i) out.tuple.more_proofs.push_back(std::move(proofs.list[i]));
  return out;
}

}  // namespace tenfold
