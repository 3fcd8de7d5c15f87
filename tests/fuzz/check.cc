#include "fuzz/check.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>

#include "base/value_text.h"
#include "engine/engine.h"
#include "lang/lang.h"
#include "plan/callers.h"
#include "provenance/provenance.h"
#include "reference/reference.h"

namespace tenfold::fuzz {
namespace {

using answers::Answers;
using answers::Row;

// Engine and reference add and multiply the same numbers in another order: a few hundred roundings of 1e-16; add-mult
// cycles stop at steps of 1e-12 and 1e-13.
constexpr double kTolerance = 1e-9;
constexpr std::size_t kEnough = 600;  // proofs kept where nothing may be cut
const char* const kLevers[] = {"demand", "order"};

reference::Setting setting_of(const Source& source, const lang::Program& program, Symbols& symbols) {
  reference::Setting setting;
  setting.max_worlds = 2500;
  setting.max_tuples = 1500;
  for (int i = kLowest; i <= kHighest; ++i) setting.universe[Type::i32].push_back(cell(std::int64_t{i}));
  for (const lang::Network& network : program.networks) {
    auto& table = setting.networks.emplace_back();
    const auto at = source.networks.find(network.name);
    if (at == source.networks.end()) continue;
    for (const auto& [row, saying] : at->second) {
      reference::Tuple tuple;
      for (std::size_t c = 0; c < row.size(); ++c)
        tuple.push_back(*parse_plain(row[c], program.relations[network.relation].columns[c].type, symbols));
      table[tuple] = {saying.probabilities, saying.refusal};
    }
  }
  return setting;
}

std::string describe(const answers::Settings& s) {
  std::string out = s.provenance + " k=" + std::to_string(s.k);
  for (const std::string& lever : s.without) out += " without " + lever;
  return out + (s.proofs ? " with proofs" : "") + (s.shared_base ? " over a base" : "") +
         (s.again ? " after reset" : "") + (s.threads > 1 ? " on " + std::to_string(s.threads) + " threads" : "");
}

std::vector<answers::Settings> switches(const Way& way) {
  std::vector<answers::Settings> out;
  answers::Settings plain;
  plain.provenance = way.provenance;
  plain.k = way.k;
  for (int bits = 0; bits < 4; ++bits) {
    out.push_back(plain);
    for (int b = 0; b < 2; ++b)
      if (bits >> b & 1) out.back().without.insert(kLevers[b]);
  }
  if (way.provenance.rfind("diff", 0) == 0) return {out[0], out[3]};  // tested by their plain twins
  out.resize(out.size() + 3, plain);
  out[4].proofs = out[5].shared_base = out[6].again = true;
  if (way.provenance == "unit") {
    out.push_back(plain);
    out.back().without = {"sets"};
    for (const unsigned threads : {2u, 3u}) {
      out.push_back(plain);
      out.back().threads = threads;
    }
  }
  return out;
}

// Demand may only ever take questions away.
std::string asked_more(const answers::Run& with, const answers::Run& without) {
  for (const auto& [network, inputs] : with.asked)
    for (const Row& row : inputs)
      if (!without.asked.contains(network) || !without.asked.at(network).contains(row))
        return "demand asks " + network + " about " + answers::show(row, 1.0) + ", which without it is not asked\n";
  return "";
}

// Runs one program in one way under all switches. Nothing when all agree with `wanted`, or with each other without it.
std::string check_switches(const Source& source, const lang::Program& program, const Way& way,
                           const std::optional<Answers>& wanted, Counts& counts, bool brief) {
  std::optional<answers::Run> first;
  for (answers::Settings s : switches(way)) {
    if (brief) s.timeout_s = 1;
    const auto run = answers::run(program, s, stub_of(source));
    if (!run && brief && engine::is_limit(run.error())) return "";
    if (!run) return allowed(run.error()) ? "" : describe(s) + " fails: " + render(run.error());
    if (run->cut && !way.meaning.empty()) {
      ++counts.cut;
      return "";
    }
    const std::string wrong = difference(wanted  ? *wanted
                                         : first ? first->answers
                                                 : run->answers,
                                         run->answers, way.adds_up ? 0.0 : std::nan(""),
                                         way.meaning == "exact" || way.meaning == "addmultprob");
    if (!wrong.empty())
      return describe(s) + (wanted ? " is not what the reference says:\n" : " differs from no switch at all:\n") +
             wrong;
    if (!first) first = *run;
    if (s.without.contains("demand"))
      if (auto more = asked_more(*first, *run); !more.empty()) return describe(s) + ": " + more;
    ++counts.compared;
    for (const auto& [network, inputs] : run->asked) counts.asked += inputs.size();
    for (const auto& [query, table] : run->answers) counts.tuples += table.size();
  }
  return "";
}

std::string name_of(const lang::Aggregate& a) {
  static const std::regex call(R"((?:^|=\s*)([a-z_]+)!?\s*(?:<[^>]*>)?\s*(?:\[[^\]]*\])?\s*\()");
  std::smatch found;
  return std::regex_search(a.text, found, call) ? found[1].str() : a.text;
}

// The aggregates that some query depends on.
std::set<std::string> aggregates_used(const lang::Program& p) {
  std::vector<bool> needed(p.relations.size(), p.queries.empty());
  for (const lang::Query& q : p.queries) needed[q.relation] = true;
  std::set<std::string> out;
  for (bool changed = true; changed;) {
    changed = false;
    auto need = [&](lang::RelationId r) {
      if (r == lang::kNone || needed[r]) return;
      needed[r] = changed = true;
    };
    for (const lang::Rule& rule : p.rules)
      if (needed[rule.head])
        for (const lang::Literal& l : rule.body)
          if (l.kind != lang::LiteralKind::constraint) need(l.relation);
    for (const lang::Aggregate& a : p.aggregates)
      if (needed[a.result]) need(a.body), need(a.domain), out.insert(name_of(a));
  }
  return out;
}

// Sums of fractions depend on their order in the last digits.
Answers rounded(const Answers& answers, bool sums, bool least) {
  Answers out;
  for (const auto& [name, table] : answers)
    for (const auto& [row, p] : (out[name], table)) {
      Row round = row;
      for (std::string& value : round) {
        char* end = nullptr;
        if (value.size() < 12 || value.find('.') == value.npos) continue;
        const double number = std::strtod(value.c_str(), &end);
        if (*end == 0) value = number_text(std::round(number * 1e9) / 1e9);
      }
      auto [at, fresh] = out[name].try_emplace(round, p);
      if (fresh) continue;  // two values that differ by rounding are two cases of one
      at->second = sums ? at->second + p : least ? std::min(at->second, p) : std::max(at->second, p);
    }
  return out;
}

}  // namespace

std::vector<Way> ways() {
  std::vector<Way> out;
  for (const std::string_view name : provenance::kNames) {
    const std::string_view plain = name.starts_with("diff") ? name.substr(4) : name;
    const bool formula = plain == "proofs" || plain == "topkproofs" || plain == "topbottomkclauses" ||
                         plain == "samplekproofs" || plain == "exact";
    Way way{std::string(name), formula && plain != "exact" ? kEnough : 3, std::string(name)};
    if (formula) way.meaning = "exact";
    if (plain == "minmaxprob" || plain == "addmultprob") way.meaning = plain;
    way.idempotent = formula || plain == "unit" || plain == "bool" || plain == "minmaxprob";
    way.adds_up = !provenance::takes_costs(name);
    out.push_back(std::move(way));
  }
  for (const std::size_t k : {1, 3}) out.push_back({"topkproofs", k, ""});
  return out;
}

std::string Counts::text() const {
  std::string out = std::to_string(programs) + " programs, " + std::to_string(refused) + " refused by lang, " +
                    std::to_string(compared) + " runs compared, " + std::to_string(too_many_worlds) +
                    " too many worlds, " + std::to_string(open) + " left open, " + std::to_string(cut) + " cut, " +
                    std::to_string(tuples) + " tuples, " + std::to_string(asked) + " network calls\n";
  return out;
}

std::string Counts::table() const {
  std::string out;
  for (const auto& [pair, number] : covered)
    out += "covered " + pair.first + " " + pair.second + " " + std::to_string(number) + "\n";
  return out;
}

answers::Stub stub_of(const Source& source) {
  return [&source](const std::string& network, const Row& inputs) -> std::optional<answers::Saying> {
    const auto at = source.networks.find(network);
    if (at == source.networks.end() || !at->second.contains(inputs)) return std::nullopt;
    return at->second.at(inputs);
  };
}

std::optional<Answers> expected(const Source& source, const lang::Program& program, const std::string& meaning) {
  Symbols symbols(&program.symbols);
  const auto tables = reference::evaluate(program, meaning, setting_of(source, program, symbols), symbols);
  if (!tables) return std::nullopt;
  Answers out;
  for (const lang::Query& query : program.queries) {
    answers::Table& table = out[query.name];
    for (const auto& [tuple, tag] : (*tables)[query.relation]) {
      Row row;
      for (std::size_t c = 0; c < tuple.size(); ++c)
        row.push_back(plain(tuple[c], program.relations[query.relation].columns[c].type, symbols));
      table[row] = tag;
    }
  }
  return out;
}

std::string difference(const Answers& exactly_wanted, const Answers& exactly_found, double absent, bool sums) {
  std::string out;
  const Answers wanted = rounded(exactly_wanted, sums, absent != absent),
                found = rounded(exactly_found, sums, absent != absent);
  for (const auto& [name, table] : wanted) {
    const auto at = found.find(name);
    std::set<Row> rows;
    for (const auto& [row, p] : table) rows.insert(row);
    if (at != found.end())
      for (const auto& [row, p] : at->second) rows.insert(row);
    for (const Row& row : rows) {
      const double w = table.contains(row) ? table.at(row) : absent;
      const double f = at != found.end() && at->second.contains(row) ? at->second.at(row) : absent;
      if (!(std::abs(w - f) <= kTolerance))
        out += "    " + name + ": wanted " + answers::show(row, w) + ", found " + number_text(f) + "\n";
    }
  }
  return out;
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool allowed(const Error& error) {
  return error.code == "tags-not-settled" || error.code == "aggregate-too-large" || error.code == "exclusive-sum" ||
         error.code == "demand-cycle";
}

std::string check(const Source& source, Counts& counts, const Limits& limits) {
  ++counts.programs;
  const lang::Compiled compiled = lang::compile_text(text(source));
  if (!compiled.ok()) {
    ++counts.refused;
    return "";
  }
  // The reference reads the program as it is.
  lang::Compiled planned = lang::compile_text(text(source));
  (void)plan::make_plan_for_callers(planned.program, {}, [](auto) { return false; });
  std::map<std::string, std::optional<Answers>> meanings;
  for (const Way& way : ways()) {
    if (!limits.provenance.empty() && way.provenance != limits.provenance) continue;
    std::optional<Answers> wanted;
    if (!way.meaning.empty()) {
      if (!meanings.contains(way.meaning)) meanings[way.meaning] = expected(source, compiled.program, way.meaning);
      wanted = meanings[way.meaning];
      if (!wanted && way.meaning == "unit") return "";  // arithmetic without end
      if (!wanted) {
        ++(way.meaning == "exact" ? counts.too_many_worlds : counts.open);
        continue;
      }
    }
    const std::uint64_t before = counts.compared;
    if (auto wrong = check_switches(source, planned.program, way, wanted, counts, limits.brief); !wrong.empty())
      return wrong;
    if (wanted && counts.compared > before)
      for (const std::string& aggregate : aggregates_used(compiled.program))
        ++counts.covered[{aggregate, way.provenance}];
  }
  return "";
}

}  // namespace tenfold::fuzz
