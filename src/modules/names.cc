// $damerau_levenshtein $jaro_winkler $token_sort $name_similarity, deletion_key: how near two names are, and keys under
// which near names meet without comparing all pairs. Characters are Unicode scalar values.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "base/value_text.h"
#include "modules/catalogue.h"
#include "modules/letter_case.h"

namespace tenfold::modules {
namespace {

using Scalars = std::vector<char32_t>;
constexpr std::size_t kLongest = 1000;  // characters: a distance takes their product in steps
constexpr std::size_t kLongestKeyed = 64;
constexpr Cell kMostDeletions = 2;

/// Nothing when longer than `most`.
std::optional<Scalars> scalars(std::string_view in, std::size_t most = kLongest) {
  Scalars out;
  for (; !in.empty(); in.remove_prefix(first_scalar(in).bytes)) {
    if (out.size() == most) return std::nullopt;
    out.push_back(first_scalar(in).value);
  }
  return out;
}

/// Insertions, deletions, substitutions and transpositions of neighbours, between which more may be edited. Source:
/// Lowrance, Wagner, "An Extension of the String-to-String Correction Problem", Journal of the ACM 22 (1975) 177-183.
std::size_t distance(const Scalars& a, const Scalars& b) {
  const std::size_t n = a.size(), m = b.size(), far = n + m, width = m + 2;
  std::vector<std::size_t> d((n + 2) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return d[i * width + j]; };
  at(0, 0) = far;
  for (std::size_t i = 0; i <= n; ++i) at(i + 1, 0) = far, at(i + 1, 1) = i;
  for (std::size_t j = 0; j <= m; ++j) at(0, j + 1) = far, at(1, j + 1) = j;
  std::unordered_map<char32_t, std::size_t> last_row;  // where a character was last seen in a
  std::vector<std::size_t*> last_row_of;               // the same by place in b
  for (const char32_t c : b) last_row_of.push_back(&last_row[c]);
  for (std::size_t i = 1; i <= n; ++i) {
    std::size_t last_match = 0;  // in this row
    for (std::size_t j = 1; j <= m; ++j) {
      const std::size_t row = *last_row_of[j - 1], column = last_match;
      const bool same = a[i - 1] == b[j - 1];
      if (same) last_match = j;
      at(i + 1, j + 1) = std::min({at(i, j) + (same ? 0 : 1), at(i + 1, j) + 1, at(i, j + 1) + 1,
                                   at(row, column) + (i - row - 1) + 1 + (j - column - 1)});
    }
    last_row[a[i - 1]] = i;
  }
  return at(n + 1, m + 1);
}

/// Sources: Jaro, "Advances in Record-Linkage Methodology", Journal of the American Statistical Association 84 (1989)
/// 414-420; Winkler, "String Comparator Metrics", Section on Survey Research Methods (1990) 354-359: up to four equal
/// first characters count, where the rest is nearer than 0.7.
double jaro_winkler(const Scalars& a, const Scalars& b) {
  if (a == b) return 1;
  if (a.empty() || b.empty()) return 0;
  const std::size_t longest = std::max(a.size(), b.size());
  const std::size_t window = longest / 2 > 0 ? longest / 2 - 1 : 0;
  std::vector<bool> taken(b.size());
  Scalars mine;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t from = i > window ? i - window : 0, to = std::min(b.size(), i + window + 1);
    for (std::size_t j = from; j < to; ++j) {
      if (taken[j] || a[i] != b[j]) continue;
      taken[j] = true;
      mine.push_back(a[i]);
      break;
    }
  }
  if (mine.empty()) return 0;
  std::size_t out_of_order = 0, at = 0;
  for (std::size_t j = 0; j < b.size(); ++j)
    if (taken[j]) out_of_order += b[j] != mine[at++];
  const auto matches = static_cast<double>(mine.size());
  const double jaro = (matches / static_cast<double>(a.size()) + matches / static_cast<double>(b.size()) +
                       (matches - static_cast<double>(out_of_order / 2)) / matches) /
                      3;
  if (jaro <= 0.7) return jaro;
  std::size_t prefix = 0;
  while (prefix < 4 && prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) ++prefix;
  return jaro + 0.1 * static_cast<double>(prefix) * (1 - jaro);
}

bool separates(char32_t c) {
  return is_space(c) || is_control(c) || (c < 128 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')));
}

/// In small letters, its words in order, one blank between.
std::string token_sorted(std::string_view in) {
  std::vector<std::string> words(1);
  for (; !in.empty(); in.remove_prefix(first_scalar(in).bytes)) {
    const char32_t c = lower(first_scalar(in).value);
    if (!separates(c))
      append_utf8(words.back(), c);
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  std::sort(words.begin(), words.end());
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Maybe call_distance(const Call& call) {
  const auto a = scalars(text(call, 0)), b = scalars(text(call, 1));
  return a && b ? Maybe(Cell{distance(*a, *b)}) : std::nullopt;
}

Maybe call_jaro_winkler(const Call& call) {
  const auto a = scalars(text(call, 0)), b = scalars(text(call, 1));
  return a && b ? fit(jaro_winkler(*a, *b), Type::f64) : std::nullopt;
}

Maybe call_token_sort(const Call& call) {
  const std::string_view in = text(call, 0);
  if (in.size() > 4 * kLongest) return std::nullopt;
  return Cell{call.symbols.intern(token_sorted(in))};
}

Maybe name_similarity(const Call& call) {
  if (std::max(text(call, 0).size(), text(call, 1).size()) > 4 * kLongest) return std::nullopt;
  const auto a = scalars(token_sorted(text(call, 0))), b = scalars(token_sorted(text(call, 1)));
  return a && b ? fit(jaro_winkler(*a, *b), Type::f64) : std::nullopt;
}

/// deletion_key(text, most, key): what is left when up to `most` characters are left out. Two texts within a distance
/// of `most` have a key in common, since an edit changes no other character. Source: Garbe's symmetric delete, 2012.
bool deletion_key(const PredicateCall& call, const RowSink& sink) {
  const auto in = scalars(text(call, 0), kLongestKeyed);
  if (!in || call.inputs[1] > kMostDeletions) return true;
  std::vector<std::string> keys;
  const auto add = [&](std::size_t skip, std::size_t also) {
    std::string key;
    for (std::size_t i = 0; i < in->size(); ++i)
      if (i != skip && i != also) append_utf8(key, (*in)[i]);
    keys.push_back(std::move(key));
  };
  add(in->size(), in->size());
  for (std::size_t i = 0; call.inputs[1] > 0 && i < in->size(); ++i) {
    add(i, i);
    for (std::size_t j = i + 1; call.inputs[1] > 1 && j < in->size(); ++j) add(i, j);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const std::string& key : keys) {
    const Cell row = call.symbols.intern(key);
    if (!sink({&row, 1})) return false;
  }
  return true;
}

}  // namespace

void add_names(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("damerau_levenshtein", {text, text}, usize, call_distance,
      "edits between two texts, a swap of neighbours being one; none past 1000 characters");
  add("jaro_winkler", {text, text}, f64, call_jaro_winkler, "likeness of two texts, 0 to 1");
  add("token_sort", {text}, text, call_token_sort, "in small letters without marks, its words in order");
  add("name_similarity", {text, text}, f64, name_similarity, "Jaro-Winkler of both in token_sort's form, 0 to 1");
}

void add_names(std::vector<Predicate>& list) {
  using F = Family;
  PredicateList{list}("deletion_key", {{"text", F::text}, {"most", F::usize}, {"key", F::text}}, 2, deletion_key,
                      "what up to 2 left out characters leave: near texts share one");
}

}  // namespace tenfold::modules
