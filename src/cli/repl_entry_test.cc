#include "cli/repl_entry.h"

#include <gtest/gtest.h>

namespace tenfold::cli {
namespace {

TEST(ReplEntry, IsUnfinishedWhileSomethingIsOpenOrTheLastWordJoins) {
  for (const char* open : {"rel a = {(0, 1),", "rel p(x) =", "rel p(x) = a(x) and", "rel s = {\"\"\"a\nb", "/* begins",
                           "@demand(\"bf\")", "rel n(c) = c := count(x: a(x)", "type t ="})
    EXPECT_FALSE(is_complete(open)) << open;
  for (const char* done : {"rel a = {(0, 1)}", "query a", "rel s = {\"(\"}", "rel s = {\"\"\"a\nb\"\"\"}",
                           "// a remark (", "@demand(\"bf\")\ntype p(i32, i32)", "", "rel a = {1})"})
    EXPECT_TRUE(is_complete(done)) << done;
}

TEST(ReplEntry, AnItemBeginsWithItsWord) {
  for (const char* line : {"rel a = {1}", "  query p", "@hidden", ":help", "import \"x.scl\""})
    EXPECT_TRUE(begins_item(line)) << line;
  for (const char* line : {"  and relation(x)", "", "relate(x)", ": i32", ":- p(x)"})
    EXPECT_FALSE(begins_item(line)) << line;
}

TEST(ReplEntry, QueriesAreAskedAndNotKept) {
  const Split split = without_queries("rel a = {1}\nquery a\nrel b(x) = a(x) query b(1)");
  EXPECT_TRUE(split.asks);
  EXPECT_EQ(split.kept, "rel a = {1}\n       \nrel b(x) = a(x)           ");
  EXPECT_FALSE(without_queries("rel a = {1}").asks);
}

}  // namespace
}  // namespace tenfold::cli
