#!/usr/bin/env python3
"""How many programs of tests/run have their proofs accepted by tenfold-verify, and why the others have not.

  accepted.py --tenfold build/minimal/bin/tenfold --verify build/minimal/bin/tenfold-verify

Programs with networks are left out: their answers come from stubs. Exit status 1 where a proof is refused for another
reason than that the checker says it cannot check it, or where fewer are accepted than --at-least."""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

RUN = pathlib.Path(__file__).resolve().parent.parent / "run"


def cases():
    for file in sorted(RUN.rglob("*.test")):
        title, program, wants_error, within = None, [], False, False
        for line in [*file.read_text(encoding="utf-8").splitlines(), "== end"]:
            if line.startswith("== "):
                if program and not wants_error:
                    yield f"{file.name}: {title}", "\n".join(program) + "\n"
                title, program, wants_error, within = line[3:], [], False, False
            elif line.startswith("program"):
                within = True
            elif within and line.startswith("  "):
                program.append(line[2:])
            else:
                within = within and not line.strip()
                wants_error = wants_error or line.startswith("error")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tenfold", required=True)
    options.add_argument("--verify", required=True)
    options.add_argument("--say", action="store_true", help="print what the checker says of each program it refuses")
    options.add_argument("--at-least", type=int, default=0, help="how many programs have to be accepted")
    options.add_argument("--provenance", help="instead of the one that a program is run under")
    options = options.parse_args()
    asked = ["--provenance", options.provenance] if options.provenance else []
    accepted, reasons, wrong, total = 0, collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        program, answers = pathlib.Path(folder) / "program.scl", pathlib.Path(folder) / "answers.jsonl"
        for title, text in cases():
            if "@network" in text:
                continue
            program.write_text(text, encoding="utf-8")
            run = subprocess.run([options.tenfold, "run", program, "--format", "json", "--proofs", *asked],
                                 capture_output=True, text=True, timeout=120)
            if run.returncode != 0:
                continue
            answers.write_text(run.stdout, encoding="utf-8")
            total += 1
            check = subprocess.run([options.verify, answers, "--program", program], capture_output=True, text=True,
                                   timeout=120)
            if check.returncode == 0:
                accepted += 1
                continue
            said = (check.stdout + check.stderr).splitlines()
            if options.say:
                print(title, *said, sep="\n  ")
            for line in said:
                if "cannot be checked" in line or "cannot check" in line:
                    reasons[re.sub(r"^.*cannot be checked( here)?:? ?", "", line)[:90]] += 1
            if not any("cannot be checked" in line for line in said):
                wrong.append((title, said[:1]))
    print(f"{accepted} of {total} programs accepted")
    for reason, number in reasons.most_common():
        print(f"  {number} x cannot be checked: {reason}")
    for title, said in wrong:
        print(f"  refused: {title}: {said}")
    return 1 if wrong or accepted < options.at_least else 0


if __name__ == "__main__":
    sys.exit(main())
