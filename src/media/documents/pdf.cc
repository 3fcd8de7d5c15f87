#include <algorithm>
#include <cmath>

#include "base/shared_module.h"
#include "base/utf8.h"
#include "media/documents/document.h"
#include "media/documents/layout.h"
#include "media/documents/ocr.h"
#include "media/documents/pdf_module.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

constexpr double kPointsPerInch = 72.0;
constexpr double kScreen = 150.0;  // dots per inch of a page that is asked for at no size
// ISO 32000-2, table 31: a page's sides are 3 to 14,400 units unless UserUnit says more; larger is no page.
constexpr double kLongestSide = 200.0 * 14'400.0;

// A page of fewer letters may be a scan with a stamp: it is drawn small and looked at.
constexpr std::size_t kFewLetters = 200;
constexpr double kLook = 50.0;         // dots per inch
constexpr double kInk = 0.003;         // of the page, dark and outside of the words it has
constexpr double kRecognised = 300.0;  // dots per inch that Tesseract was made for

class Pdf : public Source {
 public:
  Pdf(std::unique_ptr<PdfFile> file, const Limits& limits)
      : file_(std::move(file)), limits_(limits), recogniser_(open_recogniser()) {}

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
    const bool empty = words->empty();
    if (letters(*words) < kFewLetters && shows_more(page, *room, *words)) {
      if (const Status status = recognise(page, *room, *words); !status) return status.error();
    }
    Page out = lay_out(std::move(*words), *room);
    out.text_layer = !empty || out.words.empty();
    return out;
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
  static std::size_t letters(const std::vector<PlacedWord>& words) {
    std::size_t count = 0;
    for (const PlacedWord& word : words) count += count_scalars(word.text);
    return count;
  }

  /// The whole page, as large as it may be.
  Result<Colours> draw(std::uint32_t page, const PageSize& size, double dots) {
    const double most = static_cast<double>(std::min<std::uint64_t>(limits_.decoded_pixels, kMostRecognised));
    dots = std::min(dots, kPointsPerInch * std::sqrt(most / (size.width * size.height)));
    const double scale = dots / kPointsPerInch;
    return file_->render(page, dots,
                         {0, 0, std::max(1ll, static_cast<long long>(size.width * scale)),
                          std::max(1ll, static_cast<long long>(size.height * scale))});
  }

  /// Whether there is ink on the page beside the words that the file gives.
  bool shows_more(std::uint32_t page, const PageSize& size, const std::vector<PlacedWord>& words) {
    const Result<Colours> drawn = draw(page, size, kLook);
    if (!drawn) return false;
    Grey grey = to_grey(*drawn);
    const double x = grey.width / size.width, y = grey.height / size.height;
    for (const PlacedWord& word : words) {
      const auto clamp = [](double value, std::uint32_t most) {
        return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(most)));
      };
      for (std::size_t row = clamp(word.box.y * y, grey.height);
           row < clamp((word.box.y + word.box.height) * y + 1, grey.height); ++row)
        for (std::size_t i = clamp(word.box.x * x, grey.width);
             i < clamp((word.box.x + word.box.width) * x + 1, grey.width); ++i)
          grey.pixels[row * grey.width + i] = 255;
    }
    const auto dark = std::count_if(grey.pixels.begin(), grey.pixels.end(), [](std::uint8_t p) { return p < 160; });
    return static_cast<double>(dark) > kInk * static_cast<double>(grey.pixels.size());
  }

  /// Adds what is recognised where the file has no word.
  Status recognise(std::uint32_t page, const PageSize& size, std::vector<PlacedWord>& words) {
    if (!recogniser_) return recogniser_.error();
    const Result<Colours> drawn = draw(page, size, kRecognised);
    if (!drawn) return drawn.error();
    Result<std::vector<PlacedWord>> seen = (*recogniser_)->words(to_grey(*drawn), limits_.seconds);
    if (!seen) return seen.error();
    const double scale = size.width / drawn->width;
    const std::size_t given = words.size();
    for (PlacedWord& word : *seen) {
      word.box = {word.box.x * scale, word.box.y * scale, word.box.width * scale, word.box.height * scale};
      word.size *= scale;
      const double x = word.box.x + word.box.width / 2, y = word.box.y + word.box.height / 2;
      const auto covers = [&](const PlacedWord& one) {
        return x >= one.box.x && x <= one.box.x + one.box.width && y >= one.box.y && y <= one.box.y + one.box.height;
      };
      if (std::none_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(given), covers))
        words.push_back(std::move(word));
    }
    return {};
  }

  static constexpr std::uint64_t kMostRecognised = 25'000'000;  // pixels of a page that is recognised: A3 at 300 dpi
  std::unique_ptr<PdfFile> file_;
  Limits limits_;
  Result<std::unique_ptr<Recogniser>> recogniser_;
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
