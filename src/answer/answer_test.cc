// Sessions with stub networks, worlds of refused inputs, receipts, packs, terms and what is printed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "answer/forecast.h"
#include "answer/job.h"
#include "answer/pack.h"
#include "answer/parts.h"
#include "answer/receipt.h"
#include "answer/render.h"
#include "answer/session_state.h"
#include "answer/terms.h"

namespace tenfold::answer {
namespace {

namespace fs = std::filesystem;

class Sessions : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tenfold-answer-" + std::to_string(::getpid()) + "-" +
                                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "see");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  // A program whose network is a table: "a yes 0.9 | b refused blank".
  Session open(const std::string& program, const std::string& table, Settings settings = {}) {
    write("see/see.table", table);
    write("see/see.toml",
          "name = \"see\"\nlabels = [\"yes\", \"no\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n[[stage]]\nname = "
          "\"stub\"\nbackend = \"table\"\nmodel = \"see.table\"\nflops = 100\n");
    Sources sources;
    sources.networks["see"] = (folder_ / "see/see.toml").string();
    sources.inputs = {"film", "lab"};
    auto parts = make_parts(write("p.scl", program), settings, sources, nullptr);
    EXPECT_TRUE(parts.ok()) << (parts.ok() ? "" : render(parts.error()));
    return std::move(Session::open(Program(std::move(parts).value()))).value();
  }

  fs::path folder_;
};

constexpr const char* kFilms = R"(
type Image <: String
type film(p: String, image: Image)
type asked(p: String)
@network("see", labels = ["yes", "no"])
type finding(bound image: Image, label: String)
@refusal("see")
type refused(bound image: Image, reason: String)
rel asked = {"ann", "bo"}
rel ill(p) = asked(p) and film(p, i) and finding(i, "yes")
rel well(p) = asked(p) and film(p, i) and not finding(i, "yes")
rel seen(p) = asked(p) and film(p, i) and finding(i, l)
query ill
query well
query seen
)";

TEST_F(Sessions, OnlyWhatIsAskedIsSeen) {
  Session session = open(kFilms, "a yes 0.9 | b yes 0.2 | c yes 0.5");
  ASSERT_TRUE(session.add("film", {"ann", "a"}).ok());
  ASSERT_TRUE(session.add("film", {"bo", "b"}).ok());
  ASSERT_TRUE(session.add("film", {"cy", "c"}).ok());
  const Answer answer = session.ask().value();
  ASSERT_EQ(answer.tuples.size(), 6u);
  EXPECT_NEAR(answer.tuples[0].probability, 0.9, 1e-12);  // ill(ann)
  EXPECT_NEAR(answer.tuples[3].probability, 0.8, 1e-12);  // well(bo)
  EXPECT_NEAR(answer.tuples[4].probability, 1.0, 1e-12);  // seen(ann): one of the labels holds
  ASSERT_EQ(answer.receipt.networks.size(), 1u);
  EXPECT_EQ(answer.receipt.networks[0].run, 2u);
  EXPECT_EQ(answer.receipt.networks[0].avoided.at("demand"), 1u);
  EXPECT_DOUBLE_EQ(answer.receipt.flops, 200.0);
  EXPECT_DOUBLE_EQ(answer.receipt.flops_neural_only, 300.0);
}

TEST_F(Sessions, LeversOffSeeAllAndAnswerAlike) {
  Settings off;
  off.without = {"demand", "order"};
  for (const Settings& settings : {Settings{}, off}) {
    Session session = open(kFilms, "a yes 0.9 | b yes 0.2 | c yes 0.5", settings);
    for (const auto& [p, i] : {std::pair("ann", "a"), {"bo", "b"}, {"cy", "c"}})
      ASSERT_TRUE(session.add("film", {p, i}).ok());
    const Answer answer = session.ask().value();
    EXPECT_EQ(answer.tuples.size(), 6u);
    EXPECT_EQ(answer.receipt.networks[0].run, settings.without.empty() ? 2u : 3u);
  }
}

TEST_F(Sessions, ARefusedInputIsNotANegative) {
  Settings settings;
  settings.threshold = 0.5;
  Session session = open(kFilms, "a refused blank | b yes 0.2", settings);
  ASSERT_TRUE(session.add("film", {"ann", "a"}).ok());
  ASSERT_TRUE(session.add("film", {"bo", "b"}).ok());
  const Answer answer = session.ask().value();
  // ill(ann) and well(ann) hold in one world each: neither is said. seen(ann) holds in both.
  ASSERT_EQ(answer.abstained.size(), 2u);
  EXPECT_EQ(answer.abstained[0].relation, "ill");
  EXPECT_EQ(answer.abstained[0].args, std::vector<std::string>{"ann"});
  EXPECT_EQ(answer.abstained[0].reason, "blank");
  EXPECT_EQ(answer.abstained[1].relation, "well");
  std::size_t seen = 0;
  for (const AnswerTuple& t : answer.tuples) seen += t.relation == "seen";
  EXPECT_EQ(seen, 2u);
}

TEST_F(Sessions, MoreRefusalsThanWorldsCanBeLookedAtAnswerNothingAndSaySo) {
  Session session = open(kFilms,
                         "a refused blank | b refused blank | c refused blank | d refused blank | e refused "
                         "blank | f refused blank | g refused blank");
  for (const char* film : {"a", "b", "c", "d", "e", "f", "g"}) ASSERT_TRUE(session.add("film", {"ann", film}).ok());
  const Answer answer = session.ask().value();
  EXPECT_TRUE(answer.tuples.empty());
  ASSERT_EQ(answer.abstained.size(), 3u);  // ill, well and seen
  for (const Abstention& a : answer.abstained) {
    EXPECT_EQ(a.reason, "too-many-refusals");
    EXPECT_EQ(a.evidence.size(), 7u);
  }
}

TEST_F(Sessions, WhatHangsOnNoneOfManyRefusedInputsIsAnswered) {
  std::string table = "z yes 0.25";
  for (const char* film : {"a", "b", "c", "d", "e", "f", "g"}) table += " | " + std::string(film) + " refused blank";
  const std::string program = std::string(kFilms) +
                              "rel pair(p, q) = film(p, i) and finding(i, l) and film(q, j) and finding(j, l)\n"
                              "rel person(i) = film(_, i) and refused(i, _)\nrel count(n) = n := count(p: ill(p))\n"
                              "rel known = {\"ann\"}\nrel maybe(p) = known(p)\nrel maybe(p) = ill(p)\n"
                              "query pair\nquery person\nquery count\nquery maybe\n";
  Session session = open(program, table);
  for (const char* film : {"a", "b", "c", "d", "e", "f", "g"}) ASSERT_TRUE(session.add("film", {"ann", film}).ok());
  ASSERT_TRUE(session.add("film", {"bo", "z"}).ok());
  const Answer answer = session.ask().value();
  std::vector<std::string> said, open;
  for (const AnswerTuple& t : answer.tuples)
    if (t.relation != "person")
      said.push_back(fmt::format("{}({}) {}", t.relation, fmt::join(t.args, ", "), t.probability));
  for (const Abstention& a : answer.abstained)
    open.push_back(fmt::format("{}({})", a.relation, fmt::join(a.args, ", ")));
  // What is certain stays so where rules only add.
  EXPECT_EQ(said, (std::vector<std::string>{"ill(bo) 0.25", "well(bo) 0.75", "seen(bo) 1", "pair(bo, bo) 1",
                                            "maybe(ann) 1", "maybe(bo) 0.25"}));
  EXPECT_EQ(open, (std::vector<std::string>{"ill(ann)", "well(ann)", "seen(ann)", "pair(_, ann)", "pair(ann, _)",
                                            "count(_)"}));
}

TEST_F(Sessions, RefusedInputsOfDifferentAnswersDoNotMultiply) {
  const std::string program = std::string(kFilms) +
                              "rel shaded(p) = film(p, i) and finding(i, \"yes\")\nquery shaded\n" +
                              "rel looked(p) = film(p, i) and finding(i, _)\nquery looked\n";
  Settings settings;
  settings.threshold = 0.5;
  std::string table = "ok yes 0.9";
  for (int i = 0; i < 20; ++i) table += " | x" + std::to_string(i) + " refused blank";
  Session session = open(program, table, settings);
  ASSERT_TRUE(session.add("film", {"ann", "ok"}).ok());
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(session.add("film", {"p" + std::to_string(i), "x" + std::to_string(i)}).ok());
  const Answer answer = session.ask().value();
  std::set<std::string> shaded, looked;
  for (const AnswerTuple& t : answer.tuples) {
    if (!t.decision.value_or(true)) continue;
    if (t.relation == "shaded") shaded.insert(t.args[0]);
    if (t.relation == "looked") looked.insert(t.args[0]);
  }
  EXPECT_EQ(shaded, std::set<std::string>{"ann"});
  EXPECT_EQ(looked.size(), 21u);  // whatever the label, there is one
  ASSERT_EQ(answer.abstained.size(), 20u);
  for (const Abstention& a : answer.abstained) {
    EXPECT_EQ(a.relation, "shaded");
    EXPECT_EQ(a.reason, "blank");
    EXPECT_EQ(a.evidence.size(), 1u);
  }
}

TEST_F(Sessions, DependenciesAreFoundByTakingAway) {
  Settings settings;
  settings.depends_on = true;
  settings.proofs = true;
  Session session = open("type lab(p: String, v: i32)\nrel high(p) = lab(p, v) and v > 5\nquery high\n", "", settings);
  ASSERT_TRUE(session.add("lab", {"ann", "6"}, 1.0, "Observation/1").ok());
  ASSERT_TRUE(session.add("lab", {"ann", "7"}, 1.0, "Observation/2").ok());
  ASSERT_TRUE(session.add("lab", {"bo", "9"}, 1.0, "Observation/3").ok());
  const Answer answer = session.ask().value();
  ASSERT_EQ(answer.tuples.size(), 2u);
  EXPECT_TRUE(answer.tuples[0].depends_on.empty());  // either lab alone would do
  EXPECT_EQ(answer.tuples[1].depends_on, std::vector<std::string>{"Observation/3"});
  ASSERT_TRUE(answer.tuples[1].proof.has_value());
  ASSERT_EQ(answer.tuples[1].proof->steps[0].premises.size(), 1u);
  EXPECT_EQ(answer.tuples[1].proof->steps[1].origin, "Observation/3");
}

TEST_F(Sessions, ASessionForgetsWhatItIsToldTo) {
  Session session = open("type lab(p: String)\nrel any(p) = lab(p)\nquery any\n", "");
  ASSERT_TRUE(session.add("lab", {"ann"}).ok());
  EXPECT_EQ(session.ask().value().tuples.size(), 1u);
  session.clear();
  EXPECT_EQ(session.ask().value().tuples.size(), 0u);
  EXPECT_FALSE(session.add("lab", {"ann", "bo"}).ok());
  EXPECT_FALSE(session.add("nothing", {"ann"}).ok());
}

// Lanes share the program, its symbols and its networks; thread sanitizer watches this one.
constexpr const char* kPaths = R"(
rel edge = {(1, 2), (2, 3)}
rel path(x, y) = edge(x, y) or (path(x, z) and edge(z, y))
query path
)";

std::string shown(Session& session) {
  auto answer = session.ask();
  if (!answer.ok()) return render(answer.error());
  std::string out;
  for (const AnswerTuple& t : answer->tuples) out += t.args[0] + t.args[1] + " ";
  return out;
}

TEST_F(Sessions, FactsComeAndGoBetweenAnswers) {
  for (const char* provenance : {"unit", "exact"}) {
    Settings settings;
    settings.provenance = provenance;
    settings.updates = true;
    auto program = Program::compile_file(write("p.scl", kPaths), settings);
    ASSERT_TRUE(program.ok());
    Session session = std::move(Session::open(*program)).value();
    EXPECT_EQ(shown(session), "12 13 23 ");
    EXPECT_FALSE(session.updated_in_place());
    ASSERT_TRUE(session.add("edge", {"3", "1"}).ok());
    EXPECT_EQ(shown(session), "11 12 13 21 22 23 31 32 33 ");
    if (provenance == std::string("exact")) {
      EXPECT_TRUE(session.updated_in_place());
    }
    ASSERT_TRUE(session.erase("edge", {"1", "2"}).ok());
    ASSERT_TRUE(session.erase("edge", {"7", "7"}).ok());
    ASSERT_TRUE(session.add("path", {"8", "9"}).ok());
    EXPECT_EQ(shown(session), "21 23 31 89 ");
    ASSERT_TRUE(session.add("edge", {"1", "2"}).ok());
    ASSERT_TRUE(session.erase("edge", {"1", "2"}).ok());
    EXPECT_EQ(shown(session), "21 23 31 89 ");
    EXPECT_FALSE(session.erase("edge", {"1"}).ok());
    EXPECT_FALSE(session.erase("edges", {"1", "2"}).ok());
    session.clear();
    EXPECT_EQ(shown(session), "12 13 23 ");
  }
}

TEST_F(Sessions, WithoutUpdatesASessionErasesItsOwnFacts) {
  auto program = Program::compile_file(write("p.scl", kPaths));
  ASSERT_TRUE(program.ok());
  Session session = std::move(Session::open(*program)).value();
  ASSERT_TRUE(session.add("edge", {"3", "4"}).ok());
  ASSERT_TRUE(session.add("edge", {"5", "6"}).ok());
  ASSERT_TRUE(session.erase("edge", {"3", "4"}).ok());
  EXPECT_EQ(shown(session), "12 13 23 56 ");
  ASSERT_TRUE(session.add("edge", {"3", "4"}).ok());
  EXPECT_EQ(shown(session), "12 13 14 23 24 34 56 ");
}

TEST_F(Sessions, ManyRecordsInSeveralLanesAnswerAsInOne) {
  std::string records;
  for (int i = 0; i < 300; ++i) {
    const std::string id = std::to_string(i);
    records += R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":")" + id +
               R"(","gender":")" + (i % 3 ? "female" : "male") +
               R"("}},{"resource":{"resourceType":"DocumentReference","id":"d)" + id +
               R"(","status":"current","date":"2026-01-01","subject":{"reference":"Patient/)" + id +
               R"("},"content":[{"attachment":{"contentType":"image/png","url":"/films/)" + std::to_string(i % 7) +
               R"(.png"}}]}}]})" + "\n";
  }
  records += "{\"resourceType\": \"Bundle\", \n";  // cut off
  const std::string program = R"(
type Image <: String
type patient(p: String, gender: String)
type film(r: String, p: String, image: Image)
@network("see", labels = ["yes", "no"])
type finding(bound image: Image, label: String)
rel alert(p, g) = patient(p, g) and g == "female" and film(_, p, i) and finding(i, "yes")
query alert
)";
  write("p.scl", program);
  write("see/see.table",
        "/films/0.png yes 0.9 | /films/1.png yes 0.2 | /films/2.png refused blank | /films/3.png yes 0.7");
  write("see/see.toml",
        "name = \"see\"\nlabels = [\"yes\", \"no\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n[[stage]]\nname = "
        "\"stub\"\nbackend = \"table\"\nmodel = \"see.table\"\nflops = 100\n");
  write("pack.toml",
        "[pack]\nname = \"t\"\nprogram = \"p.scl\"\ndecide = { relation = \"alert\", threshold = 0.5 "
        "}\n[input]\nrecords = "
        "\"fhir-r4\"\n[network.see]\nfile = \"see/see.toml\"\n");
  const Pack pack = read_pack(folder_.string(), {}).value();
  Sources sources;
  sources.networks = pack.networks;
  for (const FactSchema& schema : adapter_schema(pack)) sources.inputs.push_back(schema.relation);
  Settings settings;
  settings.threshold = 0.5;
  std::vector<std::string> lines[2];
  for (const unsigned threads : {1u, 3u}) {
    auto parts = make_parts(pack.program.string(), settings, sources, nullptr);
    ASSERT_TRUE(parts.ok()) << render(parts.error());
    JobOptions job;
    job.inputs = {write("day.ndjson", records)};
    job.threads = threads;
    job.chunk = 8;
    const JobTotals totals = run_job(pack, *parts, job, [&](const JobLine& line) {
                               std::string text = line.input;
                               if (line.answer) {
                                 for (const AnswerTuple& t : line.answer->tuples)
                                   text += " " + t.args[0] + (*t.decision ? "+" : "-");
                                 for (const Abstention& a : line.answer->abstained) text += " ?" + a.args[0] + a.reason;
                               } else {
                                 text += " " + line.answer.error().code;
                               }
                               lines[threads > 1].push_back(text);
                               return true;
                             }).value();
    EXPECT_EQ(totals.records, 301u);
    EXPECT_EQ(totals.failed, 1u);
    ASSERT_EQ(totals.receipt.networks.size(), 1u);
    EXPECT_LE(totals.receipt.networks[0].run, 7u * threads);  // seven films; lanes may ask for one at the same time
  }
  EXPECT_EQ(lines[0], lines[1]);
  EXPECT_NE(lines[0][1].find("-"), std::string::npos) << lines[0][1];
  EXPECT_NE(lines[0][2].find("?"), std::string::npos) << lines[0][2];
}

TEST(Terms, LongestWholeWordsFirst) {
  const Terms terms({"Amoxicillin", "Amoxicillin Clavulanate", "iron", "Vitamin D"});
  EXPECT_EQ(terms.find("AMOXICILLIN / clavulanate 500 MG"), (std::vector<std::string_view>{"Amoxicillin Clavulanate"}));
  EXPECT_EQ(terms.find("amoxicillin 250 MG; Vitamin-D"), (std::vector<std::string_view>{"Amoxicillin", "Vitamin D"}));
  EXPECT_TRUE(terms.find("ironing environment").empty());
  EXPECT_TRUE(terms.find("").empty());
}

TEST_F(Sessions, AnInputThatGotGarbageRanOnce) {
  const lang::Compiled program = lang::compile_text(kFilms, "p.scl");
  const auto see = Perceiver::open(program.program, 0, neural::stub_network("see", {"yes", "no"}, "a yes 1"), {}, {});
  ASSERT_TRUE(see.ok());
  Seen garbage, whole;
  garbage.refusal = "not-finite";
  garbage.runs = {{.stage = 0, .flops = 100.0, .seconds = 0.5, .tokens = {.prompt = 7}}};
  garbage.failed = {{0, "not-finite", ""}};
  whole.accepted_by = 0;
  whole.runs = {{.stage = 0, .flops = 100.0, .seconds = 0.25, .tokens = {.prompt = 3, .sampled = 2}, .usd = 0.5}};
  Usage usage;
  usage.count(garbage);
  usage.count(whole);
  Receipt receipt;
  usage.add_to(receipt, **see, {.domain = 5, .demanded = 2, .ordered = 2, .offloaded = 0});
  ASSERT_EQ(receipt.networks.size(), 1u);
  EXPECT_EQ(receipt.networks[0].run, 2u);
  EXPECT_EQ(receipt.networks[0].failed, 1u);
  EXPECT_EQ(receipt.networks[0].avoided.at("demand"), 3u);
  EXPECT_EQ(receipt.networks[0].flops, 200.0);
  EXPECT_EQ(receipt.networks[0].wall_s, 0.75);
  EXPECT_EQ(receipt.networks[0].tokens.prompt, 10u);
  EXPECT_EQ(receipt.usd_remote, 0.5);
  EXPECT_EQ(to_json(receipt)["networks"][0]["tokens"]["sampled"], 2);
}

// Two runs that know nothing of each other but what the memo's file says.
TEST_F(Sessions, AForecastRestsOnWhatEarlierRunsNoted) {
  constexpr const char* kProgram = R"(
@network("see", labels = ["yes", "no"])
type finding(bound image: i32, label: String)
rel film(0)
rel film(n + 1) = film(n) and n < 199
rel ill(n) = film(n) and finding(n, "yes")
query ill
)";
  std::string table;
  for (int n = 0; n < 200; ++n) table += (n ? " | " : "") + std::to_string(n) + (n % 10 == 0 ? " yes 1" : " no 1");
  const auto parts = [&](std::shared_ptr<store::DiskMemo> memo, bool play) {
    Sources sources;
    sources.text = kProgram;
    sources.described["see"] = neural::stub_network("see", {"yes", "no"}, table, 50.0);
    sources.memo = std::move(memo);
    auto made = make_parts("p.scl", {}, sources, nullptr);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : render(made.error()));
    if (play) play_networks(**made, sources, 1);
    return *made;
  };
  const auto memo = [&] { return std::make_shared<store::DiskMemo>(store::DiskMemoSettings{folder_ / "memo"}); };
  const auto ask = [](std::shared_ptr<const Program::Parts> made) {
    return Session::open(Program(std::move(made))).value().ask().value();
  };
  const auto likely = [](const Answer& answer) {
    return std::count_if(answer.tuples.begin(), answer.tuples.end(), [](const auto& t) { return t.probability > 0.5; });
  };
  const Answer guessed = ask(parts(memo(), true));
  EXPECT_EQ(guessed.receipt.networks[0].run, 200u);
  EXPECT_EQ(guessed.receipt.flops, 10'000.0);
  EXPECT_GT(likely(guessed), 70) << "nothing is known: half of them";
  const Answer real = ask(parts(memo(), false));
  EXPECT_EQ(likely(real), 20);
  const Answer again = ask(parts(memo(), true));
  EXPECT_EQ(again.receipt.flops, 10'000.0) << "nothing is taken from the memo";
  EXPECT_GT(likely(again), 5);
  EXPECT_LT(likely(again), 40);
  EXPECT_GT(again.receipt.networks[0].wall_s, 0.0);
  const auto compared = compared_json(again.receipt, real.receipt);
  EXPECT_EQ(compared["to_real"]["calls"], 1.0);
  EXPECT_EQ(compared["to_real"]["flops"], 1.0);
}

TEST(Receipts, AddUp) {
  Receipt a, b;
  a.networks = {{"n", "s", 2, {{"demand", 3}}, 20}};
  b.networks = {{"n", "s", 1, {{"demand", 1}, {"order", 2}}, 10}, {"m", "s", 1, {}, 5}};
  a.flops = 20;
  b.flops = 15;
  a.add(b);
  ASSERT_EQ(a.networks.size(), 2u);
  EXPECT_EQ(a.networks[0].run, 3u);
  EXPECT_EQ(a.networks[0].avoided.at("demand"), 4u);
  EXPECT_EQ(a.networks[0].avoided.at("order"), 2u);
  EXPECT_DOUBLE_EQ(a.flops, 35.0);
  const auto json = to_json(a);
  EXPECT_EQ(json["version"], 1);
  for (const char* lever : {"demand", "order", "bounds", "cascade", "offload", "reuse", "distil"})
    EXPECT_TRUE(json["networks"][0]["avoided"].contains(lever)) << lever;
}

TEST(Rendering, CsvQuotesAndKeepsDigits) {
  Answer answer;
  AnswerTuple tuple;
  tuple.relation = "p";
  tuple.args = {"a,b", "say \"x\"", "3"};
  tuple.probability = 0.1;
  answer.tuples.push_back(tuple);
  EXPECT_EQ(to_csv(answer),
            "relation,probability,arg1,arg2,arg3\r\np,0.10000000000000001,\"a,b\",\"say \"\"x\"\"\",3\r\n");
}

TEST(Packs, SayWhatIsWrong) {
  EXPECT_EQ(read_pack("no-such-pack", {}).error().code, "unknown-pack");
  const fs::path folder = fs::temp_directory_path() / ("tenfold-pack-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "pack.toml") << "[pack]\nname = \"x\"\n";
  EXPECT_EQ(read_pack(folder.string(), {}).error().code, "bad-pack");
  std::ofstream(folder / "pack.toml") << "[pack\n";
  const Error error = read_pack(folder.string(), {}).error();
  EXPECT_EQ(error.code, "malformed-toml");
  EXPECT_EQ(error.place.line, 1u);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace tenfold::answer
