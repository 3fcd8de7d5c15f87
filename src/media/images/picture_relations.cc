#include "media/images/picture_relations.h"

#include <algorithm>
#include <array>

#include "media/images/measures.h"

namespace tenfold::media {
namespace {

enum class Relation : std::uint8_t { exposure, blur, blank, edges, blob, tile };

constexpr std::size_t kMostBlobs = 10'000;

Box box_of(std::uint32_t x, std::uint32_t y, std::uint32_t width, std::uint32_t height) {
  return {double(x), double(y), double(width), double(height)};
}

std::string boxed(const PictureView& view, std::uint32_t x, std::uint32_t y, std::uint32_t width,
                  std::uint32_t height) {
  Part part = view.part;
  part.box = box_of(x, y, width, height);
  return write_key(view.path, part);
}

std::vector<MediaFact> tiles(const PictureView& view) {
  std::vector<MediaFact> facts;
  for (std::uint32_t y = 0; y < view.height; y += kTileSide) {
    for (std::uint32_t x = 0; x < view.width; x += kTileSide) {
      const std::uint32_t left = view.x + x, top = view.y + y, width = std::min(kTileSide, view.width - x),
                          height = std::min(kTileSide, view.height - y);
      std::string key = boxed(view, left, top, width, height);
      facts.push_back({{static_cast<std::int64_t>(facts.size() + 1), key, std::int64_t{left}, std::int64_t{top},
                        std::int64_t{width}, std::int64_t{height}},
                       key});
    }
  }
  return facts;
}

Result<std::vector<MediaFact>> blob_facts(const PictureView& view, const Image& image) {
  const std::vector<Blob> all = blobs(image);
  if (all.size() > kMostBlobs)
    return Error{"too-many-blobs",
                 {view.path},
                 "the picture falls into " + std::to_string(all.size()) + " blobs",
                 "ask about a smaller region; this is texture or noise, and blobs say little of it",
                 ""};
  std::vector<MediaFact> facts;
  for (const Blob& blob : all)
    facts.push_back(
        {{static_cast<std::int64_t>(facts.size() + 1), std::int64_t{view.x} + blob.x, std::int64_t{view.y} + blob.y,
          std::int64_t{blob.width}, std::int64_t{blob.height}, static_cast<std::int64_t>(blob.area), blob.mean},
         boxed(view, view.x + blob.x, view.y + blob.y, blob.width, blob.height)});
  return facts;
}

}  // namespace

std::vector<FactSchema> picture_relations() {
  const FactSchema::Column key{"key", Type::string};
  const auto box = [&](std::vector<FactSchema::Column> before, std::vector<FactSchema::Column> after) {
    for (const char* name : {"x", "y", "width", "height"}) before.push_back({name, Type::u32});
    before.insert(before.end(), after.begin(), after.end());
    return before;
  };
  return {
      {"exposure",
       {key, {"mean", Type::f64}, {"deviation", Type::f64}, {"dark_share", Type::f64}, {"bright_share", Type::f64}},
       "mean and standard deviation of brightness, 0 black to 1 white; the shares of pixels below 1/16 and above "
       "15/16"},
      {"blur",
       {key, {"sharpness", Type::f64}},
       "variance of the Laplacian, in squared grey levels of 0 to 255: low is blurred"},
      {"blank", {key}, "at least 999 of 1,000 pixels lie within 8/255 of the median brightness"},
      {"edges",
       {key, {"share", Type::f64}},
       "the share of pixels where brightness climbs by more than 1/16 a pixel (Sobel)"},
      {"blob", box({key, {"n", Type::u32}}, {{"area", Type::u64}, {"mean", Type::f64}}),
       "parts of at least 4 touching pixels on the rarer side of Otsu's threshold, largest first: box and area in "
       "pixels, "
       "mean brightness in [0, 1]"},
      {"tile", box({key, {"n", Type::u32}, {"tile", Type::string}}, {}),
       "tiles of 512x512 pixels, less at the right and lower edge, row by row; `tile` is the key of one"},
  };
}

Result<std::vector<MediaFact>> picture_facts(std::size_t relation, const PictureView& view) {
  const auto which = static_cast<Relation>(relation);
  if (which == Relation::tile) return tiles(view);
  const Result<const Image*> grey = view.grey();
  if (!grey) return grey.error();
  const Image& image = **grey;
  const std::string place = write_key(view.path, view.part);
  switch (which) {
    case Relation::exposure: {
      const Exposure e = exposure(image);
      return std::vector<MediaFact>{{{e.mean, e.deviation, e.dark_share, e.bright_share}, place}};
    }
    case Relation::blur:
      return std::vector<MediaFact>{{{sharpness(image)}, place}};
    case Relation::blank:
      if (!blank(image)) return std::vector<MediaFact>{};
      return std::vector<MediaFact>{{{}, place}};
    case Relation::edges:
      return std::vector<MediaFact>{{{edge_share(image)}, place}};
    default:
      return blob_facts(view, image);
  }
}

}  // namespace tenfold::media
