// The resources of one FHIR record and what they are called by: "Type/id" in facts, fullUrl and relative URLs in
// references.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "media/json.h"

namespace tenfold::media {

/// The resource types that the adapter reads, and those it follows references to.
enum class Kind : std::uint8_t {
  patient,
  condition,
  observation,
  medication_request,
  medication_statement,
  allergy,
  imaging_study,
  document,
  encounter,
  medication,
  endpoint,
  group,
  other,
};

Kind kind_of(std::string_view resource_type);

struct Entry {
  JsonValue resource;
  SymbolId name = 0;  // "MedicationRequest/118"
  Kind kind = Kind::other;
};

/// A resource that cannot even be named.
struct Nameless {
  SymbolId name = 0;  // "Bundle.entry/3", counting from 1
  const char* what = "";
};

class Record {
 public:
  /// Lists the resources of all top-level values. Errors: not-fhir, with line and column.
  Status open(const Json& json, Symbols& symbols);

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<Nameless>& nameless() const { return nameless_; }
  /// The resource with this fullUrl or "Type/id"; null when the record does not hold it (only the kinds up to
  /// Kind::other that references are followed to are listed: patient, group, encounter, medication, endpoint).
  const Entry* find(std::string_view reference) const;

 private:
  struct Key {
    std::string_view text;
    std::size_t hash;
    std::uint32_t entry;
  };

  Status add_root(JsonValue root, Symbols& symbols);
  Status add_bundle(JsonValue bundle, Symbols& symbols);
  void add_resource(JsonValue resource, std::string_view full_url, Symbols& symbols);
  void add_key(std::string_view text, std::uint32_t entry);
  void grow();

  const Json* json_ = nullptr;
  std::vector<Entry> entries_;
  std::vector<Nameless> nameless_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> slots_;  // open addressing over keys_; kFree where free
  std::uint32_t seen_ = 0;            // resources and entries so far, for those without a name
  std::string name_;                  // scratch
};

/// The last two segments of a URL "…/Type/id" or "…/Type/id/_history/3", without query; the text itself if it has none.
std::string_view relative_reference(std::string_view reference);

}  // namespace tenfold::media
