#include "answer/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>

namespace tenfold {

void Receipt::add(const Receipt& other) {
  for (const NetworkUse& use : other.networks) {
    NetworkUse* mine = nullptr;
    for (NetworkUse& known : networks)
      if (known.name == use.name && known.stage == use.stage) mine = &known;
    if (!mine) {
      networks.push_back(use);
      continue;
    }
    mine->run += use.run;
    mine->flops += use.flops;
    mine->wall_s += use.wall_s;
    mine->usd += use.usd;
    mine->tokens += use.tokens;
    mine->failed += use.failed;
    mine->turned_away += use.turned_away;
    for (const auto& [lever, count] : use.avoided) mine->avoided[lever] += count;
  }
  for (const MediaUse& use : other.media) add(use);
  if (!other.promises.empty()) promises = other.promises;
  flops += other.flops;
  flops_neural_only += other.flops_neural_only;
  wall_s += other.wall_s;
  cpu_s += other.cpu_s;
  joules += other.joules;
  usd += other.usd;
  usd_remote += other.usd_remote;
  gco2e += other.gco2e;
  abstained += other.abstained;
}

void Receipt::add(const MediaUse& use) {
  for (MediaUse& mine : media)
    if (mine.adapter == use.adapter) {
      mine.reads += use.reads;
      mine.there += use.there;
      mine.decoded += use.decoded;
      mine.cpu_s += use.cpu_s;
      return;
    }
  media.push_back(use);
}

}  // namespace tenfold

namespace tenfold::answer {
namespace {

double cpu_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// 1234567 as "1.23 MFLOP".
std::string flops_text(double flops) {
  constexpr const char* kUnits[] = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"};
  std::size_t unit = 0;
  while (flops >= 1000.0 && unit + 1 < std::size(kUnits)) {
    flops /= 1000.0;
    ++unit;
  }
  return fmt::format("{:.3g} {}", flops, kUnits[unit]);
}

}  // namespace

double process_cpu_s() { return cpu_clock(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_s() { return cpu_clock(CLOCK_THREAD_CPUTIME_ID); }

nlohmann::ordered_json to_json(const Receipt& receipt) {
  nlohmann::ordered_json networks = nlohmann::ordered_json::array();
  for (const NetworkUse& use : receipt.networks) {
    nlohmann::ordered_json avoided;
    for (const char* lever : {"demand", "order", "bounds", "cascade", "offload", "reuse", "distil"}) {
      const auto at = use.avoided.find(lever);
      avoided[lever] = at == use.avoided.end() ? 0 : at->second;
    }
    networks.push_back({{"name", use.name},
                        {"stage", use.stage},
                        {"run", use.run},
                        {"avoided", avoided},
                        {"turned_away", use.turned_away},
                        {"failed", use.failed},
                        {"flops", use.flops},
                        {"wall_s", use.wall_s}});
    if (use.usd > 0.0) networks.back()["usd"] = use.usd;
    const TokenUse& tokens = use.tokens;
    if (tokens.prompt + tokens.reused + tokens.sampled + tokens.forced > 0)
      networks.back()["tokens"] = {
          {"prompt", tokens.prompt}, {"reused", tokens.reused}, {"sampled", tokens.sampled}, {"forced", tokens.forced}};
  }
  nlohmann::ordered_json media = nlohmann::ordered_json::array();
  for (const MediaUse& use : receipt.media)
    media.push_back({{"adapter", use.adapter},
                     {"unit", use.unit},
                     {"reads", use.reads},
                     {"decoded", use.decoded},
                     {"avoided", use.there - std::min(use.there, use.decoded)},
                     {"cpu_s", use.cpu_s}});
  nlohmann::ordered_json promises = nlohmann::ordered_json::array();
  for (const Promise& p : receipt.promises)
    promises.push_back({{"network", p.network},
                        {"target", p.target},
                        {"scope", p.scope},
                        {"error", p.error},
                        {"confidence", p.confidence},
                        {"holds", p.holds},
                        {"why", p.why}});
  return {{"version", 1},
          {"networks", networks},
          {"media", media},
          {"guarantees", promises},
          {"flops", receipt.flops},
          {"flops_neural_only", receipt.flops_neural_only},
          {"wall_s", receipt.wall_s},
          {"cpu_s", receipt.cpu_s},
          {"joules", receipt.joules},
          {"joules_source", receipt.joules_source},
          {"usd", receipt.usd},
          {"usd_source", receipt.usd_source},
          {"gco2e", receipt.gco2e},
          {"abstained", receipt.abstained}};
}

std::string to_text(const Receipt& receipt, bool colour) {
  // The first row of a network stands for it; what dearer stages were asked is said apart.
  std::uint64_t run = 0, all = 0;
  std::map<std::string, std::uint64_t> by_lever;
  std::string later;
  std::set<std::string> met;
  for (const NetworkUse& use : receipt.networks) {
    const bool first = met.insert(use.name).second;
    std::uint64_t avoided = 0;
    for (const auto& [lever, count] : use.avoided) {
      avoided += count;
      if (count > 0 && first) by_lever[lever] += count;
    }
    if (first) {
      run += use.run;
      all += use.run + use.turned_away + avoided;
      if (use.turned_away > 0) by_lever["refusal"] += use.turned_away;
    } else {
      later += fmt::format(" · {} asked {} of {}", use.stage, use.run, use.run + avoided);
    }
  }
  std::string levers;
  for (const auto& [lever, count] : by_lever)
    levers += fmt::format("{}{} by {}", levers.empty() ? "" : ", ", count, lever);
  std::string text = colour ? "\x1b[1mreceipt\x1b[0m  " : "receipt  ";
  if (all == 0) {
    text += "no network had anything to see";
  } else {
    text += fmt::format("{} of {} network calls run", run, all);
    if (!levers.empty()) text += fmt::format(" ({} not needed)", levers);
    text += later;
    text += fmt::format(" · {} of {}", flops_text(receipt.flops), flops_text(receipt.flops_neural_only));
    if (receipt.flops > 0 && receipt.flops_neural_only > receipt.flops)
      text += fmt::format(" ({:.3g}x less)", receipt.flops_neural_only / receipt.flops);
  }
  for (const MediaUse& use : receipt.media)
    text += fmt::format("\n         {}: {} of {} {}s decoded in {:.3g} ms", use.adapter, use.decoded,
                        std::max(use.there, use.decoded), use.unit, use.cpu_s * 1e3);
  text += fmt::format("\n         {:.3g} ms CPU · {:.2g} J ({}) · ${:.2g} · {:.2g} g CO2e", receipt.cpu_s * 1e3,
                      receipt.joules, receipt.joules_source == "rapl" ? "measured" : "modelled", receipt.usd,
                      receipt.gco2e);
  if (receipt.abstained > 0) text += fmt::format(" · {} abstained", receipt.abstained);
  return text + "\n";
}

}  // namespace tenfold::answer
