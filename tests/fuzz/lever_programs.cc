#include "fuzz/lever_programs.h"

#include <algorithm>
#include <random>

namespace tenfold::fuzz {
namespace {

class Levers {
 public:
  Levers(std::uint64_t seed, bool extreme) : random_(seed * 0x9E3779B97F4A7C15u + 1), extreme_(extreme) {}

  LeverProgram run() {
    out_.prior[2] = {{0.95, 0.05}, {0.05, 0.95}, {0.625, 0.375}};
    out_.prior[3] = {{0.9, 0.05, 0.05}, {0.05, 0.9, 0.05}, {0.05, 0.05, 0.9}, {0.375, 0.375, 0.25}};
    if (extreme_) {
      out_.prior[2].push_back({1.0, 0.0});
      out_.prior[2].push_back({0.0, 1.0});
      out_.prior[3].push_back({0.0, 1.0, 0.0});
      out_.prior[3].push_back({0.5, 0.0, 0.5});
    }
    items_ = 2 + pick(2);
    const int many = 1 + pick(2);
    for (int n = 0; n < many; ++n) network(n);
    facts();
    heads_.clear();
    for (int r = 0; r < 1 + pick(2); ++r) relation("r1" + std::to_string(r));
    for (int r = 0; r < pick(2); ++r) relation("r2" + std::to_string(r));
    query();
    return std::move(out_);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return pick(100) < percent; }
  std::string item(int i) const { return std::string("\"") + "abc"[i] + "\""; }
  void add(ItemKind kind, std::string line) {
    out_.source.items.push_back({kind, std::move(line), {}, "", "", false, true});
  }

  void network(int n) {
    const std::size_t labels = chance(60) ? 2 : 3;
    labels_.push_back(labels);
    const std::string name = "net-" + std::to_string(n);
    add(ItemKind::declaration, "@network(\"" + name + "\", labels = [\"u\", \"v\"" + (labels == 3 ? ", \"w\"" : "") +
                                   "]) type s" + std::to_string(n) + "(bound x: String, l: String)");
    for (const char* input : {"a", "b", "c"}) {
      const auto& all = out_.prior[labels];
      out_.source.networks[name][{input}] = {all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))], ""};
    }
  }

  void facts() {
    add(ItemKind::declaration, "type item(x: String), link(x: String, y: String), near(x: String), mood(x: String)");
    for (int i = 0; i < items_; ++i) add(ItemKind::facts, "rel item(" + item(i) + ")");
    for (int i = 0; i < items_; ++i)
      for (int j = 0; j < items_; ++j)
        if (chance(40))
          add(ItemKind::facts,
              std::string("rel ") + (chance(25) ? "0.75::" : "") + "link(" + item(i) + ", " + item(j) + ")");
    for (int i = 0; i < items_; ++i)
      if (chance(50)) add(ItemKind::facts, std::string("rel ") + (chance(60) ? "0.5::" : "") + "near(" + item(i) + ")");
    if (chance(40)) add(ItemKind::facts, "rel mood = {0.3::(\"a\"); 0.625::(\"b\")}");
  }

  std::string label(std::size_t network) {
    return std::string("\"") + "uvw"[pick(static_cast<int>(labels_[network]))] + "\"";
  }
  std::string perceived(const std::string& x) {
    const auto n = static_cast<std::size_t>(pick(static_cast<int>(labels_.size())));
    return "s" + std::to_string(n) + "(" + x + ", " + label(n) + ")";
  }
  // Something said of x, which is bound.
  std::string about(const std::string& x, const std::string& self, bool recursive) {
    const int kind = pick(100);
    if (kind < 45) return perceived(x);
    if (kind < 58) return "not " + perceived(x);
    if (kind < 68) return (chance(70) ? "" : "not ") + std::string(chance(60) ? "near(" : "mood(") + x + ")";
    if (recursive && kind < 84) return "link(" + x + ", y) and " + self + "(y)";
    if (!heads_.empty()) {
      const std::string& head = heads_[static_cast<std::size_t>(pick(static_cast<int>(heads_.size())))];
      return (chance(65) ? "" : "not ") + head + "(" + x + ")";
    }
    return perceived(x);
  }

  void relation(const std::string& name) {
    const int rules = 1 + pick(3);
    for (int i = 0; i < rules; ++i) {
      std::string body = "item(x)";
      for (int a = 0; a < 1 + pick(2); ++a) body += " and " + about("x", name, chance(60));
      add(ItemKind::rule, std::string("rel ") + (chance(10) ? "0.75::" : "") + name + "(x) = " + body);
    }
    heads_.push_back(name);
  }

  void query() {
    const std::string& head = heads_.back();
    if (chance(50)) {
      add(ItemKind::rule, "rel some() = item(x) and " + about("x", "", false) + " and " + head + "(x)");
      if (chance(40)) add(ItemKind::rule, "rel some() = item(x) and not " + head + "(x) and " + perceived("x"));
      add(ItemKind::query, "query some");
    } else {
      add(ItemKind::query, "query " + head);
    }
    if (chance(20) && heads_.size() > 1) add(ItemKind::query, "query " + heads_.front());
  }

  std::mt19937_64 random_;
  bool extreme_;
  LeverProgram out_;
  int items_ = 2;
  std::vector<std::size_t> labels_;
  std::vector<std::string> heads_;
};

}  // namespace

LeverProgram lever_program(std::uint64_t seed, bool extreme) { return Levers(seed, extreme).run(); }

}  // namespace tenfold::fuzz
