// Calibrating a pack of table networks: what is promised, what is refused, and that the next run uses it.
#include "answer/calibrate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "answer/distil.h"
#include "answer/item_labels.h"
#include "answer/job.h"
#include "answer/usage.h"

namespace tenfold::answer {
namespace {

namespace fs = std::filesystem;

class Calibrating : public testing::Test {
 protected:
  Calibrating() : folder_(fs::temp_directory_path() / ("tenfold-calibrate-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    write("pack.toml",
          "[pack]\nname = \"t\"\nprogram = \"p.scl\"\ndecide = { relation = \"alert\", threshold = 0.5 }\n"
          "[input]\nrecords = \"fhir-r4\"\n[network.risk]\nfile = \"risk.toml\"\n");
    // Women alone are asked about.
    write("p.scl",
          "@network(\"risk\", labels = [\"no\", \"yes\"]) type risk(bound p: String, label: String)\n"
          "type patient(p: String, gender: String)\n"
          "rel alert(p) = patient(p, \"female\") and risk(p, \"yes\")\nquery alert\n");
    write("risk.toml",
          "name = \"risk\"\nlabels = [\"no\", \"yes\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n"
          "[[stage]]\nname = \"small\"\nbackend = \"table\"\nmodel = \"small.txt\"\nflops = 1\n"
          "[[stage]]\nname = \"large\"\nbackend = \"table\"\nmodel = \"large.txt\"\nflops = 100\n");
  }
  ~Calibrating() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  /// The small stage is unsure of every fifth item and wrong there half of the time, else as the large one and the
  /// truth.
  void write_items(int n) {
    std::string small, large, labels = "item,label\n", records;
    for (int i = 0; i < n; ++i) {
      const bool yes = i % 2, unsure = i % 5 == 0, wrong = i % 10 == 0;
      const std::string p = "p" + std::to_string(i);
      for (const std::string& key : {p, "Patient/" + p}) {  // as an item, and as a record calls it
        large += fmt::format("{} {} 0.99\n", key, yes ? "yes" : "no");
        small += fmt::format("{} {} {}\n", key, yes != wrong ? "yes" : "no", unsure ? 0.6 + 1e-4 * i : 0.9 + 1e-5 * i);
      }
      labels += fmt::format("{},{}\n", p, yes ? "yes" : "no");
      records +=
          fmt::format(
              R"({{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"{}","gender":"{}"}}}}]}})",
              p, i % 3 ? "female" : "male") +
          "\n";
    }
    write("small.txt", small);
    write("large.txt", large);
    write("labels.csv", labels);
    write("data/day.ndjson", records);
  }

  Pack pack() { return read_pack(folder_.string(), {}).value(); }
  Sources sources() {
    Sources sources;
    sources.networks = pack().networks;
    for (const FactSchema& schema : adapter_schema(pack())) sources.inputs.push_back(schema.relation);
    return sources;
  }
  CalibrationOptions options() {
    CalibrationOptions options;
    options.data = folder_ / "data";
    options.labels = folder_ / "labels.csv";
    return options;
  }
  Settings settings() {
    Settings settings;
    settings.provenance = "exact";
    settings.decide = "alert";
    settings.threshold = 0.5;
    return settings;
  }

  const fs::path folder_;
};

TEST_F(Calibrating, NetworksGetThresholdsWithAPromiseAndTheNextRunUsesThem) {
  write_items(600);
  auto done = calibrate_networks(pack(), sources(), options());
  ASSERT_TRUE(done) << done.error().what;
  const auto& network = done->networks.front().network;
  ASSERT_TRUE(network.guarantee);
  EXPECT_EQ(network.guarantee->scope, "network");
  ASSERT_TRUE(network.stages[0].accept);
  EXPECT_LT(*network.stages[0].accept, 0.9);  // some unsure ones are let through: 5% may differ
  EXPECT_GT(*network.stages[0].accept, 0.6);  // all of them are too many
  EXPECT_FALSE(network.stages[1].accept);
  auto files = write_calibration(*done, folder_ / "site");
  ASSERT_TRUE(files);
  Sources with = sources();
  with.site = folder_ / "site";
  auto parts = make_parts(pack().program.string(), settings(), with, nullptr);
  ASSERT_TRUE(parts) << parts.error().what;
  auto seen = (*parts)->networks.front()->see({"p1", "p0"});
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)[0].stage, "small");
  EXPECT_EQ((*seen)[1].stage, "large");
}

TEST_F(Calibrating, ScoresAreACsvWhateverAnItemIsCalled) {
  write("small.txt", "\"well, p1\" yes 0.75\n");
  write("large.txt", "\"well, p1\" yes 0.875\n");
  write("labels.csv", "item,label\n\"well, p1\",yes\n");
  CalibrationOptions with = options();
  with.scores = folder_ / "scores.csv";
  EXPECT_EQ(calibrate_networks(pack(), sources(), with).error().code, "too-few-items");
  std::ifstream file(folder_ / "scores.csv");
  std::string header, line;
  std::getline(file, header), std::getline(file, line);
  EXPECT_EQ(header, "item,group,label,small:no,small:yes,large:no,large:yes");
  EXPECT_EQ(line.substr(0, 11), "\"well, p1\",");
  EXPECT_EQ(line.substr(11 + 16), ",yes,0.25,0.75,0.125,0.875");  // after 16 digits of the group's checksum
}

// Texts, and a gate that is an output of both stages: of the large one every twentieth good item scores from 0 to 1 and
// the others from 1 to 2; of the small one every tenth scores below all that.
class CalibratingAGate : public Calibrating {
 protected:
  void write_texts(int n) {
    write("p.scl",
          "@network(\"risk\", labels = [\"no\", \"yes\"]) type risk(bound t: String, label: String)\n"
          "type said(t: String)\n"
          "rel alert(t) = said(t) and risk(t, \"yes\")\nquery alert\n");
    write("risk.toml",
          "name = \"risk\"\nlabels = [\"no\", \"yes\"]\n[input]\nkind = \"text\"\n"
          "[gate]\noutput = \"score\"\nthreshold = -100\n"
          "[[stage]]\nname = \"small\"\nbackend = \"table\"\nmodel = \"small.txt\"\nflops = 1\n"
          "[[stage]]\nname = \"large\"\nbackend = \"table\"\nmodel = \"large.txt\"\nflops = 100\n");
    std::string small, large, labels = "item,label\n";
    for (int i = 0; i < n; ++i) {
      const char* label = i % 2 ? "yes" : "no";
      const double score = (i % 20 == 0 ? 0.0 : 1.0) + i / double(n);
      large += fmt::format("\"text {}\" {} 0.99 score {}\n", i, label, score);
      small += fmt::format("\"text {}\" {} 0.9 score {}\n", i, label, i % 10 == 5 ? -1.0 : 3.0);
      labels += fmt::format("text {},{}\n", i, label);
    }
    // Nothing like the others, and the small stage is sure of `strange`.
    large += "odd yes 0.9 score -1\nstrange yes 0.9 score -1\n";
    small += "odd yes 0.9 score -1\nstrange yes 0.99 score 3\n";
    write("small.txt", small);
    write("large.txt", large);
    write("labels.csv", labels);
  }
};

TEST_F(CalibratingAGate, ItsThresholdIsRefittedOnGoodItemsOfTheLastStage) {
  write_texts(700);
  CalibrationOptions with = options();
  with.scores = folder_ / "scores.csv";
  with.false_refusal = 0.1;
  auto done = calibrate_networks(pack(), sources(), with);
  ASSERT_TRUE(done) << done.error().what;
  const auto& network = done->networks.front().network;
  // One in twenty is below 1, and with confidence 95% one in ten of all items is allowed.
  EXPECT_GT(network.gate->threshold, 1.0);
  EXPECT_LT(network.gate->threshold, 1.1);
  ASSERT_TRUE(network.stages[0].accept);
  std::ifstream file(folder_ / "scores.csv");
  std::string header, line;
  std::getline(file, header), std::getline(file, line);
  EXPECT_EQ(header, "item,group,label,small:no,small:yes,large:no,large:yes,small gate,large gate");
  EXPECT_TRUE(line.ends_with(",3,0")) << line;
  // What the small stage hands on, one in ten, is not among what drift compares it with, nor are those answers its own.
  std::size_t own = 0;
  for (int i = 0; i < 700; ++i) own += i % 10 != 5 && !is_for_fitting(fmt::format("text {}", i));
  EXPECT_EQ(network.drift_scores.size(), own);
  const auto& answered = done->networks.front().answered;
  EXPECT_GT(answered[1], 0u);
  EXPECT_EQ(answered[0] + answered[1], done->networks.front().items);

  ASSERT_TRUE(write_calibration(*done, folder_ / "site"));
  Sources site = sources();
  site.site = folder_ / "site";
  auto parts = make_parts(pack().program.string(), settings(), site, nullptr);
  ASSERT_TRUE(parts) << parts.error().what;
  auto seen = (*parts)->networks.front()->see({"text 1", "text 605", "odd", "strange", "text 20"});
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)[0].stage, "small");
  EXPECT_EQ((*seen)[1].stage, "large");
  EXPECT_EQ((*seen)[1].refusal, "");
  EXPECT_EQ((*seen)[2].refusal, "out-of-distribution");
  EXPECT_EQ((*seen)[3].refusal, "") << "the small stage knows it, and is sure";
  EXPECT_EQ((*seen)[4].stage, "small") << "the large one would refuse it, and is not asked";
  // As it came, the gate lets everything pass.
  auto before = make_parts(pack().program.string(), settings(), sources(), nullptr);
  EXPECT_EQ((*(*before)->networks.front()->see({"odd"}))[0].refusal, "");
}

// A stage that repeats the large one where it is sure, which is for `sure` of a hundred items, and else half of the
// time.
class Distilling : public Calibrating {
 protected:
  void write_tiny(int n, int sure, double flops, const std::string& from = "large", bool right = true) {
    std::string tiny;
    for (int i = 0; i < n; ++i) {
      const bool unsure = i % 100 >= sure, as_large = unsure ? i / 2 % 2 == 0 : right;
      tiny += fmt::format("p{} {} {}\n", i, (i % 2 == 1) == as_large ? "yes" : "no", unsure ? 0.55 : 0.97);
    }
    write("new/tiny.txt", tiny);
    write("new/tiny.toml",
          "name = \"risk\"\nlabels = [\"no\", \"yes\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n[[stage]]\n"
          "name = \"tiny\"\nbackend = \"table\"\nmodel = \"tiny.txt\"\nflops = " +
              fmt::format("{}\ndistilled_from = \"{}\"\n", flops, from));
  }
  Result<Proposal> propose() { return propose_stage(sources(), folder_ / "new/tiny.toml", options()); }
};

TEST_F(Distilling, AStageThatSparesMoreThanItCostsIsInstalledAndUsed) {
  write_items(600);
  write_tiny(600, 80, 0.1);
  auto proposal = propose();
  ASSERT_TRUE(proposal) << proposal.error().what;
  ASSERT_TRUE(proposal->accepted) << proposal->why << proposal->report;
  EXPECT_LT(proposal->flops, proposal->flops_without);
  auto files = install_stage(*proposal, folder_ / "new/tiny.toml", folder_ / "site");
  ASSERT_TRUE(files) << files.error().what;
  fs::remove_all(folder_ / "new");  // what was installed stands alone
  Sources with = sources();
  with.site = folder_ / "site";
  auto parts = make_parts(pack().program.string(), settings(), with, nullptr);
  ASSERT_TRUE(parts) << parts.error().what;
  const auto& network = (*parts)->networks.front();
  auto seen = network->see({"p1", "p99"});
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)[0].stage, "tiny");
  EXPECT_NE((*seen)[1].stage, "tiny");
  Usage usage;
  for (const Seen& one : *seen) usage.count(one);
  Receipt receipt;
  usage.add_to(receipt, *network, {.domain = 2, .demanded = 2, .ordered = 2, .offloaded = 0});
  ASSERT_EQ(receipt.networks.size(), 3u);
  EXPECT_EQ(receipt.networks[1].avoided.at("distil"), 1u);
  auto again = calibrate_networks(pack(), with, options());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->networks.front().network.stages.size(), 3u) << "another calibration keeps it";
}

TEST_F(Distilling, AStageThatDoesNotIsRefused) {
  write_items(600);
  write_tiny(600, 0, 0.9);
  auto unsure = propose();
  ASSERT_TRUE(unsure) << unsure.error().what;
  EXPECT_FALSE(unsure->accepted) << unsure->report;
  write_tiny(600, 80, 0.1, "large", false);
  auto wrong = propose();
  ASSERT_TRUE(wrong) << wrong.error().what;
  EXPECT_FALSE(wrong->accepted) << wrong->report;
  EXPECT_FALSE(wrong->why.empty());
  EXPECT_FALSE(fs::exists(folder_ / "site"));
}

TEST_F(Distilling, WhatIsNoFurtherStageIsToldSo) {
  write_items(600);
  write_tiny(600, 80, 0.1, "huge");
  EXPECT_NE(propose().error().what.find("nothing says which stage"), std::string::npos);
  write_tiny(600, 80, 0.1);
  std::string text = "name = \"risk\"\nlabels = [\"yes\", \"no\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n";
  const std::string stage = "[[stage]]\nname = \"small\"\nbackend = \"table\"\nmodel = \"tiny.txt\"\nflops = 1\n";
  write("new/tiny.toml", text + stage);
  EXPECT_NE(propose().error().what.find("its labels are others"), std::string::npos);
  write("new/tiny.toml",
        "name = \"other\"\nlabels = [\"no\", \"yes\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n" + stage);
  EXPECT_EQ(propose().error().code, "unknown-network");
  write("new/tiny.toml",
        "name = \"risk\"\nlabels = [\"no\", \"yes\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n" + stage);
  EXPECT_NE(propose().error().what.find("there is a stage `small` already"), std::string::npos);
  write("new/tiny.toml",
        "name = \"risk\"\nlabels = [\"no\", \"yes\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n"
        "[[stage]]\nname = \"../x\"\nbackend = \"table\"\nmodel = \"tiny.txt\"\nflops = 1\n");
  EXPECT_NE(propose().error().what.find("becomes a folder's"), std::string::npos);
}

TEST_F(Calibrating, TooFewItemsAreRefusedWithWhatIsMissing) {
  write_items(40);
  auto few = calibrate_networks(pack(), sources(), options());
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, "too-few-items");
  EXPECT_NE(few.error().what.find("19 are missing"), std::string::npos) << few.error().what;
  CalibrationOptions larger = options();
  larger.level.alpha = 0.2;  // 14 error-free ones are enough
  EXPECT_TRUE(calibrate_networks(pack(), sources(), larger));
}

TEST_F(Calibrating, LabelsThatTheDearestDoesNotReachArePromisedToNobody) {
  write_items(600);
  std::string wrong = "item,label\n";
  for (int i = 0; i < 600; ++i) wrong += fmt::format("p{},{}\n", i, i % 7 == 0 || i % 2 ? "yes" : "no");
  write("labels.csv", wrong);
  CalibrationOptions by_label = options();
  by_label.target = neural::Target::accuracy;
  auto none = calibrate_networks(pack(), sources(), by_label);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "no-promise");
  write("labels.csv", "item,label\np1,perhaps\n");
  EXPECT_EQ(calibrate_networks(pack(), sources(), by_label).error().code, "unknown-label");
}

TEST_F(Calibrating, OfAGroupOneItemCounts) {
  write_items(600);
  std::string labels = "item,label,group\n";
  for (int i = 0; i < 600; ++i) labels += fmt::format("p{},{},g{}\n", i, i % 2 ? "yes" : "no", i % 40);
  write("labels.csv", labels);
  auto few = calibrate_networks(pack(), sources(), options());
  ASSERT_FALSE(few);  // 40 groups, however many items
  EXPECT_EQ(few.error().code, "too-few-items");
}

TEST_F(Calibrating, DecisionsOfWholeRecordsAreWhatIsPromised) {
  write_items(600);
  CalibrationOptions records = options();
  records.labels.clear();
  auto done = calibrate_decisions(pack(), settings(), sources(), records);
  ASSERT_TRUE(done) << done.error().what;
  const auto& network = done->networks.front().network;
  ASSERT_TRUE(network.guarantee);
  EXPECT_EQ(network.guarantee->scope, "decision");
  EXPECT_EQ(network.drift_scores.size(), 400u);
  ASSERT_TRUE(network.stages[0].accept);
  EXPECT_LT(*network.stages[0].accept, 0.9);
  EXPECT_NE(done->networks.front().report.find("of 400 inputs asked for"), std::string::npos)
      << done->networks.front().report;  // men's are not, and are no calibration items

  // Stated decisions that the dearest stage contradicts everywhere: nothing can be promised.
  std::string labels = "item,decisions\n";
  for (int i = 0; i < 600; ++i) labels += fmt::format("day.ndjson#{},other(x)\n", i + 1);
  write("labels.csv", labels);
  auto none = calibrate_decisions(pack(), settings(), sources(), options());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "no-promise") << none.error().what;
  write_items(30);
  EXPECT_EQ(calibrate_decisions(pack(), settings(), sources(), records).error().code, "too-few-items");
  write("small.txt", "x yes 1\n");  // knows nobody
  EXPECT_EQ(calibrate_decisions(pack(), settings(), sources(), records).error().code, "too-few-items");
}

}  // namespace
}  // namespace tenfold::answer
