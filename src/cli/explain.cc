#include <fmt/format.h>

#include <iostream>
#include <sstream>

#include "answer/bounds.h"
#include "answer/forecast.h"
#include "answer/job.h"
#include "answer/media_relation.h"
#include "answer/receipt.h"
#include "answer/render.h"
#include "answer/terms.h"
#include "cli/commands.h"
#include "media/fhir.h"
#include "media/file_type.h"
#include "media/reader.h"
#include "media/record_stream.h"

namespace tenfold::cli {
namespace {

constexpr double kLongestForecast = 60.0;  // seconds: who asks for a plan does not wait for a run

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
    target.sources = program_sources(options);
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
int show_facts(const Options& options) {
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

// FHIR as JSON, lines of it, or a folder of such files.
bool holds_records(const std::string& input) {
  const auto format = media::file_type_of(media::read_key(input).path);
  if (!format) return format.error().code != "file-not-found";
  return *format == "json" || *format == "gzip";
}

// Of a file, or of a member of an archive.
Result<std::string> format_of(const std::string& key, media::MediaReader& reader) {
  const media::Key parsed = media::read_key(key);
  const auto format = media::file_type_of(parsed.path);
  if (!format) return format.error();
  if (!parsed.part.member) return std::string(*format);
  const auto members = reader.read(*media::find_adapter("archive"), 0, parsed.path);
  if (!members) return members.error();
  for (const media::MediaFact& member : members->facts)
    if (std::get<std::string>(member.values[1]) == *parsed.part.member) return std::get<std::string>(member.values[3]);
  return Error{"no-member",
               {parsed.path, 0, 0, 1},
               "the archive has no file `" + *parsed.part.member + "`",
               "tenfold explain --input " + parsed.path + " lists them",
               ""};
}

// What an adapter reads from a file: its relations as a program declares them, and some of the tuples of each.
int show_medium(const std::string& key, const std::vector<std::string>& wanted) {
  constexpr std::size_t kShown = 20;
  media::MediaReader reader;
  const auto format = format_of(key, reader);
  if (!format) return fail(format.error());
  int status = 0;
  bool any = false;
  for (const media::Adapter& adapter : media::adapters()) {
    const bool named = wanted.empty() || std::find(wanted.begin(), wanted.end(), adapter.name) != wanted.end();
    if (!named || !adapter.reads(*format)) continue;
    any = true;
    std::cout << "// " << key << " is " << *format << "; " << adapter.name << ": " << adapter.doc << "\n";
    for (std::size_t r = 0; r < adapter.relations.size(); ++r) {
      const FactSchema& schema = adapter.relations[r];
      std::cout << "\n// " << schema.doc << "\n@media(\"" << adapter.name << "\") " << answer::declaration(schema)
                << "\n";
      const auto reading = reader.read(adapter, r, key);
      if (!reading) {
        status = fail(reading.error());
        continue;
      }
      std::vector<Type> types;
      for (std::size_t c = 1; c < schema.columns.size(); ++c) types.push_back(schema.columns[c].type);
      Symbols symbols;
      for (std::size_t i = 0; i < std::min(kShown, reading->facts.size()); ++i) {
        const auto cells = answer::cells(reading->facts[i], types, symbols);
        if (!cells) continue;
        std::string args;
        for (std::size_t c = 0; c < types.size(); ++c) args += ", " + literal((*cells)[c], types[c], symbols);
        std::cout << "//   " << schema.relation << "(key" << args << ")  " << reading->facts[i].place << "\n";
      }
      if (reading->facts.size() > kShown) std::cout << "//   … and " << reading->facts.size() - kShown << " more\n";
    }
    std::cout << "\n";
  }
  if (any) return status;
  return fail(Error{"unknown-format",
                    {media::read_key(key).path, 0, 0, 1},
                    format->empty() ? "what this file is cannot be told" : "nothing here reads " + *format,
                    "docs/media.md has what is read",
                    ""});
}

// Each line after `mark`.
int say(const Options& options, Prediction prediction, const std::string& mark) {
  const auto cost = prices(options);
  if (!cost) return fail(cost.error());
  answer::price(prediction.receipt, *cost);
  std::string text = "expected, before any network ran:\n";
  for (const NetworkUse& use : prediction.receipt.networks) {
    std::uint64_t avoided = use.turned_away;
    for (const auto& [lever, count] : use.avoided) avoided += count;
    text += fmt::format("  {} {}: {} of {} calls, {:.3g} FLOP\n", use.name, use.stage, use.run, use.run + avoided,
                        use.flops);
  }
  text += answer::to_text(prediction.receipt, colour_on(1)) + "rests on\n";
  std::istringstream rests(prediction.rests_on);
  for (std::string line; std::getline(rests, line);) text += "  " + line + "\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::cout << mark << line << "\n";
  return 0;
}

// What a file turns into, and what that will cost.
int explain_input(const Options& options, const Target& target) {
  const int status = show_facts(options);
  answer::JobOptions job;
  job.inputs = {options.input};
  if (!read_as_of(options, job.as_of)) return 2;
  Settings settings = target.settings;
  settings.proofs = settings.depends_on = true;  // as run_pack
  auto prediction = predict_pack(*target.pack, settings, target.sources, job);
  if (!prediction) return fail(prediction.error());
  if (prediction->receipt.networks.empty()) return status;
  const int said = say(options, std::move(*prediction), "// ");
  return said == 0 ? status : said;
}

// Networks that are played, and what their play rests on.
Result<std::shared_ptr<const Program::Parts>> played(const std::string& program, const Settings& settings,
                                                     const answer::Sources& sources, std::string& rests_on) {
  auto parts = answer::make_parts(program, settings, sources, nullptr);
  if (!parts) return parts;
  answer::play_networks(**parts, sources, settings.seed);
  rests_on = answer::experience_text(**parts, sources);
  return parts;
}

}  // namespace

Result<Prediction> predict_program(const std::string& program, const Settings& settings,
                                   const answer::Sources& sources) {
  // The process has started and compiled the program, as a run does before it asks.
  const double before = answer::process_cpu_s();
  Prediction out;
  auto parts = played(program, settings, sources, out.rests_on);
  if (!parts) return parts.error();
  auto session = Session::open(Program(*parts));
  if (!session) return session.error();
  auto answer = session->ask();
  if (!answer) return answer.error();
  if (answer->stopped) return *answer->stopped;
  out.receipt = std::move(answer->receipt);
  out.receipt.cpu_s += before;
  answer::add_network_time(out.receipt);
  return out;
}

Result<Prediction> predict_pack(const answer::Pack& pack, const Settings& settings, const answer::Sources& sources,
                                const answer::JobOptions& job) {
  Prediction out;
  auto parts = played(pack.program.string(), settings, sources, out.rests_on);
  if (!parts) return parts.error();
  auto totals = answer::run_job(pack, *parts, job, [](const answer::JobLine&) { return true; });
  if (!totals) return totals.error();
  out.receipt = std::move(totals->receipt);
  answer::add_network_time(out.receipt);
  return out;
}

int explain(const Options& options) {
  if (options.target.empty() && options.input.empty()) {
    std::cerr << "tenfold: explain takes a program or a pack, or --input FILE\n";
    return 2;
  }
  if (options.target.empty())
    return holds_records(options.input) ? show_facts(options) : show_medium(options.input, {});
  auto target = find_target(options);
  if (!target) return fail(target.error());
  if (!options.input.empty() && !target->pack) {
    std::cerr << "tenfold: --input shows what a pack's adapter reads; give a pack\n";
    return 2;
  }
  if (!options.input.empty() && !target->pack->media.empty() && !holds_records(options.input))
    return show_medium(options.input, target->pack->media);
  if (!options.input.empty()) return explain_input(options, *target);
  std::vector<Error> errors;
  auto parts = answer::make_parts(target->program, target->settings, target->sources, &errors);
  if (!parts) return fail(errors, parts.error());
  std::cout << plan::explain((*parts)->plan);
  for (const auto& network : (*parts)->networks)
    if (!network->adapter())
      std::cout << fmt::format("network {}: stage {}, {:.4g} FLOP an input ({:.4g} with the dearest stage)\n",
                               network->name(), network->stage(), network->flops(), network->dearest_flops());
  for (const std::string& warning : (*parts)->warnings) std::cerr << warning;
  for (const std::string& remark : (*parts)->remarks) std::cerr << remark;
  if (target->pack || !answer::has_networks(**parts)) return 0;
  Settings limited = target->settings;
  limited.timeout_s = kLongestForecast;
  auto prediction = predict_program(target->program, limited, target->sources);
  if (!prediction) {
    std::cerr << "what a run will cost is not known, since its rules do not end in time:\n"
              << render(prediction.error());
    return 0;
  }
  return say(options, std::move(*prediction), "");
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
    if (network->adapter() || network->description().stages.empty() || network->calibrated()) continue;
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
