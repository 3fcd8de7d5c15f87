#include "media/opened.h"

#include <algorithm>
#include <exception>
#include <new>

#include "media/file_type.h"

namespace tenfold::media {
namespace {

constexpr std::size_t kKept = 4;
constexpr std::string_view kOwnFiles = "/proc/self/fd/";  // members of archives, as adapters see them

std::string listed(const std::vector<std::string_view>& formats) {
  std::string out;
  for (std::size_t i = 0; i < formats.size(); ++i)
    out += std::string(i == 0 ? "" : i + 1 == formats.size() ? " and " : ", ") + std::string(formats[i]);
  return out;
}

Error wrong_medium(const std::string& path, std::string_view format, const Adapter* adapter) {
  Error error{"wrong-medium", {path, 0, 0, 1}, "", "", ""};
  const std::string what = format.empty() ? "what this file is cannot be told" : "this file is " + std::string(format);
  if (adapter) {
    error.what = what + ", and the adapter " + std::string(adapter->name) + " does not read it";
    error.hint = "it reads " + listed(adapter->formats);
  } else {
    error.what = what + ", and no adapter reads it";
    error.hint = "see docs/media.md for what can be read";
  }
  return error;
}

Error at(Error error, const std::string& path) {
  if (error.place.file.empty() || error.place.file.starts_with(kOwnFiles)) error.place.file = path;
  return error;
}

// A key of the file `own` as one of the member that was asked about; any other text as it is.
std::string named(const std::string& text, const std::string& own, const Key& asked) {
  if (!text.starts_with(own)) return text;
  Key key = read_key(text);
  if (key.path != own) return text;
  key.part.member = asked.part.member;
  return write_key(asked.path, key.part);
}

}  // namespace

Result<OpenedMedia::Open*> OpenedMedia::find(const Adapter* adapter, const Key& key) {
  Part member;
  member.member = key.part.member;
  const std::string path = write_key(key.path, member);
  const auto known = std::find_if(open_.begin(), open_.end(), [&](const Open& open) {
    return open.path == path && (!adapter || open.adapter == adapter);
  });
  if (known != open_.end()) {
    open_.splice(open_.begin(), open_, known);
    return &open_.front();
  }
  Open fresh{path, key.path, adapter, std::nullopt, nullptr};
  if (key.part.member) {
    auto file = extract_member(key.path, *key.part.member, limits_);
    if (!file) return file.error();
    fresh.opened = file->path();
    fresh.member = std::move(*file);
  }
  const Result<std::string_view> format = file_type_of(fresh.opened);
  if (!format) return at(format.error(), path);
  if (!fresh.adapter) fresh.adapter = adapter_of(*format);
  if (!fresh.adapter || !fresh.adapter->reads(*format)) return wrong_medium(path, *format, adapter);
  auto medium = fresh.adapter->open(fresh.opened, *format, limits_);
  if (!medium) return at(medium.error(), path);
  fresh.medium = std::move(*medium);
  open_.push_front(std::move(fresh));
  if (open_.size() > kKept) open_.pop_back();
  return &open_.front();
}

template <class T, class Ask>
Result<T> OpenedMedia::ask(const Adapter* adapter, const std::string& key, Reading& cost, Ask ask) try {
  Key parsed = read_key(key);
  auto open = find(adapter, parsed);
  if (!open) return open.error();
  Medium& medium = *(*open)->medium;
  parsed.part.member.reset();
  const MediaWork before = medium.work();
  Result<T> out = ask(medium, parsed.part);
  cost.path = (*open)->path;
  cost.work = medium.work();
  cost.work.decoded -= std::min(before.decoded, cost.work.decoded);
  cost.work.seconds -= before.seconds;
  if (!out) return at(out.error(), cost.path);
  return out;
} catch (const std::bad_alloc&) {
  open_.clear();
  return Error{"out-of-memory",
               {read_key(key).path, 0, 0, 1},
               "decoding this needs more memory than it may have",
               "give a smaller file, or raise --memory",
               ""};
} catch (const std::exception& error) {
  open_.clear();
  return Error{"decoder-failed",
               {read_key(key).path, 0, 0, 1},
               std::string("its decoder failed: ") + error.what(),
               "look at the file with another program",
               ""};
}

Result<Reading> OpenedMedia::read(const Adapter& adapter, std::size_t relation, const std::string& key) {
  Reading reading;
  auto facts = ask<std::vector<MediaFact>>(
      &adapter, key, reading, [&](Medium& medium, const Part& part) { return medium.read(relation, part); });
  if (!facts) return facts.error();
  reading.facts = std::move(*facts);
  // An adapter that was given a member knows it by another name, in places and in keys that it makes.
  if (const Key asked = read_key(key); asked.part.member) {
    const std::string& own = open_.front().opened;
    for (MediaFact& fact : reading.facts) {
      fact.place = named(fact.place, own, asked);
      for (Value& value : fact.values)
        if (auto* text = std::get_if<std::string>(&value)) *text = named(*text, own, asked);
    }
  }
  return reading;
}

Result<Colours> OpenedMedia::colours(const std::string& key, PictureSize size, Reading& cost) {
  return ask<Colours>(nullptr, key, cost, [&](Medium& medium, const Part& part) { return medium.picture(part, size); });
}

Result<Image> OpenedMedia::grey(const std::string& key, PictureSize size, Reading& cost) {
  return ask<Image>(nullptr, key, cost, [&](Medium& medium, const Part& part) { return medium.grey(part, size); });
}

}  // namespace tenfold::media
