#include "neural/memo.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace tenfold::neural {
namespace {

ContentKey key(std::uint8_t content, std::string_view stage = "s") {
  const std::array<std::byte, 1> bytes = {std::byte{content}};
  return content_key(stage, bytes);
}

TEST(Memo, key_depends_on_stage_and_content) {
  EXPECT_EQ(key(1), key(1));
  EXPECT_FALSE(key(1) == key(2));
  EXPECT_FALSE(key(1, "s") == key(1, "t"));
}

TEST(Memo, what_was_published_is_known) {
  Memo memo(10'000);
  Said said;
  ASSERT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_me);
  EXPECT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_other);
  memo.publish(key(1), {{0.25, 0.75}, ""});
  ASSERT_EQ(memo.claim(key(1), said), Memo::Claim::known);
  EXPECT_EQ(said.values, (std::vector<double>{0.25, 0.75}));
}

TEST(Memo, what_was_abandoned_is_owed_again) {
  Memo memo(10'000);
  Said said;
  ASSERT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_me);
  memo.abandon(key(1));
  EXPECT_FALSE(memo.wait(key(1)).has_value());
  EXPECT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_me);
}

TEST(Memo, stays_within_its_bytes_and_forgets_the_least_recently_used) {
  Memo memo(1000);
  Said said;
  for (std::uint8_t i = 0; i < 100; ++i) {
    memo.claim(key(i), said);
    memo.publish(key(i), {{1.0, 2.0}, ""});
    EXPECT_LE(memo.bytes(), 1000u);
    const Memo::Claim first = memo.claim(key(0), said);  // used at every step, so never the oldest
    EXPECT_EQ(first, Memo::Claim::known);
  }
  EXPECT_EQ(memo.claim(key(99), said), Memo::Claim::known);
  EXPECT_EQ(memo.claim(key(50), said), Memo::Claim::owed_by_me);
}

TEST(Memo, without_bytes_nothing_is_remembered) {
  Memo memo(0);
  Said said;
  ASSERT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_me);
  memo.publish(key(1), {{1.0}, ""});
  EXPECT_EQ(memo.claim(key(1), said), Memo::Claim::owed_by_me);
}

TEST(Memo, of_many_threads_one_owes_and_all_get_the_answer) {
  Memo memo(10'000);
  std::atomic<int> owed = 0, right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      Said said;
      switch (memo.claim(key(7), said)) {
        case Memo::Claim::owed_by_me:
          ++owed;
          said = {{42.0}, ""};
          memo.publish(key(7), said);
          break;
        case Memo::Claim::owed_by_other:
          said = memo.wait(key(7)).value_or(Said{});
          break;
        case Memo::Claim::known:
          break;
      }
      right += said.values == std::vector<double>{42.0};
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(owed, 1);
  EXPECT_EQ(right, 8);
}

TEST(Memo, what_is_written_to_disk_comes_back) {
  for (const Said& said : {Said{{0.25, -1e300, 0.1}, ""}, Said{{}, "blank"}, Said{{}, ""},
                           Said{{}, "", {{"{\"a\": 1}", 0.5}, {"x", 1.0}}}}) {
    const std::string bytes = to_bytes(said);
    const auto back = from_bytes(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->values, said.values);
    EXPECT_EQ(back->refusal, said.refusal);
    EXPECT_EQ(back->records, said.records);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(from_bytes(bytes.substr(0, cut))) << cut;
    EXPECT_FALSE(from_bytes(bytes + "x"));
  }
}

}  // namespace
}  // namespace tenfold::neural
