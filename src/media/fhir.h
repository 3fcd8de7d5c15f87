// FHIR R4 JSON into facts: Bundle or bare resources of Patient, Condition, Observation, MedicationRequest,
// MedicationStatement, AllergyIntolerance, ImagingStudy, DocumentReference and Encounter (Medication and Endpoint where
// they are referred to). fhir_schema() says what each relation means. Other resources are stepped over unread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace tenfold::media {

/// Every relation that the adapter can fill, in the order in which read() gives them.
const std::vector<FactSchema>& fhir_schema();

struct FhirOptions {
  /// The moment for which the record is judged. Without it: the newest date of something that happened, among the
  /// resources above that are not entered in error (encounters planned or cancelled do not count either).
  std::optional<Micros> as_of;
  /// Relative image paths start here; without it, in the folder of the record's file.
  std::optional<std::string> image_folder;
  /// If set, images outside this folder are reported as unreadable(r, what) and give no film.
  std::optional<std::string> images_only_under;
};

/// Reads records one after the other. Not for two threads at once; one reader a thread. Memory grows to what the
/// largest record needed and stays there.
///
/// What can go wrong inside a resource does not cost the others: a resource with an element of the wrong JSON type, a
/// modifier extension (FHIR forbids to ignore one) or a prohibition (doNotPerform) gives no facts but unreadable(r,
/// why); a date that is none gives no tuple for that date, and unreadable(r, which).
class FhirReader {
 public:
  /// @param wanted  names of relations; what others would need is not read. Unknown names are ignored.
  explicit FhirReader(const std::vector<std::string>& wanted, FhirOptions options = {});
  ~FhirReader();
  FhirReader(FhirReader&&) noexcept;
  FhirReader& operator=(FhirReader&&) noexcept;

  /// Turns one record into facts: a Bundle, a resource, or several of them with white space between.
  /// @param input_name  where the text came from: a path, or for a line of NDJSON "path#17" or "path#17-20"; image
  /// paths
  ///                    are relative to its folder, and the places of errors follow from it
  /// @param out         one table a wanted relation, in the order of fhir_schema(); what it held is forgotten. Empty
  ///                    after an error
  /// Errors: those of Json::open; not-fhir (no resourceType, or the record is an array or no object).
  /// Cost: about 1 ns a byte on one core; image headers are read only if image_tag is wanted.
  Status read(std::string_view json, const std::string& input_name, Symbols& symbols, std::vector<FactTable>& out);

  /// Facts of an image that came without a record: film, and image_tag; as_of is its study date. The patient is
  /// "Patient/" and the header's patient id ("Patient/unknown" without).
  /// Errors: those of read_image_tags.
  Status read_film(const std::string& path, Symbols& symbols, std::vector<FactTable>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenfold::media
