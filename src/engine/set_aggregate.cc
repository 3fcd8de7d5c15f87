// Aggregates of the set executor: count, sum, prod, min, max, argmin, argmax and exists in one or two passes over a
// relation, by a hash of the group. Sums of integers are exact before they are fitted into their type, so no order of
// adding shows; float sums and all other aggregates go through rows (aggregate.h), which add in a stated order.
#include <algorithm>
#include <limits>
#include <numeric>

#include "base/value_order.h"
#include "base/value_text.h"
#include "engine/set_executor.h"

namespace tenfold::engine {
namespace {

using lang::Aggregate;
using lang::AggregateOp;

__extension__ using Wide = __int128;

bool extreme(AggregateOp op) {
  return op == AggregateOp::min || op == AggregateOp::max || op == AggregateOp::argmin || op == AggregateOp::argmax;
}

bool within_type(Wide value, Type type) {
  if (type == Type::u64 || type == Type::usize)
    return value >= 0 && value <= static_cast<Wide>(std::numeric_limits<std::uint64_t>::max());
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max() &&
         fit(static_cast<std::int64_t>(value), type).has_value();
}

}  // namespace

class SetAggregate {
 public:
  /// `only`: these groups, into `found` instead of the result's relation.
  SetAggregate(SetExecutor& e, const Aggregate& a, const RowSet* only = nullptr, RowSet* found = nullptr)
      : e_(e),
        a_(a),
        body_(e.relation(a.body)),
        types_(e.plan_.relations[a.body].types),
        only_(only),
        found_(found),
        groups_(a.groups) {}

  bool can_run() const {
    const Type value =
        e_.plan_.relations[a_.result].types.empty() ? Type::i32 : e_.plan_.relations[a_.result].types.back();
    switch (a_.op) {
      case AggregateOp::count:
      case AggregateOp::exists:
        return true;
      case AggregateOp::sum:
      case AggregateOp::prod:
        return is_integer(value) && value != Type::i128 && value != Type::u128;
      case AggregateOp::min:
      case AggregateOp::max:
      case AggregateOp::argmin:
      case AggregateOp::argmax:
        return std::all_of(types_.begin() + a_.groups + a_.args, types_.end(), [](Type t) {
          return is_text(t) || (is_number(t) && t != Type::i128 && t != Type::u128 && t != Type::rational) ||
                 t == Type::boolean || t == Type::character || t == Type::datetime;
        });
      default:
        return false;
    }
  }

  void run() {
    collect_groups();
    if (a_.op == AggregateOp::count && !only_ && whole_rows()) return;
    if (extreme(a_.op))
      by_blocks() ? extreme_blocks() : extremes();
    else
      totals();
  }

 private:
  template <class F>
  void each_member(F f) const {
    if (!only_) return body_.each(f);
    for (std::uint32_t g = 0; g < only_->size(); ++g) e_.each_of_group(a_.body, a_.groups, only_->row(g), f);
  }

  void give(const Id* tuple) {
    found_ ? static_cast<void>(found_->insert(tuple)) : e_.relations_[a_.result].load(tuple);
  }

  // Groups with no member: the one empty group, and those of `where`.
  void collect_groups() {
    only_domain_ = a_.domain != lang::kNone;
    if (only_domain_ && a_.groups > 0) e_.relation(a_.domain).each([&](const Id* tuple) { groups_.number(tuple); });
  }

  std::uint32_t groups() const { return a_.groups == 0 ? 1 : groups_.size(); }
  /// kNone: not a group of the domain.
  std::uint32_t group_of(const Id* tuple) {
    if (a_.groups == 0) return 0;
    return only_domain_ ? groups_.find(tuple) : groups_.number(tuple);
  }

  // f(tuple, n): n tuples that differ in a column that is neither a group's nor the value.
  template <class F>
  void each_weighted(F f) const {
    const bool weighs = a_.op == AggregateOp::count || a_.op == AggregateOp::exists ||
                        (a_.op == AggregateOp::sum && body_.bit_column + 1 != body_.arity);
    if (only_ || !body_.packed || !weighs || body_.bit_column < a_.groups)
      return each_member([&](const Id* tuple) { f(tuple, 1u); });
    Id tuple[64] = {};
    for (std::uint32_t r = 0; r < body_.all.rows(); ++r) {
      std::uint64_t n = 0;
      body_.all.each_block(r, [&](std::uint32_t, std::uint64_t mask) { n += std::popcount(mask); });
      if (n == 0) continue;
      body_.spread(r, tuple);
      f(static_cast<const Id*>(tuple), n);
    }
  }

  // count(y: r(x, y)) by x where rows are by x: the number of bits of each row.
  bool whole_rows() {
    if (!body_.bits() || body_.packed || only_domain_ || a_.groups > 1 || body_.arity == 0) return false;
    if (a_.groups == 0) {
      put(0, static_cast<Wide>(body_.all.size()));
      return true;
    }
    if (body_.arity != 2 || body_.row_column() != 0) return false;
    for (std::uint32_t r = 0; r < body_.all.rows(); ++r) {
      std::uint64_t n = 0;
      body_.all.each_block(r, [&](std::uint32_t, std::uint64_t mask) { n += std::popcount(mask); });
      const Id tuple[2] = {body_.all.key(r), encode(static_cast<Wide>(n))};
      if (n) give(tuple);
    }
    return true;
  }

  Id encode(Wide value) { return e_.codec_.encode(static_cast<Cell>(value), e_.relations_[a_.result].kinds.back()); }

  void put(std::uint32_t group, Wide value) {
    if (!within_type(value, e_.plan_.relations[a_.result].types.back())) return;
    Id tuple[64];
    if (a_.groups) std::copy_n(groups_.row(group), a_.groups, tuple);
    tuple[a_.groups] = encode(value);
    give(tuple);
  }

  void totals() {
    const bool product = a_.op == AggregateOp::prod, exists = a_.op == AggregateOp::exists;
    std::vector<Wide> totals(groups(), product ? 1 : 0);
    std::vector<bool> over(groups(), false);
    const std::size_t last = types_.size() - 1;
    each_weighted([&](const Id* tuple, std::uint64_t n) {
      const std::uint32_t g = group_of(tuple);
      if (g == RowSet::kNone) return;
      if (g >= totals.size()) {
        totals.resize(g + 1, product ? 1 : 0);
        over.resize(g + 1, false);
      }
      if (a_.op == AggregateOp::count) {
        totals[g] += static_cast<Wide>(n);
      } else if (exists) {
        totals[g] = 1;
      } else {
        const Cell cell = e_.codec_.decode(tuple[last], body_.kinds[last]);
        const Wide value = is_unsigned(types_[last]) ? static_cast<Wide>(cell) : static_cast<Wide>(as_int(cell));
        const bool failed = product ? __builtin_mul_overflow(totals[g], value, &totals[g])
                                    : __builtin_add_overflow(totals[g], value * static_cast<Wide>(n), &totals[g]);
        over[g] = over[g] || failed;
      }
    });
    for (std::uint32_t g = 0; g < totals.size(); ++g)
      if (!over[g]) put(g, totals[g]);
  }

  bool better(const Id* a, const Id* b) const {  // strictly, over the vars
    const bool largest = a_.op == AggregateOp::max || a_.op == AggregateOp::argmax;
    for (std::size_t c = a_.groups + a_.args; c < types_.size(); ++c) {
      const std::size_t v = c - a_.groups - a_.args;
      if (a[v] == b[v]) continue;
      const Cell x = e_.codec_.decode(a[v], body_.kinds[c]), y = e_.codec_.decode(b[v], body_.kinds[c]);
      const int order = compare(x, y, types_[c], e_.symbols_);
      if (order != 0) return largest ? order > 0 : order < 0;
    }
    return false;
  }

  // The value is in the prefixes, and the bits are of a group's column (set_layout.cc).
  bool by_blocks() const {
    const SetRelation& result = e_.relations_[a_.result];
    return !only_ && body_.packed && result.packed && result.bit_column == body_.bit_column &&
           result.arity == body_.arity;
  }

  // Rows of equal groups, best value first: a group is in the first row that has its bit.
  void extreme_blocks() {
    SetRelation& result = e_.relations_[a_.result];
    const std::size_t others = body_.arity - 2;  // of a prefix, before the value
    std::vector<std::uint32_t> order(body_.all.rows());
    std::iota(order.begin(), order.end(), 0u);
    auto prefix = [&](std::uint32_t row) { return body_.prefixes.row(body_.all.key(row)); };
    std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
      const Id *a = prefix(x), *b = prefix(y);
      const auto [left, right] = std::mismatch(a, a + others, b);
      return left != a + others ? *left < *right : better(a + others, b + others);
    });
    BitRows seen;
    const std::uint32_t all = seen.at(0);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Id* tuple = prefix(order[i]);
      if (i > 0 && !std::equal(tuple, tuple + others, prefix(order[i - 1]))) {
        seen.clear();
        seen.at(0);
      }
      std::uint32_t to = BitRows::kNone;
      body_.all.each_block(order[i], [&](std::uint32_t block, std::uint64_t mask) {
        const std::uint64_t first = seen.add(all, block, mask);
        if (!first) return;
        if (to == BitRows::kNone) to = result.all.at(result.prefixes.number(tuple));
        result.all.add(to, block, first);
      });
    }
  }

  void extremes() {
    const std::size_t first = a_.groups + a_.args, vars = types_.size() - first;
    std::vector<Id> best;
    std::vector<bool> has;
    each_member([&](const Id* tuple) {
      const std::uint32_t g = group_of(tuple);
      if (g == RowSet::kNone) return;
      if (g >= has.size()) {
        has.resize(g + 1, false);
        best.resize((g + 1) * vars);
      }
      if (has[g] && !better(tuple + first, &best[g * vars])) return;
      has[g] = true;
      std::copy_n(tuple + first, vars, &best[g * vars]);
    });
    each_member([&](const Id* tuple) {
      const std::uint32_t g = group_of(tuple);
      if (g == RowSet::kNone || !std::equal(tuple + first, tuple + first + vars, &best[g * vars])) return;
      give(tuple);  // its arity leaves the vars of argmin and argmax out
    });
  }

  SetExecutor& e_;
  const Aggregate& a_;
  const SetRelation& body_;
  const std::vector<Type>& types_;
  const RowSet* only_;
  RowSet* found_;
  RowSet groups_;
  bool only_domain_ = false;
};

bool SetExecutor::aggregate(const lang::Aggregate& a) {
  SetAggregate aggregate(*this, a);
  if (!aggregate.can_run()) return false;
  aggregate.run();
  return true;
}

bool SetExecutor::want_groups(const lang::Aggregate& a) {
  if (a.groups == 0 || a.domain != lang::kNone || !SetAggregate(*this, a).can_run()) return false;
  SetRelation* both[] = {&relations_[copy_of_[a.body]], &relations_[a.result]};
  for (const SetRelation* r : both)
    if (r->bits() && (r->arity != 2 || a.groups != 1)) return false;
  for (SetRelation* r : both) {
    if (r->bits()) {
      r->wants_second = r->wants_second || r->flipped;
    } else if (!r->group_index(a.groups)) {
      std::vector<std::uint32_t> columns(a.groups);
      for (std::uint32_t c = 0; c < a.groups; ++c) columns[c] = c;
      r->indexes.emplace_back(std::move(columns));
    }
  }
  return true;
}

RowSet SetExecutor::aggregate_groups(const lang::Aggregate& a, const RowSet& groups) {
  RowSet found(relations_[a.result].arity);
  SetAggregate(*this, a, &groups, &found).run();
  return found;
}

}  // namespace tenfold::engine
