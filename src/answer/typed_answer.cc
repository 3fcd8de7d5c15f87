#include "answer/typed_answer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/value_text.h"

namespace tenfold::answer {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kMaxFormBytes = std::uintmax_t{1} << 20;

template <class T>
void range_of(neural::Field& field) {
  field.least = std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
  field.most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
}

neural::Field field_of(const lang::Column& column) {
  neural::Field field{column.name, neural::Field::Kind::text, 0, 0};
  if (is_integer(column.type)) field.kind = neural::Field::Kind::whole;
  if (is_float(column.type)) field.kind = neural::Field::Kind::number;
  if (column.type == Type::boolean) field.kind = neural::Field::Kind::truth;
  if (column.type == Type::character) field.kind = neural::Field::Kind::character;
  switch (column.type) {
    case Type::i8:
      range_of<std::int8_t>(field);
      break;
    case Type::i16:
      range_of<std::int16_t>(field);
      break;
    case Type::i32:
      range_of<std::int32_t>(field);
      break;
    case Type::i64:
    case Type::isize:
      range_of<std::int64_t>(field);
      break;
    case Type::u8:
      range_of<std::uint8_t>(field);
      break;
    case Type::u16:
      range_of<std::uint16_t>(field);
      break;
    case Type::u32:
      range_of<std::uint32_t>(field);
      break;
    case Type::u64:
    case Type::usize:
      range_of<std::uint64_t>(field);
      break;
    default:
      break;
  }
  return field;
}

/// As with tables: relative to the program's folder, else to the working directory.
Result<std::string> read_file(const lang::Network::File& file) {
  fs::path path = fs::path(file.place.file).parent_path() / file.path;
  std::error_code failed;
  if (!fs::exists(path, failed)) path = file.path;
  const auto size = fs::file_size(path, failed);
  std::ifstream in(path, std::ios::binary);
  if (failed || !in)
    return Error{"no-file", file.place, "there is no file " + file.path,
                 "give a path relative to the program or to the working directory", ""};
  if (size > kMaxFormBytes)
    return Error{"no-file", file.place, file.path + " is larger than 1 MiB", "make it smaller", ""};
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Result<neural::AnswerForm> answer_form(const lang::Program& program, std::uint32_t number) {
  const lang::Network& network = program.networks[number];
  if (network.answer == lang::Network::Answer::text) {
    const auto grammar = read_file(network.grammar);
    if (!grammar) return grammar.error();
    return neural::text_form(*grammar, network.grammar.path);
  }
  std::vector<neural::Field> fields;
  const auto& columns = program.relations[network.relation].columns;
  for (std::size_t c = network.inputs; c < columns.size(); ++c) fields.push_back(field_of(columns[c]));
  std::string schema;
  if (!network.schema.path.empty()) {
    auto read = read_file(network.schema);
    if (!read) return read.error();
    schema = std::move(*read);
  }
  return neural::record_form(std::move(fields), network.answer == lang::Network::Answer::many, schema,
                             network.schema.path);
}

Result<std::optional<TextTemplate>> read_prompt(const lang::Program& program, std::uint32_t number,
                                                const neural::NetworkDescription& description) {
  const lang::Network& network = program.networks[number];
  if (!network.prompt.empty() && !description.prompt.empty())
    return Error{"bad-prompt", network.prompt_place, "the file of network " + network.name + " has a prompt too",
                 "remove one of the two: " + description.place.file, ""};
  const std::string& text = network.prompt.empty() ? description.prompt : network.prompt;
  if (text.empty()) return std::optional<TextTemplate>();
  auto parsed = TextTemplate::parse(text);
  const auto bad = [&](std::string what, std::string hint) {
    return Error{"bad-prompt", description.place, "the prompt of " + network.name + ": " + what, std::move(hint), ""};
  };
  if (!parsed) return bad(parsed.error().what, parsed.error().hint);
  const auto& columns = program.relations[network.relation].columns;
  std::vector<std::string> names;
  std::string inputs;
  for (std::uint32_t c = 0; c < network.inputs; ++c) {
    names.push_back(columns[c].name);
    inputs += (c ? ", " : "") + columns[c].name;
  }
  const lang::RelationId named = network.front == lang::kNone ? network.relation : network.front;
  if (const TextTemplate::Part* part = parsed->stranger(names))
    return bad("`" + part->text + "` is no input of " + program.relations[named].name, "its inputs are " + inputs);
  if (!parsed->has_holes()) return bad("it says nothing of the input", "name one in braces: " + inputs);
  return std::optional(std::move(*parsed));
}

Result<std::vector<bool>> shown_inputs(const lang::Program& program, std::uint32_t number,
                                       const neural::NetworkDescription& description,
                                       const std::optional<TextTemplate>& prompt) {
  const lang::Network& network = program.networks[number];
  const auto& columns = program.relations[network.relation].columns;
  std::vector<bool> out(network.inputs);
  for (const std::string& picture : description.pictures) {
    std::string inputs;
    bool bound = false;
    for (std::uint32_t c = 0; c < network.inputs; ++c) {
      inputs += (c ? ", " : "") + columns[c].name;
      if (columns[c].name == picture) out[c] = bound = true;
    }
    if (!bound)
      return Error{"bad-network", network.place,
                   "the file of network " + network.name + " says that `" + picture +
                       "` is a picture, and there is no such input",
                   "its inputs are " + inputs + "; the pictures are named in " + description.place.file, ""};
    const auto shows = [&](const TextTemplate::Part& part) { return part.hole && part.text == picture; };
    if (!prompt || std::none_of(prompt->parts().begin(), prompt->parts().end(), shows))
      return Error{"bad-network", network.place,
                   "the prompt of network " + network.name + " does not show `" + picture + "`",
                   "put {" + picture + "} where the picture is to stand", ""};
  }
  return out;
}

std::optional<std::vector<engine::Perception::Tuple>> tuples(const lang::Program& program, std::uint32_t number,
                                                             const std::vector<neural::Record>& records,
                                                             Symbols& symbols) {
  const lang::Network& network = program.networks[number];
  const auto& columns = program.relations[network.relation].columns;
  std::vector<engine::Perception::Tuple> out;
  for (const neural::Record& record : records) {
    engine::Perception::Tuple tuple{{}, record.probability};
    nlohmann::json object;
    if (network.answer != lang::Network::Answer::text) {
      object = nlohmann::json::parse(record.json, nullptr, false);
      if (!object.is_object()) return std::nullopt;
    }
    for (std::size_t c = network.inputs; c < columns.size(); ++c) {
      std::string text = record.json;
      if (network.answer != lang::Network::Answer::text) {
        const auto value = object.find(columns[c].name);
        if (value == object.end()) return std::nullopt;
        text = value->is_string() ? value->get<std::string>() : value->dump();
      }
      const auto cell = parse_plain(text, columns[c].type, symbols);
      if (!cell) return std::nullopt;
      tuple.values.push_back(*cell);
    }
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const auto& other) { return other.values == tuple.values; });
    if (same == out.end()) {
      out.push_back(std::move(tuple));
    } else {
      same->probability = std::max(same->probability, tuple.probability);
    }
  }
  return out;
}

}  // namespace tenfold::answer
