#include "proof/formula.h"

#include <algorithm>

namespace tenfold::proof {
namespace {

constexpr std::size_t kMaxConjunctions = 500;

std::optional<Formula> within(Formula f) {
  return f.size() > kMaxConjunctions ? std::nullopt : std::optional(std::move(f));
}

// Sorted and consistent; what another member of a group says of the rest of it is left out. Nothing: never true.
std::optional<Literals> joined(const Literals& a, const Literals& b, const Events& events) {
  Literals out = a;
  out.insert(out.end(), b.begin(), b.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (!consistent(out, events)) return std::nullopt;
  const auto said = [&](Literal l) {
    return denied(l) && std::any_of(out.begin(), out.end(), [&](Literal other) {
             return !denied(other) && events.group[event_of(other)] == events.group[event_of(l)];
           });
  };
  Literals kept;
  std::copy_if(out.begin(), out.end(), std::back_inserter(kept), [&](Literal l) { return !said(l); });
  return kept;
}

}  // namespace

bool add(Formula& f, Literals one) {
  const auto follows = [](const Literals& from, const Literals& what) {
    return std::includes(from.begin(), from.end(), what.begin(), what.end());
  };
  if (std::any_of(f.begin(), f.end(), [&](const Literals& known) { return follows(one, known); })) return false;
  std::erase_if(f, [&](const Literals& known) { return follows(known, one); });
  f.insert(std::lower_bound(f.begin(), f.end(), one), std::move(one));
  return true;
}

std::optional<Formula> either(const Formula& a, const Formula& b) {
  Formula out = a;
  for (const Literals& one : b) add(out, one);
  return within(std::move(out));
}

std::optional<Formula> both(const Formula& a, const Formula& b, const Events& events) {
  Formula out;
  for (const Literals& x : a)
    for (const Literals& y : b) {
      if (auto one = joined(x, y, events)) add(out, std::move(*one));
      if (out.size() > kMaxConjunctions) return std::nullopt;
    }
  return out;
}

// De Morgan: of each conjunction one literal fails.
std::optional<Formula> negation(const Formula& a, const Events& events) {
  std::optional<Formula> out = always();
  for (const Literals& one : a) {
    Formula some;
    for (Literal l : one) add(some, {l ^ 1});
    out = both(*out, some, events);
    if (!out) break;
  }
  return out;
}

}  // namespace tenfold::proof
