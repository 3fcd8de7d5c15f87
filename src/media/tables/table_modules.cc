// What reads tables by a library that not every build has: modules, opened when the first table needs them.
#include "base/shared_module.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

Result<std::unique_ptr<TableRows>> open_by(const Result<void*>& module, const TableSource& source, const char* hint) {
  if (!module) {
    Error error = module.error();
    error.place.file = source.name;
    error.hint = hint;
    return error;
  }
  Error error;
  std::unique_ptr<TableRows> rows(reinterpret_cast<OpenTable>(*module)(source, error));
  if (!rows) return error;
  return rows;
}

}  // namespace

Result<std::unique_ptr<TableRows>> open_duckdb(const TableSource& source) {
  static const Result<void*> module = open_shared_module("libtenfold_duckdb.so", "tenfold_open_table");
  return open_by(module, source, "build with -DTENFOLD_DUCKDB=ON after scripts/setup, or give the table as CSV");
}

Result<std::unique_ptr<TableRows>> open_postgres(const TableSource& source) {
  static const Result<void*> module = open_shared_module("libtenfold_postgres.so", "tenfold_open_table");
  return open_by(module, source, "build with -DTENFOLD_POSTGRES=ON, or give the table as CSV");
}

}  // namespace tenfold::media
