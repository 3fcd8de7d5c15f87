// What a CPU second, a kilowatt-hour and a remote model's token cost: prices.toml, with the source of every figure in
// it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "neural/network.h"
#include "tenfold/answer.h"
#include "tenfold/result.h"

namespace tenfold::answer {

/// What a remote model charges, in US dollars per million tokens; on which day, and who said so.
struct ModelPrice {
  double usd_per_million_input = 0.0, usd_per_million_output = 0.0;
  std::string date, source;
};

struct Prices {
  std::string label = "built-in";
  double watts_per_core = 3.75;  // of a processor at work, for the energy model
  double gco2e_per_kwh = 481;
  std::string region = "world";
  double usd_per_cpu_hour = 0.04;
  std::map<std::string, ModelPrice, std::less<>> models;
};

/// Errors: "malformed-toml", "bad-prices" (a figure that is negative, no number, or of a key that is not known), each
/// with its place.
Result<Prices> read_prices(const std::string& path);

/// The first prices.toml of $XDG_CONFIG_HOME/tenfold, of what was installed, of the folders above the executable;
/// without any, what is built in.
Result<Prices> find_prices();

/// Gives each stage of a remote model, by the model's name, what it costs a token, unless its file says it.
void fill_prices(neural::NetworkDescription& network, const Prices& prices);

/// Fills usd and gco2e, and joules unless they were measured (energy.h), from cpu_s. What a remote model charged is in
/// usd already and stays.
void price(Receipt& receipt, const Prices& prices);

}  // namespace tenfold::answer
