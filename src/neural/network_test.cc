#include "neural/network.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

std::unique_ptr<Network> open_stub(const std::string& table, const NetworkSettings& settings = {}) {
  auto network = Network::open(stub_network("finding", {"normal", "pneumonia"}, table, 1000.0), settings);
  EXPECT_TRUE(network);
  return std::move(*network);
}

std::vector<Request> ask(std::initializer_list<const char*> keys) {
  std::vector<Request> requests;
  for (const char* key : keys) requests.push_back({key});
  return requests;
}

TEST(Network, a_stub_answers_by_key_without_a_decoder) {
  const auto network = open_stub("a pneumonia 0.93 | b normal 0.8 | c refused blank");
  const auto outcomes = network->run(ask({"b", "a", "c", "d"}), nullptr);
  ASSERT_TRUE(outcomes) << outcomes.error().what;
  EXPECT_EQ((*outcomes)[0].probabilities[0], 0.8);
  EXPECT_EQ((*outcomes)[1].probabilities[1], 0.93);
  EXPECT_EQ((*outcomes)[1].stage, "table");
  EXPECT_EQ((*outcomes)[2].refusal, "blank");
  EXPECT_TRUE((*outcomes)[2].probabilities.empty());
  EXPECT_EQ((*outcomes)[3].refusal, "unreadable");
  EXPECT_EQ(network->stage_counters().run, 4u);
  EXPECT_EQ(network->stage_counters().flops, 4000.0);
}

TEST(Network, each_distinct_input_runs_once_within_a_run_and_across_runs) {
  const auto network = open_stub("a pneumonia 0.93 | b normal 0.8", {.batch = 2});
  const auto first = network->run(ask({"a", "b", "a", "a"}), nullptr);
  ASSERT_TRUE(first);
  EXPECT_FALSE((*first)[0].reused);
  EXPECT_TRUE((*first)[2].reused);
  EXPECT_EQ((*first)[3].probabilities, (*first)[0].probabilities);
  const auto second = network->run(ask({"b"}), nullptr);
  EXPECT_TRUE((*second)[0].reused);
  EXPECT_EQ(network->stage_counters().run, 2u);
  EXPECT_EQ(network->stage_counters().reused, 3u);
}

TEST(Network, without_reuse_everything_asked_is_run) {
  const auto network = open_stub("a pneumonia 0.93", {.memo_bytes = 0});
  const auto outcomes = network->run(ask({"a", "a", "a"}), nullptr);
  ASSERT_TRUE(outcomes);
  EXPECT_EQ((*outcomes)[2].probabilities[1], 0.93);
  EXPECT_FALSE((*outcomes)[2].reused);
  EXPECT_EQ(network->stage_counters().run, 3u);
  EXPECT_EQ(network->stage_counters().reused, 0u);
}

TEST(Network, a_memory_too_small_to_keep_anything_still_answers) {
  const auto network = open_stub("a pneumonia 0.93 | b normal 0.8", {.memo_bytes = 1});
  for (int i = 0; i < 3; ++i) {
    const auto outcomes = network->run(ask({"a", "b", "a"}), nullptr);
    EXPECT_EQ((*outcomes)[2].probabilities[1], 0.93);
  }
}

TEST(Network, many_threads_run_each_input_once) {
  std::string table;
  for (int i = 0; i < 50; ++i) table += "k" + std::to_string(i) + " pneumonia 0.5\n";
  const auto network = open_stub(table, {.batch = 7});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&network, t] {
      std::vector<Request> requests;
      for (int i = 0; i < 50; ++i) requests.push_back({"k" + std::to_string(t % 2 ? i : 49 - i)});
      const auto outcomes = network->run(requests, nullptr);
      ASSERT_TRUE(outcomes);
      for (const Outcome& outcome : *outcomes) EXPECT_EQ(outcome.probabilities.size(), 2u);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(network->stage_counters().run, 50u);
  EXPECT_EQ(network->stage_counters().reused, 150u);
}

TEST(Network, stage_is_chosen_by_name_and_the_dearest_is_known) {
  NetworkDescription description = stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.6", 10.0);
  StageDescription large = description.stages[0];
  large.name = "large";
  large.content = "a pneumonia 0.9";
  large.flops = 100.0;
  description.stages.push_back(large);
  const auto cheap = Network::open(description), dear = Network::open(description, {.stage = "large"});
  ASSERT_TRUE(cheap && dear);
  EXPECT_EQ((*(*cheap)->run(ask({"a"}), nullptr))[0].probabilities[1], 0.6);
  EXPECT_EQ((*(*dear)->run(ask({"a"}), nullptr))[0].probabilities[1], 0.9);
  EXPECT_EQ((*cheap)->dearest_stage().flops, 100.0);
  const auto none = Network::open(description, {.stage = "huge"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "unknown-stage");
  EXPECT_EQ(none.error().hint, "it has table, large");
}

TEST(Network, a_model_that_is_not_there_or_is_another_is_an_error) {
  NetworkDescription description = stub_network("finding", {"normal", "pneumonia"}, "", 10.0);
  StageDescription& stage = description.stages[0];
  stage.content.clear();
  stage.model = "no-such-folder/model.txt";
  stage.place = {"finding.toml", 7, 1, 1};
  const auto message = [&description] {
    const auto network = Network::open(description);
    const auto outcomes = (*network)->run(ask({"a"}), nullptr);
    return outcomes ? "fine" : outcomes.error().code + " " + outcomes.error().place.file + ": " + outcomes.error().what;
  };
  EXPECT_EQ(message(), "no-model finding.toml: the model file no-such-folder/model.txt cannot be read");
  stage.model = testing::TempDir();
  EXPECT_EQ(message(), "no-model finding.toml: the model file " + stage.model + " cannot be read");

  stage.model = testing::TempDir() + "/neural_network_test_table.txt";
  std::ofstream(stage.model) << "a pneumonia 0.9";
  stage.sha256 = sha256(std::as_bytes(std::span("a pneumonia 0.9", 15)));
  EXPECT_EQ(message(), "fine");
  std::ofstream(stage.model) << "a pneumonia 0.8";
  EXPECT_TRUE(message().starts_with("wrong-checksum finding.toml: the model file")) << message();
  stage.backend = "quantum";
  stage.sha256.clear();
  EXPECT_EQ(message(), "unknown-backend finding.toml: there is no back end `quantum`");
}

TEST(Network, a_table_cannot_be_a_gate) {
  NetworkDescription description = stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.6");
  description.gate = GateDescription{std::nullopt, "score", 0.5};
  const auto network = Network::open(description);
  EXPECT_EQ((*network)->run(ask({"a"}), nullptr).error().code, "no-output");
}

}  // namespace
}  // namespace tenfold::neural
