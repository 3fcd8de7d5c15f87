// The conversation: `tenfold` on a terminal, or with items piped to it. Each entry is one or more items of a program,
// or a command that begins with a colon. Items are kept; a query runs over all that was kept, and is not. An error
// leaves everything as it was.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "answer/parts.h"
#include "cli/options.h"

namespace tenfold::cli {

class Repl {
 public:
  explicit Repl(Options options) : options_(std::move(options)) {}
  /// Exit status: 0, or 1 when something piped in was wrong.
  int run();

 private:
  struct Command {
    std::string_view name, argument, help;
    void (Repl::*run)(const std::string& argument);
  };
  static const std::vector<Command>& commands();

  void talk();    // on a terminal
  void listen();  // items from a pipe
  void enter(const std::string& entry);
  void command(const std::string& entry);
  void add_items(const std::string& entry);
  void ask(const std::string& text, Settings settings);
  std::shared_ptr<const Program::Parts> compile(const std::string& text, const Settings& settings);
  void show(std::string_view text);  // on stdout, until Ctrl-C is typed
  void complain(const Error& error);
  void warn(const std::vector<Error>& warnings, const std::string& entry);
  std::vector<std::string> words(const std::string& start) const;
  std::string whole(const std::string& entry) const { return entry + "\n" + kept_; }

  void show_plan(const std::string& argument);
  void why(const std::string& argument);
  bool explain_tuple(const std::string& argument, Settings settings);
  void show_types(const std::string& argument);
  void show_facts(const std::string& argument);
  void load(const std::string& argument);
  void clear(const std::string& argument);
  void provenance(const std::string& argument);
  void help(const std::string& argument);
  void quit(const std::string& argument);

  Options options_;
  std::string kept_;                                        // items so far, without queries
  std::vector<std::pair<std::string, std::string>> files_;  // :load REL=FILE
  bool done_ = false, failed_ = false;
};

}  // namespace tenfold::cli
