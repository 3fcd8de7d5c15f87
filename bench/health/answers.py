"""Reads what `tenfold run health … --out answers.jsonl` wrote (design: one line an input, an answer or an error).

Read by the scoring scripts. An alert's arguments are patient, kind, subject, tier, severity, advice.
"""

import json
import pathlib
import re
import sys
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from intervals import wilson  # noqa: E402


class Alert(NamedTuple):
    patient: str
    kind: str
    subject: str
    tier: str
    severity: str
    advice: str
    probability: float
    proof: dict

    def mentions(self, names):
        """Whether the subject holds one of the names (any case, from the start of a word: citalopram is no
        escitalopram)."""
        return any(re.search(rf"(?<![a-z]){re.escape(name.lower())}", self.subject.lower()) for name in names)


def bare(identity):
    """A patient's id without `Patient/` or `urn:uuid:` before it."""
    return re.split(r"[/:]", str(identity))[-1]


def read(path):
    """The lines of an answers file, parsed; a broken last line (an interrupted run) ends the file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    return


def place(answer):
    """(file, index) of an answer's input: `day.ndjson#17` is ("day.ndjson", 17); no index is 0."""
    name, hash_mark, index = str(answer.get("input", "")).rpartition("#")
    return (name, int(index)) if hash_mark and index.isdigit() else (str(answer.get("input", "")), 0)


def alerts(answer, relation="alert"):
    """The alerts of one answer line that were decided for (a decision of false is none)."""
    found = []
    for item in answer.get("answers", []):
        if item.get("relation") != relation or item.get("decision") is False:
            continue
        args = [str(value) for value in item.get("args", [])]
        args += [""] * (6 - len(args))
        found.append(Alert(bare(args[0]), args[1], args[2], args[3], args[4], args[5],
                           float(item.get("probability", 1.0)), item.get("proof") or {}))
    return found


def share_text(hits, total):
    low, high = wilson(hits, total)
    return f"{hits}/{total} = {hits / max(total, 1):.1%} (95% {low:.1%} to {high:.1%})"
