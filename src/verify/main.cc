#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "verify/verify.h"

namespace {

std::vector<std::pair<std::string, std::string>> split(const std::vector<std::string>& pairs) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& pair : pairs)
    out.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
  return out;
}

std::string is_pair(const std::string& text) {
  const std::size_t at = text.find('=');
  return at == 0 || at == std::string::npos || at + 1 == text.size() ? "expected NAME=FILE, got `" + text + "`" : "";
}

}  // namespace

int main(int argc, char** argv) {
  tenfold::verify::Options options;
  CLI::App app{"Checks every proof of answers against the program and its facts, without the engine.",
               "tenfold-verify"};
  std::vector<std::string> facts, networks, stages;
  app.add_option("answers", options.answers, "ANSWERS.jsonl: of `tenfold run --proofs --format json`, or of --out")
      ->required();
  app.add_option("--program", options.program, "PROGRAM.scl")->required();
  app.add_option("--facts", facts, "REL=FILE.csv, as given to `tenfold run`; may be given again")
      ->check(CLI::Validator(is_pair, "REL=FILE"));
  app.add_option("--network", networks, "NAME=FILE.csv: what a network said, as probability, inputs, label")
      ->check(CLI::Validator(is_pair, "NAME=FILE"));
  app.add_option("--stage", stages, "NAME=TEXT: what that network's tuples must say they come from")
      ->check(CLI::Validator(is_pair, "NAME=TEXT"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  options.facts = split(facts);
  options.networks = split(networks);
  options.stages = split(stages);
  try {
    return tenfold::verify::verify(options, std::cout, std::cerr);
  } catch (const std::exception& e) {
    std::cerr << "tenfold-verify: error: " << e.what() << "\n";
    return 3;
  }
}
