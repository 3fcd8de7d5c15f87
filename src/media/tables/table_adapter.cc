// The adapter `table`: what columns a table has, and of which types all their cells are, so that its relation can be
// declared; and its first rows. What `@file` then reads is in table_file.h.
#include <time.h>

#include <algorithm>
#include <charconv>

#include "media/adapter.h"
#include "media/tables/table_rows.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

/// In the order of table_adapter's relations.
enum class Relation : std::uint8_t { column, row_count, sample_cell };

constexpr std::uint64_t kSampleRows = 10;
constexpr std::size_t kSampleBytes = 200;  // of a cell that is shown
constexpr std::size_t kMostColumns = 1000, kMostTables = 1000;
constexpr std::uint64_t kRowsBetweenLooks = 4096;  // at the clock

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The narrowest type that reads every cell met so far. Empty: none does.
class Inferred {
 public:
  void add(const TableCell& cell, std::string_view source_type) {
    const std::string_view type = type_of(cell, source_type);
    if (!met_)
      type_ = type;
    else if (type_ != type)
      type_ = joined(type_, type, cell.kind == Kind::text);
    met_ = true;
  }
  std::string_view type() const { return met_ ? type_ : "String"; }

 private:
  static std::string_view number_type(std::string_view text, std::string_view decimal) {
    std::int64_t small = 0;
    std::uint64_t large = 0;
    const char *begin = text.data(), *end = begin + text.size();
    if (const auto [at, failed] = std::from_chars(begin, end, small); failed == std::errc{} && at == end) return "i64";
    if (const auto [at, failed] = std::from_chars(begin, end, large); failed == std::errc{} && at == end) return "u64";
    double real = 0;
    if (const auto [at, failed] = std::from_chars(begin, end, real); failed == std::errc{} && at == end) return decimal;
    return "";
  }

  /// A number with leading zeros is a code, and so is what only looks like a date.
  static std::string_view text_type(std::string_view text) {
    if (text == "true" || text == "false") return "bool";
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    const bool digit = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
    if (digit && !(digits.size() > 1 && digits[0] == '0' && digits[1] != '.')) {
      const std::string_view type = number_type(text, "f64");
      if (!type.empty()) return type;
    }
    const bool date = text.size() >= 10 && text[4] == '-' && text[7] == '-';
    return date && parse_datetime(text) ? "DateTime" : "String";
  }

  static std::string_view type_of(const TableCell& cell, std::string_view source_type) {
    switch (cell.kind) {
      case Kind::integer:
        return "i64";
      case Kind::real:
        return "f64";
      case Kind::boolean:
        return "bool";
      case Kind::number: {
        const bool exact = source_type.starts_with("DECIMAL") || source_type == "numeric";
        if (source_type == "UBIGINT") return "u64";
        const std::string_view type = number_type(cell.text, exact ? "Rational" : "f64");
        return exact && type != "" ? "Rational" : type;
      }
      case Kind::text:
        return source_type.empty() ? text_type(cell.text) : "String";
      case Kind::time:
        return "DateTime";
      case Kind::null:
      case Kind::other:
        break;
    }
    return "";
  }

  static std::string_view joined(std::string_view a, std::string_view b, bool text) {
    const auto number = [](std::string_view type) { return type == "i64" || type == "u64" || type == "f64"; };
    if (number(a) && number(b)) return a == "f64" || b == "f64" ? "f64" : "i128";
    if (a == "i128" && number(b)) return b == "f64" ? "f64" : "i128";
    if (a.empty() || b.empty()) return "";
    return text || a == "String" ? "String" : "";
  }

  std::string_view type_ = "";
  bool met_ = false;
};

struct Column {
  std::string name, source;
  Inferred type;
  std::uint64_t nulls = 0;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::uint64_t rows = 0;
  std::vector<std::vector<std::string>> sample;  // rows of texts
};

std::string shown(const TableCell& cell) {
  switch (cell.kind) {
    case Kind::integer:
      return std::to_string(cell.integer);
    case Kind::real:
      return number_text(cell.real);
    case Kind::boolean:
      return cell.integer != 0 ? "true" : "false";
    case Kind::number:
    case Kind::text:
    case Kind::time:
    case Kind::other: {
      std::string_view text = cell.text;
      if (text.size() <= kSampleBytes && valid_utf8(text)) return std::string(text);
      while (text.size() > kSampleBytes || (!text.empty() && !valid_utf8(text))) text.remove_suffix(1);
      return std::string(text) + "…";
    }
    case Kind::null:
      break;
  }
  return "";
}

class TableMedium : public Medium {
 public:
  TableMedium(TableSource source, const Limits& limits) : source_(std::move(source)), limits_(limits) {}

  /// Opens what needs a module, so that a process that may load nothing later has it.
  Status open() {
    if (source_.format != TableFormat::parquet) return {};
    auto rows = open_duckdb(source_);
    if (!rows) return rows.error();
    opened_ = std::move(*rows);
    return {};
  }

  Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) override {
    if (!part.whole())
      return Error{"no-part", {source_.name}, "a table has no such part", "ask about the whole file", ""};
    if (!scanned_) {
      const double begin = cpu_seconds();
      deadline_ = begin + limits_.seconds;
      const Status status = scan_all();
      seconds_ += cpu_seconds() - begin;
      if (!status) return tables_.clear(), printable(status.error());
      scanned_ = true;
    }
    std::vector<MediaFact> facts;
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    for (const Table& table : tables_) {
      if (relation == static_cast<std::size_t>(Relation::row_count))
        facts.push_back({{table.name, number(table.rows)}, source_.path});
      if (relation == static_cast<std::size_t>(Relation::column))
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
          const Column& column = table.columns[i];
          facts.push_back({{table.name, number(i + 1), column.name, std::string(column.type.type()), column.source,
                            number(column.nulls)},
                           source_.path});
        }
      if (relation == static_cast<std::size_t>(Relation::sample_cell))
        for (std::size_t row = 0; row < table.sample.size(); ++row)
          for (std::size_t i = 0; i < table.columns.size(); ++i)
            facts.push_back({{table.name, number(row + 1), number(i + 1), table.sample[row][i]}, source_.path});
    }
    return facts;
  }

  MediaWork work() const override {
    std::uint64_t rows = 0;
    for (const Table& table : tables_) rows += table.rows;
    return {"row", rows, rows, seconds_};
  }

 private:
  Status scan_all() {
    if (source_.format == TableFormat::csv) return scan_csv();
    if (source_.format == TableFormat::sqlite) return scan_sqlite();
    TableSource source = source_;
    if (source.format == TableFormat::json_lines) {
      auto names = json_lines_members(source, kMostColumns);
      if (!names) return names.error();
      source.columns = std::move(*names);
      if (source.columns.empty())
        return Error{"empty-file", {source_.name}, "has no object with members", "give one object a line", ""};
    }
    auto rows = source.format == TableFormat::json_lines ? open_json_lines(source)
                : opened_                                ? std::move(opened_)
                                                         : open_duckdb(source);
    return rows ? scan("data", **rows) : rows.error();
  }

  Status scan_sqlite() {
    TableSource source = source_;
    source.query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    auto listed = open_sqlite(source);
    if (!listed) return listed.error();
    std::vector<std::string> names;
    TableCell name;
    while (true) {
      const Result<bool> more = (*listed)->next({&name, 1});
      if (!more) return more.error();
      if (!*more) break;
      names.emplace_back(name.text);
      if (names.size() > kMostTables)
        return Error{"too-many-tables", {source_.name}, "has more than 1000 tables", "read one by a query", ""};
    }
    for (const std::string& each : names) {
      std::string quoted;
      for (const char c : each) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
      source.query = "SELECT * FROM \"" + quoted + "\"";
      auto rows = open_sqlite(source);
      if (!rows) return rows.error();
      if (Status status = scan(each, **rows); !status) return status;
    }
    return {};
  }

  /// The delimiter is what the first record has most of. The first record is a header if its cells are all different
  /// texts, none of them empty, a number, a date or a truth value.
  Status scan_csv() {
    std::size_t most = 0;
    for (const char delimiter : {',', '\t', ';', '|'}) {
      TableSource source = source_;
      source.delimiter = delimiter;
      const auto rows = open_csv(source);
      if (!rows && rows.error().code == "csv-quote") continue;  // this is not the delimiter
      if (!rows) return rows.error();
      if ((*rows)->columns().size() <= most) continue;
      most = (*rows)->columns().size();
      source_.delimiter = delimiter;
    }
    auto rows = open_csv(source_);
    if (!rows) return rows.error();
    std::vector<TableCell> first((*rows)->columns().size());
    if (const Result<bool> more = (*rows)->next(first); !more) return more.error();
    std::vector<std::string> names;
    for (const TableCell& cell : first) {
      Inferred type;
      type.add(cell, "");
      const bool title =
          type.type() == "String" && !cell.text.empty() && std::ranges::find(names, cell.text) == names.end();
      if (title) names.emplace_back(cell.text);
    }
    if (names.size() < first.size()) {
      rows = open_csv(source_);
      if (!rows) return rows.error();
      names.clear();
    }
    return scan("data", **rows, names);
  }

  Status scan(const std::string& name, TableRows& rows, const std::vector<std::string>& names = {}) {
    Table table{name, {}, 0, {}};
    const auto columns = rows.columns();
    if (columns.size() > kMostColumns)
      return Error{"too-many-columns", {source_.name}, "has more than 1000 columns", "choose some by a query", ""};
    for (std::size_t i = 0; i < columns.size(); ++i)
      table.columns.push_back({names.empty() ? columns[i].name : names[i], columns[i].type, {}, 0});
    std::vector<TableCell> cells(columns.size());
    while (true) {
      const Result<bool> more = rows.next(cells);
      if (!more) return more.error();
      if (!*more) break;
      const bool sampled = table.rows++ < kSampleRows;
      if (sampled) table.sample.emplace_back();
      // SQLite's types are advice: a cell is what it is.
      const bool typed = source_.format != TableFormat::sqlite && source_.format != TableFormat::csv;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        Column& column = table.columns[i];
        const bool empty = cells[i].kind == Kind::null || (source_.format == TableFormat::csv && cells[i].text.empty());
        if (empty) ++column.nulls;
        // An empty cell of CSV is a text and no number.
        if (cells[i].kind != Kind::null)
          column.type.add(cells[i], source_.format == TableFormat::csv ? ""
                                    : typed && !column.source.empty()  ? column.source
                                                                       : "?");
        if (sampled) table.sample.back().push_back(shown(cells[i]));
      }
      if (table.rows % kRowsBetweenLooks == 0 && cpu_seconds() > deadline_)
        return Error{"too-slow",
                     {source_.name},
                     "reading took more than " + number_text(limits_.seconds) + " s of CPU time",
                     "allow more, or read a part by a query",
                     ""};
    }
    tables_.push_back(std::move(table));
    return {};
  }

  TableSource source_;
  const Limits limits_;
  std::unique_ptr<TableRows> opened_;  // until it is read
  std::vector<Table> tables_;
  bool scanned_ = false;
  double deadline_ = 0, seconds_ = 0;
};

Result<std::unique_ptr<Medium>> open(const std::string& path, std::string_view format, const Limits& limits) {
  TableSource source;
  source.path = path;
  source.name = path.substr(path.rfind('/') + 1);
  source.memory_bytes = limits.memory_bytes;
  source.format = format == "csv"       ? TableFormat::csv
                  : format == "json"    ? TableFormat::json_lines
                  : format == "parquet" ? TableFormat::parquet
                  : format == "sqlite"  ? TableFormat::sqlite
                                        : TableFormat::unknown;
  if (source.format == TableFormat::unknown)
    return Error{"unknown-format",
                 {source.name},
                 "this is no table that can be read",
                 "give CSV, JSON Lines, Parquet or SQLite",
                 ""};
  const auto beginning = read_beginning(path, 1);
  if (!beginning) return beginning.error();
  if (beginning->file_size > limits.file_bytes)
    return Error{"file-too-large",
                 {source.name},
                 "has more than " + std::to_string(limits.file_bytes) + " bytes",
                 "allow more, or split it",
                 ""};
  auto medium = std::make_unique<TableMedium>(std::move(source), limits);
  if (Status status = medium->open(); !status) return printable(status.error());
  return std::unique_ptr<Medium>(std::move(medium));
}

}  // namespace

Adapter table_adapter() {
  using Columns = std::vector<FactSchema::Column>;
  const FactSchema::Column key{"key", Type::string}, table{"table", Type::string};
  const Columns column = {key,
                          table,
                          {"n", Type::u32},
                          {"name", Type::string},
                          {"value_type", Type::string},
                          {"source_type", Type::string},
                          {"nulls", Type::u64}};
  const Columns sample = {key, table, {"row", Type::u64}, {"n", Type::u32}, {"value", Type::string}};
  return {
      "table",
      "Columns with their types, and the first rows, of CSV, JSON Lines, Parquet and SQLite.",
      {"csv", "json", "parquet", "sqlite"},
      {{"column", column,
        "Column n (from 1) of a table (a file's own is \"data\"); the narrowest type that reads every cell, \"\" if "
        "none does; the type that the file states; how many cells hold no value (CSV: are empty)."},
       {"row_count", {key, table, {"rows", Type::u64}}, "How many rows, a header not counted."},
       {"sample_cell", sample, "The cells of the first 10 rows, as text, at most 200 bytes of each."}},
      open};
}

}  // namespace tenfold::media
