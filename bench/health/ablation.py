#!/usr/bin/env python3
"""The chest job, lever by lever: what each spares alone and all together, beside simpler ways to ask fewer networks.

    python3 bench/health/cohort.py --split test --patients 312 --out build/cohort-test
    python3 bench/guarantees/films.py ../shared/data/health/pneumoniamnist build/chest-val --split val
    python3 bench/health/ablation.py build/cohort-test --calibrate build/chest-val --tenfold build/tenfold --out build/ablation

The network is the pack's, `small` and `large`; its dearest stage answers wherever no cascade is on. Thresholds are
calibrated on the validation films (against the dearest, --error and 95%), and the plain router uses the threshold that
--router says, with no promise. Rows: majority and always abstain; each stage alone on every film; the router on every
film; the gate of twenty lines before `large`; each lever alone, all but the cascade, all. Accuracy is of the imaging
decisions against the truth. CPU seconds are of the whole process, medians of --repeat. Writes ablation.json and prints
a table.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tomllib

import curve

NETWORK = pathlib.Path("packs/health/networks/chest-xray/chest-xray.toml")


def router_site(folder, threshold):
    """A site whose calibration is one threshold and no promise."""
    with open(curve.places.REPOSITORY / NETWORK, "rb") as file:
        stages = tomllib.load(file)["stage"]
    (folder / "networks").mkdir(parents=True, exist_ok=True)
    (folder / "networks" / "chest-xray.toml").write_text(
        'network = "chest-xray"\n' + "".join(
            f'\n[[stage]]\nname = "{stage["name"]}"\nsha256 = "{stage["sha256"]}"\ntemperature = {stage["temperature"]}\n'
            + (f"accept = {threshold}\n" if stage is stages[0] else "") for stage in stages), encoding="utf-8")
    return folder


def calibrated_site(options):
    site = options.out / "site"
    done = subprocess.run([options.tenfold, "calibrate", options.pack, "--data", options.calibrate, "--labels",
                           options.calibrate / "labels.csv", "--error", str(options.error), "--out", site],
                          capture_output=True, text=True, check=False)
    (options.out / "calibrate.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"ablation.py: no calibration: {done.stderr}")
    return site


def rows_of(options, share):
    records = options.cohort / f"cohort-{share}.ndjson"
    with open(options.cohort / f"truth-{share}.csv", encoding="utf-8", newline="") as table:
        truth = list(csv.DictReader(table))
    site, router = calibrated_site(options), router_site(options.out / "router", options.router)
    others = [lever for lever in curve.ALL if lever != "cascade"]
    nobody = [{"imaging": set(), "abstained": []} for _ in truth]
    rows = {"majority": {"calls": 0, "flops": 0, **curve.score(nobody, truth)},
            "always abstain": {"calls": 0, "flops": 0, "accuracy": None}}

    def row(name, without, extra):
        run = f"{share}-{name.replace(' ', '-')}"
        rows[name] = curve.measured(options, run, records, without, extra)
        rows[name].update(curve.score(curve.read_answers(options.out / f"{run}.jsonl"), truth))

    row("small on every film", curve.ALL, ["--stage", "small"])
    row("large on every film", curve.ALL, ["--stage", "large"])
    row("router on every film", others, ["--site", router])
    rows["20 lines before large"] = curve.behind_gate(options, share, records, truth, ["--stage", "large"])
    for lever in ("demand", "order", "bounds", "reuse"):
        row(f"{lever} alone", [other for other in curve.ALL if other != lever], ["--stage", "large"])
    row("cascade alone", others, ["--site", site])
    row("all but cascade", [], ["--stage", "large"])
    row("all levers", [], ["--site", site])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=pathlib.Path, help="folder that cohort.py wrote")
    parser.add_argument("--calibrate", type=pathlib.Path, required=True, help="folder that films.py wrote, of other films")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tenfold", default="tenfold")
    parser.add_argument("--pack", default="packs/health")
    parser.add_argument("--share", default="20", help="per cent of the patients whose question needs the film")
    parser.add_argument("--error", type=float, default=0.02)
    parser.add_argument("--router", type=float, default=0.95)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = rows_of(options, options.share)
    (options.out / f"ablation-{options.share}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    dearest = rows["large on every film"]
    print(f"{'':24}{'calls':>7}{'MFLOP':>9}{'CPU s':>7}  {'accuracy (95%)':24}{'in need':>8}  FLOPs and CPU against large on all")
    for name, row in rows.items():
        cell = (lambda key, form: "-" if row.get(key) is None else format(row[key], form))
        low, high = row.get("accuracy_95", (None, None))
        span = f"{row['accuracy']:.3f} ({low:.3f} to {high:.3f})" if row.get("accuracy") is not None else "-"
        factor = (f"{dearest['flops'] / row['flops']:.1f}x, {dearest['cpu_s'] / row['cpu_s']:.2f}x"
                  if row.get("flops") and row.get("cpu_s") else "-")
        print(f"{name:24}{cell('calls', 'd'):>7}{row['flops'] / 1e6:>9.1f}{cell('cpu_s', '.2f'):>7}  {span:24}"
              f"{cell('accuracy_needing', '.3f'):>8}  {factor}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
