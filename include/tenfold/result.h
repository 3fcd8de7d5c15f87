// What can go wrong, and where. Every fallible call returns Result<T> or Status; nothing below the command line throws
// or exits, and value() is the one place that turns an error into an exception.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace tenfold {

/// A place in a file that came from a person. Lines and columns count from 1, columns in Unicode scalar values; 0 means
/// that the error concerns the file as a whole. `length` is the number of characters the caret underlines.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;
  friend bool operator==(const Place&, const Place&) = default;
};

/// `code` is kebab-case and stable ("unbound-input", "truncated-json"); `what` says what happened, `hint` what to do.
/// `excerpt` is the line of the text that `place` points at, without its line break; empty when there is none.
struct Error {
  std::string code;
  Place place;
  std::string what;
  std::string hint;
  std::string excerpt;
};

/// The error as a person reads it: place, what, the line with a caret, what to do. Ends with a line break.
std::string render(const Error& error);

/// Raised by value() alone.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(render(error)), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

/// A T or the reason why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  /// Requires ok().
  T& operator*() { return *std::get_if<0>(&state_); }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  /// Requires !ok().
  const Error& error() const { return *std::get_if<1>(&state_); }
  T value() && {
    if (!ok()) throw Failure(error());
    return std::move(**this);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}
  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }
  void value() && {
    if (failed_) throw Failure(error_);
  }

 private:
  Error error_;
  bool failed_ = false;
};

using Status = Result<void>;

}  // namespace tenfold
