"""The two networks of intents.scl as OpenVINO graphs: text in, one logit an intent out.

tokens() is the word-piece tokenizer of all-MiniLM-L6-v2 as operators, so that a graph takes a text as it is.
linear() adds up a row of a table for each piece and each pair of neighbours: 154 additions a piece.
encoder() is the transformer itself (six layers, 384 wide), the mean over its tokens, and a matrix on top.
"""

import json
from pathlib import Path

import numpy as np
import openvino
import openvino.opset13 as ops
import openvino_tokenizers
from safetensors.numpy import load_file
from transformers import AutoTokenizer

CONTEXT = 256  # tokens of a message; the tokenizer keeps one more, so that a longer one is seen to be longer
BUCKETS = 16381  # of pairs


def constant(value):
    return ops.constant(np.asarray(value))


def tokens(folder):
    """The tokenizer as a graph, and the same in Python for training."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.model_max_length = CONTEXT + 1
    return openvino_tokenizers.convert_tokenizer(tokenizer, truncation=True), tokenizer


def reads_text(tokenizer, body):
    """`body` makes logits [1, c] of token ids int32 [1, n]."""
    ids = tokenizer.output("input_ids").get_node().input_value(0)
    logits = body(ops.convert(ids, "i32"))
    logits.output(0).tensor.set_names({"logits"})
    return openvino.Model([ops.result(logits)], tokenizer.get_sinks(), tokenizer.get_parameters(), "intent")


# --- the linear network -----------------------------------------------------------------------------------------------
def pair_tables(pieces):
    """A pair (a, b) falls into bucket (left[a] + right[b]) mod BUCKETS: whole numbers that a float holds exactly."""
    random = np.random.default_rng(7)
    return tuple(random.integers(0, BUCKETS, pieces).astype(np.int32) for _ in range(2))


def features(ids, pieces):
    """Of one text: its pieces without the two marks at the ends, then its pairs with them, as numbers from 0."""
    left, right = pair_tables(pieces)
    ids = np.asarray(ids)
    return np.concatenate([ids[1:-1], pieces + (left[ids[:-1]] + right[ids[1:]]) % BUCKETS])


def linear(pieces, marks, seen, idf, weights, bias):
    """`seen` [f]: the features that training had; `idf` [f + 1]: that of any other comes last; `weights` [f, c]."""
    row = np.zeros(pieces + BUCKETS, np.int32)  # 0: not seen, 1: a mark, which is no feature by itself
    row[seen] = np.arange(len(seen)) + 2
    row[marks] = 1
    squares = np.concatenate([[idf[-1] ** 2, 0.0], idf[:-1] ** 2]).astype(np.float32)
    table = np.concatenate([np.zeros((2, weights.shape[1])), weights * idf[:-1, None]]).astype(np.float32)
    left, right = pair_tables(pieces)

    def body(ids):
        first, second = (ops.slice(ids, constant([a]), constant([b]), constant([1]), constant([1]))
                         for a, b in ((0, -1), (1, np.iinfo(np.int32).max)))
        total = ops.add(ops.gather(constant(left), first, constant(0)),
                        ops.gather(constant(right), second, constant(0)))
        over = ops.convert(ops.greater_equal(total, constant(np.int32(BUCKETS))), "i32")
        bucket = ops.subtract(total, ops.multiply(over, constant(np.int32(BUCKETS))))
        singles = ops.gather(constant(row[:pieces]), ids, constant(0))
        pairs = ops.gather(constant(row[pieces:]), bucket, constant(0))
        rows = ops.concat([singles, pairs], 1)
        added = ops.reduce_sum(ops.gather(constant(table), rows, constant(0)), constant([1]))
        length = ops.sqrt(ops.reduce_sum(ops.gather(constant(squares), rows, constant(0)), constant([1]), True))
        return ops.add(ops.divide(added, ops.maximum(length, constant(np.float32(1e-6)))),
                       constant(bias.astype(np.float32)))
    return body


# --- the encoder ------------------------------------------------------------------------------------------------------
def encoder(folder):
    """`body` that makes embeddings [1, 384] of length 1 (Devlin et al. 2019; pooled as the model's card says)."""
    weights = load_file(Path(folder) / "model.safetensors")
    config = json.loads((Path(folder) / "config.json").read_text())
    width, heads = config["hidden_size"], config["num_attention_heads"]
    depth = width // heads

    def dense(x, name):
        product = ops.matmul(x, constant(weights[name + ".weight"]), False, True)
        return ops.add(product, constant(weights[name + ".bias"]))

    def norm(x, name):
        scaled = ops.mvn(x, constant([-1]), True, config["layer_norm_eps"], "inside_sqrt")
        return ops.add(ops.multiply(scaled, constant(weights[name + ".weight"])), constant(weights[name + ".bias"]))

    def split(x):
        return ops.transpose(ops.reshape(x, constant([0, 0, heads, depth]), True), constant([0, 2, 1, 3]))

    def body(ids):
        length = ops.gather(ops.shape_of(ids, "i32"), constant(np.int32(1)), constant(np.int32(0)))
        place = ops.range(constant(np.int32(0)), length, constant(np.int32(1)), "i32")
        x = ops.gather(constant(weights["embeddings.word_embeddings.weight"]), ids, constant(0))
        x = ops.add(x, ops.gather(constant(weights["embeddings.position_embeddings.weight"]), place, constant(0)))
        x = ops.add(x, constant(weights["embeddings.token_type_embeddings.weight"][0]))
        x = norm(x, "embeddings.LayerNorm")
        for layer in range(config["num_hidden_layers"]):
            at = f"encoder.layer.{layer}."
            query, key, value = (split(dense(x, at + "attention.self." + part)) for part in ("query", "key", "value"))
            scores = ops.multiply(ops.matmul(query, key, False, True), constant(np.float32(depth**-0.5)))
            mixed = ops.transpose(ops.matmul(ops.softmax(scores, -1), value, False, False), constant([0, 2, 1, 3]))
            mixed = ops.reshape(mixed, constant([0, 0, width]), True)
            x = norm(ops.add(x, dense(mixed, at + "attention.output.dense")), at + "attention.output.LayerNorm")
            hidden = ops.gelu(dense(x, at + "intermediate.dense"), "ERF")
            x = norm(ops.add(x, dense(hidden, at + "output.dense")), at + "output.LayerNorm")
        return ops.normalize_l2(ops.reduce_mean(x, constant([1])), constant([1]), 1e-12, "max")
    return body


def encoder_model(folder):
    """The encoder alone, of token ids."""
    ids = ops.parameter([-1, -1], np.int32, "ids")
    return openvino.Model([encoder(folder)(ids)], [ids], "encoder")


def headed(model, weights, bias):
    """`body` of an encoder_model, quantised or not, with a matrix [384, c] on top."""
    def body(ids):
        [parameter] = model.get_parameters()
        parameter.output(0).replace(ids.output(0))
        embedding = model.get_results()[0].input_value(0)
        return ops.add(ops.matmul(embedding, constant(weights.astype(np.float32)), False, False),
                       constant(bias.astype(np.float32)))
    return body
