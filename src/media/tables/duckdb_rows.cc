// The module libtenfold_duckdb.so: Parquet, CSV and JSON Lines by SQL.
//
// DuckDB reads the one file and nothing else, on one thread, so that sums of floats do not depend on the machine. A
// column reaches us as one of four types: what is no small integer, float or boolean is written as text by DuckDB.
#include <array>
#include <cstring>
#include <exception>
#include <optional>

#include "media/tables/duckdb_api.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

/// The statement without what may end it.
std::string_view without_end(std::string_view query) {
  while (!query.empty() && std::string_view(" \t\r\n;").find(query.back()) != std::string_view::npos)
    query.remove_suffix(1);
  return query;
}

/// DuckDB's message without its class ("Binder Error: ") and without the lines that draw the place.
std::string first_line(const char* message) {
  const std::string_view text = message ? message : "";
  return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

Kind kind_of(std::string_view type) {
  for (const std::string_view each : {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
    if (type == each) return Kind::integer;
  for (const std::string_view each : {"UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM"})
    if (type == each) return Kind::number;
  if (type.ends_with(']')) return Kind::other;
  if (type.starts_with("DECIMAL(")) return Kind::number;
  if (type == "FLOAT" || type == "DOUBLE") return Kind::real;
  if (type == "BOOLEAN") return Kind::boolean;
  if (type == "DATE" || type.starts_with("TIMESTAMP")) return Kind::time;
  if (type == "VARCHAR" || type == "UUID" || type.starts_with("ENUM(")) return Kind::text;
  return Kind::other;
}

/// In this order they are let go.
class DuckDb {
 public:
  DuckDb() = default;
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;
  ~DuckDb() {
    duckdb_destroy_result(&result_);
    duckdb_destroy_prepare(&prepared_);
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }

  /// An empty database in memory that may read `path` alone.
  std::optional<std::string> open(const TableSource& source) {
    duckdb_config config = nullptr;
    if (duckdb_create_config(&config) != 0) return "no memory";
    const std::string memory = std::to_string(source.memory_bytes >> 20) + "MiB";
    const std::array<std::pair<const char*, const char*>, 7> settings = {{
        {"threads", "1"},
        {"memory_limit", memory.c_str()},
        {"temp_directory", ""},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
    }};
    for (const auto& [name, value] : settings)
      if (duckdb_set_config(config, name, value) != 0) {
        duckdb_destroy_config(&config);
        return std::string("this library has no setting ") + name;
      }
    char* why = nullptr;
    const int failed = duckdb_open_ext(nullptr, &database_, config, &why);
    duckdb_destroy_config(&config);
    std::string message = first_line(why);
    duckdb_free(why);
    if (failed || duckdb_connect(database_, &connection_) != 0) return message;
    for (const std::string& statement :
         {std::string("SET TimeZone = 'UTC'"), "SET allowed_paths = [" + quoted(source.path, '\'') + "]",
          std::string("SET enable_external_access = false"), std::string("SET lock_configuration = true")})
      if (auto refused = execute(statement)) return refused;
    return std::nullopt;
  }

  std::optional<std::string> execute(const std::string& statement) {
    duckdb_result result{};
    std::optional<std::string> refused;
    if (duckdb_query(connection_, statement.c_str(), &result) != 0) refused = first_line(duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return refused;
  }

  /// Whether it is one SELECT without parameters; else what is wrong with it.
  std::optional<std::string> check(const std::string& query) {
    duckdb_statements statements = nullptr;
    const std::uint64_t count = duckdb_extract_statements(connection_, query.c_str(), &statements);
    std::optional<std::string> refused;
    if (count == 0) refused = first_line(duckdb_extract_statements_error(statements));
    if (count > 1) refused = "there is more than one statement";
    duckdb_prepared prepared = nullptr;
    if (count == 1) {
      if (duckdb_prepare_extracted_statement(connection_, statements, 0, &prepared) != 0)
        refused = first_line(duckdb_prepare_error(prepared));
      else if (duckdb_prepared_statement_type(prepared) != kDuckdbSelect || duckdb_nparams(prepared) != 0)
        refused = "this is no SELECT without parameters";
    }
    duckdb_destroy_prepare(&prepared);
    duckdb_destroy_extracted(&statements);
    if (refused && refused->empty()) refused = "there is no statement";
    return refused;
  }

  /// Begins to run a query whose rows next() gives.
  std::optional<std::string> run(const std::string& query) {
    duckdb_destroy_result(&result_);
    duckdb_destroy_prepare(&prepared_);
    result_ = {};
    prepared_ = nullptr;
    if (duckdb_prepare(connection_, query.c_str(), &prepared_) != 0) return first_line(duckdb_prepare_error(prepared_));
    duckdb_pending pending = nullptr;
    std::optional<std::string> refused;
    if (duckdb_pending_prepared_streaming(prepared_, &pending) != 0)
      refused = first_line(duckdb_pending_error(pending));
    else if (duckdb_execute_pending(pending, &result_) != 0)
      refused = first_line(duckdb_result_error(&result_));
    duckdb_destroy_pending(&pending);
    return refused;
  }

  duckdb_chunk next() { return duckdb_fetch_chunk(result_); }
  const char* error() { return duckdb_result_error(&result_); }

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  duckdb_prepared prepared_ = nullptr;
  duckdb_result result_{};
};

bool present(duckdb_vector vector, std::uint64_t row) {
  const std::uint64_t* bits = duckdb_vector_get_validity(vector);
  return bits == nullptr || (bits[row / 64] >> (row % 64) & 1);
}

std::string_view text_at(duckdb_vector vector, std::uint64_t row) {
  const duckdb_text& text = static_cast<const duckdb_text*>(duckdb_vector_get_data(vector))[row];
  return {text.length <= 12 ? reinterpret_cast<const char*>(&text) + sizeof(text.length) : text.bytes, text.length};
}

class DuckDbRows : public TableRows {
 public:
  explicit DuckDbRows(const TableSource& source) : name_(source.name) {}
  ~DuckDbRows() override { duckdb_destroy_data_chunk(&chunk_); }
  DuckDbRows(const DuckDbRows&) = delete;
  DuckDbRows& operator=(const DuckDbRows&) = delete;

  Status open(const TableSource& source) {
    if (auto refused = duckdb_.open(source))
      return Error{"cannot-read", {name_}, "DuckDB does not start: " + *refused, "install tenfold again", ""};
    // The view's columns are found now, so that damage is named as such and not as a fault of the query.
    if (auto refused = duckdb_.execute("CREATE VIEW data AS SELECT * FROM " + reader(source)))
      return Error{"cannot-read", {name_}, *refused, "check that the file is whole", ""};
    std::string query(without_end(source.query));
    if (query.empty()) query = "SELECT " + chosen(source) + " FROM data";
    if (auto refused = duckdb_.check(query)) return refused_query(*refused, source);
    // A line break, for the query may end in a comment.
    if (auto refused = duckdb_.run("SELECT column_name, column_type FROM (DESCRIBE " + query + "\n)"))
      return refused_query(*refused, source);
    if (Status status = read_columns(); !status) return status;
    std::string columns, names;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string column = "c" + std::to_string(i);
      const Kind kind = kind_of(columns_[i].type);
      kinds_.push_back(kind);
      const char* type = kind == Kind::integer   ? "BIGINT"
                         : kind == Kind::real    ? "DOUBLE"
                         : kind == Kind::boolean ? "BOOLEAN"
                                                 : "VARCHAR";
      columns += (i ? ", " : "") + ("CAST(" + column + " AS " + type + ")");
      names += (i ? ", " : "") + column;
    }
    if (auto refused = duckdb_.run("SELECT " + columns + " FROM (" + query + "\n) AS rows_of_query(" + names + ")"))
      return refused_query(*refused, source);
    return {};
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return row_; }

  Result<bool> next(std::span<TableCell> cells) override {
    while (at_ == size_) {
      if (Status status = next_chunk(); !status) return status.error();
      if (!chunk_) return false;
    }
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = cell(vectors_[i], kinds_[i]);
    ++at_;
    ++row_;
    return true;
  }

 private:
  static std::string reader(const TableSource& source) {
    const std::string path = quoted(source.path, '\'');
    if (source.format == TableFormat::parquet) return "read_parquet(" + path + ")";
    if (source.format == TableFormat::json_lines) return "read_json(" + path + ", format = 'newline_delimited')";
    return "read_csv(" + path + ", delim = " + quoted(std::string(1, source.delimiter), '\'') +
           ", header = " + (source.header ? "true" : "false") + ", quote = '\"', escape = '\"', null_padding = false)";
  }

  static std::string chosen(const TableSource& source) {
    std::string out;
    for (const std::string& column : source.columns) out += (out.empty() ? "" : ", ") + quoted(column, '"');
    return out.empty() ? "*" : out;
  }

  Error refused_query(const std::string& why, const TableSource& source) const {
    return {source.query.empty() ? "table-columns" : "table-query",
            {name_},
            why,
            source.query.empty() ? "choose columns that the file has: fields=[\"…\"]"
                                 : "write one SELECT; the file is the table `data`, and nothing else can be read",
            ""};
  }

  Status read_columns() {
    while (true) {
      if (Status status = next_chunk(); !status) return status;
      if (!chunk_) return {};
      for (; at_ < size_; ++at_)
        columns_.push_back({std::string(text_at(vectors_[0], at_)), std::string(text_at(vectors_[1], at_))});
    }
  }

  Status next_chunk() {
    duckdb_destroy_data_chunk(&chunk_);
    chunk_ = duckdb_.next();
    at_ = size_ = 0;
    vectors_.clear();
    if (!chunk_) {
      const char* why = duckdb_.error();
      if (why && *why)
        return Error{
            "cannot-read", {name_, 0, 0, 1}, first_line(why), "check that the file is whole, and the query", ""};
      return {};
    }
    size_ = duckdb_data_chunk_get_size(chunk_);
    for (std::uint64_t i = 0; i < duckdb_data_chunk_get_column_count(chunk_); ++i)
      vectors_.push_back(duckdb_data_chunk_get_vector(chunk_, i));
    return {};
  }

  TableCell cell(duckdb_vector vector, Kind kind) const {
    TableCell out;
    if (!present(vector, at_)) return out;
    out.kind = kind;
    const void* data = duckdb_vector_get_data(vector);
    if (kind == Kind::integer)
      out.integer = static_cast<const std::int64_t*>(data)[at_];
    else if (kind == Kind::boolean)
      out.integer = static_cast<const std::uint8_t*>(data)[at_] != 0 ? 1 : 0;
    else if (kind == Kind::real)
      out.real = static_cast<const double*>(data)[at_];
    else
      out.text = text_at(vector, at_);
    return out;
  }

  std::string name_;
  DuckDb duckdb_;
  duckdb_chunk chunk_ = nullptr;
  std::vector<duckdb_vector> vectors_;
  std::uint64_t at_ = 0, size_ = 0, row_ = 0;
  std::vector<TableColumn> columns_;
  std::vector<Kind> kinds_;
};

}  // namespace
}  // namespace tenfold::media

extern "C" __attribute__((visibility("default"))) tenfold::media::TableRows* tenfold_open_table(
    const tenfold::media::TableSource& source, tenfold::Error& error) {
  auto rows = std::make_unique<tenfold::media::DuckDbRows>(source);
  if (const tenfold::Status status = rows->open(source); !status) {
    error = status.error();
    return nullptr;
  }
  return rows.release();
}
