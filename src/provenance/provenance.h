// How evidence combines: `plus` joins the derivations of one tuple, `times` the literals of one rule body, in the order
// of the text. Source: Green, Karvounarakis, Tannen, "Provenance Semirings", PODS 2007; negation as in Scallop.
// laws_test.cc checks the laws; a provenance that breaks one says so in its header. A file each: min_max.h,
// add_mult.h, top_k_proofs.h, exact.h … The table is docs/provenances.md. `unit` (plain sets) has no tag at all, so the
// engine runs it without this layer.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tenfold::provenance {

/// An independent random variable is a group; its members exclude one another (a fact that stands alone is the one
/// member of its group). Member m holds with probability[m]; none of a group with what is left to one.
using Member = std::uint32_t;

/// The uncertain inputs of one evaluation. `key` is a hash of what the member says, so that ties are broken by content
/// and never by the order in which facts arrived.
struct Inputs {
  std::vector<double> probability;
  std::vector<std::uint32_t> group;
  std::vector<std::uint64_t> key;
  std::uint32_t groups = 0;

  Member add(double p, std::uint32_t in_group, std::uint64_t content) {
    probability.push_back(p);
    group.push_back(in_group);
    key.push_back(content);
    return static_cast<Member>(probability.size() - 1);
  }
  std::uint32_t new_group() { return groups++; }
  void clear() {
    probability.clear();
    group.clear();
    key.clear();
    groups = 0;
  }
};

template <class P>
concept Provenance = requires(const P p, const typename P::Tag t, std::vector<typename P::Tag> all, Member m) {
  { p.zero() } -> std::same_as<typename P::Tag>;
  { p.one() } -> std::same_as<typename P::Tag>;
  { p.input(m) } -> std::same_as<typename P::Tag>;
  { p.plus(all) } -> std::same_as<typename P::Tag>;  // of any number, whatever their order
  { p.times(t, t) } -> std::same_as<typename P::Tag>;
  { p.negate(t) } -> std::same_as<typename P::Tag>;
  { p.is_zero(t) } -> std::same_as<bool>;
  { p.saturated(t, t) } -> std::same_as<bool>;  // (before, after) a round of a cycle
  { p.probability(t) } -> std::same_as<double>;
  { P::kIdempotent } -> std::convertible_to<bool>;  // plus(t, t) = t
  { P::kName } -> std::convertible_to<std::string_view>;
};

/// The names that --provenance takes.
constexpr std::string_view kNames[] = {"unit",
                                       "bool",
                                       "natural",
                                       "tropical",
                                       "realtropical",
                                       "minmaxprob",
                                       "addmultprob",
                                       "proofs",
                                       "topkproofs",
                                       "topbottomkclauses",
                                       "samplekproofs",
                                       "exact",
                                       "diffminmaxprob",
                                       "diffaddmultprob",
                                       "diffnandmultprob",
                                       "diffmaxmultprob",
                                       "diffnandminprob",
                                       "difftopkproofs",
                                       "difftopbottomkclauses",
                                       "diffsamplekproofs"};

/// Tags are costs, not probabilities: any number that is not negative, and a fact without one costs nothing.
constexpr bool takes_costs(std::string_view name) { return name == "tropical" || name == "realtropical"; }
/// Tags may be greater than one.
constexpr bool takes_numbers(std::string_view name) { return takes_costs(name) || name == "natural"; }
/// A certain fact is an input like any other: its derivations are counted or listed.
constexpr bool counts_certain(std::string_view name) { return name == "natural" || name == "proofs"; }

}  // namespace tenfold::provenance
