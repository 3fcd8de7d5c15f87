#include "cli/repl.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "answer/explain_tuple.h"
#include "answer/render.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/line_editor.h"
#include "cli/repl_entry.h"
#include "lang/lang.h"
#include "provenance/provenance.h"

namespace tenfold::cli {
namespace {

constexpr const char* kName = "<input>";

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return "";
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::size_t lines(const std::string& text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

const std::vector<Repl::Command>& Repl::commands() {
  static const std::vector<Command> kCommands = {
      {"why", "TUPLE", "why a tuple holds: :why path(0, 2)", &Repl::why},
      {"plan", "[RELATION]", "how all relations, or this one, are computed", &Repl::show_plan},
      {"types", "", "the relations and their columns", &Repl::show_types},
      {"facts", "[RELATION]", "the facts that were stated", &Repl::show_facts},
      {"load", "FILE", "a program FILE.scl, or facts as RELATION=FILE.csv", &Repl::load},
      {"provenance", "[NAME [K]]", "how evidence combines from now on, or what is used", &Repl::provenance},
      {"clear", "", "forget all items", &Repl::clear},
      {"help", "", "this list", &Repl::help},
      {"quit", "", "end (also Ctrl-D)", &Repl::quit},
  };
  return kCommands;
}

int Repl::run() {
  if (isatty(0))
    talk();
  else
    listen();
  return failed_ && !isatty(0) ? 1 : 0;
}

void Repl::talk() {
  LineEditor editor(history_file(), [this](const std::string& word) { return words(word); });
  std::cout << "tenfold: facts, rules and queries; :help lists commands, Tab completes\n";
  interrupt::install();
  options_.settings.stop = &interrupt::seen();
  while (!done_) {
    std::string entry;
    bool ended = false;
    do {
      interrupt::begin_reading();
      const auto line = editor.read(entry.empty() ? "tenfold> " : "     ... ");
      interrupt::end_reading();
      if (interrupt::seen()) {
        std::cout << "^C\n";
        entry.clear();
        break;
      }
      ended = !line;
      if (ended || (line->empty() && !entry.empty())) break;  // an empty line ends what is not finished
      entry += (entry.empty() ? "" : "\n") + *line;
    } while (!is_complete(entry) && !trimmed(entry).starts_with(":"));
    interrupt::forget();
    if (!trimmed(entry).empty()) {
      editor.remember(entry);
      enter(entry);
    }
    if (ended) {
      std::cout << "\n";
      return;
    }
  }
}

// An item ends where the next begins: a rule may go on in lines of its own.
void Repl::listen() {
  std::string entry;
  for (std::string line; !done_ && std::getline(std::cin, line);) {
    const bool command = trimmed(entry).starts_with(":");
    if (!trimmed(entry).empty() && (command || (begins_item(line) && !needs_next_line(entry)))) {
      enter(entry);
      entry.clear();
    }
    entry += line + "\n";
  }
  if (!done_ && !trimmed(entry).empty()) enter(entry);
}

void Repl::enter(const std::string& entry) {
  const std::string text = trimmed(entry);
  if (text.starts_with(":"))
    command(text);
  else
    add_items(entry);
  std::cout.flush();
}

void Repl::command(const std::string& entry) {
  const std::size_t end = entry.find_first_of(" \t\n");
  const std::string name = entry.substr(1, end == std::string::npos ? end : end - 1);
  const std::string argument = end == std::string::npos ? "" : trimmed(entry.substr(end));
  const Command* found = nullptr;
  for (const Command& c : commands())
    if (!name.empty() && c.name.starts_with(name) && (!found || c.name == name)) found = &c;
  if (found) return (this->*found->run)(argument);
  complain({"unknown-command", {}, "there is no command `:" + name + "`", ":help lists what there is", ""});
}

void Repl::show(std::string_view text) {
  constexpr std::size_t kPiece = 16384;
  for (; !text.empty() && !interrupt::seen(); text.remove_prefix(std::min(kPiece, text.size())))
    std::cout << text.substr(0, kPiece) << std::flush;
}

void Repl::complain(const Error& error) {
  failed_ = true;
  std::cerr << render(error);
}

// Warnings about what was said before were given then.
void Repl::warn(const std::vector<Error>& warnings, const std::string& entry) {
  for (const Error& w : warnings)
    if (w.place.line <= lines(entry)) std::cerr << answer::to_warning(w);
}

// The new items stand first, so that places count from the line that was just typed.
void Repl::add_items(const std::string& entry) {
  const Split split = without_queries(entry);
  const lang::Compiled compiled = lang::compile_text(whole(entry), kName);
  if (!compiled.ok()) {
    for (const Error& error : compiled.errors) complain(error);
    return;
  }
  warn(compiled.program.warnings, entry);
  if (split.asks) ask(whole(entry), options_.settings);
  const std::string rest = trimmed(split.kept);
  if (!rest.empty()) kept_ += rest + "\n";
}

std::shared_ptr<const Program::Parts> Repl::compile(const std::string& text, const Settings& settings) {
  answer::Sources sources;
  sources.text = text;
  for (const auto& [name, file] : options_.networks) sources.networks[name] = file;
  sources.facts = files_;
  sources.threads = thread_count(options_);
  std::vector<Error> errors;
  auto parts = answer::make_parts(kName, settings, sources, &errors);
  if (parts) return *parts;
  if (errors.empty()) errors.push_back(parts.error());
  for (const Error& error : errors) complain(error);
  return nullptr;
}

void Repl::ask(const std::string& text, Settings settings) {
  const auto parts = compile(text, settings);
  if (!parts) return;
  auto session = Session::open(Program(parts));
  if (!session) return complain(session.error());
  auto answer = session->ask();
  if (!answer) return complain(answer.error());
  if (settings.proofs) {
    for (AnswerTuple& t : answer->tuples) {
      // What was asked is an atom: it rests on one tuple, whose name reads better.
      if (t.proof && t.proof->steps[0].premises.size() == 1) {
        proof::drop_root(*t.proof);
        t.relation = t.proof->steps[0].relation;
        t.args = t.proof->steps[0].args;
      }
      show(answer::to_text(t, {.colour = colour_on(1)}));
    }
  } else {
    show(answer::to_table(*answer, {.colour = colour_on(1)}));
  }
  for (const lang::Query& query : parts->queries) {
    const bool any = std::any_of(answer->tuples.begin(), answer->tuples.end(),
                                 [&](const AnswerTuple& t) { return t.relation == query.name; });
    if (!any) std::cout << query.name << ": no tuples\n";
  }
  for (const std::string& warning : answer->warnings) std::cerr << warning << "\n";
}

void Repl::show_plan(const std::string& argument) {
  Settings settings = options_.settings;
  if (!argument.empty()) settings.queries = {argument};
  if (const auto parts = compile(kept_, settings)) std::cout << plan::explain(parts->plan);
}

// A tuple whose arguments are all values, or `_`; false for anything else, which is asked as a query.
bool Repl::explain_tuple(const std::string& argument, Settings settings) {
  const auto asked = answer::parse_tuple(argument);
  if (!asked || lang::compile_text(kept_, kName).program.find(asked->first) == lang::kNone) return false;
  settings.without.insert("demand");
  settings.queries = {asked->first};
  const auto parts = compile(kept_, settings);
  if (!parts) return true;
  auto session = Session::open(Program(parts));
  if (!session) return complain(session.error()), true;
  const auto found = answer::explain_tuple(*session, asked->first, asked->second);
  if (!found && found.error().code == "bad-value") return false;
  const proof::TextStyle style{.colour = colour_on(1)};
  if (!found)
    complain(found.error());
  else
    std::cout << (found->why ? proof::to_text(*found->why, style) : answer::to_text(found->tuple, style));
  return true;
}

void Repl::why(const std::string& argument) {
  if (argument.empty()) return complain({"argument", {}, "which tuple?", "write :why path(0, 2)", ""});
  Settings settings = options_.settings;
  settings.proofs = true;
  if (explain_tuple(argument, settings)) return;
  const std::string text = whole("query " + argument);
  const lang::Compiled compiled = lang::compile_text(text, kName);
  if (compiled.ok()) return ask(text, settings);
  for (const Error& error : compiled.errors) complain(error);
}

void Repl::show_types(const std::string&) {
  const lang::Compiled compiled = lang::compile_text(kept_, kName);
  for (const lang::Relation& r : compiled.program.relations) {
    if (r.synthetic || r.kind == lang::RelationKind::aggregate || r.kind == lang::RelationKind::foreign) continue;
    std::string columns;
    for (const lang::Column& c : r.columns)
      columns += (columns.empty() ? "" : ", ") + std::string(c.bound ? "bound " : "") +
                 (c.name.empty() ? "" : c.name + ": ") + (c.domain.empty() ? std::string(name(c.type)) : c.domain);
    std::cout << "type " << r.name << "(" << columns << ")\n";
  }
}

void Repl::show_facts(const std::string& argument) {
  const lang::Compiled compiled = lang::compile_text(kept_, kName);
  const lang::Program& program = compiled.program;
  for (const lang::Fact& fact : program.facts) {
    const lang::Relation& r = program.relations[fact.relation];
    if (interrupt::seen()) return;
    if (r.synthetic || (!argument.empty() && r.name != argument)) continue;
    std::string args;
    for (std::size_t c = 0; c < fact.row.size(); ++c)
      args += (c ? ", " : "") + literal(fact.row[c], r.columns[c].type, program.symbols);
    std::cout << "rel " << (fact.probability ? number_text(*fact.probability) + "::" : "") << r.name << "(" << args
              << ")\n";
  }
}

void Repl::load(const std::string& argument) {
  const std::size_t at = argument.find('=');
  if (at == std::string::npos) {
    if (argument.empty()) return complain({"argument", {}, "which file?", "write :load FILE.scl", ""});
    std::string quoted;
    for (char c : argument) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    return add_items("import \"" + quoted + "\"");
  }
  files_.emplace_back(trimmed(argument.substr(0, at)), trimmed(argument.substr(at + 1)));
  if (!compile(kept_, options_.settings)) files_.pop_back();
}

void Repl::clear(const std::string&) {
  kept_.clear();
  files_.clear();
}

void Repl::provenance(const std::string& argument) {
  if (argument.empty()) {
    const std::string& name = options_.settings.provenance;
    std::cout << (name.empty() ? "as the items ask: unit, or topkproofs where there are probabilities" : name) << "\n";
    return;
  }
  const std::size_t end = argument.find_first_of(" \t");
  const std::string name = argument.substr(0, end);
  std::string known;
  for (std::string_view each : provenance::kNames) {
    known += (known.empty() ? "" : ", ") + std::string(each);
    if (each != name) continue;
    options_.settings.provenance = name;
    if (end != std::string::npos) {
      const long k = std::strtol(argument.c_str() + end, nullptr, 10);
      if (k < 1) return complain({"argument", {}, "k counts proofs, from 1", "write :provenance topkproofs 10", ""});
      options_.settings.k = static_cast<std::size_t>(k);
    }
    return;
  }
  complain({"unknown-provenance", {}, "there is no provenance `" + name + "`", "use one of: " + known, ""});
}

void Repl::help(const std::string&) {
  std::cout
      << "Type items of a program: rel edge = {(0, 1), (1, 2)}, then query edge. An unfinished item goes on in the\n"
         "next line; an empty line ends it. A query runs over all items so far.\n"
         "Ctrl-C discards what is being typed, or stops what runs.\n";
  for (const Command& c : commands())
    std::cout << fmt::format("  {:<24}{}\n", fmt::format(":{} {}", c.name, c.argument), c.help);
}

void Repl::quit(const std::string&) { done_ = true; }

bool has_conversation() {
  if (isatty(0)) return true;
  struct stat file {};
  if (fstat(0, &file) != 0 || S_ISCHR(file.st_mode)) return false;
  return std::cin.peek() != std::char_traits<char>::eof();
}

int converse(const Options& options) {
  try {
    return Repl(options).run();
  } catch (const std::exception& e) {
    std::cerr << "tenfold: error: " << e.what() << "\n";
    return 3;
  }
}

}  // namespace tenfold::cli
