// The parser's view of the tokens. After an error every token reads as the end, so that all loops stop by themselves,
// until recover() finds where the next item begins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lang/lexer.h"
#include "lang/source.h"
#include "lang/syntax.h"

namespace tenfold::lang {

class TokenStream {
 public:
  TokenStream(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics), tokens_(lex(sources, file, diagnostics)) {}

 protected:
  Tok peek(std::size_t ahead = 0) const {
    if (panic_) return Tok::end;
    const std::size_t i = at_ + ahead;
    return i < tokens_.size() ? tokens_[i].kind : Tok::end;
  }
  bool is(Tok kind) const { return peek() == kind; }
  Span here() const { return tokens_[at_].span; }
  Span last() const { return tokens_[at_ == 0 ? 0 : at_ - 1].span; }
  /// The token that was current. Stays at the end.
  Token take() {
    const Token t = tokens_[at_];
    if (!panic_ && at_ + 1 < tokens_.size()) ++at_;
    return t;
  }
  bool accept(Tok kind) {
    if (!is(kind)) return false;
    take();
    return true;
  }
  bool expect(Tok kind, std::string_view hint) {
    if (accept(kind)) return true;
    unexpected("expected " + std::string(text(kind)), hint);
    return false;
  }
  syntax::Name name(std::string_view hint) {
    if (is(Tok::name)) {
      const Span span = take().span;
      return {sources_.text(span), span};
    }
    unexpected("expected a name", hint);
    return {"", here()};
  }
  syntax::TypeName type_name() {
    if (is(Tok::name) || is(Tok::type_name)) {
      const Span span = take().span;
      return {sources_.text(span), span};
    }
    unexpected("expected a type", "types are i32, f64, bool, char, String, DateTime, … or one that was declared");
    return {"", here()};
  }

  /// Reports what stands here instead of what should.
  void unexpected(std::string what, std::string_view hint);
  void fail(Span span, std::string what, std::string hint, std::string_view code = "syntax") {
    if (panic_) return;
    diagnostics_.error(code, span, std::move(what), std::move(hint));
    panic_ = true;
  }

  /// Leaves the error behind and goes to the next token that begins an item, but at least past `start`.
  void recover(std::size_t start);

  /// The tokens of [from, position) with one blank wherever the text had any.
  std::string text_since(std::size_t from) const;

  /// Counts nesting while it lives.
  class Deeper {
   public:
    explicit Deeper(TokenStream& stream) : stream_(stream) {
      if (++stream_.depth_ > syntax::kMaxDepth)
        stream_.fail(stream_.here(), "this is nested too deeply", "split it: name a part with a rule of its own",
                     "too-deep");
    }
    ~Deeper() { --stream_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    TokenStream& stream_;
  };

  const Sources& sources_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool panic_ = false;
  std::uint32_t depth_ = 0;
};

}  // namespace tenfold::lang
