#include "media/reader_wire.h"

#include "base/wire.h"
#include "base/worker_process.h"

namespace tenfold::media {

using wire::Reader;
using wire::write;
using wire::write_text;

std::string to_bytes(const Limits& limits) {
  std::string bytes;
  for (const std::uint64_t each :
       {limits.file_bytes, limits.memory_bytes, limits.expanded_bytes, limits.pixels, limits.decoded_pixels})
    write(bytes, each);
  write(bytes, limits.pages);
  write(bytes, limits.nesting);
  write(bytes, limits.seconds);
  return bytes;
}

std::optional<Limits> read_limits(std::string_view bytes) {
  Reader read{bytes};
  Limits limits;
  for (std::uint64_t* each :
       {&limits.file_bytes, &limits.memory_bytes, &limits.expanded_bytes, &limits.pixels, &limits.decoded_pixels})
    *each = read.next<std::uint64_t>();
  limits.pages = read.next<std::uint32_t>();
  limits.nesting = read.next<std::uint32_t>();
  limits.seconds = read.next<double>();
  if (!read.whole()) return std::nullopt;
  return limits;
}

std::string to_bytes(const MediaRequest& request) {
  std::string bytes;
  write(bytes, static_cast<std::uint8_t>(request.what));
  write_text(bytes, request.adapter);
  write(bytes, request.relation);
  write_text(bytes, request.key);
  write(bytes, request.size.width);
  write(bytes, request.size.height);
  return bytes;
}

std::optional<MediaRequest> read_media_request(std::string_view bytes) {
  Reader read{bytes};
  MediaRequest request;
  const auto what = read.next<std::uint8_t>();
  request.what = static_cast<MediaRequest::What>(what);
  request.adapter = read.text();
  request.relation = read.next<std::uint32_t>();
  request.key = read.text();
  request.size.width = read.next<std::uint32_t>();
  request.size.height = read.next<std::uint32_t>();
  if (!read.whole() || what > 2) return std::nullopt;
  return request;
}

namespace {

void write_value(std::string& bytes, const Value& value) {
  write(bytes, static_cast<std::uint8_t>(value.index()));
  if (const auto* integer = std::get_if<std::int64_t>(&value)) write(bytes, *integer);
  if (const auto* number = std::get_if<double>(&value)) write(bytes, *number);
  if (const auto* text = std::get_if<std::string>(&value)) write_text(bytes, *text);
}

Value read_value(Reader& read) {
  switch (read.next<std::uint8_t>()) {
    case 0:
      return read.next<std::int64_t>();
    case 1:
      return read.next<double>();
    case 2:
      return std::string(read.text());
    default:
      read.fine = false;
      return std::int64_t{0};
  }
}

}  // namespace

std::string to_bytes(const MediaReply& reply) {
  std::string bytes;
  write(bytes, static_cast<std::uint8_t>(reply.error.has_value()));
  if (reply.error) {
    write_text(bytes, to_bytes(*reply.error));
    write(bytes, reply.error->place.line);
  }
  write_text(bytes, reply.reading.path);
  write_text(bytes, reply.adapter);
  write_text(bytes, reply.reading.work.unit);
  write(bytes, reply.reading.work.there);
  write(bytes, reply.reading.work.decoded);
  write(bytes, reply.reading.work.seconds);
  write(bytes, static_cast<std::uint32_t>(reply.reading.facts.size()));
  for (const MediaFact& fact : reply.reading.facts) {
    write(bytes, static_cast<std::uint32_t>(fact.values.size()));
    for (const Value& value : fact.values) write_value(bytes, value);
    write_text(bytes, fact.place);
  }
  write(bytes, reply.colours.width);
  write(bytes, reply.colours.height);
  wire::write_numbers(bytes, reply.colours.rgb);
  write(bytes, reply.grey.width);
  write(bytes, reply.grey.height);
  write(bytes, static_cast<std::uint8_t>(reply.grey.coloured));
  wire::write_numbers(bytes, reply.grey.pixels);
  return bytes;
}

std::optional<MediaReply> read_media_reply(std::string_view bytes) {
  Reader read{bytes};
  MediaReply reply;
  if (read.next<std::uint8_t>() != 0) {
    reply.error = read_error(read.text());
    if (!reply.error) return std::nullopt;
    reply.error->place.line = read.next<decltype(reply.error->place.line)>();
  }
  reply.reading.path = read.text();
  reply.adapter = read.text();
  reply.unit = read.text();
  reply.reading.work.there = read.next<std::uint64_t>();
  reply.reading.work.decoded = read.next<std::uint64_t>();
  reply.reading.work.seconds = read.next<double>();
  const std::size_t facts = read.count(8);
  for (std::size_t i = 0; i < facts && read.fine; ++i) {
    MediaFact& fact = reply.reading.facts.emplace_back();
    const std::size_t values = read.count(1);
    for (std::size_t v = 0; v < values && read.fine; ++v) fact.values.push_back(read_value(read));
    fact.place = read.text();
  }
  reply.colours.width = read.next<std::uint32_t>();
  reply.colours.height = read.next<std::uint32_t>();
  wire::read_numbers(read, reply.colours.rgb);
  reply.grey.width = read.next<std::uint32_t>();
  reply.grey.height = read.next<std::uint32_t>();
  reply.grey.coloured = read.next<std::uint8_t>() != 0;
  wire::read_numbers(read, reply.grey.pixels);
  // What comes from the other process is not believed.
  const bool sizes = reply.colours.rgb.size() == std::size_t{reply.colours.width} * reply.colours.height * 3 &&
                     reply.grey.pixels.size() == std::size_t{reply.grey.width} * reply.grey.height;
  if (!read.whole() || !sizes) return std::nullopt;
  return reply;
}

}  // namespace tenfold::media
