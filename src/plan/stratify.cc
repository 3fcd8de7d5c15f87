#include "plan/stratify.h"

#include <algorithm>

namespace tenfold::plan {
namespace {

struct Edge {
  RelationId from, to;  // `to` is read to compute `from`
  bool negative;
  Place place;
};

std::vector<Edge> edges(const Plan& plan) {
  std::vector<Edge> out;
  for (const PlanRule& rule : plan.rules)
    for (const PlanLiteral& l : rule.body)
      if (l.literal.kind != lang::LiteralKind::constraint)
        out.push_back({rule.head, l.literal.relation, l.literal.kind == lang::LiteralKind::negative, l.literal.place});
  for (const lang::Aggregate& a : plan.program->aggregates) {
    out.push_back({a.result, a.body, true, a.place});
    if (a.domain != kNone) out.push_back({a.result, a.domain, true, a.place});
    if (plan.relations[a.result].demand != kNone)
      out.push_back({a.result, plan.relations[a.result].demand, false, a.place});
  }
  for (std::size_t n = 0; n < plan.networks.size(); ++n) {
    const lang::Network& network = plan.program->networks[n];
    if (plan.networks[n].asked == kNone) continue;
    out.push_back({network.relation, plan.networks[n].asked, false, network.place});
    if (network.refusal == kNone) continue;
    // Both are filled by the same call, so they belong to one stratum.
    out.push_back({network.refusal, network.relation, false, network.place});
    out.push_back({network.relation, network.refusal, false, network.place});
  }
  return out;
}

// Tarjan's algorithm without recursion on data depth; components come out in the order in which they can be computed.
struct Components {
  const std::vector<std::vector<RelationId>>& reads;
  std::vector<std::uint32_t> index, low, component;
  std::vector<RelationId> stack;
  std::uint32_t clock = 0, count = 0;

  explicit Components(const std::vector<std::vector<RelationId>>& r)
      : reads(r), index(r.size(), kNone), low(r.size(), 0), component(r.size(), kNone) {
    for (RelationId v = 0; v < r.size(); ++v)
      if (index[v] == kNone) visit(v);
  }

  void visit(RelationId root) {
    std::vector<std::pair<RelationId, std::size_t>> calls{{root, 0}};
    while (!calls.empty()) {
      auto& [v, at] = calls.back();
      if (at == 0) {
        index[v] = low[v] = clock++;
        stack.push_back(v);
      }
      bool descended = false;
      while (at < reads[v].size()) {
        const RelationId w = reads[v][at++];
        if (index[w] == kNone) {
          calls.push_back({w, 0});
          descended = true;
          break;
        }
        if (component[w] == kNone) low[v] = std::min(low[v], index[w]);
      }
      if (descended) continue;
      const RelationId done = v;
      if (low[done] == index[done]) close(done);
      calls.pop_back();
      if (!calls.empty()) low[calls.back().first] = std::min(low[calls.back().first], low[done]);
    }
  }

  void close(RelationId root) {
    RelationId w;
    do {
      w = stack.back();
      stack.pop_back();
      component[w] = count;
    } while (w != root);
    ++count;
  }
};

}  // namespace

std::optional<NegativeCycle> stratify(Plan& plan) {
  const std::vector<Edge> all = edges(plan);
  std::vector<std::vector<RelationId>> reads(plan.relations.size());
  for (const Edge& e : all) reads[e.from].push_back(e.to);
  const Components components(reads);
  for (const Edge& e : all)
    if (e.negative && components.component[e.from] == components.component[e.to])
      return NegativeCycle{e.from, e.to, e.place};

  plan.strata.assign(components.count, {});
  for (RelationId r = 0; r < plan.relations.size(); ++r) plan.strata[components.component[r]].relations.push_back(r);
  for (std::uint32_t i = 0; i < plan.rules.size(); ++i)
    plan.strata[components.component[plan.rules[i].head]].rules.push_back(i);
  for (std::uint32_t i = 0; i < plan.program->aggregates.size(); ++i)
    plan.strata[components.component[plan.program->aggregates[i].result]].aggregates.push_back(i);
  for (std::uint32_t i = 0; i < plan.networks.size(); ++i)
    if (plan.networks[i].asked != kNone)
      plan.strata[components.component[plan.program->networks[i].relation]].networks.push_back(i);
  std::erase_if(plan.strata,
                [](const Stratum& s) { return s.rules.empty() && s.aggregates.empty() && s.networks.empty(); });
  return std::nullopt;
}

}  // namespace tenfold::plan
