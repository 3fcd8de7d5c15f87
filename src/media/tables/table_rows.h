// The rows of a table or of a query's result, one by one, wherever they come from; table_file.h makes facts of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "media/adapter.h"

namespace tenfold::media {

struct TableCell {
  enum class Kind : std::uint8_t {
    null,
    integer,
    real,
    boolean,
    number,  // an exact decimal, or an integer beyond 64 bits
    text,
    time,
    other  // a list, a structure, bytes: no value of a column
  };
  Kind kind = Kind::null;
  std::int64_t integer = 0;  // of integer and boolean
  double real = 0.0;
  std::string_view text;  // of number, text and time; of other as far as the source can write it
};

struct TableColumn {
  std::string name;
  std::string type;  // as the source calls it: "DECIMAL(18,2)", "int8"; empty where it has none
};

/// Not thread-safe.
class TableRows {
 public:
  virtual ~TableRows() = default;
  virtual std::span<const TableColumn> columns() const = 0;
  /// The next row into as many cells as there are columns, valid until the next call; false at the end.
  virtual Result<bool> next(std::span<TableCell> cells) = 0;
  /// Of the row read last: its line in a file of lines, else its number; from 1.
  virtual std::uint64_t row() const = 0;
};

enum class TableFormat : std::uint8_t { unknown, csv, json_lines, parquet, sqlite, postgres };

/// What is to be read. Never written to, and nothing else is opened.
struct TableSource {
  std::string path;   // a file, or the address of a database server
  std::string name;   // as messages call it
  std::string query;  // SQL; empty: the whole table
  /// Columns by name, in this order; empty: all, in the table's order. Requires no query.
  std::vector<std::string> columns;
  bool header = false;  // of CSV, as CsvOptions has it
  char delimiter = ',';
  TableFormat format = TableFormat::csv;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // that a query may take
};

// One function a format. Errors: cannot-read, table-query (the SQL is refused), table-columns (a name that is not
// there), no-module, and what a reader says of damage.
/// CSV by position, whatever its columns are called: the header of a file that has one is a row.
Result<std::unique_ptr<TableRows>> open_csv(const TableSource& source);
Result<std::unique_ptr<TableRows>> open_json_lines(const TableSource& source);
Result<std::unique_ptr<TableRows>> open_sqlite(const TableSource& source);
Result<std::unique_ptr<TableRows>> open_postgres(const TableSource& source);
Result<std::unique_ptr<TableRows>> open_duckdb(const TableSource& source);  // Parquet, CSV and JSON Lines by SQL

/// The names of all members of the objects of a file, in the order in which they first come; at most `limit`, else the
/// error "too-many-columns". Other errors: those of open_json_lines.
Result<std::vector<std::string>> json_lines_members(const TableSource& source, std::size_t limit);

/// What a module exports as "tenfold_open_table". Null and an error where it fails.
using OpenTable = TableRows* (*)(const TableSource& source, Error& error);

/// The error without what a hostile file may put into a library's message or a column's name: control characters, which
/// a terminal would obey, and bytes that are no UTF-8 become '?'.
Error printable(Error error);

/// "a, b and 3 more", for messages.
std::string column_names(std::span<const TableColumn> columns);

}  // namespace tenfold::media
