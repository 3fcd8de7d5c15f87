// $regex_match $regex_search $regex_replace, regex_find and regex_group: regular expressions by RE2, which has no
// backtracking: one search is linear in its text, whatever the pattern. All matches of a text together take at most one
// search each. Syntax: https://github.com/google/re2/wiki/Syntax (no look-around, no back-references).
#include <re2/re2.h>

#include <map>
#include <memory>
#include <random>
#include <string>

#include "base/utf8.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

constexpr std::size_t kLongestPattern = 4096;   // bytes
constexpr std::size_t kLongestText = 16 << 20;  // bytes, as other texts
constexpr std::int64_t kMemory = 4 << 20;       // bytes a compiled pattern may take, with what it learns of texts
constexpr std::size_t kMostPatterns = 32;       // kept compiled, a thread

std::unique_ptr<RE2> compiled(std::string_view pattern) {
  if (pattern.size() > kLongestPattern) return nullptr;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  return std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

/// Null when it is none. The caller shares it: between two matches the rule may ask for so many others that it goes.
std::shared_ptr<const RE2> find_pattern(std::string_view pattern) {
  using Known = std::map<std::string, std::shared_ptr<const RE2>, std::less<>>;
  thread_local Known known;
  thread_local std::vector<Known::iterator> all;
  // The one to go is drawn: of patterns that come round in turn, and are one too many, the oldest would go each time
  // just before it is asked for.
  thread_local std::minstd_rand draw;
  auto at = known.find(pattern);
  if (at == known.end()) {
    at = known.emplace(pattern, compiled(pattern)).first;
    if (all.size() < kMostPatterns)
      all.push_back(at);
    else
      known.erase(std::exchange(all[draw() % kMostPatterns], at));
  }
  return at->second && at->second->ok() ? at->second : nullptr;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

template <RE2::Anchor anchor>
Maybe matches(const Call& call) {
  const auto pattern = find_pattern(text(call, 0));
  const std::string_view in = text(call, 1);
  if (!pattern || in.size() > kLongestText) return std::nullopt;
  return Cell{pattern->Match(piece(in), 0, in.size(), anchor, nullptr, 0)};
}

/// The matches from the left, not overlapping; after an empty one the search goes on a character later. `take` gets the
/// groups (0 is the whole match) and says false to stop.
template <class Take>
bool each_match(const RE2& pattern, std::string_view in, Take take) {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1);
  for (std::size_t at = 0; at <= in.size();) {
    if (!pattern.Match(piece(in), at, in.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
      return true;
    if (!take(groups)) return false;
    at = static_cast<std::size_t>(groups[0].end() - in.data());
    if (groups[0].empty()) at += at < in.size() ? first_scalar(in.substr(at)).bytes : 1;
  }
  return true;
}

/// $regex_replace(pattern, text, by): every match; \1 to \9 in `by` are groups, \0 the match.
Maybe replace(const Call& call) {
  const auto pattern = find_pattern(text(call, 0));
  const std::string_view in = text(call, 1), by = text(call, 2);
  std::string error;
  if (!pattern || in.size() > kLongestText || !pattern->CheckRewriteString(piece(by), &error)) return std::nullopt;
  std::string out;
  std::size_t at = 0;
  const bool whole = each_match(*pattern, in, [&](const std::vector<re2::StringPiece>& groups) {
    out += in.substr(at, static_cast<std::size_t>(groups[0].begin() - in.data()) - at);
    pattern->Rewrite(&out, piece(by), groups.data(), static_cast<int>(groups.size()));
    at = static_cast<std::size_t>(groups[0].end() - in.data());
    return out.size() <= kLongestText;
  });
  if (!whole) return std::nullopt;
  out += in.substr(at);
  return out.size() <= kLongestText ? Maybe(call.symbols.intern(out)) : std::nullopt;
}

/// regex_find(pattern, text, from, to, match), in characters.
bool find(const PredicateCall& call, const RowSink& sink) {
  const auto pattern = find_pattern(text(call, 0));
  const std::string_view in = text(call, 1);
  if (!pattern || in.size() > kLongestText) return true;
  std::size_t counted = 0;  // bytes whose characters are in row[0]
  Cell from = 0;
  return each_match(*pattern, in, [&](const std::vector<re2::StringPiece>& groups) {
    const auto begin = static_cast<std::size_t>(groups[0].begin() - in.data());
    from += count_scalars(in.substr(counted, begin - counted));
    counted = begin;
    const std::string_view match(groups[0].data(), groups[0].size());
    const Cell row[] = {from, from + count_scalars(match), call.symbols.intern(match)};
    return sink(row);
  });
}

/// regex_group(pattern, text, match, group, value): of each match, counted from 0, its groups by name, or by number
/// where they have none. A group that took no part in the match has no row.
bool group(const PredicateCall& call, const RowSink& sink) {
  const auto pattern = find_pattern(text(call, 0));
  const std::string_view in = text(call, 1);
  if (!pattern || in.size() > kLongestText) return true;
  const auto& names = pattern->CapturingGroupNames();
  Cell index = 0;
  return each_match(*pattern, in, [&](const std::vector<re2::StringPiece>& groups) {
    for (std::size_t g = 1; g < groups.size(); ++g) {
      if (groups[g].data() == nullptr) continue;
      const auto named = names.find(static_cast<int>(g));
      const std::string name = named == names.end() ? std::to_string(g) : named->second;
      const Cell row[] = {index, call.symbols.intern(name), call.symbols.intern({groups[g].data(), groups[g].size()})};
      if (!sink(row)) return false;
    }
    ++index;
    return true;
  });
}

std::optional<Complaint> refuse_pattern(std::size_t argument, std::string_view text) {
  if (argument != 0) return std::nullopt;
  if (text.size() > kLongestPattern)
    return Complaint{"this pattern is longer than 4096 bytes", "split it into several"};
  const auto pattern = compiled(text);
  if (pattern->ok()) return std::nullopt;
  return Complaint{"this is no regular expression: " + pattern->error(),
                   "the syntax is RE2's: no look-around, no back-references; in a text \\d is written \"\\\\d\""};
}

}  // namespace

void add_regex(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("regex_match", {text, text}, boolean, matches<RE2::ANCHOR_BOTH>,
      "$regex_match(pattern, text): the whole text matches", refuse_pattern);
  add("regex_search", {text, text}, boolean, matches<RE2::UNANCHORED>,
      "$regex_search(pattern, text): some part of the text matches", refuse_pattern);
  add("regex_replace", {text, text, text}, text, replace,
      "$regex_replace(pattern, text, by): every match replaced; \\1 is a group", refuse_pattern);
}

void add_regex(std::vector<Predicate>& list) {
  using F = Family;
  const PredicateList add(list);
  const PredicateColumn pattern{"pattern", F::text}, text{"text", F::text};
  add("regex_find", {pattern, text, {"from", F::usize}, {"to", F::usize}, {"match", F::text}}, 2, find,
      "every match from the left, as [from, to) in characters", refuse_pattern);
  add("regex_group", {pattern, text, {"match", F::usize}, {"group", F::text}, {"value", F::text}}, 2, group,
      "the groups of every match, by name or number", refuse_pattern);
}

}  // namespace tenfold::modules
