#include "proof/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "proof/text.h"

namespace tenfold::proof {
namespace {

using Kind = ProofStep::Kind;

// More lines than these nobody reads; browsers lose track of deeper nesting.
constexpr std::size_t kMaxDrawn = 500, kMaxDepth = 60;

// One line of the drawing: a step under what rests on it.
struct Line {
  std::size_t depth = 0;
  std::size_t parent = 0;  // index of the line above that it belongs to; its own for the first
  std::string title, detail, side;
  std::string_view colour;
  bool leaf = true;
};

std::string_view colour_of(Kind kind) {
  switch (kind) {
    case Kind::rule:
      return "#2f5d8a";
    case Kind::fact:
      return "#3b7a3f";
    case Kind::absent:
      return "#9a3b3b";
    case Kind::denied:
      return "#9a3b3b";
    case Kind::perceived:
      return "#7a4fa3";
    case Kind::assumed:
      return "#b07a1e";
    case Kind::aggregate:
      return "#1f7a80";
  }
  return "#000";
}

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      out += "?";
    else
      out += c;
  }
  return out;
}

// At most `most` characters, whole code points.
std::string shortened(const std::string& text, std::size_t most) {
  std::size_t shown = 0, at = 0;
  for (; at < text.size(); ++at)
    if ((text[at] & 0xC0) != 0x80 && ++shown > most) break;
  return at == text.size() ? text : text.substr(0, at) + "…";
}

std::vector<Line> lines_of(const Proof& proof) {
  std::vector<Line> out;
  if (proof.steps.empty()) return out;
  struct Frame {
    std::vector<std::uint32_t> premises;
    std::size_t next = 0, line = 0;
  };
  std::vector<Frame> frames;
  std::set<std::uint32_t> told;
  const auto put = [&](std::uint32_t at, std::size_t parent) {
    const ProofStep& step = proof.steps[at];
    const bool again = !step.premises.empty() && !told.insert(at).second;
    Line line{std::min(frames.size(), kMaxDepth),
              parent,
              {},
              step.rule,
              origin_text(proof, step),
              colour_of(step.kind),
              true};
    line.title = sentence(step);
    if (step.kind == Kind::aggregate && step.made) line.detail.clear();
    if (again) line.side = "as above";
    if (!step.source.empty() && !again) line.detail += "  [" + step.source + "]";
    if (again) line.detail.clear();
    out.push_back(std::move(line));
    std::vector<std::uint32_t> premises;
    if (!again && !only_denied(proof, step)) premises = read_through(proof, at);
    out.back().leaf = premises.empty();
    frames.push_back({std::move(premises), 0, out.size() - 1});
  };
  put(0, 0);
  while (!frames.empty()) {
    Frame& top = frames.back();
    if (top.next == top.premises.size() || out.size() >= kMaxDrawn) {
      frames.pop_back();
      continue;
    }
    put(top.premises[top.next++], top.line);
  }
  if (out.size() >= kMaxDrawn)
    out.push_back({0, out.size(), fmt::format("… {} steps in all; --format json has them", proof.steps.size()), "", "",
                   "#555", true});
  return out;
}

std::vector<Line> lines_of(const WhyNot& why) {
  std::vector<Line> out;
  for (const WhyNot::Tuple& t : why.tuples) {
    const std::size_t first = out.size();
    out.push_back({0, first, "not " + atom_text(t.relation, t.args), t.note, "", "#9a3b3b", t.rules.empty()});
    for (const NearMiss& miss : t.rules) {
      const std::size_t rule = out.size();
      out.push_back({1, first, "by " + miss.rule, "", place_text(miss.place), "#2f5d8a", false});
      for (const std::string& matched : miss.matched) out.push_back({2, rule, matched, "", "holds", "#3b7a3f", true});
      if (miss.failed.empty())
        out.push_back({2, rule, "its head cannot be this tuple", "", "", "#9a3b3b", true});
      else
        out.push_back({2, rule, miss.failed, "", miss.inner ? "is missing: see below" : "is missing", "#9a3b3b", true});
      if (out.size() >= kMaxDrawn) return out;
    }
  }
  return out;
}

std::string svg(const std::vector<Line>& lines) {
  constexpr std::size_t kStep = 28, kHigh = 46, kBox = 36, kMost = 110;
  constexpr double kTitle = 8.0, kSmall = 6.4;  // pixels a character of the two sizes, monospaced
  std::string body;
  double width = 300;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& l = lines[i];
    const std::string title = shortened(l.title, kMost), detail = shortened(l.detail, kMost);
    const double x = 12.0 + static_cast<double>(l.depth * kStep), y = 12.0 + static_cast<double>(i * kHigh);
    const auto long_as = [](const std::string& s, double unit) {
      return unit * static_cast<double>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    };
    const double box = std::max(long_as(title, kTitle), long_as(detail, kSmall)) + 24;
    width = std::max(width, x + box + long_as(l.side, kSmall) + 30);
    if (l.parent != i) {
      const double from = 12.0 + static_cast<double>(lines[l.parent].depth * kStep) + 12,
                   above = 12.0 + static_cast<double>(l.parent * kHigh) + kBox;
      const double middle = y + kBox / 2.0;
      if (from < x)
        body += fmt::format("<path d=\"M{:.0f} {:.0f}V{:.0f}H{:.0f}\" class=\"e\"/>\n", from, above, middle, x);
    }
    body += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{}\" rx=\"5\" fill=\"#fff\" stroke=\"{}\"/>"
        "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"5\" height=\"{}\" rx=\"2\" fill=\"{}\"/>\n",
        x, y, box, kBox, l.colour, x, y, kBox, l.colour);
    body += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"t\">{}</text>", x + 13, y + (detail.empty() ? 23 : 16),
                        escape(title));
    if (!detail.empty())
      body += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"s\">{}</text>", x + 13, y + 30, escape(detail));
    if (!l.side.empty())
      body +=
          fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"s\">{}</text>", x + box + 10, y + 22, escape(l.side));
    body += "\n";
  }
  const std::size_t height = 24 + kHigh * std::max<std::size_t>(lines.size(), 1);
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0f}\" height=\"{}\" viewBox=\"0 0 {:.0f} "
             "{}\">\n<style>text{{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1c1c1c;"
             "white-space:pre}}.t{{font-size:13px}}.s{{font-size:10.5px;fill:#666}}.e{{fill:none;stroke:#aaa}}"
             "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fafafa\"/>\n",
             width, height, width, height) +
         body + "</svg>\n";
}

constexpr std::string_view kStyle =
    "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1c1c1c;background:#fafafa}"
    "h1{font-size:1.2rem}h2{font-size:1rem;color:#555;font-weight:600}"
    "details,.leaf{margin:.25rem 0 .25rem 1.2rem}summary{cursor:pointer}"
    "summary>span,.leaf>span{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;border-left:4px solid;"
    "padding:.1rem .5rem;background:#fff;border-radius:3px}"
    "i{color:#666;font-style:normal;font-size:.85em;margin-left:.6rem}"
    "p{margin:.1rem 0 .1rem 2.4rem;color:#666;font-size:.85em;font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace}";

// Lines to nested <details>, closing as the depth falls.
std::string nested(const std::vector<Line>& lines) {
  std::string out;
  std::vector<std::size_t> open;  // depths of open <details>
  for (const Line& l : lines) {
    while (!open.empty() && open.back() >= l.depth) {
      out += "</details>\n";
      open.pop_back();
    }
    const std::string head = fmt::format("<span style=\"border-color:{}\">{}</span>{}", l.colour, escape(l.title),
                                         l.side.empty() ? "" : "<i>" + escape(l.side) + "</i>");
    const std::string detail = l.detail.empty() ? "" : "<p>" + escape(l.detail) + "</p>";
    if (l.leaf) {
      out += "<div class=\"leaf\">" + head + detail + "</div>\n";
    } else {
      out += "<details open><summary>" + head + "</summary>" + detail + "\n";
      open.push_back(l.depth);
    }
  }
  for (std::size_t i = 0; i < open.size(); ++i) out += "</details>\n";
  return out;
}

std::string page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>\n<style>{1}</style>\n"
      "<h1>{0}</h1>\n{2}</html>\n",
      escape(title), kStyle, body);
}

}  // namespace

std::string to_svg(const Proof& proof) { return svg(lines_of(proof)); }
std::string to_svg(const WhyNot& why) { return svg(lines_of(why)); }

std::string to_html(const std::string& title, const std::vector<const Proof*>& proofs) {
  std::string body;
  for (std::size_t i = 0; i < proofs.size(); ++i)
    body +=
        fmt::format("<h2>proof {} of {} · probability {:.4g}</h2>\n", i + 1, proofs.size(), proofs[i]->probability) +
        nested(lines_of(*proofs[i]));
  return page("why " + title, body);
}

std::string to_html(const std::string& title, const WhyNot& why) {
  return page("why not " + title, nested(lines_of(why)));
}

}  // namespace tenfold::proof
