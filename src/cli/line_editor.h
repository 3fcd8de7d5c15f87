// Lines from a terminal, with history and completion by libedit. The library is opened when the first line is read: a
// run of a program does not pay for it, and without it lines are read plainly.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenfold::cli {

class LineEditor {
 public:
  /// What a word may become.
  using Completer = std::function<std::vector<std::string>(const std::string& word)>;

  /// `history` is read now and added to by each line; empty = none is kept.
  LineEditor(std::filesystem::path history, Completer completer);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// A line without its line break; nothing at the end of the input, or where Ctrl-C ends the read (interrupt.h).
  std::optional<std::string> read(const std::string& prompt);
  /// Adds what was entered, as one line, unless it repeats the last.
  void remember(const std::string& entry);

 private:
  struct Library;
  Library* library_ = nullptr;
  std::optional<std::string> read_plainly(const std::string& prompt);

  std::filesystem::path history_;
  std::string last_;
  std::string ahead_;  // read plainly, and not yet asked for
};

/// $XDG_STATE_HOME/tenfold/history, with its folder made; empty when there is no home.
std::filesystem::path history_file();

}  // namespace tenfold::cli
