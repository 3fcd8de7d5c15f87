// Needs a server for all but one: TENFOLD_TEST_POSTGRES=postgresql://postgres@127.0.0.1:5432/postgres, of which nothing
// is kept. The role may be a superuser: then COPY … TO PROGRAM must be refused by us.
#include <gtest/gtest.h>

#include <cstdlib>

#include "media/tables/table_file.h"

namespace tenfold::media {
namespace {

class Postgres : public testing::Test {
 protected:
  void SetUp() override {
    const char* address = std::getenv("TENFOLD_TEST_POSTGRES");
    if (!address) GTEST_SKIP() << "TENFOLD_TEST_POSTGRES names no server";
    address_ = address;
  }

  /// Facts one a line as "a|b @row", or the error as "code what".
  std::string read(const std::string& query, const std::vector<Type>& types, bool skip_nulls = false) {
    TableInput input;
    input.file = {address_, "server", {}, "r", types, true};
    input.query = query;
    input.skip_nulls = skip_nulls;
    const auto table = read_table(input, symbols_);
    if (!table) return table.error().code + " " + table.error().what;
    std::string out;
    for (std::size_t i = 0; i < table->rows(); ++i) {
      for (std::size_t j = 0; j < types.size(); ++j)
        out += (j ? "|" : "") + plain(table->row(i)[j], types[j], symbols_);
      out += " @" + std::string(symbols_.text(table->origins[i])) + "\n";
    }
    return out;
  }

  std::string address_;
  Symbols symbols_;
};

TEST_F(Postgres, Types) {
  EXPECT_EQ(
      read("SELECT 1::int2, 9223372036854775807, 0.1::float8, 12.50::numeric, 'a b'::text, true, DATE '2020-01-31',"
           " TIMESTAMPTZ '2020-01-31 08:30:00.5+02'",
           {Type::u8, Type::i64, Type::f64, Type::rational, Type::string, Type::boolean, Type::datetime,
            Type::datetime}),
      "1|9223372036854775807|0.1|12.5|a b|true|2020-01-31|2020-01-31T06:30:00.5Z @server:1\n");
  EXPECT_EQ(read("VALUES (1), (NULL), (3)", {Type::i32}, true), "1 @server:1\n3 @server:3\n");
  EXPECT_EQ(read("VALUES (1), (NULL)", {Type::i32}), "table-null column `column1` of row 2 holds no value");
  EXPECT_EQ(read("SELECT '{}'::jsonb AS j", {Type::string}),
            "table-cell column `j` of row 1 holds a list, a structure or bytes, which is no String");
  EXPECT_EQ(read("SELECT 1 WHERE false", {Type::i32}), "");
  EXPECT_TRUE(read("SELECT * FROM generate_series(1, 2500)", {Type::i32}).ends_with("\n2500 @server:2500\n"));
  EXPECT_EQ(read("SELECT 1; -- end", {Type::i32}), "1 @server:1\n");
}

TEST_F(Postgres, OneSelectAndNothingElse) {
  for (const char* query : {"SELECT 1; SELECT 2", "COMMIT", "CREATE TABLE tenfold_test(x int)",
                            "COPY (SELECT 1) TO STDOUT", "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT nothing",
                            "SELECT 1/0", "SELECT set_config('transaction_read_only', 'off', true), lo_create(0)"})
    EXPECT_TRUE(read(query, {Type::i32}).starts_with("table-query ")) << query << ": " << read(query, {Type::i32});
}

TEST(PostgresAddress, NoServer) {
  TableInput input;
  input.file = {"postgresql://nobody@127.0.0.1:1/none", "server", {}, "r", {Type::i32}, true};
  input.query = "SELECT 1";
  Symbols symbols;
  const auto table = read_table(input, symbols);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code, "cannot-read");
  EXPECT_EQ(table.error().place.file, "server");
}

}  // namespace
}  // namespace tenfold::media
