#include "answer/receipt.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <ctime>

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
    for (const auto& [lever, count] : use.avoided) mine->avoided[lever] += count;
  }
  flops += other.flops;
  flops_neural_only += other.flops_neural_only;
  wall_s += other.wall_s;
  cpu_s += other.cpu_s;
  joules += other.joules;
  usd += other.usd;
  gco2e += other.gco2e;
  abstained += other.abstained;
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

Result<Prices> read_prices(const std::string& path) {
  try {
    const toml::table file = toml::parse_file(path);
    Prices prices;
    prices.watts_per_core = file["energy"]["watts_per_core"].value_or(prices.watts_per_core);
    prices.gco2e_per_kwh = file["energy"]["gco2e_per_kwh"].value_or(prices.gco2e_per_kwh);
    prices.usd_per_cpu_hour = file["money"]["usd_per_cpu_hour"].value_or(prices.usd_per_cpu_hour);
    prices.label = file["label"].value_or(std::string("prices.toml"));
    return prices;
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    return Error{"malformed-toml", {path, at.line, at.column, 1}, std::string(e.description()), "correct the file", ""};
  }
}

void price(Receipt& receipt, const Prices& prices) {
  receipt.joules = receipt.cpu_s * prices.watts_per_core;
  receipt.joules_source = "model";
  receipt.usd = receipt.cpu_s / 3600.0 * prices.usd_per_cpu_hour;
  receipt.usd_source = prices.label;
  receipt.gco2e = receipt.joules / 3.6e6 * prices.gco2e_per_kwh;
}

nlohmann::ordered_json to_json(const Receipt& receipt) {
  nlohmann::ordered_json networks = nlohmann::ordered_json::array();
  for (const NetworkUse& use : receipt.networks) {
    nlohmann::ordered_json avoided;
    for (const char* lever : {"demand", "order", "bounds", "cascade", "offload", "reuse", "distil"}) {
      const auto at = use.avoided.find(lever);
      avoided[lever] = at == use.avoided.end() ? 0 : at->second;
    }
    networks.push_back(
        {{"name", use.name}, {"stage", use.stage}, {"run", use.run}, {"avoided", avoided}, {"flops", use.flops}});
  }
  return {{"version", 1},
          {"networks", networks},
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
  std::uint64_t run = 0, avoided = 0;
  std::map<std::string, std::uint64_t> by_lever;
  for (const NetworkUse& use : receipt.networks) {
    run += use.run;
    for (const auto& [lever, count] : use.avoided) {
      avoided += count;
      if (count > 0) by_lever[lever] += count;
    }
  }
  std::string levers;
  for (const auto& [lever, count] : by_lever)
    levers += fmt::format("{}{} by {}", levers.empty() ? "" : ", ", count, lever);
  std::string text = colour ? "\x1b[1mreceipt\x1b[0m  " : "receipt  ";
  if (run + avoided == 0) {
    text += "no network had anything to see";
  } else {
    text += fmt::format("{} of {} network calls run", run, run + avoided);
    if (!levers.empty()) text += fmt::format(" ({} not needed)", levers);
    text += fmt::format(" · {} of {}", flops_text(receipt.flops), flops_text(receipt.flops_neural_only));
    if (receipt.flops > 0 && receipt.flops_neural_only > receipt.flops)
      text += fmt::format(" ({:.3g}x less)", receipt.flops_neural_only / receipt.flops);
  }
  text += fmt::format("\n         {:.3g} ms CPU · {:.2g} J ({}) · ${:.2g} · {:.2g} g CO2e", receipt.cpu_s * 1e3,
                      receipt.joules, receipt.joules_source == "rapl" ? "measured" : "modelled", receipt.usd,
                      receipt.gco2e);
  if (receipt.abstained > 0) text += fmt::format(" · {} abstained", receipt.abstained);
  return text + "\n";
}

}  // namespace tenfold::answer
