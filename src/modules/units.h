// Units of measurement as laboratories write them, and conversion between them.
#pragma once

#include <optional>
#include <string_view>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold::modules {

/// Converts a value between two units of one dimension: "mg/dL" to "g/L", "[lb_av]" to "kg", "[degF]" to "Cel". Units
/// are UCUM codes (case-sensitive): prefixes, powers, products, quotients, brackets, powers of ten (10*3/uL), [pi] and
/// annotations, which count as 1; ucum.h has the derived ones. Four spellings outside UCUM are understood: mEq, mcg,
/// IU, mmHg. Of special units there are temperatures (Cel, [degF], [degRe]), alone. Arbitrary units convert into
/// themselves. Three things that the algebra of UCUM would let pass are kept apart, because in a patient they differ:
/// eq from mol, mL/min/{1.73_m2} from mL/min, and mol/mol from %. Nothing when a unit is unknown or the dimensions
/// differ. Source: Schadow, McDonald, "The Unified Code for Units of Measure", version 2.2.
std::optional<double> convert(double value, std::string_view from, std::string_view to);

/// Of a Rational, without rounding. Nothing as above, and where a power of pi would remain ("deg" to "rad") or a factor
/// has more than 127 bits.
std::optional<Cell> convert_exact(Cell value, std::string_view from, std::string_view to, Symbols& symbols);

/// As convert(), and for a known analyte (analytes.h; its English name, any case) also between mass, amount and
/// equivalents:
/// ("creatinine", 1.0, "mg/dL", "umol/L") is 88.4. Haemoglobin A1c also between mmol/mol (IFCC) and % (NGSP).
std::optional<double> convert_of(std::string_view analyte, double value, std::string_view from, std::string_view to);

}  // namespace tenfold::modules
