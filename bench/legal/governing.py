#!/usr/bin/env python3
"""Which place's law governs a contract: what rules, a language model, and the two together reach and cost, on CUAD.

    python3 bench/legal/governing.py --data ../shared/data/legal/cuad --model MODEL.gguf --out build/governing

CUAD has no split here: contracts whose SHA-256 (of the id) is 0 to 2 modulo 10 were looked at while the rules were
written (--part develop), 4 to 9 are reported. Right is a place that the lawyers' answer names, or none where it names
none; an abstention is never right. Places of an answer are read with examples/contracts/places.csv, the country left out
beside its state. Each row is a run of its own with a cold memo; FLOPs are the receipt's, CPU seconds those of the whole
process. Rows are kept under --out, and a row that is there is not run again. Intervals: Wilson, 95%; differences: paired
bootstrap of contracts, 10,000 resamples, seed 1.
"""

import argparse
import csv
import gzip
import hashlib
import json
import re
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import prefilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from intervals import difference, wilson  # noqa: E402

HERE = Path(__file__).parent
EXAMPLE = HERE.parent.parent / "examples" / "contracts"
PASSAGE = 600  # characters, about
UNREAD = 'name = "reader"\n[[stage]]\nname = "none"\nbackend = "table"\nmodel = "none.table"\nflops = 1\n'


def part(contract):
    return int(hashlib.sha256(contract.encode()).hexdigest(), 16) % 10


def passages(text):
    """Whole sentences up to PASSAGE characters; a longer one is cut at twice that."""
    out, current = [], ""
    for sentence in re.split(r"(?<=[.;:])\s+(?=[A-Z(\"0-9])", re.sub(r"\s+", " ", text)):
        while len(sentence) > 2 * PASSAGE:
            out += [current] * bool(current) + [sentence[:2 * PASSAGE]]
            current, sentence = "", sentence[2 * PASSAGE:]
        if current and len(current) + len(sentence) > PASSAGE:
            out.append(current)
            current = ""
        current = f"{current} {sentence}".strip()
    return out + [current] * bool(current)


class Places:
    def __init__(self):
        with open(EXAMPLE / "places.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.names = {row["written"]: row["name"] for row in rows}
        self.within = {row["name"]: row["within"] for row in rows}
        self.any = "|".join(sorted(map(re.escape, self.names), key=len, reverse=True))

    def of(self, answer):
        """Empty where it names none."""
        found = {self.names[m.lower()] for m in re.findall(rf"(?i)\b({self.any})\b", answer)}
        return found - {self.within[name] for name in found}


class Bench:
    def __init__(self, options):
        self.options, self.out, self.places = options, options.out, Places()
        self.out.mkdir(parents=True, exist_ok=True)
        wanted = (lambda p: p <= 2) if options.part == "develop" else (lambda p: p >= 4)
        self.texts, self.truth = {}, {}
        for name in ("contracts", "clauses"):
            with gzip.open(options.data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
                for row in map(json.loads, file):
                    if not wanted(part(row["id"])):
                        continue
                    if name == "contracts":
                        self.texts[row["id"]] = passages(row["text"])
                    else:
                        answer = row["clauses"]["Governing Law"]["answer"]
                        self.truth[row["id"]] = self.places.of(answer) or {"none"}
        self.ids = sorted(self.texts)

    def network(self, gguf):
        folder = self.out / (gguf.stem if gguf else "none")
        folder.mkdir(exist_ok=True)
        if not gguf:
            (folder / "none.table").touch()
            (folder / "reader.toml").write_text(UNREAD)
            return folder / "reader.toml"
        if not (folder / "model.gguf").exists():
            (folder / "model.gguf").symlink_to(gguf.resolve())
        checksum = hashlib.sha256(gguf.read_bytes()).hexdigest()
        (folder / "reader.toml").write_text(
            f'name = "reader"\n[[stage]]\nname = "{gguf.stem}"\nbackend = "llama"\nmodel = "model.gguf"\n'
            f'sha256 = "{checksum}"\nflops = 4.5e11\noptions = {{ max_tokens = 40, context = 1024 }}\n')
        return folder / "reader.toml"

    def run(self, name, gguf, *more, texts=None):
        """Contract -> place or "none"; abstained contracts are left out. FLOPs, CPU seconds, calls."""
        kept = self.out / f"{self.options.part}-{name}.json"
        if not kept.exists():
            facts = self.out / "passage.csv"
            with open(facts, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                for contract in self.ids:
                    for n, text in enumerate((texts or self.texts).get(contract, [])):
                        writer.writerow([contract, n, text])
            places = self.out / "places.csv"  # facts have no header
            places.write_text("".join((EXAMPLE / "places.csv").read_text(encoding="utf-8").splitlines(True)[1:]))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [self.options.tenfold, "run", EXAMPLE / "governing.scl", "--facts", f"passage={facts}", "--facts",
                 f"place={places}", "--network", f"reader={self.network(gguf)}", "--memo", "off", "--format", "json",
                 "--receipt", self.out / "receipt.json", *more], capture_output=True, text=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            said = json.loads(done.stdout)
            receipt = json.loads((self.out / "receipt.json").read_text())
            best = {}
            for row in said["answers"]:
                if row["relation"] == "governs" and row["probability"] > best.get(row["args"][0], ("", -1))[1]:
                    best[row["args"][0]] = (row["args"][1], row["probability"])
            kept.write_text(json.dumps({
                "said": {c: p for c, (p, _) in best.items()},
                "abstained": sorted({row["args"][0] for row in said.get("abstained", [])}),
                "flops": receipt["flops"], "run": receipt["networks"][0]["run"] if receipt["networks"] else 0,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}))
        kept = json.loads(kept.read_text())
        answers = {c: kept["said"].get(c, "none") for c in self.ids if c not in kept["abstained"]}
        return answers, kept["flops"], kept["cpu"], kept["run"]

    def right(self, answers):
        return [int(answers.get(c) in self.truth[c]) for c in self.ids]

    def row(self, name, answers, flops, cpu, calls):
        right = self.right(answers)
        low, high = wilson(sum(right), len(right))
        print(f"| {name} | {sum(right) / len(right):.3f} ({low:.3f} to {high:.3f}) | {len(self.ids) - len(answers)} | "
              f"{flops / 1e12:.2f} | {cpu:.1f} | {calls} |", flush=True)
        return right, flops, cpu


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--small", type=Path, help="a second, smaller model, for its row and the router's")
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--part", choices=["develop", "report"], default="report")
    arguments.add_argument("--tenfold", type=Path, default=Path("build/default/bin/tenfold"))
    bench = Bench(arguments.parse_args())
    options = bench.options

    majority = Counter(min(t) for t in bench.truth.values()).most_common(1)[0][0]
    print(f"{len(bench.ids)} contracts, {sum(map(len, bench.texts.values()))} passages\n\n"
          "| | right (95%) | abstained | TFLOP | CPU s | calls |\n|---|---|--:|--:|--:|--:|")
    bench.row(f"majority ({majority})", {c: majority for c in bench.ids}, 0, 0, 0)
    bench.row("always abstain", {}, 0, 0, 0)
    rules = bench.row("rules alone", *bench.run("rules", None)[:3], 0)
    if options.small:
        bench.row(f"{options.small.stem} on each contract's passage",
                  *bench.run("small", options.small, "--without", "offload"))
    dear = bench.row(f"{options.model.stem} on each contract's passage",
                     *bench.run("dear", options.model, "--without", "offload"))
    start = resource.getrusage(resource.RUSAGE_SELF)
    by_hand, left = {}, {}
    for contract in bench.ids:
        by_hand[contract], passage = prefilter.place_of(bench.texts[contract], bench.places)
        if passage:
            left[contract] = [passage]
    end = resource.getrusage(resource.RUSAGE_SELF)
    answers, flops, cpu, calls = bench.run("prefilter", options.model, "--without", "offload", texts=left)
    for contract in left:
        by_hand[contract] = answers.get(contract)
    hand = bench.row(f"20 lines of Python before {options.model.stem}",
                     {c: p for c, p in by_hand.items() if p}, flops, cpu + end.ru_utime - start.ru_utime, calls)
    all_levers = bench.row("all levers", *bench.run("all", options.model))
    print()
    for other, name in ((dear, "the model everywhere"), (hand, "20 lines of Python"), (rules, "rules alone")):
        low, high = difference(all_levers[0], other[0])
        gap = (sum(all_levers[0]) - sum(other[0])) / len(bench.ids)
        print(f"against {name}: {100 * gap:+.2f} points ({100 * low:+.2f} to {100 * high:+.2f})"
              + (f", {other[1] / all_levers[1]:.2f}x the FLOPs, {other[2] / all_levers[2]:.2f}x the CPU seconds"
                 if other is not rules else ""))


if __name__ == "__main__":
    main()
