#include "answer/prices.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "answer/pack.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

/// Reads figures of one file; the first thing that is wrong is kept.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  void number(const toml::table& table, std::string_view key, double& value) {
    const toml::node* node = table.get(key);
    if (!node) return;
    const auto read = node->value<double>();
    if (!read || !(*read >= 0.0) || *read > 1e12)
      return fail(node->source(), "`" + std::string(key) + "` is no amount", "give a number that is not negative");
    value = *read;
  }
  void text(const toml::table& table, std::string_view key, std::string& value) {
    const toml::node* node = table.get(key);
    if (!node) return;
    std::ostringstream out;
    if (const auto* date = node->as_date())
      out << date->get();
    else if (const auto said = node->value<std::string>())
      out << *said;
    else
      return fail(node->source(), "`" + std::string(key) + "` is no text", "write it in quotes");
    value = out.str();
  }
  void known(const toml::table& table, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table) {
      if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
      std::string all;
      for (const std::string_view k : keys) all += (all.empty() ? "" : ", ") + std::string(k);
      return fail(node.source(), "`" + std::string(key.str()) + "` is not known here", "known are " + all);
    }
  }
  void fail(const toml::source_region& at, std::string what, std::string hint) {
    if (status_.ok())
      status_ = Error{"bad-prices", {path_, at.begin.line, at.begin.column, 1}, std::move(what), std::move(hint), ""};
  }
  const Status& status() const { return status_; }

 private:
  const std::string& path_;
  Status status_;
};

void read_models(Reader& read, const toml::table& models, Prices& prices) {
  for (const auto& [name, node] : models) {
    const toml::table* table = node.as_table();
    if (!table) return read.fail(node.source(), "a model's price is a table", "write [model.\"NAME\"]");
    ModelPrice& price = prices.models[std::string(name.str())];
    read.known(*table, {"usd_per_million_input", "usd_per_million_output", "date", "source"});
    read.number(*table, "usd_per_million_input", price.usd_per_million_input);
    read.number(*table, "usd_per_million_output", price.usd_per_million_output);
    read.text(*table, "date", price.date);
    read.text(*table, "source", price.source);
  }
}

}  // namespace

Result<Prices> read_prices(const std::string& path) {
  toml::table file;
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    return Error{"malformed-toml", {path, at.line, at.column, 1}, std::string(e.description()), "correct the file", ""};
  }
  Prices prices;
  prices.label = "prices.toml";
  Reader read(path);
  read.known(file, {"label", "energy", "grid", "machine", "model"});
  read.text(file, "label", prices.label);
  if (const auto* energy = file["energy"].as_table()) {
    read.known(*energy, {"watts_per_core"});
    read.number(*energy, "watts_per_core", prices.watts_per_core);
  }
  if (const auto* grid = file["grid"].as_table()) {
    read.known(*grid, {"gco2e_per_kwh", "region"});
    read.number(*grid, "gco2e_per_kwh", prices.gco2e_per_kwh);
    read.text(*grid, "region", prices.region);
  }
  if (const auto* machine = file["machine"].as_table()) {
    read.known(*machine, {"usd_per_cpu_hour"});
    read.number(*machine, "usd_per_cpu_hour", prices.usd_per_cpu_hour);
  }
  if (const auto* models = file["model"].as_table()) read_models(read, *models, prices);
  if (!read.status().ok()) return read.status().error();
  return prices;
}

Result<Prices> find_prices() {
  std::vector<fs::path> looked = program_folders();
  if (const fs::path own = config_folder(); !own.empty()) looked.insert(looked.begin(), own);
  std::error_code failed;
  for (const fs::path& folder : looked)
    if (fs::is_regular_file(folder / "prices.toml", failed)) return read_prices((folder / "prices.toml").string());
  return Prices{};
}

void fill_prices(neural::NetworkDescription& network, const Prices& prices) {
  for (neural::StageDescription& stage : network.stages) {
    const auto model = stage.options.find("model");
    if (stage.backend != "remote" || model == stage.options.end()) continue;
    const auto known = prices.models.find(model->second);
    if (known == prices.models.end()) continue;
    stage.options.emplace("usd_per_million_input", number_text(known->second.usd_per_million_input));
    stage.options.emplace("usd_per_million_output", number_text(known->second.usd_per_million_output));
  }
}

void price(Receipt& receipt, const Prices& prices) {
  if (receipt.joules_source != "rapl") {
    receipt.joules = receipt.cpu_s * prices.watts_per_core;
    receipt.joules_source = "model";
  }
  receipt.usd = receipt.usd_remote + receipt.cpu_s / 3600.0 * prices.usd_per_cpu_hour;
  receipt.usd_source = prices.label;
  receipt.gco2e = receipt.joules / 3.6e6 * prices.gco2e_per_kwh;
}

}  // namespace tenfold::answer
