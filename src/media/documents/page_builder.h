// Puts a Page together in reading order; its text, the spans of it and the numbers of lines and words follow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "media/documents/document.h"

namespace tenfold::media::documents {

class PageBuilder {
 public:
  void begin_block(Kind kind, std::uint32_t level);
  /// Requires a block begun. A line is closed by the next, by end_block or by finish.
  void begin_line();
  /// Requires a line begun. `before` stands between it and the word before on its line.
  void add_word(Word word, std::string_view before = " ");
  /// Words added until end_cell are the cell's. Requires a block of kind table.
  void begin_cell(std::uint32_t row, std::uint32_t column);
  void end_cell();
  /// Words added until end_link are the link's.
  void begin_link(std::string target);
  void end_link();
  /// A block without words is dropped.
  void end_block();
  Page finish();

  std::uint32_t chars() const { return chars_; }

 private:
  void append(std::string_view text);
  void end_line();

  Page page_;
  std::uint32_t chars_ = 0;
  bool line_open_ = false, cell_open_ = false, link_open_ = false;
  std::size_t cell_words_ = 0, link_words_ = 0;  // how many words there were when it began
};

}  // namespace tenfold::media::documents
