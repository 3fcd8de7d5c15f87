// The command line (contract): what was asked for, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenfold/session.h"

namespace tenfold::cli {

struct Update {
  std::string relation, file;
};

struct Options {
  std::string command;              // run, explain, check, why, memo, calibrate, distil, pull
  std::string target;               // PROGRAM.scl or a pack
  std::vector<std::string> inputs;  // of a pack
  std::vector<std::pair<std::string, std::string>> facts, networks, inserts, deletes;
  std::string format = "table";
  std::string tuple, why_format = "text";  // of why
  std::string receipt, out, against, site, stage, as_of, input, prices;
  std::string memo;  // folder, or "off"; empty: the environment's, the pack's or the user's
  std::optional<std::uint64_t> memo_mib;
  bool clear = false;  // of memo
  bool yes = false;    // of pull: agrees to the licence
  std::string sha256;  // of pull: of what an address gives
  struct Calibrate {
    std::string data, labels, network, stage, target = "against-dearest", positive, scores, out;
    double error = 0.05, confidence = 0.95, false_refusal = 0.05;
    bool decisions = false;
  } calibrate;
  double audit = 0.0;    // share, of run
  bool predict = false;  // of run: the receipt before it runs, and how far off that was
  std::string cost = "flops";
  unsigned threads = 0;  // 0: one a core
  std::optional<std::size_t> k;
  bool resume = false, timings = false, text = false;
  Settings settings;
};

/// Parses argv. Returns an exit status when the program should end now (help, version, a wrong command line: 2).
std::optional<int> parse(int argc, char** argv, Options& options);

}  // namespace tenfold::cli
