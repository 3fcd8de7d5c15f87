#include "media/fhir_resources.h"

#include "media/fhir_codes.h"

namespace tenfold::media {
namespace {

constexpr std::string_view kEnteredInError = "entered-in-error";

/// What reading each kind of resource can give; a kind of which nothing is wanted is not read.
RelSet relations_of(Kind kind) {
  switch (kind) {
    case Kind::patient:
      return {Rel::patient, Rel::birth, Rel::deceased, Rel::dead};
    case Kind::condition:
      return {Rel::condition, Rel::condition_onset, Rel::condition_abated,
              Rel::code,      Rel::code_text,       Rel::in_encounter};
    case Kind::observation:
      return {Rel::observation, Rel::quantity,       Rel::quantity_bound, Rel::value_code, Rel::value_text,
              Rel::value_bool,  Rel::interpretation, Rel::code,           Rel::code_text,  Rel::in_encounter};
    case Kind::medication_request:
    case Kind::medication_statement:
      return {Rel::medication, Rel::medication_start, Rel::medication_end, Rel::dose,      Rel::daily,
              Rel::route,      Rel::as_needed,        Rel::code,           Rel::code_text, Rel::in_encounter};
    case Kind::allergy:
      return {Rel::allergy, Rel::reaction, Rel::code, Rel::code_text, Rel::in_encounter};
    case Kind::imaging_study:
      return {Rel::study, Rel::study_modality, Rel::study_body, Rel::film, Rel::image_tag, Rel::in_encounter};
    case Kind::document:
      return {Rel::document, Rel::film, Rel::image_tag, Rel::code, Rel::code_text, Rel::in_encounter};
    case Kind::encounter:
      return {Rel::encounter, Rel::encounter_end};
    default:
      return {};
  }
}

}  // namespace

ResourceReader::ResourceReader(FactSink& sink, const FhirOptions& options) : sink_(sink), options_(options) {}

void ResourceReader::begin(const Record& record, std::string_view folder) {
  record_ = &record;
  folder_ = options_.image_folder ? *options_.image_folder : std::string(folder);
  newest_.reset();
  films_.clear();
  last_reference_ = {};
  elements_.forget();
}

void ResourceReader::read(const Entry& entry) {
  const bool dates = sink_.wants(Rel::as_of) && !options_.as_of;
  const RelSet relations = relations_of(entry.kind);
  if (!sink_.wants_any(relations) && !(dates && entry.kind < Kind::medication)) return;
  sink_.mark();
  elements_.begin();
  r_ = entry.name;
  counts_ = true;
  latest_.reset();
  const std::size_t films = films_.size();
  switch (entry.kind) {
    case Kind::patient:
      patient(entry.resource);
      break;
    case Kind::condition:
      condition(entry.resource);
      break;
    case Kind::observation:
      observation(entry.resource);
      break;
    case Kind::medication_request:
      medication_request(entry.resource);
      break;
    case Kind::medication_statement:
      medication_statement(entry.resource);
      break;
    case Kind::allergy:
      allergy(entry.resource);
      break;
    case Kind::imaging_study:
      imaging_study(entry.resource);
      break;
    case Kind::document:
      document(entry.resource);
      break;
    case Kind::encounter:
      encounter(entry.resource);
      break;
    default:
      break;
  }
  if (elements_.failed()) {
    sink_.rollback();
    films_.resize(films);
  } else if (counts_ && latest_ && (!newest_ || *latest_ > *newest_)) {
    newest_ = latest_;
  }
  if (!elements_.trouble().empty()) add(Rel::unreadable, {r_, text(elements_.trouble())});
}

// ---- resources ----

void ResourceReader::patient(JsonValue resource) {
  const auto [gender, birth_date, deceased_boolean, deceased_time] =
      elements_.fields(resource, "Patient", {"gender", "birthDate", "deceasedBoolean", "deceasedDateTime"});
  const std::string_view stated = elements_.string(gender, "gender");
  const auto birth = elements_.time(birth_date, "birthDate");
  const auto death = elements_.time(deceased_time, "deceasedDateTime");
  const bool dead = elements_.boolean(deceased_boolean, "deceasedBoolean").value_or(deceased_time.present());
  event(birth);
  event(death);
  add(Rel::patient, {r_, text(stated.empty() ? "unknown" : stated)});
  if (birth) add(Rel::birth, {r_, cell(*birth)});
  if (death) add(Rel::deceased, {r_, cell(*death)});
  if (dead) add(Rel::dead, {r_});
}

void ResourceReader::condition(JsonValue resource) {
  const auto [clinical, verification, code, patient, visit, onset_time, onset_period, abated_time, abated_period,
              recorded] =
      elements_.fields(resource, "Condition",
                       {"clinicalStatus", "verificationStatus", "code", "subject", "encounter", "onsetDateTime",
                        "onsetPeriod", "abatementDateTime", "abatementPeriod", "recordedDate"});
  const Cell p = subject(patient, "subject");
  const std::string_view verified = elements_.first_code(verification, "verificationStatus");
  counts_ = verified != kEnteredInError;
  add(Rel::condition, {r_, p, text(elements_.first_code(clinical, "clinicalStatus")), text(verified)});
  codes(r_, code);
  const auto [onset_start] = elements_.fields(onset_period, "onsetPeriod", {"start"});
  auto onset = elements_.time(onset_time.present() ? onset_time : onset_start, "onset");
  const auto written = elements_.time(recorded, "recordedDate");
  event(onset);
  event(written);
  if (!onset) onset = written;
  if (onset) add(Rel::condition_onset, {r_, cell(*onset)});
  const auto [abated_end] = elements_.fields(abated_period, "abatementPeriod", {"end"});
  const auto abated = elements_.time(abated_time.present() ? abated_time : abated_end, "abatement");
  event(abated);
  if (abated) add(Rel::condition_abated, {r_, cell(*abated)});
  in_encounter(visit);
}

void ResourceReader::allergy(JsonValue resource) {
  const auto [clinical, verification, criticality, code, patient, visit, onset, recorded, last, reactions] =
      elements_.fields(resource, "AllergyIntolerance",
                       {"clinicalStatus", "verificationStatus", "criticality", "code", "patient", "encounter",
                        "onsetDateTime", "recordedDate", "lastOccurrence", "reaction"});
  const Cell p = subject(patient, "patient");
  const std::string_view verified = elements_.first_code(verification, "verificationStatus");
  counts_ = verified != kEnteredInError;
  add(Rel::allergy, {r_, p, text(elements_.first_code(clinical, "clinicalStatus")), text(verified),
                     text(elements_.string(criticality, "criticality"))});
  codes(r_, code);
  event(elements_.time(onset, "onsetDateTime"));
  event(elements_.time(recorded, "recordedDate"));
  event(elements_.time(last, "lastOccurrence"));
  elements_.each(reactions, "reaction", [&](JsonValue each) { reaction(each); });
  in_encounter(visit);
}

void ResourceReader::reaction(JsonValue value) {
  const auto [substance, manifestations] = elements_.fields(value, "reaction", {"substance", "manifestation"});
  codes(r_, substance);
  elements_.each(manifestations, "reaction.manifestation", [&](JsonValue manifestation) {
    const std::string_view said =
        elements_.concept_codings(manifestation, "reaction.manifestation", [](const Coding&) {});
    if (!said.empty()) add(Rel::reaction, {r_, lower(said)});
  });
}

void ResourceReader::encounter(JsonValue resource) {
  const auto [status_value, class_value, patient, period] =
      elements_.fields(resource, "Encounter", {"status", "class", "subject", "period"});
  const Cell p = subject(patient, "subject");
  const std::string_view status = elements_.string(status_value, "status");
  counts_ = status != kEnteredInError && status != "planned" && status != "cancelled";
  const Cell kind = text(elements_.coding(class_value, "class").code);
  const auto [start_value, end_value] = elements_.fields(period, "period", {"start", "end"});
  const auto start = elements_.time(start_value, "period.start");
  const auto end = elements_.time(end_value, "period.end");
  event(start);
  event(end);
  if (start)
    add(Rel::encounter, {r_, p, text(status), kind, cell(*start)});
  else
    elements_.note("period.start", "is missing");
  if (end) add(Rel::encounter_end, {r_, cell(*end)});
}

// ---- what resources share ----

void ResourceReader::codes(Cell r, JsonValue concept_value) {
  if (!concept_value.present() || !sink_.wants_any({Rel::code, Rel::code_text})) return;
  const std::string_view said = elements_.concept_codings(concept_value, "code", [&](const Coding& coding) {
    if (!coding.code.empty()) add(Rel::code, {r, system(coding.system), text(coding.code)});
  });
  if (!said.empty()) add(Rel::code_text, {r, lower(said)});
}

void ResourceReader::in_encounter(JsonValue reference) {
  if (!reference.present() || !sink_.wants(Rel::in_encounter)) return;
  const std::string_view said = elements_.reference(reference, "encounter");
  if (said.empty()) return;
  const Cell visit = named(said);
  if (sink_.symbols().text(as_symbol(visit)).starts_with("Encounter/")) add(Rel::in_encounter, {r_, visit});
}

Cell ResourceReader::subject(JsonValue value, std::string_view where) {
  const std::string_view said = elements_.reference(value, where);
  if (elements_.failed()) return 0;
  if (said.empty()) return elements_.fail(where, "names no patient"), Cell{0};
  if (said != last_reference_) {
    last_subject_ = named(said);
    // What is contained is named after the resource that contains it.
    last_reference_ = said.front() == '#' ? std::string_view() : said;
  }
  return last_subject_;
}

Cell ResourceReader::named(std::string_view reference) {
  if (reference.starts_with('#')) {
    scratch_ = sink_.symbols().text(r_);
    scratch_ += reference;
    return text(scratch_);
  }
  // A relative reference is the name itself; anything with a colon may be some entry's fullUrl.
  if (reference.find(':') != std::string_view::npos) {
    if (const Entry* entry = record_->find(reference)) return entry->name;
  }
  return text(relative_reference(reference));
}

JsonValue ResourceReader::contained_resource(JsonValue contained, std::string_view reference) {
  JsonValue found;
  elements_.each(contained, "contained", [&](JsonValue resource) {
    if (found.present()) return;
    const auto [id] = elements_.fields(resource, "contained", {"id"});
    const std::string_view name = elements_.string(id, "contained.id");
    // Some writers keep the '#' in the id.
    if (name == reference.substr(1) || name == reference) found = resource;
  });
  return found;
}

std::string_view ResourceReader::folded_text(std::string_view value) { return folded(value, scratch_); }

Cell ResourceReader::system(std::string_view url) { return text(short_system(url)); }

void ResourceReader::event(std::optional<Micros> time) {
  if (time && (!latest_ || *time > *latest_)) latest_ = time;
}

}  // namespace tenfold::media
