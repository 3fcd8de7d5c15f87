#include "neural/sha256.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tenfold::neural {
namespace {

std::string of(std::string_view text) { return sha256(std::as_bytes(std::span(text.data(), text.size()))); }

// FIPS 180-2, appendix B, and the empty message of NIST's example values.
TEST(Sha256, agrees_with_the_standard) {
  EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Every length of the end, in pieces of every size: what is held back between pieces is what could go wrong.
TEST(Sha256, pieces_give_what_the_whole_gives) {
  std::string text;
  for (std::size_t length = 0; length < 200; ++length, text += static_cast<char>(length * 7)) {
    for (const std::size_t piece : {1u, 3u, 63u, 64u, 65u, 130u}) {
      Sha256 sum;
      for (std::size_t at = 0; at < text.size(); at += piece) {
        const std::string part = text.substr(at, piece);
        sum.add(std::as_bytes(std::span(part.data(), part.size())));
      }
      ASSERT_EQ(hex(sum.finish()), of(text)) << length << " in pieces of " << piece;
    }
  }
}

TEST(Sha256, instructions_give_what_arithmetic_gives) {
  if (!has_sha_instructions()) GTEST_SKIP() << "this processor has no SHA instructions";
  std::array<std::byte, 640> blocks;
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<std::byte>(i * 131 + i / 64);
  std::array<std::uint32_t, 8> one = {1, 2, 3, 4, 5, 6, 7, 0xffffffff}, other = one;
  absorb_by_instructions(one, blocks.data(), 10);
  absorb_by_arithmetic(other, blocks.data(), 10);
  EXPECT_EQ(one, other);
}

}  // namespace
}  // namespace tenfold::neural
