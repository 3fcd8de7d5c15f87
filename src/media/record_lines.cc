#include "media/record_lines.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tenfold::media {
namespace {

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

std::string_view plain(JsonValue value) { return value.is_string() ? value.raw() : std::string_view(); }

/// What a line is, from its outermost members.
struct Glance {
  bool resource = false, bundle = false;
  std::string patient;  // "Patient/17" or as the reference says; "" if it names none
};

std::string_view reference_in(JsonValue value) {
  std::string_view reference;
  if (value.is_object()) {
    value.members([&](std::string_view key, JsonValue inner) {
      if (key == "reference") reference = plain(inner);
      return true;
    });
  }
  return reference;
}

Glance glance(Json& json, std::string_view line) {
  Glance glance;
  if (!json.open(line)) return glance;
  std::string_view type, id, subject;
  json.roots([&](JsonValue root) {
    if (!root.is_object()) return false;
    root.members([&](std::string_view key, JsonValue value) {
      if (key == "resourceType")
        type = plain(value);
      else if (key == "id")
        id = plain(value);
      else if (key == "subject" || key == "patient")
        subject = reference_in(value);
      return true;
    });
    return false;
  });
  glance.resource = !type.empty();
  glance.bundle = type == "Bundle";
  glance.patient = type == "Patient" && !id.empty() ? "Patient/" + std::string(id) : std::string(subject);
  return glance;
}

}  // namespace

Error input_error(const std::string& path, std::string code, std::string what, std::string hint) {
  Error error;
  error.code = std::move(code);
  error.place.file = path;
  error.what = std::move(what);
  error.hint = std::move(hint);
  return error;
}

void make_error_item(RecordItem& item, const std::string& path, Error error) {
  item.kind = RecordItem::Kind::error;
  item.name = path;
  item.path = path;
  item.text.clear();
  item.error = std::move(error);
}

RecordLines::RecordLines(TextFile file, std::string path, std::size_t limit)
    : file_(std::move(file)), path_(std::move(path)), limit_(limit) {}

void RecordLines::error_item(RecordItem& item, Error error, std::uint64_t number) const {
  error.place.line = static_cast<std::uint32_t>(number);
  make_error_item(item, path_, std::move(error));
  if (number > 0) item.name += "#" + std::to_string(number);
}

void RecordLines::read(Line& line) {
  line.patient.clear();
  while (true) {
    const Result<TextFile::Line> got = file_.next_line(line.text, limit_);
    line.number = got ? file_.line_number() : 0;  // a failing disk or archive is no matter of one line
    if (!got) {
      line.what = Line::What::bad;
      line.error = got.error();
    } else if (*got == TextFile::Line::too_long) {
      line.what = Line::What::bad;
      line.error = input_error(path_, "record-too-large", "the line has more than " + std::to_string(limit_) + " bytes",
                               "split the record into several lines");
    } else if (*got == TextFile::Line::end) {
      line.what = Line::What::end;
    } else if (blank(line.text)) {
      continue;
    } else {
      line.what = Line::What::text;
    }
    break;
  }
  const bool first = !begun_ && line.what == Line::What::text;
  if (!first && !(bulk_ && line.what == Line::What::text)) return;
  const Glance seen = glance(json_, line.text);
  if (first) bulk_ = seen.resource && !seen.bundle;
  if (seen.resource && !seen.bundle) line.patient = seen.patient;
}

bool RecordLines::next(RecordItem& item) {
  if (has_ahead_) {
    std::swap(current_, ahead_);
    has_ahead_ = false;
  } else {
    std::swap(current_.text, item.text);  // takes over the item's memory
    read(current_);
  }
  if (current_.what == Line::What::end) {
    if (begun_) return false;
    begun_ = true;
    error_item(item, input_error(path_, "empty-file", "the file holds no record", "copy it again"), 0);
    return true;
  }
  begun_ = true;
  if (current_.what == Line::What::bad) {
    error_item(item, std::move(current_.error), current_.number);
    return true;
  }
  item.kind = RecordItem::Kind::record;
  item.path = path_;
  item.name = path_ + "#" + std::to_string(current_.number);
  std::swap(item.text, current_.text);
  if (bulk_ && !current_.patient.empty()) merge(item);
  return true;
}

/// Takes the lines that follow and are about the same patient. As many line breaks as the file has stand between them,
/// so that lines inside the record count like lines of the file.
void RecordLines::merge(RecordItem& item) {
  const std::uint64_t first = current_.number;
  std::uint64_t last = first;
  while (true) {
    read(ahead_);
    has_ahead_ = true;
    const bool joins = ahead_.what == Line::What::text && ahead_.patient == current_.patient &&
                       item.text.size() + ahead_.text.size() + (ahead_.number - last) <= limit_;
    if (!joins) break;
    item.text.append(ahead_.number - last, '\n');
    item.text += ahead_.text;
    last = ahead_.number;
  }
  if (last != first) item.name += "-" + std::to_string(last);
}

}  // namespace tenfold::media
