#include "proof/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "proof/drawing_lines.h"

namespace tenfold::proof {
namespace {

struct KindStyle {
  std::string_view kind, light, dark, meaning;
};
constexpr std::array<KindStyle, 11> kKinds = {{
    {"rule", "#2f5d8a", "#7fb2e5", "derived by a rule"},
    {"fact", "#3b7a3f", "#7cc47f", "given"},
    {"perceived", "#7a4fa3", "#bd97e0", "said by a network"},
    {"assumed", "#96640f", "#e0b15e", "not known"},
    {"aggregate", "#1f7a80", "#63c2c8", "an aggregate"},
    {"absent", "#9a3b3b", "#e58a8a", "absent"},
    {"denied", "#9a3b3b", "#e58a8a", "taken not to hold"},
    {"tried", "#2f5d8a", "#7fb2e5", "a rule that could derive it"},
    {"holds", "#3b7a3f", "#7cc47f", "holds"},
    {"missing", "#9a3b3b", "#e58a8a", "missing"},
    {"note", "#555555", "#aaaaaa", ""},
}};

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

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Lines of at most `most` characters, whole code points, broken after a blank where one is near; at most kMaxWrapped.
constexpr std::size_t kMaxWrapped = 8;
std::vector<std::string> wrapped(std::string_view text, std::size_t most) {
  std::vector<std::string> out;
  while (!text.empty()) {
    if (out.size() == kMaxWrapped) {
      out.back() += " …";
      break;
    }
    std::size_t end = 0, shown = 0, blank = 0;
    for (; end < text.size() && (shown < most || (text[end] & 0xC0) == 0x80); ++end) {
      if ((text[end] & 0xC0) != 0x80) ++shown;
      if (text[end] == ' ' && shown > most / 2) blank = end + 1;
    }
    if (end < text.size() && blank > 0) end = blank;
    out.emplace_back(text.substr(0, end));
    std::replace_if(
        out.back().begin(), out.back().end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    text.remove_prefix(end);
  }
  return out;
}

std::vector<const KindStyle*> kinds_in(const std::vector<DrawnLine>& lines) {
  std::vector<const KindStyle*> out;
  for (const KindStyle& k : kKinds)
    if (!k.meaning.empty() &&
        std::any_of(lines.begin(), lines.end(), [&](const DrawnLine& l) { return l.kind == k.kind; }))
      out.push_back(&k);
  return out;
}

// ---- SVG ----

class Svg {
 public:
  explicit Svg(const std::vector<DrawnLine>& lines) : lines_(lines) {}

  std::string run() {
    legend();
    bottom_.resize(lines_.size());
    for (std::size_t i = 0; i < lines_.size(); ++i) line(i);
    std::string style, dark;
    for (const KindStyle& k : kKinds) {
      style += fmt::format(".{0} .b{{stroke:{1}}}.{0} .m{{fill:{1}}}", k.kind, k.light);
      dark += fmt::format(".{0} .b{{stroke:{1}}}.{0} .m{{fill:{1}}}", k.kind, k.dark);
    }
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
               "{1:.0f}\">\n<style>text{{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1c1c1c;"
               "white-space:pre}}.t{{font-size:13px}}.s{{font-size:10.5px;fill:#5c5c5c}}.e{{fill:none;stroke:#9a9a9a}}"
               ".p{{fill:#fafafa}}.b{{fill:#fff}}{2}"
               "@media (prefers-color-scheme:dark){{text{{fill:#e6e6e6}}.s{{fill:#a9a9a9}}.e{{stroke:#6a6a6a}}"
               ".p{{fill:#161616}}.b{{fill:#222}}{3}}}</style>\n<rect width=\"100%\" height=\"100%\" class=\"p\"/>\n",
               width_, y_ + 4, style, dark) +
           body_ + "</svg>\n";
  }

 private:
  static constexpr double kMargin = 12.0, kStep = 28.0, kTitle = 8.0, kSmall = 6.4;  // pixels; a character's width
  static constexpr double kTitleHigh = 17.0, kSmallHigh = 14.0;
  static constexpr std::size_t kTitleMost = 96, kSmallMost = 120;

  void legend() {
    double x = kMargin;
    for (const KindStyle* k : kinds_in(lines_)) {
      body_ += fmt::format(
          "<g class=\"{}\"><rect x=\"{:.0f}\" y=\"10\" width=\"10\" height=\"10\" rx=\"2\" class=\"m\"/><text "
          "x=\"{:.0f}\" "
          "y=\"19\" class=\"s\">{}</text></g>\n",
          k->kind, x, x + 15, k->meaning);
      x += 15 + kSmall * static_cast<double>(k->meaning.size()) + 18;
    }
    width_ = x;
    y_ = 34;
  }

  void line(std::size_t i) {
    const DrawnLine& l = lines_[i];
    const bool first = l.parent == i;
    if (first && i > 0) y_ += 14;
    const std::string number = first && l.block > 0 ? fmt::format("{}  ", l.block) : "";
    const auto title = wrapped(number + l.title, kTitleMost), detail = wrapped(l.detail, kSmallMost);
    double inner = 0;
    for (const std::string& t : title) inner = std::max(inner, kTitle * static_cast<double>(characters(t)));
    for (const std::string& d : detail) inner = std::max(inner, kSmall * static_cast<double>(characters(d)));
    const double x = kMargin + kStep * static_cast<double>(l.depth), box = inner + 24;
    const double high = 11 + kTitleHigh * static_cast<double>(title.size()) +
                        kSmallHigh * static_cast<double>(detail.size()) + (detail.empty() ? 3 : 0);
    if (!first) {
      const double from = kMargin + kStep * static_cast<double>(lines_[l.parent].depth) + 12;
      body_ += fmt::format("<path d=\"M{:.0f} {:.0f}V{:.0f}H{:.0f}\" class=\"e\"/>\n", from, bottom_[l.parent],
                           y_ + high / 2, x);
    }
    body_ += fmt::format(
        "<g class=\"{}\"><title>{}</title><rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"5\" "
        "class=\"b\"/><rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"5\" height=\"{:.0f}\" rx=\"2\" class=\"m\"/></g>\n",
        l.kind, escape(l.title), x, y_, box, high, x, y_, high);
    double at = y_ + 4;
    const auto write = [&](const std::string& text, double step, std::string_view style) {
      at += step;
      body_ += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"{}\">{}</text>\n", x + 13, at, style, escape(text));
    };
    for (const std::string& t : title) write(t, kTitleHigh, "t");
    for (const std::string& d : detail) write(d, kSmallHigh, "s");
    if (!l.side.empty())
      body_ += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"s\">{}</text>\n", x + box + 10, y_ + high / 2 + 4,
                           escape(l.side));
    width_ = std::max(width_, x + box + kSmall * static_cast<double>(characters(l.side)) + 30);
    bottom_[i] = y_ + high;
    y_ += high + 8;
  }

  const std::vector<DrawnLine>& lines_;
  std::string body_;
  std::vector<double> bottom_;  // of the boxes
  double width_ = 300, y_ = 12;
};

// ---- HTML ----

std::string page_style() {
  std::string light, dark;
  for (const KindStyle& k : kKinds) {
    light += fmt::format("--{}:{};", k.kind, k.light);
    dark += fmt::format("--{}:{};", k.kind, k.dark);
  }
  std::string out = fmt::format(
      ":root{{color-scheme:light dark;--ink:#1c1c1c;--soft:#5c5c5c;--page:#fafafa;--box:#fff;--line:#d0d0d0;{}}}"
      "@media "
      "(prefers-color-scheme:dark){{:root{{--ink:#e6e6e6;--soft:#a9a9a9;--page:#161616;--box:#222;--line:#404040;{}}}}"
      "}",
      light, dark);
  out +=
      "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:78rem;color:var(--ink);background:var(--page)}"
      "h1{font-size:1.2rem;overflow-wrap:anywhere}h2{font-size:1rem;color:var(--soft);font-weight:600}"
      ".legend{color:var(--soft);font-size:.85em;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}"
      ".legend>span{border-left:10px solid;padding-left:.4rem;line-height:1.1}"
      "section{margin:.8rem 0}section:target{outline:2px solid var(--rule)}"
      "details,.leaf{margin:.25rem 0 .25rem .6rem;padding-left:.5rem;border-left:1px solid transparent}"
      "details[open]{border-left-color:var(--line)}"
      "summary{cursor:pointer;list-style:none;display:flex}summary::-webkit-details-marker{display:none}"
      "summary::before{content:'\\25B8';flex:none;width:1.1rem;color:var(--soft)}"
      "details[open]>summary::before{content:'\\25BE'}.leaf{padding-left:1.6rem;display:flex;flex-wrap:wrap}"
      ".l{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .7rem;min-width:0}"
      ".l>b{font:13px/1.5 'DejaVu Sans Mono',Menlo,Consolas,monospace;border-left:4px solid;padding:.05rem .5rem;"
      "background:var(--box);border-radius:3px;overflow-wrap:anywhere;min-width:0;white-space:pre-wrap}"
      "i,i a{color:var(--soft);font-style:normal;font-size:.85em}"
      "p{margin:0;padding-left:.75rem;flex-basis:100%;color:var(--soft);overflow-wrap:anywhere;"
      "font:12px/1.4 'DejaVu Sans Mono',Menlo,Consolas,monospace}";
  for (const KindStyle& k : kKinds) out += fmt::format(".{0}{{border-left-color:var(--{0})!important}}", k.kind);
  return out + "@media print{body{margin:0}}";
}

// Lines to nested <details>, closing as the depth falls; a block is a section that others link to. `proof` tells the
// anchors of one proof from those of the next.
std::string nested(const std::vector<DrawnLine>& lines, std::size_t proof) {
  std::string out;
  std::vector<std::size_t> open;  // depths of open <details>
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const DrawnLine& l = lines[i];
    while (!open.empty() && open.back() >= l.depth) {
      out += "</details>\n";
      open.pop_back();
    }
    if (l.parent == i) out += fmt::format("{}<section id=\"p{}-{}\">\n", i > 0 ? "</section>\n" : "", proof, l.block);
    std::string side = escape(l.side);
    if (l.goes_on > 0) side = fmt::format("<a href=\"#p{}-{}\">{}</a>", proof, l.goes_on, side);
    const std::string number = l.parent == i && l.block > 0 ? fmt::format("<i>{}</i>", l.block) : "";
    const std::string text = fmt::format("<span class=\"l\">{}<b class=\"{}\">{}</b>{}{}</span>", number, l.kind,
                                         escape(l.title), side.empty() ? "" : "<i>" + side + "</i>",
                                         l.detail.empty() ? "" : "<p>" + escape(l.detail) + "</p>");
    if (l.leaf) {
      out += "<div class=\"leaf\">" + text + "</div>\n";
    } else {
      out += "<details open><summary>" + text + "</summary>\n";
      open.push_back(l.depth);
    }
  }
  for (std::size_t i = 0; i < open.size(); ++i) out += "</details>\n";
  return out + (lines.empty() ? "" : "</section>\n");
}

std::string legend(const std::vector<DrawnLine>& lines) {
  std::string out = "<div class=\"legend\">";
  for (const KindStyle* k : kinds_in(lines)) out += fmt::format("<span class=\"{}\">{}</span>", k->kind, k->meaning);
  return out + "</div>\n";
}

std::string page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{0}</title>\n<style>{1}</style>\n<h1>{0}</h1>\n{2}</html>\n",
      escape(title), page_style(), body);
}

}  // namespace

std::string to_svg(const Proof& proof) { return Svg(drawn_lines(proof)).run(); }
std::string to_svg(const WhyNot& why) { return Svg(drawn_lines(why)).run(); }

std::string to_html(const std::string& title, const std::vector<const Proof*>& proofs) {
  std::string body;
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    const auto lines = drawn_lines(*proofs[i]);
    body +=
        fmt::format("<h2>proof {} of {} · probability {:.4g}</h2>\n", i + 1, proofs.size(), proofs[i]->probability) +
        legend(lines) + nested(lines, i + 1);
  }
  return page("why " + title, body);
}

std::string to_html(const std::string& title, const WhyNot& why) {
  const auto lines = drawn_lines(why);
  return page("why not " + title, legend(lines) + nested(lines, 1));
}

}  // namespace tenfold::proof
