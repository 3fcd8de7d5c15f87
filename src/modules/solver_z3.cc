// The solver by Z3 (de Moura, Bjorner, "Z3: An Efficient SMT Solver", TACAS 2008), in a shared module of its own.
#include <z3.h>

#include <mutex>
#include <vector>

#include "modules/solver.h"

namespace tenfold::modules {
namespace {

// What one question may take: some seconds for the hardest, and far more than puzzles and schedules of a page need.
constexpr unsigned kSteps = 3'000'000;
constexpr unsigned kMebibytes = 1024;  // of all searches together; Z3 has no smaller measure

void ignore(Z3_context, Z3_error_code) {}  // asked for by Z3_get_error_code where it matters

class Z3Search : public Search {
 public:
  explicit Z3Search(const Problem& problem) : p_(problem) {
    Z3_config config = Z3_mk_config();
    context_ = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(context_, ignore);
    solver_ = Z3_mk_solver(context_);
    Z3_solver_inc_ref(context_, solver_);
    Z3_params params = Z3_mk_params(context_);
    Z3_params_inc_ref(context_, params);
    Z3_params_set_uint(context_, params, symbol("rlimit"), kSteps);
    Z3_params_set_uint(context_, params, symbol("random_seed"), 0);
    Z3_solver_set_params(context_, solver_, params);
    Z3_params_dec_ref(context_, params);
    for (std::uint32_t v = 0; v < p_.variables.size(); ++v) declare(p_.variables[v], v);
    for (const std::uint32_t term : p_.required) require(term);
  }
  Z3Search(const Z3Search&) = delete;
  Z3Search& operator=(const Z3Search&) = delete;
  ~Z3Search() override {
    if (model_) Z3_model_dec_ref(context_, model_);
    Z3_solver_dec_ref(context_, solver_);
    Z3_del_context(context_);
  }

  Verdict check() override {
    if (model_) Z3_model_dec_ref(context_, model_);
    model_ = nullptr;
    const Z3_lbool found = Z3_solver_check(context_, solver_);
    if (failed() || found == Z3_L_UNDEF) return Verdict::unknown;
    if (found == Z3_L_FALSE) return Verdict::unsatisfiable;
    model_ = Z3_solver_get_model(context_, solver_);
    if (!model_) return Verdict::unknown;
    Z3_model_inc_ref(context_, model_);
    return Verdict::satisfiable;
  }

  void require(std::uint32_t term) override {
    translate();
    Z3_solver_assert(context_, solver_, terms_[term]);
  }

  void push() override { Z3_solver_push(context_, solver_); }
  void pop() override { Z3_solver_pop(context_, solver_, 1); }

  std::string value(std::uint32_t variable) override {
    Z3_ast found = nullptr;
    if (!model_ || !Z3_model_eval(context_, model_, variables_[variable], true, &found)) return "";
    if (p_.variables[variable].sort == Sort::boolean)
      return Z3_get_bool_value(context_, found) == Z3_L_TRUE ? "1" : "0";
    return Z3_get_ast_kind(context_, found) == Z3_NUMERAL_AST ? Z3_get_numeral_string(context_, found) : "";
  }

  std::optional<std::string> optimum(std::uint32_t term, bool greatest) override {
    translate();
    Z3_optimize optimize = Z3_mk_optimize(context_);
    Z3_optimize_inc_ref(context_, optimize);
    Z3_params params = Z3_mk_params(context_);
    Z3_params_inc_ref(context_, params);
    Z3_params_set_uint(context_, params, symbol("rlimit"), kSteps);
    Z3_optimize_set_params(context_, optimize, params);
    Z3_params_dec_ref(context_, params);
    for (const Z3_ast bound : bounds_) Z3_optimize_assert(context_, optimize, bound);
    for (const std::uint32_t required : p_.required) Z3_optimize_assert(context_, optimize, terms_[required]);
    const unsigned goal = greatest ? Z3_optimize_maximize(context_, optimize, terms_[term])
                                   : Z3_optimize_minimize(context_, optimize, terms_[term]);
    std::optional<std::string> out;
    if (Z3_optimize_check(context_, optimize, 0, nullptr) == Z3_L_TRUE && !failed()) {
      // infinity · first + second + infinitesimal · third
      Z3_ast_vector parts = greatest ? Z3_optimize_get_upper_as_vector(context_, optimize, goal)
                                     : Z3_optimize_get_lower_as_vector(context_, optimize, goal);
      Z3_ast_vector_inc_ref(context_, parts);
      const auto part = [&](unsigned i) -> std::string {
        const Z3_ast ast = Z3_ast_vector_get(context_, parts, i);
        return Z3_get_ast_kind(context_, ast) == Z3_NUMERAL_AST ? Z3_get_numeral_string(context_, ast) : "?";
      };
      if (Z3_ast_vector_size(context_, parts) == 3 && part(0) == "0" && part(2) == "0") out = part(1);
      Z3_ast_vector_dec_ref(context_, parts);
    }
    Z3_optimize_dec_ref(context_, optimize);
    return failed() || out == "?" ? std::nullopt : out;
  }

 private:
  bool failed() const { return Z3_get_error_code(context_) != Z3_OK; }

  Z3_symbol symbol(const char* name) const { return Z3_mk_string_symbol(context_, name); }

  Z3_ast number(const std::string& digits, bool real) const {
    return Z3_mk_numeral(context_, digits.c_str(), real ? Z3_mk_real_sort(context_) : Z3_mk_int_sort(context_));
  }

  void bound(Z3_ast condition) {
    bounds_.push_back(condition);
    Z3_solver_assert(context_, solver_, condition);
  }

  void declare(const Variable& v, std::uint32_t index) {
    const Z3_sort sort = v.sort == Sort::boolean ? Z3_mk_bool_sort(context_)
                         : v.sort == Sort::real  ? Z3_mk_real_sort(context_)
                                                 : Z3_mk_int_sort(context_);
    const Z3_ast made = Z3_mk_const(context_, Z3_mk_int_symbol(context_, static_cast<int>(index)), sort);
    variables_.push_back(made);
    if (!v.least.empty()) bound(Z3_mk_ge(context_, made, number(v.least, false)));
    if (!v.most.empty()) bound(Z3_mk_le(context_, made, number(v.most, false)));
    if (v.sort != Sort::choice) return;
    std::vector<Z3_ast> options;
    for (const std::uint32_t name : v.values)
      options.push_back(Z3_mk_eq(context_, made, Z3_mk_int(context_, static_cast<int>(name), sort)));
    bound(Z3_mk_or(context_, static_cast<unsigned>(options.size()), options.data()));
  }

  /// The terms that came since the last time, in their order: arguments come first.
  void translate() {
    while (terms_.size() < p_.terms.size()) terms_.push_back(translated(p_.terms[terms_.size()]));
  }

  Z3_ast translated(const Term& term) {
    std::vector<Z3_ast> args;
    bool real = false;
    for (const std::uint32_t arg : term.args) {
      args.push_back(terms_[arg]);
      real = real || p_.terms[arg].sort == Sort::real;
    }
    // Whole numbers among real ones become real.
    if (real)
      for (std::size_t i = 0; i < args.size(); ++i)
        if (p_.terms[term.args[i]].sort == Sort::whole) args[i] = Z3_mk_int2real(context_, args[i]);
    const auto count = static_cast<unsigned>(args.size());
    switch (term.op) {
      case Op::number:
        return number(term.digits, term.sort == Sort::real);
      case Op::choice:
        return Z3_mk_int(context_, static_cast<int>(term.index), Z3_mk_int_sort(context_));
      case Op::variable:
        return variables_[term.index];
      case Op::add:
        return Z3_mk_add(context_, count, args.data());
      case Op::subtract:
        return Z3_mk_sub(context_, count, args.data());
      case Op::multiply:
        return Z3_mk_mul(context_, count, args.data());
      case Op::equal:
        return Z3_mk_eq(context_, args[0], args[1]);
      case Op::less:
        return Z3_mk_lt(context_, args[0], args[1]);
      case Op::less_equal:
        return Z3_mk_le(context_, args[0], args[1]);
      case Op::both:
        return Z3_mk_and(context_, count, args.data());
      case Op::either:
        return Z3_mk_or(context_, count, args.data());
      case Op::implies:
        return Z3_mk_implies(context_, args[0], args[1]);
      case Op::opposite:
        return Z3_mk_not(context_, args[0]);
      case Op::distinct:
        return count < 2 ? Z3_mk_true(context_) : Z3_mk_distinct(context_, count, args.data());
      case Op::condition:
        return Z3_mk_ite(context_, args[0], args[1], args[2]);
      case Op::truth:
        return term.index ? Z3_mk_true(context_) : Z3_mk_false(context_);
    }
    return nullptr;
  }

  const Problem& p_;
  Z3_context context_;  // keeps every term until it is deleted
  Z3_solver solver_;
  Z3_model model_ = nullptr;
  std::vector<Z3_ast> variables_, terms_, bounds_;
};

class Z3Solver : public Solver {
 public:
  Z3Solver() { Z3_global_param_set("memory_max_size", std::to_string(kMebibytes).c_str()); }
  std::unique_ptr<Search> search(const Problem& problem) const override { return std::make_unique<Z3Search>(problem); }
};

}  // namespace
}  // namespace tenfold::modules

extern "C" __attribute__((visibility("default"))) const tenfold::modules::Solver* tenfold_solver() {
  static const tenfold::modules::Z3Solver solver;
  return &solver;
}
