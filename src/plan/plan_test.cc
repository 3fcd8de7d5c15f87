// What the passes make of a program: strata, join orders, what is demanded. What they must not change (the answers) is
// tested in tests/run and tests/fuzz.
#include "plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lang/lang.h"

namespace tenfold::plan {
namespace {

struct Planned {
  std::unique_ptr<lang::Program> program;
  Plan plan;

  RelationId find(std::string_view name) const {
    for (RelationId r = 0; r < plan.relations.size(); ++r)
      if (plan.relations[r].name == name) return r;
    ADD_FAILURE() << "no relation " << name << "\n" << explain(plan);
    return 0;
  }
  bool has(std::string_view name) const {
    return std::any_of(plan.relations.begin(), plan.relations.end(), [&](const auto& r) { return r.name == name; });
  }
  std::size_t stratum(std::string_view name) const {
    const RelationId r = find(name);
    for (std::size_t s = 0; s < plan.strata.size(); ++s)
      if (std::ranges::count(plan.strata[s].relations, r) > 0) return s;
    ADD_FAILURE() << name << " is in no stratum";
    return 0;
  }
  std::vector<const PlanRule*> rules(std::string_view head, RuleKind kind = RuleKind::derived) const {
    std::vector<const PlanRule*> out;
    for (const PlanRule& rule : plan.rules)
      if (plan.relations[rule.head].name == head && rule.kind == kind) out.push_back(&rule);
    return out;
  }
  // The body as joined: relation names, "?" for a constraint.
  std::string joined(const PlanRule& rule) const {
    std::string out;
    for (std::uint32_t i : rule.order) {
      const lang::Literal& l = rule.body[i].literal;
      out += out.empty() ? "" : " ";
      if (l.kind == lang::LiteralKind::negative) out += "!";
      out += l.kind == lang::LiteralKind::constraint ? "?" : plan.relations[l.relation].name;
    }
    return out;
  }
};

Result<Plan> plan_of(const lang::Program& program, std::initializer_list<const char*> without = {}) {
  Options options;
  for (const char* pass : without) options.without.insert(pass);
  return make_plan(program, options);
}

Planned planned(const char* text, std::initializer_list<const char*> without = {}) {
  lang::Compiled compiled = lang::compile_text(text);
  for (const Error& e : compiled.errors) ADD_FAILURE() << render(e);
  Planned out{std::make_unique<lang::Program>(std::move(compiled.program)), {}};
  auto plan = plan_of(*out.program, without);
  if (plan)
    out.plan = std::move(*plan);
  else
    ADD_FAILURE() << render(plan.error());
  return out;
}

constexpr const char* kFilm = R"(
type Image <: String
@network("net", labels = ["no", "yes"]) type finding(bound image: Image, label: String)
type film(p: i32, image: Image), takes(p: i32, drug: String)
rel alert(p) = finding(i, "yes") and film(p, i) and takes(p, _)
query alert
)";

TEST(Order, JoinsNetworksLast) {
  const Planned p = planned(kFilm);
  const std::string order = p.joined(*p.rules("alert").at(0));
  EXPECT_TRUE(order == "film takes finding" || order == "takes film finding") << order;
}

TEST(Order, SwitchedOffFollowsTheTextAsFarAsItCan) {
  const Planned p = planned(kFilm, {"order"});
  EXPECT_EQ(p.joined(*p.rules("alert").at(0)), "film finding takes");
}

TEST(Order, TestsComeAsSoonAsTheyCan) {
  const Planned p = planned(R"(
type a(x: i32), b(x: i32, y: i32), c(x: i32)
rel r(x, y) = b(x, y) and a(x) and x > 3 and not c(x)
query r
)");
  EXPECT_EQ(p.joined(*p.rules("r").at(0)), "b ? !c a");
}

TEST(Order, SaysNothingOfTheOrderInWhichTagsMultiply) {
  const Planned p = planned(kFilm);
  EXPECT_EQ(p.rules("alert").at(0)->premises, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Demand, ARuleThatIsAskedAndNamesAConstantAsksForThatConstantAlone) {
  const char* path = R"(
type edge(x: i32, y: i32)
rel path(x, y) = edge(x, y)
rel path(x, z) = path(x, y) and edge(y, z)
rel found(y) = path(17, y)
query found
)";
  const Planned p = planned(path);
  ASSERT_EQ(p.rules("d#path", RuleKind::demand).size(), 1u);
  for (const PlanRule* rule : p.rules("path")) EXPECT_TRUE(rule->body.at(0).guard);
  EXPECT_FALSE(planned((std::string(path) + "query path").c_str()).has("d#path"));  // all of it is asked for
}

TEST(Demand, AsksANetworkForWhatTheRestOfTheRuleLeaves) {
  const Planned p = planned(kFilm);
  const auto asks = p.rules("d#finding", RuleKind::demand);
  ASSERT_EQ(asks.size(), 1u);
  const std::string order = p.joined(*asks[0]);
  EXPECT_TRUE(order == "film takes domain#finding" || order == "takes film domain#finding") << order;
  EXPECT_EQ(p.plan.networks.at(0).asked, p.find("d#finding"));
  EXPECT_EQ(p.plan.networks.at(0).domain, p.find("domain#finding"));
}

TEST(Demand, SwitchedOffAsksTheWholeDomain) {
  const Planned p = planned(kFilm, {"demand"});
  EXPECT_EQ(p.plan.networks.at(0).asked, p.find("domain#finding"));
  EXPECT_FALSE(p.has("d#finding"));
}

TEST(Demand, GoesThroughRelationsDownToTheNetwork) {
  const Planned p = planned(R"(
@network("net", labels = ["no", "yes"]) type finding(bound image: String, label: String)
type film(p: i32, image: String), sick(p: i32)
rel seen(p) = film(p, i) and finding(i, "yes")
rel alert(p) = seen(p) and sick(p)
query alert
)");
  EXPECT_EQ(p.joined(*p.rules("alert").at(0)), "sick seen");
  EXPECT_EQ(p.joined(*p.rules("seen").at(0)), "d#seen film finding");
  EXPECT_TRUE(p.rules("seen").at(0)->body.at(0).guard);
  EXPECT_EQ(p.joined(*p.rules("d#finding", RuleKind::demand).at(0)), "d#seen film domain#finding");
}

TEST(Demand, LeavesOutWhatNoQueryNeeds) {
  const Planned p = planned(R"(
type a(x: i32)
rel needed(x) = a(x)
rel idle(x) = a(x)
query needed
)");
  EXPECT_EQ(p.rules("needed").size(), 1u);
  EXPECT_TRUE(p.rules("idle").empty());
}

// bad(y) is asked for what good gives, and good is the absence of bad: asked for what good can give at most instead.
TEST(Demand, AsksForMoreWhereItWouldCloseANegativeCycle) {
  const Planned p = planned(R"(
@network("net", labels = ["no", "yes"]) type finding(bound x: i32, label: String)
type a(x: i32), e(x: i32, y: i32)
rel bad(x) = a(x) and finding(x, "yes")
rel good(x) = a(x) and not bad(x)
rel worse(x) = good(x) and e(x, y) and bad(y)
query worse
)");
  EXPECT_TRUE(p.has("possible#good"));
  EXPECT_EQ(p.plan.notes.size(), 1u);
  for (const Stratum& stratum : p.plan.strata)
    for (std::uint32_t r : stratum.rules)
      for (const PlanLiteral& l : p.plan.rules[r].body)
        if (l.literal.kind == lang::LiteralKind::negative) {
          EXPECT_EQ(std::ranges::count(stratum.relations, l.literal.relation), 0);
        }
}

TEST(Stratify, PutsWhatIsReadBeforeWhatReads) {
  const Planned p = planned(R"(
type e(x: i32, y: i32)
rel path(x, y) = e(x, y)
rel path(x, y) = path(x, z) and e(z, y)
rel far(x) = e(x, _) and not path(x, 1)
rel n(c) = c := count(x: far(x))
query n
)");
  EXPECT_LT(p.stratum("path"), p.stratum("far"));
  EXPECT_LT(p.stratum("far"), p.stratum("n"));
}

TEST(Stratify, MutualRecursionSharesAStratum) {
  const Planned p = planned(R"(
rel even(0)
rel odd(x + 1) = even(x) and x < 6
rel even(x + 1) = odd(x) and x < 6
query even
)");
  EXPECT_EQ(p.stratum("even"), p.stratum("odd"));
  EXPECT_FALSE(p.plan.strata[p.stratum("even")].recursive.empty());
}

TEST(Compile, ARecursiveLiteralIsReadOnceAsDelta) {
  const Planned p = planned(R"(
type e(x: i32, y: i32)
rel path(x, y) = e(x, y)
rel path(x, y) = path(x, z) and path(z, y)
query path
)");
  const Stratum& stratum = p.plan.strata[p.stratum("path")];
  ASSERT_EQ(stratum.recursive.size(), 2u);
  for (const Variant& variant : stratum.recursive) {
    std::vector<Rows> rows(2);
    for (const Step& step : variant.steps) rows.at(step.literal) = step.rows;
    EXPECT_EQ(rows, variant.delta == 0 ? (std::vector{Rows::delta, Rows::all})
                                       : (std::vector{Rows::before_delta, Rows::delta}));
  }
}

TEST(Compile, BoundColumnsAreProbedThroughAnIndex) {
  const Planned p = planned(R"(
type a(x: i32), b(x: i32, y: i32)
rel r(y) = a(x) and b(x, y)
query r
)");
  ASSERT_EQ(p.plan.indexes.size(), 1u);
  EXPECT_EQ(p.plan.indexes[0].relation, p.find("b"));
  EXPECT_EQ(p.plan.indexes[0].columns, std::vector<std::uint32_t>{0});
}

TEST(Passes, AreNamedTimedAndSwitched) {
  const Planned p = planned(kFilm, {"order"});
  std::string names;
  for (const PassTime& pass : p.plan.times) names += pass.name + (pass.on ? " " : "- ");
  EXPECT_EQ(names, "relevant demand order- stratify compile ");
}

}  // namespace
}  // namespace tenfold::plan
