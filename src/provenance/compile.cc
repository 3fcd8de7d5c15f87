#include "provenance/compile.h"

#include <algorithm>
#include <numeric>

namespace tenfold::provenance {
namespace {

using Edge = Diagrams::Edge;

class Compiler {
 public:
  Compiler(const Lineage& lineage, Diagrams& diagrams)
      : lineage_(lineage), d_(diagrams), edges_(lineage.nodes(), Diagrams::kFalse) {}

  std::vector<Edge> run() {
    const Components components = strong_components(lineage_);
    for (std::size_t i = 0; i < components.size(); ++i) {
      if (components.cyclic[i])
        cycle(components[i]);
      else
        edges_[components[i][0]] = derive(components[i][0]);
    }
    return std::move(edges_);
  }

 private:
  Edge value(Premise p) {
    Edge e = Diagrams::kFalse;
    switch (kind_of(p)) {
      case PremiseKind::node:
        e = edges_[index_of(p)];
        break;
      case PremiseKind::member:
        e = d_.literal(index_of(p));
        break;
      case PremiseKind::diagram:
        e = lineage_.diagrams[index_of(p)];
        break;
    }
    return negated(p) ? Diagrams::negate(e) : e;
  }

  Edge conjunction(std::uint32_t alternative) {
    Edge all = Diagrams::kTrue;
    for (Premise p : lineage_.premises(alternative)) {
      all = d_.conjoin(all, value(p));
      if (all == Diagrams::kFalse) break;
    }
    return all;
  }

  Edge derive(std::uint32_t node) {
    std::vector<Edge> ways;
    for (std::uint32_t a = lineage_.first_alternative(node); a < lineage_.first_alternative(node + 1); ++a) {
      const Edge way = conjunction(a);
      if (way == Diagrams::kTrue) return way;
      if (way != Diagrams::kFalse) ways.push_back(way);
    }
    return d_.any(std::move(ways));
  }

  // Alternatives whose premises changed are taken again, nodes in the order of first derivation, until none is.
  void cycle(std::span<const std::uint32_t> nodes) {
    if (rounds_.empty()) prepare();
    std::vector<std::uint32_t> order(nodes.begin(), nodes.end());
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return rounds_[a] != rounds_[b] ? rounds_[a] < rounds_[b] : a < b;
    });
    for (std::uint32_t v : order) inside_[v] = true;
    std::vector<Edge> ways;
    bool first = true;
    for (bool changed = true; changed; first = false) {
      changed = false;
      for (std::uint32_t v : order) {
        ways.clear();
        ways.push_back(edges_[v]);
        for (std::uint32_t a = lineage_.first_alternative(v); a < lineage_.first_alternative(v + 1); ++a) {
          if (!first && !dirty_[a]) continue;
          dirty_[a] = false;
          ways.push_back(conjunction(a));
        }
        if (ways.size() == 1) continue;
        const Edge now = d_.any(ways);
        if (now == edges_[v]) continue;
        edges_[v] = now;
        if (now == Diagrams::kUnknown) {
          for (std::uint32_t w : order) edges_[w] = Diagrams::kUnknown;
          changed = false;
          break;
        }
        changed = true;
        for (std::uint32_t u = begin_[v]; u < begin_[v + 1]; ++u)
          if (inside_[owner_[users_[u]]]) dirty_[users_[u]] = true;
      }
    }
    for (std::uint32_t v : order) inside_[v] = false;
  }

  // Which alternatives ask for each node.
  void prepare() {
    const std::uint32_t n = lineage_.nodes(), m = lineage_.alternatives();
    rounds_ = first_rounds(lineage_);
    begin_.assign(n + 1, 0);
    owner_.resize(m);
    dirty_.assign(m, false);
    inside_.assign(n, false);
    for (std::uint32_t v = 0; v < n; ++v) {
      for (std::uint32_t a = lineage_.first_alternative(v); a < lineage_.first_alternative(v + 1); ++a) owner_[a] = v;
      for (Premise p : lineage_.premises_of_node(v))
        if (kind_of(p) == PremiseKind::node) ++begin_[index_of(p) + 1];
    }
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    users_.resize(begin_[n]);
    std::vector<std::uint32_t> at(begin_.begin(), begin_.end() - 1);
    for (std::uint32_t a = 0; a < m; ++a)
      for (Premise p : lineage_.premises(a))
        if (kind_of(p) == PremiseKind::node) users_[at[index_of(p)]++] = a;
  }

  const Lineage& lineage_;
  Diagrams& d_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> rounds_, begin_, users_, owner_;
  std::vector<bool> dirty_, inside_;
};

}  // namespace

std::vector<Edge> compile(const Lineage& lineage, Diagrams& diagrams) { return Compiler(lineage, diagrams).run(); }

}  // namespace tenfold::provenance
