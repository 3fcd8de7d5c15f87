// Pictures by their content, whatever the file is called.
#include <algorithm>
#include <cmath>

#include "media/dicom.h"
#include "media/dicom_header.h"
#include "media/file_type.h"
#include "media/images/picture_file.h"
#include "media/media.h"
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
  error.what = "the file is neither DICOM nor PNG, JPEG or TIFF";
  error.hint = "give a DICOM, PNG, JPEG or TIFF file";
  return error;
}

Limits limits_of(std::uint64_t max_pixels) {
  Limits limits;
  limits.decoded_pixels = max_pixels;
  limits.pixels = std::max(limits.pixels, max_pixels);
  limits.file_bytes = kLargestFile;
  return limits;
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
  const std::string_view type = file_type(beginning.substr(0, kImageBeginning));
  return type == "png" || type == "jpeg" || type == "tiff" || type == "dicom" ? type : "";
}

Result<Picture> read_image(const std::string& name, std::uint64_t max_pixels) {
  const Key key = read_key(name);
  const Result<Beginning> beginning = read_beginning(key.path, kImageBeginning);
  if (!beginning) return beginning.error();
  const std::string_view format = image_format(beginning->bytes);
  if (format.empty()) return unknown_format(key.path);
  if (format == "dicom") {
    const Result<std::string> bytes = read_bytes(key.path, kLargestFile);
    if (!bytes) return bytes.error();
    Part other = key.part;
    other.frame.reset();
    if (!other.whole())
      return at(key.path, Error{"no-part", {}, "of a DICOM file a key names a frame here", "write #frame=1", ""});
    Result<Picture> picture = decode_dicom(*bytes, max_pixels, key.part.frame.value_or(1) - 1);
    if (!picture) return at(key.path, picture.error());
    return picture;
  }
  const Result<std::unique_ptr<PictureFile>> file = PictureFile::open(key.path, format, limits_of(max_pixels));
  if (!file) return file.error();
  Result<Image> image = (*file)->grey(key.part, {});
  if (!image) return image.error();
  Picture picture;
  picture.image = std::move(*image);
  picture.tags.format = format;
  return picture;
}

Result<Colours> read_colours(const std::string& name, std::uint64_t max_pixels) {
  const Key key = read_key(name);
  const Result<Beginning> beginning = read_beginning(key.path, kImageBeginning);
  if (!beginning) return beginning.error();
  const std::string_view format = image_format(beginning->bytes);
  if (format.empty()) return unknown_format(key.path);
  if (format == "dicom") {
    const Result<Picture> grey = read_image(name, max_pixels);
    if (!grey) return grey.error();
    Colours colours{grey->image.width, grey->image.height, {}};
    colours.rgb.reserve(grey->image.pixels.size() * 3);
    for (const float value : grey->image.pixels)
      colours.rgb.insert(colours.rgb.end(), 3, static_cast<std::uint8_t>(std::lround(value * 255.0f)));
    return colours;
  }
  const Result<std::unique_ptr<PictureFile>> file = PictureFile::open(key.path, format, limits_of(max_pixels));
  if (!file) return file.error();
  return (*file)->colours(key.part, {});
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
