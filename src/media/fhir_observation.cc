// Observation and its components.
#include "media/fhir_resources.h"

namespace tenfold::media {

void ResourceReader::observation(JsonValue resource) {
  const auto [status_value, code, patient, visit, time, period, instant, issued_value, quantity_value, concept_value,
              string_value, boolean_value, integer_value, interpretation, parts] =
      elements_.fields(resource, "Observation",
                       {"status", "code", "subject", "encounter", "effectiveDateTime", "effectivePeriod",
                        "effectiveInstant", "issued", "valueQuantity", "valueCodeableConcept", "valueString",
                        "valueBoolean", "valueInteger", "interpretation", "component"});
  const std::string_view said = elements_.string(status_value, "status");
  counts_ = said != "entered-in-error";
  const auto [start, end] = elements_.fields(period, "effectivePeriod", {"start", "end"});
  const auto issued = elements_.time(issued_value, "issued");
  std::optional<Micros> t;
  for (const JsonValue value : {time, end, start, instant}) {
    if (!t) t = elements_.time(value, "effective");
  }
  event(t);
  event(issued);
  if (!t) t = issued;
  const Cell p = subject(patient, "subject");
  if (elements_.failed()) return;
  const Cell status = text(said);
  if (t)
    add(Rel::observation, {r_, p, status, cell(*t)});
  else
    elements_.note("effective", "is missing");
  measured(r_, {code, quantity_value, concept_value, string_value, boolean_value, integer_value, interpretation});
  if (t && parts.present()) components(parts, p, status, *t);
  in_encounter(visit);
}

void ResourceReader::components(JsonValue array, Cell p, Cell status, Micros t) {
  const std::string name(sink_.symbols().text(r_));
  std::size_t number = 0;
  elements_.each(array, "component", [&](JsonValue component) {
    const auto [code, quantity_value, concept_value, string_value, boolean_value, integer_value, interpretation] =
        elements_.fields(component, "component",
                         {"code", "valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean",
                          "valueInteger", "interpretation"});
    const Cell r = text(name + "#" + std::to_string(number++));
    add(Rel::observation, {r, p, status, cell(t)});
    measured(r, {code, quantity_value, concept_value, string_value, boolean_value, integer_value, interpretation});
  });
}

void ResourceReader::measured(Cell r, const Measured& value) {
  codes(r, value.code);
  if (value.quantity.present()) quantity(r, value.quantity);
  if (value.concept_value.present() && sink_.wants_any({Rel::value_code, Rel::value_text})) {
    const std::string_view said =
        elements_.concept_codings(value.concept_value, "valueCodeableConcept", [&](const Coding& coding) {
          if (!coding.code.empty()) add(Rel::value_code, {r, system(coding.system), text(coding.code)});
        });
    if (!said.empty()) add(Rel::value_text, {r, lower(said)});
  }
  const std::string_view said = elements_.string(value.string, "valueString");
  if (!said.empty()) add(Rel::value_text, {r, lower(said)});
  if (const auto yes = elements_.boolean(value.boolean, "valueBoolean")) add(Rel::value_bool, {r, Cell{*yes}});
  if (const auto number = elements_.number(value.integer, "valueInteger")) {
    add(Rel::quantity, {r, cell(*number), text("")});
  }
  if (!sink_.wants(Rel::interpretation)) return;
  elements_.each(value.interpretation, "interpretation", [&](JsonValue element) {
    elements_.concept_codings(element, "interpretation", [&](const Coding& coding) {
      if (!coding.code.empty()) add(Rel::interpretation, {r, text(coding.code)});
    });
  });
}

void ResourceReader::quantity(Cell r, JsonValue value) {
  if (!sink_.wants_any({Rel::quantity, Rel::quantity_bound})) return;
  const auto [number_value, comparator_value, unit_value, system_value, code_value] =
      elements_.fields(value, "valueQuantity", {"value", "comparator", "unit", "system", "code"});
  const auto number = elements_.number(number_value, "valueQuantity.value");
  const std::string_view comparator = elements_.string(comparator_value, "valueQuantity.comparator");
  if (!number) return;
  const Cell unit = unit_of(unit_value, system_value, code_value);
  // "< 5" is not 5: a rule that does not ask for bounds must not see it.
  if (comparator.empty())
    add(Rel::quantity, {r, cell(*number), unit});
  else
    add(Rel::quantity_bound, {r, text(comparator), cell(*number), unit});
}

/// UCUM's code when the system is UCUM, else the unit as printed, else whatever code there is.
Cell ResourceReader::unit_of(JsonValue unit_value, JsonValue system_value, JsonValue code_value) {
  const std::string_view unit = elements_.string(unit_value, "unit"), code = elements_.string(code_value, "code");
  const bool ucum = elements_.string(system_value, "system") == "http://unitsofmeasure.org";
  return text((ucum && !code.empty()) || unit.empty() ? code : unit);
}

}  // namespace tenfold::media
