"""Every figure of the model card, from the shipped files alone: small.onnx, large.onnx, gate.onnx and chest-xray.toml.

  evaluate.py --data ../shared/data [--extra FOLDER]

Writes figures.json (films, gate by source, adults' films, the two radiographs of pydicom-data) and
reference_outputs.json (what the files answer to eight images that a formula gives, for tests of other back ends).
--extra is a folder of material that is not in the data folder: README.md says what.
"""

import argparse
import json
import math
import tomllib
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import sources
from export import run_onnx, sha256
from films import as_tensor, read_split
from learning import figures, temperature_of

HERE = Path(__file__).parent
# Looked at while the gate was designed (none was fitted on); all other sources were first read when it was finished.
LOOKED_AT = ["mnist", "photographs", "faces", "head-ct", "magnetic-tile"]


def formula_image(k):
    """Image k [28, 28]: even k grain, odd k two dark fields on a light ground. All arithmetic in double, then float32.

    even: v = sin((28 y + x) * 12.9898 + k) * 43758.5453; pixel = v - floor(v)
    odd:  pixel = 0.6 - 0.35 * exp(-((x - 8) / (2 + k / 2))^2 - ((y - 14) / 9)^2)
                      - 0.35 * exp(-((x - 19) / (2 + k / 2))^2 - ((y - 14) / 9)^2) + 0.02 * k
    """
    image = np.empty((28, 28))
    for y in range(28):
        for x in range(28):
            if k % 2 == 0:
                v = math.sin((28 * y + x) * 12.9898 + k) * 43758.5453
                image[y, x] = v - math.floor(v)
            else:
                width, up = 2 + k / 2, ((y - 14) / 9) ** 2
                dark = math.exp(-(((x - 8) / width) ** 2) - up) + math.exp(-(((x - 19) / width) ** 2) - up)
                image[y, x] = 0.6 - 0.35 * dark + 0.02 * k
    return image.astype(np.float32)


def reference_outputs(card):
    images = np.stack([formula_image(k) for k in range(8)])[:, None]
    out = {"formula": formula_image.__doc__.split("\n\n", 1)[1], "tolerance": 1e-4, "images": []}
    score = run_onnx(HERE / card["gate"]["model"], images)[:, 0]
    logits = {stage["name"]: run_onnx(HERE / stage["model"], images) for stage in card["stage"]}
    for k in range(8):
        out["images"].append(
            {
                "k": k,
                "first_pixels": [round(float(v), 6) for v in images[k, 0, 0, :4]],
                "gate_score": round(float(score[k]), 6),
                **{f"logits_{name}": [round(float(v), 6) for v in rows[k]] for name, rows in logits.items()},
            }
        )
    return out


def stage_figures(card, films):
    out = {}
    for stage in card["stage"]:
        path = HERE / stage["model"]
        if sha256(path) != stage["sha256"]:
            raise SystemExit(f"{path}: not the file that chest-xray.toml names")
        row = {"flops": stage["flops"], "parameters": stage["parameters"], "temperature": stage["temperature"]}
        for split, (images, labels) in films.items():
            logits = run_onnx(path, images.numpy())
            if split == "val":
                row["temperature_refitted"] = round(temperature_of(logits, labels), 5)
            row[split] = {"before": figures(logits, labels), "after": figures(logits, labels, stage["temperature"])}
            answer = logits.argmax(1)
            row[split]["sensitivity"] = round(float((answer[labels == 1] == 1).mean()), 5)
            row[split]["specificity"] = round(float((answer[labels == 0] == 0).mean()), 5)
        out[stage["name"]] = row
    return out


def cascade_figures(card, films):
    """The small stage alone where its calibrated confidence reaches t, else the large one. t is the least confidence,
    in steps of 0.01, at which the two together make no more mistakes on validation than the large stage alone."""
    small, large = card["stage"]
    said = {}
    for split, (images, labels) in films.items():
        both = []
        for stage in (small, large):
            logits = torch.tensor(run_onnx(HERE / stage["model"], images.numpy())).double() / stage["temperature"]
            both.append(torch.softmax(logits, 1)[:, 1].numpy())
        said[split] = (*both, labels.numpy())

    def judge(split, t):
        cheap, dear, labels = said[split]
        sure = np.maximum(cheap, 1 - cheap) >= t
        chosen = np.where(sure, cheap, dear)
        flops = small["flops"] + large["flops"] * float((~sure).mean())
        out = figures(torch.tensor(np.log(np.stack([1 - chosen, chosen], 1).clip(1e-12))), labels)
        return out | {"reach_large": round(float((~sure).mean()), 5), "flops_per_film": round(flops)}

    alone = judge("val", 1.01)["accuracy"]
    t = next(t for t in np.arange(0.5, 1.02, 0.01) if judge("val", t)["accuracy"] >= alone)
    return {"confidence": round(float(t), 2), **{split: judge(split, t) for split in films}}


def refused(card, images):
    score = run_onnx(HERE / card["gate"]["model"], np.asarray(images, np.float32))[:, 0]
    return score < card["gate"]["threshold"], score


def area_small(image):
    """As sources.small, but averaging areas: another honest way to shrink a picture."""
    h, w = image.shape
    edge = min(h, w)
    top, left = (h - edge) // 2, (w - edge) // 2
    cut = Image.fromarray(np.ascontiguousarray(image[top : top + edge, left : left + edge], np.float32))
    return np.clip(np.asarray(cut.resize((28, 28), Image.BOX if edge >= 28 else Image.BICUBIC)), 0, 1)


def gate_figures(card, films, data, extra):
    out = {"threshold": card["gate"]["threshold"], "films": {}, "sources": {}}
    for split, (images, labels) in films.items():
        no, _ = refused(card, images.numpy())
        out["films"][split] = {
            "n": len(no),
            "refused": int(no.sum()),
            "share": round(float(no.mean()), 5),
            "refused_normal": int(no[labels.numpy() == 0].sum()),
            "refused_pneumonia": int(no[labels.numpy() == 1].sum()),
        }
    unseen = [0, 0, 0]
    for name, (what, images) in sources.sources(data, extra).items():
        images = list(images)
        if not images:
            print(f"{name}: not on this machine, skipped")
            continue
        no, score = refused(card, np.stack([sources.small(i) for i in images])[:, None])
        area, _ = refused(card, np.stack([area_small(i) for i in images])[:, None])
        fresh = name not in LOOKED_AT
        out["sources"][name] = {
            "what": what,
            "unseen": fresh,
            "n": len(no),
            "refused": int(no.sum()),
            "share": round(float(no.mean()), 5),
            "refused_area_resize": int(area.sum()),
            "highest_score": round(float(score.max()), 4),
        }
        if fresh:
            unseen = [unseen[0] + 1, unseen[1] + len(no), unseen[2] + int(no.sum())]
    out["unseen"] = {
        "sources": unseen[0],
        "n": unseen[1],
        "refused": unseen[2],
        "share": round(unseen[2] / max(unseen[1], 1), 5),
    }
    rng = np.random.default_rng(7)
    made = {
        "blank": np.stack([np.full((28, 28), v) for v in np.linspace(0, 1, 101)]),
        "noise": rng.random((200, 28, 28)),
        "noise-shrunk": np.stack([sources.small(rng.random((512, 512)).astype(np.float32)) for _ in range(50)]),
    }
    for name, images in made.items():
        no, _ = refused(card, images[:, None])
        out.setdefault("made", {})[name] = {"n": len(no), "refused": int(no.sum())}
    return out


def adult_figures(card, extra):
    """Adults' chest films, by set: refused at the gate, and how the stages do on those accepted that have a finding
    (COVID-19 or pneumonia against none)."""
    sets = {}
    for name, finding, image in sources.adult_films(extra):
        sets.setdefault(name, []).append((finding, sources.small(image)))
    out = {}
    for name, rows in sets.items():
        images = np.stack([image for _, image in rows])[:, None]
        no, score = refused(card, images)
        out[name] = {"n": len(no), "refused": int(no.sum()), "lowest_score": round(float(score.min()), 4)}
        known = np.array([finding != "" for finding, _ in rows]) & ~no
        sick = torch.tensor([int(finding != "No finding") for (finding, _), use in zip(rows, known) if use])
        out[name] |= {"with_finding": int(sick.sum()), "without_finding": int((1 - sick).sum())}
        for stage in card["stage"]:
            if len(sick) == 0:
                continue
            logits = torch.tensor(run_onnx(HERE / stage["model"], images[known]))
            said = torch.softmax(logits.double() / stage["temperature"], 1)[:, 1]
            row = {"called_pneumonia": int((said >= 0.5).sum())}
            if 0 < int(sick.sum()) < len(sick):
                row |= figures(logits, sick, stage["temperature"])
            out[name][stage["name"]] = row
    return out


def two_radiographs(card):
    """The adult chest and the leg of pydicom-data, tags ignored: gate, and what each stage would have said."""
    store = sources.package_folder("data_store")
    if not store:
        return {}
    out = {}
    for name in ("RG1_UNCR.dcm", "RG3_UNCR.dcm"):
        image = sources.dicom_image(store / "data" / name)
        row = {}
        for way, shrink in (("bicubic", sources.small), ("area", area_small)):
            tiny = shrink(image)[None, None]
            no, score = refused(card, tiny)
            row[way] = {"gate_score": round(float(score[0]), 4), "refused": bool(no[0])}
            for stage in card["stage"]:
                logits = torch.tensor(run_onnx(HERE / stage["model"], tiny)).double() / stage["temperature"]
                row[way][f"pneumonia_{stage['name']}"] = round(float(torch.softmax(logits, 1)[0, 1]), 4)
        out[name] = row
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE / "../../../../../shared/data")
    parser.add_argument("--extra", type=Path)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    card = tomllib.loads((HERE / "chest-xray.toml").read_text())
    films = {}
    for split in ("val", "test"):
        images, labels = read_split(options.data / "health/pneumoniamnist", split)
        films[split] = (as_tensor(images), torch.from_numpy(labels))
    out = {
        "stages": stage_figures(card, films),
        "cascade": cascade_figures(card, films),
        "gate": gate_figures(card, films, options.data, options.extra),
        "adults": adult_figures(card, options.extra),
        "radiographs": two_radiographs(card),
    }
    (options.out / "figures.json").write_text(json.dumps(out, indent=1) + "\n")
    (options.out / "reference_outputs.json").write_text(json.dumps(reference_outputs(card), indent=1) + "\n")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
