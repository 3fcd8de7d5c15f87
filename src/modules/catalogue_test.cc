// The lists of functions and predicates as wholes: names are there once, and docs/modules.md has them all.
#include "modules/catalogue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace tenfold::modules {
namespace {

/// `name` stands in the page in code, and not as part of a longer one.
bool shown(const std::string& page, const std::string& name) {
  for (std::size_t at = page.find("`" + name); at != std::string::npos; at = page.find("`" + name, at + 1)) {
    const char next = page[at + 1 + name.size()];
    if (next == '(' || next == '`') return true;
  }
  return false;
}

TEST(Catalogue, ThePageHasEveryFunctionAndPredicate) {
  std::ifstream in(std::string(TENFOLD_SOURCE_DIR) + "/docs/modules.md");
  std::stringstream page;
  page << in.rdbuf();
  ASSERT_FALSE(page.str().empty());
  EXPECT_FALSE(shown(page.str(), "no_such_function"));
  for (const Function& f : functions()) EXPECT_TRUE(shown(page.str(), "$" + std::string(f.name))) << f.name;
  for (const Predicate& p : predicates()) EXPECT_TRUE(shown(page.str(), std::string(p.name))) << p.name;
}

TEST(Catalogue, NamesAreThereOnce) {
  std::set<std::string_view> names;
  for (const Function& f : functions()) EXPECT_TRUE(names.insert(f.name).second) << f.name;
  names.clear();
  for (const Predicate& p : predicates()) EXPECT_TRUE(names.insert(p.name).second) << p.name;
}

}  // namespace
}  // namespace tenfold::modules
