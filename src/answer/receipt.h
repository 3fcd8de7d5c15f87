// Receipts: summing, modelling energy, money and carbon, and writing them (contract, version 1).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tenfold/answer.h"

namespace tenfold::answer {

/// What a CPU second costs, from prices.toml; see that file for the sources of the defaults.
struct Prices {
  double watts_per_core = 10.0;
  double usd_per_cpu_hour = 0.04;
  double gco2e_per_kwh = 445.0;
  std::string label = "prices.toml";
};

/// Errors: a malformed file, naming the place.
Result<Prices> read_prices(const std::string& path);

/// Fills joules, usd and gco2e from cpu_s. Modelled, and said to be.
void price(Receipt& receipt, const Prices& prices);

nlohmann::ordered_json to_json(const Receipt& receipt);

/// Two lines for people; `colour` for terminals.
std::string to_text(const Receipt& receipt, bool colour = false);

/// CPU seconds that this process has used in all its threads.
double process_cpu_s();
/// CPU seconds of the calling thread.
double thread_cpu_s();

}  // namespace tenfold::answer
