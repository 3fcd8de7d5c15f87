// GDCM's codecs of compressed pictures, in a shared module that is opened at the first picture that needs it: its
// dictionaries cost 14 ms of every start otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenfold::media {

struct CodedFrame {
  std::uint32_t columns, rows, samples;
  std::uint32_t bits;  // of a sample in the stream
  bool is_signed;
  bool jpeg;  // lossy or lossless JPEG; else JPEG-LS or JPEG 2000
  const char* photometric;
  const char* transfer_syntax;
  std::string_view bytes;
};

/// What the module exports as "tenfold_gdcm_decode". False when the bytes are damaged or give another size.
using DecodeFrame = bool (*)(const CodedFrame& coded, char* out, std::size_t size);

}  // namespace tenfold::media
