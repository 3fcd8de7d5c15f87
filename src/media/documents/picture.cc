// A picture of a page: PNG or JPEG. All its text is recognised.
#include <algorithm>
#include <cmath>

#include "media/documents/document.h"
#include "media/documents/ocr.h"
#include "media/raster.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

class PagePicture : public Source {
 public:
  PagePicture(std::string bytes, bool png, const Limits& limits)
      : bytes_(std::move(bytes)), png_(png), limits_(limits), recogniser_(open_recogniser()) {}

  std::uint32_t pages() const override { return 1; }
  Result<Properties> properties() override { return Properties{}; }

  Result<PageSize> size(std::uint32_t) override {
    if (const Status status = decode(); !status) return status.error();
    return PageSize{static_cast<double>(picture_.width), static_cast<double>(picture_.height)};
  }

  Result<Page> read(std::uint32_t) override {
    if (const Status status = decode(); !status) return status.error();
    if (!recogniser_) return recogniser_.error();
    Result<std::vector<PlacedWord>> words = (*recogniser_)->words(to_grey(picture_), limits_.seconds);
    if (!words) return words.error();
    Page page = lay_out(std::move(*words), {static_cast<double>(picture_.width), static_cast<double>(picture_.height)});
    page.text_layer = false;
    return page;
  }

  Result<Colours> picture(std::uint32_t, const std::optional<Box>& box, PictureSize) override {
    if (const Status status = decode(); !status) return status.error();
    if (!box) return picture_;
    const double width = picture_.width, height = picture_.height;
    const auto x = static_cast<std::uint32_t>(std::clamp(std::floor(box->x), 0.0, width));
    const auto y = static_cast<std::uint32_t>(std::clamp(std::floor(box->y), 0.0, height));
    const auto right = static_cast<std::uint32_t>(std::clamp(std::ceil(box->x + box->width), 0.0, width));
    const auto bottom = static_cast<std::uint32_t>(std::clamp(std::ceil(box->y + box->height), 0.0, height));
    if (x >= right || y >= bottom)
      return document_error("outside-page", "the box lies outside the picture",
                            "see page(key, n, part, width, height)");
    Colours out{right - x, bottom - y, {}};
    for (std::uint32_t row = y; row < bottom; ++row) {
      const auto from = picture_.rgb.begin() + 3 * (std::ptrdiff_t{row} * picture_.width + x);
      out.rgb.insert(out.rgb.end(), from, from + 3 * std::ptrdiff_t{out.width});
    }
    return out;
  }

 private:
  Status decode() {
    if (!picture_.rgb.empty()) return {};
    const std::uint64_t pixels = std::min(limits_.pixels, limits_.decoded_pixels);
    Result<Colours> picture = png_ ? decode_png_colours(bytes_, pixels) : decode_jpeg_colours(bytes_, pixels);
    if (!picture) return picture.error();
    picture_ = std::move(*picture);
    return {};
  }

  std::string bytes_;
  bool png_;
  Limits limits_;
  Result<std::unique_ptr<Recogniser>> recogniser_;
  Colours picture_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_picture(Input input, bool png, const Opening& opening) {
  if (!input.path.empty()) {
    Result<std::string> bytes =
        read_bytes(input.path, std::min(opening.limits.file_bytes, opening.limits.memory_bytes / 2));
    if (!bytes) return bytes.error();
    input.bytes = std::move(*bytes);
  }
  return std::unique_ptr<Source>(std::make_unique<PagePicture>(std::move(input.bytes), png, opening.limits));
}

}  // namespace tenfold::media::documents
