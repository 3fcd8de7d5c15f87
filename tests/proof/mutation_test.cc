// The checker accepts what the engine proves, and rejects it once a single field says something else. Proofs of
// programs with recursion, negation, aggregates of every kind, arithmetic, exclusive facts, tagged rules, computed
// predicates, terms and a network are mutated as JSON, one field at a time; TENFOLD_MUTATIONS says how many times. So
// are those of random programs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "answer/parts.h"
#include "answer/render.h"
#include "answer/session_state.h"
#include "fuzz/generate.h"
#include "lang/aggregate_forms.h"
#include "media/csv.h"
#include "proof/checker.h"
#include "proof/json.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Case {
  std::string name, program, provenance;
  std::size_t count = 3;
};

constexpr std::uint64_t kSeed = 11;  // of the samplers

const std::vector<Case> kCases = {
    {"recursion", R"(
rel edge = {0.5::(0, 1), 0.4::(1, 2), 0.3::(0, 2), 0.9::(2, 3), 0.7::(3, 0)}
rel path(a, b) = edge(a, b) or (path(a, c) and edge(c, b))
query path
)",
     "exact", 20},
    {"certain", R"(
rel parent = {("ann", "bo"), ("bo", "cy"), ("cy", "di"), ("ann", "eve")}
rel ancestor(a, b) = parent(a, b)
rel ancestor(a, c) = ancestor(a, b) and parent(b, c)
rel cousins(a, b) = parent(p, a) and parent(p, b) and a != b
query ancestor
query cousins
)",
     "unit", 2},
    {"negation", R"(
rel node = {1, 2, 3, 4}
rel edge = {0.6::(1, 2), (2, 3), 0.5::(3, 4)}
rel broken = {0.2::2, 0.1::3}
rel reach(x) = x == 1 and node(x)
rel reach(y) = reach(x) and edge(x, y) and not broken(y)
rel lost(x) = node(x) and not reach(x)
rel leaf(x) = node(x) and not edge(x, _)
query lost
query leaf
)",
     "exact", 20},
    {"aggregates", R"(
rel mark = {("ann", 3), ("bo", 5), ("cy", 4)}
rel part = {0.5::("ann", 2), 0.3::("bo", 4), 0.9::("cy", 1)}
rel total(t) = t := sum(y: mark(x, y))
rel best(x) = x := argmax[x](y: mark(x, y))
rel many(n) = n := count(x: part(x, y))
rel most(t) = t := max(y: part(x, y))
rel some() = exists(x: part(x, 4))
rel none() = not exists(x: part(x, 4))
query total
query best
query many
query most
query some
query none
)",
     "exact", 20},
    {"arithmetic", R"(
rel price = {("a", 10), ("b", 25), ("c", 40)}
rel 0.8::cheap(x, p * 2) = price(x, p) and p < 30
rel step(0)
rel step(n + 3) = step(n) and n < 12
rel pair(x, y, p + q) = cheap(x, p) and cheap(y, q) and x < y
rel even(n) = step(n) and n % 2 == 0
query pair
query even
)",
     "exact", 20},
    {"exclusive", R"(
rel colour = {0.5::("car", "red"); 0.3::("car", "blue"); 0.2::("car", "green")}
rel weather = {0.7::"dry"; 0.3::"wet"}
rel seen(c) = colour("car", c) and weather("dry")
rel dull() = not colour("car", "red") and not colour("car", "blue")
query seen
query dull
)",
     "exact", 20},
    {"computed", R"(
rel limit = {(1, 5)}
rel number(x) = limit(a, b) and range<i32>(a, b, x)
rel word = {"Ann", "Bo"}
rel long(w, $string_length(w)) = word(w) and $string_length(w) > 2
rel gap(x) = number(x) and not number(x + 1)
query number
query long
query gap
)",
     "unit", 2},
    {"network", R"(
type Image <: String
type film(p: String, image: Image)
@network("see", labels = ["yes", "no"])
type finding(bound image: Image, label: String)
rel film = {("ann", "a"), ("bo", "b"), ("cy", "a")}
rel ill(p) = film(p, i) and finding(i, "yes")
rel well(p) = film(p, i) and not finding(i, "yes")
query ill
query well
)",
     "exact", 20},
    {"order", R"(
rel mark = {("ann", 3), ("bo", 5), ("cy", 4)}
rel sure = {0.5::("ann"), 0.7::("bo")}
rel place(n, x) = (n, x) := argsort<desc>[x](y: mark(x, y))
rel ranked(x) = place(0, x) and sure(x)
rel two(x, y) = (x, y) := top<2>(x, y: mark(x, y))
rel text(t) = t := string_join<"-", all>[y](x: mark(x, y))
query place
query ranked
query two
query text
)",
     "exact", 3},
    {"picks of plain sets", R"(
rel mark = {("ann", 3), ("bo", 5), ("cy", 4)}
rel one(x, y) = (x, y) := normalize(x, y: mark(x, y))
rel numbered(n, x) = (n, x) := enumerate(x: mark(x, _))
query one
query numbered
)",
     "unit", 3},
    {"computed predicates", R"(
rel word = {0.5::"a-b", "c"}
rel part(p) = word(w) and string_split(w, "-", p)
rel first(c) = word(w) and string_chars(w, 0, c)
rel plain(w) = word(w) and not string_find(w, "-", _, _)
query part
query first
query plain
)",
     "exact", 5},
    {"exclusive heads", R"(
rel coin = {1, 2}
rel {heads(x); tails(x)} = coin(x)
rel 0.5::{won(x); lost(x)} = heads(x)
rel neither(x) = coin(x) and not heads(x)
query won
query neither
)",
     "exact", 5},
    {"events that aggregates make", R"(
rel s = {0.1::("x", 1), 0.3::("x", 2), 0.4::("y", 1)}
rel group = {0.5::"x", "y"}
rel share(g, v) = v := normalize(v: s(g, v))
rel soft(g, v) = v := softmax(v: s(g, v) where g: group(g))
rel apart(g, v) = (g, v) := disjunct[g](v: s(g, v))
rel either() = share("x", 1) or share("x", 2)
rel mixed() = apart("x", 1) and apart("y", 1)
rel other(v) = s("x", v) and not share("x", v)
query share
query soft
query apart
query either
query mixed
query other
)",
     "exact", 10},
    {"order of uncertain tuples", R"(
rel e = {0.5::(0, 1), 0.4::(1, 2), 0.3::(0, 2), 0.2::(2, 3)}
rel off = {0.1::2}
rel path(a, b) = e(a, b) and not off(b)
rel path(a, c) = path(a, b) and e(b, c)
rel down(i, b, a) = (i, b, a) := sort[b](a: path(a, b))
rel up(i, b) = (i, b) := argsort<asc>[b](a: path(a, b))
rel listed(i, a, b) = (i, a, b) := enumerate(a, b: path(a, b))
rel ranked(i, b) = (i, b) := rank(b: path(0, b))
rel best(a, b) = b := top<2>(b: path(a, b) where a: e(a, _))
rel one(b) = b := unique(b: path(0, b))
query down
query up
query listed
query ranked
query best
query one
)",
     "exact", 5},
    {"weights, texts and all worlds at once", R"(
rel s = {0.5::(0, 55.0), (1, 45.0), 0.25::(2, 50.0)}
rel word = {0.5::(1, "a"), 0.5::(2, "b"), 0.4::(2, "c")}
rel total(t) = t := weighted_sum![i](x: s(i, x))
rel mean(m) = m := weighted_avg![i](x: s(i, x))
rel part(t) = t := weighted_sum[i](x: s(i, x))
rel how_many(n) = n := count!(i: s(i, _))
rel sure = {("a", 1.5), ("b", 2.5), ("b", 0.5)}
rel sum_of(t) = t := weighted_sum![x](y: sure(x, y))
rel most(y) = y := max!(y: sure(_, y))
rel each(x, n) = n := count!(y: sure(x, y) where x: sure(x, _))
rel choices(t) = t := string_join<"-", all>[i](x: word(i, x))
rel joined(t) = t := string_join[i](x: word(i, x)) and $string_length(t) > 1
query total
query mean
query part
query how_many
query sum_of
query most
query each
query choices
query joined
)",
     "exact", 5},
    {"samplers", R"(
rel s = {0.1::("x", 1), 0.3::("x", 2), 0.2::("x", 3), 0.4::("y", 1), ("y", 2), 0.9::("y", 3), 0.5::("y", 4)}
rel u(g, v) = v := uniform<2>(v: s(g, v))
rel c(g, v) = v := categorical<2>(v: s(g, v))
query u
query c
)",
     "exact", 5},
    {"uncertain predicates", R"(
rel a = {1.0, 2.0, 0.5::3.0}
rel less(x, y) = a(x) and a(y) and x != y and soft_lt<f32>(x, y)
rel twice() = soft_lt<f32>(1.0, 2.0) and soft_lt<f32>(1.0, 2.0)
rel apart(x) = a(x) and not soft_eq<f32>(x, 2.0)
rel first(x) = x := top<1>(x: less(x, _))
query less
query twice
query apart
query first
)",
     "exact", 5},
    {"alternatives without probabilities", R"(
rel c = {(1, "r"); (1, "g"); (1, "b"); (1, "y")}
rel warm(x) = c(x, "r") or c(x, "y")
query c
query warm
)",
     "exact", 5},
    {"terms that are made", R"(
type List = Cons(i32, List) | Nil()
const EMPTY = Nil()
rel some = {0.5::0, 1}
rel list(l) = case l is Nil()
rel list(new Cons(n, l)) = list(l) and length(l, n) and n < 3
rel length(Nil(), 0)
rel length(Cons(_, l), n + 1) = length(l, n)
rel longest(l, n) = n := max(m: length(_, m)) and length(l, n)
rel headed(x) = case l is Cons(x, _) and some(x)
query longest
query headed
)",
     "exact", 5},
};

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("tenfold-proof-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
    write("see.table", "a yes 0.9 no 0.1 | b yes 0.25 no 0.75");
    write("see.toml",
          "name = \"see\"\nlabels = [\"yes\", \"no\"]\n[input]\nwidth = 1\nheight = 1\nchannels = 1\n[[stage]]\nname = "
          "\"stub\"\nbackend = \"table\"\nmodel = \"see.table\"\nflops = 100\n");
    write("see.csv", "0.9,a,yes\n0.1,a,no\n0.25,b,yes\n0.75,b,no\n");
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

// A case with its answers as JSON, and a checker for its program.
class Subject {
 public:
  Subject(const Case& c, const Folder& folder)
      : name(c.name), compiled_(lang::compile_text(c.program, c.name + ".scl")) {
    if (!compiled_.ok()) throw std::runtime_error(c.name + ": " + render(compiled_.errors[0]));
    Settings settings;
    settings.provenance = c.provenance;
    settings.proofs = true;
    settings.proofs_count = c.count;
    settings.seed = kSeed;
    answer::Sources sources;
    sources.networks["see"] = folder.at("see.toml");
    auto parts = answer::make_parts(folder.write(c.name + ".scl", c.program), settings, sources, nullptr);
    auto session = Session::open(Program(std::move(parts).value()));
    const Answer answer = std::move(std::move(session).value().ask()).value();
    for (const AnswerTuple& t : answer.tuples) answers.push_back(answer::to_json(t));
    std::vector<FactTable> tables;
    for (const lang::Network& network : compiled_.program.networks) {
      const lang::Relation& relation = compiled_.program.relations[network.relation];
      std::vector<Type> types;
      for (const lang::Column& column : relation.columns) types.push_back(column.type);
      media::CsvOptions as;
      as.has_probability = true;
      tables.push_back(
          media::read_csv({folder.at("see.csv"), "see.csv", as, relation.name, types}, compiled_.program.symbols)
              .value());
    }
    checker_ = std::make_unique<proof::Checker>(
        compiled_.program, tables,
        proof::CheckSettings{c.provenance, false, kSeed, {{"see", "see stub, not calibrated"}}});
  }

  // What is wrong with an answer, empty when nothing is.
  std::string objection(const Json& answer) {
    proof::Claim claim;
    claim.relation = answer.at("relation");
    claim.args = answer.at("args").get<std::vector<std::string>>();
    claim.probability = answer.at("probability");
    claim.complete = answer.value("proofs_complete", false);
    std::vector<Json> proofs{answer.at("proof")};
    for (const Json& more : answer.value("more_proofs", Json::array())) proofs.push_back(more);
    for (const Json& one : proofs) {
      auto read = proof::from_json(one);
      if (!read) return read.error().what;
      claim.proofs.push_back(std::move(*read));
    }
    const auto found = checker_->check({claim});
    if (found.empty()) return "";
    return "step " + std::to_string(found[0].second.step) + ": " + found[0].second.what;
  }

  std::string name;
  std::vector<Json> answers;

 private:
  lang::Compiled compiled_;
  std::unique_ptr<proof::Checker> checker_;
};

// Changes one field of one proof; says which.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string mutate(Json& answer) {
    if (pick(25) == 0 && answer.value("proofs_complete", false) && answer["probability"] != 1) {
      answer["probability"] = answer["probability"].get<double>() * 0.99;
      return "the answer's probability";
    }
    const bool first = !answer.contains("more_proofs") || pick(2) == 0;
    Json& proof = first ? answer["proof"] : one_of(answer["more_proofs"]);
    if (pick(20) == 0) {
      proof["probability"] = proof["probability"].get<double>() * (pick(2) ? 0.999 : 1.001) + 1e-9;
      return "the proof's probability";
    }
    Json& steps = proof["steps"];
    const std::size_t at = pick(steps.size());
    const std::string what = change(steps, at);
    return what.empty() ? what : what + " of step " + std::to_string(at);
  }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  Json& one_of(Json& list) { return list[pick(list.size())]; }
  std::string other_text(const std::string& text) {
    switch (pick(4)) {
      case 0:
        return text + "x";
      case 1:
        return text.empty() ? "1" : text.substr(0, text.size() - 1);
      case 2:
        return text + "1";
      default: {
        std::string out = text.empty() ? "y" : text;
        out[pick(out.size())] ^= 1;
        return static_cast<unsigned char>(out[0]) < 0x80 ? out : text + "z";
      }
    }
  }
  // A field's value in another step, or some other text.
  std::string borrowed(const Json& steps, const char* field, const std::string& text) {
    const Json& from = steps[pick(steps.size())];
    if (pick(2) == 0 && from.contains(field) && from[field].is_string()) return from[field];
    return other_text(text);
  }

  std::string change(Json& steps, std::size_t at) {
    Json& step = steps[at];
    switch (pick(13)) {
      case 0: {
        const char* kinds[] = {"rule", "fact", "absent", "perceived", "aggregate", "assumed", "denied", "guess"};
        step["kind"] = kinds[pick(8)];
        return "kind";
      }
      case 1:
        step["relation"] = borrowed(steps, "relation", step["relation"]);
        return "relation";
      case 2: {
        if (step["args"].empty()) return "";
        Json& arg = one_of(step["args"]);
        const Json& other = steps[pick(steps.size())]["args"];
        if (arg.is_null())
          arg = "1";
        else if (pick(3) == 0 && !other.empty())
          arg = other[pick(other.size())];
        else if (pick(8) == 0)
          arg = nullptr;
        else
          arg = other_text(arg);
        return "argument";
      }
      case 3:
        if (pick(2) == 0)
          step["args"].push_back("1");
        else if (!step["args"].empty())
          step["args"].erase(pick(step["args"].size()));
        return "number of arguments";
      case 4:
        step["probability"] = pick(3) == 0 ? 1.0 : step.value("probability", 1.0) * 0.5 + 0.01;
        return "probability";
      case 5:
        if (pick(3) == 0)
          step.erase("origin");
        else
          step["origin"] = borrowed(steps, "origin", step.value("origin", ""));
        return "origin";
      case 6:
        step["rule"] = borrowed(steps, "rule", step.value("rule", ""));
        return "rule";
      case 7:
        step["place"] = pick(2) == 0 ? borrowed(steps, "place", step.value("place", "")) : std::string("p.scl:1:1");
        return "place";
      case 8:
        if (pick(2) == 0)
          step["made"] = !step.value("made", false);
        else
          step["source"] = "a book";
        return "made or source";
      case 9:
        if (step.contains("bindings") && pick(2) == 0) {
          auto& binding = *step["bindings"].begin();
          binding = other_text(binding);
        } else if (step.contains("bindings")) {
          step.erase("bindings");
        } else {
          step["bindings"]["x"] = "1";
        }
        return "bindings";
      default:
        return premises(steps, step);
    }
  }

  std::string premises(Json& steps, Json& step) {
    Json& list = step["premises"];
    if (list.is_null()) list = Json::array();
    switch (list.empty() ? 3 : pick(5)) {
      case 0:
        list.erase(pick(list.size()));
        return "premise dropped";
      case 1:
        list.push_back(list[pick(list.size())]);
        return "premise twice";
      case 2:
        list[pick(list.size())] = pick(steps.size());
        return "premise replaced";
      case 3:
        list.push_back(pick(steps.size() + 1));
        return "premise added";
      default: {
        // The order of an aggregate's or an absence's premises says nothing.
        if (list.size() < 2 || step["kind"] != "rule") return "";
        const std::size_t i = pick(list.size() - 1);
        std::swap(list[i], list[i + 1]);
        return "premises swapped";
      }
    }
  }

  std::mt19937_64 random_;
};

// Equal as values: a member that is left out is its default.
bool proof_equal(Json a, Json b) {
  const auto fill = [](Json& proof) {
    for (Json& step : proof["steps"]) {
      if (!step.contains("probability")) step["probability"] = 1.0;
      if (!step.contains("made")) step["made"] = false;
      for (const char* text : {"origin", "rule", "place", "source"})
        if (!step.contains(text)) step[text] = "";
      if (!step.contains("bindings")) step["bindings"] = Json::object();
      if (!step.contains("premises")) step["premises"] = Json::array();
    }
  };
  for (Json* answer : {&a, &b}) {
    fill((*answer)["proof"]);
    for (Json& more : (*answer)["more_proofs"]) fill(more);
  }
  return a == b;
}

std::vector<std::unique_ptr<Subject>> subjects(const Folder& folder) {
  std::vector<std::unique_ptr<Subject>> out;
  for (const Case& c : kCases) out.push_back(std::make_unique<Subject>(c, folder));
  return out;
}

TEST(Proofs, WhatTheEngineProvesIsAccepted) {
  const Folder folder;
  for (const auto& subject : subjects(folder)) {
    EXPECT_FALSE(subject->answers.empty()) << subject->name;
    for (const Json& answer : subject->answers)
      EXPECT_EQ(subject->objection(answer), "") << subject->name << "\n" << answer.dump(1);
  }
}

std::size_t wanted_mutations() {
  const char* wanted = std::getenv("TENFOLD_MUTATIONS");
  return wanted ? std::strtoul(wanted, nullptr, 10) : 1000;
}

TEST(Proofs, NoMutationIsAccepted) {
  const std::size_t many = wanted_mutations();
  const Folder folder;
  auto all = subjects(folder);
  Mutator mutator(20261124);
  std::mt19937_64 random(7);
  std::size_t done = 0, accepted = 0;
  for (std::size_t tries = 0; done < many && tries < many * 20; ++tries) {
    Subject& subject = *all[tries % all.size()];
    Json answer = subject.answers[random() % subject.answers.size()];
    const Json before = answer;
    const std::string what = mutator.mutate(answer);
    if (what.empty() || proof_equal(before, answer)) continue;
    ++done;
    if (!subject.objection(answer).empty()) continue;
    if (++accepted <= 5)
      ADD_FAILURE() << subject.name << ": accepted with another " << what << "\n"
                    << before.dump() << "\n"
                    << answer.dump();
  }
  EXPECT_EQ(accepted, 0u);
  EXPECT_EQ(done, many);
  std::printf("%zu mutations, %zu accepted\n", done, accepted);
}

// A program, or a small one around one aggregate; nothing where the engine has no answer (too many worlds, say).
std::unique_ptr<Subject> random_subject(std::uint64_t seed, const Folder& folder) {
  const auto aggregates = lang::aggregate_names();
  const std::string text =
      fuzz::text(fuzz::generate(seed, seed % 4 == 0 ? "" : aggregates[seed / 4 % aggregates.size()]));
  if (text.find("@network") != std::string::npos) return nullptr;
  try {
    auto subject = std::make_unique<Subject>(Case{"seed" + std::to_string(seed), text, "exact", 3}, folder);
    return subject->answers.empty() ? nullptr : std::move(subject);
  } catch (const std::exception&) {
    return nullptr;
  }
}

TEST(Proofs, OfRandomProgramsAreAcceptedAndNoMutationOfThem) {
  const std::size_t many = wanted_mutations() / 10;
  constexpr std::size_t kEach = 10;  // mutations of a program
  const Folder folder;
  Mutator mutator(42);
  std::mt19937_64 random(9);
  std::size_t programs = 0, not_checked = 0, mutations = 0;
  for (std::uint64_t seed = 1; programs < many && seed < many * 10; ++seed) {
    const auto subject = random_subject(seed, folder);
    if (!subject) continue;
    ++programs;
    std::vector<const Json*> accepted;
    for (const Json& answer : subject->answers) {
      const std::string what = subject->objection(answer);
      not_checked += what.find("cannot be checked") != std::string::npos;
      if (what.empty())
        accepted.push_back(&answer);
      else
        EXPECT_NE(what.find("cannot be checked"), std::string::npos) << subject->name << ": " << what << "\n" << answer;
    }
    for (std::size_t i = 0; i < kEach && !accepted.empty(); ++i) {
      const Json before = *accepted[random() % accepted.size()];
      Json answer = before;
      const std::string what = mutator.mutate(answer);
      if (what.empty() || proof_equal(before, answer)) continue;
      ++mutations;
      EXPECT_NE(subject->objection(answer), "") << subject->name << ": accepted with another " << what << "\n"
                                                << before << "\n"
                                                << answer;
    }
  }
  EXPECT_EQ(programs, many);
  EXPECT_LE(not_checked, programs / 4);
  std::printf("%zu programs, %zu answers that cannot be checked, %zu mutations\n", programs, not_checked, mutations);
}

// What one aggregate proves is no proof of what another would have to say: the same proof with the other's text.
TEST(Proofs, AnotherAggregateIsNotProved) {
  const Folder folder;
  const std::string facts = "rel s = {0.1::(\"x\", 1), 0.3::(\"x\", 2), 0.4::(\"y\", 3)}\n";
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"n := count(", "n := count!("},
      {"n := sum(", "n := sum!("},
      {"n := max(", "n := max!("},
      {"n := normalize(", "n := softmax("},
      {"n := softmax(", "n := normalize("},
      {"n := top<2>(", "n := top<1>("},
      {"n := uniform<2>(", "n := uniform<1>("},
      {"n := unique(", "n := categorical<1>("},
  };
  for (const auto& [one, other] : pairs) {
    const auto text = [&](const std::string& aggregate) {
      return facts + "rel r(n) = " + aggregate + "v: s(_, v))\nquery r\n";
    };
    Subject made({"swapped", text(one), "exact", 9}, folder), asked({"swapped", text(other), "exact", 9}, folder);
    std::size_t refused = 0;
    for (const Json& answer : made.answers) {
      std::string dumped = answer.dump();
      for (const auto& [from, to] : {std::pair(one, other), std::pair(one.substr(5), other.substr(5))})
        for (std::size_t at = 0; (at = dumped.find(from, at)) != std::string::npos; at += to.size())
          if (from == one || dumped.compare(at - 5, 5, "n := ") != 0) dumped.replace(at, from.size(), to);
      const Json swapped = Json::parse(dumped);
      const bool answered = std::find(asked.answers.begin(), asked.answers.end(), swapped) != asked.answers.end();
      EXPECT_EQ(asked.objection(swapped).empty(), answered) << other << "\n" << dumped;
      refused += !answered;
    }
    EXPECT_GT(refused, 0u) << one;
  }
}

}  // namespace
}  // namespace tenfold
