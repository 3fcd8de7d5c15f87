#include "lang/types.h"

#include <bit>
#include <utility>

namespace tenfold::lang {

std::string text(TypeSet set) {
  if (std::has_single_bit(set)) return std::string(name(static_cast<Type>(std::countr_zero(set))));
  if (set == kFloats) return "f32 or f64";
  if (set == kReals) return "a number with decimals";
  if (set == kWithSign) return "a number with a sign";
  if (set == kIntegers) return "a whole number";
  if (set == kNumbers) return "a number";
  if (set == (kNumbers | set_of(Type::money))) return "a number or Money";
  if (set == (kNumbers | set_of(Type::string))) return "a number or String";
  if (set == (kNumbers | set_of(Type::boolean))) return "a number or bool";
  if (set == kTexts) return "String or Symbol";
  return "a value";
}

TypeSet literal_types(Tok kind, std::string_view token) {
  switch (kind) {
    case Tok::integer:
      return token.front() == '-' ? kWithSign : kNumbers;
    case Tok::real:
      return kReals;
    case Tok::string:
      return set_of(Type::string);
    case Tok::character:
      return set_of(Type::character);
    case Tok::symbol:
      return set_of(Type::symbol);
    case Tok::datetime:
      return set_of(Type::datetime);
    case Tok::duration:
      return set_of(Type::duration);
    case Tok::k_true:
    case Tok::k_false:
      return set_of(Type::boolean);
    default:
      return kAny;
  }
}

Type default_type(TypeSet set) {
  for (Type t : {Type::i32, Type::u32, Type::f32, Type::string})
    if (set & set_of(t)) return t;
  return set == 0 ? Type::i32 : static_cast<Type>(std::countr_zero(set));
}

Slot Slots::fresh(TypeSet set, Span why) {
  const auto slot = static_cast<Slot>(slots_.size());
  slots_.push_back({slot, set, why});
  return slot;
}

Slot Slots::root(Slot slot) {
  while (slots_[slot].parent != slot) slot = slots_[slot].parent = slots_[slots_[slot].parent].parent;
  return slot;
}

bool Slots::restrict(Slot slot, TypeSet set, Span why) {
  Entry& entry = slots_[root(slot)];
  const TypeSet both = entry.set & set;
  if (both == 0) return false;
  if (both != entry.set) entry.why = why;
  entry.set = both;
  return true;
}

bool Slots::unify(Slot a, Slot b) {
  a = root(a);
  b = root(b);
  if (a == b) return true;
  Entry &into = slots_[a], &from = slots_[b];
  const TypeSet both = into.set & from.set;
  if (both == 0) return false;
  if (from.set == both && into.set != both) into.why = from.why;
  from.parent = a;
  into.set = both;
  return true;
}

void Slots::decide(Slot slot, TypeSet preferred) {
  Entry& entry = slots_[root(slot)];
  entry.set = set_of(default_type(entry.set & preferred ? entry.set & preferred : entry.set));
}

}  // namespace tenfold::lang
