#!/usr/bin/env python3
"""Scores the answers to the records of planted.py: recall on the positives, false alerts on the near-misses.

    python3 bench/health/score_planted.py MANIFEST ANSWERS [--min-recall 0.95] [--max-false 0] [--json FILE]

A positive is found when one shown alert (tier interrupt or show) of a kind of its group names every planted
ingredient in its subject. A near-miss fails when an alert at one of the tiers it fails at names the planted
ingredients: any kind for a pair, a kind of its group for a single drug. Reported beside it, stricter: near-misses
with any interrupting or shown alert at all. A record without an answer line, or with an error, counts as missed and
as failed: silence is not a score. Exit status 1 under --min-recall, over --max-false, or when records have no answer.
"""

import argparse
import collections
import json
import sys

import answers as book

SHOWN = ("interrupt", "show")


def by_record(manifest, path):
    """Manifest line -> (alerts, error or None). Matched by patient where an alert names one, else by the line's
    number."""
    lines = list(book.read(path))
    patients = {expected["line"]: expected["patient"] for expected in manifest}

    def agreeing(shift):
        """How many alerts are about the patient of the record that their line number would name."""
        return sum(patients.get(book.place(answer)[1] - shift) == alert.patient
                   for answer in lines for alert in book.alerts(answer))

    shift = max((0, 1), key=agreeing)  # an engine may count lines from 0 or from 1
    answered = {book.place(answer)[1] - shift: answer for answer in lines}
    result = {}
    for expected in manifest:
        answer = answered.get(expected["line"])
        if answer is None:
            result[expected["record"]] = ([], "no answer line")
        elif "error" in answer:
            result[expected["record"]] = ([], f"{answer['error'].get('code')}: {answer['error'].get('what')}")
        else:
            result[expected["record"]] = (book.alerts(answer), None)
    return result


def names_all(alert, expected):
    return all(alert.mentions(names) for names in expected["names"])


def hit(expected, found):
    """The alert that finds a positive, the most urgent one first; None when missed."""
    fitting = [alert for alert in found if alert.tier in SHOWN and alert.kind in expected["kinds"]
               and names_all(alert, expected)]
    return min(fitting, key=lambda alert: SHOWN.index(alert.tier), default=None)


def logged(expected, found):
    """Found by an alert of any tier, the log included."""
    return any(alert.kind in expected["kinds"] and names_all(alert, expected) for alert in found)


def false_alerts(expected, found):
    single = len(expected["names"]) == 1
    return [alert for alert in found if alert.tier in expected["fails_at"] and names_all(alert, expected)
            and (not single or alert.kind in expected["kinds"])]


def score(manifest, answered):
    """Everything the report prints, as plain data."""
    out = {"positives": 0, "found": 0, "logged": 0, "interrupting": 0, "near_misses": 0, "failed": 0, "any_alert": 0,
           "unanswered": [],
           "missed": [], "false": [], "extra": [], "by_group": {}, "by_form": {}, "by_mutation": {}}
    groups, forms, mutations = (collections.defaultdict(lambda: [0, 0]) for _ in range(3))
    for expected in manifest:
        found, error = answered[expected["record"]]
        if error:
            out["unanswered"].append({"record": expected["record"], "error": error})
        if expected["positive"]:
            best = hit(expected, found)
            out["positives"] += 1
            out["found"] += best is not None
            out["logged"] += logged(expected, found)
            out["interrupting"] += best is not None and best.tier == "interrupt"
            for table, keys in ((groups, [expected["group"]]), (forms, expected["forms"])):
                for key in keys:
                    table[key][0] += best is not None
                    table[key][1] += 1
            if best is None:
                out["missed"].append({**brief(expected), "alerts": [said(alert) for alert in found]})
        else:
            wrong = false_alerts(expected, found)
            noise = [alert for alert in found if alert.tier in SHOWN]
            failed = bool(wrong) or bool(error)
            out["near_misses"] += 1
            out["failed"] += failed
            out["any_alert"] += bool(noise)
            mutations[expected["mutation"].split(" (")[0]][0] += failed
            mutations[expected["mutation"].split(" (")[0]][1] += 1
            if wrong:
                out["false"].append({**brief(expected), "alerts": [said(alert) for alert in wrong]})
            elif noise:
                out["extra"].append({**brief(expected), "alerts": [said(alert) for alert in noise]})
    out["by_group"], out["by_form"], out["by_mutation"] = dict(groups), dict(forms), dict(mutations)
    return out


def brief(expected):
    return {key: expected[key] for key in ("record", "line", "group", "case", "forms", "source")}


def said(alert):
    return f"{alert.kind} | {alert.subject} | {alert.tier} | {alert.severity}"


def show(result):
    print(f"recall              {book.share_text(result['found'], result['positives'])}")
    print(f"  of them interrupt {result['interrupting']}; with alerts that are only logged {book.share_text(result['logged'], result['positives'])}")
    for name in ("by_group", "by_form"):
        print(f"  {name.replace('_', ' ')}: " + ", ".join(f"{key} {hits}/{total}" for key, (hits, total)
                                                          in sorted(result[name].items())))
    print(f"near-misses failed  {book.share_text(result['failed'], result['near_misses'])}")
    print(f"  with any interrupting or shown alert at all: {result['any_alert']}")
    for title, key in (("MISSED", "missed"), ("FALSE ALERT", "false"), ("ALERT BESIDE THE POINT", "extra")):
        for item in result[key]:
            print(f"{title:12} {item['record']} line {item['line']} [{item['group']}] {item['case']} "
                  f"({', '.join(item['forms'])}; {item['source']})")
            for line in item["alerts"]:
                print(f"             said: {line}")
    for item in result["unanswered"]:
        print(f"NO ANSWER    {item['record']}: {item['error']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", help="manifest.jsonl of planted.py")
    parser.add_argument("answers", help="what tenfold run health … --out wrote")
    parser.add_argument("--min-recall", type=float, default=0.0, help="exit 1 below this recall")
    parser.add_argument("--max-false", type=int, help="exit 1 above this many failed near-misses")
    parser.add_argument("--json", help="also write the score as JSON here")
    options = parser.parse_args()
    manifest = list(book.read(options.manifest))
    result = score(manifest, by_record(manifest, options.answers))
    show(result)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
    low = result["found"] / max(result["positives"], 1) < options.min_recall
    loud = options.max_false is not None and result["failed"] > options.max_false
    return 1 if low or loud or result["unanswered"] else 0


if __name__ == "__main__":
    sys.exit(main())
