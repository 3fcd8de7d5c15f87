// A mail: page 1 is its text, and the pages of its attachments follow in order, as they would be printed. Attachments
// of attached mails are among them.
#include <algorithm>

#include "base/shared_module.h"
#include "media/documents/mail_module.h"
#include "media/documents/markup.h"
#include "media/documents/text.h"
#include "media/file_type.h"
#include "media/text_file.h"

namespace tenfold::media::documents {
namespace {

/// Of an attachment, what reads it; "" where nothing does.
std::string_view format_of(const std::string& bytes, const std::string& stated) {
  if (stated == "message/rfc822") return "eml";
  const std::string_view all = bytes;
  const std::string_view type =
      file_type(all.substr(0, kTypeBeginning), all.substr(all.size() - std::min(all.size(), kTypeBeginning)));
  if (type == "csv" || type == "json") return "text";
  for (const std::string_view known : {"pdf", "docx", "html", "eml", "text", "png", "jpeg"})
    if (type == known) return known;
  return "";
}

class MailPages : public Source {
 public:
  MailPages(Mail mail, const Opening& opening) {
    properties_.fields = std::move(mail.fields);
    properties_.people = std::move(mail.people);
    for (const auto& [name, value] : properties_.fields)
      if (name == "subject" && properties_.title.empty()) properties_.title = value;
    for (const std::int64_t date : mail.dates) properties_.dates.emplace_back("date", date);
    if (mail.texts.empty()) mail.texts.emplace_back();
    text_ = std::move(mail.texts.front());
    for (std::size_t i = 1; i < mail.texts.size(); ++i)
      mail.attachments.push_back({"", mail.texts[i].html ? "text/html" : "text/plain", std::move(mail.texts[i].bytes)});
    for (MailAttachment& one : mail.attachments) attach(one, opening);
  }

  std::uint32_t pages() const override { return count_; }
  Result<Properties> properties() override { return properties_; }

  Result<PageSize> size(std::uint32_t page) override {
    if (page == 1) return PageSize{};
    const Inner at = find(page);
    return at.source->size(at.page);
  }

  Result<Page> read(std::uint32_t page) override {
    if (page > 1) {
      const Inner at = find(page);
      return at.source->read(at.page);
    }
    if (text_.html) {
      const Result<Events> events = read_html(text_.bytes, text_.charset);
      if (!events) return events.error();
      return read_markup(*events);
    }
    Result<std::string> text = decode_text(text_.bytes, text_.charset);
    if (!text) return text.error();
    return read_text(std::move(*text));
  }

  Result<Colours> picture(std::uint32_t page, const std::optional<Box>& box, PictureSize size) override {
    if (page == 1) return Source::picture(page, box, size);
    const Inner at = find(page);
    return at.source->picture(at.page, box, size);
  }

 private:
  /// One that cannot be read is listed with the reason; the mail is still read.
  void attach(MailAttachment& one, const Opening& opening) {
    Attachment entry{one.name, one.type, one.bytes.size(), 0, 0, ""};
    const std::string_view format = format_of(one.bytes, one.type);
    if (!format.empty()) entry.type = format;
    if (format.empty()) {
      entry.problem = "not a document";
    } else if (opening.depth >= opening.limits.nesting) {
      entry.problem = "nested deeper than " + std::to_string(opening.limits.nesting);
    } else {
      Opening inner = opening;
      ++inner.depth;
      Result<std::unique_ptr<Source>> source = open_source({"", std::move(one.bytes)}, format, inner);
      if (source && count_ + (*source)->pages() <= opening.limits.pages) {
        adopt(std::move(*source), std::move(entry));
        return;
      }
      entry.problem = source ? "the mail would have more than " + std::to_string(opening.limits.pages) + " pages"
                             : source.error().what;
    }
    properties_.attachments.push_back(std::move(entry));
  }

  void adopt(std::unique_ptr<Source> source, Attachment entry) {
    entry.first_page = count_ + 1;
    entry.pages = source->pages();
    properties_.attachments.push_back(entry);
    if (const Result<Properties> inner = source->properties()) {
      for (Attachment deeper : inner->attachments) {
        if (deeper.first_page > 0) deeper.first_page += count_;
        properties_.attachments.push_back(std::move(deeper));
      }
    }
    first_pages_.push_back(count_ + 1);
    count_ += source->pages();
    sources_.push_back(std::move(source));
  }

  struct Inner {
    Source* source;
    std::uint32_t page;
  };
  Inner find(std::uint32_t page) const {
    const auto after = std::upper_bound(first_pages_.begin(), first_pages_.end(), page);
    const auto i = static_cast<std::size_t>(after - first_pages_.begin()) - 1;
    return {sources_[i].get(), page - first_pages_[i] + 1};
  }

  Properties properties_;
  MailText text_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::uint32_t> first_pages_;
  std::uint32_t count_ = 1;
};

}  // namespace

Result<std::unique_ptr<Source>> open_mail(Input input, const Opening& opening) {
  static const Result<void*> module = open_shared_module("libtenfold_mail.so", "tenfold_read_mail");
  if (!module) return module.error();
  const Limits& limits = opening.limits;
  if (!input.path.empty()) {
    Result<std::string> bytes = read_bytes(input.path, std::min(limits.file_bytes, limits.memory_bytes / 4));
    if (!bytes) return bytes.error();
    input.bytes = std::move(*bytes);
  }
  const std::uint64_t most = limits.expanded_bytes - std::min(limits.expanded_bytes, opening.expanded);
  const std::uint64_t room = std::min(most, limits.memory_bytes / 2);
  std::uint64_t left = room;
  Mail mail;
  Error error;
  reinterpret_cast<ReadMail> (*module)(input.bytes, left, limits.nesting, mail, error);
  if (!error.code.empty()) return error;
  opening.expanded += room - left;
  return std::unique_ptr<Source>(std::make_unique<MailPages>(std::move(mail), opening));
}

}  // namespace tenfold::media::documents
