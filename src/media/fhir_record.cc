#include "media/fhir_record.h"

#include <algorithm>
#include <functional>

namespace tenfold::media {
namespace {

constexpr std::uint32_t kFree = 0xFFFFFFFFu;

/// What stands in front of a resource's elements.
struct Head {
  JsonValue type, id;
};

Head head_of(JsonValue resource) {
  Head head;
  resource.members([&](std::string_view key, JsonValue value) {
    if (key == "resourceType") head.type = value;
    if (key == "id") head.id = value;
    return !head.type.present() || !head.id.present();
  });
  return head;
}

/// A string without escapes, which ids, types and URLs have no use for; else "".
std::string_view plain_string(JsonValue value) {
  if (!value.is_string()) return {};
  const std::string_view raw = value.raw();
  return raw.find('\\') == std::string_view::npos ? raw : std::string_view();
}

std::string_view last_segment(std::string_view url) { return url.substr(url.find_last_of("/:") + 1); }

bool upper(char c) { return c >= 'A' && c <= 'Z'; }

const std::string kNoFhirHint = "give FHIR R4 JSON: a Bundle, a resource, or one of these a line";

}  // namespace

Kind kind_of(std::string_view type) {
  using namespace std::string_view_literals;
  switch (type.size()) {
    case 5:
      return type == "Group"sv ? Kind::group : Kind::other;
    case 7:
      return type == "Patient"sv ? Kind::patient : Kind::other;
    case 8:
      return type == "Endpoint"sv ? Kind::endpoint : Kind::other;
    case 9:
      return type == "Condition"sv ? Kind::condition : type == "Encounter"sv ? Kind::encounter : Kind::other;
    case 10:
      return type == "Medication"sv ? Kind::medication : Kind::other;
    case 11:
      return type == "Observation"sv ? Kind::observation : Kind::other;
    case 12:
      return type == "ImagingStudy"sv ? Kind::imaging_study : Kind::other;
    case 17:
      return type == "MedicationRequest"sv   ? Kind::medication_request
             : type == "DocumentReference"sv ? Kind::document
                                             : Kind::other;
    case 18:
      return type == "AllergyIntolerance"sv ? Kind::allergy : Kind::other;
    case 19:
      return type == "MedicationStatement"sv ? Kind::medication_statement : Kind::other;
    default:
      return Kind::other;
  }
}

std::string_view relative_reference(std::string_view reference) {
  std::string_view path = reference;
  if (const std::size_t at = path.find("/_history/"); at != std::string_view::npos) path = path.substr(0, at);
  if (path.find('?') != std::string_view::npos) return reference;  // a search, not a name
  const std::size_t id = path.rfind('/');
  if (id == std::string_view::npos || id == 0 || id + 1 == path.size()) return reference;
  const std::size_t type = path.rfind('/', id - 1) + 1;  // npos + 1 is 0
  return upper(path[type]) ? path.substr(type) : reference;
}

Status Record::open(const Json& json, Symbols& symbols) {
  json_ = &json;
  entries_.clear();
  nameless_.clear();
  keys_.clear();
  if (slots_.size() > 4096) slots_.resize(slots_.size() / 2);  // forget the size of a giant, step by step
  std::fill(slots_.begin(), slots_.end(), kFree);
  seen_ = 0;
  Status status;
  json.roots([&](JsonValue root) {
    status = add_root(root, symbols);
    return status.ok();
  });
  return status;
}

Status Record::add_root(JsonValue root, Symbols& symbols) {
  const auto refuse = [&](std::string what, std::string hint) -> Status {
    return json_->error_at(root.offset(), "not-fhir", std::move(what), std::move(hint));
  };
  if (root.is_array()) {
    return refuse("the record is a JSON array", "put the resources into a Bundle, or write one a line (NDJSON)");
  }
  if (!root.is_object()) return refuse("the record is no JSON object", kNoFhirHint);
  const Head head = head_of(root);
  if (!head.type.present()) return refuse("the record has no resourceType", kNoFhirHint);
  if (plain_string(head.type).empty()) return refuse("the resourceType is no name", kNoFhirHint);
  if (plain_string(head.type) == "Bundle") return add_bundle(root, symbols);
  add_resource(root, {}, symbols);
  return {};
}

Status Record::add_bundle(JsonValue bundle, Symbols& symbols) {
  Status status;
  JsonValue entries;
  bundle.members([&](std::string_view key, JsonValue value) {
    if (key != "entry") return true;
    if (entries.present() || !value.is_array()) {
      status =
          json_->error_at(value.offset(), "not-fhir",
                          entries.present() ? "the Bundle has two members named entry" : "Bundle.entry is no array",
                          "correct the Bundle");
    }
    entries = value;
    return status.ok();
  });
  if (!status || !entries.present()) return status;
  entries.elements([&](JsonValue entry) {
    JsonValue full_url, resource;
    if (entry.is_object()) {
      entry.members([&](std::string_view key, JsonValue value) {
        if (key == "fullUrl") full_url = value;
        if (key == "resource") resource = value;
        return true;
      });
    }
    if (resource.present() || !entry.is_object()) {
      add_resource(resource.present() ? resource : entry, plain_string(full_url), symbols);
    }
    return true;
  });
  return {};
}

void Record::add_resource(JsonValue resource, std::string_view full_url, Symbols& symbols) {
  ++seen_;
  const auto refuse = [&](const char* what) {
    name_ = "Bundle.entry/" + std::to_string(seen_);
    nameless_.push_back({symbols.intern(name_), what});
  };
  if (!resource.is_object()) return refuse("the resource is no JSON object");
  const Head head = head_of(resource);
  const std::string_view type = plain_string(head.type);
  if (type.empty()) return refuse("the resource has no resourceType");
  const Kind kind = kind_of(type);
  if (kind == Kind::other) {
    if (type == "Bundle") refuse("a Bundle inside a Bundle is not read");
    return;
  }
  std::string_view id = plain_string(head.id);
  if (head.id.present() && id.empty()) return refuse("the resource's id is no name");
  if (id.empty()) id = last_segment(full_url);
  name_.assign(type);
  name_ += '/';
  if (id.empty()) {
    name_ += '#';
    name_ += std::to_string(seen_);
  } else {
    name_ += id;
  }
  const SymbolId name = symbols.intern(name_);
  const auto index = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({resource, name, kind});
  switch (kind) {
    case Kind::patient:
    case Kind::group:
    case Kind::encounter:
    case Kind::medication:
    case Kind::endpoint:
      add_key(symbols.text(name), index);
      if (!full_url.empty()) add_key(full_url, index);
      break;
    default:
      break;
  }
}

void Record::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), kFree);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < keys_.size(); ++i) {
    std::size_t at = keys_[i].hash & mask;
    while (slots_[at] != kFree) at = (at + 1) & mask;
    slots_[at] = i;
  }
}

void Record::add_key(std::string_view text, std::uint32_t entry) {
  if ((keys_.size() + 1) * 2 > slots_.size()) grow();
  const std::size_t hash = std::hash<std::string_view>{}(text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != kFree; at = (at + 1) & mask) {
    if (keys_[slots_[at]].hash == hash && keys_[slots_[at]].text == text) return;  // the first of a name is meant
  }
  slots_[at] = static_cast<std::uint32_t>(keys_.size());
  keys_.push_back({text, hash, entry});
}

const Entry* Record::find(std::string_view reference) const {
  if (slots_.empty()) return nullptr;
  const std::size_t hash = std::hash<std::string_view>{}(reference);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != kFree; at = (at + 1) & mask) {
    const Key& key = keys_[slots_[at]];
    if (key.hash == hash && key.text == reference) return &entries_[key.entry];
  }
  return nullptr;
}

}  // namespace tenfold::media
