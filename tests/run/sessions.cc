#include "run/sessions.h"

#include "answer/parts.h"
#include "answer/session_state.h"
#include "lang/lang.h"

namespace tenfold::answers {
Result<Decided> decide(const std::string& program, const std::map<std::string, StubNetwork>& networks,
                       const tenfold::Settings& settings) {
  const lang::Compiled compiled = lang::compile_text(program, "test.scl");
  if (!compiled.ok()) return compiled.errors.front();
  answer::Sources sources;
  sources.text = program;
  for (const lang::Network& network : compiled.program.networks) {
    const StubNetwork& stub = networks.at(network.name);
    sources.described[network.name] =
        neural::stub_network(network.name, network.labels, table_text(stub.sayings, network.labels), stub.flops);
  }
  auto parts = answer::make_parts("test.scl", settings, sources, nullptr);
  if (!parts) return parts.error();
  Decided out;
  out.remarks = (*parts)->remarks;
  Session::State session(*parts);
  if (Status s = session.begin({}); !s.ok()) return s.error();
  while (true) {
    auto asked = session.advance();
    if (!asked) return asked.error();
    if (asked->empty()) break;
    for (const Session::State::Asked& a : *asked) {
      out.asked.push_back((*parts)->language.networks[a.network].name + " " + a.key);
      auto seen = (*parts)->networks[a.network]->see({a.key});
      if (!seen) return seen.error();
      if (Status s = session.supply(a, std::move(seen->front())); !s.ok()) return s.error();
    }
  }
  auto answer = session.finish();
  if (!answer) return answer.error();
  for (const AnswerTuple& t : answer->tuples)
    if (t.decision.value_or(false)) out.yes[t.relation].insert(t.args);
  for (const NetworkUse& use : answer->receipt.networks) out.spared += use.avoided.at("bounds");
  return out;
}

}  // namespace tenfold::answers
