// Any bytes: the lexer ends, its tokens lie in the text one after the other, and the last one is the end.
#include "lang/lexer.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::lang;
  Sources sources;
  Diagnostics diagnostics(sources);
  const std::uint32_t file = sources.add("fuzz.scl", std::string(reinterpret_cast<const char*>(data), size));
  const auto tokens = lex(sources, file, diagnostics);
  if (tokens.empty() || tokens.back().kind != Tok::end) std::abort();
  std::uint32_t last = 0;
  for (const Token& token : tokens) {
    if (token.span.begin < last || token.span.end < token.span.begin || token.span.end > size) std::abort();
    last = token.span.end;
    if (token.kind != Tok::end && token.span.begin == token.span.end) std::abort();
    (void)unescape(sources.text(token.span));
    (void)sources.place(token.span);
  }
  for (const auto& error : diagnostics.sorted(50)) (void)render(error);
  return 0;
}
