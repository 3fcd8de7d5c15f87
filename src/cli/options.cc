#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "engine/engine.h"

namespace tenfold::cli {
namespace {

constexpr const char* kVersion = "tenfold 0.1.0";
const std::vector<std::string> kLevers = {"demand", "order", "bounds", "cascade", "offload", "reuse", "distil", "sets"};

std::string provenances() {
  std::string out;
  for (std::string_view name : engine::kProvenances) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

// "NAME=FILE" in two.
std::vector<std::pair<std::string, std::string>> split(const std::vector<std::string>& pairs) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& pair : pairs) {
    const std::size_t at = pair.find('=');
    out.emplace_back(pair.substr(0, at), pair.substr(at + 1));
  }
  return out;
}

std::string is_pair(const std::string& text) {
  const std::size_t at = text.find('=');
  return at == 0 || at == std::string::npos || at + 1 == text.size() ? "expected NAME=FILE, got `" + text + "`" : "";
}

// "argmax" or "top=N" as a number of winners.
std::optional<std::size_t> winners(const std::string& text) {
  if (text == "argmax") return 1;
  std::size_t n = 0;
  if (!text.starts_with("top=")) return std::nullopt;
  const auto [end, failed] = std::from_chars(text.data() + 4, text.data() + text.size(), n);
  if (failed != std::errc() || end != text.data() + text.size() || n == 0) return std::nullopt;
  return n;
}

std::string is_decision(const std::string& text) {
  return winners(text) ? "" : "expected argmax or top=N, got `" + text + "`";
}

}  // namespace

std::optional<int> parse(int argc, char** argv, Options& options) {
  CLI::App app{"Neural networks as predicates of a probabilistic Datalog program, which decides what runs at all.",
               "tenfold"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  std::vector<std::string> facts, networks, without, inserts, deletes;
  double threshold = 0.5;
  std::string decide, order = "likeliest";
  const CLI::Validator kOrders = CLI::IsMember({"likeliest", "smallest"});
  std::size_t k = 3;

  // Neither 0 nor 1 can be promised by a number of items.
  const CLI::Validator kShare(
      [](std::string& text) {
        double value = 0.0;
        const bool fine = CLI::detail::lexical_cast(text, value) && value > 0.0 && value < 1.0;
        return fine ? std::string() : "`" + text + "` does not lie between 0 and 1";
      },
      "(0, 1)");

  const CLI::Validator kProvenances =
      CLI::IsMember(std::vector<std::string>(std::begin(engine::kProvenances), std::end(engine::kProvenances)));

  // What several commands take. decides() gives the option --threshold.
  const auto decides = [&](CLI::App* command) {
    CLI::Option* by_threshold = command->add_option("--threshold", threshold, "decide answers by this probability")
                                    ->check(CLI::Range(0.0, 1.0));
    command
        ->add_option(
            "--decide", decide,
            "argmax or top=N: decide which answers are the likeliest of those that differ in the last column alone")
        ->check(CLI::Validator(is_decision, "argmax|top=N"))
        ->excludes(by_threshold);
    return by_threshold;
  };
  Options::Calibrate& own = options.calibrate;
  const auto promises = [&](CLI::App* command) {
    command
        ->add_option("--promise", own.target,
                     "what is promised: against-dearest, accuracy, accepted, precision, recall")
        ->check(CLI::IsMember({"against-dearest", "accuracy", "accepted", "precision", "recall"}));
    command->add_option("--positive", own.positive, "the label that precision and recall are of (default: the last)");
    command->add_option("--error", own.error, "the promised error, at most (default 0.05)")->check(kShare);
    command->add_option("--confidence", own.confidence, "of the promise (default 0.95)")->check(kShare);
  };

  CLI::App* run = app.add_subcommand("run", "evaluate a program, or run a pack over files, folders, globs and NDJSON");
  run->add_option("target", options.target, "PROGRAM.scl or PACK (a folder with pack.toml, or its name)")->required();
  run->add_option("inputs", options.inputs, "what a pack reads: files, folders, globs; .json .ndjson (.gz) and images");
  run->add_option("--facts", facts, "REL=FILE.csv: facts for a relation; may be given again")
      ->check(CLI::Validator(is_pair, "REL=FILE"));
  run->add_option("--insert", inserts,
                  "REL=FILE.csv: facts that come after the evaluation; the answers are those after it")
      ->check(CLI::Validator(is_pair, "REL=FILE"));
  run->add_option("--delete", deletes, "REL=FILE.csv: facts that go after the evaluation, before --insert")
      ->check(CLI::Validator(is_pair, "REL=FILE"));
  run->add_option("--query", options.settings.queries,
                  "ask for this relation instead of the program's queries; may be given again");
  run->add_option("--provenance", options.settings.provenance, "what probabilities mean: " + provenances())
      ->check(kProvenances);
  CLI::Option* k_option =
      run->add_option("--k", k, "proofs kept by topkproofs (default 3)")->check(CLI::Range(1, 10000));
  run->add_option("--threads", options.threads, "threads (default: one a core)")->check(CLI::Range(1, 1024));
  run->add_option("--format", options.format, "table, csv, json or scallop")
      ->check(CLI::IsMember({"table", "csv", "json", "scallop"}));
  run->add_flag("--proofs", options.settings.proofs, "print why each answer holds");
  run->add_option("--proofs-count", options.settings.proofs_count, "proofs of each answer, at most (default 1)")
      ->check(CLI::Range(1, 1000));
  run->add_option("--proofs-order", order, "which proof comes first: likeliest or smallest")->check(kOrders);
  run->add_option("--receipt", options.receipt, "write the receipt to this JSON file");
  run->add_option("--prices", options.prices, "what energy, machines and models cost (default: prices.toml)");
  run->add_option("--without", without, "levers to switch off: demand,order,bounds,cascade,offload,reuse,distil")
      ->delimiter(',')
      ->check(CLI::IsMember(kLevers));
  run->add_option("--timeout", options.settings.timeout_s, "seconds for one evaluation")->check(CLI::PositiveNumber);
  run->add_option("--memory", options.settings.memory_mib, "MiB for one evaluation")->check(CLI::PositiveNumber);
  run->add_option("--seed", options.settings.seed, "what the samplers uniform and categorical draw (default 0)");
  CLI::Option* threshold_option = decides(run);
  run->add_option("--tolerance", options.settings.tolerance,
                  "a probability may be an interval of this width at most, where that spares network calls")
      ->check(CLI::Range(0.0, 1.0));
  run->add_flag("--timings", options.timings, "a JSON line a stage on stderr");
  run->add_option("--network", networks, "NAME=FILE.toml: where a network is; may be given again")
      ->check(CLI::Validator(is_pair, "NAME=FILE"));
  run->add_option("--stage", options.stage, "the stage of the networks that answers (default: the cheapest)");
  run->add_option("--out", options.out, "pack: write one answer a line (JSON Lines) here, flushed as it goes");
  run->add_flag("--resume", options.resume, "pack: go on where an interrupted --out file ends");
  run->add_option("--against", options.against, "pack: also run with every image through the network, and compare")
      ->check(CLI::IsMember({"neural-only"}));
  run->add_option("--as-of", options.as_of,
                  "pack: judge records as of this date (default: each record's newest event)");
  run->add_option(
      "--site", options.site,
      "a folder with the site's own rules (*.scl), tables (tables/*.csv) and calibrations (networks/*.toml)");
  run->add_option("--audit", options.audit,
                  "a share of cheap answers, and of a pack's records, that is also run with the dearest stages and "
                  "without levers; which ones by --seed")
      ->check(CLI::Range(0.0, 1.0));
  const CLI::Validator kCosts = CLI::IsMember({"flops", "milliseconds"});
  const char* const cost_help =
      "what order and bounds take a network to cost: its FLOPs, or what it took on this machine so far";
  run->add_option("--cost", options.cost, cost_help)->check(kCosts);
  run->add_flag("--predict", options.predict,
                "predict the receipt before any network runs, and say how far off that was (inputs are read twice)");
  run->add_flag("--depends-on", options.settings.depends_on, "find which records each answer needs");

  run->add_option("--memo", options.memo, "folder of what networks said in earlier runs, or off (default: the user's)");
  run->add_option("--memo-mib", options.memo_mib, "how large that may be (default 1024)")
      ->check(CLI::Range(1, 1 << 20));

  CLI::App* explain = app.add_subcommand(
      "explain",
      "the plan, the order and which networks could run at what cost; or, with --input, the facts of a file; and the "
      "receipt that is to be expected, before any network runs");
  explain->add_option("target", options.target, "PROGRAM.scl or PACK; with --input it may be left out");
  explain->add_option("--input", options.input,
                      "show the facts that this file turns into, or a part of it: scan.pdf#page=3, clip.mp4#t=12.5");
  explain->add_option("--without", without, "levers to switch off")->delimiter(',')->check(CLI::IsMember(kLevers));
  explain->add_option("--network", networks, "NAME=FILE.toml")->check(CLI::Validator(is_pair, "NAME=FILE"));
  explain->add_option("--site", options.site, "pack: the site's own rules and tables");
  explain->add_option("--as-of", options.as_of, "pack: judge records as of this date");
  explain->add_option("--facts", facts, "REL=FILE.csv: facts for a relation; may be given again")
      ->check(CLI::Validator(is_pair, "REL=FILE"));
  explain->add_option("--provenance", options.settings.provenance, "what probabilities mean")->check(kProvenances);
  CLI::Option* explain_threshold = decides(explain);
  explain->add_option("--cost", options.cost, cost_help)->check(kCosts);
  explain->add_option("--prices", options.prices, "what energy, machines and models cost (default: prices.toml)");
  explain->add_option("--memo", options.memo, "folder of what networks cost in earlier runs, or off");
  explain->add_option("--seed", options.settings.seed, "of what networks are taken to say (default 0)");

  CLI::App* check = app.add_subcommand(
      "check", "types, strata, unused and unreachable rules, networks without calibration; no evaluation");
  check->add_option("target", options.target, "PROGRAM.scl or PACK")->required();
  check->add_option("--site", options.site, "pack: the site's own rules and tables");

  CLI::App* calibrate = app.add_subcommand(
      "calibrate", "temperature, gate and thresholds on one's own items; says what that many items can promise");
  calibrate->add_option("target", options.target, "PACK (a folder with pack.toml, or its name)")->required();
  calibrate->add_option("--data", own.data, "a folder of pictures, or of records with --decisions")->required();
  calibrate->add_option("--labels", own.labels,
                        "CSV with a header: item,label[,group]; with --decisions item,decisions");
  calibrate->add_option("--network", own.network, "this network alone (default: all of the pack)");
  promises(calibrate);
  calibrate->add_option("--false-refusal", own.false_refusal, "good items that a gate may refuse (default 0.05)")
      ->check(kShare);
  calibrate->add_flag("--decisions", own.decisions, "promise for what the rules decide on whole records");
  calibrate->add_option("--scores", own.scores, "write what every stage says of every item to this CSV");
  calibrate->add_option("--out", own.out, "write here and not to the site's folder ($XDG_CONFIG_HOME/tenfold/PACK)");
  calibrate->add_option("--threads", options.threads, "threads (default: one a core)")->check(CLI::Range(1, 1024));
  calibrate->add_option("--as-of", options.as_of, "judge records as of this date");

  CLI::App* distil = app.add_subcommand(
      "distil", "propose a cheap stage that repeats a dearer one: measured on your items, installed or refused");
  distil->add_option("target", options.target, "PACK (a folder with pack.toml, or its name)")->required();
  distil->add_option("--stage", own.stage, "NAME.toml: the network's inputs and labels with one [[stage]]")->required();
  distil->add_option("--data", own.data, "a folder of pictures that it was not trained on")->required();
  distil->add_option("--labels", own.labels, "CSV with a header: item,label[,group]");
  promises(distil);
  distil->add_option("--site", options.site, "where it is installed (default: $XDG_CONFIG_HOME/tenfold/PACK)");
  distil->add_option("--threads", options.threads, "threads (default: one a core)")->check(CLI::Range(1, 1024));

  CLI::App* why = app.add_subcommand(
      "why", "why a tuple holds, or what each rule would have needed: tenfold why PROGRAM.scl 'path(1, 3)'");
  why->add_option("target", options.target, "PROGRAM.scl")->required();
  why->add_option("tuple", options.tuple, "the tuple, as in 'path(1, 3)'; _ stands for any value")->required();
  why->add_option("--facts", facts, "REL=FILE.csv")->check(CLI::Validator(is_pair, "REL=FILE"));
  why->add_option("--network", networks, "NAME=FILE.toml")->check(CLI::Validator(is_pair, "NAME=FILE"));
  why->add_option("--provenance", options.settings.provenance, "as of run");
  why->add_option("--k", options.settings.k, "proofs kept by topkproofs (default 3)")->check(CLI::Range(1, 10000));
  why->add_option("--proofs-count", options.settings.proofs_count, "proofs to show, at most (default 1)")
      ->check(CLI::Range(1, 1000));
  why->add_option("--proofs-order", order, "which comes first: likeliest or smallest")->check(kOrders);
  CLI::Option* why_format = why->add_option("--format", options.why_format, "text, json, svg or html");
  why_format->check(CLI::IsMember({"text", "json", "svg", "html"}));

  why->add_option("--memo", options.memo, "as of run");

  CLI::App* memo = app.add_subcommand("memo", "what is remembered of networks, and how often that saved a call");
  memo->add_option("--memo", options.memo, "its folder (default: the user's)");
  memo->add_flag("--clear", options.clear, "forget all of it");

  CLI::App* pull =
      app.add_subcommand("pull", "fetch open weights: with checksum and licence, going on where it stopped");
  pull->add_option("target", options.target, "a name of weights.toml, an address or a file; none: list the names");
  pull->add_flag("--yes", options.yes, "agree to the licence that is shown");
  pull->add_option("--sha256", options.sha256, "of an address or a file: what it must be");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int status = app.exit(e, std::cout, std::cerr);
    return status == 0 ? 0 : 2;
  }
  options.command = app.get_subcommands().front()->get_name();
  options.facts = split(facts);
  options.inserts = split(inserts);
  options.deletes = split(deletes);
  options.networks = split(networks);
  options.settings.without.insert(without.begin(), without.end());
  if (order == "smallest") options.settings.proofs_order = ProofOrder::smallest;
  if (threshold_option->count() + explain_threshold->count() > 0) options.settings.threshold = threshold;
  if (!decide.empty()) options.settings.winners = winners(decide).value_or(0);
  if (k_option->count() > 0) options.settings.k = k;
  if (k_option->count() > 0) options.k = k;
  if (options.resume && options.out.empty()) {
    std::cerr << "tenfold: --resume needs the --out file that it should go on with\n";
    return 2;
  }
  return std::nullopt;
}

}  // namespace tenfold::cli
