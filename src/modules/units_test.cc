#include "modules/units.h"

#include <cmath>

#include "modules/analytes.h"
#include "modules/call_test.h"
#include "modules/ucum.h"

namespace tenfold::modules {
namespace {

void expect_near(std::optional<double> value, double expected, double relative) {
  ASSERT_TRUE(value) << "no conversion, expected " << expected;
  EXPECT_NEAR(*value, expected, std::abs(expected) * relative);
}

TEST(Convert, DecimalUnitsAreExact) {
  EXPECT_EQ(convert(100, "mg/dL", "g/L"), 1.0);
  EXPECT_EQ(convert(1.1, "mg/dL", "mg/L"), 11.0);
  EXPECT_EQ(convert(4.4, "mmol/L", "mol/m3"), 4.4);
  EXPECT_EQ(convert(12.5, "g/dL", "g/L"), 125.0);
  EXPECT_EQ(convert(1, "ng/mL", "ug/L"), 1.0);
  EXPECT_EQ(convert(250, "10*3/uL", "10*9/L"), 250.0);
  EXPECT_EQ(convert(4.5, "10*6/uL", "10*12/L"), 4.5);
  EXPECT_EQ(convert(45, "%", "L/L"), 0.45);
  EXPECT_EQ(convert(70, "kg", "g"), 70000.0);
  EXPECT_EQ(convert(0.5, "µg", "ng"), 500.0);
  EXPECT_EQ(convert(0.5, "μg", "mcg"), 0.5) << "Greek mu, and the spelling of prescriptions";
}

TEST(Convert, LegalUnitsAreExact) {
  EXPECT_EQ(convert(1, "[lb_av]", "kg"), 0.45359237);
  EXPECT_EQ(convert(10, "[in_i]", "cm"), 25.4);
  EXPECT_EQ(convert(6, "[ft_i]", "m"), 1.8288);
  EXPECT_EQ(convert(1, "[oz_av]", "g"), 28.349523125);
  EXPECT_EQ(convert(90, "mm[Hg]", "mmHg"), 90.0);
  expect_near(convert(1, "kPa", "mm[Hg]"), 7.50064, 1e-5);
  expect_near(convert(1, "U/L", "nkat/L"), 16.6667, 1e-5);
}

TEST(Convert, TemperaturesHaveTheirZero) {
  EXPECT_EQ(convert(98.6, "[degF]", "Cel"), 37.0);
  EXPECT_EQ(convert(37, "Cel", "[degF]"), 98.6);
  EXPECT_EQ(convert(-40, "Cel", "[degF]"), -40.0);
  EXPECT_EQ(convert(0, "Cel", "K"), 273.15);
  EXPECT_EQ(convert(36.6, "Cel", "Cel"), 36.6);
  EXPECT_EQ(convert(1, "Cel/min", "K/min"), std::nullopt);
  EXPECT_EQ(convert(1, "Cel", "kg"), std::nullopt);
}

TEST(Convert, RatesAndDoses) {
  expect_near(convert(90, "mL/min", "L/h"), 5.4, 1e-12);
  expect_near(convert(10, "mg/kg/d", "ug/kg/h"), 416.6667, 1e-6);
  EXPECT_EQ(convert(25, "kg/m2", "g/cm2"), 2.5);
  EXPECT_EQ(convert(2, "wk", "d"), 14.0);
  EXPECT_EQ(convert(7, "/uL", "10*6/L"), 7.0);
  EXPECT_EQ(convert(7, "{cells}/uL", "/uL"), 7.0) << "an annotation counts as 1";
}

TEST(Convert, WhatDiffersInThePatientIsKeptApart) {
  EXPECT_EQ(convert(60, "mL/min/{1.73_m2}", "mL/min"), std::nullopt);
  EXPECT_EQ(convert(60, "mL/min/{1.73_m2}", "mL/min/1.73.m2"), 60.0);
  expect_near(convert(60, "mL/min/{1.73_m2}", "L/h/{1.73_m2}"), 3.6, 1e-12);
  EXPECT_EQ(convert(4, "meq/L", "mmol/L"), std::nullopt);
  EXPECT_EQ(convert(4, "mEq/L", "meq/L"), 4.0);
  EXPECT_EQ(convert(290, "mosm/kg", "mmol/kg"), std::nullopt);
  EXPECT_EQ(convert(48, "mmol/mol", "%"), std::nullopt);
  EXPECT_EQ(convert(1, "[IU]/L", "U/L"), std::nullopt);
  EXPECT_EQ(convert(1, "[IU]/mL", "k[IU]/L"), 1.0);
}

TEST(Convert, DifferentDimensionsAndUnknownUnitsAreNothing) {
  EXPECT_EQ(convert(1, "mg/dL", "umol/L"), std::nullopt);
  EXPECT_EQ(convert(1, "kg", "cm"), std::nullopt);
  for (const char* unit :
       {"",   "parsec", "mgg",    "mg/",    "/",  "mg//L", "mg..L", "mg/dL ",    "MG/DL", "{open", "10*+", "10*99",
        "g0", "g-",     "(mg/dL", "mg)/dL", "()", "min2x", "0/L",   "1234567/L", "m99",   "uL/",   "\xFF"})
    EXPECT_EQ(convert(1, unit, unit), std::nullopt) << unit;
  EXPECT_EQ(convert(1, std::string(1000, 'm'), "m"), std::nullopt);
  EXPECT_EQ(convert(std::nan(""), "g", "g"), std::nullopt);
  EXPECT_EQ(convert(1e308, "kg", "pg"), std::nullopt) << "overflow";
}

class ExactUnits : public CallTest {
 protected:
  std::string exact(const std::string& value, const std::string& from, const std::string& to) {
    return call("convert_exact", {{Type::rational, value}, {Type::string, from}, {Type::string, to}}, Type::rational);
  }
};

// The legal definitions: SI brochure; international yard and pound of 1959; NIST Handbook 44, appendix C.
TEST_F(ExactUnits, DefinitionsToTheLastDigit) {
  EXPECT_EQ(exact("1", "[gal_us]", "L"), "3.785411784");
  EXPECT_EQ(exact("1", "[mi_i]", "m"), "1609.344");
  EXPECT_EQ(exact("1", "[acr_us]", "m2"), "62726400000/15499969");
  EXPECT_EQ(exact("1", "[lbf_av]", "N"), "4.4482216152605");
  EXPECT_EQ(exact("1", "[lb_av]", "[oz_av]"), "16");
  EXPECT_EQ(exact("1", "[stone_av]", "kg"), "6.35029318");
  EXPECT_EQ(exact("1", "[gr]", "mg"), "64.79891");
  EXPECT_EQ(exact("1", "[foz_us]", "mL"), "29.5735295625");
  EXPECT_EQ(exact("1", "cal_th", "J"), "4.184");
  EXPECT_EQ(exact("1", "eV", "J"), "0.0000000000000000001602176634");
  EXPECT_EQ(exact("1", "atm", "kPa"), "101.325");
  EXPECT_EQ(exact("1", "bar", "Pa"), "100000");
  EXPECT_EQ(exact("1", "Ci", "MBq"), "37000");
  EXPECT_EQ(exact("1", "By", "bit"), "8");
  EXPECT_EQ(exact("1", "KiBy", "By"), "1024");
  EXPECT_EQ(exact("1", "a", "d"), "365.25");
  EXPECT_EQ(exact("1", "kW.h", "MJ"), "3.6");
  EXPECT_EQ(exact("1", "N.m/(C.s)", "V/s"), "1");
  EXPECT_EQ(exact("3", "mg/(kg.d)", "ug/kg/h"), "125");
  EXPECT_EQ(exact("1", "(m/s)/(m/s)", "%"), "100");
  EXPECT_EQ(exact("1/3", "circ", "deg"), "120");
}

TEST_F(ExactUnits, TemperaturesAndWhatCannotBeExact) {
  EXPECT_EQ(exact("98.6", "[degF]", "Cel"), "37");
  EXPECT_EQ(exact("0", "K", "[degF]"), "-459.67");
  EXPECT_EQ(exact("100", "Cel", "[degRe]"), "80");
  EXPECT_EQ(exact("491.67", "[degR]", "K"), "273.15");
  EXPECT_EQ(exact("180", "deg", "rad"), "none");
  expect_near(convert(180, "deg", "rad"), 3.141592653589793, 1e-15);
  EXPECT_EQ(exact("1", "[lb_av]9", "g9"), "none");  // more digits than a factor may have
  EXPECT_EQ(exact("1", "[mi_i]", "kg"), "none");
}

TEST_F(ExactUnits, ArbitraryUnitsConvertIntoThemselves) {
  EXPECT_EQ(exact("1", "[CFU]/mL", "10*3.[CFU]/L"), "1");
  for (const char* other : {"[PFU]/mL", "/mL", "[CFU]2/mL", "[USP'U]/mL", "[IU]/mL"})
    EXPECT_EQ(exact("1", "[CFU]/mL", other), "none") << other;
}

TEST(Convert, EveryListedUnitIsDefined) {
  for (const DerivedUnit& unit : kDerivedUnits) EXPECT_EQ(convert(2, unit.code, unit.code), 2.0) << unit.code;
}

TEST(Convert, BracketsAreBounded) {
  EXPECT_EQ(convert(1, "((((m))))", "m"), 1.0);
  EXPECT_EQ(convert(1, "((((((((((m))))))))))", "m"), std::nullopt);
}

TEST(Convert, ThereAndBackIsTheSame) {
  for (const auto& [from, to] : {std::pair{"mg/dL", "g/L"}, {"[lb_av]", "kg"}, {"mL/min", "L/h"}, {"Cel", "[degF]"}})
    for (const double value : {0.0, 0.07, 1.0, 137.3, 1e6}) {
      const auto there = convert(value, from, to);
      ASSERT_TRUE(there);
      const auto back = convert(*there, to, from);
      ASSERT_TRUE(back);
      EXPECT_NEAR(*back, value, 1e-13 * (1 + value)) << from;
    }
}

// Expected figures: the factors that laboratories publish (AMA Manual of Style, 11th edition, SI conversion table).
TEST(ConvertOf, MassToAmountByMolarMass) {
  expect_near(convert_of("creatinine", 1, "mg/dL", "umol/L"), 88.4, 1e-3);
  expect_near(convert_of("glucose", 100, "mg/dL", "mmol/L"), 5.55, 1e-3);
  expect_near(convert_of("urea nitrogen", 1, "mg/dL", "mmol/L"), 0.357, 1e-3);
  expect_near(convert_of("bilirubin", 1, "mg/dL", "umol/L"), 17.104, 1e-3);
  expect_near(convert_of("calcium", 10, "mg/dL", "mmol/L"), 2.495, 1e-3);
  expect_near(convert_of("magnesium", 1, "mg/dL", "mmol/L"), 0.411, 2e-3);
  expect_near(convert_of("cholesterol", 1, "mg/dL", "mmol/L"), 0.0259, 2e-3);
  expect_near(convert_of("triglycerides", 1, "mg/dL", "mmol/L"), 0.0113, 2e-3);
  expect_near(convert_of("uric acid", 1, "mg/dL", "umol/L"), 59.48, 1e-3);
  expect_near(convert_of("digoxin", 1, "ng/mL", "nmol/L"), 1.281, 1e-3);
  expect_near(convert_of("acetaminophen", 1, "ug/mL", "umol/L"), 6.614, 1e-3);
  expect_near(convert_of("theophylline", 1, "ug/mL", "umol/L"), 5.55, 1e-3);
  expect_near(convert_of("phenytoin", 1, "ug/mL", "umol/L"), 3.964, 1e-3);
  expect_near(convert_of("Cobalamin", 1, "pg/mL", "pmol/L"), 0.738, 1e-3);
  expect_near(convert_of("thyroxine", 1, "ug/dL", "nmol/L"), 12.871, 1e-3);
  expect_near(convert_of("creatinine", 88.4, "umol/L", "mg/dL"), 1.0, 1e-3);
}

TEST(ConvertOf, EquivalentsByValence) {
  EXPECT_EQ(convert_of("potassium", 4.2, "meq/L", "mmol/L"), 4.2);
  EXPECT_EQ(convert_of("Sodium", 140, "mmol/L", "mEq/L"), 140.0);
  EXPECT_EQ(convert_of("calcium", 2.5, "mmol/L", "meq/L"), 5.0);
  EXPECT_EQ(convert_of("magnesium", 2, "meq/L", "mmol/L"), 1.0);
  expect_near(convert_of("lithium", 1, "meq/L", "mg/L"), 6.94, 1e-12);
  EXPECT_EQ(convert_of("creatinine", 1, "meq/L", "mmol/L"), std::nullopt) << "has no valence here";
}

TEST(ConvertOf, SameDimensionNeedsNoAnalyte) {
  EXPECT_EQ(convert_of("whatever", 100, "mg/dL", "g/L"), 1.0);
  EXPECT_EQ(convert_of("whatever", 100, "mg/dL", "mmol/L"), std::nullopt);
  EXPECT_EQ(convert_of("creatinine", 1, "mg/dL", "umol"), std::nullopt) << "a concentration is no amount";
  EXPECT_EQ(convert_of("creatinine", 1, "mg2", "mol2"), std::nullopt);
  expect_near(convert_of("creatinine", 3, "mg/mmol", "mg/g"), 26.52, 1e-3);  // albumin per creatinine
}

TEST(ConvertOf, HaemoglobinA1cByTheMasterEquation) {
  expect_near(convert_of("HbA1c", 48, "mmol/mol", "%"), 6.54, 1e-3);
  expect_near(convert_of("hemoglobin a1c", 6.5, "%", "mmol/mol"), 47.5, 1e-3);
  EXPECT_EQ(convert_of("hba1c", 6.5, "%", "%"), 6.5);
  EXPECT_EQ(convert_of("hba1c", 6.5, "%", "mmol/L"), std::nullopt);
}

// Molar masses as printed by the drug labels and by PubChem.
TEST(Analytes, MolarMasses) {
  const auto mass = [](std::string_view name) { return find_analyte(name).value_or(Analyte{}).molar_mass; };
  EXPECT_NEAR(mass("creatinine"), 113.12, 0.01);
  EXPECT_NEAR(mass("glucose"), 180.156, 0.01);
  EXPECT_NEAR(mass("urea nitrogen"), 28.014, 0.001);
  EXPECT_NEAR(mass("urea"), 60.056, 0.01);
  EXPECT_NEAR(mass("bilirubin"), 584.66, 0.02);
  EXPECT_NEAR(mass("digoxin"), 780.94, 0.02);
  EXPECT_NEAR(mass("vancomycin"), 1449.3, 0.1);
  EXPECT_NEAR(mass("tacrolimus"), 804.02, 0.02);
  EXPECT_NEAR(mass("ciclosporin"), 1202.6, 0.1);
  EXPECT_NEAR(mass("methotrexate"), 454.44, 0.02);
  EXPECT_NEAR(mass("sirolimus"), 914.2, 0.1);
  EXPECT_NEAR(mass("cobalamin"), 1355.4, 0.1);
  EXPECT_NEAR(mass("levetiracetam"), 170.21, 0.01);
  EXPECT_NEAR(mass("lamotrigine"), 256.09, 0.02);
  EXPECT_NEAR(mass("amiodarone"), 645.3, 0.1);
}

TEST(Analytes, FormulasThatAreNone) {
  for (const char* text : {"", "c6", "6C", "Xx2", "C99999", "C-1", "C6 H6", "NaClX"})
    EXPECT_EQ(molar_mass(text), std::nullopt) << text;
  EXPECT_EQ(molar_mass(std::string(100, 'C')), std::nullopt);
}

class Units : public CallTest {};

TEST_F(Units, AreCalledFromRules) {
  EXPECT_EQ(call("convert", {{Type::f64, "100"}, {Type::string, "mg/dL"}, {Type::symbol, "g/L"}}, Type::f64), "1");
  EXPECT_EQ(call("convert", {{Type::f64, "100"}, {Type::string, "mg/dL"}, {Type::string, "cm"}}, Type::f64), "none");
  EXPECT_EQ(
      call("convert_of",
           {{Type::string, "calcium"}, {Type::f64, "5"}, {Type::string, "meq/L"}, {Type::string, "mmol/L"}}, Type::f64),
      "2.5");
}

}  // namespace
}  // namespace tenfold::modules
