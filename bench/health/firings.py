#!/usr/bin/env python3
"""What a pack says on real records: alerts by kind and tier, alert burden, firings per rule, and ten alerts to check
by hand.

    tenfold run health build/synthea.ndjson --out build/synthea.jsonl      # bundles.ndjson.gz, unpacked
    python3 bench/health/firings.py build/synthea.jsonl --records build/synthea.ndjson

Alerts are counted by kind and tier and per 100 patients, beside the hits of the bare interaction list (relation
bare_interaction: any two active drugs of a listed pair, nothing else looked at), abstentions by reason beside both. A
rule has fired for an alert when it stands in the alert's proof. With --records, --draw alerts are drawn at random
(fixed --seed, one kind after the other so that rare kinds come too) and printed with the raw resources that their
proof rests on.
"""

import argparse
import collections
import gzip
import json
import random
import sys

import answers as book

TIERS = ["interrupt", "show", "log"]


def steps(proof):
    """Every step of a proof, the root first."""
    yield from proof.get("steps", [])


def gather(path):
    """Counts over the whole file, and every alert with its place for the draw."""
    seen = {"records": 0, "errors": 0, "tiers": collections.Counter(), "kinds": collections.Counter(), "bare": 0,
            "bare_patients": 0, "shown_patients": 0, "abstained": collections.Counter(), "rules": {}, "alerts": []}
    for answer in book.read(path):
        seen["records"] += 1
        if "error" in answer:
            seen["errors"] += 1
            continue
        alerts = book.alerts(answer)
        bare = sum(item.get("relation") == "bare_interaction" for item in answer.get("answers", []))
        seen["bare"] += bare
        seen["bare_patients"] += bare > 0
        seen["shown_patients"] += any(alert.tier in TIERS[:2] for alert in alerts)
        for item in answer.get("abstained", []):
            seen["abstained"][(item.get("relation", ""), item.get("reason", ""))] += 1
        for alert in alerts:
            seen["tiers"][alert.tier] += 1
            seen["kinds"][(alert.kind, alert.tier)] += 1
            seen["alerts"].append((book.place(answer), alert))
            for place, rule in {step["place"]: step for step in steps(alert.proof) if step.get("place")}.items():
                entry = seen["rules"].setdefault(place, {"place": place, "head": rule.get("relation", ""),
                                                         "source": rule.get("source", ""), "alerts": 0,
                                                         "tiers": collections.Counter()})
                entry["alerts"] += 1
                entry["tiers"][alert.tier] += 1
    return seen


def per_hundred(count, patients):
    return round(100 * count / max(patients, 1), 1)


def summary(seen):
    patients = seen["records"] - seen["errors"]
    kinds = sorted({kind for kind, _ in seen["kinds"]})
    return {
        "records": seen["records"], "errors": seen["errors"],
        "alerts": {tier: seen["tiers"][tier] for tier in TIERS},
        "per_100_patients": {tier: per_hundred(seen["tiers"][tier], patients) for tier in TIERS},
        "patients_with_interrupt_or_show": seen["shown_patients"],
        "bare_list": {"hits": seen["bare"], "per_100_patients": per_hundred(seen["bare"], patients),
                      "patients": seen["bare_patients"]},
        "by_kind": {kind: {tier: seen["kinds"][(kind, tier)] for tier in TIERS} for kind in kinds},
        "abstained": {f"{relation} {reason}": count for (relation, reason), count in seen["abstained"].most_common()},
        "rules": sorted(({**rule, "tiers": dict(rule["tiers"])} for rule in seen["rules"].values()),
                        key=lambda rule: (-rule["alerts"], rule["place"])),
    }


def show(result):
    print(f"{result['records']} records, {result['errors']} errors")
    print(f"{'':28}" + "".join(f"{tier:>11}" for tier in TIERS))
    for kind, tiers in result["by_kind"].items():
        print(f"{kind:28}" + "".join(f"{tiers[tier]:>11}" for tier in TIERS))
    print(f"{'all':28}" + "".join(f"{result['alerts'][tier]:>11}" for tier in TIERS))
    print(f"{'per 100 patients':28}" + "".join(f"{result['per_100_patients'][tier]:>11}" for tier in TIERS))
    bare = result["bare_list"]
    print(f"bare interaction list: {bare['hits']} hits, {bare['per_100_patients']} per 100 patients, "
          f"{bare['patients']} patients")
    for name, count in result["abstained"].items():
        print(f"abstained {count:6}  {name}")
    print("\nfirings per rule (alerts whose proof uses it)")
    for rule in result["rules"]:
        print(f"{rule['alerts']:6}  {rule['place']}  {rule['head']}  {rule['source']}")


def draw(alerts, count, seed):
    """`count` alerts: kinds in a shuffled order in turn, within a kind at random."""
    source = random.Random(seed)
    kinds = collections.defaultdict(list)
    for item in alerts:
        kinds[item[1].kind].append(item)
    for kind in kinds:
        source.shuffle(kinds[kind])
    turn, drawn = sorted(kinds), []
    source.shuffle(turn)
    while len(drawn) < count and any(kinds.values()):
        for kind in turn:
            if kinds[kind] and len(drawn) < count:
                drawn.append(kinds[kind].pop())
    return drawn


def records_at(path, indexes):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return {number: line for number, line in enumerate(lines) if number in indexes}


def print_alert(number, alert, line, index):
    print(f"\n=== {number}. line {index}: {alert.kind} | {alert.subject} | {alert.tier} | {alert.severity}")
    print(f"    {alert.advice}    p = {alert.probability:.3f}")
    wanted = set()
    for step in steps(alert.proof):
        origin = step.get("origin", "")
        wanted.update(word.split("/")[-1] for word in origin.replace(",", " ").split() if "/" in word or ":" in word)
        print("    " + " ".join(str(part) for part in (step.get("kind", ""), step.get("relation", ""),
                                                        step.get("args", ""), origin, step.get("source", ""))))
    resources = [entry["resource"] for entry in json.loads(line)["entry"]]
    patient = resources[0]
    print(f"  record: {patient.get('gender')} born {patient.get('birthDate')} "
          f"deceased {patient.get('deceasedDateTime', '-')}")
    for resource in resources:
        if resource.get("id") in wanted and resource["resourceType"] != "Patient":
            brief = {key: resource[key] for key in ("status", "clinicalStatus", "verificationStatus", "code",
                                                    "authoredOn",
                                                    "medicationCodeableConcept", "onsetDateTime", "abatementDateTime",
                                                    "effectiveDateTime", "valueQuantity", "valueCodeableConcept",
                                                    "intent",
                                                    "dosageInstruction", "reasonReference") if key in resource}
            print(f"  {resource['resourceType']}/{resource['id']}: {json.dumps(brief)}")
    print("  active medications: " + "; ".join(
        f"{resource['medicationCodeableConcept'].get('text')} ({resource.get('authoredOn', '')[:10]})"
        for resource in resources
        if resource["resourceType"] == "MedicationRequest" and resource.get("status") == "active"
        and "medicationCodeableConcept" in resource))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers")
    parser.add_argument("--records", help="the NDJSON that was run (or its .gz): draws alerts to check by hand")
    parser.add_argument("--draw", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first-line", type=int, default=0,
                        choices=[0, 1], help="how the answers count lines (default 0)")
    parser.add_argument("--json", help="also write the counts as JSON here")
    options = parser.parse_args()
    seen = gather(options.answers)
    result = summary(seen)
    show(result)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
    if options.records:
        drawn = draw(seen["alerts"], options.draw, options.seed)
        lines = records_at(options.records, {index - options.first_line for (_, index), _ in drawn})
        for number, ((_, index), alert) in enumerate(drawn, 1):
            print_alert(number, alert, lines[index - options.first_line], index)
    return 0


if __name__ == "__main__":
    sys.exit(main())
