#include "media/dicom_header.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/utf8.h"

namespace tenfold::media {
namespace {

constexpr std::uint32_t kUndefined = 0xFFFFFFFFu;
constexpr int kMaxDepth = 32;  // of sequences; real files have about five levels
constexpr std::size_t kPreamble = 128;

constexpr std::string_view kImplicitLittle = "1.2.840.10008.1.2", kExplicitLittle = "1.2.840.10008.1.2.1",
                           kDeflated = "1.2.840.10008.1.2.1.99", kExplicitBig = "1.2.840.10008.1.2.2",
                           kGeImplicitBig = "1.2.840.113619.5.2";

constexpr std::uint32_t tag(std::uint32_t group, std::uint32_t element) { return group << 16 | element; }
constexpr std::uint32_t kItem = tag(0xFFFE, 0xE000), kItemEnd = tag(0xFFFE, 0xE00D), kSequenceEnd = tag(0xFFFE, 0xE0DD);
constexpr std::uint32_t kPixelData = tag(0x7FE0, 0x0010);

bool letter(char c) { return c >= 'A' && c <= 'Z'; }

Error dicom_error(std::string code, std::string what, std::string hint) {
  Error error;
  error.code = std::move(code);
  error.what = std::move(what);
  error.hint = std::move(hint);
  return error;
}

Error truncated(std::string what) {
  return dicom_error("truncated-dicom", std::move(what),
                     "the file was cut off or its lengths lie: copy or export it again");
}
Error malformed(std::string what) {
  return dicom_error("malformed-dicom", std::move(what), "the file does not follow DICOM PS3.5: export it again");
}

std::string tag_text(std::uint32_t t) {
  char text[16];
  std::snprintf(text, sizeof text, "(%04X,%04X)", t >> 16, t & 0xFFFF);
  return text;
}

struct Element {
  std::uint32_t tag = 0;
  char vr[2] = {0, 0};  // 0 when implicit or an item
  std::uint32_t length = 0;
  bool is(const char* name) const { return vr[0] == name[0] && vr[1] == name[1]; }
};

/// A value as text: padding off, what is not UTF-8 shown as '?'.
std::string clean(std::string_view value) {
  while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  std::string text(value.substr(0, 1024));
  const bool utf8 = valid_utf8(text);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || (!utf8 && static_cast<unsigned char>(c) >= 0x80)) c = '?';
  }
  return text;
}

/// The first number of a multi-valued decimal string.
std::optional<double> first_number(std::string_view value) {
  value = value.substr(0, value.find('\\'));
  while (!value.empty() && (value.front() == ' ' || value.front() == '+')) value.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end == value.data() || !std::isfinite(number)) return std::nullopt;
  return number;
}

class Walker {
 public:
  /// `partial`: the bytes are only the beginning of the file, running out is no error.
  Walker(std::string_view bytes, bool partial) : bytes_(bytes), partial_(partial) {}

  Status walk(std::size_t at);
  Status meta(std::size_t& at);
  DicomHeader& header() { return header_; }
  /// The walk reached the pixels or the end.
  bool complete() const { return complete_; }
  /// The bytes ran out before; only if partial.
  bool ran_out() const { return ran_out_; }

 private:
  std::size_t left(std::size_t at) const { return bytes_.size() - at; }
  std::uint32_t u16(std::size_t at) const {
    const auto a = static_cast<unsigned char>(bytes_[at]), b = static_cast<unsigned char>(bytes_[at + 1]);
    return big_ ? static_cast<std::uint32_t>(a << 8 | b) : static_cast<std::uint32_t>(b << 8 | a);
  }
  std::uint32_t u32(std::size_t at) const { return big_ ? u16(at) << 16 | u16(at + 2) : u16(at + 2) << 16 | u16(at); }
  Status out_of_bytes(std::string what) {
    if (!partial_) return truncated(std::move(what));
    ran_out_ = true;
    return {};
  }

  Status element(std::size_t& at, Element& element);
  Status sequence(std::size_t& at, std::size_t end, bool to_delimiter, int depth);
  Status item(std::size_t& at, std::size_t end, int depth);
  Status value(std::size_t& at, std::size_t end, const Element& element, int depth);
  Status encapsulated(std::size_t& at);
  bool holds_items(std::size_t at, const Element& element) const;
  void note(const Element& element, std::size_t at);
  void note_number(const Element& element, std::size_t at);
  void note_text(const Element& element, std::string_view value);
  void note_frame(const Element& element, std::string_view value);
  void note_palette(const Element& element, std::size_t at);

  std::string_view bytes_;
  bool partial_, explicit_ = true, big_ = false;
  bool complete_ = false, ran_out_ = false;
  bool in_frame_groups_ = false;          // inside a functional groups sequence of a multi-frame object
  std::optional<double> center_, width_;  // of the window
  DicomHeader header_;
};

Status Walker::element(std::size_t& at, Element& e) {
  if (left(at) < 8) return out_of_bytes("the file ends inside the head of a data element");
  e.tag = tag(u16(at), u16(at + 2));
  e.vr[0] = e.vr[1] = 0;
  const bool plain = e.tag >> 16 == 0xFFFE;  // items have no VR
  if (!explicit_ || plain) {
    e.length = u32(at + 4);
    at += 8;
    return {};
  }
  e.vr[0] = bytes_[at + 4];
  e.vr[1] = bytes_[at + 5];
  if (!letter(e.vr[0]) || !letter(e.vr[1]))
    return malformed("element " + tag_text(e.tag) + " has no value representation");
  constexpr std::string_view kLong[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
  if (std::find(std::begin(kLong), std::end(kLong), std::string_view(e.vr, 2)) == std::end(kLong)) {
    e.length = u16(at + 6);
    at += 8;
    return {};
  }
  if (left(at) < 12) return out_of_bytes("the file ends inside the head of a data element");
  e.length = u32(at + 8);
  at += 12;
  return {};
}

/// A value of defined length that is itself a sequence, by its VR or by its first bytes.
bool Walker::holds_items(std::size_t at, const Element& e) const {
  if (e.is("SQ")) return e.length > 0;
  if (explicit_ || e.tag >> 16 == 0x7FE0 || e.length < 8) return false;
  return tag(u16(at), u16(at + 2)) == kItem;
}

Status Walker::value(std::size_t& at, std::size_t end, const Element& e, int depth) {
  if (e.length != kUndefined) {
    if (e.length > end - at) {
      return out_of_bytes("element " + tag_text(e.tag) + " says " + std::to_string(e.length) + " bytes, and " +
                          std::to_string(end - at) + " are left");
    }
    if (holds_items(at, e)) return sequence(at, at + e.length, false, depth + 1);
    if (in_frame_groups_ && depth > 0) note_frame(e, bytes_.substr(at, e.length));
    at += e.length;
    return {};
  }
  if (e.tag == kPixelData && depth == 0) return encapsulated(at);
  if (!explicit_ || !e.is("UN")) return sequence(at, end, true, depth + 1);
  // Unknown and of undefined length: implicit little endian inside (PS3.5, 6.2.2).
  const bool big = big_;
  explicit_ = big_ = false;
  const Status status = sequence(at, end, true, depth + 1);
  explicit_ = true;
  big_ = big;
  return status;
}

/// Items up to `end`, or to the delimiter.
Status Walker::sequence(std::size_t& at, std::size_t end, bool to_delimiter, int depth) {
  if (depth > kMaxDepth) return malformed("sequences are nested more than " + std::to_string(kMaxDepth) + " deep");
  while (to_delimiter || at < end) {
    if (end - at < 8) return out_of_bytes("the file ends inside a sequence");
    const std::uint32_t t = tag(u16(at), u16(at + 2)), length = u32(at + 4);
    at += 8;
    if (t == kSequenceEnd) {
      if (to_delimiter) return {};
      continue;
    }
    if (t != kItem) return malformed("a sequence holds " + tag_text(t) + " where an item belongs");
    if (length == kUndefined) {
      if (Status status = item(at, end, depth); !status || ran_out_) return status;
      continue;
    }
    if (length > end - at) {
      return out_of_bytes("an item says " + std::to_string(length) + " bytes, and " + std::to_string(end - at) +
                          " are left");
    }
    const std::size_t item_end = at + length;
    while (at < item_end) {
      Element inner;
      if (Status status = element(at, inner); !status || ran_out_) return status;
      if (at > item_end) return malformed("an element crosses the end of its item");
      if (Status status = value(at, item_end, inner, depth); !status || ran_out_) return status;
    }
  }
  return {};
}

/// The elements of an item of undefined length, with its delimiter.
Status Walker::item(std::size_t& at, std::size_t end, int depth) {
  while (true) {
    Element inner;
    if (Status status = element(at, inner); !status || ran_out_) return status;
    if (at > end) return malformed("an element crosses the end of its sequence");
    if (inner.tag == kItemEnd) return {};
    if (Status status = value(at, end, inner, depth); !status || ran_out_) return status;
  }
}

Status Walker::encapsulated(std::size_t& at) {
  DicomPixels& pixels = header_.pixels;
  pixels.encapsulated = true;
  complete_ = true;
  if (partial_) return {};
  for (bool table = true;; table = false) {
    if (left(at) < 8) return out_of_bytes("the file ends inside the pixels");
    const std::uint32_t t = tag(u16(at), u16(at + 2)), length = u32(at + 4);
    at += 8;
    if (t == kSequenceEnd) return {};
    if (t != kItem) return malformed("the pixels hold " + tag_text(t) + " where a fragment belongs");
    if (length > left(at)) {
      return out_of_bytes("a fragment of the pixels says " + std::to_string(length) + " bytes, and " +
                          std::to_string(left(at)) + " are left");
    }
    if (!table) pixels.fragments.push_back({at, length});
    for (std::size_t i = 0; table && i + 4 <= length; i += 4) pixels.frame_offsets.push_back(u32(at + i));
    at += length;
  }
}

Status Walker::meta(std::size_t& at) {
  while (left(at) >= 4 && u16(at) == 2) {
    Element e;
    if (Status status = element(at, e); !status || ran_out_) return status;
    if (e.length > left(at)) {
      return out_of_bytes("element " + tag_text(e.tag) + " says " + std::to_string(e.length) + " bytes, and " +
                          std::to_string(left(at)) + " are left");
    }
    const std::string_view value = bytes_.substr(at, e.length);
    if (e.tag == tag(2, 0x10)) header_.transfer_syntax = clean(value);
    if (e.tag == tag(2, 2)) header_.sop_class = clean(value);
    at += e.length;
  }
  return {};
}

Status Walker::walk(std::size_t at) {
  const std::string& syntax = header_.transfer_syntax;
  big_ = header_.big_endian = syntax == kExplicitBig || syntax == kGeImplicitBig;
  explicit_ = syntax != kImplicitLittle && syntax != kGeImplicitBig;
  if (syntax.empty()) {
    // Which of the two it is shows in the first element.
    explicit_ = left(at) >= 6 && letter(bytes_[at + 4]) && letter(bytes_[at + 5]);
    header_.transfer_syntax = explicit_ ? kExplicitLittle : kImplicitLittle;
  }
  while (at < bytes_.size()) {
    // Some writers fill the file up with zeros.
    if (bytes_[at] == '\0' && bytes_.find_first_not_of('\0', at) == std::string_view::npos) break;
    Element e;
    if (Status status = element(at, e); !status || ran_out_) return status;
    const bool pixels = e.tag >> 16 == 0x7FE0 && (e.tag & 0xFFFF) >= 8 && (e.tag & 0xFFFF) <= 0x10;
    if (pixels) {
      header_.has_pixels = true;
      header_.float_pixels = e.tag != kPixelData;
      header_.pixels.offset = at;
      header_.pixels.length = e.length == kUndefined ? 0 : e.length;
      header_.pixels.words = e.is("OW");
      if (partial_) break;  // a header is asked for
    } else if (e.length != kUndefined && e.length <= left(at)) {
      note(e, at);
    }
    in_frame_groups_ = e.tag == tag(0x5200, 0x9229) || e.tag == tag(0x5200, 0x9230);
    if (Status status = value(at, bytes_.size(), e, 0); !status || ran_out_) return status;
  }
  complete_ = true;
  return {};
}

void Walker::note(const Element& e, std::size_t at) {
  switch (e.tag) {
    case tag(0x28, 0x02):
    case tag(0x28, 0x06):
    case tag(0x28, 0x10):
    case tag(0x28, 0x11):
    case tag(0x28, 0x100):
    case tag(0x28, 0x101):
    case tag(0x28, 0x102):
    case tag(0x28, 0x103):
    case tag(0x28, 0x120):
      if (e.length >= 2) note_number(e, at);
      break;
    case tag(0x28, 0x1101):
    case tag(0x28, 0x1102):
    case tag(0x28, 0x1103):
    case tag(0x28, 0x1201):
    case tag(0x28, 0x1202):
    case tag(0x28, 0x1203):
      note_palette(e, at);
      break;
    default:
      note_frame(e, bytes_.substr(at, e.length));
      note_text(e, bytes_.substr(at, e.length));
  }
}

void Walker::note_number(const Element& e, std::size_t at) {
  const std::uint32_t number = u16(at);
  switch (e.tag) {
    case tag(0x28, 0x02):
      header_.samples = number;
      break;
    case tag(0x28, 0x06):
      header_.planar = number;
      break;
    case tag(0x28, 0x10):
      header_.rows = number;
      break;
    case tag(0x28, 0x11):
      header_.columns = number;
      break;
    case tag(0x28, 0x100):
      header_.bits_allocated = number;
      break;
    case tag(0x28, 0x101):
      header_.bits_stored = number;
      break;
    case tag(0x28, 0x102):
      header_.high_bit = number;
      break;
    case tag(0x28, 0x103):
      header_.is_signed = number == 1;
      break;
    default:
      header_.padding =
          e.is("US") || !header_.is_signed ? std::int64_t{number} : std::int64_t{static_cast<std::int16_t>(number)};
  }
}

void Walker::note_text(const Element& e, std::string_view value) {
  ImageTags& tags = header_.tags;
  switch (e.tag) {
    case tag(0x08, 0x16):
      header_.sop_class = clean(value);
      break;
    case tag(0x08, 0x20):
      tags.study_date = clean(value);
      break;
    case tag(0x08, 0x60):
      tags.modality = clean(value);
      break;
    case tag(0x10, 0x20):
      tags.patient_id = clean(value);
      break;
    case tag(0x10, 0x30):
      tags.patient_birth = clean(value);
      break;
    case tag(0x10, 0x1010):
      tags.patient_age = clean(value);
      break;
    case tag(0x18, 0x15):
      tags.body_part = clean(value);
      break;
    case tag(0x18, 0x5101):
      tags.view = clean(value);
      break;
    case tag(0x28, 0x04):
      header_.photometric = clean(value);
      break;
    case tag(0x28, 0x08): {
      const double frames = first_number(value).value_or(1);
      tags.frames = frames >= 1 && frames < 4e9 ? static_cast<std::uint32_t>(frames) : 1;
      break;
    }
    default:
      break;
  }
}

void Walker::note_palette(const Element& e, std::size_t at) {
  const std::uint32_t number = e.tag & 0xFF;
  DicomPalette& palette = header_.palette[(number - 1) % 3];
  if (e.tag >= tag(0x28, 0x1201)) {
    palette.offset = at;
    palette.length = e.length;
  } else if (e.length >= 6) {
    palette.entries = u16(at) == 0 ? 65536 : u16(at);
    const std::uint32_t first = u16(at + 2);
    palette.first = header_.is_signed ? static_cast<std::int16_t>(first) : static_cast<std::int32_t>(first);
    palette.bits = u16(at + 4);
  }
}

/// What may stand at the top or, in multi-frame objects, in the functional groups; the first is that of the first
/// frame.
void Walker::note_frame(const Element& e, std::string_view value) {
  const auto keep = [&](std::optional<double>& to) {
    if (!to) to = first_number(value);
  };
  switch (e.tag) {
    case tag(0x28, 0x1050):
      keep(center_);
      break;
    case tag(0x28, 0x1051):
      keep(width_);
      break;
    case tag(0x28, 0x1052):
      keep(header_.intercept);
      break;
    case tag(0x28, 0x1053):
      keep(header_.slope);
      break;
    case tag(0x28, 0x1056): {
      const std::string function = clean(value);
      header_.voi = function == "SIGMOID"        ? DicomHeader::Voi::sigmoid
                    : function == "LINEAR_EXACT" ? DicomHeader::Voi::linear_exact
                                                 : DicomHeader::Voi::linear;
      break;
    }
    default:
      break;
  }
  if (center_ && width_) header_.window = DicomHeader::Window{*center_, *width_};
}

/// Where the data elements begin: after "DICM", or at once in files without a preamble.
Result<std::size_t> start_of(std::string_view bytes) {
  if (bytes.size() >= kPreamble + 4 && bytes.substr(kPreamble, 4) == "DICM") return kPreamble + 4;
  if (looks_like_dicom(bytes)) return std::size_t{0};
  return dicom_error("not-dicom", "the file does not begin like DICOM", "give a DICOM file (PS3.10)");
}

/// The data set of a deflated file, as a file in explicit little endian.
Status inflate_file(std::string_view file, std::size_t data_set, std::size_t limit, std::string& out) {
  out.assign(kPreamble, '\0');
  // File meta information with nothing but the transfer syntax; a UID is padded to even length with NUL.
  std::string uid(kExplicitLittle);
  if (uid.size() % 2) uid += '\0';
  out += "DICM";
  out += std::string_view("\x02\x00\x10\x00UI", 6);
  out += static_cast<char>(uid.size());
  out += '\0';
  out += uid;
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return dicom_error("out-of-memory", "no memory to inflate", "");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data() + data_set));
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(file.size() - data_set, 0xFFFFFFFFu));
  int code = Z_OK;
  char buffer[64 * 1024];
  while (code == Z_OK && out.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    code = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > limit) {
    return dicom_error("file-too-large", "the deflated data set has more than " + std::to_string(limit) + " bytes",
                       "give a smaller file");
  }
  if (code == Z_BUF_ERROR) return truncated("the deflated data set ends in the middle");
  if (code != Z_STREAM_END) return malformed("the deflated data set is damaged");
  return {};
}

}  // namespace

bool looks_like_dicom(std::string_view bytes) {
  if (bytes.size() >= kPreamble + 4 && bytes.substr(kPreamble, 4) == "DICM") return true;
  // Without a preamble: group 2 or 8, a small element number, and then a VR or a small length.
  if (bytes.size() < 8 || (bytes[0] != 2 && bytes[0] != 8) || bytes[1] != 0 || bytes[3] != 0) return false;
  const bool vr = letter(bytes[4]) && letter(bytes[5]);
  return vr || (bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0);
}

Result<DicomHeader> read_dicom_header(std::string_view file, std::string& inflated, std::size_t max_inflated) {
  inflated.clear();
  const Result<std::size_t> start = start_of(file);
  if (!start) return start.error();
  Walker walker(file, false);
  std::size_t at = *start;
  if (const Status status = walker.meta(at); !status) return status.error();
  if (walker.header().transfer_syntax == kDeflated) {
    if (const Status status = inflate_file(file, at, max_inflated, inflated); !status) return status.error();
    std::string unused;
    return read_dicom_header(inflated, unused, 0);
  }
  if (const Status status = walker.walk(at); !status) return status.error();
  DicomHeader header = std::move(walker.header());
  header.tags.format = "dicom";
  return header;
}

Result<DicomBeginning> read_dicom_beginning(std::string_view beginning, std::uint64_t file_size) {
  const Result<std::size_t> start = start_of(beginning);
  if (!start) return start.error();
  Walker walker(beginning, file_size > beginning.size());
  std::size_t at = *start;
  if (const Status status = walker.meta(at); !status) return status.error();
  if (walker.header().transfer_syntax == kDeflated || walker.ran_out()) return DicomBeginning{};
  if (const Status status = walker.walk(at); !status) return status.error();
  DicomBeginning result{std::move(walker.header()), walker.complete() || walker.header().has_pixels};
  result.header.tags.format = "dicom";
  return result;
}

}  // namespace tenfold::media
