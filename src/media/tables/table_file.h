// One relation's facts from a table: CSV, JSON Lines, Parquet, SQLite, PostgreSQL, or the result of a query on one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/csv.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {

/// By the name's ending (.csv, .tsv, .RRF and a release file of SNOMED CT; .jsonl and .ndjson, also .gz; .parquet;
/// .db, .sqlite, .sqlite3) or an address that begins with postgresql:// or postgres://.
TableFormat table_format(std::string_view path);

struct TableInput {
  CsvInput file;  // its options beyond `fields` are those of CSV
  std::string query = {};
  /// The relation's columns as declared; they choose columns of a table that has names, unless `fields` does.
  std::vector<std::string> columns = {};
  bool skip_nulls = false;  // leave out a row in which a value is missing; else that is an error
};

/// Reads all facts of a table. CSV without a query is read by read_csv(). Elsewhere a cell is read as the column's type
/// if that loses nothing: a number with a fraction is no integer, a number is no text unless it is an integer, and text
/// is read as in CSV. Decimal fractions are rounded to the nearest float. Each fact's origin is "name:row", where row
/// is the line in a file of lines, else the row's number in the table or the query's result; from 1.
/// `left_out`: how many rows skip_nulls left out.
/// Errors: those of read_csv() and table_rows.h; table-cell, table-null, table-columns, each with file, row and column.
Result<FactTable> read_table(const TableInput& input, Symbols& symbols, std::uint64_t* left_out = nullptr);

}  // namespace tenfold::media
