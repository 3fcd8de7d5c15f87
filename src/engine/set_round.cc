#include "engine/set_round.h"

#include <algorithm>

namespace tenfold::engine {
namespace {

// Tuples that are joined by many threads: to wake one costs some 20 us.
constexpr std::uint64_t kWorthJoining = 32768;
constexpr std::uint32_t kGroup = 64;  // rows whose memory is fetched together

// Rows of `to` for the keys of `from`, made where there are none.
std::vector<std::uint32_t> rows_for(BitRows& to, const BitRows& from) {
  std::vector<std::uint32_t> out(from.rows());
  for (std::uint32_t r = 0; r < from.rows(); ++r) {
    if (r + kGroup < from.rows()) to.prefetch_key(from.key(r + kGroup));
    out[r] = to.at(from.key(r));
  }
  return out;
}

// Rows [begin, end) of `from` into the rows of `to` that `at` names, by groups.
void add_rows(BitRows& to, const std::vector<std::uint32_t>& at, const BitRows& from, std::uint32_t begin,
              std::uint32_t end, std::uint32_t lane) {
  for (; begin < end; begin += kGroup) {
    const std::uint32_t stop = std::min(begin + kGroup, end);
    for (std::uint32_t r = begin; r < stop; ++r) to.prefetch_row(at[r]);
    for (std::uint32_t r = begin; r < stop; ++r) {
      to.prefetch_values(at[r]);
      from.prefetch_values(r);
    }
    for (std::uint32_t r = begin; r < stop; ++r)
      from.each_block(r, [&](std::uint32_t block, std::uint64_t mask) { to.add(at[r], block, mask, lane); });
  }
}

}  // namespace

void add_all(BitRows& to, const BitRows& from, LaneTeam& team) {
  const std::vector<std::uint32_t> at = rows_for(to, from);
  if (from.size() < kWorthJoining) return add_rows(to, at, from, 0, from.rows(), 0);
  const std::uint32_t threads = team.lanes();
  to.set_lanes(threads);
  const std::uint32_t chunk = std::max(kGroup, from.rows() / (threads * 16) + 1);
  team.run([&](std::uint32_t lane) {
    for (std::uint32_t begin = lane * chunk; begin < from.rows(); begin += threads * chunk)
      add_rows(to, at, from, begin, std::min(begin + chunk, from.rows()), lane);
  });
}

void add_turned(BitRows& to, const BitRows& from, LaneTeam& team) {
  const std::uint32_t threads = from.size() < kWorthJoining ? 1 : team.lanes();
  auto each = [&](auto f) {
    for (std::uint32_t r = 0; r < from.rows(); ++r)
      from.each_block(r, [&](std::uint32_t block, std::uint64_t mask) { f(from.key(r), block, mask); });
  };
  if (threads > 1) {  // rows are made by one thread: those of the values that there are
    BitRows values;
    const std::uint32_t all = values.at(0);
    each([&](Id, std::uint32_t block, std::uint64_t mask) { values.add(all, block, mask); });
    values.each_block(all, [&](std::uint32_t block, std::uint64_t mask) {
      for (; mask; mask &= mask - 1) to.at(block << 6 | static_cast<Id>(std::countr_zero(mask)));
    });
  }
  auto share = [&](std::uint32_t lane) {
    each([&](Id key, std::uint32_t block, std::uint64_t mask) {
      if (threads > 1 && block % threads != lane) return;
      for (; mask; mask &= mask - 1) {
        const Id value = block << 6 | static_cast<Id>(std::countr_zero(mask));
        to.add(threads > 1 ? to.find(value) : to.at(value), key >> 6, std::uint64_t{1} << (key & 63), lane);
      }
    });
  };
  if (threads == 1) return share(0);
  to.set_lanes(threads);
  team.run(share);
}

SetRound::SetRound(SetExecutor& executor, const std::vector<SetRule>& rules)
    : e_(executor), rules_(rules), shares_(rules.size()), steps_(rules.size(), 0), last_(rules.size(), 0) {
  whole_.reserve(rules.size());
  for (const SetRule& rule : rules) {
    whole_.emplace_back(executor, rule);
    can_share_.push_back(e_.team_->lanes() > 1 && SetRun::can_share(e_.rule(rule.rule), rule));
  }
}

std::vector<std::size_t> SetRound::worth_sharing() const {
  std::vector<std::size_t> out;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (!can_share_[r]) continue;
    const std::uint64_t tuples = whole_[r].share_of();
    if (tuples && (last_[r] ? last_[r] + tuples / 16 : tuples * 4) >= e_.share_from_) out.push_back(r);
  }
  return out;
}

std::uint64_t SetRound::steps(std::size_t rule) const {
  std::uint64_t n = whole_[rule].steps();
  for (const SetRun& share : shares_[rule]) n += share.steps();
  return n;
}

Status SetRound::run() {
  const std::vector<std::size_t> shared = worth_sharing();
  if (!shared.empty())
    if (Status done = run_shared(shared); !done.ok()) return done;
  auto next = shared.begin();
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (next != shared.end() && *next == r) {
      ++next;
      continue;
    }
    if (Status done = whole_[r].run(); !done.ok()) return done;
  }
  for (std::size_t r : shared) take_in(rules_[r].head);
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    const std::uint64_t now = steps(r);
    last_[r] = now - steps_[r];
    e_.steps_ += last_[r];
    steps_[r] = now;
  }
  return {};
}

Status SetRound::run_shared(const std::vector<std::size_t>& rules) {
  const std::uint32_t lanes = e_.team_->lanes();
  for (std::size_t r : rules) {
    SetRelation& head = e_.relations_[rules_[r].head];
    if (head.lanes.empty())
      for (std::uint32_t lane = 0; lane < lanes; ++lane)
        head.lanes.push_back({BitRows(), RowSet(head.arity), RowSet(head.packed ? head.arity - 1 : 0)});
    if (!shares_[r].empty()) continue;
    shares_[r].reserve(lanes);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) shares_[r].emplace_back(e_, rules_[r]).take_lane(lane, lanes);
  }
  e_.bytes_before_ = e_.bytes();
  e_.stopped_ = false;
  std::vector<Status> done(lanes);
  e_.team_->run([&](std::uint32_t lane) {
    for (std::size_t r : rules)
      if (done[lane] = shares_[r][lane].run(); !done[lane].ok()) break;
    if (!done[lane].ok()) e_.stopped_ = true;
  });
  Status stopped;
  for (const Status& status : done)
    if (!status.ok() && (stopped.ok() || stopped.error().code == SetExecutor::kOtherLane)) stopped = status;
  return stopped;
}

// What the lanes added goes where a rule that ran alone would have put it.
void SetRound::take_in(RelationId id) {
  SetRelation& head = e_.relations_[id];
  for (std::uint32_t lane = 0; lane < head.lanes.size(); ++lane) {
    if (head.packed)
      take_in_packed(head, head.lanes[lane]);
    else if (head.bits())
      take_in_bits(head, lane);
    else
      take_in_rows(head, lane);
  }
}

void SetRound::take_in_bits(SetRelation& head, std::uint32_t lane) {
  BitRows& from = head.lanes[lane].next;
  if (from.size() == 0) return;
  if (head.next.size() == 0) {
    std::swap(head.next, from);
    return;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> both;  // rows of head.next and of `from` with one key
  head.next.adopt(from, [&](std::uint32_t row, std::uint32_t its) { both.emplace_back(row, its); });
  const std::uint32_t lanes = both.size() < kGroup * 4 ? 1 : e_.team_->lanes();
  auto share = [&](std::uint32_t number) {
    const std::size_t size = both.size() / lanes + 1, begin = number * size;
    for (std::size_t i = begin; i < std::min(begin + size, both.size()); ++i)
      from.each_block(both[i].second, [&](std::uint32_t block, std::uint64_t mask) {
        head.next.add(both[i].first, block, mask, number);
      });
  };
  head.next.set_lanes(lanes);
  if (lanes == 1)
    share(0);
  else
    e_.team_->run(share);
  from.clear();
}

void SetRound::take_in_packed(SetRelation& head, SetLane& lane) {
  for (std::uint32_t r = 0; r < lane.next.rows(); ++r) {
    const Id number = head.prefixes.number(lane.prefixes.row(lane.next.key(r)));
    const std::uint32_t known = head.all.find(number);
    std::uint32_t to = BitRows::kNone;
    lane.next.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
      if (known != BitRows::kNone) mask &= ~head.all.mask(known, block);
      if (mask == 0) return;
      if (to == BitRows::kNone) to = head.next.at(number);
      head.next.add(to, block, mask);
    });
  }
  lane.next.clear();
  lane.prefixes.clear();
}

void SetRound::take_in_rows(SetRelation& head, std::uint32_t lane) {
  RowSet& from = head.lanes[lane].rows;
  for (std::uint32_t r = 0; r < from.size(); r += RowSet::kBatch)
    head.rows.insert_batch(from.row(r), std::min<std::size_t>(RowSet::kBatch, from.size() - r));
  from.clear();
}

}  // namespace tenfold::engine
