#include "proof/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tenfold::proof {
namespace {

using Kind = ProofStep::Kind;

constexpr std::size_t kMaxIndent = 12;  // levels
// Members of an aggregate that are listed; the rest is counted.
constexpr std::size_t kMaxListed = 16;

// "family.scl:3": a line is enough for a person.
std::string line_text(const Place& place) {
  const std::string text = place_text(place);
  return text.substr(0, text.rfind(':'));
}

// Number of characters that a terminal shows.
std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

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

}  // namespace

std::string sentence(const ProofStep& step) {
  // A relation that desugaring made has no name that a person gave it: an aggregate is known by its text.
  if (step.kind == Kind::aggregate && step.made) return step.rule + " gives " + atom_text("", step.args);
  const bool negative = step.kind == Kind::absent || step.kind == Kind::denied;
  return (negative ? "not " : "") + atom_text(step.relation, step.args);
}

std::string paint(const TextStyle& style, std::string_view code, std::string text) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string probability_text(double p) { return fmt::format("{:.4g}", p); }

std::string origin_text(const Proof& proof, const ProofStep& step) {
  switch (step.kind) {
    case Kind::rule:
    case Kind::aggregate:
      return (step.probability < 1.0 ? probability_text(step.probability) + "  " : "") + line_text(step.place);
    case Kind::perceived:
    case Kind::denied:
      return probability_text(step.probability) + "  " + (step.origin.empty() ? line_text(step.place) : step.origin);
    case Kind::assumed:
      return "not known: " + step.origin;
    case Kind::absent: {
      const ProofStep* input = only_denied(proof, step);
      return input ? origin_text(proof, *input) : "";
    }
    case Kind::fact:
      break;
  }
  return step.probability < 1.0 ? probability_text(step.probability) + "  " + step.origin : step.origin;
}

const ProofStep* only_denied(const Proof& proof, const ProofStep& step) {
  if (step.kind != Kind::absent || step.premises.size() != 1) return nullptr;
  const ProofStep& premise = proof.steps[step.premises[0]];
  const bool same = premise.kind == Kind::denied && premise.relation == step.relation;
  return same ? &premise : nullptr;
}

std::string tree(const Proof& proof, const TextStyle& style) {
  std::string out;
  if (proof.steps.empty()) return out;
  struct Frame {
    std::vector<std::uint32_t> premises;
    std::size_t next = 0;
  };
  std::vector<Frame> frames;
  std::set<std::uint32_t> told;
  const auto cite = [&](const ProofStep& step, std::size_t indent) {
    if (!step.source.empty()) out += std::string(indent, ' ') + paint(style, "2", "source: " + step.source) + "\n";
  };
  cite(proof.steps[0], 2);
  frames.push_back({read_through(proof, 0)});
  while (!frames.empty()) {
    Frame& top = frames.back();
    const std::size_t indent = 2 + 8 * (std::min(frames.size(), kMaxIndent) - 1);
    if (top.next == top.premises.size() || top.next == kMaxListed) {
      if (top.next < top.premises.size())
        out += std::string(indent, ' ') + fmt::format("    and {} more\n", top.premises.size() - top.next);
      frames.pop_back();
      continue;
    }
    const std::uint32_t at = top.premises[top.next];
    const std::string lead = std::string(indent, ' ') + (top.next == 0 ? "because " : "    and ");
    ++top.next;
    const ProofStep& step = proof.steps[at];
    const bool again = !step.premises.empty() && !told.insert(at).second;
    line(out, lead + sentence(step), again ? "as above" : origin_text(proof, step), style);
    if (again || only_denied(proof, step)) continue;
    cite(step, indent + 8);
    frames.push_back({read_through(proof, at)});
  }
  return out;
}

// The leaves in the order of the text: facts with an origin, what networks said, what was denied.
std::string ground(const Proof& proof, const TextStyle& style) {
  std::string out;
  std::vector<const ProofStep*> leaves;
  std::vector<std::string> sources;
  for (const ProofStep& step : proof.steps) {
    if (!step.source.empty() && std::find(sources.begin(), sources.end(), step.source) == sources.end())
      sources.push_back(step.source);
    const bool said = step.kind == Kind::perceived || step.kind == Kind::assumed || step.kind == Kind::denied;
    if (said || (step.kind == Kind::fact && !step.origin.empty())) leaves.push_back(&step);
  }
  bool first = true;
  for (const ProofStep* step : leaves) {
    line(out, (first ? "  because " : "      and ") + sentence(*step), origin_text(proof, *step), style);
    first = false;
  }
  for (const std::string& source : sources) out += "  " + paint(style, "2", "rule from: " + source) + "\n";
  return out;
}

std::string to_text(const WhyNot& why, const TextStyle& style) {
  std::string out;
  for (std::size_t i = 0; i < why.tuples.size(); ++i) {
    const WhyNot::Tuple& t = why.tuples[i];
    out += (i ? "\n" : "") + paint(style, "1", "not " + atom_text(t.relation, t.args)) + "\n";
    if (!t.note.empty()) out += "  " + t.note + "\n";
    for (const NearMiss& miss : t.rules) {
      line(out, "  by " + miss.rule, line_text(miss.place), style);
      for (std::size_t l = 0; l < miss.matched.size(); ++l)
        out += (l ? "      and " : "    there ") + (l ? "" : std::string("is ")) + miss.matched[l] + "\n";
      if (miss.failed.empty()) {
        out += "    its head cannot be this tuple\n";
      } else {
        out += miss.matched.empty() ? "    nothing satisfies " : "    but nothing then satisfies ";
        out += paint(style, "1;33", miss.failed) + (miss.inner ? "   (see below)" : "") + "\n";
      }
    }
  }
  return out;
}

}  // namespace tenfold::proof
