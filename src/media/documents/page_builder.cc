#include "media/documents/page_builder.h"

#include <algorithm>

#include "base/utf8.h"

namespace tenfold::media::documents {
namespace {

bool empty(const Box& box) { return box.width <= 0.0 && box.height <= 0.0; }

void include(Box& all, const Box& one) {
  if (empty(one)) return;
  if (empty(all)) {
    all = one;
    return;
  }
  const double right = std::max(all.x + all.width, one.x + one.width);
  const double bottom = std::max(all.y + all.height, one.y + one.height);
  all.x = std::min(all.x, one.x);
  all.y = std::min(all.y, one.y);
  all.width = right - all.x;
  all.height = bottom - all.y;
}

bool lower(char c) { return c >= 'a' && c <= 'z'; }

/// "agree-" + "ment" is one word; "non-" + "compete" too where the page has it so in one line.
void append_line(std::string& text, std::string_view line, std::string_view page) {
  if (text.empty()) {
    text = line;
    return;
  }
  if (text.ends_with("\xC2\xAD")) {  // a soft hyphen
    text.resize(text.size() - 2);
    text += line;
    return;
  }
  const bool divided =
      text.size() >= 2 && text.back() == '-' && lower(text[text.size() - 2]) && !line.empty() && lower(line[0]);
  if (!divided) {
    text += ' ';
    text += line;
    return;
  }
  std::size_t start = text.size() - 1;
  while (start > 0 && lower(text[start - 1])) --start;
  const auto end = static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), lower) - line.begin());
  if (page.find(text.substr(start) + std::string(line.substr(0, end))) == std::string_view::npos) text.pop_back();
  text += line;
}

}  // namespace

void PageBuilder::append(std::string_view text) {
  page_.text += text;
  chars_ += static_cast<std::uint32_t>(count_scalars(text));
}

void PageBuilder::begin_block(Kind kind, std::uint32_t level) {
  end_block();
  Block block;
  block.kind = kind;
  block.level = level;
  block.first = block.end = static_cast<std::uint32_t>(page_.lines.size());
  page_.blocks.push_back(std::move(block));
}

void PageBuilder::end_line() {
  if (!line_open_) return;
  line_open_ = false;
  Line& line = page_.lines.back();
  line.end = static_cast<std::uint32_t>(page_.words.size());
  if (line.first == line.end) page_.lines.pop_back();
}

void PageBuilder::begin_line() {
  end_line();
  Line line;
  line.first = line.end = static_cast<std::uint32_t>(page_.words.size());
  page_.lines.push_back(line);
  line_open_ = true;
}

void PageBuilder::add_word(Word word, std::string_view before) {
  Line& line = page_.lines.back();
  Block& block = page_.blocks.back();
  if (page_.words.size() > line.first) {
    append(before);
  } else {
    if (page_.lines.size() - 1 > block.first)
      append("\n");
    else if (!page_.text.empty())
      append("\n\n");
    line.chars.from = chars_;
    if (page_.lines.size() - 1 == block.first) block.chars.from = chars_;
  }
  word.chars.from = chars_;
  append(word.text);
  word.chars.to = line.chars.to = block.chars.to = chars_;
  include(line.box, word.box);
  include(block.box, word.box);
  page_.words.push_back(std::move(word));
}

void PageBuilder::begin_cell(std::uint32_t row, std::uint32_t column) {
  end_cell();
  Cell cell;
  cell.block = static_cast<std::uint32_t>(page_.blocks.size() - 1);
  cell.row = row;
  cell.column = column;
  page_.cells.push_back(std::move(cell));
  cell_open_ = true;
  cell_words_ = page_.words.size();
}

void PageBuilder::end_cell() {
  if (!cell_open_) return;
  cell_open_ = false;
  Cell& cell = page_.cells.back();
  if (cell_words_ == page_.words.size()) {  // an empty cell is one too: it stands where text would
    cell.chars = {chars_, chars_};
    return;
  }
  cell.chars = {page_.words[cell_words_].chars.from, chars_};
  for (std::size_t i = cell_words_; i < page_.words.size(); ++i) {
    if (i > cell_words_) cell.text += ' ';
    cell.text += page_.words[i].text;
    include(cell.box, page_.words[i].box);
  }
}

void PageBuilder::begin_link(std::string target) {
  end_link();
  page_.links.push_back({{}, std::move(target), {}});
  link_open_ = true;
  link_words_ = page_.words.size();
}

void PageBuilder::end_link() {
  if (!link_open_) return;
  link_open_ = false;
  Link& link = page_.links.back();
  link.chars = {link_words_ < page_.words.size() ? page_.words[link_words_].chars.from : chars_, chars_};
  for (std::size_t i = link_words_; i < page_.words.size(); ++i) {
    if (i > link_words_) link.text += ' ';
    link.text += page_.words[i].text;
  }
}

void PageBuilder::end_block() {
  end_cell();
  end_line();
  if (page_.blocks.empty()) return;
  Block& block = page_.blocks.back();
  block.end = static_cast<std::uint32_t>(page_.lines.size());
  if (block.end > block.first) return;
  while (!page_.cells.empty() && page_.cells.back().block == page_.blocks.size() - 1) page_.cells.pop_back();
  page_.blocks.pop_back();
}

Page PageBuilder::finish() {
  end_link();
  end_block();
  // Byte offsets of the lines, in one pass over the text.
  std::size_t at = 0;
  std::uint32_t scalar = 0;
  const auto seek = [&](std::uint32_t to) {
    for (; scalar < to && at < page_.text.size(); ++scalar)
      at += first_scalar(std::string_view(page_.text).substr(at)).bytes;
    return at;
  };
  for (Block& block : page_.blocks) {
    for (std::uint32_t i = block.first; i < block.end; ++i) {
      const std::size_t from = seek(page_.lines[i].chars.from), to = seek(page_.lines[i].chars.to);
      append_line(block.text, std::string_view(page_.text).substr(from, to - from), page_.text);
    }
  }
  return std::move(page_);
}

}  // namespace tenfold::media::documents
