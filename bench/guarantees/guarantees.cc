// Thresholds with a promise beside those of BARGAIN and SUPG, re-implemented, on simulated and on real scores.
//   guarantees_bench                     simulated
//   guarantees_bench SCORES.csv          item,group,label,STAGE:LABEL… as `tenfold calibrate --scores` writes it
// Every method gets the same items and labels. "calls saved" counts calls of the dearest stage, those for calibrating
// among them; "later" is the share saved on inputs that come after. A violation is a true error above α.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "neural/cascade.h"
#include "neural/guarantee.h"

namespace {

using namespace tenfold::neural;

constexpr int kDraws = 1000, kResplits = 200;

struct Chosen {
  bool any = false;
  double threshold = 0.0;      // accept where score >= threshold
  std::size_t labels = 0;      // calls of the dearest stage that choosing took
  std::vector<bool> labelled;  // of the items given, those that were asked about
};

// ---- ours: a calibration part that is labelled whole, then RCPS
Chosen ours(const std::vector<Scored>& items, std::size_t budget, const Level& level, std::mt19937_64& random) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  order.resize(std::min(budget, order.size()));
  Chosen out;
  out.labelled.assign(items.size(), false);
  std::vector<Scored> part;
  for (const std::size_t i : order) {
    part.push_back(items[i]);
    out.labelled[i] = true;
  }
  out.labels = part.size();
  const Threshold found = monotone_threshold(std::move(part), level);
  out.any = found.at.has_value();
  out.threshold = found.at.value_or(2.0);
  return out;
}

// ---- BARGAIN, accuracy target: Zeighami et al., "Cut Costs, Not Accuracy: LLM-Powered Data Processing with
// Guarantees" (BARGAIN), SIGMOD 2026, written after the behaviour of its published code (20 thresholds by rank, labels
// without replacement in tens, a betting test at δ for each threshold, giving up from 50 labels on where mean less
// standard deviation is below the target). Differences: a label is bought once, and the test runs along the labels as
// they come.
bool surely_above(const std::vector<int>& right, double mean, std::size_t n, double delta) {
  double capital = 1.0, sum = 0.0, squares = 0.25;
  for (std::size_t i = 1; i <= right.size(); ++i) {
    const double m = (static_cast<double>(n) * mean - sum) / static_cast<double>(n - i + 1);
    if (m <= 0.0) return true;
    if (m > 1.0) return false;
    const auto k = static_cast<double>(i);
    const double bet =
        std::min(std::sqrt(2.0 * std::log(2.0 / delta) / (k * std::log(k + 1.0) * squares / k)), 0.75 / m);
    capital *= 1.0 + bet * (right[i - 1] - m);
    if (capital >= 1.0 / delta) return true;
    sum += right[i - 1];
    const double centre = (0.5 + sum) / (k + 1.0);
    squares += (right[i - 1] - centre) * (right[i - 1] - centre);
  }
  return false;
}

Chosen bargain(const std::vector<Scored>& items, const Level& level, std::mt19937_64& random) {
  const std::size_t n = items.size(), step = std::max<std::size_t>(1, n / 20);
  std::vector<std::size_t> by_score(n), shuffled(n);
  std::iota(by_score.begin(), by_score.end(), std::size_t{0});
  std::sort(by_score.begin(), by_score.end(),
            [&](std::size_t a, std::size_t b) { return items[a].score > items[b].score; });
  std::iota(shuffled.begin(), shuffled.end(), std::size_t{0});
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  Chosen out;
  out.labelled.assign(n, false);
  out.threshold = 2.0;
  for (std::size_t last = step - 1; last < n; last += step) {
    const auto all = static_cast<double>(n), cheap = static_cast<double>(last + 1);
    const double target = ((1.0 - level.alpha) * all - (all - cheap)) / cheap;  // the others are right by definition
    if (target > 0.0) {
      std::vector<int> right;
      bool sure = false;
      for (std::size_t at = 0; at < n && !sure; ++at) {
        if (shuffled[at] > last) continue;
        const std::size_t item = by_score[shuffled[at]];
        out.labelled[item] = true;
        right.push_back(!items[item].wrong);
        if (right.size() % 10 != 0 && right.size() != last + 1) continue;
        const double mean =
            static_cast<double>(std::accumulate(right.begin(), right.end(), 0)) / static_cast<double>(right.size());
        if (right.size() == last + 1)
          sure = mean >= target;
        else
          sure = surely_above(right, target, last + 1, level.delta);
        if (!sure && right.size() >= 50 && mean - std::sqrt(mean * (1.0 - mean)) < target) break;
      }
      if (!sure) break;
    }
    out.any = true;
    out.threshold = items[by_score[last]].score;
  }
  out.labels = static_cast<std::size_t>(std::count(out.labelled.begin(), out.labelled.end(), true));
  return out;
}

// ---- SUPG, precision target by importance sampling: Kang et al., "Approximate Selection with Guarantees using
// Proxies", PVLDB 13(11), 2020: weights by the root of the score mixed with a tenth of uniform, candidates every 100
// samples, a normal bound with δ over the candidates. "Selected" is "the cheap answer is used", "positive" is "it is
// right".
Chosen supg(const std::vector<Scored>& items, std::size_t budget, const Level& level, std::mt19937_64& random) {
  const auto n = static_cast<double>(items.size());
  double total = 0.0;
  for (const Scored& item : items) total += std::sqrt(item.score);
  std::vector<double> weights;
  for (const Scored& item : items) weights.push_back(0.9 * std::sqrt(item.score) / total + 0.1 / n);
  std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
  struct Sample {
    double score, factor, right;
  };
  std::vector<Sample> samples;
  Chosen out;
  out.labelled.assign(items.size(), false);
  for (std::size_t i = 0; i < budget; ++i) {
    const std::size_t item = pick(random);
    out.labelled[item] = true;
    samples.push_back({items[item].score, 1.0 / (n * weights[item]), items[item].wrong ? 0.0 : 1.0});
  }
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.score > b.score; });
  const std::size_t candidates = std::max<std::size_t>(1, samples.size() / 100);
  const double each = level.delta / static_cast<double>(candidates);
  out.threshold = 2.0;
  for (std::size_t c = 1; c <= candidates; ++c) {
    const std::size_t m = c == candidates ? samples.size() : c * 100;
    double weight = 0.0, mean = 0.0, variance = 0.0;
    for (std::size_t i = 0; i < m; ++i) weight += samples[i].factor, mean += samples[i].factor * samples[i].right;
    mean /= weight;
    for (std::size_t i = 0; i < m; ++i) {
      const double off = samples[i].factor * (samples[i].right - mean) * static_cast<double>(m) / weight;
      variance += off * off;
    }
    variance /= static_cast<double>(m);
    const double bound = mean - std::sqrt(variance / static_cast<double>(m)) * std::sqrt(2.0 * std::log(1.0 / each));
    if (bound < 1.0 - level.alpha) continue;
    out.any = true;
    out.threshold = samples[m - 1].score;
  }
  out.labels = static_cast<std::size_t>(std::count(out.labelled.begin(), out.labelled.end(), true));
  return out;
}

struct Row {
  int violations = 0, refused = 0, runs = 0;
  double saved = 0.0, later = 0.0, error = 0.0;
  void print(const char* method, const char* data, const Level& level) const {
    const auto [low, high] =
        binomial_interval(static_cast<std::uint64_t>(violations), static_cast<std::uint64_t>(runs));
    std::printf(
        "%-14s %-16s alpha %.2f delta %.2f  violations %4d of %d (%.3f to %.3f)  refused %4d  "
        "calls saved %5.1f%%  later %5.1f%%  mean error %.4f\n",
        data, method, level.alpha, level.delta, violations, runs, low, high, refused, 100.0 * saved / runs,
        100.0 * later / runs, error / runs);
  }
};

/// `later` and `error` are of inputs that come after, by a large sample; what the method's own data has is `items`.
void book(Row& row, const Chosen& chosen, const std::vector<Scored>& items, const std::vector<Scored>& after,
          const Level& level, bool dataset, bool accepted_only) {
  std::size_t cheap = 0, wrong_here = 0, accepted = 0, wrong = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (chosen.labelled[i] || items[i].score < chosen.threshold) continue;
    ++cheap;
    wrong_here += items[i].wrong;
  }
  for (const Scored& item : after) {
    if (item.score < chosen.threshold) continue;
    ++accepted;
    wrong += item.wrong;
  }
  double error = 0.0;
  if (dataset) {
    error = static_cast<double>(wrong_here) /
            static_cast<double>(accepted_only ? std::max<std::size_t>(1, cheap) : items.size());
  } else {
    error = static_cast<double>(wrong) /
            static_cast<double>(accepted_only ? std::max<std::size_t>(1, accepted) : after.size());
  }
  ++row.runs;
  row.refused += !chosen.any;
  row.violations += error > level.alpha;
  row.error += error;
  row.saved += static_cast<double>(cheap) / static_cast<double>(items.size());
  row.later += static_cast<double>(accepted) / static_cast<double>(after.size());
}

void compare(const char* data, const std::vector<Scored>& pool, std::size_t n, std::size_t budget) {
  for (const Level level : {Level{0.02, 0.05}, Level{0.05, 0.05}, Level{0.1, 0.1}}) {
    std::mt19937_64 random(17);
    Row mine, theirs, theirs_later, importance;
    std::uniform_int_distribution<std::size_t> pick(0, pool.size() - 1);
    for (int draw = 0; draw < kDraws; ++draw) {
      std::vector<Scored> items;
      for (std::size_t i = 0; i < n; ++i) items.push_back(pool[pick(random)]);
      book(mine, ours(items, budget, level, random), items, pool, level, false, false);
      const Chosen other = bargain(items, level, random);
      book(theirs, other, items, pool, level, true, false);
      book(theirs_later, other, items, pool, level, false, false);
      book(importance, supg(items, budget, level, random), items, pool, level, false, true);
    }
    mine.print("ours", data, level);
    theirs.print("BARGAIN", data, level);
    theirs_later.print("BARGAIN later", data, level);
    importance.print("SUPG precision", data, level);
  }
}

std::vector<Scored> simulated(const char* kind, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<Scored> out;
  for (int i = 0; i < 20'000; ++i) {
    const bool skewed = std::string(kind) == "skewed";
    const double score = skewed ? std::pow(uniform(random), 0.1) : uniform(random);
    const double error = skewed ? (score > 0.99 ? 0.02 : score > 0.7 ? 0.06 : 0.3) : 0.4 * (1 - score) * (1 - score);
    out.push_back({score, uniform(random) < error});
  }
  return out;
}

// ---- real scores

struct Table {
  std::vector<std::string> stages, labels;
  std::vector<StagedItem> items;
  std::vector<std::string> groups;
};

bool read_table(const char* path, Table& table) {
  std::ifstream file(path);
  std::string line, cell;
  if (!std::getline(file, line)) return false;
  std::vector<std::string> head;
  for (std::stringstream cells(line); std::getline(cells, cell, ',');) head.push_back(cell);
  for (std::size_t c = 3; c < head.size(); ++c) {
    const std::string stage = head[c].substr(0, head[c].find(':')), label = head[c].substr(head[c].find(':') + 1);
    if (table.stages.empty() || table.stages.back() != stage) table.stages.push_back(stage);
    if (table.stages.size() == 1) table.labels.push_back(label);
  }
  while (std::getline(file, line)) {
    std::vector<std::string> row;
    for (std::stringstream cells(line); std::getline(cells, cell, ',');) row.push_back(cell);
    if (row.size() != head.size()) continue;
    StagedItem item;
    const auto label = std::find(table.labels.begin(), table.labels.end(), row[2]);
    if (label != table.labels.end()) item.label = static_cast<std::size_t>(label - table.labels.begin());
    for (std::size_t s = 0, c = 3; s < table.stages.size(); ++s) {
      item.probabilities.emplace_back();
      for (std::size_t l = 0; l < table.labels.size(); ++l) item.probabilities.back().push_back(std::stod(row[c++]));
    }
    table.items.push_back(std::move(item));
    table.groups.push_back(row[1]);
  }
  return table.items.size() > 1 && table.stages.size() > 1;
}

/// 200 times the groups are split into a half to calibrate on (a third of it for the path) and a half to look at.
void resplit(const Table& table) {
  std::vector<std::string> groups(table.groups);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::printf("%zu items in %zu groups, stages:", table.items.size(), groups.size());
  for (std::size_t s = 0; s < table.stages.size(); ++s) {
    std::size_t right = 0, same = 0;
    for (const StagedItem& item : table.items) {
      right += item.label && winner(item.probabilities[s]).label == *item.label;
      same += winner(item.probabilities[s]).label == winner(item.probabilities.back()).label;
    }
    const auto n = static_cast<double>(table.items.size());
    std::printf("  %s (right %.3f, as the dearest %.3f)", table.stages[s].c_str(), static_cast<double>(right) / n,
                static_cast<double>(same) / n);
  }
  std::printf("\n");
  const bool labelled = std::all_of(table.items.begin(), table.items.end(), [](const auto& i) { return i.label; });
  for (const Target target :
       {Target::against_dearest, Target::accuracy, Target::accepted, Target::precision, Target::recall}) {
    if (!labelled && target != Target::against_dearest) continue;
    for (const Level level :
         {Level{0.02, 0.05}, Level{0.05, 0.05}, Level{0.1, 0.1}, Level{0.15, 0.1}, Level{0.2, 0.1}}) {
      std::mt19937_64 random(23);
      int promised = 0, above = 0, surely = 0;
      double saved = 0.0, error = 0.0;
      for (int split = 0; split < kResplits; ++split) {
        std::shuffle(groups.begin(), groups.end(), random);
        std::map<std::string, int> part;
        for (std::size_t g = 0; g < groups.size(); ++g) part[groups[g]] = g % 2 ? 0 : (g % 6 == 0 ? 1 : 2);
        std::vector<StagedItem> fit, held, rest;
        for (std::size_t i = 0; i < table.items.size(); ++i) {
          const int where = part[table.groups[i]];
          (where == 0 ? rest : where == 1 ? fit : held).push_back(table.items[i]);
        }
        if (target == Target::against_dearest) held.insert(held.end(), fit.begin(), fit.end());
        const CascadeRequest request{target, table.labels.size() - 1, level};
        const auto choice = choose_cascade(fit, held, request);
        if (!choice || !choice->promised) continue;
        ++promised;
        Tally sum;
        std::size_t cheap = 0;
        for (const StagedItem& item : rest) {
          const Tally one = tally(item, choice->thresholds, target, request.positive);
          sum.counted += one.counted;
          sum.wrong += one.wrong;
          cheap += answering_stage(item, choice->thresholds) + 1 < table.stages.size();
        }
        const double rate = sum.counted ? static_cast<double>(sum.wrong) / static_cast<double>(sum.counted) : 0.0;
        error += rate;
        saved += static_cast<double>(cheap) / static_cast<double>(rest.size());
        above += rate > level.alpha;
        surely += binomial_lower(sum.wrong, sum.counted, 0.05) > level.alpha;
      }
      std::printf(
          "%-16s alpha %.2f delta %.2f  promised %3d of %d  held-out error above alpha %3d (%.3f; surely %d)  "
          "mean %.4f  calls saved %5.1f%%\n",
          std::string(kTargets[static_cast<std::size_t>(target)]).c_str(), level.alpha, level.delta, promised,
          kResplits, above, static_cast<double>(above) / kResplits, surely, promised ? error / promised : 0.0,
          promised ? 100.0 * saved / promised : 0.0);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::mt19937_64 random(5);
    for (const char* kind : {"well-behaved", "skewed"}) compare(kind, simulated(kind, random), 2000, 400);
    return 0;
  }
  for (int a = 1; a < argc; ++a) {
    Table table;
    if (!read_table(argv[a], table)) {
      std::fprintf(stderr, "%s: no table of at least two stages\n", argv[a]);
      return 1;
    }
    std::printf("== %s\n", argv[a]);
    resplit(table);
    std::vector<Scored> pool;
    for (const StagedItem& item : table.items) {
      const Winner said = winner(item.probabilities.front());
      pool.push_back({said.confidence, said.label != winner(item.probabilities.back()).label});
    }
    compare("as population", pool, std::min<std::size_t>(2000, pool.size()),
            std::min<std::size_t>(400, pool.size() / 2));
  }
}
