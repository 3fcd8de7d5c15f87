// The engine as the session uses it: facts from outside, networks between rounds, a base shared by many records,
// limits, proofs. What programs answer is tested in tests/run and tests/fuzz.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/value_text.h"
#include "engine/set_executor.h"
#include "lang/lang.h"

namespace tenfold::engine {
namespace {

struct Compiled {
  std::unique_ptr<lang::Program> program;
  plan::Plan plan;
  Symbols symbols{nullptr};

  RelationId find(std::string_view name) const { return program->find(name); }
};

Compiled compile(const char* text) {
  lang::Compiled compiled = lang::compile_text(text);
  for (const Error& e : compiled.errors) ADD_FAILURE() << render(e);
  Compiled out{std::make_unique<lang::Program>(std::move(compiled.program)), {}, Symbols(nullptr)};
  auto made = plan::make_plan(*out.program);
  if (made)
    out.plan = std::move(*made);
  else
    ADD_FAILURE() << render(made.error());
  out.symbols = Symbols(&out.program->symbols);
  return out;
}

Options options(std::string provenance, bool proofs = false) {
  Options out;
  out.provenance = std::move(provenance);
  out.proofs = proofs;
  return out;
}

FactTable facts(const Compiled& c, std::string_view relation, Symbols& symbols,
                std::vector<std::vector<std::string>> rows, std::vector<double> probabilities = {}) {
  FactTable table;
  table.relation = relation;
  for (const lang::Column& column : c.program->relations[c.find(relation)].columns) table.types.push_back(column.type);
  for (const auto& row : rows) {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(*parse_plain(row[i], table.types[i], symbols));
    table.add(cells, symbols.intern("record:" + row[0]));
  }
  table.probabilities = std::move(probabilities);
  return table;
}

// All tuples with their probabilities, sorted.
std::string answer(const Compiled& c, const Evaluation& e, std::string_view relation) {
  const RelationId r = c.find(relation);
  std::vector<std::string> rows;
  for (Row row = 0; row < e.relation(r).size(); ++row) {
    if (!e.holds(r, row)) continue;
    std::string out = e.probability(r, row) == 1.0 ? "" : number_text(e.probability(r, row)) + "::";
    for (std::size_t i = 0; i < c.plan.relations[r].types.size(); ++i)
      out += (i > 0 ? "," : "") + plain(e.relation(r).row(row)[i], c.plan.relations[r].types[i], e.symbols());
    rows.push_back(out);
  }
  std::sort(rows.begin(), rows.end());
  std::string out;
  for (const std::string& row : rows) out += (out.empty() ? "" : " ") + row;
  return out;
}

void finish(Evaluation& e) {
  const auto demands = e.advance();
  ASSERT_TRUE(demands.ok()) << render(demands.error());
  EXPECT_TRUE(demands->empty());
}

TEST(Engine, FactsFromOutsideWithProbabilityAndOrigin) {
  Compiled c = compile("type a(x: i32)\nrel b(x) = a(x) and x > 1\nquery b\n");
  Evaluation e(c.plan, options("topkproofs"), c.symbols);
  ASSERT_TRUE(e.add(c.find("a"), facts(c, "a", c.symbols, {{"1"}, {"2"}, {"3"}}, {0.5, 0.25, 1.0})).ok());
  finish(e);
  EXPECT_EQ(answer(c, e, "b"), "0.25::2 3");
  EXPECT_EQ(answer(c, e, "a"), "0.25::2 0.5::1 3");
  EXPECT_EQ(e.symbols().text(e.relation(c.find("a")).origin(1)), "record:2");
}

// A cycle, a shared fact and a negation: the slope by each fact against finite differences of the probability.
TEST(Engine, GradientsAreFiniteDifferences) {
  constexpr const char* kProgram = R"(
type e(x: i32, y: i32)
type blocked(x: i32)
rel path(x, y) = e(x, y) and not blocked(y)
rel path(x, y) = path(x, z) and path(z, y)
rel goal() = path(1, 4)
query goal
)";
  const std::vector<std::vector<std::string>> edges{{"1", "2"}, {"2", "1"}, {"2", "3"},
                                                    {"3", "2"}, {"3", "4"}, {"2", "4"}};
  const auto run = [&](const std::string& provenance, std::vector<double> p, std::vector<double>* slopes) {
    Compiled c = compile(kProgram);
    Options o = options(provenance);
    o.k = 100;
    Evaluation e(c.plan, o, c.symbols);
    const double blocked = p.back();
    p.pop_back();
    EXPECT_TRUE(e.add(c.find("e"), facts(c, "e", c.symbols, edges, p)).ok());
    EXPECT_TRUE(e.add(c.find("blocked"), facts(c, "blocked", c.symbols, {{"2"}}, {blocked})).ok());
    finish(e);
    if (slopes) {
      slopes->assign(p.size() + 1, 0.0);
      for (const auto& [member, slope] : e.gradient(c.find("goal"), 0)) slopes->at(member) = slope;
    }
    return e.probability(c.find("goal"), 0);
  };
  const std::vector<double> p{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.25};
  for (const char* provenance : {"exact", "difftopkproofs"}) {
    std::vector<double> slopes;
    run(provenance, p, &slopes);
    for (std::size_t i = 0; i < p.size(); ++i) {
      auto up = p, down = p;
      up[i] += 0.01;  // the probability is linear in each
      down[i] -= 0.01;
      EXPECT_NEAR(slopes[i], (run(provenance, up, nullptr) - run(provenance, down, nullptr)) / 0.02, 1e-9)
          << provenance << " " << i;
    }
  }
}

TEST(Engine, RefusesAProbabilityOutsideItsRange) {
  Compiled c = compile("type a(x: i32)\nquery a\n");
  Evaluation e(c.plan, options("topkproofs"), c.symbols);
  for (double p : {1.5, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    const Status s = e.add(c.find("a"), facts(c, "a", c.symbols, {{"1"}}, {p}));
    ASSERT_FALSE(s.ok());
    EXPECT_EQ(s.error().code, "probability-range");
    EXPECT_EQ(s.error().place.file, "record:1");
  }
}

TEST(Engine, RefusesAnUnknownProvenance) {
  Compiled c = compile("type a(x: i32)\nquery a\n");
  Evaluation e(c.plan, options("exactish"), c.symbols);
  const auto result = e.advance();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "unknown-provenance");
  EXPECT_NE(result.error().hint.find("topkproofs"), std::string::npos);
}

constexpr const char* kNetwork = R"(
@network("net", labels = ["no", "yes"]) type finding(bound image: String, label: String)
type film(p: i32, image: String)
rel alert(p) = film(p, i) and finding(i, "yes")
query alert
)";

TEST(Engine, StopsWhereANetworkIsAskedAndGoesOn) {
  Compiled c = compile(kNetwork);
  Evaluation e(c.plan, options("topkproofs"), c.symbols);
  ASSERT_TRUE(e.add(c.find("film"), facts(c, "film", c.symbols, {{"1", "a"}, {"2", "a"}, {"3", "b"}})).ok());
  const auto demands = e.advance();
  ASSERT_TRUE(demands.ok());
  ASSERT_EQ(demands->size(), 1u);
  ASSERT_EQ(demands->at(0).rows(), 2u);
  EXPECT_EQ(e.advance().error().code, "unanswered");
  const Demand& d = demands->at(0);
  ASSERT_TRUE(e.supply(d.network, {d.inputs.data(), 1}, {{0.25, 0.75}, ""}).ok());
  ASSERT_TRUE(e.supply(d.network, {d.inputs.data() + 1, 1}, {{0.5, 0.5}, ""}).ok());
  finish(e);
  EXPECT_EQ(answer(c, e, "alert"), "0.5::3 0.75::1 0.75::2");
}

TEST(Engine, RefusesAnAnswerWithTheWrongNumberOfLabels) {
  Compiled c = compile(kNetwork);
  Evaluation e(c.plan, options("topkproofs"), c.symbols);
  ASSERT_TRUE(e.add(c.find("film"), facts(c, "film", c.symbols, {{"1", "a"}})).ok());
  const auto demands = e.advance();
  ASSERT_TRUE(demands.ok());
  EXPECT_EQ(e.supply(0, demands->at(0).inputs, {{1.0}, ""}).error().code, "label-count");
}

TEST(Engine, ManyRecordsOverOneBase) {
  Compiled c = compile(R"(
type takes(p: i32, drug: String)
rel class = {("warfarin", "vka"), ("ibuprofen", "nsaid"), ("naproxen", "nsaid")}
rel bad = {("vka", "nsaid")}
rel clash(a, b) = class(a, x) and class(b, y) and bad(x, y)
rel alert(p, a, b) = takes(p, a) and takes(p, b) and clash(a, b)
query alert
)");
  Evaluation base(c.plan, options("topkproofs"), c.symbols);
  ASSERT_TRUE(base.add_program_facts().ok());
  std::vector<bool> inputs(c.plan.relations.size(), false);
  inputs[c.find("takes")] = true;
  ASSERT_TRUE(base.freeze(inputs).ok());
  EXPECT_EQ(base.relation(c.find("clash")).size(), 2u);
  Symbols own(&c.symbols);
  Evaluation e(c.plan, options("topkproofs"), own, &base);
  const std::vector<std::pair<std::vector<std::vector<std::string>>, std::string>> records = {
      {{{"1", "warfarin"}, {"1", "ibuprofen"}}, "1,warfarin,ibuprofen"},
      {{{"2", "unheard-of"}, {"2", "ibuprofen"}}, ""},
      {{{"3", "naproxen"}, {"3", "warfarin"}, {"3", "another"}}, "3,warfarin,naproxen"}};
  for (int round = 0; round < 3; ++round)
    for (const auto& [rows, wanted] : records) {
      e.reset();
      own.clear();
      ASSERT_TRUE(e.add(c.find("takes"), facts(c, "takes", own, rows)).ok());
      finish(e);
      EXPECT_EQ(answer(c, e, "alert"), wanted);
      EXPECT_EQ(e.relation(c.find("takes")).size(), rows.size());
    }
  EXPECT_EQ(e.add(c.find("class"), facts(c, "class", own, {{"x", "y"}})).error().code, "frozen-relation");
}

TEST(Engine, UncertainFactsOfTheBaseAreSharedByRecords) {
  Compiled c = compile(R"(
type has(p: i32)
rel prior = {0.25::1, 2}
rel ill(p) = has(p) and prior(p)
query ill
)");
  Evaluation base(c.plan, options("topkproofs"), c.symbols);
  ASSERT_TRUE(base.add_program_facts().ok());
  std::vector<bool> inputs(c.plan.relations.size(), false);
  inputs[c.find("has")] = true;
  ASSERT_TRUE(base.freeze(inputs).ok());
  Symbols own(&c.symbols);
  Evaluation e(c.plan, options("topkproofs"), own, &base);
  for (int round = 0; round < 2; ++round) {
    e.reset();
    ASSERT_TRUE(e.add(c.find("has"), facts(c, "has", own, {{"1"}, {"2"}})).ok());
    finish(e);
    EXPECT_EQ(answer(c, e, "ill"), "0.25::1 2");
  }
}

TEST(Engine, ProofsNameTheRowsThatEachRuleUsed) {
  Compiled c = compile(R"(
type a(x: i32), b(x: i32), d(x: i32)
rel r(x) = b(x) and not d(x) and a(x)
rel r(x) = a(x) and x > 1
query r
)");
  Evaluation e(c.plan, options("unit", true), c.symbols);
  ASSERT_TRUE(e.add(c.find("a"), facts(c, "a", c.symbols, {{"1"}, {"2"}})).ok());
  ASSERT_TRUE(e.add(c.find("b"), facts(c, "b", c.symbols, {{"2"}})).ok());
  finish(e);
  const Relation& r = e.relation(c.find("r"));
  ASSERT_EQ(r.size(), 1u);
  std::vector<std::vector<Row>> premises;
  for (std::uint32_t f = r.firing(0); f != kNone; f = e.firing(c.find("r"), f).next) {
    const auto rows = e.premises(c.find("r"), e.firing(c.find("r"), f));
    premises.emplace_back(rows.begin(), rows.end());
  }
  EXPECT_EQ(premises, (std::vector<std::vector<Row>>{{0, kNone, 1}, {1}}));  // in the order of the text
}

TEST(Engine, EndlessArithmeticMeetsTheLimits) {
  Compiled c = compile("rel n(0)\nrel n(x + 1) = n(x)\nquery n\n");
  Options limited = options("unit");
  limited.memory_bytes = std::size_t{4} << 20;
  Evaluation small(c.plan, limited, c.symbols);
  ASSERT_TRUE(small.add_program_facts().ok());
  EXPECT_EQ(small.advance().error().code, "memory");
  Options short_time = options("unit");
  short_time.timeout_s = 0.02;
  Evaluation brief(c.plan, short_time, c.symbols);
  ASSERT_TRUE(brief.add_program_facts().ok());
  EXPECT_EQ(brief.advance().error().code, "timeout");
}

TEST(Engine, TagsMeetTheTimeLimit) {
  const int nodes = 60;
  std::string text = "rel path(x, y) = edge(x, y)\nrel path(x, z) = path(x, y) and edge(y, z)\nquery path\n";
  for (int x = 0; x < nodes; ++x)
    for (int y = 0; y < nodes; ++y) text += "rel 0.5::edge(" + std::to_string(x) + ", " + std::to_string(y) + ")\n";
  Compiled c = compile(text.c_str());
  Options limited = options("topkproofs");
  limited.k = 10;
  limited.timeout_s = 0.5;
  Evaluation e(c.plan, limited, c.symbols);
  ASSERT_TRUE(e.add_program_facts().ok());
  const auto done = e.advance();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "timeout");
}

TEST(Engine, AnUpdateSeesWhatARuleDenies) {
  for (const char* provenance : {"exact", "topkproofs"}) {
    Compiled c = compile("type p(x: i32)\ntype r(x: i32)\nrel 0.5::p(1)\nrel q(x) = p(x) and not r(x)\nquery q\n");
    Options with = options(provenance);
    with.updates = true;
    Evaluation e(c.plan, with, c.symbols);
    ASSERT_TRUE(e.add_program_facts().ok());
    ASSERT_TRUE(e.advance().ok());
    // The probability of q(1) after this change; 0 where it is not there.
    const auto after = [&](const char* relation, bool insert, double p) {
      FactTable table{relation, {Type::i32}, {}, {}, {}};
      const Cell one = cell(std::int64_t{1});
      table.add(std::span(&one, 1), kNone);
      table.probabilities.push_back(p);
      const Change change{c.find(relation), insert, &table};
      const auto done = e.update(std::span(&change, 1));
      EXPECT_TRUE(done.ok() && *done) << provenance;
      const Row row = e.relation(c.find("q")).find(std::span(&one, 1));
      return row != kNone && e.holds(c.find("q"), row) ? e.probability(c.find("q"), row) : 0.0;
    };
    EXPECT_DOUBLE_EQ(after("r", true, 0.4), 0.3);    // what was absent comes
    EXPECT_DOUBLE_EQ(after("p", true, 0.5), 0.45);   // beside an uncertain denial
    EXPECT_DOUBLE_EQ(after("r", false, 1.0), 0.75);  // the denial goes
    EXPECT_DOUBLE_EQ(after("r", true, 1.0), 0.0);
    EXPECT_DOUBLE_EQ(after("r", false, 1.0), 0.75);  // and what never fired beside it fires
  }
}

TEST(Engine, AnUpdateThatMeetsALimitLeavesACleanStart) {
  Compiled c = compile("rel n(0)\nrel n(x + 1) = n(x) and x < most and top(most)\nrel 0.5::top(3)\nquery n\n");
  Options limited = options("minmaxprob");
  limited.memory_bytes = std::size_t{8} << 20;
  limited.updates = true;
  Evaluation e(c.plan, limited, c.symbols);
  ASSERT_TRUE(e.add_program_facts().ok());
  ASSERT_TRUE(e.advance().ok());
  const lang::RelationId n = c.find("n");
  EXPECT_EQ(e.relation(n).size(), 4u);
  FactTable table{"top", {Type::i32}, {}, {}, {}};
  const Cell far = cell(std::int64_t{1} << 30);
  table.add(std::span(&far, 1), kNone);
  const Change change{c.find("top"), true, &table};
  const auto done = e.update(std::span(&change, 1));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, "memory");
  EXPECT_EQ(e.relation(n).size(), 0u);
  ASSERT_TRUE(e.add_program_facts().ok());
  ASSERT_TRUE(e.advance().ok());
  EXPECT_EQ(e.relation(n).size(), 4u);
}

TEST(Engine, ComputedPredicatesRunOnSets) {
  const Compiled c = compile(R"(
    rel word = {"level", "abc", "aa;b"}
    rel chars(i, c) = word(w) and string_chars(w, i, c)
    rel first(w, c) = word(w) and string_chars(w, 0, c)
    rel twice(w, i) = word(w) and string_chars(w, i, _) and string_chars(w, i, 'a')
    rel same(w, i) = word(w) and string_find(w, "a", i, i)
    rel plain(w) = word(w) and not string_find(w, ";", _, _)
    rel near(x) = word(w) and string_length_of(w, n) and soft_lt<i32>(n, 4) and x == n
    rel string_length_of(w, $string_length(w) as i32) = word(w)
    rel part(w) = word(w)
    rel part(p) = part(w) and string_split(w, ";", p)
    rel big(x) = range<u64>(18446744073709551613, 18446744073709551615, x)
    rel inside(w) = word(w) and range<u64>(3, 18446744073709551615, 9223372036854775809)
  )");
  Symbols on_sets(&c.symbols), on_rows(&c.symbols);
  Options rows = options("unit");
  rows.sets = false;
  Evaluation sets(c.plan, options("unit"), on_sets), plain(c.plan, rows, on_rows);
  ASSERT_NE(sets.sets(), nullptr);
  ASSERT_EQ(plain.sets(), nullptr);
  for (Evaluation* e : {&sets, &plain}) {
    ASSERT_TRUE(e->add_program_facts().ok());
    finish(*e);
  }
  for (const char* r : {"chars", "first", "twice", "same", "plain", "near", "part", "big", "inside"})
    EXPECT_EQ(answer(c, sets, r), answer(c, plain, r)) << r;
  EXPECT_EQ(answer(c, sets, "first"), "aa;b,a abc,a level,l");
  EXPECT_EQ(answer(c, sets, "twice"), "aa;b,0 aa;b,1 abc,0");
  EXPECT_EQ(answer(c, sets, "same"), "");
  EXPECT_EQ(answer(c, sets, "plain"), "abc level");
  EXPECT_EQ(answer(c, sets, "near"), "3 4 5");
  EXPECT_EQ(answer(c, sets, "part"), "aa aa;b abc b level");
  EXPECT_EQ(answer(c, sets, "big"), "18446744073709551613 18446744073709551614");
  EXPECT_EQ(answer(c, sets, "inside"), "aa;b abc level");
}

TEST(Engine, ComputedPredicatesOfUpdates) {
  const Compiled c = compile(R"(
    rel word = {"ab"}
    rel chars(w, c) = word(w) and string_chars(w, _, c)
    rel b_less(w) = word(w) and not string_find(w, "b", _, _)
    rel n(x) = x := count(w: b_less(w))
  )");
  Options with = options("unit");
  with.updates = true;
  with.update_share = -1;
  Symbols symbols(&c.symbols);
  Evaluation e(c.plan, with, symbols);
  ASSERT_TRUE(e.add_program_facts().ok());
  finish(e);
  ASSERT_TRUE(e.can_update());
  EXPECT_EQ(answer(c, e, "n"), "0");
  const FactTable old = facts(c, "word", symbols, {{"ab"}}), fresh = facts(c, "word", symbols, {{"ca"}});
  const Change changes[] = {{c.find("word"), false, &old}, {c.find("word"), true, &fresh}};
  const auto done = e.update(changes);
  ASSERT_TRUE(done.ok() && *done);
  EXPECT_TRUE(e.updated_in_place());
  EXPECT_EQ(answer(c, e, "chars"), "ca,a ca,c");
  EXPECT_EQ(answer(c, e, "n"), "1");
}

TEST(Engine, IsInterrupted) {
  const Compiled c = compile("rel n = {0}\nrel n(x + 1) = n(x)\nrel m = {0.5::0}\nrel m(x + 1) = m(x)");
  std::atomic<bool> stop = true;
  for (const char* provenance : {"unit", "topkproofs", "exact"}) {
    Options with = options(provenance);
    with.stop = &stop;
    Symbols symbols(&c.symbols);
    Evaluation e(c.plan, with, symbols);
    ASSERT_TRUE(e.add_program_facts().ok());
    const auto done = e.advance();
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, "interrupted");
  }
}

TEST(Engine, SaysWhenProofsWereCut) {
  Compiled c = compile("rel a = {0.5::1, 0.5::2, 0.5::3}\nrel any() = a(x)\nquery any\n");
  for (const std::size_t k : {std::size_t{2}, std::size_t{3}}) {
    Options o = options("topkproofs");
    o.k = k;
    Evaluation e(c.plan, o, c.symbols);
    ASSERT_TRUE(e.add_program_facts().ok());
    finish(e);
    EXPECT_EQ(e.cut(), k == 2);
  }
}

// A thousand uncertain facts count in quadratic time, where worlds would be 2^1000.
TEST(Engine, CountsAThousandUncertainFacts) {
  Compiled c = compile("type a(x: i32)\nrel n(c) = c := count(x: a(x))\nquery n\n");
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({std::to_string(i)});
  Evaluation e(c.plan, options("addmultprob"), c.symbols);
  ASSERT_TRUE(e.add(c.find("a"), facts(c, "a", c.symbols, rows, std::vector<double>(1000, 0.5))).ok());
  finish(e);
  const RelationId n = c.find("n");
  double total = 0.0, mean = 0.0;
  for (Row r = 0; r < e.relation(n).size(); ++r) {
    total += e.probability(n, r);
    mean += e.probability(n, r) * static_cast<double>(as_int(e.relation(n).row(r)[0]));
  }
  EXPECT_NEAR(total, 1.0, 1e-12);
  EXPECT_NEAR(mean, 500.0, 1e-9);
}

// Relations of three and four columns as rows of bits (set_layout.cc) hold what rows hold, on one thread and on two.
TEST(Engine, PackedRelationsAnswerAsRowsDo) {
  struct Case {
    std::string rules;
    std::vector<std::string> packed, plain;
  };
  const std::vector<Case> cases = {
      {R"(rel hop(x, y, 1) = e(x, y)
rel hop(x, z, n + 1) = hop(x, y, n) and e(y, z) and n < 6
rel distance(x, y, d) = d := min(n: hop(x, y, n))
rel longest(x, y, d) = d := max(n: hop(x, y, n))
rel reached(x, d, c) = c := count(y: distance(x, y, d))
rel total(x, s) = s := sum[y](d: distance(x, y, d))
rel ways(d, c) = c := count(x, y: hop(x, y, d))
rel any(b) = b := exists(x, y: hop(x, y, 6))
rel loop(x, n) = hop(x, x, n)
rel from(y, n) = hop(1, y, n)
rel late(x, y) = distance(x, y, d) and longest(x, y, d) and not hop(y, x, d)
)",
       {"hop", "distance", "longest"},
       {}},
      {R"(rel t(x, y, z) = e(x, y) and e(y, z) and e(x, z)
rel u(x, y, z) = t(y, x, z) and not f(x, z)
rel v(x, y, z) = u(x, y, z) and f(y, z) or t(z, y, x)
rel sides(x, c) = c := count(y, z: t(x, y, z))
rel both(x, y) = t(x, y, z) and u(y, x, z)
)",
       {"t", "u"},
       {}},
      {R"(rel r(x, y, c) = e(x, y) and f(y, c)
rel r(x, z, c) = r(x, y, c) and e(y, z) and not s(x, z, c)
rel s(x, y, c) = e(x, y) and f(c, x) and c != y
rel back(x, c) = f(x, y) and r(y, x, c)
rel same(x, y) = r(x, y, c) and r(y, x, c) and f(c, c)
rel least(x, c) = c := min(y: r(x, y, 3))
)",
       {},
       {}},
      {R"(rel p(x, y, 1) = e(x, y)
rel p(x, z, n + m) = p(x, y, n) and p(y, z, m) and n + m <= 5
rel sums(x, n, c) = c := count(y: p(x, y, n))
)",
       {},
       {}},
      {R"(rel q(a, b, c, d) = e(a, b) and e(a, c) and e(b, c) and e(a, d) and e(b, d) and e(c, d)
rel two(b, d) = q(1, b, c, d) or q(b, 2, d, c)
)",
       {"q"},
       {}},
      // Some rule finds tuples by each of the columns alone.
      {R"(rel w(x, y, z) = e(x, y) and f(y, z)
rel by(a, b, c) = f(a, a) and w(a, b, c) or f(b, b) and w(a, b, c) or f(c, c) and w(a, b, c)
)",
       {},
       {"w"}},
  };
  std::mt19937 random(11);
  for (int i = 0; i < 36; ++i) {
    const Case& test = cases[static_cast<std::size_t>(i) % cases.size()];
    std::string text = "type e(x: i32, y: i32)\ntype f(x: i32, y: i32)\n" + test.rules;
    std::vector<std::string> heads;
    for (std::size_t at = 0; (at = test.rules.find("rel ", at)) != std::string::npos; at += 4) {
      heads.push_back(test.rules.substr(at + 4, test.rules.find('(', at) - at - 4));
      text += "query " + heads.back() + "\n";
    }
    const auto nodes = static_cast<int>(4 + random() % (i % 2 ? 90 : 8));
    std::vector<std::vector<std::string>> edges[2];
    for (auto& relation : edges)
      for (int n = 0; n < nodes * (i % 2 ? 1 : 2); ++n)
        relation.push_back({std::to_string(random() % nodes), std::to_string(random() % nodes)});
    std::map<std::string, std::string> wanted;
    for (const std::uint32_t threads : {0u, 1u, 2u}) {  // 0: the row executor
      Compiled c = compile(text.c_str());
      Options o = options("unit");
      o.sets = threads > 0;
      o.threads = std::max(1u, threads);
      o.share_from = 0;
      Evaluation e(c.plan, o, c.symbols);
      ASSERT_TRUE(e.add(c.find("e"), facts(c, "e", c.symbols, edges[0])).ok());
      ASSERT_TRUE(e.add(c.find("f"), facts(c, "f", c.symbols, edges[1])).ok());
      finish(e);
      ASSERT_EQ(e.sets() != nullptr, threads > 0);
      for (const std::string& name : threads > 0 ? test.packed : std::vector<std::string>{})
        EXPECT_TRUE(e.sets()->relation(c.find(name)).packed) << name;
      for (const std::string& name : threads > 0 ? test.plain : std::vector<std::string>{})
        EXPECT_FALSE(e.sets()->relation(c.find(name)).packed) << name;
      for (const std::string& name : heads) {
        const std::string found = answer(c, e, name);
        if (threads == 0)
          wanted[name] = found;
        else
          EXPECT_EQ(found, wanted[name]) << name << " on " << threads << " threads, try " << i;
      }
    }
  }
}

}  // namespace
}  // namespace tenfold::engine
