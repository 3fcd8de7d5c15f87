// SHA-256, by which a network's file names its model (what runs is what was trained and measured) and by which a memo
// knows an input again. Source: FIPS 180-4, sections 5 and 6.2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace tenfold::neural {

using Sha256Digest = std::array<std::byte, 32>;

/// The digest of what was added, piece by piece. About 1.5 GB/s with the processor's SHA instructions, 0.2 without.
class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);
  /// Ends it; nothing may be added afterwards.
  Sha256Digest finish();
  /// The same as 64 lower-case hexadecimal digits.
  std::string hex();

 private:
  void absorb(const std::byte* blocks, std::size_t count);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> tail_{};
  std::uint64_t bytes_ = 0;
};

/// 64 lower-case hexadecimal digits.
std::string hex(const Sha256Digest& digest);
std::string sha256(std::span<const std::byte> bytes);
/// A file of any size; nothing when it cannot be read, or is a folder or a device.
std::optional<std::string> sha256_of_file(const std::filesystem::path& path);

/// Both ways of computing it give the same; for tests.
void absorb_by_instructions(std::array<std::uint32_t, 8>& state, const std::byte* blocks, std::size_t count);
void absorb_by_arithmetic(std::array<std::uint32_t, 8>& state, const std::byte* blocks, std::size_t count);
bool has_sha_instructions();

}  // namespace tenfold::neural
