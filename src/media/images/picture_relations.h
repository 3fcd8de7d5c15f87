// Relations that every medium with pictures fills alike: measures of a part's pixels (measures.h), and its tiles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "media/adapter.h"

namespace tenfold::media {

constexpr std::uint32_t kTileSide = 512;

/// exposure, blur, blank, edges, blob, tile; in this order.
std::vector<FactSchema> picture_relations();

/// The pixels that a part names, in the picture as it is shown; what is asked of them.
struct PictureView {
  std::string path;
  Part part;
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
  std::function<Result<const Image*>()> grey;  // decodes
};

/// The tuples of picture_relations()[relation].
Result<std::vector<MediaFact>> picture_facts(std::size_t relation, const PictureView& view);

}  // namespace tenfold::media
