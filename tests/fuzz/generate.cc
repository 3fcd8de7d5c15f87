#include "fuzz/generate.h"

#include <algorithm>
#include <optional>
#include <random>

#include "fuzz/aggregate_text.h"

namespace tenfold::fuzz {
namespace {

struct Relation {
  std::string name;
  std::vector<T> columns;
  int bound = 0;  // leading columns that have to be bound
  int layer = 0;  // 0: given by facts
  bool perceived = false;
  std::vector<std::string> labels;
};

class Generator {
 public:
  Generator(std::uint64_t seed, std::string aimed)
      : random_(seed), aimed_(std::move(aimed)), exact_(seed / 5 % 4 == 3) {}

  Source run() {
    if (!aimed_.empty()) return aim();
    many_ = chance(40);
    image_ = chance(30);
    if (image_) declare("type Image <: String");
    if (chance(55)) networks();
    given();
    if (chance(30)) bound_relation();
    if (chance(20)) lists();
    const int layers = 1 + pick(3);
    if (many_)
      for (int g = 0; g < 5; ++g) aggregate(1, "g1" + std::to_string(5 + g));
    for (int layer = 1; layer <= (many_ ? 1 : layers); ++layer) derived(layer);
    if (chance(15)) choice(layers + 1);
    queries(many_ ? 9 : 1 + static_cast<std::size_t>(pick(2)));
    return std::move(source_);
  }

  // Facts, sometimes a network or rules below, the aggregate, and sometimes rules above it.
  Source aim() {
    many_ = true;
    if (chance(15)) networks();
    given();
    if (chance(30)) derived(1);
    const std::string name = "g50";
    for (int i = 0; i < 30 && !made(name); ++i) aggregate(5, name);
    if (!made(name)) given();  // no column that it could be taken of: others may have one
    for (int i = 0; i < 30 && !made(name); ++i) aggregate(5, name);
    source_.items.push_back({ItemKind::query, "query " + name, {}, "", "", false, true});
    if (chance(25)) {
      aimed_.clear();
      derived(6);
      queries(1);
    }
    return std::move(source_);
  }

 private:
  bool made(const std::string& name) {
    return std::any_of(relations_.begin(), relations_.end(), [&](const Relation& r) { return r.name == name; });
  }

  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return pick(100) < percent; }
  template <class X>
  const X& one_of(const std::vector<X>& all) {
    return all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
  }

  void declare(std::string line) {
    source_.items.push_back({ItemKind::declaration, std::move(line), {}, "", "", false, true});
  }

  std::string constant(T type) {
    switch (type) {
      case T::integer:
        return std::to_string(pick(5));
      case T::text:
        return "\"" + one_of(kStrings) + "\"";
      case T::size:
        return std::to_string(pick(4));
      case T::boolean:
        return chance(50) ? "true" : "false";
      case T::number:
        return one_of(std::vector<std::string>{"0.5", "1.25", "2.0"});
      case T::joined:
        return "\"a-b\"";
      case T::rational:
        return one_of(std::vector<std::string>{"0.1", "0.2", "-0.5", "1.5", "2"});
      case T::money:
        return "\"" + one_of(std::vector<std::string>{"0.1 EUR", "2 EUR", "-0.5 EUR", "0 EUR", "1.5 USD"}) +
               "\" as Money";
    }
    return "";
  }

  T exact_type() { return chance(60) ? T::rational : T::money; }

  std::string probability() { return one_of(std::vector<std::string>{"0.5", "0.25", "0.75", "0.3", "0.9", "0.125"}); }

  std::string columns_text(const Relation& r) {
    std::string out;
    for (std::size_t c = 0; c < r.columns.size(); ++c) {
      out += (c > 0 ? ", " : "") + std::string(static_cast<int>(c) < r.bound ? "bound " : "");
      const bool image = image_ && r.columns[c] == T::text && c == 0 && (r.perceived || r.layer == 0);
      out += "c" + std::to_string(c) + ": " + (image ? "Image" : type_name(r.columns[c]));
    }
    return r.name + "(" + out + ")";
  }

  void networks() {
    const int count = 1 + pick(2);
    for (int n = 0; n < count; ++n) {
      Relation r{"net" + std::to_string(n), {T::text}, 1, 0, true, {}};
      if (chance(20)) r.columns.push_back(T::integer), r.bound = 2;
      r.columns.push_back(T::text);
      r.labels = chance(50) ? std::vector<std::string>{"u", "v"} : std::vector<std::string>{"u", "v", "w"};
      const std::string name = "network-" + std::to_string(n);
      std::string labels;
      for (const std::string& l : r.labels) labels += (labels.empty() ? "\"" : ", \"") + l + "\"";
      declare("@network(\"" + name + "\", labels = [" + labels + "]) type " + columns_text(r));
      const bool refuses = chance(35);
      if (refuses) {
        Relation refusal = r;
        refusal.name = "no" + r.name;
        refusal.labels = {"stranger"};
        declare("@refusal(\"" + name + "\") type " + columns_text(refusal));
        relations_.push_back(refusal);
      }
      relations_.push_back(r);
      sayings(name, r, refuses);
    }
  }

  // Every input that a program can make is foreseen; one of them is uncertain, because it makes worlds.
  void sayings(const std::string& name, const Relation& r, bool refuses) {
    int uncertain = 1;
    std::vector<std::string> inputs = kStrings;
    inputs.insert(inputs.end(), {"u", "v", "w", "stranger"});  // what a network says may be shown to a network
    for (const std::string& s : inputs) {
      for (int i = kLowest; i <= kHighest; ++i) {
        if (r.bound == 1 && i > kLowest) break;
        answers::Row input{s};
        if (r.bound == 2) input.push_back(std::to_string(i));
        answers::Saying saying;
        const int kind = pick(10);
        if (kind < 5 && uncertain > 0) {
          --uncertain;
          saying.probabilities = kind < 2 ? std::vector<double>{0.75, 0.25} : std::vector<double>{0.3, 0.6};
          saying.probabilities.resize(r.labels.size(), 0.0);
          if (kind == 4 && r.labels.size() == 3) saying.probabilities = {0.25, 0.25, 0.5};
        } else if (kind < 7 && (refuses || chance(30))) {
          saying.refusal = "stranger";
        } else {
          saying.probabilities.assign(r.labels.size(), 0.0);
          saying.probabilities[static_cast<std::size_t>(pick(static_cast<int>(r.labels.size())))] = 1.0;
        }
        source_.networks[name][input] = saying;
      }
    }
  }

  void given() {
    const int count = 2 + pick(aimed_.empty() ? 3 : 1);
    int uncertain = pick(3) == 0 ? 0 : 1 + pick(many_ ? 3 : 6);
    for (int e = 0; e < count; ++e) {
      Relation r{"e" + std::to_string(given_++), {}, 0, 0, false, {}};
      const int arity = 1 + pick(3);
      for (int c = 0; c < arity; ++c)
        r.columns.push_back(e == 0 && c == 0 ? T::text : chance(60) ? T::integer : T::text);
      if (chance(10)) r.columns.back() = T::number;
      for (int c = e == 0 ? 1 : 0; exact_ && c < arity; ++c)
        if (chance(35)) r.columns[static_cast<std::size_t>(c)] = exact_type();
      if (image_ || exact_ || chance(70)) declare("type " + columns_text(r));
      facts(r, uncertain);
      relations_.push_back(r);
    }
  }

  std::string row(const Relation& r) {
    std::string out;
    for (std::size_t c = 0; c < r.columns.size(); ++c) out += (c > 0 ? ", " : "") + constant(r.columns[c]);
    return "(" + out + ")";
  }

  void facts(const Relation& r, int& uncertain) {
    const int count = 2 + pick(5);
    for (int f = 0; f < count; ++f) {
      Item item{ItemKind::facts, "rel ", {}, "; ", "", false, true};
      if (uncertain > 1 && chance(20)) {
        uncertain -= 2;
        item.start = "rel " + r.name + " = {";
        item.end = "}";
        const bool all = chance(40);
        item.parts = {(all ? "0.25::" : "0.3::") + row(r), (all ? "0.75::" : "0.5::") + row(r)};
      } else if (uncertain > 0 && chance(50)) {
        --uncertain;
        item.parts = {probability() + "::" + r.name + row(r)};
      } else {
        item.parts = {(chance(5) ? "1.0::" : "") + r.name + row(r)};
      }
      source_.items.push_back(item);
    }
  }

  // A relation computed only for what is asked of it. Its rules ground nothing but through the bound column.
  void bound_relation() {
    Relation r{"bound0", {T::integer, T::integer}, 1, 1, false, {}};
    declare("type " + columns_text(r));
    auto rule = [&](std::string head, std::vector<std::string> body) {
      source_.items.push_back({ItemKind::rule, "rel " + head + " = ", std::move(body), " and ", "", false, true});
    };
    switch (pick(4)) {
      case 0:
        rule("bound0(x, y)", {"y == x + 1"});
        break;
      case 1:
        rule("bound0(x, y)", {"x <= 0", "y == 0"});
        rule("bound0(x, y)", {"x > 0", "bound0(x - 1, z)", "y == z + 2", "y < 9"});
        break;
      case 2:
        rule("bound0(x, y)", {"y == x"});
        rule("bound0(x, y)", {"bound0(x, z)", "z < 6", "y == z + 1"});
        break;
      default: {
        const Relation* from = find([](const Relation& e) {
          return e.layer == 0 && !e.perceived && e.columns.size() > 1 && e.columns[0] == T::integer &&
                 e.columns[1] == T::integer;
        });
        if (from == nullptr) {
          rule("bound0(x, y)", {"y == 2 * x"});
        } else {
          const std::string rest = from->columns.size() == 3 ? ", _" : "";
          rule("bound0(x, y)", {from->name + "(x, y" + rest + ")"});
          rule("bound0(x, y)", {from->name + "(x, z" + rest + ")", "bound0(z, y)"});
        }
      }
    }
    relations_.push_back(r);
  }

  // Lists taken apart and built, to relations of numbers that the rest of the program goes on with.
  void lists() {
    auto rule = [&](std::string line) {
      source_.items.push_back({ItemKind::rule, std::move(line), {}, "", "", false, true});
    };
    declare("type List = Nil() | Cons(i32, List)");
    declare("const L0 = Cons(1, Cons(2, Nil())), L1 = Cons(3, Nil()), L2 = Nil()");
    auto tag = [&] { return chance(25) ? probability() + "::" : ""; };
    for (const char* list : {"L0", "L1", "L2"})
      if (chance(80))
        source_.items.push_back({ItemKind::facts,
                                 "rel ",
                                 {tag() + "has(" + std::to_string(pick(3)) + ", " + list + ")"},
                                 "; ",
                                 "",
                                 false,
                                 true});
    rule("rel r01(x, y) = has(x, l) and case l is Cons(y, _)");
    if (chance(50)) rule("rel has(x, m) = has(x, l) and case l is Cons(_, m)");
    if (chance(50)) rule("rel has(x, new Cons(x, l)) = has(x, l) and x > 1 and case l is Nil()");
    rule("rel sum(Nil(), 0)");
    rule("rel sum(Cons(x, l), x + s) = sum(l, s)");
    rule("rel r02(x, s) = has(x, l) and sum(l, s)");
    relations_.push_back({"r01", {T::integer, T::integer}, 0, 1, false, {}});
    relations_.push_back({"r02", {T::integer, T::integer}, 0, 1, false, {}});
  }

  template <class Test>
  const Relation* find(Test test) {
    std::vector<const Relation*> fitting;
    for (const Relation& r : relations_)
      if (test(r)) fitting.push_back(&r);
    return fitting.empty() ? nullptr : one_of(fitting);
  }

  void derived(int layer) {
    std::vector<Relation> made;
    const int count = 1 + pick(2);
    for (int i = 0; i < count; ++i) {
      if (chance(40)) {
        aggregate(layer, "g" + std::to_string(layer) + std::to_string(i));
        continue;
      }
      Relation r{"r" + std::to_string(layer) + std::to_string(i), {}, 0, layer, false, {}};
      const int arity = pick(10) == 0 ? 0 : 1 + pick(3);
      for (int c = 0; c < arity; ++c)
        r.columns.push_back(exact_ && chance(30) ? exact_type() : chance(60) ? T::integer : T::text);
      made.push_back(r);
    }
    for (const Relation& r : made) relations_.push_back(r);
    for (const Relation& r : made) {
      if (chance(60) && !r.columns.empty()) declare("type " + columns_text(r));
      const int rules = 1 + pick(3);
      for (int i = 0; i < rules; ++i) rule(r, layer);
      int uncertain = pick(2);
      if (chance(15) && !r.columns.empty()) facts(r, uncertain);
    }
  }

  // `{c0(x); c1(x)} = …`: one of them for each binding.
  void choice(int layer) {
    const Relation left{"c0", {T::integer}, 0, layer, false, {}}, right{"c1", {T::integer}, 0, layer, false, {}};
    Body b = body(layer, false);
    const std::vector<std::string> known = of_type(b, T::integer);
    const std::string arg = known.empty() ? constant(T::integer) : one_of(known);
    const std::string tag = chance(40) ? probability() + "::" : "";
    source_.items.push_back({ItemKind::rule, "rel " + tag + "{c0(" + arg + "); c1(" + arg + ")} = ", std::move(b.parts),
                             " and ", "", true, true});
    relations_.push_back(left);
    relations_.push_back(right);
  }

  struct Body {
    std::vector<Var> vars;
    std::vector<std::string> parts;
  };

  std::vector<std::string> of_type(const Body& b, T type) {
    std::vector<std::string> out;
    for (const Var& v : b.vars)
      if (v.type == type) out.push_back(v.name);
    return out;
  }

  std::string fresh(Body& b, T type) {
    b.vars.push_back(
        {std::string(1, "xyzuvwpqst"[b.vars.size() % 10]) + (b.vars.size() < 10 ? "" : std::to_string(b.vars.size())),
         type});
    return b.vars.back().name;
  }

  // An argument of an atom. `must_bind`: no new variable and no wildcard.
  std::string argument(Body& b, const Relation& r, std::size_t column, bool must_bind, const Body& before) {
    const T type = r.columns[column];
    const std::vector<std::string> known = of_type(before, type);
    if (r.perceived && static_cast<int>(column) >= r.bound) {
      // A reason may be any text, so what demand would ask of a network about one cannot be told beforehand.
      if (r.labels.size() == 1) return chance(50) ? "_" : "\"stranger\"";
      if (chance(65) || (must_bind && known.empty())) return "\"" + one_of(r.labels) + "\"";
    }
    const int kind = pick(100);
    if (!known.empty() && (kind < 50 || (must_bind && kind < 88))) return one_of(known);
    if (kind > 94 && type == T::integer && !known.empty()) return one_of(known) + " + 1";
    if (must_bind || kind > 88) return constant(type);
    if (kind > 78) return "_";
    if (const auto own = of_type(b, type); !own.empty() && chance(20)) return one_of(own);  // p(x, x)
    return fresh(b, type);
  }

  void atom(Body& b, const Relation& r, bool negative) {
    const Body before = b;
    std::string args;
    for (std::size_t c = 0; c < r.columns.size(); ++c) {
      const bool must = static_cast<int>(c) < r.bound || (negative && !chance(25));
      std::string arg = negative && !must ? "_" : argument(b, r, c, must, before);
      args += (c > 0 ? ", " : "") + arg;
    }
    b.parts.push_back((negative ? "not " : "") + r.name + "(" + args + ")");
  }

  // In recursion values stay within bounds and on one grid, so that it ends.
  bool exact_constraint(Body& b, bool recursive) {
    const std::vector<std::string> numbers = of_type(b, T::rational), amounts = of_type(b, T::money);
    if (numbers.empty() && amounts.empty()) return false;
    const T type = numbers.empty() || (!amounts.empty() && chance(50)) ? T::money : T::rational;
    const std::vector<std::string>& known = type == T::money ? amounts : numbers;
    const std::string x = one_of(known), y = chance(40) ? one_of(known) : constant(type);
    if (chance(40)) {
      b.parts.push_back(x + one_of(std::vector<std::string>{" < ", " <= ", " != ", " == ", " > "}) + y);
    } else if (recursive || chance(50)) {
      const std::string value =
          one_of(std::vector<std::string>{x + " + " + y, x + " - " + y, "-" + x, x + " * 2.0", x + " / 3.0 * 3.0"});
      const std::string made = fresh(b, type);
      b.parts.push_back(made + " == " + value);
      const std::string size = type == T::money ? "$money_amount(" + made + ")" : made;
      b.parts.push_back(size + " < 4.0");
      b.parts.push_back(size + " > -4.0");
    } else if (type == T::money && chance(50)) {
      b.parts.push_back(fresh(b, T::rational) + " == " + x + " / " + y);
    } else if (type == T::money) {
      const std::string by = numbers.empty() ? "0.1" : one_of(numbers);
      b.parts.push_back(fresh(b, T::money) +
                        " == " + one_of(std::vector<std::string>{x + " * " + by, by + " * " + x, x + " / " + by}));
    } else if (chance(30)) {
      b.parts.push_back(fresh(b, T::integer) + " == " + x + " as i32");
    } else {
      b.parts.push_back(
          fresh(b, T::rational) + " == " +
          one_of(std::vector<std::string>{x + " * " + y, x + " / " + y, x + " % " + y, "1.0 / " + x,
                                          "$round(" + x + " / 3.0, 1, \"half-even\")", "$max(" + x + ", " + y + ")"}));
    }
    return true;
  }

  void constraint(Body& b, bool recursive) {
    if (exact_ && chance(60) && exact_constraint(b, recursive)) return;
    const std::vector<std::string> ints = of_type(b, T::integer), texts = of_type(b, T::text);
    if (!ints.empty() && chance(30)) {
      const std::string from = one_of(ints);
      b.parts.push_back(fresh(b, T::integer) + " == " + from +
                        one_of(std::vector<std::string>{" + 1", " - 1", " * 2"}));
      b.parts.push_back(b.vars.back().name + " < 7");
      b.parts.push_back(b.vars.back().name + " > -3");
    } else if (chance(15)) {
      const std::string low = std::to_string(pick(3)), high = std::to_string(1 + pick(4));
      b.parts.push_back("range<i32>(" + low + ", " + high + ", " +
                        (chance(50) && !ints.empty() ? one_of(ints) : fresh(b, T::integer)) + ")");
    } else if (!texts.empty() && chance(25)) {
      const std::string negation = chance(30) ? "not " : "";
      const std::string x = one_of(texts);
      b.parts.push_back(negation + (chance(50) ? "string_find(" + x + ", " + constant(T::text) + ", _, _)"
                                               : "string_chars(" + x + ", _, _)"));
    } else if (!ints.empty() && chance(6)) {
      b.parts.push_back(one_of(std::vector<std::string>{"soft_lt<i32>(", "soft_gt<i32>(", "not soft_lt<i32>("}) +
                        one_of(ints) + ", " + constant(T::integer) + ")");
    } else if (!ints.empty()) {
      const std::string left = one_of(ints);
      b.parts.push_back(left + one_of(std::vector<std::string>{" < ", " <= ", " != ", " == ", " > "}) +
                        (chance(50) ? one_of(ints) : constant(T::integer)));
    } else if (!texts.empty()) {
      b.parts.push_back(one_of(texts) + one_of(std::vector<std::string>{" != ", " == "}) + constant(T::text));
    }
  }

  Body body(int layer, bool recursive) {
    Body b;
    const int atoms = 1 + pick(3);
    for (int i = 0; i < atoms; ++i) {
      const bool asks = i > 0 && chance(30), again = recursive && chance(50);
      const Relation* r = find([&](const Relation& x) {
        if (again) return x.layer == layer && x.bound == 0;
        if (asks) return x.bound > 0 && x.layer <= layer;
        if (x.bound > 0) return false;
        return recursive ? x.layer <= layer : x.layer < layer;
      });
      if (r != nullptr) atom(b, *r, false);
    }
    if (chance(12)) either(b, layer);
    if (chance(12)) quantified(b, layer);
    while (chance(28)) constraint(b, recursive);
    while (chance(25)) {
      const Relation* r = find([&](const Relation& x) { return x.layer < layer; });
      if (r != nullptr) atom(b, *r, true);
    }
    return b;
  }

  // `(p(x, y) or q(x, y))`, both with the same variables.
  void either(Body& b, int layer) {
    const Relation* left =
        find([&](const Relation& x) { return x.layer < layer && x.bound == 0 && !x.columns.empty(); });
    if (left == nullptr) return;
    const Relation* right =
        find([&](const Relation& x) { return x.layer < layer && x.bound == 0 && x.columns == left->columns; });
    std::string args;
    for (T type : left->columns)
      args += (args.empty() ? "" : ", ") +
              (chance(60) || of_type(b, type).empty() ? fresh(b, type) : one_of(of_type(b, type)));
    b.parts.push_back("(" + left->name + "(" + args + ") or " + right->name + "(" + args + "))");
  }

  // `exists(q: p(x, q))`, `forall(q: p(x, q) implies s(q))`: x comes from elsewhere.
  void quantified(Body& b, int layer) {
    const Relation* r = find([&](const Relation& x) { return x.layer < layer && x.bound == 0 && !x.columns.empty(); });
    if (r == nullptr) return;
    const std::size_t over = static_cast<std::size_t>(pick(static_cast<int>(r->columns.size())));
    const Relation* other = find([&](const Relation& x) {
      return x.layer < layer && x.bound == 0 && x.columns.size() == 1 && x.columns[0] == r->columns[over];
    });
    std::string args;
    for (std::size_t c = 0; c < r->columns.size(); ++c) {
      const std::vector<std::string> known = of_type(b, r->columns[c]);
      args += (c > 0 ? ", " : "") + (c == over ? "q9" : known.empty() || chance(30) ? "_" : one_of(known));
    }
    const std::string body = r->name + "(" + args + ")";
    const std::string negation = chance(40) ? "not " : "";
    if (other != nullptr && chance(50))
      b.parts.push_back(negation + "forall(q9: " + body + " implies " + other->name + "(q9))");
    else
      b.parts.push_back(negation + "exists(q9: " + body + ")");
  }

  void rule(const Relation& r, int layer) {
    Body b = body(layer, chance(40));
    Item item{ItemKind::rule, "rel ", {}, " and ", "", false, false};
    if (chance(10)) {
      item.tagged = true;
      item.start += (chance(90) ? probability() : chance(50) ? "0.0" : "1.0") + "::";
    }
    std::string args;
    for (std::size_t c = 0; c < r.columns.size(); ++c) {
      const std::vector<std::string> known = of_type(b, r.columns[c]);
      std::string arg = known.empty() || chance(8) ? constant(r.columns[c]) : one_of(known);
      if (r.columns[c] == T::integer && !known.empty() && chance(15)) {
        b.parts.push_back(arg + " < 6");
        arg += " + 1";
      }
      args += (c > 0 ? ", " : "") + arg;
    }
    item.start += r.name + "(" + args + ") = ";
    item.parts = b.parts;
    if (chance(40)) std::shuffle(item.parts.begin(), item.parts.end(), random_);
    source_.items.push_back(item);
  }

  void aggregate(int layer, const std::string& name) {
    const Relation* r =
        find([&](const Relation& x) { return x.layer < layer && !x.columns.empty() && x.bound == 0 && !x.perceived; });
    if (r == nullptr) return;
    Relation result{name, {}, 0, layer, false, {}};
    std::vector<Var> groups, vars;
    std::string args;
    for (std::size_t c = 0; c < r->columns.size(); ++c) {
      const std::string v(1, "xyz"[c]);
      if (c > 0 && chance(15)) {
        args += ", _";
        continue;
      }
      args += (c > 0 ? ", " : "") + v;
      const bool group = c + 1 < r->columns.size() && chance(60);
      (group ? groups : vars).push_back({v, r->columns[c]});
    }
    if (vars.empty()) vars.swap(groups);
    std::string body = r->name + "(" + args + ")";
    const Relation* net = find([&](const Relation& x) { return x.perceived && x.bound == 1; });
    for (const Var& v : vars)
      if (net != nullptr && v.type == T::text && chance(50)) {
        body += " and " + net->name + "(" + v.name + ", \"" + one_of(net->labels) + "\")";
        break;
      }
    std::string where;
    if (!groups.empty() && chance(30)) {
      const Relation* domain = find([&](const Relation& x) {
        return x.layer < layer && x.bound == 0 && x.columns.size() == 1 && x.columns[0] == groups[0].type;
      });
      if (domain != nullptr && groups.size() == 1)
        where = " where " + groups[0].name + ": " + domain->name + "(" + groups[0].name + ")";
    }
    std::optional<AggregateText> made;
    if (aimed_ == "forall" && where.empty())
      made = forall(body, vars, layer);
    else
      made = aggregate_text(vars, random_, aimed_);
    if (!made) return;
    const std::vector<Var>& values = made->values;
    body += made->condition;
    std::string head, left;
    for (const Var& g : groups) head += (head.empty() ? "" : ", ") + g.name, result.columns.push_back(g.type);
    for (const Var& v : values)
      head += (head.empty() ? "" : ", ") + v.name, result.columns.push_back(v.type),
          left += (left.empty() ? "" : ", ") + v.name;
    if (values.size() > 1) left = "(" + left + ")";
    source_.items.push_back({ItemKind::rule,
                             "rel " + name + "(" + head + ") = " + left + " := " + made->call + ": ",
                             {body},
                             " and ",
                             where + ")",
                             made->makes_events,
                             true});
    relations_.push_back(result);
  }

  // forall(z: p(x, z) implies q(z))
  std::optional<AggregateText> forall(const std::string& body, const std::vector<Var>& vars, int layer) {
    if (body.find(" and ") != body.npos) return std::nullopt;
    const Relation* other = find([&](const Relation& x) {
      return x.layer < layer && x.bound == 0 && x.columns.size() == 1 && x.columns[0] == vars.back().type;
    });
    const Var& v = vars.back();
    AggregateText out{"forall(" + v.name, "", false, {{"b", T::boolean}}};
    for (const Var& left : vars)
      if (left.name != v.name) out.call += ", " + left.name;
    out.condition =
        " implies " + (other != nullptr ? other->name + "(" + v.name + ")" : v.name + " != " + constant(v.type));
    return out;
  }

  void queries(std::size_t count) {
    std::vector<const Relation*> all;
    for (const Relation& r : relations_)
      if (r.layer > 0 && r.bound == 0) all.push_back(&r);
    std::reverse(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size() && i < count; ++i) {
      const Relation& r = *all[i];
      std::string args;
      if (chance(30) && !r.columns.empty()) {
        for (std::size_t c = 0; c < r.columns.size(); ++c)
          args += (c > 0 ? ", " : "(") +
                  (chance(50) && r.columns[c] != T::money ? constant(r.columns[c]) : std::string(1, "xyzuv"[c % 5]));
        args += ")";
      }
      source_.items.push_back({ItemKind::query, "query " + r.name + args, {}, "", "", false, true});
    }
  }

  std::mt19937_64 random_;
  std::string aimed_;  // the aggregate that the program is about
  int given_ = 0;      // relations of facts
  Source source_;
  std::vector<Relation> relations_;
  bool image_ = false;
  bool many_ = false;  // aggregates, all of them asked for
  const bool exact_;   // has fractions and amounts of money
};

}  // namespace

std::string text(const Item& item) {
  std::string out = item.start;
  for (std::size_t i = 0; i < item.parts.size(); ++i) out += (i > 0 ? item.between : "") + item.parts[i];
  return out + item.end;
}

std::string text(const Source& source) {
  std::string out;
  for (const Item& item : source.items) out += text(item) + "\n";
  return out;
}

Source generate(std::uint64_t seed, const std::string& aggregate) { return Generator(seed, aggregate).run(); }

}  // namespace tenfold::fuzz
