#include "answer/proof_builder.h"

#include <algorithm>

#include "proof/instance.h"
#include "proof/proof.h"

namespace tenfold::answer {

using engine::Firing;
using engine::FiringKind;
using engine::RelationId;
using engine::Row;

namespace {

// The atoms of a plan's rule and those of the program's rule that it was made of: the same, after the guards.
const lang::Literal& as_written(const plan::PlanRule& rule, const lang::Rule& written, std::uint32_t literal) {
  std::uint32_t guards = 0;
  for (std::uint32_t i = 0; i < literal; ++i) guards += rule.body[i].guard;
  return written.body[literal - guards];
}

// Cells of a projection ("some#p#x_" leaves out the second column of p) among the columns of p.
std::vector<std::optional<Cell>> spread(const plan::PlanRelation& made, std::span<const Cell> cells) {
  const std::string pattern = made.name.substr(made.name.rfind('#') + 1);
  std::vector<std::optional<Cell>> out;
  std::size_t next = 0;
  for (char c : pattern) out.push_back(c == 'x' && next < cells.size() ? std::optional(cells[next++]) : std::nullopt);
  return out;
}

}  // namespace

std::vector<std::string> ProofBuilder::args_text(RelationId relation, std::span<const Cell> cells) const {
  std::vector<std::string> out;
  for (std::size_t c = 0; c < cells.size(); ++c)
    out.push_back(plain(cells[c], e_.plan().relations[relation].types[c], symbols_));
  return out;
}

const lang::Rule& ProofBuilder::rule_of(NodeId node, const Alternative& a) const {
  return program_.rules[e_.plan().rules[graph_.firing(node, a).source].source];
}

Proofs ProofBuilder::prove(RelationId relation, Row row) {
  const NodeId root = graph_.node(relation, row);
  ProofSearch search(graph_, options_.order);
  Proofs out;
  if (options_.count > 1) {
    ProofSearch::Found found = search.several(root, options_.count);
    for (const Choice& choice : found.choices) out.list.push_back(write(root, choice));
    out.complete = found.complete;
  }
  if (out.list.empty())
    if (const auto choice = search.best(root)) out.list.push_back(write(root, *choice));
  return out;
}

// One tuple, absence or denied input of a proof under way, and its number among the steps.
struct ProofBuilder::Writing {
  struct Thing {
    enum class Kind : std::uint8_t { tuple, absence, denied } kind = Kind::tuple;
    NodeId node = kNone;
    std::uint32_t at = 0;  // absence: index of the item; denied: the alternative
    friend auto operator<=>(const Thing&, const Thing&) = default;
  };
  const ProofGraph& graph;
  const Choice& choice;

  const Alternative& chosen(NodeId n) const { return graph.alternatives(n)[choice.alternative.at(n)]; }
  // A projection stands for the tuple that it was read from.
  Thing tuple(NodeId n) const {
    while (graph[n].relation >= graph.program().relations.size()) n = graph.items(chosen(n)).front().node;
    return {Thing::Kind::tuple, n, 0};
  }
  std::vector<Thing> premises(const Thing& t) const {
    std::vector<Thing> out;
    if (t.kind == Thing::Kind::denied) return out;
    const auto items = graph.items(chosen(t.node));
    if (t.kind == Thing::Kind::tuple) {
      for (std::uint32_t i = 0; i < items.size(); ++i)
        out.push_back(items[i].negative ? Thing{Thing::Kind::absence, t.node, i} : tuple(items[i].node));
      return out;
    }
    const auto why = choice.refuted.find(items[t.at].node);
    if (items[t.at].node == kNone || why == choice.refuted.end()) return out;
    for (const Leaf& leaf : why->second.denied) out.push_back({Thing::Kind::denied, leaf.node, leaf.alternative});
    for (NodeId n : why->second.proved) out.push_back(tuple(n));
    return out;
  }

  // Each before all that it rests on: depth first, in reverse of when it was left.
  std::vector<Thing> ordered(NodeId root) const {
    struct Frame {
      Thing thing;
      std::vector<Thing> premises;
      std::size_t next = 0;
    };
    std::vector<Thing> left;
    std::set<Thing> seen;
    std::vector<Frame> frames;
    const auto enter = [&](const Thing& t) {
      if (seen.insert(t).second) frames.push_back({t, premises(t)});
    };
    enter(tuple(root));
    while (!frames.empty()) {
      Frame& top = frames.back();
      if (top.next < top.premises.size()) {
        // From the right, so that the steps come out in the order of the text.
        const Thing t = top.premises[top.premises.size() - ++top.next];
        enter(t);
        continue;
      }
      left.push_back(top.thing);
      frames.pop_back();
    }
    std::reverse(left.begin(), left.end());
    return left;
  }
};

Proof ProofBuilder::write(NodeId root, const Choice& choice) {
  using Thing = Writing::Thing;
  const Writing writing{graph_, choice};
  const std::vector<Thing> things = writing.ordered(root);
  std::map<Thing, std::uint32_t> number;
  for (std::uint32_t i = 0; i < things.size(); ++i) number[things[i]] = i;
  Proof proof;
  proof.probability = choice.probability;
  for (const Thing& t : things) {
    if (t.kind == Thing::Kind::denied)
      proof.steps.push_back(denied({t.node, t.at}));
    else if (t.kind == Thing::Kind::absence)
      proof.steps.push_back(absence(t.node, writing.chosen(t.node), graph_.items(writing.chosen(t.node))[t.at]));
    else
      proof.steps.push_back(step(t.node, writing.chosen(t.node)));
    for (const Thing& premise : writing.premises(t)) proof.steps.back().premises.push_back(number.at(premise));
  }
  return proof;
}

ProofStep ProofBuilder::step(NodeId node, const Alternative& a) {
  ProofStep out;
  const RelationId relation = graph_[node].relation;
  out.relation = program_.relations[relation].name;
  out.args = args_text(relation, e_.relation(relation).row(graph_[node].row));
  out.made = program_.relations[relation].synthetic;
  if (a.aggregate != kNone) {
    const lang::Aggregate& aggregate = program_.aggregates[a.aggregate];
    out.kind = ProofStep::Kind::aggregate;
    out.rule = aggregate.text;
    out.place = aggregate.place;
    if (a.event != kNone) out.probability = e_.inputs().probability[a.event];
  } else if (a.firing == kNone || graph_.firing(node, a).kind == FiringKind::given) {
    fact(node, a, out);
  } else if (graph_.firing(node, a).kind == FiringKind::perceived) {
    perceived(node, graph_.firing(node, a), out);
  } else {
    rule(node, a, out);
  }
  return out;
}

// An uncertain fact of the program is told from its equals by its turn: their events were made in the order of the
// text, before those of any table.
void ProofBuilder::fact(NodeId node, const Alternative& a, ProofStep& out) {
  out.kind = ProofStep::Kind::fact;
  const RelationId relation = graph_[node].relation;
  const Row row = graph_[node].row;
  const engine::Relation& r = e_.relation(relation);
  const auto& stated = graph_.stated().of(relation, r.row(row));
  const auto certain = [&](std::uint32_t f) {
    const lang::Fact& fact = program_.facts[f];
    return !e_.has_probabilities() || (fact.probability.value_or(1.0) == 1.0 && fact.group == lang::kNone);
  };
  SymbolId origin = kNone;
  const lang::Fact* from = nullptr;
  if (a.event == kNone) {
    origin = r.origin(row);
    for (std::uint32_t f : stated)
      if (certain(f)) from = &program_.facts[f];
    if (from) origin = kNone;
  } else {
    out.probability = e_.inputs().probability[a.event];
    origin = e_.origin_of(a.event);
    std::size_t turn = 0;
    for (std::uint32_t f = r.firing(row); origin == kNone && f != a.firing; f = e_.firing(relation, f).next)
      turn += e_.firing(relation, f).kind == FiringKind::given && e_.origin_of(e_.firing(relation, f).event) == kNone;
    for (std::uint32_t f : stated) {
      if (origin != kNone || certain(f) || program_.facts[f].probability == 0.0) continue;
      if (turn-- == 0) from = &program_.facts[f];
    }
  }
  if (program_.relations[relation].kind == lang::RelationKind::foreign) {
    out.origin = "computed";
    return;
  }
  out.origin = from ? proof::place_text(from->place) : origin != kNone ? std::string(symbols_.text(origin)) : "";
}

void ProofBuilder::perceived(NodeId node, const Firing& firing, ProofStep& out) {
  const Perceived by = perceived_by_(firing.source, e_.relation(graph_[node].relation).row(graph_[node].row));
  out.kind = by.assumed ? ProofStep::Kind::assumed : ProofStep::Kind::perceived;
  out.origin = by.origin;
  if (firing.event != kNone) out.probability = e_.inputs().probability[firing.event];
}

void ProofBuilder::rule(NodeId node, const Alternative& a, ProofStep& out) {
  const lang::Rule& rule = rule_of(node, a);
  out.kind = ProofStep::Kind::rule;
  out.rule = rule.text;
  out.place = rule.place;
  out.source = rule.source;
  if (a.event == kNone) return;
  out.probability = e_.inputs().probability[a.event];
  // The binding that made this event; made again from the rows, since a firing does not keep it.
  const plan::PlanRule& planned = e_.plan().rules[graph_.firing(node, a).source];
  proof::Instance instance(program_, rule, symbols_);
  instance.match(rule.head_args, e_.relation(graph_[node].relation).row(graph_[node].row));
  for (const Item& item : graph_.items(a))
    if (!item.negative)
      instance.match(as_written(planned, rule, item.literal).args,
                     e_.relation(graph_[item.node].relation).row(graph_[item.node].row));
  instance.complete([&] {
    out.bindings = instance.named();
    return true;
  });
}

ProofStep ProofBuilder::denied(const Leaf& leaf) {
  const Alternative& a = graph_.alternatives(leaf.node)[leaf.alternative];
  ProofStep out = step(leaf.node, a);
  out.kind = ProofStep::Kind::denied;
  out.source.clear();
  return out;
}

ProofStep ProofBuilder::absence(NodeId parent, const Alternative& a, const Item& item) {
  ProofStep out;
  out.kind = ProofStep::Kind::absent;
  RelationId relation = kNone;
  std::vector<std::optional<Cell>> args;
  if (item.literal == kNone) {  // a row that an aggregate leaves out
    relation = graph_[item.node].relation;
    for (Cell c : e_.relation(relation).row(graph_[item.node].row)) args.emplace_back(c);
  } else {
    const lang::Rule& rule = rule_of(parent, a);
    const plan::PlanRule& planned = e_.plan().rules[graph_.firing(parent, a).source];
    const lang::Literal& literal = as_written(planned, rule, item.literal);
    relation = literal.relation;
    const plan::PlanRelation& read = e_.plan().relations[planned.body[item.literal].literal.relation];
    proof::Instance instance(program_, rule, symbols_);
    instance.match(rule.head_args, e_.relation(graph_[parent].relation).row(graph_[parent].row));
    for (const Item& other : graph_.items(a)) {
      if (other.node == kNone || other.literal == kNone) continue;
      const auto row = e_.relation(graph_[other.node].relation).row(graph_[other.node].row);
      if (!other.negative) {
        instance.match(as_written(planned, rule, other.literal).args, row);
      } else if (e_.plan().relations[graph_[other.node].relation].projects == kNone) {
        instance.match(as_written(planned, rule, other.literal).args, row);
      } else {
        instance.match(planned.body[other.literal].literal.args, row);
      }
    }
    instance.complete([&] {
      args.clear();
      for (const lang::Expr& arg : literal.args)
        args.push_back(instance.known(arg) ? std::optional(instance.value(arg)) : std::nullopt);
      return true;
    });
    if (item.node != kNone && read.projects != kNone)
      args = spread(read, e_.relation(graph_[item.node].relation).row(graph_[item.node].row));
    args.resize(literal.args.size());
  }
  out.relation = program_.relations[relation].name;
  out.made = program_.relations[relation].synthetic;
  bool some = false;
  for (std::size_t c = 0; c < args.size(); ++c) {
    out.args.push_back(args[c] ? plain(*args[c], e_.plan().relations[relation].types[c], symbols_) : "_");
    out.open.push_back(!args[c]);
    some = some || !args[c];
  }
  if (!some) out.open.clear();
  return out;
}

std::vector<std::string> origins(const Proof& proof) {
  std::vector<std::string> out;
  for (const ProofStep& step : proof.steps)
    if (step.kind == ProofStep::Kind::fact && !step.origin.empty() &&
        std::find(out.begin(), out.end(), step.origin) == out.end())
      out.push_back(step.origin);
  return out;
}

}  // namespace tenfold::answer
