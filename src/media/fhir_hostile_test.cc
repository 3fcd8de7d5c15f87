// Records that are damaged, cut off or malicious. What a resource breaks is that resource; what the JSON breaks is the
// record.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "media/fhir.h"

namespace tenfold::media {
namespace {

std::vector<std::string> all_relations() {
  std::vector<std::string> names;
  for (const FactSchema& schema : fhir_schema()) names.push_back(schema.relation);
  return names;
}

struct Reading {
  Status status;
  std::set<std::string> lines;
};

Reading read(std::string_view json, const std::string& name = "x.json") {
  FhirReader reader(all_relations());
  Symbols symbols;
  std::vector<FactTable> out;
  Reading reading{reader.read(json, name, symbols, out), {}};
  for (const FactTable& table : out) {
    for (std::size_t i = 0; i < table.rows(); ++i) {
      std::string line = table.relation + "(";
      for (std::size_t c = 0; c < table.types.size(); ++c)
        line += (c ? ", " : "") + plain(table.row(i)[c], table.types[c], symbols);
      reading.lines.insert(line + ")");
    }
  }
  return reading;
}

std::string code_of(std::string_view json) {
  const Reading reading = read(json);
  return reading.status ? "ok" : reading.status.error().code;
}

const std::string kBundle =
    R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1",)"
    R"("resource":{"resourceType":"Patient",)"
    R"("id":"p","birthDate":"1970-01-02"}},{"resource":{"resourceType":"Observation","id":"o","status":"final",)"
    R"("code":{)"
    R"("coding":[{"system":"http://loinc.org","code":"2823-3"}]},"subject":{"reference":"urn:uuid:1"},)"
    R"("effectiveDateTime":)"
    R"("2020-01-01T00:00:00Z","valueQuantity":{"value":6.1,"unit":"mmol\/L"},"component":[{"code":{"text":"x"}}]}}]})";

using Lines = std::set<std::string>;

TEST(FhirHostile, every_truncation_is_an_error) {
  ASSERT_TRUE(read(kBundle).status.ok());
  for (std::size_t n = 1; n < kBundle.size(); ++n) {
    // A copy of its own, so that a sanitizer sees a read past its end.
    const std::vector<char> cut(kBundle.begin(), kBundle.begin() + static_cast<std::ptrdiff_t>(n));
    const Reading reading = read({cut.data(), cut.size()});
    ASSERT_FALSE(reading.status.ok()) << n;
    EXPECT_EQ(reading.status.error().code, "truncated-json") << n;
    EXPECT_TRUE(reading.lines.empty());
  }
}

TEST(FhirHostile, every_changed_byte_is_survived) {
  for (std::size_t at = 0; at < kBundle.size(); ++at) {
    for (const char c : {'\0', '"', '{', ']', '\\', ',', '9', '\xFF'}) {
      std::vector<char> changed(kBundle.begin(), kBundle.end());
      changed[at] = c;
      const Reading reading = read({changed.data(), changed.size()});
      EXPECT_TRUE(reading.status.ok() || !reading.status.error().hint.empty());
    }
  }
}

TEST(FhirHostile, the_place_of_an_error) {
  const Reading truncated = read(R"({"resourceType":"Patient","id":"1")", "broken.json");
  EXPECT_EQ(truncated.status.error().place.file, "broken.json");
  EXPECT_EQ(truncated.status.error().place.line, 1u);
  EXPECT_EQ(truncated.status.error().place.column, 35u);
  const Reading line = read("{\"resourceType\":\"Patient\"}\n{", "dir/day.ndjson#17-18");
  EXPECT_EQ(line.status.error().place.file, "dir/day.ndjson");
  EXPECT_EQ(line.status.error().place.line, 18u);
  EXPECT_EQ(read("{", "odd#name.json").status.error().place.file, "odd#name.json");
}

TEST(FhirHostile, what_is_not_fhir) {
  EXPECT_EQ(code_of("{}"), "not-fhir");
  EXPECT_EQ(code_of(R"({"name":"x"})"), "not-fhir");
  EXPECT_EQ(code_of(R"({"resourceType":7})"), "not-fhir");
  EXPECT_EQ(code_of(R"({"resourceType":""})"), "not-fhir");
  EXPECT_EQ(code_of("[{\"resourceType\":\"Patient\"}]"), "not-fhir");
  EXPECT_EQ(code_of("17"), "not-fhir");
  EXPECT_EQ(code_of("\"Patient\""), "not-fhir");
  EXPECT_EQ(code_of(R"({"resourceType":"Bundle","entry":{}})"), "not-fhir");
  EXPECT_EQ(code_of(R"({"resourceType":"Bundle","entry":[],"entry":[]})"), "not-fhir");
  EXPECT_EQ(code_of(""), "empty-json");
  EXPECT_EQ(code_of("<Patient xmlns=\"http://hl7.org/fhir\"/>"), "malformed-json");
  EXPECT_EQ(code_of(R"({"resourceType":"Bundle"})"), "ok");
  EXPECT_EQ(code_of(R"({"resourceType":"SomethingNew","x":[1]})"), "ok");
}

TEST(FhirHostile, ten_thousand_levels) {
  std::string deep = R"({"resourceType":"Patient","extension":)";
  for (int i = 0; i < 10'000; ++i) deep += R"([{"extension":)";
  EXPECT_EQ(code_of(deep), "nested-too-deep");
  for (int i = 0; i < 10'000; ++i) deep += i == 0 ? "1}]" : "}]";
  EXPECT_EQ(code_of(deep + "}"), "nested-too-deep");
}

/// A condition with one element changed; the second resource shows that the record goes on.
Lines with(const std::string& members) {
  const Reading reading =
      read(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Condition","id":"1",)" + members +
           R"(}},{"resource":{"resourceType":"Patient","id":"p"}}]})");
  EXPECT_TRUE(reading.status.ok());
  EXPECT_TRUE(reading.lines.contains("patient(Patient/p, unknown)"));
  Lines lines = reading.lines;
  lines.erase("patient(Patient/p, unknown)");
  return lines;
}

TEST(FhirHostile, an_element_of_the_wrong_type_costs_its_resource) {
  const std::string subject = R"("subject":{"reference":"Patient/p"})";
  EXPECT_EQ(with(subject), Lines{"condition(Condition/1, Patient/p, , )"});
  EXPECT_EQ(with(subject + R"(,"code":"text")"), Lines{"unreadable(Condition/1, code is a string, not an object)"});
  EXPECT_EQ(with(subject + R"(,"code":{"coding":{}})"),
            Lines{"unreadable(Condition/1, code is an object, not an array)"});
  EXPECT_EQ(with(subject + R"(,"code":{"coding":[1]})"),
            Lines{"unreadable(Condition/1, code is a number, not an object)"});
  EXPECT_EQ(with(subject + R"(,"onsetDateTime":2020)"),
            Lines{"unreadable(Condition/1, onset is a number, not a string)"});
  EXPECT_EQ(with(R"("subject":[])"), Lines{"unreadable(Condition/1, subject is an array, not an object)"});
  EXPECT_EQ(with(R"("subject":{"display":"x"})"), Lines{"unreadable(Condition/1, subject names no patient)"});
  EXPECT_EQ(with(R"("code":{"text":"x"})"), Lines{"unreadable(Condition/1, subject names no patient)"});
  EXPECT_EQ(with(subject + "," + subject), Lines{"unreadable(Condition/1, subject is there twice)"});
  EXPECT_EQ(with(subject + R"(,"code":{"text":"a","te\u0078t":"b"})"),
            Lines{"unreadable(Condition/1, text is there twice)"});
  EXPECT_EQ(with(subject + R"(,"modifierExtension":[{"url":"x"}])"),
            Lines{"unreadable(Condition/1, Condition a modifierExtension, which nobody may ignore)"});
  EXPECT_EQ(with(subject + R"(,"code":null)"), Lines{"condition(Condition/1, Patient/p, , )"});
}

TEST(FhirHostile, strings_that_are_none) {
  const std::string subject = R"("subject":{"reference":"Patient/p"})";
  const std::string why =
      "unreadable(Condition/1, code has an escape that is no character (a lone surrogate, NUL or a misspelling))";
  EXPECT_EQ(with(subject + R"(,"code":{"text":"\ud800"})"), Lines{why});
  EXPECT_EQ(with(subject + R"(,"code":{"text":"a\u0000b"})"), Lines{why});
  EXPECT_EQ(with(subject + R"(,"code":{"text":"\ud83d\ude00 Fever"})"),
            (Lines{"condition(Condition/1, Patient/p, , )", "code_text(Condition/1, 😀 fever)"}));
}

TEST(FhirHostile, a_date_that_is_none_costs_only_itself) {
  const std::string subject = R"("subject":{"reference":"Patient/p"})";
  for (const std::string date : {"2020-13-01", "yesterday", "2020-02-30", "0000-01-01", "2020-01-01T25:00:00Z", ""}) {
    EXPECT_EQ(
        with(subject + R"(,"onsetDateTime":")" + date + "\""),
        (Lines{"condition(Condition/1, Patient/p, , )", "unreadable(Condition/1, onset is no date: " + date + ")"}));
  }
  EXPECT_EQ(with(subject + R"(,"onsetDateTime":"9999-12-31")").count("as_of(9999-12-31)"), 1u);
}

TEST(FhirHostile, numbers_that_are_none) {
  const auto observation = [](const std::string& number) {
    return read(R"({"resourceType":"Observation","id":"1","status":"final","effectiveDateTime":"2020","subject":)"
                R"({"reference":"Patient/p"},"valueQuantity":{"unit":"mg","value":)" +
                number + "}}")
        .lines;
  };
  const std::string seen = "observation(Observation/1, Patient/p, final, 2020-01-01)", t = "as_of(2020-01-01)";
  EXPECT_EQ(observation("-1.5e-3"), (Lines{seen, t, "quantity(Observation/1, -0.0015, mg)"}));
  EXPECT_EQ(observation("1e999"),
            (Lines{seen, t, "unreadable(Observation/1, valueQuantity.value is a number out of range: 1e999)"}));
  EXPECT_EQ(observation("-0"), (Lines{seen, t, "quantity(Observation/1, 0, mg)"}));
  EXPECT_EQ(observation(std::string(100'000, '9')).size(), 3u);
  for (const char* bad : {"01", "-inf", "1.2.3", "0x10", "1e", "-", "9\"\"", "\"5\"", "true"}) {
    const Lines lines = observation(bad);
    ASSERT_EQ(lines.size(), 1u) << bad;
    EXPECT_TRUE(lines.begin()->starts_with("unreadable(Observation/1, valueQuantity.value is ")) << *lines.begin();
  }
}

TEST(FhirHostile, entries_that_are_no_resources) {
  const Reading reading = read(R"({"resourceType":"Bundle","entry":[7,{},{"resource":[]},{"resource":{"id":"1"}},)"
                               R"({"resource":{"resourceType":"Patient","id":5}},)"
                               R"({"resource":{"resourceType":"Bundle","entry":[]}},{"request":{"method":"DELETE"}},)"
                               R"({"resource":{"resourceType":"Patient","id":"p"}}]})");
  EXPECT_TRUE(reading.status.ok());
  EXPECT_EQ(reading.lines,
            (Lines{"patient(Patient/p, unknown)", "unreadable(Bundle.entry/1, the resource is no JSON object)",
                   "unreadable(Bundle.entry/2, the resource is no JSON object)",
                   "unreadable(Bundle.entry/3, the resource has no resourceType)",
                   "unreadable(Bundle.entry/4, the resource's id is no name)",
                   "unreadable(Bundle.entry/5, a Bundle inside a Bundle is not read)"}));
}

TEST(FhirHostile, what_a_resource_says_about_itself_is_bounded) {
  std::string dates;
  for (int i = 0; i < 1000; ++i)
    dates += std::string(i ? "," : "") + R"({"timing":{"repeat":{"boundsPeriod":{"end":"no date at all"}}}})";
  const Reading reading =
      read(R"({"resourceType":"MedicationRequest","id":"1","subject":{"reference":"Patient/p"},"dosageInstruction":[)" +
           dates + "]}");
  ASSERT_TRUE(reading.status.ok());
  for (const std::string& line : reading.lines) EXPECT_LT(line.size(), 1000u);
}

}  // namespace
}  // namespace tenfold::media
