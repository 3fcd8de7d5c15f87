// One instance of a rule: the rows of its head and atoms are given, and what remains of the body (constraints, computed
// relations) says which bindings complete them. Both sides use it: whoever writes a proof, to say what was absent, and
// whoever checks one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lang/program.h"
#include "proof/computed.h"

namespace tenfold::proof {

/// What completing an instance came to.
enum class Completion : std::uint8_t {
  accepted,  // a visitor accepted a binding
  refused,   // no binding was accepted
  unknown,   // something stays unbound, is not computed here, or takes too many steps
};

class Instance {
 public:
  /// The rule and the symbols outlive this. `terms`: which exist; without it, those of the symbols do, and uncertain
  /// predicates are taken as matched. `tags`: without them all rows of these are certain.
  Instance(const lang::Program& program, const lang::Rule& rule, Symbols& symbols, TermRows terms = {},
           bool tags = true);

  /// Binds the variables of `args` to a row. False where that contradicts what is bound already.
  bool match(std::span<const lang::Expr> args, std::span<const Cell> row);
  /// Tries every way to satisfy constraints and computed atoms. The visitor reads value() and accepts by returning
  /// true. Variables of stored atoms that were not matched may stay unbound.
  /// The atom at this place of the body was matched; of uncertain predicates it need not be.
  void matched(std::size_t literal) { matched_[literal] = true; }
  Completion complete(const std::function<bool()>& visit);

  bool known(const lang::Expr& arg) const;
  /// Requires known(arg).
  Cell value(const lang::Expr& arg) const;
  const std::vector<bool>& bound() const { return bound_; }
  std::span<const Cell> registers() const { return registers_; }
  /// Named variables with their values as text, by name: what tells the event of a tagged rule from its others.
  std::vector<std::pair<std::string, std::string>> named() const;

 private:
  bool place(std::size_t literal);
  bool extend();
  bool stored(const lang::Literal& literal) const;
  bool of_terms(const lang::Literal& literal) const;
  bool ready(const lang::Literal& literal);
  Computed rows(const lang::Literal& literal, const std::function<bool(std::span<const Cell>)>& visit);

  const lang::Program& program_;
  const lang::Rule& rule_;
  Symbols& symbols_;
  TermRows terms_;
  bool tags_;
  std::vector<Cell> registers_;
  std::vector<bool> bound_;
  std::vector<bool> placed_, matched_;
  const std::function<bool()>* visit_ = nullptr;
  std::size_t steps_ = 0;
  bool unknown_ = false;
};

}  // namespace tenfold::proof
