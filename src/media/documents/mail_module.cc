// The module libtenfold_mail.so: see mail_module.h.
#include "media/documents/mail_module.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace tenfold::media::documents {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Held = std::unique_ptr<T, Unref>;

std::string text_of(const char* text) { return text ? text : ""; }

/// The decoded bytes of a part; false where they are more than `left`.
bool decoded(GMimeDataWrapper* content, std::uint64_t& left, std::string& bytes) {
  if (!content) return true;
  // Base64 and quoted-printable never grow.
  GMimeStream* inner = g_mime_data_wrapper_get_stream(content);
  const gint64 length = inner ? g_mime_stream_length(inner) : 0;
  if (length > 0 && static_cast<std::uint64_t>(length) > left + left / 2 + 1024) return false;
  const Held<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, memory.get());
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  if (array->len > left) return false;
  left -= array->len;
  bytes.assign(reinterpret_cast<const char*>(array->data), array->len);
  return true;
}

class Reader {
 public:
  Reader(Mail& mail, std::uint64_t& left, std::uint32_t nesting) : mail_(mail), left_(left), nesting_(nesting) {}

  Error error;

  void read(GMimeMessage* message) {
    GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
      GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
      std::string name = text_of(g_mime_header_get_name(header));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      mail_.fields.emplace_back(std::move(name), text_of(g_mime_header_get_value(header)));
    }
    add_people("from", g_mime_message_get_from(message));
    add_people("to", g_mime_message_get_to(message));
    add_people("cc", g_mime_message_get_cc(message));
    add_people("bcc", g_mime_message_get_bcc(message));
    add_people("reply-to", g_mime_message_get_reply_to(message));
    if (GDateTime* date = g_mime_message_get_date(message))
      mail_.dates.push_back(g_date_time_to_unix(date) * std::int64_t{1'000'000});
    if (GMimeObject* part = g_mime_message_get_mime_part(message)) walk(part, 0);
  }

 private:
  void add_people(const char* role, InternetAddressList* list) {
    for (int i = 0; list && i < internet_address_list_length(list); ++i) {
      InternetAddress* one = internet_address_list_get_address(list, i);
      if (INTERNET_ADDRESS_IS_GROUP(one)) {
        InternetAddressList* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one));
        if (members != list && i < 1000) add_people(role, members);
        continue;
      }
      mail_.people.push_back({role, text_of(internet_address_get_name(one)),
                              text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))});
    }
  }

  void walk(GMimeObject* part, std::uint32_t depth) {
    if (!error.code.empty()) return;
    if (depth > nesting_) {
      error = {"too-deep",
               {},
               "the mail nests parts deeper than " + std::to_string(nesting_),
               "this is no mail that a program writes",
               ""};
      return;
    }
    if (GMIME_IS_MESSAGE_PART(part)) {
      add_message(g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)));
    } else if (GMIME_IS_MULTIPART(part)) {
      GMimeMultipart* parts = GMIME_MULTIPART(part);
      const int count = g_mime_multipart_get_count(parts);
      GMimeContentType* type = g_mime_object_get_content_type(part);
      if (type && g_mime_content_type_is_type(type, "multipart", "alternative")) {
        if (GMimeObject* best = alternative(parts, count)) walk(best, depth + 1);
        return;
      }
      for (int i = 0; i < count; ++i) walk(g_mime_multipart_get_part(parts, i), depth + 1);
    } else if (GMIME_IS_PART(part)) {
      add_part(GMIME_PART(part));
    }
  }

  static bool is_text(GMimeObject* part, const char* subtype) {
    GMimeContentType* type = g_mime_object_get_content_type(part);
    return type && g_mime_content_type_is_type(type, "text", subtype);
  }

  /// The plain text, else the page, else what comes last and so is the richest (RFC 2046, 5.1.4).
  static GMimeObject* alternative(GMimeMultipart* parts, int count) {
    for (const char* subtype : {"plain", "html"})
      for (int i = 0; i < count; ++i)
        if (GMimeObject* one = g_mime_multipart_get_part(parts, i); is_text(one, subtype)) return one;
    return count > 0 ? g_mime_multipart_get_part(parts, count - 1) : nullptr;
  }

  void too_much() {
    error = {"expands-too-much",
             {},
             "the parts of the mail decode to more than is allowed",
             "raise the limit of expanded bytes if the mail is real",
             ""};
  }

  void add_message(GMimeMessage* message) {
    if (!message) return;
    const std::unique_ptr<char, void (*)(void*)> bytes(g_mime_object_to_string(GMIME_OBJECT(message), nullptr), g_free);
    std::string text = text_of(bytes.get());
    if (text.size() > left_) return too_much();
    left_ -= text.size();
    mail_.attachments.push_back({text_of(g_mime_message_get_subject(message)), "message/rfc822", std::move(text)});
  }

  void add_part(GMimePart* part) {
    GMimeObject* object = GMIME_OBJECT(part);
    std::string bytes;
    if (!decoded(g_mime_part_get_content(part), left_, bytes)) return too_much();
    const char* name = g_mime_part_get_filename(part);
    GMimeContentDisposition* disposition = g_mime_object_get_content_disposition(object);
    const bool attached =
        name ||
        (disposition && g_ascii_strcasecmp(text_of(g_mime_content_disposition_get_disposition(disposition)).c_str(),
                                           "attachment") == 0);
    const bool html = is_text(object, "html");
    if (!attached && (html || is_text(object, "plain"))) {
      mail_.texts.push_back(
          {html, text_of(g_mime_object_get_content_type_parameter(object, "charset")), std::move(bytes)});
      return;
    }
    const std::unique_ptr<char, void (*)(void*)> type(
        g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object)), g_free);
    mail_.attachments.push_back({text_of(name), text_of(type.get()), std::move(bytes)});
  }

  Mail& mail_;
  std::uint64_t& left_;
  std::uint32_t nesting_;
};

}  // namespace
}  // namespace tenfold::media::documents

extern "C" __attribute__((visibility("default"))) void tenfold_read_mail(std::string_view bytes, std::uint64_t& limit,
                                                                         std::uint32_t nesting,
                                                                         tenfold::media::documents::Mail& mail,
                                                                         tenfold::Error& error) {
  using namespace tenfold::media::documents;
  static const bool begun = (g_mime_init(), true);
  static_cast<void>(begun);
  const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Held<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const bool mailbox = bytes.substr(0, 5) == "From ";
  g_mime_parser_set_format(parser.get(), mailbox ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
  const Held<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) {
    error = {"damaged-mail", {}, "the mail has no header that can be read", "export it again", ""};
    return;
  }
  Reader reader(mail, limit, nesting);
  reader.read(message.get());
  error = reader.error;
}
