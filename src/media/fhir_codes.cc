#include "media/fhir_codes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenfold::media {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr Pair kSystems[] = {
    {"http://loinc.org", "loinc"},
    {"http://snomed.info/sct", "snomed"},
    {"http://www.nlm.nih.gov/research/umls/rxnorm", "rxnorm"},
    {"http://hl7.org/fhir/sid/icd-10-cm", "icd10"},
    {"http://hl7.org/fhir/sid/icd-10", "icd10"},
    {"http://hl7.org/fhir/sid/icd-10-de", "icd10"},
    {"http://hl7.org/fhir/sid/icd-10-nl", "icd10"},
    {"http://hl7.org/fhir/sid/icd-10-us", "icd10"},
    {"http://fhir.de/CodeSystem/bfarm/icd-10-gm", "icd10"},
    {"http://fhir.de/CodeSystem/dimdi/icd-10-gm", "icd10"},
    {"http://hl7.org/fhir/sid/icd-9-cm", "icd9"},
    {"http://hl7.org/fhir/sid/icd-9", "icd9"},
    {"http://www.whocc.no/atc", "atc"},
    {"http://fhir.de/CodeSystem/bfarm/atc", "atc"},
    {"http://fhir.de/CodeSystem/dimdi/atc", "atc"},
    {"http://hl7.org/fhir/sid/ndc", "ndc"},
    {"http://hl7.org/fhir/sid/cvx", "cvx"},
    {"http://fdasis.nlm.nih.gov", "unii"},
    {"http://unitsofmeasure.org", "ucum"},
    {"urn:oid:2.16.840.1.113883.6.1", "loinc"},
    {"urn:oid:2.16.840.1.113883.6.96", "snomed"},
    {"urn:oid:2.16.840.1.113883.6.88", "rxnorm"},
    {"urn:oid:2.16.840.1.113883.6.90", "icd10"},
    {"urn:oid:2.16.840.1.113883.6.3", "icd10"},
    {"urn:oid:2.16.840.1.113883.6.103", "icd9"},
    {"urn:oid:2.16.840.1.113883.6.73", "atc"},
    {"urn:oid:2.16.840.1.113883.6.69", "ndc"},
    {"urn:oid:2.16.840.1.113883.12.292", "cvx"},
    {"urn:oid:2.16.840.1.113883.4.9", "unii"},
    {"urn:oid:2.16.840.1.113883.6.8", "ucum"},
};

// Every n hours is 24 / n a day; AM, PM and BED are once.
constexpr std::pair<std::string_view, double> kTimes[] = {
    {"QD", 1},   {"BID", 2},  {"TID", 3},  {"QID", 4}, {"QOD", 0.5}, {"AM", 1},       {"PM", 1},
    {"BED", 1},  {"Q1H", 24}, {"Q2H", 12}, {"Q3H", 8}, {"Q4H", 6},   {"Q6H", 4},      {"Q8H", 3},
    {"Q12H", 2}, {"Q24H", 1}, {"QHS", 1},  {"QAM", 1}, {"QPM", 1},   {"WK", 1.0 / 7}, {"MO", 12 / 365.25},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The second byte (and the first, when it changes) of a two-byte letter in lower case. All these pairs keep two bytes.
void lower_pair(unsigned char& lead, unsigned char& tail) {
  if (lead == 0xC3 && tail >= 0x80 && tail <= 0x9E && tail != 0x97) {  // U+00C0..DE without the multiplication sign
    tail = static_cast<unsigned char>(tail + 0x20);
  } else if (lead == 0xCE && tail >= 0x91 && tail <= 0xA9 && tail != 0xA2) {  // U+0391..03A9
    if (tail <= 0x9F) {
      tail = static_cast<unsigned char>(tail + 0x20);
    } else {
      lead = 0xCF, tail = static_cast<unsigned char>(tail - 0x20);
    }
  } else if (lead == 0xD0 && tail >= 0x80 && tail <= 0x8F) {  // U+0400..040F
    lead = 0xD1, tail = static_cast<unsigned char>(tail + 0x10);
  } else if (lead == 0xD0 && tail >= 0x90 && tail <= 0x9F) {  // U+0410..041F
    tail = static_cast<unsigned char>(tail + 0x20);
  } else if (lead == 0xD0 && tail >= 0xA0 && tail <= 0xAF) {  // U+0420..042F
    lead = 0xD1, tail = static_cast<unsigned char>(tail - 0x20);
  }
}

/// True when folded() would change nothing.
bool is_folded(std::string_view text) {
  if (text.empty()) return true;
  if (blank(text.front()) || blank(text.back())) return false;
  bool before = false;
  for (const char c : text) {
    const bool space = blank(c);
    if ((c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80 || (space && (before || c != ' ')))
      return false;
    before = space;
  }
  return true;
}

}  // namespace

std::string_view short_system(std::string_view system) {
  // A trailing slash is a common slip.
  const std::string_view plain = system.ends_with('/') ? system.substr(0, system.size() - 1) : system;
  for (const auto& [url, name] : kSystems) {
    if (url == plain) return name;
  }
  return system;
}

std::optional<double> times_a_day(std::string_view code) {
  std::array<char, 8> buffer{};
  std::size_t size = 0;
  for (const char c : code) {
    if (c == '.' || c == ' ') continue;
    if (size == buffer.size()) return std::nullopt;
    buffer[size++] = upper(c);
  }
  const std::string_view plain(buffer.data(), size);
  for (const auto& [name, times] : kTimes) {
    if (name == plain) return times;
  }
  return std::nullopt;
}

std::optional<double> days_in(std::string_view unit) {
  constexpr std::pair<std::string_view, double> kDays[] = {
      {"d", 1}, {"h", 1.0 / 24}, {"min", 1.0 / 1440}, {"s", 1.0 / 86400}, {"wk", 7}, {"mo", 30.4375}, {"a", 365.25},
  };
  for (const auto& [name, days] : kDays) {
    if (name == unit) return days;
  }
  return std::nullopt;
}

std::string_view folded(std::string_view text, std::string& scratch) {
  if (is_folded(text)) return text;
  scratch.clear();
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (blank(text[i])) {
      gap = !scratch.empty();
      continue;
    }
    if (gap) scratch += ' ';
    gap = false;
    auto lead = static_cast<unsigned char>(text[i]);
    if (lead >= 0xC3 && lead <= 0xD0 && i + 1 < text.size()) {
      auto tail = static_cast<unsigned char>(text[++i]);
      lower_pair(lead, tail);
      scratch += static_cast<char>(lead);
      scratch += static_cast<char>(tail);
    } else {
      scratch += lower(text[i]);
    }
  }
  return scratch;
}

bool image_name(std::string_view path) {
  for (const std::string_view ending : {".dcm", ".dicom", ".png", ".jpg", ".jpeg"}) {
    if (path.size() <= ending.size()) continue;
    const std::string_view tail = path.substr(path.size() - ending.size());
    if (std::equal(tail.begin(), tail.end(), ending.begin(), [](char a, char b) { return lower(a) == b; })) return true;
  }
  return false;
}

}  // namespace tenfold::media
