#include "answer/decision.h"

#include <algorithm>
#include <map>

namespace tenfold::answer {
namespace {

using Group = std::vector<std::size_t>;

// Whether `a` comes before `b` in any case: likelier, or as likely and named first.
bool before(const std::vector<Candidate>& all, std::size_t a, std::size_t b, double margin) {
  const double apart = all[a].known && all[b].known ? 0.0 : margin;
  return a < b ? all[a].low >= all[b].high + apart : all[a].low > all[b].high + apart;
}

// A winner is among the first n and possible at all.
void winners(const Settings& settings, const std::vector<Candidate>& all, const Group& group, double margin,
             std::vector<Verdict>& out) {
  for (std::size_t a : group) {
    std::size_t ahead = 0, behind = 0;
    for (std::size_t b : group) {
      if (a == b) continue;
      ahead += before(all, b, a, margin);
      behind += before(all, a, b, margin);
    }
    if (ahead >= settings.winners || all[a].high <= 0.0)
      out[a] = {true, false};
    else if (group.size() - 1 - behind < settings.winners && all[a].low > (all[a].known ? 0.0 : margin))
      out[a] = {true, true};
  }
}

}  // namespace

bool decides(const Settings& settings) {
  return settings.threshold.has_value() || settings.winners > 0 || settings.tolerance > 0.0;
}

bool decides(const Settings& settings, const std::string& relation) {
  return decides(settings) && (settings.decide.empty() || settings.decide == relation);
}

bool rivals(std::span<const Cell> a, std::span<const Cell> b) {
  return a.empty() || std::equal(a.begin(), a.end() - 1, b.begin(), b.end() - 1);
}

std::vector<Verdict> judge(const Settings& settings, const std::vector<Candidate>& candidates, double margin) {
  std::vector<Verdict> out(candidates.size());
  std::map<std::uint32_t, Group> groups;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    if (!decides(settings, *c.relation)) continue;
    if (settings.winners > 0) {
      groups[c.group].push_back(i);
    } else if (settings.threshold) {
      const double apart = c.known || *settings.threshold <= 0.0 ? 0.0 : margin;
      const bool over = c.low >= *settings.threshold + apart, under = c.high < *settings.threshold - apart;
      out[i].fixed = over || under;
      if (out[i].fixed) out[i].decision = over;
    } else {
      out[i].fixed = true;
    }
  }
  for (const auto& [key, group] : groups) winners(settings, candidates, group, margin, out);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    if (!decides(settings, *c.relation))
      out[i].fixed = c.high == c.low;
    else if (settings.tolerance > 0.0)
      out[i].fixed = out[i].fixed && c.high - c.low <= settings.tolerance;
  }
  return out;
}

}  // namespace tenfold::answer
