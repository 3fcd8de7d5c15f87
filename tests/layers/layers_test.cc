// Reads the table of edges in docs/architecture.md and every #include under src/ and include/, and names each line that
// climbs; link lines alone would not stop one. Also: no drawer called util, no file past 800 lines.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;
using Edges = std::map<std::string, std::set<std::string>>;

constexpr std::string_view kTableHeader = "| folder | may include |";
constexpr std::size_t kMaxLines = 800;
const std::set<std::string> kDrawers = {"util", "utils", "common", "misc", "helpers"};

Lines read_lines(const fs::path& path) {
  std::ifstream file(path);
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The words between backticks.
std::vector<std::string> ticked(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at)) {
    const std::size_t end = text.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

/// "| `lang` | `base`, `modules` |" is lang -> {base, modules}.
Edges read_edges(const fs::path& page) {
  Edges edges;
  bool inside = false;
  for (const std::string& line : read_lines(page)) {
    if (line == kTableHeader) inside = true;
    if (!inside) continue;
    if (!line.starts_with('|')) break;
    const std::vector<std::string> words = ticked(line);
    if (!words.empty()) edges[words[0]] = {words.begin() + 1, words.end()};
  }
  return edges;
}

/// What stands between the quotes of an #include, nothing for other lines and for <…>.
std::optional<std::string> included(std::string_view line) {
  const auto skip_blanks = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  const auto take = [&](std::string_view word) {
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    skip_blanks();
    return true;
  };
  skip_blanks();
  if (!take("#") || !take("include") || !line.starts_with('"')) return std::nullopt;
  line.remove_prefix(1);
  return std::string(line.substr(0, line.find('"')));
}

/// The files under a folder, in order; none when it is absent.
std::vector<fs::path> files_under(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

bool is_source(const fs::path& path) { return path.extension() == ".cc" || path.extension() == ".h"; }

/// What is wrong with one include of a file in `folder` ("tenfold" is the public interface), nothing when it is
/// allowed.
std::optional<std::string> objection(const std::string& folder, const std::string& include, const Edges& edges) {
  if (include.find("..") != std::string::npos || include.find('/') == std::string::npos)
    return "is relative: name the folder, as in \"base/symbols.h\"";
  const std::string target = include.substr(0, include.find('/'));
  if (target == "tenfold" || target == folder) return std::nullopt;
  if (folder == "tenfold") return "takes the public interface into src/";
  if (!edges.contains(target)) return "is no folder of the table";
  if (!edges.at(folder).contains(target)) return "climbs: `" + folder + "` may not include `" + target + "`";
  return std::nullopt;
}

/// "src/lang/lexer.cc:3: "engine/engine.h" climbs: …", for every line that does.
Lines objections(const fs::path& root, const Edges& edges) {
  Lines found;
  const auto scan = [&](const fs::path& path, const std::string& folder) {
    std::size_t number = 0;
    for (const std::string& line : read_lines(path)) {
      ++number;
      const auto include = included(line);
      if (!include) continue;
      if (const auto why = objection(folder, *include, edges))
        found.push_back(fs::relative(path, root).string() + ":" + std::to_string(number) + ": \"" + *include + "\" " +
                        *why);
    }
  };
  for (const fs::path& path : files_under(root / "include"))
    if (is_source(path)) scan(path, "tenfold");
  for (const fs::path& path : files_under(root / "src")) {
    if (!is_source(path)) continue;
    const std::string folder = fs::relative(path, root / "src").begin()->string();
    if (edges.contains(folder))
      scan(path, folder);
    else
      found.push_back(fs::relative(path, root).string() + ":1: `" + folder +
                      "` is not in the table of docs/architecture.md");
  }
  return found;
}

/// The folders in an order in which each includes only earlier ones; shorter than `edges` when there is a cycle.
Lines downward(const Edges& edges) {
  Lines order;
  std::set<std::string> done;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [folder, below] : edges) {
      if (done.contains(folder) || !std::ranges::includes(done, below)) continue;
      done.insert(folder);
      order.push_back(folder);
      grown = true;
    }
  }
  return order;
}

/// Folders named as a drawer, and files that are too long.
Lines untidy(const fs::path& root) {
  Lines found;
  for (const char* top : {"src", "include", "tests", "bench", "packs", "scripts", "python", "cmake"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string where = fs::relative(entry.path(), root).string();
      if (entry.is_directory() && kDrawers.contains(entry.path().filename().string()))
        found.push_back(where + ": is a drawer; name it for what it does");
      const fs::path kind = entry.path().extension();
      if (!entry.is_regular_file() || !(is_source(entry.path()) || kind == ".py")) continue;
      const std::size_t lines = read_lines(entry.path()).size();
      if (lines > kMaxLines)
        found.push_back(where + ": has " + std::to_string(lines) + " lines; which two things is it?");
    }
  }
  std::ranges::sort(found);
  return found;
}

const fs::path kRoot = TENFOLD_SOURCE_DIR;
Edges real_edges() { return read_edges(kRoot / "docs" / "architecture.md"); }

TEST(Layers, TableIsThereAndHasNoCycle) {
  const Edges edges = real_edges();
  ASSERT_GE(edges.size(), 8u) << "docs/architecture.md must have the table that begins " << kTableHeader;
  EXPECT_EQ(downward(edges).size(), edges.size()) << "some folders include each other, or one that has no row";
  for (const auto& [folder, below] : edges)
    EXPECT_TRUE(fs::is_directory(kRoot / "src" / folder)) << folder << " is gone";
}

TEST(Layers, NoIncludeClimbs) {
  for (const std::string& line : objections(kRoot, real_edges())) ADD_FAILURE() << line;
}

TEST(Layers, NoDrawersAndNoFilePastEightHundredLines) {
  for (const std::string& line : untidy(kRoot)) ADD_FAILURE() << line;
}

/// A small tree of its own, so that the checks above are known to be able to fail.
class SmallTree : public testing::Test {
 protected:
  void SetUp() override {
    write("docs/architecture.md",
          "# x\n\n| folder | may include |\n|---|---|\n| `base` | |\n| `lang` | `base` |\n\n| `lang` | `evil` |\n");
  }
  void TearDown() override { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  Edges edges() { return read_edges(root / "docs" / "architecture.md"); }
  fs::path root = fs::temp_directory_path() / ("tenfold-layers-" + std::to_string(getpid()));
};

TEST_F(SmallTree, AllowedIncludesPass) {
  write("include/tenfold/a.h", "#include \"tenfold/b.h\"\n#include <vector>\n");
  write("src/lang/lang.cc", "#include \"lang/lang.h\"\n#include \"base/base.h\"\n#include \"tenfold/a.h\"\n");
  EXPECT_EQ(objections(root, edges()), Lines{});
}

TEST_F(SmallTree, ALineThatClimbsIsNamed) {
  write("src/base/base.cc", "// x\n#include \"lang/lang.h\"\n  #  include \"nowhere/x.h\"\n#include \"base.h\"\n");
  write("src/base/deep/er.h", "#include \"../../lang/lang.h\"\n");
  write("src/stray/x.cc", "int x;\n");
  write("include/tenfold/a.h", "#include \"base/base.h\"\n");
  EXPECT_EQ(objections(root, edges()),
            (Lines{"include/tenfold/a.h:1: \"base/base.h\" takes the public interface into src/",
                   "src/base/base.cc:2: \"lang/lang.h\" climbs: `base` may not include `lang`",
                   "src/base/base.cc:3: \"nowhere/x.h\" is no folder of the table",
                   "src/base/base.cc:4: \"base.h\" is relative: name the folder, as in \"base/symbols.h\"",
                   "src/base/deep/er.h:1: \"../../lang/lang.h\" is relative: name the folder, as in \"base/symbols.h\"",
                   "src/stray/x.cc:1: `stray` is not in the table of docs/architecture.md"}));
}

TEST_F(SmallTree, ACycleInTheTableIsSeen) {
  EXPECT_EQ(downward(edges()), (Lines{"base", "lang"}));
  EXPECT_EQ(downward({{"a", {"b"}}, {"b", {"a"}}, {"c", {}}}), Lines{"c"});
  EXPECT_EQ(downward({{"a", {"absent"}}}), Lines{});
}

TEST_F(SmallTree, DrawersAndLongFilesAreNamed) {
  write("src/base/util/x.h", "");
  write("tests/long.cc", std::string(801, '\n'));
  write("tests/right.cc", std::string(800, '\n'));
  EXPECT_EQ(untidy(root), (Lines{"src/base/util: is a drawer; name it for what it does",
                                 "tests/long.cc: has 801 lines; which two things is it?"}));
}

}  // namespace
