// Words with positions into lines, blocks and tables in reading order; for PDF and for what OCR reads.
//
// Runs of words on one baseline are pieces; a piece ends where the gap is wider than a blank can be. Bands of the page
// that share a gutter are columns where both sides read like running text (many long pieces), and are read one after
// the other; else they are rows, read across (after G. Nagy, S. Seth, "Hierarchical representation of optically scanned
// documents", ICPR 1984: alternating cuts of the page along white space). Rows whose pieces stand under each other are
// a table. A block is a heading by its size, weight or number, a list item by its mark, a footnote by its size and
// place. All is decided by one page alone, so that no other is decoded for it.
#pragma once

#include <string>
#include <vector>

#include "media/documents/document.h"

namespace tenfold::media::documents {

/// A word as a decoder gives it, in the decoder's own order.
struct PlacedWord {
  std::string text;  // UTF-8, no blanks
  Box box;
  double size = 0.0;  // of the font, in units of the box
  bool bold = false;
  bool upright = true;  // not turned against the page
  bool glued = false;   // no blank between this word and the one before
  float confidence = -1.0f;
};

Page lay_out(std::vector<PlacedWord> words, PageSize size);

}  // namespace tenfold::media::documents
