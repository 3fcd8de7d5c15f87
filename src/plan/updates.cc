#include "plan/updates.h"

#include <algorithm>

#include "plan/compile.h"
#include "plan/order.h"

namespace tenfold::plan {
namespace {

class Maker {
 public:
  Maker(const Plan& plan, bool rows)
      : plan_(plan), rows_(rows), dear_(plan.relations.size() + 1, 0.0), context_{plan.program, &dear_, true} {
    if (rows) out_.indexes = plan.indexes;
  }

  Status stratum(const Stratum& stratum) {
    out_.strata.emplace_back();
    // What grows is joined last: by then it is only looked into.
    std::fill(dear_.begin(), dear_.end(), 0.0);
    for (RelationId r : stratum.relations) dear_[r] = 1.0;
    for (std::uint32_t r : stratum.rules) {
      const PlanRule& rule = plan_.rules[r];
      for (std::uint32_t i = 0; i < rule.body.size(); ++i)
        if (Status s = trigger(rule, r, i); !s.ok()) return s;
      if (rows_) continue;
      if (Status s = check(rule); !s.ok()) return s;
    }
    return {};
  }

  Updates take() { return std::move(out_); }

 private:
  bool computed(const lang::Literal& l) const {
    return l.relation < plan_.program->relations.size() &&
           plan_.program->relations[l.relation].kind == lang::RelationKind::foreign;
  }

  Result<Variant> add(PlanRule rule, std::uint32_t delta) {
    auto order = join_order(rule, delta, context_);
    if (!order) return order.error();
    const auto number = static_cast<std::uint32_t>(plan_.rules.size() + out_.rules.size());
    rule.order = std::move(*order);
    Variant variant{number, delta, compile_delta(plan_, rule, delta, rows_ ? &out_.indexes : nullptr)};
    out_.rules.push_back(std::move(rule));
    return variant;
  }

  Status trigger(const PlanRule& rule, std::uint32_t number, std::uint32_t i) {
    const lang::Literal& l = rule.body[i].literal;
    if (l.kind == lang::LiteralKind::constraint || computed(l)) return {};
    const bool negative = l.kind == lang::LiteralKind::negative;
    PlanRule by = rule;
    by.body[i].literal.kind = lang::LiteralKind::positive;
    auto variant = add(std::move(by), i);
    if (!variant) return variant.error();
    out_.strata.back().triggers.push_back({std::move(*variant), number, l.relation, negative});
    return {};
  }

  Status check(const PlanRule& rule) {
    PlanRule of = rule;
    PlanLiteral head;
    head.literal.kind = lang::LiteralKind::positive;
    head.literal.relation = rule.head;
    head.literal.args = rule.head_args;
    const auto delta = static_cast<std::uint32_t>(of.body.size());
    of.body.push_back(std::move(head));
    auto variant = add(std::move(of), delta);
    if (!variant) return variant.error();
    out_.strata.back().checks.push_back(std::move(*variant));
    return {};
  }

  const Plan& plan_;
  bool rows_;
  std::vector<double> dear_;
  OrderContext context_;
  Updates out_;
};

}  // namespace

Result<Updates> make_updates(const Plan& plan, bool rows) {
  Maker maker(plan, rows);
  for (const Stratum& stratum : plan.strata)
    if (Status s = maker.stratum(stratum); !s.ok()) return s.error();
  return maker.take();
}

}  // namespace tenfold::plan
