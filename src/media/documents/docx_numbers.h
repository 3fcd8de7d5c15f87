// How Word numbers paragraphs: the labels ("2.1", "(a)") stand in no text, only rules for them (ECMA-376-1, 17.9).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace tenfold::media::documents {

constexpr std::size_t kListLevels = 9;

struct ListLevel {
  std::string format = "decimal";  // numFmt
  std::string text;                // lvlText: "%1.%2"
  std::uint32_t start = 1;
};

struct ListRule {
  std::array<ListLevel, kListLevels> levels;
};

class Numbers {
 public:
  std::map<std::string, ListRule> rules;         // by abstractNumId
  std::map<std::string, std::string> instances;  // numId to abstractNumId

  /// The label of the next paragraph of a list; "" for a bullet, or a list that is not there.
  std::string next(const std::string& instance, std::uint32_t level);

 private:
  struct Count {
    std::array<std::uint32_t, kListLevels> at{};
    std::array<bool, kListLevels> begun{};
  };
  std::map<std::string, Count> counts_;
};

}  // namespace tenfold::media::documents
