#include "answer/tables.h"

#include <fmt/format.h>

#include "media/csv.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

media::CsvOptions options_of(const Program::Parts& parts, const lang::FileInput& file) {
  return {file.header, file.delimiter, file.has_probability,
          file.keys,   file.fields,    provenance::takes_numbers(parts.engine.provenance)};
}

Status load(Program::Parts& parts, lang::RelationId relation, const fs::path& path, const media::CsvOptions& options) {
  const plan::PlanRelation& r = parts.plan.relations[relation];
  // The set executor keeps no origins: no proof will ask for them.
  const bool origins = !parts.base || parts.base->sets() == nullptr;
  auto table = media::read_csv({path.string(), path.filename().string(), options, r.name, r.types, origins},
                               parts.language.symbols);
  if (!table) return table.error();
  if (parts.base) return parts.base->add(relation, *table);
  parts.tables.emplace_back(relation, std::move(*table));
  return {};
}

Error no_relation(const std::string& name, const std::string& file, const std::string& option) {
  return Error{"unknown-relation",
               {file, 0, 0, 1},
               option + ": there is no relation `" + name + "`",
               "use a name that the program declares",
               ""};
}

}  // namespace

Result<FactTable> read_table(const Program::Parts& parts, Symbols& symbols, const std::string& relation,
                             const std::string& file, const std::string& option) {
  const lang::RelationId id = parts.language.find(relation);
  if (id == lang::kNone) return no_relation(relation, file, option);
  const plan::PlanRelation& r = parts.plan.relations[id];
  return media::read_csv({file, fs::path(file).filename().string(), {}, r.name, r.types, true}, symbols);
}

Status load_tables(Program::Parts& parts, const Sources& sources) {
  for (lang::RelationId r = 0; r < parts.language.relations.size(); ++r) {
    for (const lang::FileInput& file : parts.language.relations[r].files) {
      // As written it is relative to the program's folder, else to the working directory.
      fs::path path = fs::path(file.place.file).parent_path() / file.path;
      std::error_code failed;
      if (!fs::exists(path, failed)) path = file.path;
      const bool there = fs::exists(path, failed);
      if (!there && !sources.tables_may_be_missing)
        return Error{"no-table", file.place, "there is no file " + file.path,
                     "give a path relative to the program or to the working directory", ""};
      if (!there) {
        parts.warnings.push_back(fmt::format("warning: the table {} is missing; what rests on `{}` is not checked\n",
                                             file.path, parts.language.relations[r].name));
      } else if (Status s = load(parts, r, path, options_of(parts, file)); !s.ok()) {
        return s;
      }
      const fs::path own = sources.site / "tables" / path.filename();
      if (sources.site.empty() || !fs::exists(own, failed)) continue;
      if (Status s = load(parts, r, own, options_of(parts, file)); !s.ok()) return s;
    }
  }
  for (const auto& [name, file] : sources.facts) {
    const lang::RelationId r = parts.language.find(name);
    if (r == lang::kNone) return no_relation(name, file, "--facts");
    if (Status s = load(parts, r, file, {}); !s.ok()) return s;
  }
  return {};
}

}  // namespace tenfold::answer
