// A compiled program with all that sessions share: the typed program, the plan, the base evaluation with tables loaded
// and static strata finished, the networks. Immutable once made.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "answer/perception.h"
#include "engine/engine.h"
#include "lang/lang.h"
#include "plan/plan.h"
#include "tenfold/session.h"

namespace tenfold {

struct Program::Parts {
  Settings settings;
  lang::Program language;
  plan::Plan plan;
  engine::Options engine;
  std::unique_ptr<engine::Evaluation> base;  // null with Settings::updates: each session has all facts
  std::vector<std::pair<lang::RelationId, FactTable>> tables;  // with Settings::updates: what base would hold
  std::vector<std::shared_ptr<answer::Perceiver>> networks;    // per network and medium of the program
  std::shared_ptr<media::MediaReader> media;
  std::vector<lang::Query> queries;  // what is printed
  std::vector<std::string> warnings;
  std::vector<std::string> remarks;  // what is not wrong and good to know, a line each
  bool bounds = false;               // the lever is on (bounds.h)
  // What an input of each network costs, for order and bounds: FLOPs of the stage asked first, or nanoseconds.
  std::vector<double> costs;
  double compile_ms = 0.0, load_ms = 0.0;
  mutable std::once_flag narrowing;  // of the next, which narrowed() gives
  mutable std::vector<bool> narrowed;
};

namespace answer {

/// What is needed beyond the text: where networks and a site's own files are, and which relations records fill.
struct Sources {
  std::optional<std::string> text;                              // the program, when it is in no file
  std::map<std::string, std::string> networks;                  // name to network file
  std::map<std::string, neural::NetworkDescription> described;  // or what such a file would say
  std::string prices;                                           // of remote models; empty: as find_prices()
  std::string stage;                                            // run this stage; empty = the first
  std::shared_ptr<store::DiskMemo> memo;                        // what earlier runs' networks said; null = none
  double audit = 0.0;                                           // NetworkSettings::audit
  std::filesystem::path site;                                   // a site's own rules (*.scl), tables (tables/*.csv) and
                                                                // calibrations (networks/NAME.toml); empty = none
  std::vector<std::string> inputs;                              // relations that facts will be added to
  bool open = false;                                            // facts may be added to any relation
  bool cost_is_time = false;                  // networks cost what they took on this machine so far, and not FLOPs
  bool tables_may_be_missing = false;         // a missing table is empty, with a warning; the rules say what follows
  std::shared_ptr<media::MediaReader> media;  // reads files; null: one is made
  neural::Decoder decoder;                    // reads a picture by its key
  neural::ColourDecoder colours;              // the same in colour, for a language model that is shown pictures
  std::vector<std::pair<std::string, std::string>> facts;  // --facts REL=FILE
  unsigned threads = 1;                                    // for the back ends and the set executor
};

/// Where stages lie that a site installed (distil.h).
std::string site_stages(const std::filesystem::path& site, const std::string& network);

/// The file of a network that sources.networks names, with the stages that the site installed. Errors: those of
/// neural::read_network and add_stages.
Result<neural::NetworkDescription> installed_network(const std::string& name, const Sources& sources);

/// That with what the site found of it on its own items (calibrate.h), and what remote models cost. Errors:
/// "no-network", those of installed_network, neural::apply_calibration and read_prices.
Result<neural::NetworkDescription> describe_network(const lang::Network& network, const Sources& sources);

/// By relation, whether it may be computed only for what is asked of it: the same whichever levers are off. Found when
/// first asked for, by planning the program anew. Thread-safe.
const std::vector<bool>& narrowed(const Program::Parts& parts);

/// Compiles, plans, loads, freezes. `errors` gets everything found; the returned error is the first of them.
Result<std::shared_ptr<const Program::Parts>> make_parts(const std::string& path, const Settings& settings,
                                                         const Sources& sources, std::vector<Error>* errors);

}  // namespace answer
}  // namespace tenfold
