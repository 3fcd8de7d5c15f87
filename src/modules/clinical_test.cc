#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

using enum Type;

class ClinicalTest : public CallTest {
 protected:
  using Args = std::vector<std::string>;

  /// Arguments as they come in the signature.
  std::string of(std::string_view name, const Args& args, Type result = f64) {
    const Function& f = functions()[*find_function(name)];
    std::vector<Value> values;
    for (std::size_t i = 0; i < args.size(); ++i)
      values.emplace_back(f.args[i] == Family::text ? string : f.args[i] == Family::boolean ? boolean : f64, args[i]);
    return call(name, values, result);
  }
  void near(std::string_view name, const Args& args, double expected) {
    const std::string text = of(name, args);
    ASSERT_NE(text, "none") << name;
    EXPECT_NEAR(std::stod(text), expected, 1e-9 * expected) << name;
  }
};

// Worked in Python from the published formulas; the first is the example of creatinineclearancecalculator.net, "about
// 76".
TEST_F(ClinicalTest, WorkedExamples) {
  near("egfr_ckd_epi_2021", {"0.9", "55", "female"}, 75.49880473189417);
  near("egfr_ckd_epi_2021", {"0.8", "40", "male"}, 114.7350482312626);
  near("egfr_ckd_epi_2021", {"1.4", "70", "male"}, 54.06985209162658);
  near("creatinine_clearance", {"1.4", "70", "80", "male"}, 55.55555555555556);
  near("creatinine_clearance", {"0.9", "45", "60", "female"}, 74.76851851851852);
  near("bmi", {"70", "175"}, 22.857142857142858);
  near("bsa_mosteller", {"70", "175"}, 1.8446619684315546);
  near("bsa_du_bois", {"70", "175"}, 1.8481430181213463);
  near("ideal_body_weight", {"180", "male"}, 74.99212598425197);
  near("ideal_body_weight", {"160", "female"}, 52.38188976377953);
  near("adjusted_body_weight", {"120", "180", "male"}, 92.99527559055118);
  near("corrected_calcium", {"9", "2"}, 10.6);
  near("anion_gap", {"140", "100", "24"}, 16);
  near("fib4", {"60", "80", "40", "150"}, 5.059644256269407);
  near("ldl_friedewald", {"200", "50", "150"}, 120);
  near("carboplatin_dose", {"5", "90"}, 575);
  near("weight_dose", {"15", "80", "1000"}, 1000);
  near("weight_dose", {"15", "40", "1000"}, 600);
  near("daily_dose", {"500", "8"}, 1500);
  near("infusion_rate", {"5", "70", "1.6"}, 13.125);
}

TEST_F(ClinicalTest, MeldIsRoundedTwiceAndBounded) {
  EXPECT_EQ(of("meld_na", {"1.2", "2", "1.5", "135", "false"}, i32), "17");  // calculatorhub.com's worked example
  EXPECT_EQ(of("meld_na", {"1", "1.5", "1.5", "135", "false"}, i32), "15");
  EXPECT_EQ(of("meld_na", {"3", "10", "2.5", "120", "false"}, i32), "38");
  EXPECT_EQ(of("meld_na", {"0.5", "0.5", "0.9", "140", "false"}, i32), "6");
  EXPECT_EQ(of("meld_na", {"0.5", "0.5", "0.9", "140", "true"}, i32), "20");
  EXPECT_EQ(of("meld_na", {"9", "90", "9", "125", "false"}, i32), "40");
}

TEST_F(ClinicalTest, StrokePoints) {
  EXPECT_EQ(of("cha2ds2_vasc", {"80", "female", "true", "true", "true", "true", "true"}, i32), "9");
  EXPECT_EQ(of("cha2ds2_vasc", {"64.9", "male", "false", "false", "false", "false", "false"}, i32), "0");
  EXPECT_EQ(of("cha2ds2_vasc", {"65", "male", "false", "false", "false", "true", "false"}, i32), "3");
  EXPECT_EQ(of("cha2ds2_vasc", {"75", "male", "false", "true", "false", "false", "false"}, i32), "3");
}

// Where a formula was not made for, or a number that no laboratory gives: a unit was confused.
TEST_F(ClinicalTest, OutsideTheirRangeFormulasHaveNoValue) {
  for (const auto& [name, args] :
       std::vector<std::pair<std::string, Args>>{{"egfr_ckd_epi_2021", {"0.9", "17", "female"}},
                                                 {"egfr_ckd_epi_2021", {"80", "40", "female"}},  // umol/L
                                                 {"egfr_ckd_epi_2021", {"0.9", "40", "other"}},
                                                 {"egfr_ckd_epi_2021", {"0", "40", "male"}},
                                                 {"egfr_ckd_epi_2021", {"inf", "40", "male"}},
                                                 {"creatinine_clearance", {"0.9", "40", "0", "male"}},
                                                 {"bmi", {"70", "1.75"}},  // metres
                                                 {"ideal_body_weight", {"150", "male"}},
                                                 {"adjusted_body_weight", {"60", "180", "male"}},
                                                 {"corrected_calcium", {"9", "4.5"}},
                                                 {"corrected_calcium", {"9", "40"}},  // g/L
                                                 {"anion_gap", {"14", "100", "24"}},
                                                 {"ldl_friedewald", {"200", "50", "400"}},
                                                 {"ldl_friedewald", {"60", "50", "150"}},
                                                 {"carboplatin_dose", {"50", "90"}},
                                                 {"weight_dose", {"-1", "80", "1000"}},
                                                 {"daily_dose", {"500", "0"}},
                                                 {"infusion_rate", {"5", "70", "0"}}})
    EXPECT_EQ(of(name, args), "none") << name << " " << args[0];
}

}  // namespace
}  // namespace tenfold::modules
