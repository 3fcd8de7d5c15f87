#include "modules/letter_case.h"

#include <array>

namespace tenfold::modules {
namespace {

/// Lower-case letters first..last lie `shift` above their capitals; with shift 1 only every second is one, from first.
struct Block {
  char32_t first, last, shift;
};

constexpr std::array kBlocks = {
    Block{'a', 'z', 0x20},     Block{0xE0, 0xF6, 0x20},   Block{0xF8, 0xFE, 0x20},   Block{0x101, 0x12F, 1},
    Block{0x133, 0x137, 1},    Block{0x13A, 0x148, 1},    Block{0x14B, 0x177, 1},    Block{0x17A, 0x17E, 1},
    Block{0x1F9, 0x21F, 1},    Block{0x223, 0x233, 1},    Block{0x1E01, 0x1E95, 1},  Block{0x1EA1, 0x1EFF, 1},
    Block{0x3AC, 0x3AC, 0x26}, Block{0x3AD, 0x3AF, 0x25}, Block{0x3B1, 0x3C1, 0x20}, Block{0x3C3, 0x3CB, 0x20},
    Block{0x3CC, 0x3CC, 0x40}, Block{0x3CD, 0x3CE, 0x3F}, Block{0x430, 0x44F, 0x20}, Block{0x450, 0x45F, 0x50},
    Block{0x461, 0x481, 1},    Block{0x48B, 0x4BF, 1},    Block{0x4C2, 0x4CE, 1},    Block{0x4D1, 0x52F, 1},
};

bool in_block(const Block& block, char32_t lower_letter) {
  return lower_letter >= block.first && lower_letter <= block.last &&
         (block.shift != 1 || (lower_letter - block.first) % 2 == 0);
}

}  // namespace

char32_t upper(char32_t scalar) {
  if (scalar == 0xFF) return 0x178;
  if (scalar == 0x3C2) return 0x3A3;  // final sigma
  for (const Block& block : kBlocks)
    if (in_block(block, scalar)) return scalar - block.shift;
  return scalar;
}

char32_t lower(char32_t scalar) {
  if (scalar == 0x178) return 0xFF;
  for (const Block& block : kBlocks)
    if (in_block(block, scalar + block.shift)) return scalar + block.shift;
  return scalar;
}

bool is_space(char32_t scalar) {
  return (scalar >= 0x09 && scalar <= 0x0D) || scalar == 0x20 || scalar == 0x85 || scalar == 0xA0 || scalar == 0x1680 ||
         (scalar >= 0x2000 && scalar <= 0x200A) || scalar == 0x2028 || scalar == 0x2029 || scalar == 0x202F ||
         scalar == 0x205F || scalar == 0x3000;
}

}  // namespace tenfold::modules
