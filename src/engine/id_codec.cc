#include "engine/id_codec.h"

namespace tenfold::engine {

IdCodec::Kind IdCodec::kind(Type type) {
  switch (type) {
    case Type::i8:
    case Type::i16:
    case Type::i32:
      return Kind::signed_narrow;
    case Type::u8:
    case Type::u16:
    case Type::u32:
    case Type::boolean:
    case Type::character:
    case Type::string:
    case Type::symbol:
      return Kind::unsigned_narrow;
    case Type::f32:
      return Kind::real_narrow;
    default:
      return Kind::wide;
  }
}

Id IdCodec::number(Cell cell) {
  const auto [at, fresh] = numbers_.try_emplace(cell, kNumbered + static_cast<Id>(cells_.size()));
  if (fresh) cells_.push_back(cell);
  return at->second;
}

}  // namespace tenfold::engine
