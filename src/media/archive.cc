#include "media/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ctime>
#include <functional>
#include <utility>

#include "media/file_type.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

Error archive_error(const std::string& path, std::string code, std::string what, std::string hint) {
  return Error{std::move(code), {path, 0, 0, 1}, std::move(what), std::move(hint), ""};
}

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Close>;

Error damaged(const std::string& path, archive* reader) {
  const char* said = archive_error_string(reader);
  return archive_error(path, "damaged-archive",
                       std::string("the archive cannot be read: ") + (said ? said : "no reason is given"),
                       "copy it again, or unpack it by hand and give the folder");
}

Result<Reader> open_archive(const std::string& path) {
  Reader reader(archive_read_new());
  if (!reader || archive_read_support_format_zip(reader.get()) != ARCHIVE_OK)
    return archive_error(path, "out-of-memory", "there is no memory to read the archive", "give a smaller one");
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) != ARCHIVE_OK) return damaged(path, reader.get());
  return reader;
}

/// Files alone, until `visit` says false.
Status each_file(const std::string& path, const Limits& limits,
                 const std::function<Result<bool>(archive*, archive_entry*, const std::string&)>& visit) {
  auto reader = open_archive(path);
  if (!reader) return reader.error();
  archive_entry* entry = nullptr;
  std::uint64_t met = 0;
  while (true) {
    const int status = archive_read_next_header(reader->get(), &entry);
    if (status == ARCHIVE_EOF) return {};
    if (status < ARCHIVE_WARN) return damaged(path, reader->get());
    if (++met > limits.pages)
      return archive_error(path, "too-many-members",
                           "the archive has more than " + std::to_string(limits.pages) + " members", "split it");
    const char* name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || !name || archive_entry_symlink(entry)) continue;
    auto on = visit(reader->get(), entry, name);
    if (!on) return on.error();
    if (!*on) return {};
  }
}

}  // namespace

Result<std::vector<Member>> list_members(const std::string& path, const Limits& limits) {
  std::vector<Member> out;
  const Status listed =
      each_file(path, limits, [&](archive*, archive_entry* entry, const std::string& name) -> Result<bool> {
        out.push_back({name, static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry)))});
        return true;
      });
  if (!listed.ok()) return listed.error();
  return out;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}
std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

Result<MemoryFile> extract_member(const std::string& path, const std::string& wanted, const Limits& limits) {
  std::optional<MemoryFile> out;
  const auto copy = [&](archive* reader, archive_entry* entry, const std::string& name) -> Result<bool> {
    if (name != wanted) return true;
    if (archive_entry_is_encrypted(entry))
      return archive_error(path, "encrypted-archive", "the member " + name + " is encrypted",
                           "unpack it with its password first");
    MemoryFile file(memfd_create("member", MFD_CLOEXEC));
    if (file.descriptor_ < 0)
      return archive_error(path, "out-of-memory", "there is no memory for the member " + name, "");
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
      const int status = archive_read_data_block(reader, &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) return damaged(path, reader);
      if (offset < 0 || static_cast<std::uint64_t>(offset) + size > limits.expanded_bytes)
        return archive_error(
            path, "archive-bomb",
            "the member " + name + " unpacks to more than " + std::to_string(limits.expanded_bytes) + " bytes",
            "unpack it by hand if you trust it");
      const char* data = static_cast<const char*>(block);
      while (size > 0) {
        const ssize_t written = pwrite(file.descriptor_, data, size, offset);
        if (written <= 0) return archive_error(path, "out-of-memory", "there is no memory for the member " + name, "");
        data += written, offset += written, size -= static_cast<std::size_t>(written);
      }
    }
    out.emplace(std::move(file));
    return false;
  };
  const Status found = each_file(path, limits, copy);
  if (!found.ok()) return found.error();
  if (!out)
    return archive_error(path, "no-member", "the archive has no file `" + wanted + "`",
                         "tenfold explain --input lists them");
  return std::move(*out);
}

namespace {

class ArchiveMedium : public Medium {
 public:
  ArchiveMedium(std::string path, const Limits& limits, std::vector<Member> members)
      : path_(std::move(path)), limits_(limits), members_(std::move(members)) {}

  // What each is, its content says: they are unpacked, one at a time.
  Result<std::vector<MediaFact>> read(std::size_t, const Part&) override {
    const std::clock_t start = std::clock();
    std::vector<MediaFact> out;
    std::uint64_t left = limits_.expanded_bytes;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      Limits limits = limits_;
      limits.expanded_bytes = left;
      std::string format;
      if (auto file = extract_member(path_, members_[i].name, limits)) {
        if (const auto type = file_type_of(file->path())) format = *type;
      } else if (file.error().code != "encrypted-archive") {
        return file.error();
      }
      left -= std::min(left, members_[i].bytes);
      ++decoded_;
      Part part;
      part.member = members_[i].name;
      const std::string key = write_key(path_, part);
      out.push_back({{static_cast<std::int64_t>(i + 1), members_[i].name, static_cast<std::int64_t>(members_[i].bytes),
                      format, key},
                     key});
    }
    seconds_ += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return out;
  }
  MediaWork work() const override { return {"member", members_.size(), decoded_, seconds_}; }

 private:
  const std::string path_;
  const Limits limits_;
  const std::vector<Member> members_;
  std::uint64_t decoded_ = 0;
  double seconds_ = 0.0;
};

Result<std::unique_ptr<Medium>> open_medium(const std::string& path, std::string_view, const Limits& limits) {
  auto members = list_members(path, limits);
  if (!members) return members.error();
  return std::unique_ptr<Medium>(new ArchiveMedium(path, limits, std::move(*members)));
}

}  // namespace

Adapter archive_adapter() {
  return {"archive",
          "files in a ZIP archive; give member_key to the relations of another adapter",
          {"zip"},
          {{"member",
            {{"key", Type::string},
             {"n", Type::u32},
             {"name", Type::string},
             {"bytes", Type::u64},
             {"format", Type::string},
             {"member_key", Type::string}},
            "the nth file of the archive, its size unpacked, what it is by its content, and the key that names it"}},
          &open_medium};
}

}  // namespace tenfold::media
