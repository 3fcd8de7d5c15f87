// Possible worlds, one after the other: what a formula over independent groups is worth, written without cleverness.
#pragma once

#include <random>
#include <vector>

#include "provenance/provenance.h"
#include "provenance/top_k_proofs.h"

namespace tenfold::provenance::worlds {

constexpr Member kNoMember = 0xFFFFFFFFu;
using World = std::vector<Member>;  // per group, the member that holds, or kNoMember
                                    // (a member belongs to one group only, so a search finds it)

/// Groups of one to three members; every third group leaves nothing to "none of them".
inline Inputs random_inputs(std::mt19937& random, unsigned groups) {
  static constexpr double kSteps[] = {0.0, 0.125, 0.25, 0.375, 0.5, 1.0};
  Inputs inputs;
  for (unsigned g = 0; g < groups; ++g) {
    const std::uint32_t group = inputs.new_group();
    const auto members = static_cast<unsigned>(1 + random() % 3);
    double left = 1.0;
    for (unsigned m = 0; m < members; ++m) {
      double p = left * kSteps[random() % 6];
      if (m + 1 == members && random() % 3 == 0) p = left;
      left -= p;
      inputs.add(p, group, random());
    }
  }
  return inputs;
}

/// Calls visit(world, its probability) for every world that can be.
template <class Visit>
void each(const Inputs& inputs, Visit visit, World world = {}, double weight = 1.0) {
  const auto group = static_cast<std::uint32_t>(world.size());
  if (group == inputs.groups) {
    visit(world, weight);
    return;
  }
  double rest = 1.0;
  world.push_back(kNoMember);
  for (Member m = 0; m < inputs.probability.size(); ++m) {
    if (inputs.group[m] != group) continue;
    rest -= inputs.probability[m];
    if (inputs.probability[m] <= 0.0) continue;
    world.back() = m;
    each(inputs, visit, world, weight * inputs.probability[m]);
  }
  world.back() = kNoMember;
  if (rest > 0.0) each(inputs, visit, world, weight * rest);
}

inline bool is_in(Member m, const World& world) {
  for (Member held : world)
    if (held == m) return true;
  return false;
}

inline bool holds_in(const TopKProofs::Tag& tag, const World& world) {
  for (const Proof& proof : tag) {
    bool all = true;
    for (Literal l : proof) all = all && is_in(member(l), world) != negative(l);
    if (all) return true;
  }
  return false;
}

}  // namespace tenfold::provenance::worlds
