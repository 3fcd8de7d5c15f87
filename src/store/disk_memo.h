// A memo on disk: bytes by the content that they were computed from. One SQLite file, shared by all runs of a user, by
// several processes at once; docs/memo-format.md has its form.
//
// It only ever saves work: whatever goes wrong with the file is said once through `warn`, and from then on nothing is
// found and nothing kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tenfold::store {

/// SHA-256 of whatever decides the value: nobody can make an input that is answered with another's value.
using MemoKey = std::array<std::byte, 32>;

struct DiskMemoSettings {
  std::filesystem::path folder;  // made when it is not there, for its owner alone
  std::uint64_t max_bytes = std::uint64_t{1} << 30;
  std::function<void(const Error&)> warn = {};  // may be called from any thread, at most a few times
};

struct MemoEntry {
  MemoKey key;
  std::string_view value;
};

/// One kind of entries (a stage of a network): how many there are and how often one was found, ever.
struct MemoSource {
  std::string name;
  std::uint64_t entries = 0, bytes = 0, hits = 0;
};

struct MemoContents {
  std::vector<MemoSource> sources;  // by name
  std::uint64_t file_bytes = 0;     // in use, of the file
};

/// Thread-safe. Costs nothing until the first get or put, which opens the file.
class DiskMemo {
 public:
  explicit DiskMemo(DiskMemoSettings settings);
  ~DiskMemo();
  DiskMemo(const DiskMemo&) = delete;
  DiskMemo& operator=(const DiskMemo&) = delete;

  /// One value a key, in their order; nothing where the memo has none. Found entries count as used.
  std::vector<std::optional<std::string>> get(std::string_view source, std::span<const MemoKey> keys);
  /// True once all entries are kept: another process finds them, also when this one is killed right after. One
  /// transaction; what is there already stays. Makes room by dropping what was used longest ago.
  bool put(std::string_view source, std::span<const MemoEntry> entries);

  /// Figures that add up over runs, of whatever `of` names. Noted like hits, with the next write or at the end.
  void add(std::string_view of, std::string_view figure, double amount);
  /// What all runs added, this one's included; empty where there is no file, which this does not make.
  std::map<std::string, double> figures(std::string_view of);

  /// Errors: "no-memo" (with the reason why the file cannot be used).
  Result<MemoContents> contents();
  /// Drops every entry and figure and gives the room back. Errors: as of contents().
  Status clear();
  std::filesystem::path file() const;

 private:
  struct Statements;
  struct Pending {
    std::string source;
    std::uint64_t hits = 0;
    std::vector<MemoKey> used;
  };

  bool ready();
  Status open();
  Status make_or_check();
  void note_hits();
  bool write_hits();
  bool make_room(std::uint64_t limit);
  std::optional<std::int64_t> source_id(std::string_view name);
  std::uint64_t bytes_in_use();
  bool run(const char* sql);
  std::optional<std::int64_t> number(const char* sql);
  Error unusable(const std::string& what, const std::string& hint) const;
  Error refused(const std::string& what) const;
  void give_up(const std::string& what);
  void close();

  const DiskMemoSettings settings_;
  std::mutex mutex_;
  sqlite3* database_ = nullptr;
  std::unique_ptr<Statements> statements_;
  bool opened_ = false, readable_ = false, writable_ = false;
  std::optional<Error> problem_;  // set where either of the last two is not
  std::int64_t run_ = 0;          // this run's number: what was used in it is dropped last
  std::vector<Pending> pending_;  // hits that are not in the file yet
  std::map<std::pair<std::string, std::string>, double> added_;  // figures that are not
};

}  // namespace tenfold::store
