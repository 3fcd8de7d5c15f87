#include <algorithm>
#include <map>
#include <set>

#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

using enum Type;

class NamesTest : public CallTest {
 protected:
  std::string distance(const std::string& a, const std::string& b) {
    return call("damerau_levenshtein", {{string, a}, {string, b}}, usize);
  }
  double likeness(std::string_view name, const std::string& a, const std::string& b) {
    return std::stod(call(name, {{string, a}, {string, b}}, f64));
  }
  std::string sorted(const std::string& a) { return call("token_sort", {{string, a}}, string); }
  std::set<std::string> keys(const std::string& text, Cell most) {
    const auto all = rows("deletion_key", {{string, text}, {usize, std::to_string(most)}});
    return {all.begin(), all.end()};
  }
};

/// All texts over two letters of at most four, and the fewest edits from `from` to each, by breadth first search over
/// single edits of texts of at most six.
std::map<std::string, std::size_t> fewest(const std::string& from) {
  std::map<std::string, std::size_t> found{{from, 0}};
  std::vector<std::string> ring{from};
  for (std::size_t steps = 1; !ring.empty(); ++steps) {
    std::vector<std::string> next;
    const auto reach = [&](const std::string& s) {
      if (s.size() <= 6 && found.emplace(s, steps).second) next.push_back(s);
    };
    for (const std::string& s : ring) {
      for (std::size_t i = 0; i <= s.size(); ++i) {
        for (const char c : {'a', 'b', 'c'}) {
          reach(s.substr(0, i) + c + s.substr(i));
          if (i < s.size()) reach(s.substr(0, i) + c + s.substr(i + 1));
        }
        if (i < s.size()) reach(s.substr(0, i) + s.substr(i + 1));
        if (i + 1 < s.size()) reach(s.substr(0, i) + s[i + 1] + s[i] + s.substr(i + 2));
      }
    }
    ring = next;
  }
  return found;
}

TEST_F(NamesTest, TheDistanceIsTheFewestEdits) {
  for (const char* from : {"", "a", "ab", "abc", "abca", "aabb", "cabc"})
    for (const auto& [to, edits] : fewest(from))
      ASSERT_EQ(distance(from, to), std::to_string(edits)) << from << " " << to;
  EXPECT_EQ(distance("ca", "abc"), "2");  // 3 where no edit may stand between swapped letters
  EXPECT_EQ(distance("Müller", "Muller"), "1");
  EXPECT_EQ(distance(std::string(1001, 'a'), ""), "none");
  EXPECT_EQ(distance(std::string(1000, 'a'), std::string(1000, 'b')), "1000");
}

// The table of Winkler's article, as jellyfish and others repeat it.
TEST_F(NamesTest, JaroWinklerIsAsPublished) {
  EXPECT_NEAR(likeness("jaro_winkler", "MARTHA", "MARHTA"), 0.9611, 5e-5);
  EXPECT_NEAR(likeness("jaro_winkler", "DWAYNE", "DUANE"), 0.8400, 5e-5);
  EXPECT_NEAR(likeness("jaro_winkler", "DIXON", "DICKSONX"), 0.8133, 5e-5);
  EXPECT_NEAR(likeness("jaro_winkler", "DUNNINGHAM", "CUNNIGHAM"), 0.8963, 5e-5);
  EXPECT_EQ(likeness("jaro_winkler", "", ""), 1);
  EXPECT_EQ(likeness("jaro_winkler", "a", ""), 0);
  EXPECT_EQ(likeness("jaro_winkler", "a", "b"), 0);
  EXPECT_EQ(likeness("jaro_winkler", "a", "a"), 1);
}

TEST_F(NamesTest, WordsAreSorted) {
  EXPECT_EQ(sorted("  O'Neil,  ANNA-Maria "), "anna maria neil o");
  EXPECT_EQ(sorted("Ärzte é"), "ärzte é");
  EXPECT_EQ(sorted(",.- "), "");
  EXPECT_EQ(likeness("name_similarity", "Smith, John", "john smith"), 1);
  EXPECT_LT(likeness("name_similarity", "Smith, John", "Jones, Mary"), 0.7);
}

TEST_F(NamesTest, NearTextsShareAKey) {
  for (const char* from : {"", "ab", "abca", "cabc", "aabbc"})
    for (const auto& [to, edits] : fewest(from)) {
      if (edits > 2) continue;
      const auto a = keys(from, edits), b = keys(to, edits);
      ASSERT_TRUE(std::any_of(a.begin(), a.end(), [&](const std::string& k) { return b.contains(k); }))
          << from << " " << to << " " << edits;
    }
  EXPECT_EQ(keys("abc", 1), (std::set<std::string>{"abc", "ab", "ac", "bc"}));
  EXPECT_EQ(keys("abc", 0), (std::set<std::string>{"abc"}));
  EXPECT_TRUE(keys("abc", 3).empty());
  EXPECT_TRUE(keys(std::string(65, 'a'), 1).empty());
  EXPECT_EQ(keys("ä", 1), (std::set<std::string>{"ä", ""}));
}

}  // namespace
}  // namespace tenfold::modules
