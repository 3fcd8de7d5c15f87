// diffminmaxprob, diffaddmultprob, diffnandmultprob, diffmaxmultprob, diffnandminprob: a number and its slope by each
// input. Alternatives take the maximum, add up to 1, or count as independent (nand: 1 - (1-a)(1-b)); conjunctions take
// the minimum or the product. Each is the probability only where its reading of `or` and `and` is true.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "provenance/provenance.h"

namespace tenfold::provenance {

using Gradient = std::vector<std::pair<Member, double>>;  // by member, none twice

/// left * x + right * y.
inline Gradient combine(double x, const Gradient& left, double y, const Gradient& right) {
  Gradient out;
  std::size_t i = 0, j = 0;
  while (i < left.size() || j < right.size()) {
    if (j == right.size() || (i < left.size() && left[i].first < right[j].first)) {
      out.emplace_back(left[i].first, x * left[i].second);
      ++i;
    } else if (i == left.size() || right[j].first < left[i].first) {
      out.emplace_back(right[j].first, y * right[j].second);
      ++j;
    } else {
      out.emplace_back(left[i].first, x * left[i].second + y * right[j].second);
      ++i;
      ++j;
    }
  }
  return out;
}

enum class Or : std::uint8_t { largest, sum, independent };
enum class And : std::uint8_t { smallest, product };

template <Or kOr, And kAnd>
struct Dual {
  struct Tag {
    double value = 0.0;
    Gradient slope;
    bool operator==(const Tag&) const = default;
    bool operator<(const Tag& other) const { return value != other.value ? value < other.value : slope < other.slope; }
  };
  static constexpr bool kIdempotent = kOr == Or::largest;
  static constexpr double kTolerance = 1e-12;  // as in add_mult.h
  static constexpr std::string_view kName = kOr == Or::largest
                                                ? (kAnd == And::product ? "diffmaxmultprob" : "diffminmaxprob")
                                            : kOr == Or::sum        ? "diffaddmultprob"
                                            : kAnd == And::smallest ? "diffnandminprob"
                                                                    : "diffnandmultprob";
  const Inputs* inputs;

  Tag zero() const { return {0.0, {}}; }
  Tag one() const { return {1.0, {}}; }
  Tag input(Member m) const { return {inputs->probability[m], {{m, 1.0}}}; }
  Tag plus(std::vector<Tag> all) const {
    std::sort(all.begin(), all.end());  // answers must not depend on the order of derivations
    Tag out = zero();
    for (Tag& t : all) {
      if constexpr (kOr == Or::largest) {
        if (t.value >= out.value) out = std::move(t);
      } else if constexpr (kOr == Or::sum) {
        out = {out.value + t.value, combine(1.0, out.slope, 1.0, t.slope)};
      } else {
        out = {1.0 - (1.0 - out.value) * (1.0 - t.value), combine(1.0 - t.value, out.slope, 1.0 - out.value, t.slope)};
      }
    }
    if (out.value > 1.0) return one();  // clamped: flat there
    return out;
  }
  Tag times(const Tag& a, const Tag& b) const {
    if constexpr (kAnd == And::smallest) return b.value < a.value ? b : a;
    return {a.value * b.value, combine(b.value, a.slope, a.value, b.slope)};
  }
  Tag negate(const Tag& a) const { return {1.0 - a.value, combine(-1.0, a.slope, 0.0, {})}; }
  bool is_zero(const Tag& a) const { return a.value == 0.0; }
  bool saturated(const Tag& before, const Tag& after) const {
    if constexpr (kIdempotent) return before == after;
    if (!(std::abs(before.value - after.value) <= kTolerance) || before.slope.size() != after.slope.size())
      return false;
    for (std::size_t i = 0; i < before.slope.size(); ++i)
      if (std::abs(before.slope[i].second - after.slope[i].second) > kTolerance) return false;
    return true;
  }
  double probability(const Tag& a) const { return a.value; }
  Gradient gradient(const Tag& a) const { return a.slope; }
};
using DiffMinMax = Dual<Or::largest, And::smallest>;
using DiffAddMult = Dual<Or::sum, And::product>;
using DiffNandMult = Dual<Or::independent, And::product>;
using DiffMaxMult = Dual<Or::largest, And::product>;
using DiffNandMin = Dual<Or::independent, And::smallest>;
static_assert(Provenance<DiffMinMax> && Provenance<DiffAddMult> && Provenance<DiffNandMult>);

}  // namespace tenfold::provenance
