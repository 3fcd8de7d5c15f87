#include "answer/calibrate.h"

#include <iostream>

#include "answer/distil.h"
#include "answer/job.h"
#include "cli/commands.h"

namespace tenfold::cli {

namespace {

answer::CalibrationOptions what_is_wanted(const Options& options) {
  const Options::Calibrate& own = options.calibrate;
  answer::CalibrationOptions wanted;
  wanted.data = own.data;
  wanted.labels = own.labels;
  wanted.network = own.network;
  wanted.target = *neural::target_named(own.target);
  wanted.positive = own.positive;
  wanted.level = {own.error, 1.0 - own.confidence};
  wanted.false_refusal = own.false_refusal;
  wanted.scores = own.scores;
  wanted.threads = thread_count(options);
  return wanted;
}

int no_home(const char* what, const char* option) {
  std::cerr << "tenfold: there is no home to keep the " << what << " in; give " << option << " FOLDER\n";
  return 2;
}

}  // namespace

int calibrate(const Options& options, const answer::Pack& pack) {
  const Options::Calibrate& own = options.calibrate;
  answer::CalibrationOptions wanted = what_is_wanted(options);
  if (!read_as_of(options, wanted.as_of)) return 2;
  const std::filesystem::path out = own.out.empty() ? answer::site_path(pack.name) : std::filesystem::path(own.out);
  if (out.empty()) return no_home("calibration", "--out");
  const answer::Sources sources = pack_sources(options, pack);
  auto done = own.decisions ? answer::calibrate_decisions(pack, pack_settings(options, pack), sources, wanted)
                            : answer::calibrate_networks(pack, sources, wanted);
  if (!done) return fail(done.error());
  for (const answer::NetworkCalibration& network : done->networks) std::cout << network.report;
  std::cout << done->report;
  auto files = answer::write_calibration(*done, out);
  if (!files) return fail(files.error());
  for (const std::string& file : *files) std::cerr << "written " << file << "\n";
  if (!own.out.empty()) std::cerr << "use it with --site " << own.out << "\n";
  return 0;
}

int distil(const Options& options, const answer::Pack& pack) {
  const std::filesystem::path site =
      options.site.empty() ? answer::site_path(pack.name) : std::filesystem::path(options.site);
  if (site.empty()) return no_home("stage", "--site");
  const std::string& stage = options.calibrate.stage;
  auto proposal = answer::propose_stage(pack_sources(options, pack), stage, what_is_wanted(options));
  if (!proposal) return fail(proposal.error());
  std::cout << proposal->report;
  if (!proposal->accepted) {
    std::cerr << "refused: " << proposal->why << "; nothing was written\n";
    return 1;
  }
  auto files = answer::install_stage(*proposal, stage, site);
  if (!files) return fail(files.error());
  for (const std::string& file : *files) std::cerr << "written " << file << "\n";
  if (!options.site.empty()) std::cerr << "use it with --site " << options.site << "\n";
  return 0;
}

}  // namespace tenfold::cli
