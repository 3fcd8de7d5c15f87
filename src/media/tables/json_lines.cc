// JSON Lines: an object a line; what a column is called is a member's name.
#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "media/json.h"
#include "media/tables/table_rows.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

using Kind = TableCell::Kind;

constexpr std::size_t kMaxLine = 64 << 20;  // bytes

bool whole(std::string_view text, std::int64_t& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end == text.data() + text.size();
}

class JsonLines : public TableRows {
 public:
  JsonLines(const TableSource& source, TextFile file) : name_(source.name), file_(std::move(file)) {
    for (const std::string& column : source.columns) columns_.push_back({column, ""});
    texts_.resize(columns_.size());
    values_.resize(columns_.size());
  }

  std::span<const TableColumn> columns() const override { return columns_; }
  std::uint64_t row() const override { return file_.line_number(); }

  Result<bool> next(std::span<TableCell> cells) override {
    JsonValue object;
    const Result<bool> more = next_object(object);
    return more && *more ? read(object, cells) : more;
  }

  /// False at the end. The object is valid until the next call.
  Result<bool> next_object(JsonValue& object) {
    while (true) {
      const Result<TextFile::Line> line = file_.next_line(line_, kMaxLine);
      if (!line) return named(line.error());
      if (*line == TextFile::Line::end) return false;
      if (*line == TextFile::Line::too_long)
        return fail("record-too-large", "the line has more than 64 MiB", "split it into several lines");
      if (row() == 1 && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
      if (line_.find_first_not_of(" \t\r") != std::string::npos) break;
    }
    if (const Status status = json_.open(line_); !status) return named(status.error());
    std::size_t roots = 0;
    json_.roots([&](JsonValue value) {
      if (roots++ == 0) object = value;
      return roots < 2;
    });
    if (roots != 1 || !object.is_object())
      return fail("malformed-json", "the line is no JSON object", "write one object a line: {\"name\": value, …}");
    return true;
  }

 private:
  Result<bool> read(JsonValue object, std::span<TableCell> cells) {
    std::ranges::fill(values_, JsonValue());
    const std::string* twice = nullptr;
    object.members([&](std::string_view key, JsonValue value) {
      if (key.find('\\') != std::string_view::npos) {
        if (!unescape(key, key_)) return true;
        key = key_;
      }
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].name != key) continue;
        if (values_[i].present()) twice = &columns_[i].name;
        values_[i] = value;
      }
      return twice == nullptr;
    });
    if (twice) return fail("malformed-json", "the object has `" + *twice + "` twice", "keep one of the two");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i] = {};
      if (values_[i].present() && !read(values_[i], cells[i], texts_[i]))
        return fail("malformed-json", "`" + columns_[i].name + "` holds an escape that is none",
                    "write the text in UTF-8");
    }
    return true;
  }

  static bool read(JsonValue value, TableCell& cell, std::string& text) {
    switch (value.kind()) {
      case '{':
      case '[':
        cell.kind = Kind::other;
        return true;
      case '"':
        cell.kind = Kind::text;
        cell.text = value.raw();
        if (cell.text.find('\\') == std::string_view::npos) return true;
        if (!unescape(value.raw(), text)) return false;
        cell.text = text;
        return true;
      case 'n':
        return true;
      case 't':
      case 'f':
        cell.kind = Kind::boolean;
        cell.integer = value.kind() == 't' ? 1 : 0;
        return true;
      default:
        cell.text = value.token();  // as written: nothing is rounded on the way
        cell.kind = whole(cell.text, cell.integer) ? Kind::integer : Kind::number;
        return true;
    }
  }

  Error named(Error error) const {
    error.place.file = name_;
    error.place.line = static_cast<std::uint32_t>(std::min<std::uint64_t>(row(), 0xFFFFFFFFu));
    return error;
  }
  Error fail(std::string code, std::string what, std::string hint) const {
    return named({std::move(code), {}, std::move(what), std::move(hint), ""});
  }

  std::string name_;
  TextFile file_;
  std::vector<TableColumn> columns_;
  Json json_;
  std::string line_, key_;
  std::vector<std::string> texts_;  // of cells with escapes
  std::vector<JsonValue> values_;
};

}  // namespace

namespace {

Result<std::unique_ptr<JsonLines>> open_lines(const TableSource& source) {
  auto file = TextFile::open(source.path);
  if (!file) {
    Error error = file.error();
    error.place.file = source.name;
    return error;
  }
  return std::make_unique<JsonLines>(source, std::move(*file));
}

}  // namespace

Result<std::unique_ptr<TableRows>> open_json_lines(const TableSource& source) {
  if (source.columns.empty())
    return Error{"table-columns",
                 {source.name},
                 "the columns of JSON Lines go by name, and this relation's have none",
                 "declare them: type lab(code: String, value: f64), or choose with fields=[\"code\", \"value\"]",
                 ""};
  auto lines = open_lines(source);
  if (!lines) return lines.error();
  return std::unique_ptr<TableRows>(std::move(*lines));
}

Result<std::vector<std::string>> json_lines_members(const TableSource& source, std::size_t limit) {
  const auto lines = open_lines(source);
  if (!lines) return lines.error();
  std::vector<std::string> names;
  std::unordered_set<std::string> met;
  std::string name;
  JsonValue object;
  while (true) {
    const Result<bool> more = (*lines)->next_object(object);
    if (!more) return more.error();
    if (!*more) return names;
    object.members([&](std::string_view key, JsonValue) {
      if (unescape(key, name) && met.insert(name).second) names.push_back(name);
      return names.size() <= limit;
    });
    if (names.size() > limit)
      return Error{"too-many-columns",
                   {source.name},
                   "the objects have more than " + std::to_string(limit) + " members",
                   "choose some of them by a query",
                   ""};
  }
}

}  // namespace tenfold::media
