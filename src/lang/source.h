// The texts being compiled, places in them, and the errors found so far.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold::lang {

/// Bytes [begin, end) of one source text.
struct Span {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// From the start of `a` to the end of `b`.
constexpr Span join(Span a, Span b) { return {a.file, a.begin, b.end}; }

/// Largest text that is read, in bytes: a program this long is a table that wants to be a CSV file.
constexpr std::size_t kMaxSourceBytes = std::size_t{16} << 20;

class Sources {
 public:
  /// The text stays where it is until the Sources go.
  std::uint32_t add(std::string name, std::string text);

  std::size_t size() const { return files_.size(); }
  const std::string& name(std::uint32_t file) const { return files_[file]->name; }
  std::string_view text(std::uint32_t file) const { return files_[file]->text; }
  std::string_view text(Span span) const { return text(span.file).substr(span.begin, span.end - span.begin); }

  /// Line and column of a span. Amortised constant for spans that are asked in ascending order.
  Place place(Span span) const;
  /// The line that a span begins in, without its line break; of a very long line as much as shows the span, or nothing.
  std::string excerpt(Span span) const;
  /// "on line 12", or "in FILE:12" where that is another file than `near`.
  std::string where_text(Span span, Span near) const;

 private:
  struct File {
    std::string name, text;
    std::vector<std::uint32_t> lines;  // offset of each line's start
    // Where the last column was counted: a line of a million facts must not be counted from its start for each.
    mutable std::uint32_t last_offset = 0, last_line = 0, last_column = 1;
  };
  std::uint32_t line_of(const File& file, std::uint32_t offset) const;
  std::vector<std::unique_ptr<File>> files_;
};

/// Errors in the order found. Keeps the first thousand; sorted() gives what a person sees.
class Diagnostics {
 public:
  explicit Diagnostics(const Sources& sources) : sources_(sources) {}

  void error(std::string_view code, Span span, std::string what, std::string hint);
  void warning(std::string_view code, Span span, std::string what, std::string hint);
  /// An error whose place is already known (the typed program's later checks).
  void error_at(Error error);
  bool any() const { return !errors_.empty(); }
  std::size_t size() const { return errors_.size(); }
  bool full() const { return errors_.size() >= kKept; }

  /// In order of file, line and column, without repeats, at most `limit`.
  std::vector<Error> sorted(std::size_t limit) const;
  std::vector<Error> warnings() const;

 private:
  static constexpr std::size_t kKept = 1000;
  Error make(std::string_view code, Span span, std::string what, std::string hint) const;
  std::vector<Error> in_order(const std::vector<Error>& errors, std::size_t limit) const;
  const Sources& sources_;
  std::vector<Error> errors_, warnings_;
};

/// `text` in backquotes.
std::string ticked(std::string_view text);

/// The candidate most like `name`, or empty when none is near enough to be meant. Ties: the first.
std::string closest(std::string_view name, const std::vector<std::string>& candidates);

/// "did you mean `x`?" where something is near, else `otherwise`.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates, std::string otherwise);

}  // namespace tenfold::lang
