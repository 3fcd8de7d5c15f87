// The inputs that a proof may rest on, as its checker sees them: facts with where they came from, and the independent
// events behind the uncertain ones. Members of one group exclude one another.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lang/program.h"
#include "proof/aggregate.h"

namespace tenfold::proof {

using Event = std::uint32_t;
constexpr std::uint32_t kNoEvent = lang::kNone;

struct Events {
  std::vector<double> probability;
  std::vector<std::uint32_t> group;
  std::uint32_t groups = 0;

  Event add(double p, std::uint32_t in_group) {
    probability.push_back(p);
    group.push_back(in_group);
    return static_cast<Event>(probability.size() - 1);
  }
};

/// One statement of a fact. Certain ones have no event.
struct Given {
  double probability = 1.0;
  std::string origin;
  Event event = kNoEvent;
};

/// By relation and tuple; a tuple that is stated twice is two events.
using GivenRows = std::map<Row, std::vector<Given>>;

/// An event (or its failure): event << 1, and 1 more where it fails.
using Literal = std::uint64_t;
constexpr Literal holds(Event e) { return Literal{e} << 1; }
constexpr Literal fails(Event e) { return Literal{e} << 1 | 1; }
constexpr Event event_of(Literal l) { return static_cast<Event>(l >> 1); }
constexpr bool denied(Literal l) { return (l & 1) != 0; }
using Literals = std::vector<Literal>;  // sorted, distinct

/// What an event is once some literals are taken to hold.
enum class Truth : std::uint8_t { open, holds, fails };
Truth truth(Event event, const Literals& literals, const Events& events);

/// False where two of a group hold, or one holds and fails.
bool consistent(const Literals& literals, const Events& events);
/// Of a consistent conjunction.
double probability(const Literals& literals, const Events& events);

struct Disjunction {
  double low = 0.0, high = 1.0;  // equal where it was worked out to the end
};
/// That at least one of the conjunctions holds, by Shannon expansion over the groups; bounds past `most` steps.
Disjunction probability(const std::vector<Literals>& any, const Events& events, std::size_t most = 200'000);

}  // namespace tenfold::proof
