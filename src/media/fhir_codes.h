// Names and numbers inside FHIR elements that need a table: code systems, times a day, lower case.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenfold::media {

/// "http://loinc.org" is "loinc": rxnorm snomed loinc icd10 (WHO and national versions) icd9 atc ndc cvx unii ucum,
/// given as URL or OID; any other text as it is. Sources: terminology.hl7.org, "External code systems".
std::string_view short_system(std::string_view system);

/// Doses a day of a code of v3-GTSAbbreviation (BID, Q8H, …) or of its usual dotted writing ("b.i.d."); nothing if the
/// code says no number. Source: terminology.hl7.org CodeSystem v3-GTSAbbreviation.
std::optional<double> times_a_day(std::string_view code);

/// Days in a UCUM unit of time: s min h d wk mo a. A year is 365.25 days and a month a twelfth of it, as in UCUM.
std::optional<double> days_in(std::string_view unit);

/// Lower case (ASCII, Latin-1, Greek and Cyrillic letters; other text unchanged) without white space at the ends, runs
/// of it inside made one blank. Same on every machine, no locale. The result lives in `scratch` or is `text` itself.
std::string_view folded(std::string_view text, std::string& scratch);

/// True for a name that ends like an image file: .dcm .dicom .png .jpg .jpeg, in any case.
bool image_name(std::string_view path);

}  // namespace tenfold::media
