// DICOM pictures: stored values to modality values (rescale) to what a viewer shows (window), 0 = black.
// Decoded: native little and big endian, deflated, RLE, JPEG baseline, extended and lossless, JPEG-LS, JPEG 2000.
#pragma once

#include <cstdint>
#include <string_view>

#include "media/media.h"

namespace tenfold::media {

/// Decodes a frame, counted from 0, of a file's bytes. Grey: slope and intercept, then the first window of the header
/// or else the range from the least to the greatest value that is not padding, then MONOCHROME1 inverted. VOI tables
/// are not applied. Colour and palettes: luma. Errors (place.file empty): not-dicom, truncated-dicom, malformed-dicom,
/// not-an-image (a report, waveform, plan …), image-too-large, unsupported-transfer-syntax, unsupported-pixels (float,
/// or a form of pixel that is not known), damaged-image, truncated-image, file-too-large (deflated, over 1 GiB
/// inflated), out-of-memory, no-frame.
Result<Picture> decode_dicom(std::string_view file, std::uint64_t max_pixels, std::uint32_t frame = 0);

}  // namespace tenfold::media
