// Run by backends/mock_server.py, which has the file whole, in halves, elsewhere and wrong.
#include "neural/download.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

namespace fs = std::filesystem;

// The same formula as the server's.
std::string content() {
  std::string bytes;
  for (std::size_t i = 0; i < 300'000; ++i) bytes += static_cast<char>((i * 7 + i / 251) % 256);
  return bytes;
}

std::string sum(const std::string& bytes) { return sha256(std::as_bytes(std::span(bytes))); }

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Download : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::path(testing::TempDir()) / ("download-" + std::to_string(getpid()));
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  static Weights at(const std::string& url) {
    Weights weights;
    weights.name = weights.file = "model.gguf";
    weights.url = url;
    weights.sha256 = sum(content());
    weights.size = content().size();
    return weights;
  }
  static Weights of(const std::string& way) { return at(std::string(std::getenv("TENFOLD_MOCK")) + "/" + way + "/x"); }
  fs::path folder;
};

TEST_F(Download, comes_whole_in_halves_and_from_elsewhere) {
  for (const char* way : {"file-good", "file-drop-3", "file-whole-2", "file-moved"}) {
    fs::remove_all(folder);
    std::uint64_t most = 0;
    const auto done = download(of(way), folder, [&](std::uint64_t now, std::uint64_t) { most = std::max(most, now); });
    ASSERT_TRUE(done) << way << ": " << done.error().what;
    EXPECT_EQ(read(done->file), content()) << way;
    EXPECT_EQ(most, content().size()) << way;
    EXPECT_FALSE(fs::exists(folder / "model.gguf.part")) << way;
    const auto again = download(of(way), folder);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->was_there);
  }
}

TEST_F(Download, goes_on_where_an_earlier_run_stopped) {
  fs::create_directories(folder);
  std::ofstream(folder / "model.gguf.part", std::ios::binary) << content().substr(0, 200'000);
  std::uint64_t least = content().size();
  const auto done =
      download(of("file-good"), folder, [&](std::uint64_t now, std::uint64_t) { least = std::min(least, now); });
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_GT(least, 200'000u);
  EXPECT_EQ(read(done->file), content());
  fs::remove(done->file);
  std::ofstream(folder / "model.gguf.part", std::ios::binary) << content();  // all of it: nothing is left to fetch
  ASSERT_TRUE(download(of("file-good"), folder));
}

TEST_F(Download, what_is_another_file_is_removed) {
  const auto other = download(of("file-other"), folder);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "wrong-checksum");
  fs::create_directories(folder);
  std::ofstream(folder / "model.gguf.part", std::ios::binary) << std::string(1000, 'x');
  EXPECT_EQ(download(of("file-good"), folder).error().code, "wrong-checksum");
  EXPECT_FALSE(fs::exists(folder / "model.gguf"));
  EXPECT_FALSE(fs::exists(folder / "model.gguf.part"));
  EXPECT_TRUE(download(of("file-good"), folder));
}

TEST_F(Download, what_does_not_come_keeps_its_beginning) {
  for (const char* way : {"file-status-404", "file-status-500", "file-loop", "no-such"}) {
    const auto done = download(of(way), folder);
    ASSERT_FALSE(done) << way;
    EXPECT_EQ(done.error().code, "network-failed") << way;
  }
  fs::create_directories(folder);
  std::ofstream(folder / "model.gguf.part", std::ios::binary) << content().substr(0, 1000);
  EXPECT_FALSE(download(of("file-status-404"), folder));
  EXPECT_EQ(fs::file_size(folder / "model.gguf.part"), 1000u);
}

TEST_F(Download, a_file_of_this_machine) {
  fs::create_directories(folder);
  const fs::path source = folder / "source";
  std::ofstream(source, std::ios::binary) << content();
  const auto done = download(at("file://" + source.string()), folder);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(read(done->file), content());
  EXPECT_EQ(download(at("file:///no/such/file"), folder / "other").error().code, "network-failed");
  EXPECT_EQ(download(at("gopher://127.0.0.1/x"), folder / "other").error().code, "network-failed");
}

TEST_F(Download, a_disk_without_room_is_said_before) {
  Weights weights = of("file-good");
  weights.size = std::uint64_t{1} << 60;
  EXPECT_EQ(download(weights, folder).error().code, "no-space");
}

TEST(Weights, are_read_with_their_place_or_refused) {
  const std::string good =
      "[small]\nfile = \"a.gguf\"\npackage = \"p{n}==1\"\nmember = \"p/{nn}.bin\"\nparts = 3\nlicence = "
      "\"MIT\"\nsha256 = \"" +
      std::string(64, 'a') + "\"\n";
  const auto all = parse_weights(good, "weights.toml");
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(of_part(all->at("small").member, 7), "p/07.bin");
  EXPECT_EQ(of_part(all->at("small").package, 12), "p12==1");
  const std::pair<const char*, const char*> broken[] = {
      {"a.gguf", "../a"}, {"a.gguf", "a/b"},         {"aaaaaa", "AAAAAA"},  {"licence", "license"},
      {"= 3", "= -1"},    {"member = ", "about = "}, {"[small]", "small ="}};
  for (const auto& [from, to] : broken) {
    std::string text = good;
    text.replace(text.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(parse_weights(text, "weights.toml")) << to;
  }
  std::ifstream file(std::string(TENFOLD_SOURCE_DIR) + "/weights.toml");
  const auto ours = parse_weights(std::string(std::istreambuf_iterator<char>(file), {}), "weights.toml");
  ASSERT_TRUE(ours) << ours.error().what;
  EXPECT_TRUE(ours->contains("smollm2-135m-instruct"));
}

}  // namespace
}  // namespace tenfold::neural
