// The relations of documents, and the Medium that fills them page by page.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <list>

#include "base/utf8.h"
#include "media/documents/document.h"
#include "media/file_type.h"

namespace tenfold::media {
namespace documents {

std::string_view name(Kind kind) {
  constexpr std::string_view kNames[] = {"heading", "paragraph", "list-item", "table", "footnote", "header", "footer"};
  return kNames[static_cast<std::size_t>(kind)];
}

Error document_error(std::string code, std::string what, std::string hint) {
  return {std::move(code), {}, std::move(what), std::move(hint), ""};
}

Result<Colours> Source::picture(std::uint32_t, const std::optional<Box>&, PictureSize) {
  return document_error("no-picture", "this has no pages that could be drawn",
                        "ask about a PDF, or a picture of a page");
}

Result<std::unique_ptr<Source>> open_source(Input input, std::string_view format, const Opening& opening) {
  if (format == "pdf") return open_pdf(std::move(input), opening);
  if (format == "png" || format == "jpeg") return open_picture(std::move(input), format == "png", opening);
  if (format == "docx") return open_docx(std::move(input), opening);
  if (format == "html") return open_html(std::move(input), opening);
  if (format == "eml") return open_mail(std::move(input), opening);
  if (format == "text") return open_text(std::move(input), opening);
  return document_error("unknown-format", "this is no document that can be read",
                        "give PDF, DOCX, HTML, a mail, text, PNG or JPEG");
}

namespace {

/// In the order of make_relations.
enum class Relation : std::uint8_t {
  document,
  page,
  text_layer,
  dimensions,
  block,
  line,
  word,
  cell,
  page_text,
  link,
  confidence,
  field,
  dated,
  person,
  attachment,
};

std::vector<FactSchema> make_relations() {
  using Column = FactSchema::Column;
  const auto text = [](const char* name) { return Column{name, Type::string}; };
  const auto count = [](const char* name) { return Column{name, Type::u32}; };
  const auto real = [](const char* name) { return Column{name, Type::f64}; };
  const Column key = text("key"), page = count("page"), n = count("n");
  return {
      {"document",
       {key, text("format"), count("pages"), text("title")},
       "A document; format pdf, docx, html, eml, text, png, jpeg or tiff; one page where the format has none; title "
       "\"\" "
       "if it states none."},
      {"page",
       {key, page, text("part"), real("width"), real("height")},
       "A page, counted from 1, and the key of it alone (\"a.pdf#page=3\"); points (1/72 inch) as it is shown, pixels "
       "of "
       "a picture, 0 where there are no positions. Nothing is decoded for it."},
      {"text_layer",
       {key, page, {"present", Type::boolean}},
       "Whether the page carries its text itself; else what there is of it was recognised from its pixels."},
      {"dimensions", {key, real("width"), real("height")}, "The size of the page or pages asked about, as in page."},
      {"block",
       {key, page, n, text("kind"), count("level"), text("text")},
       "The n-th block of the page in reading order; kind heading, paragraph, list-item, table, footnote, header or "
       "footer; level of a heading or list item from 1, else 0; lines joined by a blank."},
      {"line", {key, page, n, count("block"), text("text")}, "The n-th line of the page, and the block it is in."},
      {"word",
       {key, page, n, text("text"), real("x"), real("y"), real("width"), real("height")},
       "The n-th word of the page and its box from the upper left corner, in the units of page."},
      {"cell",
       {key, page, count("table"), count("row"), count("column"), text("text")},
       "A cell of the table that is block `table` of the page; rows and columns from 1."},
      {"page_text", {key, page, text("text")}, "The text of the page in reading order; char= counts in it."},
      {"link", {key, page, text("text"), text("target")}, "A link in the text, and where it leads; never followed."},
      {"confidence",
       {key, page, n, real("probability")},
       "How sure the recogniser was of the page's n-th word, 0 to 1; only for words that were recognised."},
      {"field",
       {key, text("name"), text("value")},
       "What the document says of itself: the header fields of a mail, the properties of a PDF or DOCX, the meta "
       "elements of HTML; names in lower case."},
      {"dated", {key, text("name"), {"time", Type::datetime}}, "The same for moments: date, created, modified; UTC."},
      {"person",
       {key, text("role"), text("name"), text("address")},
       "Who a mail is from and to; role from, to, cc, bcc or reply-to."},
      {"attachment",
       {key,
        n,
        text("name"),
        text("media_type"),
        count("first_page"),
        count("pages"),
        {"bytes", Type::u64},
        text("problem")},
       "The n-th attachment of a mail; its pages are pages of the mail, from first_page on (0: it has none that are "
       "read, and problem says why)."},
  };
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// A hundredth of a point is finer than any place that is looked at.
double rounded(double value) { return std::round(value * 100.0) / 100.0; }
Box rounded(const Box& box) { return {rounded(box.x), rounded(box.y), rounded(box.width), rounded(box.height)}; }

std::size_t bytes_of(const MediaFact& fact) {
  std::size_t bytes = sizeof(MediaFact) + fact.place.capacity() + fact.values.capacity() * sizeof(Value);
  for (const Value& value : fact.values)
    if (const auto* text = std::get_if<std::string>(&value); text && text->size() > 15) bytes += text->capacity();
  return bytes;
}

std::size_t bytes_of(const Page& page) {
  std::size_t bytes = sizeof(Page) + page.text.size() * 3 + page.words.size() * (sizeof(Word) + 8);
  bytes += page.lines.size() * sizeof(Line) + page.blocks.size() * sizeof(Block) + page.cells.size() * sizeof(Cell);
  return bytes;
}

class DocumentMedium : public Medium {
 public:
  DocumentMedium(std::string path, std::string format, const Limits& limits)
      : path_(std::move(path)), format_(std::move(format)), limits_(limits) {}

  Status open() {
    const double before = cpu_seconds();
    Result<std::unique_ptr<Source>> source = open_source({path_, {}}, format_, {limits_, expanded_, 0});
    seconds_ += cpu_seconds() - before;
    if (!source) return named(source.error());
    source_ = std::move(*source);
    return {};
  }

  Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) override {
    began_ = cpu_seconds();
    Result<std::vector<MediaFact>> facts = facts_of(static_cast<Relation>(relation), part);
    seconds_ += cpu_seconds() - began_;
    if (!facts) return named(facts.error());
    return facts;
  }

  Result<Colours> picture(const Part& part, PictureSize size) override {
    began_ = cpu_seconds();
    Result<Colours> picture = draw(part, size);
    seconds_ += cpu_seconds() - began_;
    if (!picture) return named(picture.error());
    return picture;
  }

  MediaWork work() const override { return {"page", source_->pages(), decoded_pages_, seconds_}; }

 private:
  using Facts = std::vector<MediaFact>;

  Error named(Error error) const {
    if (error.place.file.empty()) error.place.file = path_;
    return error;
  }

  struct Pages {
    std::uint32_t first, last;
  };

  Result<Pages> pages_of(const Part& part) const {
    const std::uint32_t count = source_->pages();
    if (part.frame || part.t)
      return document_error("no-such-part", "a document has no frames and no time", "name a page: #page=1");
    if (part.page && *part.page > count)
      return document_error(
          "no-such-part",
          "there is no page " + std::to_string(*part.page) + ": the document has " + std::to_string(count),
          "page(key, n, ...) lists them");
    if ((part.box || part.chars) && !part.page && source_->paged() && count > 1)
      return document_error("no-such-part", "a box or characters are of a page, and none is named",
                            "name it as well: #page=1&xywh=...");
    return part.page ? Pages{*part.page, *part.page} : Pages{1, count};
  }

  Result<Facts> facts_of(Relation relation, const Part& part) {
    const Result<Pages> pages = pages_of(part);
    if (!pages) return pages.error();
    Facts out;
    switch (relation) {
      case Relation::document:
      case Relation::field:
      case Relation::dated:
      case Relation::person:
      case Relation::attachment:
        if (const Status status = add_properties(relation, out); !status) return status.error();
        return out;
      case Relation::page:
      case Relation::dimensions:
        for (std::uint32_t page = pages->first; page <= pages->last; ++page)
          if (const Status status = add_size(relation, page, out); !status) return status.error();
        return out;
      default:
        break;
    }
    std::size_t bytes = 0, counted = 0;
    for (std::uint32_t page = pages->first; page <= pages->last; ++page) {
      const Result<const Page*> content = decoded(page);
      if (!content) return content.error();
      add_content(relation, page, **content, part, out);
      for (; counted < out.size(); ++counted) bytes += bytes_of(out[counted]);
      if (bytes > limits_.memory_bytes / 2)
        return document_error(
            "too-much-at-once",
            "more than " + std::to_string(limits_.memory_bytes / 2) + " bytes of facts by page " + std::to_string(page),
            "ask page by page: page(key, n, part, ...) gives each page's key");
      if (cpu_seconds() - began_ > limits_.seconds)
        return document_error("too-slow",
                              "reading took more than " + std::to_string(static_cast<int>(limits_.seconds)) +
                                  " s of CPU time by page " + std::to_string(page),
                              "ask page by page: page(key, n, part, ...) gives each page's key");
    }
    return out;
  }

  static Value number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

  Status add_properties(Relation relation, Facts& out) {
    if (!properties_) {
      Result<Properties> properties = source_->properties();
      if (!properties) return properties.error();
      properties_ = std::move(*properties);
    }
    const auto add = [&](std::vector<Value> values) { out.push_back({std::move(values), path_}); };
    switch (relation) {
      case Relation::document:
        add({format_, number(source_->pages()), properties_->title});
        break;
      case Relation::field:
        for (const auto& [name, value] : properties_->fields) add({name, value});
        break;
      case Relation::dated:
        for (const auto& [name, time] : properties_->dates) add({name, time});
        break;
      case Relation::person:
        for (const Person& person : properties_->people) add({person.role, person.name, person.address});
        break;
      default: {
        std::uint64_t n = 0;
        for (const Attachment& one : properties_->attachments) {
          add({number(++n), one.name, one.type, number(one.first_page), number(one.pages), number(one.bytes),
               one.problem});
          if (one.first_page > 0) out.back().place = place(one.first_page, std::nullopt, std::nullopt);
        }
      }
    }
    return {};
  }

  Status add_size(Relation relation, std::uint32_t page, Facts& out) {
    const Result<PageSize> size = source_->size(page);
    if (!size) return size.error();
    const std::string key = place(page, std::nullopt, std::nullopt);
    const double width = rounded(size->width), height = rounded(size->height);
    if (relation == Relation::page)
      out.push_back({{number(page), key, width, height}, key});
    else if (width > 0.0)
      out.push_back({{width, height}, key});
    return {};
  }

  std::string place(std::uint32_t page, const std::optional<Box>& box, const std::optional<Span>& chars) const {
    Part part;
    if (source_->paged()) part.page = page;
    if (box && box->width > 0.0 && box->height > 0.0) part.box = rounded(*box);
    if (chars) part.chars = {chars->from, chars->to};
    return write_key(path_, part);
  }

  /// What lies in a part of a page: a box holds the middle of it, characters share one with it.
  static bool inside(const Part& part, const Box& box, Span chars) {
    if (part.box) {
      const double x = box.x + box.width / 2, y = box.y + box.height / 2;
      if (x < part.box->x || x > part.box->x + part.box->width || y < part.box->y || y > part.box->y + part.box->height)
        return false;
    }
    return !part.chars || (chars.from < part.chars->second && chars.to > part.chars->first);
  }

  static std::string joined(const Page& page, const Line& line) {
    std::string text;
    for (std::uint32_t i = line.first; i < line.end; ++i) text += (i > line.first ? " " : "") + page.words[i].text;
    return text;
  }

  void add_content(Relation relation, std::uint32_t number_of_page, const Page& page, const Part& part, Facts& out) {
    const Value at = number(number_of_page);
    const auto add = [&](std::vector<Value> values, const Box& box, Span chars) {
      out.push_back({std::move(values), place(number_of_page, box, chars)});
    };
    switch (relation) {
      case Relation::text_layer:
        out.push_back({{at, number(page.text_layer)}, place(number_of_page, std::nullopt, std::nullopt)});
        break;
      case Relation::block:
        for (std::size_t i = 0; i < page.blocks.size(); ++i) {
          const Block& block = page.blocks[i];
          if (inside(part, block.box, block.chars))
            add({at, number(i + 1), std::string(name(block.kind)), number(block.level), block.text}, block.box,
                block.chars);
        }
        break;
      case Relation::line:
        for (std::size_t b = 0; b < page.blocks.size(); ++b) {
          for (std::uint32_t i = page.blocks[b].first; i < page.blocks[b].end; ++i) {
            const Line& line = page.lines[i];
            if (inside(part, line.box, line.chars))
              add({at, number(i + 1), number(b + 1), joined(page, line)}, line.box, line.chars);
          }
        }
        break;
      case Relation::word:
      case Relation::confidence:
        for (std::size_t i = 0; i < page.words.size(); ++i) {
          const Word& word = page.words[i];
          if (!inside(part, word.box, word.chars)) continue;
          const Box box = rounded(word.box);
          if (relation == Relation::word)
            add({at, number(i + 1), word.text, box.x, box.y, box.width, box.height}, word.box, word.chars);
          else if (word.confidence >= 0.0f)
            add({at, number(i + 1), rounded(word.confidence)}, word.box, word.chars);
        }
        break;
      case Relation::cell:
        for (const Cell& cell : page.cells)
          if (inside(part, cell.box, cell.chars))
            add({at, number(cell.block + 1), number(cell.row), number(cell.column), cell.text}, cell.box, cell.chars);
        break;
      case Relation::link:
        for (const Link& link : page.links)
          if (inside(part, {}, link.chars)) add({at, link.text, link.target}, {}, link.chars);
        break;
      case Relation::page_text:
        add_text(number_of_page, page, part, out);
        break;
      default:
        break;
    }
  }

  void add_text(std::uint32_t number_of_page, const Page& page, const Part& part, Facts& out) {
    const auto whole = static_cast<std::uint32_t>(count_scalars(page.text));
    if (!part.chars && !part.box) {
      out.push_back({{number(number_of_page), page.text}, place(number_of_page, std::nullopt, Span{0, whole})});
      return;
    }
    // Of a part, the words in it, and what stands between those that follow each other.
    std::string text;
    std::optional<Span> span;
    std::optional<Box> all;
    for (const Word& word : page.words) {
      if (!inside(part, word.box, word.chars)) continue;
      if (span) text += page.text[scalar_offset(page.text, word.chars.from) - 1] == '\n' ? "\n" : " ";
      text += word.text;
      if (!span) span = word.chars;
      span->to = word.chars.to;
    }
    if (span) out.push_back({{number(number_of_page), text}, place(number_of_page, part.box, *span)});
  }

  Result<const Page*> decoded(std::uint32_t page) {
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
      if (it->number != page) continue;
      kept_.splice(kept_.begin(), kept_, it);
      return &kept_.front().page;
    }
    Result<Page> content = source_->read(page);
    if (!content) return content.error();
    if (seen_.size() < source_->pages()) seen_.resize(source_->pages());
    if (!seen_[page - 1]) ++decoded_pages_;
    seen_[page - 1] = true;
    const std::size_t bytes = bytes_of(*content);
    kept_.push_front({page, bytes, std::move(*content)});
    kept_bytes_ += bytes;
    while (kept_.size() > 1 && kept_bytes_ > limits_.memory_bytes / 16) {
      kept_bytes_ -= kept_.back().bytes;
      kept_.pop_back();
    }
    return &kept_.front().page;
  }

  Result<Colours> draw(const Part& part, PictureSize size) {
    const Result<Pages> pages = pages_of(part);
    if (!pages) return pages.error();
    if (!part.page && pages->last > 1)
      return document_error("no-such-part",
                            "a picture is of one page, and the document has " + std::to_string(pages->last),
                            "name it: #page=1");
    return source_->picture(pages->first, part.box, size);
  }

  struct Kept {
    std::uint32_t number;
    std::size_t bytes;
    Page page;
  };

  std::string path_, format_;
  Limits limits_;
  std::uint64_t expanded_ = 0;
  std::unique_ptr<Source> source_;
  std::optional<Properties> properties_;
  std::list<Kept> kept_;  // the page read last is first
  std::size_t kept_bytes_ = 0;
  std::vector<bool> seen_;
  std::uint64_t decoded_pages_ = 0;
  double seconds_ = 0.0, began_ = 0.0;
};

Result<std::unique_ptr<Medium>> open_document(const std::string& path, std::string_view format, const Limits& limits) {
  auto medium = std::make_unique<DocumentMedium>(path, std::string(format), limits);
  if (const Status status = medium->open(); !status) return status.error();
  return std::unique_ptr<Medium>(std::move(medium));
}

}  // namespace
}  // namespace documents

Adapter document_adapter() {
  return {"document",
          "Pages, blocks, lines, words and tables of documents, each with its place; scanned pages are recognised.",
          {"pdf", "docx", "html", "eml", "text", "png", "jpeg"},
          documents::make_relations(),
          documents::open_document};
}

}  // namespace tenfold::media
