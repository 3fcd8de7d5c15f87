#include "neural/language.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/utf8.h"
#include "neural/grammar.h"

namespace tenfold::neural {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxLength = 2'000;  // of minLength, maxLength, minItems and maxItems, which are written out
constexpr std::size_t kMaxDepth = 64;      // of a schema; ours have three levels

/// A literal of GBNF.
std::string gbnf_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      (out += "\\x") += {"0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string digits(std::size_t n) { return n == 0 ? "" : n == 1 ? " [0-9]" : " [0-9]{" + std::to_string(n) + "}"; }

/// Numbers of equally many digits, from `low` to `high`.
void same_length(const std::string& prefix, const std::string& low, const std::string& high,
                 std::vector<std::string>& out) {
  const auto all = [](const std::string& text, char digit) {
    return text.find_first_not_of(digit) == std::string::npos;
  };
  if (low == high) return out.push_back(gbnf_text(prefix + low));
  if (all(low, '0') && all(high, '9')) {
    return out.push_back((prefix.empty() ? "" : gbnf_text(prefix)) + digits(low.size()));
  }
  if (low[0] == high[0]) return same_length(prefix + low[0], low.substr(1), high.substr(1), out);
  const std::size_t rest = low.size() - 1;
  char from = low[0], to = high[0];
  if (!all(low.substr(1), '0')) same_length(prefix + from++, low.substr(1), std::string(rest, '9'), out);
  const bool cut = !all(high.substr(1), '9');
  if (cut) --to;
  if (from <= to) {
    out.push_back((prefix.empty() ? "" : gbnf_text(prefix) + " ") + "[" + from + "-" + to + "]" + digits(rest));
  }
  if (cut) same_length(prefix + high[0], std::string(rest, '0'), high.substr(1), out);
}

void up_to(std::uint64_t low, std::uint64_t high, const std::string& sign, std::vector<std::string>& out) {
  const std::string from = std::to_string(low), to = std::to_string(high);
  for (std::size_t n = from.size(); n <= to.size(); ++n) {
    const std::string least = n == from.size() ? from : "1" + std::string(n - 1, '0');
    const std::string most = n == to.size() ? to : std::string(n, '9');
    same_length(sign, least, most, out);
  }
}

std::string joined(const std::vector<std::string>& parts, std::string_view by) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(by)) + part;
  return out;
}

/// Whole numbers in a range, without leading zeros.
std::string whole_between(std::int64_t least, std::uint64_t most) {
  std::vector<std::string> out;
  if (least < 0) up_to(1, 0 - static_cast<std::uint64_t>(least), "-", out);
  up_to(least < 0 ? 0 : static_cast<std::uint64_t>(least), most, "", out);
  return joined(out, " | ");
}

/// How often something may stand; without `most` as often as one likes.
struct Count {
  std::size_t least = 0;
  std::optional<std::size_t> most = {};
};

std::string repeated(const Count& count) {
  return "{" + std::to_string(count.least) + "," + (count.most ? std::to_string(*count.most) : "") + "}";
}

constexpr std::string_view kCharacters = "character ::= [^\"\\\\\\x00-\\x1F\\x7F] | \"\\\\\" [\"\\\\bfnrt]\n";
constexpr std::string_view kNumber = "\"-\"? (\"0\" | [1-9] [0-9]{0,14}) (\".\" [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?";

std::string rule_of_kind(const Field& field) {
  switch (field.kind) {
    case Field::Kind::text:
      return R"("\"" character* "\"")";
    case Field::Kind::character:
      return R"("\"" character "\"")";
    case Field::Kind::whole:
      return whole_between(field.least, field.most);
    case Field::Kind::number:
      return std::string(kNumber);
    case Field::Kind::truth:
      return R"("true" | "false")";
  }
  return {};
}

Json schema_of_kind(const Field& field) {
  switch (field.kind) {
    case Field::Kind::text:
      return {{"type", "string"}};
    case Field::Kind::character:
      return {{"type", "string"}, {"minLength", 1}, {"maxLength", 1}};
    case Field::Kind::whole:
      return {{"type", "integer"}, {"minimum", field.least}, {"maximum", field.most}};
    case Field::Kind::number:
      return {{"type", "number"}};
    case Field::Kind::truth:
      return {{"type", "boolean"}};
  }
  return {};
}

std::string_view json_type(Field::Kind kind) {
  switch (kind) {
    case Field::Kind::whole:
      return "integer";
    case Field::Kind::number:
      return "number";
    case Field::Kind::truth:
      return "boolean";
    default:
      return "string";
  }
}

/// Whether a JSON value is one that the field can hold.
bool holds(const Field& field, const Json& value) {
  switch (field.kind) {
    case Field::Kind::text:
      return value.is_string();
    case Field::Kind::character:
      return value.is_string() && count_scalars(value.get_ref<const std::string&>()) == 1;
    case Field::Kind::whole:
      if (value.is_number_unsigned())
        return value.get<std::uint64_t>() <= field.most &&
               (field.least <= 0 || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(field.least));
      return value.is_number_integer() && value.get<std::int64_t>() >= field.least && value.get<std::int64_t>() < 0;
    case Field::Kind::number:
      return value.is_number();
    case Field::Kind::truth:
      return value.is_boolean();
  }
  return false;
}

/// Reads a schema against the fields; what is wrong first is kept.
class SchemaReader {
 public:
  SchemaReader(std::string_view text, const std::string& file, std::vector<Field>& fields)
      : text_(text), file_(file), fields_(fields) {}

  /// Rules of the fields, in the order of the schema, which the fields get as well.
  Status run(bool many, std::vector<std::string>& rules, Count& list) {
    try {
      schema_ = Json::parse(text_, [](int depth, auto, auto&) {
        if (static_cast<std::size_t>(depth) > kMaxDepth) throw std::length_error("it is nested too deep");
        return true;
      });
    } catch (const nlohmann::json::parse_error& error) {
      const std::size_t at = std::min(text_.size(), error.byte == 0 ? 0 : error.byte - 1);
      return bad(at, "this is no JSON", "mend it here");
    } catch (const std::exception& error) {
      return bad(0, std::string("this schema cannot be read: ") + error.what(), "make it simpler");
    }
    const Json* record = &schema_;
    if (many && schema_.is_object() && schema_.value("type", Json()) == "array") {
      only(schema_, {"type", "items", "minItems", "maxItems"}, true);
      if (ok() && !schema_.contains("items")) fail("type", "a list needs `items`", "say what a record is");
      if (!ok()) return *error_;
      list = limits(schema_, "minItems", "maxItems");
      record = &schema_["items"];
    }
    if (ok()) object(*record, record == &schema_, rules);
    return ok() ? Status{} : Status{*error_};
  }
  const Json& schema() const { return schema_; }
  bool is_list() const { return schema_.value("type", Json()) == "array"; }

 private:
  bool ok() const { return !error_; }
  Error bad(std::size_t at, std::string what, std::string hint) const {
    const std::string_view before = text_.substr(0, at);
    const auto line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::size_t end = std::min(text_.size(), text_.find('\n', start));
    return {"bad-schema",
            {file_, line, static_cast<std::uint32_t>(count_scalars(text_.substr(start, at - start)) + 1), 1},
            std::move(what),
            std::move(hint),
            std::string(text_.substr(start, end - start))};
  }
  /// At the first place where the word stands as a text.
  void fail(std::string_view word, std::string what, std::string hint) {
    if (error_) return;
    const std::size_t at = text_.find("\"" + std::string(word) + "\"");
    error_ = bad(at == std::string_view::npos ? 0 : at, std::move(what), std::move(hint));
  }

  void only(const Json& schema, std::set<std::string_view> allowed, bool root) {
    if (!schema.is_object()) return fail("", "a schema is an object", "write { \"type\": … }");
    allowed.insert({"title", "description", "$comment", "examples", "default"});
    if (root) allowed.insert({"$schema", "$id"});
    for (const auto& [key, value] : schema.items()) {
      if (allowed.contains(key)) continue;
      return fail(key, "`" + key + "` cannot be held to while a model speaks",
                  "take it out, and test the value in a rule");
    }
  }

  Count limits(const Json& schema, const char* least, const char* most) {
    std::optional<std::size_t> found[2];
    const char* names[] = {least, most};
    for (int i = 0; i < 2; ++i) {
      if (!schema.contains(names[i])) continue;
      const Json& value = schema[names[i]];
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxLength) {
        fail(names[i], "`" + std::string(names[i]) + "` is no number up to " + std::to_string(kMaxLength), "write one");
      } else {
        found[i] = value.get<std::size_t>();
      }
    }
    if (found[0] && found[1] && *found[1] < *found[0])
      fail(names[1], "`" + std::string(most) + "` is less than `" + least + "`", "write the larger here");
    return {found[0].value_or(0), found[1]};
  }

  void object(const Json& schema, bool root, std::vector<std::string>& rules) {
    only(schema, {"type", "properties", "required", "additionalProperties"}, root);
    if (!ok()) return;
    if (schema.value("type", Json()) != "object" || !schema.contains("properties") || !schema["properties"].is_object())
      return fail("type", "a record is an object with `properties`",
                  "write { \"type\": \"object\", \"properties\": … }");
    if (schema.contains("additionalProperties") && schema["additionalProperties"] != false)
      return fail("additionalProperties", "a record has no properties but its columns", "write false, or nothing");
    std::vector<Field> ordered;
    for (const auto& [name, property] : schema["properties"].items()) {
      const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
      if (field == fields_.end())
        return fail(name, "the relation has no free column `" + name + "`", "its columns are " + names());
      ordered.push_back(*field);
      rules.push_back(value(*field, property));
      if (!ok()) return;
    }
    for (const Field& field : fields_)
      if (!schema["properties"].contains(field.name))
        return fail("properties", "the column `" + field.name + "` is no property of this schema",
                    "say what it may be");
    if (schema.contains("required")) {
      std::set<std::string> required;
      if (schema["required"].is_array())
        for (const Json& name : schema["required"]) required.insert(name.is_string() ? name.get<std::string>() : "");
      if (required.size() != fields_.size() ||
          std::any_of(fields_.begin(), fields_.end(), [&](const Field& f) { return !required.contains(f.name); }))
        return fail("required", "a tuple has a value in each column, so each is required", "name them all: " + names());
    }
    fields_ = std::move(ordered);
  }

  std::string names() const {
    std::vector<std::string> all;
    for (const Field& field : fields_) all.push_back(field.name);
    return joined(all, ", ");
  }

  std::string value(Field& field, const Json& schema) {
    std::set<std::string_view> allowed = {"type", "enum", "const"};
    if (field.kind == Field::Kind::text) allowed.insert({"minLength", "maxLength"});
    if (field.kind == Field::Kind::whole) allowed.insert({"minimum", "maximum"});
    only(schema, allowed, false);
    if (!ok()) return {};
    const std::string_view wanted = json_type(field.kind);
    const Json type = schema.value("type", Json());
    const bool listed = schema.contains("enum") || schema.contains("const");
    if (!(type == wanted || (field.kind == Field::Kind::number && type == "integer") || (type.is_null() && listed))) {
      fail(field.name, "the column `" + field.name + "` takes a JSON " + std::string(wanted),
           "write \"type\": \"" + std::string(wanted) + "\", or change the column's type");
      return {};
    }
    if (listed) return one_of(field, schema);
    if (field.kind == Field::Kind::whole) return in_range(field, schema);
    if (field.kind == Field::Kind::number && type == "integer") return R"("-"? ("0" | [1-9] [0-9]{0,14}))";
    if (field.kind != Field::Kind::text) return rule_of_kind(field);
    return "\"\\\"\" character" + repeated(limits(schema, "minLength", "maxLength")) + " \"\\\"\"";
  }

  std::string one_of(const Field& field, const Json& schema) {
    std::vector<std::string> out;
    const Json values = schema.contains("enum") ? schema["enum"] : Json::array({schema["const"]});
    const char* word = schema.contains("enum") ? "enum" : "const";
    if (!values.is_array() || values.empty()) fail(word, "`enum` is a list of values", "write one at least");
    for (const Json& value : values) {
      if (!ok()) break;
      if (!holds(field, value))
        fail(word, value.dump() + " is no value of the column `" + field.name + "`", "take it out");
      out.push_back(gbnf_text(value.dump()));
    }
    for (const char* other : {"minLength", "maxLength", "minimum", "maximum"})
      if (schema.contains(other))
        fail(other, "`" + std::string(other) + "` beside a list of values says nothing more", "take it out");
    return joined(out, " | ");
  }

  std::string in_range(Field& field, const Json& schema) {
    if (schema.contains("minimum")) {
      const Json& least = schema["minimum"];
      if (!least.is_number_integer() || (least.is_number_unsigned() && least.get<std::uint64_t>() > INT64_MAX))
        fail("minimum", "`minimum` is no whole number that fits", "write a whole number");
      else
        field.least = std::max(field.least, least.get<std::int64_t>());
    }
    if (schema.contains("maximum")) {
      const Json& most = schema["maximum"];
      if (!most.is_number_unsigned())
        fail("maximum", "`maximum` is no whole number from 0 up", "write one, and test for less in a rule");
      else
        field.most = std::min(field.most, most.get<std::uint64_t>());
    }
    if (ok() && field.least > 0 && static_cast<std::uint64_t>(field.least) > field.most)
      fail("minimum", "no number of the column is in this range", "write the smaller as minimum");
    return ok() ? whole_between(field.least, field.most) : "";
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<Field>& fields_;
  Json schema_;
  std::optional<Error> error_;
};

}  // namespace

// {"drug": "aspirin", "mg": 100}, and [{…}, {…}] of a list: names and signs are forced, only values are the model's.
Result<AnswerForm> record_form(std::vector<Field> fields, bool many, std::string_view schema, const std::string& file) {
  AnswerForm form;
  form.kind = many ? AnswerForm::Kind::records : AnswerForm::Kind::record;
  std::vector<std::string> rules;
  Count list;
  Json whole;
  if (!schema.empty()) {
    SchemaReader reader(schema, file, fields);
    if (Status read = reader.run(many, rules, list); !read.ok()) return read.error();
    whole = reader.schema();
    if (many && !reader.is_list()) whole = {{"type", "array"}, {"items", std::move(whole)}};
  } else {
    Json record = {{"type", "object"},
                   {"properties", Json::object()},
                   {"required", Json::array()},
                   {"additionalProperties", false}};
    for (const Field& field : fields) {
      rules.push_back(rule_of_kind(field));
      record["properties"][field.name] = schema_of_kind(field);
      record["required"].push_back(field.name);
    }
    whole = many ? Json{{"type", "array"}, {"items", std::move(record)}} : std::move(record);
  }
  form.schema = whole.dump();

  std::string record = "record ::= ";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    record +=
        gbnf_text((i == 0 ? "{" : ", ") + Json(fields[i].name).dump() + ": ") + " field" + std::to_string(i) + " ";
  }
  record += "\"}\"\n";
  if (!many) {
    form.grammar = "root ::= record\n";
  } else if (list.most == 0u) {
    form.grammar = "root ::= \"[]\"\n";
  } else {
    // A first record and what follows it, or where the list may be empty neither.
    Count more{list.least == 0 ? 0 : list.least - 1};
    if (list.most) more.most = *list.most - 1;
    form.grammar =
        "root ::= \"[\" (record (\", \" record)" + repeated(more) + ")" + (list.least == 0 ? "?" : "") + " \"]\"\n";
  }
  form.grammar += record;
  for (std::size_t i = 0; i < rules.size(); ++i)
    form.grammar += "field" + std::to_string(i) + " ::= " + rules[i] + "\n";
  form.grammar += kCharacters;
  form.fields = std::move(fields);
  if (auto fine = Grammar::parse(form.grammar, file); !fine) return fine.error();
  return form;
}

Result<AnswerForm> text_form(std::string_view gbnf, const std::string& file) {
  if (auto fine = Grammar::parse(gbnf, file); !fine) return fine.error();
  AnswerForm form;
  form.kind = AnswerForm::Kind::text;
  form.grammar = gbnf;
  return form;
}

Result<std::vector<std::string>> read_records(const AnswerForm& form, std::string_view said) {
  if (form.kind == AnswerForm::Kind::text) return std::vector<std::string>{std::string(said)};
  const auto bad = [&](std::string what) { return Error{"not-an-answer", {}, std::move(what), "", ""}; };
  Json whole;
  try {
    whole = Json::parse(said, [](int depth, auto, auto&) {
      if (static_cast<std::size_t>(depth) > kMaxDepth) throw std::length_error("nested too deep");
      return true;
    });
  } catch (const std::exception&) {
    return bad("what was said is no JSON");
  }
  if (form.kind == AnswerForm::Kind::record) whole = Json::array({std::move(whole)});
  if (!whole.is_array()) return bad("what was said is no list");
  std::vector<std::string> out;
  for (const Json& record : whole) {
    if (!record.is_object() || record.size() != form.fields.size()) return bad("a record has other fields");
    Json ordered;
    for (const Field& field : form.fields) {
      if (!record.contains(field.name) || !holds(field, record[field.name]))
        return bad("a record has no value for `" + field.name + "`");
      ordered[field.name] = record[field.name];
    }
    out.push_back(ordered.dump());
  }
  return out;
}

}  // namespace tenfold::neural
