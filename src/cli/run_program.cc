#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "answer/energy.h"
#include "answer/forecast.h"
#include "answer/job.h"
#include "answer/receipt.h"
#include "answer/render.h"
#include "answer/session_state.h"
#include "answer/set_writer.h"
#include "answer/tables.h"
#include "cli/commands.h"
#include "engine/set_executor.h"

namespace tenfold::cli {

bool colour_on(int descriptor) { return isatty(descriptor) && !std::getenv("NO_COLOR"); }

unsigned thread_count(const Options& options) {
  return options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

bool is_program(const std::string& target) { return std::filesystem::path(target).extension() == ".scl"; }

int fail(const Error& error) {
  std::cerr << render(error);
  static const std::set<std::string, std::less<>> kOutside = {"timeout",      "memory",  "network-failed",
                                                              "write-failed", "no-memo", "no-space"};
  return kOutside.contains(error.code) ? 3 : 1;
}

Result<answer::Prices> prices(const Options& options) {
  return options.prices.empty() ? answer::find_prices() : answer::read_prices(options.prices);
}

int fail(const std::vector<Error>& errors, const Error& first) {
  if (errors.empty()) return fail(first);
  for (const Error& e : errors) std::cerr << render(e);
  if (errors.size() > 1) std::cerr << errors.size() << " errors\n";
  return 1;
}

namespace {

void print_timings(const Program::Parts& parts, const engine::Evaluation& evaluation, double evaluate_ms) {
  for (const plan::PassTime& pass : parts.plan.times)
    std::cerr << nlohmann::ordered_json{{"stage", "plan." + pass.name}, {"ms", pass.ms}, {"on", pass.on}} << "\n";
  std::cerr << nlohmann::ordered_json{{"stage", "compile"}, {"ms", parts.compile_ms}} << "\n"
            << nlohmann::ordered_json{{"stage", "load"}, {"ms", parts.load_ms}} << "\n"
            << nlohmann::ordered_json{{"stage", "evaluate"}, {"ms", evaluate_ms}} << "\n";
  // How much of the data the question touched: rows that rules looked at and heads they made, tuples they derived.
  if (const engine::SetExecutor* sets = evaluation.sets())
    std::cerr << nlohmann::ordered_json{{"stage", "rules"},
                                        {"rounds", sets->rounds()},
                                        {"steps", sets->steps()},
                                        {"derived", sets->derived()}}
              << "\n";
}

void print(const Options& options, const Program::Parts& parts, const Answer& answer) {
  if (options.format == "csv") {
    std::cout << answer::to_csv(answer);
  } else if (options.format == "json") {
    std::cout << answer::to_json(options.target, answer) << "\n";
  } else if (options.format == "scallop") {
    std::vector<std::string> names;
    const auto& left = answer.unfinished;
    for (const lang::Query& query : parts.queries)
      if (std::find(left.begin(), left.end(), query.name) == left.end()) names.push_back(query.name);
    std::sort(names.begin(), names.end());  // as scli orders them
    std::cout << answer::to_scallop(answer, names, parts.engine.provenance);
  } else if (parts.settings.proofs) {
    for (const AnswerTuple& t : answer.tuples) std::cout << answer::to_text(t, {.colour = colour_on(1)}) << "\n";
  } else {
    std::cout << answer::to_table(answer, {.colour = colour_on(1)});
  }
}

struct Times {
  double evaluate_ms = 0.0, update_ms = 0.0;
  bool in_place = false;
};

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What --delete and --insert name, in this order: a tuple in both is there afterwards.
Status read_changes(const Options& options, const Program::Parts& parts, Session& session) {
  for (const bool insert : {false, true})
    for (const auto& [relation, file] : insert ? options.inserts : options.deletes) {
      auto table =
          answer::read_table(parts, session.state().symbols(), relation, file, insert ? "--insert" : "--delete");
      if (!table) return table.error();
      session.state().change(parts.language.find(relation), insert, std::move(*table));
    }
  return {};
}

// The first evaluation, and the changes carried through it; where they cannot be, one evaluation with them does.
Status run_changes(const Options& options, const Program::Parts& parts, Session& session, Times& times) {
  Session::State& state = session.state();
  double start = now_ms();
  if (state.evaluation().can_update())
    if (Status s = state.evaluate(); !s.ok() && !engine::is_limit(s.error())) return s;
  times.evaluate_ms = now_ms() - start;
  if (Status s = read_changes(options, parts, session); !s.ok()) return s;
  start = now_ms();
  const Status done = state.evaluate();
  times.in_place = session.updated_in_place();
  times.update_ms = now_ms() - start;
  return done;
}

// Nothing is left to evaluate: what was asked lies finished in the set executor.
int print_sets(const Options& options, const Program::Parts& parts, const engine::Evaluation& evaluation) {
  const bool written = answer::write_sets(parts, evaluation, options.format, colour_on(1), [](std::string_view piece) {
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  if (written && std::fflush(stdout) == 0) return 0;
  return fail(Error{"write-failed", {}, "the answers cannot be written", "look whether the disk is full", ""});
}

}  // namespace

answer::Sources program_sources(const Options& options) {
  answer::Sources sources;
  for (const auto& [name, file] : options.networks) sources.networks[name] = file;
  sources.facts = options.facts;
  sources.site = options.site;
  sources.stage = options.stage;
  sources.threads = thread_count(options);
  answer::read_media(sources, 1);
  sources.memo = open_memo(options);
  sources.cost_is_time = options.cost == "milliseconds";
  sources.prices = options.prices;
  return sources;
}

int run_program(const Options& options) {
  if (!options.inputs.empty()) {
    std::cerr << "tenfold: a program takes its facts from --facts REL=FILE; only packs read inputs\n";
    return 2;
  }
  const answer::EnergyMeter energy;
  Settings settings = options.settings;
  settings.literals = options.format == "scallop";
  settings.updates = !options.inserts.empty() || !options.deletes.empty();
  const answer::Sources sources = program_sources(options);
  std::vector<Error> errors;
  auto parts = answer::make_parts(options.target, settings, sources, &errors);
  if (!parts) return fail(errors, parts.error());
  for (const std::string& warning : (*parts)->warnings) std::cerr << warning;
  for (const std::string& remark : (*parts)->remarks) std::cerr << remark;

  const bool straight = options.format != "json" && options.receipt.empty();
  Result<answer::Prices> cost = answer::Prices{};
  if (!straight || !(*parts)->networks.empty() || !options.prices.empty()) cost = prices(options);
  if (!cost) return fail(cost.error());
  if (straight && answer::can_write_sets(**parts, (*parts)->base.get())) {
    if (options.timings) print_timings(**parts, *(*parts)->base, 0.0);
    return print_sets(options, **parts, *(*parts)->base);
  }
  std::optional<Receipt> predicted;
  const double before = answer::process_cpu_s();
  if (options.predict) {
    auto prediction = predict_program(options.target, settings, sources);
    if (!prediction) return fail(prediction.error());
    predicted = std::move(prediction->receipt);
  }
  const double predicting_s = answer::process_cpu_s() - before;
  auto session = Session::open(Program(*parts));
  if (!session) return fail(session.error());
  if (settings.updates) {
    Times times;
    const Status done = run_changes(options, **parts, *session, times);
    if (!done.ok() && !engine::is_limit(done.error())) return fail(done.error());
    if (options.timings) {
      print_timings(**parts, session->state().evaluation(), times.evaluate_ms);
      std::cerr << nlohmann::ordered_json{{"stage", "update"}, {"ms", times.update_ms}, {"in_place", times.in_place}}
                << "\n";
    }
    if (done.ok() && straight && answer::can_write_sets(**parts, &session->state().evaluation()))
      return print_sets(options, **parts, session->state().evaluation());
  }
  const double start = answer::process_cpu_s();
  auto answer = session->ask();
  if (options.timings && !settings.updates) {
    const engine::Evaluation* base = (*parts)->base.get();
    print_timings(**parts, base ? *base : session->state().evaluation(), (answer::process_cpu_s() - start) * 1e3);
  }
  if (!answer) return fail(answer.error());
  answer->receipt.cpu_s = answer::process_cpu_s() - predicting_s;
  energy.fill(answer->receipt);
  answer::price(answer->receipt, *cost);
  print(options, **parts, *answer);
  for (const std::string& warning : answer->warnings) std::cerr << warning << "\n";
  if (!answer->receipt.networks.empty() || !answer->receipt.media.empty())
    std::cerr << answer::to_text(answer->receipt, colour_on(2));
  if (predicted) std::cerr << answer::compared_text(*predicted, answer->receipt);
  for (const Abstention& a : answer->abstained) std::cerr << answer::to_text(a, {.colour = colour_on(2)});
  if (!options.receipt.empty()) {
    std::ofstream file(options.receipt);
    nlohmann::ordered_json receipt = answer::to_json(answer->receipt);
    if (predicted) receipt["predicted"] = answer::compared_json(*predicted, answer->receipt);
    file << receipt.dump(2) << "\n";
    if (!file.flush())
      return fail(Error{"write-failed",
                        {options.receipt, 0, 0, 1},
                        "the receipt cannot be written",
                        "give a path that can be written",
                        ""});
  }
  if (!answer->abstained.empty()) std::cerr << answer->abstained.size() << " abstained\n";
  if (!answer->stopped) return 0;
  std::cerr << fmt::format("not finished: {}\n", fmt::join(answer->unfinished, ", "));
  return fail(*answer->stopped);
}

}  // namespace tenfold::cli
