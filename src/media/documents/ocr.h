// Recognition of text in pixels: by Tesseract, in a module of its own (ocr_module.h).
#pragma once

#include <memory>

#include "media/documents/ocr_module.h"

namespace tenfold::media::documents {

/// A recogniser for one document. Errors: no-module, no-recogniser (the language's data is not installed).
Result<std::unique_ptr<Recogniser>> open_recogniser();

Grey to_grey(const Colours& picture);

}  // namespace tenfold::media::documents
