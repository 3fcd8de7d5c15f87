// Files of records that say by their name how they are laid out: those in which vocabularies are distributed.
#pragma once

#include <string_view>
#include <vector>

namespace tenfold::media {

/// In all of them a quote is a character as any other.
struct TableLayout {
  char delimiter;
  bool trailing_delimiter;
  std::vector<std::string_view> columns;  // empty: the file begins with a header
};

/// Rich Release Format of RxNorm, the columns by the file's name ("RXNCONSO.RRF"), and release format 2 of SNOMED CT
/// ("sct2_Description_Snapshot-en_INT_20250101.txt"). Null for any other name. Sources: RxNorm Technical Documentation,
/// section 12 (National Library of Medicine); SNOMED CT Release File Specifications, section 3.1.
const TableLayout* table_layout(std::string_view path);

}  // namespace tenfold::media
