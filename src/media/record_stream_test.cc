#include "media/record_stream.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

class RecordStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tenfold-records-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.native();
  }
  std::string write_gz(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).native();
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path;
  }
  std::string path(const std::string& name) const { return (folder_ / name).native(); }

  /// Items as "name text", "name !code" or "name image", without the folder.
  std::vector<std::string> items(std::vector<std::string> inputs, RecordStreamOptions options = {}) {
    RecordStream stream(std::move(inputs), options);
    std::vector<std::string> out;
    while (auto item = stream.next()) {
      std::string name = item->name;
      if (name.starts_with(folder_.native() + "/")) name = name.substr(folder_.native().size() + 1);
      const bool error = item->kind == RecordItem::Kind::error;
      EXPECT_TRUE(!error || !item->error.hint.empty()) << item->error.code;
      out.push_back(name + " " +
                    (error                                   ? "!" + item->error.code
                     : item->kind == RecordItem::Kind::image ? "image"
                                                             : item->text));
    }
    return out;
  }

  fs::path folder_;
};

using Items = std::vector<std::string>;

TEST_F(RecordStreamTest, whole_files_and_lines) {
  const std::string one = write("one.json", "{\"a\":\n1}\n"), day = write("day.ndjson", "{\"a\":1}\r\n\n  \n{\"b\":2}");
  EXPECT_EQ(items({one, day}), (Items{"one.json {\"a\":\n1}\n", "day.ndjson#1 {\"a\":1}", "day.ndjson#4 {\"b\":2}"}));
}

TEST_F(RecordStreamTest, gzip_by_name_or_content) {
  const std::string a = write_gz("a.ndjson.gz", "{\"a\":1}\n{\"b\":2}\n"), b = write_gz("b.json.gz", "{\"c\":3}"),
                    c = write_gz("c.bin", "{\"d\":4}");
  EXPECT_EQ(items({a, b, c}),
            (Items{"a.ndjson.gz#1 {\"a\":1}", "a.ndjson.gz#2 {\"b\":2}", "b.json.gz {\"c\":3}", "c.bin {\"d\":4}"}));
}

TEST_F(RecordStreamTest, damaged_gzip_gives_what_came_before) {
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200'000; ++i)
    x = x * 1664525 + 1013904223, noise += static_cast<char>('a' + (x >> 24) % 26);
  const std::string whole = write_gz("t.ndjson.gz", "{\"a\":1}\n" + noise + "\n{\"b\":2}\n");
  fs::resize_file(whole, fs::file_size(whole) / 2);
  EXPECT_EQ(items({whole, write("ok.json", "{}")}),
            (Items{"t.ndjson.gz#1 {\"a\":1}", "t.ndjson.gz !truncated-gzip", "ok.json {}"}));
  EXPECT_EQ(items({write("d.json.gz", "\x1F\x8B\x08 this is no deflate stream, and long enough to be seen")}),
            Items{"d.json.gz !damaged-gzip"});
}

TEST_F(RecordStreamTest, folders_in_order) {
  write("in/b.json", "{\"b\":1}");
  write("in/a/z.ndjson", "{\"z\":1}\n");
  write("in/a/y.json", "{\"y\":1}");
  write("in/a.json", "{\"a\":1}");
  write("in/README.md", "no record");
  write("in/film.png", "\x89PNG\r\n\x1A\n");
  fs::create_directory_symlink(folder_ / "in", folder_ / "in" / "again");
  EXPECT_EQ(items({path("in")}), (Items{"in/a.json {\"a\":1}", "in/b.json {\"b\":1}", "in/a/y.json {\"y\":1}",
                                        "in/a/z.ndjson#1 {\"z\":1}"}));
}

TEST_F(RecordStreamTest, a_folder_without_records_gives_its_images) {
  write("films/a.png", "\x89PNG\r\n\x1A\n and so on");
  write("films/notes.txt", "text");
  write("films/b", std::string(128, '\0') + "DICM");
  EXPECT_EQ(items({path("films")}), (Items{"films/a.png image", "films/b image"}));
  fs::create_directories(folder_ / "none/deeper");
  EXPECT_EQ(items({path("none"), path("films/a.png")}), (Items{"none !empty-folder", "films/a.png image"}));
}

TEST_F(RecordStreamTest, globs) {
  write("g/1.json", "{}");
  write("g/2.json", "[]");
  write("g/3.txt", "{}");
  EXPECT_EQ(items({path("g/*.json")}), (Items{"g/1.json {}", "g/2.json []"}));
  EXPECT_EQ(items({path("g/*.xml")}), Items{"g/*.xml !no-match"});
  write("g/[odd].json", "{\"odd\":1}");
  EXPECT_EQ(items({path("g/[odd].json")}), Items{"g/[odd].json {\"odd\":1}"});
}

TEST_F(RecordStreamTest, bad_inputs_do_not_end_the_stream) {
  const std::string good = write("good.json", "{}");
  EXPECT_EQ(
      items({path("missing.json"), write("empty.json", ""), write("blank.ndjson", "\n\n"), write("empty.ndjson", ""),
             write("text.txt", "hello"), write("empty.bin", ""), good + "/under.json", good}),
      (Items{"missing.json !file-not-found", "empty.json !empty-file", "blank.ndjson !empty-file",
             "empty.ndjson !empty-file", "text.txt !unknown-format", "empty.bin !empty-file",
             "good.json/under.json !file-not-found", "good.json {}"}));
}

TEST_F(RecordStreamTest, an_unreadable_file_is_an_error) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const std::string secret = write("secret.json", "{}");
  ::chmod(secret.c_str(), 0);
  EXPECT_EQ(items({secret}), Items{"secret.json !unreadable-file"});
}

TEST_F(RecordStreamTest, a_line_that_is_too_long_is_passed_over) {
  RecordStreamOptions options;
  options.max_record_bytes = 10;
  const std::string lines =
      write("l.ndjson", "{\"a\":1}\n{\"b\":\"0123456789\"}\n{\"c\":3}\n" + std::string(1'000'000, ' '));
  EXPECT_EQ(items({lines, write("w.json", "{\"b\":\"0123456789\"}")}, options),
            (Items{"l.ndjson#1 {\"a\":1}", "l.ndjson#2 !record-too-large", "l.ndjson#3 {\"c\":3}",
                   "l.ndjson#4 !record-too-large", "w.json !record-too-large"}));
}

TEST_F(RecordStreamTest, a_gigabyte_in_a_line_is_not_loaded) {
  const std::string big = write("big.ndjson", "");
  fs::resize_file(big, std::uintmax_t{1} << 30);  // a hole in the file, read as zeros
  std::ofstream(big, std::ios::binary | std::ios::app) << "\n{\"after\":1}\n";
  RecordStreamOptions options;
  options.max_record_bytes = 1 << 20;
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  EXPECT_EQ(items({big}, options), (Items{"big.ndjson#1 !record-too-large", "big.ndjson#2 {\"after\":1}"}));
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024);  // KiB
}

TEST_F(RecordStreamTest, a_bulk_export_is_merged_by_patient) {
  const std::string p1 = R"({"resourceType":"Condition","id":"1","subject":{"reference":"Patient/a"}})";
  const std::string p2 = R"({"resourceType":"Condition","id":"2","subject":{"reference":"Patient/a"}})";
  const std::string p3 = R"({"resourceType":"Condition","id":"3","subject":{"reference":"Patient/b"}})";
  const std::string allergy = R"({"resourceType":"AllergyIntolerance","id":"4","patient":{"reference":"Patient/b"}})";
  const std::string other = R"({"resourceType":"Organization","id":"5"})";
  const std::string bulk =
      write("bulk.ndjson", p1 + "\n\n" + p2 + "\n" + p3 + "\n" + allergy + "\n" + other + "\n" + other + "\n{\n" + p1);
  EXPECT_EQ(items({bulk}),
            (Items{"bulk.ndjson#1-3 " + p1 + "\n\n" + p2, "bulk.ndjson#4-5 " + p3 + "\n" + allergy,
                   "bulk.ndjson#6 " + other, "bulk.ndjson#7 " + other, "bulk.ndjson#8 {", "bulk.ndjson#9 " + p1}));
  const std::string patients = write("patients.ndjson", R"({"resourceType":"Patient","id":"a"})"
                                                        "\n"
                                                        R"({"resourceType":"Patient","id":"b"})");
  EXPECT_EQ(items({patients}).size(), 2u);
}

TEST_F(RecordStreamTest, bundles_are_never_merged) {
  const std::string bundle = R"({"resourceType":"Bundle","entry":[]})";
  EXPECT_EQ(items({write("b.ndjson", bundle + "\n" + bundle)}).size(), 2u);
}

TEST_F(RecordStreamTest, merged_records_stay_under_the_limit) {
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += R"({"resourceType":"Condition","subject":{"reference":"Patient/a"}})"
            "\n";
  RecordStreamOptions options;
  options.max_record_bytes = 200;
  const Items merged = items({write("m.ndjson", text)}, options);
  ASSERT_EQ(merged.size(), 4u);
  EXPECT_TRUE(merged[0].starts_with("m.ndjson#1-3 "));
  EXPECT_TRUE(merged[3].starts_with("m.ndjson#10 "));
}

}  // namespace
}  // namespace tenfold::media
