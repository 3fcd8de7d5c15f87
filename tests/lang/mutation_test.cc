// Programs of tests/lang/*.test with pieces cut, doubled, swapped and replaced: whatever comes out, the compiler either
// says where it is wrong or gives a program whose promises (lang.h) hold. TENFOLD_FUZZ_RUNS=100000 tries more of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "lang/expression.h"
#include "lang/lang.h"
#include "modules/modules.h"

namespace tenfold::lang {
namespace {

namespace fs = std::filesystem;

/// Programs without their expectations, split into words and signs.
std::vector<std::vector<std::string>> corpus() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(TENFOLD_SOURCE_DIR) / "tests" / "lang"))
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::vector<std::string>> out;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    bool program = false;
    for (std::string line; std::getline(in, line);) {
      if (line.rfind("==== ", 0) == 0) {
        out.emplace_back();
        program = true;
      } else if (line.rfind("---- ", 0) == 0) {
        program = false;
      } else if (program) {
        std::string word;
        for (char c : line + "\n") {
          const bool letter = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
          if (!letter && !word.empty()) out.back().push_back(std::exchange(word, ""));
          if (letter)
            word += c;
          else
            out.back().push_back(std::string(1, c));
        }
      }
    }
  }
  return out;
}

std::string mutated(const std::vector<std::vector<std::string>>& all, std::mt19937_64& random) {
  auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  std::vector<std::string> words = all[below(all.size())];
  const auto& other = all[below(all.size())];
  for (std::size_t edits = 1 + below(3); edits > 0 && !words.empty(); --edits) {
    const std::size_t at = below(words.size()), length = 1 + below(6);
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), at + length));
    switch (below(6)) {
      case 0:
        words.erase(begin, end);
        break;
      case 1: {
        const std::vector<std::string> piece(begin, end);
        words.insert(begin, piece.begin(), piece.end());
        break;
      }
      case 2:
        std::swap(words[at], words[below(words.size())]);
        break;
      case 3:
        words[at] = words[below(words.size())];
        break;
      case 4:  // a name for another: often still a program
        for (std::size_t tries = 0, to = at; tries < 8; ++tries, to = below(words.size()))
          if (std::isalpha(static_cast<unsigned char>(words[to][0]))) {
            words[at] = std::isalpha(static_cast<unsigned char>(words[at][0])) ? words[to] : words[at];
            break;
          }
        break;
      default: {
        if (other.empty()) break;
        const std::size_t from = below(other.size()), to = std::min(other.size(), from + 12);
        words.insert(begin, other.begin() + static_cast<std::ptrdiff_t>(from),
                     other.begin() + static_cast<std::ptrdiff_t>(to));
      }
    }
  }
  std::string text;
  for (const std::string& w : words) text += w;
  return text;
}

struct Verifier {
  const Program& program;
  std::string wrong;

  void expect(bool holds, const std::string& what) {
    if (!holds && wrong.empty()) wrong = what;
  }

  void expression(const Expr& e, const Rule& rule) {
    for (const Expr& arg : e.args) expression(arg, rule);
    if (e.op == Op::variable) {
      expect(e.variable < rule.variables.size(), "a variable out of range");
      if (wrong.empty()) expect(rule.variables[e.variable].type == e.type, "a variable of two types");
    }
    if (e.op == Op::call) expect(e.function < modules::functions().size(), "a function out of range");
    const bool compares = e.op >= Op::equal && e.op <= Op::greater_equal;
    const bool computes = e.op >= Op::add && e.op <= Op::modulo;
    auto other = [](Type t) { return t == Type::datetime || t == Type::duration || t == Type::tensor; };
    const bool mixed = computes && e.args.size() == 2 && (other(e.args[0].type) || other(e.args[1].type));
    if (compares || (computes && !mixed))
      expect(e.args.size() == 2 && e.args[0].type == e.args[1].type, "operands of two types");
    if (computes) expect(mixed ? other(e.type) : e.type == e.args[0].type, "a result of another type");
    if (compares || (e.op >= Op::logical_and && e.op <= Op::logical_not)) expect(e.type == Type::boolean, "no bool");
  }

  void atom(RelationId id, const std::vector<Expr>& args, const Rule& rule) {
    expect(id < program.relations.size(), "a relation out of range");
    if (!wrong.empty()) return;
    const auto& columns = program.relations[id].columns;
    expect(args.size() == columns.size(), "an atom of another arity");
    for (std::size_t c = 0; c < args.size() && wrong.empty(); ++c) {
      expect(args[c].op == Op::variable || args[c].op == Op::constant, "an expression in an atom");
      expect(args[c].type == columns[c].type, "a column of two types");
      expression(args[c], rule);
    }
  }

  void rule(const Rule& r) {
    atom(r.head, r.head_args, r);
    for (const Literal& l : r.body) {
      if (l.kind == LiteralKind::constraint)
        expression(l.condition, r);
      else
        atom(l.relation, l.args, r);
    }
    if (r.tag) expression(*r.tag, r);
    if (wrong.empty()) bound(r);
  }

  /// Some order binds everything. A rule of terms asks for nothing: it reads what others ask for (plan/order.cc).
  void bound(const Rule& r) {
    const bool asks = program.relations[r.head].kind != RelationKind::terms;
    std::vector<bool> known(r.variables.size(), false);
    for (std::size_t c = 0; c < r.head_args.size(); ++c)
      if (program.relations[r.head].columns[c].bound && r.head_args[c].op == Op::variable)
        known[r.head_args[c].variable] = true;
    for (bool changed = true; changed;) {
      changed = false;
      for (const Literal& l : r.body) {
        if (l.kind == LiteralKind::constraint) {
          if (const auto found = assignment(l.condition, known)) known[found->variable] = changed = true;
          continue;
        }
        if (l.kind != LiteralKind::positive) continue;
        bool inputs = true;
        for (std::size_t c = 0; c < l.args.size(); ++c)
          inputs = inputs && (!asks || !program.relations[l.relation].columns[c].bound || ready(l.args[c], known));
        for (const Expr& arg : l.args)
          if (inputs && arg.op == Op::variable && !known[arg.variable]) known[arg.variable] = changed = true;
      }
    }
    for (std::size_t v = 0; v < known.size(); ++v)
      expect(known[v] || r.variables[v].wildcard, "nothing binds " + r.variables[v].name + " of " + r.text);
  }

  std::string run() {
    for (const Rule& r : program.rules) rule(r);
    for (const Fact& f : program.facts) {
      expect(f.relation < program.relations.size() && f.row.size() == program.relations[f.relation].columns.size(),
             "a fact of another arity");
      expect(!f.probability || (*f.probability >= 0 && *f.probability <= 1), "a probability out of range");
    }
    for (const Aggregate& a : program.aggregates) {
      expect(a.result < program.relations.size() && a.body < program.relations.size(), "an aggregate of nothing");
      if (wrong.empty())
        expect(program.relations[a.body].columns.size() == a.groups + a.args + a.vars, "an aggregate's columns");
      if (wrong.empty() && a.domain != kNone)
        expect(program.relations[a.domain].columns.size() == a.groups, "a domain's columns");
    }
    for (const Query& q : program.queries) expect(q.relation < program.relations.size(), "a query of nothing");
    return wrong;
  }
};

TEST(Mutations, GiveAnErrorOrASoundProgram) {
  const auto all = corpus();
  ASSERT_GT(all.size(), 50u);
  const char* more = std::getenv("TENFOLD_FUZZ_RUNS");
  const int runs = more ? std::atoi(more) : 3000;
  int sound = 0;
  for (int run = 0; run < runs; ++run) {
    std::mt19937_64 random(static_cast<std::uint64_t>(run));
    const std::string text = mutated(all, random);
    const Compiled c = compile_text(text, "t.scl");
    ASSERT_LE(c.errors.size(), 50u);
    const auto lines = static_cast<std::uint32_t>(1 + std::count(text.begin(), text.end(), '\n'));
    for (const Error& e : c.errors) {
      ASSERT_FALSE(e.code.empty() || e.what.empty() || e.hint.empty()) << "run " << run << "\n" << text << render(e);
      ASSERT_TRUE(e.place.line >= 1 && e.place.line <= lines) << "run " << run << "\n" << text << render(e);
    }
    if (!c.ok()) continue;
    ++sound;
    const std::string wrong = Verifier{c.program, {}}.run();
    ASSERT_EQ(wrong, "") << "run " << run << "\n" << text;
  }
  EXPECT_GT(sound, runs / 50);  // else the mutations test the parser alone
}

}  // namespace
}  // namespace tenfold::lang
