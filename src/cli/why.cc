#include <iostream>

#include "answer/explain_tuple.h"
#include "answer/job.h"
#include "answer/render.h"
#include "cli/commands.h"
#include "proof/drawing.h"
#include "proof/json.h"

namespace tenfold::cli {
namespace {

void print_absent(const Options& options, const WhyNot& why) {
  if (options.why_format == "json")
    std::cout << proof::to_json(why).dump(2) << "\n";
  else if (options.why_format == "svg")
    std::cout << proof::to_svg(why);
  else if (options.why_format == "html")
    std::cout << proof::to_html(options.tuple, why);
  else
    std::cout << proof::to_text(why, {.colour = colour_on(1)});
}

void print_present(const Options& options, const AnswerTuple& tuple) {
  std::vector<const Proof*> proofs;
  if (tuple.proof) proofs.push_back(&*tuple.proof);
  for (const Proof& other : tuple.more_proofs) proofs.push_back(&other);
  if (options.why_format == "json") {
    std::cout << answer::to_json(tuple).dump(2) << "\n";
  } else if (options.why_format == "html") {
    std::cout << proof::to_html(proof::atom_text(tuple.relation, tuple.args), proofs);
  } else if (options.why_format == "svg") {
    if (!proofs.empty()) std::cout << proof::to_svg(*proofs.front());
  } else {
    std::cout << answer::to_text(tuple, {.colour = colour_on(1)});
  }
}

}  // namespace

int why(const Options& options) {
  const auto asked = answer::parse_tuple(options.tuple);
  if (!asked) return fail(asked.error());
  Settings settings = options.settings;
  settings.proofs = true;
  settings.proofs_count = 1;
  settings.without = {"demand"};  // a near miss may be a tuple that no answer needs
  settings.queries = {asked->first};
  std::vector<Error> errors;
  auto parts = answer::make_parts(options.target, settings, program_sources(options), &errors);
  if (!parts) return fail(errors, parts.error());
  for (const std::string& warning : (*parts)->warnings) std::cerr << warning;
  auto session = Session::open(Program(*parts));
  if (!session) return fail(session.error());
  const auto found = answer::explain_tuple(*session, asked->first, asked->second,
                                           {options.settings.proofs_count, options.settings.proofs_order});
  if (!found) return fail(found.error());
  if (found->why)
    print_absent(options, *found->why);
  else
    print_present(options, found->tuple);
  return 0;
}

}  // namespace tenfold::cli
