// What libtenfold_tesseract.so does: the words in a grey picture. Opened with the first document that may need it,
// because a worker may open no library later; the language's data is mapped then, and read when the first picture
// comes.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "media/documents/document.h"
#include "media/documents/layout.h"

namespace tenfold::media::documents {

struct Grey {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // [height, width], 0 = black
};

class Recogniser {
 public:
  virtual ~Recogniser() = default;
  /// The words, line by line, their boxes in pixels. Errors: no-recogniser, recognition-failed, too-slow.
  virtual Result<std::vector<PlacedWord>> words(const Grey& picture, double seconds) = 0;
};

/// What the module exports as "tenfold_open_recogniser". `model` is a file of Tesseract's (.traineddata) and outlives
/// it.
using OpenRecogniser = void (*)(std::string_view model, std::string_view language,
                                std::unique_ptr<Recogniser>& recogniser);

}  // namespace tenfold::media::documents
