// ZIP archives: what is in them, and one member as a file in memory. A member's name is a name and no path: nothing is
// ever written to disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "media/adapter.h"

namespace tenfold::media {

struct Member {
  std::string name;
  std::uint64_t bytes = 0;
};

/// Its files, in the order of the archive; folders, links and devices are left out. Errors: "damaged-archive",
/// "too-many-members" (more than Limits::pages).
Result<std::vector<Member>> list_members(const std::string& path, const Limits& limits);

/// A file without a name on any disk, closed with this object.
class MemoryFile {
 public:
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();
  /// Where this process can open it again.
  std::string path() const;

 private:
  friend Result<MemoryFile> extract_member(const std::string&, const std::string&, const Limits&);
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

/// Errors: "damaged-archive", "no-member", "encrypted-archive", "archive-bomb" (more than Limits::expanded_bytes).
Result<MemoryFile> extract_member(const std::string& path, const std::string& name, const Limits& limits);

Adapter archive_adapter();

}  // namespace tenfold::media
