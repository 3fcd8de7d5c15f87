// What libtenfold_encoding.so does: text in any encoding to UTF-8 (uchardet guesses, ICU converts). Opened when the
// first text is that is not UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace tenfold::media::documents {

/// What the module exports as "tenfold_decode_text". `charset` is what the text is said to be in, "" where nothing says
/// it, and afterwards what it was read as. What is no character of it becomes U+FFFD.
using DecodeText = void (*)(std::string_view bytes, std::string& charset, std::string& utf8);

}  // namespace tenfold::media::documents
