#include "media/tables/table_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "media/tables/table_layout.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

constexpr std::size_t kMaxText = 1 << 20;  // bytes of a cell, as kMaxCsvCell

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_whole(double value) { return std::abs(value) <= 9007199254740992.0 && value == std::trunc(value); }

/// A decimal such as 12.00 or 1e3 that a file wrote for an integer.
std::optional<std::int64_t> whole_number(std::string_view text) {
  double value = 0.0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || !is_whole(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<Cell> cell_of(const TableCell& cell, Type type, Symbols& symbols) {
  const bool number = is_integer(type) || is_float(type) || type == Type::rational;
  switch (cell.kind) {
    case Kind::integer:
      if (is_integer(type) && type != Type::i128 && type != Type::u128 && !is_unsigned(type))
        return fit(cell.integer, type);
      if (type == Type::boolean)
        return cell.integer == 0 || cell.integer == 1 ? std::optional<Cell>(cell.integer) : std::nullopt;
      if (!number && !is_text(type) && type != Type::datetime) return std::nullopt;
      return parse_plain(std::to_string(cell.integer), type, symbols);
    case Kind::real:
      if (is_float(type)) return fit(cell.real, type);
      if (is_integer(type) && is_whole(cell.real))
        return parse_plain(std::to_string(static_cast<std::int64_t>(cell.real)), type, symbols);
      return type == Type::rational && std::isfinite(cell.real) ? parse_plain(number_text(cell.real), type, symbols)
                                                                : std::nullopt;
    case Kind::number:
      if (!number) return std::nullopt;
      if (is_integer(type) && cell.text.find_first_of(".eE") != std::string_view::npos) {
        const auto whole = whole_number(cell.text);
        return whole ? parse_plain(std::to_string(*whole), type, symbols) : std::nullopt;
      }
      return parse_plain(cell.text, type, symbols);
    case Kind::boolean:
      return type == Type::boolean ? std::optional<Cell>(cell.integer != 0 ? 1 : 0) : std::nullopt;
    case Kind::text:
      if (cell.text.size() > kMaxText) return std::nullopt;
      return parse_plain(is_text(type) || type == Type::character ? cell.text : trimmed(cell.text), type, symbols);
    case Kind::time:
      return type == Type::datetime ? parse_plain(cell.text, type, symbols) : std::nullopt;
    case Kind::null:
    case Kind::other:
      break;
  }
  return std::nullopt;
}

std::string shown(const TableCell& cell) {
  constexpr std::size_t kShown = 40;
  const auto ticked = [](std::string_view text) {
    const std::size_t cut = scalar_offset(text, kShown);
    return cut >= text.size() ? "`" + std::string(text) + "`" : "`" + std::string(text.substr(0, cut)) + "…`";
  };
  switch (cell.kind) {
    case Kind::null:
      return "a missing value";
    case Kind::integer:
      return "the number `" + std::to_string(cell.integer) + "`";
    case Kind::real:
      return "the number `" + (std::isfinite(cell.real) ? number_text(cell.real) : "NaN or infinity") + "`";
    case Kind::boolean:
      return cell.integer != 0 ? "`true`" : "`false`";
    case Kind::number:
      return "the number " + ticked(cell.text);
    case Kind::text:
      return cell.text.size() > kMaxText ? "a text of more than 1 MiB" : "the text " + ticked(cell.text);
    case Kind::time:
      return "the time " + ticked(cell.text);
    case Kind::other:
      return "a list, a structure or bytes";
  }
  return {};
}

std::string advice(const TableCell& cell, Type type) {
  if (cell.kind == Kind::other) return "choose a part of it by a query";
  if (is_text(type)) return "declare the column as its values are, or write CAST(… AS VARCHAR) in a query";
  if (is_integer(type)) return "declare the column as f64 or Rational, or round it in a query";
  return "declare the column with another type, or convert it in a query";
}

/// Rows into facts.
class Reader {
 public:
  Reader(const TableInput& input, Symbols& symbols) : input_(input), csv_(input.file), symbols_(symbols) {
    facts_.relation = csv_.relation;
    facts_.types = csv_.types;
  }

  Result<FactTable> read(TableRows& rows, std::uint64_t* left_out) {
    columns_ = rows.columns();
    const std::size_t skip = csv_.options.has_probability ? 1 : 0;
    if (columns_.size() != csv_.types.size() + skip)
      return Error{"table-columns",
                   {csv_.name},
                   "`" + csv_.relation + "` has " + std::to_string(csv_.types.size()) +
                       (csv_.types.size() == 1 ? " column" : " columns") + (skip ? " and a probability" : "") +
                       ", and there are " + std::to_string(columns_.size()) + ": " + column_names(columns_),
                   "choose them: fields=[\"…\"], or a query",
                   ""};
    std::vector<TableCell> cells(columns_.size());
    std::vector<Cell> row(csv_.types.size());
    while (true) {
      const Result<bool> more = rows.next(cells);
      if (!more) return more.error();
      if (!*more) break;
      row_ = rows.row();
      const auto null = std::ranges::find(cells, Kind::null, &TableCell::kind);
      if (null != cells.end()) {
        if (!input_.skip_nulls)
          return fail("table-null", static_cast<std::size_t>(null - cells.begin()), "holds no value",
                      "leave such rows out with nulls=\"skip\", or choose by a query");
        ++left_out_;
        continue;
      }
      for (std::size_t i = 0; i < row.size(); ++i) {
        const TableCell& cell = cells[i + skip];
        const auto value = cell_of(cell, csv_.types[i], symbols_);
        if (!value)
          return fail("table-cell", i + skip,
                      "holds " + shown(cell) + ", which is no " + std::string(name(csv_.types[i])),
                      advice(cell, csv_.types[i]));
        row[i] = *value;
      }
      if (skip) {
        const auto probability = probability_of(cells[0]);
        if (!probability)
          return fail("table-cell", 0, "holds " + shown(cells[0]) + ", which is no probability",
                      "write true, false, or a number from 0 to 1");
        facts_.probabilities.push_back(*probability);
      }
      facts_.add(row, csv_.origins ? symbols_.intern(csv_.name + ":" + std::to_string(row_)) : kNoOrigin);
    }
    if (left_out) *left_out = left_out_;
    return std::move(facts_);
  }

 private:
  std::optional<double> probability_of(const TableCell& cell) {
    if (cell.kind == Kind::boolean) return cell.integer != 0 ? 1.0 : 0.0;
    const auto value = cell_of(cell, Type::f64, symbols_);
    if (!value) return std::nullopt;
    const double p = as_double(*value);
    return p >= 0 && p <= (csv_.options.tags_are_numbers ? 1e300 : 1.0) ? std::optional(p) : std::nullopt;
  }

  Error fail(std::string code, std::size_t column, const std::string& what, std::string hint) const {
    const auto line = static_cast<std::uint32_t>(std::min<std::uint64_t>(row_, 0xFFFFFFFFu));
    return {std::move(code),
            {csv_.name, line, 0, 1},
            "column `" + columns_[column].name + "` of row " + std::to_string(row_) + " " + what,
            std::move(hint),
            ""};
  }

  const TableInput& input_;
  const CsvInput& csv_;
  Symbols& symbols_;
  FactTable facts_;
  std::span<const TableColumn> columns_;
  std::uint64_t row_ = 0, left_out_ = 0;
};

bool ends(std::string_view path, std::string_view tail) {
  return path.size() > tail.size() && std::equal(tail.rbegin(), tail.rend(), path.rbegin(), [](char a, char b) {
           return a == b || (b >= 'A' && b <= 'Z' && a == b + ('a' - 'A'));
         });
}

}  // namespace

Error printable(Error error) {
  const bool text = valid_utf8(error.what);
  for (char& c : error.what) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7F || (u >= 0x80 && !text)) c = '?';
  }
  return error;
}

std::string column_names(std::span<const TableColumn> columns) {
  constexpr std::size_t kShown = 12;
  std::string out;
  for (std::size_t i = 0; i < columns.size() && i < kShown; ++i)
    out += (i ? ", `" : "`") + columns[i].name + "`" + (columns[i].type.empty() ? "" : " " + columns[i].type);
  if (columns.size() > kShown) out += " and " + std::to_string(columns.size() - kShown) + " more";
  return out.empty() ? "none" : out;
}

TableFormat table_format(std::string_view path) {
  if (path.starts_with("postgresql://") || path.starts_with("postgres://")) return TableFormat::postgres;
  if (table_layout(path)) return TableFormat::csv;
  for (const std::string_view tail : {".csv", ".tsv"})
    if (ends(path, tail)) return TableFormat::csv;
  for (const std::string_view tail : {".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"})
    if (ends(path, tail)) return TableFormat::json_lines;
  if (ends(path, ".parquet")) return TableFormat::parquet;
  for (const std::string_view tail : {".db", ".sqlite", ".sqlite3"})
    if (ends(path, tail)) return TableFormat::sqlite;
  return TableFormat::unknown;
}

Result<FactTable> read_table(const TableInput& input, Symbols& symbols, std::uint64_t* left_out) {
  if (left_out) *left_out = 0;
  const CsvInput& file = input.file;
  const TableFormat format = table_format(file.path);
  // What has no known ending is CSV, as --facts always took it.
  if (input.query.empty() && (format == TableFormat::csv || format == TableFormat::unknown)) {
    const TableLayout* layout = table_layout(file.path);
    if (!layout) return read_csv(file, symbols);
    CsvInput laid_out = file;
    laid_out.options.delimiter = layout->delimiter;
    laid_out.options.quotes = false;
    laid_out.options.trailing_delimiter = layout->trailing_delimiter;
    laid_out.options.header = layout->columns.empty();
    laid_out.options.columns.assign(layout->columns.begin(), layout->columns.end());
    return read_csv(laid_out, symbols);
  }
  if (!file.options.keys.empty())
    return Error{"csv-option", {file.name}, "`keys` is for CSV files", "choose the columns by a query", ""};
  TableSource source{file.path, file.name, input.query, {}, file.options.header, file.options.delimiter, format};
  if (input.query.empty()) {
    source.columns = file.options.fields;
    const bool named = std::ranges::none_of(input.columns, &std::string::empty);
    if (source.columns.empty() && named && !file.options.has_probability) source.columns = input.columns;
  }
  const auto open = format == TableFormat::postgres                            ? open_postgres
                    : format == TableFormat::sqlite                            ? open_sqlite
                    : format == TableFormat::json_lines && input.query.empty() ? open_json_lines
                                                                               : open_duckdb;
  const auto rows = open(source);
  if (!rows) return printable(rows.error());
  auto facts = Reader(input, symbols).read(**rows, left_out);
  if (!facts) return printable(facts.error());
  return facts;
}

}  // namespace tenfold::media
