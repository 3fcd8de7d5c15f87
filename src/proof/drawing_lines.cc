#include "proof/drawing_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "proof/text.h"

namespace tenfold::proof {
namespace {

using Kind = ProofStep::Kind;

// More lines than these nobody reads; deeper ones are too narrow.
constexpr std::size_t kMaxDrawn = 500, kMaxDepth = 8;

class ProofLines {
 public:
  explicit ProofLines(const Proof& proof) : proof_(proof) {}

  std::vector<DrawnLine> run() {
    if (proof_.steps.empty()) return {};
    begin(0);
    for (std::size_t next = 0; !frames_.empty() || next < blocks_.size();) {
      if (frames_.empty()) {
        begin(blocks_[next++]);
        continue;
      }
      Frame& top = frames_.back();
      if (top.next == top.premises.size() || out_.size() >= kMaxDrawn) {
        frames_.pop_back();
        if (frames_.empty() && out_.size() >= kMaxDrawn) break;
        continue;
      }
      put(top.premises[top.next++], top.line);
    }
    if (out_.size() >= kMaxDrawn) {
      DrawnLine rest;
      rest.parent = out_.size();
      rest.title = fmt::format("… {} steps in all; --format json has them", proof_.steps.size());
      rest.kind = "note";
      out_.push_back(std::move(rest));
    }
    return std::move(out_);
  }

 private:
  struct Frame {
    std::vector<std::uint32_t> premises;
    std::size_t next = 0, line = 0;
  };

  DrawnLine line_of(std::uint32_t at, std::size_t parent) const {
    const ProofStep& step = proof_.steps[at];
    DrawnLine line;
    line.depth = frames_.size();
    line.parent = parent;
    line.title = sentence(step);
    line.side = origin_text(proof_, step);
    line.kind = name(step.kind);
    if (step.kind != Kind::aggregate || !step.made) line.detail = step.rule;
    if (!step.source.empty()) line.detail += "  [" + step.source + "]";
    return line;
  }

  void open(std::uint32_t at, DrawnLine line) {
    std::vector<std::uint32_t> premises;
    if (!only_denied(proof_, proof_.steps[at])) premises = read_through(proof_, at);
    line.leaf = premises.empty();
    out_.push_back(std::move(line));
    frames_.push_back({std::move(premises), 0, out_.size() - 1});
  }

  void begin(std::uint32_t at) {
    DrawnLine line = line_of(at, out_.size());
    if (const auto block = block_of_.find(at); block != block_of_.end()) line.block = block->second;
    told_.insert(at);
    open(at, std::move(line));
  }

  void put(std::uint32_t at, std::size_t parent) {
    const ProofStep& step = proof_.steps[at];
    DrawnLine line = line_of(at, parent);
    const bool single = step.premises.empty() || only_denied(proof_, step);
    const auto block = block_of_.find(at);
    if (!single && block == block_of_.end() && !told_.contains(at) && frames_.size() < kMaxDepth) {
      told_.insert(at);
      return open(at, std::move(line));
    }
    if (!single) {
      line.detail.clear();
      line.side = "as above";
      if (block != block_of_.end() || !told_.contains(at)) {
        if (block == block_of_.end()) {
          blocks_.push_back(at);
          block_of_[at] = blocks_.size();
        }
        line.goes_on = block_of_[at];
        line.side = fmt::format("see {}", line.goes_on);
      }
    }
    out_.push_back(std::move(line));
  }

  const Proof& proof_;
  std::vector<DrawnLine> out_;
  std::vector<Frame> frames_;
  std::set<std::uint32_t> told_;
  std::vector<std::uint32_t> blocks_;  // steps; block b begins with blocks_[b - 1]
  std::map<std::uint32_t, std::size_t> block_of_;
};

}  // namespace

std::vector<DrawnLine> drawn_lines(const Proof& proof) { return ProofLines(proof).run(); }

std::vector<DrawnLine> drawn_lines(const WhyNot& why) {
  std::vector<DrawnLine> out;
  const auto put = [&](std::size_t depth, std::size_t parent, std::string title, std::string_view kind) -> DrawnLine& {
    DrawnLine line;
    line.depth = depth;
    line.parent = parent;
    line.title = std::move(title);
    line.kind = kind;
    out.push_back(std::move(line));
    return out.back();
  };
  for (std::size_t i = 0; i < why.tuples.size(); ++i) {
    const WhyNot::Tuple& t = why.tuples[i];
    const std::size_t first = out.size();
    DrawnLine& head = put(0, first, "not " + atom_text(t.relation, t.args), "missing");
    head.detail = t.note;
    head.leaf = t.rules.empty();
    head.block = i;
    for (const NearMiss& miss : t.rules) {
      const std::size_t rule = out.size();
      DrawnLine& by = put(1, first, "by " + miss.rule, "tried");
      by.side = place_text(miss.place);
      by.leaf = false;
      for (const std::string& matched : miss.matched) put(2, rule, matched, "holds").side = "holds";
      DrawnLine& failed = put(2, rule, miss.failed.empty() ? "its head cannot be this tuple" : miss.failed, "missing");
      if (!miss.failed.empty()) failed.side = miss.inner ? fmt::format("is missing: see {}", miss.inner) : "is missing";
      failed.goes_on = miss.inner;
      if (out.size() >= kMaxDrawn) return out;
    }
  }
  return out;
}

}  // namespace tenfold::proof
