#include "modules/analytes.h"

#include <algorithm>
#include <array>
#include <string>

namespace tenfold::modules {
namespace {

struct Element {
  std::string_view symbol;
  double weight;
};

// Abridged standard atomic weights. Source: Prohaska et al., "Standard atomic weights of the elements 2021 (IUPAC
// Technical Report)", Pure and Applied Chemistry 94 (2022) 573-600, doi:10.1515/pac-2019-0603.
constexpr std::array kElements = {
    Element{"H", 1.008},   Element{"Li", 6.94},   Element{"C", 12.011},  Element{"N", 14.007},  Element{"O", 15.999},
    Element{"F", 18.998},  Element{"Na", 22.990}, Element{"Mg", 24.305}, Element{"P", 30.974},  Element{"S", 32.06},
    Element{"Cl", 35.45},  Element{"K", 39.098},  Element{"Ca", 40.078}, Element{"Fe", 55.845}, Element{"Co", 58.933},
    Element{"Cu", 63.546}, Element{"Zn", 65.38},  Element{"I", 126.90},
};

struct Named {
  std::string_view name, formula;
  std::uint32_t valence = 0;
};

// The molar mass is computed from the formula, so one table of weights answers for all. Formulas: PubChem, one entry a
// compound. What is reported as an element (urea nitrogen, phosphate as phosphorus) stands as that element.
constexpr std::array kAnalytes = {
    Named{"sodium", "Na", 1},
    Named{"potassium", "K", 1},
    Named{"lithium", "Li", 1},
    Named{"chloride", "Cl", 1},
    Named{"bicarbonate", "CHO3", 1},
    Named{"calcium", "Ca", 2},
    Named{"magnesium", "Mg", 2},
    Named{"phosphate", "P"},
    Named{"phosphorus", "P"},
    Named{"iron", "Fe"},
    Named{"copper", "Cu"},
    Named{"zinc", "Zn"},
    Named{"creatinine", "C4H7N3O"},
    Named{"urea", "CH4N2O"},
    Named{"urea nitrogen", "N2"},
    Named{"bun", "N2"},
    Named{"glucose", "C6H12O6"},
    Named{"lactate", "C3H6O3"},
    Named{"uric acid", "C5H4N4O3"},
    Named{"urate", "C5H4N4O3"},
    Named{"ammonia", "NH3"},
    Named{"bilirubin", "C33H36N4O6"},
    Named{"cholesterol", "C27H46O"},
    Named{"triglycerides", "C57H104O6"},  // a mixture, by convention reported as triolein
    Named{"triglyceride", "C57H104O6"},
    Named{"cortisol", "C21H30O5"},
    Named{"thyroxine", "C15H11I4NO4"},
    Named{"triiodothyronine", "C15H12I3NO4"},
    Named{"testosterone", "C19H28O2"},
    Named{"estradiol", "C18H24O2"},
    Named{"progesterone", "C21H30O2"},
    Named{"folate", "C19H19N7O6"},
    Named{"cobalamin", "C63H88CoN14O14P"},  // as cyanocobalamin
    Named{"vitamin b12", "C63H88CoN14O14P"},
    Named{"25-hydroxyvitamin d", "C27H44O2"},  // as calcifediol
    Named{"homocysteine", "C4H9NO2S"},
    Named{"ethanol", "C2H6O"},
    Named{"digoxin", "C41H64O14"},
    Named{"theophylline", "C7H8N4O2"},
    Named{"caffeine", "C8H10N4O2"},
    Named{"phenytoin", "C15H12N2O2"},
    Named{"phenobarbital", "C12H12N2O3"},
    Named{"carbamazepine", "C15H12N2O"},
    Named{"valproate", "C8H16O2"},
    Named{"valproic acid", "C8H16O2"},
    Named{"lamotrigine", "C9H7Cl2N5"},
    Named{"levetiracetam", "C8H14N2O2"},
    Named{"acetaminophen", "C8H9NO2"},
    Named{"paracetamol", "C8H9NO2"},
    Named{"salicylate", "C7H6O3"},
    Named{"methotrexate", "C20H22N8O5"},
    Named{"ciclosporin", "C62H111N11O12"},
    Named{"cyclosporine", "C62H111N11O12"},
    Named{"tacrolimus", "C44H69NO12"},
    Named{"sirolimus", "C51H79NO13"},
    Named{"vancomycin", "C66H75Cl2N9O24"},
    Named{"amiodarone", "C25H29I2NO3"},
    Named{"clozapine", "C18H19ClN4"},
};

bool capital(char c) { return c >= 'A' && c <= 'Z'; }
bool small(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<double> molar_mass(std::string_view formula) {
  if (formula.empty() || formula.size() > 64) return std::nullopt;
  double mass = 0;
  for (std::size_t at = 0; at < formula.size();) {
    if (!capital(formula[at])) return std::nullopt;
    const std::size_t length = at + 1 < formula.size() && small(formula[at + 1]) ? 2 : 1;
    const auto element = std::ranges::find(kElements, formula.substr(at, length), &Element::symbol);
    if (element == kElements.end()) return std::nullopt;
    at += length;
    std::uint32_t count = 0;
    const std::size_t digits = at;
    for (; at < formula.size() && digit(formula[at]); ++at) {
      count = count * 10 + static_cast<std::uint32_t>(formula[at] - '0');
      if (at - digits >= 4) return std::nullopt;
    }
    mass += element->weight * (at == digits ? 1 : count);
  }
  return mass;
}

std::optional<Analyte> find_analyte(std::string_view name) {
  std::string folded(name.substr(0, 64));
  for (char& c : folded)
    if (capital(c)) c = static_cast<char>(c - 'A' + 'a');
  const auto found = std::ranges::find(kAnalytes, folded, &Named::name);
  if (found == kAnalytes.end() || name.size() > 64) return std::nullopt;
  const auto mass = molar_mass(found->formula);
  if (!mass) return std::nullopt;
  return Analyte{*mass, found->valence};
}

}  // namespace tenfold::modules
