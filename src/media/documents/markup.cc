#include "media/documents/markup.h"

#include <algorithm>

#include "base/datetime.h"
#include "base/shared_module.h"
#include "base/utf8.h"
#include "media/documents/page_builder.h"
#include "media/documents/text.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

using What = MarkupEvent::What;

bool blank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xA0 || c == 0x3000;
}

class Flow {
 public:
  void take(const MarkupEvent& event) {
    switch (event.what) {
      case What::block:
        end_block();
        page_.begin_block(event.kind, event.level);
        open_ = true;
        table_ = event.kind == Kind::table;
        row_ = 0;
        if (!table_) page_.begin_line();
        break;
      case What::row:
        end_word();
        if (!table_) break;
        page_.end_cell();
        page_.begin_line();
        ++row_;
        break;
      case What::cell:
        end_word();
        if (!table_) break;
        page_.begin_cell(std::max(row_, 1u), event.level);
        before_ = "\t";
        break;
      case What::text:
        add_text(event.text);
        break;
      case What::line_break:
        end_word();
        blank_ = true;
        if (open_ && !table_) page_.begin_line();
        break;
      case What::link:
        end_word();
        page_.begin_link(event.text);
        break;
      case What::link_end:
        end_word();
        page_.end_link();
        break;
      case What::end:
        end_block();
        break;
      case What::field:
        break;
    }
  }

  Page finish() {
    end_block();
    return page_.finish();
  }

 private:
  void add_text(std::string_view text) {
    while (!text.empty()) {
      const Scalar scalar = first_scalar(text);
      const std::string_view bytes = text.substr(0, scalar.bytes);
      text.remove_prefix(scalar.bytes);
      if (blank(scalar.value)) {
        end_word();
        blank_ = true;
      } else if (scalar.valid && !is_control(scalar.value) && scalar.value != 0x200B && scalar.value != 0xFEFF) {
        word_ += bytes;
      }
    }
  }

  void end_word() {
    if (word_.empty()) return;
    if (!open_) take({What::block, Kind::paragraph, 0, "", ""});  // text that stands in no block
    Word word;
    word.text = std::exchange(word_, {});
    page_.add_word(std::move(word), before_ != " " ? before_ : blank_ ? " " : "");
    before_ = " ";
    blank_ = false;
  }

  void end_block() {
    end_word();
    blank_ = false;
    before_ = " ";
    if (!open_) return;
    page_.end_link();
    page_.end_block();
    open_ = table_ = false;
  }

  PageBuilder page_;
  std::string word_;
  std::string_view before_ = " ";
  bool open_ = false, table_ = false;
  bool blank_ = false;  // since the last word
  std::uint32_t row_ = 0;
};

/// `charset=` of a meta element or an XML declaration, which stand among the first kilobytes.
std::string stated_charset(std::string_view bytes) {
  const std::string_view beginning = bytes.substr(0, 4096);
  for (const std::string_view name : {"charset=", "CHARSET=", "Charset=", "encoding="}) {
    const std::size_t at = beginning.find(name);
    if (at == std::string_view::npos) continue;
    std::string_view rest = beginning.substr(at + name.size());
    while (!rest.empty() && (rest[0] == '"' || rest[0] == '\'' || rest[0] == ' ')) rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find_first_of("\"' />;\r\n")));
  }
  return "";
}

class Markup : public Source {
 public:
  explicit Markup(Events events) : events_(std::move(events)) {}
  std::uint32_t pages() const override { return 1; }
  bool paged() const override { return false; }
  Result<Properties> properties() override { return properties_of(events_); }
  Result<PageSize> size(std::uint32_t) override { return PageSize{}; }
  Result<Page> read(std::uint32_t) override { return read_markup(events_); }

 private:
  Events events_;
};

Result<Input> with_bytes(Input input, std::uint64_t limit) {
  if (!input.path.empty()) {
    Result<std::string> bytes = read_bytes(input.path, limit);
    if (!bytes) return bytes.error();
    input.bytes = std::move(*bytes);
  }
  return input;
}

}  // namespace

Page read_markup(const Events& events) {
  Flow flow;
  for (const MarkupEvent& event : events) flow.take(event);
  return flow.finish();
}

Properties properties_of(const Events& events) {
  Properties out;
  for (const MarkupEvent& event : events) {
    if (event.what != What::field || event.text.empty()) continue;
    if (event.name == "title" && out.title.empty()) out.title = event.text;
    out.fields.emplace_back(event.name, event.text);
    if (event.name == "created" || event.name == "modified" || event.name == "date")
      if (const auto time = parse_datetime(event.text)) out.dates.emplace_back(event.name, *time);
  }
  return out;
}

Result<Events> read_html(std::string_view bytes, std::string charset) {
  static const Result<void*> module = open_shared_module("libtenfold_markup.so", "tenfold_read_html");
  if (!module) return module.error();
  const Result<std::string> text = decode_text(bytes, charset.empty() ? stated_charset(bytes) : charset);
  if (!text) return text.error();
  Events events;
  reinterpret_cast<ReadHtml> (*module)(*text, events);
  return events;
}

Result<std::unique_ptr<Source>> open_html(Input input, const Opening& opening) {
  const Result<Input> whole = with_bytes(std::move(input), largest_text(opening.limits));
  if (!whole) return whole.error();
  Result<Events> events = read_html(whole->bytes);
  if (!events) return events.error();
  return std::unique_ptr<Source>(std::make_unique<Markup>(std::move(*events)));
}

Result<std::unique_ptr<Source>> open_docx(Input input, const Opening& opening) {
  static const Result<void*> module = open_shared_module("libtenfold_markup.so", "tenfold_read_docx");
  if (!module) return module.error();
  const Limits& limits = opening.limits;
  const Result<Input> whole = with_bytes(std::move(input), std::min(limits.file_bytes, limits.memory_bytes / 4));
  if (!whole) return whole.error();
  const std::uint64_t most = limits.expanded_bytes - std::min(limits.expanded_bytes, opening.expanded);
  // The parts are held while they are read, and become events of about their size.
  const std::uint64_t room = std::min(most, limits.memory_bytes / 8);
  std::uint64_t left = room;
  Events events;
  Error error;
  reinterpret_cast<ReadDocx> (*module)(whole->bytes, left, limits.nesting, events, error);
  if (!error.code.empty()) return error;
  opening.expanded += room - left;
  return std::unique_ptr<Source>(std::make_unique<Markup>(std::move(events)));
}

}  // namespace tenfold::media::documents
