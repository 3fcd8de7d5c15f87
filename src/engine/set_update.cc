#include "engine/set_update.h"

#include <algorithm>

#include "engine/bit_walk.h"

namespace tenfold::engine {
namespace {

// Rows that were noted more than once, or whose state has changed since.
void tidy(std::vector<std::uint32_t>& rows, const SetUpkeep& up, RowState wanted) {
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::erase_if(rows, [&](std::uint32_t r) { return up.state(r) != wanted; });
}

void tidy(SetUpkeep& up) {
  tidy(up.gone_rows, up, RowState::gone);
  tidy(up.fresh_rows, up, RowState::fresh);
}

}  // namespace

SetUpdate::SetUpdate(SetExecutor& executor, std::function<Status(std::uint32_t)> aggregate, bool gives_up)
    : e_(executor), aggregate_(std::move(aggregate)), gives_up_(gives_up), inside_(executor.relations_.size(), false) {}

Status SetUpdate::run(std::span<const SetChange> changes) {
  change(changes);
  for (std::size_t s = 0; s < e_.plan_.strata.size(); ++s)
    if (Status done = stratum(s); !done.ok()) {
      for (RelationId r : looked_back_) look_ahead(relation(r));
      return done;
    }
  return {};
}

void SetUpdate::change(std::span<const SetChange> changes) {
  for (SetRelation& r : e_.relations_) r.upkeep->forget_changes();
  for (const SetChange& c : changes) change(c);
  for (SetRelation& r : e_.relations_) tidy(*r.upkeep);
}

void SetUpdate::add_bits(SetRelation& r, Id row, std::uint32_t block, std::uint64_t mask) {
  r.all.add(r.all.at(row), block, mask);
  if (r.wants_second) each_turned(row, block, mask, [&](Id a, Id b) { r.second.insert(a, b); });
}

void SetUpdate::take_bits(SetRelation& r, Id row, std::uint32_t block, std::uint64_t mask) {
  take(r.all, row, block, mask);
  if (r.wants_second) each_turned(row, block, mask, [&](Id a, Id b) { r.second.erase(a, b); });
}

void SetUpdate::change(const SetChange& c) {
  SetRelation& r = relation(c.relation);
  Id ids[64];
  for (std::size_t i = 0; i < c.tuple.size(); ++i) ids[i] = e_.codec_.encode(c.tuple[i], r.kinds[i]);
  r.upkeep->derived ? change_given(c.relation, ids, c.insert) : change_tuple(r, ids, c.insert);
}

// A tuple comes or goes at once, and is noted.
void SetUpdate::change_tuple(SetRelation& r, const Id* ids, bool insert) {
  SetUpkeep& up = *r.upkeep;
  if (r.bits()) {
    const auto [row, bit] = r.place(ids);
    if (r.all.contains(row, bit) == insert) return;
    insert ? add_bits(r, row, bit >> 6, bit_of(bit)) : take_bits(r, row, bit >> 6, bit_of(bit));
    BitRows& undone = insert ? up.gone : up.fresh;
    if (!undone.erase(row, bit)) (insert ? up.fresh : up.gone).insert(row, bit);
    return;
  }
  std::uint32_t at = r.rows.find(ids);
  if ((at != RowSet::kNone && !r.rows.hidden(at)) == insert) return;
  if (at == RowSet::kNone) at = r.rows.number(ids);
  insert ? r.rows.show(at) : r.rows.hide(at);
  const RowState undone = insert ? RowState::gone : RowState::fresh;
  const bool back = up.state(at) == undone;
  up.set_state(at, back ? RowState::old : insert ? RowState::fresh : RowState::gone);
  if (!back) (insert ? up.fresh_rows : up.gone_rows).push_back(at);
}

void SetUpdate::change_given(RelationId id, const Id* ids, bool insert) {
  SetRelation& r = relation(id);
  SetUpkeep& up = *r.upkeep;
  bool new_to_us = false;
  if (r.bits()) {
    const auto [row, bit] = r.place(ids);
    new_to_us = insert ? up.given.insert(row, bit) : up.given.erase(row, bit);
  } else if (up.given_rows.contains(ids) != insert) {
    new_to_us = true;
    insert ? up.given_rows.show(up.given_rows.number(ids)) : up.given_rows.hide(up.given_rows.find(ids));
  }
  auto& noted = insert ? stated_ : withdrawn_;
  if (new_to_us) noted[id].insert(noted[id].end(), ids, ids + std::max(1u, r.arity));
}

// As it was before this update, so that firings of then can be found.
void SetUpdate::look_back(SetRelation& r) {
  put_back(r, r.upkeep->gone, r.upkeep->gone_rows);
  put_away(r, r.upkeep->fresh, r.upkeep->fresh_rows);
}

void SetUpdate::look_ahead(SetRelation& r) {
  put_away(r, r.upkeep->gone, r.upkeep->gone_rows);
  put_back(r, r.upkeep->fresh, r.upkeep->fresh_rows);
}

void SetUpdate::put_back(SetRelation& r, const BitRows& bits, const std::vector<std::uint32_t>& rows) {
  each_block(bits, [&](Id row, std::uint32_t block, std::uint64_t mask) { add_bits(r, row, block, mask); });
  for (std::uint32_t row : rows) r.rows.show(row);
}

void SetUpdate::put_away(SetRelation& r, const BitRows& bits, const std::vector<std::uint32_t>& rows) {
  each_block(bits, [&](Id row, std::uint32_t block, std::uint64_t mask) { take_bits(r, row, block, mask); });
  for (std::uint32_t row : rows) r.rows.hide(row);
}

Status SetUpdate::stratum(std::size_t s) {
  const plan::Stratum& stratum = e_.plan_.strata[s];
  for (std::uint32_t number : stratum.aggregates) {
    const lang::Aggregate& a = e_.plan_.program->aggregates[number];
    if (changed(a.body) || (a.domain != lang::kNone && changed(a.domain)))
      if (Status done = renew(a, number); !done.ok()) return done;
  }
  std::fill(inside_.begin(), inside_.end(), false);
  for (RelationId r : stratum.relations) inside_[r] = true;
  for (std::uint32_t number : stratum.aggregates) inside_[e_.plan_.program->aggregates[number].result] = false;
  recursive_ = !e_.recursive_[s].empty();

  bool touched = false;
  for (const SetExecutor::Trigger& t : e_.triggers_[s])
    touched = touched || (!inside_[t.relation] && changed(t.relation));
  for (RelationId r : stratum.relations) touched = touched || stated_.contains(r) || withdrawn_.contains(r);
  if (!touched) return {};
  for (const SetExecutor::Trigger& t : e_.triggers_[s]) e_.refresh(t.relation);
  for (RelationId r : stratum.relations) e_.refresh(r);
  if (Status done = lose(s); !done.ok()) return done;
  if (Status done = gain(s); !done.ok()) return done;
  return e_.check();
}

RowSet SetUpdate::touched_groups(const lang::Aggregate& a) {
  const SetRelation& r = e_.relation(a.body);
  RowSet groups(static_cast<std::uint32_t>(a.groups));
  auto touch = [&](Id row, std::uint32_t block, std::uint64_t mask) {
    if (r.flipped)
      each_turned(row, block, mask, [&](Id first, Id) { groups.insert(&first); });
    else
      groups.insert(&row);
  };
  each_block(r.upkeep->gone, touch);
  each_block(r.upkeep->fresh, touch);
  for (std::uint32_t row : r.upkeep->gone_rows) groups.insert(r.rows.row(row));
  for (std::uint32_t row : r.upkeep->fresh_rows) groups.insert(r.rows.row(row));
  return groups;
}

void SetUpdate::renew_groups(const lang::Aggregate& a, const RowSet& groups) {
  e_.refresh(a.body);
  e_.refresh(a.result);
  const RowSet found = e_.aggregate_groups(a, groups);
  RowSet before(relation(a.result).arity);
  for (std::uint32_t g = 0; g < groups.size(); ++g)
    e_.each_of_group(a.result, a.groups, groups.row(g), [&](const Id* tuple) { before.insert(tuple); });
  for (std::uint32_t row = 0; row < before.size(); ++row)
    if (!found.contains(before.row(row))) change_tuple(relation(a.result), before.row(row), false);
  for (std::uint32_t row = 0; row < found.size(); ++row)
    if (!before.contains(found.row(row))) change_tuple(relation(a.result), found.row(row), true);
  e_.refresh(a.result);
}

// The aggregate's result made again, and what that changed.
Status SetUpdate::renew(const lang::Aggregate& a, std::uint32_t number) {
  SetRelation& r = relation(a.result);
  if (e_.by_group_[number])
    if (const RowSet groups = touched_groups(a); groups.size() * 2 < r.size()) {
      renew_groups(a, groups);
      return {};
    }
  SetUpkeep& up = *r.upkeep;
  BitRows before = std::move(r.all);
  RowSet rows_before = std::move(r.rows);
  r.all = {};
  r.second = {};
  r.rows = RowSet(r.arity);
  const Status made = aggregate_(number);
  if (r.bits()) {
    each_block(before, [&](Id row, std::uint32_t block, std::uint64_t mask) {
      if (const std::uint64_t gone = mask & ~held(r.all, row, block)) up.gone.add(up.gone.at(row), block, gone);
    });
    each_block(r.all, [&](Id row, std::uint32_t block, std::uint64_t mask) {
      if (const std::uint64_t fresh = mask & ~held(before, row, block)) up.fresh.add(up.fresh.at(row), block, fresh);
    });
  } else {
    const RowSet made_now = std::exchange(r.rows, std::move(rows_before));
    for (std::uint32_t row = 0; row < r.rows.size(); ++row) {
      if (r.rows.hidden(row) || made_now.contains(r.rows.row(row))) continue;
      r.rows.hide(row);
      up.set_state(row, RowState::gone);
      up.gone_rows.push_back(row);
    }
    for (std::uint32_t row = 0; row < made_now.size(); ++row) change_tuple(r, made_now.row(row), true);
  }
  e_.refresh(a.result);
  return made;
}

// Runs a rule by what a relation lost or gained.
Status SetUpdate::run_by(SetRun& run, RelationId id, bool gone) {
  SetRelation& r = relation(id);
  SetUpkeep& up = *r.upkeep;
  BitRows& bits = gone ? up.gone : up.fresh;
  std::vector<std::uint32_t>& rows = gone ? up.gone_rows : up.fresh_rows;
  std::swap(r.delta, bits);
  std::swap(r.delta_rows, rows);
  r.listed = true;
  const Status done = run.run();
  r.listed = false;
  std::swap(r.delta_rows, rows);
  std::swap(r.delta, bits);
  return done;
}

// 2. and 3.
Status SetUpdate::gain(std::size_t s) {
  const plan::Stratum& stratum = e_.plan_.strata[s];
  for (const SetRule& check : e_.checks_[s]) {
    if (upkeep(check.head).gone.size() == 0 && upkeep(check.head).gone_rows.empty()) continue;
    SetRun run(e_, check);
    if (Status done = run_by(run, check.head, true); !done.ok()) return done;
  }
  for (const SetExecutor::Trigger& t : e_.triggers_[s]) {
    if (inside_[t.relation] || !changed(t.relation)) continue;
    SetRun run(e_, t.rule);
    if (Status done = run_by(run, t.relation, t.negative); !done.ok()) return done;
  }
  insert_given(stratum);
  std::vector<SetRun> runs;
  for (const SetRule& rule : e_.recursive_[s]) runs.emplace_back(e_, rule);
  while (merge(stratum) && recursive_) {
    ++e_.rounds_;
    for (SetRun& run : runs)
      if (Status done = run.run(); !done.ok()) return done;
    if (Status ok = e_.check(); !ok.ok()) return ok;
  }
  for (RelationId id : stratum.relations) {
    SetRelation& r = relation(id);
    r.delta.clear();
    r.delta_rows.clear();
    r.listed = false;
    r.high = r.rows.size();
    tidy(*r.upkeep);
  }
  return {};
}

void SetUpdate::insert_given(const plan::Stratum& stratum) {
  for (RelationId id : stratum.relations) {
    const auto found = stated_.find(id);
    if (found == stated_.end()) continue;
    SetRelation& r = relation(id);
    const std::uint32_t step = std::max(1u, r.arity);
    for (std::size_t at = 0; at < found->second.size(); at += step) {
      const Id* ids = &found->second[at];
      if (!r.bits()) {
        if (r.upkeep->given_rows.contains(ids)) r.rows.number(ids);
        continue;
      }
      const auto [row, bit] = r.place(ids);
      if (r.upkeep->given.contains(row, bit) && !r.all.contains(row, bit)) r.next.insert(row, bit);
    }
  }
}

// What this round added becomes the delta, and counts as fresh unless it was there before the update.
bool SetUpdate::merge(const plan::Stratum& stratum) {
  bool grew = false;
  ++e_.clock_;
  for (RelationId id : stratum.relations) {
    SetRelation& r = relation(id);
    SetUpkeep& up = *r.upkeep;
    if (!inside_[id]) continue;
    if (r.bits()) {
      r.delta.clear();
      std::swap(r.delta, r.next);
      grew = grew || r.delta.size() > 0;
      each_block(r.delta, [&](Id row, std::uint32_t block, std::uint64_t mask) {
        add_bits(r, row, block, mask);
        if (recursive_) up.ranks.add(up.ranks.at(row), block, mask, e_.clock_);
        const std::uint64_t back = mask & held(up.gone, row, block);
        if (back) take(up.gone, row, block, back);
        if (mask & ~back) up.fresh.add(up.fresh.at(row), block, mask & ~back);
      });
      continue;
    }
    r.delta_rows.clear();
    r.listed = true;
    if (recursive_) up.row_ranks.resize(r.rows.size(), e_.clock_);
    auto came = [&](std::uint32_t row) {
      r.delta_rows.push_back(row);
      const bool back = up.state(row) == RowState::gone;
      up.set_state(row, back ? RowState::old : RowState::fresh);
      if (!back) up.fresh_rows.push_back(row);
    };
    for (std::uint32_t row = r.high; row < r.rows.size(); ++row) came(row);
    for (std::uint32_t row : r.rows.returned()) {
      r.rows.show(row);
      if (recursive_) up.row_ranks[row] = e_.clock_;
      came(row);
    }
    r.rows.returned().clear();
    r.high = r.rows.size();
    for (RowIndex& index : r.indexes) index.catch_up(r.rows);
    grew = grew || !r.delta_rows.empty();
  }
  return grew;
}

}  // namespace tenfold::engine
