// OpenVINO on a network that reads text, testdata/tiny_text.xml (its recipe lies beside it). Skipped where the library
// that tokenises is not installed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/shared_module.h"
#include "neural/backends/openvino_test.h"
#include "neural/neural.h"

namespace tenfold::neural {
namespace {

const std::string kData = TENFOLD_SOURCE_DIR "/src/neural/testdata/";
const std::string kWeightsSum = "49a0462b9b5217c4b89544c2c0a9e179e7fd87578865905005192e743f3507c6";

LoadSettings settings() {
  LoadSettings out{"tiny_text.xml", {0, 0, 0}, {{"logits", 2}}, {"card", "money"}, 1};
  out.weights = kData + "tiny_text.bin";
  out.weights_sha256 = kWeightsSum;
  return out;
}

Result<std::unique_ptr<Model>> load(const LoadSettings& with, const std::string& file = "tiny_text.xml") {
  auto backend = find_backend("openvino");
  if (!backend) return backend.error();
  return (*backend)->load(bytes_of(kData + file), with);
}

std::string load_error(const LoadSettings& with, const std::string& file = "tiny_text.xml") {
  return neural::load_error("openvino", with, bytes_of(kData + file));
}

class OpenVinoText : public testing::Test {
 protected:
  void SetUp() override {
    const std::string error = load_error(settings());
    if (error.starts_with("no-tokenizers"))
      GTEST_SKIP() << "openvino-tokenizers is not installed; scripts/setup does it (" << error << ")";
    ASSERT_EQ(error, "fine");
  }
};

Outputs run(Model& model, const std::vector<std::string_view>& texts) {
  Outputs outputs;
  const auto ran = model.run({texts, {}, texts}, outputs);
  EXPECT_TRUE(ran) << ran.error().what;
  return outputs;
}

std::string toml(const std::string& stage = "", const std::string& weights = kWeightsSum) {
  return "name = \"tiny\"\nlabels = [\"card\", \"money\"]\n[input]\nkind = \"text\"\n[[stage]]\nname = \"only\"\n"
         "model = \"tiny_text.xml\"\nweights = \"tiny_text.bin\"\nflops = 30\n"
         "sha256 = \"8d37874778ac7d3a8e6f55581580ab19ac8b291d83b5529d7003b65780966521\"\n"
         "weights_sha256 = \"" +
         weights + "\"\n" + stage;
}

std::vector<Outcome> outcomes_of(const NetworkSettings& with, const std::vector<Request>& requests,
                                 const std::string& stage = "", std::optional<GateDescription> gate = {}) {
  auto description = parse_network(toml(stage), kData + "tiny.toml");
  EXPECT_TRUE(description) << description.error().what;
  description->gate = std::move(gate);
  const auto network = Network::open(*description, with);
  EXPECT_TRUE(network);
  auto outcomes = (*network)->run(requests, nullptr);
  EXPECT_TRUE(outcomes) << render(outcomes.error());
  return outcomes ? *outcomes : std::vector<Outcome>(requests.size());
}

TEST_F(OpenVinoText, says_what_was_worked_out_by_hand) {
  const auto model = load(settings());
  ASSERT_TRUE(model);
  EXPECT_EQ((*find_backend("openvino"))->traits(settings()).reads, Reads::text);
  const Outputs outputs = run(**model, {"Where is my card?", "LOST", "money money money money lost lost"});
  // make_tiny_text.py, in double precision: sums of at most 5 and 4 products of size 5.
  const double logits[] = {-0.0780007482, 0.0166340455, 0.608619784, 0.312984995, 3.83952235, -3.96059784};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(outputs.values[0][i], logits[i], 1e-5) << i;
}

TEST_F(OpenVinoText, flops_are_counted_for_the_tokens_that_there_were) {
  const auto model = load(settings());
  ASSERT_TRUE(model);
  EXPECT_EQ((*model)->flops_per_input(), 0.0);  // inputs differ in it
  const Outputs outputs = run(**model, {"Where is my card?", "lost", "a b c d e f g h i j"});
  // Adding rows reads 4 a token; the product is 4 x 2 multiply-adds; the gate takes 10 more of the two logits. Five
  // tokens are the most that the graph keeps.
  EXPECT_EQ(outputs.flops, (std::vector<double>{5 * 4 + 26, 1 * 4 + 26, 5 * 4 + 26}));
  EXPECT_EQ(outputs.tokens[0].prompt, 5u);
  EXPECT_EQ(outputs.tokens[1].prompt, 1u);
}

TEST_F(OpenVinoText, a_receipt_counts_what_really_ran) {
  const auto description = parse_network(toml(), kData + "tiny.toml");
  ASSERT_TRUE(description) << description.error().what;
  const auto network = Network::open(*description);
  const std::vector<Request> requests = {{"1", "lost"}, {"2", "my card"}, {"3", "lost"}};
  const auto outcomes = (*network)->run(requests, nullptr);
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  EXPECT_EQ((*network)->stage_counters().run, 2u);
  EXPECT_EQ((*network)->stage_counters().reused, 1u);
  EXPECT_EQ((*network)->stage_counters().flops, 30.0 + 34.0);
  EXPECT_EQ((*network)->stage_counters().tokens.prompt, 3u);
}

TEST_F(OpenVinoText, what_is_no_text_is_refused_and_the_rest_goes_on) {
  const std::string huge(std::size_t{2} << 20, 'x');
  const std::string with_nul("lost\0lost", 9);
  for (const unsigned threads : {1u, 3u}) {
    LoadSettings with = settings();
    with.threads = threads;
    const auto other = load(with);
    ASSERT_TRUE(other);
    const Outputs outputs =
        run(**other, {"lost", "", " \t\n", "lost \xff", "\xc0\xaf", huge, "lost", with_nul, "\xe5\x8d\xa1"});
    EXPECT_EQ(outputs.refusals,
              (std::vector<std::string>{"", "blank", "blank", "unreadable", "unreadable", "too-long", "", "", ""}));
    EXPECT_EQ(outputs.values[0][0], outputs.values[0][12]);
    for (const std::size_t refused : {1, 2, 3, 4, 5}) EXPECT_EQ(outputs.flops[refused], 0.0);
  }
}

TEST_F(OpenVinoText, a_text_of_more_tokens_than_the_context_is_refused) {
  const auto refusals = outcomes_of({}, {{"1", "where is my card"}, {"2", "where is my card ?"}, {"3", ""}},
                                    "options = { context = 4 }\n");
  EXPECT_EQ(refusals[0].refusal, "");
  EXPECT_EQ(refusals[1].refusal, "too-long");
  EXPECT_EQ(refusals[2].refusal, "");  // without a text the key is the text
  LoadSettings with = settings();
  with.options["context"] = "some";
  EXPECT_EQ(load_error(with), "bad-option: option context is `some`");
}

TEST_F(OpenVinoText, answers_do_not_depend_on_batch_company_or_threads) {
  const std::vector<std::string> words = {"where", "is", "my", "card", "money", "lost", "?", "other"};
  std::vector<Request> requests;
  for (std::size_t i = 0; i < 64; ++i) {
    std::string text = words[i % 8];
    for (std::size_t k = 0; k < i / 8; ++k) text += " " + words[(i + 3 * k) % 8];
    requests.push_back({std::to_string(i), text});
  }
  const auto together = outcomes_of({}, requests);
  for (const NetworkSettings& with :
       {NetworkSettings{.batch = 1}, NetworkSettings{.threads = 3}, NetworkSettings{.threads = 2, .batch = 5}}) {
    const auto other = outcomes_of(with, requests);
    for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(other[i].probabilities, together[i].probabilities) << i;
  }
  const auto apart = outcomes_of({}, requests, "options = { isolate = true }\n");
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(apart[i].probabilities, together[i].probabilities) << i;
}

TEST_F(OpenVinoText, a_gate_is_a_further_output_and_refuses_a_text) {
  const std::vector<Request> requests = {{"1", "Where is my card?"}, {"2", "LOST"}, {"3", " "}};
  for (const unsigned threads : {1u, 3u}) {
    const auto outcomes = outcomes_of({.threads = threads}, requests, "", GateDescription{std::nullopt, "gate", 1.0});
    EXPECT_EQ(outcomes[0].refusal, "out-of-distribution");
    EXPECT_EQ(outcomes[0].detail, "unlike what tiny was trained on: its gate gives 0.6636 and asks for 1");
    EXPECT_NEAR(outcomes[0].gate_score.value_or(0.0), 0.66358288, 1e-5);  // make_tiny_text.py, in double precision
    EXPECT_EQ(outcomes[1].refusal, "");
    EXPECT_NEAR(outcomes[1].gate_score.value_or(0.0), 1.16483501, 1e-5);
    EXPECT_EQ(outcomes[2].refusal, "blank");
  }
}

TEST_F(OpenVinoText, a_model_and_its_description_must_agree) {
  LoadSettings with = settings();
  with.input = {1, 8, 8};
  EXPECT_EQ(load_error(with), "wrong-shape: the model takes text, and [input] pictures");
  with = settings();
  with.weights.clear();
  EXPECT_EQ(load_error(with, "tiny.onnx"), "wrong-shape: the model takes [?,1,8,8] f32, and [input] says text");
  EXPECT_TRUE(load_error(with).starts_with("bad-model: ")) << load_error(with);  // nothing to read constants from
  with = settings();
  with.outputs[0].size = 3;
  EXPECT_EQ(load_error(with), "no-output: output `logits` is [?,2] f32, and 3 float32 an input are needed");
  with = settings();
  with.outputs.push_back({"score", 1});
  EXPECT_EQ(load_error(with), "no-output: the model has no output `score`");
  with = settings();
  with.outputs[0].name = "answer";
  EXPECT_EQ(load_error(with), "no-output: the model has no output `answer`");
}

TEST_F(OpenVinoText, weights_are_those_that_were_measured) {
  LoadSettings with = settings();
  with.weights_sha256[0] = '5';
  EXPECT_EQ(load_error(with), "wrong-checksum: the weights " + with.weights + " have sha256 " + kWeightsSum +
                                  " and not " + with.weights_sha256);
  with.weights = kData + "absent.bin";
  EXPECT_TRUE(load_error(with).starts_with("no-model: ")) << load_error(with);
}

// The library is opened once a process, so each case has one of its own.
TEST(OpenVinoTokenizers, a_library_that_is_absent_or_another_is_an_error_that_says_what_to_install) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto say = [](const std::string& library) {
    ::setenv("TENFOLD_OPENVINO_TOKENIZERS", library.c_str(), 1);
    const auto loaded = load(settings());
    if (loaded) std::exit(0);
    std::cerr << loaded.error().code << " " << loaded.error().what << " " << loaded.error().hint;
    std::exit(1);
  };
  const auto other = find_beside("libtenfold_faulty.so");
  ASSERT_TRUE(other);
  EXPECT_EXIT(say("/absent.so"), testing::ExitedWithCode(1),
              "no-tokenizers the model reads text, .* are not there: /absent.so .*pip install --no-deps "
              "'openvino-tokenizers==20");
  EXPECT_EXIT(say(kData + "tiny.onnx"), testing::ExitedWithCode(1), "no-tokenizers .*tiny.onnx is no library of");
  EXPECT_EXIT(say(*other), testing::ExitedWithCode(1), "no-tokenizers .*libtenfold_faulty.so is no library of");
}

}  // namespace
}  // namespace tenfold::neural
