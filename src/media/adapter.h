// One interface for every medium. An adapter turns a file into a Medium, whose relations are read part by part, when
// rules ask for them: a page that no rule asks for is never decoded. What a file is, its content says (file_type.h).
// adapters.cc has the list.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/base.h"
#include "media/key.h"
#include "media/media.h"

namespace tenfold::media {

/// What a hostile file may cost. Whatever exceeds one of these is an error that names it.
struct Limits {
  std::uint64_t file_bytes = std::uint64_t{4} << 30;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;    // of one decoder
  std::uint64_t expanded_bytes = std::uint64_t{1} << 30;  // of what a file unpacks to, all its members together
  std::uint64_t pixels = 500'000'000;                     // of one picture as its header states it
  std::uint64_t decoded_pixels = 100'000'000;             // of one picture, tile or page as it is decoded
  std::uint32_t pages = 20'000;                           // of a document, or frames of a DICOM file
  std::uint32_t nesting = 64;                             // of elements, attachments, sequences
  double seconds = 60.0;                                  // CPU time of one read
};

/// A cell: integers, booleans (0 or 1) and DateTime (microseconds, UTC) are std::int64_t.
using Value = std::variant<std::int64_t, double, std::string>;

/// One tuple without its first column, which is the key that was asked about. `place` is where it stands, as a key
/// ("contract.pdf#page=3&xywh=72,100,240,12").
struct MediaFact {
  std::vector<Value> values;
  std::string place;
};

/// The size at which a picture is wanted; 0: as it is. A decoder that can stop early (JPEG, a video's low resolution)
/// gives the smallest picture that is at least this large on both sides, else the whole one.
struct PictureSize {
  std::uint32_t width = 0, height = 0;
};

/// How much of a medium there is, and how much of it was decoded; for the receipt.
struct MediaWork {
  std::string_view unit;  // "page", "frame", "picture"
  std::uint64_t there = 0, decoded = 0;
  double seconds = 0.0;  // CPU time of decoding
};

/// An opened file. Not thread-safe. What a read decoded may be kept for the next, within Limits::memory_bytes.
class Medium {
 public:
  virtual ~Medium() = default;
  /// The tuples of a relation (by its number in Adapter::relations) about a part; the whole medium where `part` is
  /// empty.
  virtual Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) = 0;
  /// The pixels of a part, for a network; in grey with all the depth there is. Error "no-picture" where a medium has
  /// none.
  virtual Result<Colours> picture(const Part& part, PictureSize size);
  virtual Result<Image> grey(const Part& part, PictureSize size);  // unless overridden the luma of picture()
  virtual MediaWork work() const = 0;
};

struct Adapter {
  std::string_view name;                  // "document"
  std::string_view doc;                   // one line
  std::vector<std::string_view> formats;  // of file_type.h
  /// Column 0 of each is the key that is asked about. Docs give units.
  std::vector<FactSchema> relations;
  Result<std::unique_ptr<Medium>> (*open)(const std::string& path, std::string_view format, const Limits& limits);

  bool reads(std::string_view format) const {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  }
};

/// All adapters, in a fixed order.
std::span<const Adapter> adapters();

// What adapters.cc puts together, one function a file.
Adapter document_adapter();  // document.h
Adapter image_adapter();     // image_adapter.cc
Adapter dicom_adapter();     // dicom_adapter.cc
Adapter video_adapter();     // video.h
Adapter table_adapter();     // tables/table_adapter.cc

}  // namespace tenfold::media
