// Joules as the processor counts them (RAPL), where the kernel lets us read them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tenfold/answer.h"

namespace tenfold::answer {

/// Counts from construction. RAPL counts whole packages, with what others run and what idles; joules() gives this
/// process the share that its CPU time has in all that the machine was busy, so idle power is ours in that share too.
/// Source: Linux kernel, Documentation/power/powercap/powercap.rst (energy_uj, max_energy_range_uj).
class EnergyMeter {
 public:
  explicit EnergyMeter(const std::filesystem::path& powercap = "/sys/class/powercap",
                       const std::filesystem::path& stat = "/proc/stat");
  /// Nothing where no package can be read. `cpu_s`: what this process has used since construction.
  std::optional<double> joules(double cpu_s) const;
  /// That as the receipt's joules, for its cpu_s; nothing where it cannot be read.
  void fill(Receipt& receipt) const;

 private:
  struct Package {
    std::filesystem::path energy;
    double range_uj = 0.0, start_uj = 0.0;
  };
  std::filesystem::path stat_;
  std::vector<Package> packages_;
  double busy_s_ = 0.0;
};

}  // namespace tenfold::answer
