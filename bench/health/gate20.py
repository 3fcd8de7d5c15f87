#!/usr/bin/env python3
"""The gate that a careful programmer writes by hand in twenty lines in front of a chest network: a baseline for
curve.py.

    python3 bench/health/gate20.py COHORT.ndjson --out GATED.ndjson

Copies to GATED.ndjson the records whose film would be sent to the network; a network behind it sees those and no
others. The gate itself is needs_film(); the rest reads and writes.
"""

import argparse
import json
import re
import sys


def text_of(resource):
    return json.dumps([resource.get("code"), resource.get("medicationCodeableConcept")]).lower()


def active(resource):
    return "active" in json.dumps(resource.get("clinicalStatus", resource.get("status", "")))


# --- the gate: twenty lines -------------------------------------------------------------------------------------------
ANTIBIOTIC = re.compile(r"cillin|cef|mycin|oxacin|cycline")
INFECTION = re.compile(r"otitis|tonsil|streptococ|sinusitis|urinary|cellulitis")


def needs_film(bundle):
    resources = [entry["resource"] for entry in bundle["entry"]]
    if not any(resource["resourceType"] == "ImagingStudy" for resource in resources):
        return False
    antibiotic = reason = pneumonia = False
    for resource in resources:
        if not active(resource) or "refuted" in json.dumps(resource.get("verificationStatus", "")):
            continue
        text = text_of(resource)
        if resource["resourceType"] == "MedicationRequest" and ANTIBIOTIC.search(text):
            antibiotic = True
            reason = reason or "reasonReference" in resource or "reasonCode" in resource
        if resource["resourceType"] == "Condition":
            pneumonia = pneumonia or "pneumonia" in text
            reason = reason or bool(INFECTION.search(text))
    return pneumonia or (antibiotic and not reason)
# ----------------------------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    passed = total = 0
    with open(options.cohort, encoding="utf-8") as records, open(options.out, "w", encoding="utf-8") as gated:
        for line in records:
            total += 1
            if needs_film(json.loads(line)):
                passed += 1
                gated.write(line)
    print(json.dumps({"records": total, "passed": passed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
