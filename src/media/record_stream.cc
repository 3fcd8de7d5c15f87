#include "media/record_stream.h"

#include <glob.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <string_view>

#include "media/file_type.h"
#include "media/media.h"
#include "media/reader.h"
#include "media/record_lines.h"
#include "media/text_file.h"

namespace tenfold::media {
namespace {

namespace fs = std::filesystem;

bool has_ending(std::string_view name, std::initializer_list<std::string_view> endings) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

bool lines_name(std::string_view name) { return has_ending(name, {".ndjson", ".jsonl"}); }
bool record_name(std::string_view name) { return has_ending(name, {".ndjson", ".jsonl", ".json"}); }

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Entries of one folder, sorted by name.
struct Listing {
  std::vector<std::string> files;    // regular files and links to them
  std::vector<std::string> folders;  // not links
  bool readable = true;
};

Listing list(const std::string& folder) {
  Listing listing;
  std::error_code error;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (!it->is_symlink(ignored)) listing.folders.push_back(it->path().native());
    } else if (it->is_regular_file(ignored)) {
      listing.files.push_back(it->path().native());
    }
  }
  listing.readable = !error;
  std::sort(listing.files.begin(), listing.files.end());
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

constexpr std::size_t kDeepestFolder = 64;

bool holds_records(const std::string& folder, std::size_t depth = 0) {
  if (depth == kDeepestFolder) return false;
  const Listing listing = list(folder);
  return std::any_of(listing.files.begin(), listing.files.end(), record_name) ||
         std::any_of(listing.folders.begin(), listing.folders.end(),
                     [&](const std::string& inner) { return holds_records(inner, depth + 1); });
}

}  // namespace

struct RecordStream::State {
  /// A folder on the way: what is left of it, last first.
  struct Folder {
    std::vector<std::string> files, folders;
  };

  RecordStreamOptions options;
  std::deque<std::string> inputs;  // left; the matches of a glob take its place at the front
  std::vector<Folder> folders;
  bool images = false;  // the folder named as input has no records, so its images are given
  std::string folder_input;
  std::size_t given_of_folder = 0;
  std::optional<RecordLines> lines;

  bool next(RecordItem& item);
  bool read_input(RecordItem& item);
  bool from_folder(RecordItem& item);
  void enter(const std::string& folder);
  bool read_file(const std::string& path, RecordItem& item);
  std::string_view medium_format(const std::string& path) const;
  void begin_lines(const std::string& path, RecordItem& item);
  void read_whole(const std::string& path, RecordItem& item);
  std::vector<std::string> matches(const std::string& pattern) const;
};

// ---- files ----

// "" of what no wanted adapter reads.
std::string_view RecordStream::State::medium_format(const std::string& path) const {
  if (options.media.empty()) return "";
  const Result<std::string_view> format = file_type_of(path);
  if (!format) return "";
  if (*format == "zip") return *format;
  const bool wanted = std::any_of(options.media.begin(), options.media.end(), [&](const std::string& name) {
    const Adapter* adapter = find_adapter(name);
    return adapter && adapter->reads(*format);
  });
  return wanted ? *format : "";
}

/// Whole files become an item at once; a file of lines is opened, and `item` stays without a name unless that fails.
bool RecordStream::State::read_file(const std::string& path, RecordItem& item) {
  item.name.clear();
  if (lines_name(path)) return begin_lines(path, item), true;
  if (record_name(path)) return read_whole(path, item), true;
  if (const std::string_view format = medium_format(path); !format.empty()) {
    item.kind = RecordItem::Kind::medium;
    item.name = item.path = path;
    item.format = format;
    item.text.clear();
    return true;
  }
  const Result<Beginning> beginning = read_beginning(path, kImageBeginning);
  if (!beginning) {
    // A pipe cannot be looked at beforehand; programs that write to one write lines.
    if (beginning.error().code == "not-a-file")
      begin_lines(path, item);
    else
      make_error_item(item, path, beginning.error());
    return true;
  }
  const std::string_view bytes = beginning->bytes;
  if (!image_format(bytes).empty()) {
    item.kind = RecordItem::Kind::image;
    item.name = item.path = path;
    item.text.clear();
    return true;
  }
  const std::size_t start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  const bool text = start != std::string_view::npos && (bytes[start] == '{' || bytes[start] == '[');
  if (text || bytes.starts_with("\x1F\x8B")) return read_whole(path, item), true;
  make_error_item(item, path,
                  input_error(path, "unknown-format", "the file is neither JSON nor anything else that is read here",
                              "tenfold explain --input FILE says what a file is and what reads it"));
  return true;
}

void RecordStream::State::begin_lines(const std::string& path, RecordItem& item) {
  Result<TextFile> file = TextFile::open(path);
  if (!file) return make_error_item(item, path, file.error());
  lines.emplace(std::move(*file), path, options.max_record_bytes);
}

void RecordStream::State::read_whole(const std::string& path, RecordItem& item) {
  Result<TextFile> file = TextFile::open(path);
  if (!file) return make_error_item(item, path, file.error());
  if (const Status status = file->rest(item.text, options.max_record_bytes); !status) {
    return make_error_item(item, path, status.error());
  }
  if (blank(item.text)) {
    return make_error_item(item, path, input_error(path, "empty-file", "the file holds no record", "copy it again"));
  }
  item.kind = RecordItem::Kind::record;
  item.name = item.path = path;
}

// ---- folders and globs ----

void RecordStream::State::enter(const std::string& folder) {
  Listing listing = list(folder);
  if (!listing.readable) {
    // A folder that cannot be listed is met again as a file, whose reading says why.
    listing.files.push_back(folder);
  }
  std::erase_if(listing.files, [&](const std::string& file) {
    if (file == folder || !medium_format(file).empty()) return false;
    if (!images) return !record_name(file);
    const Result<Beginning> beginning = read_beginning(file, kImageBeginning);
    return beginning.ok() && image_format(beginning->bytes).empty();
  });
  std::reverse(listing.files.begin(), listing.files.end());
  std::reverse(listing.folders.begin(), listing.folders.end());
  folders.push_back({std::move(listing.files), std::move(listing.folders)});
}

/// The next file of the folders on the way; false when they are done.
bool RecordStream::State::from_folder(RecordItem& item) {
  while (!folders.empty()) {
    Folder& folder = folders.back();
    if (!folder.files.empty()) {
      const std::string path = std::move(folder.files.back());
      folder.files.pop_back();
      ++given_of_folder;
      return read_file(path, item);
    }
    if (folder.folders.empty()) {
      folders.pop_back();
      continue;
    }
    const std::string inner = std::move(folder.folders.back());
    folder.folders.pop_back();
    if (folders.size() < kDeepestFolder) enter(inner);
  }
  if (given_of_folder == 0) {
    make_error_item(item, folder_input,
                    input_error(folder_input, "empty-folder", "the folder holds no record and no image",
                                "records are files named .json, .ndjson or .jsonl, also with .gz"));
    given_of_folder = 1;
    return true;
  }
  return false;
}

std::vector<std::string> RecordStream::State::matches(const std::string& pattern) const {
  std::vector<std::string> found;
  glob_t result{};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &result) == 0) {
    found.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  }
  ::globfree(&result);
  std::sort(found.begin(), found.end());  // by bytes; glob's own order is the locale's
  return found;
}

bool RecordStream::State::read_input(RecordItem& item) {
  const std::string input = std::move(inputs.front());
  inputs.pop_front();
  std::error_code ignored;
  const fs::file_status status = fs::status(input, ignored);
  if (fs::is_directory(status)) {
    folder_input = input;
    given_of_folder = 0;
    images = !holds_records(input);
    enter(input);
    return false;
  }
  if (!fs::exists(status) && input.find_first_of("*?[") != std::string::npos) {
    const std::vector<std::string> found = matches(input);
    if (found.empty()) {
      make_error_item(item, input, input_error(input, "no-match", "no file matches this pattern", "check the path"));
      return true;
    }
    inputs.insert(inputs.begin(), found.begin(), found.end());
    return false;
  }
  return read_file(input, item);
}

bool RecordStream::State::next(RecordItem& item) {
  while (true) {
    if (lines) {
      if (lines->next(item)) return true;
      lines.reset();
    }
    bool given = false;
    if (!folders.empty() || (given_of_folder == 0 && !folder_input.empty())) {
      given = from_folder(item);
      if (!given) folder_input.clear();
    } else if (inputs.empty()) {
      return false;
    } else {
      given = read_input(item);
    }
    if (given && !lines) return true;
  }
}

RecordStream::RecordStream(std::vector<std::string> inputs, RecordStreamOptions options)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->inputs.assign(std::make_move_iterator(inputs.begin()), std::make_move_iterator(inputs.end()));
}
RecordStream::~RecordStream() = default;
RecordStream::RecordStream(RecordStream&&) noexcept = default;
RecordStream& RecordStream::operator=(RecordStream&&) noexcept = default;

bool RecordStream::next(RecordItem& item) { return state_->next(item); }

std::optional<RecordItem> RecordStream::next() {
  RecordItem item;
  if (!state_->next(item)) return std::nullopt;
  return item;
}

}  // namespace tenfold::media
