#!/usr/bin/env python3
"""Random programs by ProbLog (exact probabilities, to 1e-6) and clingo (plain sets), against the engine's answers.

  other_systems.py FUZZ_EXPORT [FIRST [COUNT]]

Uses the Python modules problog and clingo. Exit status 77, with a line that says so, where neither is installed."""
import pathlib
import signal
import subprocess
import sys
import tempfile

try:
    from problog import get_evaluatable
    from problog.program import PrologString
except ImportError:
    get_evaluatable = None
try:
    import clingo
except ImportError:
    clingo = None


SECONDS = 10  # a program may take


class TookTooLong(Exception):
    pass


def give_up(*_):
    raise TookTooLong


signal.signal(signal.SIGALRM, give_up)


def wanted(file):
    out = {}
    for line in file.read_text().splitlines():
        probability, *tuple_ = line.split("\t")
        out[tuple(tuple_)] = float(probability)
    return out


def plain(text):
    text = str(text).strip("'\"")
    return text[:-2] if text.endswith(".0") else text


def by_problog(file):
    found = get_evaluatable().create_from(PrologString(file.read_text())).evaluate()
    return {(term.functor, *map(plain, term.args)): p for term, p in found.items() if p > 0}


def by_clingo(file):
    control = clingo.Control(["--warn=none"])
    control.add("base", [], file.read_text())
    control.ground([("base", [])])
    out = {}
    with control.solve(yield_=True) as models:
        for model in models:
            for symbol in model.symbols(shown=True):
                out[(symbol.name, *(plain(a) for a in symbol.arguments))] = 1.0
    return out


def compare(folder, program, answers, system, name):
    checked, wrong, too_long = 0, 0, 0
    for file in sorted(folder.glob("*" + program)):
        expected = {(key[0], *map(plain, key[1:])): p for key, p in wanted(file.with_suffix(answers)).items()}
        signal.alarm(SECONDS)
        try:
            found = system(file)
        except TookTooLong:
            too_long += 1
            continue
        finally:
            signal.alarm(0)
        checked += 1
        keys = {k for k in expected.keys() | found.keys() if abs(expected.get(k, 0) - found.get(k, 0)) > 1e-6}
        if not keys:
            continue
        wrong += 1
        print(f"{name}, seed {file.stem}:")
        for key in sorted(keys):
            print(f"  {key}: ours {expected.get(key, 0)}, theirs {found.get(key, 0)}")
        print(file.read_text())
    print(f"{name}: {checked} programs, {wrong} differ; {too_long} more took over {SECONDS} s")
    return wrong


def main():
    if get_evaluatable is None and clingo is None:
        print("skipped: neither the Python module problog nor clingo is installed")
        return 77
    first = sys.argv[2] if len(sys.argv) > 2 else "0"
    count = sys.argv[3] if len(sys.argv) > 3 else "400"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], name, first, count], check=True)
        wrong = 0
        if get_evaluatable is not None:
            wrong += compare(folder, ".pl", ".exact", by_problog, "ProbLog")
        if clingo is not None:
            wrong += compare(folder, ".lp", ".unit", by_clingo, "clingo")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
