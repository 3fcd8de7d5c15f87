#include "proof/checker.h"

#include <algorithm>
#include <cmath>

#include "proof/proof_check.h"

namespace tenfold::proof {

namespace {
// Sums of products in another order; the promise of `exact` is 1e-9.
constexpr double kTolerance = 1e-9;
}  // namespace

struct Checker::State {
  State(lang::Program& p, const std::vector<FactTable>& tables, const CheckSettings& s)
      : program(p), settings(normal(s)), given(p, tables, settings.provenance), models(given, settings) {}

  // A differentiable provenance says the same, and gradients.
  static CheckSettings normal(CheckSettings s) {
    if (s.provenance.compare(0, 4, "diff") == 0) s.provenance = s.provenance.substr(4);
    return s;
  }

  lang::Program& program;
  CheckSettings settings;
  GivenFacts given;
  Models models;

  lang::RelationId relation_of(const std::string& query) const {
    for (const lang::Query& q : program.queries)
      if (q.name == query) return q.relation;
    return program.find(query);
  }
  std::string answer(const Claim& claim, const std::vector<const ProofCheck*>& proofs) const;
  std::string minmax(const Claim& claim, const std::vector<Literals>& any) const;
};

// Under minmaxprob a proof is as strong as its weakest input.
std::string Checker::State::minmax(const Claim& claim, const std::vector<Literals>& any) const {
  double best = 0.0;
  for (const Literals& one : any) {
    double weakest = 1.0;
    for (Literal l : one) weakest = std::min(weakest, given.events.probability[event_of(l)]);
    best = std::max(best, weakest);
  }
  const bool fits =
      claim.complete ? std::abs(best - claim.probability) <= kTolerance : best <= claim.probability + kTolerance;
  return fits ? "" : "the strongest of the proofs has " + number_text(best);
}

// Names of provenances whose answers are probabilities of worlds, or (minmaxprob, addmultprob) read as such.
bool is_probability(std::string_view provenance) {
  constexpr std::string_view kKnown[] = {"unit",          "exact",  "topkproofs", "topbottomkclauses",
                                         "samplekproofs", "proofs", "minmaxprob", "addmultprob"};
  return std::find(std::begin(kKnown), std::end(kKnown), provenance) != std::end(kKnown);
}

// What is wrong with the probability of an answer, as far as its proofs tell; empty when nothing is.
std::string Checker::State::answer(const Claim& claim, const std::vector<const ProofCheck*>& proofs) const {
  const double p = claim.probability;
  if (!is_probability(settings.provenance)) return "answers under " + settings.provenance + " cannot be checked";
  if (!(p > 0.0 && p <= 1.0 + kTolerance)) return "the probability is not in (0, 1]";
  if (settings.provenance == "unit") return p == 1.0 ? "" : "under unit every answer has the probability 1";
  if (claim.bounded || settings.provenance == "addmultprob") return "";
  std::vector<Literals> any;
  bool monotone = true;
  for (const ProofCheck* proof : proofs) {
    any.push_back(proof->literals());
    monotone = monotone && proof->monotone();
  }
  if (settings.provenance == "minmaxprob") return monotone ? minmax(claim, any) : "";
  const Disjunction found = proof::probability(any, given.events);
  const std::string range =
      found.low == found.high ? number_text(found.low) : number_text(found.low) + " to " + number_text(found.high);
  // Every proof is among the worlds of an exact answer; topkproofs may have cut one behind a negation.
  const bool exact = settings.provenance == "exact";
  if ((exact || monotone) && p < (claim.complete && exact ? found.low
                                  : proofs.size() == 1    ? found.low
                                                          : 0.0) -
                                     kTolerance)
    return "the proofs alone have the probability " + range;
  if (claim.complete && (exact || monotone) && p > found.high + kTolerance)
    return "all proofs together have the probability " + range;
  if (claim.complete && exact && p < found.low - kTolerance) return "all proofs together have the probability " + range;
  if (!claim.complete && exact && p < found.low - kTolerance) return "the proofs alone have the probability " + range;
  return "";
}

Checker::Checker(lang::Program& program, const std::vector<FactTable>& tables, const CheckSettings& settings)
    : state_(std::make_unique<State>(program, tables, settings)) {}
Checker::~Checker() = default;

std::vector<std::pair<std::size_t, Objection>> Checker::check(const std::vector<Claim>& claims) {
  std::vector<std::pair<std::size_t, Objection>> out;
  State& s = *state_;
  struct One {
    std::size_t claim;
    std::size_t number;
    ProofCheck check;
    bool read = false;
  };
  std::vector<One> all;
  for (std::size_t c = 0; c < claims.size(); ++c)
    for (std::size_t p = 0; p < claims[c].proofs.size(); ++p)
      all.push_back({c, p,
                     ProofCheck(s.program, s.given, s.models, s.settings, claims[c].proofs[p],
                                [&out, c, p](std::size_t step, const std::string& what) {
                                  out.emplace_back(c, Objection{p, step, what});
                                })});
  // Inputs first, of all proofs: an absence is one over all that is known of this input.
  for (One& one : all) one.read = one.check.read(s.relation_of(claims[one.claim].relation), claims[one.claim].args);
  if (s.given.forget_learnt(false)) s.models.forget();
  for (One& one : all)
    if (one.read) one.check.run();
  for (std::size_t c = 0; c < claims.size(); ++c) {
    std::vector<const ProofCheck*> proofs;
    for (const One& one : all)
      if (one.claim == c && one.read) proofs.push_back(&one.check);
    if (claims[c].proofs.empty()) out.emplace_back(c, Objection{Objection::kWhole, Objection::kWhole, "has no proof"});
    if (proofs.empty() || proofs.size() != claims[c].proofs.size()) continue;
    if (const std::string what = s.answer(claims[c], proofs); !what.empty())
      out.emplace_back(c, Objection{Objection::kWhole, Objection::kWhole,
                                    "the probability " + number_text(claims[c].probability) + " is wrong: " + what});
  }
  if (s.given.forget_learnt(true)) s.models.forget();
  return out;
}

}  // namespace tenfold::proof
