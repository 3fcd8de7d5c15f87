#include "answer/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "answer/receipt.h"
#include "base/base.h"
#include "proof/json.h"

namespace tenfold::answer {

std::string readable(const std::string& arg) {
  return arg.find_first_of(" ,()") == std::string::npos && !arg.empty() ? arg : "\"" + arg + "\"";
}

std::string csv_cell(const std::string& text) {
  const auto special = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  if (std::none_of(text.begin(), text.end(), special)) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

namespace {

using Json = nlohmann::ordered_json;

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

}  // namespace

std::string to_warning(const Error& warning) {
  std::string text = render(warning);
  if (const std::size_t at = text.find("error: "); at != std::string::npos) text.replace(at, 5, "warning");
  return text;
}

std::string to_text(const AnswerTuple& tuple, const TextStyle& style) {
  std::string head = proof::paint(style, "1", proof::atom_text(tuple.relation, tuple.args));
  if (tuple.interval)
    head += fmt::format("   p in [{:.4g}, {:.4g}]", tuple.interval->first, tuple.interval->second);
  else if (tuple.probability < 1.0)
    head += fmt::format("   p = {}", proof::probability_text(tuple.probability));
  std::string out = head + "\n";
  if (tuple.proof) out += style.whole ? proof::tree(*tuple.proof, style) : proof::ground(*tuple.proof, style);
  for (const Proof& other : tuple.more_proofs)
    out += fmt::format("  or, p = {}\n", proof::probability_text(other.probability)) + proof::tree(other, style);
  if (!tuple.depends_on.empty()) out += "  would change without " + join(tuple.depends_on, " · ") + "\n";
  return out;
}

std::string to_text(const Abstention& abstention, const TextStyle& style) {
  return proof::paint(style, "1;33", "abstained") + " from " + proof::atom_text(abstention.relation, abstention.args) +
         ": " + abstention.reason + (abstention.detail.empty() ? "" : " (" + abstention.detail + ")") + "\n" +
         (abstention.settle.empty() ? "" : "  would be settled by " + abstention.settle + "\n");
}

Json to_json(const AnswerTuple& tuple) {
  Json out{{"relation", tuple.relation}, {"args", tuple.args}, {"probability", tuple.probability}};
  if (tuple.interval) out["interval"] = {tuple.interval->first, tuple.interval->second};
  if (tuple.decision) out["decision"] = *tuple.decision;
  if (!tuple.depends_on.empty()) out["depends_on"] = tuple.depends_on;
  if (tuple.proof) out["proof"] = proof::to_json(*tuple.proof);
  if (!tuple.more_proofs.empty()) {
    Json more = Json::array();
    for (const Proof& other : tuple.more_proofs) more.push_back(proof::to_json(other));
    out["more_proofs"] = std::move(more);
  }
  if (tuple.proofs_complete) out["proofs_complete"] = true;
  return out;
}

Json to_json(const std::string& input, const Answer& answer) {
  Json answers = Json::array(), abstained = Json::array();
  for (const AnswerTuple& t : answer.tuples) answers.push_back(to_json(t));
  for (const Abstention& a : answer.abstained)
    abstained.push_back({{"relation", a.relation},
                         {"args", a.args},
                         {"reason", a.reason},
                         {"detail", a.detail},
                         {"kind", a.kind},
                         {"evidence", a.evidence},
                         {"settle", a.settle}});
  Json out{{"input", input}, {"answers", std::move(answers)}, {"abstained", std::move(abstained)}};
  if (!answer.provenance.empty()) out["provenance"] = answer.provenance;
  if (answer.seed != 0) out["seed"] = answer.seed;
  if (!answer.warnings.empty()) out["warnings"] = answer.warnings;
  if (answer.stopped) out["stopped"] = {{"code", answer.stopped->code}, {"unfinished", answer.unfinished}};
  out["receipt"] = to_json(answer.receipt);
  return out;
}

Json to_json(const std::string& input, const Error& error) {
  std::string place = error.place.file;
  if (error.place.line > 0) place += fmt::format(":{}:{}", error.place.line, error.place.column);
  return {{"input", input},
          {"error", {{"code", error.code}, {"place", place}, {"what", error.what}, {"hint", error.hint}}}};
}

std::string to_csv(const Answer& answer) {
  std::string out, relation;
  bool first = true;
  for (const AnswerTuple& t : answer.tuples) {
    if (first || t.relation != relation) {
      out += "relation,probability";
      for (std::size_t i = 1; i <= t.args.size(); ++i) out += fmt::format(",arg{}", i);
      out += "\r\n";
      relation = t.relation;
      first = false;
    }
    out += csv_cell(t.relation);
    out += ',';
    std::array<char, 32> number;
    const auto end =
        std::to_chars(number.data(), number.data() + number.size(), t.probability, std::chars_format::general, 17);
    out.append(number.data(), end.ptr);
    for (const std::string& arg : t.args) {
      out += ',';
      out += csv_cell(arg);
    }
    out += "\r\n";
  }
  return out;
}

std::string to_scallop(const Answer& answer, const std::vector<std::string>& relations, std::string_view provenance) {
  std::string out;
  const Symbols none;
  for (const std::string& relation : relations) {
    std::vector<std::string> tuples;
    for (const AnswerTuple& t : answer.tuples) {
      if (t.relation != relation) continue;
      std::string tag;
      if (provenance == "bool")
        tag = "true::";  // what does not hold is no answer
      else if (provenance != "unit")
        tag = literal(cell(t.probability), Type::f64, none) + "::";
      tuples.push_back(tag + "(" + join(t.literals, ", ") + ")");
    }
    out += relation + ": {" + join(tuples, ", ") + "}\n";
  }
  return out;
}

std::string to_table(const Answer& answer, const TextStyle& style) {
  std::string out, relation;
  bool first = true;
  for (const AnswerTuple& t : answer.tuples) {
    if (first || t.relation != relation) {
      out += (first ? "" : "\n") + proof::paint(style, "1", t.relation) + "\n";
      relation = t.relation;
      first = false;
    }
    std::string row = "  ";
    row += t.interval ? fmt::format("[{:.4g}, {:.4g}]", t.interval->first, t.interval->second)
                      : fmt::format("{:>6}", proof::probability_text(t.probability));
    for (const std::string& arg : t.args) row += "  " + readable(arg);
    out += row + "\n";
  }
  return out;
}

}  // namespace tenfold::answer
