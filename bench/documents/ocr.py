#!/usr/bin/env python3
"""Character error rate of recognition on the 30 receipts of SROIE, and CPU seconds a page.

  cmake --build build/default --target read_document
  OMP_THREAD_LIMIT=1 bench/documents/ocr.py build/default/bench/documents/read_document [--data ../shared/data]
  bench/documents/ocr.py --lines FILE.jsonl      what another program read: {"image", "cpu", "lines": [{"text", "box"}]}

Each recognised word goes to the published line that it overlaps most; the words of a line, from left to right, are
compared with it in upper case, as the published texts are. Errors are edits (insertions, deletions, substitutions) over the
published characters, without blanks and with them; words that overlap no line are insertions. So the order of lines,
which is layout and not recognition, has no part in it. A line's box (8 numbers) is cut into words by their lengths.
"""
import argparse
import collections
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile


def edits(a, b):
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def bounds(box):
    return min(box[0::2]), min(box[1::2]), max(box[0::2]), max(box[1::2])


def words(lines):
    for line in lines:
        left, top, right, bottom = bounds(line["box"])
        step = (right - left) / max(1, len(line["text"]))
        for word in re.finditer(r"\S+", line["text"]):
            yield word.group().upper(), left + step * word.start(), top, left + step * word.end(), bottom


def count(truth, read):
    """Edits and characters without blanks and with them, words found and words."""
    boxes = [bounds(line["box"]) for line in truth]
    got, stray = [[] for _ in truth], 0
    for text, left, top, right, bottom in words(read):
        shared = [max(0, min(right, c) - max(left, a)) * max(0, min(bottom, d) - max(top, b)) for a, b, c, d in boxes]
        best = max(range(len(boxes)), key=shared.__getitem__)
        if shared[best] > 0:
            got[best].append((left, text))
        else:
            stray += len(text)
    total = collections.Counter(edits=stray, edits_blanks=stray)
    for line, found in zip(truth, got):
        expected, texts = line["text"].upper().split(), [text for _, text in sorted(found)]
        total["edits"] += edits("".join(expected), "".join(texts))
        total["characters"] += len("".join(expected))
        total["edits_blanks"] += edits(" ".join(expected), " ".join(texts))
        total["characters_blanks"] += len(" ".join(expected))
        total["found"] += (collections.Counter(expected) & collections.Counter(texts)).total()
        total["words"] += len(expected)
    return total


def run(program, folder):
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(folder / "images.tar") as tar:
            tar.extractall(scratch, filter="data")
        files = sorted(str(p) for p in pathlib.Path(scratch).rglob("*.jpg"))
        output = subprocess.run([program, "word", *files], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        one = json.loads(line)
        if "error" in one:
            sys.exit(f"ocr.py: {one['file']}: {one['error']}")
        lines = [{"text": row[2], "box": [row[3], row[4], row[3] + row[5], row[4] + row[6]]} for row in one["rows"]]
        yield {"image": pathlib.Path(one["file"]).name, "cpu": one["seconds"], "lines": lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", help="read_document, built")
    parser.add_argument("--lines", help="what another program read")
    parser.add_argument("--data", default="../shared/data")
    options = parser.parse_args()
    folder = pathlib.Path(options.data) / "media" / "ocr-sroie"
    if not folder.is_dir():
        sys.exit(f"ocr.py: skipped: there is no {folder}")
    with gzip.open(folder / "all.jsonl.gz", "rt") as lines:
        truth = {one["image"]: one["lines"] for one in map(json.loads, lines)}
    read = map(json.loads, open(options.lines)) if options.lines else run(options.program, folder)
    total = collections.Counter()
    for page in read:
        total.update(count(truth[page["image"]], page["lines"]))
        total.update(pages=1, microseconds=int(page["cpu"] * 1e6))
    print(f"{total['pages']} receipts: character error rate {total['edits'] / total['characters']:.4f}, with blanks "
          f"{total['edits_blanks'] / total['characters_blanks']:.4f}, words found {total['found'] / total['words']:.4f}; "
          f"{total['microseconds'] / 1e6 / total['pages']:.2f} CPU s a page")


if __name__ == "__main__":
    main()
