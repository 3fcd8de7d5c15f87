#include <fmt/format.h>

#include <iostream>

#include "answer/job.h"
#include "answer/render.h"
#include "answer/terms.h"
#include "cli/commands.h"
#include "media/fhir.h"
#include "media/record_stream.h"

namespace tenfold::cli {
namespace {

struct Target {
  std::string program;
  Settings settings;
  answer::Sources sources;
  std::optional<answer::Pack> pack;
};

Result<Target> find_target(const Options& options) {
  Target target;
  target.settings = options.settings;
  if (is_program(options.target)) {
    target.program = options.target;
    for (const auto& [name, file] : options.networks) target.sources.networks[name] = file;
    return target;
  }
  auto pack = answer::read_pack(options.target, answer::pack_folders());
  if (!pack) return pack.error();
  target.program = pack->program.string();
  target.settings = pack_settings(options, *pack);
  target.sources = pack_sources(options, *pack);
  target.pack = std::move(*pack);
  return target;
}

// The facts that a file turns into, a relation at a time, as the rules will see them.
int show_facts(const Options& options, const Target& target) {
  if (!target.pack) {
    std::cerr << "tenfold: --input shows what a pack's adapter reads; give a pack\n";
    return 2;
  }
  std::vector<std::string> wanted;
  for (const FactSchema& schema : media::fhir_schema()) wanted.push_back(schema.relation);
  media::FhirOptions fhir;
  if (!options.as_of.empty()) fhir.as_of = parse_datetime(options.as_of);
  media::FhirReader reader(wanted, fhir);
  media::RecordStream stream({options.input});
  int status = 0;
  while (auto item = stream.next()) {
    Symbols symbols;
    std::vector<FactTable> facts;
    Status read = item->kind == media::RecordItem::Kind::error   ? Status(item->error)
                  : item->kind == media::RecordItem::Kind::image ? reader.read_film(item->path, symbols, facts)
                                                                 : reader.read(item->text, item->name, symbols, facts);
    if (!read.ok()) {
      status = fail(read.error());
      continue;
    }
    std::cout << "// " << item->name << "\n";
    for (const FactTable& table : facts)
      for (std::size_t i = 0; i < table.rows(); ++i) {
        std::string args;
        for (std::size_t c = 0; c < table.types.size(); ++c)
          args += (c ? ", " : "") + literal(table.row(i)[c], table.types[c], symbols);
        std::cout << "rel " << table.relation << "(" << args << ")  // " << symbols.text(table.origins[i]) << "\n";
      }
  }
  return status;
}

}  // namespace

int explain(const Options& options) {
  auto target = find_target(options);
  if (!target) return fail(target.error());
  if (!options.input.empty()) return show_facts(options, *target);
  std::vector<Error> errors;
  auto parts = answer::make_parts(target->program, target->settings, target->sources, &errors);
  if (!parts) return fail(errors, parts.error());
  std::cout << plan::explain((*parts)->plan);
  for (const auto& network : (*parts)->networks)
    std::cout << fmt::format("network {}: stage {}, {:.4g} FLOP an input ({:.4g} with the dearest stage)\n",
                             network->name(), network->stage(), network->flops(), network->dearest_flops());
  for (const std::string& warning : (*parts)->warnings) std::cerr << warning;
  for (const std::string& remark : (*parts)->remarks) std::cerr << remark;
  return 0;
}

int check(const Options& options) {
  auto target = find_target(options);
  if (!target) return fail(target.error());
  target->settings.without.clear();
  std::vector<Error> errors;
  auto parts = answer::make_parts(target->program, target->settings, target->sources, &errors);
  if (!parts) return fail(errors, parts.error());
  std::size_t remarks = (*parts)->warnings.size();
  for (const std::string& warning : (*parts)->warnings) std::cout << warning;
  std::vector<bool> reached((*parts)->language.rules.size(), false);
  for (const plan::PlanRule& rule : (*parts)->plan.rules)
    if (rule.source != lang::kNone) reached[rule.source] = true;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const lang::Rule& rule = (*parts)->language.rules[i];
    if (reached[i] || (*parts)->language.relations[rule.head].synthetic) continue;
    std::cout << fmt::format("{}:{}: no query reaches this rule: {}\n", rule.place.file, rule.place.line, rule.text);
    ++remarks;
  }
  for (const auto& network : (*parts)->networks) {
    if (network->description().stages.empty() || network->calibrated()) continue;
    std::cout << fmt::format("network {}: stage {} is not calibrated; its probabilities may not mean what they say\n",
                             network->name(), network->stage());
    ++remarks;
  }
  std::cout << fmt::format("{} relations, {} rules, {} strata, {} networks · {} remarks\n",
                           (*parts)->language.relations.size(), (*parts)->language.rules.size(),
                           (*parts)->plan.strata.size(), (*parts)->networks.size(), remarks);
  return 0;
}

}  // namespace tenfold::cli
