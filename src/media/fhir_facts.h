// Rows on their way out of the FHIR reader, for its own files: which relations are wanted, tables by number, and taking
// back what a resource gave when it turns out to be unreadable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace tenfold::media {

/// In the order of fhir_schema().
enum class Rel : std::uint8_t {
  as_of,
  patient,
  birth,
  deceased,
  dead,
  code,
  code_text,
  condition,
  condition_onset,
  condition_abated,
  observation,
  quantity,
  quantity_bound,
  value_code,
  value_text,
  value_bool,
  interpretation,
  medication,
  medication_start,
  medication_end,
  dose,
  daily,
  route,
  as_needed,
  allergy,
  reaction,
  encounter,
  encounter_end,
  in_encounter,
  study,
  study_modality,
  study_body,
  film,
  document,
  image_tag,
  unreadable,
};
constexpr std::size_t kRels = static_cast<std::size_t>(Rel::unreadable) + 1;

/// A set of relations.
class RelSet {
 public:
  constexpr RelSet() = default;
  constexpr RelSet(std::initializer_list<Rel> rels) {
    for (const Rel rel : rels) add(rel);
  }
  constexpr void add(Rel rel) { bits_ |= std::uint64_t{1} << static_cast<unsigned>(rel); }
  constexpr bool has(Rel rel) const { return bits_ >> static_cast<unsigned>(rel) & 1; }
  constexpr bool meets(RelSet other) const { return (bits_ & other.bits_) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

/// Where the facts of one record go.
class FactSink {
 public:
  explicit FactSink(RelSet wanted) : wanted_(wanted) {}

  /// Begins a record: lays out `out` for the wanted relations if it is not, and empties its tables.
  void begin(Symbols& symbols, std::vector<FactTable>& out);

  bool wants(Rel rel) const { return wanted_.has(rel); }
  bool wants_any(RelSet rels) const { return wanted_.meets(rels); }
  Symbols& symbols() { return *symbols_; }
  Cell text(std::string_view value) { return symbols_->intern(value); }

  /// Adds a row if the relation is wanted.
  void add(Rel rel, std::initializer_list<Cell> row, SymbolId origin) {
    FactTable* table = tables_[static_cast<std::size_t>(rel)];
    if (table) table->add({row.begin(), row.size()}, origin);
  }

  /// Remembers how long the tables are; rollback() cuts them back to that.
  void mark();
  void rollback();

 private:
  RelSet wanted_;
  Symbols* symbols_ = nullptr;
  std::array<FactTable*, kRels> tables_{};  // null where not wanted
  std::array<std::size_t, kRels> marks_{};  // rows
};

}  // namespace tenfold::media
