// libjpeg's headers want <cstdio> before them, and this order.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <new>
#include <string>
#include <vector>

#include "media/luma.h"
#include "media/raster.h"

namespace tenfold::media {
namespace {

constexpr int kMostScans = 200;  // a progressive file has about ten; each scan costs a pass over the picture

Error jpeg_failure(std::string code, std::string what) {
  Error error;
  error.code = std::move(code);
  error.what = std::move(what);
  error.hint = "copy or export the picture again";
  return error;
}

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

void on_progress(j_common_ptr info) {
  auto* d = reinterpret_cast<j_decompress_ptr>(info);
  if (d->input_scan_number > kMostScans) on_error(info);
}

struct Decoder {
  jpeg_decompress_struct info{};
  Handler errors{};
  jpeg_progress_mgr progress{};
  std::vector<JSAMPLE> row;
  Decoder() {
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = on_error;
    errors.base.emit_message = on_message;
    progress.progress_monitor = on_progress;
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

bool read_header(Decoder& d, std::string_view file) {
  if (setjmp(d.errors.out)) return false;
  jpeg_create_decompress(&d.info);
  d.info.progress = &d.progress;
  jpeg_mem_src(&d.info, reinterpret_cast<const unsigned char*>(file.data()), static_cast<unsigned long>(file.size()));
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

/// One decoded row into [0, 1].
void to_luma(const Decoder& d, float* out, ColourCount& colours) {
  const JSAMPLE* at = d.row.data();
  for (JDIMENSION x = 0; x < d.info.output_width; ++x, at += d.info.output_components) {
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

bool read_rows(Decoder& d, Image& image, ColourCount& colours) {
  if (setjmp(d.errors.out)) return false;
  while (d.info.output_scanline < d.info.output_height) {
    const std::size_t y = d.info.output_scanline;
    JSAMPROW row = d.row.data();
    if (jpeg_read_scanlines(&d.info, &row, 1) != 1) return false;
    to_luma(d, image.pixels.data() + y * image.width, colours);
  }
  jpeg_finish_decompress(&d.info);
  return true;
}

/// One decoded row in colour.
void to_colours(const Decoder& d, std::uint8_t* out) {
  const JSAMPLE* at = d.row.data();
  for (JDIMENSION x = 0; x < d.info.output_width; ++x, at += d.info.output_components, out += 3) {
    for (int c = 0; c < 3; ++c) {
      if (d.info.out_color_space == JCS_CMYK)  // as in to_luma, rounded
        out[c] = static_cast<std::uint8_t>((at[c] * at[3] + 127) / 255);
      else
        out[c] = at[d.info.out_color_space == JCS_GRAYSCALE ? 0 : c];
    }
  }
}

bool read_rows(Decoder& d, Colours& colours) {
  if (setjmp(d.errors.out)) return false;
  while (d.info.output_scanline < d.info.output_height) {
    const std::size_t y = d.info.output_scanline;
    JSAMPROW row = d.row.data();
    if (jpeg_read_scanlines(&d.info, &row, 1) != 1) return false;
    to_colours(d, colours.rgb.data() + y * colours.width * 3);
  }
  jpeg_finish_decompress(&d.info);
  return true;
}

Error failure(const Decoder& d) {
  if (d.errors.cut_off) return jpeg_failure("truncated-image", "the JPEG file ends in the middle");
  return jpeg_failure("damaged-image", std::string("the JPEG file is damaged: ") + d.errors.said);
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
Status open(Decoder& d, std::string_view file, std::uint64_t max_pixels, bool colour) {
  if (!read_header(d, file)) return failure(d);
  const std::uint64_t pixels = std::uint64_t{d.info.image_width} * d.info.image_height;
  if (pixels > max_pixels) {
    Error error = jpeg_failure("image-too-large", "the picture has " + std::to_string(d.info.image_width) + "x" +
                                                      std::to_string(d.info.image_height) + " pixels, more than " +
                                                      std::to_string(max_pixels) + " in all");
    error.hint = "raise the limit if the picture is real";
    return error;
  }
  if (!start(d, colour)) return failure(d);
  d.row.resize(std::size_t{d.info.output_width} * static_cast<std::size_t>(d.info.output_components));
  return {};
}

}  // namespace

Result<JpegSamples> decode_jpeg_samples(std::string_view stream, bool luma_first, std::uint32_t channels) try {
  Decoder d;
  if (!read_header(d, stream)) return failure(d);
  if (d.info.num_components == 3 && !d.info.saw_JFIF_marker && !d.info.saw_Adobe_marker) {
    d.info.jpeg_color_space = luma_first ? JCS_YCbCr : JCS_RGB;
  }
  if (!start(d)) return failure(d);
  if (static_cast<std::uint32_t>(d.info.output_components) != channels) {
    return jpeg_failure("damaged-image", "the JPEG stream has another number of channels than the file says");
  }
  JpegSamples samples;
  samples.luma_first = d.info.out_color_space == JCS_YCbCr;
  const std::size_t stride = std::size_t{d.info.output_width} * channels;
  samples.bytes.resize(stride * d.info.output_height);
  if (!read_plain_rows(d, samples.bytes.data(), stride)) return failure(d);
  return samples;
} catch (const std::bad_alloc&) {
  return jpeg_failure("out-of-memory", "no memory to decode the picture");
}

Result<Picture> decode_jpeg(std::string_view file, std::uint64_t max_pixels) try {
  Decoder d;
  if (Status s = open(d, file, max_pixels, false); !s.ok()) return s.error();
  Picture picture;
  picture.tags.format = "jpeg";
  picture.image.width = d.info.output_width;
  picture.image.height = d.info.output_height;
  const std::size_t pixels = std::size_t{d.info.output_width} * d.info.output_height;
  picture.image.pixels.resize(pixels);
  ColourCount colours;
  if (!read_rows(d, picture.image, colours)) return failure(d);
  picture.image.coloured = colours.coloured(pixels);
  return picture;
} catch (const std::bad_alloc&) {
  return jpeg_failure("out-of-memory", "no memory to decode the picture");
}

Result<Colours> decode_jpeg_colours(std::string_view file, std::uint64_t max_pixels) try {
  Decoder d;
  if (Status s = open(d, file, max_pixels, true); !s.ok()) return s.error();
  Colours colours{d.info.output_width, d.info.output_height, {}};
  colours.rgb.resize(std::size_t{colours.width} * colours.height * 3);
  if (!read_rows(d, colours)) return failure(d);
  return colours;
} catch (const std::bad_alloc&) {
  return jpeg_failure("out-of-memory", "no memory to decode the picture");
}

}  // namespace tenfold::media
