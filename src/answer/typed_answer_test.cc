// Networks that say tuples, through a session: what they are asked, what becomes of it, what a refusal leaves open.
#include "answer/typed_answer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "answer/parts.h"
#include "lang/lang.h"

namespace tenfold::answer {
namespace {

namespace fs = std::filesystem;

class TypedAnswers : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tenfold-typed-" + std::to_string(::getpid()) + "-" +
                                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  Result<std::shared_ptr<const Program::Parts>> parts(const std::string& program, const std::string& table,
                                                      const std::string& more = "") {
    write("reader.table", table);
    Sources sources;
    sources.networks["reader"] = write(
        "reader.toml", "name = \"reader\"\n" + more +
                           "[[stage]]\nname = \"stub\"\nbackend = \"table\"\nmodel = \"reader.table\"\nflops = 9\n");
    return make_parts(write("p.scl", program), Settings{}, sources, nullptr);
  }

  // "0.9 (a, 1); ?over () too-long": what holds, then what is abstained from.
  std::string answer(const std::string& program, const std::string& table) {
    auto made = parts(program, table);
    if (!made) return render(made.error());
    auto session = Session::open(Program(std::move(*made)));
    if (!session) return render(session.error());
    const auto found = session->ask();
    if (!found) return render(found.error());
    std::string out;
    const auto list = [&](const std::vector<std::string>& args) {
      out += "(";
      for (std::size_t i = 0; i < args.size(); ++i) out += (i ? ", " : "") + args[i];
      out += ")";
    };
    for (const AnswerTuple& t : found->tuples) out += number_text(t.probability) + " ", list(t.args), out += "; ";
    for (const Abstention& a : found->abstained)
      out += "?" + a.relation + " ", list(a.args), out += " " + a.reason + "; ";
    return out;
  }

  std::string refused(const std::string& program, const std::string& more = "") {
    const auto made = parts(program, "a says nothing", more);
    if (made) return "fine";
    const Error& e = made.error();
    return fs::path(e.place.file).filename().string() + ":" + std::to_string(e.place.line) + " " + e.what;
  }

  fs::path folder_;
};

const std::string kDoses = R"(
@network("reader", answer = "many") type dose(bound text: String, drug: String, mg: u8)
rel note = {(1, "a"), (2, "b")}
rel over(p, d) = note(p, t) and dose(t, d, mg) and mg > 50
rel notes(p) = note(p, _)
)";

TEST_F(TypedAnswers, tuples_come_with_their_probability_and_a_repeated_one_once) {
  EXPECT_EQ(answer(kDoses + "query over",
                   R"(a says ("aspirin, coated", 100) 0.5 ("aspirin, coated", 100) 0.25 (x, 5) | b says nothing)"),
            "0.5 (1, aspirin, coated); ");
}

TEST_F(TypedAnswers, what_hangs_on_a_refused_text_is_abstained_from_and_the_rest_stands) {
  EXPECT_EQ(answer(kDoses + "query over\nquery notes", "a says (x, 100) 0.5 | b refused too-long"),
            "0.5 (1, x); 1 (1); 1 (2); ?over (2, _) too-long; ");
}

TEST_F(TypedAnswers, a_form_that_cannot_be_held_is_refused_before_anything_runs) {
  const auto with = [&](const std::string& attribute, const std::string& columns) {
    return refused("@network(\"reader\"" + attribute + ") type p(bound text: String, " + columns +
                   ")\nrel t = {\"a\"}\nrel q(x) = t(x) and p(x, _)\nquery q");
  };
  write("s.json", R"({"type": "object", "properties": {"n": {"type": "integer", "multipleOf": 2}}})");
  write("g.gbnf", "root ::= root");
  EXPECT_EQ(with("", "n: i32"), "fine");
  EXPECT_EQ(with(", schema = \"s.json\"", "n: i32"), "s.json:1 `multipleOf` cannot be held to while a model speaks");
  EXPECT_EQ(with(", schema = \"none.json\"", "n: i32"), "p.scl:1 there is no file none.json");
  EXPECT_EQ(with(", grammar = \"g.gbnf\"", "n: String"), "g.gbnf:1 this can never end: each way goes through it again");
}

TEST_F(TypedAnswers, a_prompt_is_said_once_and_asks_of_an_input) {
  const std::string program =
      "@network(\"reader\") type p(bound text: String, n: i32)\nrel q(n) = p(\"a\", n)\nquery q";
  EXPECT_EQ(refused(program, "prompt = \"of {text}\"\n"), "fine");
  EXPECT_EQ(refused(program, "prompt = \"of {n}\"\n"), "reader.toml:1 the prompt of reader: `n` is no input of p");
  EXPECT_EQ(refused("@exact(\"reader\") type known(text: String, n: i32)\nrel known = {(\"b\", 1)}\n" + program,
                    "prompt = \"of {n}\"\n"),
            "reader.toml:1 the prompt of reader: `n` is no input of p");
  EXPECT_EQ(refused(program, "prompt = \"of all\"\n"),
            "reader.toml:1 the prompt of reader: it says nothing of the input");
  EXPECT_EQ(refused("@network(\"reader\", prompt = \"{text}\") type p(bound text: String, n: i32)\nrel q(n) = p(\"a\", "
                    "n)\nquery q",
                    "prompt = \"of {text}\"\n"),
            "p.scl:1 the file of network reader has a prompt too");
  EXPECT_EQ(refused(program, "labels = [\"a\", \"b\"]\n"),
            "p.scl:1 network reader chooses among labels, and none are named here");
}

// Where a picture stands in a prompt; a table knows an input by all that is bound.
TEST_F(TypedAnswers, a_picture_is_bound_and_shown_by_the_prompt) {
  const std::string more = "[input]\nkind = \"text\"\npictures = [\"photo\"]\n";
  const auto program = [](const std::string& prompt) {
    return "@network(\"reader\"" + prompt +
           ") type p(bound photo: String, bound ask: String, n: i32)\nrel q(n) = p(\"a.png\", \"how many?\", n)\nquery "
           "q";
  };
  EXPECT_EQ(refused(program(", prompt = \"{photo} {ask}\""), more), "fine");
  EXPECT_EQ(refused(program(", prompt = \"{ask}\""), more),
            "p.scl:1 the prompt of network reader does not show `photo`");
  EXPECT_EQ(refused(program(""), more), "p.scl:1 the prompt of network reader does not show `photo`");
  EXPECT_EQ(refused("@network(\"reader\", prompt = \"{text}\") type p(bound text: String, n: i32)\nrel q(n) = "
                    "p(\"a\", n)\nquery q",
                    more),
            "p.scl:1 the file of network reader says that `photo` is a picture, and there is no such input");
}

TEST_F(TypedAnswers, values_are_read_by_the_type_of_their_column) {
  const auto program = lang::compile_text(
      "@network(\"r\") type p(bound t: String, a: i8, b: f32, c: bool, d: char, e: String)\nrel q(a) = p(\"x\", a, _, "
      "_, _, _)",
      "p", {});
  ASSERT_TRUE(program.ok()) << render(program.errors.front());
  Symbols symbols(&program.program.symbols);
  const auto form = answer_form(program.program, 0);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->fields[0].least, -128);
  EXPECT_EQ(form->fields[0].most, 127u);
  const auto read = [&](const std::string& json) {
    const auto said = tuples(program.program, 0, {{json, 0.5}}, symbols);
    return said ? said->size() : 99;
  };
  EXPECT_EQ(read(R"({"a": -5, "b": 1e-3, "c": true, "d": "é", "e": "x y"})"), 1u);
  EXPECT_EQ(read(R"({"a": 500, "b": 1, "c": true, "d": "é", "e": ""})"), 99u);
  EXPECT_EQ(read(R"({"a": 5, "b": 1, "c": true, "d": "ab", "e": ""})"), 99u);
  EXPECT_EQ(read(R"({"a": 5, "b": 1, "c": 7, "d": "a", "e": ""})"), 99u);
  EXPECT_EQ(read(R"({"a": 5})"), 99u);
  EXPECT_EQ(read("[]"), 99u);
}

}  // namespace
}  // namespace tenfold::answer
