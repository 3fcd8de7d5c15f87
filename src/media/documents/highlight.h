// Evidence marked on a page, for people: the page drawn, each place shaded as with a text marker, as a PNG file.
#pragma once

#include <span>
#include <string>

#include "media/adapter.h"

namespace tenfold::media {

/// Shades `boxes` in a picture that shows `shown` of a page, both in the page's units, and draws a line around each.
/// What lies outside is left out.
void highlight(Colours& picture, const Box& shown, std::span<const Box> boxes);

/// 8 bits, red, green and blue. Errors: out-of-memory.
Result<std::string> encode_png(const Colours& picture);

/// A page of an opened document (adapter `document`) as PNG, with the boxes of the parts that lie on it marked: those
/// of a proof's places (read_key). `size` as for Medium::picture. Errors: those of Medium::picture and Medium::read.
Result<std::string> highlighted_page(Medium& document, std::uint32_t page, std::span<const Part> evidence,
                                     PictureSize size = {});

}  // namespace tenfold::media
