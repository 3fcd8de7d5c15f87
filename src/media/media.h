// Files into values and facts: FHIR R4 (fhir.h), DICOM (dicom.h), PNG, JPEG and TIFF (images/picture_file.h), CSV
// (csv.h); record_stream.h turns inputs as people name them into records one by one. Input is hostile: every reader is
// bounded in memory, time and depth, and says what is wrong, where, and what to do. One file a format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace tenfold::media {

/// A decoded picture, one channel, row-major, in [0, 1], 0 = black (MONOCHROME1 is inverted on the way in).
/// Colour is turned to luma (ITU-R BT.601); `coloured` keeps that it was colour: the channels of at least one pixel in
/// a thousand differ by more than 16/255 (a grey picture stored in three channels is not coloured).
struct Image {
  std::uint32_t width = 0, height = 0;
  std::vector<float> pixels;  // [height, width]
  bool coloured = false;
};

/// What an image's header says, for facts: empty where the format or the file has no such tag.
struct ImageTags {
  std::string format;         // "dicom", "png", "jpeg", "tiff"
  std::string modality;       // DICOM 0008,0060: CR, DX, CT …
  std::string body_part;      // 0018,0015
  std::string view;           // 0018,5101: PA, AP, LL
  std::string patient_id;     // 0010,0020
  std::string patient_birth;  // 0010,0030
  std::string patient_age;    // 0010,1010: 004Y
  std::string study_date;     // 0008,0020
  std::uint32_t frames = 1;
};

struct Picture {
  Image image;
  ImageTags tags;
};

/// How many bytes image_format wants to see.
constexpr std::size_t kImageBeginning = 132;

/// "dicom", "png", "jpeg" or "tiff" by the first bytes of a file; "" if it is no image.
std::string_view image_format(std::string_view beginning);

/// Reads a picture, or the part of it that a key names (key.h: "board.tif#page=2&xywh=0,0,512,512"), by the file's
/// content, whatever its name. It is turned as it is shown: a camera's note of how it was held (EXIF) is applied, and
/// boxes count in the turned picture. `max_pixels` bounds the decoded size, before anything is decoded.
/// Errors: file-not-found, unreadable-file, is-a-folder, not-a-file, empty-file, file-too-large, unknown-format; those
/// of decode_dicom (dicom.h) and PictureFile (images/picture_file.h).
Result<Picture> read_image(const std::string& key, std::uint64_t max_pixels = 100'000'000);

/// The same in colour: [height, width, 3], red, green and blue. 16 bits are rounded to 8; transparency shows black; a
/// DICOM picture is grey.
struct Colours {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};
Result<Colours> read_colours(const std::string& key, std::uint64_t max_pixels = 100'000'000);

/// The header alone, without decoding pixels. Errors: as read_image, as far as the header shows them.
Result<ImageTags> read_image_tags(const std::string& path);

}  // namespace tenfold::media
