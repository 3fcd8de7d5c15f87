// The networks that packs ship, against what their recipes wrote down that they say (reference_outputs.json, made with
// onnxruntime by packs/health/networks/chest-xray/evaluate.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "neural/neural.h"

namespace tenfold::neural {
namespace {

const std::string kFolder = TENFOLD_SOURCE_DIR "/packs/health/networks";

/// Image k as evaluate.py's formula_image has it: even k grain, odd k two dark fields on a light ground.
Picture formula_image(int k) {
  Picture out{28, 28, {}};
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const double grain = std::sin((28 * y + x) * 12.9898 + k) * 43758.5453;
      const double width = 2 + k / 2.0, up = (y - 14) / 9.0 * ((y - 14) / 9.0);
      const double left = (x - 8) / width, right = (x - 19) / width;
      const double dark = std::exp(-left * left - up) + std::exp(-right * right - up);
      out.pixels.push_back(static_cast<float>(k % 2 == 0 ? grain - std::floor(grain) : 0.6 - 0.35 * dark + 0.02 * k));
    }
  }
  return out;
}

Result<Picture> decode(const std::string& key) { return formula_image(std::stoi(key)); }

class ChestXray : public testing::Test {
 protected:
  void SetUp() override {
    const std::vector<std::string> folders = {kFolder};
    auto description = find_network(folders, "chest-xray");
    ASSERT_TRUE(description) << render(description.error());
    description_ = *description;
  }
  NetworkDescription description_;
};

TEST_F(ChestXray, says_what_its_recipe_wrote_down) {
  std::ifstream file(kFolder + "/chest-xray/reference_outputs.json");
  if (!file)
    GTEST_SKIP() << "packs/health/networks/chest-xray/reference_outputs.json is not there: evaluate.py makes it";
  const auto reference = nlohmann::json::parse(file);
  const double tolerance = reference["tolerance"];
  description_.gate->threshold = -1e9;  // so that the stages answer for pictures that are no films
  for (const StageDescription& stage : description_.stages) {
    const auto network = Network::open(description_, {.stage = stage.name});
    for (const auto& image : reference["images"]) {
      const std::vector<Request> requests = {{std::to_string(image["k"].get<int>())}};
      const auto outcomes = (*network)->run(requests, decode);
      ASSERT_TRUE(outcomes) << render(outcomes.error());
      EXPECT_NEAR((*outcomes)[0].gate_score.value(), image["gate_score"].get<double>(), tolerance);
      const auto logits = image["logits_" + stage.name].get<std::vector<double>>();
      const auto expected = softmax(logits, *stage.temperature);
      // The slope of softmax is at most 1/4 a logit, and both logits may be off.
      EXPECT_NEAR((*outcomes)[0].probabilities.at(1), expected[1], tolerance / *stage.temperature / 2);
    }
  }
}

TEST_F(ChestXray, grain_is_turned_away) {
  const auto network = Network::open(description_);
  const std::vector<Request> requests = {{"0"}, {"2"}, {"4"}, {"6"}};
  const auto outcomes = (*network)->run(requests, decode);
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  for (const Outcome& outcome : *outcomes) EXPECT_EQ(outcome.refusal, "out-of-distribution");
  EXPECT_EQ((*network)->stage_counters().run, 0u);
}

TEST_F(ChestXray, answers_do_not_depend_on_batch_company_or_threads) {
  description_.gate->threshold = -1e9;
  std::vector<Request> requests;
  for (int k = 0; k < 64; ++k) requests.push_back({std::to_string(k)});
  for (const StageDescription& stage : description_.stages) {
    const auto one = Network::open(description_, {.stage = stage.name, .batch = 1});
    const auto many = Network::open(description_, {.stage = stage.name, .threads = 2, .batch = 64});
    const auto alone = (*one)->run(requests, decode), together = (*many)->run(requests, decode);
    ASSERT_TRUE(alone && together);
    for (std::size_t i = 0; i < 64; ++i) {
      EXPECT_EQ((*alone)[i].probabilities, (*together)[i].probabilities);
      EXPECT_EQ((*alone)[i].gate_score, (*together)[i].gate_score);
    }
  }
}

}  // namespace
}  // namespace tenfold::neural
