#include "provenance/lineage.h"

#include <algorithm>
#include <numeric>

namespace tenfold::provenance {

void Lineage::clear() {
  nodes_.assign(1, 0);
  alternatives_.assign(1, 0);
  premises_.clear();
  diagrams.clear();
}

// Tarjan without recursion.
Components strong_components(const Lineage& lineage) {
  const std::uint32_t n = lineage.nodes();
  Components out;
  out.begin.push_back(0);
  std::vector<std::uint32_t> order(n, kNever), low(n), stack;
  std::vector<bool> closed(n, false), loop(n, false);
  struct Call {
    std::uint32_t node, at;
  };
  std::vector<Call> calls;
  std::uint32_t clock = 0;
  const auto open = [&](std::uint32_t v) {
    order[v] = low[v] = clock++;
    stack.push_back(v);
    calls.push_back({v, 0});
  };
  for (std::uint32_t root = 0; root < n; ++root) {
    if (order[root] != kNever) continue;
    open(root);
    while (!calls.empty()) {
      const std::uint32_t v = calls.back().node;
      const auto premises = lineage.premises_of_node(v);
      if (calls.back().at < premises.size()) {
        const Premise p = premises[calls.back().at++];
        if (kind_of(p) != PremiseKind::node) continue;
        const std::uint32_t w = index_of(p);
        if (w == v) loop[v] = true;
        if (order[w] == kNever)
          open(w);
        else if (!closed[w])
          low[v] = std::min(low[v], order[w]);
        continue;
      }
      calls.pop_back();
      if (!calls.empty()) low[calls.back().node] = std::min(low[calls.back().node], low[v]);
      if (low[v] != order[v]) continue;
      std::uint32_t w;
      do {
        w = stack.back();
        stack.pop_back();
        closed[w] = true;
        out.nodes.push_back(w);
      } while (w != v);
      out.cyclic.push_back(out.nodes.size() - out.begin.back() > 1 || loop[v]);
      out.begin.push_back(static_cast<std::uint32_t>(out.nodes.size()));
    }
  }
  return out;
}

// Dowling and Gallier, breadth first: an alternative is ready when the last of its nodes is. Negated nodes count as
// inputs, for the order alone.
std::vector<std::uint32_t> first_rounds(const Lineage& lineage) {
  const std::uint32_t n = lineage.nodes(), m = lineage.alternatives();
  std::vector<std::uint32_t> round(n, kNever), waits(m, 0), owner(m), begin(n + 1, 0), users;
  for (std::uint32_t v = 0; v < n; ++v)
    for (std::uint32_t a = lineage.first_alternative(v); a < lineage.first_alternative(v + 1); ++a) {
      owner[a] = v;
      for (Premise p : lineage.premises(a))
        if (kind_of(p) == PremiseKind::node && !negated(p)) ++begin[index_of(p) + 1], ++waits[a];
    }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  users.resize(begin[n]);
  std::vector<std::uint32_t> at(begin.begin(), begin.end() - 1);
  for (std::uint32_t a = 0; a < m; ++a)
    for (Premise p : lineage.premises(a))
      if (kind_of(p) == PremiseKind::node && !negated(p)) users[at[index_of(p)]++] = a;
  std::vector<std::uint32_t> queue;
  for (std::uint32_t a = 0; a < m; ++a)
    if (waits[a] == 0 && round[owner[a]] == kNever) {
      round[owner[a]] = 0;
      queue.push_back(owner[a]);
    }
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (std::uint32_t u = begin[queue[i]]; u < begin[queue[i] + 1]; ++u) {
      const std::uint32_t a = users[u], v = owner[a];
      if (--waits[a] > 0 || round[v] != kNever) continue;
      round[v] = round[queue[i]] + 1;
      queue.push_back(v);
    }
  return round;
}

std::vector<std::uint32_t> independent_parts(const Lineage& lineage, const Inputs& inputs, std::uint32_t& parts) {
  const std::uint32_t n = lineage.nodes();
  std::vector<std::uint32_t> parent(n), of_group(inputs.groups, kNever);
  std::iota(parent.begin(), parent.end(), 0u);
  const auto find = [&](std::uint32_t v) {
    while (parent[v] != v) v = parent[v] = parent[parent[v]];
    return v;
  };
  for (std::uint32_t v = 0; v < n; ++v)
    for (Premise p : lineage.premises_of_node(v)) {
      std::uint32_t other = v;
      if (kind_of(p) == PremiseKind::node) {
        other = index_of(p);
      } else if (kind_of(p) == PremiseKind::member) {
        std::uint32_t& first = of_group[inputs.group[index_of(p)]];
        if (first == kNever) first = v;
        other = first;
      }
      const std::uint32_t a = find(v), b = find(other);
      if (a != b) parent[std::max(a, b)] = std::min(a, b);
    }
  std::vector<std::uint32_t> out(n, kNever);
  parts = 0;
  for (std::uint32_t v = 0; v < n; ++v) {
    const std::uint32_t top = find(v);  // never after v
    if (top == v)
      out[v] = parts++;
    else
      out[v] = out[top];
  }
  return out;
}

}  // namespace tenfold::provenance
