#include "neural/token_masks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tenfold::neural {
namespace {

// Against trying each token by itself, in states all along random texts.
TEST(TokenMasks, agree_with_trying_each_token) {
  std::mt19937 random(1);
  std::vector<std::string> pieces;
  for (int t = 0; t < 3000; ++t) {
    std::string piece;
    for (std::size_t n = random() % 6; n > 0; --n) piece += "abc\",: {}[]01\xC3\xA9"[random() % 16];
    pieces.push_back(piece);
  }
  TokenMasks masks(pieces);
  auto grammar = Grammar::parse(
      "root ::= \"[\" (item (\", \" item)*)? \"]\"\nitem ::= \"\\\"\" [^\"]{0,4} \"\\\"\" | [0-9]+ | \"{\" root \"}\"",
      "g");
  ASSERT_TRUE(grammar);
  for (int run = 0; run < 30; ++run) {
    Grammar::State state = grammar->start();
    for (int step = 0; step < 20 && state != Grammar::kDead; ++step) {
      const TokenMask mask = masks.allowed(*grammar, state);
      std::size_t count = 0;
      std::vector<std::size_t> fine;
      for (std::size_t t = 0; t < pieces.size(); ++t) {
        Grammar::State after = state;
        for (const char c : pieces[t]) after = grammar->next(after, static_cast<unsigned char>(c));
        const bool may = !pieces[t].empty() && after != Grammar::kDead;
        ASSERT_EQ(mask.test(t), may) << pieces[t];
        if (may) fine.push_back(t);
        count += may;
      }
      ASSERT_EQ(mask.count, count);
      if (fine.empty()) break;
      ASSERT_EQ(mask.first, static_cast<std::int32_t>(fine.front()));
      for (const char c : pieces[fine[random() % fine.size()]])
        state = grammar->next(state, static_cast<unsigned char>(c));
    }
  }
}

TEST(TokenMasks, the_best_allowed_token_has_its_share_of_what_is_allowed) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal(0.0f, 5.0f);
  for (const std::size_t n : {1u, 63u, 64u, 65u, 1000u, 49'152u}) {
    std::vector<float> logits(n);
    for (float& logit : logits) logit = normal(random);
    TokenMask mask;
    mask.words.assign((n + 63) / 64, 0);
    for (std::size_t t = 0; t < n; ++t)
      if (n < 3 || t / 64 % 2 == 0 || random() % 3 == 0) mask.words[t / 64] |= std::uint64_t{1} << t % 64;
    double sum = 0.0, all = 0.0;
    std::size_t best = n;
    for (std::size_t t = 0; t < n; ++t) {
      all += std::exp(static_cast<double>(logits[t]));
      if (!mask.test(t)) continue;
      sum += std::exp(static_cast<double>(logits[t]));
      if (best == n || logits[t] > logits[best]) best = t;
    }
    const Choice choice = choose(logits.data(), mask);
    EXPECT_EQ(choice.token, static_cast<std::int32_t>(best));
    // 2e-7 an exponential, and half an ulp of float an addition in each lane of at most n/16 terms.
    const double slack = 2e-7 + 6e-8 * static_cast<double>(n) / 16;
    EXPECT_NEAR(choice.probability, std::exp(static_cast<double>(logits[best])) / sum, slack);
    EXPECT_NEAR(log_sum_exp(logits.data(), n), std::log(all), slack + 1e-6);
  }
  const std::vector<float> none(64, 1.0f);
  TokenMask empty;
  empty.words.assign(1, 0);
  EXPECT_EQ(choose(none.data(), empty).token, -1);
}

TEST(TokenMasks, a_text_is_spelled_by_the_longest_tokens) {
  TokenMasks masks({"a", "ab", "abc", "b", "c", "", "ca"});
  EXPECT_EQ(masks.spell("abcab"), (std::vector<std::int32_t>{2, 1}));
  EXPECT_EQ(masks.spell("bca"), (std::vector<std::int32_t>{3, 6}));
  EXPECT_EQ(masks.spell("abd"), std::nullopt);
}

}  // namespace
}  // namespace tenfold::neural
