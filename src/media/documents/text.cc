#include "media/documents/text.h"

#include <algorithm>

#include "base/shared_module.h"
#include "base/utf8.h"
#include "media/documents/encoding_module.h"
#include "media/documents/marks.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

using namespace std::string_view_literals;

/// "" where there is no mark of byte order, which is taken off. UTF-32 first: its mark begins as that of UTF-16.
std::string take_mark(std::string_view& bytes) {
  constexpr std::pair<std::string_view, const char*> kMarks[] = {{"\xEF\xBB\xBF"sv, "UTF-8"},
                                                                 {"\xFF\xFE\0\0"sv, "UTF-32LE"},
                                                                 {"\0\0\xFE\xFF"sv, "UTF-32BE"},
                                                                 {"\xFF\xFE"sv, "UTF-16LE"},
                                                                 {"\xFE\xFF"sv, "UTF-16BE"}};
  for (const auto& [mark, charset] : kMarks) {
    if (!bytes.starts_with(mark)) continue;
    bytes.remove_prefix(mark.size());
    return charset;
  }
  return "";
}

/// Line breaks as "\n"; NUL and what is ill-formed become U+FFFD.
std::string tidy(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Scalar scalar = first_scalar(text);
    if (text[0] == '\r') {
      out += '\n';
      text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
      continue;
    }
    if (!scalar.valid || scalar.value == 0)
      append_utf8(out, kReplacement);
    else
      out += text.substr(0, scalar.bytes);
    text.remove_prefix(scalar.bytes);
  }
  return out;
}

bool blank(char32_t c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == 0xA0 || c == 0x3000; }

/// A line of "=====" or "-----" under a heading.
bool ruled(std::string_view line) {
  return line.size() >= 3 && (line[0] == '=' || line[0] == '-') && line.find_first_not_of(line[0]) == line.npos;
}

class Text {
 public:
  explicit Text(std::string text) {
    page_.text = std::move(text);
    std::string_view rest = page_.text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      add_line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++at_;  // the line break
    }
    end_block();
  }

  Page take() { return std::move(page_); }

 private:
  /// Words between blanks.
  void add_words(std::string_view line) {
    Word word;
    const auto end_word = [&] {
      if (word.text.empty()) return;
      word.chars.to = at_;
      page_.words.push_back(std::move(word));
      word = {};
    };
    while (!line.empty()) {
      const Scalar scalar = first_scalar(line);
      if (blank(scalar.value)) {
        end_word();
      } else {
        if (word.text.empty()) word.chars.from = at_;
        word.text += line.substr(0, scalar.bytes);
      }
      line.remove_prefix(scalar.bytes);
      ++at_;
    }
    end_word();
  }

  void add_line(std::string_view line) {
    const auto first = static_cast<std::uint32_t>(page_.words.size());
    std::size_t indent = 0;
    while (indent < line.size() && (line[indent] == ' ' || line[indent] == '\t')) ++indent;
    add_words(line);
    const auto end = static_cast<std::uint32_t>(page_.words.size());
    if (first == end) {
      end_block();
      return;
    }
    const bool item = end - first > 1 && list_mark(page_.words[first].text) != Mark::none;
    if (!open_ || item) {
      end_block();
      open_ = true;
      Block block;
      block.kind = item ? Kind::list_item : Kind::paragraph;
      block.level = item ? 1 + static_cast<std::uint32_t>(std::min<std::size_t>(indent, 32) / 4) : 0;
      block.first = static_cast<std::uint32_t>(page_.lines.size());
      block.chars.from = page_.words[first].chars.from;
      page_.blocks.push_back(std::move(block));
    }
    page_.lines.push_back({{}, {page_.words[first].chars.from, page_.words[end - 1].chars.to}, first, end});
    Block& block = page_.blocks.back();
    block.chars.to = page_.words[end - 1].chars.to;
    for (std::uint32_t i = first; i < end; ++i) block.text += (block.text.empty() ? "" : " ") + page_.words[i].text;
  }

  void end_block() {
    if (!open_) return;
    open_ = false;
    Block& block = page_.blocks.back();
    block.end = static_cast<std::uint32_t>(page_.lines.size());
    const std::uint32_t lines = block.end - block.first;
    const auto last_line = [&] {
      const Line& line = page_.lines.back();
      return page_.words[line.first].text;
    };
    const bool underlined = lines == 2 && ruled(last_line());
    if (block.text.size() > 120 || !has_letters(block.text) || (lines > 1 && !underlined)) return;
    const Numbering number = section_number(block.text);
    if (underlined || all_capitals(block.text) || (number.depth > 0 && !block.text.ends_with('.'))) {
      block.kind = Kind::heading;
      block.level = number.depth > 0 ? number.depth : underlined && last_line()[0] == '-' ? 2 : 1;
    }
  }

  Page page_;
  std::uint32_t at_ = 0;
  bool open_ = false;
};

class PlainText : public Source {
 public:
  explicit PlainText(std::string text) : text_(std::move(text)) {}
  std::uint32_t pages() const override { return 1; }
  bool paged() const override { return false; }
  Result<Properties> properties() override { return Properties{}; }
  Result<PageSize> size(std::uint32_t) override { return PageSize{}; }
  Result<Page> read(std::uint32_t) override { return read_text(text_); }

 private:
  std::string text_;
};

}  // namespace

Result<std::string> decode_text(std::string_view bytes, std::string charset) {
  if (const std::string marked = take_mark(bytes); !marked.empty()) charset = marked;
  const bool utf8 = charset == "UTF-8" || charset == "utf-8" || charset == "utf8";
  // A text that reads as UTF-8 and is not all ASCII is hardly anything else, whatever is said of it.
  if (utf8 || (valid_utf8(bytes) && bytes.find('\0') == bytes.npos)) return tidy(bytes);
  static const Result<void*> module = open_shared_module("libtenfold_encoding.so", "tenfold_decode_text");
  if (!module) return module.error();
  std::string text;
  reinterpret_cast<DecodeText> (*module)(bytes, charset, text);
  return tidy(text);
}

Page read_text(std::string text) { return Text(std::move(text)).take(); }

Result<std::unique_ptr<Source>> open_text(Input input, const Opening& opening) {
  if (!input.path.empty()) {
    Result<std::string> bytes = read_bytes(input.path, largest_text(opening.limits));
    if (!bytes) return bytes.error();
    input.bytes = std::move(*bytes);
  } else if (input.bytes.size() > largest_text(opening.limits)) {
    return document_error("file-too-large",
                          "a text of " + std::to_string(input.bytes.size()) + " bytes, more than " +
                              std::to_string(largest_text(opening.limits)),
                          "divide it");
  }
  Result<std::string> text = decode_text(input.bytes);
  if (!text) return text.error();
  return std::unique_ptr<Source>(std::make_unique<PlainText>(std::move(*text)));
}

}  // namespace tenfold::media::documents
