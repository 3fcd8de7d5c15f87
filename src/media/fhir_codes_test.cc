#include "media/fhir_codes.h"

#include <gtest/gtest.h>

namespace tenfold::media {
namespace {

TEST(FhirCodes, systems_have_short_names) {
  EXPECT_EQ(short_system("http://loinc.org"), "loinc");
  EXPECT_EQ(short_system("http://loinc.org/"), "loinc");
  EXPECT_EQ(short_system("http://hl7.org/fhir/sid/icd-10-cm"), "icd10");
  EXPECT_EQ(short_system("http://www.nlm.nih.gov/research/umls/rxnorm"), "rxnorm");
  EXPECT_EQ(short_system("urn:oid:2.16.840.1.113883.6.96"), "snomed");
  EXPECT_EQ(short_system("http://example.org/own"), "http://example.org/own");
  EXPECT_EQ(short_system(""), "");
}

TEST(FhirCodes, times_a_day) {
  EXPECT_EQ(times_a_day("BID"), 2);
  EXPECT_EQ(times_a_day("b.i.d."), 2);
  EXPECT_EQ(times_a_day("Q6H"), 4);
  EXPECT_EQ(times_a_day("q 8 h"), 3);
  EXPECT_EQ(times_a_day("QOD"), 0.5);
  EXPECT_EQ(times_a_day("twice daily, or when it hurts"), std::nullopt);
  EXPECT_EQ(times_a_day(""), std::nullopt);
}

TEST(FhirCodes, folding_lowers_and_trims) {
  std::string scratch;
  EXPECT_EQ(folded("  Penicillin   G\t\n sodium ", scratch), "penicillin g sodium");
  EXPECT_EQ(folded("ÉPOQUE Ärzte ΟΔΟΣ ДОМ Ёж × ß", scratch), "époque ärzte οδοσ дом ёж × ß");
  EXPECT_EQ(folded("already low", scratch), "already low");
  EXPECT_EQ(folded("", scratch), "");
  EXPECT_EQ(folded(" \n", scratch), "");
  EXPECT_EQ(folded("日本 語", scratch), "日本 語");
}

TEST(FhirCodes, image_names) {
  EXPECT_TRUE(image_name("films/7.DCM"));
  EXPECT_TRUE(image_name("a.jpeg"));
  EXPECT_FALSE(image_name("Image of knee"));
  EXPECT_FALSE(image_name(".png"));
}

TEST(FhirCodes, units_of_time) {
  EXPECT_EQ(days_in("wk"), 7);
  EXPECT_EQ(days_in("h"), 1.0 / 24);
  EXPECT_EQ(days_in("fortnight"), std::nullopt);
}

}  // namespace
}  // namespace tenfold::media
