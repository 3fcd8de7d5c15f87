#include "store/disk_memo.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tenfold::store {
namespace {

constexpr std::int64_t kApplication = 0x31306d66;  // "10mf": the file is a memo of ours
constexpr std::int64_t kFormat = 1;                // grows with every change to docs/memo-format.md
constexpr int kBusyMs = 5000;                      // another process's transactions take milliseconds
constexpr std::size_t kMaxPending = 4096;          // hits noted in one go
// Of the bound, what is left after room was made: dropping a little at every put would cost a search each.
constexpr double kKeptShare = 0.9;
constexpr std::int64_t kDroppedAtATime = 64;

constexpr const char* kSchema = R"sql(
  CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hits INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE said(id INTEGER PRIMARY KEY, key BLOB NOT NULL, source INTEGER NOT NULL, used INTEGER NOT NULL,
                    sum INTEGER NOT NULL, value BLOB NOT NULL);
  CREATE INDEX said_by_use ON said(used);
  CREATE TABLE run(number INTEGER NOT NULL);
  INSERT INTO run VALUES (0);
)sql";

// Since the first release of format 1; a file of then gets it when it is next opened.
constexpr const char* kFigures =
    "CREATE TABLE IF NOT EXISTS figure(of TEXT NOT NULL, name TEXT NOT NULL, amount REAL NOT NULL, "
    "PRIMARY KEY(of, name)) WITHOUT ROWID";

/// The row of a key: its first eight bytes. A key that meets another's there is never found, which costs a call.
std::int64_t row(const MemoKey& key) {
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) id = id << 8 | std::to_integer<std::int64_t>(key[i]);
  return id;
}

/// Of key and value: the file's own checks see pages, and a bit that flipped in one must not become a probability.
std::int64_t checksum(const MemoKey& key, std::string_view value) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, key.data(), sizeof seed);
  return static_cast<std::int64_t>(XXH3_64bits_withSeed(value.data(), value.size(), seed));
}

}  // namespace

struct DiskMemo::Statements {
  sqlite3_stmt *find = nullptr, *keep = nullptr, *use = nullptr, *count = nullptr, *name = nullptr, *id = nullptr,
               *drop = nullptr, *erase = nullptr, *add = nullptr, *figures = nullptr;
  ~Statements() {
    for (sqlite3_stmt* each : {find, keep, use, count, name, id, drop, erase, add, figures}) sqlite3_finalize(each);
  }
};

namespace {

/// Resets a statement at the end of its scope, so that no read transaction stays open.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  void bind(int at, const MemoKey& key) {
    sqlite3_bind_blob(statement_, at, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
  }
  void bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  void bind_text(int at, std::string_view text) {
    sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void bind_blob(int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement_, at, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  }
  void bind_real(int at, double value) { sqlite3_bind_double(statement_, at, value); }
  int step() { return sqlite3_step(statement_); }
  bool done() { return step() == SQLITE_DONE; }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

DiskMemo::DiskMemo(DiskMemoSettings settings) : settings_(std::move(settings)) {}

DiskMemo::~DiskMemo() {
  const std::lock_guard lock(mutex_);
  if (readable_) note_hits();
  close();
}

std::filesystem::path DiskMemo::file() const { return settings_.folder / "memo.sqlite"; }

void DiskMemo::close() {
  statements_.reset();
  if (database_) sqlite3_close_v2(database_);
  database_ = nullptr;
  readable_ = writable_ = false;
}

Error DiskMemo::unusable(const std::string& what, const std::string& hint) const {
  return Error{"no-memo", {file().string(), 0, 0, 1}, what + "; the run goes on without it", hint, ""};
}

/// `what` with what SQLite just said.
Error DiskMemo::refused(const std::string& what) const {
  const int code = database_ ? sqlite3_errcode(database_) & 0xff : SQLITE_CANTOPEN;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return unusable(what + ": " + (database_ ? sqlite3_errmsg(database_) : sqlite3_errstr(code)),
                  damaged ? "delete the file: it holds nothing that cannot be computed again"
                          : "look at the disk, or choose another folder with --memo");
}

/// Says once what SQLite just said, and is without the file from then on; a disk that is full only ends the writing.
void DiskMemo::give_up(const std::string& what) {
  const int code = sqlite3_errcode(database_) & 0xff;
  const bool only_writing = code == SQLITE_FULL || code == SQLITE_READONLY;
  if (only_writing ? writable_ : readable_) {
    problem_ = refused(what);
    if (settings_.warn) settings_.warn(*problem_);
  }
  writable_ = false;
  if (!only_writing) readable_ = false;
}

bool DiskMemo::run(const char* sql) { return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

std::optional<std::int64_t> DiskMemo::number(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  std::optional<std::int64_t> value;
  if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return value;
}

bool DiskMemo::ready() {
  if (opened_) return readable_;
  opened_ = true;
  if (Status done = open(); !done) {
    problem_ = done.error();
    close();
    if (settings_.warn) settings_.warn(*problem_);
  }
  return readable_;
}

Status DiskMemo::open() {
  std::error_code ignored;
  if (!std::filesystem::exists(settings_.folder, ignored)) {
    std::filesystem::create_directories(settings_.folder, ignored);
    std::filesystem::permissions(settings_.folder, std::filesystem::perms::owner_all, ignored);
  }
  // Made here and not by SQLite, so that nobody else can read it, not even for a moment; its companions follow its
  // mode.
  const int made = ::open(file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) {
    return unusable(std::string("the memo cannot be opened: ") + std::strerror(errno),
                    "choose another folder with --memo, or --memo off");
  }
  ::close(made);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;  // mutex_ is ours
  if (sqlite3_open_v2(file().c_str(), &database_, flags, nullptr) != SQLITE_OK)
    return refused("the memo cannot be opened");
  sqlite3_extended_result_codes(database_, 0);
  sqlite3_busy_timeout(database_, kBusyMs);
  // What is in the log may stay there: to copy it into the file at every end of a run would be two waits for the disk,
  // more than many a run takes.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (Status fine = make_or_check(); !fine) return fine;

  statements_ = std::make_unique<Statements>();
  const std::pair<sqlite3_stmt**, const char*> all[] = {
      {&statements_->find, "SELECT value, sum, used FROM said WHERE id = ?1 AND key = ?2"},
      {&statements_->keep,
       "INSERT INTO said(id, key, source, used, sum, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
       "ON CONFLICT(id) DO NOTHING"},
      {&statements_->use, "UPDATE said SET used = ?2 WHERE id = ?1"},
      {&statements_->count, "UPDATE source SET hits = hits + ?2 WHERE id = ?1"},
      {&statements_->name, "INSERT INTO source(name) VALUES (?1) ON CONFLICT(name) DO NOTHING"},
      {&statements_->id, "SELECT id FROM source WHERE name = ?1"},
      {&statements_->add,
       "INSERT INTO figure(of, name, amount) VALUES (?1, ?2, ?3) "
       "ON CONFLICT(of, name) DO UPDATE SET amount = amount + excluded.amount"},
      {&statements_->figures, "SELECT name, amount FROM figure WHERE of = ?1"},
      {&statements_->erase, "DELETE FROM said WHERE id = ?1"},
      {&statements_->drop, "DELETE FROM said WHERE id IN (SELECT id FROM said ORDER BY used LIMIT ?1)"}};
  for (const auto& [statement, sql] : all) {
    if (sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr) != SQLITE_OK) {
      return refused("the memo has not the tables it should have");
    }
  }
  readable_ = writable_ = true;
  return {};
}

/// A new file gets its tables, an old one is looked at; two processes may do so at the same moment.
Status DiskMemo::make_or_check() {
  const auto unfit = [this] { return refused("the memo cannot be used"); };
  if (!number("PRAGMA schema_version")) return unfit();
  // auto_vacuum must be said before the first table; a write-ahead log before transactions, and it does not wait for
  // whoever else is just switching it on.
  if (!run("PRAGMA auto_vacuum = INCREMENTAL")) return unfit();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMs);
  while (!run("PRAGMA journal_mode = WAL")) {
    if (sqlite3_errcode(database_) != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) return unfit();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  // NORMAL: a process that is killed loses nothing. A machine that loses power may lose what came last, not more.
  if (!run("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216")) return unfit();
  if (!run("BEGIN IMMEDIATE")) return unfit();
  const auto tables = number("SELECT count(*) FROM sqlite_schema"), application = number("PRAGMA application_id"),
             format = number("PRAGMA user_version");
  Status fine;
  if (!tables || !application || !format) {
    fine = unfit();
  } else if (*tables == 0 && *application == 0) {
    const std::string mark = "PRAGMA application_id = " + std::to_string(kApplication) +
                             "; PRAGMA user_version = " + std::to_string(kFormat);
    if (!run(kSchema) || !run(mark.c_str())) fine = unfit();
  } else if (*application != kApplication) {
    fine = unusable("the file is a database of another program", "choose another folder with --memo");
  } else if (*format != kFormat) {
    fine = unusable(
        "the memo has format " + std::to_string(*format) + ", and this is for format " + std::to_string(kFormat),
        "use the version of tenfold that made it, or delete the file");
  }
  if (fine) {
    if (!run(kFigures) || !run("UPDATE run SET number = number + 1")) fine = unfit();
    run_ = number("SELECT number FROM run").value_or(0);
  }
  if (!fine) {
    run("ROLLBACK");
    return fine;
  }
  return run("COMMIT") ? Status{} : unfit();
}

std::vector<std::optional<std::string>> DiskMemo::get(std::string_view source, std::span<const MemoKey> keys) {
  std::vector<std::optional<std::string>> values(keys.size());
  const std::lock_guard lock(mutex_);
  if (keys.empty() || !ready()) return values;
  auto noted =
      std::find_if(pending_.begin(), pending_.end(), [&](const Pending& each) { return each.source == source; });
  if (noted == pending_.end()) noted = pending_.insert(pending_.end(), Pending{std::string(source), 0, {}});
  // One read transaction for the batch: a lock and a look at the log are taken once.
  const bool together = keys.size() > 1 && run("BEGIN");
  std::vector<MemoKey> damaged;
  for (std::size_t i = 0; i < keys.size() && readable_; ++i) {
    Use find(statements_->find);
    find.bind(1, row(keys[i]));
    find.bind(2, keys[i]);
    const int step = find.step();
    if (step == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statements_->find, 0));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statements_->find, 0));
      std::string value(bytes ? bytes : "", bytes ? size : 0);
      if (sqlite3_column_int64(statements_->find, 1) != checksum(keys[i], value)) {
        damaged.push_back(keys[i]);
        continue;
      }
      ++noted->hits;
      if (sqlite3_column_int64(statements_->find, 2) != run_) noted->used.push_back(keys[i]);
      values[i] = std::move(value);
    } else if (step != SQLITE_DONE && step != SQLITE_BUSY) {
      give_up("the memo cannot be read");
    }
  }
  if (together) run("COMMIT");
  for (const MemoKey& key : damaged) {  // so that it can be written again
    Use erase(statements_->erase);
    erase.bind(1, row(key));
    if (writable_) erase.step();
  }
  std::size_t waiting = 0;
  for (const Pending& each : pending_) waiting += each.used.size();
  if (waiting >= kMaxPending) note_hits();
  return values;
}

/// What was found since: how often, and when. Lost when the process is killed; that costs a count.
void DiskMemo::note_hits() {
  const auto found = [](const Pending& each) { return each.hits > 0; };
  const bool any = !added_.empty() || std::any_of(pending_.begin(), pending_.end(), found);
  if (writable_ && any && run("BEGIN IMMEDIATE")) {
    if (!write_hits() || !run("COMMIT")) run("ROLLBACK");
  }
  pending_.clear();
  added_.clear();
}

void DiskMemo::add(std::string_view of, std::string_view figure, double amount) {
  const std::lock_guard lock(mutex_);
  added_[{std::string(of), std::string(figure)}] += amount;
}

std::map<std::string, double> DiskMemo::figures(std::string_view of) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, double> out;
  std::error_code failed;
  if (!opened_ && !std::filesystem::exists(file(), failed)) return out;
  if (!ready()) return out;
  note_hits();
  Use find(statements_->figures);
  find.bind_text(1, of);
  while (find.step() == SQLITE_ROW)
    out[reinterpret_cast<const char*>(sqlite3_column_text(statements_->figures, 0))] =
        sqlite3_column_double(statements_->figures, 1);
  return out;
}

/// Within a transaction.
bool DiskMemo::write_hits() {
  for (const Pending& each : pending_) {
    if (each.hits == 0) continue;
    const auto id = source_id(each.source);
    if (!id) return false;
    Use count(statements_->count);
    count.bind(1, *id);
    count.bind(2, static_cast<std::int64_t>(each.hits));
    if (!count.done()) return false;
    for (const MemoKey& key : each.used) {
      Use use(statements_->use);
      use.bind(1, row(key));
      use.bind(2, run_);
      if (!use.done()) return false;
    }
  }
  for (const auto& [figure, amount] : added_) {
    Use add(statements_->add);
    add.bind_text(1, figure.first);
    add.bind_text(2, figure.second);
    add.bind_real(3, amount);
    if (!add.done()) return false;
  }
  pending_.clear();
  added_.clear();
  return true;
}

std::optional<std::int64_t> DiskMemo::source_id(std::string_view name) {
  for (const bool made : {false, true}) {
    if (made) {
      Use make(statements_->name);
      make.bind_text(1, name);
      if (!make.done()) return std::nullopt;
    }
    Use find(statements_->id);
    find.bind_text(1, name);
    if (find.step() == SQLITE_ROW) return sqlite3_column_int64(statements_->id, 0);
  }
  return std::nullopt;
}

bool DiskMemo::put(std::string_view source, std::span<const MemoEntry> entries) {
  const std::lock_guard lock(mutex_);
  if (entries.empty()) return true;
  if (!ready() || !writable_) return false;
  if (!run("BEGIN IMMEDIATE")) {
    // Whoever holds the file for so long: this batch is not kept, the next may be.
    if (sqlite3_errcode(database_) != SQLITE_BUSY) give_up("the memo cannot be written");
    return false;
  }
  const auto id = source_id(source);
  bool fine = id.has_value();
  for (std::size_t i = 0; i < entries.size() && fine; ++i) {
    Use keep(statements_->keep);
    keep.bind(1, row(entries[i].key));
    keep.bind(2, entries[i].key);
    keep.bind(3, *id);
    keep.bind(4, run_);
    keep.bind(5, checksum(entries[i].key, entries[i].value));
    keep.bind_blob(6, entries[i].value);
    fine = keep.done();
  }
  fine = fine && write_hits() && make_room(settings_.max_bytes) && run("COMMIT");
  if (!fine) {
    give_up("the memo cannot be written");
    run("ROLLBACK");
  }
  return fine;
}

std::uint64_t DiskMemo::bytes_in_use() {
  const auto pages = number("PRAGMA page_count"), free = number("PRAGMA freelist_count"),
             size = number("PRAGMA page_size");
  return static_cast<std::uint64_t>((pages.value_or(0) - free.value_or(0)) * size.value_or(0));
}

/// Within a transaction. Pages that become free are given back to the file system.
bool DiskMemo::make_room(std::uint64_t limit) {
  if (bytes_in_use() <= limit) return true;
  const auto kept = static_cast<std::uint64_t>(kKeptShare * static_cast<double>(limit));
  while (bytes_in_use() > kept) {
    Use drop(statements_->drop);
    drop.bind(1, kDroppedAtATime);
    if (!drop.done()) return false;
    if (sqlite3_changes(database_) == 0) break;
  }
  return run("PRAGMA incremental_vacuum");
}

Result<MemoContents> DiskMemo::contents() {
  const std::lock_guard lock(mutex_);
  if (!ready()) return *problem_;
  note_hits();
  MemoContents contents;
  contents.file_bytes = bytes_in_use();
  sqlite3_stmt* each = nullptr;
  const char* sql =
      "SELECT name, hits, count(said.id), total(length(value)) FROM source LEFT JOIN said ON said.source = source.id "
      "GROUP BY source.id ORDER BY name";
  int step = sqlite3_prepare_v2(database_, sql, -1, &each, nullptr);
  while (step == SQLITE_OK || step == SQLITE_ROW) {
    step = sqlite3_step(each);
    if (step != SQLITE_ROW) break;
    contents.sources.push_back({reinterpret_cast<const char*>(sqlite3_column_text(each, 0)),
                                static_cast<std::uint64_t>(sqlite3_column_int64(each, 2)),
                                static_cast<std::uint64_t>(sqlite3_column_double(each, 3)),
                                static_cast<std::uint64_t>(sqlite3_column_int64(each, 1))});
  }
  sqlite3_finalize(each);
  if (step != SQLITE_DONE) return refused("the memo cannot be read");
  return contents;
}

Status DiskMemo::clear() {
  const std::lock_guard lock(mutex_);
  if (!ready() || !writable_) return *problem_;
  pending_.clear();
  added_.clear();
  if (!run("BEGIN IMMEDIATE; DELETE FROM said; DELETE FROM source; DELETE FROM figure; PRAGMA incremental_vacuum; "
           "COMMIT")) {
    const Error why = refused("the memo cannot be cleared");
    run("ROLLBACK");
    return why;
  }
  run("PRAGMA wal_checkpoint(TRUNCATE)");  // the log still held it
  return {};
}

}  // namespace tenfold::store
