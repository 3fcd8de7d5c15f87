#include "proof/model.h"

#include <algorithm>

#include "lang/expression.h"
#include "proof/computed.h"
#include "proof/models.h"

namespace tenfold::proof {

using lang::Expr;
using lang::LiteralKind;
using lang::Op;
using lang::RelationId;

namespace {
// Bindings tried by one model; a proof whose absences take more is not checked, and said not to be.
constexpr std::size_t kMaxSteps = 30'000'000;
// Open rows of a group of which every subset is a world.
constexpr std::size_t kMaxOpen = 14;
}  // namespace

std::size_t Table::Hash::operator()(const Row& row) const {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  for (Cell c : row) h = (h ^ c ^ (c >> 29)) * 0xBF58476D1CE4E5B9u;
  return static_cast<std::size_t>(h ^ (h >> 31));
}

bool Table::insert(Row row) {
  const auto [at, fresh] = set_.insert(std::move(row));
  if (fresh) rows_.push_back(&*at);
  return fresh;
}

const std::vector<std::uint32_t>& Table::with(std::uint64_t mask, const Row& key) {
  static const std::vector<std::uint32_t> kNothing;
  Index& index = indexes_[mask];
  for (; index.seen < rows_.size(); ++index.seen) {
    Row part;
    for (std::size_t c = 0; c < rows_[index.seen]->size(); ++c)
      if (mask >> c & 1) part.push_back((*rows_[index.seen])[c]);
    index.rows[std::move(part)].push_back(static_cast<std::uint32_t>(index.seen));
  }
  const auto at = index.rows.find(key);
  return at == index.rows.end() ? kNothing : at->second;
}

double share(const lang::Rule& rule, Cell tag, const Symbols& symbols) {
  const double p = lang::probability(tag, rule.tag->type, symbols);
  return rule.choices > 1 ? p / rule.choices : p;
}

std::string rule_event(const lang::Rule& rule, const std::vector<std::pair<std::string, std::string>>& named,
                       std::uint32_t choice) {
  std::string out = std::to_string(rule.origin) + '/' + std::to_string(choice);
  for (const auto& [variable, value] : named) out += '\x1f' + variable + '\x1e' + value;
  return out;
}

std::string computed_event(const lang::Relation& relation, std::span<const Cell> row, const Symbols& symbols) {
  std::string out = relation.name;
  for (std::size_t c = 0; c < row.size(); ++c) out += '\x1d' + plain(row[c], relation.columns[c].type, symbols);
  return out;
}

Model::Model(const ModelInputs& in, const Literals& literals)
    : in_(in),
      program_(*in.program),
      literals_(literals),
      possible_(program_.relations.size()),
      certain_(program_.relations.size()),
      done_(program_.relations.size(), false),
      failed_(program_.relations.size()) {}

bool Model::fail(const std::string& why) {
  if (why_.empty()) why_ = why;
  return false;
}

void Model::reads(RelationId r, const std::function<void(RelationId)>& visit) const {
  for (const lang::Rule& rule : program_.rules)
    if (rule.head == r)
      for (const lang::Literal& l : rule.body)
        if (l.kind != LiteralKind::constraint && !is_foreign(program_.relations[l.relation])) visit(l.relation);
  for (const lang::Aggregate& a : program_.aggregates) {
    if (a.result != r) continue;
    visit(a.body);
    if (a.domain != lang::kNone) visit(a.domain);
  }
}

// Strongly connected components, what is read first. Tarjan 1972, without recursion.
std::vector<std::vector<RelationId>> Model::strata(RelationId root) const {
  std::vector<std::vector<RelationId>> out;
  std::vector<std::uint32_t> index(program_.relations.size(), lang::kNone), low(program_.relations.size(), 0);
  std::vector<bool> on(program_.relations.size(), false);
  std::vector<RelationId> stack;
  struct Frame {
    RelationId at;
    std::vector<RelationId> to;
    std::size_t next = 0;
  };
  std::vector<Frame> frames;
  std::uint32_t count = 0;
  const auto enter = [&](RelationId r) {
    index[r] = low[r] = count++;
    stack.push_back(r);
    on[r] = true;
    frames.push_back({r, {}});
    reads(r, [&](RelationId to) { frames.back().to.push_back(to); });
  };
  enter(root);
  while (!frames.empty()) {
    Frame& top = frames.back();
    if (top.next < top.to.size()) {
      const RelationId to = top.to[top.next++];
      if (index[to] == lang::kNone)
        enter(to);
      else if (on[to])
        low[top.at] = std::min(low[top.at], index[to]);
      continue;
    }
    const RelationId r = top.at;
    frames.pop_back();
    if (!frames.empty()) low[frames.back().at] = std::min(low[frames.back().at], low[r]);
    if (low[r] != index[r]) continue;
    out.emplace_back();
    for (RelationId member = lang::kNone; member != r;) {
      member = stack.back();
      stack.pop_back();
      on[member] = false;
      out.back().push_back(member);
    }
  }
  return out;
}

bool Model::evaluate(RelationId relation) {
  if (done_[relation]) return true;
  why_.clear();
  for (const auto& stratum : strata(relation)) {
    if (done_[stratum.front()]) continue;
    if (!failed_[stratum.front()].empty()) return fail(failed_[stratum.front()]);
    const bool fine = run(stratum);
    for (RelationId r : stratum) (fine ? void(done_[r] = true) : void(failed_[r] = why_));
    if (!fine) return false;
  }
  return true;
}

bool Model::firings(const lang::Rule& rule, const std::function<bool(const Firing&)>& visit) {
  return join(rule, false, SIZE_MAX, {0, 0}, &visit, nullptr);
}

// Which terms exist is certain, whatever is taken to hold: all that may be made.
void Model::load_terms(RelationId r) {
  Table& from = in_.open ? in_.open->possible_[r] : possible_[r];
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (in_.open) possible_[r].insert(from[i]);
    certain_[r].insert(from[i]);
  }
}

void Model::load(RelationId r) {
  for (const auto& [row, statements] : (*in_.given)[r])
    for (const Given& g : statements) {
      const Truth known = g.event == kNoEvent || !in_.tags ? Truth::holds : truth(g.event, literals_, *in_.events);
      if (known == Truth::fails) continue;
      possible_[r].insert(row);
      if (known == Truth::holds) certain_[r].insert(row);
    }
}

bool Model::run(const std::vector<RelationId>& stratum) {
  std::vector<RelationId> terms;
  for (RelationId r : stratum) {
    if (program_.relations[r].kind == lang::RelationKind::terms) terms.push_back(r);
    load(r);
    for (const lang::Aggregate& a : program_.aggregates)
      if (a.result == r && !aggregate(a)) return false;
  }
  for (RelationId r : terms)
    if (in_.open && !in_.open->evaluate(r)) return fail(in_.open->why());
  if (in_.open)
    for (RelationId r : terms) load_terms(r);
  if (!rounds(stratum, false)) return false;
  if (!in_.open)
    for (RelationId r : terms) load_terms(r);
  return rounds(stratum, true);
}

// One rule under way: the first literal that is ready, else the atom with most columns known; a register a variable.
struct Model::Join {
  Model& m;
  const lang::Rule& rule;
  bool certain;
  std::size_t delta, low, high;                     // this literal reads only these rows
  const std::function<bool(const Firing&)>* visit;  // null: heads are collected
  std::vector<Cell> registers;
  std::vector<bool> bound, placed;
  std::vector<Row> found;

  bool known(const Expr& arg) const { return arg.op == Op::constant || bound[arg.variable]; }
  Cell value(const Expr& arg) const { return arg.op == Op::constant ? arg.constant : registers[arg.variable]; }
  bool computed(const lang::Literal& l) const {
    return l.kind != LiteralKind::constraint && is_foreign(m.program_.relations[l.relation]);
  }
  Table& table(RelationId r) const { return certain ? m.certain_[r] : m.possible_[r]; }
  std::vector<std::optional<Cell>> args(const lang::Literal& l) const {
    std::vector<std::optional<Cell>> out;
    for (const Expr& arg : l.args) out.push_back(known(arg) ? std::optional(value(arg)) : std::nullopt);
    return out;
  }

  bool uncertain(const lang::Literal& l) const { return computed(l) && is_uncertain(m.program_.relations[l.relation]); }
  Computed weigh(const lang::Literal& l, const std::function<bool(std::span<const Cell>, double)>& row) const {
    return compute_weighed(m.program_.relations[l.relation], args(l), *m.in_.symbols, row);
  }
  // Of an uncertain row: whether it holds under what is taken to.
  Truth truth_of(const lang::Literal& l, std::span<const Cell> row, double p) const {
    if (!m.in_.tags) return Truth::holds;
    if (p <= 0.0 || p >= 1.0) return p >= 1.0 ? Truth::holds : Truth::fails;
    const auto event = m.in_.rule_events->find(computed_event(m.program_.relations[l.relation], row, *m.in_.symbols));
    if (visit || event == m.in_.rule_events->end()) return Truth::open;
    return truth(event->second, m.literals_, *m.in_.events);
  }

  bool ready(const lang::Literal& l) const {
    if (l.kind == LiteralKind::constraint)
      return lang::ready(l.condition, bound) || lang::assignment(l.condition, bound);
    if (uncertain(l)) return weigh(l, [](auto, double) { return false; }) == Computed::done;
    if (computed(l))
      return compute(m.program_.relations[l.relation], args(l), *m.in_.symbols, [](auto) { return false; }) ==
             Computed::done;
    return l.kind == LiteralKind::negative && std::all_of(l.args.begin(), l.args.end(), [&](const Expr& arg) {
             return known(arg) || rule.variables[arg.variable].wildcard;
           });
  }

  std::size_t next() const {
    std::size_t best = SIZE_MAX;
    std::size_t most = 0;
    for (std::size_t i = 0; i < placed.size(); ++i) {
      if (placed[i]) continue;
      const lang::Literal& l = rule.body[i];
      if (ready(l)) return i;
      if (l.kind != LiteralKind::positive || computed(l)) continue;
      if (i == delta) return i;
      const auto n = 1 + static_cast<std::size_t>(
                             std::count_if(l.args.begin(), l.args.end(), [&](const Expr& arg) { return known(arg); }));
      if (n > most) {
        most = n;
        best = i;
      }
    }
    return best;
  }

  bool extend() {
    if (++m.steps_ > kMaxSteps) return m.fail("the absences would take too many steps to check");
    if (std::find(placed.begin(), placed.end(), false) == placed.end()) return derive();
    const std::size_t at = next();
    if (at == SIZE_MAX)
      return m.fail("rule `" + rule.text + "` needs inputs that are asked for, or is not computed here");
    placed[at] = true;
    const bool fine = place(at);
    placed[at] = false;
    return fine;
  }

  bool match(const lang::Literal& l, std::span<const Cell> row) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (known(l.args[c])) {
        if (value(l.args[c]) != row[c]) return false;
        continue;
      }
      registers[l.args[c].variable] = row[c];
      bound[l.args[c].variable] = true;
    }
    return true;
  }

  bool place(std::size_t at) {
    const lang::Literal& l = rule.body[at];
    const std::vector<bool> before = bound;
    bool fine = true;
    const auto take = [&](std::span<const Cell> row) {
      if (match(l, row)) fine = extend();
      bound = before;
      return fine;
    };
    if (l.kind == LiteralKind::constraint) {
      const auto assigned = lang::ready(l.condition, bound) ? std::nullopt : lang::assignment(l.condition, bound);
      const auto found_value = lang::evaluate(assigned ? assigned->value : l.condition, registers, *m.in_.symbols);
      if (!found_value || (!assigned && !*found_value)) return true;
      if (assigned) {
        registers[assigned->variable] = *found_value;
        bound[assigned->variable] = true;
      }
      fine = extend();
      bound = before;
      return fine;
    }
    if (uncertain(l)) {
      const bool negative = l.kind == LiteralKind::negative;
      bool stands = false;
      weigh(l, [&](std::span<const Cell> row, double p) {
        const Truth known_truth = truth_of(l, row, p);
        // As for stored tuples: open is possible, and not certain.
        const bool there = known_truth == Truth::holds || (known_truth == Truth::open && certain == negative);
        stands = stands || there;
        return negative || !there || take(row);
      });
      return negative && !stands ? extend() : fine;
    }
    if (computed(l)) {
      bool some = false;
      compute(m.program_.relations[l.relation], args(l), *m.in_.symbols, [&](std::span<const Cell> row) {
        some = true;
        return l.kind == LiteralKind::positive && take(row);
      });
      return l.kind == LiteralKind::negative && !some ? extend() : fine;
    }
    if (l.kind == LiteralKind::negative) {
      // The other side of the approximation: see the head of model.h.
      const bool stands = m.matches(certain ? m.possible_[l.relation] : m.certain_[l.relation], args(l));
      return stands || extend();
    }
    Table& rows = table(l.relation);
    if (at == delta) {
      for (std::size_t i = low; i < high && fine; ++i) take(Row(rows[i]));
      return fine;
    }
    std::uint64_t mask = 0;
    Row key;
    for (std::size_t c = 0; c < l.args.size(); ++c)
      if (known(l.args[c]) && c < 64) {
        mask |= std::uint64_t{1} << c;
        key.push_back(value(l.args[c]));
      }
    if (mask == 0) {
      for (std::size_t i = 0, end = rows.size(); i < end && fine; ++i) take(rows[i]);
      return fine;
    }
    const std::vector<std::uint32_t> numbers = rows.with(mask, key);  // the index may grow while this goes on
    for (std::size_t i = 0; i < numbers.size() && fine; ++i) take(rows[numbers[i]]);
    return fine;
  }

  bool derive() {
    double p = 1.0;
    if (rule.tag && m.in_.tags) {
      const auto tag = lang::evaluate(*rule.tag, registers, *m.in_.symbols);
      p = tag ? share(rule, *tag, *m.in_.symbols) : 0.0;
      if (p <= 0.0 || (p < 1.0 && !visit && !happens())) return true;
    }
    Row head;
    for (const Expr& arg : rule.head_args) {
      if (!known(arg)) return m.fail("rule `" + rule.text + "` has a column that only a question binds");
      head.push_back(value(arg));
    }
    if (visit) return (*visit)(firing(std::move(head), p));
    found.push_back(std::move(head));
    return true;
  }

  Firing firing(Row head, double p) const {
    Firing out{std::move(head), {}, {}, std::min(p, 1.0), {}, {}};
    if (p < 1.0) out.named = named();
    for (const lang::Literal& l : rule.body) {
      if (l.kind != LiteralKind::constraint && uncertain(l)) {
        weigh(l, [&](std::span<const Cell> row, double weight) {
          const bool positive = l.kind == LiteralKind::positive;
          if (weight > 0.0 && weight < 1.0)
            out.computed.push_back({l.relation, Row(row.begin(), row.end()), weight, positive});
          return true;
        });
        continue;
      }
      if (l.kind == LiteralKind::constraint || computed(l)) continue;
      if (l.kind == LiteralKind::negative) {
        out.absent.emplace_back(l.relation, args(l));
        continue;
      }
      Row row;
      for (const Expr& arg : l.args) row.push_back(value(arg));
      out.premises.emplace_back(l.relation, std::move(row));
    }
    return out;
  }

  std::vector<std::pair<std::string, std::string>> named() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (std::size_t v = 0; v < rule.variables.size(); ++v) {
      const lang::Variable& x = rule.variables[v];
      if (!x.wildcard && !x.made && bound[v]) out.emplace_back(x.name, plain(registers[v], x.type, *m.in_.symbols));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  // The event of a tagged rule; possible unless it fails, certain only where it holds.
  bool happens() const {
    const auto event = m.in_.rule_events->find(rule_event(rule, named(), rule.choice));
    if (event == m.in_.rule_events->end()) return !certain;  // no proof speaks of it
    const Truth known_truth = truth(event->second, m.literals_, *m.in_.events);
    return certain ? known_truth == Truth::holds : known_truth != Truth::fails;
  }
};

bool Model::join(const lang::Rule& rule, bool certain, std::size_t delta, std::pair<std::size_t, std::size_t> rows,
                 const std::function<bool(const Firing&)>* visit, std::vector<Row>* heads) {
  Join join{*this,
            rule,
            certain,
            delta,
            rows.first,
            rows.second,
            visit,
            std::vector<Cell>(rule.variables.size(), 0),
            std::vector<bool>(rule.variables.size(), false),
            std::vector<bool>(rule.body.size(), false),
            {}};
  const bool fine = join.extend();
  if (heads) *heads = std::move(join.found);
  return fine;
}

bool Model::rounds(const std::vector<RelationId>& stratum, bool certain) {
  auto& tables = certain ? certain_ : possible_;
  const auto inside = [&](RelationId r) { return std::find(stratum.begin(), stratum.end(), r) != stratum.end(); };
  std::map<RelationId, std::size_t> low, high;
  for (RelationId r : stratum) low[r] = high[r] = 0;
  for (bool first = true, grew = true; first || grew; first = false) {
    for (RelationId r : stratum) {
      low[r] = high[r];
      high[r] = tables[r].size();
    }
    std::vector<std::pair<RelationId, Row>> fresh;
    for (const lang::Rule& rule : program_.rules) {
      if (!inside(rule.head)) continue;
      if (program_.relations[rule.head].kind == lang::RelationKind::terms && (certain || in_.open)) continue;
      const auto run = [&](std::size_t delta) {
        const RelationId read = delta == SIZE_MAX ? rule.head : rule.body[delta].relation;
        std::vector<Row> heads;
        const bool fine = join(rule, certain, delta, {low[read], high[read]}, nullptr, &heads);
        for (Row& row : heads) fresh.emplace_back(rule.head, std::move(row));
        return fine;
      };
      if (first && !run(SIZE_MAX)) return false;
      for (std::size_t i = 0; !first && i < rule.body.size(); ++i)
        if (rule.body[i].kind == LiteralKind::positive && inside(rule.body[i].relation) && !run(i)) return false;
    }
    grew = false;
    for (auto& [r, row] : fresh) grew = tables[r].insert(std::move(row)) || grew;
  }
  return true;
}

bool Model::put(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, bool sure) {
  std::vector<double> weights;
  if (weighs(a) && in_.tags) {
    const auto* all = in_.models->lineages().group(a, key);
    if (!all) return fail(in_.models->lineages().why());
    for (const Row& row : rows) {
      const auto at = std::find_if(all->begin(), all->end(), [&](const WeighedRow& w) { return w.row == row; });
      if (at == all->end()) return true;  // no world has this row
      weights.push_back(at->weight);
    }
  }
  const auto values = results(program_, a, rows, *in_.symbols, weights);
  if (!values) return fail("the aggregate `" + a.text + "` is not computed here");
  for (const Row& value : *values) {
    Row out = key;
    out.insert(out.end(), value.begin(), value.end());
    if (sure) certain_[a.result].insert(out);
    possible_[a.result].insert(std::move(out));
  }
  return true;
}

// `sure` rows are in every world, `open` ones in some.
bool Model::group(const lang::Aggregate& a, const Row& key, const std::vector<Row>& sure,
                  const std::vector<Row>& open) {
  const bool there = a.domain == lang::kNone || certain_[a.domain].contains(key);
  std::vector<Row> all = sure;
  all.insert(all.end(), open.begin(), open.end());
  if (open.empty()) return put(a, key, all, there);
  if (existential(a.op)) {
    put(a, key, all, there && !sure.empty());
    return sure.empty() ? put(a, key, {}, false) : true;
  }
  if (extreme(a.op)) {
    for (const Row& row : all) {
      const auto beats = [&](const Row& other) { return better(program_, a, other, row, *in_.symbols) < 0; };
      if (std::any_of(sure.begin(), sure.end(), beats)) continue;
      const bool holds_here = std::find(sure.begin(), sure.end(), row) != sure.end();
      put(a, key, {row}, there && holds_here && std::none_of(open.begin(), open.end(), beats));
    }
    return true;
  }
  if (open.size() > kMaxOpen) return fail("the aggregate `" + a.text + "` has too many worlds to check");
  for (std::size_t bits = 0; bits < (std::size_t{1} << open.size()); ++bits) {
    std::vector<Row> in = sure;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (bits >> i & 1) in.push_back(open[i]);
    if (!put(a, key, in, false)) return false;
  }
  return true;
}

// What all worlds say of each group that some world has, as far as it holds in those that are left.
bool Model::over_all(const lang::Aggregate& a) {
  Model& open = in_.open ? *in_.open : *this;
  if (!open.evaluate(a.body) || (a.domain != lang::kNone && !open.evaluate(a.domain))) return fail(open.why());
  std::set<Row> keys;
  if (a.groups == 0 && a.domain == lang::kNone) keys.insert(Row());
  Table& names = open.possible_[a.domain == lang::kNone ? a.body : a.domain];
  for (std::size_t i = 0; i < names.size(); ++i) keys.insert(Row(names[i].begin(), names[i].begin() + a.groups));
  for (const Row& key : keys) {
    Lineages& lineages = in_.models->lineages();
    const auto* all = lineages.outcomes(a, key);
    if (!all) return fail(lineages.why());
    for (const Told& one : *all) {
      bool may = true, must = true;
      const auto rest_on = [&](RelationId r, const Row& row) {
        may = may && possible_[r].contains(row);
        must = must && certain_[r].contains(row);
      };
      if (a.domain != lang::kNone && !a.one_world) rest_on(a.domain, key);
      for (const Row& row : one.outcome.rows) rest_on(a.body, row);
      if (one.event != kNoEvent) {
        const Truth known = truth(one.event, literals_, *in_.events);
        may = may && known != Truth::fails;
        must = must && known == Truth::holds;
      }
      Row out = key;
      out.insert(out.end(), one.outcome.value.begin(), one.outcome.value.end());
      if (may && must) certain_[a.result].insert(out);
      if (may) possible_[a.result].insert(std::move(out));
    }
  }
  return true;
}

bool Model::aggregate(const lang::Aggregate& a) {
  if (looks_at_all(a)) return over_all(a);
  struct Group {
    std::vector<Row> sure, open;
  };
  std::map<Row, Group> groups;
  if (a.groups == 0 && a.domain == lang::kNone) groups[{}];
  if (a.domain != lang::kNone)
    for (std::size_t i = 0; i < possible_[a.domain].size(); ++i) groups[possible_[a.domain][i]];
  Table& body = possible_[a.body];
  for (std::size_t i = 0; i < body.size(); ++i) {
    const Row key(body[i].begin(), body[i].begin() + a.groups);
    if (a.domain != lang::kNone && !groups.contains(key)) continue;
    (certain_[a.body].contains(body[i]) ? groups[key].sure : groups[key].open).push_back(body[i]);
  }
  for (const auto& [key, rows] : groups)
    if (!group(a, key, rows.sure, rows.open)) return false;
  return true;
}

namespace {

// The columns whose value is known, as Table::with takes them.
std::pair<std::uint64_t, Row> bound_columns(const std::vector<std::optional<Cell>>& args) {
  std::uint64_t mask = 0;
  Row key;
  for (std::size_t c = 0; c < args.size(); ++c)
    if (args[c] && c < 64) {
      mask |= std::uint64_t{1} << c;
      key.push_back(*args[c]);
    }
  return {mask, std::move(key)};
}

}  // namespace

bool Model::matches(Table& table, const std::vector<std::optional<Cell>>& args) {
  const auto [mask, key] = bound_columns(args);
  if (mask == 0) return table.size() > 0;
  if (key.size() == args.size()) return table.contains(key);
  return !table.with(mask, key).empty();
}

std::vector<const Row*> Model::matching(RelationId relation, const std::vector<std::optional<Cell>>& args) {
  const auto [mask, key] = bound_columns(args);
  std::vector<const Row*> out;
  Table& rows = possible_[relation];
  if (mask == 0)
    for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(&rows[i]);
  else
    for (std::uint32_t i : rows.with(mask, key)) out.push_back(&rows[i]);
  return out;
}

bool Model::possible(RelationId relation, const std::vector<std::optional<Cell>>& args) {
  return matches(possible_[relation], args);
}
bool Model::certain(RelationId relation, const std::vector<std::optional<Cell>>& args) {
  return matches(certain_[relation], args);
}

}  // namespace tenfold::proof
