#include "answer/tables.h"

#include <fmt/format.h>

#include "media/tables/table_file.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

/// How messages and origins call a table: a file by its name, a server by its address.
std::string name_of(const fs::path& path) {
  return media::table_format(path.string()) == media::TableFormat::postgres ? path.string() : path.filename().string();
}

media::TableInput input_of(const Program::Parts& parts, lang::RelationId relation, const std::string& path,
                           const lang::FileInput& file) {
  const plan::PlanRelation& r = parts.plan.relations[relation];
  media::TableInput input;
  input.file = {path, name_of(path), {}, r.name, r.types, true};
  input.file.options = {file.header, file.delimiter, file.has_probability,
                        file.keys,   file.fields,    provenance::takes_numbers(parts.engine.provenance)};
  input.query = file.query;
  input.skip_nulls = file.skip_nulls;
  if (relation < parts.language.relations.size())
    for (const lang::Column& column : parts.language.relations[relation].columns) input.columns.push_back(column.name);
  return input;
}

Status load(Program::Parts& parts, lang::RelationId relation, const std::string& path, const lang::FileInput& file) {
  media::TableInput input = input_of(parts, relation, path, file);
  // The set executor keeps no origins: no proof will ask for them.
  input.file.origins = !parts.base || parts.base->sets() == nullptr;
  std::uint64_t left_out = 0;
  auto table = media::read_table(input, parts.language.symbols, &left_out);
  if (!table) return table.error();
  if (left_out > 0)
    parts.warnings.push_back(fmt::format("warning: {}: {} {} left out of `{}`, because a value is missing\n",
                                         input.file.name, left_out, left_out == 1 ? "row" : "rows",
                                         input.file.relation));
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
  return media::read_table(input_of(parts, id, file, {}), symbols);
}

Status load_tables(Program::Parts& parts, const Sources& sources) {
  for (lang::RelationId r = 0; r < parts.language.relations.size(); ++r) {
    for (const lang::FileInput& file : parts.language.relations[r].files) {
      if (media::table_format(file.path) == media::TableFormat::postgres) {
        if (Status s = load(parts, r, file.path, file); !s.ok()) return s;
        continue;
      }
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
      } else if (Status s = load(parts, r, path.string(), file); !s.ok()) {
        return s;
      }
      const fs::path own = sources.site / "tables" / path.filename();
      if (sources.site.empty() || !fs::exists(own, failed)) continue;
      if (Status s = load(parts, r, own.string(), file); !s.ok()) return s;
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
