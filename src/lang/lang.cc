#include "lang/lang.h"

#include "base/utf8.h"
#include "lang/checks.h"
#include "lang/draft.h"
#include "lang/load.h"

namespace tenfold::lang {
namespace {

constexpr std::size_t kMaxErrors = 50;

Compiled compile(std::string text, const std::string& name, const std::filesystem::path& folder,
                 const Options& options) {
  Unit unit;
  unit.tags_are_numbers = options.tags_are_numbers;
  unit.offload = options.offload;
  Compiled out;
  load(unit, std::move(text), name, folder, options.overlays);
  declare_names(unit);
  declare_relations(unit);
  desugar(unit);
  check_early(unit);
  if (!unit.diagnostics.full() && !unit.overgrown()) {
    lower(unit, out.program);
    check_grounding(unit, out.program);
    check_strata(unit, out.program);
  }
  out.errors = unit.diagnostics.sorted(kMaxErrors);
  out.program.warnings = unit.diagnostics.warnings();
  return out;
}

Compiled failed(Error error) {
  Compiled out;
  out.errors.push_back(std::move(error));
  return out;
}

}  // namespace

Compiled compile_file(const std::filesystem::path& file, const Options& options) {
  auto text = read_source(file);
  if (!text) return failed(text.error());
  return compile(std::move(*text), file.string(), file.parent_path(), options);
}

Compiled compile_text(std::string_view text, const std::string& name, const Options& options) {
  if (text.size() > kMaxSourceBytes)
    return failed({"too-large",
                   {name, 0, 0, 1},
                   "this program is larger than 16 MiB",
                   "put large tables into a CSV: @file(\"table.csv\")",
                   ""});
  return compile(std::string(text), name, {}, options);
}

}  // namespace tenfold::lang
