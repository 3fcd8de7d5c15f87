// llama.cpp alone against llama.cpp through Tenfold, on the same model, library, prompts and thread. Each pair first
// has to say the same. CPU seconds of this process, pairs run in turn; README.md says how to run it.
#include <llama.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "neural/backend.h"

namespace {

using namespace tenfold;
using namespace tenfold::neural;

constexpr int kTokens = 400;  // no answer here is longer

double cpu_s() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return s(use.ru_utime) + s(use.ru_stime);
}

[[noreturn]] void stop(const std::string& what) {
  std::fprintf(stderr, "language_bench: %s\n", what.c_str());
  std::exit(1);
}

/// What a program that knows llama.cpp would write.
struct Alone {
  llama_model* model;
  llama_context* context;
  const llama_vocab* vocab;
  explicit Alone(const char* path) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_model_params m = llama_model_default_params();
    m.use_extra_bufts = false;
    model = llama_model_load_from_file(path, m);
    if (!model) stop("the model cannot be loaded");
    llama_context_params c = llama_context_default_params();
    c.n_ctx = 2048;
    c.n_threads = c.n_threads_batch = 1;
    c.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    c.no_perf = true;
    context = llama_init_from_model(model, c);
    vocab = llama_model_get_vocab(model);
  }
  std::vector<llama_token> tokens(const std::string& text, bool special) const {
    std::vector<llama_token> out(text.size() + 8);
    out.resize(static_cast<std::size_t>(llama_tokenize(vocab, text.data(), static_cast<int>(text.size()), out.data(),
                                                       static_cast<int>(out.size()), special, special)));
    return out;
  }
  std::vector<llama_token> prompt(const std::string& text) const {
    auto out = tokens("<|im_start|>user\n", true);
    for (const llama_token t : tokens(text, false)) out.push_back(t);
    for (const llama_token t : tokens("<|im_end|>\n<|im_start|>assistant\n", true)) out.push_back(t);
    return out;
  }
  const float* evaluate(std::vector<llama_token>& some) const {
    if (llama_decode(context, llama_batch_get_one(some.data(), static_cast<int>(some.size()))) != 0) stop("decode");
    return llama_get_logits_ith(context, -1);
  }
  void forget() const { llama_memory_clear(llama_get_memory(context), false); }
  int width() const { return llama_vocab_n_tokens(vocab); }

  std::string go_on(const std::string& text, std::size_t& spoken) const {
    forget();
    auto next = prompt(text);
    std::string out;
    for (int i = 0; i < kTokens; ++i) {
      const float* logits = evaluate(next);
      const auto best = static_cast<llama_token>(std::max_element(logits, logits + width()) - logits);
      ++spoken;
      if (llama_vocab_is_eog(vocab, best)) return out;
      char piece[256];
      out.append(piece, static_cast<std::size_t>(llama_token_to_piece(vocab, best, piece, sizeof piece, 0, false)));
      next = {best};
    }
    stop("an answer is too long to compare: " + text);
  }

  /// The whole prompt again for each label.
  std::vector<double> one_call_a_label(const std::string& text, const std::vector<std::string>& labels) const {
    std::vector<double> out;
    for (const std::string& label : labels) {
      forget();
      auto all = prompt(text);
      const auto said = tokens(label, false);
      double sum = 0.0;
      for (const llama_token token : said) {
        const float* logits = evaluate(all);
        const float most = *std::max_element(logits, logits + width());
        double total = 0.0;
        for (int t = 0; t < width(); ++t) total += std::exp(static_cast<double>(logits[t] - most));
        sum += static_cast<double>(logits[token] - most) - std::log(total);
        all = {token};
      }
      out.push_back(sum);
    }
    return out;
  }
};

std::unique_ptr<Model> load(const char* path, std::vector<std::string> labels, AnswerForm form,
                            std::map<std::string, std::string, std::less<>> options) {
  auto backend = find_backend("llama");
  if (!backend) stop(backend.error().what);
  LoadSettings settings;
  settings.path = path;
  settings.outputs = {{"logits", std::max<std::size_t>(1, labels.size())}};
  settings.labels = std::move(labels);
  settings.form = std::move(form);
  settings.options = std::move(options);
  auto model = (*backend)->load({}, settings);
  if (!model) stop(model.error().what);
  return std::move(*model);
}

Outputs run(Model& model, const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Outputs out;
  if (Status s = model.run({views, {}, views}, out); !s.ok()) stop(s.error().what);
  return out;
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

double seconds_of(const std::function<void()>& work) {
  const double start = cpu_s();
  work();
  return cpu_s() - start;
}

/// Medians of both over all items, and the spread of their ratio. They take turns at every item, and which goes first
/// changes as well.
void compare(const char* what, int rounds, const std::vector<std::string>& items,
             const std::function<void(const std::string&)>& first,
             const std::function<void(const std::string&)>& second, double per, const char* unit) {
  std::vector<double> a, b, ratios;
  for (int round = 0; round < rounds; ++round) {
    double of_first = 0.0, of_second = 0.0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool swapped = (static_cast<std::size_t>(round) + i) % 2 != 0;
      if (!swapped) of_first += seconds_of([&] { first(items[i]); });
      of_second += seconds_of([&] { second(items[i]); });
      if (swapped) of_first += seconds_of([&] { first(items[i]); });
    }
    a.push_back(of_first), b.push_back(of_second), ratios.push_back(of_first / of_second);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("%s: %.3f and %.3f ms %s, ratio %.3f (%.3f to %.3f)\n", what, 1e3 * median(a) / per,
              1e3 * median(b) / per, unit, median(ratios), *least, *most);
}

/// What going through Tenfold costs a token: the likeliest token, held to a form that lets everything through.
void tokens(const char* path, const Alone& alone) {
  const std::vector<std::string> questions = {
      "Explain in one sentence why the sky is blue.", "Write a note of two sentences to a neighbour about a lost cat.",
      "What is photosynthesis? Answer in two sentences.",
      "Summarise: The train was late because of snow, so we missed the concert and went home."};
  const auto model = load(path, {}, *text_form("root ::= .*", "any"),
                          {{"sequences", "1"}, {"prefix", "false"}, {"max_tokens", std::to_string(kTokens)}});
  std::size_t spoken = 0, ignored = 0;
  std::uint64_t through = 0;
  for (const std::string& q : questions) {
    const std::string said = alone.go_on(q, spoken);
    const Outputs out = run(*model, {q});
    through += out.tokens[0].sampled;
    if (out.records[0].size() != 1 || out.records[0][0].json != said) stop("they do not say the same: " + said);
  }
  if (through != spoken) stop("they do not speak as many tokens");
  std::printf("tokens spoken by both: %zu\n", spoken);
  compare(
      "a token through Tenfold and alone", 9, questions, [&](const auto& q) { run(*model, {q}); },
      [&](const auto& q) { alone.go_on(q, ignored); }, static_cast<double>(spoken), "a token");
}

/// Labels over the prompt that they share, against one call a label.
void labels(const char* path, const Alone& alone) {
  const std::vector<std::string> labels = {"card arrival",  "card not working", "lost or stolen card", "exchange rate",
                                           "top up failed", "transfer timing",  "verify my identity",  "request refund",
                                           "change of PIN", "cash withdrawal"};
  std::vector<std::string> asked;
  for (const char* text :
       {"My new card has still not come, it has been two weeks.", "Why was I charged twice at the shop?",
        "I cannot take money out with my card since yesterday.", "How do I prove who I am?"})
    asked.push_back(
        "Which topic is this customer writing about? Answer with the name of the topic and nothing else. The "
        "message: " +
        std::string(text));
  const auto chooser = load(path, labels, {}, {}), fresh = load(path, labels, {}, {{"prefix", "false"}});
  // The memory of the branches lies in another order, so that sums round otherwise, and 8-bit activations after them.
  constexpr double kRounding = 0.01;
  for (const auto& text : asked) {
    const auto each = alone.one_call_a_label(text, labels);
    const Outputs chosen = run(*chooser, {text});
    for (std::size_t l = 0; l < labels.size(); ++l)
      if (std::abs(each[l] - chosen.values[0][l]) > kRounding * std::abs(each[l]))
        stop("they find `" + labels[l] + "` " + std::to_string(each[l]) + " and " +
             std::to_string(chosen.values[0][l]));
    if (run(*fresh, {text}).values != chosen.values) stop("reusing a prefix changes an answer");
  }
  const auto one_by_one = [&](const auto& text) { alone.one_call_a_label(text, labels); };
  const auto n = static_cast<double>(asked.size());
  compare(
      "10 labels, one call a label and over the shared prompt", 3, asked, one_by_one,
      [&](const auto& text) { run(*fresh, {text}); }, n, "an input");
  compare(
      "10 labels, one call a label and over prompts that share a prefix as well", 3, asked, one_by_one,
      [&](const auto& text) { run(*chooser, {text}); }, n, "an input");
}

/// A JSON job with what its form forces appended, and chosen token by token.
void json(const char* path) {
  const AnswerForm form = *record_form({{"name", Field::Kind::text, 0, 0}, {"age", Field::Kind::whole, 0, 150}}, false);
  const auto appending = load(path, {}, form, {{"sequences", "1"}});
  const auto choosing = load(path, {}, form, {{"sequences", "1"}, {"forced", "false"}});
  std::vector<std::string> people;
  for (const char* text : {"Anna is 31 years old and lives in Bern.", "Bob, 47, sells cars.",
                           "Carla turned 9 last week.", "Egon will be 55 in May."})
    people.push_back("Give the name and age of the person as JSON. Text: " + std::string(text));
  Tokens a, b;
  for (const auto& text : people) {
    const Outputs quick = run(*appending, {text}), slow = run(*choosing, {text});
    a += quick.tokens[0], b += slow.tokens[0];
    if (quick.records != slow.records) stop("appending changes an answer");
  }
  for (const auto& [what, t] : {std::pair{"appending", a}, {"choosing", b}})
    std::printf("JSON job, %s: prompt %llu, reused %llu, sampled %llu, forced %llu\n", what,
                static_cast<unsigned long long>(t.prompt), static_cast<unsigned long long>(t.reused),
                static_cast<unsigned long long>(t.sampled), static_cast<unsigned long long>(t.forced));
  compare(
      "JSON job, choosing and appending", 9, people, [&](const auto& text) { run(*choosing, {text}); },
      [&](const auto& text) { run(*appending, {text}); }, static_cast<double>(people.size()), "an input");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3)
    stop("give a GGUF file of SmolLM2-135M-Instruct, and tokens, labels or json for one part alone");
  const char* path = argv[1];
  const std::string part = argc == 3 ? argv[2] : "";
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const Alone alone(path);
  if (part.empty() || part == "json") json(path);
  if (part.empty() || part == "labels") labels(path, alone);
  if (part.empty() || part == "tokens") tokens(path, alone);
}
