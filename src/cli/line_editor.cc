#include "cli/line_editor.h"

#include <dlfcn.h>
#include <editline/readline.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cli/interrupt.h"

namespace tenfold::cli {
namespace fs = std::filesystem;
namespace {

constexpr int kHistoryLines = 5000;

// libedit calls back without an argument: the one editor of the process.
LineEditor::Completer* completer = nullptr;
decltype(&rl_completion_matches) matches = nullptr;
std::vector<std::string> candidates;
int* attempted_over = nullptr;

// libedit's contract: called with state 0, then 1, …, and frees what it gets.
char* next_candidate(const char*, int state) {
  const auto i = static_cast<std::size_t>(state);
  return i < candidates.size() ? strdup(candidates[i].c_str()) : nullptr;
}

char** complete(const char* word, int, int) {
  if (attempted_over) *attempted_over = 1;  // never the names of files
  candidates = (*completer)(word);
  return candidates.empty() ? nullptr : matches(word, next_candidate);
}

}  // namespace

struct LineEditor::Library {
  decltype(&readline) read = nullptr;
  decltype(&add_history) add = nullptr;
  decltype(&read_history) load = nullptr;
  decltype(&write_history) save = nullptr;
  decltype(&rl_prep_terminal) take = nullptr;
};

LineEditor::LineEditor(fs::path history, Completer words) : history_(std::move(history)) {
  void* library = dlopen("libedit.so.2", RTLD_LAZY | RTLD_LOCAL);
  if (!library) return;
  auto find = [&](auto& target, const char* name) {
    target = reinterpret_cast<std::remove_reference_t<decltype(target)>>(dlsym(library, name));
    return target != nullptr;
  };
  auto made = std::make_unique<Library>();
  decltype(&using_history) begin = nullptr;
  decltype(&stifle_history) stifle = nullptr;
  rl_completion_func_t** attempted = nullptr;
  if (!find(made->read, "readline") || !find(made->add, "add_history") || !find(made->load, "read_history") ||
      !find(made->save, "write_history") || !find(begin, "using_history") || !find(stifle, "stifle_history") ||
      !find(made->take, "rl_prep_terminal") || !find(matches, "rl_completion_matches") ||
      !find(attempted, "rl_attempted_completion_function"))
    return;
  find(attempted_over, "rl_attempted_completion_over");
  // What is typed may be in any script; numbers and the order of text stay those of the C locale.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  static Completer kept;
  kept = std::move(words);
  completer = &kept;
  *attempted = complete;
  begin();
  stifle(kHistoryLines);
  if (!history_.empty()) made->load(history_.c_str());
  library_ = made.release();
}

LineEditor::~LineEditor() { delete library_; }

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  if (!library_) return read_plainly(prompt);
  char* line = nullptr;
  do {
    library_->take(1);  // before the prompt: what is typed when it shows belongs to the editor
    errno = 0;
    line = library_->read(prompt.c_str());
  } while (!line && errno == EINTR && !interrupt::seen());  // another signal ends no line
  if (!line) return std::nullopt;
  std::string text(line);
  std::free(line);
  return text;
}

// Not std::getline, which goes on after a signal.
std::optional<std::string> LineEditor::read_plainly(const std::string& prompt) {
  std::cout << prompt << std::flush;
  std::size_t end;
  while ((end = ahead_.find('\n')) == std::string::npos) {
    char more[4096];
    const ssize_t n = ::read(STDIN_FILENO, more, sizeof more);
    if (n > 0) {
      ahead_.append(more, static_cast<std::size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR && !interrupt::seen()) continue;
    if (n < 0 || ahead_.empty()) {
      ahead_.clear();
      return std::nullopt;
    }
    end = ahead_.size();  // the last line, without a line break
    ahead_ += '\n';
    break;
  }
  std::string line = ahead_.substr(0, end);
  ahead_.erase(0, end + 1);
  return line;
}

void LineEditor::remember(const std::string& entry) {
  if (!library_ || entry == last_) return;
  last_ = entry;
  std::string line = entry;
  for (char& c : line)
    if (c == '\n') c = ' ';
  library_->add(line.c_str());
  if (!history_.empty()) library_->save(history_.c_str());
}

fs::path history_file() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (state && *state == '/')
    folder = fs::path(state) / "tenfold";
  else if (home && *home)
    folder = fs::path(home) / ".local/state/tenfold";
  else
    return {};
  std::error_code failed;
  fs::create_directories(folder, failed);
  return failed ? fs::path() : folder / "history";
}

}  // namespace tenfold::cli
