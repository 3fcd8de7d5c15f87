#include "engine/set_executor.h"

#include "engine/set_round.h"

namespace tenfold::engine {
namespace {

constexpr std::uint32_t kRounds = 16;  // of updates, before ranks need more room

// By digits of eight bits from the lowest; a digit that all keys share costs one look.
void sort_keys(std::vector<std::uint64_t>& keys) {
  std::vector<std::uint64_t> other(keys.size());
  for (int shift = 0; shift < 64; shift += 8) {
    std::size_t starts[257] = {};
    for (std::uint64_t key : keys) ++starts[(key >> shift & 255) + 1];
    if (starts[(keys[0] >> shift & 255) + 1] == keys.size()) continue;
    for (int digit = 0; digit < 256; ++digit) starts[digit + 1] += starts[digit];
    for (std::uint64_t key : keys) other[starts[key >> shift & 255]++] = key;
    keys.swap(other);
  }
}

// Of what came in bits, and of all rows that have none yet.
void add_ranks(SetRelation& r, const BitRows& came, std::uint32_t rank) {
  r.upkeep->row_ranks.resize(r.rows.size(), rank);
  for (std::uint32_t row = 0; row < came.rows(); ++row) {
    const std::uint32_t at = r.upkeep->ranks.at(came.key(row));
    came.each_block(row, [&](std::uint32_t block, std::uint64_t mask) { r.upkeep->ranks.add(at, block, mask, rank); });
  }
}

void keep_given(SetRelation& r, const Id* ids) {
  if (r.bits()) {
    const auto [row, bit] = r.place(ids);
    r.upkeep->given.insert(row, bit);
  } else {
    r.upkeep->given_rows.insert(ids);
  }
}

}  // namespace

SetExecutor::SetExecutor(const plan::Plan& plan, Symbols& symbols, std::function<Status(std::size_t)> check,
                         const plan::Updates* updates)
    : plan_(plan),
      symbols_(symbols),
      check_(std::move(check)),
      copy_of_(copies(plan)),
      relations_(lay_out(plan, copy_of_, updates == nullptr)),
      updates_(updates) {
  for (const plan::Stratum& stratum : plan.strata) {
    auto& first = first_.emplace_back();
    auto& recursive = recursive_.emplace_back();
    for (const plan::Variant& v : stratum.first)
      if (const RelationId head = plan.rules[v.rule].head; copy_of_[head] == head)
        first.push_back(compile_set_rule(plan, plan.rules[v.rule], v, relations_, copy_of_, codec_));
    for (const plan::Variant& v : stratum.recursive)
      if (const RelationId head = plan.rules[v.rule].head; copy_of_[head] == head)
        recursive.push_back(compile_set_rule(plan, plan.rules[v.rule], v, relations_, copy_of_, codec_));
  }
  ranked_ = updates_ != nullptr;
  if (updates_) compile_updates();
}

void SetExecutor::add(RelationId r, std::span<const Cell> tuple, bool stated) {
  SetRelation& relation = relations_[r];
  Id ids[64];
  for (std::size_t c = 0; c < tuple.size(); ++c) ids[c] = codec_.encode(tuple[c], relation.kinds[c]);
  relation.load(ids);
  if (stated && relation.upkeep && relation.upkeep->derived) keep_given(relation, ids);
}

void SetExecutor::load(RelationId id, std::span<const Cell> tuples) {
  SetRelation& r = relations_[id];
  if (r.arity == 0 || tuples.empty()) return;
  if (r.packed) {
    for (std::size_t at = 0; at < tuples.size(); at += r.arity) add(id, tuples.subspan(at, r.arity));
    return;
  }
  std::vector<Id> batch;
  std::vector<std::uint64_t> keys;  // row, then bit
  if (r.bits()) keys.reserve(tuples.size() / r.arity);
  Id ids[64];
  for (std::size_t at = 0; at < tuples.size(); at += r.arity) {
    for (std::uint32_t c = 0; c < r.arity; ++c) ids[c] = codec_.encode(tuples[at + c], r.kinds[c]);
    if (r.upkeep && r.upkeep->derived) keep_given(r, ids);
    if (r.bits()) {
      const auto [row, bit] = r.place(ids);
      keys.push_back(std::uint64_t{row} << 32 | bit);
      continue;
    }
    batch.insert(batch.end(), ids, ids + r.arity);
    if (batch.size() < RowSet::kBatch * r.arity && at + r.arity < tuples.size()) continue;
    r.rows.insert_batch(batch.data(), batch.size() / r.arity);
    batch.clear();
  }
  if (keys.empty()) return;
  sort_keys(keys);
  for (std::size_t i = 0; i < keys.size();) {
    const std::uint64_t block = keys[i] >> 6;
    std::uint64_t mask = 0;
    for (; i < keys.size() && keys[i] >> 6 == block; ++i) mask |= std::uint64_t{1} << (keys[i] & 63);
    r.all.add(r.all.at(static_cast<Id>(block >> 26)), static_cast<std::uint32_t>(block & ((1u << 26) - 1)), mask);
  }
}

std::size_t SetExecutor::bytes() const {
  std::size_t n = codec_.bytes();
  for (const SetRelation& r : relations_) n += r.bytes();
  return n;
}

std::uint64_t SetExecutor::derived() const {
  std::uint64_t n = 0;
  for (const plan::Stratum& stratum : plan_.strata)
    for (RelationId r : stratum.relations)
      if (copy_of_[r] == r) n += size(r);
  return n;
}

Status SetExecutor::check() { return check_(bytes()); }

// Of one lane among several, which may not look at what the others write.
Status SetExecutor::check_lane(std::size_t own) {
  if (stopped_) return Error{kOtherLane, {}, "", "", ""};
  return check_(bytes_before_ + own);
}

// Before a round: second views and indexes hold what `all` holds.
void SetExecutor::refresh(RelationId id) {
  SetRelation& r = relations_[copy_of_[id]];
  r.low = r.high = r.rows.size();
  if (r.wants_second && r.second.size() != r.all.size()) {
    r.second.clear();
    add_turned(r.second, r.all, *team_);
  }
  r.catch_up();
}

void SetExecutor::catch_up(const plan::Stratum& stratum) {
  for (std::uint32_t rule : stratum.rules)
    for (const plan::PlanLiteral& l : plan_.rules[rule].body)
      if (l.literal.kind != lang::LiteralKind::constraint) refresh(l.literal.relation);
  for (RelationId id : stratum.relations) refresh(id);
}

// What the last round added becomes the delta. False when it added nothing.
bool SetExecutor::merge(const plan::Stratum& stratum, bool recursive) {
  bool grew = false;
  ++clock_;
  for (RelationId id : stratum.relations) {
    SetRelation& r = relations_[id];
    if (recursive && ranked_) add_ranks(r, r.next, clock_);
    if (!r.bits()) {
      r.low = r.high;
      r.high = r.rows.size();
      grew = grew || r.low < r.high;
      if (recursive) r.catch_up();
      continue;
    }
    r.delta.clear();
    if (r.next.size() == 0) continue;
    grew = true;
    if (!recursive && r.all.size() == 0) {
      std::swap(r.all, r.next);
      continue;
    }
    std::swap(r.delta, r.next);
    add_all(r.all, r.delta, *team_);
    if (recursive && r.wants_second) add_turned(r.second, r.delta, *team_);
    if (recursive) r.catch_up();
  }
  return grew;
}

Status SetExecutor::run(const plan::Stratum& stratum) {
  const auto s = static_cast<std::size_t>(&stratum - plan_.strata.data());
  catch_up(stratum);
  const bool recursive = !recursive_[s].empty();
  if (recursive && ranked_)
    for (RelationId id : stratum.relations) add_ranks(relations_[id], relations_[id].all, clock_);
  if (Status done = SetRound(*this, first_[s]).run(); !done.ok()) return done;
  SetRound round(*this, recursive_[s]);
  while (merge(stratum, recursive) && recursive) {
    ++rounds_;
    if (Status done = round.run(); !done.ok()) return done;
    if (rounds_ % 64 == 0)
      if (Status ok = check(); !ok.ok()) return ok;
  }
  for (RelationId id : stratum.relations) {
    relations_[id].delta = {};
    relations_[id].next = {};
    relations_[id].lanes.clear();
  }
  return {};
}

void SetExecutor::compile_updates() {
  for (SetRelation& r : relations_) {
    r.upkeep = std::make_unique<SetUpkeep>();
    r.upkeep->given_rows = RowSet(r.arity);
  }
  for (const plan::PlanRule& rule : plan_.rules) relations_[rule.head].upkeep->derived = true;
  for (const lang::Aggregate& a : plan_.program->aggregates) relations_[a.result].upkeep->derived = true;
  for (const lang::Aggregate& a : plan_.program->aggregates) by_group_.push_back(want_groups(a));
  auto compiled = [&](const plan::Variant& v) {
    return compile_set_rule(plan_, rule(v.rule), v, relations_, copy_of_, codec_);
  };
  for (const plan::StratumUpdates& stratum : updates_->strata) {
    auto& triggers = triggers_.emplace_back();
    auto& checks = checks_.emplace_back();
    auto made = [&](const plan::Variant& v) { return copy_of_[rule(v.rule).head] == rule(v.rule).head; };
    for (const plan::Trigger& t : stratum.triggers)
      if (made(t.variant)) triggers.push_back({compiled(t.variant), copy_of_[t.relation], t.negative});
    for (const plan::Variant& v : stratum.checks)
      if (made(v)) checks.push_back(compiled(v));
  }
}

void SetExecutor::prepare_updates() {
  for (RelationId id = 0; id < relations_.size(); ++id) {
    refresh(id);
    if (ranked_) relations_[id].upkeep->ranks.reserve(clock_ * 2 + kRounds);
  }
}

void SetExecutor::forget_derived(bool rank) {
  clock_ = 1;
  ranked_ = rank;
  for (SetRelation& r : relations_) {
    SetUpkeep& up = *r.upkeep;
    up.forget_changes();
    up.states = {};
    up.ranks.clear();
    up.row_ranks = {};
    r.delta_rows = {};
    r.listed = false;
    r.low = r.high = 0;
    r.delta = {};
    r.next = {};
    r.second = {};
    for (RowIndex& index : r.indexes) index = RowIndex(index.columns());
    if (r.bits()) {
      if (up.derived) {
        r.all = {};
        add_all(r.all, up.given, *team_);
      }
      continue;
    }
    RowSet kept(r.arity);
    const RowSet& from = up.derived ? up.given_rows : r.rows;
    for (std::uint32_t row = 0; row < from.size(); ++row)
      if (!from.hidden(row)) kept.insert(from.row(row));
    r.rows = std::move(kept);
  }
}

void SetExecutor::each(RelationId id, const std::function<void(std::span<const Cell>)>& f) const {
  const SetRelation& r = relation(id);
  std::vector<Cell> cells(r.arity);
  r.each([&](const Id* tuple) {
    for (std::uint32_t c = 0; c < r.arity; ++c) cells[c] = codec_.decode(tuple[c], r.kinds[c]);
    f(cells);
  });
}

}  // namespace tenfold::engine
