// testdata/lab.parquet was written by DuckDB 1.5: three rows of (id INTEGER, code VARCHAR, value DOUBLE,
// price DECIMAL(9,2), final BOOLEAN, day DATE, at TIMESTAMPTZ, big UBIGINT, small FLOAT, list INTEGER[]); the third has
// no value in final, day, at and list.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "media/adapter.h"
#include "media/tables/table_file.h"
#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

const std::string kLab = std::string(TENFOLD_SOURCE_DIR) + "/src/media/tables/testdata/lab.parquet";

class DuckDbFile : public testing::Test {
 protected:
  DuckDbFile() : folder_(fs::temp_directory_path() / ("duckdb-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~DuckDbFile() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  /// Facts one a line as "a|b @origin", or the error as "code name:line what".
  std::string read(const std::string& path, std::vector<std::pair<std::string, Type>> columns,
                   const std::string& query = "", bool skip_nulls = false) {
    TableInput input;
    input.file.path = path;
    input.file.name = fs::path(path).filename().string();
    input.file.options = options_;
    input.file.relation = "r";
    for (const auto& [name, type] : columns) {
      input.file.types.push_back(type);
      input.columns.push_back(name);
    }
    input.query = query;
    input.skip_nulls = skip_nulls;
    const auto table = read_table(input, symbols_, &left_out_);
    if (!table) {
      EXPECT_FALSE(table.error().hint.empty());
      return table.error().code + " " + table.error().place.file + ":" + std::to_string(table.error().place.line) +
             " " + table.error().what;
    }
    std::string out;
    for (std::size_t i = 0; i < table->rows(); ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j)
        out += (j ? "|" : "") + plain(table->row(i)[j], columns[j].second, symbols_);
      out += " @" + std::string(symbols_.text(table->origins[i])) + "\n";
    }
    return out;
  }

  fs::path folder_;
  Symbols symbols_;
  CsvOptions options_;
  std::uint64_t left_out_ = 0;
};

TEST_F(DuckDbFile, ParquetGoesByName) {
  EXPECT_EQ(read(kLab, {{"code", Type::string}, {"id", Type::u8}, {"value", Type::f64}}),
            "2160-0|1|1.25 @lab.parquet:1\n"
            "a text that is longer than twelve bytes: \xC3\xA9|2|3 @lab.parquet:2\n|3|-1e300 @lab.parquet:3\n");
  options_.fields = {"price", "big"};
  EXPECT_EQ(read(kLab, {{"x", Type::rational}, {"y", Type::u64}}),
            "12.5|18446744073709551615 @lab.parquet:1\n7|7 @lab.parquet:2\n-0.01|0 @lab.parquet:3\n");
}

TEST_F(DuckDbFile, TypesOfParquet) {
  EXPECT_EQ(read(kLab, {{"final", Type::boolean}, {"day", Type::datetime}, {"at", Type::datetime}}, "", true),
            "true|2020-01-31|2020-01-31T06:30:00Z @lab.parquet:1\n"
            "false|1969-12-31|1969-12-31T23:59:59.999999Z @lab.parquet:2\n");
  EXPECT_EQ(left_out_, 1u);
  EXPECT_EQ(read(kLab, {{"final", Type::boolean}}), "table-null lab.parquet:3 column `final` of row 3 holds no value");
  EXPECT_EQ(read(kLab, {{"small", Type::f32}}), "0.1 @lab.parquet:1\n2.5 @lab.parquet:2\n0 @lab.parquet:3\n");
  EXPECT_EQ(read(kLab, {{"price", Type::i32}}),
            "table-cell lab.parquet:1 column `price` of row 1 holds the number `12.50`, which is no i32");
  EXPECT_EQ(read(kLab, {{"list", Type::string}}),
            "table-cell lab.parquet:1 column `list` of row 1 holds a list, a structure or bytes, which is no String");
  EXPECT_EQ(read(kLab, {{"big", Type::i64}}),
            "table-cell lab.parquet:1 column `big` of row 1 holds the number `18446744073709551615`, which is no i64");
  EXPECT_EQ(read(kLab, {{"id", Type::i32}, {"no", Type::i32}}).substr(0, 28), "table-columns lab.parquet:0 ");
}

TEST_F(DuckDbFile, QueriesOnFiles) {
  EXPECT_EQ(
      read(kLab, {{"", Type::boolean}, {"", Type::u32}, {"", Type::rational}},
           "SELECT final, count(*), sum(price) FROM data WHERE final IS NOT NULL GROUP BY final ORDER BY 1 -- end"),
      "false|1|7 @lab.parquet:1\ntrue|1|12.5 @lab.parquet:2\n");
  EXPECT_EQ(read(kLab, {{"", Type::i32}, {"", Type::i32}}, "SELECT id, unnest(list) FROM data"),
            "1|1 @lab.parquet:1\n1|2 @lab.parquet:2\n2|3 @lab.parquet:3\n");
  const std::string csv = write("sales.csv", "region;amount\nnorth;1.5\nsouth;2\nnorth;3\n");
  options_.header = true;
  options_.delimiter = ';';
  EXPECT_EQ(read(csv, {{"", Type::string}, {"", Type::f64}},
                 "SELECT region, sum(amount) FROM data GROUP BY region ORDER BY region"),
            "north|4.5 @sales.csv:1\nsouth|2 @sales.csv:2\n");
  const std::string json = write("lab.jsonl", "{\"a\": {\"b\": 1}, \"c\": [\"x\", \"y\"]}\n{\"a\": {\"b\": 2}}\n");
  EXPECT_EQ(read(json, {{"", Type::i32}, {"", Type::string}}, "SELECT a.b, unnest(c) FROM data"),
            "1|x @lab.jsonl:1\n1|y @lab.jsonl:2\n");
}

TEST_F(DuckDbFile, NothingElseIsReadOrWritten) {
  const std::string other = write("secret.csv", "1\n");
  const auto refused = [&](const std::string& query) {
    const std::string got = read(kLab, {{"", Type::string}}, query);
    EXPECT_TRUE(got.starts_with("table-query lab.parquet:0")) << query << ": " << got;
    return got;
  };
  refused("SELECT * FROM '" + other + "'");
  refused("SELECT content FROM read_text('" + other + "')");
  refused("SELECT * FROM read_csv('" + other + "')");
  refused("SELECT file FROM glob('/*')");
  refused("SELECT * FROM read_parquet('https://example.org/a.parquet')");
  refused("COPY data TO '" + (folder_ / "out.csv").string() + "'");
  refused("ATTACH '" + (folder_ / "out.db").string() + "'");
  refused("INSTALL sqlite");
  refused("LOAD sqlite");
  refused("SET enable_external_access = true");
  refused("PRAGMA enable_external_access = true");
  refused("SELECT 1; SELECT 2");
  refused("SELECT ?");
  refused("SELECT 1) AS t(c0); DROP VIEW data; --");
  refused("DROP VIEW data");
  EXPECT_FALSE(fs::exists(folder_ / "out.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "out.db"));
}

TEST_F(DuckDbFile, ColumnsOfParquet) {
  const auto medium = table_adapter().open(kLab, "parquet", {});
  ASSERT_TRUE(medium.ok());
  for (int again = 0; again < 2; ++again) {
    const auto columns = (*medium)->read(0, {});
    ASSERT_TRUE(columns.ok());
    std::string out;
    for (const MediaFact& fact : *columns)
      out += std::get<std::string>(fact.values[2]) + " " + std::get<std::string>(fact.values[3]) + " " +
             std::get<std::string>(fact.values[4]) + " " + std::to_string(std::get<std::int64_t>(fact.values[5])) +
             "\n";
    EXPECT_EQ(out,
              "id i64 INTEGER 0\ncode String VARCHAR 0\nvalue f64 DOUBLE 0\nprice Rational DECIMAL(9,2) 0\n"
              "final bool BOOLEAN 1\nday DateTime DATE 1\nat DateTime TIMESTAMP WITH TIME ZONE 1\n"
              "big u64 UBIGINT 0\nsmall f64 FLOAT 0\nlist  INTEGER[] 1\n");
  }
  EXPECT_EQ(table_adapter().open(write("x.parquet", "PAR1 and no more PAR1"), "parquet", {}).error().code,
            "cannot-read");
}

TEST_F(DuckDbFile, NamesWithQuotesAndPatterns) {
  std::ifstream file(kLab, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  for (const char* name : {"it's.parquet", "a b.parquet", "\xC3\xA9.parquet", "a[1].parquet", "q?.parquet"}) {
    const std::string got = read(write(name, bytes), {{"id", Type::i32}});
    EXPECT_EQ(got, "1 @" + std::string(name) + ":1\n2 @" + name + ":2\n3 @" + name + ":3\n");
  }
  // DuckDB takes this one for a pattern, which matches a file that may not be read.
  EXPECT_TRUE(read(write("a*b.parquet", bytes), {{"id", Type::i32}}).starts_with("cannot-read a*b.parquet"));
  EXPECT_TRUE(read((folder_ / "*.parquet").string(), {{"id", Type::i32}}).starts_with("cannot-read *.parquet"));
  EXPECT_TRUE(read((folder_ / "none.parquet").string(), {{"id", Type::i32}}).starts_with("cannot-read none.parquet"));
}

TEST_F(DuckDbFile, MutatedParquet) {
  std::ifstream file(kLab, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  std::mt19937 random(11);
  int refused = 0, read_well = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bytes = whole;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int c = 0; c < changes; ++c) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 10 == 0) bytes.resize(random() % bytes.size());
    const std::string got =
        read(write("m.parquet", bytes), {{"id", Type::i32}, {"code", Type::string}, {"value", Type::f64}});
    (got.find('@') == std::string::npos ? refused : read_well) += 1;
  }
  EXPECT_GT(refused, 30);
  EXPECT_GT(read_well, 30);
}

}  // namespace
}  // namespace tenfold::media
