#include "media/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "media/archive.h"
#include "media/sandbox.h"

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() : folder_(fs::path(testing::TempDir()) / ("reader_test." + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~ReaderTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return (folder_ / name).string();
  }
  std::string zip(const std::vector<std::pair<std::string, std::string>>& members) const {
    const std::string path = (folder_ / "a.zip").string();
    archive* out = archive_write_new();
    archive_write_set_format_zip(out);
    archive_write_open_filename(out, path.c_str());
    for (const auto& [name, bytes] : members) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, name.c_str());
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
      archive_write_header(out, entry);
      archive_write_data(out, bytes.data(), bytes.size());
      archive_entry_free(entry);
    }
    archive_write_close(out);
    archive_write_free(out);
    return path;
  }

  const fs::path folder_;
};

const FactSchema& relation_of(const Adapter& adapter, std::string_view name, std::size_t& number) {
  for (number = 0; number < adapter.relations.size(); ++number)
    if (adapter.relations[number].relation == name) break;
  return adapter.relations.at(number);
}

Result<Reading> read(MediaReader& reader, const char* adapter, const char* relation, const std::string& key) {
  std::size_t number = 0;
  relation_of(*find_adapter(adapter), relation, number);
  return reader.read(*find_adapter(adapter), number, key);
}

TEST_F(ReaderTest, TheProcessGivesWhatThisOneWould) {
  const std::string path = write("a.txt", "Term of the contract\n\nTwo years from the first of May.\n");
  MediaReader apart, here({.limits = {}, .lanes = 1, .isolate = false});
  for (const FactSchema& schema : find_adapter("document")->relations) {
    const auto one = read(apart, "document", schema.relation.c_str(), path);
    const auto other = read(here, "document", schema.relation.c_str(), path);
    ASSERT_TRUE(one) << one.error().what;
    ASSERT_TRUE(other);
    ASSERT_EQ(one->facts.size(), other->facts.size()) << schema.relation;
    for (std::size_t i = 0; i < one->facts.size(); ++i) {
      EXPECT_EQ(one->facts[i].values, other->facts[i].values);
      EXPECT_EQ(one->facts[i].place, other->facts[i].place);
    }
  }
  ASSERT_FALSE(apart.work().empty());
  EXPECT_EQ(apart.work().front().adapter, "document");
  EXPECT_EQ(apart.work().front().there, 1u);
}

TEST_F(ReaderTest, SaysWhatCannotBeRead) {
  MediaReader reader;
  EXPECT_EQ(read(reader, "document", "word", (folder_ / "none.pdf").string()).error().code, "file-not-found");
  EXPECT_EQ(read(reader, "document", "word", folder_.string()).error().code, "is-a-folder");
  const auto wrong = read(reader, "video", "keyframe", write("a.txt", "no film"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "wrong-medium");
  EXPECT_EQ(reader.colours(write("b.txt", "no picture")).error().code, "no-picture");
  EXPECT_FALSE(read(reader, "document", "word", write("c.pdf", "%PDF-1.4\nnothing else")));
}

TEST_F(ReaderTest, MembersOfAnArchiveAreKeys) {
  const std::string path =
      zip({{"folder/a&b.txt", "inside"}, {"../../up.txt", "outside"}, {"table.csv", "a,b\n1,2\n"}});
  MediaReader reader;
  const auto members = read(reader, "archive", "member", path);
  ASSERT_TRUE(members) << members.error().what;
  ASSERT_EQ(members->facts.size(), 3u);
  const std::string key = std::get<std::string>(members->facts[0].values[4]);
  EXPECT_EQ(key, path + "#member=folder/a%26b.txt");
  EXPECT_EQ(std::get<std::string>(members->facts[2].values[3]), "csv");
  const auto text = read(reader, "document", "page_text", key);
  ASSERT_TRUE(text) << text.error().what;
  ASSERT_EQ(text->facts.size(), 1u);
  EXPECT_EQ(std::get<std::string>(text->facts[0].values.back()), "inside");
  EXPECT_TRUE(text->facts[0].place.starts_with(key)) << text->facts[0].place;
  const auto pages = read(reader, "document", "page", key);
  ASSERT_TRUE(pages) << pages.error().what;
  EXPECT_EQ(std::get<std::string>(pages->facts.at(0).values[1]), key);  // which the adapter made
  // A name that climbs is a name: nothing is written where it points.
  EXPECT_TRUE(read(reader, "document", "page_text", std::get<std::string>(members->facts[1].values[4])));
  EXPECT_FALSE(fs::exists(folder_.parent_path().parent_path() / "up.txt"));
  EXPECT_EQ(read(reader, "document", "page_text", path + "#member=none").error().code, "no-member");
}

TEST_F(ReaderTest, ArchivesAreBounded) {
  const std::string path = zip({{"zeros", std::string(1 << 20, '\0')}, {"b", "b"}});
  Limits limits;
  limits.expanded_bytes = 1 << 16;
  EXPECT_EQ(extract_member(path, "zeros", limits).error().code, "archive-bomb");
  EXPECT_TRUE(extract_member(path, "b", limits));
  limits.pages = 1;
  EXPECT_EQ(list_members(path, limits).error().code, "too-many-members");
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string cut = write("cut.zip", bytes.substr(0, 200));
  EXPECT_FALSE(extract_member(cut, "zeros", Limits()));
}

TEST_F(ReaderTest, ADecoderThatTakesTooLongIsAnErrorAndNoMore) {
  Limits limits;
  limits.seconds = 1e-6;
  MediaReader hurried({.limits = limits, .lanes = 1, .isolate = true});
  const auto late = read(hurried, "document", "word", write("a.txt", "slow"));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "decoder-failed");
  EXPECT_NE(late.error().what.find("took longer"), std::string::npos) << late.error().what;
}

// In a process of its own, which says by its exit status what it could do.
int status_of(const std::function<bool()>& could) {
  const pid_t child = fork();
  if (child == 0) _exit(!enter_sandbox(std::uint64_t{1} << 30).ok() ? 2 : could() ? 1 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ReaderTest, TheSandboxReadsAndDoesNothingElse) {
  const std::string path = write("a.txt", "text");
  EXPECT_EQ(status_of([] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }), 0);
  EXPECT_EQ(status_of([&] { return open(path.c_str(), O_WRONLY) >= 0; }), 0);
  EXPECT_EQ(status_of([&] { return open((path + ".new").c_str(), O_CREAT | O_RDONLY, 0600) >= 0; }), 0);
  EXPECT_EQ(status_of([&] { return unlink(path.c_str()) == 0; }), 0);
  EXPECT_EQ(status_of([&] { return rename(path.c_str(), (path + ".moved").c_str()) == 0; }), 0);
  EXPECT_EQ(status_of([] { return fork() >= 0; }), 0);
  EXPECT_EQ(status_of([] { return execl("/bin/true", "true", nullptr), false; }), 0);
  EXPECT_EQ(status_of([&] { return open(path.c_str(), O_RDONLY) >= 0; }), 1);
  EXPECT_TRUE(fs::exists(path));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(status_of([] {
              std::thread([] {}).join();
              return true;
            }),
            1);
#endif
}

}  // namespace
}  // namespace tenfold::media
