#include "answer/distil.h"

#include <fmt/format.h>

#include <algorithm>

#include "neural/registry.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

Result<Proposal> propose_stage(const Sources& sources, const std::string& candidate,
                               const CalibrationOptions& options) {
  auto stage = neural::read_network(candidate);
  if (!stage) return stage.error();
  const std::string name = stage->stages.front().name;
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
    return Error{"bad-network", stage->place, "a stage's name becomes a folder's: `" + name + "` cannot",
                 "use letters, digits, - and _", ""};
  if (!sources.networks.contains(stage->name))
    return Error{"unknown-network", stage->place, "there is no network `" + stage->name + "` to give a stage to",
                 "name it as the network that it is for", ""};
  auto network = installed_network(stage->name, sources);
  if (!network) return network.error();
  auto without = calibrate_network(*network, sources.decoder, options);
  Proposal out;
  // Without a promise for what there was, the dearest stage answers everything.
  out.flops_without = without ? without->flops : network->stages.back().flops;
  if (!without && without.error().code != "no-promise") return without.error();
  if (Status s = neural::add_stage(*network, *stage); !s.ok()) return s.error();
  auto with = calibrate_network(*network, sources.decoder, options);
  if (!with && with.error().code != "no-promise") return with.error();
  if (!with) {
    out.why = with.error().what;
    return out;
  }
  out.report = with->report;
  out.flops = with->flops;
  std::size_t at = 0;
  while (with->network.stages[at].name != name) ++at;
  const neural::StageDescription& found = with->network.stages[at];
  if (!found.accept) {
    out.why = name + " is nowhere sure enough to answer";
    return out;
  }
  const std::uint64_t answered = with->answered[at];
  const double least = neural::binomial_lower(answered, with->items, options.level.delta);
  const double worth = found.flops / out.flops_without;
  out.report += fmt::format("{}: answers {} of {}, at least {:.1f}% with confidence {:g}%; asking it costs {:.1f}%\n",
                            name, answered, with->items, 100 * least, 100 * (1 - options.level.delta), 100 * worth);
  out.report += fmt::format("{:.3g} FLOPs an input, {:.3g} without it\n", out.flops, out.flops_without);
  if (!(least > worth && out.flops < out.flops_without)) {
    out.why = name + " does not spare more than it costs";
    return out;
  }
  out.accepted = true;
  out.with = std::move(*with);
  return out;
}

Result<std::vector<std::string>> install_stage(const Proposal& proposal, const std::string& candidate,
                                               const fs::path& site) {
  auto stage = neural::read_network(candidate);
  if (!stage) return stage.error();
  const std::string& name = stage->stages.front().name;
  const fs::path folder = fs::path(site_stages(site, stage->name)) / name;
  std::error_code failed;
  const auto copy = [&](const fs::path& from, const fs::path& to) {
    if (!failed) fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
  };
  fs::create_directories(folder, failed);
  // The description last: without it the folder is no stage.
  for (const fs::path file : {stage->stages.front().model, stage->stages.front().weights})
    if (!file.empty()) copy(file, folder / file.filename());
  copy(candidate, folder / (name + ".toml"));
  if (failed)
    return Error{"write-failed", {folder.string(), 0, 0, 1}, "the stage cannot be installed", failed.message(), ""};
  auto written = write_calibration({{proposal.with}, ""}, site);
  if (!written) return written;
  written->insert(written->begin(), (folder / (name + ".toml")).string());
  return written;
}

}  // namespace tenfold::answer
