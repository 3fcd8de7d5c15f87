#include "run/answers.h"

#include "base/value_text.h"
#include "engine/engine.h"
#include "plan/plan.h"

namespace tenfold::answers {
namespace {

Row text_of(std::span<const Cell> cells, const std::vector<Type>& types, const Symbols& symbols) {
  Row out;
  for (std::size_t c = 0; c < cells.size(); ++c) out.push_back(plain(cells[c], types[c], symbols));
  return out;
}

// Answers what the networks are asked until nothing more is asked.
Status drive(engine::Evaluation& e, const lang::Program& program, const plan::Plan& plan, Symbols& symbols,
             const Stub& stub, Run& run) {
  for (;;) {
    auto demands = e.advance();
    if (!demands) return demands.error();
    if (demands->empty()) return {};
    for (const engine::Demand& demand : *demands) {
      const lang::Network& network = program.networks[demand.network];
      const std::vector<Type>& types = plan.relations[network.relation].types;
      for (std::size_t i = 0; i < demand.rows(); ++i) {
        const std::vector<Cell> inputs(demand.inputs.begin() + static_cast<std::ptrdiff_t>(i * demand.arity),
                                       demand.inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * demand.arity));
        const Row row = text_of(inputs, types, symbols);
        if (!run.asked[network.name].insert(row).second)
          return Error{
              "asked-twice", {}, "network `" + network.name + "` was shown " + show(row, 1.0) + " twice", "", ""};
        const auto saying = stub(network.name, row);
        if (!saying)
          return Error{"unforeseen-input", {}, "network `" + network.name + "` was shown " + show(row, 1.0), "", ""};
        engine::Perception perception{saying->probabilities, saying->refusal};
        for (const auto& [values, probability] : saying->tuples) {
          perception.tuples.push_back({{}, probability});
          for (std::size_t c = 0; c < values.size(); ++c) {
            const auto cell = parse_plain(values[c], types.at(inputs.size() + c), symbols);
            if (!cell) return Error{"bad-stub", {}, values[c] + " is no value of its column", "", ""};
            perception.tuples.back().values.push_back(*cell);
          }
        }
        if (Status s = e.supply(demand.network, inputs, perception); !s.ok()) return s;
      }
    }
  }
}

Run collect(const engine::Evaluation& e, const lang::Program& program, const plan::Plan& plan, const Symbols& symbols,
            Run run) {
  auto table = [&](lang::RelationId r) {
    Table out;
    const engine::Relation& relation = e.relation(r);
    for (engine::Row row = 0; row < relation.size(); ++row)
      if (e.holds(r, row)) out[text_of(relation.row(row), plan.relations[r].types, symbols)] = e.probability(r, row);
    return out;
  };
  for (const lang::Query& query : program.queries) run.answers[query.name] = table(query.relation);
  if (program.queries.empty())
    for (lang::RelationId r : plan.roots) run.answers[program.relations[r].name] = table(r);
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    auto size = [&](lang::RelationId r) { return r == lang::kNone ? std::size_t{0} : e.relation(r).size(); };
    run.domain[program.networks[n].name] = size(plan.networks[n].domain);
    run.counted[program.networks[n].name] =
        size(plan.networks[n].counted == lang::kNone ? plan.networks[n].asked : plan.networks[n].counted);
  }
  run.cut = e.cut();
  run.notes = plan.notes;
  return run;
}

}  // namespace

Result<Run> run(const lang::Program& program, const Settings& settings, const Stub& stub) {
  plan::Options plan_options;
  plan_options.without = settings.without;
  auto plan = plan::make_plan(program, plan_options);
  if (!plan) return plan.error();
  engine::Options options;
  options.provenance = settings.provenance;
  options.k = settings.k;
  options.proofs = settings.proofs;
  options.sets = !settings.without.contains("sets");
  options.threads = settings.threads;
  if (settings.threads > 1) options.share_from = 0;
  options.timeout_s = settings.timeout_s;
  options.memory_bytes = std::size_t{1} << 30;
  Symbols base_symbols(&program.symbols);
  std::optional<engine::Evaluation> base;
  if (settings.shared_base) {
    base.emplace(*plan, options, base_symbols);
    if (Status s = base->add_program_facts(); !s.ok()) return s.error();
    if (Status s = base->freeze({}); !s.ok()) return s.error();
  }
  Symbols symbols(&base_symbols);
  engine::Evaluation e(*plan, options, symbols, base ? &*base : nullptr);
  for (int round = settings.again ? 0 : 1;; ++round) {
    if (!base)
      if (Status s = e.add_program_facts(); !s.ok()) return s.error();
    Run run;
    if (Status s = drive(e, program, *plan, symbols, stub, run); !s.ok()) return s.error();
    if (round == 1) return collect(e, program, *plan, symbols, std::move(run));
    e.reset();
    symbols.clear();
  }
}

std::string table_text(const std::map<Row, Saying>& sayings, const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& [row, saying] : sayings) {
    std::string key;
    for (const std::string& value : row) key += (key.empty() ? "" : "\x1f") + value;
    out += (out.empty() ? "" : " | ") + key;
    if (!saying.refusal.empty()) out += " refused " + saying.refusal;
    for (std::size_t l = 0; saying.refusal.empty() && l < labels.size(); ++l)
      out += " " + labels[l] + " " + number_text(saying.probabilities[l]);
  }
  return out;
}

std::string show(const Row& row, double probability) {
  std::string out = number_text(probability) + " :: (";
  for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? ", " : "") + row[i];
  return out + ")";
}

std::string show(const Table& table) {
  std::string out;
  for (const auto& [row, probability] : table) out += "    " + show(row, probability) + "\n";
  return out;
}

}  // namespace tenfold::answers
