#include "neural/backends/table.h"

#include <gtest/gtest.h>

namespace tenfold::neural {
namespace {

const std::vector<std::string> kLabels = {"normal", "pneumonia", "other"};

TEST(Table, labels_left_out_share_the_rest) {
  const auto table = read_table("a pneumonia 0.5 | b normal 0.25 other 0.75 pneumonia 0 |", kLabels, "t");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(table->at("a").probabilities, (std::vector<double>{0.25, 0.5, 0.25}));
  EXPECT_EQ(table->at("b").probabilities, (std::vector<double>{0.25, 0.0, 0.75}));
}

TEST(Table, rows_may_be_lines_keys_quoted_and_answers_refusals) {
  const auto table = read_table("\"my film.png\" normal 1\nb refused blank\n\n", kLabels, "t");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(table->at("my film.png").probabilities, (std::vector<double>{1.0, 0.0, 0.0}));
  EXPECT_EQ(table->at("b").refusal, "blank");
  EXPECT_EQ(table->size(), 2u);
}

TEST(Table, a_gate_finds_its_score_in_each_row) {
  const auto table =
      read_table("a score -2.5 normal 1 | b other 0.5 score 1e1 | c refused blank", kLabels, "t", {}, "score");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(table->at("a").score, -2.5);
  EXPECT_EQ(table->at("b").score, 10.0);
  EXPECT_EQ(table->at("b").probabilities, (std::vector<double>{0.25, 0.25, 0.5}));
  const auto none = read_table("a normal 1", kLabels, "t", {}, "score");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "the gate asks for `score`, which a has none of");
  EXPECT_EQ(read_table("a normal 1 score inf", kLabels, "t", {}, "score").error().what, "`score` needs a number");
  EXPECT_EQ(read_table("a normal 1 score 1", kLabels, "t").error().what, "`score` is none of the network's labels");
}

TEST(Table, mistakes_are_shown_with_their_place) {
  const auto message = [](std::string_view text) {
    const auto table = read_table(text, kLabels, "t");
    if (table) return std::string("fine");
    const Error& e = table.error();
    return std::to_string(e.place.line) + ":" + std::to_string(e.place.column) + " " + e.what;
  };
  EXPECT_EQ(message("a normal 0.5\nb flu 0.5"), "2:3 `flu` is none of the network's labels");
  EXPECT_EQ(message("a normal 1.5"), "1:10 label `normal` needs a probability in [0, 1]");
  EXPECT_EQ(message("a normal nan"), "1:10 label `normal` needs a probability in [0, 1]");
  EXPECT_EQ(message("a normal"), "1:9 label `normal` needs a probability in [0, 1]");
  EXPECT_EQ(message("a normal 0.7 other 0.7"), "1:23 the probabilities of a add up to 1.4 and not to 1");
  EXPECT_EQ(message("a normal 0.25 other 0.25 pneumonia 0.25"),
            "1:40 the probabilities of a add up to 0.75 and not to 1");
  EXPECT_EQ(message("a normal 1 | a normal 1"), "1:14 a second row for a");
  EXPECT_EQ(message("a |"), "1:3 nothing is said about a");
  EXPECT_EQ(message("a refused"), "1:10 a is refused without a code");
}

}  // namespace
}  // namespace tenfold::neural
