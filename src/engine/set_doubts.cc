// What an update takes away (set_update.h, 1.): tuples in doubt, by rank, and which of them stand.
#include <algorithm>

#include "engine/bit_walk.h"
#include "engine/set_update.h"

namespace tenfold::engine {
namespace {

// A stratum that loses more than so many of its tuples, and than one in so many, is likely to be made faster afresh.
constexpr std::uint64_t kFew = 20'000, kMost = 8;

}  // namespace

// Something that a firing read is gone, or something came that a literal under `not` excludes.
bool SetUpdate::may_lose(std::size_t s) const {
  for (const SetExecutor::Trigger& t : e_.triggers_[s]) {
    const SetUpkeep& up = upkeep(t.relation);
    if (inside_[t.relation]) continue;
    if (t.negative ? up.fresh.size() > 0 || !up.fresh_rows.empty() : up.gone.size() > 0 || !up.gone_rows.empty())
      return true;
  }
  const auto& own = e_.plan_.strata[s].relations;
  return std::any_of(own.begin(), own.end(), [&](RelationId r) { return withdrawn_.contains(r); });
}

// 1.
Status SetUpdate::lose(std::size_t s) {
  if (!may_lose(s)) return {};
  const plan::Stratum& stratum = e_.plan_.strata[s];
  mode_ = Mode::doubt;
  rank_ = 0;
  lost_ = had_ = 0;
  for (RelationId r : stratum.relations) had_ += relation(r).size();
  for (const SetExecutor::Trigger& t : e_.triggers_[s])
    if (!inside_[t.relation] && changed(t.relation) &&
        std::find(looked_back_.begin(), looked_back_.end(), t.relation) == looked_back_.end()) {
      look_back(relation(t.relation));
      looked_back_.push_back(t.relation);
    }
  for (const SetExecutor::Trigger& t : e_.triggers_[s]) {
    if (inside_[t.relation] || !changed(t.relation)) continue;
    head_ = t.rule.head;
    SetRun run(e_, t.rule, this);
    if (Status done = run_by(run, t.relation, !t.negative); !done.ok()) return done;
  }
  doubt_erased(stratum);
  while (!doubts_.empty()) {
    auto first = doubts_.extract(doubts_.begin());
    rank_ = first.key();
    if (Status done = judge(s, first.mapped()); !done.ok()) return done;
  }
  settle();
  return {};
}

// A fact that is stated no more stands if a rule says so.
void SetUpdate::doubt_erased(const plan::Stratum& stratum) {
  for (RelationId id : stratum.relations) {
    const auto found = withdrawn_.find(id);
    if (found == withdrawn_.end()) continue;
    const SetRelation& r = relation(id);
    const std::uint32_t step = std::max(1u, r.arity);
    for (std::size_t at = 0; at < found->second.size(); at += step) {
      const Id* ids = &found->second[at];
      if (!r.bits()) {
        const std::uint32_t row = r.rows.find(ids);
        if (row == RowSet::kNone || r.rows.hidden(row)) continue;
        doubts_[recursive_ ? upkeep(id).row_ranks[row] : 0].rows.emplace_back(id, row);
        continue;
      }
      const auto [row, bit] = r.place(ids);
      if (!r.all.contains(row, bit)) continue;
      doubts_[recursive_ ? upkeep(id).ranks.rank(row, bit) : 0].pieces.push_back({id, row, bit >> 6, bit_of(bit)});
    }
  }
}

void SetUpdate::bits(Id row, std::uint32_t block, std::uint64_t mask) {
  if (mode_ == Mode::keep) {
    BitRows& kept = kept_[head_];
    kept.add(kept.at(row), block, mask);
    return;
  }
  if (recursive_) {
    upkeep(head_).ranks.each(row, block, mask, rank_, [&](std::uint32_t rank, std::uint64_t its) {
      doubts_[rank].pieces.push_back({head_, row, block, its});
    });
  } else if (mask &= held(e_.relations_[head_].all, row, block); mask) {
    doubts_[0].pieces.push_back({head_, row, block, mask});
  }
}

void SetUpdate::tuple(const Id* tuple) {
  const SetRelation& r = e_.relations_[head_];
  const std::uint32_t at = r.rows.find(tuple);
  if (at == RowSet::kNone || r.rows.hidden(at)) return;
  if (mode_ == Mode::keep) {
    auto& kept = kept_rows_[head_];
    if (kept.size() <= at) kept.resize(r.rows.size(), false);
    kept[at] = true;
    return;
  }
  if (r.upkeep->state(at) == RowState::gone) return;
  const std::uint32_t rank = recursive_ ? r.upkeep->row_ranks[at] : 0;
  if (!recursive_ || rank > rank_) doubts_[rank].rows.emplace_back(head_, at);
}

// Doubtful tuples of one rank become the deltas of their relations.
void SetUpdate::lay_before(const Doubts& doubts) {
  for (const Piece& p : doubts.pieces) {
    SetRelation& r = relation(p.relation);
    std::uint64_t mask = p.mask & ~held(r.upkeep->given, p.row, p.block);
    if (mask) r.delta.add(r.delta.at(p.row), p.block, mask);
  }
  for (const auto& [id, row] : doubts.rows) {
    SetRelation& r = relation(id);
    r.listed = true;
    if (r.upkeep->state(row) != RowState::gone && !r.upkeep->given_rows.contains(r.rows.row(row)))
      r.delta_rows.push_back(row);
  }
}

Status SetUpdate::judge(std::size_t s, const Doubts& doubts) {
  const plan::Stratum& stratum = e_.plan_.strata[s];
  lay_before(doubts);
  for (RelationId id : stratum.relations) {
    auto& rows = relation(id).delta_rows;
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    kept_[id].clear();
  }
  mode_ = Mode::keep;
  kept_rows_.clear();
  for (const SetRule& check : e_.checks_[s]) {
    head_ = check.head;
    if (relation(head_).delta_empty()) continue;
    if (Status done = SetRun(e_, check, this, this).run(); !done.ok()) return done;
  }
  for (RelationId id : stratum.relations) {
    SetRelation& r = relation(id);
    SetUpkeep& up = *r.upkeep;
    BitRows lost;
    const BitRows& kept = kept_[id];
    each_block(r.delta, [&](Id row, std::uint32_t block, std::uint64_t mask) {
      mask &= ~held(kept, row, block);
      if (mask == 0) return;
      lost.add(lost.at(row), block, mask);
      lost_ += static_cast<std::uint64_t>(std::popcount(mask));
      up.gone.add(up.gone.at(row), block, mask);
      if (recursive_) up.ranks.remove(row, block, mask);
    });
    r.delta = std::move(lost);
    const auto& kept_rows = kept_rows_[id];
    std::erase_if(r.delta_rows, [&](std::uint32_t row) { return row < kept_rows.size() && kept_rows[row]; });
    lost_ += r.delta_rows.size();
    for (std::uint32_t row : r.delta_rows) {
      up.set_state(row, RowState::gone);
      up.gone_rows.push_back(row);
    }
  }
  mode_ = Mode::doubt;
  if (recursive_)
    for (const SetExecutor::Trigger& t : e_.triggers_[s]) {
      if (!inside_[t.relation] || relation(t.relation).delta_empty()) continue;
      head_ = t.rule.head;
      if (Status done = SetRun(e_, t.rule, this).run(); !done.ok()) return done;
    }
  for (RelationId id : stratum.relations) {
    relation(id).delta.clear();
    relation(id).delta_rows.clear();
    relation(id).listed = false;
  }
  if (gives_up_ && lost_ > kFew && lost_ > had_ / kMost) return Error{kGivenUp, {}, "", "", ""};
  return e_.check();
}

// All relations as they now are.
void SetUpdate::settle() {
  for (RelationId r : looked_back_) look_ahead(relation(r));
  looked_back_.clear();
  for (RelationId id = 0; id < inside_.size(); ++id) {
    if (!inside_[id]) continue;
    SetRelation& r = relation(id);
    put_away(r, r.upkeep->gone, r.upkeep->gone_rows);
  }
}

std::uint64_t SetUpdate::seen(RelationId id, bool second, Id row, std::uint32_t block, std::uint64_t mask) const {
  const SetUpkeep& up = upkeep(id);
  if (inside_[id]) {
    if (!second) return mask & up.ranks.below(row, block, rank_);
    std::uint64_t out = 0;
    each_turned(row, block, mask, [&](Id a, Id b) {
      if (const std::uint32_t rank = up.ranks.rank(a, b); rank > 0 && rank < rank_) out |= bit_of(a);
    });
    return out;
  }
  if (up.gone.size() == 0) return mask;
  if (!second) return mask & ~held(up.gone, row, block);
  std::uint64_t out = 0;
  each_turned(row, block, mask, [&](Id a, Id b) {
    if (!up.gone.contains(a, b)) out |= bit_of(a);
  });
  return out;
}

std::uint64_t SetUpdate::there(RelationId id, bool second, Id row, std::uint32_t block, std::uint64_t mask) const {
  const SetUpkeep& up = upkeep(id);
  if (up.fresh.size() == 0) return mask;
  if (!second) return mask | held(up.fresh, row, block);
  for (Id bit = block << 6, end = bit + 64; bit != end; ++bit)
    if (up.fresh.contains(bit, row)) mask |= bit_of(bit);
  return mask;
}

bool SetUpdate::seen(RelationId id, std::uint32_t row) const {
  const SetUpkeep& up = upkeep(id);
  return up.state(row) != RowState::gone && (!inside_[id] || up.row_ranks[row] < rank_);
}

bool SetUpdate::there(RelationId id, std::uint32_t row) const {
  return !e_.relations_[id].rows.hidden(row) || upkeep(id).state(row) == RowState::fresh;
}

}  // namespace tenfold::engine
