"""The public interaction lists of shared/data/health/interactions as pairs of English substance names.

Read by compare_lists.py. ANSM: an entry between classes is expanded through the substances' classes; where the
contraindication is limited in its text to named substances, only those pairs are made (LIMITS); where it hangs on a
dose, a route, an organ or an age, the pair is made and marked conditional.
"""

import csv
import gzip
import itertools
import json
import pathlib
from typing import NamedTuple

from inn_names import english, plain


class Pair(NamedTuple):
    """Two English names in alphabetical order, where the pair comes from, and what it hangs on ("" for nothing)."""
    a: str
    b: str
    source: str
    classes: str
    condition: str


FIVE = {"citalopram", "domperidone", "escitalopram", "hydroxyzine", "piperaquine"}
TORSADE = "substances susceptibles de donner des torsades de pointes"
STRONG = "inhibiteurs puissants du cyp3a4"
# (class, class) as the thesaurus names them -> a predicate on two French substances (in the order of the key), or the
# text of the condition. Written from the `info` texts of the contraindications themselves.
LIMITS = {
    ("antiarythmiques", "autres antiarythmiques"): lambda a, b: {a, b} <= {
        "amiodarone", "disopyramide", "hydroquinidine", "quinidine", "sotalol"},
    ("anticonvulsivants inducteurs enzymatiques", "voriconazole"): lambda a, b: a in {
        "carbamazepine", "phenobarbital", "primidone"},
    ("bictegravir", "inducteurs enzymatiques"): lambda a, b: b == "rifampicine",
    ("colchicine", STRONG): lambda a, b: b in {"clarithromycine", "erythromycine", "telithromycine"},
    ("fibrates", "inhibiteurs de l'hmg-coa reductase (statines)"): lambda a, b: (a, b) == ("gemfibrozil",
                                                                                           "simvastatine"),
    ("grazoprevir + elbasvir", STRONG): lambda a, b: b in {"ritonavir", "cobicistat"},
    ("imao-a reversibles, y compris oxazolidinones et bleu de methylene", "sympathomimetiques indirects"):
        lambda a, b: b == "bupropion",
    ("inducteurs enzymatiques", "sofosbuvir"): lambda a, b: a in {
        "rifampicine", "carbamazepine", "fosphenytoine", "phenobarbital", "phenytoine", "primidone"},
    ("inhibiteurs de l'hmg-coa reductase (statines)", "ledipasvir"): lambda a, b: a == "rosuvastatine",
    (STRONG, "isavuconazole"): lambda a, b: a == "ketoconazole",
    (STRONG, "ombitasvir + paritaprevir"): lambda a, b: a != "ritonavir",
    ("acide acetylsalicylique", "anticoagulants oraux"): "dose of aspirin",
    ("acide acetylsalicylique", "methotrexate"): "dose of both",
    ("calcium", "digoxine"): "intravenous calcium",
    ("colchicine", "ombitasvir + paritaprevir"): "kidneys or liver",
    ("eszopiclone", STRONG): "old age",
    ("inhibiteurs de la phosphodiesterase de type 5", STRONG): "each label",
    (STRONG, "telithromycine"): "kidneys or liver",
    (STRONG, "venetoclax"): "titration",
    ("autres diuretiques epargneurs de potassium (seuls ou associes)",
     "diuretiques epargneurs de potassium (seuls ou associes)"): "unless potassium is low",
}
for _other in ("antiparasitaires susceptibles de donner des torsades de pointes", "arsenieux", "delamanid",
               "hydroxychloroquine", "methadone", "neuroleptiques susceptibles de donner des torsades de pointes",
               "torsadogenes (sauf arsenieux, antiparasitaires, neuroleptiques, methadone...)"):
    _key = tuple(sorted((_other, TORSADE)))
    LIMITS[_key] = (lambda a, b: b in FIVE) if _key[1] == TORSADE else (lambda a, b: a in FIVE)


def _rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _limit(members, key, first, second):
    """(wanted, condition) of two French substances under the entry `key` = the two names, sorted."""
    if key == ("antispasmodiques urinaires", STRONG):
        return first in {"darifenacine", "fesoterodine", "solifenacine"}, "" if first == "darifenacine" else \
            "kidneys or liver"
    if key == ("autres medicaments sedatifs", "medicaments sedatifs"):
        opioids = members["morphiniques"] | members["barbituriques"]
        oxybate = {"sodium (oxybate de)", "oxybate de sodium"}
        return bool({first, second} & oxybate) and bool({first, second} & opioids), ""
    if key == ("autres medicaments a risque d'angio-oedeme", "medicaments, bradykinine et angio-oedeme"):
        ace = members["inhibiteurs de l'enzyme de conversion"]
        return "sacubitril" in (first, second) and bool({first, second} & ace), ""
    limit = LIMITS.get(key, "")
    return (limit(first, second), "") if callable(limit) else (True, limit)


def ansm(folder):
    """The distinct contraindicated substance pairs; an unconditional entry wins over a conditional one."""
    folder = pathlib.Path(folder)
    members, substances = {}, set()
    for row in _rows(folder / "ansm_2020_substances.jsonl.gz"):
        substances.add(plain(row["substance"]))
        for name in row["drug_classes"]:
            members.setdefault(plain(name), set()).add(plain(row["substance"]))
    found, unknown = {}, set()
    for row in _rows(folder / "ansm_2020_interactions.jsonl.gz"):
        if not any(level["level"].startswith("CONTRE-INDICATION") for level in row["severity_levels"]):
            continue
        key = tuple(sorted((plain(row["main_drug"]), plain(row["plus_drug"]))))
        sides = [members.get(name) or ({name} if name in substances else set()) for name in key]
        unknown.update(name for name, side in zip(key, sides) if not side)
        for first, second in itertools.product(*(sorted(side) for side in sides)):
            a, b = sorted((english(first), english(second)))
            wanted, condition = _limit(members, key, first, second)
            if a == b or not wanted:
                continue
            old = found.get((a, b))
            if old is None or (old.condition and not condition):
                found[(a, b)] = Pair(a, b, "ansm", " x ".join(key), condition)
    return sorted(found.values()), sorted(unknown)


def onc_high_priority(folder):
    pairs = {}
    with open(pathlib.Path(folder) / "onc_high_priority.csv", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            a, b = sorted((row["object_drug"].strip().lower(), row["precipitant_drug"].strip().lower()))
            if a != b:
                pairs[(a, b)] = Pair(a, b, "onc", "ONC high priority", "")
    return sorted(pairs.values())


def onc_non_interruptive(folder):
    """Distinct pairs; the visible slips of the source (methacholine, niclosamide as salicylates) are left out."""
    pairs = {}
    with open(pathlib.Path(folder) / "onc_non_interruptive.csv", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            a, b = sorted((row["drug1"].strip().lower(), row["drug2"].strip().lower()))
            if a != b and not {a, b} & {"methacholine", "niclosamide"}:
                pairs[(a, b)] = Pair(a, b, "non-interruptive", f"{row['class1'].strip()} x {row['class2'].strip()}", "")
    return sorted(pairs.values())


def rxnorm(folder):
    """English name -> RxNorm code, where the source gives exactly one."""
    codes = {}
    with open(pathlib.Path(folder) / "ansm_substance_rxnorm.tsv", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["RxNorm"] != "NA":
                codes.setdefault(english(row["substance"]), set()).add(row["RxNorm"])
    return {name: next(iter(found)) for name, found in codes.items() if len(found) == 1}
