#include "answer/media_relation.h"

#include <algorithm>
#include <limits>

#include "lang/source.h"

namespace tenfold::answer {
namespace {

bool alike(Type declared, Type filled) { return declared == filled || (is_text(declared) && is_text(filled)); }

std::optional<Cell> integer(std::int64_t value, Type type) {
  const auto within = [&](auto least, auto most) {
    const bool fits = std::cmp_less_equal(least, value) && std::cmp_less_equal(value, most);
    return fits ? std::optional(cell(value)) : std::nullopt;
  };
  switch (type) {
    case Type::i8:
      return within(std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max());
    case Type::i16:
      return within(std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max());
    case Type::i32:
      return within(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    case Type::u8:
      return within(0, std::numeric_limits<std::uint8_t>::max());
    case Type::u16:
      return within(0, std::numeric_limits<std::uint16_t>::max());
    case Type::u32:
      return within(0, std::numeric_limits<std::uint32_t>::max());
    case Type::u64:
    case Type::usize:
      return within(0, std::numeric_limits<std::int64_t>::max());
    case Type::boolean:
      return within(0, 1);
    case Type::i64:
    case Type::isize:
    case Type::datetime:
      return cell(value);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string declaration(const FactSchema& schema) {
  std::string out = "type " + schema.relation + "(";
  for (std::size_t c = 0; c < schema.columns.size(); ++c)
    out += (c == 0 ? "bound " : ", ") + schema.columns[c].name + ": " + std::string(name(schema.columns[c].type));
  return out + ")";
}

Result<MediaRelation> find_media_relation(const lang::Program& program, const lang::Network& network) {
  MediaRelation out;
  out.adapter = media::find_adapter(network.adapter);
  std::vector<std::string> names;
  if (!out.adapter) {
    for (const media::Adapter& adapter : media::adapters()) names.emplace_back(adapter.name);
    return Error{"no-adapter", network.place, "there is no adapter `" + network.adapter + "`",
                 lang::did_you_mean(network.adapter, names, "tenfold explain --input FILE says what reads a file"), ""};
  }
  const auto& relations = out.adapter->relations;
  const auto at = std::find_if(relations.begin(), relations.end(),
                               [&](const FactSchema& schema) { return schema.relation == network.adapter_relation; });
  if (at == relations.end()) {
    for (const FactSchema& schema : relations) names.push_back(schema.relation);
    return Error{"no-relation", network.place,
                 "the adapter `" + network.adapter + "` fills no relation `" + network.adapter_relation + "`",
                 lang::did_you_mean(network.adapter_relation, names,
                                    "give the name of one that it fills: name=\"" + names.front() + "\""),
                 ""};
  }
  const auto& columns = program.relations[network.relation].columns;
  const bool same = std::equal(
      columns.begin(), columns.end(), at->columns.begin(), at->columns.end(),
      [](const lang::Column& declared, const FactSchema::Column& filled) { return alike(declared.type, filled.type); });
  if (!same)
    return Error{
        "media-columns", network.place,
        "the columns of `" + program.relations[network.relation].name + "` are not those that the adapter fills",
        "write " + declaration(*at), ""};
  out.number = static_cast<std::size_t>(at - relations.begin());
  return out;
}

std::optional<std::vector<Cell>> cells(const media::MediaFact& fact, std::span<const Type> types, Symbols& symbols) {
  if (fact.values.size() != types.size()) return std::nullopt;
  std::vector<Cell> out;
  for (std::size_t c = 0; c < types.size(); ++c) {
    std::optional<Cell> one;
    if (const auto* text = std::get_if<std::string>(&fact.values[c]); text && is_text(types[c]))
      one = symbols.intern(*text);
    if (const auto* value = std::get_if<std::int64_t>(&fact.values[c])) one = integer(*value, types[c]);
    if (const auto* value = std::get_if<double>(&fact.values[c]); value && is_float(types[c]) && *value == *value)
      one = cell(types[c] == Type::f32 ? static_cast<double>(static_cast<float>(*value)) : *value);
    if (!one) return std::nullopt;
    out.push_back(*one);
  }
  return out;
}

}  // namespace tenfold::answer
