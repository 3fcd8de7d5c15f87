// HTML to events, in the module libtenfold_markup.so: see markup.h. Nothing is fetched, and no script is run.
#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>

#include "media/documents/markup.h"

namespace tenfold::media::documents {
namespace {

using What = MarkupEvent::What;

bool one_of(const char* name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* one) { return std::strcmp(name, one) == 0; });
}

std::string attribute(const xmlNode* node, const char* name) {
  const std::unique_ptr<xmlChar, void (*)(void*)> value(
      xmlGetProp(const_cast<xmlNode*>(node), reinterpret_cast<const xmlChar*>(name)), [](void* p) { xmlFree(p); });
  return value ? reinterpret_cast<const char*>(value.get()) : "";
}

const char* name_of(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

class Reader {
 public:
  explicit Reader(Events& events) : events_(events) {}

  /// Depth first without recursion: a hostile page nests as deep as it is long.
  void walk(xmlNode* root) {
    mark_outer_tables(root);
    for (xmlNode* node = root; node;) {
      if (enter(node) && node->children) {
        node = node->children;
        continue;
      }
      while (node) {
        leave(node);
        if (node == root) return;
        if (node->next) {
          node = node->next;
          break;
        }
        node = node->parent;
      }
    }
  }

 private:
  /// A table around another is layout: `_private` marks all that a table stands in.
  static void mark_outer_tables(xmlNode* root) {
    for (xmlNode* node = root; node; node = next(node, root)) {
      if (node->type != XML_ELEMENT_NODE || std::strcmp(name_of(node), "table") != 0) continue;
      for (xmlNode* outer = node->parent; outer && outer->type == XML_ELEMENT_NODE && !outer->_private;
           outer = outer->parent)
        outer->_private = outer;
    }
  }

  static xmlNode* next(xmlNode* node, const xmlNode* root) {
    if (node->children && node->type == XML_ELEMENT_NODE) return node->children;
    while (node != root && !node->next) node = node->parent;
    return node == root ? nullptr : node->next;
  }

  static bool hidden(const xmlNode* node) {
    if (one_of(name_of(node), {"script", "style", "template", "noscript", "iframe", "object", "svg", "canvas", "audio",
                               "video", "select", "textarea", "button"}))
      return true;
    if (xmlHasProp(const_cast<xmlNode*>(node), reinterpret_cast<const xmlChar*>("hidden"))) return true;
    std::string style = attribute(node, "style");
    std::erase_if(style, [](char c) { return c == ' '; });
    return style.find("display:none") != std::string::npos || style.find("visibility:hidden") != std::string::npos;
  }

  void add(What what, std::string text = "") { events_.push_back({what, Kind::paragraph, 0, std::move(text), ""}); }

  void begin(Kind kind, std::uint32_t level) {
    if (margin_ != Kind::paragraph && kind == Kind::paragraph) kind = margin_;
    events_.push_back({What::block, kind, level, "", ""});
  }

  /// A block that begins with the first text in it, so that <div><p>… are one.
  void pend(Kind kind, std::uint32_t level) {
    if (table_) {
      add(What::text, " ");
      return;
    }
    pending_ = true;
    pending_kind_ = kind;
    pending_level_ = level;
  }

  void text(const char* value) {
    if (in_head_) return;
    const std::string_view all = value;
    if (all.find_first_not_of(" \t\r\n\f") == std::string_view::npos) {
      if (!pending_) add(What::text, " ");
      return;
    }
    if (pending_) {
      begin(pending_kind_, pending_level_);
      if (!label_.empty()) add(What::text, std::exchange(label_, {}) + " ");
      pending_ = false;
    }
    if (pre_ == 0) {
      add(What::text, std::string(all));
      return;
    }
    for (std::size_t at = 0; at <= all.size();) {
      const std::size_t end = std::min(all.find('\n', at), all.size());
      add(What::text, std::string(all.substr(at, end - at)));
      if (end < all.size()) add(What::line_break);
      at = end + 1;
    }
  }

  static std::string content(const xmlNode* node) {
    const std::unique_ptr<xmlChar, void (*)(void*)> value(xmlNodeGetContent(node), [](void* p) { xmlFree(p); });
    std::string text = value ? reinterpret_cast<const char*>(value.get()) : "";
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return "";
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  }

  void field(std::string name, std::string value) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!name.empty() && !value.empty())
      events_.push_back({What::field, Kind::paragraph, 0, std::move(value), std::move(name)});
  }

  /// "a", "iv" of the n-th item.
  static std::string label(const xmlNode* list, std::uint32_t n) {
    const std::string type = attribute(list, "type");
    if (type == "a" || type == "A")
      return std::string(1, static_cast<char>(type[0] + static_cast<char>((n - 1) % 26))) + ".";
    return std::to_string(n) + ".";
  }

  /// Whether what is inside is read.
  bool enter(xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      if (node->content) text(reinterpret_cast<const char*>(node->content));
      return false;
    }
    if (node->type != XML_ELEMENT_NODE) return false;
    const char* name = name_of(node);
    if (std::strcmp(name, "title") == 0) {
      field("title", content(node));
      return false;
    }
    if (std::strcmp(name, "meta") == 0) {
      field(attribute(node, "name"), attribute(node, "content"));
      return false;
    }
    if (hidden(node)) return false;
    if (std::strcmp(name, "head") == 0) in_head_ = true;
    if (std::strcmp(name, "br") == 0) add(What::line_break);
    if (std::strcmp(name, "a") == 0 && !attribute(node, "href").empty() && !in_head_) {
      if (pending_) text_begins();
      add(What::link, attribute(node, "href"));
    }
    if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0')
      pend(Kind::heading, static_cast<std::uint32_t>(name[1] - '0'));
    else if (one_of(name, {"ul", "ol"}))
      lists_.push_back({node, 0}), pend(Kind::paragraph, 0);
    else if (std::strcmp(name, "li") == 0)
      item();
    else if (std::strcmp(name, "table") == 0)
      enter_table(node);
    else if (std::strcmp(name, "tr") == 0)
      enter_row();
    else if (one_of(name, {"td", "th"}))
      enter_cell(node);
    else if (one_of(name, {"header", "footer"}))
      margin_ = name[0] == 'h' ? Kind::header : Kind::footer, pend(Kind::paragraph, 0);
    else if (block(name) && !lists_.empty() && pending_ && pending_kind_ == Kind::list_item)
      return true;  // <li><p>: the item is the paragraph
    else if (block(name))
      pend(Kind::paragraph, 0);
    if (std::strcmp(name, "pre") == 0) ++pre_;
    return true;
  }

  void text_begins() {
    begin(pending_kind_, pending_level_);
    if (!label_.empty()) add(What::text, std::exchange(label_, {}) + " ");
    pending_ = false;
  }

  void item() {
    const auto level = static_cast<std::uint32_t>(std::max<std::size_t>(lists_.size(), 1));
    pend(Kind::list_item, level);
    if (lists_.empty() || table_) return;
    List& list = lists_.back();
    ++list.items;
    label_ = std::strcmp(name_of(list.node), "ol") == 0 ? label(list.node, list.items) : "";
  }

  void enter_table(xmlNode* node) {
    if (node->_private || table_) {
      pend(Kind::paragraph, 0);
      return;
    }
    table_ = node;
    pending_ = false;
    events_.push_back({What::block, Kind::table, 0, "", ""});
  }
  void enter_row() {
    column_ = 1;
    if (table_)
      add(What::row);
    else
      pend(Kind::paragraph, 0);
  }
  void enter_cell(const xmlNode* node) {
    if (!table_) {
      pend(Kind::paragraph, 0);
      return;
    }
    events_.push_back({What::cell, Kind::paragraph, column_, "", ""});
    const int span = std::atoi(attribute(node, "colspan").c_str());
    column_ += static_cast<std::uint32_t>(std::clamp(span, 1, 1000));
  }

  static bool block(const char* name) {
    return one_of(name, {"p",          "div",    "section", "article", "main",    "aside",  "nav",        "address",
                         "blockquote", "pre",    "dl",      "dt",      "dd",      "figure", "figcaption", "form",
                         "fieldset",   "center", "hr",      "body",    "caption", "legend", "details",    "summary"});
  }

  void leave(xmlNode* node) {
    if (node->type != XML_ELEMENT_NODE || (hidden(node) && std::strcmp(name_of(node), "table") != 0)) return;
    const char* name = name_of(node);
    if (std::strcmp(name, "head") == 0) in_head_ = false;
    if (std::strcmp(name, "a") == 0) add(What::link_end);
    if (std::strcmp(name, "pre") == 0 && pre_ > 0) --pre_;
    if (one_of(name, {"header", "footer"})) margin_ = Kind::paragraph;
    if (one_of(name, {"ul", "ol"}) && !lists_.empty()) lists_.pop_back();
    if (node == table_) {
      table_ = nullptr;
      add(What::end);
      pend(Kind::paragraph, 0);
    } else if (block(name) || one_of(name, {"li", "ul", "ol", "tr", "td", "th", "table", "header", "footer", "h1", "h2",
                                            "h3", "h4", "h5", "h6"})) {
      label_.clear();
      pend(Kind::paragraph, 0);
    }
  }

  struct List {
    const xmlNode* node;
    std::uint32_t items;
  };

  Events& events_;
  bool in_head_ = false, pending_ = true;
  Kind pending_kind_ = Kind::paragraph, margin_ = Kind::paragraph;
  std::uint32_t pending_level_ = 0, column_ = 1;
  std::vector<List> lists_;
  std::string label_;
  const xmlNode* table_ = nullptr;
  int pre_ = 0;
};

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_read_html(std::string_view html,
                                                                         tenfold::media::documents::Events& events) {
  if (html.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return;  // the caller's limit is less
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
      htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8",
                     HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET),
      xmlFreeDoc);
  if (!document) return;
  if (xmlNode* root = xmlDocGetRootElement(document.get())) tenfold::media::documents::Reader(events).walk(root);
}
