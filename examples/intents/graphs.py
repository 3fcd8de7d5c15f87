"""The two networks of intents.scl as OpenVINO graphs: text in, one logit an intent out, and a gate's score.

tokens() is the word-piece tokenizer of all-MiniLM-L6-v2 as operators, so that a graph takes a text as it is.
linear() adds up a row of a table for each piece and each pair of neighbours: 154 additions a piece.
encoder() is the transformer itself (six layers, 384 wide), the mean over its tokens, and a matrix on top.
gates() are the scores that say how like the texts of training one is.

A `body` makes outputs by name of token ids int32 [1, n]: logits [1, c], embedding [1, 384] of the encoder, gate [1, 1].
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


def named(outputs):
    for name, node in outputs.items():
        node.output(0).tensor.set_names({name})
    return [ops.result(node) for node in outputs.values()]


def reads_text(tokenizer, body):
    """The network as the engine reads it: logits, and gate where there is one."""
    ids = tokenizer.output("input_ids").get_node().input_value(0)
    outputs = {name: node for name, node in body(ops.convert(ids, "i32")).items() if name in ("logits", "gate")}
    return openvino.Model(named(outputs), tokenizer.get_sinks(), tokenizer.get_parameters(), "intent")


def reads_ids(body):
    """The same of token ids, with all that `body` makes."""
    ids = ops.parameter([-1, -1], np.int32, "ids")
    return openvino.Model(named(body(ids)), [ids], "intent")


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
        return {"logits": ops.add(ops.divide(added, ops.maximum(length, constant(np.float32(1e-6)))),
                                  constant(bias.astype(np.float32)))}
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
    return reads_ids(lambda ids: {"embedding": encoder(folder)(ids)})


def headed(model, weights, bias):
    """`body` of an encoder_model, quantised or not, with a matrix [384, c] on top."""
    def body(ids):
        inner = model.clone()
        [parameter] = inner.get_parameters()
        parameter.output(0).replace(ids.output(0))
        embedding = inner.get_results()[0].input_value(0)
        logits = ops.add(ops.matmul(embedding, constant(weights.astype(np.float32)), False, False),
                         constant(bias.astype(np.float32)))
        return {"embedding": embedding.get_node(), "logits": logits}
    return body


# --- gates: the higher the score, the more like the texts of training -------------------------------------------------
def energy(outputs):
    """log sum exp of the logits (Liu, Wang, Owens, Li, "Energy-based Out-of-distribution Detection", NeurIPS 2020)."""
    most = ops.reduce_max(outputs["logits"], constant([1]), True)
    return ops.add(ops.log(ops.reduce_sum(ops.exp(ops.subtract(outputs["logits"], most)), constant([1]), True)), most)


def logit(outputs):
    """The largest."""
    return ops.reduce_max(outputs["logits"], constant([1]), True)


def confidence(outputs):
    """The logarithm of the likeliest label's probability (Hendrycks, Gimpel, ICLR 2017)."""
    return ops.subtract(logit(outputs), energy(outputs))


def distance(embeddings, labels, sphere=1.0):
    """The squared distance to the nearest label's mean, less than zero: Mahalanobis' in the covariance about these
    means (Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting Out-of-Distribution Samples", NeurIPS 2018),
    of which `sphere` is replaced by a sphere; at 1 it is Euclid's."""
    order, which = np.unique(labels, return_inverse=True)
    means = np.array([embeddings[which == k].mean(0) for k in range(len(order))])
    about = embeddings - means[which]
    covariance, width = about.T @ about / len(about), about.shape[1]
    covariance = (1 - sphere) * covariance + sphere * np.trace(covariance) / width * np.eye(width)
    whiten = np.linalg.inv(np.linalg.cholesky(covariance)).T  # [384, 384]
    centres = (means @ whiten).astype(np.float32)

    def score(outputs):
        x = outputs["embedding"]
        x = (ops.multiply(x, constant(np.float32(whiten[0, 0]))) if sphere == 1.0 else
             ops.matmul(x, constant(whiten.astype(np.float32)), False, False))
        twice = ops.multiply(ops.matmul(x, constant(centres), False, True), constant(np.float32(2)))
        near = ops.subtract(twice, constant((centres**2).sum(1, keepdims=True).T))
        return ops.subtract(ops.reduce_max(near, constant([1]), True),
                            ops.reduce_sum(ops.multiply(x, x), constant([1]), True))
    return score


def gated(body, score, low, high):
    """`body` with its gate: the score such that `low` is 0 and `high` is 1, so that stages can be compared."""
    def whole(ids):
        outputs = body(ids)
        moved = ops.subtract(score(outputs), constant(np.float32(low)))
        return {**outputs, "gate": ops.multiply(moved, constant(np.float32(1 / (high - low))))}
    return whole
