// A medium or a part of it, as one text: a path, and after '#' what of it, written as Media Fragments URI 1.0 writes it
// (W3C Recommendation 25 September 2012) with `page` as PDF open parameters have it (RFC 8118, section 3).
// A member of an archive stands first, with %, & and # as %25, %26 and %23:
//   study.zip#member=ct/1.dcm&frame=2
//   scan.pdf#page=3          clip.mp4#t=12.48          board.tif#page=2&xywh=0,0,512,512
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/base.h"

namespace tenfold::media {

/// Pixels of a picture as it is shown (orientation applied), points of a page (1/72 inch); from the upper left corner.
struct Box {
  double x = 0.0, y = 0.0, width = 0.0, height = 0.0;
  bool operator==(const Box&) const = default;
};

struct Part {
  std::optional<std::string> member;                             // of an archive: its path there
  std::optional<std::uint32_t> page;                             // of a document or a TIFF, from 1
  std::optional<std::uint32_t> frame;                            // of a DICOM file, from 1
  std::optional<double> t;                                       // seconds from the beginning of a film
  std::optional<Box> box;                                        // xywh=
  std::optional<std::pair<std::uint64_t, std::uint64_t>> chars;  // char=from,to: of the text, in code points (RFC 5147)
  bool operator==(const Part&) const = default;
  bool whole() const { return *this == Part{}; }
};

struct Key {
  std::string path;
  Part part;
};

/// What follows the last '#' is a part if all of it reads as one; a path may hold '#' itself.
Key read_key(std::string_view key);
/// The other way round; numbers in their shortest form.
std::string write_key(std::string_view path, const Part& part);

}  // namespace tenfold::media
