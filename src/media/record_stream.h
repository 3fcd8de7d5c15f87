// Inputs as people name them (files, folders, globs) into a stream of records: one text, one image or one error at a
// time. Memory is bounded by one record (and the names in one folder), however many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/base.h"

namespace tenfold::media {

struct RecordStreamOptions {
  /// A longer line, or a longer .json file, becomes an error without being loaded.
  std::size_t max_record_bytes = std::size_t{256} << 20;
  /// Adapters (adapter.h) whose files are items of kind medium, as are ZIP archives; none: only records and images.
  std::vector<std::string> media = {};
};

struct RecordItem {
  enum class Kind : std::uint8_t { record, image, medium, error };
  Kind kind = Kind::record;
  /// How answers name it: "chart.json"; for a line of NDJSON "day.ndjson#17"; for merged lines "Condition.ndjson#3-9".
  std::string name;
  /// The file's path; for an image what read_image takes.
  std::string path;
  std::string format;  // of a medium (file_type.h)
  std::string text;    // of a record
  Error error;         // of an error
};

/// What becomes a record:
/// - a .json file: the whole text;
/// - a .ndjson or .jsonl file: each line that is not blank. If the first line is a FHIR resource that is no Bundle (a
/// bulk
///   export, one file a resource type), consecutive lines about the same patient become one record. Only what lies next
///   to each other in one file is merged: what a bulk export says about a patient in another file is another record,
///   because bringing the two together would need memory or a sort; make Bundles first where rules need both;
/// - any of these followed by .gz, or compressed whatever the name; another file named as input goes by its content:
/// text
///   that begins with { or [ is read like .json;
/// - an image (DICOM, PNG, JPEG, by content) named as an input;
/// - a folder: its .json, .ndjson and .jsonl files (also .gz) and those of its folders, sorted by name; a folder that
/// has
///   none of these gives its images. Links to folders are not followed;
/// - with RecordStreamOptions::media: a file that one of these adapters reads, named as an input or in a folder;
/// - a glob (* ? [) when no file is called so: its matches in the order of their bytes, and ** is not special.
/// Everything that cannot be read is an item of kind error, and the stream goes on. Error codes: file-not-found,
/// unreadable-file, empty-file, unknown-format, record-too-large, truncated-gzip, damaged-gzip, empty-folder, no-match.
class RecordStream {
 public:
  explicit RecordStream(std::vector<std::string> inputs, RecordStreamOptions options = {});
  ~RecordStream();
  RecordStream(RecordStream&&) noexcept;
  RecordStream& operator=(RecordStream&&) noexcept;

  std::optional<RecordItem> next();
  /// The same into an item whose memory is used again; false at the end. Cheaper for large records.
  bool next(RecordItem& item);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenfold::media
