// Two processes write one memo and are killed (SIGKILL) at a random moment, again and again, in the same file: what was
// acknowledged is there, and the file is whole. TENFOLD_MEMO_KILLS says how often.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <random>

#include "store/disk_memo.h"

namespace tenfold::store {
namespace {

namespace fs = std::filesystem;

int kills() {
  const char* wanted = std::getenv("TENFOLD_MEMO_KILLS");
  return wanted ? std::atoi(wanted) : 6;
}

MemoKey key(std::uint64_t writer, std::uint64_t number) {
  MemoKey key{};
  const std::uint64_t words[] = {(writer * 1'000'003 + number) * 0x9E3779B97F4A7C15u, writer, number};
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

std::string value(std::uint64_t writer, std::uint64_t number) {
  std::string text = std::to_string(writer) + ":" + std::to_string(number) + ":";
  return text + std::string((writer * 31 + number * 17) % 3000, static_cast<char>('a' + number % 26));
}

/// Writes batches until it is killed, and after each says through the pipe how many entries are kept.
[[noreturn]] void write_until_killed(const fs::path& folder, std::uint64_t bound, std::uint64_t writer, int pipe) {
  DiskMemo memo({folder, bound});
  std::mt19937_64 random(writer);
  for (std::uint64_t number = 0;;) {
    const std::uint64_t count = 1 + random() % 16;
    std::vector<std::string> values;
    std::vector<MemoEntry> entries;
    std::vector<MemoKey> keys;
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(value(writer, number + i));
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back({key(writer, number + i), values[i]});
    for (const MemoEntry& entry : entries) keys.push_back(entry.key);
    if (!memo.put("kill", entries)) _exit(3);
    number += count;
    if (write(pipe, &number, sizeof number) != sizeof number) _exit(4);
    memo.get("kill", keys);
  }
}

struct Writer {
  pid_t process = -1;
  int pipe = -1;
  std::uint64_t id = 0, kept = 0;

  bool read_one() {
    std::uint64_t number = 0;
    if (read(pipe, &number, sizeof number) != sizeof number) return false;
    kept = number;
    return true;
  }
  void kill() {
    ::kill(process, SIGKILL);
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << status;
    while (read_one()) {
    }
    close(pipe);
  }
};

Writer start(const fs::path& folder, std::uint64_t bound, std::uint64_t id) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    write_until_killed(folder, bound, id, ends[1]);
  }
  close(ends[1]);
  return {process, ends[0], id, 0};
}

std::string integrity(const fs::path& file) {
  sqlite3* database = nullptr;
  std::string said;
  sqlite3_open(file.c_str(), &database);
  const auto note = [](void* to, int, char** columns, char**) {
    *static_cast<std::string*>(to) += columns[0];
    return 0;
  };
  if (sqlite3_exec(database, "PRAGMA integrity_check", note, &said, nullptr) != SQLITE_OK)
    said = sqlite3_errmsg(database);
  sqlite3_close(database);
  return said;
}

void kill_again_and_again(std::uint64_t bound, bool all_fit, int times) {
  const fs::path folder = fs::path(testing::TempDir()) / ("memo-kill-" + std::to_string(getpid()));
  fs::remove_all(folder);
  std::mt19937_64 random(7);
  std::uint64_t kept = 0, found = 0;
  for (int round = 0; round < times; ++round) {
    Writer writers[2] = {start(folder, bound, 2 * round), start(folder, bound, 2 * round + 1)};
    // Some acknowledgements, a stretch of work of no particular length, and the kill lands anywhere in a transaction.
    for (Writer& writer : writers)
      for (std::uint64_t left = random() % 12; left > 0; --left) ASSERT_TRUE(writer.read_one());
    volatile std::uint64_t spin = random() % 300'000;
    while (spin > 0) spin = spin - 1;
    for (Writer& writer : writers) writer.kill();

    std::vector<std::string> warnings;
    DiskMemo memo({folder, bound, [&](const Error& error) { warnings.push_back(error.what); }});
    for (const Writer& writer : writers) {
      // Beyond what was acknowledged there may be one more batch.
      for (std::uint64_t number = 0; number < writer.kept + 16; ++number) {
        const MemoKey wanted = key(writer.id, number);
        const auto got = memo.get("check", std::span(&wanted, 1)).front();
        if (got) {
          ASSERT_EQ(*got, value(writer.id, number));
        } else if (all_fit) {
          ASSERT_GE(number, writer.kept) << "round " << round << ": what was acknowledged is lost";
        }
        found += got.has_value();
      }
      kept += writer.kept;
    }
    ASSERT_TRUE(warnings.empty()) << warnings.front();
    ASSERT_EQ(integrity(folder / "memo.sqlite"), "ok") << "round " << round;
  }
  EXPECT_GT(kept, 0u);
  EXPECT_GT(found, 0u);
  fs::remove_all(folder);
}

TEST(DiskMemoKill, what_was_acknowledged_is_there) {
  kill_again_and_again(std::uint64_t{1} << 30, true, (kills() + 1) / 2);
}

// Room is made and given back in nearly every transaction here.
TEST(DiskMemoKill, a_small_memo_stays_whole) { kill_again_and_again(std::uint64_t{1} << 18, false, (kills() + 1) / 2); }

}  // namespace
}  // namespace tenfold::store
