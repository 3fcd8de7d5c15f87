#include "media/file_type.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "media/dicom_header.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view type;
};

using namespace std::string_view_literals;
constexpr std::array kMagic = {
    Magic{0, "\x89PNG\r\n\x1A\n"sv, "png"},
    Magic{0, "\xFF\xD8\xFF"sv, "jpeg"},
    Magic{0, "II*\0"sv, "tiff"},
    Magic{0, "MM\0*"sv, "tiff"},
    Magic{0, "II+\0"sv, "tiff"},  // BigTIFF
    Magic{0, "MM\0+"sv, "tiff"},
    Magic{0, "GIF87a"sv, "gif"},
    Magic{0, "GIF89a"sv, "gif"},
    Magic{4, "ftyp"sv, "mp4"},
    Magic{4, "moov"sv, "mp4"},
    Magic{0, "\x1A\x45\xDF\xA3"sv, "matroska"},
    Magic{8, "AVI "sv, "avi"},
    Magic{0, "PAR1"sv, "parquet"},
    Magic{0, "SQLite format 3\0"sv, "sqlite"},
    Magic{0, "\x1F\x8B"sv, "gzip"},
};

bool has(std::string_view text, const Magic& magic) {
  return text.size() >= magic.at && text.substr(magic.at).starts_with(magic.bytes);
}

std::string_view zip_type(std::string_view beginning, std::string_view ending) {
  const auto names = [&](std::string_view name) {
    return beginning.find(name) != std::string_view::npos || ending.find(name) != std::string_view::npos;
  };
  if (names("word/document.xml")) return "docx";
  if (names("xl/workbook.xml")) return "xlsx";
  return "zip";
}

bool is_mpeg_ts(std::string_view text) {
  constexpr std::size_t kPacket = 188;  // ISO/IEC 13818-1: each begins with 0x47
  if (text.size() < 3 * kPacket) return false;
  return text[0] == 0x47 && text[kPacket] == 0x47 && text[2 * kPacket] == 0x47;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool begins(std::string_view text, std::string_view small) {
  return text.size() >= small.size() &&
         std::equal(small.begin(), small.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

// Control characters that no text in a single-byte encoding or UTF-8 has.
bool is_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t' && u != '\n' && u != '\r' && u != '\f' && u != 0x1B) || u == 0x7F;
  });
}

bool is_html(std::string_view text) {
  for (std::string_view tag : {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv})
    if (begins(text, tag)) return true;
  if (!text.starts_with('<')) return false;  // after an XML declaration or a comment
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string_view::npos && at < 2048; ++at)
    if (begins(text.substr(at), "<html")) return true;
  return false;
}

// A header of at least two fields, one of which every mail has (RFC 5322, section 3.6).
bool is_mail(std::string_view text) {
  std::size_t fields = 0;
  bool known = false;
  if (text.starts_with("From ")) text.remove_prefix(std::min(text.find('\n') + 1, text.size()));  // of a mailbox
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    if (!std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; })) return false;
    ++fields;
    for (std::string_view sure : {"from"sv, "date"sv, "received"sv, "mime-version"sv, "message-id"sv, "return-path"sv})
      known = known || (name.size() == sure.size() && begins(name, sure));
  }
  return known && fields >= 2;
}

bool is_table(std::string_view text, bool cut) {
  constexpr std::size_t kLines = 10;
  std::array<std::size_t, kLines> counts;
  for (const char separator : {',', '\t', ';', '|'}) {
    std::size_t lines = 0, count = 0;
    bool quoted = false, any = false;
    for (std::size_t i = 0; i < text.size() && lines < kLines; ++i) {
      if (text[i] == '"') quoted = !quoted;
      if (quoted) continue;
      if (text[i] == separator) ++count;
      const bool ends = text[i] == '\n' || (i + 1 == text.size() && !cut);
      if (text[i] != '\n' && text[i] != '\r') any = true;
      if (ends && any) counts[lines++] = count;
      if (ends) count = 0, any = false;
    }
    if (lines >= 2 && counts[0] > 0 &&
        std::all_of(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(lines),
                    [&](std::size_t c) { return c == counts[0]; }))
      return true;
  }
  return false;
}

std::string_view text_type(std::string_view text) {
  const bool cut = text.size() >= kTypeBeginning;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "text";  // UTF-16
  if (!is_text(text)) return "";
  const std::size_t start = text.find_first_not_of(" \t\r\n\f");
  if (start == std::string_view::npos) return text.empty() ? "" : "text";
  const std::string_view body = text.substr(start);
  if (body[0] == '{' || body[0] == '[') return "json";
  if (is_html(body)) return "html";
  if (is_mail(text)) return "eml";
  return is_table(body, cut) ? "csv" : "text";
}

}  // namespace

std::string_view file_type(std::string_view beginning, std::string_view ending) {
  // The preamble of a DICOM file may make it a TIFF file as well (PS3.10, section 7.1).
  if (has(beginning, {128, "DICM", ""})) return "dicom";
  for (const Magic& magic : kMagic)
    if (has(beginning, magic)) return magic.type;
  if (beginning.starts_with("PK\x03\x04") || beginning.starts_with("PK\x05\x06")) return zip_type(beginning, ending);
  // Readers find the mark of a PDF within its first 1,024 bytes (ISO 32000-1, annex H.3.4.1).
  if (beginning.substr(0, 1024).find("%PDF-") != std::string_view::npos) return "pdf";
  if (looks_like_dicom(beginning)) return "dicom";
  if (is_mpeg_ts(beginning)) return "mpeg-ts";
  return text_type(beginning);
}

Result<std::string_view> file_type_of(const std::string& path) {
  const Result<Beginning> beginning = read_beginning(path, kTypeBeginning);
  if (!beginning) return beginning.error();
  std::string ending;
  if (beginning->bytes.starts_with("PK") && beginning->file_size > kTypeBeginning) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(-static_cast<std::streamoff>(kTypeBeginning), std::ios::end);
    ending.resize(kTypeBeginning);
    file.read(ending.data(), static_cast<std::streamsize>(kTypeBeginning));
    ending.resize(static_cast<std::size_t>(file.gcount()));
  }
  return file_type(beginning->bytes, ending);
}

}  // namespace tenfold::media
