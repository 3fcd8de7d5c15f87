#include "media/images/picture_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>

#include "base/shared_module.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

Result<std::unique_ptr<TiffFile>> open_tiff(const std::string& path, const Limits& limits) {
  static const Result<void*> open = open_shared_module("libtenfold_tiff.so", "tenfold_tiff_open");
  if (!open)
    return Error{"no-codec",
                 {},
                 "TIFF files cannot be read: " + open.error().what,
                 "install tenfold again, or export the picture as PNG",
                 ""};
  Result<std::unique_ptr<TiffFile>> file{std::unique_ptr<TiffFile>()};
  reinterpret_cast<OpenTiff> (*open)(path, limits, file);
  return file;
}

/// The fewest eighths in which `have` pixels give `want`.
std::uint32_t eighths(std::uint32_t have, std::uint32_t want) {
  if (want == 0 || want >= have) return 8;
  return static_cast<std::uint32_t>((std::uint64_t{want} * 8 + have - 1) / have);
}

}  // namespace

Error PictureFile::at(Error error) const {
  error.place.file = path_;
  return error;
}

Result<std::unique_ptr<PictureFile>> PictureFile::open(const std::string& path, std::string_view format,
                                                       const Limits& limits) {
  const Result<Beginning> beginning = read_beginning(path, 16);  // says what is no file
  if (!beginning) return beginning.error();
  std::unique_ptr<PictureFile> picture(new PictureFile);
  picture->path_ = path;
  picture->format_ = format;
  picture->limits_ = limits;
  if (beginning->file_size > limits.file_bytes)
    return picture->at({"file-too-large",
                        {},
                        "the file has " + std::to_string(beginning->file_size) + " bytes, more than " +
                            std::to_string(limits.file_bytes),
                        "raise the limit if the file is real",
                        ""});
  if (format == "tiff") {
    Result<std::unique_ptr<TiffFile>> tiff = open_tiff(path, limits);
    if (!tiff) return picture->at(tiff.error());
    picture->tiff_ = std::move(*tiff);
    return picture;
  }
  picture->file_.reset(std::fopen(path.c_str(), "rb"));
  if (!picture->file_)
    return picture->at({"unreadable-file", {}, "the file cannot be opened", "check who may read it", ""});
  const Result<RasterHeader> header =
      format == "png" ? png_header(picture->file_.get(), limits) : jpeg_header(picture->file_.get(), limits);
  if (!header) return picture->at(header.error());
  picture->header_ = *header;
  return picture;
}

Result<RasterHeader> PictureFile::header(std::uint32_t page) {
  if (page == 0 || page > pages())
    return at({"no-page",
               {},
               "there is no page " + std::to_string(page) + " of " + std::to_string(pages()),
               "pages are counted from 1",
               ""});
  if (!tiff_) return header_;
  Result<RasterHeader> header = tiff_->header(page);
  if (!header) return at(header.error());
  return header;
}

Cut PictureFile::shown(const RasterHeader& header) {
  if (header.orientation >= 5) return {0, 0, header.height, header.width};
  return {0, 0, header.width, header.height};
}

Result<Cut> PictureFile::region(const Part& part) {
  if (part.frame || part.t || part.chars)
    return at({"no-such-part",
               {},
               "a picture has pages and boxes, and neither frames, times nor characters",
               "ask about it with #page= or #xywh=",
               ""});
  const Result<RasterHeader> header = this->header(part.page.value_or(1));
  if (!header) return header.error();
  const Cut whole = shown(*header);
  if (!part.box) return whole;
  const auto corner = [](double value, std::uint32_t most) {
    return static_cast<std::uint32_t>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  const Box& box = *part.box;
  Cut cut{corner(std::floor(box.x), whole.width), corner(std::floor(box.y), whole.height), 0, 0};
  cut.width = corner(std::ceil(box.x + box.width), whole.width) - cut.x;
  cut.height = corner(std::ceil(box.y + box.height), whole.height) - cut.y;
  if (cut.width == 0 || cut.height == 0)
    return at({"outside-picture",
               {},
               "the box lies outside the picture of " + std::to_string(whole.width) + "x" +
                   std::to_string(whole.height) + " pixels",
               "boxes count in pixels of the picture as it is shown",
               ""});
  return cut;
}

Result<Canvas> PictureFile::decode(const Part& part, PictureSize size, bool in_colour) {
  const Result<Cut> cut = region(part);
  if (!cut) return cut.error();
  const std::uint32_t page = part.page.value_or(1);
  const Result<RasterHeader> header = this->header(page);
  if (!header) return header.error();
  const Cut stored = stored_cut(*header, *cut);
  Canvas canvas;
  canvas.in_colour = in_colour;
  std::uint32_t parts = 8;
  if (size.width > 0 || size.height > 0)
    parts = std::max(size.width > 0 ? eighths(cut->width, size.width) : 1,
                     size.height > 0 ? eighths(cut->height, size.height) : 1);
  const Status status = tiff_               ? tiff_->decode(page, stored, canvas)
                        : format_ == "jpeg" ? decode_jpeg(file_.get(), stored, parts, limits_, canvas)
                                            : decode_png(file_.get(), stored, limits_, canvas);
  if (!status) return at(status.error());
  decoded_ += canvas.decoded;
  try {
    if (in_colour)
      turn(canvas.colours, header->orientation);
    else
      turn(canvas.image, header->orientation);
  } catch (const std::bad_alloc&) {
    return at(picture_failure("out-of-memory", "no memory to turn the picture"));
  }
  return canvas;
}

Result<Image> PictureFile::grey(const Part& part, PictureSize size) {
  Result<Canvas> canvas = decode(part, size, false);
  if (!canvas) return canvas.error();
  return std::move(canvas->image);
}

Result<Colours> PictureFile::colours(const Part& part, PictureSize size) {
  Result<Canvas> canvas = decode(part, size, true);
  if (!canvas) return canvas.error();
  return std::move(canvas->colours);
}

}  // namespace tenfold::media
