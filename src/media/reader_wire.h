// What is said to `tenfold-media`, and what it says: as bytes and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "media/reader.h"

namespace tenfold::media {

struct MediaRequest {
  enum class What : std::uint8_t { facts, colours, grey };
  What what = What::facts;
  std::string adapter;
  std::uint32_t relation = 0;
  std::string key;
  PictureSize size;
};

/// One of facts, colours or grey is filled.
struct MediaReply {
  Reading reading;
  std::string unit;  // what reading.work.unit views once it was read
  std::string adapter;
  std::optional<Error> error;
  Colours colours;
  Image grey;
};

std::string to_bytes(const Limits& limits);
std::string to_bytes(const MediaRequest& request);
std::string to_bytes(const MediaReply& reply);

/// Nothing when the bytes are not exactly one.
std::optional<Limits> read_limits(std::string_view bytes);
std::optional<MediaRequest> read_media_request(std::string_view bytes);
std::optional<MediaReply> read_media_reply(std::string_view bytes);

}  // namespace tenfold::media
