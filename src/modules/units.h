// Units of measurement as laboratories write them, and conversion between them.
#pragma once

#include <optional>
#include <string_view>

namespace tenfold::modules {

/// Converts a value between two units of one dimension: "mg/dL" to "g/L", "[lb_av]" to "kg", "[degF]" to "Cel". Units
/// are UCUM codes (case-sensitive) without parentheses: prefixes, powers, products, quotients, powers of ten (10*3/uL)
/// and annotations, which count as 1. Four spellings outside UCUM are understood: mEq, mcg, IU, mmHg. Three things that
/// the algebra of UCUM would let pass are kept apart, because in a patient they differ: eq from mol, mL/min/{1.73_m2}
/// from mL/min, and mol/mol from %. Nothing when a unit is unknown or the dimensions differ. Source: Schadow, McDonald,
/// "The Unified Code for Units of Measure", version 2.1, tables 1 to 5 and section 4.
std::optional<double> convert(double value, std::string_view from, std::string_view to);

/// The same, and for a known analyte (analytes.h; its English name, any case) also between mass, amount and
/// equivalents:
/// ("creatinine", 1.0, "mg/dL", "umol/L") is 88.4. Haemoglobin A1c also between mmol/mol (IFCC) and % (NGSP).
std::optional<double> convert_of(std::string_view analyte, double value, std::string_view from, std::string_view to);

}  // namespace tenfold::modules
