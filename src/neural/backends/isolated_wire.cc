#include "neural/backends/isolated_wire.h"

#include "base/wire.h"

namespace tenfold::neural {
namespace {

using wire::read_numbers;
using wire::Reader;
using wire::write;
using wire::write_numbers;
using wire::write_text;

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

}  // namespace tenfold::neural
