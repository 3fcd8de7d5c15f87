#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "media/adapter.h"
#include "media/file_type.h"

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

class TableAdapter : public testing::Test {
 protected:
  TableAdapter() : folder_(fs::temp_directory_path() / ("table-adapter-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~TableAdapter() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  /// A relation's facts one a line as "a|b", or the error's code.
  static std::string read(const std::string& path, std::size_t relation, const Limits& limits = {}) {
    const auto format = file_type_of(path);
    const auto medium = table_adapter().open(path, format ? *format : "", limits);
    if (!medium) return medium.error().code;
    const auto facts = (*medium)->read(relation, {});
    if (!facts) {
      EXPECT_FALSE(facts.error().hint.empty());
      EXPECT_FALSE(facts.error().what.empty());
      return facts.error().code;
    }
    std::string out;
    for (const MediaFact& fact : *facts) {
      EXPECT_EQ(fact.values.size() + 1, table_adapter().relations[relation].columns.size());
      EXPECT_EQ(fact.place, path);
      for (std::size_t i = 0; i < fact.values.size(); ++i) {
        if (i) out += '|';
        if (const auto* text = std::get_if<std::string>(&fact.values[i])) out += *text;
        if (const auto* number = std::get_if<std::int64_t>(&fact.values[i])) out += std::to_string(*number);
      }
      out += '\n';
    }
    return out;
  }

  fs::path folder_;
};

TEST_F(TableAdapter, TypesOfCsv) {
  const std::string path = write("a.csv",
                                 "id;code;value;at;ok;zip;mixed;empty\n"
                                 "1;A;1.5;2020-01-31;true;01234;1;\n"
                                 "-2;\"B;\"\"C\";2;2020-01-31T08:30:00Z;false;10115;x;1\n");
  EXPECT_EQ(read(path, 0),
            "data|1|id|i64||0\ndata|2|code|String||0\ndata|3|value|f64||0\ndata|4|at|DateTime||0\n"
            "data|5|ok|bool||0\ndata|6|zip|String||0\ndata|7|mixed|String||0\ndata|8|empty|String||1\n");
  EXPECT_EQ(read(path, 1), "data|2\n");
  EXPECT_TRUE(read(path, 2).starts_with("data|1|1|1\ndata|1|2|A\ndata|1|3|1.5\n"));
  EXPECT_EQ(read(write("b.tsv", "1\t2\n3\t18446744073709551615\n"), 0), "data|1|1|i64||0\ndata|2|2|i128||0\n");
  EXPECT_EQ(read(write("c.csv", "a,b\n1,2\n"), 1), "data|1\n");
}

TEST_F(TableAdapter, TypesOfJsonLines) {
  const std::string path = write("a.jsonl",
                                 "{\"i\": 1, \"r\": 1, \"t\": \"2020-01-31\", \"b\": true}\n"
                                 "{\"r\": 1.5, \"i\": null, \"list\": [1], \"m\": 1}\n{\"m\": \"x\"}\n");
  EXPECT_EQ(read(path, 0),
            "data|1|i|i64||2\ndata|2|r|f64||1\ndata|3|t|String||2\ndata|4|b|bool||2\ndata|5|list|||2\n"
            "data|6|m|String||1\n");
  EXPECT_EQ(read(path, 1), "data|3\n");
  EXPECT_EQ(read(write("b.json", "{\"a\":\n 1}\n"), 0), "truncated-json");
}

TEST_F(TableAdapter, TablesOfSqlite) {
  const std::string path = (folder_ / "h.db").string();
  sqlite3* base = nullptr;
  sqlite3_open(path.c_str(), &base);
  EXPECT_EQ(sqlite3_exec(base,
                         "CREATE TABLE lab(id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT, value);"
                         "INSERT INTO lab(code, value) VALUES ('1', 1), ('2', 2.5);"
                         "CREATE TABLE \"a \"\" b\"(x BLOB); INSERT INTO \"a \"\" b\" VALUES (x'00'), (NULL);",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(base);
  EXPECT_EQ(read(path, 0),
            "lab|1|id|i64|INTEGER|0\nlab|2|code|String|TEXT|0\nlab|3|value|f64||0\na \" b|1|x||BLOB|1\n");
  EXPECT_EQ(read(path, 1), "lab|2\na \" b|2\n");
}

TEST_F(TableAdapter, Bounds) {
  Limits few;
  few.file_bytes = 10;
  EXPECT_EQ(read(write("a.csv", "a,b\n1,2\n3,4\n5,6\n"), 0, few), "file-too-large");
  Limits none;
  none.seconds = -1;
  std::string many = "a,b\n";
  for (int i = 0; i < 5000; ++i) many += "1,2\n";
  EXPECT_EQ(read(write("a.csv", many), 0, none), "too-slow");
  EXPECT_EQ(read(write("a.csv", many), 1), "data|5000\n");
  std::string wide = "a,b\nc,d\n";
  for (int i = 0; i < 5000; ++i) wide += ',';
  EXPECT_EQ(table_adapter().open(write("a.txt", "words"), "text", {}).error().code, "unknown-format");
  const auto medium = table_adapter().open(write("w.csv", wide), "csv", {});
  ASSERT_TRUE(medium.ok());
  const auto too_wide = (*medium)->read(0, {});
  ASSERT_FALSE(too_wide.ok());
  EXPECT_EQ(too_wide.error().code, "csv-too-large");
  Part page;
  page.page = 2;
  EXPECT_EQ((*medium)->read(0, page).error().code, "no-part");
  EXPECT_EQ((*medium)->picture({}, {}).error().code, "no-picture");
}

TEST_F(TableAdapter, MutatedTables) {
  const std::string csv = "id,code,at\n1,\"a \"\"b\"\"\",2020-01-31\n2,c,2021-01-31\n";
  const std::string json = "{\"id\": 1, \"code\": \"a\\u00e9\"}\n{\"id\": 2.5, \"code\": null}\n";
  std::mt19937 random(3);
  int refused = 0, read_well = 0;
  for (int i = 0; i < 600; ++i) {
    std::string bytes = i % 2 ? csv : json;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int c = 0; c < changes; ++c) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 8 == 0) bytes.resize(1 + random() % bytes.size());
    const std::string path = write("m", bytes);
    const auto medium = table_adapter().open(path, i % 2 ? "csv" : "json", {});
    ASSERT_TRUE(medium.ok());
    const auto facts = (*medium)->read(0, {});
    EXPECT_TRUE(facts.ok() || !(facts.error().what.empty() || facts.error().hint.empty()));
    (facts ? read_well : refused) += 1;
  }
  EXPECT_GT(refused, 100);
  EXPECT_GT(read_well, 100);
}

}  // namespace
}  // namespace tenfold::media
