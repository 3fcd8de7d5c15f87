#include "media/adapter.h"
#include "media/archive.h"
#include "media/luma.h"
#include "media/reader.h"

namespace tenfold::media {

Result<Colours> Medium::picture(const Part&, PictureSize) {
  return Error{"no-picture", {}, "this has no picture", "ask a network about images, pages or frames", ""};
}

Result<Image> Medium::grey(const Part& part, PictureSize size) {
  const Result<Colours> colours = picture(part, size);
  if (!colours) return colours.error();
  Image image{colours->width, colours->height, {}, false};
  image.pixels.reserve(colours->rgb.size() / 3);
  ColourCount count;
  for (std::size_t i = 0; i + 2 < colours->rgb.size(); i += 3) {
    float c[3];
    for (std::size_t j = 0; j < 3; ++j) c[j] = static_cast<float>(colours->rgb[i + j]) / 255.0f;
    count.add(c[0], c[1], c[2]);
    image.pixels.push_back(luma(c[0], c[1], c[2]));
  }
  image.coloured = count.coloured(image.pixels.size());
  return image;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter& adapter : adapters())
    if (adapter.name == name) return &adapter;
  return nullptr;
}

const Adapter* adapter_of(std::string_view format) {
  for (const Adapter& adapter : adapters())
    if (adapter.reads(format)) return &adapter;
  return nullptr;
}

std::span<const Adapter> adapters() {
  static const std::vector<Adapter> all = {
      archive_adapter(),
      image_adapter(),  // before documents: what is asked of a key's pixels is asked of the first that reads it
      dicom_adapter(),   document_adapter(), video_adapter(), table_adapter(),
  };
  return all;
}

}  // namespace tenfold::media
