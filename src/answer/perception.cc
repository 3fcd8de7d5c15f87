#include "answer/perception.h"

namespace tenfold::answer {

Result<std::shared_ptr<Perceiver>> Perceiver::open(const lang::Network& network, const std::string& file,
                                                   const neural::NetworkSettings& settings, neural::Decoder decoder,
                                                   const std::string& calibration) {
  auto description = neural::read_network(file);
  if (!description) return description.error();
  if (!calibration.empty()) {
    if (Status s = neural::apply_calibration(*description, calibration); !s.ok()) return s.error();
  }
  auto order = neural::match_labels(*description, network.labels, network.place);
  if (!order) return order.error();
  auto opened = neural::Network::open(std::move(*description), settings);
  if (!opened) return opened.error();
  return std::shared_ptr<Perceiver>(new Perceiver(std::move(*opened), std::move(*order), std::move(decoder)));
}

double Perceiver::gate_flops() const {
  const auto& gate = network_->description().gate;
  return gate && gate->model ? gate->model->flops : 0.0;
}

Result<std::vector<Seen>> Perceiver::see(const std::vector<std::string>& keys) {
  if (replay_) return replay_(keys);
  std::vector<neural::Request> requests;
  for (const std::string& key : keys) requests.push_back({key});
  auto outcomes = network_->run(requests, decoder_);
  std::vector<Seen> out;
  if (!outcomes) {
    // What the record says without the network still stands: the inputs count as declined, and the answers say so.
    Seen failed;
    failed.refusal = "network-unavailable";
    failed.detail = outcomes.error().what;
    return std::vector<Seen>(keys.size(), failed);
  }
  for (neural::Outcome& o : *outcomes) {
    Seen seen;
    seen.refusal = std::move(o.refusal);
    seen.detail = std::move(o.detail);
    seen.stage = std::move(o.stage);
    seen.reused = o.reused;
    if (seen.refusal.empty())
      for (std::size_t l : order_) seen.probabilities.push_back(o.probabilities[l]);
    seen.flops = seen.gate_flops = o.gate_flops;
    for (const neural::StageRun& run : o.runs) seen.flops += run.flops;
    seen.runs = std::move(o.runs);
    seen.failed = std::move(o.failed);
    seen.accepted_by = o.accepted_by;
    seen.confidence = o.confidence;
    out.push_back(std::move(seen));
  }
  return out;
}

}  // namespace tenfold::answer
