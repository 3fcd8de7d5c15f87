// Type variables: sets of types that only ever shrink, joined by union-find. Inference is the solution of all equations
// at once, so its result does not depend on their order; what is still open at the end gets the default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lang/draft.h"

namespace tenfold::lang {

/// A set of types, one bit each.
using TypeSet = std::uint32_t;

constexpr TypeSet set_of(Type t) { return TypeSet{1} << static_cast<unsigned>(t); }
constexpr TypeSet kSigned = set_of(Type::i8) | set_of(Type::i16) | set_of(Type::i32) | set_of(Type::i64) |
                            set_of(Type::i128) | set_of(Type::isize);
constexpr TypeSet kUnsigned = set_of(Type::u8) | set_of(Type::u16) | set_of(Type::u32) | set_of(Type::u64) |
                              set_of(Type::u128) | set_of(Type::usize);
constexpr TypeSet kIntegers = kSigned | kUnsigned;
constexpr TypeSet kFloats = set_of(Type::f32) | set_of(Type::f64);
constexpr TypeSet kRational = set_of(Type::rational);
/// What a number with decimals can be.
constexpr TypeSet kReals = kFloats | kRational;
constexpr TypeSet kWithSign = kSigned | kReals;
constexpr TypeSet kNumbers = kIntegers | kReals;
constexpr TypeSet kTexts = set_of(Type::string) | set_of(Type::symbol);
constexpr TypeSet kAny = (TypeSet{1} << (static_cast<unsigned>(Type::money) + 1)) - 1;
/// What `+` and `-` take besides numbers.
constexpr TypeSet kTimes = set_of(Type::datetime) | set_of(Type::duration);

/// For messages: "String", "a number", "a whole number".
std::string text(TypeSet set);

/// The types a literal token can have.
TypeSet literal_types(Tok kind, std::string_view token);

/// i32, else u32, f32, String, else the first.
Type default_type(TypeSet set);

class Slots {
 public:
  Slot fresh(TypeSet set, Span why);
  Slot root(Slot slot);
  TypeSet set(Slot slot) { return slots_[root(slot)].set; }
  /// Where the set last shrank.
  Span why(Slot slot) { return slots_[root(slot)].why; }

  /// False, and nothing changes, when no type would be left.
  bool restrict(Slot slot, TypeSet set, Span why);
  bool unify(Slot a, Slot b);
  /// Settles on the default among the preferred types, or among all that are left.
  void decide(Slot slot, TypeSet preferred);

 private:
  struct Entry {
    Slot parent;
    TypeSet set;
    Span why;
  };
  std::vector<Entry> slots_;
};

/// Gives every column, variable and expression of the unit a slot, solves, and reports what does not fit.
void infer(Unit& unit, Slots& slots);

}  // namespace tenfold::lang
