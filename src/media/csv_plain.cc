#include "media/csv_plain.h"

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace tenfold::media {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;  // a line that does not fit is left to read_csv()

class PlainReader {
 public:
  PlainReader(const CsvInput& input, Symbols& symbols)
      : types_(input.types), delimiter_(input.options.delimiter), symbols_(symbols) {
    table_.relation = input.relation;
    table_.types = input.types;
  }

  std::optional<FactTable> read(std::ifstream& file) {
    std::vector<char> buffer(kBuffer);
    std::size_t kept = 0;  // of a line that the last piece began
    bool first = true;
    while (true) {
      file.read(buffer.data() + kept, static_cast<std::streamsize>(kBuffer - kept));
      const auto got = static_cast<std::size_t>(file.gcount());
      const std::string_view piece(buffer.data(), kept + got);
      if (file.bad() || piece.find_first_of("\"\r") != piece.npos) return std::nullopt;
      if (first && !piece.empty() && static_cast<unsigned char>(piece[0]) >= 0x80) return std::nullopt;  // a mark
      first = false;
      const std::size_t end = got == 0 ? piece.size() : piece.rfind('\n') + 1;  // npos + 1 is no line
      if (!lines(piece.substr(0, end))) return std::nullopt;
      if (got == 0) return std::move(table_);
      kept = piece.size() - end;
      if (kept == kBuffer) return std::nullopt;
      std::memmove(buffer.data(), buffer.data() + end, kept);
    }
  }

 private:
  bool lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (end > 0 && !line(text.substr(0, end))) return false;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
  }

  bool line(std::string_view rest) {
    const std::size_t before = table_.cells.size();
    for (std::size_t c = 0; c < types_.size(); ++c) {
      const bool last = c + 1 == types_.size();
      const std::size_t end = rest.find(delimiter_);
      if (last != (end == rest.npos)) return false;
      if (!cell(rest.substr(0, end), types_[c])) return false;
      if (!last) rest.remove_prefix(end + 1);
    }
    if (table_.cells.size() == before) return false;
    table_.origins.push_back(kNoOrigin);
    return true;
  }

  bool cell(std::string_view text, Type type) {
    if (is_integer(type) && type != Type::i128 && type != Type::u128) {
      std::int64_t value = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (failed != std::errc() || end != text.data() + text.size()) return false;
      const bool fits = type == Type::i32 ? value == static_cast<std::int32_t>(value) : fit(value, type).has_value();
      if (fits) table_.cells.push_back(static_cast<Cell>(value));
      return fits;
    }
    if (!is_text(type)) return false;
    const auto value = text.size() > kMaxCsvCell ? std::nullopt : parse_plain(text, type, symbols_);
    if (value) table_.cells.push_back(*value);
    return value.has_value();
  }

  const std::vector<Type>& types_;
  const char delimiter_;
  Symbols& symbols_;
  FactTable table_;
};

}  // namespace

std::optional<FactTable> read_plain_csv(const CsvInput& input, Symbols& symbols) {
  const CsvOptions& options = input.options;
  if (!options.quotes || options.trailing_delimiter || !options.columns.empty()) return std::nullopt;
  if (input.origins || options.header || options.has_probability || !options.keys.empty() || !options.fields.empty())
    return std::nullopt;
  const char d = options.delimiter;
  if (d == '"' || d == '\n' || d == '\r' || static_cast<unsigned char>(d) >= 0x80) return std::nullopt;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(input.path, failed)) return std::nullopt;  // what is read twice
  std::ifstream file(input.path, std::ios::binary);
  return file ? PlainReader(input, symbols).read(file) : std::nullopt;
}

}  // namespace tenfold::media
