// ONNX models on the processor through OpenVINO. Everything here is in the module libtenfold_openvino.so (module.h).
//
// Answers must have the same bits whatever the batch and however many threads. So each input is inferred on its own, in
// one thread, and `threads` inputs at a time: oneDNN picks kernels and block sizes by shape and by thread count, and
// promises nothing across them. What that costs was measured on two AVX-512 cores: a network of five convolutions
// (41 MFLOP) takes 439 us an input alone and 395 us in batches of 32; one of six (290 MFLOP) 2229 us and 2102 us.
//
// Precision is f32: bf16 and f16 would be taken where the processor has them, and answers would differ between
// machines. What is left is the order of sums, which the instruction set decides: with AVX-512 and with AVX2
// (ONEDNN_MAX_CPU_ISA), 8,000 probabilities of the chest network differed by at most 2.1e-7.
#pragma once

#include <memory>
#include <span>

#include "neural/backend.h"

namespace tenfold::neural {

class OpenVinoBackend : public Backend {
 public:
  OpenVinoBackend();
  ~OpenVinoBackend() override;
  Traits traits(const LoadSettings& settings) const override;
  Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) override;

 private:
  struct Core;  // OpenVINO's, made at the first load
  std::unique_ptr<Core> core_;
};

}  // namespace tenfold::neural
