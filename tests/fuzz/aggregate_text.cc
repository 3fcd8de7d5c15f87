#include "fuzz/aggregate_text.h"

#include <algorithm>
#include <array>

namespace tenfold::fuzz {
namespace {

enum class Wants : std::uint8_t { any, numbers, floats, texts };

struct Form {
  const char* name;
  Wants wants;
  bool args, needs_args;               // [x]
  bool index, gives_args, gives_vars;  // what comes out; none of them: a value
  bool bang;
  const char* parameters[3];  // one of them, or none
};

constexpr Form kForms[] = {
    {"count", Wants::any, false, false, false, false, false, true, {}},
    {"exists", Wants::any, false, false, false, false, false, false, {}},
    {"sum", Wants::numbers, true, false, false, false, false, true, {}},
    {"prod", Wants::numbers, true, false, false, false, false, true, {}},
    {"avg", Wants::numbers, true, false, false, false, false, true, {}},
    {"weighted_sum", Wants::floats, true, false, false, false, false, true, {}},
    {"weighted_avg", Wants::floats, true, false, false, false, false, true, {}},
    {"min", Wants::any, true, false, false, true, true, true, {}},
    {"max", Wants::any, true, false, false, true, true, true, {}},
    {"argmin", Wants::any, true, true, false, true, false, true, {}},
    {"argmax", Wants::any, true, true, false, true, false, true, {}},
    {"string_join", Wants::texts, true, false, false, false, false, true, {"<\"-\">", "<all>", "<\"-\", all>"}},
    {"sort", Wants::any, true, false, true, true, true, false, {"<asc>", "<desc>", "<asc=false>"}},
    {"argsort", Wants::any, true, true, true, true, false, false, {"<asc>", "<desc>", ""}},
    {"enumerate", Wants::any, false, false, true, false, true, false, {}},
    {"rank", Wants::any, false, false, true, false, true, false, {"<asc>", "", "<desc>"}},
    {"normalize", Wants::any, false, false, false, false, true, false, {}},
    {"softmax", Wants::any, false, false, false, false, true, false, {}},
    {"disjunct", Wants::any, true, false, false, true, true, false, {}},
    {"top", Wants::any, false, false, false, false, true, false, {"<2>", "<3>", ""}},
    {"unique", Wants::any, false, false, false, false, true, false, {}},
    {"uniform", Wants::any, false, false, false, false, true, false, {"<50>", "<60>", "<99>"}},
    {"categorical", Wants::any, false, false, false, false, true, false, {"<50>", "<60>", "<99>"}},
};

std::string names(const std::vector<Var>& vars) {
  std::string out;
  for (const Var& v : vars) out += (out.empty() ? "" : ", ") + v.name;
  return out;
}

bool fits(const Form& form, T type) {
  const bool number = type == T::integer || type == T::number;
  const bool exact = type == T::rational || (type == T::money && form.name != std::string("prod"));
  return form.wants == Wants::any ||
         (form.wants == Wants::texts ? type == T::text : number || (exact && form.wants == Wants::numbers));
}

// Amounts have no order.
bool orders(const Form& form) {
  for (const char* name : {"min", "max", "argmin", "argmax", "sort", "argsort"})
    if (form.name == std::string(name)) return true;
  return false;
}

T value_type(const Form& form, T of) {
  if (form.name == std::string("count")) return T::size;
  if (form.name == std::string("exists")) return T::boolean;
  return form.wants == Wants::texts ? T::joined : of;
}

// The one variable that is added or joined, last; it may first become another number.
bool choose_value(const Form& form, std::vector<Var>& vars, std::string& condition, bool convert) {
  const auto at = std::find_if(vars.begin(), vars.end(), [&](const Var& v) { return fits(form, v.type); });
  if (at == vars.end()) return false;
  Var value = *at;
  if (form.wants == Wants::numbers && value.type == T::integer && convert) {
    condition = " and f9 == " + value.name + " as f64";
    vars.push_back({"f9", T::number});
    return true;
  }
  if (form.wants == Wants::floats && value.type == T::integer) {
    condition = " and f9 == " + value.name + " as f64";
    vars.push_back({"f9", T::number});
    return true;
  }
  vars.erase(at);
  vars.push_back(value);
  return true;
}

std::optional<AggregateText> text_of(const Form& form, std::vector<Var> vars, std::mt19937_64& random) {
  auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  AggregateText out;
  std::vector<Var> args, rest = vars;
  if (form.wants != Wants::any) {
    if (!choose_value(form, vars, out.condition, chance(30))) return std::nullopt;
    args.assign(vars.begin(), vars.end() - 1);
    rest = {vars.back()};
    if (chance(40)) args.clear();
  } else if (form.args && vars.size() > 1 && (form.needs_args || chance(60))) {
    const auto cut = vars.begin() + 1 + static_cast<std::ptrdiff_t>(random() % (vars.size() - 1));
    args.assign(vars.begin(), cut);
    rest.assign(cut, vars.end());
    if (chance(50)) args.swap(rest);
  }
  if (form.needs_args && args.empty()) return std::nullopt;
  const auto is_money = [](const Var& v) { return v.type == T::money; };
  if (orders(form) && std::any_of(rest.begin(), rest.end(), is_money)) return std::nullopt;
  const bool parameters = form.parameters[0] != nullptr;
  const std::string bang = form.bang && chance(10) ? "!" : "";
  out.call = form.name + bang + (parameters ? form.parameters[random() % 3] : "") +
             (args.empty() ? "" : "[" + names(args) + "]") + "(" + names(rest);
  for (const char* name : {"normalize", "softmax", "disjunct"})
    out.makes_events = out.makes_events || name == std::string(form.name);
  if (form.index) out.values.push_back({"n", T::size});
  if (form.gives_args)
    for (const Var& v : args) out.values.push_back({"m" + v.name, v.type});
  if (form.gives_vars)
    for (const Var& v : rest) out.values.push_back({"m" + v.name, v.type});
  if (out.values.empty()) out.values.push_back({"n", value_type(form, rest.back().type)});
  return out;
}

}  // namespace

const char* type_name(T type) {
  constexpr std::array<const char*, 8> kNames = {"i32", "String", "usize",    "bool",
                                                 "f64", "String", "Rational", "Money"};
  return kNames[static_cast<std::size_t>(type)];
}

std::vector<std::string> aggregate_names() {
  std::vector<std::string> out;
  for (const Form& form : kForms) out.emplace_back(form.name);
  return out;
}

std::optional<AggregateText> aggregate_text(std::vector<Var> vars, std::mt19937_64& random, const std::string& only) {
  if (!only.empty()) {
    const auto* form =
        std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& f) { return f.name == only; });
    return form == std::end(kForms) ? std::nullopt : text_of(*form, std::move(vars), random);
  }
  for (;;) {
    const auto made = text_of(kForms[random() % std::size(kForms)], vars, random);
    // Each event doubles the worlds or worse.
    if (made && (!made->makes_events || random() % 3 == 0)) return *made;
  }
}

}  // namespace tenfold::fuzz
