// What a drawing shows, line by line, whatever draws it: a step under what rests on it. What lies deeper than kMaxDepth
// goes on in a block of its own at the left margin, so that a chain of steps does not leave the page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proof/proof.h"

namespace tenfold::proof {

struct DrawnLine {
  std::size_t depth = 0;
  std::size_t parent = 0;  // index of the line above that it belongs to; its own for the first of a block
  std::string title, detail, side;
  std::string_view kind;  // a kind of step; "tried", "holds", "missing"; or "note"
  bool leaf = true;
  std::size_t block = 0;    // it begins this block; 0: none
  std::size_t goes_on = 0;  // in this block; 0: none
};

std::vector<DrawnLine> drawn_lines(const Proof& proof);
std::vector<DrawnLine> drawn_lines(const WhyNot& why);

}  // namespace tenfold::proof
