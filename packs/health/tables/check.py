#!/usr/bin/env python3
"""Checks the pack's tables against each other: every drug and class named exists, ids are unique, severities are known.

Run from anywhere: python3 packs/health/tables/check.py. Prints the row counts and how many ingredient pairs the
interaction table covers once its classes are expanded; exit status 1 when something is wrong.
"""
import collections
import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
SEVERITIES = {"contraindicated": 3, "high": 2, "moderate": 1}
DRUG_COLUMNS = {
    "drug_names": ["ingredient"], "rxnorm_products": ["ingredient"], "atc_codes": ["ingredient"], "classes": ["ingredient"],
    "interactions": ["a", "b"], "dose_limits": ["drug", "partner"], "monitors": ["a"], "non_interruptive": ["a", "b"],
    "whole_body_forms": ["ingredient"], "strengths": ["ingredient"], "duplication": ["class"], "cross_reactivity": ["allergen", "ordered"],
    "contraindications": ["drug"], "pregnancy": ["drug"], "ages": ["drug"], "renal": ["drug"], "lab_limits": ["drug"],
}


def read(name):
    with open(HERE / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    wrong = []
    tables = {path.stem: read(path.stem) for path in sorted(HERE.glob("*.csv"))}
    drugs = {row["ingredient"] for row in tables["drugs"]}
    members = collections.defaultdict(set)
    for row in tables["classes"]:
        members[row["class"]].add(row["ingredient"])
    wrong += [f"{name} is a drug and a class" for name in sorted(drugs & set(members))]
    for table, columns in DRUG_COLUMNS.items():
        for line, row in enumerate(tables[table], 2):
            for column in columns:
                known = drugs if column == "ingredient" else drugs | set(members)
                if row[column] not in known:
                    wrong.append(f"{table}.csv:{line}: {column} '{row[column]}' is in neither drugs.csv nor classes.csv")
    for table, rows in tables.items():
        for column in ("id", "no"):
            numbers = [row[column] for row in rows if column in row]
            if len(numbers) != len(set(numbers)):
                wrong.append(f"{table}.csv: {column} is not unique")
        for line, row in enumerate(rows, 2):
            if "severity" in row and row["severity"] not in SEVERITIES:
                wrong.append(f"{table}.csv:{line}: severity '{row['severity']}'")
            if "source" in row and not row["source"]:
                wrong.append(f"{table}.csv:{line}: no source")
    concepts = {row["concept"] for row in tables["condition_codes"]}
    analytes = {row["analyte"] for row in tables["labs"]}
    wrong += [f"contraindications.csv: concept '{row['concept']}'" for row in tables["contraindications"] if row["concept"] not in concepts]
    wrong += [f"lab_limits.csv: analyte '{row['analyte']}'" for row in tables["lab_limits"] if row["analyte"] not in analytes]
    listed = {row["table"] for row in tables["tables"]} | {"tables"}
    wrong += [f"tables.csv does not list {name}" for name in sorted(set(tables) - listed)]

    pairs = {}
    for row in tables["interactions"]:
        for a in members.get(row["a"], {row["a"]}):
            for b in members.get(row["b"], {row["b"]}):
                if a != b:
                    key = tuple(sorted((a, b)))
                    pairs[key] = max(pairs.get(key, 0), SEVERITIES[row["severity"]])
    for name, rows in tables.items():
        print(f"{len(rows):6} {name}")
    count = collections.Counter(pairs.values())
    print(f"{len(pairs)} ingredient pairs: {count[3]} contraindicated, {count[2]} high, {count[1]} moderate")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
