// Lineages under other numbers and in other orders of arrival: the values are those of a diagram, and what differs in
// nothing else is one shape.
#include "provenance/shapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "provenance/compile.h"
#include "provenance/worlds_for_test.h"

namespace tenfold::provenance {
namespace {

using Alternatives = std::vector<std::vector<Premise>>;

std::vector<std::uint32_t> shuffled(std::mt19937& random, std::size_t n) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

struct Problem {
  Inputs inputs;
  std::vector<Alternatives> nodes;

  Lineage lineage() const {
    Lineage out;
    for (const Alternatives& node : nodes) {
      for (const auto& alternative : node) {
        for (Premise p : alternative) out.add(p);
        out.end_alternative();
      }
      out.end_node();
    }
    return out;
  }
  // The same, arrived otherwise: members, groups and alternatives in another order; nodes keep their numbers.
  Problem rearranged(std::mt19937& random) const {
    const auto member = shuffled(random, inputs.probability.size()), group = shuffled(random, inputs.groups);
    Problem out;
    out.inputs = inputs;
    for (Member m = 0; m < member.size(); ++m) {
      out.inputs.probability[member[m]] = inputs.probability[m];
      out.inputs.group[member[m]] = group[inputs.group[m]];
    }
    out.nodes = nodes;
    for (Alternatives& node : out.nodes) {
      std::shuffle(node.begin(), node.end(), random);
      for (auto& alternative : node)
        for (Premise& p : alternative)
          if (kind_of(p) == PremiseKind::member) p = premise(PremiseKind::member, member[index_of(p)], negated(p));
    }
    return out;
  }
};

// A chain of hops with `labels` labels each, composed left to right by (l + m) mod labels: sums of products.
Problem chain(std::mt19937& random, std::uint32_t hops, std::uint32_t labels) {
  Problem out;
  for (std::uint32_t h = 0; h < hops; ++h) {
    const std::uint32_t group = out.inputs.new_group();
    for (std::uint32_t l = 0; l < labels; ++l)
      out.inputs.add((1.0 + static_cast<double>(random() % 8)) / (16.0 * labels), group, 0);
  }
  for (std::uint32_t h = 0; h < hops; ++h)
    for (std::uint32_t n = 0; n < labels; ++n) {
      Alternatives node;
      for (std::uint32_t l = 0; l < labels; ++l) {
        if (h == 0 && l > 0) break;
        const std::uint32_t m = h == 0 ? n : (n + labels - l) % labels;
        std::vector<Premise> alternative;
        if (h > 0) alternative.push_back(premise(PremiseKind::node, (h - 1) * labels + l));
        alternative.push_back(premise(PremiseKind::member, h * labels + m));
        node.push_back(alternative);
      }
      out.nodes.push_back(node);
    }
  return out;
}

Problem random_problem(std::mt19937& random) {
  Problem out;
  out.inputs = worlds::random_inputs(random, 6);
  const auto below = [&](std::size_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (std::uint32_t v = 0; v < 8; ++v) {
    Alternatives node;
    for (std::uint32_t left = 1 + below(3); left > 0; --left) {
      std::vector<Premise> alternative{
          premise(PremiseKind::member, below(out.inputs.probability.size()), below(4) == 0)};
      if (below(2)) alternative.push_back(premise(PremiseKind::node, v < 4 ? below(4) : 4 + below(4)));
      if (v >= 4 && below(2)) alternative.push_back(premise(PremiseKind::node, below(4), below(2) == 0));
      node.push_back(alternative);
    }
    out.nodes.push_back(node);
  }
  return out;
}

// Values by node of all nodes, and the number of the shape.
std::pair<std::vector<double>, std::size_t> values(Shapes& shapes, const Problem& problem, std::mt19937& random) {
  const Lineage lineage = problem.lineage();
  const auto nodes = shuffled(random, lineage.nodes()), place = shuffled(random, problem.inputs.probability.size());
  Part part = shapes.write(lineage, problem.inputs, nodes, lineage.nodes(), place);
  const Shape& shape = shapes.shape(part, problem.inputs, [](Diagrams&) {});
  std::vector<double> probability, found, out(lineage.nodes());
  for (Member m : part.members) probability.push_back(problem.inputs.probability[m]);
  shape.evaluate(probability, found);
  for (std::size_t i = 0; i < part.roots.size(); ++i) out[part.roots[i]] = found[i];
  return {out, shape.known};
}

std::vector<double> by_diagram(const Problem& problem) {
  Diagrams diagrams(&problem.inputs);
  std::vector<double> out;
  for (Diagrams::Edge e : compile(problem.lineage(), diagrams)) out.push_back(diagrams.probability(e));
  return out;
}

TEST(Shapes, GiveTheValuesOfDiagramsWhateverTheOrderOfArrival) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const Problem problem = random_problem(random);
    const auto truth = by_diagram(problem);
    Shapes shapes;
    for (int arrival = 0; arrival < 4; ++arrival) {
      const auto found = values(shapes, problem.rearranged(random), random).first;
      for (std::size_t v = 0; v < truth.size(); ++v) EXPECT_NEAR(found[v], truth[v], 1e-12) << seed << " node " << v;
    }
  }
}

TEST(Shapes, OneForAllChainsOfALength) {
  std::mt19937 random(1);
  Shapes shapes;
  std::size_t first = 0;
  for (int i = 0; i < 10; ++i) {
    // An end of its own makes the labels unlike one another, so that structure alone tells them apart.
    Problem problem = chain(random, 4, 5);
    for (std::uint32_t l = 0; l < 4; ++l) {
      Alternatives node;
      for (std::uint32_t m = 0; m <= l; ++m) node.push_back({premise(PremiseKind::node, 15 + m)});
      problem.nodes.push_back(node);
    }
    // Neither exclusive nor independent: sums of products, which each part finds for itself, are not enough.
    problem.inputs.add(0.5, problem.inputs.new_group(), 0);
    problem.nodes.push_back({{premise(PremiseKind::node, 15)},
                             {premise(PremiseKind::member, 20)},
                             {premise(PremiseKind::node, 19), premise(PremiseKind::member, 20)}});
    problem = problem.rearranged(random);
    const auto [found, shape] = values(shapes, problem, random);
    const auto truth = by_diagram(problem);
    for (std::size_t v = 0; v < truth.size(); ++v) EXPECT_NEAR(found[v], truth[v], 1e-12);
    if (i == 0) first = shape;
    EXPECT_EQ(shape, first) << "chain " << i;
  }
}

OwnLineage alone(const Problem& problem) {
  OwnLineage out{problem.lineage(), problem.inputs, {}};
  for (std::uint32_t v = 0; v < out.lineage.nodes(); ++v) out.roots.push_back(v);
  return out;
}

void expect_as_by_diagram(const Problem& problem) {
  const auto decomposed = Decomposed::of(alone(problem));
  ASSERT_TRUE(decomposed);
  std::vector<double> found;
  decomposed->evaluate(problem.inputs.probability, found);
  const auto truth = by_diagram(problem);
  for (std::size_t v = 0; v < truth.size(); ++v) EXPECT_NEAR(found[v], truth[v], 1e-12);
}

TEST(Decomposed, ChainsAreAndSharedInputsAreNot) {
  std::mt19937 random(2);
  Problem problem = chain(random, 6, 4);
  expect_as_by_diagram(problem);
  // a or (a and b): neither exclusive nor independent.
  problem.nodes.push_back(
      {{premise(PremiseKind::member, 0)}, {premise(PremiseKind::member, 0), premise(PremiseKind::member, 4)}});
  EXPECT_FALSE(Decomposed::of(alone(problem)));
}

TEST(Decomposed, MembersPastAWordShareABitAndStayApart) {
  std::mt19937 random(3);
  const Problem problem = chain(random, 2, 70);
  expect_as_by_diagram(problem);
  // (0 or 64 of the first hop): exclusive, though one bit stands for both; then the same member twice, which is not.
  Problem pair = problem;
  pair.nodes = {{{premise(PremiseKind::member, 0)}, {premise(PremiseKind::member, 64)}}};
  EXPECT_TRUE(Decomposed::of(alone(pair)));
  pair.nodes = {
      {{premise(PremiseKind::member, 0)}, {premise(PremiseKind::member, 0), premise(PremiseKind::member, 70)}}};
  EXPECT_FALSE(Decomposed::of(alone(pair)));
}

TEST(Decomposed, IndependentWaysAndACycle) {
  Problem problem;
  for (int i = 0; i < 3; ++i) problem.inputs.add(0.5, problem.inputs.new_group(), 0);
  problem.nodes = {
      {{premise(PremiseKind::member, 0)}, {premise(PremiseKind::member, 1), premise(PremiseKind::member, 2)}}};
  const auto decomposed = Decomposed::of(alone(problem));
  ASSERT_TRUE(decomposed);
  std::vector<double> found;
  decomposed->evaluate(problem.inputs.probability, found);
  EXPECT_DOUBLE_EQ(found[0], 1 - 0.5 * 0.75);
  problem.nodes.push_back({{premise(PremiseKind::node, 1)}, {premise(PremiseKind::member, 0)}});
  EXPECT_FALSE(Decomposed::of(alone(problem)));
}

}  // namespace
}  // namespace tenfold::provenance
