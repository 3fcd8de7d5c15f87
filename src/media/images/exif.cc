#include "media/images/exif.h"

#include <algorithm>
#include <optional>

namespace tenfold::media {
namespace {

class Block {
 public:
  explicit Block(std::string_view bytes) : bytes_(bytes), big_(bytes.starts_with("MM")) {}

  std::optional<std::uint32_t> u16(std::size_t at) const { return number(at, 2); }
  std::optional<std::uint32_t> u32(std::size_t at) const { return number(at, 4); }

  /// Where the entry with this tag lies in a directory.
  std::optional<std::size_t> entry(std::uint32_t directory, std::uint32_t tag) const {
    const auto count = u16(directory);
    for (std::size_t i = 0; count && i < *count; ++i) {
      const std::size_t at = directory + 2 + 12 * i;
      if (at + 12 > bytes_.size()) return std::nullopt;
      if (u16(at) == tag) return at;
    }
    return std::nullopt;
  }

  /// The value of an entry of type ASCII.
  std::string text(std::optional<std::size_t> entry) const {
    if (!entry || u16(*entry + 2) != 2u) return "";
    const std::uint32_t length = *u32(*entry + 4);
    const std::size_t at = length <= 4 ? *entry + 8 : *u32(*entry + 8);
    if (at > bytes_.size() || length > bytes_.size() - at) return "";
    std::string_view value = bytes_.substr(at, length);
    return std::string(value.substr(0, value.find('\0')));
  }

 private:
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[at + (big_ ? i : size - 1 - i)]);
    return value;
  }

  std::string_view bytes_;
  bool big_;
};

constexpr std::uint32_t kOrientation = 0x0112, kDateTime = 0x0132, kExifDirectory = 0x8769, kDateTimeOriginal = 0x9003;

}  // namespace

Exif read_exif(std::string_view bytes) {
  Exif exif;
  if (!bytes.starts_with(std::string_view("II*\0", 4)) && !bytes.starts_with(std::string_view("MM\0*", 4))) return exif;
  const Block block(bytes);
  const auto first = block.u32(4);
  if (!first) return exif;
  if (const auto entry = block.entry(*first, kOrientation)) {
    const std::uint32_t orientation = block.u16(*entry + 8).value_or(1);
    if (orientation >= 1 && orientation <= 8) exif.orientation = orientation;
  }
  if (const auto entry = block.entry(*first, kExifDirectory)) {
    if (const auto directory = block.u32(*entry + 8))
      exif.taken = block.text(block.entry(*directory, kDateTimeOriginal));
  }
  if (exif.taken.empty()) exif.taken = block.text(block.entry(*first, kDateTime));
  return exif;
}

Exif jpeg_exif(std::FILE* file) {
  constexpr int kMostSegments = 1000;
  constexpr std::string_view kName("Exif\0\0", 6);
  std::rewind(file);
  unsigned char head[4];
  if (std::fread(head, 1, 2, file) != 2) return {};
  for (int i = 0; i < kMostSegments && std::fread(head, 1, 4, file) == 4 && head[0] == 0xFF; ++i) {
    while (head[1] == 0xFF) {  // fill
      std::copy(head + 2, head + 4, head + 1);
      if (std::fread(head + 3, 1, 1, file) != 1) return {};
    }
    const std::size_t length = std::size_t{head[2]} << 8 | head[3];
    if (head[1] == 0xDA || head[1] == 0xD9 || length < 2) return {};
    if (head[1] != 0xE1) {
      if (std::fseek(file, static_cast<long>(length - 2), SEEK_CUR) != 0) return {};
      continue;
    }
    std::string segment(length - 2, '\0');
    if (std::fread(segment.data(), 1, segment.size(), file) != segment.size()) return {};
    if (std::string_view(segment).starts_with(kName)) return read_exif(std::string_view(segment).substr(kName.size()));
  }
  return {};
}

}  // namespace tenfold::media
