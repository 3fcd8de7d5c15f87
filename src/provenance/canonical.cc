#include "provenance/canonical.h"

#include <algorithm>
#include <numeric>

namespace tenfold::provenance {
namespace {

constexpr int kMostRounds = 24;               // of colouring; a longer chain of differences is left to the old numbers
constexpr std::int64_t kMostSteps = 500'000;  // of singling out: some 3 ms

std::uint64_t mix(std::uint64_t h, std::uint64_t with) {
  h = (h ^ with) * 0xD6E8FEB86659FD93u;
  return h ^ (h >> 32);
}

// Colours are hashes; what a thing gains from its neighbours is a sum, which has no order.
class Colouring {
 public:
  explicit Colouring(const Part& part) {
    const std::uint32_t* at = part.code.data();
    nodes_.resize(*at++);
    for (std::uint32_t v = 0; v < nodes_.size(); ++v) {
      nodes_[v] = mix(at[0] + 2, at[1]);
      ++at;
      for (std::uint32_t left = *at++; left > 0; --left) {
        const std::uint32_t count = *at++;
        alternatives_.push_back({v, static_cast<std::uint32_t>(premises_.size()), count});
        premises_.insert(premises_.end(), at, at + count);
        at += count;
      }
    }
    group_.assign(at, at + part.members.size());
    at += part.members.size();
    const std::uint32_t* end = part.code.data() + part.code.size();
    for (; at < end; ++at) groups_.push_back(mix(7, *at));
    members_.assign(part.members.size(), 5);
  }

  // Where things stay alike, most often any of them may be taken for the first (Read and Corneil, "The graph
  // isomorphism disease", 1977).
  Renaming run() {
    settle();
    while (steps_ > 0 && single_out()) settle();
    Renaming out;
    out.nodes = sorted(nodes_);
    out.members = sorted(members_);
    return out;
  }

 private:
  struct Alternative {
    std::uint32_t owner, first, count;
  };

  void settle() {
    std::size_t classes = 0;
    for (int round = 0; round < kMostRounds; ++round) {
      refine();
      const std::size_t now = count(nodes_) + count(members_);
      if (now == classes) break;
      classes = now;
    }
  }

  // The first member of the class of least colour that has two; false where all differ.
  bool single_out() {
    std::vector<std::uint64_t> colours = members_;
    std::sort(colours.begin(), colours.end());
    const auto alike = std::adjacent_find(colours.begin(), colours.end());
    if (alike == colours.end()) return false;
    std::uint64_t& first = *std::find(members_.begin(), members_.end(), *alike);
    first = mix(first, 23);
    return true;
  }

  void refine() {
    steps_ -= static_cast<std::int64_t>(premises_.size() + nodes_.size());
    std::vector<std::uint64_t> node_gain(nodes_.size(), 0), member_gain(members_.size(), 0), group_gain(groups_);
    for (const Alternative& a : alternatives_) {
      std::uint64_t h = 11;
      for (std::uint32_t i = a.first; i < a.first + a.count; ++i) {
        const Premise p = premises_[i];
        const bool node = kind_of(p) == PremiseKind::node;
        h = mix(h, (node ? nodes_[index_of(p)] : members_[index_of(p)]) * 4 + node * 2 + negated(p));
      }
      node_gain[a.owner] += mix(h, 13);
      for (std::uint32_t i = a.first; i < a.first + a.count; ++i) {
        const Premise p = premises_[i];
        auto& gain = kind_of(p) == PremiseKind::node ? node_gain : member_gain;
        gain[index_of(p)] += mix(mix(h, nodes_[a.owner]), (i - a.first) * 2 + negated(p) + 17);
      }
    }
    for (std::uint32_t m = 0; m < members_.size(); ++m) group_gain[group_[m]] += mix(members_[m], 19);
    for (std::uint32_t v = 0; v < nodes_.size(); ++v) nodes_[v] = mix(nodes_[v], node_gain[v]);
    for (std::uint32_t m = 0; m < members_.size(); ++m)
      members_[m] = mix(mix(members_[m], member_gain[m]), group_gain[group_[m]]);
  }

  static std::size_t count(std::vector<std::uint64_t> colours) {
    std::sort(colours.begin(), colours.end());
    return static_cast<std::size_t>(std::unique(colours.begin(), colours.end()) - colours.begin());
  }

  static std::vector<std::uint32_t> sorted(const std::vector<std::uint64_t>& colours) {
    std::vector<std::uint32_t> order(colours.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return colours[a] < colours[b]; });
    return order;
  }

  std::vector<std::uint64_t> nodes_, members_, groups_;
  std::vector<std::uint32_t> group_;
  std::vector<Alternative> alternatives_;
  std::vector<Premise> premises_;
  std::int64_t steps_ = kMostSteps;
};

std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& old) {
  std::vector<std::uint32_t> out(old.size());
  for (std::uint32_t i = 0; i < old.size(); ++i) out[old[i]] = i;
  return out;
}

std::vector<std::uint32_t> combined(const std::vector<std::uint32_t>& first, const std::vector<std::uint32_t>& second) {
  std::vector<std::uint32_t> out;
  out.reserve(second.size());
  for (std::uint32_t i : second) out.push_back(first[i]);
  return out;
}

template <class T>
void permute(std::vector<T>& values, const std::vector<std::uint32_t>& old) {
  std::vector<T> now;
  now.reserve(values.size());
  for (std::uint32_t i : old) now.push_back(values[i]);
  values = std::move(now);
}

}  // namespace

// Most alternatives ask for two things at most: as one number each they sort as fast as numbers do.
bool CodeWriter::end_short_node() {
  packed_.clear();
  std::uint32_t from = 0;
  for (const std::uint32_t end : ends_) {
    if (end - from == 0 || end - from > 2) return false;
    packed_.push_back(std::uint64_t{words_[from]} << 32 | (end - from == 2 ? words_[from + 1] + 1u : 0u));
    from = end;
  }
  if (!std::is_sorted(packed_.begin(), packed_.end())) std::sort(packed_.begin(), packed_.end());
  packed_.erase(std::unique(packed_.begin(), packed_.end()), packed_.end());
  code_.push_back(static_cast<std::uint32_t>(packed_.size()));
  for (const std::uint64_t p : packed_) {
    const auto second = static_cast<std::uint32_t>(p);
    code_.push_back(second == 0 ? 1 : 2);
    code_.push_back(static_cast<std::uint32_t>(p >> 32));
    if (second != 0) code_.push_back(second - 1);
  }
  return true;
}

void CodeWriter::end_node() {
  if (!end_short_node()) end_long_node();
  words_.clear();
  ends_.clear();
}

void CodeWriter::end_long_node() {
  order_.resize(ends_.size());
  std::iota(order_.begin(), order_.end(), 0u);
  const auto words = [&](std::uint32_t a) {
    return std::span<const Premise>(words_).subspan(a == 0 ? 0 : ends_[a - 1], ends_[a] - (a == 0 ? 0 : ends_[a - 1]));
  };
  const auto less = [&](std::uint32_t a, std::uint32_t b) {
    const auto x = words(a), y = words(b);
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
  };
  if (!std::is_sorted(order_.begin(), order_.end(), less)) std::sort(order_.begin(), order_.end(), less);
  const auto same = [&](std::uint32_t a, std::uint32_t b) { return std::ranges::equal(words(a), words(b)); };
  order_.erase(std::unique(order_.begin(), order_.end(), same), order_.end());
  code_.push_back(static_cast<std::uint32_t>(order_.size()));
  for (std::uint32_t a : order_) {
    const auto alternative = words(a);
    code_.push_back(static_cast<std::uint32_t>(alternative.size()));
    code_.insert(code_.end(), alternative.begin(), alternative.end());
  }
}

OwnLineage decode(const Part& part, const Inputs& inputs) {
  OwnLineage out;
  const std::uint32_t* at = part.code.data();
  const std::uint32_t nodes = *at++;
  for (std::uint32_t v = 0; v < nodes; ++v) {
    if (*at++) out.roots.push_back(v);
    for (std::uint32_t left = *at++; left > 0; --left) {
      for (std::uint32_t premises = *at++; premises > 0; --premises) out.lineage.add(*at++);
      out.lineage.end_alternative();
    }
    out.lineage.end_node();
  }
  for (Member m : part.members) {
    const std::uint32_t group = *at++;
    while (out.inputs.groups <= group) out.inputs.new_group();
    out.inputs.add(inputs.probability[m], group, 0);
  }
  return out;
}

Renaming by_structure(const Part& part) {
  Renaming out = Colouring(part).run();
  std::vector<std::uint32_t> root(out.nodes.size(), kNever);
  const std::uint32_t* at = part.code.data() + 1;
  std::uint32_t roots = 0;
  for (std::uint32_t& r : root) {
    if (*at++) r = roots++;
    for (std::uint32_t left = *at++; left > 0; --left) at += *at + 1;
  }
  for (std::uint32_t v : out.nodes)
    if (root[v] != kNever) out.roots.push_back(root[v]);
  return out;
}

Renaming inverse(const Renaming& renaming) {
  return {inverse(renaming.nodes), inverse(renaming.members), inverse(renaming.roots)};
}

Renaming combined(const Renaming& first, const Renaming& second) {
  return {combined(first.nodes, second.nodes), combined(first.members, second.members),
          combined(first.roots, second.roots)};
}

void rename(Part& part, const Renaming& renaming) {
  permute(part.members, renaming.members);
  permute(part.roots, renaming.roots);
}

Part rewritten(const Part& part, const Renaming& renaming) {
  Part out;
  out.members = part.members;
  out.roots = part.roots;
  rename(out, renaming);
  const auto node = inverse(renaming.nodes), member = inverse(renaming.members);
  std::vector<const std::uint32_t*> begins;
  const std::uint32_t* at = part.code.data() + 1;
  for (std::size_t v = 0; v < node.size(); ++v) {
    begins.push_back(at++);
    for (std::uint32_t left = *at++; left > 0; --left) at += *at + 1;
  }
  out.code.reserve(part.code.size());
  out.code.push_back(part.code[0]);
  CodeWriter writer(out.code);
  for (std::uint32_t v : renaming.nodes) {
    const std::uint32_t* from = begins[v];
    writer.begin_node(*from++);
    for (std::uint32_t left = *from++; left > 0; --left) {
      for (std::uint32_t premises = *from++; premises > 0; --premises) {
        const Premise p = *from++;
        const std::uint32_t own = kind_of(p) == PremiseKind::node ? node[index_of(p)] : member[index_of(p)];
        writer.add(premise(kind_of(p), own, negated(p)));
      }
      writer.end_alternative();
    }
    writer.end_node();
  }
  const std::uint32_t* flags = at + part.members.size();
  std::vector<std::uint32_t> group(static_cast<std::size_t>(part.code.data() + part.code.size() - flags), kNever);
  std::vector<std::uint32_t> order;
  for (std::uint32_t m : renaming.members) {
    std::uint32_t& number = group[at[m]];
    if (number == kNever) {
      number = static_cast<std::uint32_t>(order.size());
      order.push_back(at[m]);
    }
    out.code.push_back(number);
  }
  for (std::uint32_t g : order) out.code.push_back(flags[g]);
  return out;
}

}  // namespace tenfold::provenance
