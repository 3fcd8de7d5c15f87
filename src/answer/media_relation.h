// A relation that is read from media (`@media("document") type word(bound key: String, …)`): what the program declares,
// held against what the adapter fills, and facts of a file as tuples of the engine.
#pragma once

#include <optional>
#include <vector>

#include "base/base.h"
#include "engine/engine.h"
#include "lang/program.h"
#include "media/reader.h"

namespace tenfold::answer {

struct MediaRelation {
  const media::Adapter* adapter = nullptr;
  std::size_t number = 0;  // in Adapter::relations
};

/// Errors, at the attribute: "no-adapter", "no-relation", "media-columns" (another number or other types of columns
/// than the adapter's; the hint is the declaration).
Result<MediaRelation> find_media_relation(const lang::Program& program, const lang::Network& network);

/// "type word(bound key: String, n: u32, …)".
std::string declaration(const FactSchema& schema);

/// Nothing where a value does not fit its type: the adapter is then wrong.
std::optional<std::vector<Cell>> cells(const media::MediaFact& fact, std::span<const Type> types, Symbols& symbols);

}  // namespace tenfold::answer
