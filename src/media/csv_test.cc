#include "media/csv.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

class Csv : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  Result<FactTable> read(const std::string& text, std::vector<Type> types, CsvOptions options = {}) {
    const fs::path path = folder / "t.csv";
    std::ofstream(path, std::ios::binary) << text;
    return read_csv(
        {.path = path.string(), .name = "t.csv", .options = options, .relation = "r", .types = std::move(types)},
        symbols);
  }

  /// "a,1 @t.csv:1 | …", with the probability in front where there is one; or the error as a person sees it.
  std::string show(const std::string& text, std::vector<Type> types, CsvOptions options = {}) {
    const auto table = read(text, std::move(types), std::move(options));
    if (!table.ok()) return render(table.error());
    std::string out;
    for (std::size_t i = 0; i < table->rows(); ++i) {
      if (i) out += " | ";
      if (!table->probabilities.empty()) out += number_text(table->probabilities[i]) + "::";
      for (std::size_t c = 0; c < table->types.size(); ++c)
        out += (c ? "," : "") + plain(table->row(i)[c], table->types[c], symbols);
      out += " @" + std::string(symbols.text(table->origins[i]));
    }
    return out;
  }

  fs::path folder = fs::temp_directory_path() / ("tenfold-csv-test-" + std::to_string(getpid()));
  Symbols symbols;
};

const std::vector<Type> kTextInt{Type::string, Type::i32};

TEST_F(Csv, PlainTableByPosition) {
  EXPECT_EQ(show("a,1\nb,2\n", kTextInt), "a,1 @t.csv:1 | b,2 @t.csv:2");
  EXPECT_EQ(show("a,1\r\nb,2", kTextInt), "a,1 @t.csv:1 | b,2 @t.csv:2") << "CRLF, and no line break at the end";
  EXPECT_EQ(show("a,1\rb,2\r", kTextInt), "a,1 @t.csv:1 | b,2 @t.csv:2") << "CR alone";
  EXPECT_EQ(show("\n\na,1\n\nb,2\n\n", kTextInt), "a,1 @t.csv:3 | b,2 @t.csv:5") << "blank lines";
  EXPECT_EQ(show("", kTextInt), "");
  EXPECT_EQ(show("\xEF\xBB\xBF"
                 "a,1\n",
                 kTextInt),
            "a,1 @t.csv:1")
      << "byte order mark";
}

// Without origins most files go a quicker way (csv_plain.h), which no answer and no message may show.
TEST_F(Csv, TheQuickWayReadsTheSameWithoutOrigins) {
  const fs::path path = folder / "q.csv";
  std::string many;
  for (int i = 0; i < 60'000; ++i) many += "n" + std::to_string(i % 977) + "," + std::to_string(i - 30'000) + "\n";
  for (const std::string& text :
       {std::string("a,1\nb,-2\n"), std::string("a,1\n\nb,2"), many, many + "\"q\",3\n", std::string(),
        std::string("a, 1 \r\nb,2"),
        std::string("\xEF\xBB\xBF"
                    "a,1\n"),
        std::string("a,1\nb\n"), std::string("a,1\nb,x\n"), std::string("a,2147483648\n"), std::string("a,1,2\n"),
        std::string(",7\n"), std::string("\xFF,7\n"), std::string(300'000, 'a') + ",1\n"}) {
    std::ofstream(path, std::ios::binary) << text;
    CsvInput input{.path = path.string(), .name = "q.csv", .options = {}, .relation = "r", .types = kTextInt};
    Symbols full_symbols, quick_symbols;
    const auto full = read_csv(input, full_symbols);
    input.origins = false;
    const auto quick = read_csv(input, quick_symbols);
    ASSERT_EQ(full.ok(), quick.ok());
    if (!full.ok()) {
      EXPECT_EQ(render(full.error()), render(quick.error()));
      continue;
    }
    ASSERT_EQ(full->rows(), quick->rows());
    for (std::size_t i = 0; i < full->rows(); ++i) {
      EXPECT_EQ(full_symbols.text(as_symbol(full->row(i)[0])), quick_symbols.text(as_symbol(quick->row(i)[0])));
      EXPECT_EQ(full->row(i)[1], quick->row(i)[1]);
    }
  }
}

TEST_F(Csv, QuotedCells) {
  EXPECT_EQ(show("\"a,b\",1\n\"say \"\"hi\"\"\",2\n", kTextInt), "a,b,1 @t.csv:1 | say \"hi\",2 @t.csv:2");
  EXPECT_EQ(show("\"two\nlines\",1\r\nb,2\n", kTextInt), "two\nlines,1 @t.csv:1 | b,2 @t.csv:3")
      << "a line break inside a cell";
  EXPECT_EQ(show("\"a\r\nb\",1\r\nc,2\r\n", kTextInt), "a\r\nb,1 @t.csv:1 | c,2 @t.csv:3");
  EXPECT_EQ(show("\"\",1\n,2\n", kTextInt), ",1 @t.csv:1 | ,2 @t.csv:2");
}

TEST_F(Csv, BlanksBelongToTextAndNotToNumbers) {
  EXPECT_EQ(show(" a , 1 \n", kTextInt), " a ,1 @t.csv:1");
  EXPECT_EQ(show(" ,1\n", {Type::character, Type::i32}), " ,1 @t.csv:1");
}

TEST_F(Csv, HeaderFieldsAndDelimiter) {
  EXPECT_EQ(show("name,count\na,1\n", kTextInt, {.header = true}), "a,1 @t.csv:2");
  EXPECT_EQ(show("n;extra;c\n1;x;a\n", kTextInt, {.delimiter = ';', .fields = {"c", "n"}}), "a,1 @t.csv:2");
  EXPECT_EQ(show("a\t1\n", kTextInt, {.delimiter = '\t'}), "a,1 @t.csv:1");
}

TEST_F(Csv, ProbabilityComesFirst) {
  EXPECT_EQ(show("0.25,a,1\ntrue,b,2\nfalse,c,3\n", kTextInt, {.has_probability = true}),
            "0.25::a,1 @t.csv:1 | 1::b,2 @t.csv:2 | 0::c,3 @t.csv:3");
  EXPECT_EQ(show("p,n,t\n0.5,1,a\n", kTextInt, {.has_probability = true, .fields = {"t", "n"}}), "0.5::a,1 @t.csv:2");
  EXPECT_EQ(show("1.5,a,1\n", kTextInt, {.has_probability = true}),
            "t.csv:1:1: error: `1.5` is no probability\n    1 | 1.5,a,1\n      | ^^^\n  do: write true, false, or a "
            "number from 0 to 1\n");
}

TEST_F(Csv, KeysUnpivot) {
  const std::vector<Type> types{Type::i32, Type::symbol, Type::string};
  EXPECT_EQ(show("id,name,age\n7,ann,40\n8,bob,\n", types, {.keys = {"id"}}),
            "7,name,ann @t.csv:2 | 7,age,40 @t.csv:2 | 8,name,bob @t.csv:3 | 8,age, @t.csv:3");
  EXPECT_EQ(show("name,id,age\nann,7,40\n", types, {.keys = {"id"}, .fields = {"age"}}), "7,age,40 @t.csv:2");
  EXPECT_EQ(
      show("p,a,id\n0.5,x,7\n", {Type::i32, Type::string, Type::string}, {.has_probability = true, .keys = {"id"}}),
      "0.5::7,a,x @t.csv:2");
}

TEST_F(Csv, EveryTypeIsRead) {
  EXPECT_EQ(show("-1,200,1.5,true,é,s,2020-01-31\n",
                 {Type::i8, Type::u8, Type::f64, Type::boolean, Type::character, Type::symbol, Type::datetime}),
            "-1,200,1.5,true,é,s,2020-01-31 @t.csv:1");
}

TEST_F(Csv, ABadCellIsShown) {
  EXPECT_EQ(show("name,dose\n\"a, b\",x5\n", kTextInt, {.header = true}),
            "t.csv:2:8: error: `x5` is no i32 (column 2)\n    2 | \"a, b\",x5\n      |        ^^\n"
            "  do: write a whole number in the range of i32, or declare the column with another type\n");
  EXPECT_EQ(show("a,\n", kTextInt),
            "t.csv:1:3: error: the cell is empty (column 2)\n    1 | a,\n      |   ^\n"
            "  do: write a whole number in the range of i32, or declare the column with another type\n");
  EXPECT_EQ(read("caf\xE9,1\n", kTextInt).error().what, "the cell is not UTF-8");
  const auto below = read("a,1\n\"x\ny\",z\n", kTextInt);
  EXPECT_EQ(below.error().place, (Place{"t.csv", 2, 0, 1})) << "the cell lies on a later line than its record";
}

TEST_F(Csv, TheWrongNumberOfColumns) {
  EXPECT_EQ(
      show("a,1\nb\n", kTextInt),
      "t.csv:2: error: the record has 1 column, and `r` has 2\n    2 | b\n  do: check the delimiter, which is `,`\n");
  EXPECT_EQ(read("a,1,2\n", kTextInt).error().code, "csv-columns");
  EXPECT_EQ(read("t,n\na\n", kTextInt, {.fields = {"t", "n"}}).error().what,
            "the record has 1 column, and the header has 2");
}

TEST_F(Csv, HeadersThatDoNotFit) {
  EXPECT_EQ(show("x,y\n", kTextInt, {.fields = {"x", "z"}}),
            "t.csv:1: error: there is no column `z`\n    1 | x,y\n  do: the columns are: `x`, `y`\n");
  EXPECT_EQ(read("x,x\n", {Type::i32}, {.fields = {"x"}}).error().what, "two columns are called `x`");
  EXPECT_EQ(read("", kTextInt, {.header = true}).error().code, "csv-header");
  EXPECT_EQ(read("x\n", kTextInt, {.fields = {"x"}}).error().code, "csv-option");
  EXPECT_EQ(read("x\n", kTextInt, {.keys = {"x"}}).error().code, "csv-option");
  EXPECT_EQ(read("x\n", {Type::i32, Type::i32, Type::i32}, {.keys = {"x"}}).error().code, "csv-option");
  EXPECT_EQ(read("x\n", {Type::i32}, {.delimiter = '"'}).error().code, "csv-option");
}

TEST_F(Csv, QuotesThatAreNotClosedOrStandInTheMiddle) {
  EXPECT_EQ(read("a,1\n\"b,2\nc,3\n", kTextInt).error().code, "csv-quote");
  EXPECT_EQ(read("a,1\n\"b,2\nc,3\n", kTextInt).error().place.line, 2u);
  EXPECT_EQ(read("a,1\n5\" pipe,2\n", kTextInt).error().code, "csv-quote");
  EXPECT_EQ(read("\"a\"b,2\n", kTextInt).error().code, "csv-quote");
}

TEST_F(Csv, MemoryIsBounded) {
  EXPECT_EQ(read(std::string(3 << 20, 'x'), kTextInt).error().code, "csv-too-large");
  EXPECT_EQ(read("\"" + std::string(3 << 20, '\n'), kTextInt).error().code, "csv-too-large");
  EXPECT_EQ(read(std::string(40 << 20, ','), kTextInt).error().code, "csv-too-large");
  EXPECT_EQ(read(std::string(kMaxCsvCell, 'x') + ",1\n", kTextInt)->rows(), 1u) << "exactly the largest cell";
  EXPECT_LE(read(std::string(3 << 20, 'x'), kTextInt).error().excerpt.size(), 4096u);
}

TEST_F(Csv, FilesThatCannotBeRead) {
  const auto at = [&](const fs::path& path) {
    return read_csv({.path = path.string(), .name = "n", .options = {}, .relation = "r", .types = kTextInt}, symbols);
  };
  EXPECT_EQ(at(folder / "absent.csv").error().code, "cannot-read");
  EXPECT_EQ(at(folder).error().code, "cannot-read");
  EXPECT_EQ(read(std::string("\xFF\xFE"
                             "a\0",
                             4),
                 kTextInt)
                .error()
                .what,
            "is in UTF-16");
}

TEST_F(Csv, LinesAreCountedAcrossChunks) {
  std::string text;
  for (int i = 0; i < 30000; ++i) text += i % 3 == 0 ? "\"x\ny\",1\r\n" : "x,1\r\n";
  const auto table = read(text, kTextInt);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->rows(), 30000u);
  EXPECT_EQ(symbols.text(table->origins.back()), "t.csv:40000");
}

}  // namespace
}  // namespace tenfold::media
