// Every way in which a back end can fail (faulty.cc), within this process and in one of its own: the next stage
// answers, or the input is refused, and its neighbours in the batch get what they would have got alone.
#include "neural/backends/isolated.h"

#include <gtest/gtest.h>

#include <thread>

#include "neural/backends/isolated_wire.h"
#include "neural/neural.h"

namespace tenfold::neural {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // whose own memory would not fit
#else
constexpr bool kSanitized = false;
#endif

using Options = std::map<std::string, std::string, std::less<>>;

NetworkDescription faulty(Options options = {}, const std::string& content = "") {
  NetworkDescription network = stub_network("finding", {"normal", "pneumonia"}, content, 1.0);
  network.stages[0].name = "cheap";
  network.stages[0].backend = "faulty";
  network.stages[0].options = std::move(options);
  return network;
}

/// A second stage that knows every key.
NetworkDescription with_fallback(NetworkDescription network, const std::vector<std::string>& keys) {
  std::string table;
  for (const std::string& key : keys) table += key + " pneumonia 0.9\n";
  StageDescription dear = stub_network("finding", network.labels, table, 2.0).stages[0];
  dear.name = "dear";
  network.stages.push_back(std::move(dear));
  return network;
}

std::vector<Outcome> run(const NetworkDescription& description, const std::vector<std::string>& keys) {
  auto network = Network::open(description);
  EXPECT_TRUE(network);
  std::vector<Request> requests;
  for (const std::string& key : keys) requests.push_back({key});
  auto outcomes = (*network)->run(requests, nullptr);
  EXPECT_TRUE(outcomes) << outcomes.error().what;
  return outcomes ? *outcomes : std::vector<Outcome>(keys.size());
}

void expect_each_fails_alone(const Options& options, const std::vector<std::string>& ways) {
  for (const std::string& way : ways) {
    const std::vector<std::string> keys = {"fine-1", way, "fine-2"};
    const auto alone = run(faulty(options), keys);
    EXPECT_TRUE(alone[1].refusal == "network-failed" || alone[1].refusal == "not-finite")
        << way << " " << alone[1].refusal;
    EXPECT_TRUE(alone[1].probabilities.empty()) << way;
    EXPECT_NE(alone[1].detail, "") << way;
    const auto helped = run(with_fallback(faulty(options), keys), keys);
    EXPECT_EQ(helped[1].stage, "dear") << way;
    EXPECT_EQ(helped[1].refusal, "") << way << ": " << helped[1].detail;
    ASSERT_EQ(helped[1].probabilities.size(), 2u) << way;
    EXPECT_EQ(helped[1].probabilities[1], 0.9) << way;
    EXPECT_EQ(helped[1].failed.size(), 1u) << way;
    for (const std::size_t i : {0u, 2u}) {
      for (const auto* outcomes : {&alone, &helped}) {
        EXPECT_EQ((*outcomes)[i].stage, "cheap") << way;
        EXPECT_EQ((*outcomes)[i].probabilities, (std::vector<double>{0.25, 0.75})) << way;
      }
    }
  }
}

const std::vector<std::string> kGarbage = {"nan",  "inf",  "negative", "sum",   "zero", "short",
                                           "long", "none", "refusals", "error", "throw"};

TEST(Faults, garbage_and_errors_are_failures) { expect_each_fails_alone({}, kGarbage); }

TEST(Faults, the_same_from_another_process) { expect_each_fails_alone({{"isolate", "true"}}, kGarbage); }

TEST(Faults, a_crash_ends_its_process_and_nothing_else) {
  expect_each_fails_alone({{"isolate", "true"}}, {"abort", "null", "exit", "noise"});
}

TEST(Faults, a_hang_ends_with_its_time) {
  const std::vector<std::string> keys = {"fine", "hang"};
  const auto outcomes = run(with_fallback(faulty({{"isolate", "true"}, {"timeout_s", "5"}}), keys), keys);
  EXPECT_EQ(outcomes[0].stage, "cheap");
  EXPECT_EQ(outcomes[1].stage, "dear");
  EXPECT_NE(outcomes[1].failed.at(0).detail.find("took longer"), std::string::npos) << outcomes[1].failed[0].detail;
}

TEST(Faults, growth_ends_with_its_memory) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory does not fit";
  expect_each_fails_alone({{"isolate", "true"}, {"memory_mib", "512"}}, {"grow"});
}

TEST(Faults, a_process_is_started_again_so_often_and_no_more) {
  std::vector<std::string> keys;
  for (int i = 0; i < 6; ++i) keys.push_back("abort-" + std::to_string(i));
  keys.push_back("fine");
  NetworkDescription description = faulty({{"isolate", "true"}, {"restarts", "3"}});
  auto network = Network::open(description);
  std::vector<Request> requests;
  for (const std::string& key : keys) requests.push_back({key});
  const auto outcomes = (*network)->run(requests, nullptr);
  ASSERT_TRUE(outcomes);
  for (const Outcome& outcome : *outcomes) EXPECT_EQ(outcome.refusal, "network-failed");
  EXPECT_NE(outcomes->back().detail.find("is not started again"), std::string::npos) << outcomes->back().detail;
}

TEST(Faults, a_model_that_cannot_be_loaded_hands_over) {
  for (const char* content : {"abort", "error", "throw"}) {
    const auto outcomes = run(with_fallback(faulty({{"isolate", "true"}}, content), {"a"}), {"a"});
    EXPECT_EQ(outcomes[0].stage, "dear") << content;
    EXPECT_EQ(outcomes[0].probabilities[1], 0.9) << content;
  }
  for (const char* content : {"error", "throw"})
    EXPECT_EQ(run(with_fallback(faulty({}, content), {"a"}), {"a"})[0].stage, "dear") << content;
}

TEST(Faults, what_is_no_number_of_seconds_is_said) {
  LoadSettings settings;
  settings.options = {{"timeout_s", "soon"}};
  const auto model = load_isolated({"faulty", "", {}}, settings);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, "bad-options");
}

TEST(Isolated, whether_it_is_isolated_is_true_or_false_and_no_business_of_the_back_end) {
  EXPECT_EQ(run(faulty({{"isolate", "false"}}), {"fine"})[0].refusal, "");
  auto network = Network::open(faulty({{"isolate", "yes"}}));
  const auto loaded = (*network)->load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, "bad-options");
}

// A process that is started again would spend the budget again.
TEST(Isolated, a_remote_model_is_not_isolated) {
  NetworkDescription description = faulty({{"isolate", "true"}, {"max_calls", "1"}});
  description.stages[0].backend = "remote";
  auto network = Network::open(description);
  const auto loaded = (*network)->load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, "bad-options");
  EXPECT_NE(loaded.error().what.find("cannot be isolated"), std::string::npos) << loaded.error().what;
}

// Under the thread sanitizer: others read what the model says of itself while its process is started again.
TEST(Isolated, several_threads_may_ask_while_it_is_started_again) {
  const auto network = std::move(*Network::open(faulty({{"isolate", "true"}, {"restarts", "100"}})));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&network, t] {
      for (int i = 0; i < 4; ++i) {
        const std::string way = t == 0 ? "abort-" : "fine-";
        const Request request{way + std::to_string(t) + std::to_string(i)};
        const auto outcomes = network->run(std::span(&request, 1), nullptr);
        ASSERT_TRUE(outcomes);
        EXPECT_EQ((*outcomes)[0].refusal, t == 0 ? "network-failed" : "");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Isolated, a_table_says_the_same_in_another_process) {
  NetworkDescription description =
      stub_network("finding", {"normal", "pneumonia"}, "a pneumonia 0.93 | b refused blank");
  const auto here = run(description, {"a", "b", "c"});
  description.stages[0].options = {{"isolate", "true"}};
  const auto there = run(description, {"a", "b", "c"});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(there[i].probabilities, here[i].probabilities);
    EXPECT_EQ(there[i].refusal, here[i].refusal);
  }
}

TEST(Isolated, pictures_go_over_as_they_are) {
  const ColourPicture one{2, 1, {1, 2, 3, 4, 5, 6}}, other{1, 1, {7, 8, 9}};
  const std::vector<Shown> both = {{0, &one}, {3, &other}};
  const std::vector<std::string_view> keys = {"a", "b"}, texts = {"x y", "z"};
  const std::vector<std::span<const Shown>> shown = {both, {}};
  const std::string bytes = to_bytes(Batch{keys, {}, texts, shown});
  const auto back = read_batch(bytes);
  ASSERT_TRUE(back);
  const Batch batch = back->batch();
  ASSERT_EQ(batch.shown.size(), 2u);
  ASSERT_EQ(batch.shown[0].size(), 2u);
  EXPECT_TRUE(batch.shown[1].empty());
  EXPECT_EQ(batch.shown[0][1].at, 3u);
  EXPECT_EQ(batch.shown[0][0].picture->width, 2u);
  EXPECT_EQ(batch.shown[0][0].picture->rgb, one.rgb);
  EXPECT_EQ(batch.shown[0][1].picture->rgb, other.rgb);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(read_batch(bytes.substr(0, cut)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    const auto read = read_batch(changed);
    EXPECT_LE(read ? read->pictures.size() : 0, bytes.size());
  }
}

// Every message, cut short at every byte and with every byte changed, is read or refused, and never more than that.
TEST(Isolated, hostile_messages_are_refused) {
  Outputs outputs;
  outputs.values = {{0.25, 0.75}, {1.0}};
  outputs.refusals = {"", "blank"};
  outputs.details = {"x", ""};
  outputs.records = {{{"{}", 1.0}}, {}};
  outputs.tokens = {{1, 2, 3, 4}, {}};
  outputs.flops = {1.0, 2.0};
  const std::string bytes = to_bytes(outputs);
  const auto back = read_outputs(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->values, outputs.values);
  EXPECT_EQ(back->records, outputs.records);
  EXPECT_EQ(back->tokens, outputs.tokens);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(read_outputs(bytes.substr(0, cut)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    const auto read = read_outputs(changed);
    EXPECT_LE(read ? read->values.size() : 0, bytes.size());
  }
}

}  // namespace
}  // namespace tenfold::neural
