// Stratification: strongly connected components of the graph of relations, and the negative edges inside of them.
#include <algorithm>
#include <deque>

#include "lang/checks.h"

namespace tenfold::lang {
namespace {

enum class EdgeKind : std::uint8_t { positive, negative, aggregate, choice };

struct Edge {
  RelationId to;  // what the relation uses
  EdgeKind kind;
  Span span;
};

class Strata {
 public:
  Strata(Unit& unit, const Program& program) : unit_(unit), program_(program), uses_(program.relations.size()) {
    std::size_t next = 0;
    for (const DraftRule& draft : unit.rules) {
      if (draft.broken) continue;
      const Rule& rule = program.rules[next++];
      for (std::size_t i = 0; i < rule.body.size(); ++i) {
        const Literal& l = rule.body[i];
        if (l.kind == LiteralKind::constraint) continue;
        const EdgeKind kind = l.kind == LiteralKind::negative ? EdgeKind::negative
                              : rule.choices > 0              ? EdgeKind::choice
                                                              : EdgeKind::positive;
        uses_[rule.head].push_back({l.relation, kind, draft.body[i].span});
      }
    }
    for (std::size_t i = 0; i < program.aggregates.size(); ++i) {
      const Aggregate& a = program.aggregates[i];
      uses_[a.result].push_back({a.body, EdgeKind::aggregate, unit.aggregate_spans[i]});
      if (a.domain != kNone) uses_[a.result].push_back({a.domain, EdgeKind::aggregate, unit.aggregate_spans[i]});
    }
  }

  void run() {
    components();
    for (RelationId r = 0; r < uses_.size() && !unit_.diagnostics.full(); ++r)
      for (const Edge& edge : uses_[r])
        if (edge.kind != EdgeKind::positive && component_[r] == component_[edge.to]) complain(r, edge);
  }

 private:
  /// Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972; without recursion.
  void components() {
    const std::size_t n = uses_.size();
    component_.assign(n, kNone);
    std::vector<std::uint32_t> index(n, kNone), low(n, 0);
    std::vector<RelationId> stack;
    struct Frame {
      RelationId node;
      std::size_t next;
    };
    std::vector<Frame> frames;
    std::uint32_t count = 0, found = 0;
    auto enter = [&](RelationId r) {
      index[r] = low[r] = count++;
      stack.push_back(r);
      frames.push_back({r, 0});
    };
    for (RelationId start = 0; start < n; ++start) {
      if (index[start] != kNone) continue;
      enter(start);
      while (!frames.empty()) {
        Frame& frame = frames.back();
        const RelationId r = frame.node;
        if (frame.next < uses_[r].size()) {
          const RelationId to = uses_[r][frame.next++].to;
          if (index[to] == kNone)
            enter(to);
          else if (component_[to] == kNone)
            low[r] = std::min(low[r], index[to]);
          continue;
        }
        frames.pop_back();
        if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[r]);
        if (low[r] != index[r]) continue;
        for (RelationId member = kNone; member != r;) {
          member = stack.back();
          stack.pop_back();
          component_[member] = found;
        }
        ++found;
      }
    }
  }

  /// Relations from `from` to `to`, each using the next, inside one component; the shortest way.
  std::vector<RelationId> way(RelationId from, RelationId to) const {
    std::vector<RelationId> came(uses_.size(), kNone);
    std::deque<RelationId> work = {from};
    came[from] = from;
    while (!work.empty() && came[to] == kNone) {
      const RelationId r = work.front();
      work.pop_front();
      for (const Edge& edge : uses_[r])
        if (component_[edge.to] == component_[from] && came[edge.to] == kNone) {
          came[edge.to] = r;
          work.push_back(edge.to);
        }
    }
    std::vector<RelationId> path = {to};
    while (path.back() != from) path.push_back(came[path.back()]);
    std::reverse(path.begin(), path.end());
    return path;
  }

  /// Made relations are not shown: they belong to the named relation that uses them.
  void complain(RelationId user, const Edge& edge) {
    const bool negation = edge.kind == EdgeKind::negative;
    const bool choice = edge.kind == EdgeKind::choice;
    std::string text, start;
    for (RelationId r : way(edge.to, user)) {
      if (program_.relations[r].synthetic) continue;
      start = ticked(program_.relations[r].name);
      text += (text.empty() ? "" : " → ") + start;
    }
    unit_.error("unstratified", edge.span,
                start +
                    (choice     ? " depends on a choice of itself: "
                     : negation ? " depends on its own negation: "
                                : " depends on an aggregate of itself: ") +
                    start +
                    (choice     ? " → a choice by "
                     : negation ? " → not "
                                : " → an aggregate of ") +
                    text,
                "let it look at a relation that does not depend on " + start);
  }

  Unit& unit_;
  const Program& program_;
  std::vector<std::vector<Edge>> uses_;
  std::vector<std::uint32_t> component_;
};

}  // namespace

void check_strata(Unit& unit, const Program& program) { Strata(unit, program).run(); }

}  // namespace tenfold::lang
