// CSV as RFC 4180 has it, into facts: quoted cells may hold delimiters, doubled quotes and line breaks; lines end in
// LF, CRLF or CR; blank lines and a byte order mark are passed over. Read as a stream: memory holds one record and the
// facts.
#pragma once

#include <string>
#include <vector>

#include "base/base.h"

namespace tenfold::media {

constexpr std::size_t kMaxCsvCell = 1 << 20;     // bytes
constexpr std::size_t kMaxCsvRecord = 16 << 20;  // bytes of all cells of one record

constexpr SymbolId kNoOrigin = 0xFFFFFFFFu;  // of facts read without origins

/// How the cells of a record become a fact. `fields` and `keys` name columns, so they imply a header.
struct CsvOptions {
  bool header = false;
  char delimiter = ',';                // one ASCII character, neither a quote nor a line break
  bool has_probability = false;        // the first cell is the fact's probability: true, false, or a number in [0, 1]
  std::vector<std::string> keys = {};  // unpivot: a fact (keys…, column's name, cell) for each other cell of a record
  std::vector<std::string> fields = {};   // only these columns, in this order; with keys: only these are unpivoted
  bool tags_are_numbers = false;          // has_probability: may be greater than 1, a cost or a count
  bool quotes = true;                     // off: a quote is a character as any other, and no cell holds a line break
  bool trailing_delimiter = false;        // each record ends in a delimiter, behind which there is no cell
  std::vector<std::string> columns = {};  // names where the file has no header; `fields` chooses among them
};

/// One file for one relation. `name` is what messages and origins call the file ("labs.csv").
struct CsvInput {
  std::string path;
  std::string name;
  CsvOptions options;
  std::string relation;
  std::vector<Type> types;  // of the relation's columns
  bool origins = true;      // off: facts get no origin, which is half the time of reading numbers
};

/// Reads all facts of a file. Each fact's origin is "name:line", the line that its record begins on.
/// Cells are as parse_plain() reads them, blanks around them allowed unless the column is text or char.
/// Errors: cannot-read, csv-option, csv-header, csv-columns, csv-cell, csv-quote, csv-too-large; each names file, line,
/// and where it concerns a cell its column.
Result<FactTable> read_csv(const CsvInput& input, Symbols& symbols);

}  // namespace tenfold::media
