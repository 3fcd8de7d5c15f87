// Derived units of UCUM, each by others: a code, whether it takes prefixes, and a whole number times a power of ten of
// a unit. Source: Schadow, McDonald, "The Unified Code for Units of Measure", version 2.2 (2024-06-17): a part
// of its units, as they are defined there.
//
// The Unified Code for Units of Measure (UCUM) is copyright 1999-2022, Regenstrief Institute, Inc. All rights reserved.
// Used under the UCUM License, version 1.0, at https://ucum.org/license. Unless required by applicable law or agreed to
// in writing, it comes on an "as is" basis, without warranties or conditions of any kind: see section 7 of the license.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tenfold::modules {

struct DerivedUnit {
  std::string_view code;
  bool metric;
  std::uint64_t number;
  int tens;
  std::string_view unit;  // empty: a pure number
};

inline constexpr auto kDerivedUnits = std::to_array<DerivedUnit>({
    // SI
    {"sr", true, 1, 0, "rad2"},
    {"Hz", true, 1, 0, "s-1"},
    {"N", true, 1, 0, "kg.m/s2"},
    {"Pa", true, 1, 0, "N/m2"},
    {"J", true, 1, 0, "N.m"},
    {"W", true, 1, 0, "J/s"},
    {"A", true, 1, 0, "C/s"},
    {"V", true, 1, 0, "J/C"},
    {"F", true, 1, 0, "C/V"},
    {"Ohm", true, 1, 0, "V/A"},
    {"S", true, 1, 0, "Ohm-1"},
    {"Wb", true, 1, 0, "V.s"},
    {"T", true, 1, 0, "Wb/m2"},
    {"H", true, 1, 0, "Wb/A"},
    {"lm", true, 1, 0, "cd.sr"},
    {"lx", true, 1, 0, "lm/m2"},
    {"Bq", true, 1, 0, "s-1"},
    {"Gy", true, 1, 0, "J/kg"},
    {"Sv", true, 1, 0, "J/kg"},
    // beside SI
    {"%", false, 1, 0, "10*-2"},
    {"[ppth]", false, 1, 0, "10*-3"},
    {"[ppm]", false, 1, 0, "10*-6"},
    {"[ppb]", false, 1, 0, "10*-9"},
    {"[pptr]", false, 1, 0, "10*-12"},
    {"deg", false, 2, 0, "[pi].rad/360"},
    {"gon", false, 9, -1, "deg"},
    {"'", false, 1, 0, "deg/60"},
    {"''", false, 1, 0, "'/60"},
    {"circ", false, 2, 0, "[pi].rad"},
    {"sph", false, 4, 0, "[pi].sr"},
    {"l", true, 1, 0, "dm3"},
    {"L", true, 1, 0, "l"},
    {"ar", true, 1, 2, "m2"},
    {"t", true, 1, 3, "kg"},
    {"bar", true, 1, 5, "Pa"},
    {"u", true, 16605390666, -34, "g"},
    {"min", false, 6, 1, "s"},
    {"h", false, 6, 1, "min"},
    {"d", false, 24, 0, "h"},
    {"wk", false, 7, 0, "d"},
    {"a_t", false, 36524219, -5, "d"},
    {"a_j", false, 36525, -2, "d"},
    {"a_g", false, 3652425, -4, "d"},
    {"a", false, 1, 0, "a_j"},
    {"mo_s", false, 2953059, -5, "d"},
    {"mo_j", false, 1, 0, "a_j/12"},
    {"mo_g", false, 1, 0, "a_g/12"},
    {"mo", false, 1, 0, "mo_j"},
    {"pc", true, 3085678, 10, "m"},
    {"AU", false, 149597870691, -6, "Mm"},
    // constants, and what they define
    {"[c]", true, 299792458, 0, "m/s"},
    {"[h]", true, 662607015, -42, "J.s"},
    {"[k]", true, 1380649, -29, "J/K"},
    {"[e]", true, 1602176634, -28, "C"},
    {"eV", true, 1, 0, "[e].V"},
    {"[m_e]", true, 91093837139, -41, "kg"},
    {"[m_p]", true, 167262192595, -38, "kg"},
    {"[G]", true, 66743, -15, "m3.kg-1.s-2"},
    {"[g]", true, 980665, -5, "m/s2"},
    {"atm", false, 101325, 0, "Pa"},
    {"gf", true, 1, 0, "g.[g]"},
    {"[ly]", true, 1, 0, "[c].a_j"},
    // cgs, radiation
    {"dyn", true, 1, 0, "g.cm/s2"},
    {"erg", true, 1, 0, "dyn.cm"},
    {"P", true, 1, 0, "dyn.s/cm2"},
    {"St", true, 1, 0, "cm2/s"},
    {"G", true, 1, -4, "T"},
    {"Gal", true, 1, 0, "cm/s2"},
    {"Ci", true, 37, 9, "Bq"},
    {"R", true, 258, -6, "C/kg"},
    {"RAD", true, 1, 2, "erg/g"},
    {"REM", true, 1, 0, "RAD"},
    // international lengths, areas and volumes
    {"[in_i]", false, 254, -2, "cm"},
    {"[ft_i]", false, 12, 0, "[in_i]"},
    {"[yd_i]", false, 3, 0, "[ft_i]"},
    {"[mi_i]", false, 528, 1, "[ft_i]"},
    {"[fth_i]", false, 6, 0, "[ft_i]"},
    {"[nmi_i]", false, 1852, 0, "m"},
    {"[kn_i]", false, 1, 0, "[nmi_i]/h"},
    {"[sin_i]", false, 1, 0, "[in_i]2"},
    {"[sft_i]", false, 1, 0, "[ft_i]2"},
    {"[syd_i]", false, 1, 0, "[yd_i]2"},
    {"[cin_i]", false, 1, 0, "[in_i]3"},
    {"[cft_i]", false, 1, 0, "[ft_i]3"},
    {"[cyd_i]", false, 1, 0, "[yd_i]3"},
    {"[hd_i]", false, 4, 0, "[in_i]"},
    {"[ft_us]", false, 12, 2, "m/3937"},
    {"[rd_us]", false, 165, -1, "[ft_us]"},
    {"[acr_us]", false, 16, 1, "[rd_us]2"},
    // volumes
    {"[gal_us]", false, 231, 0, "[in_i]3"},
    {"[bbl_us]", false, 42, 0, "[gal_us]"},
    {"[qt_us]", false, 1, 0, "[gal_us]/4"},
    {"[pt_us]", false, 1, 0, "[qt_us]/2"},
    {"[gil_us]", false, 1, 0, "[pt_us]/4"},
    {"[foz_us]", false, 1, 0, "[gil_us]/4"},
    {"[fdr_us]", false, 1, 0, "[foz_us]/8"},
    {"[min_us]", false, 1, 0, "[fdr_us]/60"},
    {"[tbs_us]", false, 1, 0, "[foz_us]/2"},
    {"[tsp_us]", false, 1, 0, "[tbs_us]/3"},
    {"[cup_us]", false, 16, 0, "[tbs_us]"},
    {"[foz_m]", false, 3, 1, "mL"},
    {"[cup_m]", false, 24, 1, "mL"},
    {"[tsp_m]", false, 5, 0, "mL"},
    {"[tbs_m]", false, 15, 0, "mL"},
    {"[gal_br]", false, 454609, -5, "l"},
    {"[qt_br]", false, 1, 0, "[gal_br]/4"},
    {"[pt_br]", false, 1, 0, "[qt_br]/2"},
    {"[gil_br]", false, 1, 0, "[pt_br]/4"},
    {"[foz_br]", false, 1, 0, "[gil_br]/5"},
    {"[fdr_br]", false, 1, 0, "[foz_br]/8"},
    {"[min_br]", false, 1, 0, "[fdr_br]/60"},
    // masses
    {"[gr]", false, 6479891, -5, "mg"},
    {"[lb_av]", false, 7, 3, "[gr]"},
    {"[oz_av]", false, 1, 0, "[lb_av]/16"},
    {"[dr_av]", false, 1, 0, "[oz_av]/16"},
    {"[stone_av]", false, 14, 0, "[lb_av]"},
    {"[scwt_av]", false, 1, 2, "[lb_av]"},
    {"[ston_av]", false, 2, 1, "[scwt_av]"},
    {"[lcwt_av]", false, 112, 0, "[lb_av]"},
    {"[lton_av]", false, 2, 1, "[lcwt_av]"},
    {"[pwt_tr]", false, 24, 0, "[gr]"},
    {"[oz_tr]", false, 2, 1, "[pwt_tr]"},
    {"[lb_tr]", false, 12, 0, "[oz_tr]"},
    {"[sc_ap]", false, 2, 1, "[gr]"},
    {"[dr_ap]", false, 3, 0, "[sc_ap]"},
    {"[oz_ap]", false, 8, 0, "[dr_ap]"},
    {"[lb_ap]", false, 12, 0, "[oz_ap]"},
    {"[oz_m]", false, 28, 0, "g"},
    {"[car_m]", false, 2, -1, "g"},
    // heat and power
    {"cal_m", true, 419002, -5, "J"},
    {"cal_IT", true, 41868, -4, "J"},
    {"cal_th", true, 4184, -3, "J"},
    {"cal", true, 1, 0, "cal_th"},
    {"[Cal]", false, 1, 0, "kcal_th"},
    {"[Btu_IT]", false, 105505585262, -11, "kJ"},
    {"[Btu_th]", false, 105435, -5, "kJ"},
    {"[Btu]", false, 1, 0, "[Btu_th]"},
    {"[lbf_av]", false, 1, 0, "[lb_av].[g]"},
    {"[HP]", false, 55, 1, "[ft_i].[lbf_av]/s"},
    {"[degR]", false, 5, 0, "K/9"},
    {"[psi]", false, 1, 0, "[lbf_av]/[in_i]2"},
    {"Ao", false, 1, -1, "nm"},
    {"b", false, 1, 2, "fm2"},
    {"tex", true, 1, 0, "g/km"},
    // clinical and chemical
    {"m[H2O]", true, 980665, -5, "kPa"},
    {"m[Hg]", true, 133322, -3, "kPa"},
    {"[in_i'H2O]", false, 1, 0, "m[H2O].[in_i]/m"},
    {"[in_i'Hg]", false, 1, 0, "m[Hg].[in_i]/m"},
    {"[PRU]", false, 1, 0, "mm[Hg].s/ml"},
    {"[wood'U]", false, 1, 0, "mm[Hg].min/L"},
    {"[diop]", false, 1, 0, "/m"},
    {"[Ch]", false, 1, 0, "mm/3"},
    {"[drp]", false, 1, 0, "ml/20"},
    {"[MET]", false, 35, -1, "mL/min/kg"},
    {"g%", true, 1, 0, "g/dl"},
    {"[S]", false, 1, 0, "10*-13.s"},
    {"[HPF]", false, 1, 0, ""},
    {"[LPF]", false, 1, 2, ""},
    {"kat", true, 1, 0, "mol/s"},
    {"U", true, 1, 0, "umol/min"},
    // information
    {"bit", true, 1, 0, ""},
    {"By", true, 8, 0, "bit"},
    {"Bd", true, 1, 0, "/s"},
});

/// Arbitrary units: each is a dimension of its own.
inline constexpr auto kArbitraryUnits = std::to_array<std::string_view>(
    {"[arb'U]", "[USP'U]",   "[GPL'U]",   "[MPL'U]",  "[APL'U]", "[beth'U]", "[anti'Xa'U]", "[todd'U]",
     "[tb'U]",  "[CCID_50]", "[TCID_50]", "[EID_50]", "[PFU]",   "[FFU]",    "[CFU]",       "[BAU]",
     "[AU]",    "[PNU]",     "[Lf]",      "[FEU]",    "[ELU]",   "[EU]"});

}  // namespace tenfold::modules
