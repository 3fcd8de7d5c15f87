// DOCX (ECMA-376, WordprocessingML) to events, in the module libtenfold_markup.so: see markup.h. The parts are read as
// streams; a part with a document type declaration is refused, so no entity is ever expanded.
#include <archive.h>
#include <archive_entry.h>
#include <libxml/xmlreader.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "media/documents/docx_numbers.h"
#include "media/documents/markup.h"

namespace tenfold::media::documents {
namespace {

using What = MarkupEvent::What;
using Parts = std::map<std::string, std::string>;

constexpr std::size_t kMostMembers = 10'000;

Error failure(std::string code, std::string what, std::string hint) {
  return {std::move(code), {}, std::move(what), std::move(hint), ""};
}

Error damaged(std::string what) { return failure("damaged-docx", "the DOCX is damaged: " + what, "save it again"); }

bool wanted(std::string_view name) {
  return (name.ends_with(".xml") || name.ends_with(".rels")) &&
         (name.starts_with("word/") || name.starts_with("docProps/") || name.starts_with("_rels/")) &&
         name.find("theme") == name.npos && name.find("glossary") == name.npos;
}

/// The members that are read, at most `left` bytes of them.
Status unpack(std::string_view zip, std::uint64_t& left, Parts& parts) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_memory(reader.get(), zip.data(), zip.size()) != ARCHIVE_OK)
    return damaged("it is no ZIP archive that can be opened");
  archive_entry* entry = nullptr;
  for (std::size_t members = 0;; ++members) {
    const int result = archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) return {};
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return damaged("its list of members cannot be read");
    if (members == kMostMembers)
      return failure("expands-too-much", "the DOCX has more than " + std::to_string(kMostMembers) + " members",
                     "this is no document that a word processor writes");
    const char* path = archive_entry_pathname(entry);
    if (!path || !wanted(path)) continue;
    std::string& part = parts[path];
    part.clear();
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
      const int got = archive_read_data_block(reader.get(), &bytes, &size, &offset);
      if (got == ARCHIVE_EOF) break;
      if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
        return damaged(std::string(path) +
                       (archive_entry_is_encrypted(entry) ? " is encrypted" : " cannot be unpacked"));
      if (size > left)
        return failure("expands-too-much", "the DOCX unpacks to more than is allowed",
                       "raise the limit of expanded bytes if the file is real");
      left -= size;
      part.append(static_cast<const char*>(bytes), size);
    }
  }
}

/// A pull parser over one part. Names without their prefixes: parts use them as they like.
class Xml {
 public:
  Xml(const std::string& part, std::uint32_t nesting)
      : reader_(
            xmlReaderForMemory(part.data(), static_cast<int>(std::min<std::size_t>(part.size(), INT_MAX)), nullptr,
                               nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA),
            xmlFreeTextReader),
        nesting_(nesting) {}

  /// False at the end, or where the part cannot be read on: `error` then says so.
  bool next() {
    if (!reader_) return false;
    const int result = xmlTextReaderRead(reader_.get());
    if (result == 0) return false;
    if (result < 0) {
      error = damaged("its XML cannot be read");
      return false;
    }
    const int type = xmlTextReaderNodeType(reader_.get());
    if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE) {
      error = damaged("it declares a document type, which no DOCX does");
      return false;
    }
    if (xmlTextReaderDepth(reader_.get()) > static_cast<int>(nesting_)) {
      error = failure("too-deep", "the DOCX nests elements deeper than " + std::to_string(nesting_),
                      "this is no document that a word processor writes");
      return false;
    }
    return true;
  }

  bool begins() const { return xmlTextReaderNodeType(reader_.get()) == XML_READER_TYPE_ELEMENT; }
  bool ends() const {
    return xmlTextReaderNodeType(reader_.get()) == XML_READER_TYPE_END_ELEMENT ||
           (begins() && xmlTextReaderIsEmptyElement(reader_.get()) == 1);
  }
  bool is_text() const {
    const int type = xmlTextReaderNodeType(reader_.get());
    return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
           type == XML_READER_TYPE_WHITESPACE || type == XML_READER_TYPE_CDATA;
  }
  std::string_view name() const {
    const xmlChar* name = xmlTextReaderConstLocalName(reader_.get());
    return name ? reinterpret_cast<const char*>(name) : "";
  }
  std::string_view text() const {
    const xmlChar* value = xmlTextReaderConstValue(reader_.get());
    return value ? reinterpret_cast<const char*>(value) : "";
  }
  int depth() const { return xmlTextReaderDepth(reader_.get()); }

  /// By its name without a prefix; "" where there is none.
  std::string attribute(std::string_view wanted) const {
    std::string value;
    for (int more = xmlTextReaderMoveToFirstAttribute(reader_.get()); more == 1;
         more = xmlTextReaderMoveToNextAttribute(reader_.get())) {
      if (name() == wanted) value = text();
    }
    xmlTextReaderMoveToElement(reader_.get());
    return value;
  }

  /// Leaves out all that is in the element.
  bool skip() {
    if (ends()) return true;
    const int level = depth();
    while (next())
      if (depth() == level) return true;
    return false;
  }

  Error error;

 private:
  std::unique_ptr<xmlTextReader, decltype(&xmlFreeTextReader)> reader_;
  std::uint32_t nesting_;
};

std::uint32_t number(const std::string& text) {
  return static_cast<std::uint32_t>(std::clamp(std::atol(text.c_str()), 0l, 1'000'000l));
}

struct Style {
  std::string name, based_on, list;
  std::uint32_t list_level = 0;
  std::optional<std::uint32_t> outline;
};

struct Look {
  std::uint32_t heading = 0;  // level; 0: none
  std::string list;           // numId
  std::uint32_t list_level = 0;
};

class Docx {
 public:
  Docx(Parts& parts, std::uint32_t nesting, Events& events) : parts_(parts), nesting_(nesting), events_(events) {}

  Status read() {
    const std::string main = main_part();
    const std::string folder = main.substr(0, main.rfind('/') + 1);
    if (!parts_.contains(main)) return damaged("it has no text (" + main + ")");
    for (auto step : {&Docx::read_styles, &Docx::read_numbers}) {
      if (const Status status = (this->*step)(folder); !status) return status;
    }
    if (const Status status = read_links(folder, main); !status) return status;
    if (const Status status = read_properties(); !status) return status;
    if (const Status status = read_all(folder + "header", Kind::header); !status) return status;
    if (const Status status = read_body(parts_[main], Kind::paragraph); !status) return status;
    if (const Status status = read_all(folder + "footnotes", Kind::footnote); !status) return status;
    if (const Status status = read_all(folder + "endnotes", Kind::footnote); !status) return status;
    return read_all(folder + "footer", Kind::footer);
  }

 private:
  std::string main_part() {
    const auto relations = parts_.find("_rels/.rels");
    if (relations == parts_.end()) return "word/document.xml";
    Xml xml(relations->second, nesting_);
    while (xml.next()) {
      if (!xml.begins() || xml.name() != "Relationship" || !xml.attribute("Type").ends_with("/officeDocument"))
        continue;
      std::string target = xml.attribute("Target");
      if (target.starts_with('/')) target.erase(0, 1);
      return target;
    }
    return "word/document.xml";
  }

  Status read_styles(const std::string& folder) {
    const auto part = parts_.find(folder + "styles.xml");
    if (part == parts_.end()) return {};
    Xml xml(part->second, nesting_);
    Style* style = nullptr;
    while (xml.next()) {
      if (!xml.begins()) continue;
      const std::string_view name = xml.name();
      if (name == "style") style = &styles_[xml.attribute("styleId")];
      if (!style) continue;
      if (name == "name") style->name = xml.attribute("val");
      if (name == "basedOn") style->based_on = xml.attribute("val");
      if (name == "outlineLvl") style->outline = number(xml.attribute("val"));
      if (name == "numId") style->list = xml.attribute("val");
      if (name == "ilvl") style->list_level = number(xml.attribute("val"));
    }
    return status(xml);
  }

  Status read_numbers(const std::string& folder) {
    const auto part = parts_.find(folder + "numbering.xml");
    if (part == parts_.end()) return {};
    Xml xml(part->second, nesting_);
    ListRule* rule = nullptr;
    ListLevel* level = nullptr;
    std::string instance;
    while (xml.next()) {
      if (!xml.begins()) continue;
      const std::string_view name = xml.name();
      if (name == "abstractNum") rule = &numbers_.rules[xml.attribute("abstractNumId")], instance.clear();
      if (name == "num") instance = xml.attribute("numId"), rule = nullptr, level = nullptr;
      if (name == "abstractNumId" && !instance.empty()) numbers_.instances[instance] = xml.attribute("val");
      if (name == "lvl" && rule)
        level = &rule->levels[std::min<std::size_t>(number(xml.attribute("ilvl")), kListLevels - 1)];
      if (!level || !rule) continue;
      if (name == "start") level->start = number(xml.attribute("val"));
      if (name == "numFmt") level->format = xml.attribute("val");
      if (name == "lvlText") level->text = xml.attribute("val");
    }
    return status(xml);
  }

  Status read_links(const std::string& folder, const std::string& main) {
    const auto part = parts_.find(folder + "_rels/" + main.substr(folder.size()) + ".rels");
    if (part == parts_.end()) return {};
    Xml xml(part->second, nesting_);
    while (xml.next())
      if (xml.begins() && xml.name() == "Relationship") links_[xml.attribute("Id")] = xml.attribute("Target");
    return status(xml);
  }

  Status read_properties() {
    const auto part = parts_.find("docProps/core.xml");
    if (part == parts_.end()) return {};
    Xml xml(part->second, nesting_);
    std::string name;
    while (xml.next()) {
      if (xml.begins()) {
        name = xml.name();
        if (name == "creator") name = "author";
      } else if (xml.is_text() && !name.empty() && name != "coreProperties" &&
                 xml.text().find_first_not_of(" \r\n\t") != std::string_view::npos) {
        events_.push_back({What::field, Kind::paragraph, 0, std::string(xml.text()), name});
      }
    }
    return status(xml);
  }

  static Status status(const Xml& xml) {
    if (!xml.error.code.empty()) return xml.error;
    return {};
  }

  /// Headers of odd and even pages are often the same: each text once.
  Status read_all(const std::string& beginning, Kind kind) {
    for (const auto& [name, part] : parts_) {
      if (!name.starts_with(beginning)) continue;
      const std::size_t before = events_.size();
      if (const Status status = read_body(part, kind); !status) return status;
      std::string text;
      for (std::size_t i = before; i < events_.size(); ++i)
        if (events_[i].what == What::text) text += events_[i].text;
      if (std::find(seen_.begin(), seen_.end(), text) != seen_.end())
        events_.resize(before);
      else if (kind != Kind::footnote)
        seen_.push_back(text);
    }
    return {};
  }

  Look look_of(const std::string& id) const {
    Look look;
    std::string at = id;
    for (int steps = 0; steps < 16 && !at.empty(); ++steps) {  // a style may be said to be based on itself
      const auto found = styles_.find(at);
      if (found == styles_.end()) break;
      const Style& style = found->second;
      std::string name = style.name;
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      if (look.heading == 0 && name == "title") look.heading = 1;
      if (look.heading == 0 && name.starts_with("heading ")) look.heading = number(name.substr(8));
      if (look.heading == 0 && style.outline && *style.outline < kListLevels) look.heading = *style.outline + 1;
      if (look.list.empty() && !style.list.empty()) look.list = style.list, look.list_level = style.list_level;
      at = style.based_on;
    }
    return look;
  }

  struct Paragraph {
    std::string style, list;
    std::optional<std::uint32_t> list_level, outline;
    bool begun = false;
  };

  void add(What what, std::string text = "") { events_.push_back({what, Kind::paragraph, 0, std::move(text), ""}); }

  /// What comes before the first text of a paragraph.
  void begin(Paragraph& paragraph, Kind kind) {
    if (paragraph.begun) return;
    paragraph.begun = true;
    Look look = look_of(paragraph.style);
    if (paragraph.outline && *paragraph.outline < kListLevels) look.heading = *paragraph.outline + 1;
    if (!paragraph.list.empty()) look.list = paragraph.list;
    if (paragraph.list_level) look.list_level = *paragraph.list_level;
    const bool listed = !look.list.empty() && look.list != "0";
    const std::string label = listed ? numbers_.next(look.list, look.list_level) : "";
    if (tables_ > 0) {
      add(What::text, " ");
    } else if (kind != Kind::paragraph) {
      events_.push_back({What::block, kind, 0, "", ""});
    } else if (look.heading > 0) {
      events_.push_back({What::block, Kind::heading, std::min(look.heading, 9u), "", ""});
    } else {
      const Kind own = listed ? Kind::list_item : Kind::paragraph;
      events_.push_back({What::block, own, listed ? std::min(look.list_level, 8u) + 1 : 0, "", ""});
    }
    if (!label.empty()) add(What::text, label + " ");
  }

  Status read_body(const std::string& part, Kind kind) {
    Xml xml(part, nesting_);
    std::vector<Paragraph> open;  // a text box in a paragraph has its own
    std::vector<std::uint32_t> columns;
    bool in_text = false;
    tables_ = 0;
    while (xml.next()) {
      const std::string_view name = xml.name();
      if (xml.is_text()) {
        if (in_text && !open.empty()) begin(open.back(), kind), add(What::text, std::string(xml.text()));
        continue;
      }
      if (xml.begins()) {
        // Text that was deleted or moved away, what stands twice for old programs, and separators of notes.
        if (name == "del" || name == "moveFrom" || name == "Fallback" || name == "rPr" || name == "sectPr" ||
            name == "pPrChange" ||
            ((name == "footnote" || name == "endnote") && xml.attribute("type") != "" &&
             xml.attribute("type") != "normal")) {
          if (!xml.skip()) break;
          continue;
        }
        if (name == "p") {
          open.emplace_back();
        } else if (name == "tbl") {
          if (++tables_ == 1) events_.push_back({What::block, Kind::table, 0, "", ""});
          columns.push_back(1);
        } else if (name == "tr" && tables_ == 1) {
          add(What::row);
          columns.back() = 1;
        } else if (name == "tc" && tables_ == 1) {
          events_.push_back({What::cell, Kind::paragraph, columns.back()++, "", ""});
        } else if (name == "gridSpan" && tables_ == 1) {
          columns.back() += std::clamp(number(xml.attribute("val")), 1u, 1000u) - 1;
        } else if (name == "hyperlink") {
          if (!open.empty()) begin(open.back(), kind);
          const std::string id = xml.attribute("id"), anchor = xml.attribute("anchor");
          add(What::link, links_.contains(id) ? links_[id] : "#" + anchor);
        } else if (!open.empty()) {
          Paragraph& paragraph = open.back();
          if (name == "pStyle") paragraph.style = xml.attribute("val");
          if (name == "numId") paragraph.list = xml.attribute("val");
          if (name == "ilvl") paragraph.list_level = number(xml.attribute("val"));
          if (name == "outlineLvl") paragraph.outline = number(xml.attribute("val"));
          if (name == "tab") begin_text(paragraph, kind, " ");
          if (name == "br" || name == "cr") begin(paragraph, kind), add(What::line_break);
          if (name == "noBreakHyphen") begin_text(paragraph, kind, "-");
        }
        if (name == "t") in_text = true;
      }
      if (!xml.ends()) continue;
      if (name == "t") in_text = false;
      if (name == "hyperlink") add(What::link_end);
      if (name == "p" && !open.empty()) {
        if (open.back().begun && tables_ == 0) add(What::end);
        open.pop_back();
        if (!open.empty()) open.back().begun = false;  // what follows a text box begins anew
      }
      if (name == "tbl" && tables_ > 0) {
        columns.pop_back();
        if (--tables_ == 0) add(What::end);
      }
    }
    return status(xml);
  }

  /// A tab stands among the paragraph's properties too (tab stops), before any text.
  void begin_text(Paragraph& paragraph, Kind kind, const char* text) {
    if (*text == ' ' && !paragraph.begun) return;
    begin(paragraph, kind);
    add(What::text, text);
  }

  Parts& parts_;
  std::uint32_t nesting_;
  Events& events_;
  std::map<std::string, Style> styles_;
  std::map<std::string, std::string> links_;
  Numbers numbers_;
  std::vector<std::string> seen_;
  std::uint32_t tables_ = 0;  // how many are open
};

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_read_docx(std::string_view zip, std::uint64_t& limit,
                                                                         std::uint32_t nesting,
                                                                         tenfold::media::documents::Events& events,
                                                                         tenfold::Error& error) {
  using namespace tenfold::media::documents;
  Parts parts;
  tenfold::Status status = unpack(zip, limit, parts);
  if (status) status = Docx(parts, nesting, events).read();
  if (!status) error = status.error();
}
