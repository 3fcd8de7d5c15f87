#!/usr/bin/env python3
"""Do the tests notice a bug? Puts each of mutants.txt into a copy of the tree, builds what tests answers, runs it.

  mutants.py [--only N,M…] [--work FOLDER] [--check]

Caught: a test fails, or does not end. A bug that the compiler finds does not count. --only: these, in this order.
Exit status 1 when fewer than 95 % are caught, or a line of mutants.txt is in the sources no more."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
# Quick ones first.
TESTS = ["tests/run/run_tests --gtest_filter=-Deep.*", "src/engine/engine_tests", "src/plan/plan_tests",
         "src/provenance/provenance_tests", "tests/lang/lang_golden_tests --gtest_filter=-Hostile.*:Mutations.*",
         "tests/fuzz/fuzz_tests --gtest_filter=Fuzz.*:Updates.*"]
TARGETS = ["run_tests", "engine_tests", "plan_tests", "provenance_tests", "lang_golden_tests", "fuzz_tests"]
MOST_SECONDS = 200  # a test may take; a bug that never ends is noticed too


def mutants():
    file, before = None, None
    for line in (HERE / "mutants.txt").read_text().splitlines():
        if line.startswith("== "):
            file = line[3:]
        elif line.startswith("- "):
            before = line[2:]
        elif line.startswith("+ "):
            yield file, before, line[2:]


def stale():
    out = []
    for number, (file, before, _) in enumerate(mutants(), 1):
        found = (TREE / file).read_text().count(before)
        if found != 1:
            out.append(f"{number}: {file} has {found} times: {before}")
    return out


def copy_to(work):
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TREE,
                           capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, files):
        target = work / name
        source = TREE / name
        if not source.exists() or (target.exists() and target.read_bytes() == source.read_bytes()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)  # not its time: what was built of another text is older


def build(work):
    if not (work / "build/mutants").exists():
        subprocess.run(["cmake", "-B", "build/mutants", "-G", "Ninja", "-DTENFOLD_OPENVINO=OFF",
                        "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -g0"], cwd=work, check=True,
                       stdout=subprocess.DEVNULL)
    return subprocess.run(["cmake", "--build", "build/mutants", "--target", *TARGETS], cwd=work, capture_output=True,
                          text=True)


def failing_test(work):
    env = dict(os.environ, TENFOLD_FUZZ_RUNS=os.environ.get("TENFOLD_FUZZ_RUNS", "120"))
    for test in TESTS:
        try:
            run = subprocess.run(f"build/mutants/{test}", shell=True, cwd=work, env=env, capture_output=True,
                                 timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            return test.split()[0] + " (no end)"
        if run.returncode != 0:
            return test.split()[0]
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--work", default="")
    options.add_argument("--check", action="store_true")
    options = options.parse_args()
    gone = stale()
    print("\n".join(gone), end="\n" if gone else "")
    if options.check:
        return 1 if gone else 0
    chosen = [int(n) for n in options.only.split(",") if n]
    work = pathlib.Path(options.work or TREE / "build/mutants_tree").resolve()
    copy_to(work)
    if (clean := build(work)).returncode != 0:
        print(clean.stdout[-2000:])
        return 2
    if (broken := failing_test(work)) is not None:
        print(f"without any bug {broken} fails")
        return 2
    caught, run = 0, 0
    every = dict(enumerate(mutants(), 1))
    for number in chosen or every:
        file, before, after = every[number]
        if any(g.startswith(f"{number}:") for g in gone):
            continue
        target = work / file
        text = target.read_text()
        target.write_text(text.replace(before, after))
        start = time.time()
        built = build(work)
        compiled = built.returncode == 0
        how = failing_test(work) if compiled else None
        run += compiled
        caught += how is not None
        said = f"caught by {how}" if how else "SURVIVED" if compiled else "does not compile"
        print(f"{number:2} {said}  {file}: {after.strip()}  "
              f"({time.time() - start:.0f} s)", flush=True)
        target.write_text(text)
    print(f"{caught} of {run} caught")
    return 0 if run and caught >= 0.95 * run and not gone else 1


if __name__ == "__main__":
    sys.exit(main())
