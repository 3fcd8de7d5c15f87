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

constexpr int kTokens = 64;  // an answer is cut there
constexpr int kPairs = 5;

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
      if (llama_vocab_is_eog(vocab, best)) break;
      char piece[256];
      out.append(piece, static_cast<std::size_t>(llama_token_to_piece(vocab, best, piece, sizeof piece, 0, false)));
      next = {best};
    }
    return out;
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

/// Medians of both, and the spread of their ratio.
void compare(const char* what, const std::function<void()>& first, const std::function<void()>& second, double per,
             const char* unit) {
  std::vector<double> a, b, ratios;
  for (int i = 0; i < kPairs; ++i) {
    double start = cpu_s();
    first();
    a.push_back(cpu_s() - start);
    start = cpu_s();
    second();
    b.push_back(cpu_s() - start);
    ratios.push_back(a.back() / b.back());
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("%s: %.3f and %.3f ms %s, ratio %.3f (%.3f to %.3f)\n", what, 1e3 * median(a) / per,
              1e3 * median(b) / per, unit, median(ratios), *least, *most);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) stop("give a GGUF file of SmolLM2-135M-Instruct");
  const char* path = argv[1];
  const Alone alone(path);
  const std::vector<std::string> questions = {
      "What is the capital of France, and what is it known for?", "Explain why the sky is blue.",
      "Write a short note to a neighbour about a lost cat.", "Name three fruits and say how they taste."};

  // 1. What going through Tenfold costs a token: the likeliest token, held to a form that lets everything through.
  const auto free_text = load(path, {}, *text_form("root ::= .*", "any"),
                              {{"sequences", "1"}, {"prefix", "false"}, {"max_tokens", std::to_string(kTokens + 1)}});
  std::size_t spoken = 0;
  std::uint64_t through = 0;
  for (const std::string& q : questions) {
    const std::string said = alone.go_on(q, spoken);
    const Outputs out = run(*free_text, {q});
    through += out.tokens[0].sampled;
    if (!out.records[0].empty() && out.records[0][0].json != said) stop("they do not say the same");
  }
  std::printf("tokens spoken: %zu alone, %llu through Tenfold\n", spoken, static_cast<unsigned long long>(through));
  std::size_t ignored = 0;
  const double ratio = static_cast<double>(spoken) / static_cast<double>(through);
  compare(
      "a token through Tenfold and alone",
      [&] {
        for (const auto& q : questions) run(*free_text, {q});
      },
      [&] {
        for (const auto& q : questions) alone.go_on(q, ignored);
      },
      static_cast<double>(spoken), "a token");
  std::printf("  (tokens alone / through: %.4f)\n", ratio);

  // 2. Labels: over the prompt that they share, against one call a label.
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
  const auto chooser = load(path, labels, {}, {});
  const auto fresh = load(path, labels, {}, {{"prefix", "false"}});
  const Outputs chosen = run(*chooser, asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto each = alone.one_call_a_label(asked[i], labels);
    for (std::size_t l = 0; l < labels.size(); ++l)
      if (std::abs(each[l] - chosen.values[0][i * labels.size() + l]) > 1e-3) stop("labels differ");
  }
  compare(
      "10 labels, one call a label and over the shared prompt",
      [&] {
        for (const auto& text : asked) alone.one_call_a_label(text, labels);
      },
      [&] { run(*fresh, asked); }, static_cast<double>(asked.size()), "an input");
  compare(
      "10 labels, one call a label and over prompts that share a prefix as well",
      [&] {
        for (const auto& text : asked) alone.one_call_a_label(text, labels);
      },
      [&] { run(*chooser, asked); }, static_cast<double>(asked.size()), "an input");

  // 3. A JSON job with what its form forces appended, and chosen token by token.
  const AnswerForm form = *record_form({{"name", Field::Kind::text, 0, 0}, {"age", Field::Kind::whole, 0, 150}}, false);
  const auto appending = load(path, {}, form, {{"sequences", "1"}});
  const auto choosing = load(path, {}, form, {{"sequences", "1"}, {"forced", "false"}});
  std::vector<std::string> people;
  for (const char* text : {"Anna is 31 years old and lives in Bern.", "Bob, 47, sells cars.",
                           "Carla turned 9 last week.", "Egon will be 55 in May."})
    people.push_back("Give the name and age of the person as JSON. Text: " + std::string(text));
  const Outputs quick = run(*appending, people), slow = run(*choosing, people);
  Tokens a, b;
  for (std::size_t i = 0; i < people.size(); ++i) {
    a += quick.tokens[i], b += slow.tokens[i];
    if (quick.records[i] != slow.records[i]) stop("appending changes an answer");
  }
  const auto print = [](const char* what, const Tokens& t) {
    std::printf("%s: prompt %llu, reused %llu, sampled %llu, forced %llu\n", what,
                static_cast<unsigned long long>(t.prompt), static_cast<unsigned long long>(t.reused),
                static_cast<unsigned long long>(t.sampled), static_cast<unsigned long long>(t.forced));
  };
  print("JSON job, appending", a);
  print("JSON job, choosing", b);
  compare(
      "JSON job, choosing and appending", [&] { run(*choosing, people); }, [&] { run(*appending, people); },
      static_cast<double>(people.size()), "an input");
}
