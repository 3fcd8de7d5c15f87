// A picture as a text that JSON can hold.
#pragma once

#include <string>

#include "neural/preprocess.h"

namespace tenfold::neural {

/// "data:image/png;base64,…": the pixels and nothing else, so that what a camera noted beside them (where it was, when)
/// stays here. Empty where the picture has no size or another than its pixels.
std::string data_url(const ColourPicture& picture);

}  // namespace tenfold::neural
