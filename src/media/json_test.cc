#include "media/json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenfold::media {
namespace {

std::string code_of(std::string_view text) {
  Json json;
  const Status status = json.open(text);
  return status ? "ok" : status.error().code;
}

/// An outline written out again, to see that every value is where it should be.
std::string written(JsonValue value) {
  std::string out;
  switch (value.kind()) {
    case '{':
      out = "{";
      value.members([&](std::string_view key, JsonValue inner) {
        out += std::string(out.size() > 1 ? "," : "") + "\"" + std::string(key) + "\":" + written(inner);
        return true;
      });
      return out + "}";
    case '[':
      out = "[";
      value.elements([&](JsonValue inner) {
        out += (out.size() > 1 ? "," : "") + written(inner);
        return true;
      });
      return out + "]";
    case '"':
      return "\"" + std::string(value.raw()) + "\"";
    default:
      return std::string(value.token());
  }
}

TEST(Json, outlines_nested_values) {
  const std::string text =
      " { \"a\" : [ 1 , -2.5e3, true,null , \"x \\\" y\" ], \"b\":{} , \"c\":[], \"d\":{\"e\":[{}]} } ";
  Json json;
  ASSERT_TRUE(json.open(text).ok());
  std::string out;
  json.roots([&](JsonValue root) {
    out += written(root);
    return true;
  });
  EXPECT_EQ(out, R"({"a":[1,-2.5e3,true,null,"x \" y"],"b":{},"c":[],"d":{"e":[{}]}})");
}

TEST(Json, takes_several_roots_and_a_byte_order_mark) {
  Json json;
  ASSERT_TRUE(json.open("\xEF\xBB\xBF{\"a\":1}\n{\"b\":2}").ok());
  std::vector<std::string> roots;
  json.roots([&](JsonValue root) {
    roots.push_back(written(root));
    return true;
  });
  EXPECT_EQ(roots, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"}));
}

TEST(Json, refuses_what_is_no_json) {
  EXPECT_EQ(code_of(""), "empty-json");
  EXPECT_EQ(code_of(" \n\t"), "empty-json");
  EXPECT_EQ(code_of("{\"a\":1"), "truncated-json");
  EXPECT_EQ(code_of("{\"a\":\"x"), "truncated-json");
  EXPECT_EQ(code_of("[1,"), "truncated-json");
  for (const char* text : {"{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "{a:1}", "{\"a\" 1}", "}",
                           "{1:2}", "[1 2]", "{\"a\":1 \"b\":2}", "hello", "[\"a\"b]", "{\"a\":1}}"}) {
    EXPECT_EQ(code_of(text), "malformed-json") << text;
  }
  EXPECT_EQ(code_of("{\"a\":\"\xC3\x28\"}"), "not-utf8");
  EXPECT_EQ(code_of("{\"a\":\"\xED\xA0\x80\"}"), "not-utf8");
  EXPECT_EQ(code_of(std::string_view("{\"a\":\"x\0y\"}", 11)), "malformed-json");
  EXPECT_EQ(code_of(std::string_view("{\"a\":\0}", 7)), "malformed-json");
}

TEST(Json, bounds_depth) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_EQ(code_of(nested(Json::kMaxDepth)), "ok");
  EXPECT_EQ(code_of(nested(Json::kMaxDepth + 1)), "nested-too-deep");
  EXPECT_EQ(code_of(nested(10'000)), "nested-too-deep");
  EXPECT_EQ(code_of(std::string(10'000, '[')), "nested-too-deep");
}

TEST(Json, says_where) {
  Json json;
  const Status status = json.open("{\n  \"näme\": 1\n  \"b\": 2\n}");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().place.line, 3u);
  EXPECT_EQ(status.error().place.column, 3u);
  EXPECT_EQ(status.error().excerpt, "  \"b\": 2");
  const Status utf8 = json.open("{\"é\":\n\"ab\xFF\"}");
  EXPECT_EQ(utf8.error().place.line, 2u);
  EXPECT_EQ(utf8.error().place.column, 4u);
  const Status control = json.open("{\"a\": \"x\ty\"}");
  EXPECT_EQ(control.error().place.column, 9u);
}

TEST(Json, every_truncation_is_seen) {
  const std::string text = R"({"a":[1,{"b":"c\u00e9"},true],"d":null,"e":"é"})";
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_NE(code_of(text.substr(0, n)), "ok") << n;
  EXPECT_EQ(code_of(text), "ok");
}

TEST(Json, memory_is_reused_for_larger_and_smaller_texts) {
  Json json;
  for (const std::size_t n : {1u, 100'000u, 3u, 200'000u, 5u}) {
    std::string text = "[0";
    for (std::size_t i = 0; i < n; ++i) text += ",1";
    ASSERT_TRUE(json.open(text + "]").ok());
    const std::string whole = text + "]";
    ASSERT_TRUE(json.open(whole).ok());
    std::size_t count = 0;
    json.roots([&](JsonValue root) {
      root.elements([&](JsonValue) { return ++count, true; });
      return true;
    });
    EXPECT_EQ(count, n + 1);
  }
}

TEST(Json, unescapes) {
  std::string out;
  EXPECT_TRUE(unescape(R"(a\"\\\/\b\f\n\r\tz)", out));
  EXPECT_EQ(out, "a\"\\/\b\f\n\r\tz");
  EXPECT_TRUE(unescape(R"(\u00e9\u20AC\ud83d\ude00)", out));
  EXPECT_EQ(out, "é€😀");
  for (const char* bad :
       {R"(\ud800)", R"(\udc00)", R"(\ud800\u0041)", R"(\u12)", R"(\x)", R"(\u00g0)", R"(\u0000)", "\\"}) {
    EXPECT_FALSE(unescape(bad, out)) << bad;
  }
}

}  // namespace
}  // namespace tenfold::media
