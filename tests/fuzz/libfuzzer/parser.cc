// Any bytes: the parser ends, and what it complains about lies in the text.
#include "lang/parser.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::lang;
  Sources sources;
  Diagnostics diagnostics(sources);
  const std::uint32_t file = sources.add("fuzz.scl", std::string(reinterpret_cast<const char*>(data), size));
  const syntax::File tree = parse(sources, file, diagnostics);
  const auto lines = 1 + std::count(data, data + size, '\n');
  for (const auto& error : diagnostics.sorted(50)) {
    if (error.place.line < 1 || error.place.line > static_cast<std::uint64_t>(lines)) std::abort();
    (void)render(error);
  }
  return 0;
}
