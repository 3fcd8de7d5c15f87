#include "neural/backends/isolated_wire.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cmath>

#include "neural/wire.h"

namespace tenfold::neural {
namespace {

using wire::read_numbers;
using wire::Reader;
using wire::write;
using wire::write_numbers;
using wire::write_text;

constexpr std::uint64_t kMaxMessageBytes = std::uint64_t{2} << 30;

template <class T, class F>
void write_list(std::string& bytes, const T& list, F each) {
  write(bytes, static_cast<std::uint32_t>(list.size()));
  for (const auto& element : list) each(element);
}

template <class T, class F>
void read_list(Reader& read, std::vector<T>& list, F each) {
  const std::size_t n = read.count(1);
  for (std::size_t i = 0; i < n && read.fine; ++i) list.push_back(each());
}

}  // namespace

std::string to_bytes(const LoadRequest& request) {
  std::string bytes;
  const auto text = [&](const std::string& value) { write_text(bytes, value); };
  for (const std::string* each : {&request.backend, &request.sha256, &request.bytes}) text(*each);
  write(bytes, request.memory_mib);
  const LoadSettings& settings = request.settings;
  text(settings.path);
  for (const std::uint32_t edge : {settings.input.channels, settings.input.height, settings.input.width})
    write(bytes, edge);
  write_list(bytes, settings.outputs, [&](const OutputSpec& output) {
    text(output.name);
    write(bytes, static_cast<std::uint64_t>(output.size));
  });
  write_list(bytes, settings.labels, text);
  write(bytes, settings.threads);
  write(bytes, static_cast<std::uint8_t>(settings.form.kind));
  write_list(bytes, settings.form.fields, [&](const Field& field) {
    text(field.name);
    write(bytes, static_cast<std::uint8_t>(field.kind));
    write(bytes, field.least);
    write(bytes, field.most);
  });
  text(settings.form.schema);
  text(settings.form.grammar);
  write_list(bytes, settings.options, [&](const auto& option) {
    text(option.first);
    text(option.second);
  });
  for (const std::string* each : {&settings.weights, &settings.weights_sha256}) text(*each);
  return bytes;
}

std::optional<LoadRequest> read_load_request(std::string_view bytes) {
  Reader read{bytes};
  LoadRequest request;
  const auto text = [&] { return std::string(read.text()); };
  for (std::string* each : {&request.backend, &request.sha256, &request.bytes}) *each = text();
  request.memory_mib = read.next<std::uint64_t>();
  LoadSettings& settings = request.settings;
  settings.path = text();
  for (std::uint32_t* edge : {&settings.input.channels, &settings.input.height, &settings.input.width})
    *edge = read.next<std::uint32_t>();
  read_list(read, settings.outputs, [&] {
    OutputSpec output{text()};
    output.size = read.next<std::uint64_t>();
    return output;
  });
  read_list(read, settings.labels, text);
  settings.threads = read.next<unsigned>();
  settings.form.kind = static_cast<AnswerForm::Kind>(read.next<std::uint8_t>());
  read_list(read, settings.form.fields, [&] {
    Field field;
    field.name = text();
    field.kind = static_cast<Field::Kind>(read.next<std::uint8_t>());
    field.least = read.next<std::int64_t>();
    field.most = read.next<std::uint64_t>();
    return field;
  });
  settings.form.schema = text();
  settings.form.grammar = text();
  std::vector<std::pair<std::string, std::string>> options;
  read_list(read, options, [&] {
    std::string name = text();
    return std::pair{std::move(name), text()};
  });
  settings.options.insert(options.begin(), options.end());
  for (std::string* each : {&settings.weights, &settings.weights_sha256}) *each = text();
  if (!read.whole()) return std::nullopt;
  return request;
}

std::string to_bytes(const Loaded& loaded) {
  std::string bytes;
  write(bytes, loaded.flops_per_input);
  return bytes;
}

std::optional<Loaded> read_loaded(std::string_view bytes) {
  Reader read{bytes};
  Loaded loaded;
  loaded.flops_per_input = read.next<double>();
  if (!read.whole()) return std::nullopt;
  return loaded;
}

std::string to_bytes(const Batch& batch) {
  std::string bytes;
  const auto text = [&](std::string_view value) { write_text(bytes, value); };
  write_list(bytes, batch.keys, text);
  write_numbers(bytes, batch.pixels);
  write_list(bytes, batch.texts, text);
  write_list(bytes, batch.shown, [&](std::span<const Shown> within) {
    write_list(bytes, within, [&](const Shown& shown) {
      write(bytes, static_cast<std::uint64_t>(shown.at));
      write(bytes, shown.picture->width);
      write(bytes, shown.picture->height);
      write_numbers(bytes, shown.picture->rgb);
    });
  });
  return bytes;
}

std::optional<OwnedBatch> read_batch(std::string_view bytes) {
  Reader read{bytes};
  OwnedBatch batch;
  read_list(read, batch.keys, [&] { return read.text(); });
  read_numbers(read, batch.pixels);
  read_list(read, batch.texts, [&] { return read.text(); });
  read_list(read, batch.within, [&] {
    std::vector<Shown> within;
    read_list(read, within, [&] {
      Shown shown{read.next<std::uint64_t>()};
      ColourPicture& picture = batch.pictures.emplace_back();
      picture.width = read.next<std::uint32_t>();
      picture.height = read.next<std::uint32_t>();
      read_numbers(read, picture.rgb);
      shown.picture = &picture;
      return shown;
    });
    return within;
  });
  if (!read.whole()) return std::nullopt;
  for (const auto& within : batch.within) batch.shown.emplace_back(within);
  return batch;
}

std::string to_bytes(const Outputs& outputs) {
  std::string bytes;
  const auto text = [&](const std::string& value) { write_text(bytes, value); };
  write_list(bytes, outputs.values, [&](const auto& values) { write_numbers(bytes, values); });
  write_list(bytes, outputs.refusals, text);
  write_list(bytes, outputs.details, text);
  write_list(bytes, outputs.records, [&](const auto& records) {
    write_list(bytes, records, [&](const Record& record) {
      text(record.json);
      write(bytes, record.probability);
    });
  });
  write_list(bytes, outputs.tokens, [&](const Tokens& tokens) {
    for (const std::uint64_t count : {tokens.prompt, tokens.reused, tokens.sampled, tokens.forced}) write(bytes, count);
  });
  write_numbers(bytes, outputs.flops);
  return bytes;
}

std::optional<Outputs> read_outputs(std::string_view bytes) {
  Reader read{bytes};
  Outputs outputs;
  const auto text = [&] { return std::string(read.text()); };
  read_list(read, outputs.values, [&] {
    std::vector<double> values;
    read_numbers(read, values);
    return values;
  });
  read_list(read, outputs.refusals, text);
  read_list(read, outputs.details, text);
  read_list(read, outputs.records, [&] {
    std::vector<Record> records;
    read_list(read, records, [&] {
      Record record{text(), 0.0};
      record.probability = read.next<double>();
      return record;
    });
    return records;
  });
  read_list(read, outputs.tokens, [&] {
    Tokens tokens;
    for (std::uint64_t* count : {&tokens.prompt, &tokens.reused, &tokens.sampled, &tokens.forced})
      *count = read.next<std::uint64_t>();
    return tokens;
  });
  read_numbers(read, outputs.flops);
  if (!read.whole()) return std::nullopt;
  return outputs;
}

std::string to_bytes(const Error& error) {
  std::string bytes;
  for (const std::string* each : {&error.code, &error.place.file, &error.what, &error.hint}) write_text(bytes, *each);
  return bytes;
}

std::optional<Error> read_error(std::string_view bytes) {
  Reader read{bytes};
  Error error;
  for (std::string* each : {&error.code, &error.place.file, &error.what, &error.hint}) *each = read.text();
  if (!read.whole()) return std::nullopt;
  return error;
}

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

namespace {

bool wait_for(int socket, short what, double deadline) {
  while (true) {
    int left_ms = -1;
    if (deadline > 0.0) {
      const double left = deadline - steady_s();
      if (left <= 0.0) return false;
      left_ms = static_cast<int>(std::ceil(std::min(left, 1e6) * 1000.0));
    }
    pollfd wanted{socket, what, 0};
    const int ready = poll(&wanted, 1, left_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool send_all(int socket, const char* data, std::size_t size, double deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLOUT, deadline)) return false;
    const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) data += sent, size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, char* data, std::size_t size, double deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLIN, deadline)) return false;
    const ssize_t got = recv(socket, data, size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (got > 0) data += got, size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool send_message(int socket, std::string_view bytes, double deadline) {
  const std::uint64_t size = bytes.size();
  return send_all(socket, reinterpret_cast<const char*>(&size), sizeof size, deadline) &&
         send_all(socket, bytes.data(), bytes.size(), deadline);
}

bool receive_message(int socket, std::string& bytes, double deadline) {
  std::uint64_t size = 0;
  if (!receive_all(socket, reinterpret_cast<char*>(&size), sizeof size, deadline) || size > kMaxMessageBytes)
    return false;
  // As it comes: a length alone, which anyone can say, takes no memory.
  constexpr std::uint64_t kStep = std::uint64_t{1} << 20;
  bytes.clear();
  while (bytes.size() < size) {
    const std::size_t at = bytes.size(), step = std::min(kStep, size - at);
    bytes.resize(at + step);
    if (!receive_all(socket, bytes.data() + at, step, deadline)) return false;
  }
  return true;
}

}  // namespace tenfold::neural
