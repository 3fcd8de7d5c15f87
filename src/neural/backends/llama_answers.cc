#include "neural/backends/llama_answers.h"

#include <algorithm>
#include <cmath>

namespace tenfold::neural {
namespace {

// Giving one sequence all that another has copies its whole memory, which costs as much as evaluating some tokens.
constexpr std::size_t kWorthCopying = 32;

/// Where each object of a list ends, in a text that is one.
std::vector<std::size_t> ends_of_records(const std::string& text) {
  std::vector<std::size_t> out;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else
        quoted = text[i] != '"';
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      out.push_back(i + 1);
    }
  }
  return out;
}

}  // namespace

Result<LlamaAnswers> LlamaAnswers::make(const LlamaContext& context, const LoadSettings& settings,
                                        const LlamaOptions& options) {
  auto grammar = Grammar::parse(settings.form.grammar, settings.path);
  if (!grammar) return grammar.error();
  LlamaAnswers out(std::move(*grammar), TokenMasks(context.pieces()));
  out.form_ = settings.form;
  out.options_ = options;
  for (std::size_t t = 0; t < context.vocabulary(); ++t)
    if (llama_vocab_is_eog(context.vocab(), static_cast<llama_token>(t)))
      out.ends_.push_back(static_cast<llama_token>(t));
  out.speakers_.resize(options.sequences);
  return out;
}

void LlamaAnswers::append(Speaker& speaker, llama_token token) {
  const std::string& piece = masks_.piece(static_cast<std::size_t>(token));
  speaker.said += piece;
  for (const char c : piece) speaker.state = grammar_.next(speaker.state, static_cast<unsigned char>(c));
  speaker.waiting.push_back(token);
  ++speaker.spoken;
}

void LlamaAnswers::refuse(Speaker& speaker, Outputs& outputs, const char* code) const {
  outputs.refusals[speaker.input] = code;
  speaker.busy = false;
}

// The probability of a record is that of the choices that were made for it, one after the other: those whose text
// begins in it or between the record before and it, since there it is chosen that one more follows.
bool LlamaAnswers::finish(Speaker& speaker, Outputs& outputs) {
  speaker.busy = false;
  auto read = read_records(form_, speaker.said);
  if (!read) {
    outputs.refusals[speaker.input] = "not-an-answer";
    return false;
  }
  const auto ends = form_.kind == AnswerForm::Kind::records ? ends_of_records(speaker.said)
                                                            : std::vector<std::size_t>{speaker.said.size()};
  std::vector<Record>& records = outputs.records[speaker.input];
  for (std::string& json : *read) records.push_back({std::move(json), 1.0});
  for (const auto& [at, probability] : speaker.odds) {
    const auto of = std::upper_bound(ends.begin(), ends.end(), at) - ends.begin();
    if (static_cast<std::size_t>(of) < records.size()) records[static_cast<std::size_t>(of)].probability *= probability;
  }
  return false;
}

/// Appends what the grammar leaves no choice about. False: the answer is over.
bool LlamaAnswers::force(LlamaContext& context, Speaker& speaker, Outputs& outputs) {
  while (true) {
    std::string text;
    Grammar::State state = speaker.state;
    while (const auto byte = grammar_.must_follow(state)) {
      text += static_cast<char>(*byte);
      state = grammar_.next(state, *byte);
    }
    if (text.empty()) break;
    auto tokens = context.tokens(text);
    std::string spelled;
    for (const llama_token token : tokens) spelled += masks_.piece(static_cast<std::size_t>(token));
    if (spelled != text) {  // a vocabulary that puts a blank before a text
      const auto spelling = masks_.spell(text);
      if (!spelling) break;
      tokens = *spelling;
    }
    if (!options_.forced) {
      speaker.queued.assign(tokens.rbegin(), tokens.rend());
      return true;
    }
    for (const llama_token token : tokens) append(speaker, token);
    outputs.tokens[speaker.input].forced += tokens.size();
  }
  return !over(speaker) || finish(speaker, outputs);
}

bool LlamaAnswers::over(const Speaker& speaker) const {
  return grammar_.accepts(speaker.state) && grammar_.may_follow(speaker.state).none();
}

Status LlamaAnswers::begin(LlamaContext& context, std::size_t index, const LlamaPrompt& prompt, std::size_t input,
                           Outputs& outputs) {
  Speaker& speaker = speakers_[index];
  Tokens& tokens = outputs.tokens[input];
  std::size_t same = 0;
  if (options_.prefix) {
    same = prompt.reusable(speaker.held);
    std::size_t best = index, most = same;
    for (std::size_t s = 0; s < speakers_.size(); ++s)
      if (const std::size_t n = prompt.reusable(speakers_[s].held); n > most) best = s, most = n;
    if (best != index && most >= same + kWorthCopying) {
      context.copy(static_cast<llama_seq_id>(best), static_cast<llama_seq_id>(index));
      speaker.held = speakers_[best].held;
      same = most;
    }
  }
  const std::size_t known = context.cut(static_cast<llama_seq_id>(index), same);
  speaker.held.resize(known);
  speaker.saw = prompt.shows();
  const auto rest = context.show(prompt, static_cast<llama_seq_id>(index), known, outputs.flops[input]);
  if (!rest) return rest.error();
  if (speaker.saw) speaker.held = prompt.tokens;
  speaker.filled = prompt.size - rest->tokens.size();
  speaker.position = rest->position;
  speaker.waiting.assign(rest->tokens.begin(), rest->tokens.end());
  speaker.queued.clear();
  speaker.busy = true;
  speaker.input = input;
  speaker.state = grammar_.start();
  speaker.said.clear();
  speaker.spoken = 0;
  speaker.odds.clear();
  tokens.prompt = prompt.size - known;
  tokens.reused = known;
  if (options_.forced && force(context, speaker, outputs)) (void)has_room(context, speaker, outputs);
  return {};
}

/// False: it has got too long, and is refused.
bool LlamaAnswers::has_room(const LlamaContext& context, Speaker& speaker, Outputs& outputs) const {
  const bool short_enough = !grammar_.exhausted() && speaker.spoken < options_.max_tokens;
  if (short_enough && speaker.filled + speaker.waiting.size() <= context.context()) return true;
  refuse(speaker, outputs, short_enough ? "too-long" : "not-an-answer");
  return false;
}

void LlamaAnswers::forget(LlamaContext& context) {
  for (Speaker& speaker : speakers_) speaker.busy = false, speaker.held.clear(), speaker.filled = 0;
  context.forget();
}

/// Takes the next token. False: the answer is over.
bool LlamaAnswers::go_on(LlamaContext& context, Speaker& speaker, const float* logits, Outputs& outputs) {
  Tokens& tokens = outputs.tokens[speaker.input];
  if (!options_.forced && speaker.queued.empty()) (void)force(context, speaker, outputs);
  if (!speaker.queued.empty()) {
    append(speaker, speaker.queued.back());
    speaker.queued.pop_back();
    ++tokens.sampled;
  } else {
    const TokenMask& mask = masks_.allowed(grammar_, speaker.state);
    Choice choice = choose(logits, mask);
    if (grammar_.accepts(speaker.state)) {
      // It may end here, and does if that is likelier than any token that goes on.
      llama_token end = -1;
      for (const llama_token token : ends_)
        if (end < 0 || logits[token] > logits[end]) end = token;
      if (end < 0 && choice.token < 0) return finish(speaker, outputs);
      if (end >= 0) {
        const double odds = choice.token < 0 ? 0.0
                                             : std::exp(static_cast<double>(logits[choice.token] - logits[end])) /
                                                   choice.probability;  // of going on at all, to ending
        if (choice.token < 0 || logits[end] >= logits[choice.token]) {
          speaker.odds.emplace_back(speaker.said.empty() ? 0 : speaker.said.size() - 1, 1.0 / (1.0 + odds));
          ++tokens.sampled;
          return finish(speaker, outputs);
        }
        choice.probability *= odds / (1.0 + odds);
      }
    }
    if (choice.token < 0 || !std::isfinite(choice.probability)) {
      refuse(speaker, outputs, choice.token < 0 ? "not-an-answer" : "not-finite");
      return false;
    }
    speaker.odds.emplace_back(speaker.said.size(), choice.probability);
    append(speaker, choice.token);
    ++tokens.sampled;
  }
  if (options_.forced ? !force(context, speaker, outputs) : over(speaker) && !finish(speaker, outputs)) return false;
  return has_room(context, speaker, outputs);
}

Status LlamaAnswers::answer(LlamaContext& context, const Batch& batch, Outputs& outputs) {
  outputs.records.assign(batch.size(), {});
  // Left by a batch that ended with an exception.
  if (std::any_of(speakers_.begin(), speakers_.end(), [](const Speaker& speaker) { return speaker.busy; }))
    forget(context);
  const auto [prompts, order] = context.prompts(batch, 1, outputs);
  std::size_t next = 0;
  while (true) {
    // At most one speaker begins at a time: what it evaluates may be what the next is spared.
    bool any = false, began = false;
    for (std::size_t s = 0; s < speakers_.size(); ++s) {
      while (!speakers_[s].busy && !began && next < order.size()) {
        const std::size_t i = order[next++];
        if (Status begun = begin(context, s, prompts[i], i, outputs); !begun.ok()) {
          forget(context);
          return begun;
        }
        began = speakers_[s].busy;
      }
      any = any || speakers_[s].busy;
    }
    if (!any && next == order.size()) return {};
    std::vector<LlamaContext::Step> steps;
    std::vector<std::size_t> who;
    for (std::size_t s = 0; s < speakers_.size(); ++s) {
      Speaker& speaker = speakers_[s];
      if (!speaker.busy) continue;
      for (const llama_token token : speaker.waiting) {
        steps.push_back({token, speaker.position++, {static_cast<llama_seq_id>(s)}, false});
        outputs.flops[speaker.input] += context.flops(speaker.filled++);
        if (!speaker.saw) speaker.held.push_back(token);
      }
      speaker.waiting.clear();
      steps.back().wanted = true;
      who.push_back(s);
    }
    if (Status evaluated = context.evaluate(steps); !evaluated.ok()) {
      forget(context);
      return evaluated;
    }
    for (std::size_t w = 0; w < who.size(); ++w) (void)go_on(context, speakers_[who[w]], context.logits(w), outputs);
  }
}

}  // namespace tenfold::neural
