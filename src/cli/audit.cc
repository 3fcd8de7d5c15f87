#include "cli/audit.h"

#include <fmt/format.h>

#include "answer/calibrate.h"
#include "answer/receipt.h"
#include "cli/commands.h"

namespace tenfold::cli {
namespace {

nlohmann::ordered_json rate(std::uint64_t audited, std::uint64_t disagreed) {
  const auto [low, high] = neural::binomial_interval(disagreed, audited);
  return {{"audited", audited}, {"disagreed", disagreed}, {"interval", {low, high}}};
}

std::string rate_text(std::uint64_t audited, std::uint64_t disagreed) {
  const auto [low, high] = neural::binomial_interval(disagreed, audited);
  return fmt::format("{} of {} otherwise ({:.2f}% to {:.2f}%)", disagreed, audited, 100 * low, 100 * high);
}

/// The promise of a network, with what its own audit, drift and the records say.
std::optional<neural::Guarantee> judged(const answer::Perceiver& network, const RecordAudit* records) {
  auto promise = network.guarantee();
  if (!promise || !promise->holds || !records) return promise;
  if (network.description().guarantee->scope != "decision") return promise;
  if (neural::binomial_interval(records->disagreed, records->audited).first <= promise->level.alpha) return promise;
  promise->holds = false;
  promise->why = fmt::format("an audit found {} of {} records decided otherwise than with the dearest stages",
                             records->disagreed, records->audited);
  return promise;
}

}  // namespace

Result<RecordAudit> audit_records(const Options& options, const answer::Pack& pack, answer::JobOptions job,
                                  const std::map<std::string, std::set<std::string>>& decided) {
  const Settings settings = pack_settings_without_levers(options, pack);
  answer::Sources sources = pack_sources(options, pack);
  sources.stage.clear();
  sources.audit = 0.0;
  std::vector<Error> errors;
  auto parts = answer::make_parts(pack.program.string(), settings, sources, &errors);
  if (!parts) return parts.error();
  job.only = [&](const std::string& input) { return decided.contains(input); };
  RecordAudit out;
  auto totals = answer::run_job(pack, *parts, job, [&](const answer::JobLine& line) {
    if (!line.answer) return true;
    ++out.audited;
    out.disagreed += answer::decisions(*line.answer, pack.decide) != decided.at(line.input);
    return true;
  });
  if (!totals) return totals.error();
  out.receipt = totals->receipt;
  return out;
}

nlohmann::ordered_json audit_json(const Program::Parts& parts, const RecordAudit* records) {
  nlohmann::ordered_json out, networks = nlohmann::ordered_json::array();
  for (const auto& network : parts.networks) {
    if (network->adapter()) continue;
    const auto report = network->audit();
    nlohmann::ordered_json one = rate(report.audited, report.disagreed);
    one["name"] = network->name();
    one["failed"] = report.failed;
    one["flops"] = report.flops;
    one["wall_s"] = report.seconds;
    if (const auto promise = judged(*network, records))
      one["guarantee"] = {{"error", promise->level.alpha},
                          {"confidence", 1.0 - promise->level.delta},
                          {"scope", network->description().guarantee->scope},
                          {"holds", promise->holds},
                          {"why", promise->why}};
    networks.push_back(std::move(one));
  }
  out["networks"] = std::move(networks);
  if (records) {
    out["records"] = rate(records->audited, records->disagreed);
    out["records"]["flops"] = records->receipt.flops;
    out["records"]["wall_s"] = records->receipt.wall_s;
    out["records"]["cpu_s"] = records->receipt.cpu_s;
  }
  return out;
}

std::string audit_text(const Program::Parts& parts, const RecordAudit* records) {
  std::string out;
  for (const auto& network : parts.networks) {
    if (network->adapter()) continue;
    const auto report = network->audit();
    out +=
        fmt::format("audit  {}: of its cheap answers {}", network->name(), rate_text(report.audited, report.disagreed));
    if (report.failed > 0) out += fmt::format(", {} could not be compared", report.failed);
    out += "\n";
    const auto promise = judged(*network, records);
    if (promise && !promise->holds)
      out += fmt::format("       the guarantee of {} is withdrawn: {}\n", network->name(), promise->why);
  }
  if (records) out += fmt::format("audit  records: {}\n", rate_text(records->audited, records->disagreed));
  return out;
}

}  // namespace tenfold::cli
