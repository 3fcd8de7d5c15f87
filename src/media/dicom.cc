#include "media/dicom.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <new>

#include "media/dicom_header.h"
#include "media/dicom_pixels.h"
#include "media/luma.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kMaxInflated = std::size_t{1} << 30;

/// Modality values into [0, 1]: PS3.3 C.11.2.1.2 (linear), C.11.2.1.3 (sigmoid and linear exact).
class Window {
 public:
  Window(const DicomHeader& header, double low, double high) {
    if (header.window && header.window->width > 0) {
      center_ = header.window->center, width_ = header.window->width;
      sigmoid_ = header.voi == DicomHeader::Voi::sigmoid;
      if (header.voi == DicomHeader::Voi::linear) center_ -= 0.5, width_ -= 1;
      step_ = width_ <= 0;
    } else {
      center_ = (low + high) / 2, width_ = high - low;
    }
  }
  double operator()(double value) const {
    if (sigmoid_) return 1 / (1 + std::exp(-4 * (value - center_) / width_));
    if (width_ > 0) return std::clamp((value - center_) / width_ + 0.5, 0.0, 1.0);
    return step_ && value > center_ ? 1 : 0;
  }

 private:
  double center_ = 0, width_ = 0;
  bool sigmoid_ = false, step_ = false;
};

void show_grey(const Samples& samples, const DicomHeader& header, Image& image) {
  const std::size_t count = image.pixels.size();
  const double slope = header.slope.value_or(1), intercept = header.intercept.value_or(0);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 0; !header.window && i < count; ++i) {
    const double stored = samples.at(i);
    if (header.padding && stored == static_cast<double>(*header.padding)) continue;
    low = std::min(low, stored * slope + intercept);
    high = std::max(high, stored * slope + intercept);
  }
  const Window window(header, low, high);
  const bool inverted = header.photometric == "MONOCHROME1";
  for (std::size_t i = 0; i < count; ++i) {
    const double shown = window(samples.at(i) * slope + intercept);
    image.pixels[i] = static_cast<float>(inverted ? 1 - shown : shown);
  }
}

void show_colour(const Samples& samples, Image& image) {
  const std::size_t count = image.pixels.size();
  const double scale = 1 / samples.greatest();
  ColourCount colours;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = samples.planar ? i : 3 * i, step = samples.planar ? count : 1;
    const auto a = static_cast<float>(samples.at(at) * scale), b = static_cast<float>(samples.at(at + step) * scale),
               c = static_cast<float>(samples.at(at + 2 * step) * scale);
    if (samples.luma_first) {
      // Chroma is centred at half the range rounded up: 128 of 255.
      const auto half = static_cast<float>((samples.greatest() + 1) / 2 * scale);
      colours.add_chroma(b - half, c - half);
      image.pixels[i] = a;
    } else {
      colours.add(a, b, c);
      image.pixels[i] = luma(a, b, c);
    }
  }
  image.coloured = colours.coloured(count);
}

/// Entries of one table in [0, 1].
std::vector<float> palette_of(const DicomPalette& palette, const DicomHeader& header, std::string_view file) {
  const std::string_view data = file.substr(palette.offset, palette.length);
  // Entries of 8 bits are packed, or one in each 16-bit word.
  const bool words = palette.bits > 8 || data.size() >= 2 * std::size_t{palette.entries};
  const std::size_t width = words ? 2 : 1;
  std::vector<float> entries(std::min<std::size_t>(palette.entries, data.size() / width));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(data[at])); };
    unsigned value = byte(i);
    if (words) value = header.big_endian ? byte(2 * i) << 8 | byte(2 * i + 1) : byte(2 * i + 1) << 8 | byte(2 * i);
    if (!words && header.big_endian && (i ^ 1) < data.size()) value = byte(i ^ 1);
    entries[i] = std::min(1.0f, static_cast<float>(value) / (palette.bits > 8 ? 65535.0f : 255.0f));
  }
  return entries;
}

Status show_palette(const Samples& samples, const DicomHeader& header, std::string_view file, Image& image) {
  std::vector<float> tables[3];
  for (std::size_t i = 0; i < 3; ++i) {
    tables[i] = palette_of(header.palette[i], header, file);
    if (tables[i].empty()) return dicom_error("malformed-dicom", "a colour table is empty", "export the image again");
  }
  ColourCount colours;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const auto stored = static_cast<std::int64_t>(samples.at(i));
    float rgb[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const auto last = static_cast<std::int64_t>(tables[c].size()) - 1;
      rgb[c] = tables[c][static_cast<std::size_t>(std::clamp<std::int64_t>(stored - header.palette[c].first, 0, last))];
    }
    colours.add(rgb[0], rgb[1], rgb[2]);
    image.pixels[i] = luma(rgb[0], rgb[1], rgb[2]);
  }
  image.coloured = colours.coloured(image.pixels.size());
  return {};
}

Result<Picture> decode(const DicomHeader& header, std::string_view file, std::uint32_t frame) {
  const Result<Samples> samples = read_samples(header, file, frame);
  if (!samples) return samples.error();
  Picture picture;
  picture.tags = header.tags;
  Image& image = picture.image;
  image.width = header.columns;
  image.height = header.rows;
  image.pixels.resize(std::size_t{header.rows} * header.columns);
  if (header.photometric == "PALETTE COLOR") {
    if (const Status status = show_palette(*samples, header, file, image); !status) return status.error();
  } else if (header.samples == 3) {
    show_colour(*samples, image);
  } else {
    show_grey(*samples, header, image);
  }
  return picture;
}

}  // namespace

Result<Picture> decode_dicom(std::string_view file, std::uint64_t max_pixels, std::uint32_t frame) {
  try {
    std::string inflated;
    const Result<DicomHeader> header = read_dicom_header(file, inflated, kMaxInflated);
    if (!header) return header.error();
    const std::string_view bytes = inflated.empty() ? file : std::string_view(inflated);
    if (const Status status = check_pixels(*header, max_pixels); !status) return status.error();
    return decode(*header, bytes, frame);
  } catch (const std::bad_alloc&) {
    return dicom_error("out-of-memory", "no memory to decode the picture", "give the program more memory");
  } catch (const std::exception& problem) {
    return dicom_error("damaged-image", std::string("the decoder gave up: ") + problem.what(),
                       "export the image again");
  }
}

}  // namespace tenfold::media
