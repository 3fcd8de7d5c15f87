"""Makes tiny_text.xml and tiny_text.bin, the text network of the OpenVINO back end's tests, and prints what it says.

    pip install numpy openvino==2026.4.1 openvino-tokenizers==2026.4.1.0 && python make_tiny_text.py

Input: one text. Lower case, split at spaces and punctuation, pieces of words looked up among eight, cut after five tokens,
one table row of four numbers each, their sum times a matrix [4, 2]. Outputs logits [n, 2] and gate [n, 1], the logarithm
of the sum of their exponentials. Weights are a fixed sequence, not trained.
"""

from pathlib import Path

import numpy as np
import openvino
import openvino.opset13 as ops
from openvino_tokenizers.tokenizer_pipeline import (CaseFoldStep, PaddingStep, RegexSplitStep, SpecialTokensSplit,
                                                    TokenizerPipeline, TruncationStep, WordPieceTokenizationStep)

WORDS = ["[PAD]", "[UNK]", "card", "lost", "money", "where", "my", "is"]


def weights(shape, start):
    """Values in [-1, 1): the fractional parts of multiples of the golden ratio; no random generator is needed."""
    count = int(np.prod(shape))
    values = ((start + np.arange(count)) * 0.6180339887498949) % 1.0 * 2.0 - 1.0
    return values.reshape(shape).astype(np.float32)


def tokenizer():
    pipeline = TokenizerPipeline()
    pipeline.add_steps([
        SpecialTokensSplit.from_string_iter(["[UNK]"]),
        CaseFoldStep(),
        *RegexSplitStep.bert_splitter(),
        WordPieceTokenizationStep(WORDS),
        TruncationStep(max_length=5, truncation=True),
        PaddingStep(),
    ])
    return pipeline.get_tokenizer_ov_subgraph()


def model():
    text = tokenizer()
    tokens = text.output("input_ids").get_node().input_value(0)
    rows = ops.gather(ops.constant(weights((8, 4), 0)), ops.convert(tokens, "i32"), ops.constant(0))
    hidden = ops.reduce_sum(rows, ops.constant([1]))
    logits = ops.matmul(hidden, ops.constant(weights((4, 2), 100)), False, False)
    logits.output(0).tensor.set_names({"logits"})
    most = ops.reduce_max(logits, ops.constant([1]), True)
    summed = ops.reduce_sum(ops.exp(ops.subtract(logits, most)), ops.constant([1]), True)
    energy = ops.add(ops.log(summed), most)
    energy.output(0).tensor.set_names({"gate"})
    return openvino.Model([ops.result(logits), ops.result(energy)], text.get_sinks(), text.get_parameters(), "tiny_text")


def by_hand(tokens):
    return weights((8, 4), 0)[tokens].sum(axis=0, dtype=np.float64) @ weights((4, 2), 100)


path = Path(__file__).with_name("tiny_text.xml")
openvino.serialize(model(), path)
compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
for words, tokens in (("Where is my card?", [5, 7, 6, 2, 1]), ("lost", [3]), ("money " * 4 + "lost", [4, 4, 4, 4, 3])):
    said, logits = compiled([words]), by_hand(tokens)
    print(repr(words), [f"{x:.9g}" for x in (*said["logits"][0], *said["gate"][0])],
          [f"{x:.9g}" for x in (*logits, np.log(np.exp(logits).sum()))])
