#include "fuzz/shrink.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <vector>

#include "base/value_text.h"
#include "fuzz/check.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

using Strings = std::vector<std::string>;

// Applies `change` to the arguments of every `name(…)` in the text.
std::string with_arguments(const std::string& text, const std::string& name,
                           const std::function<void(Strings&)>& change) {
  const std::regex call("\\b" + name + "\\(");
  std::string out;
  std::smatch found;
  std::string rest = text;
  while (std::regex_search(rest, found, call)) {
    out += found.prefix().str() + found.str();
    rest = found.suffix().str();
    Strings args;
    std::string arg;
    int depth = 0;
    std::size_t at = 0;
    bool quoted = false;
    for (; at < rest.size(); ++at) {
      const char c = rest[at];
      quoted = quoted != (c == '"');
      if (!quoted && c == ')' && depth == 0) break;
      if (!quoted) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (!quoted && c == ',' && depth == 0) {
        args.push_back(arg);
        arg.clear();
      } else if (!arg.empty() || c != ' ') {
        arg += c;
      }
    }
    if (!arg.empty()) args.push_back(arg);
    change(args);
    for (std::size_t i = 0; i < args.size(); ++i) out += (i > 0 ? ", " : "") + args[i];
    rest = rest.substr(at);
  }
  return out + rest;
}

void every_text(Source& source, const std::function<std::string(const std::string&)>& change) {
  for (Item& item : source.items) {
    item.start = change(item.start);
    for (std::string& part : item.parts) part = change(part);
    item.end = change(item.end);
  }
}

Source without_column(Source source, const std::string& relation, std::size_t column) {
  auto drop = [&](Strings& args) {
    if (column < args.size()) args.erase(args.begin() + static_cast<std::ptrdiff_t>(column));
  };
  every_text(source, [&](const std::string& s) { return with_arguments(s, relation, drop); });
  for (Item& item : source.items)
    if (item.start == "rel " + relation + " = {")
      for (std::string& part : item.parts) {
        const auto row = part.find('(');
        part = part.substr(0, row) + with_arguments("r" + part.substr(row), "r", drop).substr(1);
      }
  return source;
}

std::set<std::string> relations(const Source& source) {
  static const std::regex name("\\b([a-z]+[0-9]+)\\(");
  std::set<std::string> out;
  const std::string all = text(source);
  for (std::sregex_iterator at(all.begin(), all.end(), name), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

// Everything one step smaller, the larger steps first.
std::vector<Source> smaller(const Source& source) {
  std::vector<Source> out;
  auto& items = source.items;
  const auto queries =
      std::count_if(items.begin(), items.end(), [](const Item& i) { return i.kind == ItemKind::query; });
  for (std::size_t i = items.size(); i-- > 0;) {
    if (queries == 1 && items[i].kind == ItemKind::query) continue;  // without any, everything is asked
    out.push_back(source);
    out.back().items.erase(out.back().items.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = items.size(); i-- > 0;)
    for (std::size_t p = items[i].parts.size(); p-- > 0 && items[i].parts.size() > 1;) {
      out.push_back(source);
      out.back().items[i].parts.erase(out.back().items[i].parts.begin() + static_cast<std::ptrdiff_t>(p));
    }
  for (const std::string& relation : relations(source))
    for (std::size_t column = 0; column < 4; ++column) {
      out.push_back(without_column(source, relation, column));
      if (text(out.back()) == text(source)) out.pop_back();
    }
  static const std::regex tag("^(rel )?[0-9.]+::"), more("([a-z0-9]+) [+-] 1\\b");
  for (std::size_t i = items.size(); i-- > 0;) {
    const auto attempt = [&](const std::regex& what, const char* by, std::string Item::*start) {
      out.push_back(source);
      Item& item = out.back().items[i];
      item.*start = std::regex_replace(item.*start, what, by);
      if (what.mark_count() > 0)
        for (std::string& part : item.parts) part = std::regex_replace(part, what, by);
      item.tagged = item.tagged && text(item) == text(items[i]);
      if (text(item) == text(items[i])) out.pop_back();
    };
    attempt(tag, "$1", &Item::start);
    attempt(more, "$1", &Item::start);
  }
  return out;
}

// What the networks say of the inputs that the program shows them under some switch.
std::string network_lines(const Source& source, const lang::Program& program) {
  std::map<std::string, std::set<answers::Row>> asked;
  for (const Way& way : ways())
    for (const bool demand : {true, false}) {
      answers::Settings s;
      s.provenance = way.provenance;
      s.k = way.k;
      if (!demand) s.without = {"demand", "order"};
      if (const auto run = answers::run(program, s, stub_of(source)); run)
        for (const auto& [network, rows] : run->asked) asked[network].insert(rows.begin(), rows.end());
    }
  std::string out;
  for (const lang::Network& network : program.networks) {
    std::string line;
    for (const answers::Row& row : asked[network.name]) {
      const answers::Saying& saying = source.networks.at(network.name).at(row);
      line += (line.empty() ? "  " : " | ") + (row.size() == 1 ? row[0] : answers::show(row, 1.0).substr(5));
      if (!saying.refusal.empty()) line += " refused \"" + saying.refusal + "\"";
      for (std::size_t l = 0; l < saying.probabilities.size() && saying.refusal.empty(); ++l)
        if (saying.probabilities[l] > 0.0) line += " " + network.labels[l] + " " + number_text(saying.probabilities[l]);
    }
    if (!line.empty()) out += "network " + network.name + line + "\n";
  }
  return out;
}

std::string table_line(const answers::Table& table) {
  std::string out;
  for (const auto& [row, p] : table) {
    const std::string shown = answers::show(row, p);
    out += (out.empty() ? "" : " | ") + (p == 1.0 ? shown.substr(shown.find("::") + 3) : shown);
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

Source shrink(Source source, const Wrong& wrong, int attempts) {
  for (bool again = true; again && attempts > 0;) {
    again = false;
    for (Source& candidate : smaller(source)) {
      if (--attempts <= 0) break;
      if (wrong(candidate).empty()) continue;
      source = std::move(candidate);
      again = true;
      break;
    }
  }
  return source;
}

std::string as_test(const Source& source, const std::string& title) {
  std::string out = "== " + title + "\nprogram\n";
  for (const Item& item : source.items) out += "  " + text(item) + "\n";
  const lang::Compiled compiled = lang::compile_text(text(source));
  if (!compiled.ok()) return out;
  out += network_lines(source, compiled.program);
  for (const Way& way : ways()) {
    if (way.meaning.empty()) continue;
    const auto wanted = expected(source, compiled.program, way.meaning);
    if (!wanted) continue;
    for (const auto& [query, table] : *wanted)
      out += "query " + query + " under " + way.text() + " => " + table_line(table) + "\n";
  }
  return out;
}

std::string write_found(const std::string& name, const std::string& test) {
  const char* folder = std::getenv("TENFOLD_FUZZ_FOUND");
  const std::filesystem::path file = std::filesystem::path(folder ? folder : "fuzz-found") / (name + ".test");
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  std::ofstream(file) << "# Found by tests/fuzz.\n\n" << test;
  return std::filesystem::exists(file, failed) ? file.string() : "";
}

}  // namespace tenfold::fuzz
