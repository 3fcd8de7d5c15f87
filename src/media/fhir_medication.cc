// MedicationRequest, MedicationStatement, and the Medication and Dosage in them.
#include "media/fhir_codes.h"
#include "media/fhir_resources.h"

namespace tenfold::media {

void ResourceReader::medication_request(JsonValue resource) {
  const auto [status_value, intent, prohibition, concept_value, reference, patient, visit, authored, dosage_value,
              dispense, contained] =
      elements_.fields(resource, "MedicationRequest",
                       {"status", "intent", "doNotPerform", "medicationCodeableConcept", "medicationReference",
                        "subject", "encounter", "authoredOn", "dosageInstruction", "dispenseRequest", "contained"});
  if (elements_.boolean(prohibition, "doNotPerform").value_or(false)) {
    return elements_.fail("doNotPerform", "makes it a prohibition, not a prescription");
  }
  const std::string_view status = elements_.string(status_value, "status");
  counts_ = status != "entered-in-error";
  const auto start = elements_.time(authored, "authoredOn");
  event(start);
  const Cell p = subject(patient, "subject");
  if (elements_.failed()) return;
  add(Rel::medication, {r_, p, text("request"), text(status), text(elements_.string(intent, "intent"))});
  const auto begin = first_dose(dosage_value);
  if (begin || start) add(Rel::medication_start, {r_, cell(begin ? *begin : *start)});
  const auto [validity] = elements_.fields(dispense, "dispenseRequest", {"validityPeriod"});
  const auto [valid_end] = elements_.fields(validity, "validityPeriod", {"end"});
  medication_code(concept_value, reference, contained);
  regimen({dosage_value, start, std::nullopt, elements_.time(valid_end, "dispenseRequest.validityPeriod.end")});
  in_encounter(visit);
}

void ResourceReader::medication_statement(JsonValue resource) {
  const auto [status_value, concept_value, reference, patient, visit, time, period, asserted, dosage_value, contained] =
      elements_.fields(resource, "MedicationStatement",
                       {"status", "medicationCodeableConcept", "medicationReference", "subject", "context",
                        "effectiveDateTime", "effectivePeriod", "dateAsserted", "dosage", "contained"});
  const std::string_view status = elements_.string(status_value, "status");
  counts_ = status != "entered-in-error";
  const auto [start_value, end_value] = elements_.fields(period, "effectivePeriod", {"start", "end"});
  const auto start = elements_.time(time.present() ? time : start_value, "effective");
  event(start);
  event(elements_.time(asserted, "dateAsserted"));
  const Cell p = subject(patient, "subject");
  if (elements_.failed()) return;
  add(Rel::medication, {r_, p, text("statement"), text(status), text("")});
  if (start) add(Rel::medication_start, {r_, cell(*start)});
  medication_code(concept_value, reference, contained);
  regimen({dosage_value, start, elements_.time(end_value, "effectivePeriod.end"), std::nullopt});
  in_encounter(visit);
}

/// The codes of the drug, wherever they stand: in place, contained, or in another entry.
void ResourceReader::medication_code(JsonValue concept_value, JsonValue reference, JsonValue contained) {
  if (!sink_.wants_any({Rel::code, Rel::code_text})) return;
  if (concept_value.present()) codes(r_, concept_value);
  if (!reference.present()) {
    if (!concept_value.present()) elements_.note("medication", "is missing");
    return;
  }
  const auto [reference_value, display_value] =
      elements_.fields(reference, "medicationReference", {"reference", "display"});
  const std::string_view name = elements_.string(reference_value, "medicationReference");
  const std::string_view display = elements_.string(display_value, "medicationReference.display");
  JsonValue resource;
  if (name.starts_with('#')) {
    resource = contained_resource(contained, name);
  } else {
    const Entry* entry = record_->find(name);
    if (!entry) entry = record_->find(relative_reference(name));
    if (entry && entry->kind == Kind::medication) resource = entry->resource;
  }
  if (resource.present()) return medication_resource(resource);
  if (!display.empty()) add(Rel::code_text, {r_, lower(display)});
  elements_.note("medicationReference", "leads to no Medication in the record");
}

/// Medication.code, or else the ingredients: a mixture is all of them.
void ResourceReader::medication_resource(JsonValue resource) {
  const auto [code, ingredients] = elements_.fields(resource, "Medication", {"code", "ingredient"});
  if (code.present()) return codes(r_, code);
  elements_.each(ingredients, "Medication.ingredient", [&](JsonValue ingredient) {
    const auto [item] = elements_.fields(ingredient, "Medication.ingredient", {"itemCodeableConcept"});
    codes(r_, item);
  });
}

void ResourceReader::regimen(const Regimen& regimen) {
  if (!sink_.wants_any({Rel::dose, Rel::daily, Rel::route, Rel::as_needed, Rel::medication_end})) return;
  std::optional<Micros> bound;
  bool open_ended = false;
  elements_.each(regimen.dosage, "dosage", [&](JsonValue instruction) {
    const auto end = dosage(instruction, regimen.start);
    if (!end)
      open_ended = true;
    else if (!bound || *end > *bound)
      bound = end;
  });
  // Instructions follow one another; when one has no end, the others' do not end the whole.
  if (open_ended) bound.reset();
  const auto end = regimen.end ? regimen.end : bound ? bound : regimen.valid_until;
  if (end) add(Rel::medication_end, {r_, cell(*end)});
}

/// One Dosage; returns when it ends, if it says so.
std::optional<Micros> ResourceReader::dosage(JsonValue value, std::optional<Micros> start) {
  const auto [timing_value, needed, needed_for, route, rates] = elements_.fields(
      value, "dosage", {"timing", "asNeededBoolean", "asNeededCodeableConcept", "route", "doseAndRate"});
  if (elements_.boolean(needed, "asNeededBoolean").value_or(false) || needed_for.present()) add(Rel::as_needed, {r_});
  std::string_view route_code;
  const std::string_view said = elements_.concept_codings(route, "dosage.route", [&](const Coding& coding) {
    if (route_code.empty() && short_system(coding.system) == "snomed") route_code = coding.code;
  });
  if (!route_code.empty())
    add(Rel::route, {r_, text(route_code)});
  else if (!said.empty())
    add(Rel::route, {r_, lower(said)});
  bool first = true;
  elements_.each(rates, "doseAndRate", [&](JsonValue rate) {
    if (!first) return;
    first = false;
    const auto [quantity_value] = elements_.fields(rate, "doseAndRate", {"doseQuantity"});
    const auto [number_value, unit_value, system_value, code_value] =
        elements_.fields(quantity_value, "doseQuantity", {"value", "unit", "system", "code"});
    const auto number = elements_.number(number_value, "doseQuantity.value");
    if (number) add(Rel::dose, {r_, cell(*number), unit_of(unit_value, system_value, code_value)});
  });
  return timing(timing_value, start);
}

/// When the first dose is due, if the dosage says so: an order may be written before it begins.
std::optional<Micros> ResourceReader::first_dose(JsonValue dosage) {
  std::optional<Micros> first;
  bool all = true;
  elements_.each(dosage, "dosage", [&](JsonValue instruction) {
    const auto [timing_value] = elements_.fields(instruction, "dosage", {"timing"});
    const auto [repeat] = elements_.fields(timing_value, "timing", {"repeat"});
    const auto [period] = elements_.fields(repeat, "timing.repeat", {"boundsPeriod"});
    const auto [start_value] = elements_.fields(period, "boundsPeriod", {"start"});
    const auto start = elements_.time(start_value, "boundsPeriod.start");
    all = all && start.has_value();
    if (start && (!first || *start < *first)) first = start;
  });
  return all ? first : std::nullopt;
}

std::optional<Micros> ResourceReader::timing(JsonValue value, std::optional<Micros> start) {
  const auto [repeat, code] = elements_.fields(value, "timing", {"repeat", "code"});
  std::optional<double> times = frequency(repeat);
  const std::string_view said = elements_.concept_codings(code, "timing.code", [&](const Coding& coding) {
    if (!times) times = times_a_day(coding.code);
  });
  if (!times && !said.empty()) times = times_a_day(said);
  if (times) add(Rel::daily, {r_, cell(*times)});
  const auto [period, duration] = elements_.fields(repeat, "timing.repeat", {"boundsPeriod", "boundsDuration"});
  const auto [end_value] = elements_.fields(period, "boundsPeriod", {"end"});
  if (const auto end = elements_.time(end_value, "boundsPeriod.end")) return end;
  const auto [length_value, unit_value, code_value] =
      elements_.fields(duration, "boundsDuration", {"value", "unit", "code"});
  const auto length = elements_.number(length_value, "boundsDuration.value");
  auto days = days_in(elements_.string(code_value, "boundsDuration.code"));
  if (!days) days = days_in(elements_.string(unit_value, "boundsDuration.unit"));
  constexpr double kLongest = 200 * 365.25;  // no regimen outlives its patient; keeps the sum in range
  if (!start || !length || !days || *length < 0 || *length * *days > kLongest) return std::nullopt;
  return *start + static_cast<Micros>(*length * *days * static_cast<double>(kMicrosPerDay));
}

/// Doses a day by Timing.repeat: frequency (or as many as `when` or `timeOfDay` lists) every `period`, on the stated
/// days of the week only.
std::optional<double> ResourceReader::frequency(JsonValue repeat) {
  const auto [frequency_value, period_value, unit_value, when, time_of_day, day_of_week] = elements_.fields(
      repeat, "timing.repeat", {"frequency", "period", "periodUnit", "when", "timeOfDay", "dayOfWeek"});
  const auto count = [&](JsonValue list, std::string_view where) {
    double n = 0;
    elements_.each(list, where, [&](JsonValue) { ++n; });
    return n;
  };
  const auto frequency = elements_.number(frequency_value, "timing.repeat.frequency");
  const auto period = elements_.number(period_value, "timing.repeat.period");
  const auto days = days_in(elements_.string(unit_value, "timing.repeat.periodUnit"));
  const double listed = count(when, "timing.repeat.when") + count(time_of_day, "timing.repeat.timeOfDay");
  const double on_days = count(day_of_week, "timing.repeat.dayOfWeek");
  double times = frequency.value_or(listed > 0 ? listed : 1);
  if (period && days && *period > 0) {
    times /= *period * *days;
  } else if (listed == 0 && on_days == 0) {
    return std::nullopt;
  }
  // "Once a day on Mon, Wed, Fri" is 3 in 7; "three a week on Mon, Wed, Fri" says the days for the second time.
  const bool longer_than_a_day = period && days && *period * *days > 1;
  if (on_days > 0 && !longer_than_a_day) times *= on_days / 7;
  return times > 0 && times < 1e6 ? std::optional<double>(times) : std::nullopt;
}

}  // namespace tenfold::media
