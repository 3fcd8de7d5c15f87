#include "answer/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "answer/bounds.h"
#include "answer/prices.h"
#include "answer/render.h"
#include "answer/tables.h"
#include "neural/experience.h"
#include "plan/callers.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<fs::path> own_rules(const fs::path& site) {
  std::vector<fs::path> out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(site, failed))
    if (entry.path().extension() == ".scl") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

// What is asked: the queries of the program, or those named on the command line.
Status choose_queries(Program::Parts& parts, const Settings& settings) {
  const lang::Program& program = parts.language;
  if (settings.queries.empty()) {
    parts.queries = program.queries;
    if (!parts.queries.empty()) return {};
    for (lang::RelationId r = 0; r < program.relations.size(); ++r) {
      const lang::Relation& relation = program.relations[r];
      if (!relation.hidden && !relation.synthetic && relation.kind == lang::RelationKind::plain)
        parts.queries.push_back({r, relation.name, {}, relation.place});
    }
    std::sort(parts.queries.begin(), parts.queries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return {};
  }
  for (const std::string& name : settings.queries) {
    const lang::RelationId r = program.find(name);
    if (r == lang::kNone)
      return Error{"unknown-relation",
                   {},
                   "there is no relation `" + name + "` to ask for",
                   "use a name that the program declares or derives",
                   ""};
    parts.queries.push_back({r, name, {}, {}});
  }
  return {};
}

// What the site found of a network on its own items (calibrate.h), or empty.
std::string site_calibration(const Sources& sources, const std::string& network) {
  const fs::path file = sources.site / "networks" / (network + ".toml");
  std::error_code failed;
  return !sources.site.empty() && fs::exists(file, failed) ? file.string() : "";
}

Status open_networks(Program::Parts& parts, const Sources& sources) {
  for (std::uint32_t n = 0; n < parts.language.networks.size(); ++n) {
    const lang::Network& network = parts.language.networks[n];
    if (network.reads_media()) {
      auto reading = Perceiver::open_media(parts.language, n, parts.media);
      if (!reading) return reading.error();
      parts.networks.push_back(std::move(*reading));
      continue;
    }
    auto description = describe_network(network, sources);
    if (!description) return description.error();
    neural::NetworkSettings settings;
    settings.stage = sources.stage;
    settings.threads = sources.threads;
    settings.cascade = !parts.settings.without.contains("cascade");
    if (parts.settings.without.contains("reuse")) {
      settings.memo_bytes = 0;
    } else {
      settings.disk = sources.memo;
    }
    settings.colours = sources.colours;
    settings.audit = sources.audit;
    settings.audit_seed = parts.settings.seed;
    auto opened = Perceiver::open(parts.language, n, std::move(*description), settings, sources.decoder);
    if (!opened) return opened.error();
    parts.networks.push_back(std::move(*opened));
  }
  return {};
}

// Of an input of each network, its later stages as often as they were asked; nothing unless all have run here.
std::optional<std::vector<double>> nanoseconds(const Program::Parts& parts, const Sources& sources) {
  if (!sources.memo) return std::nullopt;
  std::vector<double> out;
  for (const auto& network : parts.networks) {
    if (network->adapter()) {
      out.push_back(0.0);
      continue;
    }
    const neural::Experience experience = neural::read_experience(*sources.memo, network->description());
    const std::uint64_t run = experience.stages[network->walk().front().stage].run;
    if (run == 0) return std::nullopt;
    double seconds = 0.0;
    for (const neural::Step& step : network->walk()) seconds += experience.stages[step.stage].seconds;
    out.push_back(seconds * 1e9 / static_cast<double>(run));
  }
  return out;
}

bool has_uncertainty(const lang::Program& program) {
  const auto uncertain = [](const lang::Network& n) { return !n.reads_media(); };
  return std::any_of(program.networks.begin(), program.networks.end(), uncertain) ||
         std::any_of(program.facts.begin(), program.facts.end(),
                     [](const auto& f) { return f.probability.has_value(); }) ||
         std::any_of(program.rules.begin(), program.rules.end(), [](const auto& r) { return r.tag.has_value(); });
}

}  // namespace

std::string site_stages(const fs::path& site, const std::string& network) {
  return (site / "networks" / network).string();
}

Result<neural::NetworkDescription> installed_network(const std::string& name, const Sources& sources) {
  auto network = neural::read_network(sources.networks.at(name));
  if (!network || sources.site.empty()) return network;
  if (Status s = neural::add_stages(*network, site_stages(sources.site, name)); !s.ok()) return s.error();
  return network;
}

Result<neural::NetworkDescription> describe_network(const lang::Network& network, const Sources& sources) {
  if (const auto described = sources.described.find(network.name); described != sources.described.end())
    return described->second;
  if (!sources.networks.contains(network.name))
    return Error{"no-network", network.place, "nothing says where the network `" + network.name + "` is",
                 "give --network " + network.name + "=FILE.toml, or name it in pack.toml", ""};
  auto description = installed_network(network.name, sources);
  if (!description) return description;
  if (const std::string calibration = site_calibration(sources, network.name); !calibration.empty())
    if (Status s = neural::apply_calibration(*description, calibration); !s.ok()) return s.error();
  const auto is_remote = [](const neural::StageDescription& stage) { return stage.backend == "remote"; };
  if (std::any_of(description->stages.begin(), description->stages.end(), is_remote)) {
    auto prices = sources.prices.empty() ? find_prices() : read_prices(sources.prices);
    if (!prices) return prices.error();
    fill_prices(*description, *prices);
  }
  return description;
}

const std::vector<bool>& narrowed(const Program::Parts& parts) {
  std::call_once(parts.narrowing, [&] {
    parts.narrowed.assign(parts.language.relations.size(), false);
    plan::Options options;
    options.network_costs = parts.costs;
    for (const lang::Query& query : parts.queries) options.asked.push_back(query.relation);
    for (const char* off : {"", "order"}) {
      options.without = {off};
      const auto plan = plan::make_plan(parts.language, options);
      for (std::size_t r = 0; r < parts.narrowed.size(); ++r)
        if (!plan || plan->relations[r].demand != lang::kNone) parts.narrowed[r] = true;
    }
  });
  return parts.narrowed;
}

Result<std::shared_ptr<const Program::Parts>> make_parts(const std::string& path, const Settings& settings,
                                                         const Sources& sources, std::vector<Error>* errors) {
  auto parts = std::make_shared<Program::Parts>();
  parts->settings = settings;
  const double start = now_ms();
  lang::Options options;
  options.tags_are_numbers = provenance::takes_numbers(settings.provenance);
  options.offload = !settings.without.contains("offload");
  if (!sources.site.empty()) options.overlays = own_rules(sources.site);
  lang::Compiled compiled =
      sources.text ? lang::compile_text(*sources.text, path, options) : lang::compile_file(path, options);
  if (!compiled.ok()) {
    if (errors) *errors = compiled.errors;
    return compiled.errors.front();
  }
  parts->language = std::move(compiled.program);
  for (const Error& warning : parts->language.warnings) parts->warnings.push_back(to_warning(warning));
  if (Status s = choose_queries(*parts, settings); !s.ok()) return s.error();
  parts->media = sources.media ? sources.media : std::make_shared<media::MediaReader>();
  if (Status s = open_networks(*parts, sources); !s.ok()) return s.error();

  plan::Options plan_options;
  plan_options.without = settings.without;
  for (const auto& network : parts->networks) parts->costs.push_back(network->flops());
  if (sources.cost_is_time) {
    if (auto taken = nanoseconds(*parts, sources))
      parts->costs = std::move(*taken);
    else
      parts->remarks.push_back("remark: networks cost their FLOPs: not each of them has run here so far\n");
  }
  plan_options.network_costs = parts->costs;
  for (const lang::Query& query : parts->queries) plan_options.asked.push_back(query.relation);
  auto plan = plan::make_plan_for_callers(parts->language, plan_options, [&](lang::RelationId r) {
    const std::string& name = parts->language.relations[r].name;
    const auto is_it = [&](const auto& pair) { return pair.first == name; };
    return sources.open || settings.updates || std::any_of(sources.facts.begin(), sources.facts.end(), is_it) ||
           std::find(sources.inputs.begin(), sources.inputs.end(), name) != sources.inputs.end();
  });
  if (!plan) return plan.error();
  parts->plan = std::move(*plan);
  parts->compile_ms = now_ms() - start;

  parts->engine.provenance = settings.provenance;
  if (settings.provenance.empty()) parts->engine.provenance = has_uncertainty(parts->language) ? "exact" : "unit";
  parts->engine.k = settings.k;
  parts->engine.proofs = settings.proofs || settings.depends_on;
  parts->engine.timeout_s = settings.timeout_s;
  parts->engine.memory_bytes = settings.memory_mib << 20;
  parts->engine.stop = settings.stop;
  parts->engine.seed = settings.seed;
  parts->engine.threads = sources.threads;
  parts->engine.sets = !settings.without.contains("sets");

  if (could_spare(*parts)) {
    const std::string why = why_no_bounds(*parts);
    parts->bounds = why.empty();
    if (!why.empty())
      parts->remarks.push_back("remark: every demanded input is asked (`bounds` is off): " + why + "\n");
  }

  const double loading = now_ms();
  if (settings.updates) {
    parts->engine.updates = true;
    if (Status s = load_tables(*parts, sources); !s.ok()) return s.error();
    parts->load_ms = now_ms() - loading;
    return std::shared_ptr<const Program::Parts>(std::move(parts));
  }
  parts->base = std::make_unique<engine::Evaluation>(parts->plan, parts->engine, parts->language.symbols);
  if (Status s = parts->base->add_program_facts(); !s.ok()) return s.error();
  if (Status s = load_tables(*parts, sources); !s.ok()) return s.error();
  std::vector<bool> inputs(parts->language.relations.size(), sources.open);
  for (const std::string& name : sources.inputs)
    if (const lang::RelationId r = parts->language.find(name); r != lang::kNone) inputs[r] = true;
  if (Status s = parts->base->freeze(inputs); !s.ok()) return s.error();
  parts->load_ms = now_ms() - loading;
  return std::shared_ptr<const Program::Parts>(std::move(parts));
}

}  // namespace tenfold::answer
