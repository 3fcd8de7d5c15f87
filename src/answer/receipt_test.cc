// What a receipt says of energy and money, from files that stand for the kernel's and a site's own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "answer/abstention.h"
#include "answer/energy.h"
#include "answer/prices.h"
#include "base/abstention.h"

namespace tenfold::answer {
namespace {
namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("receipt_test_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  void write_rapl(const std::string& energy) const {
    write("intel-rapl:0/energy_uj", energy);
    write("intel-rapl:0/max_energy_range_uj", "10000000");
    write("intel-rapl:0:0/energy_uj", "999");  // the cores of package 0: counted with it
    write("intel-rapl:0:0/max_energy_range_uj", "10000000");
  }
  fs::path folder_;
};

TEST_F(Files, JoulesAreTheShareOfThePackageThatOurCpuTimeHas) {
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  write_rapl("1000000");
  write("stat", "cpu  100 0 0 5000 70 0 0 0 50 0\n");
  const EnergyMeter meter(folder_, folder_ / "stat");
  write_rapl("5000000");
  write("stat", "cpu  300 0 200 9000 90 0 0 0 80 0\n");  // 400 ticks more at work; idle, iowait and guest do not count
  const auto joules = meter.joules(100 * tick);
  ASSERT_TRUE(joules.has_value());
  EXPECT_NEAR(*joules, 4.0 * 0.25, 1e-12);
}

TEST_F(Files, ACounterThatWrapsIsCountedOn) {
  write_rapl("9000000");
  write("stat", "cpu  0 0 0 0\n");
  const EnergyMeter meter(folder_, folder_ / "stat");
  write_rapl("2000000");
  Receipt receipt;
  receipt.cpu_s = 1.0;
  meter.fill(receipt);
  EXPECT_NEAR(receipt.joules, 3.0, 1e-12);
  EXPECT_EQ(receipt.joules_source, "rapl");
  price(receipt, {});
  EXPECT_NEAR(receipt.joules, 3.0, 1e-12) << "what was measured is not modelled";
}

TEST_F(Files, WithoutRaplJoulesAreModelledAndSaidToBe) {
  const EnergyMeter meter(folder_ / "nothing", folder_ / "stat");
  Receipt receipt;
  receipt.cpu_s = 3600.0;
  receipt.usd_remote = 0.5;
  meter.fill(receipt);
  Prices prices;
  prices.watts_per_core = 5.0;
  prices.usd_per_cpu_hour = 0.25;
  prices.gco2e_per_kwh = 400.0;
  price(receipt, prices);
  EXPECT_EQ(receipt.joules_source, "model");
  EXPECT_DOUBLE_EQ(receipt.joules, 18000.0);
  EXPECT_DOUBLE_EQ(receipt.usd, 0.75);
  EXPECT_DOUBLE_EQ(receipt.gco2e, 2.0);
}

TEST_F(Files, PricesAreReadWithDateAndSource) {
  write("p.toml",
        "label = \"ours\"\n[machine]\nusd_per_cpu_hour = 1\n[model.\"m-1\"]\nusd_per_million_input = 2.5\n"
        "usd_per_million_output = 10\ndate = 2026-11-30\nsource = \"the tariff\"\n");
  const auto prices = read_prices((folder_ / "p.toml").string());
  ASSERT_TRUE(prices.ok()) << prices.error().what;
  EXPECT_EQ(prices->label, "ours");
  EXPECT_EQ(prices->usd_per_cpu_hour, 1.0);
  EXPECT_EQ(prices->models.at("m-1").usd_per_million_output, 10.0);
  EXPECT_EQ(prices->models.at("m-1").date, "2026-11-30");
}

TEST_F(Files, ARemoteModelCostsWhatThePricesSayUnlessItsFileDoes) {
  neural::NetworkDescription network = neural::stub_network("reader", {"a", "b"}, "");
  network.stages.resize(3, network.stages[0]);
  for (neural::StageDescription& stage : network.stages) stage.options["model"] = "m-1";
  network.stages[1].backend = network.stages[2].backend = "remote";
  network.stages[2].options["usd_per_million_input"] = "7";
  Prices prices;
  prices.models["m-1"] = {2.5, 10.0, "2026-11-30", "the tariff"};
  fill_prices(network, prices);
  EXPECT_EQ(network.stages[0].options.size(), 1u) << "no remote stage";
  EXPECT_EQ(network.stages[1].options["usd_per_million_input"], "2.5");
  EXPECT_EQ(network.stages[1].options["usd_per_million_output"], "10");
  EXPECT_EQ(network.stages[2].options["usd_per_million_input"], "7");
  EXPECT_EQ(network.stages[2].options["usd_per_million_output"], "10");
}

TEST_F(Files, AWrongPriceIsToldWithItsPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {"[energy]\nwatts_per_core = -1\n", "bad-prices"},
      {"[energy]\nwatts = 4\n", "bad-prices"},
      {"[energy]\nwatts_per_core = nan\n", "bad-prices"},
      {"[model]\nm = 3\n", "bad-prices"},
      {"[energy\n", "malformed-toml"},
  };
  for (const auto& [text, code] : cases) {
    write("p.toml", text);
    const auto prices = read_prices((folder_ / "p.toml").string());
    ASSERT_FALSE(prices.ok()) << text;
    EXPECT_EQ(prices.error().code, code) << text;
    EXPECT_GT(prices.error().place.line, 0u) << text;
  }
}

TEST(Abstentions, EveryReasonOfTheSystemSaysWhatWouldSettleIt) {
  for (const AbstentionReason& reason : abstention_reasons()) {
    EXPECT_FALSE(reason.settle.empty()) << reason.code;
    EXPECT_NE(reason.kind, AbstentionKind::by_rule) << reason.code;
  }
  EXPECT_EQ(abstention_reason("made-up").kind, AbstentionKind::by_rule);
}

TEST(Abstentions, WhatExcludesEachOtherIsNotAffirmedTogether) {
  const auto tuple = [](const std::string& relation, const std::string& arg, std::optional<bool> decision) {
    AnswerTuple t;
    t.relation = relation;
    t.args = {arg};
    t.decision = decision;
    return t;
  };
  Answer answer;
  answer.tuples = {tuple("approve", "a", true), tuple("approve", "b", true), tuple("approve", "c", false),
                   tuple("deny", "a", true),    tuple("deny", "c", true),    tuple("other", "b", true)};
  const std::pair<std::string, std::string> pairs[] = {{"approve", "deny"}};
  withdraw_conflicts(answer, pairs);
  std::string left, withdrawn;
  for (const AnswerTuple& t : answer.tuples) left += t.relation + t.args[0] + " ";
  for (const Abstention& a : answer.abstained) withdrawn += a.relation + a.args[0] + ":" + a.reason + " ";
  EXPECT_EQ(left, "approveb approvec denyc otherb ");
  EXPECT_EQ(withdrawn, "approvea:conflict denya:conflict ");
  EXPECT_EQ(answer.abstained[0].evidence, std::vector<std::string>{"deny(a)"});
}

}  // namespace
}  // namespace tenfold::answer
