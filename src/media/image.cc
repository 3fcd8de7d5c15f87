// Pictures by their content, whatever the file is called.
#include <cmath>

#include "media/dicom.h"
#include "media/dicom_header.h"
#include "media/media.h"
#include "media/raster.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr std::size_t kHeader = 64 * 1024;  // where nearly all headers end

Error at(const std::string& path, Error error) {
  error.place.file = path;
  return error;
}

Error unknown_format(const std::string& path) {
  Error error;
  error.code = "unknown-format";
  error.place.file = path;
  error.what = "the file is neither DICOM nor PNG nor JPEG";
  error.hint = "give a DICOM, PNG or JPEG file";
  return error;
}

Result<ImageTags> dicom_tags(const std::string& path, const Beginning& beginning) {
  const Result<DicomBeginning> header = read_dicom_beginning(beginning.bytes, beginning.file_size);
  if (!header) return at(path, header.error());
  if (header->complete) return header->header.tags;
  // Deflated, or a header longer than usual.
  const Result<std::string> bytes = read_bytes(path, kLargestFile);
  if (!bytes) return bytes.error();
  std::string inflated;
  const Result<DicomHeader> whole = read_dicom_header(*bytes, inflated, kLargestFile);
  if (!whole) return at(path, whole.error());
  return whole->tags;
}

}  // namespace

std::string_view image_format(std::string_view beginning) {
  if (beginning.starts_with("\x89PNG\r\n\x1A\n")) return "png";
  if (beginning.starts_with("\xFF\xD8\xFF")) return "jpeg";
  return looks_like_dicom(beginning) ? "dicom" : "";
}

Result<Picture> read_image(const std::string& path, std::uint64_t max_pixels) {
  const Result<std::string> bytes = read_bytes(path, kLargestFile);
  if (!bytes) return bytes.error();
  const std::string_view format = image_format(*bytes);
  if (format.empty()) return unknown_format(path);
  Result<Picture> picture = format == "dicom" ? decode_dicom(*bytes, max_pixels)
                            : format == "png" ? decode_png(*bytes, max_pixels)
                                              : decode_jpeg(*bytes, max_pixels);
  if (!picture) return at(path, picture.error());
  return picture;
}

Result<Colours> read_colours(const std::string& path, std::uint64_t max_pixels) {
  const Result<std::string> bytes = read_bytes(path, kLargestFile);
  if (!bytes) return bytes.error();
  const std::string_view format = image_format(*bytes);
  if (format.empty()) return unknown_format(path);
  if (format == "dicom") {
    const Result<Picture> grey = decode_dicom(*bytes, max_pixels);
    if (!grey) return at(path, grey.error());
    Colours colours{grey->image.width, grey->image.height, {}};
    colours.rgb.reserve(grey->image.pixels.size() * 3);
    for (const float value : grey->image.pixels)
      colours.rgb.insert(colours.rgb.end(), 3, static_cast<std::uint8_t>(std::lround(value * 255.0f)));
    return colours;
  }
  Result<Colours> colours =
      format == "png" ? decode_png_colours(*bytes, max_pixels) : decode_jpeg_colours(*bytes, max_pixels);
  if (!colours) return at(path, colours.error());
  return colours;
}

Result<ImageTags> read_image_tags(const std::string& path) {
  const Result<Beginning> beginning = read_beginning(path, kHeader);
  if (!beginning) return beginning.error();
  const std::string_view format = image_format(beginning->bytes);
  if (format.empty()) return unknown_format(path);
  if (format == "dicom") return dicom_tags(path, *beginning);
  ImageTags tags;
  tags.format = format;
  return tags;
}

}  // namespace tenfold::media
