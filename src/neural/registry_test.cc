#include "neural/registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tenfold::neural {
namespace {

const std::string kSum(64, 'a');
const std::string kHead = "name = \"chest\"\nlabels = [\"normal\", \"pneumonia\"]\n";
const std::string kInput = "[input]\nwidth = 28\nheight = 28\nchannels = 1\n";
const std::string kStage = "[[stage]]\nname = \"small\"\nmodel = \"small.onnx\"\nsha256 = \"" + kSum +
                           "\"\nflops = 1834688\ntemperature = 0.5\n";

std::string message(const std::string& text) {
  const auto network = parse_network(text, "pack/chest.toml");
  if (network) return "fine";
  const Error& e = network.error();
  return std::to_string(e.place.line) + ":" + std::to_string(e.place.column) + " " + e.what + " | " + e.excerpt;
}

TEST(Registry, a_whole_description_is_read) {
  const std::string gate =
      "[gate]\nmodel = \"gate.onnx\"\nsha256 = \"" + kSum + "\"\noutput = \"score\"\nthreshold = 0.25\nflops = 1000\n";
  const std::string population = "[population]\ntrained_on = \"children\"\nage_years_min = 1\nage_years_max = 5.5\n";
  const auto network = parse_network(kHead + kInput + population + gate + kStage, "pack/chest.toml");
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_EQ(network->name, "chest");
  EXPECT_EQ(network->labels, (std::vector<std::string>{"normal", "pneumonia"}));
  EXPECT_EQ(network->input, (InputShape{1, 28, 28}));
  EXPECT_EQ(network->resize, Resize::bicubic);
  EXPECT_EQ(network->population.text, "children");
  EXPECT_EQ(network->population.age_years_min, 1.0);
  EXPECT_EQ(network->population.age_years_max, 5.5);
  ASSERT_TRUE(network->gate && network->gate->model);
  EXPECT_EQ(network->gate->model->model, "pack/gate.onnx");
  EXPECT_EQ(network->gate->threshold, 0.25);
  ASSERT_EQ(network->stages.size(), 1u);
  EXPECT_EQ(network->stages[0].backend, "openvino");
  EXPECT_EQ(network->stages[0].model, "pack/small.onnx");
  EXPECT_EQ(network->stages[0].flops, 1834688.0);
  EXPECT_EQ(network->stages[0].temperature, 0.5);
  EXPECT_EQ(network->stages[0].place.line, 17u);
}

TEST(Registry, a_gate_without_a_model_is_an_output_of_the_stage) {
  const auto network = parse_network(kHead + kInput + "[gate]\noutput = \"gate\"\nthreshold = 0.5\n" + kStage, "t");
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_FALSE(network->gate->model.has_value());
  EXPECT_EQ(network->gate->output, "gate");
}

TEST(Registry, a_stage_without_temperature_is_not_calibrated) {
  std::string stage = kStage.substr(0, kStage.find("temperature"));
  const auto network = parse_network(kHead + kInput + stage, "t");
  ASSERT_TRUE(network);
  EXPECT_FALSE(network->stages[0].temperature.has_value());
}

TEST(Registry, options_are_kept_as_text_for_the_back_end) {
  const auto network =
      parse_network(kHead + kInput + kStage + "options = { url = \"http://h\", n = 2, t = 0.5, on = true }\n", "t");
  ASSERT_TRUE(network) << network.error().what;
  using Options = std::map<std::string, std::string, std::less<>>;
  EXPECT_EQ(network->stages[0].options, (Options{{"url", "http://h"}, {"n", "2"}, {"t", "0.5"}, {"on", "true"}}));
  EXPECT_EQ(message(kHead + kInput + kStage + "options = { n = [1] }\n"),
            "13:17 option `n` is no text, number, true or false | options = { n = [1] }");
}

TEST(Registry, mistakes_are_shown_with_their_line) {
  EXPECT_EQ(message("name = \"x"),
            "1:10 this is no TOML: Error while parsing string: encountered end-of-file | name = \"x");
  EXPECT_EQ(message(""), "1:1 `name` must be a text | ");
  EXPECT_EQ(message("name = 3\n"), "1:8 `name` must be a text | name = 3");
  EXPECT_EQ(message("name = \"x\"\nlabels = [\"a\", \"a\"]\n"),
            "2:10 `labels` must be at least two different texts | labels = [\"a\", \"a\"]");
  EXPECT_EQ(message(kHead + kStage), "1:1 a table [input] is expected | name = \"chest\"");
  EXPECT_EQ(message(kHead + "[input]\nwidth = 0\n"), "4:9 width is 0 | width = 0");
  EXPECT_EQ(message(kHead + kInput), "1:1 a network needs at least one [[stage]] | name = \"chest\"");
  EXPECT_EQ(message(kHead + kInput + "resize = \"nearest\"\n" + kStage),
            "7:10 `nearest` is no way to resize | resize = \"nearest\"");
}

TEST(Registry, mistakes_in_a_stage_are_shown_with_their_line) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = kHead + kInput + kStage;
    text.replace(text.find(from), from.size(), to);
    return message(text);
  };
  EXPECT_EQ(with("1834688", "-1"), "11:9 flops is negative | flops = -1");
  EXPECT_EQ(with("1834688", "nan"), "11:9 `flops` must be a number | flops = nan");
  EXPECT_EQ(with("0.5", "0"), "12:15 temperature is not in (0, 100] | temperature = 0");
  EXPECT_EQ(with("small.onnx", "../small.onnx"),
            "9:9 `../small.onnx` is no file beside this one | model = \"../small.onnx\"");
  EXPECT_EQ(with(kSum, "AA"), "10:10 `AA` is no SHA-256 | sha256 = \"AA\"");
  EXPECT_EQ(with("sha256", "sha"), "7:1 `sha256` must be a text | [[stage]]");
  EXPECT_EQ(with("temperature = 0.5", "precision = \"bf16\""),
            "12:13 precision `bf16` is not offered | precision = \"bf16\"");
  EXPECT_EQ(message(kHead + kInput + kStage + kStage), "13:1 a second stage `small` | [[stage]]");
  std::string cheaper = kStage;
  cheaper.replace(cheaper.find("small"), 5, "large");
  cheaper.replace(cheaper.find("1834688"), 7, "5");
  EXPECT_EQ(message(kHead + kInput + kStage + cheaper),
            "13:1 stage `large` is cheaper than `small` before it | [[stage]]");
}

TEST(Registry, a_network_may_read_text_and_be_in_two_files) {
  const std::string text = "[input]\nkind = \"text\"\n";
  const std::string weights = "weights = \"small.bin\"\nweights_sha256 = \"" + std::string(64, 'b') + "\"\n";
  const auto network = parse_network(kHead + text + kStage + weights, "pack/chest.toml");
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_EQ(network->input.size(), 0u);
  EXPECT_EQ(network->stages[0].weights, "pack/small.bin");
  EXPECT_EQ(network->stages[0].weights_sha256, std::string(64, 'b'));
  EXPECT_EQ(message(kHead + "[input]\nkind = \"sound\"\n" + kStage),
            "4:8 `sound` is no kind of input | kind = \"sound\"");
  EXPECT_EQ(message(kHead + text + "width = 28\n" + kStage), "5:9 a text has no width | width = 28");
  EXPECT_EQ(message(kHead + text + kStage + "weights = \"small.bin\"\n"),
            "5:1 `weights_sha256` must be a text | [[stage]]");
  EXPECT_EQ(message(kHead + text + kStage + "weights = \"../small.bin\"\n"),
            "11:11 `../small.bin` is no file beside this one | weights = \"../small.bin\"");
  EXPECT_EQ(message(kHead + text + kStage + "backend = \"table\"\n" + weights),
            "12:11 a model of table is one file | weights = \"small.bin\"");
}

TEST(Registry, a_text_may_have_pictures_within_it) {
  const std::string input = "[input]\nkind = \"text\"\n", pictures = "pictures = [\"photo\", \"plan\"]\n";
  const std::string stage = kStage + "backend = \"llama\"\n";
  const std::string weights = "weights = \"mmproj.gguf\"\nweights_sha256 = \"" + kSum + "\"\n";
  const auto network = parse_network(kHead + input + pictures + stage + weights, "pack/chest.toml");
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_EQ(network->pictures, (std::vector<std::string>{"photo", "plan"}));
  EXPECT_EQ(network->stages[0].weights, "pack/mmproj.gguf");
  EXPECT_EQ(message(kHead + input + pictures + stage),
            "6:1 stage `small` cannot be shown pictures without `weights` | [[stage]]");
  EXPECT_EQ(message(kHead + input + stage + weights),
            "5:1 stage `small` has `weights` and is shown no pictures | [[stage]]");
  for (const std::string wrong : {"\"photo\"", "[]", "[\"a\", \"a\"]", "[3]"})
    EXPECT_EQ(message(kHead + input + "pictures = " + wrong + "\n" + stage + weights),
              "5:12 `pictures` must be different names of columns | pictures = " + wrong);
  EXPECT_EQ(message(kHead + kInput + pictures + kStage),
            "7:12 `pictures` are within a text | pictures = [\"photo\", \"plan\"]");
}

TEST(Registry, deep_nesting_is_refused_and_not_followed) {
  const std::string deep = "name = " + std::string(100'000, '[');
  EXPECT_EQ(parse_network(deep, "t").error().code, "bad-network");
}

TEST(Registry, networks_are_found_by_name_in_the_first_folder_that_has_them) {
  const auto root = std::filesystem::path(testing::TempDir()) / "neural_registry_test";
  std::filesystem::create_directories(root / "b" / "chest");
  std::ofstream(root / "b" / "chest" / "chest.toml") << kHead << kInput << kStage;
  const std::vector<std::string> folders = {(root / "a").string(), (root / "b").string()};
  const auto network = find_network(folders, "chest");
  ASSERT_TRUE(network) << network.error().what;
  EXPECT_EQ(network->stages[0].model, (root / "b" / "chest" / "small.onnx").string());
  EXPECT_EQ(find_network(folders, "brain").error().code, "unknown-network");
  EXPECT_EQ(find_network(folders, "../b/chest").error().hint, "names are made of letters, digits, - and _");
  std::filesystem::remove_all(root);
}

TEST(Registry, a_programs_labels_are_matched_by_name) {
  const auto network = parse_network(kHead + kInput + kStage, "t");
  ASSERT_TRUE(network);
  const auto match = [&](std::vector<std::string> labels) {
    return match_labels(*network, labels, {"p.scl", 3, 1, 1});
  };
  EXPECT_EQ(*match({"pneumonia", "normal"}), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(match({"normal", "flu"}).error().code, "unknown-label");
  EXPECT_EQ(match({"normal"}).error().code, "bad-network");
  EXPECT_EQ(match({"normal", "normal"}).error().place.file, "p.scl");
}

TEST(Registry, a_sites_calibration_goes_over_the_networks_own) {
  const std::string folder = testing::TempDir(), file = folder + "/overlay.toml";
  const std::string text = R"(name = "finding"
labels = ["normal", "pneumonia"]
[input]
width = 28
height = 28
channels = 1
[[stage]]
name = "small"
backend = "table"
model = "small.txt"
flops = 1
accept = 0.5
[[stage]]
name = "large"
backend = "table"
model = "large.txt"
flops = 2
)";
  auto network = *parse_network(text, folder + "/finding.toml");
  network.stages[0].accept = 0.9375;
  network.stages[0].temperature = 1.5;
  network.stages[0].isotonic = {{0.1, 0.05}, {0.9, 0.95}};
  network.guarantee = GuaranteeDescription{"accuracy", "decision", 0.05, 0.95, 599, "a \"method\""};
  network.drift_scores = {0.6, 0.9};
  std::ofstream(file) << calibration_text(network, "one\ntwo");
  auto read = *parse_network(text, folder + "/finding.toml");
  const auto applied = apply_calibration(read, file);
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_EQ(read.stages[0].accept, 0.9375);
  EXPECT_EQ(read.stages[0].temperature, 1.5);
  EXPECT_EQ(read.stages[0].isotonic, network.stages[0].isotonic);
  EXPECT_EQ(read.guarantee->scope, "decision");
  EXPECT_EQ(read.guarantee->method, "a \"method\"");
  EXPECT_EQ(read.drift_scores, network.drift_scores);
  read.stages[1].sha256 = std::string(64, 'a');
  EXPECT_EQ(apply_calibration(read, file).error().code, "stale-calibration");
  read.stages[1].sha256 = network.stages[1].sha256;
  network.stages[1].weights = read.stages[1].weights = "large.bin";
  network.stages[1].weights_sha256 = read.stages[1].weights_sha256 = std::string(64, 'b');
  std::ofstream(file) << calibration_text(network, "");
  EXPECT_TRUE(apply_calibration(read, file));
  read.stages[1].weights_sha256[0] = 'c';  // the same graph, trained again
  EXPECT_EQ(apply_calibration(read, file).error().code, "stale-calibration");
  network.stages[1].weights.clear();
  network.stages[1].weights_sha256.clear();
  network.stages[0].accept.reset();
  std::ofstream(file) << calibration_text(network, "");
  auto strict = *parse_network(text, folder + "/finding.toml");
  ASSERT_TRUE(apply_calibration(strict, file));
  EXPECT_FALSE(strict.stages[0].accept);  // what the network came with no longer holds
}

}  // namespace
}  // namespace tenfold::neural
