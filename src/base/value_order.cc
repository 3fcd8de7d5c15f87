#include "base/value_order.h"

#include "base/money.h"
#include "base/wide.h"

namespace tenfold {
namespace {

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Equal parts have equal ids, so the first fields that differ decide: the path down never branches.
int compare_terms(Cell a, Cell b, const Symbols& symbols) {
  const Terms& terms = symbols.terms();
  while (a != b) {
    const auto x = static_cast<TermId>(a), y = static_cast<TermId>(b);
    const ConstructorId c = terms.constructor_of(x), d = terms.constructor_of(y);
    if (c != d) return order(c, d);
    const auto left = terms.args(x), right = terms.args(y);
    std::size_t i = 0;
    while (left[i] == right[i]) ++i;
    const Type type = terms.constructor(c).fields[i];
    if (type != Type::entity) return compare(left[i], right[i], type, symbols);
    a = left[i];
    b = right[i];
  }
  return 0;
}

/// FNV-1a, finished with MurmurHash3's fmix64. Sources: draft-eastlake-fnv-17; A. Appleby, MurmurHash3 (public domain).
class Hash {
 public:
  void byte(std::uint64_t b) { h_ = (h_ ^ (b & 0xFF)) * 0x100000001b3u; }
  void word(std::uint64_t w) {
    for (int shift = 0; shift < 64; shift += 8) byte(w >> shift);
  }
  void text(std::string_view text) {
    word(text.size());
    for (const char c : text) byte(static_cast<unsigned char>(c));
  }
  std::uint64_t value() const {
    std::uint64_t h = h_;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
  }

 private:
  std::uint64_t h_ = 0xcbf29ce484222325u;
};

}  // namespace

int compare(Cell a, Cell b, Type type, const Symbols& symbols) {
  if (a == b) return 0;
  switch (type) {
    case Type::f32:
    case Type::f64:
      return order(as_double(a), as_double(b));
    case Type::string:
    case Type::symbol:
      return order(symbols.text(as_symbol(a)), symbols.text(as_symbol(b)));
    case Type::i128:
      return order(as_int128(a, symbols), as_int128(b, symbols));
    case Type::u128:
      return order(static_cast<Uint128>(as_int128(a, symbols)), static_cast<Uint128>(as_int128(b, symbols)));
    case Type::duration: {
      const Duration x = as_duration(a, symbols), y = as_duration(b, symbols);
      return x.months != y.months ? order(x.months, y.months) : order(x.micros, y.micros);
    }
    case Type::rational:
      return rational::compare(a, b, symbols);
    case Type::money: {
      const Money x = as_money(a, symbols), y = as_money(b, symbols);
      return x.currency != y.currency ? order(x.currency, y.currency) : rational::compare(x.amount, y.amount, symbols);
    }
    case Type::entity:
      return compare_terms(a, b, symbols);
    default:
      return is_signed(type) || type == Type::datetime ? order(as_int(a), as_int(b)) : order(a, b);
  }
}

int compare(std::span<const Cell> a, std::span<const Cell> b, std::span<const Type> types, const Symbols& symbols) {
  for (std::size_t c = 0; c < types.size(); ++c)
    if (a[c] != b[c])
      if (const int order = compare(a[c], b[c], types[c], symbols); order != 0) return order;
  return 0;
}

std::uint64_t content(Cell c, Type type, const Symbols& symbols) {
  Hash hash;
  hash.byte(static_cast<std::uint64_t>(type));
  if (is_text(type)) {
    hash.text(symbols.text(as_symbol(c)));
  } else if (type == Type::entity) {
    return symbols.terms().content(static_cast<TermId>(c));
  } else if (type == Type::i128 || type == Type::u128) {
    const auto bits = static_cast<Uint128>(as_int128(c, symbols));
    hash.word(static_cast<std::uint64_t>(bits));
    hash.word(static_cast<std::uint64_t>(bits >> 64));
  } else if (type == Type::duration) {
    const Duration d = as_duration(c, symbols);
    hash.word(cell(d.months));
    hash.word(cell(d.micros));
  } else if (type == Type::rational) {
    hash.text(rational::text(c, symbols));
  } else if (type == Type::money) {
    hash.text(money_text(as_money(c, symbols), symbols));
  } else {
    hash.word(c);
  }
  return hash.value();
}

Cell make_term(ConstructorId constructor, std::span<const Cell> args, Symbols& symbols) {
  if (const auto known = symbols.terms().known(constructor, args)) return *known;
  const Constructor& c = symbols.terms().constructor(constructor);
  Hash hash;
  hash.text(c.name);
  for (std::size_t i = 0; i < args.size(); ++i) hash.word(content(args[i], c.fields[i], symbols));
  return symbols.terms().make(constructor, args, hash.value());
}

}  // namespace tenfold
