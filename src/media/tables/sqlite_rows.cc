// SQLite, by a query that may read and nothing else. A value has a storage class of its own
// (sqlite.org/datatype3.html), whatever its column says.
#include <sqlite3.h>

#include <algorithm>

#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

constexpr int kMaxValue = 64 << 20;  // bytes of a row or a text

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

/// Reading is allowed: no attached file, no pragma, no extension, whatever a view of a hostile file says.
int reading_alone(void*, int action, const char*, const char* what, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return what && std::string_view(what) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

class SqliteRows : public TableRows {
 public:
  SqliteRows(std::string name, Database database, Statement statement)
      : name_(std::move(name)), database_(std::move(database)), statement_(std::move(statement)) {
    for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i) {
      const char* title = sqlite3_column_name(statement_.get(), i);
      const char* type = sqlite3_column_decltype(statement_.get(), i);
      columns_.push_back({title ? title : "", type ? type : ""});
    }
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return row_; }

  Result<bool> next(std::span<TableCell> cells) override {
    const int step = sqlite3_step(statement_.get());
    if (step == SQLITE_DONE) return false;
    if (step != SQLITE_ROW)
      return Error{"table-query", {name_}, sqlite3_errmsg(database_.get()), "check the query and the file", ""};
    ++row_;
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = cell(static_cast<int>(i));
    return true;
  }

 private:
  TableCell cell(int i) const {
    TableCell out;
    switch (sqlite3_column_type(statement_.get(), i)) {
      case SQLITE_INTEGER:
        out.kind = Kind::integer;
        out.integer = sqlite3_column_int64(statement_.get(), i);
        break;
      case SQLITE_FLOAT:
        out.kind = Kind::real;
        out.real = sqlite3_column_double(statement_.get(), i);
        break;
      case SQLITE_TEXT: {
        out.kind = Kind::text;
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), i));
        out.text = {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), i))};
        break;
      }
      case SQLITE_BLOB:
        out.kind = Kind::other;
        break;
      default:
        break;
    }
    return out;
  }

  std::string name_;
  Database database_;
  Statement statement_;
  std::vector<TableColumn> columns_;
  std::uint64_t row_ = 0;
};

}  // namespace

Result<std::unique_ptr<TableRows>> open_sqlite(const TableSource& source) {
  sqlite3* opened = nullptr;
  const int failed = sqlite3_open_v2(source.path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  Database database(opened);
  if (failed != SQLITE_OK)
    return Error{"cannot-read",
                 {source.name},
                 "cannot be opened as a SQLite database: " + std::string(opened ? sqlite3_errmsg(opened) : "no memory"),
                 "check that it exists and may be read",
                 ""};
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, kMaxValue);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout(opened, 10'000);
  sqlite3_set_authorizer(opened, reading_alone, nullptr);
  if (source.query.empty())
    return Error{"table-query",
                 {source.name},
                 "a database has tables of its own",
                 "say which rows: sql=\"SELECT … FROM …\"",
                 ""};
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int code =
      sqlite3_prepare_v2(opened, source.query.c_str(), static_cast<int>(source.query.size()) + 1, &prepared, &rest);
  Statement statement(prepared);
  if (code != SQLITE_OK)
    return Error{"table-query",
                 {source.name},
                 code == SQLITE_AUTH ? "a query may read and nothing else" : std::string(sqlite3_errmsg(opened)),
                 "write one SELECT",
                 ""};
  const std::string_view left = rest;
  if (!statement || left.find_first_not_of(" \t\r\n;") != std::string_view::npos ||
      sqlite3_column_count(prepared) == 0 || sqlite3_bind_parameter_count(prepared) != 0)
    return Error{"table-query", {source.name}, "this is no single query without parameters", "write one SELECT", ""};
  return std::unique_ptr<TableRows>(
      std::make_unique<SqliteRows>(source.name, std::move(database), std::move(statement)));
}

}  // namespace tenfold::media
