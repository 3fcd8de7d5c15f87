#include "answer/proof_search.h"

#include <algorithm>
#include <cmath>
#include <queue>

namespace tenfold::answer {

using provenance::Member;

namespace {
// Nodes and choices that one search may look at or copy before it says that its list may not be complete: about a
// second's work.
constexpr std::size_t kMaxWork = 4'000'000;
constexpr std::size_t kMaxStates = 20'000;
// Likeliest first is exact for trees; where proofs share inputs a few more are found, then sorted.
constexpr std::size_t kSpare = 8;
}  // namespace

bool Assignment::affirm(Member m) {
  if (fails(m)) return false;
  chosen_[inputs_->group[m]] = m;
  return true;
}

bool Assignment::deny(Member m) {
  if (holds(m)) return false;
  if (!fails(m)) not_[inputs_->group[m]].push_back(m);
  return true;
}

bool Assignment::holds(Member m) const {
  const auto at = chosen_.find(inputs_->group[m]);
  return at != chosen_.end() && at->second == m;
}

bool Assignment::fails(Member m) const {
  const auto at = chosen_.find(inputs_->group[m]);
  if (at != chosen_.end()) return at->second != m;
  const auto denied = not_.find(inputs_->group[m]);
  return denied != not_.end() && std::find(denied->second.begin(), denied->second.end(), m) != denied->second.end();
}

double Assignment::probability() const {
  double product = 1.0;
  for (const auto& [group, m] : chosen_) product *= inputs_->probability[m];
  for (const auto& [group, members] : not_) {
    if (chosen_.contains(group)) continue;
    double some = 0.0;
    for (Member m : members) some += inputs_->probability[m];
    product *= std::max(0.0, 1.0 - some);
  }
  return product;
}

std::vector<std::uint64_t> Assignment::literals() const {
  std::vector<std::uint64_t> out;
  for (const auto& [group, m] : chosen_) out.push_back(std::uint64_t{m} << 1);
  for (const auto& [group, members] : not_)
    if (!chosen_.contains(group))
      for (Member m : members) out.push_back(std::uint64_t{m} << 1 | 1);
  std::sort(out.begin(), out.end());
  return out;
}

bool ProofSearch::blocked(const Alternative& a, const Assignment& assignment,
                          const std::unordered_map<NodeId, std::uint32_t>& proved) const {
  if (a.event != kNone && assignment.fails(a.event)) return true;
  for (const Item& item : graph_.items(a))
    if (item.negative && item.node != kNone && (proved.contains(item.node) || graph_.certain(item.node))) return true;
  return false;
}

// Some way to derive a tuple although the assignment holds, whatever else may be; nothing when there is none.
std::optional<ProofSearch::Derivation> ProofSearch::derivation(
    NodeId of, const Assignment& assignment, const std::unordered_map<NodeId, std::uint32_t>& proved) {
  std::unordered_map<NodeId, std::uint32_t> by;  // derived node to alternative
  struct Use {
    NodeId node;
    std::uint32_t alternative;
  };
  std::unordered_map<NodeId, std::vector<Use>> users;
  std::unordered_map<std::uint64_t, std::uint32_t> waiting;
  std::vector<NodeId> seen{of}, ready;
  std::unordered_set<NodeId> known{of};
  const auto derive = [&](NodeId n, std::uint32_t alternative) {
    if (by.try_emplace(n, alternative).second) ready.push_back(n);
  };
  for (std::size_t i = 0; i < seen.size() && !by.contains(of); ++i) {
    const NodeId n = seen[i];
    ++work_;
    if (graph_.certain(n)) {
      derive(n, kNone);
      continue;
    }
    const auto alternatives = graph_.alternatives(n);
    for (std::uint32_t a = 0; a < alternatives.size(); ++a) {
      if (blocked(alternatives[a], assignment, proved)) continue;
      std::uint32_t open = 0;
      for (const Item& item : graph_.items(alternatives[a])) {
        if (item.negative) continue;
        ++open;
        users[item.node].push_back({n, a});
        if (known.insert(item.node).second) seen.push_back(item.node);
      }
      waiting[(std::uint64_t{n} << 32) | a] = open;
      if (open == 0) derive(n, a);
    }
  }
  for (std::size_t i = 0; i < ready.size(); ++i)
    for (const Use& use : users[ready[i]])
      if (--waiting[(std::uint64_t{use.node} << 32) | use.alternative] == 0) derive(use.node, use.alternative);
  if (!by.contains(of)) return std::nullopt;
  Derivation found;
  std::vector<NodeId> work{of};
  std::unordered_set<NodeId> visited{of};
  while (!work.empty()) {
    const NodeId n = work.back();
    work.pop_back();
    const std::uint32_t a = by.at(n);
    if (a == kNone) continue;
    const Alternative& alternative = graph_.alternatives(n)[a];
    if (alternative.event != kNone && !assignment.holds(alternative.event)) found.inputs.push_back({n, a});
    for (const Item& item : graph_.items(alternative)) {
      if (item.negative) {
        if (item.node != kNone) found.absences.push_back(item.node);
      } else if (visited.insert(item.node).second) {
        work.push_back(item.node);
      }
    }
  }
  return found;
}

// Follows the cheapest alternatives. False: two inputs that exclude each other.
bool ProofSearch::choose_best(NodeId root, Choice& choice, Assignment& assignment, std::vector<NodeId>& absent) const {
  std::vector<NodeId> work{root};
  while (!work.empty()) {
    const NodeId n = work.back();
    work.pop_back();
    if (choice.alternative.contains(n)) continue;
    const std::uint32_t best = graph_[n].best;
    if (best == kNone) return false;
    choice.alternative[n] = best;
    const Alternative& a = graph_.alternatives(n)[best];
    if (a.event != kNone && !assignment.affirm(a.event)) return false;
    for (const Item& item : graph_.items(a)) {
      if (!item.negative)
        work.push_back(item.node);
      else if (item.node != kNone)
        absent.push_back(item.node);
    }
  }
  return true;
}

// Denies the unlikeliest input of a derivation until there is none left.
bool ProofSearch::refute(NodeId absent, Choice& choice, Assignment& assignment) {
  Refutation& why = choice.refuted[absent];
  while (auto way = derivation(absent, assignment, choice.alternative)) {
    if (work_ > kMaxWork || way->inputs.empty()) return false;
    const auto p = [&](const Leaf& leaf) {
      return graph_.evaluation().inputs().probability[graph_.alternatives(leaf.node)[leaf.alternative].event];
    };
    const Leaf least = *std::min_element(way->inputs.begin(), way->inputs.end(),
                                         [&](const Leaf& a, const Leaf& b) { return p(a) < p(b); });
    assignment.deny(graph_.alternatives(least.node)[least.alternative].event);
    why.denied.push_back(least);
  }
  return true;
}

// Events of the chosen alternatives that a tuple rests on, not through an absence.
void ProofSearch::affirm_below(NodeId from, const Choice& choice, Assignment& out) const {
  std::vector<NodeId> work{from};
  std::unordered_set<NodeId> seen{from};
  while (!work.empty()) {
    const NodeId n = work.back();
    work.pop_back();
    const auto at = choice.alternative.find(n);
    if (at == choice.alternative.end()) continue;
    const Alternative& a = graph_.alternatives(n)[at->second];
    if (a.event != kNone) out.affirm(a.event);
    for (const Item& item : graph_.items(a))
      if (!item.negative && seen.insert(item.node).second) work.push_back(item.node);
  }
}

// Of each absence only the denials that it needs, whatever the search denied on the way for others: so that each
// absence stands by itself on the inputs that hold, and names none in vain.
void ProofSearch::tidy(NodeId root, Choice& choice) {
  if (choice.refuted.empty()) return;
  const auto event = [&](const Leaf& leaf) { return graph_.alternatives(leaf.node)[leaf.alternative].event; };
  std::map<Member, Leaf> all;
  for (const auto& [absent, why] : choice.refuted)
    for (const Leaf& leaf : why.denied) all.emplace(event(leaf), leaf);
  Assignment base(graph_.evaluation().inputs());
  affirm_below(root, choice, base);
  Assignment whole = base;
  for (auto& [absent, why] : choice.refuted) {
    Assignment proved = base;
    for (NodeId n : why.proved) affirm_below(n, choice, proved);
    std::vector<Leaf> kept, own = why.denied;
    for (const auto& [m, leaf] : all) {
      const bool mine =
          std::any_of(own.begin(), own.end(), [&, &denied = m](const Leaf& l) { return event(l) == denied; });
      kept.insert(mine ? kept.end() : kept.begin(), leaf);  // what others need goes first
    }
    for (std::size_t i = 0; i < kept.size();) {
      Assignment without = proved;
      for (std::size_t j = 0; j < kept.size(); ++j)
        if (j != i) without.deny(event(kept[j]));
      if (derivation(absent, without, choice.alternative))
        ++i;
      else
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
    }
    why.denied = std::move(kept);
    for (const Leaf& leaf : why.denied) whole.deny(event(leaf));
    for (NodeId n : why.proved) affirm_below(n, choice, whole);
  }
  choice.probability = whole.probability();
}

std::optional<Choice> ProofSearch::best(NodeId root) {
  Choice choice;
  Assignment assignment(graph_.evaluation().inputs());
  std::vector<NodeId> absent;
  work_ = 0;
  bool found = choose_best(root, choice, assignment, absent);
  for (NodeId n : absent) found = found && (choice.refuted.contains(n) || refute(n, choice, assignment));
  if (found) {
    choice.probability = assignment.probability();
    tidy(root, choice);
    return choice;
  }
  Found several = this->several(root, 1);
  if (several.choices.empty()) return std::nullopt;
  return std::move(several.choices.front());
}

struct ProofSearch::State {
  explicit State(const provenance::Inputs& inputs) : assignment(inputs) {}
  Choice choice;
  Assignment assignment;
  std::vector<NodeId> open, absent;
  double cost = 0.0;  // what is chosen, and what is open by itself
};

// By chosen alternatives alone.
bool ProofSearch::reaches(const State& state, NodeId from, NodeId to) const {
  std::vector<NodeId> work{from};
  std::unordered_set<NodeId> seen{from};
  while (!work.empty()) {
    const NodeId n = work.back();
    work.pop_back();
    if (n == to) return true;
    const auto at = state.choice.alternative.find(n);
    if (at == state.choice.alternative.end()) continue;
    for (const Item& item : graph_.items(graph_.alternatives(n)[at->second]))
      if (!item.negative && seen.insert(item.node).second) work.push_back(item.node);
  }
  return false;
}

bool ProofSearch::take(State& state, NodeId node, std::uint32_t alternative) const {
  const Alternative& a = graph_.alternatives(node)[alternative];
  if (a.event != kNone && !state.assignment.affirm(a.event)) return false;
  if (state.choice.refuted.contains(node)) return false;
  for (const Item& item : graph_.items(a)) {
    if (item.negative) {
      if (item.node == kNone) continue;
      if (state.choice.alternative.contains(item.node)) return false;
      state.absent.push_back(item.node);
      continue;
    }
    if (graph_[item.node].best == kNone || reaches(state, item.node, node)) return false;
    if (!state.choice.alternative.contains(item.node)) state.open.push_back(item.node);
  }
  state.choice.alternative[node] = alternative;
  return true;
}

void ProofSearch::branch_node(State state, NodeId node, std::vector<State>& out) {
  const auto alternatives = graph_.alternatives(node);
  // Between certain ways to a certain tuple there is nothing to tell, when it is the inputs that tell proofs apart.
  const bool one = !certain_only_ && graph_.certain(node);
  for (std::uint32_t a = 0; a < alternatives.size(); ++a) {
    if (one && a != graph_[node].best) continue;
    if (one || a + 1 == alternatives.size()) {
      ++work_;
      if (take(state, node, a)) out.push_back(std::move(state));
      return;
    }
    work_ += state.choice.alternative.size() + 1;
    State next = state;
    if (take(next, node, a)) out.push_back(std::move(next));
  }
}

void ProofSearch::branch_absence(State state, NodeId absent, std::vector<State>& out) {
  if (state.choice.alternative.contains(absent) || graph_.certain(absent)) return;
  const auto way = derivation(absent, state.assignment, state.choice.alternative);
  state.choice.refuted[absent];
  if (!way) {
    out.push_back(std::move(state));
    return;
  }
  state.absent.push_back(absent);  // and looked at again
  for (const Leaf& leaf : way->inputs) {
    work_ += state.choice.alternative.size() + 1;
    State next = state;
    if (!next.assignment.deny(graph_.alternatives(leaf.node)[leaf.alternative].event)) continue;
    next.choice.refuted[absent].denied.push_back(leaf);
    out.push_back(std::move(next));
  }
  for (NodeId other : way->absences) {
    if (state.choice.refuted.contains(other) || graph_[other].best == kNone) continue;
    State next = state;
    next.choice.refuted[absent].proved.push_back(other);
    next.open.push_back(other);
    out.push_back(std::move(next));
  }
}

// One thing that is open, every way; many steps without a choice are taken at once.
void ProofSearch::branch(State state, std::vector<State>& out) {
  std::vector<State> next;
  next.push_back(std::move(state));
  while (next.size() == 1 && work_ <= kMaxWork) {
    State only = std::move(next.back());
    next.clear();
    if (!only.open.empty()) {
      const NodeId node = only.open.back();
      only.open.pop_back();
      if (only.choice.alternative.contains(node)) {
        next.push_back(std::move(only));
      } else {
        branch_node(std::move(only), node, next);
      }
    } else if (!only.absent.empty()) {
      const NodeId node = only.absent.back();
      only.absent.pop_back();
      branch_absence(std::move(only), node, next);
    } else {
      out.push_back(std::move(only));
      return;
    }
  }
  for (State& s : next) out.push_back(std::move(s));
}

double ProofSearch::price(const Choice& choice) const {
  if (order_ == ProofOrder::likeliest) return -std::log(std::max(choice.probability, 1e-300));
  std::size_t steps = choice.alternative.size();
  for (const auto& [absent, why] : choice.refuted) steps += why.denied.size();
  return static_cast<double>(steps);
}

ProofSearch::Found ProofSearch::several(NodeId root, std::size_t count) {
  Found found;
  work_ = 0;
  cut_ = graph_.cut();
  certain_only_ = graph_.certain(root);
  std::vector<State> states;
  using Entry = std::pair<double, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto push = [&](State state) {
    state.choice.probability = state.assignment.probability();
    state.cost = price(state.choice);
    for (NodeId n : state.open)
      if (!state.choice.alternative.contains(n)) state.cost += graph_[n].cost.first;
    queue.push({state.cost, states.size()});
    states.push_back(std::move(state));
  };
  State start(graph_.evaluation().inputs());
  start.open.push_back(root);
  push(std::move(start));
  std::vector<std::vector<std::uint64_t>> told;
  const std::size_t wanted = order_ == ProofOrder::likeliest ? count + kSpare : count;
  while (!queue.empty() && found.choices.size() < wanted && work_ <= kMaxWork && states.size() < kMaxStates) {
    const std::size_t at = queue.top().second;
    queue.pop();
    State state = std::move(states[at]);
    if (state.open.empty() && state.absent.empty()) {
      auto literals = state.assignment.literals();
      if (!certain_only_ && std::find(told.begin(), told.end(), literals) != told.end()) continue;
      if (state.choice.probability <= 0.0) continue;
      told.push_back(std::move(literals));
      found.choices.push_back(std::move(state.choice));
      tidy(root, found.choices.back());
      continue;
    }
    std::vector<State> next;
    branch(std::move(state), next);
    for (State& s : next) push(std::move(s));
  }
  std::stable_sort(found.choices.begin(), found.choices.end(),
                   [&](const Choice& a, const Choice& b) { return price(a) < price(b); });
  found.complete = queue.empty() && !cut_ && work_ <= kMaxWork && found.choices.size() <= count;
  if (found.choices.size() > count) found.choices.resize(count);
  return found;
}

}  // namespace tenfold::answer
