#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "answer/calibrate.h"
#include "answer/energy.h"
#include "answer/forecast.h"
#include "answer/job.h"
#include "answer/receipt.h"
#include "answer/render.h"
#include "cli/audit.h"
#include "cli/commands.h"
#include "cli/progress.h"

namespace tenfold::cli {

using answer::JobLine;
using answer::JobTotals;
using answer::Pack;

namespace {

// "{tier} {subject}" with the values of a tuple's columns; a column that is not there stays as written.
std::string fill(const std::string& title, const lang::Program& program, const AnswerTuple& tuple) {
  const lang::RelationId r = program.find(tuple.relation);
  std::string out;
  for (std::size_t i = 0; i < title.size(); ++i) {
    const std::size_t end = title[i] == '{' ? title.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      out += title[i];
      continue;
    }
    const std::string column = title.substr(i + 1, end - i - 1);
    for (std::size_t c = 0; r != lang::kNone && c < tuple.args.size(); ++c)
      if (program.relations[r].columns[c].name == column) out += tuple.args[c];
    i = end;
  }
  return out;
}

std::string tier_colour(const std::string& title) {
  if (title.starts_with("interrupt")) return "1;31";
  return title.starts_with("show") ? "1;33" : "2";
}

// One record as a person reads it.
class Screen {
 public:
  Screen(const Pack& pack, const Program::Parts& parts, bool whole) : pack_(pack), parts_(parts) {
    style_.colour = colour_on(1);
    style_.whole = whole;
  }

  void show(const JobLine& line) const {
    if (!line.answer) return;  // said on stderr
    std::cout << paint("1;4", line.input) << "\n";
    // What interrupts comes first, what is only logged last and in one line.
    for (const std::string_view tier : {"interrupt", "show", "log", ""})
      for (const AnswerTuple& t : line.answer->tuples)
        if (t.decision.value_or(false) && this->tier(t) == tier) decided(t, tier == "log");
    for (const Abstention& a : line.answer->abstained) std::cout << answer::to_text(a, style_);
    for (const AnswerTuple& t : line.answer->tuples)
      if (!t.decision && std::find(pack_.quiet.begin(), pack_.quiet.end(), t.relation) == pack_.quiet.end()) aside(t);
    std::cout << "\n";
  }

 private:
  std::string paint(std::string_view code, const std::string& text) const {
    return style_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  std::string_view tier(const AnswerTuple& t) const {
    for (const std::string_view known : {"interrupt", "show", "log"})
      if (std::find(t.args.begin(), t.args.end(), known) != t.args.end()) return known;
    return "";
  }
  void decided(const AnswerTuple& t, bool brief) const {
    const auto title = pack_.titles.find(t.relation);
    if (title == pack_.titles.end()) {
      std::cout << answer::to_text(t, style_);
      return;
    }
    const std::string text = fill(title->second, parts_.language, t);
    std::string head = paint(tier_colour(text), text.substr(0, text.find('\n')));
    if (t.interval)
      head += fmt::format("   p in [{:.2f}, {:.2f}]", t.interval->first, t.interval->second);
    else if (t.probability < 1.0)
      head += fmt::format("   p = {:.3f}", t.probability);
    if (brief) {
      std::cout << head << "\n";
      return;
    }
    std::cout << head << (text.find('\n') == std::string::npos ? "" : text.substr(text.find('\n'))) << "\n";
    const std::string proof = answer::to_text(t, style_);
    std::cout << proof.substr(proof.find('\n') + 1);
  }
  void aside(const AnswerTuple& t) const {
    const auto title = pack_.titles.find(t.relation);
    std::cout << (title == pack_.titles.end() ? answer::to_text(t, style_)
                                              : paint("2", fill(title->second, parts_.language, t)) + "\n");
  }

  const Pack& pack_;
  const Program::Parts& parts_;
  answer::TextStyle style_;
};

// The part of an answer that switching levers off may not change.
std::uint64_t fingerprint(const JobLine& line) {
  std::uint64_t h = 0xCBF29CE484222325u;
  auto mix = [&h](std::string_view text) {
    for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    h = (h ^ 0xFEu) * 0x100000001B3u;
  };
  mix(line.input);
  if (!line.answer) return h;
  for (const AnswerTuple& t : line.answer->tuples) {
    mix(t.relation);
    for (const std::string& arg : t.args) mix(arg);
    mix(fmt::format("{:.17g} {}", t.probability, t.decision.value_or(true)));
  }
  for (const Abstention& a : line.answer->abstained) {
    mix(a.relation);
    for (const std::string& arg : a.args) mix(arg);
    mix(a.reason);
  }
  return h;
}

// Whole lines that an earlier run wrote; a line cut short by a crash is taken off the file.
Result<std::size_t> lines_done(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::size_t{0};
  std::size_t lines = 0;
  std::uintmax_t whole = 0, at = 0;
  char buffer[1 << 16];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    for (std::streamsize i = 0; i < file.gcount(); ++i, ++at)
      if (buffer[i] == '\n') {
        ++lines;
        whole = at + 1;
      }
  }
  std::error_code failed;
  if (whole != at) std::filesystem::resize_file(path, whole, failed);
  if (failed)
    return Error{"write-failed", {path, 0, 0, 1}, "the unfinished last line cannot be taken off", failed.message(), ""};
  return lines;
}

Error cannot_write(const std::string& path) {
  return Error{"write-failed",
               {path, 0, 0, 1},
               "the file cannot be written",
               "check that the folder exists and the disk is not full",
               ""};
}

void print_timings(const Program::Parts& parts, const JobTotals& totals) {
  auto line = [](const std::string& stage, double ms) {
    std::cerr << nlohmann::ordered_json{{"stage", stage}, {"ms", ms}} << "\n";
  };
  for (const plan::PassTime& pass : parts.plan.times) line("plan." + pass.name, pass.ms);
  line("compile", parts.compile_ms);
  line("load", parts.load_ms);
  line("read", totals.read_s * 1e3);
  line("evaluate", totals.evaluate_s * 1e3);
  line("network", totals.network_s * 1e3);
  line("wall", totals.receipt.wall_s * 1e3);
  std::cerr << nlohmann::ordered_json{{"stage", "input"}, {"bytes", totals.bytes}, {"records", totals.records}} << "\n";
}

struct Against {
  std::uint64_t different = 0;
  JobTotals totals;
};

// Really runs every image of the domain through the network (the same stage, or decisions could differ) and compares.
Result<Against> neural_only(const Options& options, const Pack& pack, const answer::JobOptions& job,
                            const std::vector<std::uint64_t>& seen) {
  const Settings settings = pack_settings_without_levers(options, pack);
  std::vector<Error> errors;
  auto parts = answer::make_parts(pack.program.string(), settings, pack_sources(options, pack), &errors);
  if (!parts) return parts.error();
  Against out;
  std::size_t at = 0;
  auto totals = answer::run_job(pack, *parts, job, [&](const JobLine& line) {
    if (at >= seen.size() || seen[at] != fingerprint(line)) ++out.different;
    ++at;
    return true;
  });
  if (!totals) return totals.error();
  out.totals = std::move(*totals);
  return out;
}

nlohmann::ordered_json comparison(const JobTotals& mine, const Against& theirs) {
  return {{"records", mine.records},
          {"different_decisions", theirs.different},
          {"cpu_s", theirs.totals.receipt.cpu_s},
          {"wall_s", theirs.totals.receipt.wall_s},
          {"flops", theirs.totals.receipt.flops},
          {"receipt", answer::to_json(theirs.totals.receipt)}};
}

void say_comparison(const JobTotals& mine, const Against& theirs) {
  std::cerr << fmt::format(
      "neural only: {} of {} records decided alike · {:.3g} FLOP against {:.3g} · {:.3g} s CPU against {:.3g}\n",
      mine.records - theirs.different, mine.records, theirs.totals.receipt.flops, mine.receipt.flops,
      theirs.totals.receipt.cpu_s, mine.receipt.cpu_s);
}

}  // namespace

Settings pack_settings(const Options& options, const Pack& pack) {
  Settings settings = options.settings;
  if (settings.provenance.empty()) settings.provenance = pack.provenance;
  if (!options.k) settings.k = pack.k;
  settings.decide = pack.decide;
  settings.abstain = pack.abstain;
  settings.conflicts = pack.conflicts;
  if (settings.winners == 0 && !settings.threshold) settings.winners = pack.winners;
  if (settings.tolerance == 0.0) settings.tolerance = pack.tolerance;
  if (!settings.threshold && settings.winners == 0 && !pack.decide.empty()) settings.threshold = pack.threshold;
  return settings;
}

Settings pack_settings_without_levers(const Options& options, const Pack& pack) {
  Settings settings = pack_settings(options, pack);
  settings.without = {"demand", "order", "bounds", "cascade", "offload", "reuse", "distil"};
  settings.proofs = settings.depends_on = false;
  return settings;
}

bool read_as_of(const Options& options, std::optional<std::int64_t>& as_of) {
  if (options.as_of.empty()) return true;
  as_of = parse_datetime(options.as_of);
  if (!as_of) std::cerr << "tenfold: --as-of: `" << options.as_of << "` is no date; write it as 2026-11-23\n";
  return as_of.has_value();
}

answer::Sources pack_sources(const Options& options, const Pack& pack) {
  answer::Sources sources;
  sources.networks = pack.networks;
  for (const auto& [name, file] : options.networks) sources.networks[name] = file;
  sources.stage = options.stage;
  sources.site = options.site.empty() ? answer::site_folder(pack.name) : std::filesystem::path(options.site);
  sources.tables_may_be_missing = true;
  sources.audit = options.audit;
  sources.cost_is_time = options.cost == "milliseconds";
  sources.prices = options.prices;
  sources.threads = 1;  // records run side by side
  answer::read_media(sources, thread_count(options));
  sources.facts = options.facts;
  sources.memo = open_memo(options, &pack);
  for (const FactSchema& schema : answer::adapter_schema(pack)) sources.inputs.push_back(schema.relation);
  return sources;
}

int run_pack(const Options& options, const Pack& pack) {
  if (options.inputs.empty()) {
    std::cerr << "tenfold: give the pack something to read: tenfold run " << pack.name << " FILE|FOLDER|GLOB…\n";
    return 2;
  }
  const auto cost = prices(options);
  if (!cost) return fail(cost.error());
  answer::JobOptions job;
  job.inputs = options.inputs;
  job.threads = thread_count(options);
  if (!read_as_of(options, job.as_of)) return 2;
  Settings settings = pack_settings(options, pack);
  settings.proofs = settings.depends_on = true;  // an alert without its reasons, and what would change it, is none
  std::vector<Error> errors;
  const answer::Sources sources = pack_sources(options, pack);
  auto parts = answer::make_parts(pack.program.string(), settings, sources, &errors);
  if (!parts) return fail(errors, parts.error());
  for (const std::string& warning : (*parts)->warnings) std::cerr << warning;

  std::optional<Receipt> predicted;
  if (options.predict) {
    auto prediction = predict_pack(pack, settings, sources, job);
    if (!prediction) return fail(prediction.error());
    predicted = std::move(prediction->receipt);
  }
  std::ofstream out;
  if (!options.out.empty()) {
    if (options.resume) {
      auto lines = lines_done(options.out);
      if (!lines) return fail(lines.error());
      job.skip = *lines;
      if (*lines > 0) std::cerr << "resuming after " << *lines << " records\n";
    }
    out.open(options.out, options.resume ? std::ios::app : std::ios::trunc);
    if (!out) return fail(cannot_write(options.out));
  }
  const Screen screen(pack, **parts, options.settings.proofs);
  Progress progress(options.out.empty() ? false : isatty(2) != 0);
  std::vector<std::uint64_t> seen;
  std::map<std::string, std::set<std::string>> sampled;
  bool written = true;
  const answer::EnergyMeter energy;
  auto totals = answer::run_job(pack, *parts, job, [&](const JobLine& line) {
    if (!options.against.empty()) seen.push_back(fingerprint(line));
    if (line.answer && neural::audit_number(options.settings.seed, line.input) < options.audit)
      sampled[line.input] = answer::decisions(*line.answer, pack.decide);
    if (!line.answer) std::cerr << render(line.answer.error());
    if (out.is_open()) {
      auto priced = line;
      if (priced.answer) answer::price(priced.answer->receipt, *cost);
      out << (priced.answer ? answer::to_json(line.input, *priced.answer)
                            : answer::to_json(line.input, line.answer.error()))
                 .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
          << "\n";
      written = static_cast<bool>(out.flush());
    } else if (options.format == "json") {
      std::cout << (line.answer ? answer::to_json(line.input, *line.answer)
                                : answer::to_json(line.input, line.answer.error()))
                       .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                << "\n";
    } else {
      screen.show(line);
    }
    progress.tick();
    return written;
  });
  progress.end();
  if (!totals) return fail(totals.error());
  if (!written) return fail(cannot_write(options.out));
  energy.fill(totals->receipt);
  answer::price(totals->receipt, *cost);
  std::optional<Against> against;
  if (!options.against.empty()) {
    const answer::EnergyMeter again;
    auto other = neural_only(options, pack, job, seen);
    if (!other) return fail(other.error());
    again.fill(other->totals.receipt);
    answer::price(other->totals.receipt, *cost);
    against = std::move(*other);
  }
  std::optional<RecordAudit> records;
  if (options.audit > 0.0) {
    auto audited = audit_records(options, pack, job, sampled);
    if (!audited) return fail(audited.error());
    records = std::move(*audited);
  }
  if (!options.receipt.empty()) {
    nlohmann::ordered_json receipt = answer::to_json(totals->receipt);
    if (predicted) receipt["predicted"] = answer::compared_json(*predicted, totals->receipt);
    if (records) receipt["audit"] = audit_json(**parts, &*records);
    if (against) receipt["against_neural_only"] = comparison(*totals, *against);
    std::ofstream file(options.receipt);
    file << receipt.dump(2) << "\n";
    if (!file.flush()) return fail(cannot_write(options.receipt));
  }
  if (options.timings) print_timings(**parts, *totals);
  std::cerr << answer::to_text(totals->receipt, colour_on(2));
  if (predicted) std::cerr << answer::compared_text(*predicted, totals->receipt);
  if (records) std::cerr << audit_text(**parts, &*records);
  if (against) say_comparison(*totals, *against);
  std::cerr << totals->records << " records · " << totals->failed << " could not be read · " << totals->abstained
            << " abstained\n";
  return totals->failed > 0 ? 1 : 0;
}

}  // namespace tenfold::cli
