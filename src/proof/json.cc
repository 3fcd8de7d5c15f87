#include "proof/json.h"

#include <fmt/format.h>

#include <optional>
#include <set>

namespace tenfold::proof {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ProofStep::Kind;

Json step_json(const ProofStep& step) {
  Json out{{"kind", name(step.kind)}, {"relation", step.relation}};
  Json args = Json::array();
  for (std::size_t c = 0; c < step.args.size(); ++c)
    args.push_back(c < step.open.size() && step.open[c] ? Json() : Json(step.args[c]));
  out["args"] = std::move(args);
  if (step.probability != 1.0 || step.kind == Kind::perceived) out["probability"] = step.probability;
  if (!step.origin.empty()) out["origin"] = step.origin;
  if (!step.rule.empty()) {
    out["rule"] = step.rule;
    out["place"] = place_text(step.place);
  }
  if (!step.source.empty()) out["source"] = step.source;
  if (!step.bindings.empty()) {
    Json bindings = Json::object();
    for (const auto& [variable, value] : step.bindings) bindings[variable] = value;
    out["bindings"] = std::move(bindings);
  }
  if (step.made) out["made"] = true;
  if (!step.premises.empty()) out["premises"] = step.premises;
  return out;
}

// Reads one object member by member and remembers the first thing that is wrong.
class Reader {
 public:
  Reader(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) fail("is no object");
  }

  void text(const char* key, std::string& out, bool needed = false) {
    if (const auto* v = member(key, needed); v && expect(v->is_string(), key, "a text")) out = v->get<std::string>();
  }
  void number(const char* key, double& out) {
    if (const auto* v = member(key, false); v && expect(v->is_number(), key, "a number")) out = v->get<double>();
  }
  void truth(const char* key, bool& out) {
    if (const auto* v = member(key, false); v && expect(v->is_boolean(), key, "true or false")) out = v->get<bool>();
  }
  const nlohmann::json* list(const char* key, bool needed) {
    const auto* v = member(key, needed);
    return v && expect(v->is_array(), key, "a list") ? v : nullptr;
  }
  const nlohmann::json* object(const char* key) {
    const auto* v = member(key, false);
    return v && expect(v->is_object(), key, "an object") ? v : nullptr;
  }
  bool expect(bool good, const char* key, const char* wanted) {
    if (!good) fail(fmt::format("`{}` is not {}", key, wanted));
    return good;
  }
  void fail(const std::string& what) {
    if (!error_)
      error_ = Error{"bad-proof", {}, where_ + " " + what, "write proofs as `tenfold run --proofs` does", ""};
  }
  void done() {
    if (error_ || !object_.is_object()) return;
    for (const auto& [key, value] : object_.items())
      if (!read_.contains(key)) return fail("has an unknown member `" + key + "`");
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const nlohmann::json* member(const char* key, bool needed) {
    read_.insert(key);
    if (!object_.is_object()) return nullptr;
    const auto at = object_.find(key);
    if (at != object_.end()) return &*at;
    if (needed) fail(fmt::format("has no `{}`", key));
    return nullptr;
  }

  const nlohmann::json& object_;
  std::string where_;
  std::set<std::string, std::less<>> read_;
  std::optional<Error> error_;
};

std::optional<Kind> kind_of(const std::string& text) {
  for (const Kind kind :
       {Kind::rule, Kind::fact, Kind::absent, Kind::perceived, Kind::aggregate, Kind::assumed, Kind::denied})
    if (name(kind) == text) return kind;
  return std::nullopt;
}

// "p.scl:2:5" in three.
bool split_place(const std::string& text, Place& place) {
  const std::size_t second = text.rfind(':');
  const std::size_t first = second == std::string::npos || second == 0 ? second : text.rfind(':', second - 1);
  if (first == std::string::npos || first == 0 || first == second) return false;
  const auto number = [&](std::size_t from, std::size_t to, std::uint32_t& out) {
    if (from >= to || to - from > 9) return false;
    out = 0;
    for (std::size_t i = from; i < to; ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      out = out * 10 + static_cast<std::uint32_t>(text[i] - '0');
    }
    return true;
  };
  place.file = text.substr(0, first);
  return number(first + 1, second, place.line) && number(second + 1, text.size(), place.column) &&
         place_text(place) == text;
}

void read_args(Reader& reader, ProofStep& step) {
  const auto* args = reader.list("args", true);
  bool open = false;
  for (std::size_t c = 0; args && c < args->size(); ++c) {
    const auto& arg = (*args)[c];
    if (!reader.expect(arg.is_string() || (arg.is_null() && step.kind == Kind::absent), "args", "a list of texts"))
      return;
    step.args.push_back(arg.is_null() ? "_" : arg.get<std::string>());
    step.open.push_back(arg.is_null());
    open = open || arg.is_null();
  }
  if (!open) step.open.clear();
}

Result<ProofStep> read_step(const nlohmann::json& json, std::size_t number) {
  ProofStep step;
  Reader reader(json, fmt::format("step {}", number));
  std::string kind, place;
  reader.text("kind", kind, true);
  if (const auto known = kind_of(kind))
    step.kind = *known;
  else
    reader.fail("has no known kind");
  reader.text("relation", step.relation, true);
  read_args(reader, step);
  reader.number("probability", step.probability);
  reader.text("origin", step.origin);
  reader.text("rule", step.rule);
  reader.text("place", place);
  if (!place.empty()) reader.expect(split_place(place, step.place), "place", "a place such as p.scl:2:5");
  reader.text("source", step.source);
  reader.truth("made", step.made);
  if (const auto* bindings = reader.object("bindings"))
    for (const auto& [variable, value] : bindings->items())
      if (reader.expect(value.is_string(), "bindings", "an object of texts"))
        step.bindings.emplace_back(variable, value.get<std::string>());
  if (const auto* premises = reader.list("premises", false))
    for (const auto& premise : *premises)
      if (reader.expect(premise.is_number_unsigned() && premise.get<std::uint64_t>() < UINT32_MAX, "premises",
                        "a list of step numbers"))
        step.premises.push_back(premise.get<std::uint32_t>());
  reader.done();
  if (reader.error()) return *reader.error();
  return step;
}

}  // namespace

Json to_json(const Proof& proof) {
  Json steps = Json::array();
  for (const ProofStep& step : proof.steps) steps.push_back(step_json(step));
  return {{"probability", proof.probability}, {"steps", std::move(steps)}};
}

Result<Proof> from_json(const nlohmann::json& json) {
  Proof proof;
  Reader reader(json, "the proof");
  reader.number("probability", proof.probability);
  const auto* steps = reader.list("steps", true);
  reader.done();
  if (reader.error()) return *reader.error();
  for (std::size_t i = 0; i < steps->size(); ++i) {
    auto step = read_step((*steps)[i], i);
    if (!step) return step.error();
    proof.steps.push_back(std::move(*step));
  }
  return proof;
}

Json to_json(const WhyNot& why) {
  Json tuples = Json::array();
  for (const WhyNot::Tuple& t : why.tuples) {
    Json rules = Json::array();
    for (const NearMiss& miss : t.rules) {
      Json rule{{"rule", miss.rule}, {"place", place_text(miss.place)}, {"matched", miss.matched}};
      if (!miss.failed.empty()) rule["failed"] = miss.failed;
      if (miss.inner) rule["tuple"] = miss.inner;
      rules.push_back(std::move(rule));
    }
    Json tuple{{"relation", t.relation}, {"args", t.args}};
    if (!t.note.empty()) tuple["note"] = t.note;
    tuple["rules"] = std::move(rules);
    tuples.push_back(std::move(tuple));
  }
  return {{"absent", std::move(tuples)}};
}

}  // namespace tenfold::proof
