#include "neural/backends/llama_pictures.h"

#include <gguf.h>
#include <mtmd-helper.h>

#include <algorithm>

#include "neural/backends/llama_context.h"
#include "neural/backends/load_error.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

// mtmd works on sides as they are, and ends the process where one is beyond 46000 or comes out as nothing.
constexpr std::uint32_t kMaxSide = 30000, kMaxRatio = 200;

/// Of a matrix product [n, k] x [k, m] 2 n k m, of a convolution the same for each value it gives. What is added,
/// normalised or looked up is not counted.
double flops_of(const ggml_tensor& node) {
  const auto values = static_cast<double>(ggml_nelements(&node));
  if (node.op == GGML_OP_MUL_MAT || node.op == GGML_OP_MUL_MAT_ID)
    return 2.0 * values * static_cast<double>(node.src[0]->ne[0]);
  if (node.op == GGML_OP_CONV_2D) {
    const std::int64_t* kernel = node.src[0]->ne;
    return 2.0 * values * static_cast<double>(kernel[0] * kernel[1] * kernel[2]);
  }
  return 0.0;
}

/// Called before each node of the tower's graph; false: nobody wants to see its values.
bool count(ggml_tensor* node, bool ask, void* counted) {
  if (ask) *static_cast<double*>(counted) += flops_of(*node);
  return false;
}

struct FreeGguf {
  void operator()(gguf_context* file) const { gguf_free(file); }
};

/// What kind of file this is, before llama.cpp is let loose on it.
Status look(const std::string& path) {
  const auto bad = [&](std::string what) {
    return error_at("bad-model", path, std::move(what), "give the mmproj that comes with the model, as GGUF");
  };
  if (!is_gguf(path)) return bad("this is no GGUF file");
  const std::unique_ptr<gguf_context, FreeGguf> file(gguf_init_from_file(path.c_str(), {true, nullptr}));
  if (!file) return bad("this GGUF file cannot be read: it is cut off or damaged");
  const std::int64_t kind = gguf_find_key(file.get(), "general.architecture");
  const std::string name = kind >= 0 && gguf_get_kv_type(file.get(), kind) == GGUF_TYPE_STRING
                               ? gguf_get_val_str(file.get(), kind)
                               : "of no kind";
  if (name != "clip") return bad("this is no mmproj but a model itself (" + name + ")");
  const std::int64_t sees = gguf_find_key(file.get(), "clip.has_vision_encoder");
  if (sees < 0 || gguf_get_kv_type(file.get(), sees) != GGUF_TYPE_BOOL || !gguf_get_val_bool(file.get(), sees))
    return bad("this mmproj is not for pictures");
  return {};
}

}  // namespace

Result<std::unique_ptr<LlamaPictures>> LlamaPictures::open(const LoadSettings& settings, const LlamaOptions& options,
                                                           const llama_model* model) {
  const std::string& path = settings.weights;
  const auto sum = sha256_of_file(path);
  if (!sum) return error_at("no-model", path, "the mmproj cannot be read", "restore it: it comes with the model");
  if (*sum != settings.weights_sha256)
    return error_at("wrong-checksum", path, "the mmproj has sha256 " + *sum + " and not " + settings.weights_sha256,
                    "restore the file, or measure the new one and write its checksum and temperature");
  if (Status looked = look(path); !looked.ok()) return looked.error();
  std::unique_ptr<LlamaPictures> out(new LlamaPictures);
  out->path_ = path;
  mtmd_context_params params = mtmd_context_params_default();
  params.use_gpu = false;
  params.print_timings = false;
  params.warmup = false;
  params.n_threads = static_cast<int>(options.threads);
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.cb_eval = count;
  params.cb_eval_user_data = &out->counted_;
  if (options.picture_tokens > 0) params.image_max_tokens = static_cast<int>(options.picture_tokens);
  (void)llama_complaint();
  out->context_.reset(mtmd_init_from_file(path.c_str(), model, params));
  if (!out->context_) {
    const std::string why = llama_complaint();
    return error_at("bad-model", path, "mtmd cannot load this mmproj" + (why.empty() ? "" : ": " + why),
                    "see whether it is whole, and belongs to " + settings.path);
  }
  if (Status tried = out->try_one(settings, model); !tried.ok()) return tried.error();
  return out;
}

// A mmproj of another family may want marks around a picture that the model's vocabulary does not have.
Status LlamaPictures::try_one(const LoadSettings& settings, const llama_model* model) const {
  const ColourPicture grey{64, 64, std::vector<std::uint8_t>(std::size_t{64} * 64 * 3, 128)};
  const Shown shown{0, &grey};
  const auto made = chunks("", "", std::span(&shown, 1), "");
  if (!made) return error_at("bad-model", path_, made.error().what, "give the mmproj that comes with the model");
  const std::int32_t known = llama_vocab_n_tokens(llama_model_get_vocab(model));
  for (std::size_t c = 0; c < mtmd_input_chunks_size(made->get()); ++c) {
    std::size_t n = 0;
    const mtmd_input_chunk* chunk = mtmd_input_chunks_get(made->get(), c);
    if (mtmd_input_chunk_get_type(chunk) != MTMD_INPUT_CHUNK_TYPE_TEXT) continue;
    const llama_token* tokens = mtmd_input_chunk_get_tokens_text(chunk, &n);
    if (std::any_of(tokens, tokens + n, [&](llama_token token) { return token < 0 || token >= known; }))
      return error_at("bad-model", path_, "this mmproj marks pictures with tokens that the model does not have",
                      "see whether it belongs to " + settings.path);
  }
  return {};
}

Result<LlamaChunks> LlamaPictures::chunks(std::string_view before, std::string_view text, std::span<const Shown> shown,
                                          std::string_view after) const {
  std::vector<mtmd::bitmap_ptr> bitmaps;
  std::vector<mtmd_input_text> texts;
  texts.reserve(2 + shown.size() + 1);
  std::vector<mtmd_input_part> parts;
  const auto say = [&](std::string_view piece, bool signs) {
    if (piece.empty()) return;
    texts.push_back({piece.data(), piece.size(), false, signs});
    parts.push_back({&texts.back(), nullptr});
  };
  say(before, true);
  std::size_t said = 0;
  for (const Shown& each : shown) {
    const auto& [width, height, rgb] = *each.picture;
    if (width == 0 || height == 0 || rgb.size() != std::size_t{width} * height * 3 || each.at > text.size() ||
        each.at < said)
      return error_at("unreadable", "", "a picture has no size, or another than its pixels", "");
    if (std::max(width, height) > kMaxSide || std::max(width, height) / std::min(width, height) > kMaxRatio)
      return error_at("unreadable", "",
                      "the picture has " + std::to_string(width) + "x" + std::to_string(height) +
                          " pixels: more than 30000 on a side, or 200 times as many on one as on the other",
                      "");
    say(text.substr(said, each.at - said), false);
    said = each.at;
    bitmaps.emplace_back(mtmd_bitmap_init(width, height, rgb.data()));
    parts.push_back({nullptr, bitmaps.back().get()});
  }
  say(text.substr(said), false);
  say(after, true);
  std::vector<const mtmd_input_part*> each;
  for (const mtmd_input_part& part : parts) each.push_back(&part);
  LlamaChunks out(mtmd_input_chunks_init());
  (void)llama_complaint();
  if (mtmd_tokenize_from_parts(context_.get(), out.get(), each.data(), each.size(), true) != 0) {
    const std::string why = llama_complaint();
    return error_at("network-failed", path_, "mtmd could not prepare a picture" + (why.empty() ? "" : ": " + why), "");
  }
  return out;
}

Result<llama_pos> LlamaPictures::evaluate(llama_context* context, const mtmd_input_chunk* chunk, llama_seq_id sequence,
                                          llama_pos position, double& flops) {
  const auto failed = [&](const char* what) {
    const std::string why = llama_complaint();
    return error_at("network-failed", path_, what + (why.empty() ? "" : ": " + why),
                    "run it on one input to find which");
  };
  (void)llama_complaint();
  counted_ = 0.0;
  if (mtmd_encode_chunk(context_.get(), chunk) != 0) return failed("mtmd could not see a picture");
  flops += counted_;
  llama_pos next = position;
  if (mtmd_helper_decode_image_chunk(context_.get(), context, chunk, mtmd_get_output_embd(context_.get()), position,
                                     sequence, static_cast<std::int32_t>(llama_n_ubatch(context)), &next, nullptr,
                                     nullptr) != 0)
    return failed("llama.cpp could not evaluate a picture");
  return next;
}

}  // namespace tenfold::neural
