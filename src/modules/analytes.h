// What laboratories measure in mass, in amount, or in equivalents, with what is needed to go from one to the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenfold::modules {

struct Analyte {
  double molar_mass;      // g/mol
  std::uint32_t valence;  // equivalents a mole; 0 where no one reports equivalents
};

/// By English name, any case: "creatinine", "urea nitrogen", "potassium". Nothing when unknown.
std::optional<Analyte> find_analyte(std::string_view name);

/// Molar mass of a formula such as "C4H7N3O" in g/mol; nothing when it is none, or has an element not listed.
std::optional<double> molar_mass(std::string_view formula);

}  // namespace tenfold::modules
