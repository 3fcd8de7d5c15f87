// The module libtenfold_tiff.so: see tiff_codec.h.
#include "media/images/tiff_codec.h"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <new>
#include <optional>

namespace tenfold::media {
namespace {

/// What libtiff said last. It goes on after many of its errors, so the call's result says whether one counts.
struct Said {
  char text[200] = "";
};

int note(TIFF*, void* to, const char*, const char* format, va_list values) {
  std::vsnprintf(static_cast<Said*>(to)->text, sizeof(Said::text), format, values);
  return 1;
}

int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

template <class T>
T field(TIFF* tiff, std::uint32_t tag, T fallback) {
  T value = fallback;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : fallback;
}

/// How samples become colours.
enum class Kind : std::uint8_t { grey, palette, rgb, cmyk, by_library };

struct Form {
  Kind kind = Kind::grey;
  std::uint32_t bits = 8, samples = 1;
  bool planar = false, inverted = false;
  int alpha = -1;  // its sample; -1: none
  bool premultiplied = false;
  const std::uint16_t* palette[3] = {nullptr, nullptr, nullptr};
};

std::string compression_name(std::uint16_t code) {
  switch (code) {
    case COMPRESSION_NONE:
      return "none";
    case COMPRESSION_CCITTRLE:
      return "ccitt";
    case COMPRESSION_CCITTFAX3:
      return "fax3";
    case COMPRESSION_CCITTFAX4:
      return "fax4";
    case COMPRESSION_LZW:
      return "lzw";
    case COMPRESSION_OJPEG:
    case COMPRESSION_JPEG:
      return "jpeg";
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
      return "deflate";
    case COMPRESSION_PACKBITS:
      return "packbits";
    case COMPRESSION_LZMA:
      return "lzma";
    case COMPRESSION_ZSTD:
      return "zstd";
    case COMPRESSION_WEBP:
      return "webp";
    default:
      return std::to_string(code);
  }
}

std::string colour_name(std::uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      return "grey";
    case PHOTOMETRIC_PALETTE:
      return "palette";
    case PHOTOMETRIC_RGB:
      return "rgb";
    case PHOTOMETRIC_SEPARATED:
      return "cmyk";
    case PHOTOMETRIC_YCBCR:
      return "ycbcr";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      return "lab";
    default:
      return std::to_string(photometric);
  }
}

class File : public TiffFile {
 public:
  explicit File(const Limits& limits) : limits_(limits) {}
  ~File() override {
    if (tiff_) TIFFClose(tiff_);
  }
  Status open(const std::string& path);
  std::uint32_t pages() const override { return static_cast<std::uint32_t>(directories_.size()); }
  Result<RasterHeader> header(std::uint32_t page) override;
  Status decode(std::uint32_t page, const Cut& cut, Canvas& canvas) override;

 private:
  Error damaged() const {
    return picture_failure("damaged-image", std::string("the TIFF file is damaged: ") +
                                                (said_.text[0] ? said_.text : "its directory cannot be read"));
  }
  Status go_to(std::uint32_t page);
  Result<Form> form() const;
  Status decode_rows(const Form& form, const Cut& cut, Canvas& canvas, const Deadline& deadline);
  Status decode_tiles(const Form& form, const Cut& cut, Canvas& canvas, const Deadline& deadline);
  Status decode_by_library(const Cut& cut, Canvas& canvas, const Deadline& deadline);

  Limits limits_;
  Said said_;
  TIFF* tiff_ = nullptr;
  std::vector<std::uint64_t> directories_;  // where they are in the file
  std::optional<std::uint32_t> page_;
};

Status File::open(const std::string& path) {
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, note, &said_);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, nullptr);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, static_cast<tmsize_t>(limits_.memory_bytes / 2));
  tiff_ = TIFFOpenExt(path.c_str(), "rm", options);  // m: not mapped, a file that shrinks is an error and no signal
  TIFFOpenOptionsFree(options);
  if (!tiff_) return damaged();
  do {
    if (directories_.size() == limits_.pages)
      return Error{"too-many-pages",
                   {},
                   "the file has more than " + std::to_string(limits_.pages) + " pages",
                   "raise the limit if the file is real",
                   ""};
    directories_.push_back(TIFFCurrentDirOffset(tiff_));
  } while (TIFFReadDirectory(tiff_));
  return {};
}

Status File::go_to(std::uint32_t page) {
  if (page == 0 || page > pages()) return picture_failure("no-page", "there is no page " + std::to_string(page));
  if (page_ == page) return {};
  page_.reset();
  if (!TIFFSetSubDirectory(tiff_, directories_[page - 1])) return damaged();
  page_ = page;
  return {};
}

Result<RasterHeader> File::header(std::uint32_t page) {
  if (Status s = go_to(page); !s) return s.error();
  RasterHeader header;
  if (!TIFFGetField(tiff_, TIFFTAG_IMAGEWIDTH, &header.width) ||
      !TIFFGetField(tiff_, TIFFTAG_IMAGELENGTH, &header.height) || header.width == 0 || header.height == 0)
    return picture_failure("damaged-image", "the TIFF file does not say how large its picture is");
  if (std::uint64_t{header.width} * header.height > limits_.pixels)
    return picture_too_large(header.width, header.height, limits_.pixels);
  header.bits = field<std::uint16_t>(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
  header.channels = field<std::uint16_t>(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  TIFFGetField(tiff_, TIFFTAG_PHOTOMETRIC, &photometric);
  header.colour = colour_name(photometric);
  header.compression = compression_name(field<std::uint16_t>(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE));
  const auto orientation = field<std::uint16_t>(tiff_, TIFFTAG_ORIENTATION, 1);
  header.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  if (TIFFIsTiled(tiff_)) {
    header.tile_width = field<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0);
    header.tile_height = field<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 0);
  }
  if (const char* taken = nullptr; TIFFGetField(tiff_, TIFFTAG_DATETIME, &taken) && taken) header.taken = taken;
  return header;
}

Result<Form> File::form() const {
  Form form;
  form.bits = field<std::uint16_t>(tiff_, TIFFTAG_BITSPERSAMPLE, 1);
  form.samples = field<std::uint16_t>(tiff_, TIFFTAG_SAMPLESPERPIXEL, 1);
  form.planar = field<std::uint16_t>(tiff_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE &&
                form.samples > 1;
  const auto numbers = field<std::uint16_t>(tiff_, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const auto compression = field<std::uint16_t>(tiff_, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  TIFFGetField(tiff_, TIFFTAG_PHOTOMETRIC, &photometric);
  const auto unsupported = [&](const std::string& what) {
    Error error = picture_failure("unsupported-pixels", what);
    error.hint = "export the picture as grey or RGB with 8 or 16 bits";
    return error;
  };
  if (!TIFFIsCODECConfigured(compression))
    return unsupported("the pixels are compressed by a method that is not there (" + compression_name(compression) +
                       ")");
  if ((numbers != SAMPLEFORMAT_UINT && numbers != SAMPLEFORMAT_VOID) || form.bits == 0 || form.bits > 16)
    return unsupported("the pixels are signed, floating point numbers or of " + std::to_string(form.bits) + " bits");
  std::uint32_t colours = 1;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      form.inverted = true;
      break;
    case PHOTOMETRIC_MINISBLACK:
      break;
    case PHOTOMETRIC_PALETTE: {
      std::uint16_t* maps[3];
      if (!TIFFGetField(tiff_, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
        return picture_failure("damaged-image", "the TIFF file has no table of its colours");
      std::copy(std::begin(maps), std::end(maps), form.palette);
      form.kind = Kind::palette;
      break;
    }
    case PHOTOMETRIC_RGB:
      form.kind = Kind::rgb;
      colours = 3;
      break;
    case PHOTOMETRIC_SEPARATED:
      form.kind = Kind::cmyk;
      colours = 4;
      break;
    case PHOTOMETRIC_YCBCR:
      if (compression == COMPRESSION_JPEG && !form.planar && form.bits == 8 && form.samples == 3) {
        TIFFSetField(tiff_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        form.kind = Kind::rgb;
        colours = 3;
        break;
      }
      [[fallthrough]];
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      form.kind = Kind::by_library;
      return form;
    default:
      return unsupported("the colours are of a kind that is not known (" + colour_name(photometric) + ")");
  }
  if (form.samples < colours || form.samples > 64)
    return unsupported("a pixel has " + std::to_string(form.samples) + " samples");
  std::uint16_t count = 0;
  std::uint16_t* extra = nullptr;
  if (TIFFGetField(tiff_, TIFFTAG_EXTRASAMPLES, &count, &extra) && count > 0 && form.samples > colours &&
      extra[0] != EXTRASAMPLE_UNSPECIFIED) {
    form.alpha = static_cast<int>(colours);
    form.premultiplied = extra[0] == EXTRASAMPLE_ASSOCALPHA;
  }
  return form;
}

/// Samples of a row that is packed bit after bit; libtiff has put 16 bits into the machine's order.
class Row {
 public:
  Row(const std::uint8_t* bytes, std::uint32_t bits) : bytes_(bytes), bits_(bits) {}
  std::uint32_t operator[](std::size_t i) const {
    if (bits_ == 8) return bytes_[i];
    if (bits_ == 16) {
      std::uint16_t value;
      __builtin_memcpy(&value, bytes_ + 2 * i, 2);
      return value;
    }
    std::uint32_t value = 0;
    for (std::size_t bit = i * bits_; bit < (i + 1) * bits_; ++bit)
      value = value << 1 | (bytes_[bit / 8] >> (7 - bit % 8) & 1);
    return value;
  }

 private:
  const std::uint8_t* bytes_;
  std::uint32_t bits_;
};

/// Pixels into the canvas. `sample(i, s)`: sample s of the row's pixel i.
template <class Sample>
void draw(const Form& form, Sample sample, std::uint32_t count, std::size_t to, Canvas& canvas) {
  const auto most = static_cast<float>((1u << form.bits) - 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    float c[3];
    switch (form.kind) {
      case Kind::palette:
        for (int j = 0; j < 3; ++j) c[j] = static_cast<float>(form.palette[j][sample(i, 0)]) / 65535.0f;
        break;
      case Kind::rgb:
        for (int j = 0; j < 3; ++j) c[j] = static_cast<float>(sample(i, j)) / most;
        break;
      case Kind::cmyk: {
        const float paper = 1.0f - static_cast<float>(sample(i, 3)) / most;
        for (int j = 0; j < 3; ++j) c[j] = (1.0f - static_cast<float>(sample(i, j)) / most) * paper;
        break;
      }
      default:
        c[0] = static_cast<float>(sample(i, 0)) / most;
        if (form.inverted) c[0] = 1.0f - c[0];
        c[1] = c[2] = c[0];
    }
    const float opacity =
        form.alpha >= 0 && !form.premultiplied ? static_cast<float>(sample(i, form.alpha)) / most : 1.0f;
    if (canvas.in_colour) {
      for (int j = 0; j < 3; ++j)
        canvas.colours.rgb[(to + i) * 3 + static_cast<std::size_t>(j)] =
            static_cast<std::uint8_t>(std::lround(c[j] * opacity * 255.0f));
    } else {
      const bool grey = form.kind == Kind::grey;
      if (!grey) canvas.count.add(c[0], c[1], c[2]);
      canvas.image.pixels[to + i] = (grey ? c[0] : luma(c[0], c[1], c[2])) * opacity;
    }
  }
}

Status File::decode_rows(const Form& form, const Cut& cut, Canvas& canvas, const Deadline& deadline) {
  const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize64(tiff_));
  const std::size_t planes = form.planar ? form.samples : 1;
  if (row_bytes == 0 || row_bytes > limits_.memory_bytes / 16)
    return picture_too_large(row_bytes, 1, limits_.memory_bytes / 16);
  const auto width = field<std::uint32_t>(tiff_, TIFFTAG_IMAGEWIDTH, 0);
  // By rows, a strip of any height takes no more than one row. Of planes, the region of each is kept.
  std::vector<std::uint8_t> rows(row_bytes * planes + 8);
  if (planes == 1) {
    for (std::uint32_t y = 0; y < cut.height; ++y) {
      if (TIFFReadScanline(tiff_, rows.data(), cut.y + y, 0) != 1) return damaged();
      const Row row(rows.data(), form.bits);
      draw(
          form,
          [&](std::uint32_t i, int s) {
            return row[std::size_t{cut.x + i} * form.samples + static_cast<std::size_t>(s)];
          },
          cut.width, std::size_t{y} * cut.width, canvas);
      if (y % 64 == 0 && deadline.over()) return picture_too_slow(limits_.seconds);
    }
  } else {
    std::vector<std::uint16_t> region;
    const std::size_t size = std::size_t{cut.width} * cut.height;
    const std::size_t used = std::min<std::size_t>(planes, form.alpha >= 0 ? static_cast<std::size_t>(form.alpha) + 1
                                                           : form.kind == Kind::cmyk ? 4
                                                           : form.kind == Kind::rgb  ? 3
                                                                                     : 1);
    if (size * used * 2 > limits_.memory_bytes)
      return picture_too_large(cut.width, cut.height, limits_.memory_bytes / used / 2);
    region.resize(size * used);
    for (std::size_t plane = 0; plane < used; ++plane) {
      for (std::uint32_t y = 0; y < cut.height; ++y) {
        if (TIFFReadScanline(tiff_, rows.data(), cut.y + y, static_cast<std::uint16_t>(plane)) != 1) return damaged();
        const Row row(rows.data(), form.bits);
        for (std::uint32_t x = 0; x < cut.width; ++x)
          region[plane * size + std::size_t{y} * cut.width + x] = static_cast<std::uint16_t>(row[cut.x + x]);
        if (y % 64 == 0 && deadline.over()) return picture_too_slow(limits_.seconds);
      }
    }
    for (std::uint32_t y = 0; y < cut.height; ++y) {
      const std::size_t at = std::size_t{y} * cut.width;
      draw(
          form, [&](std::uint32_t i, int s) { return region[static_cast<std::size_t>(s) * size + at + i]; }, cut.width,
          at, canvas);
    }
  }
  canvas.decoded += std::uint64_t{width} * cut.height;
  return {};
}

Status File::decode_tiles(const Form& form, const Cut& cut, Canvas& canvas, const Deadline& deadline) {
  const auto tile_width = field<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0);
  const auto tile_height = field<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 0);
  const auto tile_bytes = static_cast<std::size_t>(TIFFTileSize64(tiff_)),
             row_bytes = static_cast<std::size_t>(TIFFTileRowSize64(tiff_));
  const std::size_t planes = form.planar ? form.samples : 1;
  if (tile_width == 0 || tile_height == 0 || tile_bytes == 0 || row_bytes == 0 || tile_bytes < row_bytes * tile_height)
    return damaged();
  if (tile_bytes > limits_.memory_bytes / 4 / planes ||
      std::uint64_t{tile_width} * tile_height > limits_.decoded_pixels)
    return picture_too_large(tile_width, tile_height, limits_.decoded_pixels);
  std::vector<std::uint8_t> tiles(tile_bytes * planes + 8);
  for (std::uint64_t top = cut.y / tile_height * tile_height; top < std::uint64_t{cut.y} + cut.height;
       top += tile_height) {
    for (std::uint64_t left = cut.x / tile_width * tile_width; left < std::uint64_t{cut.x} + cut.width;
         left += tile_width) {
      const auto x = static_cast<std::uint32_t>(left), y = static_cast<std::uint32_t>(top);
      for (std::size_t plane = 0; plane < planes; ++plane)
        if (TIFFReadTile(tiff_, tiles.data() + plane * tile_bytes, x, y, 0, static_cast<std::uint16_t>(plane)) < 0)
          return damaged();
      canvas.decoded += std::uint64_t{tile_width} * tile_height;
      if (deadline.over()) return picture_too_slow(limits_.seconds);
      const std::uint32_t from = std::max(x, cut.x), to = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                         left + tile_width, std::uint64_t{cut.x} + cut.width));
      const std::uint32_t first = std::max(y, cut.y), last = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                          top + tile_height, std::uint64_t{cut.y} + cut.height));
      for (std::uint32_t at = first; at < last; ++at) {
        const std::uint8_t* bytes = tiles.data() + (at - y) * row_bytes;
        const auto sample = [&](std::uint32_t i, int s) -> std::uint32_t {
          const std::size_t pixel = from - x + i;
          if (planes > 1) return Row(bytes + static_cast<std::size_t>(s) * tile_bytes, form.bits)[pixel];
          return Row(bytes, form.bits)[pixel * form.samples + static_cast<std::size_t>(s)];
        };
        draw(form, sample, to - from, std::size_t{at - cut.y} * cut.width + (from - cut.x), canvas);
      }
    }
  }
  return {};
}

/// YCbCr and CIELab through libtiff's own conversion, strip by strip or tile by tile.
Status File::decode_by_library(const Cut& cut, Canvas& canvas, const Deadline& deadline) {
  char why[1024] = "";
  if (!TIFFRGBAImageOK(tiff_, why)) return picture_failure("unsupported-pixels", std::string("libtiff says: ") + why);
  const auto width = field<std::uint32_t>(tiff_, TIFFTAG_IMAGEWIDTH, 0),
             height = field<std::uint32_t>(tiff_, TIFFTAG_IMAGELENGTH, 0);
  const bool tiled = TIFFIsTiled(tiff_);
  const std::uint32_t step_x = tiled ? field<std::uint32_t>(tiff_, TIFFTAG_TILEWIDTH, 0) : width;
  const std::uint32_t step_y = tiled ? field<std::uint32_t>(tiff_, TIFFTAG_TILELENGTH, 0)
                                     : std::min(field<std::uint32_t>(tiff_, TIFFTAG_ROWSPERSTRIP, height), height);
  if (step_x == 0 || step_y == 0) return damaged();
  if (std::uint64_t{step_x} * step_y > std::min(limits_.decoded_pixels, limits_.memory_bytes / 8))
    return picture_too_large(step_x, step_y, limits_.decoded_pixels);
  std::vector<std::uint32_t> raster(std::size_t{step_x} * step_y);
  Form form;
  form.kind = Kind::rgb;
  for (std::uint64_t top = cut.y / step_y * step_y; top < std::uint64_t{cut.y} + cut.height; top += step_y) {
    for (std::uint64_t left = cut.x / step_x * step_x; left < std::uint64_t{cut.x} + cut.width; left += step_x) {
      const auto x = static_cast<std::uint32_t>(left), y = static_cast<std::uint32_t>(top);
      const int read =
          tiled ? TIFFReadRGBATile(tiff_, x, y, raster.data()) : TIFFReadRGBAStrip(tiff_, y, raster.data());
      if (!read) return damaged();
      canvas.decoded += raster.size();
      if (deadline.over()) return picture_too_slow(limits_.seconds);
      // From the lowest row up; the last strip has only the rows that are left.
      const std::uint32_t rows = tiled ? step_y : std::min(step_y, height - y);
      const std::uint32_t from = std::max(x, cut.x), to = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                         left + step_x, std::uint64_t{cut.x} + cut.width));
      const std::uint32_t first = std::max(y, cut.y), last = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                                          top + rows, std::uint64_t{cut.y} + cut.height));
      for (std::uint32_t at = first; at < last; ++at) {
        const std::uint32_t* row = raster.data() + std::size_t{rows - 1 - (at - y)} * step_x + (from - x);
        draw(
            form, [&](std::uint32_t i, int s) { return row[i] >> (8 * s) & 0xFF; }, to - from,
            std::size_t{at - cut.y} * cut.width + (from - cut.x), canvas);
      }
    }
  }
  return {};
}

Status File::decode(std::uint32_t page, const Cut& cut, Canvas& canvas) try {
  if (std::uint64_t{cut.width} * cut.height > limits_.decoded_pixels)
    return picture_too_large(cut.width, cut.height, limits_.decoded_pixels);
  const Result<RasterHeader> header = this->header(page);
  if (!header) return header.error();
  const Result<Form> form = this->form();
  if (!form) return form.error();
  canvas.begin(cut.width, cut.height);
  const Deadline deadline(limits_.seconds);
  const Status status = form->kind == Kind::by_library ? decode_by_library(cut, canvas, deadline)
                        : TIFFIsTiled(tiff_)           ? decode_tiles(*form, cut, canvas, deadline)
                                                       : decode_rows(*form, cut, canvas, deadline);
  if (!status) page_.reset();  // what the codec was in the middle of is forgotten
  canvas.finish();
  return status;
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to decode the picture");
}

Result<std::unique_ptr<TiffFile>> open_file(const std::string& path, const Limits& limits) try {
  auto file = std::make_unique<File>(limits);
  if (Status s = file->open(path); !s) return s.error();
  return std::unique_ptr<TiffFile>(std::move(file));
} catch (const std::bad_alloc&) {
  return picture_failure("out-of-memory", "no memory to open the picture");
}

}  // namespace
}  // namespace tenfold::media

extern "C" __attribute__((visibility("default"))) void tenfold_tiff_open(
    const std::string& path, const tenfold::media::Limits& limits,
    tenfold::Result<std::unique_ptr<tenfold::media::TiffFile>>& out) {
  out = tenfold::media::open_file(path, limits);
}
