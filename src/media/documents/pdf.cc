#include <algorithm>
#include <cmath>

#include "base/shared_module.h"
#include "media/documents/document.h"
#include "media/documents/layout.h"
#include "media/documents/pdf_module.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

constexpr double kPointsPerInch = 72.0;
constexpr double kScreen = 150.0;  // dots per inch of a page that is asked for at no size
// ISO 32000-2, table 31: a page's sides are 3 to 14,400 units unless UserUnit says more; larger is no page.
constexpr double kLongestSide = 200.0 * 14'400.0;

class Pdf : public Source {
 public:
  Pdf(std::unique_ptr<PdfFile> file, const Limits& limits) : file_(std::move(file)), limits_(limits) {}

  std::uint32_t pages() const override { return file_->pages(); }
  Result<Properties> properties() override { return file_->properties(); }

  Result<PageSize> size(std::uint32_t page) override {
    const PageSize size = file_->size(page);
    if (!(size.width > 0.0) || !(size.height > 0.0) || size.width > kLongestSide || size.height > kLongestSide)
      return document_error("damaged-pdf", "page " + std::to_string(page) + " has no size that a page can have",
                            "export the file again");
    return size;
  }

  Result<Page> read(std::uint32_t page) override {
    const Result<PageSize> room = size(page);
    if (!room) return room.error();
    Result<std::vector<PlacedWord>> words = file_->words(page);
    if (!words) return words.error();
    return lay_out(std::move(*words), *room);
  }

  Result<Colours> picture(std::uint32_t page, const std::optional<Box>& box, PictureSize wanted) override {
    const Result<PageSize> room = size(page);
    if (!room) return room.error();
    Box part{0.0, 0.0, room->width, room->height};
    if (box) {
      const double x = std::min(box->x, room->width), y = std::min(box->y, room->height);
      part = {x, y, std::min(box->width, room->width - x), std::min(box->height, room->height - y)};
    }
    if (!(part.width > 0.0) || !(part.height > 0.0))
      return document_error("outside-page", "the box lies outside the page", "see page(key, n, part, width, height)");
    double dots = kScreen;
    if (wanted.width > 0 || wanted.height > 0)
      dots = std::max(wanted.width / part.width, wanted.height / part.height) * kPointsPerInch;
    const double scale = dots / kPointsPerInch;
    const double pixels = std::ceil(part.width * scale) * std::ceil(part.height * scale);
    if (pixels > static_cast<double>(limits_.decoded_pixels) || room->width * scale > 1e8 || room->height * scale > 1e8)
      return document_error("picture-too-large",
                            "page " + std::to_string(page) + " would have " +
                                std::to_string(static_cast<std::uint64_t>(pixels)) + " pixels, more than " +
                                std::to_string(limits_.decoded_pixels),
                            "ask for it smaller, or for a part of it");
    PdfFile::Pixels rectangle{std::llround(part.x * scale), std::llround(part.y * scale),
                              std::max(1ll, std::llround(part.width * scale)),
                              std::max(1ll, std::llround(part.height * scale))};
    return file_->render(page, dots, rectangle);
  }

 private:
  std::unique_ptr<PdfFile> file_;
  Limits limits_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_pdf(Input input, const Opening& opening) {
  static const Result<void*> module = open_shared_module("libtenfold_poppler.so", "tenfold_open_pdf");
  if (!module) return module.error();
  if (!input.path.empty()) {
    const Result<Beginning> beginning = read_beginning(input.path, 1);
    if (!beginning) return beginning.error();
    if (beginning->file_size > opening.limits.file_bytes)
      return document_error("file-too-large",
                            "the file has " + std::to_string(beginning->file_size) + " bytes, more than " +
                                std::to_string(opening.limits.file_bytes),
                            "give a smaller file");
  }
  std::unique_ptr<PdfFile> file;
  Error error;
  reinterpret_cast<OpenPdf> (*module)(input, file, error);
  if (!file) return error;
  if (file->pages() > opening.limits.pages)
    return document_error("too-many-pages",
                          "the document has " + std::to_string(file->pages()) + " pages, more than " +
                              std::to_string(opening.limits.pages),
                          "divide it");
  return std::unique_ptr<Source>(std::make_unique<Pdf>(std::move(file), opening.limits));
}

}  // namespace tenfold::media::documents
