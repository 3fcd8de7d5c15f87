#include "verify/verify.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <tuple>

#include "lang/lang.h"
#include "media/tables/table_file.h"
#include "proof/checker.h"
#include "proof/json.h"

namespace tenfold::verify {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The tables that the program reads and those of the command line, as the engine would read them.
class Tables {
 public:
  explicit Tables(lang::Program& program) : program_(program) {}

  Status load(const Options& options) {
    for (const lang::Relation& relation : program_.relations)
      for (const lang::FileInput& file : relation.files) {
        if (media::table_format(file.path) == media::TableFormat::postgres) {
          if (Status s = read(relation, file.path, file); !s.ok()) return s;
          continue;
        }
        fs::path path = fs::path(file.place.file).parent_path() / file.path;
        std::error_code failed;
        if (!fs::exists(path, failed)) path = file.path;
        if (!fs::exists(path, failed)) continue;  // of a pack it may be missing: then its facts are not there either
        if (Status s = read(relation, path.string(), file); !s.ok()) return s;
      }
    for (const auto& [name, file] : options.facts) {
      const lang::RelationId r = program_.find(name);
      if (r == lang::kNone) return unknown("relation", name);
      if (Status s = read(program_.relations[r], file, {}); !s.ok()) return s;
    }
    for (const auto& [name, file] : options.networks) {
      const auto network = std::find_if(program_.networks.begin(), program_.networks.end(),
                                        [&, &wanted = name](const lang::Network& n) { return n.name == wanted; });
      if (network == program_.networks.end()) return unknown("network", name);
      lang::FileInput as;
      as.has_probability = true;
      if (Status s = read(program_.relations[network->relation], file, as); !s.ok()) return s;
    }
    return {};
  }
  const std::vector<FactTable>& all() const { return tables_; }

 private:
  static Error unknown(const std::string& what, const std::string& name) {
    return {"unknown-" + what, {}, "the program has no " + what + " `" + name + "`", "use a name of the program", ""};
  }

  Status read(const lang::Relation& relation, const std::string& path, const lang::FileInput& as) {
    media::TableInput input;
    const bool server = media::table_format(path) == media::TableFormat::postgres;
    input.file = {path, server ? path : fs::path(path).filename().string(), {}, relation.name, {}, true};
    input.file.options = {as.header, as.delimiter, as.has_probability, as.keys, as.fields};
    input.query = as.query;
    input.skip_nulls = as.skip_nulls;
    for (const lang::Column& column : relation.columns) {
      input.file.types.push_back(column.type);
      input.columns.push_back(column.name);
    }
    auto table = media::read_table(input, program_.symbols);
    if (!table) return table.error();
    tables_.push_back(std::move(*table));
    return {};
  }

  lang::Program& program_;
  std::vector<FactTable> tables_;
};

template <class T>
T member(const json& object, const char* key, T otherwise) {
  const auto at = object.find(key);
  try {  // the library says a wrong type so
    return at == object.end() ? otherwise : at->get<T>();
  } catch (const json::exception&) {
    return otherwise;
  }
}

Result<proof::Claim> claim_of(const json& answer) {
  proof::Claim claim;
  const Error bad{"bad-answer", {}, "the answer is not of the form that `tenfold run --format json` writes", "", ""};
  if (!answer.is_object() || !answer.contains("relation") || !answer.contains("probability")) return bad;
  claim.relation = member<std::string>(answer, "relation", "");
  claim.args = member<std::vector<std::string>>(answer, "args", {});
  claim.probability = member<double>(answer, "probability", -1.0);
  claim.bounded = answer.contains("interval");
  claim.complete = member<bool>(answer, "proofs_complete", false);
  std::vector<const json*> proofs;
  if (const auto at = answer.find("proof"); at != answer.end()) proofs.push_back(&*at);
  if (const auto at = answer.find("more_proofs"); at != answer.end() && at->is_array())
    for (const json& more : *at) proofs.push_back(&more);
  for (const json* one : proofs) {
    auto read = proof::from_json(*one);
    if (!read) return read.error();
    claim.proofs.push_back(std::move(*read));
  }
  return claim;
}

class Run {
 public:
  Run(lang::Program& program, const std::vector<FactTable>& tables, const Options& options, std::ostream& out)
      : program_(program), tables_(tables), stages_(options.stages.begin(), options.stages.end()), out_(out) {}

  void line(const std::string& text, std::size_t number) {
    const json parsed = json::parse(text, nullptr, false);
    const std::string where = "line " + std::to_string(number);
    if (parsed.is_discarded() || !parsed.is_object()) return wrong(where, "", "is no JSON object");
    if (parsed.contains("error")) return;
    const std::string input = member<std::string>(parsed, "input", where);
    const auto answers = parsed.find("answers");
    if (answers == parsed.end() || !answers->is_array()) return wrong(input, "", "has no list `answers`");
    std::vector<proof::Claim> claims;
    for (const json& answer : *answers) {
      if (answer.is_object() && !answer.contains("proof")) {  // a relation that is not decided is shown without
        ++bare_;
        continue;
      }
      auto claim = claim_of(answer);
      if (!claim) {
        wrong(input, "", claim.error().what);
        continue;
      }
      proofs_ += claim->proofs.size();
      for (const Proof& proof : claim->proofs) steps_ += proof.steps.size();
      claims.push_back(std::move(*claim));
    }
    // What a program says of itself is closed; a record brings facts of its own.
    const bool records = fs::path(input).extension() != ".scl";
    for (const auto& [which, objection] : checker({member<std::string>(parsed, "provenance", "topkproofs"), records,
                                                   member<std::uint64_t>(parsed, "seed", 0), stages_})
                                              .check(claims))
      tell(input, claims[which], objection);
    answers_ += claims.size();
  }

  int finish(std::ostream& log) const {
    log << answers_ << " answers, " << proofs_ << " proofs, " << steps_ << " steps checked; " << wrong_ << " wrong";
    if (bare_ > 0) log << "; " << bare_ << " answers without a proof";
    log << "\n";
    return wrong_ == 0 ? 0 : 1;
  }

 private:
  proof::Checker& checker(const proof::CheckSettings& settings) {
    auto& made = checkers_[{settings.provenance, settings.records, settings.seed}];
    if (!made) made = std::make_unique<proof::Checker>(program_, tables_, settings);
    return *made;
  }

  void wrong(const std::string& input, const std::string& where, const std::string& what) {
    ++wrong_;
    out_ << input << ": " << where << what << "\n";
  }

  void tell(const std::string& input, const proof::Claim& claim, const proof::Objection& objection) {
    std::string where = proof::atom_text(claim.relation, claim.args) + ": ";
    if (objection.proof != proof::Objection::kWhole) {
      const Proof& proof = claim.proofs[objection.proof];
      if (claim.proofs.size() > 1) where += "proof " + std::to_string(objection.proof + 1) + ", ";
      where += "step " + std::to_string(objection.step);
      if (objection.step < proof.steps.size()) {
        const ProofStep& step = proof.steps[objection.step];
        where += " (" + std::string(proof::name(step.kind)) + " " + proof::atom_text(step.relation, step.args) + ")";
      }
      where += ": ";
    }
    wrong(input, where, objection.what);
  }

  lang::Program& program_;
  const std::vector<FactTable>& tables_;
  std::map<std::string, std::string> stages_;
  std::ostream& out_;
  std::map<std::tuple<std::string, bool, std::uint64_t>, std::unique_ptr<proof::Checker>> checkers_;
  std::size_t answers_ = 0, proofs_ = 0, steps_ = 0, wrong_ = 0, bare_ = 0;
};

}  // namespace

int verify(const Options& options, std::ostream& out, std::ostream& log) {
  lang::Compiled compiled = lang::compile_file(options.program);
  if (!compiled.ok()) {
    for (const Error& error : compiled.errors) log << render(error);
    return 1;
  }
  Tables tables(compiled.program);
  if (Status s = tables.load(options); !s.ok()) {
    log << render(s.error());
    return 1;
  }
  std::ifstream file(options.answers);
  if (!file) {
    log << render(
        Error{"cannot-read", {options.answers, 0, 0, 1}, "the answers cannot be read", "give a readable file", ""});
    return 3;
  }
  Run run(compiled.program, tables.all(), options, out);
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);)
    if (++number; line.find_first_not_of(" \t\r") != std::string::npos) run.line(line, number);
  return run.finish(log);
}

}  // namespace tenfold::verify
