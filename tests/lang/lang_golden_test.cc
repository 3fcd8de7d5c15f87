// Runs tests/lang/*.test. A file holds cases:
//   ==== what the case shows
//   the program
//   ---- file NAME        (any number: files that the program imports)
//   ---- errors           (or `program`: the normal form, or `warnings`)
//   what is expected, exactly as printed
// TENFOLD_RECORD=1 writes what is printed into the files instead of comparing; read the difference before committing
// it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lang/dump.h"
#include "lang/lang.h"

namespace tenfold::lang {
namespace {

namespace fs = std::filesystem;

struct Section {
  std::string head, text;
};

struct Case {
  std::string title;
  std::vector<Section> sections;  // the first has no head: the program
};

std::vector<Case> read_cases(const fs::path& path) {
  std::ifstream in(path);
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("==== ", 0) == 0) {
      cases.push_back({line.substr(5), {{}}});
    } else if (!cases.empty() && line.rfind("---- ", 0) == 0) {
      cases.back().sections.push_back({line.substr(5), ""});
    } else if (!cases.empty()) {
      cases.back().sections.back().text += line + "\n";
    }
  }
  return cases;
}

std::string printed(const std::vector<Error>& errors, const std::string& folder) {
  std::string out;
  for (const Error& error : errors) out += render(error);
  for (std::size_t at; !folder.empty() && (at = out.find(folder)) != std::string::npos;) out.erase(at, folder.size());
  return out;
}

Compiled compile_case(const Case& c, std::string& folder) {
  const bool imports =
      std::any_of(c.sections.begin(), c.sections.end(), [](const Section& s) { return s.head.rfind("file ", 0) == 0; });
  if (!imports) return compile_text(c.sections[0].text, "test.scl");
  const fs::path at = fs::temp_directory_path() / ("tenfold-lang-golden-" + std::to_string(::getpid()));
  fs::create_directories(at);
  auto write = [&](const std::string& name, const std::string& text) {
    fs::create_directories((at / name).parent_path());
    std::ofstream(at / name) << text;
  };
  write("test.scl", c.sections[0].text);
  for (const Section& s : c.sections)
    if (s.head.rfind("file ", 0) == 0) write(s.head.substr(5), s.text);
  folder = at.string() + "/";
  Compiled out = compile_file(at / "test.scl");
  fs::remove_all(at);
  return out;
}

void check(Case& c, bool record) {
  std::string folder;
  const Compiled compiled = compile_case(c, folder);
  bool expects = false;
  for (Section& s : c.sections) {
    std::string actual;
    if (s.head == "errors")
      actual = printed(compiled.errors, folder);
    else if (s.head == "warnings")
      actual = printed(compiled.program.warnings, folder);
    else if (s.head == "program")
      actual = compiled.ok() ? dump(compiled.program) : printed(compiled.errors, folder);
    else
      continue;
    expects = true;
    if (record) s.text = actual;
    EXPECT_EQ(s.text, actual) << c.title;
    if (s.head == "errors" && compiled.ok()) ADD_FAILURE() << c.title << ": no error was found";
  }
  EXPECT_TRUE(expects) << c.title << " expects nothing";
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, PrintsWhatTheFileSays) {
  std::vector<Case> cases = read_cases(GetParam());
  ASSERT_FALSE(cases.empty());
  const bool record = std::getenv("TENFOLD_RECORD") != nullptr;
  for (Case& c : cases) check(c, record);
  if (!record) return;
  std::ifstream before(GetParam());
  std::string head;
  for (std::string line; std::getline(before, line) && line.rfind("==== ", 0) != 0;) head += line + "\n";
  before.close();
  std::ofstream out(GetParam());
  out << head;
  for (const Case& c : cases) {
    out << "==== " << c.title << "\n" << c.sections[0].text;
    for (std::size_t i = 1; i < c.sections.size(); ++i)
      out << "---- " << c.sections[i].head << "\n" << c.sections[i].text;
  }
}

std::vector<fs::path> files() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(TENFOLD_SOURCE_DIR) / "tests" / "lang"))
    if (entry.path().extension() == ".test") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(Lang, Golden, testing::ValuesIn(files()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace tenfold::lang
