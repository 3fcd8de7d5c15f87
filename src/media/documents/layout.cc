#include "media/documents/layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/utf8.h"
#include "media/documents/marks.h"
#include "media/documents/page_builder.h"

namespace tenfold::media::documents {
namespace {

// All in sizes of the font (em). A blank is 0.25 to 0.33; justified lines stretch it to about 1.
constexpr double kGlue = 0.08;   // less than that between two words, and there is no blank
constexpr double kPiece = 1.6;   // more than that, and a new piece begins
constexpr double kGutter = 1.0;  // columns lie at least so far apart
constexpr double kMark = 8.0;    // a list's mark may stand so far before its text

double right(const Box& box) { return box.x + box.width; }
double bottom(const Box& box) { return box.y + box.height; }
double middle(const Box& box) { return box.y + box.height / 2; }

void include(Box& all, const Box& one) {
  const double r = std::max(right(all), right(one)), b = std::max(bottom(all), bottom(one));
  all.x = std::min(all.x, one.x);
  all.y = std::min(all.y, one.y);
  all.width = r - all.x;
  all.height = b - all.y;
}

/// A run of words on one baseline.
struct Piece {
  std::vector<PlacedWord> words;
  Box box;
  double size = 0.0;  // of most of its characters
  std::size_t chars = 0;
  bool bold = false, upright = true;
};

/// Pieces that stand beside each other, from left to right.
using Row = std::vector<Piece*>;

bool same_line(const Box& a, const Box& b) {
  const double shared = std::min(bottom(a), bottom(b)) - std::max(a.y, b.y);
  return shared > 0.5 * std::min(a.height, b.height);
}

void measure(Piece& piece) {
  std::map<double, std::size_t> sizes;
  std::size_t bold = 0;
  piece.box = piece.words.front().box;
  piece.chars = 0;
  for (const PlacedWord& word : piece.words) {
    include(piece.box, word.box);
    const std::size_t chars = count_scalars(word.text);
    sizes[word.size] += chars;
    piece.chars += chars;
    bold += word.bold ? chars : 0;
  }
  piece.size =
      std::max_element(sizes.begin(), sizes.end(), [](auto& a, auto& b) { return a.second < b.second; })->first;
  piece.bold = bold * 2 > piece.chars;
  piece.upright = piece.words.front().upright;
}

/// A decoder's order follows lines; a piece takes words as long as they go on to the right on its line.
std::vector<Piece> make_pieces(std::vector<PlacedWord>& words) {
  std::vector<Piece> pieces;
  for (PlacedWord& word : words) {
    Piece* piece = pieces.empty() ? nullptr : &pieces.back();
    if (piece) {
      PlacedWord& last = piece->words.back();
      const double em = std::max({last.size, word.size, 1e-6});
      const double gap = word.box.x - right(last.box);
      if (word.upright == last.upright && word.upright && same_line(last.box, word.box) && gap > -0.5 * em &&
          gap < kPiece * em) {
        if (word.glued && gap < kGlue * em) {
          last.text += word.text;
          include(last.box, word.box);
        } else {
          piece->words.push_back(std::move(word));
        }
        continue;
      }
    }
    pieces.emplace_back();
    pieces.back().words.push_back(std::move(word));
  }
  for (Piece& piece : pieces) measure(piece);
  return pieces;
}

/// Pieces that follow closely on one line, or a list's mark and its text, are one.
void join_pieces(std::vector<Piece>& pieces) {
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.box.x < b.box.x; });
  std::vector<Piece> out;
  for (Piece& piece : pieces) {
    Piece* best = nullptr;
    double best_gap = 0.0;
    for (Piece& before : out) {
      if (!piece.upright || !before.upright || !same_line(before.box, piece.box)) continue;
      const double gap = piece.box.x - right(before.box), em = std::max(before.size, piece.size);
      const bool mark = before.words.size() == 1 && list_mark(before.words[0].text) != Mark::none;
      if (gap < -0.5 * em || gap > (mark ? kMark : kPiece) * em) continue;
      if (!best || gap < best_gap) best = &before, best_gap = gap;
    }
    if (!best) {
      out.push_back(std::move(piece));
      continue;
    }
    std::move(piece.words.begin(), piece.words.end(), std::back_inserter(best->words));
    measure(*best);
  }
  pieces = std::move(out);
}

struct Interval {
  double from, to;
};

/// What no piece covers between the outermost two, at least `least` wide.
template <class From, class To>
std::vector<Interval> gaps(std::vector<Piece*> pieces, double least, From from, To to) {
  std::vector<Interval> out;
  std::sort(pieces.begin(), pieces.end(), [&](auto* a, auto* b) { return from(*a) < from(*b); });
  double covered = to(*pieces.front());
  for (const Piece* piece : pieces) {
    if (from(*piece) - covered >= least) out.push_back({covered, from(*piece)});
    covered = std::max(covered, to(*piece));
  }
  return out;
}

std::vector<Interval> gutters(const std::vector<Piece*>& pieces, double least) {
  return gaps(
      pieces, least, [](const Piece& p) { return p.box.x; }, [](const Piece& p) { return right(p.box); });
}

/// Bands of pieces with white space above and below all of each.
std::vector<std::vector<Piece*>> bands(std::vector<Piece*> pieces) {
  std::sort(pieces.begin(), pieces.end(), [](auto* a, auto* b) { return a->box.y < b->box.y; });
  std::vector<std::vector<Piece*>> out;
  double covered = -std::numeric_limits<double>::infinity();
  for (Piece* piece : pieces) {
    // Boxes reach from ascender to descender: lines set close overlap a little.
    const double top = piece->box.y + 0.2 * piece->box.height, low = bottom(piece->box) - 0.2 * piece->box.height;
    if (out.empty() || top >= covered) out.emplace_back();
    out.back().push_back(piece);
    covered = std::max(covered, low);
  }
  return out;
}

/// What is read without going back: rows of one column, or of the whole page.
struct Flow {
  std::vector<Row> rows;
};

class Reader {
 public:
  Reader(double em) : em_(em) {}

  std::vector<Flow> read(const std::vector<Piece*>& pieces) {
    order(pieces, 0);
    return std::move(flows_);
  }

 private:
  using Pieces = std::vector<Piece*>;

  /// Running text on both sides: the pieces fill their side and are long.
  bool running(const Pieces& side) const {
    double from = side.front()->box.x, to = right(side.front()->box), widths = 0.0;
    std::size_t chars = 0;
    for (const Piece* piece : side) {
      from = std::min(from, piece->box.x);
      to = std::max(to, right(piece->box));
      widths += piece->box.width;
      chars += piece->chars;
    }
    const auto count = static_cast<double>(side.size());
    return side.size() >= 3 && widths / count >= 0.55 * (to - from) && static_cast<double>(chars) / count >= 16.0;
  }

  void add_rows(const Pieces& band) {
    if (flows_.empty() || new_flow_) flows_.emplace_back();
    new_flow_ = false;
    // A band may hold pieces that overlap in steps; those of one line make a row.
    Pieces sorted = band;
    std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return middle(a->box) < middle(b->box); });
    std::vector<Row> rows;
    for (Piece* piece : sorted) {
      if (rows.empty() || !same_line(rows.back().front()->box, piece->box)) rows.emplace_back();
      rows.back().push_back(piece);
    }
    for (Row& row : rows) {
      std::sort(row.begin(), row.end(), [](auto* a, auto* b) { return a->box.x < b->box.x; });
      flows_.back().rows.push_back(std::move(row));
    }
  }

  static double top(const Pieces& band) {
    return std::ranges::min(band, {}, [](const Piece* piece) { return piece->box.y; })->box.y;
  }
  static double low(const Pieces& band) {
    return bottom(std::ranges::max(band, {}, [](const Piece* piece) { return bottom(piece->box); })->box);
  }

  /// The bands from `begin` on that share a gutter, as columns; where they end.
  std::size_t columns(const std::vector<Pieces>& all, std::size_t begin, int depth) {
    std::vector<Interval> shared = gutters(all[begin], kGutter * em_);
    std::optional<Interval> best;
    std::size_t best_end = begin;
    for (const Interval& first : shared) {
      Interval gutter = first;
      std::size_t end = begin + 1;
      for (; end < all.size(); ++end) {
        Interval narrowed = gutter;
        bool crosses = false, left_side = false, right_side = false;
        const double centre = (gutter.from + gutter.to) / 2;
        for (const Piece* piece : all[end]) {
          if (right(piece->box) <= centre) {
            narrowed.from = std::max(narrowed.from, right(piece->box));
            left_side = true;
          } else if (piece->box.x >= centre) {
            narrowed.to = std::min(narrowed.to, piece->box.x);
            right_side = true;
          } else {
            crosses = true;
          }
        }
        // What stands on one side alone, and far below, comes after the columns.
        if (!(left_side && right_side) && top(all[end]) - low(all[end - 1]) > 2.0 * em_) break;
        if (crosses || narrowed.to - narrowed.from < kGutter * em_) break;
        gutter = narrowed;
      }
      if (end > best_end) best = gutter, best_end = end;
    }
    if (!best) return begin;
    Pieces left, right_side;
    for (std::size_t i = begin; i < best_end; ++i)
      for (Piece* piece : all[i]) (piece->box.x < best->from ? left : right_side).push_back(piece);
    if (left.empty() || right_side.empty() || !running(left) || !running(right_side)) return begin;
    new_flow_ = true;
    order(left, depth + 1);
    new_flow_ = true;
    order(right_side, depth + 1);
    new_flow_ = true;
    return best_end;
  }

  void order(const Pieces& pieces, int depth) {
    const std::vector<Pieces> all = bands(pieces);
    constexpr int kDepth = 8;  // a page has no more columns within columns
    for (std::size_t i = 0; i < all.size();) {
      const std::size_t end = depth < kDepth && all[i].size() > 1 ? columns(all, i, depth) : i;
      if (end > i) {
        i = end;
      } else {
        add_rows(all[i]);
        ++i;
      }
    }
  }

  double em_;
  std::vector<Flow> flows_;
  bool new_flow_ = false;
};

/// What most characters of the page are set in.
double body_size(const std::vector<Piece>& pieces) {
  std::map<double, std::size_t> sizes;
  for (const Piece& piece : pieces) sizes[std::round(piece.size * 2) / 2] += piece.chars;
  double best = 10.0;
  std::size_t most = 0;
  for (const auto& [size, chars] : sizes)
    if (chars > most) best = size, most = chars;
  return std::max(best, 1e-3);
}

Box box_of(const Row& row) {
  Box box = row.front()->box;
  for (const Piece* piece : row) include(box, piece->box);
  return box;
}

/// The x-intervals that the pieces of these rows fill.
std::vector<Interval> table_columns(const std::vector<Row>& rows, std::size_t begin, std::size_t end) {
  std::vector<Interval> all;
  for (std::size_t i = begin; i < end; ++i)
    for (const Piece* piece : rows[i]) all.push_back({piece->box.x, right(piece->box)});
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.from < b.from; });
  std::vector<Interval> out;
  for (const Interval& one : all) {
    if (out.empty() || one.from >= out.back().to)
      out.push_back(one);
    else
      out.back().to = std::max(out.back().to, one.to);
  }
  return out;
}

/// How many rows from `begin` on stand under each other in columns; 0 where they are no table.
std::size_t table_rows(const std::vector<Row>& rows, std::size_t begin, double em) {
  std::size_t end = begin, full = 0;
  std::size_t columns = 0;
  while (end < rows.size()) {
    const std::size_t pieces = rows[end].size();
    if (end > begin) {
      const double above = bottom(box_of(rows[end - 1]));
      if (box_of(rows[end]).y - above > 3.0 * em) break;
    }
    const std::size_t now = table_columns(rows, begin, end + 1).size();
    if (pieces < 2 && (full == 0 || now < columns || now < 2)) break;
    if (pieces >= 2 && now < 2) break;
    if (end > begin && now < std::min<std::size_t>(columns, 2)) break;
    columns = now;
    full += pieces >= 2;
    ++end;
  }
  while (end > begin && rows[end - 1].size() < 2) --end;  // what follows a table is not its last cell
  return full >= 2 && columns >= 2 ? end - begin : 0;
}

/// Turns a flow's rows into blocks.
class Blocks {
 public:
  Blocks(PageBuilder& page, PageSize size, double em) : page_(page), size_(size), em_(em) {}

  void add(const Flow& flow) {
    const std::vector<Row>& rows = flow.rows;
    left_ = std::numeric_limits<double>::infinity();
    right_ = 0.0;
    for (const Row& row : rows)
      left_ = std::min(left_, row.front()->box.x), right_ = std::max(right_, right(row.back()->box));
    usual_gap_ = usual_gap(rows);
    marks_.clear();
    for (std::size_t i = 0; i < rows.size();) {
      if (const std::size_t count = rows[i].size() > 1 ? table_rows(rows, i, em_) : 0; count > 0) {
        add_table(rows, i, i + count);
        i += count;
        before_ = nullptr;
        continue;
      }
      add_row(rows[i], i + 1 < rows.size() ? &rows[i + 1] : nullptr);
      ++i;
    }
    page_.end_block();
    before_ = nullptr;
  }

 private:
  void add_words(const Piece& piece, std::string_view before) {
    for (const PlacedWord& word : piece.words) {
      page_.add_word({word.text, word.box, {}, word.confidence}, before);
      before = " ";
    }
  }

  void add_table(const std::vector<Row>& rows, std::size_t begin, std::size_t end) {
    const std::vector<Interval> columns = table_columns(rows, begin, end);
    page_.begin_block(Kind::table, 0);
    for (std::size_t i = begin; i < end; ++i) {
      page_.begin_line();
      for (const Piece* piece : rows[i]) {
        const auto column = std::find_if(columns.begin(), columns.end(), [&](auto& c) { return piece->box.x < c.to; });
        page_.begin_cell(static_cast<std::uint32_t>(i - begin + 1),
                         static_cast<std::uint32_t>(column - columns.begin() + 1));
        add_words(*piece, "\t");
        page_.end_cell();
      }
    }
    page_.end_block();
  }

  /// Lines of one paragraph are the closest: a third of the gaps are hardly ever between blocks.
  double usual_gap(const std::vector<Row>& rows) const {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const double gap = box_of(rows[i]).y - bottom(box_of(rows[i - 1]));
      if (gap > -0.5 * em_ && gap < 1.5 * em_) gaps.push_back(gap);
    }
    if (gaps.empty()) return 0.2 * em_;
    const auto third = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 3);
    std::nth_element(gaps.begin(), third, gaps.end());
    return *third;
  }

  static std::string text_of(const Row& row) {
    std::string text;
    for (const Piece* piece : row)
      for (const PlacedWord& word : piece->words) text += (text.empty() ? "" : " ") + word.text;
    return text;
  }

  /// In the margin at the top or the bottom, and alone there.
  std::optional<Kind> margin(const Box& box, const Row* next) const {
    if (size_.height <= 0.0) return std::nullopt;
    const double apart = usual_gap_ + 0.6 * em_;
    if (bottom(box) < 0.085 * size_.height && (!before_ || kind_ == Kind::header) &&
        (!next || box_of(*next).y - bottom(box) > apart))
      return Kind::header;
    if (box.y > 0.92 * size_.height && (!before_ || box.y - bottom(*before_) > apart || kind_ == Kind::footer))
      return Kind::footer;
    return std::nullopt;
  }

  struct Found {
    Kind kind;
    std::uint32_t level;
    bool begins;  // a block of its own, whatever stood before
  };

  Found classify(const Row& row, const Row* next, const std::string& text) const {
    const Piece& first = *row.front();
    const Box box = box_of(row);
    if (const auto kind = margin(box, next)) return {*kind, 0, kind != kind_};
    if (row.size() == 1 && page_number(text) && size_.height > 0.0 &&
        (bottom(box) < 0.14 * size_.height || box.y > 0.86 * size_.height))
      return {box.y > 0.5 * size_.height ? Kind::footer : Kind::header, 0, true};
    const std::string& word = first.words.front().text;
    const double gap = before_ ? box.y - bottom(*before_) : std::numeric_limits<double>::infinity();
    const bool small = first.size < 0.92 * em_ || (first.words.size() > 1 && first.words[1].size < 0.92 * em_);
    if (small && size_.height > 0.0 && box.y > 0.5 * size_.height) {
      if (kind_ == Kind::footnote) return {Kind::footnote, 0, note_mark(word)};
      if (note_mark(word)) return {Kind::footnote, 0, true};
    }
    const bool apart =
        gap > usual_gap_ + 0.3 * em_ && (!next || box_of(*next).y - bottom(box) > usual_gap_ + 0.2 * em_);
    const bool large = first.size >= 1.15 * em_;
    const bool short_line = box.width < 0.8 * (right_ - left_) || (next && next->front()->size < 0.9 * first.size);
    const Numbering number = section_number(text);
    const bool sentence = text.ends_with('.') || text.ends_with(',') || text.ends_with(';');
    if (row.size() == 1 && text.size() < 160 && has_letters(text)) {
      const bool strong = first.bold || (all_capitals(text) && first.chars >= 4);
      if (large && (short_line || first.size >= 1.3 * em_)) {
        const std::uint32_t level = first.size >= 1.6 * em_ ? 1 : first.size >= 1.3 * em_ ? 2 : 3;
        return {Kind::heading, number.depth ? number.depth : level, kind_ != Kind::heading || gap > 0.6 * em_};
      }
      if (strong && apart && !sentence && box.width < 0.9 * (right_ - left_))
        return {Kind::heading, number.depth ? number.depth : 3, kind_ != Kind::heading || gap > 0.6 * em_};
    }
    if (list_mark(word) != Mark::none && first.words.size() > 1) return {Kind::list_item, 0, true};
    // The rest of a list item stands under its text, or at the margin where only its first line is indented.
    if (kind_ == Kind::list_item && gap < usual_gap_ + 0.3 * em_ && (box.x > start_ - 0.3 * em_ || full_))
      return {Kind::list_item, 0, false};
    if (kind_ != Kind::paragraph || !before_) return {Kind::paragraph, 0, true};
    const bool indented = box.x - before_->x > 0.8 * em_ && box.x - left_ < 8.0 * em_ && ended_short_;
    const bool sizes_differ = std::abs(first.size - last_size_) > 0.12 * em_;
    return {Kind::paragraph, 0, gap > usual_gap_ + 0.4 * std::max(em_, first.size) || indented || sizes_differ};
  }

  /// How many list items it lies under, by where their marks stand.
  std::uint32_t item_level(double x) {
    while (!marks_.empty() && marks_.back() > x + 0.5 * em_) marks_.pop_back();
    if (marks_.empty() || marks_.back() < x - 0.5 * em_) marks_.push_back(x);
    return static_cast<std::uint32_t>(marks_.size());
  }

  void add_row(const Row& row, const Row* next) {
    const std::string text = text_of(row);
    const Found found = classify(row, next, text);
    if (!before_ || found.begins || found.kind != kind_) {
      if (found.kind == Kind::heading) marks_.clear();
      page_.begin_block(found.kind, found.kind == Kind::list_item ? item_level(row.front()->box.x) : found.level);
      start_ = row.front()->box.x;
    }
    page_.begin_line();
    std::string_view before = "";
    for (const Piece* piece : row) add_words(*piece, before), before = "\t";
    kind_ = found.kind;
    box_ = box_of(row);
    before_ = &box_;
    last_size_ = row.front()->size;
    const char end = text.empty() ? ' ' : text.back();
    full_ = right(box_) > right_ - 6.0 * em_;
    ended_short_ = right(box_) < right_ - 4.0 * em_ || end == '.' || end == ':' || end == ';';
  }

  PageBuilder& page_;
  PageSize size_;
  double em_;
  double left_ = 0.0, right_ = 0.0;  // of the flow
  double usual_gap_ = 0.0;           // between two lines of it
  // The row before, null at the beginning of a flow and after a table.
  const Box* before_ = nullptr;
  Box box_;
  Kind kind_ = Kind::paragraph;
  double start_ = 0.0, last_size_ = 0.0;
  std::vector<double> marks_;  // x of the list items that the next may lie under
  bool ended_short_ = false, full_ = false;
};

}  // namespace

Page lay_out(std::vector<PlacedWord> words, PageSize size) {
  PageBuilder page;
  if (words.empty()) return page.finish();
  std::vector<Piece> pieces = make_pieces(words);
  const double em = body_size(pieces);
  join_pieces(pieces);
  std::vector<Piece*> upright;
  Flow turned;  // text along an edge, after all else
  for (Piece& piece : pieces) {
    if (piece.upright)
      upright.push_back(&piece);
    else
      turned.rows.push_back({&piece});
  }
  Blocks blocks(page, size, em);
  if (!upright.empty())
    for (const Flow& flow : Reader(em).read(upright)) blocks.add(flow);
  blocks.add(turned);
  return page.finish();
}

}  // namespace tenfold::media::documents
