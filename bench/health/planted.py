#!/usr/bin/env python3
"""Writes planted positives and near-misses as FHIR R4 bundles, to measure recall and false alerts of a drug pack.

    python3 bench/health/planted.py --out build/planted
    tenfold run health build/planted/planted.ndjson --out build/planted/answers.jsonl
    python3 bench/health/score_planted.py build/planted/manifest.jsonl build/planted/answers.jsonl --min-recall 0.95

Makes planted.ndjson (one bundle a line) and manifest.jsonl (one line a bundle: what an answer must, or must not,
say). The cases stand in planted_positives.py, planted_measured.py, planted_near_misses.py and planted_near_labs.py
with a source each, the drugs and their codes in planted_drugs.py; nothing is shared with any pack. Each drug is
written in one of eight ways in turn (RxNorm product, RxNorm ingredient, ATC with or without its name, plain text,
contained Medication, Medication of its own, MedicationStatement), and every record carries ordinary matter besides:
encounters, vital signs, a harmless condition and a harmless drug. The same seed gives the same bytes.
"""

import argparse
import datetime
import json
import pathlib
import random
import re
import sys

import planted_measured as measured
import planted_near_labs as near_labs
import planted_near_misses as near_misses
import planted_positives as positives
from fhir_records import Record
from planted_drugs import DRUGS

POSITIVES = (positives.INTERACTIONS + positives.QT_PAIRS + positives.DUPLICATIONS + positives.ALLERGIES
             + positives.CONDITIONS + measured.PREGNANCY + measured.AGES + measured.RENAL + measured.LAB_CASES)
NEAR_MISSES = (near_misses.PAIRS + near_misses.ALLERGIES + near_misses.CONDITIONS + near_misses.PREGNANCY
               + near_misses.AGES + near_labs.RENAL + near_labs.LAB_CASES)

FORMS = ["product", "product", "text", "ingredient", "statement",
    "atc", "contained", "reference", "product", "bare-atc"]
LAYOUTS = ["urn", "url", "searchset"]
# Harmless in every case planted: no interaction, no dose by kidney function, no lower age.
HARMLESS = [("44465007", "Sprain of ankle"), ("57190000", "Myopia"), ("283371005", "Laceration of forearm"),
            ("58150001", "Fracture of clavicle"), ("444814009", "Viral sinusitis (disorder)")]


def ordinary(record, draw, years, busy):
    """Adds what any record has: an encounter on the newest day, vital signs, sometimes a past condition and a
    vitamin."""
    record.encounter(0)
    if years >= 2:
        record.encounter(-draw.randrange(30, 300))
        record.vital("8302-2", "Body Height", 80 + min(years, 16) * 5.5, "cm")
    record.vital("29463-7", "Body Weight", round(3.4 + min(years, 18) * 3.9, 1), "kg")
    if years >= 12:
        record.vital("8480-6", "Systolic Blood Pressure", draw.randrange(112, 134), "mm[Hg]")
    if busy and years >= 12:
        code, display = draw.choice(HARMLESS)
        onset = -draw.randrange(400, 900)
        record.condition(code, display, clinical="resolved", onset=onset, abated=onset + 20)
        record.medication(DRUGS["cholecalciferol"], "product", start=-draw.randrange(100, 300))


def build(case, number, seed, positive):
    """One record of the case: (bundle, manifest line)."""
    name = f"{'p' if positive else 'n'}{number:04d}"
    draw = random.Random(f"{seed}/{name}")
    as_of = datetime.date(2024, 1, 10) + datetime.timedelta(days=draw.randrange(150))
    sex = case.sex or draw.choice(["male", "female"])
    days = round(case.years * 365.25) + (draw.randrange(5, 300) if case.years >= 1 else 0)
    record = Record(f"{seed}-{name}", sex, as_of - datetime.timedelta(days=days), as_of, LAYOUTS[number % 3])
    drugs_written = []

    def form(index):
        drugs_written.append(FORMS[(number * 3 + index * 4 + seed) % len(FORMS)])
        return drugs_written[-1]

    ordinary(record, draw, case.years, busy=number % 2 == 0)
    case.build(record, form)
    names = [sorted({alias.lower() for alias in DRUGS[key].names}) for key in dict.fromkeys(case.drugs)]
    line = {"record": name, "patient": record.patient_id, "positive": positive, "group": case.group, "case": case.name,
            "kinds": positives.GROUPS[case.group], "names": names, "forms": drugs_written, "source": case.source,
            "as_of": as_of.isoformat()}
    if not positive:
        line.update({"mutation": re.sub(r" [\d.]+", "", case.mutation), "fails_at": case.fails_at})
    return record.bundle(), line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for planted.ndjson and manifest.jsonl")
    parser.add_argument("--seed", type=int, default=1, help="another seed writes the drugs in other ways (default 1)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    records = [build(case, number, options.seed, True) for number, case in enumerate(POSITIVES)]
    records += [build(case, number, options.seed, False) for number, case in enumerate(NEAR_MISSES)]
    random.Random(options.seed).shuffle(records)
    with open(options.out / "planted.ndjson", "w", encoding="utf-8") as bundles, \
            open(options.out / "manifest.jsonl", "w", encoding="utf-8") as manifest:
        for line, (bundle, expected) in enumerate(records):
            bundles.write(json.dumps(bundle, separators=(",", ":")) + "\n")
            manifest.write(json.dumps({"line": line, **expected}) + "\n")
    print(f"{len(POSITIVES)} positives, {len(NEAR_MISSES)} near-misses in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
