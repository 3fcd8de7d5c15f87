#include "engine/cell_order.h"

namespace tenfold::engine {

int compare_cells(Type type, Cell x, Cell y, const Symbols& symbols) {
  if (x == y) return 0;
  if (is_text(type)) return symbols.text(as_symbol(x)) < symbols.text(as_symbol(y)) ? -1 : 1;
  if (is_float(type)) return as_double(x) < as_double(y) ? -1 : 1;
  const bool has_sign = is_signed(type) || type == Type::datetime || type == Type::duration;
  if (has_sign) return as_int(x) < as_int(y) ? -1 : 1;
  return x < y ? -1 : 1;
}

}  // namespace tenfold::engine
