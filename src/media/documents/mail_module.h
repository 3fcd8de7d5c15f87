// What libtenfold_mail.so does: a mail (RFC 5322, MIME) into header fields, text and attachments, by GMime.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/documents/document.h"

namespace tenfold::media::documents {

struct MailText {
  bool html = false;
  std::string charset;  // as stated
  std::string bytes;
};

struct MailAttachment {
  std::string name, type;  // as stated
  std::string bytes;
};

struct Mail {
  std::vector<std::pair<std::string, std::string>> fields;  // decoded (RFC 2047), names in lower case
  std::vector<Person> people;
  std::vector<std::int64_t> dates;  // microseconds, UTC; at most one
  std::vector<MailText> texts;      // of alternatives the plain one
  std::vector<MailAttachment> attachments;
};

/// What the module exports as "tenfold_read_mail". `limit`: how many bytes its parts may decode to; afterwards how many
/// are left. Errors: damaged-mail, expands-too-much, too-deep.
using ReadMail = void (*)(std::string_view bytes, std::uint64_t& limit, std::uint32_t nesting, Mail& mail,
                          Error& error);

}  // namespace tenfold::media::documents
