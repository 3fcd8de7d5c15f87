#include "proof/proof.h"

#include <algorithm>
#include <set>

namespace tenfold::proof {

std::string place_text(const Place& place) {
  if (place.file.empty()) return "";
  const std::size_t slash = place.file.rfind('/');
  std::string out = slash == std::string::npos ? place.file : place.file.substr(slash + 1);
  return out + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string_view name(ProofStep::Kind kind) {
  switch (kind) {
    case ProofStep::Kind::rule:
      return "rule";
    case ProofStep::Kind::fact:
      return "fact";
    case ProofStep::Kind::absent:
      return "absent";
    case ProofStep::Kind::perceived:
      return "perceived";
    case ProofStep::Kind::aggregate:
      return "aggregate";
    case ProofStep::Kind::assumed:
      return "assumed";
    case ProofStep::Kind::denied:
      return "denied";
  }
  return "";
}

std::string atom_text(const std::string& relation, const std::vector<std::string>& args) {
  std::string out = relation + "(";
  for (std::size_t c = 0; c < args.size(); ++c) {
    const bool bare = args[c].find_first_of(" ,()") == std::string::npos && !args[c].empty();
    out += (c ? ", " : "") + (bare ? args[c] : "\"" + args[c] + "\"");
  }
  return out + ")";
}

std::vector<std::uint32_t> read_through(const Proof& proof, std::uint32_t step) {
  std::vector<std::uint32_t> out, work(proof.steps[step].premises.rbegin(), proof.steps[step].premises.rend());
  while (!work.empty()) {
    const std::uint32_t at = work.back();
    work.pop_back();
    const ProofStep& premise = proof.steps[at];
    const bool absent = premise.kind == ProofStep::Kind::absent && !premise.premises.empty();
    if (premise.made && (premise.kind == ProofStep::Kind::rule || absent))
      work.insert(work.end(), premise.premises.rbegin(), premise.premises.rend());
    else
      out.push_back(at);
  }
  return out;
}

void drop_root(Proof& proof) {
  proof.steps.erase(proof.steps.begin());
  for (ProofStep& step : proof.steps)
    for (std::uint32_t& premise : step.premises) --premise;
}

}  // namespace tenfold::proof
