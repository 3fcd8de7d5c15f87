#include "media/tables/table_layout.h"

#include <utility>

namespace tenfold::media {

const TableLayout* table_layout(std::string_view path) {
  static const std::pair<std::string_view, TableLayout> kRxNorm[] = {
      {"RXNCONSO.RRF",
       {'|',
        true,
        {"RXCUI", "LAT", "TS", "LUI", "STT", "SUI", "ISPREF", "RXAUI", "SAUI", "SCUI", "SDUI", "SAB", "TTY", "CODE",
         "STR", "SRL", "SUPPRESS", "CVF"}}},
      {"RXNREL.RRF",
       {'|',
        true,
        {"RXCUI1", "RXAUI1", "STYPE1", "REL", "RXCUI2", "RXAUI2", "STYPE2", "RELA", "RUI", "SRUI", "SAB", "SL", "DIR",
         "RG", "SUPPRESS", "CVF"}}},
      {"RXNSAT.RRF",
       {'|',
        true,
        {"RXCUI", "LUI", "SUI", "RXAUI", "STYPE", "CODE", "ATUI", "SATUI", "ATN", "SAB", "ATV", "SUPPRESS", "CVF"}}},
      {"RXNSTY.RRF", {'|', true, {"RXCUI", "TUI", "STN", "STY", "ATUI", "CVF"}}},
  };
  static const TableLayout snomed = {'\t', false, {}};
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  for (const auto& [file, layout] : kRxNorm)
    if (name == file) return &layout;
  if (!name.ends_with(".txt")) return nullptr;
  for (const std::string_view beginning : {"sct2_", "xsct2_", "der2_", "xder2_"})
    if (name.starts_with(beginning)) return &snomed;
  return nullptr;
}

}  // namespace tenfold::media
