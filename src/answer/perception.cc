#include "answer/perception.h"

#include <algorithm>
#include <utility>

#include "answer/typed_answer.h"

namespace tenfold::answer {

Result<std::shared_ptr<Perceiver>> Perceiver::open(const lang::Program& program, std::uint32_t number,
                                                   neural::NetworkDescription description,
                                                   const neural::NetworkSettings& settings, neural::Decoder decoder) {
  const lang::Network& network = program.networks[number];
  neural::NetworkSettings chosen = settings;
  std::vector<std::size_t> order;
  if (!network.labels.empty()) {
    if (description.labels.empty()) description.labels = network.labels;
    auto matched = neural::match_labels(description, network.labels, network.place);
    if (!matched) return matched.error();
    order = std::move(*matched);
  } else {
    if (!description.labels.empty())
      return Error{"bad-network", network.place,
                   "network " + network.name + " chooses among labels, and none are named here",
                   "write labels = [...] as its file does", ""};
    auto form = answer_form(program, number);
    if (!form) return form.error();
    chosen.form = std::move(*form);
  }
  auto prompt = read_prompt(program, number, description);
  if (!prompt) return prompt.error();
  auto pictures = shown_inputs(program, number, description, *prompt);
  if (!pictures) return pictures.error();
  auto opened = neural::Network::open(std::move(description), chosen);
  if (!opened) return opened.error();
  std::shared_ptr<Perceiver> out(new Perceiver(std::move(*opened), std::move(order), std::move(decoder)));
  out->prompt_ = std::move(*prompt);
  out->pictures_ = std::move(*pictures);
  const auto& columns = program.relations[network.relation].columns;
  for (std::uint32_t c = 0; c < network.inputs; ++c) out->inputs_.push_back(columns[c].name);
  return out;
}

Result<std::shared_ptr<Perceiver>> Perceiver::open_media(const lang::Program& program, std::uint32_t number,
                                                         std::shared_ptr<media::MediaReader> reader) {
  auto relation = find_media_relation(program, program.networks[number]);
  if (!relation) return relation.error();
  std::shared_ptr<Perceiver> out(new Perceiver(nullptr, {}, {}));
  out->media_ = *relation;
  out->reader_ = std::move(reader);
  out->medium_.name = program.networks[number].name;
  return out;
}

// What cannot be read is refused, as a picture is that a network cannot see.
std::vector<Seen> Perceiver::read(const std::vector<std::string>& keys) {
  std::vector<Seen> out(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto reading = reader_->read(*media_.adapter, media_.number, keys[i]);
    if (reading) {
      out[i].reading = std::move(*reading);
    } else {
      out[i].refusal = "unreadable";
      out[i].detail = keys[i] + ": " + reading.error().what;
    }
  }
  return out;
}

// A key is the inputs with a unit separator between.
neural::Request Perceiver::asked(const std::string& key) const {
  neural::Request out{key};
  if (!prompt_) return out;
  std::vector<std::string_view> values;
  std::string_view rest = key;
  while (values.size() + 1 < inputs_.size()) {
    const std::size_t end = rest.find('\x1f');
    if (end == std::string_view::npos) break;
    values.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  values.push_back(rest);
  out.text = prompt_->fill([&](std::string_view name, std::size_t at) {
    const auto input = static_cast<std::size_t>(std::find(inputs_.begin(), inputs_.end(), name) - inputs_.begin());
    std::string_view value = input < values.size() ? values[input] : std::string_view();
    if (input < pictures_.size() && pictures_[input])  // stands between two letters, and is none
      out.pictures.push_back({at, std::string(std::exchange(value, {}))});
    return value;
  });
  return out;
}

double Perceiver::gate_flops() const {
  const auto& gate = network_->description().gate;
  return gate && gate->model ? gate->model->flops : 0.0;
}

Result<std::vector<Seen>> Perceiver::see(const std::vector<std::string>& keys) {
  if (media_.adapter) return read(keys);
  if (replay_) return replay_(keys);
  std::vector<neural::Request> requests;
  for (const std::string& key : keys) requests.push_back(asked(key));
  auto outcomes = network_->run(requests, decoder_);
  std::vector<Seen> out;
  if (!outcomes) {
    // What the record says without the network still stands: the inputs count as declined, and the answers say so.
    Seen failed;
    failed.refusal = "network-unavailable";
    failed.detail = outcomes.error().what;
    return std::vector<Seen>(keys.size(), failed);
  }
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    neural::Outcome& o = (*outcomes)[i];
    Seen seen;
    seen.refusal = std::move(o.refusal);
    seen.detail = std::move(o.detail);
    seen.stage = std::move(o.stage);
    seen.reused = o.reused;
    if (seen.refusal.empty())
      for (std::size_t l : order_) seen.probabilities.push_back(o.probabilities[l]);
    seen.records = std::move(o.records);
    seen.flops = seen.gate_flops = o.gate_flops;
    for (const neural::StageRun& run : o.runs) seen.flops += run.flops;
    seen.runs = std::move(o.runs);
    seen.failed = std::move(o.failed);
    seen.accepted_by = o.accepted_by;
    seen.confidence = o.confidence;
    // A text with a separator of its own may have lent its end to another hole.
    if (prompt_ &&
        std::count(keys[i].begin(), keys[i].end(), '\x1f') + 1 > static_cast<std::ptrdiff_t>(inputs_.size()) &&
        inputs_.size() > 1) {
      seen.refusal = "unreadable";
      seen.detail = "a text has the control character U+001F";
      seen.probabilities.clear();
      seen.records.clear();
    }
    out.push_back(std::move(seen));
  }
  return out;
}

}  // namespace tenfold::answer
