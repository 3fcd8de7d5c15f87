#include "answer/touched.h"

#include <algorithm>
#include <utility>

namespace tenfold::answer {

using engine::kNone;
using engine::RelationId;
using engine::Row;

namespace {

// Rows looked at for all inputs together; beyond, whole relations are taken as touched.
constexpr std::size_t kMostSteps = 20'000'000;

bool fits(const Pattern& pattern, std::span<const Cell> row) {
  for (std::size_t c = 0; c < pattern.size(); ++c)
    if (pattern[c] && *pattern[c] != row[c]) return false;
  return true;
}

}  // namespace

Touched::Touched(const engine::Evaluation& evaluation, const std::vector<bool>& narrowed,
                 std::span<const Input> refused)
    : e_(evaluation), program_(*evaluation.plan().program), narrowed_(narrowed) {
  mark(refused);
  reached_.resize(program_.relations.size());
  for (const auto& [network, inputs] : refused) {
    const RelationId said = program_.networks[network].relation;
    Pattern first(program_.relations[said].columns.size());
    std::copy(inputs.begin(), inputs.end(), first.begin());
    add(said, std::move(first));
    trace();
    ++input_;
  }
}

void Touched::mark(std::span<const Input> refused) {
  uncertain_.assign(program_.relations.size(), false);
  for (const auto& [network, inputs] : refused) uncertain_[program_.networks[network].relation] = true;
  turned_.assign(program_.relations.size(), false);
  bool more = true;
  const auto mark = [&](std::vector<bool>& set, RelationId r) {
    more = more || !set[r];
    set[r] = true;
  };
  const auto step = [&](RelationId body, RelationId head, bool turns) {
    if (body == kNone || !uncertain_[body]) return;
    mark(uncertain_, head);
    if (turns || turned_[body]) mark(turned_, head);
  };
  while (std::exchange(more, false)) {
    for (const lang::Rule& rule : program_.rules)
      for (const lang::Literal& l : rule.body)
        if (l.kind != lang::LiteralKind::constraint) step(l.relation, rule.head, l.kind == lang::LiteralKind::negative);
    for (const lang::Aggregate& a : program_.aggregates)
      for (const RelationId body : {a.body, a.domain}) step(body, a.result, true);
  }
}

void Touched::trace() {
  while (!open_.empty()) {
    const auto [relation, pattern] = std::move(open_.back());
    open_.pop_back();
    pass_on(relation, pattern);
  }
}

void Touched::add(RelationId relation, Pattern pattern) {
  if (steps_ > kMostSteps) std::fill(pattern.begin(), pattern.end(), std::nullopt);
  if (reached_[relation][pattern].insert(input_).second) open_.emplace_back(relation, std::move(pattern));
}

void Touched::pass_on(RelationId relation, const Pattern& pattern) {
  for (const lang::Rule& rule : program_.rules)
    for (const lang::Literal& l : rule.body) {
      if (l.kind == lang::LiteralKind::constraint || l.relation != relation) continue;
      Pattern bound(rule.variables.size());
      bool joins = true;
      for (std::size_t c = 0; c < l.args.size() && joins; ++c) {
        if (!pattern[c]) continue;
        if (l.args[c].op == lang::Op::constant) {
          joins = l.args[c].constant == *pattern[c];
        } else {
          std::optional<Cell>& value = bound[l.args[c].variable];
          joins = !value || *value == *pattern[c];
          value = pattern[c];
        }
      }
      if (joins) join(rule, std::vector<bool>(rule.body.size()), std::move(bound));
    }
  for (const lang::Aggregate& a : program_.aggregates) {
    if (a.body != relation && a.domain != relation) continue;
    Pattern result(program_.relations[a.result].columns.size());
    std::copy_n(pattern.begin(), a.groups, result.begin());
    add(a.result, std::move(result));
  }
}

bool Touched::fixes(const lang::Literal& l) const {
  if (l.kind != lang::LiteralKind::positive || uncertain_[l.relation] || narrowed_[l.relation]) return false;
  const lang::RelationKind kind = program_.relations[l.relation].kind;
  return kind == lang::RelationKind::plain || kind == lang::RelationKind::aggregate;
}

// Joins the literals that fix something, each through what is known by then. One that shares nothing with what is known
// could only list all its rows: its values stay open.
void Touched::join(const lang::Rule& rule, std::vector<bool> joined, Pattern bound) {
  const auto known = [&](const lang::Expr& arg) {
    return arg.op == lang::Op::constant ? std::optional(arg.constant) : bound[arg.variable];
  };
  std::size_t next = 0;
  for (; next < rule.body.size(); ++next) {
    const lang::Literal& l = rule.body[next];
    if (!joined[next] && fixes(l) && std::any_of(l.args.begin(), l.args.end(), known)) break;
  }
  if (next == rule.body.size() || steps_ > kMostSteps) {
    Pattern head;
    for (const lang::Expr& arg : rule.head_args) head.push_back(known(arg));
    add(rule.head, std::move(head));
    return;
  }
  joined[next] = true;
  const lang::Literal& l = rule.body[next];
  const engine::Relation& relation = e_.relation(l.relation);
  std::vector<std::uint32_t> columns;
  std::vector<Cell> key;
  bool opens = false;  // a value that is looked for
  for (std::uint32_t c = 0; c < l.args.size(); ++c) {
    if (const auto value = known(l.args[c])) {
      columns.push_back(c);
      key.push_back(*value);
    } else {
      opens = opens || !rule.variables[l.args[c].variable].wildcard;
    }
  }
  auto [at, fresh] = indexes_.try_emplace({l.relation, columns}, columns);
  if (fresh) at->second.catch_up(relation);
  const engine::Index& index = at->second;
  for (Row r = index.first(key, relation); r != kNone; r = index.next(r)) {
    // Where the steps are used up, rows are left out: then any value can stand.
    if (++steps_ > kMostSteps) return add(rule.head, Pattern(rule.head_args.size()));
    Pattern with = bound;
    const auto row = relation.row(r);
    bool joins = true;
    for (std::uint32_t c = 0; c < l.args.size() && joins; ++c) {
      if (l.args[c].op == lang::Op::constant) continue;
      std::optional<Cell>& value = with[l.args[c].variable];
      joins = !value || *value == row[c];
      value = row[c];
    }
    if (joins) join(rule, joined, std::move(with));
    if (joins && !opens) return;  // the other rows say the same
  }
}

TouchedRows::TouchedRows(Touched::Patterns patterns, std::size_t columns, bool rivals) {
  for (auto& [pattern, inputs] : patterns) {
    Pattern wide = pattern;
    if (rivals && !wide.empty()) wide.back().reset();
    patterns_[std::move(wide)].merge(inputs);
  }
  // One that a wider one takes in adds its inputs there. Looked for by leaving out columns, one set of them at a time.
  constexpr std::size_t kMostColumns = 10;
  for (auto narrow = patterns_.begin(); narrow != patterns_.end() && columns <= kMostColumns;) {
    bool taken_in = false;
    for (std::uint32_t without = 1; without < 1u << columns && !taken_in; ++without) {
      Pattern wide = narrow->first;
      for (std::size_t c = 0; c < columns; ++c)
        if (without >> c & 1u) wide[c].reset();
      if (wide == narrow->first) continue;
      const auto found = patterns_.find(wide);
      if (found == patterns_.end()) continue;
      found->second.insert(narrow->second.begin(), narrow->second.end());
      taken_in = true;
    }
    narrow = taken_in ? patterns_.erase(narrow) : std::next(narrow);
  }
  std::size_t most = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    const auto fixed = static_cast<std::size_t>(
        std::count_if(patterns_.begin(), patterns_.end(), [&](const auto& p) { return p.first[c].has_value(); }));
    if (fixed <= most) continue;
    most = fixed;
    column_ = c;
  }
  for (auto p = patterns_.cbegin(); p != patterns_.cend(); ++p)
    by_value_[columns == 0 ? std::nullopt : p->first[column_]].push_back(p);
}

std::vector<std::uint32_t> TouchedRows::inputs(std::span<const Cell> row) const {
  std::set<std::uint32_t> out;
  const auto look = [&](std::optional<Cell> value) {
    const auto at = by_value_.find(value);
    if (at == by_value_.end()) return;
    for (const auto& p : at->second)
      if (fits(p->first, row)) out.insert(p->second.begin(), p->second.end());
  };
  look(std::nullopt);
  if (!row.empty()) look(row[column_]);
  return {out.begin(), out.end()};
}

void TouchedRows::connect(const std::function<void(std::uint32_t, std::uint32_t)>& join) const {
  const bool any = by_value_.contains(std::nullopt);
  std::optional<std::uint32_t> last;
  for (const auto& [value, patterns] : by_value_) {
    if (!any) last.reset();
    for (const auto& p : patterns)
      for (std::uint32_t input : p->second) {
        if (last) join(*last, input);
        last = input;
      }
  }
}

}  // namespace tenfold::answer
