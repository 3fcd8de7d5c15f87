// Media that are open: the few that were asked last.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "media/adapter.h"
#include "media/archive.h"
#include "media/reader.h"

namespace tenfold::media {

/// Not thread-safe.
class OpenedMedia {
 public:
  explicit OpenedMedia(const Limits& limits) : limits_(limits) {}

  Result<Reading> read(const Adapter& adapter, std::size_t relation, const std::string& key);
  /// `work` gets what it cost; the adapter is the one that reads such files.
  Result<Colours> colours(const std::string& key, PictureSize size, Reading& cost);
  Result<Image> grey(const std::string& key, PictureSize size, Reading& cost);

 private:
  struct Open {
    std::string path;    // of a member with the archive's
    std::string opened;  // the path that the adapter was given
    const Adapter* adapter;
    std::optional<MemoryFile> member;  // outlives the medium
    std::unique_ptr<Medium> medium;
  };
  Result<Open*> find(const Adapter* adapter, const Key& key);
  template <class T, class Ask>
  Result<T> ask(const Adapter* adapter, const std::string& key, Reading& cost, Ask ask);

  Limits limits_;
  std::list<Open> open_;  // asked last first
};

}  // namespace tenfold::media
