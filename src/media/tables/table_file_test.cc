#include "media/tables/table_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "media/tables/table_rows.h"

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

class TableFile : public testing::Test {
 protected:
  TableFile() : folder_(fs::temp_directory_path() / ("tables-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~TableFile() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::string database(const std::string& name, const char* statements) const {
    const std::string path = (folder_ / name).string();
    sqlite3* base = nullptr;
    sqlite3_open(path.c_str(), &base);
    char* why = nullptr;
    EXPECT_EQ(sqlite3_exec(base, statements, nullptr, nullptr, &why), SQLITE_OK) << why;
    sqlite3_close(base);
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
      if (!table->probabilities.empty()) out += number_text(table->probabilities[i]) + ":: ";
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

TEST_F(TableFile, JsonLinesGoByName) {
  const std::string path =
      write("lab.jsonl",
            "\xEF\xBB\xBF{\"code\": \"2160-0\", \"value\": 1.25, \"unit\": null}\n"
            "\n"
            "{\"value\": 1e2, \"more\": [1, {\"code\": 2}], \"c\\u006fde\": \"a\\\"\\u00e9\"}\r\n");
  EXPECT_EQ(read(path, {{"code", Type::string}, {"value", Type::f64}}),
            "2160-0|1.25 @lab.jsonl:1\na\"\xC3\xA9|100 @lab.jsonl:3\n");
  options_.fields = {"value", "code"};
  EXPECT_EQ(read(path, {{"x", Type::rational}, {"y", Type::symbol}}),
            "1.25|2160-0 @lab.jsonl:1\n100|a\"\xC3\xA9 @lab.jsonl:3\n");
}

TEST_F(TableFile, NumbersOfJsonAreNotRounded) {
  const std::string path = write("n.jsonl",
                                 "{\"i\": 9223372036854775807, \"u\": 18446744073709551615, \"r\": 0.1}\n"
                                 "{\"i\": 3.0, \"u\": 1e3, \"r\": 100000000000000000000000000.5}\n");
  EXPECT_EQ(read(path, {{"i", Type::i64}, {"u", Type::u64}, {"r", Type::rational}}),
            "9223372036854775807|18446744073709551615|0.1 @n.jsonl:1\n"
            "3|1000|100000000000000000000000000.5 @n.jsonl:2\n");
}

TEST_F(TableFile, CellsThatDoNotFit) {
  const auto one = [&](const std::string& value, Type type) {
    return read(write("x.jsonl", "{\"v\": 1}\n{\"v\": " + value + "}\n"), {{"v", type}});
  };
  EXPECT_EQ(one("\"x\"", Type::i32), "table-cell x.jsonl:2 column `v` of row 2 holds the text `x`, which is no i32");
  EXPECT_EQ(one("1.5", Type::i64), "table-cell x.jsonl:2 column `v` of row 2 holds the number `1.5`, which is no i64");
  EXPECT_EQ(one("300", Type::u8), "table-cell x.jsonl:2 column `v` of row 2 holds the number `300`, which is no u8");
  EXPECT_EQ(one("true", Type::i32), "table-cell x.jsonl:2 column `v` of row 2 holds `true`, which is no i32");
  EXPECT_EQ(one("[1]", Type::i32),
            "table-cell x.jsonl:2 column `v` of row 2 holds a list, a structure or bytes, which is no i32");
  EXPECT_EQ(one("1e999", Type::f64),
            "table-cell x.jsonl:2 column `v` of row 2 holds the number `1e999`, which is no f64");
  EXPECT_EQ(one("null", Type::i32), "table-null x.jsonl:2 column `v` of row 2 holds no value");
  EXPECT_EQ(one("1.0", Type::string),
            "table-cell x.jsonl:2 column `v` of row 2 holds the number `1.0`, which is no String");
  EXPECT_EQ(one("12", Type::string), "1 @x.jsonl:1\n12 @x.jsonl:2\n");
}

TEST_F(TableFile, MissingValuesAreErrorsOrLeftOutAndCounted) {
  const std::string path = write("m.jsonl", "{\"v\": 1}\n{}\n{\"v\": null}\n{\"v\": 2}\n");
  EXPECT_EQ(read(path, {{"v", Type::i32}}), "table-null m.jsonl:2 column `v` of row 2 holds no value");
  EXPECT_EQ(read(path, {{"v", Type::i32}}, "", true), "1 @m.jsonl:1\n2 @m.jsonl:4\n");
  EXPECT_EQ(left_out_, 2u);
}

TEST_F(TableFile, LinesThatAreNoObjects) {
  const auto one = [&](std::string_view line) {
    return read(write("x.jsonl", "{\"v\": 1}\n" + std::string(line) + "\n"), {{"v", Type::i32}});
  };
  EXPECT_EQ(one("[1]"), "malformed-json x.jsonl:2 the line is no JSON object");
  EXPECT_EQ(one("{\"v\": 1} {\"v\": 2}"), "malformed-json x.jsonl:2 the line is no JSON object");
  EXPECT_EQ(one("{\"v\": 1, \"v\": 2}"), "malformed-json x.jsonl:2 the object has `v` twice");
  EXPECT_TRUE(one("{\"v\": 1").starts_with("truncated-json x.jsonl:2"));
  EXPECT_TRUE(one("{\"v\": \"\xFF\"}").starts_with("not-utf8 x.jsonl:2"));
  EXPECT_TRUE(read((folder_ / "none.jsonl").string(), {{"v", Type::i32}}).starts_with("file-not-found none.jsonl"));
  EXPECT_TRUE(read(write("x.jsonl", "{}"), {{"", Type::i32}}).starts_with("table-columns x.jsonl"));
}

TEST_F(TableFile, ProbabilitiesComeFirst) {
  options_.has_probability = true;
  options_.fields = {"p", "v"};
  const std::string path = write("p.jsonl", "{\"p\": 0.5, \"v\": 1}\n{\"p\": true, \"v\": 2}\n");
  EXPECT_EQ(read(path, {{"v", Type::i32}}), "0.5:: 1 @p.jsonl:1\n1:: 2 @p.jsonl:2\n");
  EXPECT_EQ(read(write("p.jsonl", "{\"p\": 1.5, \"v\": 1}\n"), {{"v", Type::i32}}),
            "table-cell p.jsonl:1 column `p` of row 1 holds the number `1.5`, which is no probability");
}

TEST_F(TableFile, ParquetNeedsAModule) {
  const std::string got = read(write("x.parquet", "PAR1"), {{"v", Type::i32}});
  EXPECT_TRUE(got.starts_with("no-module x.parquet:0 ") || got.starts_with("cannot-read x.parquet:0 ")) << got;
}

TEST_F(TableFile, SqliteByQuery) {
  const std::string path = database("h.db",
                                    "CREATE TABLE lab(id INTEGER, code TEXT, value REAL, at TEXT, raw BLOB);"
                                    "INSERT INTO lab VALUES (1, '2160-0', 1.25, '2020-01-31 08:30:00', x'00'),"
                                    " (2, 'a', 3.0, '2020', NULL), (3, NULL, NULL, NULL, NULL);");
  EXPECT_EQ(read(path, {{"", Type::u32}, {"", Type::string}, {"", Type::f64}, {"", Type::datetime}},
                 "SELECT id, code, value, at FROM lab WHERE code IS NOT NULL ORDER BY id"),
            "1|2160-0|1.25|2020-01-31T08:30:00Z @h.db:1\n2|a|3|2020-01-01 @h.db:2\n");
  EXPECT_EQ(read(path, {{"", Type::u32}, {"", Type::string}}, "SELECT id, code FROM lab", true),
            "1|2160-0 @h.db:1\n2|a @h.db:2\n");
  EXPECT_EQ(left_out_, 1u);
  EXPECT_EQ(read(path, {{"", Type::string}}, "SELECT id FROM lab WHERE id = 1"), "1 @h.db:1\n");
  EXPECT_EQ(read(path, {{"", Type::i32}}, "SELECT value FROM lab"),
            "table-cell h.db:1 column `value` of row 1 holds the number `1.25`, which is no i32");
  EXPECT_EQ(read(path, {{"", Type::string}}, "SELECT raw FROM lab"),
            "table-cell h.db:1 column `raw` of row 1 holds a list, a structure or bytes, which is no String");
  EXPECT_EQ(read(path, {{"", Type::i32}}, "SELECT id, code FROM lab"),
            "table-columns h.db:0 `r` has 1 column, and there are 2: `id` INTEGER, `code` TEXT");
}

TEST_F(TableFile, SqliteMayReadAndNothingElse) {
  const std::string path = database("h.db",
                                    "CREATE TABLE t(x INTEGER); INSERT INTO t VALUES (1);"
                                    "CREATE VIEW v AS SELECT load_extension('x') AS x;");
  const auto refused = [&](const std::string& query) { return read(path, {{"", Type::i32}}, query); };
  EXPECT_EQ(refused("DELETE FROM t"), "table-query h.db:0 a query may read and nothing else");
  EXPECT_EQ(refused("ATTACH 'other.db' AS o"), "table-query h.db:0 a query may read and nothing else");
  EXPECT_EQ(refused("PRAGMA user_version"), "table-query h.db:0 a query may read and nothing else");
  EXPECT_TRUE(refused("SELECT x FROM v").starts_with("table-query h.db:0"));
  EXPECT_EQ(refused("SELECT 1; SELECT 2"), "table-query h.db:0 this is no single query without parameters");
  EXPECT_EQ(refused("SELECT ?"), "table-query h.db:0 this is no single query without parameters");
  EXPECT_EQ(refused("SELECT \"y\" FROM t"), "table-query h.db:0 no such column: y");
  EXPECT_EQ(refused("SELECT x FROM t;\n"), "1 @h.db:1\n");
  const std::string odd = database("odd.db", "CREATE TABLE t(\"a\x1b[31m\xff\" INTEGER)");
  EXPECT_EQ(read(odd, {{"", Type::i32}, {"", Type::i32}}, "SELECT * FROM t"),
            "table-columns odd.db:0 `r` has 2 columns, and there are 1: `a?[31m?` INTEGER");
  EXPECT_TRUE(read(write("not.db", std::string(4096, 'x')), {{"", Type::i32}}, "SELECT x FROM t")
                  .starts_with("table-query not.db:0 file is not a database"));
  EXPECT_TRUE(read((folder_ / "none.db").string(), {{"", Type::i32}}, "SELECT 1").starts_with("cannot-read none.db"));
  EXPECT_FALSE(fs::exists(folder_ / "none.db"));
}

// Made-up rows as RxNorm, SNOMED CT and LOINC lay them out.
TEST_F(TableFile, FilesOfVocabularies) {
  const std::string rxnorm = write("RXNCONSO.RRF",
                                   "1|ENG||||||10|10|1||RXNORM|IN|1|made \"up\" drug||N|4096|\n"
                                   "2|ENG||||||11|11|2||ATC|IN|A01|other, drug||N||\n");
  options_.fields = {"RXCUI", "SAB", "STR"};
  EXPECT_EQ(read(rxnorm, {{"id", Type::u32}, {"source", Type::symbol}, {"name", Type::string}}),
            "1|RXNORM|made \"up\" drug @RXNCONSO.RRF:1\n2|ATC|other, drug @RXNCONSO.RRF:2\n");
  options_.fields = {"RXCUI1", "RELA", "RXCUI2"};
  EXPECT_EQ(read(write("RXNREL.RRF", "1||CUI|RO|2||CUI|ingredient_of|9||RXNORM||||||\n"),
                 {{"a", Type::u32}, {"how", Type::string}, {"b", Type::u32}}),
            "1|ingredient_of|2 @RXNREL.RRF:1\n");
  options_.fields = {"RXCUI", "NAME"};
  EXPECT_TRUE(read(rxnorm, {{"id", Type::u32}, {"name", Type::string}}).starts_with("csv-header RXNCONSO.RRF"));
  options_.fields = {"RXCUI", "STR"};
  EXPECT_EQ(read(write("RXNCONSO.RRF", "1|ENG|\n"), {{"id", Type::u32}, {"name", Type::string}}),
            "csv-columns RXNCONSO.RRF:1 the record has 2 columns, and the header has 18");
  EXPECT_EQ(read(write("RXNCONSO.RRF", std::string("1|E\0G|\n", 7)), {{"id", Type::u32}, {"name", Type::string}}),
            "csv-cell RXNCONSO.RRF:1 a cell holds NUL");

  const std::string snomed = write("sct2_Description_Snapshot-en_XX_20200101.txt",
                                   "id\teffectiveTime\tactive\tconceptId\tterm\r\n"
                                   "101\t20200101\t1\t900000000000000123\tA \"quoted\" term\r\n");
  options_.fields = {"conceptId", "term", "active", "effectiveTime"};
  EXPECT_EQ(read(snomed, {{"c", Type::u64}, {"t", Type::string}, {"active", Type::u8}, {"at", Type::datetime}}),
            "900000000000000123|A \"quoted\" term|1|2020-01-01 @sct2_Description_Snapshot-en_XX_20200101.txt:2\n");

  options_ = {};
  options_.fields = {"LOINC_NUM", "LONG_COMMON_NAME"};
  EXPECT_EQ(
      read(write("Loinc.csv", "\"LOINC_NUM\",\"COMPONENT\",\"LONG_COMMON_NAME\"\n\"0-0\",\"x\",\"a \"\"b\"\", c\"\n"),
           {{"code", Type::string}, {"name", Type::string}}),
      "0-0|a \"b\", c @Loinc.csv:2\n");
}

// Whatever the bytes are, there is an answer or an error with a hint.
TEST_F(TableFile, MutatedFiles) {
  const std::string json =
      "{\"id\": 1, \"code\": \"2160-0\", \"value\": 1.25}\n{\"id\": 2, \"code\": \"\\u00e9\", \"value\": -1e-3}\n";
  std::string base;
  {
    std::ifstream file(database("h.db",
                                "CREATE TABLE lab(id INTEGER, code TEXT, value REAL);"
                                "CREATE INDEX i ON lab(code);"
                                "INSERT INTO lab VALUES (1, '2160-0', 1.25), (2, 'a', 3.0);"),
                       std::ios::binary);
    base.assign(std::istreambuf_iterator<char>(file), {});
  }
  const std::vector<std::pair<std::string, Type>> columns = {
      {"id", Type::i32}, {"code", Type::string}, {"value", Type::f64}};
  std::mt19937 random(7);
  int refused = 0, read_well = 0;
  for (int i = 0; i < 400; ++i) {
    const bool sql = i % 2 == 1;
    std::string bytes = sql ? base : json;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int c = 0; c < changes; ++c) {
      // Of a database mostly the pages that hold something: the schema's and the beginning and end of the others.
      const std::size_t at = random() % bytes.size();
      if (random() % 8 == 0)
        bytes.resize(at + 1);
      else
        bytes[sql && random() % 2 ? at % 512 : at] = static_cast<char>(random());
    }
    const std::string got = read(write(sql ? "m.db" : "m.jsonl", bytes), columns,
                                 sql ? "SELECT id, code, value FROM lab WHERE code > ''" : "");
    (got.find('@') == std::string::npos ? refused : read_well) += 1;
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(read_well, 50);
}

}  // namespace
}  // namespace tenfold::media
