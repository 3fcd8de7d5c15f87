#include "store/disk_memo.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

namespace tenfold::store {
namespace {

namespace fs = std::filesystem;

MemoKey key(std::uint64_t number) {
  MemoKey key{};
  number *= 0x9E3779B97F4A7C15u;  // spread, as hashes are
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

class DiskMemoTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(testing::TempDir()) / ("disk-memo-" + std::to_string(getpid()));
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::unique_ptr<DiskMemo> open(std::uint64_t max_bytes = 1 << 30) {
    return std::make_unique<DiskMemo>(
        DiskMemoSettings{folder, max_bytes, [this](const Error& error) { warnings.push_back(error); }});
  }
  static bool put(DiskMemo& memo, std::uint64_t number, const std::string& value) {
    const MemoEntry entry{key(number), value};
    return memo.put("film small", std::span(&entry, 1));
  }
  static std::optional<std::string> get(DiskMemo& memo, std::uint64_t number) {
    const MemoKey wanted = key(number);
    return memo.get("film small", std::span(&wanted, 1)).front();
  }
  void sql(const char* text) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder / "memo.sqlite").c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, text, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  // Neither finds nor keeps, says why once, and does not fail.
  void expect_unusable(const std::string& why) {
    const auto memo = open();
    EXPECT_FALSE(get(*memo, 1));
    EXPECT_FALSE(put(*memo, 1, "x"));
    EXPECT_FALSE(get(*memo, 1));
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_EQ(warnings[0].code, "no-memo");
    EXPECT_NE(warnings[0].what.find(why), std::string::npos) << warnings[0].what;
    EXPECT_EQ(memo->contents().error().what, warnings[0].what);
    warnings.clear();
  }
  fs::path folder;
  std::vector<Error> warnings;
};

TEST_F(DiskMemoTest, a_later_run_finds_what_was_kept) {
  std::string nothing, bytes(100'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  {
    const auto memo = open();
    EXPECT_FALSE(get(*memo, 1));
    EXPECT_TRUE(put(*memo, 1, "0.25 0.75"));
    EXPECT_TRUE(put(*memo, 2, bytes));
    EXPECT_TRUE(put(*memo, 3, nothing));
    EXPECT_EQ(get(*memo, 1), "0.25 0.75");
  }
  const auto memo = open();
  const MemoKey keys[] = {key(3), key(9), key(2), key(1)};
  const auto found = memo->get("film small", keys);
  EXPECT_EQ(found[0], nothing);
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2], bytes);
  EXPECT_EQ(found[3], "0.25 0.75");
  EXPECT_TRUE(warnings.empty());
}

TEST_F(DiskMemoTest, what_is_there_stays) {
  const auto memo = open(), other = open();
  EXPECT_TRUE(put(*memo, 1, "first"));
  EXPECT_TRUE(put(*other, 1, "second"));
  EXPECT_EQ(get(*other, 1), "first");
}

TEST_F(DiskMemoTest, only_its_owner_may_read_it) {
  const auto memo = open();
  EXPECT_TRUE(put(*memo, 1, "x"));
  for (const auto& entry : fs::directory_iterator(folder)) {
    struct stat status {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(DiskMemoTest, hits_are_counted_over_runs_and_by_source) {
  { EXPECT_TRUE(put(*open(), 1, "abc")); }
  for (int run = 0; run < 3; ++run) {
    const auto memo = open();
    EXPECT_TRUE(get(*memo, 1));
    EXPECT_TRUE(get(*memo, 1));
    EXPECT_FALSE(get(*memo, 2));
  }
  const MemoEntry entry{key(5), "defg"};
  EXPECT_TRUE(open()->put("film large", std::span(&entry, 1)));
  const auto contents = open()->contents();
  ASSERT_TRUE(contents);
  ASSERT_EQ(contents->sources.size(), 2u);
  EXPECT_EQ(contents->sources[0].name, "film large");
  EXPECT_EQ(contents->sources[0].hits, 0u);
  EXPECT_EQ(contents->sources[0].bytes, 4u);
  EXPECT_EQ(contents->sources[1].hits, 6u);
  EXPECT_EQ(contents->sources[1].entries, 1u);
}

TEST_F(DiskMemoTest, figures_add_up_over_runs_and_go_with_the_rest) {
  EXPECT_TRUE(open()->figures("film small").empty());
  EXPECT_FALSE(fs::exists(folder)) << "looking makes no file";
  for (int run = 0; run < 3; ++run) {
    const auto memo = open();
    EXPECT_FALSE(get(*memo, 1));
    memo->add("film small", "seconds", 0.25);
    memo->add("film small", "seconds", 0.25);
    memo->add("film large", "run", 1.0);
  }
  {
    const auto memo = open();
    EXPECT_EQ(memo->figures("film small"), (std::map<std::string, double>{{"seconds", 1.5}}));
    memo->add("film small", "run", 2.0);
    EXPECT_EQ(memo->figures("film small").at("run"), 2.0) << "this run's own, too";
    EXPECT_TRUE(memo->clear());
    EXPECT_TRUE(memo->figures("film small").empty());
  }
  EXPECT_TRUE(open()->figures("film large").empty());
}

TEST_F(DiskMemoTest, a_file_of_before_there_were_figures_gets_them) {
  { EXPECT_TRUE(put(*open(), 1, "abc")); }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "memo.sqlite").c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "DROP TABLE figure", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  { open()->add("film small", "run", 1.0); }
  const auto memo = open();
  EXPECT_EQ(get(*memo, 1), "abc");
  memo->add("film small", "run", 1.0);
  EXPECT_EQ(memo->figures("film small").at("run"), 1.0) << "a run that never opened the file noted nothing";
}

TEST_F(DiskMemoTest, stays_within_its_bytes_and_drops_what_was_used_longest_ago) {
  constexpr std::uint64_t kBound = 1 << 20;
  const std::string value(1000, 'v');
  const auto fill = [&](std::uint64_t from, std::uint64_t to) {  // a run for every hundred
    std::unique_ptr<DiskMemo> memo;
    for (std::uint64_t i = from; i < to; ++i) {
      if (i % 100 == 0) memo = open(kBound);
      EXPECT_TRUE(put(*memo, i, value));
      EXPECT_LE(i % 10 ? 0 : memo->contents()->file_bytes, kBound);
    }
  };
  fill(0, 500);
  for (const std::uint64_t i : {0u, 1u, 2u, 3u}) EXPECT_TRUE(get(*open(kBound), i));  // the oldest, now used again
  fill(500, 1000);
  for (const std::uint64_t i : {0u, 1u, 2u, 3u, 900u}) EXPECT_TRUE(get(*open(kBound), i)) << i;
  for (const std::uint64_t i : {4u, 50u, 99u}) EXPECT_FALSE(get(*open(kBound), i)) << i;
  fill(1000, 2000);
  const auto memo = open(kBound);
  EXPECT_FALSE(get(*memo, 0));
  EXPECT_TRUE(get(*memo, 1999));
  EXPECT_GE(memo->contents()->file_bytes, kBound * 3 / 4);
  EXPECT_TRUE(memo->clear());
  EXPECT_FALSE(get(*memo, 1999));
  EXPECT_EQ(memo->contents()->sources.size(), 0u);
  EXPECT_LE(fs::file_size(folder / "memo.sqlite"), 100'000u);
}

TEST_F(DiskMemoTest, a_bound_that_is_lowered_is_kept_from_the_next_put) {
  {
    const auto memo = open();
    for (std::uint64_t i = 0; i < 2000; ++i) EXPECT_TRUE(put(*memo, i, std::string(1000, 'v')));
  }
  const auto memo = open(1 << 19);
  EXPECT_TRUE(put(*memo, 5000, "x"));
  EXPECT_LE(memo->contents()->file_bytes, 1u << 19);
  EXPECT_TRUE(get(*memo, 5000));
}

TEST_F(DiskMemoTest, a_file_that_is_no_memo_is_left_alone_with_a_warning) {
  fs::create_directories(folder);
  std::ofstream(folder / "memo.sqlite") << std::string(5000, 'g');
  expect_unusable("not a database");
  std::ifstream file(folder / "memo.sqlite");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), std::string(5000, 'g'));
}

TEST_F(DiskMemoTest, a_database_of_another_program_is_left_alone) {
  fs::create_directories(folder);
  sql("CREATE TABLE patients(name TEXT)");
  expect_unusable("database of another program");
  sql("SELECT * FROM patients");
}

TEST_F(DiskMemoTest, a_newer_format_is_left_alone) {
  EXPECT_TRUE(put(*open(), 1, "x"));
  sql("PRAGMA user_version = 2");
  expect_unusable("has format 2");
}

TEST_F(DiskMemoTest, a_file_cut_short_is_a_warning) {
  {
    const auto written = open();
    for (std::uint64_t i = 0; i < 300; ++i) EXPECT_TRUE(put(*written, i, std::string(1000, 'v')));
  }
  sql("PRAGMA wal_checkpoint(TRUNCATE)");
  fs::resize_file(folder / "memo.sqlite", 4096 * 3 + 100);
  const auto memo = open();
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto value = get(*memo, i);
    EXPECT_TRUE(!value || *value == std::string(1000, 'v'));
  }
  EXPECT_FALSE(put(*memo, 1000, "x"));
  EXPECT_GE(warnings.size(), 1u);
}

TEST_F(DiskMemoTest, a_folder_that_cannot_be_made_is_a_warning) {
  fs::create_directories(folder);
  std::ofstream(folder / "file") << "x";
  folder /= "file";
  expect_unusable("cannot be opened");
  folder = folder.parent_path();
}

TEST_F(DiskMemoTest, a_value_with_a_flipped_bit_is_not_found_and_can_be_written_again) {
  EXPECT_TRUE(put(*open(), 1, "the-first-value"));
  EXPECT_TRUE(put(*open(), 2, "the-second-value"));
  sql("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file(folder / "memo.sqlite", std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const std::size_t at = bytes.find("the-first-value");
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at + 4));
  file.put('g').flush();
  const auto memo = open();
  EXPECT_FALSE(get(*memo, 1));
  EXPECT_EQ(get(*memo, 2), "the-second-value");
  EXPECT_TRUE(put(*memo, 1, "the-first-value"));
  EXPECT_EQ(get(*memo, 1), "the-first-value");
}

TEST_F(DiskMemoTest, a_full_disk_ends_the_writing_and_not_the_reading) {
  const auto memo = open();
  EXPECT_TRUE(put(*memo, 1, "kept"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{200'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  bool kept = true;
  for (std::uint64_t i = 2; i < 100 && kept; ++i) kept = put(*memo, i, std::string(10'000, 'v'));
  const bool again = put(*memo, 1000, "x");
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(kept);
  EXPECT_FALSE(again);
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(get(*open(), 1), "kept");
}

TEST_F(DiskMemoTest, threads_share_one) {
  const auto memo = open();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 100; ++i) {
        const std::uint64_t number = (i + 25 * t) % 100;
        wrong += !put(*memo, number, "v" + std::to_string(number));
        wrong += get(*memo, number) != "v" + std::to_string(number);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(memo->contents()->sources.at(0).entries, 100u);
}

}  // namespace
}  // namespace tenfold::store
