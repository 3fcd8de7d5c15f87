#!/usr/bin/env python3
"""The curve of the hospital job: what the levers save at each share of patients whose question needs the film.

    python3 bench/health/cohort.py --out build/cohort
    python3 bench/health/curve.py build/cohort --tenfold build/tenfold --out build/curve

For every cohort-SHARE.ndjson in the folder it runs the pack with all levers, with each lever off, with all levers off
(every film through the network: neural only), and behind gate20.py (a hand-written gate of twenty lines; the network
sees what it lets through). From the answers and receipts it takes network calls run and avoided, FLOPs, CPU seconds
of the whole process with its children (getrusage), wall time, whether the decisions are the same as with all levers
off, and the accuracy of the imaging decisions against truth-SHARE.csv. Rows for the majority (no imaging alert for
anyone) and for always abstaining stand beside it. Writes curve.json and curve.svg; the runs' answers stay in --out.
--report redraws from what is there.

Each run is repeated --repeat times (default 3) and the CPU and wall times are medians; counts must not differ between
repeats.
"""

import argparse
import csv
import json
import pathlib
import statistics
import sys

import answers as book
import curve_plot
import places

ALL = ["demand", "order", "bounds", "cascade", "offload", "reuse", "distil"]
# How an alert's kind names the imaging decision that cohort.py expects: by a part of the word.
DECISIONS = {"review-antibiotic": "antibiotic", "pneumonia-untreated": "untreated", "discordance": "discord"}


def decision_of(kind):
    return next((name for name, part in DECISIONS.items() if part in kind), None)


def read_answers(path):
    """patient -> {"alerts": every decided alert, "imaging": imaging decisions, "abstained": reasons}, in input
    order."""
    people = []
    for answer in book.read(path):
        alerts = book.alerts(answer)
        people.append({"alerts": sorted((alert.patient, alert.kind, alert.subject, alert.tier) for alert in alerts),
                       "probabilities": {(alert.kind, alert.subject): alert.probability for alert in alerts},
                       "imaging": {decision_of(alert.kind) for alert in alerts} - {None},
                       "abstained": sorted((item.get("relation", ""), tuple(map(str, item.get("args", []))),
                                            item.get("reason", "")) for item in answer.get("abstained", [])),
                       "error": "error" in answer})
    return people


def score(people, truth):
    """Accuracy of the imaging decisions, on everybody and on those who need the film; abstentions on the film apart."""
    right = needing = right_needing = abstained = found = said = due = 0
    for person, row in zip(people, truth):
        expected = {row["expected"]} - {""}
        correct = person["imaging"] == expected
        right += correct
        abstained += any("film" in item[2] or "distribution" in item[2] or "film" in " ".join(item[1])
                         for item in person["abstained"])
        found += bool(expected & person["imaging"])
        said += bool(person["imaging"])
        due += bool(expected)
        if row["needs_film"] == "1":
            needing += 1
            right_needing += correct
    return {"right": right, "patients": len(truth), "accuracy": round(right / len(truth), 4),
            "accuracy_95": [round(bound, 4) for bound in book.wilson(right, len(truth))],
            "needing": needing, "right_needing": right_needing,
            "accuracy_needing": round(right_needing / max(needing, 1), 4),
            "accuracy_needing_95": [round(bound, 4) for bound in book.wilson(right_needing, needing)],
            "alerts_due": due, "alerts_found": found, "patients_alerted": said, "film_abstained": abstained}


def receipt_numbers(receipt):
    networks = receipt.get("networks", [])
    avoided = {}
    for network in networks:
        for lever, count in network.get("avoided", {}).items():
            avoided[lever] = avoided.get(lever, 0) + count
    return {"calls": sum(network.get("run", 0) for network in networks), "avoided": avoided,
            "flops": receipt.get("flops"), "flops_neural_only": receipt.get("flops_neural_only"),
            "receipt_cpu_s": receipt.get("cpu_s"), "abstained": receipt.get("abstained")}


def measured(options, name, records, without=(), extra=()):
    """Runs the pack --repeat times on `records`; counts of the first run, medians of the times."""
    answers, receipt = options.out / f"{name}.jsonl", options.out / f"{name}.receipt.json"
    times, counts = [], None
    for _ in range(options.repeat):
        command = [options.tenfold, "run", options.pack, records, "--out", answers, "--receipt", receipt,
                   "--threads", options.threads]
        if without:
            command += ["--without", ",".join(without)]
        command += extra
        times.append(places.run(command, log=options.out / f"{name}.log"))
        if times[-1]["status"] not in (0, 1) or not receipt.exists():
            raise SystemExit(f"curve.py: {name}: exit status {times[-1]['status']}, see {options.out / name}.log")
        now = receipt_numbers(json.loads(receipt.read_text(encoding="utf-8")))
        steady = {key: now[key] for key in ("calls", "avoided", "flops")}
        if counts is not None and steady != {key: counts[key] for key in steady}:
            raise SystemExit(f"curve.py: {name}: counts differ between repeats: {steady}")
        counts = now
    return {**counts, **{key: statistics.median(run[key] for run in times) for key in ("cpu_s", "wall_s")},
            "cpu_s_all": [run["cpu_s"] for run in times], "peak_mib": times[-1]["peak_mib"]}


def differences(mine, theirs):
    """How many records are decided otherwise, and the largest difference of a probability among the same alerts."""
    other = sum(a["alerts"] != b["alerts"] or a["abstained"] != b["abstained"] or a["error"] != b["error"]
                for a, b in zip(mine, theirs)) + abs(len(mine) - len(theirs))
    gap = max((abs(a["probabilities"][key] - b["probabilities"][key]) for a, b in zip(mine, theirs)
               for key in a["probabilities"].keys() & b["probabilities"].keys()), default=0.0)
    return {"different_decisions": other, "largest_probability_difference": gap}


def behind_gate(options, share, records, truth, extra=()):
    """gate20.py in front: what it lets through goes to the program with all levers off (its network sees every film it
    gets); the rest goes through the same program without their films, for the drug rules. CPU time is of all three."""
    gated, rest = records.parent / f"gated-{share}.ndjson", records.parent / f"rest-{share}.ndjson"
    gate = places.run([sys.executable, pathlib.Path(__file__).with_name("gate20.py"), records, "--out", gated],
                      log=options.out / f"gate-{share}.log")
    passed = set(gated.read_text(encoding="utf-8").splitlines())
    order = []
    with open(records, encoding="utf-8") as lines, open(rest, "w", encoding="utf-8") as others:
        for line in lines:
            order.append(line.rstrip("\n") in passed)
            if not order[-1]:
                bundle = json.loads(line)
                bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"]
                                   not in ("ImagingStudy", "DocumentReference")]
                others.write(json.dumps(bundle, separators=(",", ":")) + "\n")
    row = measured(options, f"{share}-gated", gated, ALL, extra)
    row["filmless"] = measured(options, f"{share}-rest", rest, extra=extra)
    sources = {True: iter(read_answers(options.out / f"{share}-gated.jsonl")),
               False: iter(read_answers(options.out / f"{share}-rest.jsonl"))}
    people = [next(sources[through]) for through in order]
    row["gate_cpu_s"] = gate["cpu_s"]
    for key in ("cpu_s", "wall_s"):
        row[key] = round(row[key] + gate[key] + row["filmless"][key], 4)
    gated.unlink()
    rest.unlink()
    return {**row, **score(people, truth)}


def one_share(options, share):
    records = options.cohort / f"cohort-{share}.ndjson"
    with open(options.cohort / f"truth-{share}.csv", encoding="utf-8", newline="") as table:
        truth = list(csv.DictReader(table))
    rows = {"neural-only": measured(options, f"{share}-off", records, ALL)}
    off = read_answers(options.out / f"{share}-off.jsonl")
    rows["neural-only"].update(score(off, truth))
    variants = {"tenfold": ()}
    variants.update({f"without-{lever}": (lever,) for lever in options.levers.split(",") if lever})
    for name, without in variants.items():
        rows[name] = measured(options, f"{share}-{name}", records, without)
        people = read_answers(options.out / f"{share}-{name}.jsonl")
        rows[name].update(score(people, truth), **differences(people, off))
    rows["gate20"] = behind_gate(options, share, records, truth)
    nobody = [{"imaging": set(), "abstained": []} for _ in truth]
    rows["majority"] = {"calls": 0, "flops": 0, **score(nobody, truth)}
    rows["always-abstain"] = {"calls": 0, "flops": 0, "coverage": 0.0, "accuracy": None, "patients": len(truth)}
    base = rows["neural-only"]
    for name in ("tenfold", "gate20"):
        rows[name]["fewer_calls_than_neural_only"] = ratio(base["calls"], rows[name]["calls"])
        rows[name]["less_flops_than_neural_only"] = ratio(base["flops"], rows[name]["flops"])
        rows[name]["less_cpu_than_neural_only"] = ratio(base["cpu_s"], rows[name]["cpu_s"])
    rows["tenfold"]["fewer_calls_than_gate20"] = ratio(rows["gate20"]["calls"], rows["tenfold"]["calls"])
    return {"share_per_cent": float(share), "patients": len(truth), "rows": rows}


def ratio(more, less):
    return round(more / less, 3) if more is not None and less else None


def show(curve):
    for point in curve["points"]:
        print(f"--- {point['share_per_cent']:g}% of {point['patients']} patients need the film")
        print(f"{'':16}{'calls':>7}{'GFLOP':>9}{'CPU s':>8}{'wall s':>8}{'accuracy':>10}{'needing':>9}{'abstain':>9}"
              "  differ")
        for name, row in point["rows"].items():
            cells = [row.get("calls"), None if row.get("flops") is None else row["flops"] / 1e9, row.get("cpu_s"),
                     row.get("wall_s"), row.get("accuracy"), row.get("accuracy_needing"), row.get("film_abstained"),
                     row.get("different_decisions")]
            widths = (7, 9, 8, 8, 10, 9, 9, 8)
            print(f"{name:16}" + "".join(f"{'-' if cell is None else f'{cell:.4g}':>{width}}"
                                         for cell, width in zip(cells, widths)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=pathlib.Path, help="folder that cohort.py wrote")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--tenfold", default="tenfold", help="the program (default: on the PATH)")
    parser.add_argument("--pack", default="health")
    parser.add_argument("--shares", help="for example 2,20 (default: every cohort in the folder)")
    parser.add_argument("--levers", default="demand,order,bounds,reuse", help="levers to switch off one by one")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1,
                        help="threads of the program (default 1: CPU time is steadier)")
    parser.add_argument("--report", action="store_true", help="only redraw and print curve.json")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / "curve.json"
    if options.report:
        curve = json.loads(target.read_text(encoding="utf-8"))
    else:
        shares = options.shares.split(",") if options.shares else sorted(
            (path.stem.split("-")[1] for path in options.cohort.glob("cohort-*.ndjson")), key=float)
        curve = {"cohort": options.cohort.name, "threads": options.threads, "repeat": options.repeat,
                 "points": [one_share(options, share) for share in shares]}
        target.write_text(json.dumps(curve, indent=1), encoding="utf-8")
    (options.out / "curve.svg").write_text(curve_plot.svg(curve), encoding="utf-8")
    show(curve)
    wrong = sum(row.get("different_decisions", 0) for point in curve["points"] for row in point["rows"].values())
    if wrong:
        print(f"{wrong} records decided otherwise than with all levers off", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
