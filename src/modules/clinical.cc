// Formulas of the bedside: $egfr_ckd_epi_2021 and others. Units are in the order of the arguments that docs/modules.md
// gives; outside of the range for which a formula was made, or that a measurement can have, there is no value.
#include <algorithm>
#include <cmath>

#include "base/value_text.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

struct Range {
  double least, most;
  bool holds(double x) const { return x >= least && x <= most; }
};
constexpr Range kAdult = {18, 120};       // years
constexpr Range kCreatinine = {0.1, 40};  // mg/dL
constexpr Range kWeight = {0.2, 650};     // kg
constexpr Range kHeight = {20, 275};      // cm
constexpr Range kSodium = {80, 220};      // mmol/L
constexpr double kCmPerInch = 2.54;

double real(const Call& call, std::size_t i) { return as_double(call.args[i]); }
Maybe given(double value) { return fit(value, Type::f64); }

/// As FHIR codes it; nothing for other and unknown, for which no formula was made.
std::optional<bool> female(const Call& call, std::size_t i) {
  const std::string_view sex = text(call, i);
  if (sex == "female") return true;
  return sex == "male" ? std::optional(false) : std::nullopt;
}

/// (creatinine mg/dL, age years, sex) in mL/min/1.73 m2. Source: Inker et al., New England Journal of Medicine 385
/// (2021) 1737-1749.
Maybe egfr_ckd_epi_2021(const Call& call) {
  const double creatinine = real(call, 0), age = real(call, 1);
  const auto woman = female(call, 2);
  if (!woman || !kCreatinine.holds(creatinine) || !kAdult.holds(age)) return std::nullopt;
  const double ratio = creatinine / (*woman ? 0.7 : 0.9);
  return given(142 * std::pow(std::min(ratio, 1.0), *woman ? -0.241 : -0.302) * std::pow(std::max(ratio, 1.0), -1.2) *
               std::pow(0.9938, age) * (*woman ? 1.012 : 1));
}

/// (creatinine mg/dL, age years, weight kg, sex) in mL/min. Source: Cockcroft, Gault, Nephron 16 (1976) 31-41; their
/// patients were 18 to 92.
Maybe cockcroft_gault(const Call& call) {
  const double creatinine = real(call, 0), age = real(call, 1), weight = real(call, 2);
  const auto woman = female(call, 3);
  if (!woman || !kCreatinine.holds(creatinine) || !kAdult.holds(age) || !kWeight.holds(weight)) return std::nullopt;
  return given((140 - age) * weight / (72 * creatinine) * (*woman ? 0.85 : 1));
}

bool body(double weight, double height) { return kWeight.holds(weight) && kHeight.holds(height); }

/// (weight kg, height cm) in kg/m2. Source: Keys et al., Journal of Chronic Diseases 25 (1972) 329-343.
Maybe bmi(const Call& call) {
  const double weight = real(call, 0), height = real(call, 1);
  return body(weight, height) ? given(weight * 10'000 / (height * height)) : std::nullopt;
}

/// (weight kg, height cm) in m2. Source: Mosteller, New England Journal of Medicine 317 (1987) 1098.
Maybe bsa_mosteller(const Call& call) {
  const double weight = real(call, 0), height = real(call, 1);
  return body(weight, height) ? given(std::sqrt(weight * height / 3600)) : std::nullopt;
}

/// (weight kg, height cm) in m2. Source: Du Bois, Du Bois, Archives of Internal Medicine 17 (1916) 863-871.
Maybe bsa_du_bois(const Call& call) {
  const double weight = real(call, 0), height = real(call, 1);
  if (!body(weight, height)) return std::nullopt;
  return given(0.007184 * std::pow(weight, 0.425) * std::pow(height, 0.725));
}

/// From 5 feet up, where it was made. Source: Devine, Drug Intelligence and Clinical Pharmacy 8 (1974) 650-655.
std::optional<double> devine(const Call& call, std::size_t height, std::size_t sex) {
  const double inches = real(call, height) / kCmPerInch;
  const auto woman = female(call, sex);
  if (!woman || !kHeight.holds(real(call, height)) || inches < 60) return std::nullopt;
  return (*woman ? 45.5 : 50) + 2.3 * (inches - 60);
}

/// (height cm, sex) in kg.
Maybe ideal_body_weight(const Call& call) {
  const auto ideal = devine(call, 0, 1);
  return ideal ? given(*ideal) : std::nullopt;
}

/// (weight kg, height cm, sex) in kg: the ideal weight and 0.4 of what is above it; nothing below it.
Maybe adjusted_body_weight(const Call& call) {
  const auto ideal = devine(call, 1, 2);
  const double weight = real(call, 0);
  if (!ideal || !kWeight.holds(weight) || weight < *ideal) return std::nullopt;
  return given(*ideal + 0.4 * (weight - *ideal));
}

/// (calcium mg/dL, albumin g/dL) in mg/dL, for albumin up to 4. Source: Payne et al., British Medical Journal 4 (1973)
/// 643-646.
Maybe corrected_calcium(const Call& call) {
  const double calcium = real(call, 0), albumin = real(call, 1);
  if (!Range{1, 30}.holds(calcium) || !Range{0.5, 4}.holds(albumin)) return std::nullopt;
  return given(calcium + 0.8 * (4 - albumin));
}

/// (sodium, chloride, bicarbonate, all mmol/L) in mmol/L, without potassium. Source: Emmett, Narins, Medicine 56 (1977)
/// 38-54.
Maybe anion_gap(const Call& call) {
  const double sodium = real(call, 0), chloride = real(call, 1), bicarbonate = real(call, 2);
  if (!kSodium.holds(sodium) || !Range{40, 200}.holds(chloride) || !Range{1, 80}.holds(bicarbonate))
    return std::nullopt;
  return given(sodium - chloride - bicarbonate);
}

/// (creatinine mg/dL, bilirubin mg/dL, INR, sodium mmol/L, dialysis twice in the last week) in points, 6 to 40. Source:
/// OPTN policy 9.1 as in force from January 2016 to July 2023; for ages from 12 on.
Maybe meld_na(const Call& call) {
  const double creatinine = real(call, 0), bilirubin = real(call, 1), inr = real(call, 2), sodium = real(call, 3);
  if (!kCreatinine.holds(creatinine) || !Range{0.05, 100}.holds(bilirubin) || !Range{0.5, 30}.holds(inr) ||
      !kSodium.holds(sodium))
    return std::nullopt;
  const double kidney = call.args[4] ? 4.0 : std::clamp(creatinine, 1.0, 4.0);
  double score = std::round(10 * (0.957 * std::log(kidney) + 0.378 * std::log(std::max(bilirubin, 1.0)) +
                                  1.12 * std::log(std::max(inr, 1.0)) + 0.643));
  const double low = 137 - std::clamp(sodium, 125.0, 137.0);
  if (score > 11) score = std::round(score + 1.32 * low - 0.033 * score * low);
  return cell(static_cast<std::int64_t>(std::clamp(score, 6.0, 40.0)));
}

/// (age years, sex, heart failure, hypertension, diabetes, stroke, vascular disease) in points, 0 to 9. Source: Lip et
/// al., Chest 137 (2010) 263-272.
Maybe cha2ds2_vasc(const Call& call) {
  const double age = real(call, 0);
  const auto woman = female(call, 1);
  if (!woman || !kAdult.holds(age)) return std::nullopt;
  const auto has = [&](std::size_t i) { return static_cast<std::int64_t>(call.args[i]); };
  return cell((age >= 75   ? 2
               : age >= 65 ? 1
                           : 0) +
              std::int64_t{*woman} + has(2) + has(3) + has(4) + 2 * has(5) + has(6));
}

/// (age years, AST U/L, ALT U/L, platelets 10*9/L). Source: Sterling et al., Hepatology 43 (2006) 1317-1325.
Maybe fib4(const Call& call) {
  const double age = real(call, 0), ast = real(call, 1), alt = real(call, 2), platelets = real(call, 3);
  const Range enzyme = {1, 50'000};
  if (!kAdult.holds(age) || !enzyme.holds(ast) || !enzyme.holds(alt) || !Range{1, 5000}.holds(platelets))
    return std::nullopt;
  return given(age * ast / (platelets * std::sqrt(alt)));
}

/// (total cholesterol, HDL, triglycerides, all mg/dL) in mg/dL, for triglycerides below 400. Source: Friedewald, Levy,
/// Fredrickson, Clinical Chemistry 18 (1972) 499-502.
Maybe ldl_friedewald(const Call& call) {
  const double total = real(call, 0), hdl = real(call, 1), triglycerides = real(call, 2);
  if (!Range{20, 2000}.holds(total) || !Range{1, total}.holds(hdl) || !Range{5, 400}.holds(triglycerides) ||
      triglycerides == 400)
    return std::nullopt;
  const double ldl = total - hdl - triglycerides / 5;
  return ldl < 0 ? std::nullopt : given(ldl);
}

/// (area under the curve mg/mL·min, GFR mL/min) in mg. Source: Calvert et al., Journal of Clinical Oncology 7 (1989)
/// 1748-1756.
Maybe carboplatin_dose(const Call& call) {
  const double area = real(call, 0), gfr = real(call, 1);
  return Range{1, 12}.holds(area) && Range{5, 250}.holds(gfr) ? given(area * (gfr + 25)) : std::nullopt;
}

/// (dose mg/kg, weight kg, most mg) in mg.
Maybe weight_dose(const Call& call) {
  const double dose = real(call, 0), weight = real(call, 1), most = real(call, 2);
  return dose > 0 && most > 0 && kWeight.holds(weight) ? given(std::min(dose * weight, most)) : std::nullopt;
}

/// (dose mg, interval h) in mg a day.
Maybe daily_dose(const Call& call) {
  const double dose = real(call, 0), interval = real(call, 1);
  return dose > 0 && Range{0.25, 24 * 90}.holds(interval) ? given(dose * 24 / interval) : std::nullopt;
}

/// (dose ug/kg/min, weight kg, concentration mg/mL) in mL/h.
Maybe infusion_rate(const Call& call) {
  const double dose = real(call, 0), weight = real(call, 1), concentration = real(call, 2);
  if (!(dose > 0) || !(concentration > 0) || !kWeight.holds(weight)) return std::nullopt;
  return given(dose * weight * 60 / 1000 / concentration);
}

}  // namespace

void add_clinical(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("egfr_ckd_epi_2021", {f64, f64, text}, f64, egfr_ckd_epi_2021,
      "(creatinine mg/dL, age years, sex) in mL/min/1.73 m2; adults");
  add("creatinine_clearance", {f64, f64, f64, text}, f64, cockcroft_gault,
      "(creatinine mg/dL, age years, weight kg, sex) in mL/min, by Cockcroft and Gault; adults");
  add("bmi", {f64, f64}, f64, bmi, "(weight kg, height cm) in kg/m2");
  add("bsa_mosteller", {f64, f64}, f64, bsa_mosteller, "(weight kg, height cm) in m2");
  add("bsa_du_bois", {f64, f64}, f64, bsa_du_bois, "(weight kg, height cm) in m2");
  add("ideal_body_weight", {f64, text}, f64, ideal_body_weight, "(height cm, sex) in kg, by Devine, from 152.4 cm");
  add("adjusted_body_weight", {f64, f64, text}, f64, adjusted_body_weight,
      "(weight kg, height cm, sex) in kg; from the ideal weight up");
  add("corrected_calcium", {f64, f64}, f64, corrected_calcium,
      "(calcium mg/dL, albumin g/dL) in mg/dL; albumin up to 4");
  add("anion_gap", {f64, f64, f64}, f64, anion_gap, "(sodium, chloride, bicarbonate) all in mmol/L");
  add("meld_na", {f64, f64, f64, f64, boolean}, i32, meld_na,
      "(creatinine mg/dL, bilirubin mg/dL, INR, sodium mmol/L, dialysis) in points");
  add("cha2ds2_vasc", {f64, text, boolean, boolean, boolean, boolean, boolean}, i32, cha2ds2_vasc,
      "(age, sex, heart failure, hypertension, diabetes, stroke, vascular disease) in points");
  add("fib4", {f64, f64, f64, f64}, f64, fib4, "(age years, AST U/L, ALT U/L, platelets 10*9/L); adults");
  add("ldl_friedewald", {f64, f64, f64}, f64, ldl_friedewald,
      "(total cholesterol, HDL, triglycerides) in mg/dL; triglycerides below 400");
  add("carboplatin_dose", {f64, f64}, f64, carboplatin_dose, "(area mg/mL min, GFR mL/min) in mg, by Calvert");
  add("weight_dose", {f64, f64, f64}, f64, weight_dose, "(dose mg/kg, weight kg, most mg) in mg");
  add("daily_dose", {f64, f64}, f64, daily_dose, "(dose mg, interval h) in mg a day");
  add("infusion_rate", {f64, f64, f64}, f64, infusion_rate, "(dose ug/kg/min, weight kg, mg/mL) in mL/h");
}

}  // namespace tenfold::modules
