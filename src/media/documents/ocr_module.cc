// The module libtenfold_tesseract.so: see ocr_module.h.
#include "media/documents/ocr_module.h"

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

namespace tenfold::media::documents {
namespace {

struct PixCloser {
  void operator()(PIX* pix) const { pixDestroy(&pix); }
};
using Picture = std::unique_ptr<PIX, PixCloser>;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Picture to_pix(const Grey& grey) {
  Picture pix(pixCreate(static_cast<l_int32>(grey.width), static_cast<l_int32>(grey.height), 8));
  if (!pix) return nullptr;
  const l_int32 words = pixGetWpl(pix.get());
  l_uint32* data = pixGetData(pix.get());
  for (std::uint32_t y = 0; y < grey.height; ++y) {
    l_uint32* line = data + std::size_t{y} * static_cast<std::size_t>(words);
    const std::uint8_t* from = grey.pixels.data() + std::size_t{y} * grey.width;
    for (std::uint32_t x = 0; x < grey.width; ++x) SET_DATA_BYTE(line, x, from[x]);
  }
  return pix;
}

/// How high most letters are, in pixels; 0 where there are none.
double letter_height(PIX* grey) {
  PIX* binary = nullptr;
  if (pixOtsuAdaptiveThreshold(grey, 256, 256, 0, 0, 0.1f, nullptr, &binary) != 0 || !binary) return 0.0;
  const Picture holder(binary);
  BOXA* boxes = pixConnCompBB(binary, 8);
  std::vector<l_int32> heights;
  for (l_int32 i = 0; boxes && i < boxaGetCount(boxes); ++i) {
    l_int32 x, y, width, height;
    boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
    if (height >= 5 && height <= 120 && width >= 2 && width <= 4 * height) heights.push_back(height);
  }
  boxaDestroy(&boxes);
  if (heights.size() < 10) return 0.0;
  const auto half = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), half, heights.end());
  return *half;
}

struct Budget {
  double until;
};

bool past(void* budget, int) { return cpu_seconds() > static_cast<Budget*>(budget)->until; }

class Tesseract : public Recogniser {
 public:
  Tesseract(std::string_view model, std::string_view language) : model_(model), language_(language) {}

  Result<std::vector<PlacedWord>> words(const Grey& grey, double seconds) override {
    if (const Status status = begin(); !status) return status.error();
    Picture pix = to_pix(grey);
    if (!pix) return Error{"out-of-memory", {}, "no memory for the picture of a page", "give a smaller picture", ""};
    const double scale = enlargement(pix.get());
    if (scale > 1.0) {
      pix.reset(pixScale(pix.get(), static_cast<float>(scale), static_cast<float>(scale)));
      if (!pix) return Error{"out-of-memory", {}, "no memory for the picture of a page", "give a smaller picture", ""};
    }
    api_->SetImage(pix.get());
    api_->SetSourceResolution(300);
    Budget budget{cpu_seconds() + seconds};
    tesseract::ETEXT_DESC monitor;
    monitor.cancel = past;
    monitor.cancel_this = &budget;
    const int failed = api_->Recognize(&monitor);
    if (past(&budget, 0))
      return Error{"too-slow",
                   {},
                   "recognising a page took more than " + std::to_string(static_cast<int>(seconds)) + " s of CPU time",
                   "give a smaller picture",
                   ""};
    if (failed != 0) return Error{"recognition-failed", {}, "the recogniser gave up on the page", "scan it again", ""};
    std::vector<PlacedWord> out = collect(scale);
    api_->Clear();
    return out;
  }

 private:
  Status begin() {
    if (api_) return {};
    auto api = std::make_unique<tesseract::TessBaseAPI>();
    // Its own threads would work for every document at once; those of the program divide the pages.
    if (api->Init(model_.data(), static_cast<int>(model_.size()), language_.c_str(), tesseract::OEM_LSTM_ONLY, nullptr,
                  0, nullptr, nullptr, false, nullptr) != 0)
      return Error{
          "no-recogniser", {}, "the data of the recogniser cannot be read", "install tesseract-ocr-eng again", ""};
    api->SetVariable("debug_file", "/dev/null");
    api->SetPageSegMode(tesseract::PSM_AUTO);
    api_ = std::move(api);
    return {};
  }

  /// Letters of a scan at 300 dpi are 20 to 30 pixels high; Tesseract misses many that are smaller.
  static double enlargement(PIX* pix) {
    const double height = letter_height(pix);
    if (height <= 0.0) return 1.0;
    const double pixels = static_cast<double>(pixGetWidth(pix)) * pixGetHeight(pix);
    return std::clamp(std::min(kLetter / height, std::sqrt(kPixels / pixels)), 1.0, 4.0);
  }

  std::vector<PlacedWord> collect(double scale) {
    std::vector<PlacedWord> out;
    const std::unique_ptr<tesseract::ResultIterator> it(api_->GetIterator());
    if (!it) return out;
    do {
      const std::unique_ptr<char[]> text(it->GetUTF8Text(tesseract::RIL_WORD));
      int left, top, right, bottom;
      if (!text || !it->BoundingBox(tesseract::RIL_WORD, &left, &top, &right, &bottom)) continue;
      PlacedWord word;
      for (const char* c = text.get(); *c; ++c)
        if (*c != ' ' && *c != '\n') word.text += *c;
      if (word.text.empty()) continue;
      word.box = {left / scale, top / scale, (right - left) / scale, (bottom - top) / scale};
      float height = 0.0f, descenders = 0.0f, ascenders = 0.0f;
      it->RowAttributes(&height, &descenders, &ascenders);
      word.size = (height > 0.0f ? height : static_cast<float>(bottom - top)) / scale;
      word.confidence = std::clamp(it->Confidence(tesseract::RIL_WORD) / 100.0f, 0.0f, 1.0f);
      out.push_back(std::move(word));
    } while (it->Next(tesseract::RIL_WORD));
    return out;
  }

  static constexpr double kLetter = 24.0, kPixels = 25e6;
  std::string_view model_;
  std::string language_;
  std::unique_ptr<tesseract::TessBaseAPI> api_;
};

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_open_recogniser(
    std::string_view model, std::string_view language,
    std::unique_ptr<tenfold::media::documents::Recogniser>& recogniser) {
  setMsgSeverity(L_SEVERITY_NONE);  // what concerns a caller comes back as an Error
  recogniser = std::make_unique<tenfold::media::documents::Tesseract>(model, language);
}
