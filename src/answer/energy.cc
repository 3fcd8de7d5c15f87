#include "answer/energy.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

std::optional<double> read_number(const fs::path& path) {
  std::ifstream file(path);
  double value = 0.0;
  if (!(file >> value)) return std::nullopt;
  return value;
}

/// Seconds that all processors together were at work: all fields of the line `cpu` but idle and iowait, and without
/// guest time, which user time holds already (man 5 proc).
double busy_seconds(const fs::path& stat) {
  std::ifstream file(stat);
  std::string line, name;
  std::getline(file, line);
  std::istringstream fields(line);
  fields >> name;
  double sum = 0.0, ticks = 0.0;
  for (int i = 0; i < 8 && fields >> ticks; ++i)
    if (i != 3 && i != 4) sum += ticks;
  const long per_second = sysconf(_SC_CLK_TCK);
  return name == "cpu" && per_second > 0 ? sum / static_cast<double>(per_second) : 0.0;
}

}  // namespace

EnergyMeter::EnergyMeter(const fs::path& powercap, const fs::path& stat) : stat_(stat) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(powercap, failed)) {
    // intel-rapl:0 is a package, intel-rapl:0:1 a part of it; AMD's driver uses the same names.
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("intel-rapl:") || std::count(name.begin(), name.end(), ':') != 1) continue;
    const auto energy = read_number(entry.path() / "energy_uj");
    const auto range = read_number(entry.path() / "max_energy_range_uj");
    if (energy && range) packages_.push_back({entry.path() / "energy_uj", *range, *energy});
  }
  if (!packages_.empty()) busy_s_ = busy_seconds(stat_);
}

std::optional<double> EnergyMeter::joules(double cpu_s) const {
  if (packages_.empty()) return std::nullopt;
  double sum = 0.0;
  for (const Package& package : packages_) {
    const auto now = read_number(package.energy);
    if (!now) return std::nullopt;
    const double used = *now - package.start_uj;
    sum += (used < 0.0 ? used + package.range_uj : used) * 1e-6;
  }
  const double busy = busy_seconds(stat_) - busy_s_;
  return sum * (busy > cpu_s ? cpu_s / busy : 1.0);
}

void EnergyMeter::fill(Receipt& receipt) const {
  const auto measured = joules(receipt.cpu_s);
  if (!measured) return;
  receipt.joules = *measured;
  receipt.joules_source = "rapl";
}

}  // namespace tenfold::answer
