#include "neural/backends/llama_context.h"

#include <dlfcn.h>
#include <ggml-cpu.h>
#include <mtmd-helper.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <mutex>
#include <utility>

#include "neural/backends/load_error.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

constexpr std::uint32_t kBatch = 512;            // tokens evaluated at a time
constexpr std::uint32_t kMaxPicture = 1u << 13;  // where a picture's tokens see each other; memory grows with it
constexpr std::uint32_t kMaxContext = 1u << 17;
constexpr std::uint32_t kMaxSequences = 255;  // of llama.cpp, one kept apart

/// What llama.cpp says goes to nobody's terminal; its last complaint is kept for the error that follows.
thread_local std::string complaint;

void listen() {
  static std::once_flag once;
  std::call_once(once, [] {
    const ggml_log_callback hear = [](ggml_log_level level, const char* text, void*) {
      if (level != GGML_LOG_LEVEL_ERROR) return;
      std::string line = text;
      while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
      // "clip_init: failed to load model 'x': load_hparams: unknown projector type: y": what matters comes last.
      if (const std::size_t named = line.find("failed to load model '"); named != std::string::npos)
        if (const std::size_t reason = line.find("': ", named); reason != std::string::npos) line.erase(0, reason + 3);
      // "llama_model_load: error loading model: unknown model architecture: 'x'": the function is of no use.
      if (const std::size_t colon = line.find(": "); colon != std::string::npos && line.find(' ') > colon)
        line.erase(0, colon + 2);
      line = line.substr(0, line.find('\n'));
      if (line.starts_with("error: ")) line.erase(0, 7);
      // Said after the reason, and less.
      const bool again = line.find("failed to load model") != std::string::npos ||
                         line.find("Failed to load CLIP model") != std::string::npos;
      if (!line.empty() && !again) complaint = line.substr(0, 300);
    };
    llama_log_set(hear, nullptr);
    mtmd_helper_log_set(hear, nullptr);
    llama_backend_init();
  });
}

Result<std::uint32_t> number(const LoadSettings& settings, std::string_view name, std::uint32_t fallback,
                             std::uint32_t least, std::uint32_t most) {
  const std::string text = settings.option(name, std::to_string(fallback));
  std::uint32_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad == std::errc{} && end == text.data() + text.size() && value >= least && value <= most) return value;
  return error_at("bad-option", settings.path, "option " + std::string(name) + " is `" + text + "`",
                  "give a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

Result<bool> truth(const LoadSettings& settings, std::string_view name) {
  const std::string text = settings.option(name, "true");
  if (text == "true" || text == "false") return text == "true";
  return error_at("bad-option", settings.path, "option " + std::string(name) + " is `" + text + "`",
                  "give true or false");
}

}  // namespace

bool is_gguf(const std::string& path) {
  std::array<char, 4> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "GGUF";
}

std::string llama_complaint() { return std::exchange(complaint, {}); }

// Versions say too little: llama.cpp is built on the spot, with the flags and the compiler of the day.
std::string llama_identity() {
  static const std::string identity = [] {
    listen();
    Sha256 sum;
    for (const void* of : {reinterpret_cast<const void*>(&llama_decode), reinterpret_cast<const void*>(&ggml_cpu_init),
                           reinterpret_cast<const void*>(&ggml_init), reinterpret_cast<const void*>(&mtmd_free)}) {
      Dl_info library{};
      const auto file = dladdr(of, &library) != 0 ? sha256_of_file(library.dli_fname) : std::nullopt;
      sum.add(std::as_bytes(std::span(file ? *file : std::string(ggml_version()))));
    }
    return "llama.cpp " + sum.hex() + " " + llama_print_system_info();
  }();
  return identity;
}

std::size_t common_prefix(const LlamaTokens& a, const LlamaTokens& b) {
  const auto n = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + n, b.begin()).first - a.begin());
}

std::size_t LlamaPrompt::reusable(const LlamaTokens& held) const {
  return std::min(common_prefix(held, tokens), size - 1);
}

Result<LlamaOptions> llama_options(const LoadSettings& settings) {
  static constexpr std::array<std::string_view, 9> kKnown = {
      "threads", "context", "sequences", "max_tokens", "template", "system", "picture_tokens", "prefix", "forced"};
  for (const auto& [name, value] : settings.options) {
    if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) continue;
    if (name == "mmproj")
      return error_at("bad-option", settings.path, "a mmproj is no option", "name it in `weights`, beside `model`");
    std::string known;
    for (const std::string_view each : kKnown) known += (known.empty() ? "" : ", ") + std::string(each);
    return error_at("bad-option", settings.path, "llama has no option `" + name + "`", "it has " + known);
  }
  LlamaOptions out;
  const auto threads = number(settings, "threads", 1, 1, 512);
  if (!threads) return threads.error();
  const auto context = number(settings, "context", out.context, 16, kMaxContext);
  if (!context) return context.error();
  const auto sequences = number(settings, "sequences", out.sequences, 1, kMaxSequences);
  if (!sequences) return sequences.error();
  const auto most = number(settings, "max_tokens", out.max_tokens, 1, kMaxContext);
  if (!most) return most.error();
  const auto picture = number(settings, "picture_tokens", 0, 0, kMaxContext);
  if (!picture) return picture.error();
  const auto prefix = truth(settings, "prefix");
  if (!prefix) return prefix.error();
  const auto forced = truth(settings, "forced");
  if (!forced) return forced.error();
  out.threads = *threads, out.context = *context, out.sequences = *sequences, out.max_tokens = *most;
  out.picture_tokens = *picture;
  out.prefix = *prefix, out.forced = *forced;
  out.chat = settings.option("template", out.chat);
  out.system = settings.option("system");
  return out;
}

Result<std::unique_ptr<LlamaContext>> LlamaContext::open(const LoadSettings& settings, const LlamaOptions& options,
                                                         Use use, std::uint32_t sequences) {
  listen();
  const std::string& path = settings.path;
  if (!is_gguf(path)) {
    return error_at("bad-model", path, "this is no GGUF file",
                    "llama takes models in GGUF; see docs/language-networks.md");
  }
  std::unique_ptr<LlamaContext> out(new LlamaContext);
  out->path_ = path;
  llama_model_params model = llama_model_default_params();
  model.n_gpu_layers = 0;
  model.use_extra_bufts = false;  // repacked weights are multiplied in other orders for other batches
  complaint.clear();
  out->model_.reset(llama_model_load_from_file(path.c_str(), model));
  if (!out->model_) {
    return error_at("bad-model", path, "llama.cpp cannot load this model" + (complaint.empty() ? "" : ": " + complaint),
                    "see whether the file is whole, and of an architecture that llama.cpp knows");
  }
  if (use != Use::embeddings &&
      (!llama_model_has_decoder(out->model_.get()) || llama_model_has_encoder(out->model_.get()))) {
    return error_at("bad-model", path, "this model does not go on with a text, which answers are made of",
                    "use a model that generates text");
  }
  if (!settings.weights.empty()) {
    if (use == Use::embeddings)
      return error_at("bad-option", path, "an embedding is of a text alone", "leave `weights` out");
    auto pictures = LlamaPictures::open(settings, options, out->model_.get());
    if (!pictures) return pictures.error();
    out->pictures_ = std::move(*pictures);
  }
  const auto trained = static_cast<std::uint32_t>(std::max(1, llama_model_n_ctx_train(out->model_.get())));
  const std::uint32_t size = std::min(options.context, trained);
  llama_context_params context = llama_context_default_params();
  // llama.cpp ends the process where there are more sequences than tokens in a batch or in the memory that they share.
  context.n_ctx = use == Use::answers ? size * sequences : std::max(size, sequences);
  context.n_seq_max = sequences;
  context.kv_unified = use != Use::answers;
  std::uint32_t at_a_time = use == Use::embeddings ? size : kBatch;
  if (out->pictures_ && out->pictures_->at_once()) at_a_time = kMaxPicture;
  context.n_batch = context.n_ubatch = std::max(std::min(at_a_time, size), sequences);
  context.n_threads = context.n_threads_batch = static_cast<std::int32_t>(options.threads);
  context.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  context.swa_full = true;  // what was left of a window could not be taken back to
  context.no_perf = true;
  if (use == Use::embeddings) {
    context.embeddings = true;
    context.pooling_type = LLAMA_POOLING_TYPE_MEAN;
  }
  complaint.clear();
  out->context_.reset(llama_init_from_model(out->model_.get(), context));
  if (!out->context_) {
    return error_at("bad-model", path,
                    "llama.cpp makes no context for this model" + (complaint.empty() ? "" : ": " + complaint),
                    "a smaller `context` or fewer `sequences` take less memory");
  }
  out->memory_ = llama_get_memory(out->context_.get());
  if (use != Use::embeddings && !out->memory_)
    return error_at("bad-model", path, "this model keeps no memory of a text", "use a model that generates text");
  out->context_size_ = std::min(size, llama_n_ctx_seq(out->context_.get()));
  if (use != Use::embeddings)
    if (Status read = out->read_template(settings, options); !read.ok()) return read.error();
  return out;
}

// The template is asked once, with a stand-in for the prompt: what stands before and after is the same for all.
Status LlamaContext::read_template(const LoadSettings& settings, const LlamaOptions& options) {
  std::string text = options.chat;
  if (text == "model") {
    const char* own = llama_model_chat_template(model_.get(), nullptr);
    text = own ? own : "none";
  }
  if (text == "none") {
    if (!options.system.empty())
      return error_at("bad-option", settings.path, "without a chat template there is no place for `system`",
                      "write it into the prompt, or name a template");
    before_ = tokenize("", true, false);
    return {};
  }
  const std::string stand_in = "tenfold-prompt-stands-here";
  std::vector<llama_chat_message> messages;
  if (!options.system.empty()) messages.push_back({"system", options.system.c_str()});
  messages.push_back({"user", stand_in.c_str()});
  std::string put(options.system.size() + 4096, '\0');
  const std::int32_t size = llama_chat_apply_template(text.c_str(), messages.data(), messages.size(), true, put.data(),
                                                      static_cast<std::int32_t>(put.size()));
  put.resize(static_cast<std::size_t>(std::clamp<std::int32_t>(size, 0, static_cast<std::int32_t>(put.size()))));
  const std::size_t at = put.find(stand_in);
  if (size <= 0 || at == std::string::npos || put.find(stand_in, at + 1) != std::string::npos) {
    return error_at("bad-option", settings.path, "llama.cpp does not know this chat template",
                    "name one that it knows in `template` (\"chatml\"), or write \"none\"");
  }
  before_text_ = put.substr(0, at);
  after_text_ = put.substr(at + stand_in.size());
  before_ = tokenize(before_text_, true, true);
  after_ = tokenize(after_text_, false, true);
  return {};
}

LlamaTokens LlamaContext::tokenize(std::string_view text, bool special, bool signs) const {
  LlamaTokens out(text.size() + 2);
  const auto size = static_cast<std::int32_t>(text.size());
  std::int32_t n =
      llama_tokenize(vocab(), text.data(), size, out.data(), static_cast<std::int32_t>(out.size()), special, signs);
  if (n < 0) {
    out.resize(static_cast<std::size_t>(-n));
    n = llama_tokenize(vocab(), text.data(), size, out.data(), static_cast<std::int32_t>(out.size()), special, signs);
  }
  out.resize(static_cast<std::size_t>(std::max(0, n)));
  return out;
}

LlamaPrompts LlamaContext::prompts(const Batch& batch, std::size_t room, Outputs& outputs) const {
  LlamaPrompts out;
  outputs.details.assign(batch.size(), "");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    LlamaPrompt& prompt = out.prompts.emplace_back();
    Status made;
    if (batch.shown.empty() || batch.shown[i].empty()) {
      prompt.tokens = before_;
      const auto said = tokens(batch.texts[i]);
      prompt.tokens.insert(prompt.tokens.end(), said.begin(), said.end());
      prompt.tokens.insert(prompt.tokens.end(), after_.begin(), after_.end());
      prompt.size = prompt.tokens.size();
      if (prompt.size == 0) made = Error{"unreadable", {}, "the prompt is empty", "", ""};
    } else {
      made = prompt_with_pictures(batch.texts[i], batch.shown[i], prompt);
    }
    if (made.ok() && prompt.size + room > context_size_)
      made = Error{"too-long",
                   {},
                   "the prompt has " + std::to_string(prompt.size) + " tokens, and `context` is " +
                       std::to_string(context_size_),
                   "",
                   ""};
    if (made.ok()) {
      out.order.push_back(i);
    } else {
      outputs.refusals[i] = made.error().code;
      outputs.details[i] = made.error().what;
    }
  }
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](std::size_t a, std::size_t b) { return out.prompts[a].tokens < out.prompts[b].tokens; });
  return out;
}

Status LlamaContext::prompt_with_pictures(std::string_view text, std::span<const Shown> shown,
                                          LlamaPrompt& prompt) const {
  if (!pictures_) return Error{"network-failed", {}, "this model is shown no pictures", "", ""};
  auto chunks = pictures_->chunks(before_text_, text, shown, after_text_);
  if (!chunks) return chunks.error();
  prompt.chunks = std::move(*chunks);
  const std::size_t n = mtmd_input_chunks_size(prompt.chunks.get());
  for (std::size_t c = 0; c < n; ++c) {
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(prompt.chunks.get(), c);
    std::size_t size = mtmd_input_chunk_get_n_tokens(chunk);
    prompt.size += size;
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
      const llama_token* tokens = mtmd_input_chunk_get_tokens_text(chunk, &size);
      if (c == 0) prompt.tokens.assign(tokens, tokens + size);
      if (c + 1 == n) prompt.last.assign(tokens, tokens + size);
    } else if (pictures_->at_once(chunk) && size > llama_n_ubatch(context_.get())) {
      return Error{"too-long",
                   {},
                   "a picture has " + std::to_string(size) + " tokens, which this model sees at once: more than " +
                       std::to_string(llama_n_ubatch(context_.get())),
                   "",
                   ""};
    }
  }
  if (prompt.last.empty())
    return Error{"unreadable", {}, "the prompt ends with a picture, and nothing asks for an answer", "", ""};
  return {};
}

Result<LlamaContext::Rest> LlamaContext::show(const LlamaPrompt& prompt, llama_seq_id sequence, std::size_t known,
                                              double& flops) {
  auto position = static_cast<llama_pos>(known);
  if (!prompt.shows()) return Rest{position, std::span(prompt.tokens).subspan(known)};
  std::size_t filled = known;
  std::vector<Step> steps;
  const std::size_t n = mtmd_input_chunks_size(prompt.chunks.get());
  for (std::size_t c = 0; c + 1 < n; ++c) {
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(prompt.chunks.get(), c);
    std::size_t size = mtmd_input_chunk_get_n_tokens(chunk);
    const std::size_t from = c == 0 ? std::min(known, prompt.tokens.size()) : 0;
    for (std::size_t t = from; t < size; ++t) flops += this->flops(filled++);
    if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT) {
      const llama_token* tokens = mtmd_input_chunk_get_tokens_text(chunk, &size);
      steps.clear();
      for (std::size_t t = from; t < size; ++t) steps.push_back({tokens[t], position++, {sequence}, false});
      if (Status s = evaluate(steps); !s.ok()) return s.error();
      continue;
    }
    auto next = pictures_->evaluate(context_.get(), chunk, sequence, position, flops);
    if (!next) {
      forget();
      return next.error();
    }
    position = *next;
  }
  return Rest{position, prompt.last};
}

std::vector<std::string> LlamaContext::pieces() const {
  std::vector<std::string> out(vocabulary());
  std::array<char, 512> text{};
  for (std::size_t t = 0; t < out.size(); ++t) {
    const auto token = static_cast<llama_token>(t);
    if (llama_vocab_is_control(vocab(), token) || llama_vocab_is_eog(vocab(), token)) continue;
    const std::int32_t size =
        llama_token_to_piece(vocab(), token, text.data(), static_cast<std::int32_t>(text.size()), 0, false);
    if (size > 0) out[t].assign(text.data(), static_cast<std::size_t>(size));
  }
  return out;
}

Error LlamaContext::failed(std::string what) const {
  return error_at("network-failed", path_, std::move(what) + (complaint.empty() ? "" : ": " + complaint),
                  "run it on one input to find which");
}

Status LlamaContext::evaluate(std::span<const Step> steps) {
  logits_.clear();
  kept_.clear();
  const std::size_t most = llama_n_batch(context_.get());
  for (std::size_t at = 0; at < steps.size(); at += most) {
    const auto part = steps.subspan(at, std::min(most, steps.size() - at));
    if (Status s = evaluate_part(part, at + part.size() == steps.size()); !s.ok()) return s;
  }
  return {};
}

Status LlamaContext::evaluate_part(std::span<const Step> steps, bool last) {
  LlamaTokens tokens;
  std::vector<llama_pos> positions;
  std::vector<std::int32_t> counts;
  std::vector<llama_seq_id*> sequences;
  std::vector<std::int8_t> wanted;
  for (const Step& step : steps) {
    tokens.push_back(step.token);
    positions.push_back(step.position);
    counts.push_back(static_cast<std::int32_t>(step.sequences.size()));
    sequences.push_back(const_cast<llama_seq_id*>(step.sequences.data()));
    wanted.push_back(step.wanted);
  }
  llama_batch batch{};
  batch.n_tokens = static_cast<std::int32_t>(steps.size());
  batch.token = tokens.data();
  batch.pos = positions.data();
  batch.n_seq_id = counts.data();
  batch.seq_id = sequences.data();
  batch.logits = wanted.data();
  complaint.clear();
  if (const std::int32_t code = llama_decode(context_.get(), batch); code != 0) {
    forget();
    return failed("llama.cpp could not evaluate a batch (" + std::to_string(code) + ")");
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].wanted) continue;
    const float* row = llama_get_logits_ith(context_.get(), static_cast<std::int32_t>(i));
    if (!row) return failed("llama.cpp gave no logits");
    if (!last) row = kept_.emplace_back(row, row + vocabulary()).data();
    logits_.push_back(row);
  }
  return {};
}

std::size_t LlamaContext::cut(llama_seq_id sequence, std::size_t keep) {
  const auto has = static_cast<std::size_t>(llama_memory_seq_pos_max(memory_, sequence) + 1);
  if (keep >= has) return has;
  // Models with a state in place of a memory cannot go back.
  if (keep > 0 && llama_memory_seq_rm(memory_, sequence, static_cast<llama_pos>(keep), -1)) return keep;
  drop(sequence);
  return 0;
}

Status LlamaContext::embed(std::span<const llama_token> tokens, std::span<double> out) {
  if (memory_) forget();
  LlamaTokens all(tokens.begin(), tokens.end());
  const llama_batch batch = llama_batch_get_one(all.data(), static_cast<std::int32_t>(all.size()));
  complaint.clear();
  const std::int32_t code = memory_ ? llama_decode(context_.get(), batch) : llama_encode(context_.get(), batch);
  const float* row = code == 0 ? llama_get_embeddings_seq(context_.get(), 0) : nullptr;
  if (!row) return failed("llama.cpp gave no embedding");
  double length = 0.0;
  for (std::size_t i = 0; i < out.size(); ++i) length += static_cast<double>(row[i]) * static_cast<double>(row[i]);
  length = std::sqrt(length);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(row[i]) / length;
  return {};
}

}  // namespace tenfold::neural
