#include "proof/computed.h"

#include <array>
#include <vector>

#include "modules/predicates.h"

namespace tenfold::proof {
namespace {

using Visit = std::function<bool(std::span<const Cell>)>;
using VisitWeighed = std::function<bool(std::span<const Cell>, double)>;

// range(low, high, x): the integers from low to below high.
Computed range(std::span<const std::optional<Cell>> known, const Visit& visit) {
  if (!known[0] || !known[1]) return Computed::waiting;
  const std::int64_t low = as_int(*known[0]), high = as_int(*known[1]);
  std::array<Cell, 3> row{*known[0], *known[1], 0};
  if (known[2]) {
    row[2] = *known[2];
    if (low <= as_int(row[2]) && as_int(row[2]) < high) visit(row);
    return Computed::done;
  }
  for (std::int64_t x = low; x < high; ++x) {
    row[2] = cell(x);
    if (!visit(row)) break;
  }
  return Computed::done;
}

// "Cons#"(term, its fields): a term is known by itself or by its fields.
Computed terms(const lang::Relation& relation, std::span<const std::optional<Cell>> known, const Symbols& symbols,
               const Visit& visit) {
  const auto constructor = symbols.terms().find(std::string_view(relation.name).substr(0, relation.name.size() - 1));
  if (!constructor) return Computed::unknown;
  std::vector<Cell> row(1);
  if (known[0]) {
    const auto term = static_cast<TermId>(*known[0]);
    if (symbols.terms().constructor_of(term) != *constructor) return Computed::done;
    row[0] = *known[0];
  } else {
    std::vector<Cell> fields;
    for (const auto& field : known.subspan(1)) {
      if (!field) return Computed::waiting;
      fields.push_back(*field);
    }
    const auto term = symbols.terms().known(*constructor, fields);
    if (!term) return Computed::done;
    row[0] = Cell{*term};
  }
  const auto fields = symbols.terms().args(static_cast<TermId>(row[0]));
  row.insert(row.end(), fields.begin(), fields.end());
  bool fits = row.size() == known.size();
  for (std::size_t c = 0; c < row.size() && fits; ++c) fits = !known[c] || *known[c] == row[c];
  if (fits) visit(row);
  return Computed::done;
}

// Whatever the table of predicates computes, where its inputs are known.
Computed predicate(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                   const VisitWeighed& visit) {
  if (relation.predicate >= modules::predicates().size()) return Computed::unknown;
  const modules::Predicate& predicate = modules::predicates()[relation.predicate];
  if (known.size() < predicate.inputs) return Computed::unknown;
  std::vector<Cell> row;
  for (std::uint32_t i = 0; i < predicate.inputs; ++i) {
    if (!known[i]) return Computed::waiting;
    row.push_back(*known[i]);
  }
  std::vector<Type> types;
  for (const modules::PredicateColumn& c : predicate.columns) types.push_back(modules::type_of(c.family));
  for (std::size_t c = 0; c < relation.kept.size(); ++c) types[relation.kept[c]] = relation.columns[c].type;
  const std::vector<Cell> inputs = row;
  row.resize(known.size());
  auto take = [&](std::span<const Cell> outputs, double p) {
    bool fits = true;
    for (std::size_t c = predicate.inputs; c < row.size(); ++c) {
      row[c] = outputs[relation.kept[c] - predicate.inputs];
      fits = fits && (!known[c] || *known[c] == row[c]);
    }
    return !fits || visit(row, p);
  };
  predicate.rows({inputs, types, symbols}, modules::RowSink(take));
  return Computed::done;
}

}  // namespace

bool is_foreign(const lang::Relation& relation) { return relation.kind == lang::RelationKind::foreign; }

bool is_uncertain(const lang::Relation& relation) {
  return is_foreign(relation) && relation.predicate < modules::predicates().size() &&
         modules::predicates()[relation.predicate].tagged;
}

bool is_computed(const lang::Relation& relation) {
  return is_foreign(relation) || relation.kind == lang::RelationKind::terms;
}

Computed compute(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                 const Visit& visit) {
  if (relation.kind == lang::RelationKind::terms) return terms(relation, known, symbols, visit);
  const bool wide = relation.columns[0].type == Type::i128 || relation.columns[0].type == Type::u128;
  if (relation.foreign == "range" && known.size() == 3 && !wide && is_signed(relation.columns[0].type))
    return range(known, visit);
  if (is_uncertain(relation)) return Computed::unknown;
  return predicate(relation, known, symbols, [&](std::span<const Cell> row, double) { return visit(row); });
}

Computed compute_weighed(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                         const VisitWeighed& visit) {
  return predicate(relation, known, symbols, visit);
}

}  // namespace tenfold::proof
