// Typed access to the elements of one resource. A wrong type marks the whole resource as failed, with the reason;
// callers go on and ask failed() at the end, so that reading code stays free of error plumbing.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/base.h"
#include "media/json.h"

namespace tenfold::media {

struct Coding {
  std::string_view system, code, display;
};

class Elements {
 public:
  /// Begins a resource.
  void begin();
  /// Forgets the record's unescaped strings.
  void forget() { unescaped_.clear(); }

  bool failed() const { return failed_; }
  /// Why the resource failed, or the elements noted, "; " between them; empty when all is well.
  const std::string& trouble() const { return trouble_; }
  /// The resource cannot be used. The first reason is kept.
  void fail(std::string_view where, std::string_view what);
  /// The element cannot be used, the rest of the resource can.
  void note(std::string_view where, std::string_view what);

  /// The named members of an object; those that are missing or null are not present(). A member named twice and a
  /// modifierExtension fail.
  template <std::size_t N>
  std::array<JsonValue, N> fields(JsonValue object, std::string_view where, const std::string_view (&names)[N]) {
    std::array<JsonValue, N> found;
    if (!object.present()) return found;
    if (!object.is_object()) return wrong(object, where, "an object"), found;
    object.members([&](std::string_view key, JsonValue value) {
      const std::size_t i = index_of(key, names, N);
      if (i == kModifier) return fail(where, "a modifierExtension, which nobody may ignore"), false;
      if (i >= N || value.kind() == 'n') return true;
      if (found[i].present()) return fail(names[i], "is there twice"), false;
      found[i] = value;
      return true;
    });
    return found;
  }

  /// "" when absent. Valid until forget().
  std::string_view string(JsonValue value, std::string_view where);
  std::optional<double> number(JsonValue value, std::string_view where);
  std::optional<bool> boolean(JsonValue value, std::string_view where);
  /// A date that is none is noted.
  std::optional<Micros> time(JsonValue value, std::string_view where);
  /// Calls visit(element) for every element of an array; nothing when absent.
  template <class Visit>
  void each(JsonValue array, std::string_view where, Visit visit) {
    if (!array.present()) return;
    if (!array.is_array()) return wrong(array, where, "an array");
    array.elements([&](JsonValue element) {
      if (element.kind() != 'n') visit(element);
      return !failed_;
    });
  }
  /// Reference.reference; "" when absent.
  std::string_view reference(JsonValue value, std::string_view where);
  Coding coding(JsonValue value, std::string_view where);
  /// Calls visit(coding) for every coding of a CodeableConcept and returns its text, or else the first display.
  template <class Visit>
  std::string_view concept_codings(JsonValue value, std::string_view where, Visit visit) {
    const auto [codings, text] = fields(value, where, {"coding", "text"});
    std::string_view display;
    each(codings, where, [&](JsonValue element) {
      const Coding c = coding(element, where);
      if (display.empty()) display = c.display;
      visit(c);
    });
    const std::string_view said = string(text, where);
    return said.empty() ? display : said;
  }
  /// The first code of a CodeableConcept; "" when absent.
  std::string_view first_code(JsonValue value, std::string_view where);

 private:
  static constexpr std::size_t kModifier = static_cast<std::size_t>(-1), kOther = kModifier - 1;

  std::size_t index_of(std::string_view key, const std::string_view* names, std::size_t count);
  void wrong(JsonValue value, std::string_view where, std::string_view expected);

  bool failed_ = false;
  std::string trouble_;
  std::string key_;                    // an unescaped key
  std::deque<std::string> unescaped_;  // strings with escapes; a deque, because views of them are out
};

}  // namespace tenfold::media
