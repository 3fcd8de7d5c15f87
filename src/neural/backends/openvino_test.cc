// The OpenVINO back end on testdata/tiny.onnx (its recipe lies beside it), and on the networks of the packs.
#include "neural/backends/openvino_test.h"

#include <gtest/gtest.h>

#include "neural/neural.h"

namespace tenfold::neural {
namespace {

const std::string kData = TENFOLD_SOURCE_DIR "/src/neural/testdata/";
constexpr double kTinyFlops = 6749.0;

std::string tiny_toml(const std::string& gate) {
  return "name = \"tiny\"\nlabels = [\"normal\", \"pneumonia\"]\n[input]\nwidth = 8\nheight = 8\nchannels = 1\n" +
         gate +
         "[[stage]]\nname = \"only\"\nmodel = \"tiny.onnx\"\nflops = 6749\ntemperature = 2\n"
         "sha256 = \"e0bf1fa4d51ca5ce1b015a0330144dc8d7a4761bc26dd0b58123a5068cb4a7fd\"\n";
}

const std::string kOwnGate =
    "[gate]\nmodel = \"tiny.onnx\"\noutput = \"gate\"\nthreshold = 0.46\nflops = 6749\n"
    "sha256 = \"e0bf1fa4d51ca5ce1b015a0330144dc8d7a4761bc26dd0b58123a5068cb4a7fd\"\n";
const std::string kHeadGate = "[gate]\noutput = \"gate\"\nthreshold = 0.46\n";

NetworkDescription tiny(const std::string& gate = "") {
  auto network = parse_network(tiny_toml(gate), kData + "tiny.toml");
  EXPECT_TRUE(network) << network.error().what;
  return *network;
}

/// The picture of that number as make_tiny.py has it.
Picture picture(std::uint32_t number) {
  Picture out{8, 8, {}};
  for (std::uint32_t i = 0; i < 64; ++i) {
    out.pixels.push_back(static_cast<float>(static_cast<double>((i + 64 * number) * 7919 % 997) / 997.0));
  }
  return out;
}

Result<Picture> decode(const std::string& key) {
  if (key == "blank") return Picture{8, 8, std::vector<float>(64, 0.5f)};
  if (key == "broken") return Error{"truncated-dicom", {"broken.dcm", 0, 0, 1}, "the file ended early", "", ""};
  if (key == "leg") return Error{"out-of-distribution", {"leg.dcm", 0, 0, 1}, "body part LEG", "", ""};
  return picture(static_cast<std::uint32_t>(std::stoul(key)));
}

std::vector<Outcome> run(const NetworkDescription& description, const std::vector<Request>& requests,
                         const NetworkSettings& settings = {}) {
  const auto network = Network::open(description, settings);
  EXPECT_TRUE(network);
  auto outcomes = (*network)->run(requests, decode);
  EXPECT_TRUE(outcomes) << render(outcomes.error());
  return outcomes ? *outcomes : std::vector<Outcome>(requests.size());
}

LoadSettings tiny_settings() {
  return {"tiny.onnx", {1, 8, 8}, {{"logits", 2}, {"gate", 1}}, {"normal", "pneumonia"}, 1};
}

TEST(OpenVino, says_what_onnxruntime_says) {
  const auto backend = find_backend("openvino");
  ASSERT_TRUE(backend) << backend.error().what;
  const auto model = (*backend)->load(bytes_of(kData + "tiny.onnx"), tiny_settings());
  ASSERT_TRUE(model) << model.error().what;
  std::vector<float> pixels = picture(0).pixels;
  const std::vector<float> second = picture(1).pixels;
  pixels.insert(pixels.end(), second.begin(), second.end());
  const std::vector<std::string_view> keys = {"0", "1"};
  Outputs outputs;
  ASSERT_TRUE((*model)->run({keys, pixels}, outputs));
  // Sums of at most 36 products of size 1: two orders of summation differ by less than 36 * 2^-24 a layer.
  const double logits[] = {-0.913695931, 0.256343514, -0.892019391, 0.234254628};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(outputs.values[0][i], logits[i], 1e-5);
  EXPECT_NEAR(outputs.values[1][0], 0.462626129, 1e-5);
  EXPECT_NEAR(outputs.values[1][1], 0.453746796, 1e-5);
}

TEST(OpenVino, counts_flops_from_the_graph) {
  const auto backend = find_backend("openvino");
  ASSERT_TRUE(backend) << backend.error().what;
  const auto model = (*backend)->load(bytes_of(kData + "tiny.onnx"), tiny_settings());
  ASSERT_TRUE(model);
  // By hand: convolution 8*8*4 * 2*9 + bias 256 + relu 256; pooling reads 256; depthwise 4*4*4 * 2*9 + 64 + 64;
  // mean reads 64; Gemm 2*4*2, its scale 2 and bias 2; gate 2*4 + 1.
  EXPECT_EQ((*model)->flops_per_input(), kTinyFlops);
}

TEST(OpenVino, answers_do_not_depend_on_batch_company_or_threads) {
  std::vector<Request> requests;
  for (int i = 0; i < 64; ++i) requests.push_back({std::to_string(i)});
  const auto together = run(tiny(), requests);
  for (const NetworkSettings& settings :
       {NetworkSettings{.batch = 1}, NetworkSettings{.threads = 3}, NetworkSettings{.threads = 2, .batch = 5}}) {
    const auto other = run(tiny(), requests, settings);
    for (int i = 0; i < 64; ++i) EXPECT_EQ(other[i].probabilities, together[i].probabilities) << i;
  }
  EXPECT_EQ(run(tiny(), {{"17"}})[0].probabilities, together[17].probabilities);
}

TEST(OpenVino, probabilities_are_calibrated) {
  const auto outcome = run(tiny(), {{"0"}})[0];
  const std::vector<double> expected = softmax(std::vector<double>{-0.913695931, 0.256343514}, 2.0);
  ASSERT_EQ(outcome.probabilities.size(), 2u);
  EXPECT_NEAR(outcome.probabilities[1], expected[1], 1e-5);
}

TEST(OpenVino, what_cannot_be_judged_is_refused_with_a_reason_and_the_rest_goes_on) {
  const auto outcomes = run(tiny(), {{"blank"}, {"0"}, {"broken"}, {"leg"}});
  EXPECT_EQ(outcomes[0].refusal, "blank");
  EXPECT_EQ(outcomes[1].refusal, "");
  EXPECT_EQ(outcomes[2].refusal, "unreadable");
  EXPECT_EQ(outcomes[2].detail, "broken.dcm: the file ended early");
  EXPECT_EQ(outcomes[3].refusal, "out-of-distribution");
}

TEST(OpenVino, a_gate_of_its_own_is_asked_first_and_spares_the_stage) {
  const auto network = Network::open(tiny(kOwnGate));
  ASSERT_TRUE(network);
  const std::vector<Request> requests = {{"0"}, {"1"}, {"1"}};
  const auto outcomes = (*network)->run(requests, decode);
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  EXPECT_EQ((*outcomes)[0].refusal, "");
  EXPECT_NEAR(*(*outcomes)[0].gate_score, 0.462626, 1e-5);
  EXPECT_EQ((*outcomes)[1].refusal, "out-of-distribution");
  EXPECT_EQ((*outcomes)[1].detail, "unlike what tiny was trained on: its gate gives 0.4537 and asks for 0.46");
  EXPECT_EQ((*network)->gate_counters().run, 2u);
  EXPECT_EQ((*network)->stage_counters().run, 1u);
  EXPECT_EQ((*network)->stage_counters().flops, kTinyFlops);
}

TEST(OpenVino, a_gate_that_is_an_output_of_the_stage_is_one_call) {
  const auto network = Network::open(tiny(kHeadGate));
  ASSERT_TRUE(network);
  const std::vector<Request> requests = {{"0"}, {"1"}};
  const auto outcomes = (*network)->run(requests, decode);
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  EXPECT_EQ((*outcomes)[0].probabilities.size(), 2u);
  EXPECT_EQ((*outcomes)[1].refusal, "out-of-distribution");
  EXPECT_TRUE((*outcomes)[1].probabilities.empty());
  EXPECT_EQ((*network)->gate_counters().run, 0u);
  EXPECT_EQ((*network)->stage_counters().run, 2u);
}

TEST(OpenVino, equal_pictures_under_other_keys_run_once) {
  const auto network = Network::open(tiny());
  ASSERT_TRUE(network);
  const std::vector<Request> requests = {{"first"}, {"second"}};
  const auto outcomes = (*network)->run(requests, [](const std::string&) { return picture(3); });
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  EXPECT_FALSE((*outcomes)[0].reused);
  EXPECT_TRUE((*outcomes)[1].reused);
  EXPECT_EQ((*network)->stage_counters().run, 1u);
  EXPECT_EQ((*network)->stage_counters().reused, 1u);
}

TEST(OpenVino, a_wrong_model_is_an_error_and_no_crash) {
  const auto model = bytes_of(kData + "tiny.onnx");
  EXPECT_TRUE(load_error("openvino", tiny_settings()).starts_with("bad-model: "))
      << load_error("openvino", tiny_settings());
  const std::vector<std::byte> half(model.begin(), model.begin() + 400), noise(1000, std::byte{0x5a});
  EXPECT_TRUE(load_error("openvino", tiny_settings(), half).starts_with("bad-model: "));
  EXPECT_TRUE(load_error("openvino", tiny_settings(), noise).starts_with("bad-model: "));

  LoadSettings settings = tiny_settings();
  settings.input = {1, 28, 28};
  EXPECT_EQ(load_error("openvino", settings, model),
            "wrong-shape: the model takes [?,1,8,8], and [input] says [1,1,28,28]");
  settings = tiny_settings();
  settings.outputs[0].name = "answer";
  EXPECT_EQ(load_error("openvino", settings, model), "no-output: the model has no output `answer`");
  settings = tiny_settings();
  settings.outputs[0].size = 3;
  EXPECT_EQ(load_error("openvino", settings, model),
            "no-output: output `logits` is [1,2] f32, and 3 float32 an input are needed");
}

TEST(OpenVino, flops_that_are_not_the_models_are_an_error) {
  NetworkDescription description = tiny();
  description.stages[0].flops = 1e6;
  const auto network = Network::open(description);
  const auto loaded = (*network)->load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, "wrong-flops");
  EXPECT_EQ(loaded.error().what, "an input costs 6749 FLOPs counted from the model, and flops says 1000000");
}

}  // namespace
}  // namespace tenfold::neural
