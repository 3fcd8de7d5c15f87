#include "proof/events.h"

#include <algorithm>
#include <set>

namespace tenfold::proof {

Truth truth(Event event, const Literals& literals, const Events& events) {
  Truth found = Truth::open;
  for (Literal l : literals) {
    if (event_of(l) == event) return denied(l) ? Truth::fails : Truth::holds;
    if (!denied(l) && events.group[event_of(l)] == events.group[event]) found = Truth::fails;
  }
  return found;
}

bool consistent(const Literals& literals, const Events& events) {
  std::map<std::uint32_t, Event> chosen;
  for (Literal l : literals) {
    if (denied(l)) continue;
    const auto [at, fresh] = chosen.try_emplace(events.group[event_of(l)], event_of(l));
    if (!fresh && at->second != event_of(l)) return false;
  }
  return std::none_of(literals.begin(), literals.end(), [&](Literal l) {
    return denied(l) && std::binary_search(literals.begin(), literals.end(), holds(event_of(l)));
  });
}

double probability(const Literals& literals, const Events& events) {
  std::map<std::uint32_t, double> in, out;  // by group: the member that holds; those that do not
  for (Literal l : literals) {
    const double p = events.probability[event_of(l)];
    if (denied(l))
      out[events.group[event_of(l)]] += p;
    else
      in[events.group[event_of(l)]] = p;
  }
  double product = 1.0;
  for (const auto& [group, p] : in) product *= p;
  for (const auto& [group, p] : out)
    if (!in.contains(group)) product *= std::max(0.0, 1.0 - p);
  return product;
}

namespace {

class Expansion {
 public:
  Expansion(const Events& events, std::size_t most) : events_(events), left_(most) {}

  // The depth is the number of groups, so the recursion is bounded by the inputs of the proofs.
  Disjunction run(std::vector<Literals> any) {
    if (any.empty()) return {0.0, 0.0};
    for (const Literals& one : any)
      if (one.empty()) return {1.0, 1.0};
    if (left_ == 0) return bounds(any);
    --left_;
    std::sort(any.begin(), any.end());
    any.erase(std::unique(any.begin(), any.end()), any.end());
    if (const auto known = known_.find(any); known != known_.end()) return known->second;
    const std::uint32_t group = most_used(any);
    std::set<Event> members;
    for (const Literals& one : any)
      for (Literal l : one)
        if (events_.group[event_of(l)] == group) members.insert(event_of(l));
    Disjunction out{0.0, 0.0};
    double rest = 1.0;
    const auto branch = [&](Event chosen, double p) {
      const Disjunction inner = p > 0.0 ? run(given(any, group, chosen)) : Disjunction{0.0, 0.0};
      out.low += p * inner.low;
      out.high += p * inner.high;
    };
    for (Event m : members) {
      rest -= events_.probability[m];
      branch(m, events_.probability[m]);
    }
    branch(kNoEvent, std::max(0.0, rest));
    return known_[std::move(any)] = out;
  }

 private:
  Disjunction bounds(const std::vector<Literals>& any) const {
    Disjunction out{0.0, 0.0};
    for (const Literals& one : any) {
      const double p = probability(one, events_);
      out.low = std::max(out.low, p);
      out.high = std::min(1.0, out.high + p);
    }
    return out;
  }

  std::uint32_t most_used(const std::vector<Literals>& any) const {
    std::map<std::uint32_t, std::size_t> uses;
    for (const Literals& one : any)
      for (Literal l : one) ++uses[events_.group[event_of(l)]];
    return std::max_element(uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  // What is left of the conjunctions when `chosen` is the member of the group that holds (kNoEvent: none of those
  // named).
  std::vector<Literals> given(const std::vector<Literals>& any, std::uint32_t group, Event chosen) const {
    std::vector<Literals> out;
    for (const Literals& one : any) {
      Literals left;
      bool possible = true;
      for (Literal l : one) {
        if (events_.group[event_of(l)] != group)
          left.push_back(l);
        else
          possible = possible && (event_of(l) == chosen) != denied(l);
      }
      if (possible) out.push_back(std::move(left));
    }
    return out;
  }

  const Events& events_;
  std::size_t left_;
  std::map<std::vector<Literals>, Disjunction> known_;
};

}  // namespace

Disjunction probability(const std::vector<Literals>& any, const Events& events, std::size_t most) {
  return Expansion(events, most).run(any);
}

}  // namespace tenfold::proof
