// The module libtenfold_encoding.so: see encoding_module.h.
#include "media/documents/encoding_module.h"

#include <uchardet.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

namespace tenfold::media::documents {
namespace {

constexpr std::size_t kLooked = 1 << 20;  // bytes a guess is made from

/// UTF-16 of mostly Latin text has a zero in every second byte; uchardet does not look for it.
const char* wide(std::string_view bytes) {
  std::array<std::size_t, 2> zeros{};
  const std::size_t count = std::min<std::size_t>(bytes.size(), 4096);
  for (std::size_t i = 0; i < count; ++i) zeros[i % 2] += bytes[i] == '\0';
  if (count < 4) return nullptr;
  if (zeros[1] * 5 > count && zeros[0] * 20 < count) return "UTF-16LE";
  if (zeros[0] * 5 > count && zeros[1] * 20 < count) return "UTF-16BE";
  return nullptr;
}

std::string guessed(std::string_view bytes) {
  if (const char* charset = wide(bytes)) return charset;
  const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(uchardet_new(), uchardet_delete);
  if (uchardet_handle_data(detector.get(), bytes.data(), std::min(bytes.size(), kLooked)) != 0) return "windows-1252";
  uchardet_data_end(detector.get());
  std::string charset = uchardet_get_charset(detector.get());
  return charset.empty() ? "windows-1252" : charset;
}

/// What is labelled Latin-1 or ASCII is read as windows-1252, which has it in it (WHATWG Encoding Standard, 4.2).
std::string read_as(const std::string& charset) {
  std::string low = charset;
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* label : {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"})
    if (low == label) return "windows-1252";
  return charset;
}

bool convert(std::string_view bytes, const std::string& charset, std::string& utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open(charset.c_str(), &status), ucnv_close);
  if (U_FAILURE(status)) return false;
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  std::array<UChar, 16 * 1024> buffer;
  icu::UnicodeString held;  // a piece may end between two surrogates
  do {
    UChar* to = buffer.data();
    status = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &to, buffer.data() + buffer.size(), &from, end, nullptr, true, &status);
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) return false;
    held.append(buffer.data(), static_cast<std::int32_t>(to - buffer.data()));
    const bool cut = status == U_BUFFER_OVERFLOW_ERROR && !held.isEmpty() && U16_IS_LEAD(held[held.length() - 1]);
    const icu::UnicodeString piece = cut ? held.tempSubString(0, held.length() - 1) : held;
    piece.toUTF8String(utf8);
    held = cut ? held.tempSubString(held.length() - 1) : icu::UnicodeString();
  } while (status == U_BUFFER_OVERFLOW_ERROR);
  return true;
}

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_decode_text(std::string_view bytes, std::string& charset,
                                                                           std::string& utf8) {
  using namespace tenfold::media::documents;
  utf8.clear();
  utf8.reserve(bytes.size());
  if (!charset.empty()) {
    const std::string said = read_as(charset);
    if (convert(bytes, said, utf8)) return;
  }
  utf8.clear();
  charset = read_as(guessed(bytes));
  if (convert(bytes, charset, utf8)) return;
  utf8.clear();
  charset = "windows-1252";
  convert(bytes, charset, utf8);
}
