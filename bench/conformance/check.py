"""Runs a case through `tenfold` and says how it went."""
import dataclasses
import datetime
import json
import math
import re
import subprocess

from cases import Duration
from rust import Char

TOLERANCE = 0.001  # that of Scallop's own tests


@dataclasses.dataclass
class Outcome:
    verdict: str  # passed, fails, interface
    ours: str = ""
    wanted: str = ""
    error: str = ""


def tenfold(binary, file, args, seconds):
    try:
        done = subprocess.run([binary, "run", str(file), "--timeout", str(seconds), *args], capture_output=True,
                              timeout=seconds * 2 + 10, cwd=file.parent, errors="replace")
    except subprocess.TimeoutExpired:
        return None, "", "does not end"
    return done.returncode, done.stdout, done.stderr


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def duration(text):
    """Seconds and months of `P1M3DT5S` or `R14MO P3D`, whichever is printed."""
    months = sum(int(n) * (12 if u == "Y" else 1) for n, u in re.findall(r"(-?\d+)(MO|Y)", text))
    if "T" not in text and "MO" not in text and (match := re.fullmatch(r"P(-?\d+)M", text)):
        return Duration(int(match.group(1)), 0)
    rest = re.sub(r"-?\d+(MO|Y)", "", text)
    days, _, time = rest.partition("T")
    seconds = sum(int(n) * {"D": 86400, "W": 604800}[u] for n, u in re.findall(r"(-?\d+)(D|W)", days))
    if match := re.match(r"[RP ]*(-?\d+)M", days):
        months += int(match.group(1))
    seconds += sum(float(n) * {"H": 3600, "M": 60, "S": 1}[u] for n, u in re.findall(r"(-?[\d.]+)([HMS])", time))
    return Duration(months, -seconds if "-PT" in text else seconds)


def same(text, value):
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    if isinstance(value, (int, float)):
        found = number(text)
        if found is None:
            return False
        if math.isinf(value) or math.isinf(found):
            return found == value
        return text == str(value) if isinstance(value, int) and abs(value) > 2**50 else abs(found - value) < TOLERANCE
    if isinstance(value, datetime.datetime):
        try:
            found = datetime.datetime.fromisoformat(re.sub(r" ?UTC|Z", "+00:00", text))
            return found.replace(tzinfo=datetime.timezone.utc) == value
        except ValueError:
            return False
    if isinstance(value, Duration):
        return duration(text) == value
    if isinstance(value, Char):
        return text.strip("'") == value or text == value
    return text == value


def match(expected, rows):
    """Why the rows (tag, arguments) are not those expected; empty when they are."""
    wanted = list(zip(expected.tags or [None] * len(expected.rows), expected.rows))
    if any(row is None for _, row in wanted):
        return "" if len(rows) == len(wanted) else f"{len(rows)} tuples"

    def fits(tag, row, found):
        return (len(row) == len(found[1]) and (tag is None or abs(tag - found[0]) < TOLERANCE) and
                all(same(text, value) for text, value in zip(found[1], row)))
    missing = [(t, r) for t, r in wanted if not any(fits(t, r, f) for f in rows)]
    extra = [] if expected.contains else [f for f in rows if not any(fits(t, r, f) for t, r in wanted)]
    return "".join([f"missing {missing} " if missing else "", f"not wanted {extra}" if extra else ""])


def shown(rows, tagged):
    def one(tag, row):
        return (f"{tag:.6g}::" if tagged else "") + "(" + ", ".join(map(str, row)) + ")"
    return "{" + ", ".join(one(tag, row) for tag, row in rows) + "}"


def check(case, binary, file, seconds):
    file.write_text(case.program)
    if case.kind == "interface":
        return Outcome("interface", error=case.reason)
    if case.kind in ("refused", "run-time error"):
        status, out, err = tenfold(binary, file, [], seconds)
        # Which one: an abort is no refusal, and the refusal must point at the program.
        good = status == 1 and "error" in err
        return Outcome("passed" if good else "fails", (out + err)[:200], "an error", err)
    if case.kind in ("compiles", "parses"):
        done = subprocess.run([binary, "check", str(file)], capture_output=True, text=True, timeout=60)
        errors = re.findall(r"error: (.*)", done.stderr)
        # A test of the parser alone may use names that nothing declares.
        good = not errors or (case.kind == "parses" and all(e.startswith("there is no ") for e in errors))
        return Outcome("passed" if good else "fails", done.stderr[:300], "no error", done.stderr)
    args = ["--provenance", case.provenance, "--format", "json"]
    if case.k:
        args += ["--k", str(case.k)]
    for e in case.expected:
        # Without queries all relations are printed; asking for one by name would ask nothing of a demanded one.
        if "(" not in e.relation and re.search(r"^\s*query\b", case.program, re.M):
            args += ["--query", e.relation]
    status, out, err = tenfold(binary, file, args, seconds)
    wanted = "; ".join(f"{e.relation}: " + (shown(zip(e.tags or [1] * len(e.rows), e.rows), e.tags is not None)
                                            if None not in e.rows else f"{len(e.rows)} tuples") for e in case.expected)
    if status != 0:
        return Outcome("fails", f"exit {status}", wanted, err)
    answers = json.loads(out)["answers"]
    whys, ours = [], []
    for e in case.expected:
        rows = [(a["probability"], a["args"]) for a in answers if a["relation"] == e.relation]
        ours.append(f"{e.relation}: {shown(rows, e.tags is not None)}")
        if why := match(e, rows):
            whys.append(f"{e.relation}: {why}")
    return Outcome("fails" if whys else "passed", "; ".join(ours), wanted, "; ".join(whys) if whys else err)
