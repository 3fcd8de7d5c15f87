// The adapter `image`: PNG, JPEG and TIFF files. Headers are read when the file is opened, pixels of a region when a
// relation of pixels or a network asks for it.
#include <ctime>
#include <optional>

#include "media/images/picture_file.h"
#include "media/images/picture_relations.h"

namespace tenfold::media {
namespace {

enum class Relation : std::uint8_t { picture, orientation, page, taken, first_of_pixels };

std::vector<FactSchema> image_relations() {
  const FactSchema::Column key{"key", Type::string};
  std::vector<FactSchema> relations = {
      {"picture",
       {key,
        {"format", Type::string},
        {"width", Type::u32},
        {"height", Type::u32},
        {"bits", Type::u32},
        {"channels", Type::u32},
        {"colour", Type::string},
        {"compression", Type::string}},
       "of a page (the first if the key names none): sides in pixels as it is shown, bits of a sample, samples of a "
       "pixel"},
      {"orientation", {key, {"code", Type::u32}}, "how it is turned to be shown, by EXIF or TIFF: 1 not, 2 to 8"},
      {"page",
       {key, {"n", Type::u32}, {"page", Type::string}, {"width", Type::u32}, {"height", Type::u32}},
       "each page from 1, its key, its sides in pixels as it is shown"},
      {"taken",
       {key, {"at", Type::datetime}},
       "EXIF DateTimeOriginal, else DateTime; no zone is stated, so it is read as UTC"},
  };
  for (FactSchema& schema : picture_relations()) relations.push_back(std::move(schema));
  return relations;
}

/// "2024:05:17 09:31:00"
std::optional<Micros> taken_at(std::string text) {
  if (text.size() < 19 || text[4] != ':' || text[7] != ':') return std::nullopt;
  text[4] = text[7] = '-';
  text.resize(19);
  return parse_datetime(text);
}

class ImageMedium : public Medium {
  template <class F>
  auto timed(F decode) {
    const std::clock_t begin = std::clock();
    auto out = decode();
    seconds_ += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    return out;
  }

 public:
  ImageMedium(std::string path, std::string_view format, std::unique_ptr<PictureFile> file)
      : path_(std::move(path)), format_(format), file_(std::move(file)) {}

  Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) override {
    const Result<Cut> cut = file_->region(part);
    if (!cut) return cut.error();
    const auto first = static_cast<std::size_t>(Relation::first_of_pixels);
    if (relation >= first) {
      const PictureView view{path_, part, cut->x, cut->y, cut->width, cut->height, [&] { return kept_grey(part); }};
      return picture_facts(relation - first, view);
    }
    const Result<RasterHeader> header = file_->header(part.page.value_or(1));
    if (!header) return header.error();
    const Cut sides = PictureFile::shown(*header);
    const std::string place = write_key(path_, part);
    switch (static_cast<Relation>(relation)) {
      case Relation::picture:
        return std::vector<MediaFact>{
            {{std::string(format_), std::int64_t{sides.width}, std::int64_t{sides.height}, std::int64_t{header->bits},
              std::int64_t{header->channels}, header->colour, header->compression},
             place}};
      case Relation::orientation:
        return std::vector<MediaFact>{{{std::int64_t{header->orientation}}, place}};
      case Relation::taken: {
        const auto at = taken_at(header->taken);
        if (!at) return std::vector<MediaFact>{};
        return std::vector<MediaFact>{{{*at}, place}};
      }
      default:
        return pages(part);
    }
  }

  Result<Colours> picture(const Part& part, PictureSize size) override {
    return timed([&] { return file_->colours(part, size); });
  }
  Result<Image> grey(const Part& part, PictureSize size) override {
    return timed([&] { return file_->grey(part, size); });
  }

  MediaWork work() const override {
    MediaWork work{"pixel", 0, file_->decoded(), seconds_};
    for (std::uint32_t page = 1; page <= file_->pages(); ++page)
      if (const Result<RasterHeader> header = file_->header(page))
        work.there += std::uint64_t{header->width} * header->height;
    return work;
  }

 private:
  Result<const Image*> kept_grey(const Part& part) {
    if (!kept_ || kept_part_ != part) {
      kept_.reset();
      Result<Image> image = grey(part, {});
      if (!image) return image.error();
      kept_ = std::move(*image);
      kept_part_ = part;
    }
    return &*kept_;
  }

  Result<std::vector<MediaFact>> pages(const Part& part) {
    std::vector<MediaFact> facts;
    for (std::uint32_t n = part.page.value_or(1); n <= part.page.value_or(file_->pages()); ++n) {
      const Result<RasterHeader> header = file_->header(n);
      if (!header) return header.error();
      Part page;
      page.page = n;
      const Cut sides = PictureFile::shown(*header);
      const std::string key = write_key(path_, page);
      facts.push_back({{std::int64_t{n}, key, std::int64_t{sides.width}, std::int64_t{sides.height}}, key});
    }
    return facts;
  }

  std::string path_;
  std::string_view format_;
  std::unique_ptr<PictureFile> file_;
  double seconds_ = 0;
  std::optional<Image> kept_;  // what was measured last
  Part kept_part_;
};

Result<std::unique_ptr<Medium>> open_image(const std::string& path, std::string_view format, const Limits& limits) {
  Result<std::unique_ptr<PictureFile>> file = PictureFile::open(path, format, limits);
  if (!file) return file.error();
  return std::unique_ptr<Medium>(std::make_unique<ImageMedium>(path, format, std::move(*file)));
}

}  // namespace

Adapter image_adapter() {
  return {"image",
          "pictures: their headers, classical measures, tiles",
          {"png", "jpeg", "tiff"},
          image_relations(),
          open_image};
}

}  // namespace tenfold::media
