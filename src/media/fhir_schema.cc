// What the adapter promises: one line a relation. The order is that of Rel in fhir_facts.h.
#include "media/fhir.h"
#include "media/fhir_facts.h"

namespace tenfold::media {
namespace {

using Column = FactSchema::Column;

Column text(const char* name) { return {name, Type::string}; }
Column time(const char* name) { return {name, Type::datetime}; }
Column number(const char* name) { return {name, Type::f64}; }

std::vector<FactSchema> make_schema() {
  const Column r = text("r"), p = text("p"), t = time("t");
  const Column system = text("system"), code = text("code"), status = text("status");
  return {
      {"as_of", {t}, "The moment for which the record is judged: --as-of, else its newest event."},
      {"patient", {p, text("gender")}, "A patient; gender is male, female, other or unknown (unknown if absent)."},
      {"birth", {p, t}, "Date of birth."},
      {"deceased", {p, t}, "Time of death."},
      {"dead", {p}, "The patient has died."},
      {"code",
       {r, system, code},
       "A coding of what the resource is about; system rxnorm, snomed, loinc, icd10, icd9, atc, ndc, cvx, unii, ucum, "
       "else the URL as given."},
      {"code_text", {r, text("text")}, "What the resource is about, in words, lower case."},
      {"condition",
       {r, p, text("clinical"), text("verification")},
       "A problem; clinical active recurrence relapse inactive remission resolved; verification confirmed provisional "
       "differential unconfirmed refuted entered-in-error; \"\" if absent."},
      {"condition_onset", {r, t}, "When it began, or else was recorded."},
      {"condition_abated", {r, t}, "When it ended."},
      {"observation", {r, p, status, t}, "A measurement or finding; component i is an observation r#i of its own."},
      {"quantity", {r, number("value"), text("unit")}, "Its value as a number; unit in UCUM where the record says so."},
      {"quantity_bound",
       {r, text("comparator"), number("value"), text("unit")},
       "A value known only as < <= >= or > a number; such an observation has no quantity."},
      {"value_code", {r, system, code}, "Its value as a code."},
      {"value_text", {r, text("text")}, "Its value in words, lower case."},
      {"value_bool", {r, {"b", Type::boolean}}, "Its value as yes or no."},
      {"interpretation", {r, code}, "H L HH LL A N POS NEG …"},
      {"medication",
       {r, p, text("kind"), status, text("intent")},
       "A prescription (kind request) or what the patient is said to take (kind statement, intent \"\")."},
      {"medication_start", {r, t}, "When it was written or its taking began."},
      {"medication_end",
       {r, t},
       "When its taking ends: stated period, else dosage bounds, else validity of the request."},
      {"dose", {r, number("value"), text("unit")}, "One dose, for each dosage instruction."},
      {"daily", {r, number("times")}, "Doses a day, for each dosage instruction."},
      {"route", {r, code}, "Route as a SNOMED code, else in words, lower case."},
      {"as_needed", {r}, "To be taken only when needed."},
      {"allergy",
       {r, p, text("clinical"), text("verification"), text("criticality")},
       "An allergy or intolerance; to what, say code and code_text; \"\" if absent."},
      {"reaction", {r, text("text")}, "A manifestation, in words, lower case."},
      {"encounter", {r, p, status, text("class"), t}, "A visit or stay and its beginning; class AMB IMP EMER …"},
      {"encounter_end", {r, t}, "Its end."},
      {"in_encounter", {r, text("e")}, "The resource belongs to the encounter e, \"Encounter/ID\"."},
      {"study", {r, p, status, t}, "An imaging study and when it began."},
      {"study_modality", {r, code}, "DX CR CT MR US …"},
      {"study_body", {r, code}, "Body site as a SNOMED code, else in words, lower case."},
      {"film",
       {r, p, text("image")},
       "An image of the patient: path of the file, relative paths from the record's folder."},
      {"document", {r, p, status, t}, "A document reference and its date."},
      {"image_tag",
       {text("image"), text("tag"), text("value")},
       "What the header of a film's file says: format modality body_part view patient_id patient_birth patient_age "
       "study_date frames; or tag error with the code of the error."},
      {"unreadable",
       {r, text("what")},
       "Something in the resource could not be read: all of it (then r has no other facts) or the element named."},
  };
}

}  // namespace

const std::vector<FactSchema>& fhir_schema() {
  static const std::vector<FactSchema> schema = make_schema();
  return schema;
}

}  // namespace tenfold::media
