// SHA-256, by which a network's file names its model: what runs is what was trained and measured.
// Source: FIPS 180-4, sections 5 and 6.2.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tenfold::neural {

/// 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace tenfold::neural
