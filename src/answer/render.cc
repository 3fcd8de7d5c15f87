#include "answer/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "answer/receipt.h"
#include "base/base.h"

namespace tenfold::answer {
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

// An argument as it reads best: quoted where a blank or a comma would hide where it ends.
std::string readable(const std::string& arg) {
  return arg.find_first_of(" ,()") == std::string::npos && !arg.empty() ? arg : "\"" + arg + "\"";
}

std::string atom(const std::string& relation, const std::vector<std::string>& args) {
  std::vector<std::string> shown;
  for (const std::string& arg : args) shown.push_back(readable(arg));
  return relation + "(" + join(shown, ", ") + ")";
}

std::string paint(const TextStyle& style, std::string_view code, std::string text) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string place_text(const Place& place) {
  if (place.file.empty()) return "";
  return fmt::format("{}:{}", std::filesystem::path(place.file).filename().string(), place.line);
}

std::string probability_text(double p) { return fmt::format("{:.4g}", p); }

// Number of characters that a terminal shows.
std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The left column says what holds, the right one where it comes from.
void line(std::string& out, const std::string& left, const std::string& right, const TextStyle& style) {
  constexpr std::size_t kColumn = 62;
  out += left;
  if (!right.empty()) {
    const std::size_t width = shown_width(left);
    out += width + 2 > style.width ? "\n" + std::string(kColumn, ' ')
                                   : std::string(width < kColumn ? kColumn - width : 2, ' ');
    out += paint(style, "2", right);
  }
  out += '\n';
}

std::string origin_text(const Proof& proof) {
  switch (proof.kind) {
    case Proof::Kind::rule:
      return place_text(proof.place);
    case Proof::Kind::perceived:
      return probability_text(proof.probability) + "  " + proof.origin;
    case Proof::Kind::assumed:
      return "not known: " + proof.origin;
    case Proof::Kind::absent:
      return proof.premises.empty() ? "" : probability_text(proof.probability) + "  " + proof.origin;
    default:
      break;
  }
  std::string text = proof.origin;
  if (proof.probability < 1.0) text = probability_text(proof.probability) + "  " + text;
  return text;
}

void premises(std::string& out, const Proof& proof, std::size_t indent, const TextStyle& style);

void cited(std::string& out, const Proof& proof, std::size_t indent, const TextStyle& style) {
  if (!proof.source.empty()) out += std::string(indent, ' ') + paint(style, "2", "source: " + proof.source) + "\n";
}

void premises(std::string& out, const Proof& proof, std::size_t indent, const TextStyle& style) {
  bool first = true;
  for (const Proof& p : proof.premises) {
    const std::string lead = std::string(indent, ' ') + (first ? "because " : "    and ");
    first = false;
    const std::string sign = p.kind == Proof::Kind::absent ? "not " : "";
    line(out, lead + sign + atom(p.relation, p.args), origin_text(p), style);
    if (p.kind == Proof::Kind::absent) continue;  // what was seen instead stands in the right column
    cited(out, p, indent + 8, style);
    premises(out, p, indent + 8, style);
  }
}

// What a proof rests on, once each: facts with an origin and what networks said, in the order of the text.
void leaves(const Proof& proof, std::vector<const Proof*>& out) {
  const bool seen = proof.kind == Proof::Kind::perceived || proof.kind == Proof::Kind::assumed ||
                    (proof.kind == Proof::Kind::absent && !proof.premises.empty());
  const bool fact = proof.kind == Proof::Kind::fact && !proof.origin.empty();
  const bool known = std::any_of(out.begin(), out.end(), [&](const Proof* p) {
    return p->kind == proof.kind && p->relation == proof.relation && p->args == proof.args;
  });
  if ((seen || fact) && !known) out.push_back(&proof);
  if (proof.kind == Proof::Kind::absent) return;
  for (const Proof& premise : proof.premises) leaves(premise, out);
}

void sources(const Proof& proof, std::vector<std::string>& out) {
  if (!proof.source.empty() && std::find(out.begin(), out.end(), proof.source) == out.end())
    out.push_back(proof.source);
  for (const Proof& premise : proof.premises) sources(premise, out);
}

void ground(std::string& out, const Proof& proof, const TextStyle& style) {
  std::vector<const Proof*> facts;
  leaves(proof, facts);
  bool first = true;
  for (const Proof* p : facts) {
    const std::string sign = p->kind == Proof::Kind::absent ? "not " : "";
    line(out, (first ? "  because " : "      and ") + sign + atom(p->relation, p->args), origin_text(*p), style);
    first = false;
  }
  std::vector<std::string> cited_sources;
  sources(proof, cited_sources);
  for (const std::string& source : cited_sources) out += "  " + paint(style, "2", "rule from: " + source) + "\n";
}

std::string_view kind_name(Proof::Kind kind) {
  switch (kind) {
    case Proof::Kind::rule:
      return "rule";
    case Proof::Kind::fact:
      return "fact";
    case Proof::Kind::absent:
      return "absent";
    case Proof::Kind::perceived:
      return "perceived";
    case Proof::Kind::aggregate:
      return "aggregate";
    case Proof::Kind::assumed:
      return "assumed";
  }
  return "";
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string to_warning(const Error& warning) {
  std::string text = render(warning);
  if (const std::size_t at = text.find("error: "); at != std::string::npos) text.replace(at, 5, "warning");
  return text;
}

std::string to_text(const AnswerTuple& tuple, const TextStyle& style) {
  std::string head = paint(style, "1", atom(tuple.relation, tuple.args));
  if (tuple.interval)
    head += fmt::format("   p in [{:.4g}, {:.4g}]", tuple.interval->first, tuple.interval->second);
  else if (tuple.probability < 1.0)
    head += fmt::format("   p = {}", probability_text(tuple.probability));
  std::string out = head + "\n";
  if (tuple.proof && style.whole) {
    cited(out, *tuple.proof, 2, style);
    premises(out, *tuple.proof, 2, style);
  } else if (tuple.proof) {
    ground(out, *tuple.proof, style);
  }
  if (!tuple.depends_on.empty()) out += "  would change without " + join(tuple.depends_on, " · ") + "\n";
  return out;
}

std::string to_text(const Abstention& abstention, const TextStyle& style) {
  return paint(style, "1;33", "abstained") + " from " + atom(abstention.relation, abstention.args) + ": " +
         abstention.reason + (abstention.detail.empty() ? "" : " (" + abstention.detail + ")") + "\n";
}

Json to_json(const Proof& proof) {
  Json out{{"kind", kind_name(proof.kind)}, {"relation", proof.relation}, {"args", proof.args}};
  if (proof.probability < 1.0 || proof.kind == Proof::Kind::perceived) out["probability"] = proof.probability;
  if (!proof.origin.empty()) out["origin"] = proof.origin;
  if (!proof.rule.empty()) {
    out["rule"] = proof.rule;
    out["place"] = place_text(proof.place);
  }
  if (!proof.source.empty()) out["source"] = proof.source;
  if (!proof.premises.empty()) {
    Json premises = Json::array();
    for (const Proof& p : proof.premises) premises.push_back(to_json(p));
    out["premises"] = std::move(premises);
  }
  return out;
}

Json to_json(const AnswerTuple& tuple) {
  Json out{{"relation", tuple.relation}, {"args", tuple.args}, {"probability", tuple.probability}};
  if (tuple.interval) out["interval"] = {tuple.interval->first, tuple.interval->second};
  if (tuple.decision) out["decision"] = *tuple.decision;
  if (!tuple.depends_on.empty()) out["depends_on"] = tuple.depends_on;
  if (tuple.proof) out["proof"] = to_json(*tuple.proof);
  return out;
}

Json to_json(const std::string& input, const Answer& answer) {
  Json answers = Json::array(), abstained = Json::array();
  for (const AnswerTuple& t : answer.tuples) answers.push_back(to_json(t));
  for (const Abstention& a : answer.abstained)
    abstained.push_back({{"relation", a.relation}, {"args", a.args}, {"reason", a.reason}, {"detail", a.detail}});
  Json out{{"input", input}, {"answers", std::move(answers)}, {"abstained", std::move(abstained)}};
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
    out += csv_cell(t.relation) + fmt::format(",{:.17g}", t.probability);
    for (const std::string& arg : t.args) out += "," + csv_cell(arg);
    out += "\r\n";
  }
  return out;
}

std::string to_scallop(const Answer& answer, const std::vector<std::string>& relations, bool tagged) {
  std::string out;
  const Symbols none;
  for (const std::string& relation : relations) {
    std::vector<std::string> tuples;
    for (const AnswerTuple& t : answer.tuples) {
      if (t.relation != relation) continue;
      tuples.push_back((tagged ? literal(cell(t.probability), Type::f64, none) + "::" : "") + "(" + join(t.literals, ", ") + ")");
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
      out += (first ? "" : "\n") + paint(style, "1", t.relation) + "\n";
      relation = t.relation;
      first = false;
    }
    std::string row = "  ";
    row += t.interval ? fmt::format("[{:.4g}, {:.4g}]", t.interval->first, t.interval->second)
                      : fmt::format("{:>6}", probability_text(t.probability));
    for (const std::string& arg : t.args) row += "  " + readable(arg);
    out += row + "\n";
  }
  return out;
}

}  // namespace tenfold::answer
