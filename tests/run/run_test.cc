// Runs every *.test below tests/run; found/ has those that the fuzzer found. A file holds cases:
//   == a network must never see an image that a cheaper atom joins away     what would break; then lines of:
//   program                              the indented lines that follow, as a program (with its facts)
//   network reader  a says (aspirin, 100) 0.9 (codeine, 15) | b says nothing     of one without labels
//   network chest-xray  a pneumonia 0.93 normal 0.07 | b refused "no chest" | (c, 2) normal 1
//   network chest-xray costs 100  a …                    FLOPs a call; 1 otherwise
//   query alert => 0.93 :: (7) | (8)     all its tuples; `nothing` when empty; a line that ends with | goes on
//   query alert under minmaxprob k 1 => 0.5 :: (7)       default: topkproofs, k 3
//   shown chest-xray => (a) (c)                          exactly the inputs that it was asked about
//   calls chest-xray => 1 of 3, 2 without order          run, inputs that it could have, counted with `order` off
//   calls chest-xray without order => 2 of 3             really run so
//   decide alert under exact at 0.5 => (7) | (8)         decided to be true, by a session; or `top 1`, `within 0.1`
//   asks under exact at 0.5 => chest-xray a, chest-xray c           what that session asks, in order
//   remark under topkproofs at 0.5 => why it asks everything
//   error                                                the indented lines that follow are what is printed
// solver.test is left out where the build has no solver.
// Every query is run with each pass switched off as well, and must answer the same; every decision without `bounds`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/value_text.h"
#include "lang/lang.h"
#include "modules/solver.h"
#include "plan/callers.h"
#include "run/answers.h"
#include "run/sessions.h"

namespace tenfold::answers {
namespace {

struct Line {
  int number;
  std::string text;
};

struct Case {
  std::string file, title, program, error;
  std::vector<Line> networks, expectations;
  bool wants_error = false;
};

std::string trim(std::string s) {
  const auto from = s.find_first_not_of(" \t");
  if (from == std::string::npos) return "";
  return s.substr(from, s.find_last_not_of(" \t") - from + 1);
}

std::vector<std::string> split(const std::string& s, const std::string& by) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t next = s.find(by, at);
    out.push_back(trim(s.substr(at, next == std::string::npos ? next : next - at)));
    if (next == std::string::npos) return out;
    at = next + by.size();
  }
}

bool starts(const std::string& s, std::string_view with) { return s.rfind(with, 0) == 0; }

std::vector<Case> read(const std::filesystem::path& file) {
  std::vector<Case> out;
  std::ifstream in(file);
  enum class In { nothing, program, error, more } within = In::nothing;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const bool indented = starts(line, "  ");
    if (within == In::program && (indented || line.empty())) {
      out.back().program += (line.empty() ? line : line.substr(2)) + "\n";
    } else if (within == In::error && indented) {
      out.back().error += line.substr(2) + "\n";
    } else if (starts(line, "==")) {
      out.push_back({file.filename(), trim(line.substr(2)), "", "", {}, {}, false});
      within = In::nothing;
    } else if (line.empty() || line[0] == '#') {
      within = In::nothing;
    } else if (line == "program") {
      within = In::program;
    } else if (line == "error") {
      out.back().wants_error = true;
      within = In::error;
    } else {
      auto& lines = starts(line, "network ") || (within == In::more && indented && out.back().expectations.empty())
                        ? out.back().networks
                        : out.back().expectations;
      if (within == In::more && indented)
        lines.back().text += " " + trim(line);
      else
        lines.push_back({number, trim(line)});
      within = line.back() == '|' ? In::more : In::nothing;
    }
  }
  return out;
}

// "(a, 3)" or "a" to a row. Commas in the brackets of a term belong to it.
Row row_of(std::string s) {
  if (!s.empty() && s.front() == '(') s = s.substr(1, s.size() - 2);
  if (s.empty()) return {};
  Row out;
  int depth = 0;
  std::string cell;
  for (const char c : s) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != ',' || depth > 0) {
      cell += c;
    } else {
      out.push_back(trim(cell));
      cell.clear();
    }
  }
  out.push_back(trim(cell));
  return out;
}

// "(aspirin, 100) 0.9 (ibuprofen, 200)": each with its probability, 1 unless said; or "nothing".
std::vector<std::pair<Row, double>> said(std::string text) {
  std::vector<std::pair<Row, double>> out;
  while (!(text = trim(text)).empty() && text.front() == '(') {
    const std::size_t end = text.find(')') + 1;
    out.emplace_back(row_of(text.substr(0, end)), 1.0);
    text = trim(text.substr(end));
    if (!text.empty() && text.front() != '(') {
      std::size_t read = 0;
      out.back().second = std::stod(text, &read);
      text.erase(0, read);
    }
  }
  return out;
}

using Sayings = std::map<std::string, std::map<Row, Saying>>;

// "network chest-xray costs 100  a …"
struct NetworkLine {
  std::string name, table;
  double flops = 1;

  explicit NetworkLine(const std::string& line) {
    static const std::regex form(R"(network +(\S+) +(?:costs +(\S+) +)?(.*))");
    std::smatch part;
    if (!std::regex_match(line, part, form)) return;
    name = part[1], table = part[3];
    if (part[2].matched) flops = std::stod(part[2]);
  }
};

Sayings sayings(const Case& c, const lang::Program& program) {
  Sayings out;
  for (const Line& line : c.networks) {
    const NetworkLine read(line.text);
    const std::string& name = read.name;
    const auto network =
        std::find_if(program.networks.begin(), program.networks.end(), [&](const auto& n) { return n.name == name; });
    if (network == program.networks.end()) {
      ADD_FAILURE() << c.file << ":" << line.number << ": no network " << name;
      continue;
    }
    for (const std::string& entry : split(read.table, "|")) {
      if (entry.empty()) continue;
      const std::size_t end = entry.front() == '(' ? entry.find(')') + 1 : entry.find(' ');
      Saying saying;
      std::istringstream rest(entry.substr(end));
      for (std::string label; rest >> label;) {
        if (label == "refused") {
          const auto from = entry.find('"');
          saying.refusal = entry.substr(from + 1, entry.rfind('"') - from - 1);
          break;
        }
        if (label == "says") {
          saying.tuples = said(entry.substr(entry.find(" says ") + 6));
          break;
        }
        saying.probabilities.resize(network->labels.size(), 0.0);
        const auto at = std::find(network->labels.begin(), network->labels.end(), label) - network->labels.begin();
        rest >> saying.probabilities.at(static_cast<std::size_t>(at));
      }
      out[name][row_of(trim(entry.substr(0, end)))] = saying;
    }
  }
  return out;
}

Table table_of(const std::string& expected) {
  Table out;
  if (expected == "nothing") return out;
  for (const std::string& entry : split(expected, "|")) {
    const auto parts = split(entry, "::");
    out[row_of(parts.back())] = parts.size() == 2 ? std::strtod(parts[0].c_str(), nullptr) : 1.0;
  }
  return out;
}

bool same(const Table& a, const Table& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && std::abs(x.second - y.second) <= 1e-12;
  });
}

// "alert under minmaxprob k 1 without order": the name, and how to run.
std::string parse(const std::string& words, Settings& settings) {
  settings.provenance = "topkproofs";
  std::istringstream in(words);
  std::string name;
  for (std::string word; in >> word;) {
    if (word == "under")
      in >> settings.provenance;
    else if (word == "k")
      in >> settings.k;
    else if (word == "without")
      in >> word, settings.without.insert(word);
    else
      name += (name.empty() ? "" : " ") + word;
  }
  return name;
}

// "alert under exact at 0.5", "top 1", "within 0.1", "without bounds": the name, and how to decide.
std::string parse_decision(const std::string& words, tenfold::Settings& settings) {
  settings.provenance = "exact";
  std::istringstream in(words);
  std::string name;
  for (std::string word; in >> word;) {
    if (word == "under")
      in >> settings.provenance;
    else if (word == "at")
      in >> settings.threshold.emplace();
    else if (word == "top")
      in >> settings.winners;
    else if (word == "within")
      in >> settings.tolerance;
    else if (word == "proofs")
      settings.proofs = true;
    else if (word == "without")
      in >> word, settings.without.insert(word);
    else
      name += (name.empty() ? "" : " ") + word;
  }
  return name;
}

std::string listed(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
  return out.empty() ? "nothing" : out;
}

class Runner {
 public:
  Runner(const Case& c, const lang::Program& program) : case_(c), program_(program), sayings_(sayings(c, program)) {}

  void check(const Line& line) {
    SCOPED_TRACE(case_.file + ":" + std::to_string(line.number) + ": " + line.text);
    const auto arrow = line.text.find("=>");
    ASSERT_NE(arrow, std::string::npos);
    const std::string what = line.text.substr(0, line.text.find(' ')), wanted = trim(line.text.substr(arrow + 2));
    if (what == "decide" || what == "asks" || what == "remark")
      return decision(what, line.text.substr(what.size(), arrow - what.size()), wanted);
    Settings settings;
    const std::string name = parse(line.text.substr(what.size(), arrow - what.size()), settings);
    if (what == "query") return query(name, settings, wanted);
    auto run = answer(settings);
    if (!run) return;
    ASSERT_TRUE(sayings_.contains(name) || run->domain.contains(name)) << "no network " << name;
    const auto& asked = run->asked[name];
    if (what == "shown") {
      std::string found;
      for (const Row& row : asked) found += (found.empty() ? "" : " ") + show(row, 1.0).substr(5);
      EXPECT_EQ(found.empty() ? "nothing" : found, wanted);
    } else {
      ASSERT_EQ(what, "calls");
      std::string found = std::to_string(asked.size()) + " of " + std::to_string(run->domain[name]);
      if (wanted.find("without order") != std::string::npos)
        found += ", " + std::to_string(run->counted[name]) + " without order";
      EXPECT_EQ(found, wanted);
    }
  }

  std::optional<Run> answer(const Settings& settings) {
    auto result = run(program_, settings, [this](const std::string& network, const Row& row) -> std::optional<Saying> {
      const auto at = sayings_.find(network);
      if (at == sayings_.end() || !at->second.contains(row)) return std::nullopt;
      return at->second.at(row);
    });
    if (!result) {
      ADD_FAILURE() << case_.title << "\n" << render(result.error());
      return std::nullopt;
    }
    return *result;
  }

 private:
  void query(const std::string& name, Settings settings, const std::string& wanted) {
    for (int bits = 0; bits < 4; ++bits) {
      settings.without.clear();
      if (bits & 1) settings.without.insert("order");
      if (bits & 2) settings.without.insert("demand");
      const auto run = answer(settings);
      if (!run) return;
      ASSERT_TRUE(run->answers.contains(name)) << "no query " << name;
      EXPECT_TRUE(same(run->answers.at(name), table_of(wanted)))
          << (bits & 1 ? "without order " : "") << (bits & 2 ? "without demand " : "") << "found\n"
          << show(run->answers.at(name));
    }
  }

  void decision(const std::string& what, const std::string& words, const std::string& wanted) {
    std::map<std::string, StubNetwork> networks;
    for (const lang::Network& network : program_.networks) networks[network.name].sayings = sayings_[network.name];
    for (const Line& line : case_.networks) {
      const NetworkLine read(line.text);
      networks[read.name].flops = read.flops;
    }
    tenfold::Settings settings;
    const std::string name = parse_decision(words, settings);
    const auto found = decide(case_.program, networks, settings);
    ASSERT_TRUE(found) << render(found.error());
    if (what == "remark") {
      EXPECT_EQ(trim(listed(found->remarks).substr(0, listed(found->remarks).find('\n'))), wanted);
      return;
    }
    if (what == "asks") {
      EXPECT_EQ(listed(found->asked), wanted);
      return;
    }
    std::set<Row> yes;
    for (const auto& [row, p] : table_of(wanted)) yes.insert(row);
    settings.without.insert("bounds");
    const auto full = decide(case_.program, networks, settings);
    ASSERT_TRUE(full) << render(full.error());
    for (const auto* run : {&*found, &*full}) {
      const auto at = run->yes.find(name);
      EXPECT_EQ(at == run->yes.end() ? std::set<Row>() : at->second, yes) << (run == &*full ? "without bounds" : "");
    }
    EXPECT_LE(found->asked.size(), full->asked.size());
    EXPECT_EQ(full->spared, 0u);
  }

  const Case& case_;
  const lang::Program& program_;
  Sayings sayings_;
};

void check(const Case& c) {
  SCOPED_TRACE(c.file + ": " + c.title);
  lang::Compiled compiled = lang::compile_text(c.program, "test.scl");
  std::string errors;
  for (const Error& e : compiled.errors) errors += render(e);
  if (!compiled.ok()) {
    EXPECT_EQ(errors, c.error);
    return;
  }
  (void)plan::make_plan_for_callers(compiled.program, {}, [](auto) { return false; });
  if (c.wants_error) {
    const auto result = run(compiled.program, Settings{}, [](const auto&, const auto&) { return std::nullopt; });
    if (result)
      ADD_FAILURE() << "runs, although it should not";
    else
      EXPECT_EQ(render(result.error()), c.error);
    return;
  }
  ASSERT_FALSE(c.expectations.empty()) << "expects nothing";
  Runner runner(c, compiled.program);
  for (const Line& line : c.expectations) runner.check(line);
}

TEST(Run, EveryTestFile) {
  int cases = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TENFOLD_SOURCE_DIR "/tests/run"))
    if (entry.path().extension() == ".test" && (entry.path().stem() != "solver" || modules::open_solver().ok()))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files)
    for (const Case& c : read(file)) {
      check(c);
      ++cases;
    }
  EXPECT_GT(cases, 20);
  std::printf("%d cases\n", cases);
}

}  // namespace
}  // namespace tenfold::answers
