// The data elements of a DICOM file, walked without decoding anything. Every length is checked against the bytes that
// are there, in nested sequences too, before a decoder is allowed to believe it. Source: DICOM PS3.5, sections 7 (data
// set) and A.4 (encapsulated pixel data); PS3.10, section 7 (file meta information).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/media.h"

namespace tenfold::media {

/// Where the pixels lie in the bytes.
struct DicomPixels {
  bool encapsulated = false;
  bool words = false;                  // value representation OW: 16-bit words, also of 8-bit samples
  std::size_t offset = 0, length = 0;  // native: the value
  struct Fragment {
    std::size_t offset, length;
  };
  std::vector<Fragment> fragments;           // encapsulated: without the offset table
  std::vector<std::uint32_t> frame_offsets;  // encapsulated: the basic offset table, maybe empty
};

/// One of the three tables of PALETTE COLOR (PS3.3 C.7.6.3.1.5 and .6).
struct DicomPalette {
  std::uint32_t entries = 0;  // 0 where there is no table
  std::int32_t first = 0;     // the stored value that the first entry is for
  std::uint32_t bits = 8;     // of an entry: 8 or 16
  std::size_t offset = 0, length = 0;
};

struct DicomHeader {
  ImageTags tags;
  std::string transfer_syntax;  // UID; implicit little endian if the file names none
  std::string sop_class;        // UID
  std::string photometric;      // MONOCHROME1 …
  std::uint32_t rows = 0, columns = 0, samples = 1, bits_allocated = 0, bits_stored = 0, high_bit = 0, planar = 0;
  bool is_signed = false, big_endian = false;
  std::optional<double> slope, intercept;  // of the first frame; 1 and 0 if absent
  DicomPalette palette[3];
  std::optional<std::int64_t> padding;  // pixel padding value
  /// The first window, if any: linear, exact or sigmoid (PS3.3 C.11.2.1.2 and C.11.2.1.3).
  enum class Voi : std::uint8_t { linear, linear_exact, sigmoid };
  struct Window {
    double center, width;
  };
  std::optional<Window> window;
  Voi voi = Voi::linear;
  bool has_pixels = false;  // an element of pixel data, be it integer or float
  bool float_pixels = false;
  DicomPixels pixels;
};

/// True for bytes that begin like a DICOM file: "DICM" after the preamble, or a data set without one.
bool looks_like_dicom(std::string_view bytes);

/// Walks a whole file. Errors: not-dicom, truncated-dicom, malformed-dicom, file-too-large (a deflated data set over
/// `max_inflated`). place.file is left empty. `inflated` receives the data set of a deflated file as an explicit little
/// endian file, and the header's offsets then count in it; otherwise it is left empty.
Result<DicomHeader> read_dicom_header(std::string_view file, std::string& inflated, std::size_t max_inflated);

/// Walks what the beginning of a file holds up to the pixels; `complete` is false when it ended before, which is no
/// error.
struct DicomBeginning {
  DicomHeader header;
  bool complete = false;
};
Result<DicomBeginning> read_dicom_beginning(std::string_view beginning, std::uint64_t file_size);

}  // namespace tenfold::media
