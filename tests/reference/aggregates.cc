#include "reference/aggregates.h"

#include <cmath>
#include <optional>

#include "lang/expression.h"
#include "reference/fraction.h"

namespace tenfold::reference {
namespace {

using enum lang::AggregateOp;
using Indices = std::vector<std::size_t>;

constexpr double kTie = 1e-9;  // weights nearer than this, and not equal, are equal up to rounding

bool is_exact(Type type) { return type == Type::rational || type == Type::money; }

class Values {
 public:
  Values(const lang::Program& p, const lang::Aggregate& a, const Algebra& algebra, Symbols& symbols,
         AggregateGroup& group)
      : p_(p), a_(a), algebra_(algebra), symbols_(symbols), group_(group), rows_(group.rows) {
    std::sort(rows_.begin(), rows_.end(), [&](const auto& x, const auto& y) { return order(x, y, a_.groups) < 0; });
  }

  bool run() {
    switch (a_.op) {
      case exists:
      case forall:
        return existence();
      case min:
      case max:
      case argmin:
      case argmax:
        for (std::size_t i = 0; i < rows_.size(); ++i) extreme(i);
        return true;
      case sort:
      case argsort:
      case enumerate:
        return numbered(sorted());
      case rank:
        return by_weight(a_.ascending) && numbered(chosen_);
      case normalize:
      case softmax:
      case disjunct:
        return group_.choose ? exclusive() : through(all());
      case top:
      case unique:
        if (!by_weight(false)) return false;
        if (chosen_.size() > a_.k) chosen_.resize(a_.k);
        return through(chosen_);
      case uniform:
      case categorical:
        return rows_.size() <= a_.k && through(all());
      case string_join:
        if (a_.all && !a_.one_world) return choices();
        break;
      default:
        break;
    }
    return folded();
  }

 private:
  int order(const AggregateRow& x, const AggregateRow& y, std::size_t from) const {
    auto compare = [](const auto& l, const auto& r) { return l < r ? -1 : r < l ? 1 : 0; };
    for (std::size_t c = from; c < x.cells.size(); ++c) {
      const Type t = p_.relations[a_.body].columns[c].type;
      const Cell l = x.cells[c], r = y.cells[c];
      const int found = is_exact(t)      ? compare_exact(l, r, t)
                        : is_text(t)     ? compare(symbols_.text(as_symbol(l)), symbols_.text(as_symbol(r)))
                        : is_float(t)    ? compare(as_double(l), as_double(r))
                        : is_unsigned(t) ? compare(l, r)
                                         : compare(as_int(l), as_int(r));
      if (found != 0) return found;
    }
    return 0;
  }
  int compare_exact(Cell x, Cell y, Type type) const {
    return compare(fraction_of(x, type, symbols_), fraction_of(y, type, symbols_));
  }
  int order_of_vars(std::size_t i, std::size_t j) const { return order(rows_[i], rows_[j], a_.groups + a_.args); }

  Tuple value(std::size_t i, bool args, bool vars) const {
    const auto begin = rows_[i].cells.begin() + a_.groups;
    return {args ? begin : begin + a_.args, vars ? rows_[i].cells.end() : begin + a_.args};
  }

  Indices all() const {
    Indices out;
    for (std::size_t i = 0; i < rows_.size(); ++i) out.push_back(i);
    return out;
  }

  bool existence() {
    std::vector<double> tags;
    for (const AggregateRow& row : rows_) tags.push_back(row.tag);
    group_.put({Cell{a_.op == exists}}, algebra_.plus(tags));
    group_.put({Cell{a_.op == forall}}, algebra_.negate(algebra_.plus(tags)));
    return true;
  }

  // Row i is the extreme if it holds and, level by level, no better row does.
  void extreme(std::size_t i) {
    const bool largest = a_.op == max || a_.op == argmax;
    std::map<std::size_t, std::vector<double>> better;  // by the first row of the level
    for (std::size_t j = 0; j < rows_.size(); ++j) {
      if (largest ? order_of_vars(j, i) <= 0 : order_of_vars(j, i) >= 0) continue;
      std::size_t first = 0;
      while (order_of_vars(first, j) != 0) ++first;
      better[first].push_back(rows_[j].tag);
    }
    double tag = rows_[i].tag;
    for (const auto& [first, level] : better) tag = algebra_.times(tag, algebra_.negate(algebra_.plus(level)));
    group_.put(value(i, true, a_.op == min || a_.op == max), tag);
  }

  bool through(const Indices& kept) {
    for (std::size_t i : kept) group_.put(value(i, a_.op == disjunct, true), rows_[i].tag);
    return true;
  }

  bool numbered(const Indices& in_order) {
    for (std::size_t n = 0; n < in_order.size(); ++n) {
      Tuple out{cell(static_cast<std::int64_t>(n))};
      const Tuple rest = value(in_order[n], a_.op == sort || a_.op == argsort, a_.op != argsort);
      out.insert(out.end(), rest.begin(), rest.end());
      group_.put(out, rows_[in_order[n]].tag);
    }
    return true;
  }

  Indices sorted() const {
    Indices out = all();
    if (a_.op != enumerate)
      std::stable_sort(out.begin(), out.end(), [&](std::size_t i, std::size_t j) {
        return a_.ascending ? order_of_vars(i, j) < 0 : order_of_vars(i, j) > 0;
      });
    return out;
  }

  bool by_weight(bool ascending) {
    chosen_ = all();
    if (algebra_.costs()) ascending = !ascending;
    std::stable_sort(chosen_.begin(), chosen_.end(), [&](std::size_t i, std::size_t j) {
      return ascending ? rows_[i].weight < rows_[j].weight : rows_[i].weight > rows_[j].weight;
    });
    for (std::size_t n = 1; n < chosen_.size(); ++n) {
      const double apart = std::abs(rows_[chosen_[n]].weight - rows_[chosen_[n - 1]].weight);
      if (apart > 0.0 && apart < kTie) return false;
    }
    return true;
  }

  bool exclusive() {
    std::map<Tuple, Indices> parts;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      parts[a_.op == disjunct ? value(i, true, false) : Tuple{}].push_back(i);
    std::size_t number = 0;
    for (const auto& [args, part] : parts) {
      std::vector<double> weights;
      double total = 0.0;
      for (std::size_t i : part) {
        weights.push_back(a_.op == softmax ? std::exp(rows_[i].weight) : rows_[i].weight);
        total += weights.back();
      }
      if (a_.op == disjunct && total > 1.0 + 1e-6) return false;
      if (!(total > 0.0) && a_.op != disjunct) return false;
      for (double& w : weights) w = a_.op == disjunct ? w : w / total;
      for (std::size_t n = 0; n < part.size(); ++n)
        group_.put(value(part[n], a_.op == disjunct, true), group_.choose(number, weights, n));
      ++number;
    }
    return true;
  }

  // string_join<all>: a text for each way to take one row for each of the args; they all have to hold.
  bool choices() {
    std::vector<std::pair<std::string, double>> texts{{"", algebra_.one()}};
    for (std::size_t i = 0; i < rows_.size();) {
      std::vector<std::pair<std::string, double>> longer;
      std::size_t end = i + 1;
      while (a_.args > 0 && end < rows_.size() && value(end, true, false) == value(i, true, false)) ++end;
      for (const auto& [text, tag] : texts)
        for (std::size_t j = i; j < end; ++j)
          longer.emplace_back((i == 0 ? "" : text + a_.separator) + text_of(j), algebra_.times(tag, rows_[j].tag));
      texts = longer;
      i = end;
      if (texts.size() > 10'000) return false;
    }
    for (const auto& [text, tag] : texts) group_.put({symbols_.intern(text)}, tag);
    return true;
  }

  std::string text_of(std::size_t i) const { return std::string(symbols_.text(as_symbol(rows_[i].cells.back()))); }

  // Every subset of the rows, with the tag that it is the world. Where worlds are no alternatives of one choice
  // (`independent`) it matters what is put together when: subsets of one value so far are one before the next row.
  bool folded() {
    std::map<Cell, std::vector<double>> reached;
    Indices in;
    if (algebra_.either != Either::independent)
      subsets(in, 0, algebra_.one(), reached);
    else if (!by_row(reached))
      return false;
    for (const auto& [value, tags] : reached) group_.put({value}, algebra_.plus(tags));
    return true;
  }

  // Those that are sure to hold first. False: it depends on roundings which values are equal.
  bool by_row(std::map<Cell, std::vector<double>>& reached) {
    using Subsets = std::vector<std::pair<Indices, double>>;
    Indices rows = all();
    std::stable_partition(rows.begin(), rows.end(), [&](std::size_t i) { return rows_[i].tag == algebra_.one(); });
    Subsets now{{{}, algebra_.one()}};
    for (const std::size_t i : rows) {
      std::map<std::vector<double>, std::pair<Indices, std::vector<double>>> next;  // by what it is so far
      for (const auto& [in, tag] : now)
        for (const bool takes : {true, false}) {
          const double with = algebra_.times(tag, takes ? rows_[i].tag : algebra_.negate(rows_[i].tag));
          if (with == algebra_.zero()) continue;
          Indices longer = in;
          if (takes) longer.insert(std::upper_bound(longer.begin(), longer.end(), i), i);
          auto& [some, tags] = next[so_far(longer)];
          some = longer;
          tags.push_back(with);
        }
      const auto near = [](double x, double y) { return std::abs(x - y) < kTie; };
      for (auto at = next.begin(); at != next.end(); ++at)
        for (auto other = next.begin(); other != at; ++other)
          if (std::equal(at->first.begin(), at->first.end(), other->first.begin(), near)) return false;
      now.clear();
      for (const auto& [value, subset] : next) now.emplace_back(subset.first, algebra_.plus(subset.second));
    }
    const bool rounds = is_float(p_.relations[a_.result].columns.back().type);
    for (const auto& [in, tag] : now) {
      const auto value = total(in);
      if (!value) continue;
      for (const auto& [other, tags] : reached)
        if (rounds && std::abs(as_double(*value) - as_double(other)) < kTie) return false;
      reached[*value].push_back(tag);
    }
    return true;
  }

  // All that later rows and the end need to know of a subset.
  std::vector<double> so_far(const Indices& in) {
    if (a_.op == count) return {static_cast<double>(in.size())};
    if (a_.op == string_join) {
      const auto text = total(in);
      return {static_cast<double>(*text), in.empty() ? 0.0 : 1.0};
    }
    const Type type = p_.relations[a_.result].columns.back().type;
    if (is_exact(type)) {
      const double rows = static_cast<double>(a_.op == avg ? in.size() : std::min<std::size_t>(in.size(), 1));
      const auto so_far = exact_total(in, type);
      if (!so_far) return {0.0, 0.0, rows, -1.0};  // two currencies
      const std::string& code = so_far->currency;
      return {static_cast<double>(so_far->above), static_cast<double>(so_far->below), rows,
              code.empty() ? 0.0 : static_cast<double>(code[0] * 65536 + code[1] * 256 + code[2])};
    }
    const bool weighs = a_.op == weighted_sum || a_.op == weighted_avg;
    double out = a_.op == prod ? 1.0 : 0.0, weight = 0.0;
    for (std::size_t i : in) {
      const double value =
          is_float(type) ? as_double(rows_[i].cells.back()) : static_cast<double>(as_int(rows_[i].cells.back()));
      out = a_.op == prod ? out * value : out + (weighs ? rows_[i].weight * value : value);
      weight += weighs ? rows_[i].weight : a_.op == avg ? 1.0 : 0.0;
    }
    return {out, weight};
  }

  void subsets(Indices& in, std::size_t i, double tag, std::map<Cell, std::vector<double>>& reached) {
    if (tag == algebra_.zero()) return;
    if (i == rows_.size()) {
      if (const auto value = total(in)) reached[*value].push_back(tag);
      return;
    }
    subsets(in, i + 1, algebra_.times(tag, algebra_.negate(rows_[i].tag)), reached);
    in.push_back(i);
    subsets(in, i + 1, algebra_.times(tag, rows_[i].tag), reached);
    in.pop_back();
  }

  // Nothing in two currencies.
  std::optional<Fraction> exact_total(const Indices& in, Type type) {
    std::optional<Fraction> out = Fraction{a_.op == prod ? 1 : 0, 1, ""};
    for (std::size_t n = 0; n < in.size() && out; ++n) {
      const Fraction x = fraction_of(rows_[in[n]].cells.back(), type, symbols_);
      out = n == 0 ? x : a_.op == prod ? *out * x : *out + x;
    }
    return out;
  }

  // The numbers in tests are small: what does not fit the type at the end did not fit before.
  std::optional<Cell> total(const Indices& in) {
    const Type type = p_.relations[a_.result].columns.back().type;
    const double many = static_cast<double>(in.size());
    if (a_.op == count) return fit(static_cast<std::int64_t>(in.size()), type);
    if (a_.op == string_join) {
      std::string text;
      for (std::size_t n = 0; n < in.size(); ++n) text += (n > 0 ? a_.separator : "") + text_of(in[n]);
      return Cell{symbols_.intern(text)};
    }
    if ((a_.op == avg || type == Type::money) && in.empty()) return std::nullopt;
    if (is_exact(type)) {
      auto out = exact_total(in, type);
      if (out && a_.op == avg) out = *out * *Fraction::of(1, static_cast<Int128>(in.size()), "");
      return out ? cell_of(*out, type, symbols_) : std::nullopt;
    }
    const bool weighs = a_.op == weighted_sum || a_.op == weighted_avg;
    double out = a_.op == prod ? 1.0 : 0.0, weight = 0.0;
    for (std::size_t i : in) {
      const Cell x = rows_[i].cells.back();
      const double value = is_float(type) ? as_double(x) : static_cast<double>(as_int(x));
      out = a_.op == prod ? out * value : out + (weighs ? rows_[i].weight * value : value);
      weight += rows_[i].weight;
    }
    if (a_.op == avg) out /= many;
    if (a_.op == weighted_avg) out /= weight;
    return is_float(type) ? fit(out, type) : fit(static_cast<std::int64_t>(out), type);
  }

  const lang::Program& p_;
  const lang::Aggregate& a_;
  const Algebra& algebra_;
  Symbols& symbols_;
  AggregateGroup& group_;
  std::vector<AggregateRow>& rows_;
  Indices chosen_;
};

}  // namespace

bool aggregate_values(const lang::Program& program, const lang::Aggregate& a, const Algebra& algebra, Symbols& symbols,
                      AggregateGroup& group) {
  return Values(program, a, algebra, symbols, group).run();
}

}  // namespace tenfold::reference
