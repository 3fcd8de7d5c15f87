// What the engine asks meets what networks say, and what media hold: one Perceiver for each `@network` and `@media` of
// the program, shared by all sessions.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "answer/media_relation.h"
#include "base/text_template.h"
#include "engine/engine.h"
#include "lang/program.h"
#include "neural/neural.h"
#include "tenfold/result.h"

namespace tenfold::answer {

/// What one network said of one input.
struct Seen {
  std::vector<double> probabilities;              // one a label of the program, in its order
  std::vector<neural::Record> records;            // of a network without labels
  std::vector<engine::Perception::Tuple> tuples;  // those, once a session has read them
  std::string refusal;                            // kebab-case reason; empty = answered
  std::string detail;
  std::string stage;
  bool reused = false;
  double flops = 0.0;                        // what ran for it; 0 when reused or refused before any model
  double confidence = 0.0;                   // of the winning label
  std::vector<neural::StageRun> runs;        // of each stage that was asked and answered
  std::vector<neural::StageFailure> failed;  // of each that was asked and did not
  std::optional<std::size_t> accepted_by;    // the stage whose probabilities these are
  double gate_flops = 0.0;                   // part of `flops`
  media::Reading reading = {};               // of a medium
};

/// Thread-safe.
class Perceiver {
 public:
  /// Errors: those of neural::match_labels and Network::open, and of what a language network is asked, shown and may
  /// answer (answer/typed_answer.h).
  static Result<std::shared_ptr<Perceiver>> open(const lang::Program& program, std::uint32_t network,
                                                 neural::NetworkDescription description,
                                                 const neural::NetworkSettings& settings, neural::Decoder decoder);

  /// What an adapter reads from media instead. Errors: those of find_media_relation.
  static Result<std::shared_ptr<Perceiver>> open_media(const lang::Program& program, std::uint32_t network,
                                                       std::shared_ptr<media::MediaReader> reader);

  /// One Seen a key, in order. A picture that cannot be read is a refusal, and so is a back end that fails:
  /// "network-unavailable", with the reason.
  Result<std::vector<Seen>> see(const std::vector<std::string>& keys);
  /// From now on this answers in the network's stead: what is known already is replayed. Before any session asks.
  using Replay = std::function<Result<std::vector<Seen>>(const std::vector<std::string>& keys)>;
  void answer_with(Replay replay) { replay_ = std::move(replay); }
  /// Set where media are read: what follows is then not to be asked, but name() and description(), which has no stages.
  const media::Adapter* adapter() const { return media_.adapter; }
  /// Per input, its gate included: of the stage that runs, and of the dearest. A medium costs none.
  double flops() const { return network_ ? network_->stage().flops + gate_flops() : 0.0; }
  double dearest_flops() const { return network_ ? network_->dearest_stage().flops + gate_flops() : 0.0; }
  bool calibrated() const { return network_->stage().temperature.has_value(); }
  const std::string& stage() const { return network_->stage().name; }
  std::optional<neural::Guarantee> guarantee() const {
    return network_ ? network_->guarantee() : std::optional<neural::Guarantee>();
  }
  neural::AuditReport audit() const { return network_->audit(); }
  const std::vector<neural::Step>& walk() const { return network_->walk(); }
  bool cascades() const { return network_->cascades(); }
  /// For each label of the program its index in the network file; empty for a network without labels.
  const std::vector<std::size_t>& order() const { return order_; }
  const std::string& name() const { return description().name; }
  const neural::NetworkDescription& description() const { return network_ ? network_->description() : medium_; }

 private:
  Perceiver(std::unique_ptr<neural::Network> network, std::vector<std::size_t> order, neural::Decoder decoder)
      : network_(std::move(network)), order_(std::move(order)), decoder_(std::move(decoder)) {}
  neural::Request asked(const std::string& key) const;
  std::vector<Seen> read(const std::vector<std::string>& keys);
  double gate_flops() const;

  std::unique_ptr<neural::Network> network_;  // or
  MediaRelation media_;
  std::shared_ptr<media::MediaReader> reader_;
  neural::NetworkDescription medium_;  // its name
  std::vector<std::size_t> order_;     // for each label of the program, its index in the network file
  neural::Decoder decoder_;
  Replay replay_;
  std::optional<TextTemplate> prompt_;
  std::vector<std::string> inputs_;  // names of the bound columns
  std::vector<bool> pictures_;       // of those, which name a picture
};

}  // namespace tenfold::answer
