#include "tenfold/session.h"

#include <fmt/format.h>

#include "answer/session_state.h"

namespace tenfold {

Result<Program> Program::compile_file(const std::string& path, const Settings& settings, std::vector<Error>* errors) {
  answer::Sources sources;
  sources.open = true;
  auto parts = answer::make_parts(path, settings, sources, errors);
  if (!parts) return parts.error();
  return Program(std::move(*parts));
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const Program& program) { return Session(std::make_unique<State>(program.parts())); }

namespace {

struct Stated {
  lang::RelationId relation;
  std::vector<Cell> row;
};

Result<Stated> read_fact(const Program::Parts& parts, Symbols& symbols, const std::string& relation,
                         const std::vector<std::string>& args, const std::string& origin) {
  const lang::RelationId id = parts.language.find(relation);
  if (id == lang::kNone)
    return Error{"unknown-relation",
                 {origin, 0, 0, 1},
                 "there is no relation `" + relation + "`",
                 "declare it in the program",
                 ""};
  const auto& types = parts.plan.relations[id].types;
  if (types.size() != args.size())
    return Error{"arity",
                 {origin, 0, 0, 1},
                 fmt::format("`{}` has {} columns, this fact {}", relation, types.size(), args.size()),
                 "give one value a column",
                 ""};
  Stated out{id, {}};
  for (std::size_t c = 0; c < args.size(); ++c) {
    const auto value = parse_plain(args[c], types[c], symbols);
    if (!value)
      return Error{"bad-value",
                   {origin, 0, 0, 1},
                   fmt::format("`{}` is no {}", args[c], name(types[c])),
                   fmt::format("give a {} for column {} of `{}`", name(types[c]), c + 1, relation),
                   ""};
    out.row.push_back(*value);
  }
  return out;
}

}  // namespace

void Session::clear() {
  state_->own_.clear();
  state_->changes_.clear();
  state_->settled_ = false;
}

bool Session::updated_in_place() const { return state_->settled_ && state_->evaluation_.updated_in_place(); }

Status Session::add(const std::string& relation, const std::vector<std::string>& args, double probability,
                    const std::string& origin) {
  const auto& parts = *state_->parts_;
  auto fact = read_fact(parts, state_->symbols_, relation, args, origin);
  if (!fact) return fact.error();
  const auto& types = parts.plan.relations[fact->relation].types;
  FactTable* table = nullptr;
  FactTable change{relation, types, {}, {}, {}};
  if (parts.settings.updates) table = &change;
  for (FactTable& known : state_->own_)
    if (!table && known.relation == relation) table = &known;
  if (!table) table = &state_->own_.emplace_back(FactTable{relation, types, {}, {}, {}});
  table->add(fact->row, state_->symbols_.intern(origin));
  table->probabilities.push_back(probability);
  if (parts.settings.updates) state_->change(fact->relation, true, std::move(change));
  return {};
}

Status Session::erase(const std::string& relation, const std::vector<std::string>& args) {
  const auto& parts = *state_->parts_;
  auto fact = read_fact(parts, state_->symbols_, relation, args, "");
  if (!fact) return fact.error();
  FactTable gone{relation, parts.plan.relations[fact->relation].types, {}, {}, {}};
  gone.add(fact->row, engine::kNone);
  if (parts.settings.updates) {
    state_->change(fact->relation, false, std::move(gone));
    return {};
  }
  answer::ChangeLog log;
  log.add(fact->relation, false, std::move(gone));
  for (FactTable& known : state_->own_)
    if (known.relation == relation) known = log.kept(fact->relation, known);
  return {};
}

Result<Answer> Session::ask() {
  if (Status s = state_->evaluate(); !s.ok()) return state_->stopped(s.error());
  return state_->finish();
}

}  // namespace tenfold
