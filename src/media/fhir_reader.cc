// One record: outline the JSON, list its resources, read each, then what concerns the record as a whole.
#include <algorithm>
#include <charconv>

#include "media/fhir.h"
#include "media/fhir_facts.h"
#include "media/fhir_record.h"
#include "media/fhir_resources.h"
#include "media/media.h"

namespace tenfold::media {

// ---- facts ----

void FactSink::begin(Symbols& symbols, std::vector<FactTable>& out) {
  symbols_ = &symbols;
  const std::vector<FactSchema>& schema = fhir_schema();
  std::size_t tables = 0;
  bool laid_out = true;
  for (std::size_t i = 0; i < kRels; ++i) {
    if (!wanted_.has(static_cast<Rel>(i))) continue;
    laid_out = laid_out && tables < out.size() && out[tables].relation == schema[i].relation;
    ++tables;
  }
  if (!laid_out || out.size() != tables) {
    out.clear();
    for (std::size_t i = 0; i < kRels; ++i) {
      if (!wanted_.has(static_cast<Rel>(i))) continue;
      FactTable& table = out.emplace_back();
      table.relation = schema[i].relation;
      for (const FactSchema::Column& column : schema[i].columns) table.types.push_back(column.type);
    }
  }
  tables = 0;
  for (std::size_t i = 0; i < kRels; ++i) {
    tables_[i] = wanted_.has(static_cast<Rel>(i)) ? &out[tables++] : nullptr;
    if (tables_[i]) tables_[i]->clear();
  }
}

void FactSink::mark() {
  for (std::size_t i = 0; i < kRels; ++i) marks_[i] = tables_[i] ? tables_[i]->rows() : 0;
}

void FactSink::rollback() {
  for (std::size_t i = 0; i < kRels; ++i) {
    if (!tables_[i]) continue;
    tables_[i]->origins.resize(marks_[i]);
    tables_[i]->cells.resize(marks_[i] * tables_[i]->types.size());
  }
}

namespace {

RelSet rel_set(const std::vector<std::string>& names) {
  RelSet set;
  const std::vector<FactSchema>& schema = fhir_schema();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (std::find(names.begin(), names.end(), schema[i].relation) != names.end()) set.add(static_cast<Rel>(i));
  }
  return set;
}

/// Where a record came from: "day.ndjson#17" is line 17 of day.ndjson.
struct Origin {
  std::string_view file;
  std::uint32_t line = 1;
  std::string_view folder;
};

Origin origin_of(std::string_view name) {
  Origin origin{name, 1, {}};
  const std::size_t hash = name.rfind('#');
  if (hash != std::string_view::npos && hash + 1 < name.size()) {
    std::uint32_t line = 0;
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + hash + 1, end, line);
    const bool range =
        rest != end && *rest == '-' && std::all_of(rest + 1, end, [](char c) { return c >= '0' && c <= '9'; });
    if (error == std::errc() && line > 0 && (rest == end || range)) {
      origin.file = name.substr(0, hash);
      origin.line = line;
    }
  }
  const std::size_t slash = origin.file.rfind('/');
  if (slash != std::string_view::npos) origin.folder = origin.file.substr(0, slash + 1);
  return origin;
}

Status placed(Status status, const Origin& origin) {
  if (status) return status;
  Error error = status.error();
  error.place.file = origin.file;
  error.place.line += origin.line - 1;
  return error;
}

}  // namespace

// ---- records ----

struct FhirReader::State {
  FhirOptions options;
  Json json;
  Record record;
  FactSink sink;
  ResourceReader resources;
  std::vector<SymbolId> images;

  State(RelSet wanted, FhirOptions given) : options(std::move(given)), sink(wanted), resources(sink, options) {}

  void image_tags(SymbolId image, const ImageTags& tags) {
    const auto tag = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) sink.add(Rel::image_tag, {image, sink.text(name), sink.text(value)}, image);
    };
    tag("format", tags.format);
    tag("modality", tags.modality);
    tag("body_part", tags.body_part);
    tag("view", tags.view);
    tag("patient_id", tags.patient_id);
    tag("patient_birth", tags.patient_birth);
    tag("patient_age", tags.patient_age);
    tag("study_date", tags.study_date);
    tag("frames", std::to_string(tags.frames));
  }

  /// Headers of the record's films, each once.
  void film_tags() {
    images = resources.films();
    std::sort(images.begin(), images.end());
    images.erase(std::unique(images.begin(), images.end()), images.end());
    for (const SymbolId image : images) {
      const Result<ImageTags> tags = read_image_tags(std::string(sink.symbols().text(image)));
      if (tags)
        image_tags(image, *tags);
      else
        sink.add(Rel::image_tag, {image, sink.text("error"), sink.text(tags.error().code)}, image);
    }
  }

  void as_of(std::optional<Micros> newest) {
    const std::optional<Micros> t = options.as_of ? options.as_of : newest;
    if (t && sink.wants(Rel::as_of)) {
      sink.add(Rel::as_of, {cell(*t)}, sink.symbols().intern(options.as_of ? "--as-of" : "newest event"));
    }
  }
};

FhirReader::FhirReader(const std::vector<std::string>& wanted, FhirOptions options)
    : state_(std::make_unique<State>(rel_set(wanted), std::move(options))) {}
FhirReader::~FhirReader() = default;
FhirReader::FhirReader(FhirReader&&) noexcept = default;
FhirReader& FhirReader::operator=(FhirReader&&) noexcept = default;

Status FhirReader::read(std::string_view json, const std::string& input_name, Symbols& symbols,
                        std::vector<FactTable>& out) {
  State& state = *state_;
  const Origin origin = origin_of(input_name);
  Status status = state.json.open(json);
  if (status) status = state.record.open(state.json, symbols);
  if (!status) {
    out.clear();
    return placed(std::move(status), origin);
  }
  state.sink.begin(symbols, out);
  state.resources.begin(state.record, origin.folder);
  for (const Nameless& nameless : state.record.nameless()) {
    state.sink.add(Rel::unreadable, {nameless.name, state.sink.text(nameless.what)}, nameless.name);
  }
  for (const Entry& entry : state.record.entries()) state.resources.read(entry);
  state.as_of(state.resources.newest());
  if (state.sink.wants(Rel::image_tag)) state.film_tags();
  return {};
}

Status FhirReader::read_film(const std::string& path, Symbols& symbols, std::vector<FactTable>& out) {
  State& state = *state_;
  const Result<ImageTags> tags = read_image_tags(path);
  if (!tags) {
    out.clear();
    return tags.error();
  }
  state.sink.begin(symbols, out);
  const SymbolId image = symbols.intern(path);
  const SymbolId patient = symbols.intern("Patient/" + (tags->patient_id.empty() ? "unknown" : tags->patient_id));
  state.sink.add(Rel::film, {image, patient, image}, image);
  state.as_of(parse_datetime(tags->study_date));
  state.image_tags(image, *tags);
  return {};
}

}  // namespace tenfold::media
