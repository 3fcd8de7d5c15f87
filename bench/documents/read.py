#!/usr/bin/env python3
"""Text recall on the 20 contracts of CUAD that come as PDF, and pages per second.

  cmake --build build/default --target read_document
  bench/documents/read.py build/default/bench/documents/read_document [--data ../shared/data] [--verbose]

Words are what stands between blanks, as they are. Recall: the share of the published text's words (as a multiset) that
are read. Ordered recall: the longest common subsequence of both texts' words over the published text's words; a column
read across, or a line out of place, costs here. Precision: the share of the words read that the published text has.
"""
import argparse
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile


def common_subsequence(a, b):
    """Length of the longest common subsequence, by words of bits (H. Hyyrö, "Bit-parallel LCS-length computation
    revisited", AWOCA 2004)."""
    masks = collections.defaultdict(int)
    for i, word in enumerate(a):
        masks[word] |= 1 << i
    row = whole = (1 << len(a)) - 1
    for word in b:
        match = row & masks.get(word, 0)
        row = ((row + match) | (row - match)) & whole
    return len(a) - bin(row).count("1")


def plain(name):
    """A contract's name; those of the files differ in blanks and marks."""
    return "".join(c for c in name.lower() if c.isalnum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="read_document, built")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    folder = pathlib.Path(options.data) / "legal" / "cuad"
    if not folder.is_dir():
        sys.exit(f"read.py: skipped: there is no {folder}")
    published = {}
    with gzip.open(folder / "contracts.jsonl.gz", "rt") as lines:
        for line in lines:
            contract = json.loads(line)
            published[plain(contract["id"])] = contract["text"]
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(folder / "pdf.tar") as tar:
            tar.extractall(scratch, filter="data")
        files = sorted(p for p in pathlib.Path(scratch).rglob("*") if p.suffix.lower() == ".pdf")
        output = subprocess.run([options.program, "page_text", *map(str, files)], check=True, stdout=subprocess.PIPE,
                                text=True)
    totals = collections.Counter()
    for line in output.stdout.splitlines():
        one = json.loads(line)
        name = pathlib.Path(one["file"]).stem
        if "error" in one or plain(name) not in published:
            sys.exit(f"read.py: {name}: {one.get('error', 'no published text')}")
        truth = published[plain(name)].split()
        read = " ".join(row[1] for row in one["rows"]).split()
        found = (collections.Counter(truth) & collections.Counter(read)).total()
        ordered = common_subsequence(truth, read)
        totals.update(truth=len(truth), read=len(read), found=found, ordered=ordered, pages=one["pages"],
                      microseconds=int(one["seconds"] * 1e6))
        if options.verbose:
            print(f"{found / len(truth):7.4f} {ordered / len(truth):7.4f} {found / len(read):7.4f}  {name[:70]}")
    seconds = totals["microseconds"] / 1e6
    print(f"{len(output.stdout.splitlines())} contracts, {totals['pages']} pages, {totals['truth']} words: "
          f"recall {totals['found'] / totals['truth']:.4f}, ordered {totals['ordered'] / totals['truth']:.4f}, "
          f"precision {totals['found'] / totals['read']:.4f}; {totals['pages'] / seconds:.0f} pages/s of one core")


if __name__ == "__main__":
    main()
