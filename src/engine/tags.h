// Tags over the firings of a stratum: first the strongly connected components of its uncertain tuples, then each
// component by rounds until its tags are saturated, a tuple that is in no cycle once. The components are those of the
// tuples, not of the rules, so switching a pass off changes no tag.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/slice.h"

namespace tenfold::engine {

/// What a question may take before its answers become intervals; 0 = the layer's own measure.
struct TagLimits {
  double seconds = 0.0;
  std::size_t bytes = 0;
};

/// Hides the provenance from the engine: one virtual call a stratum, not a tuple.
class TagLayer {
 public:
  virtual ~TagLayer() = default;
  /// Tags of all uncertain rows of the relations of a finished stratum.
  virtual Status finish(const Evaluation& e, const std::vector<RelationId>& relations) = 0;
  /// The same of these rows alone, when a finished evaluation has changed (row_update.h): all whose tags may have. Some
  /// may be certain by now, or no longer there.
  virtual Status renew(const Evaluation& e, std::span<const TupleRef> rows) = 0;
  /// Better started afresh: what was made for tuples that are gone takes much of the memory that there may be, or
  /// answers are bounds that may be closer by now.
  virtual bool worn() const { return false; }
  /// Before aggregates read these relations: their tags are about to be combined by the steps below.
  virtual Status prepare(const Evaluation&, const std::vector<RelationId>&) { return {}; }
  virtual double probability(RelationId r, Row row) const = 0;
  /// Where the probability lies; both ends are equal where it is known.
  virtual std::pair<double, double> interval(RelationId r, Row row) const {
    const double p = probability(r, row);
    return {p, p};
  }
  /// The slope of the probability by each uncertain input; nothing where the provenance has none.
  virtual std::vector<std::pair<provenance::Member, double>> gradient(RelationId, Row) const { return {}; }
  virtual bool holds(RelationId r, Row row) const = 0;
  virtual bool cut() const = 0;
  /// What the caller should be told of answers that are only bounds.
  virtual std::vector<std::string> warnings() const { return {}; }
  virtual void clear() = 0;

  /// One possible value of an aggregate over one group, as a formula over the body's rows. The layer evaluates it and
  /// keeps the tag for `set`; the steps mirror aggregate.cc.
  virtual std::size_t constant(bool truth) = 0;
  virtual std::size_t of_row(const Relation& relation, RelationId r, Row row) = 0;
  virtual std::size_t of_input(provenance::Member member) = 0;
  virtual std::size_t both(std::size_t a, std::size_t b) = 0;
  virtual std::size_t either(const std::vector<std::size_t>& all) = 0;
  virtual std::size_t negation(std::size_t a) = 0;
  virtual bool zero(std::size_t a) const = 0;
  /// How far below others the first event of a tag is looked at, where the layer has such an order.
  virtual std::uint32_t depth(std::size_t) const { return 0; }
  virtual void set(RelationId r, Row row, std::size_t tag) = 0;
  /// Forgets all made tags but these, and numbers them anew.
  virtual void retain(std::vector<std::size_t>& kept) = 0;
  virtual void forget() = 0;  // tags made by those above
};

/// Nothing for `unit`. Errors: unknown provenance.
Result<std::unique_ptr<TagLayer>> make_tags(const Options& options, const provenance::Inputs& inputs);

}  // namespace tenfold::engine
