#include "neural/language.h"

#include <gtest/gtest.h>

#include "neural/grammar.h"

namespace tenfold::neural {
namespace {

const Field kDrug{"drug", Field::Kind::text, 0, 0};
const Field kMg{"mg", Field::Kind::whole, -128, 127};
const Field kShare{"share", Field::Kind::number, 0, 0};
const Field kOral{"oral", Field::Kind::truth, 0, 0};
const Field kLetter{"letter", Field::Kind::character, 0, 0};

bool says(const AnswerForm& form, std::string_view text) {
  auto grammar = Grammar::parse(form.grammar, "");
  EXPECT_TRUE(grammar) << render(grammar.error()) << form.grammar;
  return grammar->matches(text);
}

AnswerForm made(std::vector<Field> fields, bool many = false, std::string_view schema = {}) {
  auto form = record_form(std::move(fields), many, schema, "s.json");
  EXPECT_TRUE(form) << render(form.error());
  return *form;
}

std::string message(std::string_view schema, bool many = false) {
  const auto form = record_form({kDrug, kMg}, many, schema, "s.json");
  if (form) return "fine";
  const Error& e = form.error();
  return std::to_string(e.place.line) + ":" + std::to_string(e.place.column) + " " + e.what;
}

TEST(Language, a_record_is_an_object_of_its_fields) {
  const AnswerForm form = made({kDrug, kMg, kShare, kOral, kLetter});
  EXPECT_TRUE(says(form, R"({"drug": "a \"b\" é", "mg": -5, "share": 0.25, "oral": true, "letter": "é"})"));
  EXPECT_TRUE(says(form, R"({"drug": "", "mg": 127, "share": -1e-3, "oral": false, "letter": "\n"})"));
  EXPECT_FALSE(says(form, R"({"drug": "", "mg": 128, "share": 1, "oral": false, "letter": "a"})"));
  EXPECT_FALSE(says(form, R"({"drug": "", "mg": 1, "share": 01, "oral": false, "letter": "a"})"));
  EXPECT_FALSE(says(form, R"({"drug": "", "mg": 1, "share": 1, "oral": no, "letter": "a"})"));
  EXPECT_FALSE(says(form, R"({"drug": "", "mg": 1, "share": 1, "oral": true, "letter": "ab"})"));
  EXPECT_FALSE(says(form, R"({"drug": ")"
                          "\n"
                          R"(", "mg": 1, "share": 1, "oral": true, "letter": "a"})"));
  EXPECT_FALSE(says(form, R"({"mg": 1})"));
  EXPECT_EQ(made({kOral}).schema, R"({"type":"object","properties":{"oral":{"type":"boolean"}},)"
                                  R"("required":["oral"],"additionalProperties":false})");
}

TEST(Language, many_records_are_a_list) {
  const AnswerForm form = made({kOral}, true);
  EXPECT_TRUE(says(form, "[]"));
  EXPECT_TRUE(says(form, R"([{"oral": true}])"));
  EXPECT_TRUE(says(form, R"([{"oral": true}, {"oral": false}, {"oral": true}])"));
  EXPECT_FALSE(says(form, R"([{"oral": true},])"));
  EXPECT_FALSE(says(form, R"({"oral": true})"));
  const auto limited = [&](const std::string& limits) {
    const AnswerForm list = made(
        {kOral}, true,
        R"({"type": "array", "items": {"type": "object", "properties": {"oral": {"type": "boolean"}}})" + limits + "}");
    std::string fits;
    for (const char* text : {"[]", R"([{"oral": true}])", R"([{"oral": true}, {"oral": true}])",
                             R"([{"oral": true}, {"oral": true}, {"oral": true}])"})
      fits += says(list, text) ? 'y' : 'n';
    return fits;
  };
  EXPECT_EQ(limited(""), "yyyy");
  EXPECT_EQ(limited(R"(, "maxItems": 2)"), "yyyn");
  EXPECT_EQ(limited(R"(, "minItems": 2)"), "nnyy");
  EXPECT_EQ(limited(R"(, "minItems": 1, "maxItems": 1)"), "nynn");
  EXPECT_EQ(limited(R"(, "maxItems": 0)"), "ynnn");
}

// Every number around the ends, against arithmetic.
TEST(Language, whole_numbers_keep_to_their_range) {
  const std::vector<std::pair<std::int64_t, std::uint64_t>> ranges = {{0, 0},       {0, 9},     {7, 7},     {0, 255},
                                                                      {-128, 127},  {13, 1409}, {-45, 3},   {99, 100},
                                                                      {1000, 1999}, {-1000, 0}, {305, 2871}};
  for (const auto& [least, most] : ranges) {
    const AnswerForm form = made({{"n", Field::Kind::whole, least, most}});
    auto grammar = Grammar::parse(form.grammar, "");
    ASSERT_TRUE(grammar);
    for (std::int64_t n = -1100; n <= 3000; ++n)
      EXPECT_EQ(grammar->matches("{\"n\": " + std::to_string(n) + "}"),
                n >= least && n <= static_cast<std::int64_t>(most))
          << n << " in " << least << " to " << most;
    for (const char* text : {"-0", "00", "01", "", "-", "+1", "1.0"})
      EXPECT_FALSE(grammar->matches("{\"n\": " + std::string(text) + "}")) << text;
  }
  const AnswerForm wide = made({{"n", Field::Kind::whole, INT64_MIN, UINT64_MAX}});
  EXPECT_TRUE(says(wide, R"({"n": -9223372036854775808})"));
  EXPECT_FALSE(says(wide, R"({"n": -9223372036854775809})"));
  EXPECT_TRUE(says(wide, R"({"n": 18446744073709551615})"));
  EXPECT_FALSE(says(wide, R"({"n": 18446744073709551616})"));
}

TEST(Language, a_schema_tightens_the_fields_and_orders_them) {
  const AnswerForm form = made({kDrug, kMg}, false, R"({"type": "object", "properties": {
    "mg": {"type": "integer", "minimum": 1, "maximum": 40},
    "drug": {"type": "string", "minLength": 2, "maxLength": 3, "description": "its name"}}})");
  EXPECT_TRUE(says(form, R"({"mg": 40, "drug": "abc"})"));
  EXPECT_FALSE(says(form, R"({"drug": "abc", "mg": 40})"));
  EXPECT_FALSE(says(form, R"({"mg": 41, "drug": "abc"})"));
  EXPECT_FALSE(says(form, R"({"mg": 0, "drug": "abc"})"));
  EXPECT_FALSE(says(form, R"({"mg": 40, "drug": "abcd"})"));
  EXPECT_FALSE(says(form, R"({"mg": 40, "drug": "a"})"));
  const AnswerForm listed = made({kDrug, kMg}, false, R"({"type": "object", "properties": {
    "drug": {"enum": ["a", "b\"c"]}, "mg": {"const": 5}}})");
  EXPECT_TRUE(says(listed, R"({"drug": "b\"c", "mg": 5})"));
  EXPECT_FALSE(says(listed, R"({"drug": "c", "mg": 5})"));
  EXPECT_FALSE(says(listed, R"({"drug": "a", "mg": 6})"));
}

TEST(Language, what_a_schema_asks_and_a_grammar_cannot_hold_is_refused) {
  const auto with = [](const std::string& drug, const std::string& more = "") {
    return message("{\"type\": \"object\",\n\"properties\": {\"drug\": " + drug + ", \"mg\": {\"type\": \"integer\"}}" +
                   more + "}");
  };
  EXPECT_EQ(with(R"({"type": "string"})"), "fine");
  EXPECT_EQ(with(R"({"type": "string", "pattern": "a+"})"), "2:43 `pattern` cannot be held to while a model speaks");
  EXPECT_EQ(with(R"({"type": "string", "minimum": 1})"), "2:43 `minimum` cannot be held to while a model speaks");
  EXPECT_EQ(with(R"({"type": ["string", "null"]})"), "2:16 the column `drug` takes a JSON string");
  EXPECT_EQ(with(R"({"type": "number"})"), "2:16 the column `drug` takes a JSON string");
  EXPECT_EQ(with(R"({"$ref": "#/x"})"), "2:25 `$ref` cannot be held to while a model speaks");
  EXPECT_EQ(with(R"({"enum": [1]})"), "2:25 1 is no value of the column `drug`");
  EXPECT_EQ(with(R"({"enum": []})"), "2:25 `enum` is a list of values");
  EXPECT_EQ(with(R"({"enum": ["a"], "minLength": 1})"), "2:40 `minLength` beside a list of values says nothing more");
  EXPECT_EQ(with(R"({"type": "string", "minLength": 9999})"), "2:43 `minLength` is no number up to 2000");
  EXPECT_EQ(with(R"({"type": "string", "minLength": 3, "maxLength": 2})"), "2:59 `maxLength` is less than `minLength`");
  EXPECT_EQ(with(R"({"type": "string"})", R"(, "required": ["drug"])"),
            "2:72 a tuple has a value in each column, so each is required");
  EXPECT_EQ(with(R"({"type": "string"})", R"(, "additionalProperties": true)"),
            "2:72 a record has no properties but its columns");
  EXPECT_EQ(with(R"({"type": "string"})", R"(, "oneOf": [])"), "2:72 `oneOf` cannot be held to while a model speaks");
  EXPECT_EQ(message(R"({"type": "object", "properties": {"drug": {"type": "string"}}})"),
            "1:20 the column `mg` is no property of this schema");
  EXPECT_EQ(message(R"({"type": "object", "properties": {"dose": {"type": "string"}}})"),
            "1:35 the relation has no free column `dose`");
  EXPECT_EQ(message(R"({"type": "array", "items": {}})"), "1:19 `items` cannot be held to while a model speaks");
  EXPECT_EQ(message(R"({"type": "array"})", true), "1:2 a list needs `items`");
  EXPECT_EQ(message("{\"type\": \"object\",\n  oops}"), "2:3 this is no JSON");
  EXPECT_EQ(message("[]"), "1:1 a schema is an object");
  EXPECT_EQ(message(std::string(100'000, '[')), "1:1 this schema cannot be read: it is nested too deep");
}

TEST(Language, what_was_said_is_read_as_records) {
  const auto read = [](const AnswerForm& form, std::string_view said) {
    const auto records = read_records(form, said);
    if (!records) return records.error().code;
    std::string out;
    for (const std::string& record : *records) out += record + ";";
    return out;
  };
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 5, "drug": "a"})"), R"({"drug":"a","mg":5};)");
  EXPECT_EQ(read(made({kOral}, true), R"([{"oral": true}, {"oral": false}])"), R"({"oral":true};{"oral":false};)");
  EXPECT_EQ(read(made({kOral}, true), "[]"), "");
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 5, "dru)"), "not-an-answer");
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 5})"), "not-an-answer");
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 128, "drug": "a"})"), "not-an-answer");
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 5.5, "drug": "a"})"), "not-an-answer");
  EXPECT_EQ(read(made({kDrug, kMg}), R"({"mg": 5, "drug": null})"), "not-an-answer");
  EXPECT_EQ(read(made({kOral}), std::string(100'000, '[')), "not-an-answer");
  EXPECT_EQ(read(*text_form("root ::= [a-z]+", "g"), "abc"), "abc;");
}

}  // namespace
}  // namespace tenfold::neural
