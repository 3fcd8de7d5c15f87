// A file of one JSON text a line into records; the lines of a bulk export about one patient are merged
// (record_stream.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/base.h"
#include "media/json.h"
#include "media/record_stream.h"
#include "media/text_file.h"

namespace tenfold::media {

class RecordLines {
 public:
  RecordLines(TextFile file, std::string path, std::size_t limit);

  /// The next record or error of the file; false at its end.
  bool next(RecordItem& item);

 private:
  struct Line {
    enum class What : std::uint8_t { text, bad, end };
    What what = What::end;
    std::string text;
    std::uint64_t number = 0;
    std::string patient;  // bulk: whom it is about, "Patient/17"; "" if it is merged with nothing
    Error error;
  };

  void read(Line& line);
  void merge(RecordItem& item);
  void error_item(RecordItem& item, Error error, std::uint64_t number) const;

  TextFile file_;
  std::string path_;
  std::size_t limit_;
  bool begun_ = false, bulk_ = false;
  Line current_, ahead_;
  bool has_ahead_ = false;
  Json json_;  // for a glance at lines of a bulk export
};

/// An error item for a whole input.
void make_error_item(RecordItem& item, const std::string& path, Error error);
Error input_error(const std::string& path, std::string code, std::string what, std::string hint);

}  // namespace tenfold::media
