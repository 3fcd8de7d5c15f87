#include "fuzz/metamorphic.h"

#include <algorithm>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <vector>

#include "engine/engine.h"
#include "fuzz/check.h"
#include "lang/lang.h"

namespace tenfold::fuzz {
namespace {

using answers::Answers;
using Random = std::mt19937_64;
using Strings = std::vector<std::string>;

// An atom of a relation without bound columns.
bool plain_atom(const std::string& part) {
  static const std::regex atom("[erg][0-9]+\\([^()]*\\)");
  return std::regex_match(part, atom);
}

// Names of variables, in order of first use, but for those of `exists` and `forall`.
Strings variables(const std::string& text) {
  static const std::regex name("\"[^\"]*\"|\\b([xyzuvwpqst][0-9]*)\\b(?!\\()");
  Strings out;
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
    if ((*at)[1].matched && (*at)[1] != "q9" && std::find(out.begin(), out.end(), (*at)[1].str()) == out.end())
      out.push_back((*at)[1].str());
  return out;
}

std::string joined(const Strings& all, const std::string& between) {
  std::string out;
  for (const std::string& s : all) out += (out.empty() ? "" : between) + s;
  return out;
}

Item rule(std::string head, Strings body) {
  return {ItemKind::rule, "rel " + std::move(head) + " = ", std::move(body), " and ", "", false, false};
}

std::vector<std::size_t> rules_of(const Source& source) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < source.items.size(); ++i)
    if (source.items[i].kind == ItemKind::rule && !source.items[i].single && !source.items[i].parts.empty())
      out.push_back(i);
  return out;
}

void after(Source& source, std::size_t at, Item item) {
  source.items.insert(source.items.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(item));
}

Source shuffled(Source source, Random& random) {
  const auto begin = std::stable_partition(source.items.begin(), source.items.end(),
                                           [](const Item& i) { return i.kind == ItemKind::declaration; });
  const auto end =
      std::stable_partition(begin, source.items.end(), [](const Item& i) { return i.kind != ItemKind::query; });
  std::shuffle(begin, end, random);
  for (auto item = begin; item != end; ++item)
    if (!item->single || item->kind == ItemKind::facts) std::shuffle(item->parts.begin(), item->parts.end(), random);
  return source;
}

Source renamed(Source source, Random&) {
  static const std::regex relation("\\b(e|r|g|net|nonet|bound)([0-9]+)\\b"), variable("\\b([xyzuvwpqst])\\b(?!\")");
  auto rename = [&](std::string& s) {
    s = std::regex_replace(s, relation, "named_$1$2");
    s = std::regex_replace(s, variable, "v$1");
  };
  for (Item& item : source.items) {
    rename(item.start);
    rename(item.end);
    for (std::string& part : item.parts) rename(part);
  }
  return source;
}

Source said_twice(Source source, Random& random) {
  std::vector<Item> items;
  for (const Item& item : source.items) {
    items.push_back(item);
    if (item.kind != ItemKind::rule || item.tagged) continue;
    if (random() % 2) items.push_back(item);
    if (!item.single && !item.parts.empty() && random() % 2)
      items.back().parts.push_back(item.parts[random() % item.parts.size()]);
  }
  source.items = items;
  return source;
}

// A rule that is true only where another one is: the same with one more condition.
Source narrower_rule(Source source, Random& random) {
  Strings facts;
  for (const Item& item : source.items)
    if (item.kind == ItemKind::facts && item.parts.size() == 1)
      facts.push_back(item.parts[0].substr(item.parts[0].find_first_not_of("0123456789.:")));
  const auto rules = rules_of(source);
  for (std::size_t i = rules.size(); i-- > 0 && !facts.empty();) {
    Item item = source.items[rules[i]];
    if (item.tagged) continue;
    item.parts.insert(item.parts.begin() + static_cast<std::ptrdiff_t>(random() % (item.parts.size() + 1)),
                      facts[random() % facts.size()]);
    after(source, rules[i], item);
  }
  return source;
}

// The same rule for the case that two of its variables are equal.
Source instance_of_rule(Source source, Random& random) {
  const auto rules = rules_of(source);
  if (rules.empty()) return source;
  const std::size_t at = rules[random() % rules.size()];
  Item item = source.items[at];
  Strings names = variables(text(item));
  if (item.tagged || names.size() < 2) return source;
  std::shuffle(names.begin(), names.end(), random);
  const std::regex one("\\b" + names[0] + "\\b(?!\")");
  item.start = std::regex_replace(item.start, one, names[1]);
  for (std::string& part : item.parts) part = std::regex_replace(part, one, names[1]);
  after(source, at, item);
  return source;
}

Source dead_rule(Source source, Random& random) {
  const auto rules = rules_of(source);
  if (rules.empty()) return source;
  const std::size_t at = rules[random() % rules.size()];
  Item item = source.items[at];
  item.parts.insert(item.parts.begin() + static_cast<std::ptrdiff_t>(random() % (item.parts.size() + 1)), "1 == 2");
  after(source, at, item);
  return source;
}

// Some of the atoms of each rule move to a relation of their own.
Source split_rules(Source source, Random& random) {
  const auto rules = rules_of(source);
  for (std::size_t i = rules.size(); i-- > 0;) {
    Item& item = source.items[rules[i]];
    Strings moved, kept;
    for (const std::string& part : item.parts) (plain_atom(part) && random() % 4 != 0 ? moved : kept).push_back(part);
    if (moved.empty()) continue;
    const std::string head = "step" + std::to_string(i) + "(" + joined(variables(joined(moved, " and ")), ", ") + ")";
    kept.insert(kept.begin(), head);
    item.parts = kept;
    after(source, rules[i], rule(head, moved));
  }
  return source;
}

// The facts of a relation are given to another one, and copied by a rule.
Source given_elsewhere(Source source, Random& random) {
  static const std::regex stated("rel (e[0-9]+) = \\{|(?:[0-9.]+::)?(e[0-9]+)\\(.*");
  std::map<std::string, std::size_t> arity;
  for (const Item& item : source.items) {
    std::smatch name;
    const std::string whole = item.kind == ItemKind::facts ? (item.end.empty() ? item.parts[0] : item.start) : "";
    if (!std::regex_match(whole, name, stated)) continue;
    const std::string row = item.parts[0].substr(item.parts[0].find('('));
    arity[name[1].matched ? name[1].str() : name[2].str()] =
        static_cast<std::size_t>(std::count(row.begin(), row.end(), ',')) + 1;
  }
  if (arity.empty()) return source;
  const auto chosen = std::next(arity.begin(), static_cast<std::ptrdiff_t>(random() % arity.size()));
  const std::regex name("\\b" + chosen->first + "\\b");
  std::size_t last = 0;
  for (std::size_t i = 0; i < source.items.size(); ++i) {
    Item& item = source.items[i];
    if (item.kind != ItemKind::facts) continue;
    last = i;
    item.start = std::regex_replace(item.start, name, "given_" + chosen->first);
    for (std::string& part : item.parts) part = std::regex_replace(part, name, "given_" + chosen->first);
  }
  Strings columns;
  for (std::size_t c = 0; c < chosen->second; ++c) columns.push_back("c" + std::to_string(c));
  const std::string args = "(" + joined(columns, ", ") + ")";
  after(source, last, rule(chosen->first + args, {"given_" + chosen->first + args}));
  return source;
}

// What else is asked restricts demand less, or otherwise.
Source asked_beside(Source source, Random& random) {
  static const std::regex head("rel (?:[0-9.]+::)?([rg][0-9]+)\\(.*");
  std::set<std::string> known;
  for (const Item& item : source.items) {
    std::smatch name;
    if (item.kind == ItemKind::rule && std::regex_match(item.start, name, head)) known.insert(name[1]);
    if (item.kind == ItemKind::query) known.erase(item.start.substr(6));
  }
  for (const std::string& name : known)
    if (random() % 2) source.items.push_back({ItemKind::query, "query " + name, {}, "", "", false, true});
  return source;
}

struct Change {
  const char* name;
  bool for_sums;  // also where alternatives add up (addmultprob)
  Source (*apply)(Source, Random&);
};

constexpr Change kChanges[] = {
    {"shuffled", true, shuffled},
    {"renamed", true, renamed},
    {"said twice", false, said_twice},
    {"with a narrower rule", false, narrower_rule},
    {"with an instance of a rule", false, instance_of_rule},
    {"with a dead rule", true, dead_rule},
    {"with a step between", false, split_rules},
    {"with facts given elsewhere", true, given_elsewhere},
    {"asked beside others", true, asked_beside},
};

struct Outcome {
  std::vector<answers::Table> tables;  // of the queries, in the order of the text
  std::vector<std::string> names;
  std::string failure;
  bool compiled = true, no_answer = false;
};

Outcome outcome(const Source& source, const lang::Compiled& compiled, const Way& way, bool brief) {
  Outcome out;
  answers::Settings s;
  s.provenance = way.provenance;
  s.k = way.k;
  if (brief) s.timeout_s = 1;
  const auto run = answers::run(compiled.program, s, stub_of(source));
  if (!run || run->cut) {
    out.no_answer = true;
    if (!run && !allowed(run.error()) && !(brief && engine::is_limit(run.error()))) out.failure = render(run.error());
    return out;
  }
  for (const lang::Query& query : compiled.program.queries) {
    out.names.push_back(query.name);
    out.tables.push_back(run->answers.at(query.name));
  }
  return out;
}

std::string compare(const Outcome& wanted, const Outcome& found) {
  Answers w, f;
  if (found.tables.size() < wanted.tables.size()) return "    queries are missing\n";
  for (std::size_t q = 0; q < wanted.tables.size(); ++q) {
    w[wanted.names[q]] = wanted.tables[q];
    f[wanted.names[q]] = found.tables[q];
  }
  return difference(w, f);
}

}  // namespace

std::string ChangeCounts::text() const {
  std::string out;
  for (const auto& [name, c] : by_name)
    out += "  " + name + ": " + std::to_string(c.tried) + " tried, " + std::to_string(c.changed) +
           " changed the text, " + std::to_string(c.refused) + " refused\n";
  return out;
}

std::string check_changes(const Source& source, std::uint64_t seed, ChangeCounts& counts, bool brief) {
  const lang::Compiled original = lang::compile_text(text(source));
  if (!original.ok()) return "";
  std::vector<std::pair<Way, Outcome>> wanted;
  for (const Way& way : ways()) {
    if (way.meaning.empty() || way.provenance == "natural") continue;  // one pass of a cycle depends on its order
    wanted.emplace_back(way, outcome(source, original, way, brief));
    if (!wanted.back().second.failure.empty()) return "";  // check() has seen it
  }
  for (const Change& change : kChanges) {
    Random random(seed);
    auto& count = counts.by_name[change.name];
    ++count.tried;
    const Source other = change.apply(source, random);
    const std::string program = text(other);
    if (program == text(source)) continue;
    ++count.changed;
    const lang::Compiled compiled = lang::compile_text(program);
    if (!compiled.ok()) {
      ++count.refused;
      continue;
    }
    for (const auto& [way, before] : wanted) {
      if (before.no_answer || (!way.idempotent && !change.for_sums)) continue;
      const Outcome found = outcome(other, compiled, way, brief);
      if (!found.failure.empty()) return std::string(change.name) + " fails: " + found.failure + program;
      if (found.no_answer) continue;
      if (auto wrong = compare(before, found); !wrong.empty())
        return way.text() + ", " + change.name + ":\n" + wrong + program;
    }
  }
  return "";
}

}  // namespace tenfold::fuzz
