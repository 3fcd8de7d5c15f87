// What libtenfold_poppler.so does: opens a PDF, gives a page's words and its pixels. Opened when the first PDF is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "media/documents/document.h"
#include "media/documents/layout.h"

namespace tenfold::media::documents {

class PdfFile {
 public:
  virtual ~PdfFile() = default;
  virtual std::uint32_t pages() const = 0;
  virtual Properties properties() const = 0;
  /// As shown, that is turned as the page says. Empty where the file's page tree has no such page.
  virtual PageSize size(std::uint32_t page) = 0;
  virtual Result<std::vector<PlacedWord>> words(std::uint32_t page) = 0;
  /// A rectangle of pixels of the page at `dots_per_inch`.
  struct Pixels {
    std::int64_t x, y, width, height;
  };
  virtual Result<Colours> render(std::uint32_t page, double dots_per_inch, const Pixels& part) = 0;
};

/// What the module exports as "tenfold_open_pdf". Errors: damaged-pdf, encrypted-pdf.
using OpenPdf = void (*)(Input& input, std::unique_ptr<PdfFile>& pdf, Error& error);

}  // namespace tenfold::media::documents
