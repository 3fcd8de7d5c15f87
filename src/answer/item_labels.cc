#include "answer/item_labels.h"

#include <fstream>

#include "media/csv.h"
#include "neural/sha256.h"

namespace tenfold::answer {

Result<std::vector<ItemLabel>> read_item_labels(const std::string& path) {
  std::ifstream file(path);
  std::string header;
  if (!file || !std::getline(file, header))
    return Error{"cannot-read", {path, 0, 0, 1}, "the labels cannot be read", "give a CSV with a header line", ""};
  constexpr const char* kColumns[] = {"item", "label", "group", "decisions"};
  std::vector<ItemLabel> out;
  header = "," + header.substr(0, header.find('\r')) + ",";
  for (std::size_t c = 0; c < std::size(kColumns); ++c) {
    if (header.find("," + std::string(kColumns[c]) + ",") == std::string::npos) {
      if (c == 0)
        return Error{"no-labels",
                     {path, 1, 1, 1},
                     "there is no column `item`",
                     "begin the file with item,label or item,label,group",
                     ""};
      continue;
    }
    media::CsvInput input{path, path, {}, "label", {Type::string}, false};
    input.options.header = true;
    input.options.fields = {kColumns[c]};
    Symbols symbols;
    auto table = media::read_csv(input, symbols);
    if (!table) return table.error();
    out.resize(std::max(out.size(), table->rows()));
    for (std::size_t i = 0; i < table->rows(); ++i) {
      std::string text(symbols.text(as_symbol(table->row(i)[0])));
      (c == 0 ? out[i].item : c == 1 ? out[i].label : c == 2 ? out[i].group : out[i].decisions) = std::move(text);
    }
  }
  return out;
}

bool is_for_fitting(const std::string& group) {
  neural::Sha256 sum;
  sum.add(std::as_bytes(std::span(group)));
  return std::to_integer<unsigned>(sum.finish()[0]) % 3 == 0;
}

}  // namespace tenfold::answer
