// Media as rules and networks ask for them: opened when they are first asked, kept while they are, and decoded in a
// process of its own (`tenfold-media`), so that a file that breaks a decoder is an error and no more. What that process
// may do is in sandbox.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "media/adapter.h"

namespace tenfold::media {

struct ReaderSettings {
  Limits limits;
  unsigned lanes = 1;   // processes at once; a file always goes to the same one
  bool isolate = true;  // false: decode in this process
};

/// What reading a part gave, and what that cost.
struct Reading {
  std::vector<MediaFact> facts;
  std::string path;
  MediaWork work;  // of this read alone, but for `there`
};

/// What was decoded so far, by adapter.
struct AdapterWork {
  std::string adapter, unit;
  std::uint64_t reads = 0, there = 0, decoded = 0;  // `there` counts each file that was opened once
  double seconds = 0.0;
};

/// Thread-safe.
class MediaReader {
 public:
  explicit MediaReader(ReaderSettings settings = {});
  ~MediaReader();

  /// The tuples of a relation of an adapter about what `key` names. Errors: those of the adapter with the file as their
  /// place; "wrong-medium" (a file that the adapter does not read), "decoder-failed" (it crashed, took too long or too
  /// much memory), "no-module" (a decoder that was not built).
  Result<Reading> read(const Adapter& adapter, std::size_t relation, const std::string& key);
  /// The pixels of what `key` names, whatever adapter reads it. Errors: as read(), and "no-picture".
  Result<Colours> colours(const std::string& key, PictureSize size = {});
  Result<Image> grey(const std::string& key, PictureSize size = {});

  std::vector<AdapterWork> work() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What `tenfold-media` does, until `socket` is closed. Returns its exit status.
int serve_media(int socket);

/// By name; null if there is none.
const Adapter* find_adapter(std::string_view name);
/// The first whose formats hold `format`; null if there is none.
const Adapter* adapter_of(std::string_view format);

}  // namespace tenfold::media
