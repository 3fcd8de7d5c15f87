#include "media/csv.h"

#include <csv.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "media/csv_plain.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kExcerpt = 4096;  // bytes of a line shown with an error
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

int never_space(unsigned char) { return 0; }  // RFC 4180: blanks belong to the cell

void* bounded_realloc(void* old, std::size_t size) {
  return size > kMaxCsvCell + kChunk ? nullptr : std::realloc(old, size);
}

/// The cells of one record, one after another in a single buffer that is used again for the next.
struct Record {
  std::string text;
  std::vector<std::size_t> ends;
  std::uint64_t line = 1, offset = 0;  // where it begins; offset in bytes from the start of the file

  std::size_t size() const { return ends.size(); }
  std::string_view cell(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(text).substr(begin, ends[i] - begin);
  }
  void clear() {
    text.clear();
    ends.clear();
  }
};

std::string in_ticks(std::string_view cell) {
  constexpr std::size_t kShown = 40;
  const std::size_t cut = scalar_offset(cell, kShown);
  return cut >= cell.size() ? "`" + std::string(cell) + "`" : "`" + std::string(cell.substr(0, cut)) + "…`";
}

std::string_view trimmed(std::string_view cell) {
  while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
  while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
  return cell;
}

std::string advice(Type type) {
  if (is_text(type)) return "save the file as UTF-8";
  if (type == Type::datetime) return "write a time as 2020-01-31 or 2020-01-31T08:30:00Z";
  if (type == Type::boolean) return "write true or false";
  if (type == Type::character) return "write exactly one character";
  if (type == Type::money) return "write an amount with its currency: 12.50 EUR";
  if (type == Type::duration) return "write a duration as PT5400S or 1h30m";
  if (type == Type::rational) return "write a number such as 12.5, -0.001 or 1/3, without thousands separators";
  if (is_float(type)) return "write a number with a decimal point, without blanks or thousands separators";
  return "write a whole number in the range of " + std::string(name(type)) +
         ", or declare the column with another type";
}

/// Column (in characters, from 1) at which a cell begins in a line, 0 when that cell begins on a later line.
std::uint32_t column_of(std::string_view line, std::size_t cell, char delimiter, bool quotes) {
  bool inside = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (cell == 0) return static_cast<std::uint32_t>(count_scalars(line.substr(0, at)) + 1);
    if (line[at] == '"' && quotes) inside = !inside;
    if (line[at] == delimiter && !inside) --cell;
  }
  return cell == 0 ? static_cast<std::uint32_t>(count_scalars(line) + 1) : 0;
}

class Reader {
 public:
  Reader(const CsvInput& input, Symbols& symbols) : input_(input), options_(input.options), symbols_(symbols) {
    table_.relation = input.relation;
    table_.types = input.types;
    header_pending_ =
        options_.columns.empty() && (options_.header || !options_.keys.empty() || !options_.fields.empty());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<FactTable> read() {
    if (Status checked = check_options(); !checked.ok()) return checked.error();
    std::error_code ignored;
    if (std::filesystem::is_directory(input_.path, ignored))
      return Error{"cannot-read", {input_.name}, "is a folder, not a file", "name a CSV file", ""};
    std::ifstream file(input_.path, std::ios::binary);
    if (!file)
      return Error{"cannot-read", {input_.name}, "cannot be opened", "check that it exists and may be read", ""};

    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser_, static_cast<unsigned char>(options_.delimiter));
    if (!options_.quotes) csv_set_quote(&parser_, '\0');  // which no text holds
    csv_set_space_func(&parser_, never_space);
    csv_set_realloc_func(&parser_, bounded_realloc);
    csv_set_blk_size(&parser_, kChunk);
    between_records_ = parser_.pstate;
    if (!options_.columns.empty()) {
      for (const std::string& name : options_.columns) {
        record_.text += name;
        record_.ends.push_back(record_.text.size());
      }
      header();
      record_.clear();
    }
    if (!error_) stream(file);
    csv_free(&parser_);
    if (error_) return std::move(*error_);
    if (header_pending_)
      return Error{"csv-header", {input_.name}, "is empty, and should begin with a line of column names", "add it", ""};
    return std::move(table_);
  }

 private:
  Status check_options() const {
    const char delimiter = options_.delimiter;
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || static_cast<unsigned char>(delimiter) >= 0x80)
      return Error{"csv-option",
                   {input_.name},
                   "the delimiter must be an ASCII character, no quote and no line break",
                   "use \",\", \";\" or \"\\t\"",
                   ""};
    if (options_.keys.empty()) {
      if (options_.fields.empty() || options_.fields.size() == input_.types.size()) return {};
      return Error{"csv-option",
                   {input_.name},
                   "relation `" + input_.relation + "` has " + std::to_string(input_.types.size()) +
                       " columns and `fields` names " + std::to_string(options_.fields.size()),
                   "name one field for each column",
                   ""};
    }
    const std::size_t wanted = options_.keys.size() + 2;
    if (input_.types.size() != wanted)
      return Error{"csv-option",
                   {input_.name},
                   "with `keys`, relation `" + input_.relation + "` must have " + std::to_string(wanted) +
                       " columns: the keys, the field's name and its value; it has " +
                       std::to_string(input_.types.size()),
                   "declare it so",
                   ""};
    if (!is_text(input_.types[wanted - 2]))
      return Error{
          "csv-option",
          {input_.name},
          "with `keys`, column " + std::to_string(wanted - 1) + " of `" + input_.relation + "` holds the field's name",
          "declare it as Symbol or String",
          ""};
    return {};
  }

  /// Feeds the parser one line at a time, which is how the line of each record is known.
  void stream(std::ifstream& file) {
    std::vector<char> chunk(kChunk);
    bool first = true;
    while (!error_) {
      file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
      std::string_view bytes(chunk.data(), static_cast<std::size_t>(file.gcount()));
      if (bytes.empty()) break;
      if (first && bytes.starts_with(kByteOrderMark)) {
        bytes.remove_prefix(kByteOrderMark.size());
        offset_ = record_.offset = kByteOrderMark.size();
      }
      if (first && (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")))
        return fail("csv-cell", "is in UTF-16", "save the file as UTF-8");
      first = false;
      while (!bytes.empty() && !error_) bytes.remove_prefix(feed(bytes));
    }
    if (error_) return;
    if (file.bad()) return fail("cannot-read", "could not be read to the end", "check the disk");
    if (csv_fini(&parser_, on_cell, on_record, this) != 0 && !error_)
      fail("csv-quote", "this record begins a quoted cell that never ends",
           "close it with a quote; a quote inside is written \"\"");
  }

  /// Parses up to the next line break, at most all bytes; how many it took.
  std::size_t feed(std::string_view bytes) {
    const void* feed_end = std::memchr(bytes.data(), '\n', bytes.size());
    std::size_t size =
        feed_end ? static_cast<std::size_t>(static_cast<const char*>(feed_end) - bytes.data()) + 1 : bytes.size();
    if (const void* cr = std::memchr(bytes.data(), '\r', size))
      size = static_cast<std::size_t>(static_cast<const char*>(cr) - bytes.data()) + 1;
    const std::size_t taken = csv_parse(&parser_, bytes.data(), size, on_cell, on_record, this);
    if (taken < size && !error_) fail_to_parse();
    const char last = bytes[size - 1];
    if (last == '\r' || (last == '\n' && !after_cr_)) ++line_;
    after_cr_ = last == '\r';
    offset_ += size;
    if (parser_.pstate == between_records_) {
      record_.line = line_;
      record_.offset = offset_;
    }
    return size;
  }

  void fail_to_parse() {
    if (csv_error(&parser_) == CSV_EPARSE && !options_.quotes)
      return fail("csv-cell", "a cell holds NUL", "check that this is a text file");
    if (csv_error(&parser_) == CSV_EPARSE)
      return fail("csv-quote", "a quote stands in the middle of a cell",
                  "put the whole cell in quotes and write each quote inside it twice");
    fail("csv-too-large", "a cell has more than " + std::to_string(kMaxCsvCell) + " bytes",
         "check for a quote that is never closed");
  }

  static void on_cell(void* cell, std::size_t size, void* self) {
    static_cast<Reader*>(self)->cell(static_cast<char*>(cell), size);
  }
  static void on_record(int, void* self) { static_cast<Reader*>(self)->record(); }

  void cell(const char* bytes, std::size_t size) {
    if (error_) return;
    if (size > kMaxCsvCell)
      return fail("csv-too-large", "a cell has more than " + std::to_string(kMaxCsvCell) + " bytes",
                  "check for a quote that is never closed");
    // The ends count too: a record of a hundred million empty cells is also too large.
    if (record_.text.size() + size + record_.ends.size() * sizeof(std::size_t) > kMaxCsvRecord)
      return fail("csv-too-large", "a record has more than " + std::to_string(kMaxCsvRecord) + " bytes",
                  "split it into several columns or files");
    record_.text.append(bytes, size);
    record_.ends.push_back(record_.text.size());
  }

  void record() {
    if (error_) return;
    if (options_.trailing_delimiter && record_.size() > 1 && record_.cell(record_.size() - 1).empty())
      record_.ends.pop_back();
    if (header_pending_) {
      header_pending_ = false;
      header();
    } else if (fits()) {
      facts();
    }
    record_.clear();
  }

  /// Finds the chosen columns among the names in the first record.
  void header() {
    columns_ = record_.size();
    const auto place_of = [&](const std::string& wanted) -> std::size_t {
      std::size_t found = columns_;
      for (std::size_t i = options_.has_probability ? 1 : 0; i < columns_; ++i) {
        if (trimmed(record_.cell(i)) != wanted) continue;
        if (found != columns_) fail("csv-header", "two columns are called " + in_ticks(wanted), "rename one of them");
        found = i;
      }
      if (found == columns_)
        fail("csv-header", "there is no column " + in_ticks(wanted), "the columns are: " + columns_text());
      return found;
    };
    for (const std::string& key : options_.keys) key_columns_.push_back(place_of(key));
    for (const std::string& field : options_.fields) value_columns_.push_back(place_of(field));
    if (error_ || options_.keys.empty()) return;
    if (options_.fields.empty())
      for (std::size_t i = options_.has_probability ? 1 : 0; i < columns_; ++i)
        if (std::ranges::find(key_columns_, i) == key_columns_.end()) value_columns_.push_back(i);
    for (const std::size_t column : value_columns_) {
      const auto named = parse_plain(trimmed(record_.cell(column)), input_.types[key_columns_.size()], symbols_);
      if (!named) return fail_cell(column, "a column's name is not UTF-8", "save the file as UTF-8");
      field_names_.push_back(*named);
    }
  }

  std::string columns_text() const {
    std::string out;
    for (std::size_t i = 0; i < record_.size() && out.size() < 400; ++i)
      out += (i ? ", " : "") + in_ticks(record_.cell(i));
    return out;
  }

  bool chosen() const { return !options_.keys.empty() || !options_.fields.empty(); }

  /// All records must be as wide as the header, or where there is no choice of columns as the relation.
  bool fits() {
    const std::size_t wanted = chosen() ? columns_ : input_.types.size() + (options_.has_probability ? 1 : 0);
    if (record_.size() == wanted) return true;
    const std::string columns = std::to_string(record_.size()) + (record_.size() == 1 ? " column" : " columns");
    fail("csv-columns",
         "the record has " + columns + ", and " + (chosen() ? "the header" : "`" + input_.relation + "`") + " has " +
             std::to_string(wanted) + (options_.has_probability && !chosen() ? " with the probability" : ""),
         record_.size() == 1 && wanted > 1
             ? "check the delimiter, which is " + in_ticks(std::string(1, options_.delimiter))
             : "give every record the same columns; quote cells that hold the delimiter");
    return false;
  }

  void facts() {
    std::optional<double> tag;
    if (options_.has_probability && !(tag = probability(record_.cell(0)))) return;
    const SymbolId origin =
        input_.origins ? symbols_.intern(input_.name + ":" + std::to_string(record_.line)) : kNoOrigin;
    const auto add = [&] {
      table_.add(row_, origin);
      if (tag) table_.probabilities.push_back(*tag);
    };
    row_.assign(input_.types.size(), 0);
    if (options_.keys.empty()) {
      const std::size_t skip = options_.has_probability ? 1 : 0;
      for (std::size_t i = 0; i < row_.size(); ++i)
        if (!read_cell(options_.fields.empty() ? i + skip : value_columns_[i], i)) return;
      return add();
    }
    for (std::size_t i = 0; i < key_columns_.size(); ++i)
      if (!read_cell(key_columns_[i], i)) return;
    for (std::size_t i = 0; i < value_columns_.size(); ++i) {
      row_[row_.size() - 2] = field_names_[i];
      if (!read_cell(value_columns_[i], row_.size() - 1)) return;
      add();
    }
  }

  std::optional<double> probability(std::string_view cell) {
    cell = trimmed(cell);
    if (cell == "true") return 1.0;
    if (cell == "false") return 0.0;
    const auto value = parse_plain(cell, Type::f64, symbols_);
    if (value && as_double(*value) >= 0 && as_double(*value) <= (options_.tags_are_numbers ? 1e300 : 1.0))
      return as_double(*value);
    fail_cell(0, in_ticks(cell) + " is no probability", "write true, false, or a number from 0 to 1");
    return std::nullopt;
  }

  /// Puts cell `from` of the record into column `to` of the row.
  bool read_cell(std::size_t from, std::size_t to) {
    const Type type = input_.types[to];
    const std::string_view raw = record_.cell(from);
    const auto value = parse_plain(is_text(type) || type == Type::character ? raw : trimmed(raw), type, symbols_);
    if (value) return row_[to] = *value, true;
    if (is_text(type)) return fail_cell(from, "the cell is not UTF-8", advice(type)), false;
    const std::string what = raw.empty() ? "the cell is empty" : in_ticks(raw) + " is no " + std::string(name(type));
    return fail_cell(from, what + " (column " + std::to_string(from + 1) + ")", advice(type)), false;
  }

  void fail(std::string code, std::string what, std::string hint) {
    if (!error_)
      error_ = Error{std::move(code), {input_.name, line(), 0, 1}, std::move(what), std::move(hint), excerpt()};
  }

  void fail_cell(std::size_t cell, std::string what, std::string hint) {
    if (error_) return;
    fail("csv-cell", std::move(what), std::move(hint));
    error_->place.column = column_of(error_->excerpt, cell, options_.delimiter, options_.quotes);
    if (error_->place.column != 0)
      error_->place.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, count_scalars(record_.cell(cell))));
  }

  std::uint32_t line() const { return static_cast<std::uint32_t>(std::min<std::uint64_t>(record_.line, 0xFFFFFFFFu)); }

  /// The line on which the record begins, read again from the file; empty where that cannot be done (a pipe).
  std::string excerpt() const {
    std::ifstream file(input_.path, std::ios::binary);
    std::string bytes(kExcerpt, '\0');
    if (!file.seekg(static_cast<std::streamoff>(record_.offset))) return {};
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    bytes.resize(std::min(bytes.find_first_of("\r\n"), bytes.size()));
    return bytes;
  }

  const CsvInput& input_;
  const CsvOptions& options_;
  Symbols& symbols_;
  FactTable table_;
  csv_parser parser_{};
  int between_records_ = 0;  // the parser's state before a record begins
  Record record_;
  std::vector<Cell> row_;
  bool header_pending_ = false;
  std::size_t columns_ = 0;  // of the header
  std::vector<std::size_t> key_columns_, value_columns_;
  std::vector<Cell> field_names_;  // of value_columns_
  std::uint64_t line_ = 1, offset_ = 0;
  bool after_cr_ = false;
  std::optional<Error> error_;
};

}  // namespace

Result<FactTable> read_csv(const CsvInput& input, Symbols& symbols) {
  if (auto plain = read_plain_csv(input, symbols)) return std::move(*plain);
  return Reader(input, symbols).read();
}

}  // namespace tenfold::media
