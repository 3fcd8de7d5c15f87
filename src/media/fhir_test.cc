#include "media/fhir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace tenfold::media {
namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(TENFOLD_SOURCE_DIR) + "/src/media/testdata/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

std::vector<std::string> all_relations() {
  std::vector<std::string> names;
  for (const FactSchema& schema : fhir_schema()) names.push_back(schema.relation);
  return names;
}

/// Facts as sorted lines "relation(a, b)".
std::set<std::string> lines(const std::vector<FactTable>& tables, const Symbols& symbols) {
  std::set<std::string> out;
  for (const FactTable& table : tables) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
      std::string line = table.relation + "(";
      for (std::size_t c = 0; c < table.types.size(); ++c) {
        line += (c ? ", " : "") + plain(table.row(i)[c], table.types[c], symbols);
      }
      out.insert(line + ")");
    }
  }
  return out;
}

std::set<std::string> facts(const std::string& json, const std::string& name = "ward/x.json", FhirOptions options = {},
                            const std::vector<std::string>& wanted = all_relations()) {
  FhirReader reader(wanted, std::move(options));
  Symbols symbols;
  std::vector<FactTable> out;
  const Status status = reader.read(json, name, symbols, out);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : render(status.error()));
  return lines(out, symbols);
}

std::set<std::string> about(const std::set<std::string>& all, const std::string& what) {
  std::set<std::string> out;
  std::copy_if(all.begin(), all.end(), std::inserter(out, out.end()),
               [&](const std::string& line) { return line.find(what) != std::string::npos; });
  return out;
}

using Lines = std::set<std::string>;

TEST(Fhir, patients) {
  const Lines all = facts(fixture("clinic.json"));
  EXPECT_EQ(about(all, "(Patient/ada"), (Lines{"patient(Patient/ada, female)", "birth(Patient/ada, 1950-02-03)",
                                               "dead(Patient/ada)", "deceased(Patient/ada, 2021-06-30T08:00:00Z)"}));
  EXPECT_EQ(about(all, "(Patient/bob"),
            (Lines{"patient(Patient/bob, unknown)", "birth(Patient/bob, 1999-01-01)", "dead(Patient/bob)"}));
}

TEST(Fhir, as_of_is_the_newest_event) {
  // Neither the planned visit of 2031 nor the condition entered in error counts.
  EXPECT_EQ(about(facts(fixture("clinic.json")), "as_of"), Lines{"as_of(2021-06-30T08:00:00Z)"});
  FhirOptions options;
  options.as_of = parse_datetime("2025-01-01");
  EXPECT_EQ(about(facts(fixture("clinic.json"), "x", options), "as_of"), Lines{"as_of(2025-01-01)"});
  // It does not depend on what else is wanted.
  EXPECT_EQ(facts(fixture("clinic.json"), "x", {}, {"as_of"}), Lines{"as_of(2021-06-30T08:00:00Z)"});
}

TEST(Fhir, conditions_and_references) {
  const Lines all = facts(fixture("clinic.json"));
  EXPECT_EQ(
      about(all, "(Condition/c1"),
      (Lines{"condition(Condition/c1, Patient/bob, active, confirmed)", "condition_onset(Condition/c1, 2021-04-01)",
             "code(Condition/c1, snomed, 233604007)", "code(Condition/c1, icd10, J18.9)",
             "code_text(Condition/c1, pneumonia)", "in_encounter(Condition/c1, Encounter/e1)"}));
  EXPECT_EQ(about(all, "(Condition/c2"),
            (Lines{"condition(Condition/c2, Patient/bob, , entered-in-error)",
                   "condition_onset(Condition/c2, 2040-01-01)", "code_text(Condition/c2, wrong patient)"}));
  EXPECT_EQ(about(all, "(Encounter/e1"),
            (Lines{"encounter(Encounter/e1, Patient/bob, finished, IMP, 2021-04-01T08:00:00Z)",
                   "encounter_end(Encounter/e1, 2021-04-03T09:30:00Z)"}));
}

TEST(Fhir, observations) {
  const Lines all = facts(fixture("clinic.json"));
  EXPECT_EQ(
      about(all, "(Observation/bp"),
      (Lines{"observation(Observation/bp, Patient/ada, final, 2021-03-02)", "code(Observation/bp, loinc, 85354-9)",
             "code_text(Observation/bp, blood pressure panel)",
             "observation(Observation/bp#0, Patient/ada, final, 2021-03-02)", "code(Observation/bp#0, loinc, 8480-6)",
             "code_text(Observation/bp#0, systolic pressure)", "quantity(Observation/bp#0, 141, mm[Hg])",
             "observation(Observation/bp#1, Patient/ada, final, 2021-03-02)", "code(Observation/bp#1, loinc, 8462-4)",
             "quantity(Observation/bp#1, 87.5, millimetres of mercury)"}));
  // "> 60" is not 60.
  EXPECT_EQ(about(all, "(Observation/lab"),
            (Lines{"observation(Observation/lab, Patient/bob, final, 2021-04-02T07:00:00.5Z)",
                   "code(Observation/lab, loinc, 33914-3)", "code_text(Observation/lab, egfr)",
                   "quantity_bound(Observation/lab, >, 60, mL/min/{1.73_m2})", "interpretation(Observation/lab, N)",
                   "in_encounter(Observation/lab, Encounter/e1)"}));
  EXPECT_TRUE(all.contains("value_code(Observation/smoker, snomed, 8517006)"));
  EXPECT_TRUE(all.contains("value_text(Observation/smoker, ex-smoker)"));
  EXPECT_TRUE(all.contains("observation(Observation/smoker, Patient/bob, amended, 2020-01-01)"));
  EXPECT_TRUE(all.contains("value_bool(Observation/said, false)"));
  EXPECT_TRUE(all.contains("value_text(Observation/words, productive \"cough\")"));
  EXPECT_TRUE(about(all, "unreadable").empty());
}

TEST(Fhir, medication) {
  const Lines all = facts(fixture("drugs.json"));
  EXPECT_EQ(about(all, "(MedicationRequest/r1"),
            (Lines{"medication(MedicationRequest/r1, Patient/p, request, active, order)",
                   "medication_start(MedicationRequest/r1, 2021-01-01)",
                   "medication_end(MedicationRequest/r1, 2021-01-15)", "code(MedicationRequest/r1, rxnorm, 855332)",
                   "code_text(MedicationRequest/r1, warfarin 5 mg)", "daily(MedicationRequest/r1, 1.5)",
                   "dose(MedicationRequest/r1, 5, mg)", "route(MedicationRequest/r1, 26643006)"}));
  EXPECT_EQ(about(all, "(MedicationRequest/r2"),
            (Lines{"medication(MedicationRequest/r2, Patient/p, request, active, order)",
                   "medication_start(MedicationRequest/r2, 2021-02-01)",
                   "medication_end(MedicationRequest/r2, 2021-02-08)", "code(MedicationRequest/r2, atc, J01CA04)",
                   "code(MedicationRequest/r2, atc, J01CR02)", "daily(MedicationRequest/r2, 3)",
                   "route(MedicationRequest/r2, by mouth)", "as_needed(MedicationRequest/r2)"}));
  EXPECT_EQ(about(all, "(MedicationRequest/r3"),
            (Lines{"medication(MedicationRequest/r3, Patient/p, request, active, order)",
                   "code_text(MedicationRequest/r3, aspirin)",
                   "unreadable(MedicationRequest/r3, medicationReference leads to no Medication in the record)"}));
  // A prohibition must not read as a prescription.
  EXPECT_EQ(about(all, "(MedicationRequest/r4"),
            Lines{"unreadable(MedicationRequest/r4, doNotPerform makes it a prohibition, not a prescription)"});
  EXPECT_EQ(about(all, "(MedicationStatement/s1"),
            (Lines{"medication(MedicationStatement/s1, Patient/p, statement, active, )",
                   "medication_start(MedicationStatement/s1, 2020-05-01)",
                   "medication_end(MedicationStatement/s1, 2020-06-01)",
                   "code_text(MedicationStatement/s1, st john's wort)", "daily(MedicationStatement/s1, 2)"}));
}

TEST(Fhir, allergies) {
  EXPECT_EQ(about(facts(fixture("drugs.json")), "(AllergyIntolerance/a1"),
            (Lines{"allergy(AllergyIntolerance/a1, Patient/p, active, , high)",
                   "code_text(AllergyIntolerance/a1, penicillin g)", "code(AllergyIntolerance/a1, unii, Q42T66VG0C)",
                   "reaction(AllergyIntolerance/a1, hives)", "reaction(AllergyIntolerance/a1, shock)"}));
}

TEST(Fhir, films) {
  const Lines all = facts(fixture("films.json"), "ward/day.ndjson#7");
  EXPECT_EQ(
      about(all, "film("),
      (Lines{"film(ImagingStudy/st, Patient/p, ward/pacs/a.dcm)", "film(ImagingStudy/st, Patient/p, images/b.dcm)",
             "film(ImagingStudy/st, Patient/p, /data/c c.png)", "film(DocumentReference/doc, Patient/p, ward/d.jpg)",
             "film(DocumentReference/doc, Patient/p, https://pacs.example/e)"}));
  EXPECT_EQ(about(all, "study"), (Lines{"study(ImagingStudy/st, Patient/p, available, 2021-05-05T10:00:00Z)",
                                        "study_modality(ImagingStudy/st, DX)", "study_body(ImagingStudy/st, chest)"}));
  EXPECT_TRUE(all.contains("document(DocumentReference/doc, Patient/p, current, 2021-05-06)"));
  EXPECT_TRUE(all.contains("code(DocumentReference/doc, loinc, 36643-5)"));
  EXPECT_TRUE(all.contains("image_tag(ward/d.jpg, error, file-not-found)"));
  EXPECT_EQ(about(all, "unreadable").size(), 1u);  // the image inside the record
}

TEST(Fhir, images_can_be_confined_to_a_folder) {
  FhirOptions options;
  options.images_only_under = "ward";
  const Lines all = facts(fixture("films.json"), "ward/x.json", options);
  EXPECT_EQ(about(all, "film("), (Lines{"film(ImagingStudy/st, Patient/p, ward/pacs/a.dcm)",
                                        "film(DocumentReference/doc, Patient/p, ward/d.jpg)"}));
  options.images_only_under.reset();
  options.image_folder = "/films";
  EXPECT_TRUE(
      facts(fixture("films.json"), "x", options).contains("film(DocumentReference/doc, Patient/p, /films/d.jpg)"));
}

TEST(Fhir, only_what_is_wanted) {
  FhirReader reader({"dose", "patient", "no_such_relation"});
  Symbols symbols;
  std::vector<FactTable> out;
  ASSERT_TRUE(reader.read(fixture("drugs.json"), "x", symbols, out).ok());
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].relation, "patient");
  EXPECT_EQ(out[1].relation, "dose");
  EXPECT_EQ(lines(out, symbols), Lines{"dose(MedicationRequest/r1, 5, mg)"});
  EXPECT_EQ(symbols.text(out[1].origins.at(0)), "MedicationRequest/r1");
}

TEST(Fhir, a_reader_forgets_the_record_before) {
  FhirReader reader(all_relations());
  Symbols symbols;
  std::vector<FactTable> out;
  ASSERT_TRUE(reader.read(fixture("clinic.json"), "x", symbols, out).ok());
  symbols.clear();
  ASSERT_TRUE(reader.read(fixture("drugs.json"), "x", symbols, out).ok());
  EXPECT_EQ(lines(out, symbols), facts(fixture("drugs.json"), "x"));
}

TEST(Fhir, resources_may_stand_alone_or_in_a_row) {
  const std::string patient = R"({"resourceType":"Patient","id":"1","gender":"male"})";
  const std::string problem = R"({"resourceType":"Condition","id":"2","subject":{"reference":"Patient/1"}})";
  EXPECT_EQ(facts(patient), Lines{"patient(Patient/1, male)"});
  EXPECT_EQ(facts(patient + "\n" + problem),
            (Lines{"patient(Patient/1, male)", "condition(Condition/2, Patient/1, , )"}));
}

TEST(Fhir, resources_without_an_id_take_that_of_their_url) {
  EXPECT_EQ(
      facts(R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:77","resource":{"resourceType":"Patient"}}]})"),
      Lines{"patient(Patient/77, unknown)"});
  EXPECT_EQ(facts(R"({"resourceType":"Patient"})"), Lines{"patient(Patient/#1, unknown)"});
}

TEST(Fhir, every_table_has_the_columns_of_its_schema) {
  FhirReader reader(all_relations());
  Symbols symbols;
  std::vector<FactTable> out;
  for (const char* name : {"clinic.json", "drugs.json", "films.json"}) {
    ASSERT_TRUE(reader.read(fixture(name), "x", symbols, out).ok());
    ASSERT_EQ(out.size(), fhir_schema().size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      EXPECT_EQ(out[i].relation, fhir_schema()[i].relation);
      EXPECT_EQ(out[i].cells.size(), out[i].rows() * fhir_schema()[i].columns.size()) << out[i].relation;
    }
  }
}

}  // namespace
}  // namespace tenfold::media
