// Run by mock_server.py, which answers well and badly by the first part of the path.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "neural/neural.h"

namespace tenfold::neural {
namespace {

using Options = std::map<std::string, std::string, std::less<>>;

std::string address(const std::string& way) { return std::string(std::getenv("TENFOLD_MOCK")) + "/" + way + "/v1"; }

Options options(const std::string& way, Options more = {}) {
  Options all = {
      {"url", address(way)}, {"model", "mock"},   {"key_env", "TENFOLD_MOCK_KEY"}, {"max_calls", "1000"},
      {"backoff_s", "0.01"}, {"timeout_s", "20"}, {"usd_per_million_input", "2"},  {"usd_per_million_output", "10"}};
  for (auto& [name, value] : more) all[name] = value;
  return all;
}

LoadSettings settings(Options options, AnswerForm form = {}) {
  LoadSettings settings;
  settings.path = "mock";
  settings.options = std::move(options);
  settings.form = std::move(form);
  if (settings.form.kind == AnswerForm::Kind::labels) settings.labels = {"negative", "positive"};
  settings.outputs.push_back({"probabilities", std::max<std::size_t>(1, settings.labels.size())});
  return settings;
}

AnswerForm drug() {
  AnswerForm form;
  form.kind = AnswerForm::Kind::record;
  form.fields = {{"drug", Field::Kind::text, 0, 0}, {"mg", Field::Kind::whole, 0, 5000}};
  form.schema = R"({"type": "object", "properties": {"drug": {"type": "string"}, "mg": {"type": "integer"}}})";
  return form;
}

Result<std::unique_ptr<Model>> load(const LoadSettings& settings) {
  auto backend = find_backend("remote");
  if (!backend) return backend.error();
  return (*backend)->load({}, settings);
}

Outputs ask(Model& model, std::vector<std::string_view> texts) {
  Outputs outputs;
  EXPECT_TRUE(model.run({texts, {}, texts}, outputs));
  EXPECT_EQ(outputs.refusals.size(), texts.size());
  return outputs;
}

Outputs ask(const LoadSettings& settings, std::vector<std::string_view> texts = {"a text"}) {
  auto model = load(settings);
  EXPECT_TRUE(model) << model.error().what;
  return model ? ask(**model, std::move(texts)) : Outputs{};
}

TEST(Remote, labels_get_their_probabilities) {
  const Outputs outputs = ask(settings(options("good")), {"fine", "it is negative", "fine"});
  for (const std::string& refusal : outputs.refusals) EXPECT_EQ(refusal, "");
  ASSERT_EQ(outputs.values[0].size(), 6u);
  EXPECT_NEAR(outputs.values[0][1], 0.8 / 0.9, 1e-9);
  EXPECT_NEAR(outputs.values[0][0], 0.1 / 0.9, 1e-9);
  EXPECT_NEAR(outputs.values[0][2], 0.9, 1e-9);
  EXPECT_EQ(outputs.tokens[0], (Tokens{20, 0, 1, 0}));
}

TEST(Remote, a_picture_goes_between_the_texts) {
  const ColourPicture red{1, 1, {200, 10, 20}}, blue{1, 1, {20, 10, 200}}, none{};
  const std::vector<Shown> one = {{3, &red}}, other = {{3, &blue}}, broken = {{3, &none}};
  const std::vector<std::string_view> texts(3, "Is  red?");
  const std::vector<std::span<const Shown>> shown = {one, other, broken};
  const auto asked = [&](Options more) {
    auto model = load(settings(options("picture", std::move(more))));
    EXPECT_TRUE(model) << model.error().what;
    Outputs outputs;
    EXPECT_TRUE((*model)->run({texts, {}, texts, shown}, outputs));
    return outputs;
  };
  const Outputs outputs = asked({});
  EXPECT_EQ(outputs.refusals, (std::vector<std::string>{"", "", "unreadable"})) << outputs.details[0];
  EXPECT_NEAR(outputs.values[0][0], 0.9, 1e-9);
  EXPECT_NEAR(outputs.values[0][2], 0.1 / 0.9, 1e-9);
  EXPECT_EQ(outputs.tokens[0].prompt, 20u);
  // A picture is set aside as 50000 tokens, which are 0.1 dollars here, unless its tokens are said.
  EXPECT_EQ(asked({{"max_usd", "0.09"}}).refusals[0], "over-budget");
  EXPECT_EQ(asked({{"max_usd", "0.09"}, {"tokens_per_picture", "1500"}}).refusals[0], "");
}

TEST(Remote, a_reply_in_one_piece_is_read_as_well) {
  const Outputs outputs = ask(settings(options("plain")));
  EXPECT_EQ(outputs.refusals[0], "") << outputs.details[0];
  EXPECT_NEAR(outputs.values[0][1], 0.8 / 0.9, 1e-9);
}

TEST(Remote, a_record_has_the_form_that_was_asked_for) {
  const Outputs outputs = ask(settings(options("good"), drug()));
  EXPECT_EQ(outputs.refusals[0], "") << outputs.details[0];
  EXPECT_EQ(outputs.records.at(0).at(0).json, R"({"drug":"aspirin","mg":500})");
  for (const char* kind : {"missing", "extra", "type", "range", "list", "bare", "cut"}) {
    const Outputs bad = ask(settings(options(std::string("record-") + kind), drug()));
    EXPECT_EQ(bad.refusals[0], "network-failed") << kind;
    EXPECT_TRUE(bad.records[0].empty());
  }
}

// As everywhere else that a model says records.
TEST(Remote, a_record_keeps_to_its_ranges) {
  AnswerForm form = drug();
  form.fields[1].least = 500;
  EXPECT_EQ(ask(settings(options("good"), form)).refusals[0], "");
  form.fields[1].least = 501;
  EXPECT_EQ(ask(settings(options("good"), form)).refusals[0], "network-failed");
  form = drug();
  form.fields[0].kind = Field::Kind::character;
  EXPECT_EQ(ask(settings(options("good"), form)).refusals[0], "network-failed");
}

TEST(Remote, without_log_probabilities_its_word_is_taken_if_that_is_a_label) {
  EXPECT_EQ(ask(settings(options("word-positive", {{"logprobs", "false"}}))).values[0],
            (std::vector<double>{0.0, 1.0}));
  EXPECT_EQ(ask(settings(options("word-maybe", {{"logprobs", "false"}}))).refusals[0], "network-failed");
}

TEST(Remote, what_passes_is_tried_again) {
  for (const char* way : {"status-429-2", "status-500-1", "status-503-3", "drop-1"}) {
    const Outputs outputs = ask(settings(options(way)));
    EXPECT_EQ(outputs.refusals[0], "") << way << ": " << outputs.details[0];
    EXPECT_NEAR(outputs.values[0][1], 0.8 / 0.9, 1e-9);
  }
}

TEST(Remote, what_does_not_pass_is_a_failure_that_says_why) {
  const std::pair<const char*, const char*> cases[] = {{"status-500-100", "HTTP 500"}, {"status-400-100", "HTTP 400"},
                                                       {"status-429-100", "HTTP 429"}, {"redirect", "redirect"},
                                                       {"drop-100", "connection"},     {"unfinished", "broke off"},
                                                       {"garbage-json", "JSON"},       {"garbage-html", "broke off"},
                                                       {"garbage-events", "JSON"},     {"garbage-empty", "JSON"},
                                                       {"garbage-binary", ""},         {"garbage-deep", ""},
                                                       {"garbage-types", ""},          {"garbage-null", ""},
                                                       {"garbage-error", "error"},     {"letters-none", "no log-prob"},
                                                       {"letters-unknown", "labels"},  {"letters-positive", "are none"},
                                                       {"letters-sum", "are none"},    {"letters-nan", ""},
                                                       {"letters-outside", "labels"},  {"endless", "too large"}};
  for (const auto& [way, why] : cases) {
    const Outputs outputs = ask(settings(options(way, {{"retries", "2"}})));
    EXPECT_EQ(outputs.refusals[0], "network-failed") << way;
    EXPECT_NE(outputs.details[0].find(why), std::string::npos) << way << ": " << outputs.details[0];
    EXPECT_EQ(outputs.details[0].find(std::getenv("TENFOLD_MOCK_KEY")), std::string::npos);
  }
}

// Only that it ends, long before the server does: the limits are a small part of the 30 s that it takes.
TEST(Remote, waits_are_bounded) {
  for (const char* way : {"slow", "silent", "later"}) {
    const Outputs outputs = ask(settings(options(way, {{"timeout_s", "0.5"}, {"retries", "1"}})));
    EXPECT_EQ(outputs.refusals[0], "network-failed") << way;
  }
  const Outputs idle = ask(settings(options("silent", {{"idle_s", "0.2"}, {"retries", "0"}})));
  EXPECT_NE(idle.details[0].find("nothing came"), std::string::npos) << idle.details[0];
  const Outputs nobody = ask(settings(options("good", {{"url", "http://127.0.0.1:9/v1"}, {"retries", "1"}})));
  EXPECT_NE(nobody.details[0].find("cannot be connected"), std::string::npos) << nobody.details[0];
}

// The server counts the requests as well.
TEST(Remote, no_more_calls_than_allowed_are_made_by_all_threads_together) {
  const std::vector<std::string_view> texts(40, "a text");
  for (const char* way : {"good-budget-7", "status-500-100-budget-7", "drop-100-budget-7", "unfinished-budget-7"}) {
    const Outputs outputs = ask(settings(options(way, {{"max_calls", "7"}, {"parallel", "8"}})), texts);
    const auto of = [&](std::string_view code) {
      return std::count(outputs.refusals.begin(), outputs.refusals.end(), code);
    };
    EXPECT_EQ(of("") + of("over-budget") + of("network-failed"), 40) << way;
    EXPECT_GE(of("over-budget"), 33) << way;
    EXPECT_EQ(of(""), std::string_view(way).starts_with("good") ? 7 : 0) << way;
  }
}

// A call is 600 bytes and more at 2 dollars per million tokens of a byte: what is reserved for one is above 0.0012, and
// what one costs that is answered is 20 tokens and one.
TEST(Remote, no_more_money_than_allowed_is_spent) {
  const std::vector<std::string_view> texts(40, "a text");
  const Outputs none = ask(settings(options("good-budget-0", {{"max_usd", "0.0005"}})), texts);
  EXPECT_EQ(std::count(none.refusals.begin(), none.refusals.end(), "over-budget"), 40);
  const Outputs some = ask(settings(options("good", {{"max_usd", "0.002"}, {"parallel", "1"}})), texts);
  const auto answered = std::count(some.refusals.begin(), some.refusals.end(), "");
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 40);
  EXPECT_LE(static_cast<double>(answered) * (20 * 2e-6 + 1 * 10e-6), 0.002);
  for (std::size_t i = 0; i < some.usd.size(); ++i)
    EXPECT_NEAR(some.usd[i], some.refusals[i].empty() ? 20 * 2e-6 + 1 * 10e-6 : 0.0, 1e-12) << "what is charged for";
  // What broke off may have been charged for in full.
  const Outputs lost = ask(settings(options("drop-100-budget-2", {{"max_usd", "0.0025"}, {"parallel", "4"}})), texts);
  EXPECT_EQ(std::count(lost.refusals.begin(), lost.refusals.end(), ""), 0);
}

TEST(Remote, options_that_would_spend_or_tell_too_much_are_refused) {
  const std::pair<Options, const char*> cases[] = {{{{"max_calls", ""}}, "bad-options"},
                                                   {{{"max_usd", "1"}, {"usd_per_million_input", ""}}, "bad-options"},
                                                   {{{"url", "http://example.org/v1"}}, "bad-options"},
                                                   {{{"url", "http://127.0.0.1.example.org/v1"}}, "bad-options"},
                                                   {{{"url", "ftp://127.0.0.1/v1"}}, "bad-options"},
                                                   {{{"url", "https://user:secret@example.org/v1"}}, "unsafe-key"},
                                                   {{{"key", "sk-abc"}}, "unsafe-key"},
                                                   {{{"key_env", "TENFOLD_NO_SUCH_VARIABLE"}}, "no-key"},
                                                   {{{"key_env", ""}, {"key_file", "/no/such/file"}}, "no-key"},
                                                   {{{"model", ""}}, "bad-options"},
                                                   {{{"retrys", "3"}}, "bad-options"},
                                                   {{{"timeout_s", "soon"}}, "bad-options"},
                                                   {{{"timeout_s", "-1"}}, "bad-options"}};
  for (const auto& [more, code] : cases) {
    const auto model = load(settings(options("good", more)));
    ASSERT_FALSE(model) << more.begin()->first;
    EXPECT_EQ(model.error().code, code) << more.begin()->first << ": " << model.error().what;
  }
  AnswerForm grammar;
  grammar.kind = AnswerForm::Kind::text;
  grammar.grammar = "root ::= [0-9]+";
  EXPECT_EQ(load(settings(options("good"), grammar)).error().code, "bad-options");
}

TEST(Remote, a_key_file_must_be_its_owners_alone) {
  const std::string path = testing::TempDir() + "/remote-key";
  std::ofstream(path) << std::getenv("TENFOLD_MOCK_KEY") << "\n";
  chmod(path.c_str(), 0644);
  const Options with = options("good", {{"key_env", ""}, {"key_file", path}});
  EXPECT_EQ(load(settings(with)).error().code, "unsafe-key");
  chmod(path.c_str(), 0600);
  EXPECT_EQ(ask(settings(with)).refusals[0], "");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tenfold::neural
