#!/usr/bin/env python3
"""Compares a pack's interaction rules with the public lists (ANSM 2020 contraindications, ONC high priority and
non-interruptive), one tiny record a pair. To be run only after the rules are committed: the lists judge, they do not
teach.

    python3 bench/health/compare_lists.py --make --out build/lists              # writes the records, runs nothing
    python3 bench/health/compare_lists.py --tenfold build/tenfold --out build/lists   # makes, runs, reports
    python3 bench/health/compare_lists.py --report --out build/lists            # reports on answers.jsonl already there

Writes pairs.ndjson, pairs.jsonl, answers.jsonl, comparison.json and comparison.md in --out. A pair is found when an
alert of kind drug-interaction, qt or duplication names both substances in its subject, at any tier; shown (interrupt
or show) and interrupting are counted apart. The non-interruptive pairs are the negatives: few of them should
interrupt. --reasons FILE.json maps a class pair as printed in comparison.md to why the pack differs; the reasons go
into the table.
"""

import argparse
import collections
import datetime
import json
import pathlib
import sys

import answers as book
import inn_names
import places
import public_lists
from fhir_records import Record, RXNORM, coding, concept

KINDS = {"drug-interaction", "qt", "duplication"}
LIVE = " vaccine"


def record_of(pair, number, codes):
    """A man of 45 who takes the two substances, each by its name and, where one is known, its RxNorm code."""
    record = Record(f"list-{number}", "male", datetime.date(1979, 3, 1), datetime.date(2024, 6, 1))
    record.encounter(0)
    for index, name in enumerate((pair.a, pair.b)):
        code = codes.get(name)
        drug = concept(*([coding(RXNORM, code, name)] if code else []), text=name)
        record.add({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
                    "medicationCodeableConcept": drug, "subject": record.subject(),
                    "authoredOn": record.day(-20 + 5 * index)})
    return record


def make(folder, data):
    """Writes one record for each distinct pair of the three lists; returns the pairs that were made."""
    ansm, unknown = public_lists.ansm(data)
    listed = {}
    for pair in ansm + public_lists.onc_high_priority(data) + public_lists.onc_non_interruptive(data):
        listed.setdefault((pair.a, pair.b), []).append(pair)
    codes = public_lists.rxnorm(data)
    with open(folder / "pairs.ndjson", "w", encoding="utf-8") as records, \
            open(folder / "pairs.jsonl", "w", encoding="utf-8") as index:
        for number, key in enumerate(sorted(listed)):
            record = record_of(listed[key][0], number, codes)
            records.write(json.dumps(record.bundle(), separators=(",", ":")) + "\n")
            index.write(json.dumps({"line": number, "patient": record.patient_id, "a": key[0], "b": key[1],
                                    "lists": {pair.source: [pair.classes,
                                                            pair.condition] for pair in listed[key]}}) + "\n")
    print(f"{len(listed)} pairs ({len(ansm)} ANSM contraindicated); no substance known for: {', '.join(unknown)}")


def judge(folder):
    """Every pair with what was said of it: "none", "log", "show", "interrupt"; a missing answer is "unanswered"."""
    by_patient, lines, errors = collections.defaultdict(list), 0, 0
    for answer in book.read(folder / "answers.jsonl"):
        lines += 1
        errors += "error" in answer
        for alert in book.alerts(answer):
            if alert.kind in KINDS:
                by_patient[alert.patient].append(alert)
    judged = []
    for pair in book.read(folder / "pairs.jsonl"):
        both = [alert for alert in by_patient[pair["patient"]] if alert.mentions(inn_names.names(pair["a"]))
                and alert.mentions(inn_names.names(pair["b"]))]
        order = ("interrupt", "show", "log")
        judged.append({**pair, "said": min((alert.tier for alert in both if alert.tier in order), key=order.index,
                                           default="none")})
    return judged, {"answer_lines": lines, "errors": errors, "complete": lines >= len(judged)}


def tally(pairs):
    counts = collections.Counter(pair["said"] for pair in pairs)
    total, found = len(pairs), len(pairs) - counts["none"]
    shown = counts["interrupt"] + counts["show"]
    return {"pairs": total, "found": found, "recall": round(found / total, 4) if total else None,
            "recall_95": [round(bound, 4) for bound in book.wilson(found, total)],
            "shown": shown, "interrupt": counts["interrupt"],
            "interrupt_share": round(counts["interrupt"] / total, 4) if total else None}


def compare(judged):
    """The tables: lists, class pairs, what was missed (largest class pairs first) and which negatives interrupt."""
    ansm = [pair for pair in judged if "ansm" in pair["lists"]]
    live = [pair for pair in ansm if LIVE in pair["a"] or LIVE in pair["b"]]
    onc = [pair for pair in judged if "onc" in pair["lists"]]
    quiet = [pair for pair in judged if "non-interruptive" in pair["lists"]
        and not set(pair["lists"]) & {"ansm", "onc"}]
    drugs = [pair for pair in ansm if pair not in live]
    lists = {"ANSM contraindicated, all": ansm,
             "ANSM without live vaccines": drugs,
             "ANSM without live vaccines, unconditional": [pair for pair in drugs if not pair["lists"]["ansm"][1]],
             "ANSM live vaccines": live, "ONC high priority": onc,
             "in both": [pair for pair in ansm if "onc" in pair["lists"]],
             "ONC non-interruptive (negatives)": quiet}
    classes = collections.defaultdict(list)
    for source, pairs in (("ansm", ansm), ("onc", onc)):
        for pair in pairs:
            label, condition = pair["lists"][source]
            classes[f"{label} ({condition})" if condition else label].append(pair)
    rows = [{"classes": label, **tally(pairs), "missed": [f"{pair['a']} + {pair['b']}" for pair in pairs
                                                          if pair["said"] == "none"]} for label,
            pairs in classes.items()]
    rows.sort(key=lambda row: (-len(row["missed"]), row["classes"]))
    drug_misses = collections.Counter(name for pair in ansm + onc if pair["said"] == "none"
                                      for name in (pair["a"], pair["b"]))
    loud = [{"pair": f"{pair['a']} + {pair['b']}", "group": pair["lists"]["non-interruptive"][0]} for pair in quiet
            if pair["said"] == "interrupt"]
    return {"lists": {name: tally(pairs) for name, pairs in lists.items()}, "class_pairs": rows,
            "drugs_most_missed": drug_misses.most_common(40), "negatives_that_interrupt": loud}


def markdown(result, reasons):
    out = ["# Interaction rules against public lists", "",
           "Lists: ANSM thesaurus of October 2020, ONC high-priority and non-interruptive lists (2014). "
           "Evaluation only.", "",
           "| list | pairs | found | recall (95%) | shown | interrupt |", "| --- | --- | --- | --- | --- | --- |"]
    for name, row in result["lists"].items():
        if row["pairs"]:
            low, high = row["recall_95"]
            out.append(f"| {name} | {row['pairs']} | {row['found']} | {row['recall']:.1%} ({low:.1%} to {high:.1%}) | "
                       f"{row['shown']} | {row['interrupt']} |")
    out += ["", "## Class pairs with misses, most missed first", "",
            "| classes | found | missed, for example | reason |",
            "| --- | --- | --- | --- |"]
    for row in result["class_pairs"]:
        if row["missed"]:
            out.append(f"| {row['classes']} | {row['found']}/{row['pairs']} | {'; '.join(row['missed'][:4])} | "
                       f"{reasons.get(row['classes'], '')} |")
    out += ["", "## Negatives that interrupt", ""]
    groups = collections.Counter(item["group"] for item in result["negatives_that_interrupt"])
    out += [f"- {group}: {count}" for group, count in groups.most_common()] or ["none"]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for everything that is written")
    parser.add_argument("--data", type=pathlib.Path, default=places.HEALTH_DATA / \
                        "interactions", help="the public lists")
    parser.add_argument("--make", action="store_true", help="only write the records")
    parser.add_argument("--report", action="store_true", help="only report on the answers that are there")
    parser.add_argument("--tenfold", default="tenfold", help="the program (default: on the PATH)")
    parser.add_argument("--pack", default="health")
    parser.add_argument("--reasons", type=pathlib.Path, help="JSON: class pair -> why the pack differs")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.report:
        make(options.out, options.data)
        if options.make:
            return 0
        done = places.run([options.tenfold, "run", options.pack, options.out / "pairs.ndjson",
                           "--out", options.out / "answers.jsonl"], log=options.out / "run.log")
        print(f"tenfold: exit status {done['status']}, {done['wall_s']} s wall, {done['cpu_s']} s CPU")
    judged, run = judge(options.out)
    result = {"run": run, **compare(judged)}
    reasons = json.loads(options.reasons.read_text()) if options.reasons else {}
    (options.out / "comparison.json").write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    (options.out / "comparison.md").write_text(markdown(result, reasons), encoding="utf-8")
    print(markdown(result, reasons).split("\n## ")[0])
    return 0 if run["complete"] else 1


if __name__ == "__main__":
    sys.exit(main())
