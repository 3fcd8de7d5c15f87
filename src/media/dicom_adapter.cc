// The adapter `dicom`: the header when the file is opened, a frame when a relation of pixels or a network asks for it.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>

#include "media/adapter.h"
#include "media/dicom.h"
#include "media/dicom_header.h"
#include "media/dicom_pixels.h"
#include "media/images/picture_relations.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

enum class Relation : std::uint8_t { header, pixels, frame, first_of_measures };

std::vector<FactSchema> dicom_relations() {
  const FactSchema::Column key{"key", Type::string};
  std::vector<FactSchema> relations = {
      {"header",
       {key,
        {"modality", Type::string},
        {"body_part", Type::string},
        {"view", Type::string},
        {"patient", Type::string},
        {"birth", Type::string},
        {"age", Type::string},
        {"study_date", Type::string}},
       "0008,0060; 0018,0015; 0018,5101; 0010,0020; 0010,0030; 0010,1010; 0008,0020, as they are written; empty where "
       "the file has no such element"},
      {"pixels",
       {key,
        {"width", Type::u32},
        {"height", Type::u32},
        {"frames", Type::u32},
        {"bits", Type::u32},
        {"samples", Type::u32},
        {"photometric", Type::string},
        {"transfer_syntax", Type::string}},
       "of each frame: bits stored, samples of a pixel; none for an object without pictures"},
      {"frame", {key, {"n", Type::u32}, {"frame", Type::string}}, "each frame from 1, and its key"},
  };
  for (FactSchema& schema : picture_relations()) relations.push_back(std::move(schema));
  return relations;
}

class DicomMedium : public Medium {
 public:
  DicomMedium(std::string path, std::string bytes, DicomHeader header, const Limits& limits)
      : path_(std::move(path)), bytes_(std::move(bytes)), header_(std::move(header)), limits_(limits) {}

  Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) override {
    const auto first = static_cast<std::size_t>(Relation::first_of_measures);
    const std::string place = write_key(path_, part);
    if (relation >= first) return measures(relation - first, part);
    std::vector<MediaFact> out;
    if (relation == static_cast<std::size_t>(Relation::header)) {
      const ImageTags& tags = header_.tags;
      out.push_back({{tags.modality, tags.body_part, tags.view, tags.patient_id, tags.patient_birth, tags.patient_age,
                      tags.study_date},
                     place});
      return out;
    }
    if (!header_.has_pixels) return out;
    if (relation == static_cast<std::size_t>(Relation::pixels)) {
      out.push_back({{std::int64_t{header_.columns}, std::int64_t{header_.rows}, std::int64_t{frames()},
                      std::int64_t{header_.bits_stored}, std::int64_t{header_.samples}, header_.photometric,
                      header_.transfer_syntax},
                     place});
      return out;
    }
    if (frames() > limits_.pages)
      return dicom_error("too-many-frames", "there are more than " + std::to_string(limits_.pages) + " frames",
                         "ask for one: #frame=1");
    for (std::uint32_t n = 1; n <= frames(); ++n) {
      if (part.frame && *part.frame != n) continue;
      Part frame;
      frame.frame = n;
      const std::string key = write_key(path_, frame);
      out.push_back({{std::int64_t{n}, key}, key});
    }
    return out;
  }

  Result<Image> grey(const Part& part, PictureSize) override {
    const std::uint32_t frame = part.frame.value_or(1);
    if (part.page || part.t || part.chars)
      return dicom_error("no-part", "a DICOM file has frames and boxes", "write #frame=1, or #frame=1&xywh=0,0,64,64");
    if (!kept_ || kept_frame_ != frame) {
      const std::clock_t begin = std::clock();
      kept_.reset();
      Result<Picture> picture = decode_dicom(bytes_, limits_.decoded_pixels, frame - 1);
      seconds_ += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (!picture) return picture.error();
      kept_ = std::move(picture->image);
      kept_frame_ = frame;
      ++decoded_;
    }
    return part.box ? cut(*kept_, *part.box) : Result<Image>(*kept_);
  }

  // Grey as it is: what a colour picture is to a network that wants colours is its luma.
  Result<Colours> picture(const Part& part, PictureSize size) override {
    const Result<Image> image = grey(part, size);
    if (!image) return image.error();
    Colours colours{image->width, image->height, {}};
    colours.rgb.reserve(image->pixels.size() * 3);
    for (const float value : image->pixels)
      colours.rgb.insert(colours.rgb.end(), 3, static_cast<std::uint8_t>(std::lround(value * 255.0f)));
    return colours;
  }

  MediaWork work() const override { return {"frame", header_.has_pixels ? frames() : 0, decoded_, seconds_}; }

 private:
  std::uint32_t frames() const { return std::max(1u, header_.tags.frames); }

  // Outward to whole pixels, and clipped.
  static Result<Image> cut(const Image& whole, const Box& box) {
    const auto x = static_cast<std::uint64_t>(std::floor(box.x)), y = static_cast<std::uint64_t>(std::floor(box.y));
    const auto right = std::min<std::uint64_t>(whole.width, static_cast<std::uint64_t>(std::ceil(box.x + box.width)));
    const auto low = std::min<std::uint64_t>(whole.height, static_cast<std::uint64_t>(std::ceil(box.y + box.height)));
    if (x >= right || y >= low)
      return dicom_error("outside",
                         "the box lies outside the picture of " + std::to_string(whole.width) + "x" +
                             std::to_string(whole.height) + " pixels",
                         "boxes are x,y,width,height from the upper left corner");
    Image out{static_cast<std::uint32_t>(right - x), static_cast<std::uint32_t>(low - y), {}, whole.coloured};
    for (std::uint64_t row = y; row < low; ++row) {
      const auto at = whole.pixels.begin() + static_cast<std::ptrdiff_t>(row * whole.width);
      out.pixels.insert(out.pixels.end(), at + static_cast<std::ptrdiff_t>(x), at + static_cast<std::ptrdiff_t>(right));
    }
    return out;
  }

  Result<std::vector<MediaFact>> measures(std::size_t relation, const Part& part) {
    Result<Image> image = grey(part, {});
    if (!image) return image.error();
    const Box box = part.box.value_or(Box{});
    const PictureView view{path_,
                           part,
                           static_cast<std::uint32_t>(box.x),
                           static_cast<std::uint32_t>(box.y),
                           image->width,
                           image->height,
                           [&]() -> Result<const Image*> { return &*image; }};
    return picture_facts(relation, view);
  }

  const std::string path_, bytes_;
  const DicomHeader header_;
  const Limits limits_;
  std::optional<Image> kept_;  // the frame that was asked for last
  std::uint32_t kept_frame_ = 0;
  std::uint64_t decoded_ = 0;
  double seconds_ = 0.0;
};

Result<std::unique_ptr<Medium>> open_dicom(const std::string& path, std::string_view, const Limits& limits) {
  Result<std::string> bytes = read_bytes(path, std::min(limits.file_bytes, limits.memory_bytes));
  if (!bytes) return bytes.error();
  std::string inflated;
  Result<DicomHeader> header = read_dicom_header(*bytes, inflated, limits.expanded_bytes);
  if (!header) return header.error();
  return std::unique_ptr<Medium>(std::make_unique<DicomMedium>(path, std::move(*bytes), std::move(*header), limits));
}

}  // namespace

Adapter dicom_adapter() {
  return {
      "dicom", "DICOM objects: their headers, frames, classical measures", {"dicom"}, dicom_relations(), open_dicom};
}

}  // namespace tenfold::media
