#include "engine/row_update.h"

#include <algorithm>

#include "engine/aggregate.h"
#include "engine/tags.h"

namespace tenfold::engine {

RowUpdate::RowUpdate(Evaluation& evaluation, const plan::Updates& updates)
    : e_(evaluation),
      d_(*evaluation.derivations_),
      updates_(updates),
      rows_(e_.plan_.relations.size()),
      inside_(e_.plan_.relations.size(), false),
      aggregated_(e_.plan_.relations.size(), false),
      risen_(e_.plan_.relations.size()) {
  for (const plan::Stratum& stratum : e_.plan_.strata)
    for (std::uint32_t a : stratum.aggregates) aggregated_[e_.plan_.program->aggregates[a].result] = true;
}

bool RowUpdate::there(TupleRef t) const {
  const Mark m = known(t);
  return m & kTouched ? (m & kThere) != 0 : e_.relation(t.relation).there(t.row);
}

bool RowUpdate::certain(TupleRef t) const {
  const Mark m = known(t);
  return m & kTouched ? (m & kCertain) != 0 : e_.relation(t.relation).certain(t.row);
}

// That are alive, as far as it is known; f may attach no more.
template <class F>
void RowUpdate::each_firing(TupleRef t, F f) const {
  for (std::uint32_t at = e_.relation(t.relation).firing(t.row); at != kNone; at = e_.firings_[at].next)
    if (!d_.dead(at)) f(at);
}

// The heads within the stratum of the firings that read a row.
template <class F>
void RowUpdate::each_head(TupleRef t, F f) const {
  d_.each_use(t.relation, t.row, [&](std::uint32_t firing) {
    const RelationId head = e_.plan_.rules[e_.firings_[firing].source].head;
    if (inside_[head]) f(TupleRef{head, d_.head(firing)}, firing);
  });
}

Status RowUpdate::run(std::span<const Change> changes) {
  for (const Change& c : changes)
    if (Status s = change(c); !s.ok()) return s;
  if (Status s = judge(e_.given_relations(), nullptr, {}); !s.ok()) return s;
  for (std::size_t s = 0; s < e_.plan_.strata.size(); ++s) {
    const plan::Stratum& stratum = e_.plan_.strata[s];
    if (Status done = judge(stratum.relations, &updates_.strata[s], stratum.aggregates); !done.ok()) return done;
    if (Status limits = e_.check_limits(); !limits.ok()) return limits;
  }
  return {};
}

// Facts alone; a firing that goes stays in its list until the stratum is known.
Status RowUpdate::change(const Change& c) {
  const FactTable& table = *c.table;
  Relation& relation = e_.relations_[c.relation];
  for (std::size_t i = 0; i < table.rows(); ++i) {
    Row row = relation.find(table.row(i));
    if (!c.insert) {
      if (row == kNone) continue;
      touch({c.relation, row});
      d_.set_stated(c.relation, row, false);
      each_firing({c.relation, row}, [&](std::uint32_t f) {
        if (e_.firings_[f].kind == FiringKind::given) d_.kill(f);
      });
      relation.set_origin(row, kNone);
      continue;
    }
    if (row == kNone) row = relation.insert(table.row(i)).first;
    touch({c.relation, row});
    if (Status s = e_.add_one(c.relation, table, i); !s.ok()) return s;
  }
  return {};
}

void RowUpdate::touch(TupleRef t) {
  const Relation& relation = e_.relation(t.relation);
  Rows& rows = rows_[t.relation];
  if (rows.marks.size() < relation.size()) rows.marks.resize(relation.size(), 0);
  Mark& m = rows.marks[t.row];
  if (m & kTouched) return;
  m = kTouched;
  if (relation.there(t.row)) m |= kWasThere | (judging_ ? kThere : 0);
  if (relation.certain(t.row)) m |= kWasCertain;
  rows.touched.push_back(t.row);
  if (inside_[t.relation]) mine_.push_back(t);
}

// What rests on what is touched.
void RowUpdate::close() {
  for (; closed_ < mine_.size(); ++closed_)
    each_head(mine_[closed_], [&](TupleRef head, std::uint32_t) { touch(head); });
}

void RowUpdate::touch_readers() {
  for (RelationId r = 0; r < rows_.size(); ++r) {
    if (inside_[r]) continue;
    for (Row row : rows_[r].touched)
      if (known({r, row}) & kChanged) each_head({r, row}, [&](TupleRef head, std::uint32_t) { touch(head); });
  }
}

Status RowUpdate::judge(const std::vector<RelationId>& relations, const plan::StratumUpdates* updates,
                        const std::vector<std::uint32_t>& aggregates) {
  std::fill(inside_.begin(), inside_.end(), false);
  for (RelationId r : relations) inside_[r] = true;
  mine_.clear();
  closed_ = 0;
  judging_ = false;
  for (RelationId r : relations)
    for (Row row : rows_[r].touched) mine_.push_back({r, row});
  for (std::uint32_t number : aggregates)
    if (Status s = renew(number); !s.ok()) return s;
  if (updates) touch_readers();
  close();

  judging_ = true;
  const std::size_t doubted = mine_.size();
  if (updates)
    if (Status s = fire(*updates, false); !s.ok()) return s;
  for (std::size_t i = 0; i < doubted; ++i) {
    bool held = stated(mine_[i]);
    each_firing(mine_[i], [&](std::uint32_t f) { held = held || holds(f); });
    if (held) raise(mine_[i]);
  }
  settle();
  while (updates && std::any_of(relations.begin(), relations.end(), [&](RelationId r) { return !risen_[r].empty(); })) {
    if (Status s = fire(*updates, true); !s.ok()) return s;
    settle();
    if (Status s = e_.check_limits(); !s.ok()) return s;
  }
  for (RelationId r : relations) risen_[r].clear();
  settle_certain();
  prune();
  return e_.has_tags() ? e_.tags_->renew(e_, mine_) : Status();
}

// The rules of the stratum by what changed: below it, or within it since they last fired.
Status RowUpdate::fire(const plan::StratumUpdates& updates, bool within) {
  std::vector<std::vector<Row>> risen(rows_.size());
  if (within) risen.swap(risen_);
  std::vector<std::pair<TupleRef, std::uint32_t>> made;
  const Join::Made note = [&](RelationId head, Row row, std::uint32_t firing) {
    if (firing == kNone)
      touch({head, row});
    else
      made.push_back({{head, row}, firing});
  };
  for (const plan::Trigger& t : updates.triggers) {
    if (inside_[t.relation] != within) continue;
    std::vector<Row> changed;
    if (within) {
      changed = risen[t.relation];
    } else {
      for (Row row : rows_[t.relation].touched) {
        const Mark m = mark({t.relation, row});
        if (t.negative ? (m & kWasCertain) && !(m & kCertain) : !(m & kWasThere) && (m & kThere))
          changed.push_back(row);
      }
    }
    if (changed.empty()) continue;
    e_.catch_up(t.variant);
    Join join(e_);
    const plan::PlanRule& rule = updates_.rules[t.variant.rule - e_.plan_.rules.size()];
    if (Status s = join.run_changed(t.variant, rule, t.rule, changed, note); !s.ok()) return s;
  }
  close();
  for (const auto& [head, firing] : made)
    if (!there(head) && holds(firing)) raise(head);
  return {};
}

void RowUpdate::raise(TupleRef t) {
  Mark& m = mark(t);
  if (m & kThere) return;
  m |= kThere;
  raised_.push_back(t);
  if (!(m & kWasThere)) risen_[t.relation].push_back(t.row);
}

void RowUpdate::settle() {
  while (!raised_.empty()) {
    const TupleRef t = raised_.back();
    raised_.pop_back();
    each_head(t, [&](TupleRef head, std::uint32_t firing) {
      if (!there(head) && holds(firing)) raise(head);
    });
  }
}

void RowUpdate::settle_certain() {
  const auto make = [&](TupleRef t) {
    mark(t) |= kCertain;
    raised_.push_back(t);
  };
  for (const TupleRef t : mine_) {
    if (!(mark(t) & kThere) || certain(t)) continue;
    bool sure = !e_.has_tags() || stated_certain(t);
    each_firing(t, [&](std::uint32_t f) { sure = sure || is_certain(f); });
    if (sure) make(t);
  }
  while (!raised_.empty()) {
    const TupleRef t = raised_.back();
    raised_.pop_back();
    each_head(t, [&](TupleRef head, std::uint32_t firing) {
      if ((known(head) & kThere) && !certain(head) && is_certain(firing)) make(head);
    });
  }
}

// By a fact or an aggregate.
bool RowUpdate::stated_certain(TupleRef t) const {
  return d_.stated(t.relation, t.row) || (aggregated_[t.relation] && e_.relation(t.relation).certain(t.row));
}

bool RowUpdate::stated(TupleRef t) const {
  bool is = stated_certain(t);
  each_firing(t, [&](std::uint32_t f) { is = is || e_.firings_[f].kind != FiringKind::rule; });
  return is;
}

// Whether f(row, it stands under `not`) is true of all rows that the firing of a rule read.
template <class F>
bool RowUpdate::all_read(std::uint32_t firing, F f) const {
  const plan::PlanRule& rule = e_.plan_.rules[e_.firings_[firing].source];
  const auto read = d_.read(e_.firings_, firing);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const lang::Literal& l = rule.body[i].literal;
    if (read[i] != kNone && !f(TupleRef{l.relation, read[i]}, l.kind == lang::LiteralKind::negative)) return false;
  }
  return true;
}

bool RowUpdate::holds(std::uint32_t firing) const {
  const Firing& f = e_.firings_[firing];
  if (d_.dead(firing)) return false;
  if (f.kind != FiringKind::rule) return true;
  return all_read(firing, [&](TupleRef t, bool negative) { return negative ? !certain(t) : there(t); });
}

bool RowUpdate::is_certain(std::uint32_t firing) const {
  const Firing& f = e_.firings_[firing];
  if (f.kind != FiringKind::rule || !holds(firing)) return false;
  if (e_.plan_.rules[f.source].kind != plan::RuleKind::derived) return true;
  if (f.event != kNone) return false;
  return all_read(firing, [&](TupleRef t, bool negative) { return negative ? !there(t) : certain(t); });
}

// The rows of an aggregate whose groups changed are touched, all of them.
Status RowUpdate::renew(std::uint32_t number) {
  const lang::Aggregate& a = e_.plan_.program->aggregates[number];
  Relation groups(a.groups);
  for (RelationId r : {a.body, a.domain}) {
    if (r == kNone) continue;
    for (Row row : rows_[r].touched)
      if (known({r, row}) & kChanged) groups.insert(e_.relation(r).row(row).first(a.groups));
  }
  if (groups.size() == 0) return {};
  Relation& result = e_.relations_[a.result];
  const auto one_of_them = [&](Row row) { return groups.find(result.row(row).first(a.groups)) != kNone; };
  const Row before = result.size();
  for (Row row = 0; row < before; ++row) {
    if (!result.there(row) || !one_of_them(row)) continue;
    touch({a.result, row});
    each_firing({a.result, row}, [&](std::uint32_t f) { d_.kill(f); });
    result.set_firing(row, kNone);
    result.set_certain(row, false);
  }
  if (Status s = e_.prepare_tags({number}); !s.ok()) return s;
  Aggregation aggregation(e_, a, number, &groups);
  if (Status s = aggregation.run(); !s.ok()) return s;
  for (Row row = 0; row < result.size(); ++row) {
    if (!result.there(row) || !one_of_them(row) || (known({a.result, row}) & kTouched)) continue;
    touch({a.result, row});
    mark({a.result, row}) &= static_cast<Mark>(~(kWasThere | kWasCertain));
  }
  return {};
}

void RowUpdate::prune() {
  std::vector<std::uint32_t> kept;
  for (const TupleRef t : mine_) {
    Mark& m = mark(t);
    Relation& relation = e_.relations_[t.relation];
    kept.clear();
    bool all = true;
    for (std::uint32_t f = relation.firing(t.row); f != kNone; f = e_.firings_[f].next) {
      const bool stays = (m & kThere) && holds(f);
      if (stays) kept.push_back(f);
      all = all && stays;
      if (!stays) d_.kill(f);
    }
    if (!all) e_.firings_.keep(relation, t.row, kept);
    relation.set_certain(t.row, (m & kCertain) != 0);
    const bool same = (m & kWasCertain) && (m & kCertain);
    const bool none = !(m & kWasThere) && !(m & kThere);
    if (!same && !none) m |= kChanged;
  }
}

}  // namespace tenfold::engine
