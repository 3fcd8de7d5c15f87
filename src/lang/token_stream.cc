#include "lang/token_stream.h"

#include <algorithm>

namespace tenfold::lang {
namespace {

// Each alternative of a rule carries its text.
constexpr std::size_t kLongestText = 1000;

bool begins_item(Tok kind) { return kind == Tok::at || (kind >= Tok::k_import && kind <= Tok::k_query); }

}  // namespace

void TokenStream::unexpected(std::string what, std::string_view hint) {
  if (panic_) return;
  Token t = tokens_[at_];
  if (t.kind == Tok::broken) {
    panic_ = true;
    return;
  }
  // What is missing at the end is missing after the last token, not on the empty line below.
  if (t.kind == Tok::end) t.span.begin = t.span.end = last().end;
  const bool shown = t.kind == Tok::end || t.span.end - t.span.begin > 40;
  std::string found = shown ? std::string(text(t.kind)) : ticked(sources_.text(t.span));
  if (t.kind >= Tok::k_true && t.kind <= Tok::k_query) found = "the word " + found;
  fail(t.span, what + ", found " + found, std::string(hint));
}

void TokenStream::recover(std::size_t start) {
  panic_ = false;
  depth_ = 0;
  at_ = std::max(at_, start);
  if (at_ == start && at_ + 1 < tokens_.size()) ++at_;
  while (at_ + 1 < tokens_.size() && !begins_item(tokens_[at_].kind)) ++at_;
}

std::string TokenStream::text_since(std::size_t from) const {
  std::string out;
  for (std::size_t i = from; i < at_; ++i) {
    if (i > from && tokens_[i].span.begin > tokens_[i - 1].span.end) out += ' ';
    out += sources_.text(tokens_[i].span);
    if (out.size() > kLongestText) break;
  }
  if (out.size() <= kLongestText) return out;
  out.resize(kLongestText);
  while ((static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();  // do not cut a character
  out.back() = ' ';
  return out + "…";
}

}  // namespace tenfold::lang
