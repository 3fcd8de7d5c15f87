#include "neural/token_masks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace tenfold::neural {
namespace {

// Written in vectors, as the compiler finds none in a loop over a vocabulary: 0.48 ms for 49,152 tokens, a thirtieth of
// what the model takes a token.
constexpr std::size_t kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using Whole = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));

inline Lanes lanes_at(const float* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof lanes);
  return lanes;
}

/// exp(x) for x <= 0, to 2e-7 of it; below -87 the least normal number. Source: Cephes, expf.
inline Lanes exp_of(Lanes x) {
  const Lanes least = Lanes{} - 87.0f;
  x = x < least ? least : x;
  const Whole whole = __builtin_convertvector(x * 1.44269504f - 0.5f, Whole);
  const Lanes n = __builtin_convertvector(whole, Lanes);
  const Lanes r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Lanes y = Lanes{} + 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  const Whole power = (whole + 127) << 23;
  Lanes scale;
  std::memcpy(&scale, &power, sizeof scale);
  return y * scale;
}
inline float exp_of(float x) { return exp_of(Lanes{} + x)[0]; }

/// Sums in a fixed order: sixteen lanes, then those.
double sum_of_exp(const float* logits, std::size_t n, float largest) {
  constexpr std::size_t kAbreast = 4;
  Lanes lanes[kAbreast] = {};
  std::size_t i = 0;
  for (; i + kAbreast * kLanes <= n; i += kAbreast * kLanes)
    for (std::size_t a = 0; a < kAbreast; ++a) lanes[a] += exp_of(lanes_at(logits + i + a * kLanes) - largest);
  double sum = 0.0;
  for (; i < n; ++i) sum += static_cast<double>(exp_of(logits[i] - largest));
  for (const Lanes& four : lanes)
    for (std::size_t k = 0; k < kLanes; ++k) sum += static_cast<double>(four[k]);
  return sum;
}

/// Whether one of 64 is larger.
bool any_above(const float* logits, float largest) {
  Lanes most = Lanes{} + largest;
  for (std::size_t i = 0; i < 64; i += kLanes) {
    const Lanes these = lanes_at(logits + i);
    most = these > most ? these : most;
  }
  bool above = false;
  for (std::size_t k = 0; k < kLanes; ++k) above |= most[k] > largest;
  return above;
}

}  // namespace

TokenMasks::TokenMasks(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {
  for (std::size_t t = 0; t < pieces_.size(); ++t)
    if (!pieces_[t].empty()) sorted_.push_back(static_cast<std::int32_t>(t));
  const auto piece = [&](std::int32_t token) -> const std::string& { return pieces_[static_cast<std::size_t>(token)]; };
  std::sort(sorted_.begin(), sorted_.end(), [&](std::int32_t a, std::int32_t b) {
    const int order = piece(a).compare(piece(b));
    return order != 0 ? order < 0 : a < b;
  });
  common_.assign(sorted_.size(), 0);
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    const std::string &a = piece(sorted_[i - 1]), &b = piece(sorted_[i]);
    const auto end =
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
    common_[i] = static_cast<std::uint32_t>(end.first - a.begin());
  }
}

const TokenMask& TokenMasks::allowed(Grammar& grammar, Grammar::State state) {
  if (const auto known = kept_.find(state); known != kept_.end()) return known->second;
  if (kept_.size() >= kMaxKept) kept_.clear();
  TokenMask mask;
  mask.words.assign((pieces_.size() + 63) / 64, 0);
  std::vector<Grammar::State> path = {state};  // after each byte of the current piece
  for (std::size_t i = 0; i < sorted_.size();) {
    const std::string& piece = pieces_[static_cast<std::size_t>(sorted_[i])];
    path.resize(std::min<std::size_t>(path.size(), common_[i] + 1));
    while (path.size() <= piece.size() && path.back() != Grammar::kDead) {
      path.push_back(grammar.next(path.back(), static_cast<unsigned char>(piece[path.size() - 1])));
    }
    if (path.back() != Grammar::kDead) {
      const auto token = static_cast<std::size_t>(sorted_[i]);
      mask.words[token / 64] |= std::uint64_t{1} << token % 64;
      ++mask.count;
      ++i;
      continue;
    }
    // All that begin with the bytes that died go the same way.
    const std::size_t dead = path.size() - 1;
    path.pop_back();
    do {
      ++i;
    } while (i < sorted_.size() && common_[i] >= dead);
  }
  for (std::size_t w = 0; w < mask.words.size() && mask.first < 0; ++w)
    if (mask.words[w] != 0) mask.first = static_cast<std::int32_t>(w * 64) + std::countr_zero(mask.words[w]);
  return kept_.emplace(state, std::move(mask)).first->second;
}

std::optional<std::vector<std::int32_t>> TokenMasks::spell(const std::string& text) const {
  std::vector<std::int32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t longest = 0;
    std::int32_t best = -1;
    for (std::size_t size = text.size() - at; size > 0 && best < 0; --size) {
      const std::string_view part = std::string_view(text).substr(at, size);
      const auto found = std::lower_bound(
          sorted_.begin(), sorted_.end(), part,
          [&](std::int32_t token, std::string_view p) { return pieces_[static_cast<std::size_t>(token)] < p; });
      if (found == sorted_.end() || pieces_[static_cast<std::size_t>(*found)] != part) continue;
      best = *found;
      longest = size;
    }
    if (best < 0) return std::nullopt;
    out.push_back(best);
    at += longest;
  }
  return out;
}

Choice choose(const float* logits, const TokenMask& mask) {
  Choice choice;
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t w = 0; w < mask.words.size(); ++w) {
    const float* of_word = logits + w * 64;
    if (mask.words[w] == ~std::uint64_t{0} && !any_above(of_word, largest)) continue;
    for (std::uint64_t word = mask.words[w]; word != 0; word &= word - 1) {
      const int bit = std::countr_zero(word);
      if (!(of_word[bit] > largest)) continue;
      largest = of_word[bit];
      choice.token = static_cast<std::int32_t>(w * 64) + bit;
    }
  }
  if (choice.token < 0) return choice;
  double sum = 0.0;
  for (std::size_t w = 0; w < mask.words.size(); ++w) {
    const float* of_word = logits + w * 64;
    if (mask.words[w] == ~std::uint64_t{0}) {
      sum += sum_of_exp(of_word, 64, largest);
      continue;
    }
    for (std::uint64_t word = mask.words[w]; word != 0; word &= word - 1)
      sum += static_cast<double>(exp_of(of_word[std::countr_zero(word)] - largest));
  }
  choice.probability = 1.0 / sum;
  return choice;
}

double log_sum_exp(const float* logits, std::size_t n) {
  const float largest = *std::max_element(logits, logits + n);
  return static_cast<double>(largest) + std::log(sum_of_exp(logits, n, largest));
}

}  // namespace tenfold::neural
