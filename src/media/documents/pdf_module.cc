// The module libtenfold_poppler.so: see pdf_module.h.
#include "media/documents/pdf_module.h"

#include <poppler-document.h>
#include <poppler-embedded-file.h>
#include <poppler-image.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tenfold::media::documents {
namespace {

std::string utf8(const poppler::ustring& text) {
  const poppler::byte_array bytes = text.to_utf8();
  return {bytes.data(), bytes.size()};
}

/// Poppler's own conversion stops at what is no UTF-16; a damaged title is no reason to fail.
std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ' || text.back() == '\n')) text.pop_back();
  return text;
}

bool is_bold(const std::string& font) {
  for (const char* weight : {"Bold", "bold", "BOLD", "Black", "Heavy", "Semibold", "Demi"})
    if (font.find(weight) != std::string::npos) return true;
  return false;
}

class PopplerFile : public PdfFile {
 public:
  PopplerFile(std::string bytes, std::unique_ptr<poppler::document> document)
      : bytes_(std::move(bytes)), document_(std::move(document)) {}

  std::uint32_t pages() const override { return static_cast<std::uint32_t>(std::max(0, document_->pages())); }

  Properties properties() const override {
    Properties out;
    out.title = trimmed(utf8(document_->get_title()));
    const auto add = [&](const char* name, const poppler::ustring& value) {
      if (std::string text = trimmed(utf8(value)); !text.empty()) out.fields.emplace_back(name, std::move(text));
    };
    add("title", document_->get_title());
    add("author", document_->get_author());
    add("subject", document_->get_subject());
    add("keywords", document_->get_keywords());
    add("creator", document_->get_creator());
    add("producer", document_->get_producer());
    const auto date = [&](const char* name, time_t seconds) {
      if (seconds > 0) out.dates.emplace_back(name, std::int64_t{seconds} * 1'000'000);
    };
    date("created", document_->get_creation_date_t());
    date("modified", document_->get_modification_date_t());
    return out;
  }

  PageSize size(std::uint32_t page) override {
    const poppler::page* one = get(page);
    if (!one) return {};
    const poppler::rectf box = one->page_rect(poppler::crop_box);
    const auto turned = one->orientation();
    if (turned == poppler::page::landscape || turned == poppler::page::seascape) return {box.height(), box.width()};
    return {box.width(), box.height()};
  }

  Result<std::vector<PlacedWord>> words(std::uint32_t page) override {
    const poppler::page* one = get(page);
    if (!one) return missing(page);
    std::vector<PlacedWord> out;
    bool glued = false;
    for (const poppler::text_box& box : one->text_list(poppler::page::text_list_include_font)) {
      PlacedWord word;
      word.text = utf8(box.text());
      const poppler::rectf place = box.bbox();
      word.box = {place.x(), place.y(), place.width(), place.height()};
      word.size = box.has_font_info() ? box.get_font_size() : place.height();
      word.bold = box.has_font_info() && is_bold(box.get_font_name(0));
      word.upright = box.rotation() == 0;
      word.glued = glued;
      glued = !box.has_space_after();
      if (!word.text.empty()) out.push_back(std::move(word));
    }
    return out;
  }

  Result<Colours> render(std::uint32_t page, double dots_per_inch, const Pixels& part) override {
    const poppler::page* one = get(page);
    if (!one) return missing(page);
    poppler::page_renderer renderer;
    renderer.set_render_hints(poppler::page_renderer::antialiasing | poppler::page_renderer::text_antialiasing |
                              poppler::page_renderer::text_hinting);
    renderer.set_image_format(poppler::image::format_rgb24);
    const poppler::image image =
        renderer.render_page(one, dots_per_inch, dots_per_inch, static_cast<int>(part.x), static_cast<int>(part.y),
                             static_cast<int>(part.width), static_cast<int>(part.height), poppler::rotate_0);
    if (!image.is_valid() || image.width() != part.width || image.height() != part.height)
      return Error{"damaged-pdf", {}, "page " + std::to_string(page) + " cannot be drawn", "export the file again", ""};
    Colours out{static_cast<std::uint32_t>(part.width), static_cast<std::uint32_t>(part.height), {}};
    const std::size_t row = static_cast<std::size_t>(part.width) * 3;
    out.rgb.resize(row * static_cast<std::size_t>(part.height));
    for (std::int64_t y = 0; y < part.height; ++y)
      std::memcpy(out.rgb.data() + static_cast<std::size_t>(y) * row, image.const_data() + y * image.bytes_per_row(),
                  row);
    return out;
  }

 private:
  /// The page asked for last stays: its size, words and pixels are often asked for together.
  const poppler::page* get(std::uint32_t page) {
    if (page != number_) {
      number_ = page;
      page_.reset(document_->create_page(static_cast<int>(page) - 1));
    }
    return page_.get();
  }

  static Error missing(std::uint32_t page) {
    return Error{"damaged-pdf", {}, "page " + std::to_string(page) + " cannot be read", "export the file again", ""};
  }

  std::string bytes_;  // the document reads from it
  std::unique_ptr<poppler::document> document_;
  std::unique_ptr<poppler::page> page_;
  std::uint32_t number_ = 0;
};

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_open_pdf(
    tenfold::media::documents::Input& input, std::unique_ptr<tenfold::media::documents::PdfFile>& pdf,
    tenfold::Error& error) {
  using namespace tenfold::media::documents;
  // Poppler reports to stderr by default; what concerns a caller comes back as an Error.
  static const bool silenced = [] {
    poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
    return true;
  }();
  static_cast<void>(silenced);
  if (input.bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    error = {"file-too-large", {}, "a PDF inside another file has more than 2 GB", "give it as a file of its own", ""};
    return;
  }
  std::unique_ptr<poppler::document> document(
      input.path.empty()
          ? poppler::document::load_from_raw_data(input.bytes.data(), static_cast<int>(input.bytes.size()))
          : poppler::document::load_from_file(input.path));
  if (!document) {
    error = {"damaged-pdf",
             {},
             "the PDF is damaged or cut off: it has no catalogue of pages",
             "copy or export it again",
             ""};
    return;
  }
  if (document->is_locked()) {
    error = {"encrypted-pdf", {}, "the PDF is encrypted and asks for a password", "save it without a password", ""};
    return;
  }
  if (document->pages() <= 0) {
    error = {"damaged-pdf", {}, "the PDF has no pages", "copy or export it again", ""};
    return;
  }
  pdf = std::make_unique<PopplerFile>(std::move(input.bytes), std::move(document));
}
