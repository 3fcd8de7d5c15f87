#include "media/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace tenfold::media {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;  // a read of this size costs little beside the copying of its bytes

Error file_error(const std::string& path, std::string code, std::string what, std::string hint) {
  Error error;
  error.code = std::move(code);
  error.place.file = path;
  error.what = std::move(what);
  error.hint = std::move(hint);
  return error;
}

Error open_error(const std::string& path, int number) {
  if (number == ENOENT || number == ENOTDIR) {
    return file_error(path, "file-not-found", "there is no such file", "check the path");
  }
  const std::string why = number == EACCES         ? "permission denied"
                          : number == ENAMETOOLONG ? "the name is too long"
                          : number == ELOOP        ? "too many links"
                          : number == EIO          ? "the disk reports an error"
                                                   : "system error " + std::to_string(number);
  return file_error(path, "unreadable-file", "the file cannot be read: " + why, "check its permissions and the disk");
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Opened {
  Descriptor file;
  struct stat info;
};

Result<Opened> open_file(const std::string& path, bool regular_only) {
  if (path.find('\0') != std::string::npos) {
    return file_error(path, "file-not-found", "the path contains NUL", "check the path");
  }
  // A pipe nobody writes to would block the opening itself.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (regular_only ? O_NONBLOCK : 0));
  if (fd < 0) return open_error(path, errno);
  Opened opened{Descriptor(fd), {}};
  if (::fstat(fd, &opened.info) != 0) return open_error(path, errno);
  if (S_ISDIR(opened.info.st_mode)) return file_error(path, "is-a-folder", "this is a folder", "name a file");
  if (regular_only && !S_ISREG(opened.info.st_mode)) {
    return file_error(path, "not-a-file", "this is a device or a pipe", "name a regular file");
  }
  return opened;
}

Status read_fully(const std::string& path, int fd, std::string& bytes, std::size_t count) {
  try {
    bytes.resize(count);
  } catch (const std::bad_alloc&) {
    return file_error(path, "out-of-memory", "no memory for " + std::to_string(count) + " bytes",
                      "give the program more memory");
  }
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::read(fd, bytes.data() + done, count - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return open_error(path, errno);
    if (got == 0) break;  // the file became shorter meanwhile
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return {};
}

}  // namespace

void TextFile::Closer::operator()(void* file) const { gzclose(static_cast<gzFile>(file)); }
TextFile::TextFile(TextFile&&) noexcept = default;
TextFile& TextFile::operator=(TextFile&&) noexcept = default;
TextFile::~TextFile() = default;

Result<TextFile> TextFile::open(const std::string& path) {
  Result<Opened> opened = open_file(path, false);
  if (!opened) return opened.error();
  TextFile text;
  text.path_ = path;
  // zlib passes on what is not gzip as it is.
  const gzFile file = gzdopen(opened->file.get(), "rb");
  if (!file) return file_error(path, "out-of-memory", "no memory to read the file", "give the program more memory");
  opened->file.release();
  text.file_.reset(file);
  gzbuffer(file, kBuffer);
  text.buffer_ = std::make_unique<char[]>(kBuffer);
  return text;
}

Error TextFile::failed(const std::string& code, const std::string& what, const std::string& hint) const {
  return file_error(path_, code, what, hint);
}

Status TextFile::fill() {
  const auto file = static_cast<gzFile>(file_.get());
  const int got = gzread(file, buffer_.get(), kBuffer);
  if (got > 0) {
    ready_ = {buffer_.get(), static_cast<std::size_t>(got)};
    return {};
  }
  at_end_ = true;
  ready_ = {};
  int number = Z_OK;
  gzerror(file, &number);
  if (number == Z_ERRNO) return open_error(path_, errno);
  if (number == Z_DATA_ERROR || number == Z_STREAM_ERROR) {
    return failed("damaged-gzip", "the compressed data is damaged", "copy the file again");
  }
  if (number == Z_BUF_ERROR) {
    return failed("truncated-gzip", "the compressed file ends in the middle", "the file was cut off: copy it again");
  }
  return {};
}

Result<TextFile::Line> TextFile::next_line(std::string& line, std::size_t limit) {
  line.clear();
  bool any = false, too_long = false;
  while (true) {
    if (ready_.empty() && !at_end_) {
      if (const Status status = fill(); !status) return status.error();
    }
    if (ready_.empty()) break;
    if (!any) ++line_number_;
    any = true;
    const std::size_t end = ready_.find('\n');
    const std::string_view part = ready_.substr(0, end);
    if (!too_long && line.size() + part.size() > limit) {
      too_long = true;
      line.clear();
    }
    if (!too_long) line.append(part);
    if (end == std::string_view::npos) {
      ready_ = {};
      continue;
    }
    ready_.remove_prefix(end + 1);
    break;
  }
  if (!any) return Line::end;
  if (too_long) return Line::too_long;
  if (line.ends_with('\r')) line.pop_back();
  return Line::text;
}

Status TextFile::rest(std::string& text, std::size_t limit) {
  text.clear();
  while (true) {
    if (ready_.empty() && !at_end_) {
      if (const Status status = fill(); !status) return status;
    }
    if (ready_.empty()) return {};
    if (text.size() + ready_.size() > limit) {
      return failed("record-too-large", "the file has more than " + std::to_string(limit) + " bytes",
                    "split it: one record a line in a .ndjson file is read line by line");
    }
    text.append(ready_);
    ready_ = {};
  }
}

Result<std::string> read_bytes(const std::string& path, std::size_t limit) {
  Result<Opened> opened = open_file(path, true);
  if (!opened) return opened.error();
  const auto size = static_cast<std::uint64_t>(opened->info.st_size);
  if (size == 0) return file_error(path, "empty-file", "the file is empty", "copy it again");
  if (size > limit) {
    return file_error(path, "file-too-large",
                      "the file has " + std::to_string(size) + " bytes, more than " + std::to_string(limit),
                      "give a smaller file");
  }
  std::string bytes;
  if (const Status status = read_fully(path, opened->file.get(), bytes, size); !status) return status.error();
  return bytes;
}

Result<Beginning> read_beginning(const std::string& path, std::size_t count) {
  Result<Opened> opened = open_file(path, true);
  if (!opened) return opened.error();
  Beginning beginning;
  beginning.file_size = static_cast<std::uint64_t>(opened->info.st_size);
  if (beginning.file_size == 0) return file_error(path, "empty-file", "the file is empty", "copy it again");
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, beginning.file_size));
  if (const Status status = read_fully(path, opened->file.get(), beginning.bytes, wanted); !status)
    return status.error();
  return beginning;
}

}  // namespace tenfold::media
