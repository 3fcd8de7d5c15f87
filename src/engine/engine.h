// Plan and facts to relations. Two phases a stratum: tuples by semi-naive rounds (join.h), recording firings where a
// tag or a proof will need them (firings.h); then tags over the firings (tags.h). Networks are asked between rounds:
// advance() stops with what they are asked, supply() answers, advance() goes on; so calls of many records can share a
// batch. Deterministic: nothing depends on hash order. Read relation.h next.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/derivations.h"
#include "engine/firings.h"
#include "engine/relation.h"
#include "plan/plan.h"
#include "provenance/provenance.h"

namespace tenfold::plan {
struct Updates;
}
namespace tenfold::engine {

using plan::RelationId;

/// What Options::provenance may be.
inline constexpr auto& kProvenances = provenance::kNames;

struct Options {
  std::string provenance = "unit";          // one of provenance::kNames
  std::size_t k = 3;                        // topkproofs
  bool proofs = false;                      // record firings of certain tuples too
  double timeout_s = 0.0;                   // 0 = none; of one evaluation
  std::size_t memory_bytes = 0;             // 0 = none; of relations and firings of one evaluation
  const std::atomic<bool>* stop = nullptr;  // set by another thread or a signal: the evaluation ends
  std::uint64_t seed = 0;                   // of uniform and categorical
  unsigned threads = 1;                     // of one evaluation on the set executor
  std::uint64_t share_from = 16384;         // steps from which a rule is worth sharing among them; tests share all
  bool sets = true;                         // `unit` without proofs may run on the set executor (set_executor.h)
  bool updates = false;                     // keep what update() needs; of an evaluation without a base
  /// An update that has taken this share of the CPU time of a fresh run is given up, and starts over. Below 0: none is.
  double update_share = 0.15;
  bool open = false;  // inputs of networks may stay open: keep what supply_open() and traced() need; without sets
};

/// Facts that come or go; `table` has the relation's types.
struct Change {
  RelationId relation;
  bool insert;
  const FactTable* table;
};

/// What one network said of one input: a probability a label, or tuples (values of the free columns, each tuple true by
/// itself), or why it declines.
struct Perception {
  struct Tuple {
    std::vector<Cell> values;
    double probability;
  };
  std::vector<double> probabilities;
  std::string refusal;  // empty = answered
  std::vector<Tuple> tuples = {};
};

/// A way in which a tuple that may hang on what a network says was found; its rows follow one another in a pool, one
/// for each literal of the rule's body, guards included, kNone for one that is no atom or was absent.
struct TracedFiring {
  std::uint32_t rule;  // index into Plan::rules
  Row head;
  std::size_t rows;
  bool event;  // a tag of the rule's own makes it uncertain
};

/// Inputs that a network is asked about, row-major.
struct Demand {
  std::uint32_t network;
  std::uint32_t arity;
  std::vector<Cell> inputs;
  std::size_t rows() const { return arity == 0 ? 0 : inputs.size() / arity; }
};

/// A limit was reached: what was found before it is right, and may be all there is to some queries.
inline bool is_limit(const Error& error) { return error.code == "timeout" || error.code == "memory"; }

/// Per relation: whether what a network (and not a medium) says can reach it, through rules, demand, negation or
/// aggregates.
std::vector<bool> hang_on_networks(const plan::Plan& plan);

class SetExecutor;
class TagLayer;

/// FNV-1a over texts: what an uncertain input says, whatever numbers its symbols got.
struct ContentHash {
  std::uint64_t value = 0xCBF29CE484222325u;
  void add(std::string_view text) {
    for (char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    value = (value ^ 0xFFu) * 0x100000001B3u;
  }
};

/// One run of a plan over one set of facts. Reusable by reset(), which keeps memory. Not thread-safe; the plan and a
/// frozen base are shared by many.
class Evaluation {
 public:
  /// `base`, when there is one, was frozen and outlives this; `symbols` outlives this and may be written to.
  Evaluation(const plan::Plan& plan, const Options& options, Symbols& symbols, const Evaluation* base = nullptr);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  /// The facts that the program states, then every @file table through add(). Base only, or when there is no base.
  /// `left_out`, where given, tells facts that are to be passed over.
  Status add_program_facts(const std::function<bool(const lang::Fact&)>& left_out = {});
  /// Facts from outside; `relation` must have the table's types. Errors: probability out of range.
  Status add(RelationId relation, const FactTable& facts);

  /// Evaluates what no input can change and marks it as shared. `inputs`: relations that records will add facts to. A
  /// limit that is reached here is the error of the first advance() over this base.
  Status freeze(const std::vector<bool>& inputs);

  /// Runs until a network is asked or all is done. Asked: not empty. An error ends the evaluation, keeping what was
  /// found.
  Result<std::vector<Demand>> advance();
  /// Answers one demanded input. A label column is filled from the network's labels; a network without takes tuples.
  Status supply(std::uint32_t network, std::span<const Cell> inputs, const Perception& perception);

  /// Options::open: nothing is known of a demanded input yet but that it has one of its labels. They are members of one
  /// group, from the one that is returned on; their probabilities stand in for those that weigh() brings.
  provenance::Member supply_open(std::uint32_t network, std::span<const Cell> inputs);
  /// What an open input turned out to be. Lineages stay as they are, and so does what this evaluation computed.
  void weigh(provenance::Member first, std::span<const double> probabilities);
  /// Firings of all rules whose heads may hang on a network, demand included, in the order in which they were found.
  const std::vector<TracedFiring>& traced() const { return traced_; }
  Row traced_row(const TracedFiring& f, std::size_t literal) const { return traced_rows_[f.rows + literal]; }
  /// Whether what a network says can reach the relation, and how many of its rows were there before any rule.
  bool hangs(RelationId r) const { return r < hangs_.size() && hangs_[r]; }
  Row given(RelationId r) const { return r < given_.size() ? given_[r] : 0; }

  /// After a finished advance(): the same as a fresh evaluation with these facts inserted and erased, in order. False
  /// when this evaluation has to be started afresh with the new facts instead: it does not run on sets, or a limit
  /// stopped it. Gives up by itself, and starts over from the facts that it has, where that is likely to be faster.
  Result<bool> update(std::span<const Change> changes);
  /// False: update() would be.
  bool can_update() const;
  /// The last update was carried through without starting over.
  bool updated_in_place() const { return updated_in_place_; }

  void reset();

  /// The error `interrupted` once Options::stop is set.
  Status not_interrupted() const;
  /// That, or the error `timeout` once the time of this evaluation is over.
  Status within_time() const;

  /// Nothing more can be found for `r`. False for what a limit stopped: its rows are some of those that hold.
  bool complete(RelationId r) const;

  // What was found. Rows of a relation are in order of arrival; sort before printing.
  const Relation& relation(RelationId r) const {
    if (shared(r)) return base_->relation(r);
    return sets_ ? as_rows(r) : relations_[r];
  }
  /// A limit ended freeze() early.
  bool stopped() const { return stop_.has_value(); }
  /// The executor that holds all relations of this evaluation; null when they are rows.
  const SetExecutor* sets() const { return sets_.get(); }
  /// 1 under `unit` and for certain tuples.
  double probability(RelationId r, Row row) const;
  /// Where the probability lies: both ends are equal but where `exact` did not fit its limits.
  std::pair<double, double> interval(RelationId r, Row row) const;
  /// The slope of the probability by each uncertain input that it depends on; inputs() says what they are worth, and
  /// firings of kind given and perceived which tuples they are. Empty for provenances without gradients.
  std::vector<std::pair<provenance::Member, double>> gradient(RelationId r, Row row) const;
  /// False for a tuple whose tag came out as zero.
  bool holds(RelationId r, Row row) const;
  const Firing& firing(RelationId r, std::uint32_t f) const { return shared(r) ? base_->firings_[f] : firings_[f]; }
  std::span<const Row> premises(RelationId r, const Firing& f) const {
    return shared(r) ? base_->firings_.premises(f) : firings_.premises(f);
  }
  const plan::Plan& plan() const { return plan_; }
  const Symbols& symbols() const { return symbols_; }
  const provenance::Inputs& inputs() const { return inputs_; }
  /// False under `unit`, where every tuple is certain.
  bool has_probabilities() const { return has_tags(); }
  /// Where a given uncertain input came from; kNone for the program's own facts and for events of rules.
  SymbolId origin_of(provenance::Member m) const { return m < event_origins_.size() ? event_origins_[m] : kNone; }
  /// What a reader of these answers should be told, a line each.
  std::vector<std::string> warnings() const;
  /// Proofs were cut to the k best somewhere.
  bool cut() const;
  /// Of all relations that are this evaluation's own.
  std::uint64_t tuples() const;

 private:
  friend class Join;
  friend class Aggregation;
  friend class RowUpdate;
  friend class TagLayer;

  bool shared(RelationId r) const { return base_ && base_->frozen_[r]; }
  Relation& own(RelationId r) { return relations_[r]; }
  const Index& index(std::uint32_t i) const {
    return i < plan_.indexes.size() && shared(plan_.indexes[i].relation) ? base_->indexes_[i] : indexes_[i];
  }
  const Relation& as_rows(RelationId r) const;
  void start_clock();
  Status finish_given();
  Status add_one(RelationId relation, const FactTable& facts, std::size_t row);
  Status insert_given(RelationId r, std::span<const Cell> row, std::optional<double> probability, std::uint32_t group,
                      SymbolId origin);
  bool in_range(double tag) const { return tag >= 0.0 && (numbers_ ? tag < 1e300 : tag <= 1.0); }
  void inherit();
  Row uncertain_row(RelationId r, std::span<const Cell> row, double probability);
  std::uint64_t content_key(RelationId r, std::span<const Cell> row) const;
  Status supply_tuples(std::uint32_t network, std::span<const Cell> inputs, const Perception& perception);
  Status run_stratum();
  void begin_stratum();
  bool next_round();
  void catch_up(const std::vector<plan::Variant>& variants);
  void catch_up(const plan::Variant& variant);
  std::vector<RelationId> given_relations() const;
  Status prepare_tags(const std::vector<std::uint32_t>& aggregates);
  void collect_demands(std::vector<Demand>& out);
  Status check_limits();
  Status within_memory(std::size_t bytes) const;
  void make_sets();
  void make_derivations();
  Result<bool> update_rows(std::span<const Change> changes);
  Status check_sets(std::size_t bytes) const;
  Status run_aggregate(std::uint32_t number);
  bool has_tags() const { return tags_ != nullptr; }
  void trace(std::uint32_t rule, Row row, std::span<const Row> matched, bool event);

  const plan::Plan& plan_;
  Options options_;
  bool costs_, numbers_, counts_;  // how tags are read: provenance.h
  Symbols& symbols_;
  const Evaluation* base_;
  std::vector<bool> frozen_;  // of a base: relations that records share
  std::vector<bool> done_;    // of a base: strata that are finished for all
  std::unique_ptr<SetExecutor> sets_;
  std::unique_ptr<plan::Updates> updates_;
  std::unique_ptr<Derivations> derivations_;  // without sets: null when no update will come
  bool finished_ = false, updated_in_place_ = false;
  double run_s_ = 0.0;                  // CPU seconds of the last evaluation from facts
  std::optional<double> give_up_;       // CPU seconds of the thread: an update then starts over
  mutable std::mutex as_rows_;          // sessions that share a frozen base may ask at once
  mutable std::vector<bool> has_rows_;  // with sets_: relations_[r] was filled from it
  mutable std::vector<Relation> relations_;
  std::vector<Index> indexes_;
  Firings firings_;
  provenance::Inputs inputs_;
  std::vector<SymbolId> event_origins_;  // per member; may be shorter
  std::unique_ptr<TagLayer> tags_;
  std::unordered_map<std::uint64_t, provenance::Member> events_;  // of tagged rules, by a hash of rule and binding
  std::vector<bool> hangs_;                                       // with Options::open, per relation
  std::vector<Row> given_;
  std::vector<TracedFiring> traced_;
  std::vector<Row> traced_rows_;
  std::size_t stratum_ = 0;
  bool in_stratum_ = false;
  bool first_round_ = true;
  bool given_done_ = false;           // tags of relations that only facts fill
  std::vector<Row> low_, high_;       // the delta of each relation in the current stratum
  std::vector<Row> asked_;            // per network: inputs already handed out
  std::vector<RelationId> computed_;  // predicates with uncertain rows that this evaluation met
  std::size_t open_ = 0;              // demanded inputs not answered yet
  std::uint32_t ticks_ = 0;
  std::chrono::steady_clock::time_point deadline_{};
  bool alone_ = false;         // of a base: no record follows, so that one clock runs for all
  std::optional<Error> stop_;  // of a base: the limit that was reached
};

}  // namespace tenfold::engine
