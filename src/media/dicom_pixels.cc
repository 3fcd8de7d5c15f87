#include "media/dicom_pixels.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/shared_module.h"
#include "media/codestream.h"
#include "media/gdcm_codec.h"
#include "media/raster.h"

namespace tenfold::media {

Error dicom_error(std::string code, std::string what, std::string hint) {
  Error error;
  error.code = std::move(code);
  error.what = std::move(what);
  error.hint = std::move(hint);
  return error;
}

namespace {

constexpr std::string_view kPrefix = "1.2.840.10008.1.2";
constexpr std::string_view kRle = "1.2.840.10008.1.2.5";

/// The compressed transfer syntaxes that are decoded, by the end of their UID.
bool compressed(std::string_view uid) {
  if (!uid.starts_with(kPrefix)) return false;
  for (const std::string_view tail : {".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81", ".4.90", ".4.91"}) {
    if (uid.substr(kPrefix.size()) == tail) return true;
  }
  return false;
}

bool native(std::string_view uid) {
  return uid == kPrefix || uid == "1.2.840.10008.1.2.1" || uid == "1.2.840.10008.1.2.2" || uid == "1.2.840.113619.5.2";
}

std::string described(const DicomHeader& header) {
  return (header.tags.modality.empty() ? std::string("no modality") : "modality " + header.tags.modality) +
         ", SOP class " + (header.sop_class.empty() ? "none" : header.sop_class);
}

// Of frames that are not compressed.
std::uint64_t native_bytes(const DicomHeader& header, std::uint64_t frames) {
  const std::uint64_t samples = std::uint64_t{header.rows} * header.columns * header.samples;
  return (frames * samples * header.bits_allocated + 7) / 8;
}

std::string size_text(std::uint32_t columns, std::uint32_t rows, std::uint32_t samples) {
  return std::to_string(columns) + "x" + std::to_string(rows) + "x" + std::to_string(samples);
}

Error bad_format(const DicomHeader& header) {
  return dicom_error("unsupported-pixels",
                     header.photometric + " pixels of " + std::to_string(header.samples) + " samples, " +
                         std::to_string(header.bits_stored) + " of " + std::to_string(header.bits_allocated) + " bits",
                     "export the image as MONOCHROME2 or RGB with 8 or 16 bits");
}

/// Photometric interpretations that are understood, and the form of pixel that goes with them.
bool usual_format(const DicomHeader& header) {
  const std::string_view photometric = header.photometric;
  const std::uint32_t bits = header.bits_allocated;
  if ((bits != 1 && bits != 8 && bits != 16 && bits != 32) || header.bits_stored == 0 || header.bits_stored > bits ||
      header.high_bit >= bits || header.high_bit + 1 < header.bits_stored) {
    return false;
  }
  if (photometric == "MONOCHROME1" || photometric == "MONOCHROME2") return header.samples == 1;
  if (photometric == "PALETTE COLOR") {
    const auto missing = [](const DicomPalette& p) { return p.entries == 0 || p.length == 0; };
    return header.samples == 1 && bits >= 8 && bits <= 16 &&
           std::none_of(std::begin(header.palette), std::end(header.palette), missing);
  }
  const bool colour = photometric == "RGB" || photometric == "YBR_FULL" || photometric == "YBR_ICT" ||
                      photometric == "YBR_RCT" || (photometric == "YBR_FULL_422" && header.pixels.encapsulated);
  return colour && header.samples == 3 && bits >= 8;
}

// There is as much as `frames` frames need, however many a header claims.
Status check_frames(const DicomHeader& header, std::uint64_t frames) {
  const std::uint64_t frame_bits = std::uint64_t{header.rows} * header.columns * header.samples * header.bits_allocated;
  if (frames <= header.pixels.length * 8 / frame_bits) return {};
  return dicom_error("truncated-dicom",
                     "a frame needs " + std::to_string(native_bytes(header, 1)) + " bytes of pixels, and there are " +
                         std::to_string(header.pixels.length) +
                         (frames == 1 ? "" : " for " + std::to_string(frames) + " frames"),
                     "the header lies or the file was cut off: export it again");
}

Status check_native(const DicomHeader& header) {
  if (header.pixels.encapsulated) {
    return dicom_error("malformed-dicom", "the pixels are compressed, but the transfer syntax says they are not",
                       "export the image again");
  }
  return check_frames(header, 1);
}

/// The fragments that make up a frame, as first and one past the last; nothing if that cannot be told.
std::optional<std::pair<std::size_t, std::size_t>> fragments_of(const DicomHeader& header, std::uint32_t frame) {
  const DicomPixels& pixels = header.pixels;
  const std::size_t frames = header.tags.frames;
  if (frames <= 1) return std::pair(std::size_t{0}, pixels.fragments.size());
  if (pixels.fragments.size() == frames) return std::pair<std::size_t, std::size_t>(frame, frame + 1);
  if (pixels.frame_offsets.size() < frames) return std::nullopt;
  // Offsets count from the first item after the table.
  const auto at = [&](std::size_t offset) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < pixels.fragments.size(); ++i)
      if (pixels.fragments[i].offset - pixels.fragments[0].offset == offset) return i;
    return std::nullopt;
  };
  const auto first = at(pixels.frame_offsets[frame]);
  const auto last = frame + 1 < frames ? at(pixels.frame_offsets[frame + 1]) : pixels.fragments.size();
  if (!first || !last || *last <= *first) return std::nullopt;
  return std::pair(*first, *last);
}

/// A compressed frame: most often one fragment, else several put together in `joined`.
Result<std::string_view> coded_frame(const DicomHeader& header, std::string_view file, std::uint32_t frame,
                                     std::string& joined) {
  const auto fragments = fragments_of(header, frame);
  if (!fragments) {
    return dicom_error("unsupported-pixels",
                       std::to_string(header.pixels.fragments.size()) + " fragments and no offsets for " +
                           std::to_string(header.tags.frames) + " frames: nothing says where one ends",
                       "export the image with an offset table, or as single frames");
  }
  const auto part = [&](std::size_t i) {
    return file.substr(header.pixels.fragments[i].offset, header.pixels.fragments[i].length);
  };
  if (fragments->second - fragments->first == 1) return part(fragments->first);
  for (std::size_t i = fragments->first; i < fragments->second; ++i) joined += part(i);
  return std::string_view(joined);
}

Status check_coded_size(const DicomHeader& header, const CodedSize& size) {
  if (size.width != header.columns || size.height != header.rows || size.components != header.samples) {
    return dicom_error("malformed-dicom",
                       "the header says " + size_text(header.columns, header.rows, header.samples) +
                           ", the compressed pixels " + size_text(size.width, size.height, size.components),
                       "one of the two lies: export the image again");
  }
  if (size.bits > header.bits_allocated || header.bits_allocated > 16) {
    return dicom_error("malformed-dicom",
                       "the compressed pixels have " + std::to_string(size.bits) + " bits, the header allows " +
                           std::to_string(header.bits_allocated),
                       "one of the two lies: export the image again");
  }
  return {};
}

/// GDCM chooses the decoder by the transfer syntax; it must not meet another kind of stream.
bool fits_syntax(PictureCoding coding, std::string_view syntax) {
  switch (coding) {
    case PictureCoding::jpeg_ls:
      return syntax.ends_with(".4.80") || syntax.ends_with(".4.81");
    case PictureCoding::jpeg2000:
      return syntax.ends_with(".4.90") || syntax.ends_with(".4.91");
    default:
      return syntax.find(".4.5") != std::string_view::npos || syntax.ends_with(".4.70");
  }
}

/// Header to samples without bytes.
Samples described_samples(const DicomHeader& header) {
  Samples samples;
  samples.bits_allocated = header.bits_allocated;
  samples.bits_stored = header.bits_stored;
  samples.shift = header.high_bit + 1 - header.bits_stored;
  samples.channels = header.samples;
  samples.is_signed = header.is_signed;
  samples.luma_first = header.photometric == "YBR_FULL" || header.photometric == "YBR_FULL_422";
  return samples;
}

/// Frames of one bit a pixel follow one another without padding (PS3.5, section 8.1.1).
std::vector<char> bits_of(std::string_view stored, std::uint64_t from, std::uint64_t count) {
  std::vector<char> out((count + 7) / 8);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = from + i;
    const unsigned bit = static_cast<unsigned char>(stored[at / 8]) >> (at % 8) & 1u;
    out[i / 8] = static_cast<char>(out[i / 8] | static_cast<char>(bit << (i % 8)));
  }
  return out;
}

Samples read_native(const DicomHeader& header, std::string_view file, std::uint32_t frame) {
  Samples samples = described_samples(header);
  const std::string_view stored = file.substr(header.pixels.offset, header.pixels.length);
  samples.planar = header.planar == 1 && header.samples > 1;
  if (header.bits_allocated == 1) {
    const std::uint64_t pixels = std::uint64_t{header.rows} * header.columns;
    samples.bytes = bits_of(stored, frame * pixels, pixels);
    return samples;
  }
  const std::uint64_t needed = native_bytes(header, 1), from = frame * needed;
  if (!header.big_endian) {
    samples.bytes.assign(stored.begin() + static_cast<std::ptrdiff_t>(from),
                         stored.begin() + static_cast<std::ptrdiff_t>(from + needed));
    return samples;
  }
  // 8-bit samples in 16-bit words come in swapped pairs, which a frame may begin or end in the middle of.
  const std::size_t width = header.bits_allocated > 8 ? header.bits_allocated / 8 : header.pixels.words ? 2 : 1;
  samples.bytes.resize(needed);
  for (std::uint64_t i = 0; i < needed; ++i) {
    const std::uint64_t at = from + i, swapped = at / width * width + (width - 1 - at % width);
    samples.bytes[i] = swapped < stored.size() ? stored[swapped] : '\0';
  }
  return samples;
}

// ---- codecs ----

// What our own JPEG decoder does not read goes to GDCM, which is opened at the first such picture.
Result<Samples> decode_by_gdcm(const DicomHeader& header, const CodedSize& size, std::string_view frame) {
  static const Result<void*> decoder = open_shared_module("libtenfold_gdcm.so", "tenfold_gdcm_decode");
  if (!decoder)
    return dicom_error("no-codec", "this picture's codec cannot be opened: " + decoder.error().what,
                       "install tenfold again, or export the picture uncompressed");
  Samples samples = described_samples(header);
  samples.bits_allocated = size.bits > 8 ? 16 : 8;
  samples.bits_stored = std::min(samples.bits_stored, samples.bits_allocated);
  samples.shift = 0;
  samples.bytes.resize(std::size_t{header.rows} * header.columns * header.samples * (samples.bits_allocated / 8));
  const bool jpeg = size.coding == PictureCoding::jpeg_dct || size.coding == PictureCoding::jpeg_lossless;
  const CodedFrame coded{header.columns,
                         header.rows,
                         header.samples,
                         size.bits,
                         header.is_signed,
                         jpeg,
                         header.photometric.c_str(),
                         header.transfer_syntax.c_str(),
                         frame};
  const bool decoded = reinterpret_cast<DecodeFrame>(*decoder)(coded, samples.bytes.data(), samples.bytes.size());
  if (!decoded) {
    return dicom_error("damaged-image", "the pixels cannot be decoded",
                       "they are damaged or cut off: export the image again");
  }
  return samples;
}

}  // namespace

Status check_pixels(const DicomHeader& header, std::uint64_t max_pixels) {
  if (!header.has_pixels || header.rows == 0 || header.columns == 0) {
    return dicom_error("not-an-image", "the DICOM object has no picture (" + described(header) + ")",
                       "give an image object, such as CR, DX or CT");
  }
  if (header.float_pixels) {
    return dicom_error("unsupported-pixels", "the pixels are floating point numbers",
                       "export the image with integer pixels");
  }
  if (std::uint64_t{header.rows} * header.columns > max_pixels) {
    return dicom_error("image-too-large",
                       "the picture has " + std::to_string(header.columns) + "x" + std::to_string(header.rows) +
                           " pixels, more than " + std::to_string(max_pixels) + " in all",
                       "raise the limit if the picture is real");
  }
  if (!native(header.transfer_syntax) && !compressed(header.transfer_syntax)) {
    return dicom_error("unsupported-transfer-syntax",
                       "the pixels are stored in transfer syntax " + header.transfer_syntax,
                       "export the image uncompressed, or as JPEG, JPEG-LS, JPEG 2000 or RLE");
  }
  if (!usual_format(header)) return bad_format(header);
  if (native(header.transfer_syntax)) return check_native(header);
  if (!header.pixels.encapsulated || header.pixels.fragments.empty()) {
    return dicom_error("truncated-dicom", "the compressed picture has no data", "copy or export the file again");
  }
  return header.bits_allocated >= 8 ? Status() : bad_format(header);
}

Result<Samples> read_samples(const DicomHeader& header, std::string_view file, std::uint32_t number) {
  if (number >= std::max(1u, header.tags.frames))
    return dicom_error("no-frame", "there are " + std::to_string(std::max(1u, header.tags.frames)) + " frames",
                       "frames are numbered from 1");
  if (native(header.transfer_syntax)) {
    if (const Status there = check_frames(header, std::uint64_t{number} + 1); !there) return there.error();
    return read_native(header, file, number);
  }
  std::string joined;
  const Result<std::string_view> frame = coded_frame(header, file, number, joined);
  if (!frame) return frame.error();
  if (header.transfer_syntax == kRle) {
    Samples samples = described_samples(header);
    if (const Status status = decode_rle(*frame, std::uint64_t{header.rows} * header.columns, samples); !status)
      return status.error();
    return samples;
  }
  const auto size = coded_size(*frame);
  if (!size || !fits_syntax(size->coding, header.transfer_syntax)) {
    return dicom_error("damaged-image", "the compressed pixels do not begin as their transfer syntax says",
                       "export the image again");
  }
  if (const Status status = check_coded_size(header, *size); !status) return status.error();
  if (size->coding != PictureCoding::jpeg_dct || size->bits != 8) return decode_by_gdcm(header, *size, *frame);
  Samples samples = described_samples(header);
  Result<JpegSamples> jpeg = decode_jpeg_samples(*frame, samples.luma_first, header.samples);
  if (!jpeg) return jpeg.error();
  samples.bytes = std::move(jpeg->bytes);
  samples.luma_first = jpeg->luma_first;
  samples.bits_allocated = 8;
  samples.bits_stored = std::min(samples.bits_stored, 8u);
  samples.shift = 0;
  return samples;
}

}  // namespace tenfold::media
