// Documents: PDF, DOCX, HTML, mail, plain text, and pictures of pages, as one tree of pages, blocks, lines, words and
// cells, each with its place. A page is decoded when a relation is asked about it, and recognised from its pixels
// (ocr_module.h) only where it carries no text. adapter.cc has the relations; a format is a Source, one file each;
// layout.h turns words with positions into blocks in reading order, text_page.h text without positions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "media/adapter.h"

namespace tenfold::media::documents {

/// Code points of a page's text, [from, to).
struct Span {
  std::uint32_t from = 0, to = 0;
};

struct Word {
  std::string text;
  Box box;
  Span chars;
  float confidence = -1.0f;  // of recognition, in [0, 1]; -1: the file has the word itself
};

struct Line {
  Box box;
  Span chars;
  std::uint32_t first = 0, end = 0;  // of Page::words
};

enum class Kind : std::uint8_t { heading, paragraph, list_item, table, footnote, header, footer };
std::string_view name(Kind kind);  // "list-item"

struct Block {
  Kind kind = Kind::paragraph;
  std::uint32_t level = 0;  // of a heading or a list item, from 1; else 0
  Box box;
  Span chars;
  std::uint32_t first = 0, end = 0;  // of Page::lines
  std::string text;                  // lines joined by a blank, a word divided at a line's end put together
};

struct Cell {
  std::uint32_t block = 0;            // of Page::blocks
  std::uint32_t row = 0, column = 0;  // from 1
  std::string text;
  Box box;
  Span chars;
};

struct Link {
  std::string text, target;  // the target is never opened
  Span chars;
};

/// Boxes are in points from the upper left corner of the page as it is shown, pixels where the file is a picture, and
/// empty where a format has no positions.
struct Page {
  std::string text;  // UTF-8: a line break after a line, an empty line between blocks, a tab between cells
  std::vector<Word> words;
  std::vector<Line> lines;
  std::vector<Block> blocks;
  std::vector<Cell> cells;
  std::vector<Link> links;
  bool text_layer = true;  // false: recognised from pixels
};

struct PageSize {
  double width = 0.0, height = 0.0;  // as the boxes of a Page; 0 where there are no positions
};

struct Person {
  std::string role, name, address;  // role: from, to, cc, bcc, reply-to
};

struct Attachment {
  std::string name, type;  // the type is what its content says (file_type.h), else what the mail says
  std::uint64_t bytes = 0;
  std::uint32_t first_page = 0, pages = 0;  // where its pages stand among the document's; 0: it has none that are read
  std::string problem;                      // why it is not read; ""
};

/// What a document says about itself.
struct Properties {
  std::string title;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::vector<std::pair<std::string, std::int64_t>> dates;  // microseconds, UTC
  std::vector<Person> people;
  std::vector<Attachment> attachments;
};

/// An opened document. Pages count from 1 and are at most pages(). Not thread-safe.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::uint32_t pages() const = 0;
  /// False where the format knows no pages: all is one, and places leave it out.
  virtual bool paged() const { return true; }
  virtual Result<Properties> properties() = 0;
  virtual Result<PageSize> size(std::uint32_t page) = 0;
  virtual Result<Page> read(std::uint32_t page) = 0;
  /// The part of a page inside `box`, all of it where there is none.
  virtual Result<Colours> picture(std::uint32_t page, const std::optional<Box>& box, PictureSize size);
};

/// `expanded` counts what the document and all that is in it unpack to; `depth` how deep in attachments it lies.
struct Opening {
  const Limits& limits;
  std::uint64_t& expanded;
  std::uint32_t depth = 0;
};

/// Each reads the bytes given, or the file at `path` where that is not empty. Errors say no file: the caller does.
struct Input {
  std::string path;
  std::string bytes;
};
Result<std::unique_ptr<Source>> open_pdf(Input input, const Opening& opening);
Result<std::unique_ptr<Source>> open_picture(Input input, bool png, const Opening& opening);
Result<std::unique_ptr<Source>> open_docx(Input input, const Opening& opening);
Result<std::unique_ptr<Source>> open_html(Input input, const Opening& opening);
Result<std::unique_ptr<Source>> open_mail(Input input, const Opening& opening);
Result<std::unique_ptr<Source>> open_text(Input input, const Opening& opening);
/// By what file_type.h calls it. Errors: unknown-format; those of the format.
Result<std::unique_ptr<Source>> open_source(Input input, std::string_view format, const Opening& opening);

Error document_error(std::string code, std::string what, std::string hint);

}  // namespace tenfold::media::documents
