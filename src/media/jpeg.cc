// libjpeg's headers want <cstdio> before them, and this order.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "media/images/exif.h"
#include "media/luma.h"
#include "media/raster.h"

namespace tenfold::media {
namespace {

constexpr int kMostScans = 200;  // a progressive file has about ten; each scan costs a pass over the picture

/// libjpeg's error handler, with a way out that is no exit().
struct Handler {
  jpeg_error_mgr base;  // first, so that the library's pointer is ours
  std::jmp_buf out;
  bool cut_off;
  char said[JMSG_LENGTH_MAX];
};

Handler* handler(j_common_ptr info) { return reinterpret_cast<Handler*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) {
  Handler* h = handler(info);
  h->base.format_message(info, h->said);
  if (h->base.msg_code == JERR_INPUT_EOF || h->base.msg_code == JERR_INPUT_EMPTY) h->cut_off = true;
  std::longjmp(h->out, 1);
}

/// Warnings are errors where the picture would be partly made up.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  const int code = info->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER) handler(info)->cut_off = true;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE) {
    on_error(info);
  }
}

struct Progress {
  jpeg_progress_mgr base;  // first, so that the library's pointer is ours
  const Deadline* deadline;
  bool too_slow;
};

void on_progress(j_common_ptr info) {
  auto* d = reinterpret_cast<j_decompress_ptr>(info);
  auto* progress = reinterpret_cast<Progress*>(info->progress);
  progress->too_slow = progress->deadline->over();
  if (d->input_scan_number > kMostScans || progress->too_slow) on_error(info);
}

struct Decoder {
  jpeg_decompress_struct info{};
  Handler errors{};
  Progress progress{};
  std::vector<JSAMPLE> row;
  Deadline deadline;
  long memory;
  explicit Decoder(const Limits& limits) : deadline(limits.seconds), memory(static_cast<long>(limits.memory_bytes)) {
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    errors.base.emit_message = on_message;
    progress.base.progress_monitor = on_progress;
    progress.deadline = &deadline;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

bool read_header(Decoder& d, std::FILE* file) {
  if (setjmp(d.errors.out)) return false;
  std::rewind(file);
  jpeg_create_decompress(&d.info);
  d.info.progress = &d.progress.base;
  d.info.mem->max_memory_to_use = d.memory;
  jpeg_stdio_src(&d.info, file);
  jpeg_read_header(&d.info, TRUE);
  return true;
}

bool start(Decoder& d, bool colour = false) {
  if (setjmp(d.errors.out)) return false;
  switch (d.info.jpeg_color_space) {
    case JCS_GRAYSCALE:
      d.info.out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_YCbCr:
      d.info.out_color_space = colour ? JCS_RGB : JCS_YCbCr;  // brightness is there already
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      d.info.out_color_space = JCS_CMYK;
      break;
    default:
      d.info.out_color_space = JCS_RGB;
  }
  // The exact integer transform: the same picture on every machine.
  d.info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&d.info);
  return true;
}

float unit(JSAMPLE value) { return static_cast<float>(value) / 255.0f; }

/// `count` pixels of the decoded row, from `left` on, into [0, 1].
void to_luma(const Decoder& d, JDIMENSION left, JDIMENSION count, float* out, ColourCount& colours) {
  const JSAMPLE* at = d.row.data() + std::size_t{left} * static_cast<std::size_t>(d.info.output_components);
  for (JDIMENSION x = 0; x < count; ++x, at += d.info.output_components) {
    switch (d.info.out_color_space) {
      case JCS_GRAYSCALE:
        out[x] = unit(at[0]);
        break;
      case JCS_YCbCr:
        out[x] = unit(at[0]);
        colours.add_chroma(unit(at[1]) - 128.0f / 255.0f, unit(at[2]) - 128.0f / 255.0f);
        break;
      case JCS_CMYK: {
        // Adobe writes CMYK inverted: 255 is no ink.
        const float black = unit(at[3]), red = unit(at[0]) * black, green = unit(at[1]) * black,
                    blue = unit(at[2]) * black;
        colours.add(red, green, blue);
        out[x] = luma(red, green, blue);
        break;
      }
      default:
        colours.add(unit(at[0]), unit(at[1]), unit(at[2]));
        out[x] = luma(unit(at[0]), unit(at[1]), unit(at[2]));
    }
  }
}

/// The same in colour.
void to_colours(const Decoder& d, JDIMENSION left, JDIMENSION count, std::uint8_t* out) {
  const JSAMPLE* at = d.row.data() + std::size_t{left} * static_cast<std::size_t>(d.info.output_components);
  for (JDIMENSION x = 0; x < count; ++x, at += d.info.output_components, out += 3) {
    for (int c = 0; c < 3; ++c) {
      if (d.info.out_color_space == JCS_CMYK)  // as in to_luma, rounded
        out[c] = static_cast<std::uint8_t>((at[c] * at[3] + 127) / 255);
      else
        out[c] = at[d.info.out_color_space == JCS_GRAYSCALE ? 0 : c];
    }
  }
}

/// The region in the picture as it is decoded, scaled. The library decodes whole columns of blocks, and smooths chroma
/// over their edges, so one more on each side is decoded than is kept.
bool read_rows(Decoder& d, const Cut& cut, Canvas& canvas) {
  if (setjmp(d.errors.out)) return false;
  const JDIMENSION block = static_cast<JDIMENSION>(d.info.max_h_samp_factor * d.info.min_DCT_scaled_size);
  const JDIMENSION rows = static_cast<JDIMENSION>(d.info.max_v_samp_factor * d.info.min_DCT_scaled_size);
  JDIMENSION left = 0;
  if (cut.width < d.info.output_width) {
    left = cut.x / block * block;
    left -= std::min(left, block);
    JDIMENSION wide = std::min(cut.x + cut.width + block, d.info.output_width) - left;
    jpeg_crop_scanline(&d.info, &left, &wide);
  }
  JDIMENSION top = cut.y / rows * rows;
  top -= std::min(top, rows);
  if (top > 0 && jpeg_skip_scanlines(&d.info, top) != top) return false;
  JSAMPROW row = d.row.data();
  while (d.info.output_scanline < cut.y + cut.height) {
    const JDIMENSION y = d.info.output_scanline;
    if (jpeg_read_scanlines(&d.info, &row, 1) != 1) return false;
    if (y < cut.y) continue;
    const std::size_t to = std::size_t{y - cut.y} * cut.width;
    if (canvas.in_colour)
      to_colours(d, cut.x - left, cut.width, canvas.colours.rgb.data() + to * 3);
    else
      to_luma(d, cut.x - left, cut.width, canvas.image.pixels.data() + to, canvas.count);
  }
  canvas.decoded += std::uint64_t{d.info.output_width} * (d.info.output_scanline - top);
  if (d.info.output_scanline == d.info.output_height)
    jpeg_finish_decompress(&d.info);
  else
    jpeg_abort_decompress(&d.info);
  return true;
}

Error failure(const Decoder& d, const Limits& limits = {}) {
  if (d.progress.too_slow) return picture_too_slow(limits.seconds);
  if (d.errors.cut_off) return picture_failure("truncated-image", "the JPEG file ends in the middle");
  return picture_failure("damaged-image", std::string("the JPEG file is damaged: ") + d.errors.said);
}

bool read_plain_rows(Decoder& d, char* to, std::size_t stride) {
  if (setjmp(d.errors.out)) return false;
  while (d.info.output_scanline < d.info.output_height) {
    auto* row = reinterpret_cast<JSAMPROW>(to + d.info.output_scanline * stride);
    if (jpeg_read_scanlines(&d.info, &row, 1) != 1) return false;
  }
  jpeg_finish_decompress(&d.info);
  return true;
}

/// Up to the first row.
Status open(Decoder& d, std::FILE* file, const Limits& limits) {
  if (!read_header(d, file)) return failure(d, limits);
  if (std::uint64_t{d.info.image_width} * d.info.image_height > limits.pixels)
    return picture_too_large(d.info.image_width, d.info.image_height, limits.pixels);
  return {};
}

std::string colour_of(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_GRAYSCALE:
      return "grey";
    case JCS_YCbCr:
      return "ycbcr";
    case JCS_CMYK:
    case JCS_YCCK:
      return "cmyk";
    default:
      return "rgb";
  }
}

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<Canvas> decode_whole(std::string_view bytes, std::uint64_t max_pixels, bool in_colour) try {
  const Stream file(memory_stream(bytes), std::fclose);
  Limits limits;
  limits.pixels = limits.decoded_pixels = max_pixels;
  const Result<RasterHeader> header = jpeg_header(file.get(), limits);
  if (!header) return header.error();
  Canvas canvas;
  canvas.in_colour = in_colour;
  if (Status s = decode_jpeg(file.get(), {0, 0, header->width, header->height}, 8, limits, canvas); !s)
    return s.error();
  return canvas;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

}  // namespace

Result<JpegSamples> decode_jpeg_samples(std::string_view stream, bool luma_first, std::uint32_t channels) try {
  const Stream file(memory_stream(stream), std::fclose);
  Decoder d((Limits()));
  if (!read_header(d, file.get())) return failure(d);
  if (d.info.num_components == 3 && !d.info.saw_JFIF_marker && !d.info.saw_Adobe_marker) {
    d.info.jpeg_color_space = luma_first ? JCS_YCbCr : JCS_RGB;
  }
  if (!start(d)) return failure(d);
  if (static_cast<std::uint32_t>(d.info.output_components) != channels) {
    return picture_failure("damaged-image", "the JPEG stream has another number of channels than the file says");
  }
  JpegSamples samples;
  samples.luma_first = d.info.out_color_space == JCS_YCbCr;
  const std::size_t stride = std::size_t{d.info.output_width} * channels;
  samples.bytes.resize(stride * d.info.output_height);
  if (!read_plain_rows(d, samples.bytes.data(), stride)) return failure(d);
  return samples;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Result<RasterHeader> jpeg_header(std::FILE* file, const Limits& limits) try {
  Decoder d(limits);
  if (Status s = open(d, file, limits); !s) return s.error();
  RasterHeader header;
  header.width = d.info.image_width;
  header.height = d.info.image_height;
  header.bits = static_cast<std::uint32_t>(d.info.data_precision);
  header.channels = static_cast<std::uint32_t>(d.info.num_components);
  header.colour = colour_of(d.info.jpeg_color_space);
  header.compression = d.info.progressive_mode ? "progressive jpeg" : "jpeg";
  const Exif exif = jpeg_exif(file);
  header.orientation = exif.orientation;
  header.taken = exif.taken;
  return header;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Status decode_jpeg(std::FILE* file, const Cut& cut, std::uint32_t eighths, const Limits& limits, Canvas& canvas) try {
  Decoder d(limits);
  if (Status s = open(d, file, limits); !s) return s;
  d.info.scale_num = eighths;
  d.info.scale_denom = 8;
  if (!start(d, canvas.in_colour)) return failure(d, limits);
  // Sides are at most 65,535, so nothing overflows; ends are rounded up.
  const auto end = [&](std::uint32_t at, JDIMENSION most) {
    return std::min<JDIMENSION>((at * eighths + 7) / 8, most);
  };
  Cut scaled{cut.x * eighths / 8, cut.y * eighths / 8, 0, 0};
  scaled.width = end(cut.x + cut.width, d.info.output_width) - scaled.x;
  scaled.height = end(cut.y + cut.height, d.info.output_height) - scaled.y;
  if (std::uint64_t{scaled.width} * scaled.height > limits.decoded_pixels)
    return picture_too_large(scaled.width, scaled.height, limits.decoded_pixels);
  d.row.resize(std::size_t{d.info.output_width} * static_cast<std::size_t>(d.info.output_components));
  canvas.begin(scaled.width, scaled.height);
  if (!read_rows(d, scaled, canvas)) return failure(d, limits);
  canvas.finish();
  return {};
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Result<Picture> decode_jpeg(std::string_view file, std::uint64_t max_pixels) {
  Result<Canvas> canvas = decode_whole(file, max_pixels, false);
  if (!canvas) return canvas.error();
  Picture picture;
  picture.tags.format = "jpeg";
  picture.image = std::move(canvas->image);
  return picture;
}

Result<Colours> decode_jpeg_colours(std::string_view file, std::uint64_t max_pixels) {
  Result<Canvas> canvas = decode_whole(file, max_pixels, true);
  if (!canvas) return canvas.error();
  return std::move(canvas->colours);
}

}  // namespace tenfold::media
