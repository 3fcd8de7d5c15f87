// One resource into facts, a function a resource type. Facts of a resource are taken back when it proves unreadable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/fhir.h"
#include "media/fhir_elements.h"
#include "media/fhir_facts.h"
#include "media/fhir_record.h"

namespace tenfold::media {

class ResourceReader {
 public:
  ResourceReader(FactSink& sink, const FhirOptions& options);

  /// Begins a record. @param folder  where relative image paths start; "" for the working directory
  void begin(const Record& record, std::string_view folder);
  void read(const Entry& entry);

  /// The newest event so far.
  std::optional<Micros> newest() const { return newest_; }
  /// Images of the record's films, in order, with repetitions.
  const std::vector<SymbolId>& films() const { return films_; }

 private:
  /// Elements that say what was measured; the same in an Observation and in its components.
  struct Measured {
    JsonValue code, quantity, concept_value, string, boolean, integer, interpretation;
  };
  /// Dosage of a request or statement, with what ends it.
  struct Regimen {
    JsonValue dosage;
    std::optional<Micros> start, end, valid_until;
  };

  void patient(JsonValue resource);
  void condition(JsonValue resource);
  void observation(JsonValue resource);
  void components(JsonValue array, Cell p, Cell status, Micros t);
  void measured(Cell r, const Measured& value);
  void quantity(Cell r, JsonValue value);
  Cell unit_of(JsonValue unit, JsonValue system, JsonValue code);
  void medication_request(JsonValue resource);
  void medication_statement(JsonValue resource);
  void medication_code(JsonValue concept_value, JsonValue reference, JsonValue contained);
  void medication_resource(JsonValue resource);
  void regimen(const Regimen& regimen);
  std::optional<Micros> dosage(JsonValue dosage, std::optional<Micros> start);
  std::optional<Micros> first_dose(JsonValue dosage);
  std::optional<Micros> timing(JsonValue timing, std::optional<Micros> start);
  std::optional<double> frequency(JsonValue repeat);
  void allergy(JsonValue resource);
  void reaction(JsonValue reaction);
  void imaging_study(JsonValue resource);
  std::optional<Micros> series(JsonValue series, Cell p);
  void film_extensions(JsonValue extensions, Cell p);
  void film_endpoints(JsonValue endpoints, JsonValue contained, Cell p);
  void film_attachment(JsonValue attachment, Cell p);
  void film(std::string_view url, Cell p);
  void document(JsonValue resource);
  void encounter(JsonValue resource);

  /// code() for every coding, code_text().
  void codes(Cell r, JsonValue concept_value);
  void in_encounter(JsonValue reference);
  /// The patient that a reference names; fails when there is none.
  Cell subject(JsonValue reference, std::string_view where);
  Cell named(std::string_view reference);
  JsonValue contained_resource(JsonValue contained, std::string_view reference);
  Cell lower(std::string_view text) { return sink_.text(folded_text(text)); }
  std::string_view folded_text(std::string_view text);
  Cell system(std::string_view url);
  Cell text(std::string_view value) { return sink_.text(value); }
  void add(Rel rel, std::initializer_list<Cell> row) { sink_.add(rel, row, r_); }
  void event(std::optional<Micros> time);

  FactSink& sink_;
  const FhirOptions& options_;
  Elements elements_;
  const Record* record_ = nullptr;
  std::string folder_;
  SymbolId r_ = 0;                // the resource being read
  bool counts_ = true;            // its dates may move as_of
  std::optional<Micros> latest_;  // its newest date
  std::optional<Micros> newest_;
  std::vector<SymbolId> films_;
  std::string_view last_reference_;  // of a subject, most often the same again and again
  Cell last_subject_ = 0;
  std::string scratch_, path_;
};

}  // namespace tenfold::media
