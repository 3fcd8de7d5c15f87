// CSV record by record, every cell as text.
#include <csv.h>

#include <cstdlib>
#include <fstream>

#include "media/csv.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMostColumns = 4096;

int never_space(unsigned char) { return 0; }  // RFC 4180: blanks belong to the cell

void* bounded_realloc(void* old, std::size_t size) {
  return size > kMaxCsvCell + kChunk ? nullptr : std::realloc(old, size);
}

class CsvRows : public TableRows {
 public:
  explicit CsvRows(const TableSource& source) : name_(source.name), file_(source.path, std::ios::binary) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser_, static_cast<unsigned char>(source.delimiter));
    csv_set_space_func(&parser_, never_space);
    csv_set_realloc_func(&parser_, bounded_realloc);
    chunk_.resize(kChunk);
  }
  ~CsvRows() override { csv_free(&parser_); }
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  /// Reads the first record, whose width is that of all.
  Status open() {
    if (!file_) return Error{"cannot-read", {name_}, "cannot be opened", "check that it exists and may be read", ""};
    if (Status status = fill(); !status) return status;
    if (records_.empty()) return Error{"empty-file", {name_}, "has no record", "give a file with records", ""};
    for (std::size_t i = 0; i < records_.front().size(); ++i) columns_.push_back({std::to_string(i + 1), ""});
    return {};
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return row_; }

  Result<bool> next(std::span<TableCell> cells) override {
    if (at_ == records_.size()) {
      if (Status status = fill(); !status) return status.error();
      if (records_.empty()) return false;
    }
    const std::vector<std::string>& record = records_[at_++];
    ++row_;
    if (record.size() != columns_.size())
      return fail("csv-columns",
                  "record " + std::to_string(row_) + " has " + std::to_string(record.size()) +
                      " cells, and the first has " + std::to_string(columns_.size()),
                  "give every record the same columns; quote cells that hold the delimiter");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i] = {};
      cells[i].kind = TableCell::Kind::text;
      cells[i].text = record[i];
    }
    return true;
  }

 private:
  static void on_cell(void* cell, std::size_t size, void* self) {
    auto& rows = *static_cast<CsvRows*>(self);
    if (rows.record_.size() < kMostColumns) rows.record_.emplace_back(static_cast<char*>(cell), size);
    rows.bytes_ += size;
    rows.too_large_ = rows.too_large_ || rows.record_.size() == kMostColumns || rows.bytes_ > kMaxCsvRecord;
  }
  static void on_record(int, void* self) {
    auto& rows = *static_cast<CsvRows*>(self);
    rows.records_.push_back(std::move(rows.record_));
    rows.record_.clear();
    rows.bytes_ = 0;
  }

  /// Reads on until there is a record, or none at the end.
  Status fill() {
    records_.clear();
    at_ = 0;
    while (records_.empty() && !ended_) {
      file_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
      std::string_view bytes(chunk_.data(), static_cast<std::size_t>(file_.gcount()));
      const bool last = bytes.size() < chunk_.size();
      if (std::exchange(first_, false) && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
      const std::size_t taken = csv_parse(&parser_, bytes.data(), bytes.size(), on_cell, on_record, this);
      if (taken < bytes.size() && csv_error(&parser_) != CSV_EPARSE) too_large_ = true;
      if (too_large_)
        return fail("csv-too-large", "a cell or a record is too large", "check for a quote that is never closed");
      if (taken < bytes.size())
        return fail("csv-quote", "a quote stands in the middle of a cell",
                    "put the whole cell in quotes and write each quote inside it twice");
      if (last) {
        ended_ = true;
        if (csv_fini(&parser_, on_cell, on_record, this) != 0)
          return fail("csv-quote", "a quoted cell never ends", "close it with a quote");
      }
    }
    return {};
  }

  Error fail(std::string code, std::string what, std::string hint) const {
    return {std::move(code), {name_}, std::move(what), std::move(hint), ""};
  }

  std::string name_;
  std::ifstream file_;
  csv_parser parser_{};
  std::string chunk_;
  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> records_;  // of one chunk
  std::vector<std::string> record_;                // not yet ended
  std::size_t at_ = 0, bytes_ = 0;
  std::uint64_t row_ = 0;
  bool first_ = true, ended_ = false, too_large_ = false;
};

}  // namespace

Result<std::unique_ptr<TableRows>> open_csv(const TableSource& source) {
  auto rows = std::make_unique<CsvRows>(source);
  if (Status status = rows->open(); !status) return status.error();
  return std::unique_ptr<TableRows>(std::move(rows));
}

}  // namespace tenfold::media
