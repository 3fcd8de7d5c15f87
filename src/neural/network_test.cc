#include "neural/network.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
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

class NetworkOnDisk : public testing::Test {
 protected:
  void SetUp() override {
    folder = testing::TempDir() + "/network-on-disk-" + std::to_string(getpid());
    std::filesystem::remove_all(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::unique_ptr<Network> open(NetworkDescription description) {
    NetworkSettings settings;
    settings.disk = std::make_shared<store::DiskMemo>(store::DiskMemoSettings{folder});
    return std::move(*Network::open(std::move(description), settings));
  }
  std::string folder;
};

TEST_F(NetworkOnDisk, a_second_run_runs_nothing) {
  const std::string table = "a pneumonia 0.93 | b normal 0.8 | c refused blank";
  const auto described = [&] { return stub_network("finding", {"normal", "pneumonia"}, table, 1000.0); };
  const auto first = open(described());
  const auto before = first->run(ask({"a", "b", "c"}), nullptr);
  EXPECT_EQ(first->stage_counters().run, 3u);
  const auto second = open(described());
  const auto after = second->run(ask({"c", "b", "a", "d"}), nullptr);
  ASSERT_TRUE(before && after);
  EXPECT_EQ((*after)[0].refusal, "blank");
  EXPECT_EQ((*after)[1].probabilities, (*before)[1].probabilities);
  EXPECT_EQ((*after)[2].probabilities, (*before)[0].probabilities);
  EXPECT_TRUE((*after)[1].reused);
  EXPECT_FALSE((*after)[3].reused);
  EXPECT_EQ(second->stage_counters().run, 1u);
  EXPECT_EQ(second->stage_counters().reused, 3u);
}

TEST_F(NetworkOnDisk, another_model_or_another_order_of_labels_starts_anew) {
  const std::vector<std::string> labels = {"normal", "pneumonia"};
  (void)open(stub_network("finding", labels, "a pneumonia 0.93"))->run(ask({"a"}), nullptr);
  for (const auto& other : {stub_network("finding", labels, "a pneumonia 0.94"),
                            stub_network("finding", {"pneumonia", "normal"}, "a pneumonia 0.93")}) {
    const auto network = open(other);
    (void)network->run(ask({"a"}), nullptr);
    EXPECT_EQ(network->stage_counters().run, 1u);
  }
  const auto same = open(stub_network("lung", labels, "a pneumonia 0.93"));  // a name decides nothing
  (void)same->run(ask({"a"}), nullptr);
  EXPECT_EQ(same->stage_counters().run, 0u);
}

TEST_F(NetworkOnDisk, how_a_model_is_run_starts_nothing_anew_and_what_it_is_told_does) {
  auto described = stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.93");
  (void)open(described)->run(ask({"a"}), nullptr);
  const auto runs_with = [&](const char* option) {
    described.stages[0].options = {{option, "3"}};
    const auto network = open(described);
    (void)network->run(ask({"a"}), nullptr);
    return network->stage_counters().run;
  };
  for (const char* option :
       {"threads", "timeout_s", "memory_mib", "restarts", "key_env", "key_file", "max_usd", "max_calls", "idle_s",
        "backoff_s", "retries", "parallel", "usd_per_million_input", "usd_per_million_output", "sequences", "prefix"})
    EXPECT_EQ(runs_with(option), 0u) << option;
  for (const char* option : {"context", "max_tokens", "template", "system", "forced", "url", "model", "logprobs"})
    EXPECT_EQ(runs_with(option), 1u) << option;
}

// The second time it could not be loaded, and need not be.
TEST_F(NetworkOnDisk, what_is_known_is_answered_without_the_model) {
  auto described = stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.93 | b normal 0.8");
  described.stages[0].options = {{"isolate", "true"}};
  ASSERT_TRUE(open(described)->run(ask({"a"}), nullptr));
  described.stages[0].options["memory_mib"] = "none";
  const auto network = open(described);
  const auto known = network->run(ask({"a"}), nullptr);
  ASSERT_TRUE(known) << known.error().what;
  EXPECT_EQ((*known)[0].probabilities[1], 0.93);
  EXPECT_EQ(network->stage_counters().reused, 1u);
  const auto unknown = network->run(ask({"a", "b"}), nullptr);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "bad-options");
  // With another stage that can be loaded the job goes on.
  described.stages.push_back(stub_network("finding", described.labels, "b normal 0.7", 2.0).stages[0]);
  described.stages[1].name = "dear";
  const auto helped = open(described)->run(ask({"a", "b"}), nullptr);
  ASSERT_TRUE(helped) << helped.error().what;
  EXPECT_TRUE((*helped)[0].reused);
  EXPECT_EQ((*helped)[1].stage, "dear");
  EXPECT_EQ((*helped)[1].failed.at(0).code, "bad-options");
}

TEST_F(NetworkOnDisk, what_is_known_stays_known_when_its_neighbours_fail) {
  auto described = stub_network("finding", {"normal", "pneumonia"}, "");
  described.stages[0].backend = "faulty";
  (void)open(described)->run(ask({"fine"}), nullptr);
  {
    const auto network = open(described);
    const auto outcomes = *network->run(ask({"fine", "error-1", "error-2"}), nullptr);
    EXPECT_TRUE(outcomes[0].reused);
    EXPECT_EQ(outcomes[1].refusal, "network-failed");
    EXPECT_EQ(network->stage_counters().reused, 1u);
  }
  const auto contents = store::DiskMemo({folder}).contents();
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->sources.at(0).hits, 1u);  // and not once more for each time that the batch is tried
}

TEST_F(NetworkOnDisk, a_failure_is_not_remembered) {
  for (int run = 0; run < 2; ++run) {
    const auto network = open(stub_network("finding", {"normal", "pneumonia"}, "a refused network-failed"));
    for (std::uint64_t asked = 1; asked < 3; ++asked) {
      const auto outcomes = network->run(ask({"a"}), nullptr);
      EXPECT_EQ((*outcomes)[0].refusal, "network-failed");
      EXPECT_EQ(network->stage_counters().run, asked);
    }
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

// The second waits for nobody: who owes it is the first, which has failed.
TEST(Network, inputs_of_one_content_that_fail_in_one_batch_are_each_told) {
  StageDescription description = stub_network("n", {"a", "b"}, "this is no table").stages[0];
  Stage stage(description, {{}, {"a", "b"}, std::nullopt}, std::make_shared<Memo>(std::size_t{1} << 20));
  ASSERT_TRUE(stage.find());
  const std::vector<Seen> inputs = {{"x", {}}, {"x", {}}, {"y", {}}};
  for (const auto& answer : stage.ask(inputs)) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "bad-table");
  }
}

TEST(Network, a_gate_asks_for_its_score) {
  NetworkDescription description = stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.6");
  description.gate = GateDescription{std::nullopt, "score", 0.5};
  const auto network = Network::open(description);
  EXPECT_EQ((*network)->run(ask({"a"}), nullptr).error().code, "bad-table");
}

NetworkDescription three_stages() {
  NetworkDescription network = stub_network(
      "finding", {"normal", "pneumonia"}, "a pneumonia 0.95 | b pneumonia 0.6 | c pneumonia 0.6 | d refused blank", 1);
  network.stages[0].name = "small";
  network.stages[0].accept = 0.9;
  StageDescription stage = network.stages[0];
  stage.name = "middle";
  stage.content = "a pneumonia 0.1 | b normal 0.8 | c pneumonia 0.7";
  stage.accept = 0.8;
  stage.flops = 10;
  network.stages.push_back(stage);
  stage.name = "large";
  stage.content = "a pneumonia 0.2 | b pneumonia 0.2 | c pneumonia 0.55";
  stage.accept.reset();
  stage.flops = 100;
  network.stages.push_back(stage);
  return network;
}

std::vector<Outcome> outcomes(NetworkDescription description, std::initializer_list<const char*> keys,
                              const NetworkSettings& settings = {}) {
  auto network = Network::open(std::move(description), settings);
  EXPECT_TRUE(network);
  auto out = (*network)->run(ask(keys), nullptr);
  EXPECT_TRUE(out) << out.error().what;
  return std::move(*out);
}

TEST(Cascade, the_first_stage_that_is_sure_enough_answers) {
  const auto network = std::move(*Network::open(three_stages()));
  const auto out = *network->run(ask({"a", "b", "c", "d", "c"}), nullptr);
  EXPECT_EQ(out[0].stage, "small");
  EXPECT_EQ(out[0].probabilities[1], 0.95);
  EXPECT_EQ(out[1].accepted_by, 1u);
  EXPECT_EQ(out[1].confidence, 0.8);  // at the threshold is enough
  EXPECT_EQ(out[2].stage, "large");
  ASSERT_EQ(out[2].runs.size(), 3u);
  EXPECT_EQ(out[2].runs[1].flops, 10.0);
  EXPECT_EQ(out[3].refusal, "blank");  // of the input: no other stage is bothered
  EXPECT_EQ(out[3].runs.size(), 1u);
  EXPECT_TRUE(out[4].reused);
  EXPECT_EQ(out[4].runs[2].flops, 0.0);
  EXPECT_EQ(network->stage_counters(0).run, 4u);
  EXPECT_EQ(network->stage_counters(1).run, 2u);
  EXPECT_EQ(network->stage_counters(2).run, 1u);
  EXPECT_EQ(network->stage_counters().flops, 4.0 + 20.0 + 100.0);
  EXPECT_TRUE(network->cascades());
}

// Two stages with a gate each. By score: a is like what both know, b unlike what the small one knows, c unlike both, d
// unlike what the large one knows, which never sees it.
NetworkDescription two_gates() {
  NetworkDescription network = stub_network("intent", {"card", "money"},
                                            "a card 0.95 score 2 | b card 0.95 score 0 | c card 0.95 score 0 | "
                                            "d card 0.95 score 1",
                                            1);
  network.stages[0].name = "small";
  network.stages[0].accept = 0.9;
  network.stages.push_back(network.stages[0]);
  network.stages[1].name = "large";
  network.stages[1].content = "a money 0.8 score 2 | b money 0.8 score 1 | c money 0.8 score 0.5 | d money 0.8 score 0";
  network.stages[1].accept.reset();
  network.stages[1].flops = 100;
  network.gate = GateDescription{std::nullopt, "score", 1.0};
  return network;
}

TEST(Cascade, a_stage_hands_on_what_its_gate_finds_unlike_and_the_last_refuses) {
  const auto network = std::move(*Network::open(two_gates()));
  const auto out = *network->run(ask({"a", "b", "c", "d"}), nullptr);
  EXPECT_EQ(out[0].stage, "small");
  EXPECT_EQ(out[0].gate_score, 2.0);
  EXPECT_EQ(out[1].accepted_by, 1u);
  EXPECT_EQ(out[1].gate_score, 1.0);  // at the threshold is enough
  EXPECT_EQ(out[2].refusal, "out-of-distribution");
  EXPECT_EQ(out[2].detail, "unlike what intent was trained on: its gate gives 0.5 and asks for 1");
  EXPECT_EQ(out[2].stage, "large");
  EXPECT_EQ(out[2].runs.size(), 2u);
  EXPECT_EQ(out[3].stage, "small");
  EXPECT_EQ(network->stage_counters(1).run, 2u);
}

TEST(Cascade, a_stage_that_no_other_follows_refuses_what_is_unlike) {
  EXPECT_EQ(outcomes(two_gates(), {"b"}, {.stage = "small"})[0].refusal, "out-of-distribution");
  EXPECT_EQ(outcomes(two_gates(), {"d"}, {.cascade = false})[0].refusal, "out-of-distribution");
  auto plain = two_gates();  // the large one is for when the small one fails
  plain.stages[0].accept.reset();
  EXPECT_EQ(outcomes(plain, {"b"})[0].refusal, "out-of-distribution");
  auto sure = two_gates();
  sure.stages[1].accept = 0.9;
  EXPECT_EQ(outcomes(sure, {"c"})[0].refusal, "out-of-distribution");
  EXPECT_EQ(outcomes(sure, {"b"})[0].refusal, "below-confidence");
}

TEST(Cascade, answers_do_not_depend_on_the_batch) {
  const auto alone = outcomes(three_stages(), {"b"}), among = outcomes(three_stages(), {"c", "a", "b"}, {.batch = 2});
  EXPECT_EQ(alone[0].probabilities, among[2].probabilities);
  EXPECT_EQ(alone[0].accepted_by, among[2].accepted_by);
}

TEST(Cascade, without_it_the_dearest_answers_and_a_named_stage_is_asked_alone) {
  EXPECT_EQ(outcomes(three_stages(), {"a"}, {.cascade = false})[0].stage, "large");
  auto plain = three_stages();
  for (StageDescription& stage : plain.stages) stage.accept.reset();
  EXPECT_EQ(outcomes(plain, {"a"}, {.cascade = false})[0].stage, "small");  // there was none to switch off
  const auto named = outcomes(three_stages(), {"c"}, {.stage = "small"});
  EXPECT_EQ(named[0].probabilities[1], 0.6);
}

TEST(Cascade, a_stage_without_a_threshold_among_others_is_not_asked) {
  auto description = three_stages();
  description.stages[1].accept.reset();
  const auto out = outcomes(description, {"b"});
  EXPECT_EQ(out[0].stage, "large");
  EXPECT_EQ(out[0].runs.size(), 2u);
}

TEST(Cascade, a_guarantee_without_thresholds_leaves_the_dearest) {
  auto description = three_stages();
  for (StageDescription& stage : description.stages) stage.accept.reset();
  EXPECT_EQ(outcomes(description, {"a"})[0].stage, "small");
  description.guarantee = GuaranteeDescription{"against-dearest", "network", 0.05, 0.95, 59, ""};
  EXPECT_EQ(outcomes(description, {"a"})[0].stage, "large");
}

TEST(Cascade, a_threshold_on_the_last_stage_abstains_below_it) {
  auto description = three_stages();
  description.stages[2].accept = 0.7;
  const auto out = outcomes(description, {"c"});
  EXPECT_EQ(out[0].refusal, "below-confidence");
  EXPECT_EQ(out[0].detail, "its likeliest label has 0.55, and finding is to answer from 0.7");
  EXPECT_TRUE(out[0].probabilities.empty());
  EXPECT_FALSE(out[0].accepted_by);
}

TEST(Cascade, a_stage_that_cannot_be_loaded_or_fails_hands_over) {
  auto description = three_stages();
  description.stages[0].content = "a pneumonia 2";  // no table
  description.stages[1].content = "a refused network-failed | b normal 0.8";
  const auto out = outcomes(description, {"a", "b"});
  EXPECT_EQ(out[0].stage, "large");
  ASSERT_EQ(out[0].failed.size(), 2u);
  EXPECT_EQ(out[0].failed[0].code, "bad-table");
  EXPECT_EQ(out[0].failed[1].code, "network-failed");
  EXPECT_EQ(out[1].stage, "middle");
}

TEST(Cascade, when_no_stage_is_left_the_input_is_refused) {
  auto description = three_stages();
  description.stages[2].content = "a refused network-failed | b pneumonia 0.2 | c refused over-budget";
  description.stages[1].accept = 0.99;
  description.stages[0].accept = 0.99;
  const auto out = outcomes(description, {"a", "b", "c"});
  EXPECT_EQ(out[0].refusal, "network-failed");
  EXPECT_EQ(out[0].confidence, 0.0);
  EXPECT_EQ(out[1].stage, "large");
  EXPECT_EQ(out[2].refusal, "over-budget");
}

TEST(Cascade, without_thresholds_a_failing_stage_hands_over_too) {
  auto description = three_stages();
  for (StageDescription& stage : description.stages) stage.accept.reset();
  description.stages[0].content = "a refused network-failed";
  EXPECT_EQ(outcomes(description, {"a"})[0].stage, "middle");
}

NetworkDescription two_stages_over(int n, int every) {
  std::string small, large;
  for (int i = 0; i < n; ++i) {
    small += "k" + std::to_string(i) + " pneumonia 0.95\n";
    large += "k" + std::to_string(i) + (i % every == 0 ? " normal 0.9\n" : " pneumonia 0.9\n");
  }
  NetworkDescription network = stub_network("finding", {"normal", "pneumonia"}, small, 1);
  network.stages.push_back(network.stages[0]);
  network.stages[0].accept = 0.9;
  network.stages[1].name = "large";
  network.stages[1].content = large;
  network.stages[1].flops = 100;
  network.guarantee = GuaranteeDescription{"against-dearest", "network", 0.05, 0.95, 599, ""};
  return network;
}

std::vector<Request> keys_of(int n) {
  std::vector<Request> requests;
  for (int i = 0; i < n; ++i) requests.push_back({"k" + std::to_string(i)});
  return requests;
}

TEST(Audit, a_share_of_cheap_answers_is_run_on_the_dearest_and_booked_apart) {
  const auto network = std::move(*Network::open(two_stages_over(400, 5), {.audit = 0.5}));
  const auto plain = std::move(*Network::open(two_stages_over(400, 5)));
  const auto requests = keys_of(400);
  const auto out = *network->run(requests, nullptr), same = *plain->run(requests, nullptr);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i].probabilities, same[i].probabilities);
  const AuditReport report = network->audit();
  EXPECT_NEAR(static_cast<double>(report.audited), 200.0, 40.0);  // four standard deviations
  EXPECT_EQ(report.flops, 100.0 * static_cast<double>(report.audited));
  EXPECT_EQ(network->stage_counters().flops, 400.0);
  EXPECT_EQ(network->stage_counters(1).run, 0u);
  EXPECT_NEAR(static_cast<double>(report.disagreed), 0.2 * static_cast<double>(report.audited), 24.0);
  const auto promise = network->guarantee();
  ASSERT_TRUE(promise);
  EXPECT_FALSE(promise->holds);  // a fifth is surely more than 5%
  EXPECT_TRUE(plain->guarantee()->holds);
  (void)network->run(requests, nullptr);
  EXPECT_EQ(network->audit().audited, report.audited);  // an input counts once
}

TEST(Audit, its_tokens_are_booked_apart_as_well) {
  auto description = two_stages_over(40, 5);
  description.stages[1].backend = "faulty";  // a token each
  const auto network = std::move(*Network::open(description, {.audit = 1.0}));
  (void)network->run(keys_of(40), nullptr);
  EXPECT_EQ(network->audit().audited, 40u);
  EXPECT_EQ(network->stage_counters(1).tokens, Tokens{});
}

TEST(Audit, which_inputs_depends_on_seed_and_key_alone) {
  const auto requests = keys_of(200);
  std::vector<Request> reversed(requests.rbegin(), requests.rend());
  const auto a = std::move(*Network::open(two_stages_over(200, 3), {.batch = 7, .audit = 0.2, .audit_seed = 1}));
  const auto b = std::move(*Network::open(two_stages_over(200, 3), {.audit = 0.2, .audit_seed = 1}));
  const auto c = std::move(*Network::open(two_stages_over(200, 3), {.audit = 0.2, .audit_seed = 2}));
  (void)a->run(requests, nullptr), (void)b->run(reversed, nullptr), (void)c->run(requests, nullptr);
  EXPECT_EQ(a->audit().audited, b->audit().audited);
  EXPECT_EQ(a->audit().disagreed, b->audit().disagreed);
  EXPECT_NE(a->audit().audited * 1000 + a->audit().disagreed, c->audit().audited * 1000 + c->audit().disagreed);
}

TEST(Audit, a_few_disagreements_withdraw_nothing) {
  const auto network = std::move(*Network::open(two_stages_over(400, 40), {.audit = 1.0}));
  (void)network->run(keys_of(400), nullptr);
  EXPECT_EQ(network->audit().disagreed, 10u);
  EXPECT_TRUE(network->guarantee()->holds);
}

TEST(Audit, disagreement_of_a_few_cheap_answers_is_little_of_all) {
  // A fifth of the cheap answers is wrong, and a tenth of all answers is cheap: 2% of all, where 5% was promised.
  auto description = two_stages_over(2000, 5);
  std::string small;
  for (int i = 0; i < 2000; ++i) {
    small += "k" + std::to_string(i) + (i < 200 ? " pneumonia 0.95\n" : " pneumonia 0.6\n");
  }
  description.stages[0].content = small;
  const auto requests = keys_of(2000);
  const auto network = std::move(*Network::open(description, {.audit = 1.0}));
  (void)network->run(requests, nullptr);
  EXPECT_EQ(network->audit().cheap, 200u);
  EXPECT_EQ(network->audit().disagreed, 40u);
  EXPECT_TRUE(network->guarantee()->holds);
  description.guarantee->target = "accepted";  // which is about the cheap ones
  const auto accepted = std::move(*Network::open(description, {.audit = 1.0}));
  (void)accepted->run(requests, nullptr);
  EXPECT_FALSE(accepted->guarantee()->holds);
}

TEST(Guarantees, are_withdrawn_when_confidences_drift) {
  auto description = two_stages_over(300, 1000);
  for (int i = 0; i < 200; ++i) description.drift_scores.push_back(0.5 + i / 400.0);  // now all are at 0.95
  const auto network = std::move(*Network::open(description));
  EXPECT_TRUE(network->guarantee()->holds);
  (void)network->run(keys_of(300), nullptr);
  ASSERT_FALSE(network->guarantee()->holds);
  EXPECT_NE(network->guarantee()->why.find("no longer look like"), std::string::npos);
}

}  // namespace
}  // namespace tenfold::neural
