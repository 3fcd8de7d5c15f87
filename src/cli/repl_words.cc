// What Tab offers: commands after a colon, functions after a dollar, else keywords, aggregates and relations.
#include <algorithm>

#include "cli/repl.h"
#include "lang/aggregate_forms.h"
#include "lang/lang.h"
#include "modules/modules.h"

namespace tenfold::cli {

std::vector<std::string> Repl::words(const std::string& start) const {
  std::vector<std::string> all;
  if (start.starts_with(":")) {
    for (const Command& c : commands()) all.push_back(":" + std::string(c.name));
  } else if (start.starts_with("$")) {
    for (const modules::Function& f : modules::functions()) all.push_back("$" + std::string(f.name));
  } else {
    all = lang::aggregate_names();
    for (const char* keyword :
         {"rel",    "type", "query", "const", "import", "and",   "or",  "not", "implies",  "where",
          "if",     "then", "else",  "case",  "is",     "in",    "as",  "new", "true",     "false",
          "String", "bool", "i32",   "i64",   "u32",    "usize", "f32", "f64", "DateTime", "Symbol"})
      all.emplace_back(keyword);
    const lang::Compiled compiled = lang::compile_text(kept_);
    for (const lang::Relation& r : compiled.program.relations)
      if (!r.synthetic) all.push_back(r.name);
  }
  std::erase_if(all, [&](const std::string& word) { return !word.starts_with(start); });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace tenfold::cli
