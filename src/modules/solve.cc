// $satisfiable $entails $least $greatest, solver_solution, solver_forced, solver_possible: problems of constraints.h,
// decided by solver.h. What is answered does not depend on the way of the search: whether there are solutions, what all
// have in common, and all of them, in order. A problem that is malformed, too large or not decided within the effort
// has no value and no rows.
#include <algorithm>
#include <string>
#include <vector>

#include "base/shared_module.h"
#include "modules/catalogue.h"
#include "modules/solver.h"

namespace tenfold::modules {
namespace {

constexpr std::size_t kMostSolutions = 256;
constexpr std::size_t kMostValues = 1000;  // of one variable, in solver_possible

/// A problem with its search; nothing where it is malformed or there is no solver.
struct Question {
  Problem problem;
  std::unique_ptr<Search> search;

  static std::unique_ptr<Question> about(std::string_view text) {
    const auto solver = open_solver();
    if (!solver.ok()) return nullptr;
    auto question = std::make_unique<Question>();
    if (question->problem.read(text)) return nullptr;
    question->search = (*solver)->search(question->problem);
    return question->search ? std::move(question) : nullptr;
  }

  /// As rules see it: a name, true or false, or a number.
  std::string shown(std::uint32_t variable, const std::string& value) const {
    const Variable& v = problem.variables[variable];
    if (v.sort == Sort::boolean) return value == "1" ? "true" : "false";
    if (v.sort != Sort::choice) {
      Symbols numbers;
      const auto number = rational::parse(value, numbers);
      return number ? rational::text(*number, numbers) : value;
    }
    return problem.names[std::stoul(value)];
  }

  /// The verdict when `term` holds as well.
  bool follows(Verdict verdict, std::uint32_t term) const {
    search->push();
    search->require(term);
    const bool is = search->check() == verdict;
    search->pop();
    return is;
  }

  /// The variable has that value.
  std::uint32_t equals(std::uint32_t variable, const std::string& value) {
    const Sort sort = problem.variables[variable].sort;
    const std::uint32_t is = problem.add({.op = Op::variable, .sort = sort, .index = variable});
    if (sort == Sort::boolean) return value == "1" ? is : problem.negated(is);
    Term constant{.op = Op::choice, .sort = sort};
    if (sort == Sort::choice)
      constant.index = static_cast<std::uint32_t>(std::stoul(value));
    else
      constant.op = Op::number, constant.digits = value;
    const std::uint32_t other = problem.add(constant);
    return problem.add({.op = Op::equal, .args = {is, other}});
  }
};

Maybe satisfiable(const Call& call) {
  const auto question = Question::about(text(call, 0));
  const Verdict verdict = question ? question->search->check() : Verdict::unknown;
  return verdict == Verdict::unknown ? std::nullopt : Maybe(Cell{verdict == Verdict::satisfiable});
}

/// $entails(problem, claim): every solution meets the claim; nothing where there is no solution, for then it would meet
/// every claim.
Maybe entails(const Call& call) {
  const auto question = Question::about(text(call, 0));
  if (!question || question->search->check() != Verdict::satisfiable) return std::nullopt;
  const auto claim = question->problem.expression(text(call, 1), true);
  if (!std::holds_alternative<std::uint32_t>(claim)) return std::nullopt;
  question->search->require(question->problem.negated(std::get<std::uint32_t>(claim)));
  const Verdict verdict = question->search->check();
  return verdict == Verdict::unknown ? std::nullopt : Maybe(Cell{verdict == Verdict::unsatisfiable});
}

/// $least(problem, number), $greatest(problem, number).
template <bool greatest>
Maybe optimum(const Call& call) {
  const auto question = Question::about(text(call, 0));
  if (!question) return std::nullopt;
  const auto goal = question->problem.expression(text(call, 1), false);
  if (!std::holds_alternative<std::uint32_t>(goal)) return std::nullopt;
  const std::uint32_t number = std::get<std::uint32_t>(goal);
  const auto found = question->search->optimum(number, greatest);
  if (!found) return std::nullopt;
  // Not taken on trust: some solution has that value, and none has a better one.
  const Sort sort = question->problem.terms[number].sort;
  const std::uint32_t value = question->problem.add({.op = Op::number, .sort = sort, .digits = *found});
  const std::vector<std::uint32_t> order = greatest ? std::vector{value, number} : std::vector{number, value};
  if (!question->follows(Verdict::satisfiable, question->problem.add({.op = Op::equal, .args = {value, number}})) ||
      !question->follows(Verdict::unsatisfiable, question->problem.add({.op = Op::less, .args = order})))
    return std::nullopt;
  return rational::parse(*found, call.symbols);
}

bool give(const PredicateCall& call, const RowSink& sink, const Question& q, std::uint32_t variable,
          const std::string& value) {
  const Cell row[] = {call.symbols.intern(q.problem.variables[variable].name),
                      call.symbols.intern(q.shown(variable, value))};
  return sink(row);
}

/// solver_forced(problem, variable, value): what is the same in all solutions.
bool forced(const PredicateCall& call, const RowSink& sink) {
  const auto q = Question::about(text(call, 0));
  if (!q || q->search->check() != Verdict::satisfiable) return true;
  const auto count = static_cast<std::uint32_t>(q->problem.variables.size());
  std::vector<std::optional<std::string>> same(count);  // by all solutions seen
  for (std::uint32_t v = 0; v < count; ++v) same[v] = q->search->value(v);
  std::vector<std::pair<std::uint32_t, std::string>> found;
  for (std::uint32_t v = 0; v < count; ++v) {
    if (!same[v] || same[v]->empty()) continue;
    q->search->push();
    q->search->require(q->problem.negated(q->equals(v, *same[v])));
    const Verdict other = q->search->check();
    if (other == Verdict::unsatisfiable) found.emplace_back(v, *same[v]);
    if (other == Verdict::satisfiable)
      for (std::uint32_t w = v; w < count; ++w)
        if (same[w] && q->search->value(w) != *same[w]) same[w].reset();
    q->search->pop();
    if (other == Verdict::unknown) return true;
  }
  for (const auto& [v, value] : found)
    if (!give(call, sink, *q, v, value)) return false;
  return true;
}

/// solver_possible(problem, variable, value): each value of each variable but real numbers in some solution. No rows at
/// all where a variable has more than kMostValues.
bool possible(const PredicateCall& call, const RowSink& sink) {
  const auto q = Question::about(text(call, 0));
  if (!q) return true;
  Symbols numbers;
  std::vector<std::pair<std::uint32_t, std::string>> found;
  for (std::uint32_t v = 0; v < q->problem.variables.size(); ++v) {
    if (q->problem.variables[v].sort == Sort::real) continue;
    std::vector<Cell> values;
    q->search->push();
    Verdict verdict;
    while ((verdict = q->search->check()) == Verdict::satisfiable && values.size() <= kMostValues) {
      const std::string value = q->search->value(v);
      const auto number = rational::parse(value, numbers);
      if (!number) return true;
      values.push_back(*number);
      q->search->require(q->problem.negated(q->equals(v, value)));
    }
    q->search->pop();
    if (verdict != Verdict::unsatisfiable || values.size() > kMostValues) return true;
    std::sort(values.begin(), values.end(), [&](Cell a, Cell b) { return rational::compare(a, b, numbers) < 0; });
    for (const Cell value : values) found.emplace_back(v, rational::text(value, numbers));
  }
  for (const auto& [v, value] : found)
    if (!give(call, sink, *q, v, value)) return false;
  return true;
}

/// solver_solution(problem, number, variable, value): all solutions, numbered from 0 in the order of their values. No
/// rows where a variable is real, and where there are more than kMostSolutions.
bool solution(const PredicateCall& call, const RowSink& sink) {
  const auto q = Question::about(text(call, 0));
  if (!q || q->problem.variables.empty()) return true;
  const auto count = static_cast<std::uint32_t>(q->problem.variables.size());
  for (const Variable& v : q->problem.variables)
    if (v.sort == Sort::real) return true;
  Symbols numbers;
  std::vector<std::vector<Cell>> all;
  Verdict verdict;
  while ((verdict = q->search->check()) == Verdict::satisfiable && all.size() <= kMostSolutions) {
    std::vector<Cell> one;
    std::vector<std::uint32_t> differs;
    for (std::uint32_t v = 0; v < count; ++v) {
      const auto value = rational::parse(q->search->value(v), numbers);
      if (!value) return true;
      one.push_back(*value);
      differs.push_back(q->problem.negated(q->equals(v, rational::text(*value, numbers))));
    }
    all.push_back(std::move(one));
    q->search->require(q->problem.add({.op = Op::either, .args = std::move(differs)}));
  }
  if (verdict != Verdict::unsatisfiable || all.size() > kMostSolutions) return true;
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [&](Cell x, Cell y) { return rational::compare(x, y, numbers) < 0; });
  });
  for (Cell i = 0; i < all.size(); ++i)
    for (std::uint32_t v = 0; v < count; ++v) {
      const Cell row[] = {i, call.symbols.intern(q->problem.variables[v].name),
                          call.symbols.intern(q->shown(v, rational::text(all[i][v], numbers)))};
      if (!sink(row)) return false;
    }
  return true;
}

/// A problem that stands in the program is read when it is compiled; a claim about it has its own variables.
std::optional<Complaint> refuse_problem(std::size_t argument, std::string_view text) {
  if (argument != 0) return std::nullopt;
  Problem problem;
  return problem.read(text);
}

}  // namespace

Result<const Solver*> open_solver() {
  using Open = const Solver* (*)();
  static const Result<void*> opened = open_shared_module("libtenfold_z3.so", "tenfold_solver");
  if (!opened.ok()) return opened.error();
  return reinterpret_cast<Open>(*opened)();
}

void add_solver(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("satisfiable", {text}, boolean, satisfiable, "the problem has a solution; none where that is not decided",
      refuse_problem);
  add("entails", {text, text}, boolean, entails, "every solution meets the claim; none where there is no solution",
      refuse_problem);
  add("least", {text, text}, rational, optimum<false>, "the least value of an expression over all solutions",
      refuse_problem);
  add("greatest", {text, text}, rational, optimum<true>, "the greatest value of an expression over all solutions",
      refuse_problem);
}

void add_solver(std::vector<Predicate>& list) {
  using F = Family;
  const PredicateList add(list);
  const PredicateColumn problem{"problem", F::text}, variable{"variable", F::text}, value{"value", F::text};
  add("solver_forced", {problem, variable, value}, 1, forced, "what is the same in all solutions", refuse_problem);
  add("solver_possible", {problem, variable, value}, 1, possible, "the values that some solution has", refuse_problem);
  add("solver_solution", {problem, {"number", F::usize}, variable, value}, 1, solution,
      "all solutions, numbered in order; none when more than 256", refuse_problem);
}

}  // namespace tenfold::modules
