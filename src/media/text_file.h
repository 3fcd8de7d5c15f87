// Text from a file piece by piece, whether plain or gzip: whole within a limit, or line by line within a limit a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/base.h"

namespace tenfold::media {

/// One open file. Not thread-safe.
class TextFile {
 public:
  /// Opens a regular file, or what is no folder and can be read to its end (a pipe). Errors: file-not-found,
  /// unreadable-file, is-a-folder.
  static Result<TextFile> open(const std::string& path);

  TextFile(TextFile&&) noexcept;
  TextFile& operator=(TextFile&&) noexcept;
  ~TextFile();

  enum class Line : std::uint8_t { text, too_long, end };

  /// Reads the next line into `line`, without its line break. Of a line longer than `limit` nothing is kept
  /// (Line::too_long), and the next call reads the line after it.
  /// Errors: truncated-gzip, unreadable-file; the file is then at its end.
  Result<Line> next_line(std::string& line, std::size_t limit);

  /// The number of the line read last, counting from 1.
  std::uint64_t line_number() const { return line_number_; }

  /// Reads what is left into `text`. Errors: record-too-large (more than `limit` bytes), truncated-gzip,
  /// unreadable-file.
  Status rest(std::string& text, std::size_t limit);

 private:
  TextFile() = default;
  Status fill();
  Error failed(const std::string& code, const std::string& what, const std::string& hint) const;

  struct Closer {
    void operator()(void* file) const;
  };

  std::string path_;
  std::unique_ptr<void, Closer> file_;  // gzFile
  std::unique_ptr<char[]> buffer_;
  std::string_view ready_;  // unread part of the buffer
  bool at_end_ = false;
  std::uint64_t line_number_ = 0;
};

/// A file's bytes, for formats that are not text. Only regular files, so that no device or pipe can be named by a
/// record. Errors: file-not-found, unreadable-file, is-a-folder, not-a-file, empty-file, file-too-large.
Result<std::string> read_bytes(const std::string& path, std::size_t limit);

/// At most `count` bytes from the beginning of a regular file, and how long the file is. Errors: as read_bytes.
struct Beginning {
  std::string bytes;
  std::uint64_t file_size = 0;
};
Result<Beginning> read_beginning(const std::string& path, std::size_t count);

}  // namespace tenfold::media
