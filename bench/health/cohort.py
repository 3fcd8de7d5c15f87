#!/usr/bin/env python3
"""Makes a cohort of children with a chest film each, of whom a chosen share has a question that needs the film.

    python3 bench/health/cohort.py --split dev  --patients 1000 --need 2,5,20,50 --out build/cohort
    python3 bench/health/cohort.py --split test --patients 312  --need 2,5,20,50 --out build/cohort-test

Writes films/NNNNN.png and, for every share, cohort-SHARE.ndjson (one FHIR R4 bundle a line) and truth-SHARE.csv. All
shares have the same patients, backgrounds and films, and a smaller share's needing patients are among the larger's.

Backgrounds are the recent part of real Synthea records (shared/data), with new ids and dates shifted so that the
child is 1 to 5 years old at the newest event: the network learned from children of that age. What belongs to adults
only is left out, and so is what would raise a chest question of its own (open antibiotics, recent chest disease or
fever). Films are PneumoniaMNIST: --split dev draws from train and validation (5,232), --split test from the 312
shipped test films, each once. With more patients than films (only if --repeat is given) a film comes again moved by a
pixel: another file, but not another child, so such a cohort is for counting calls and not for accuracy; the truth
marks it.

Who needs the film, a third each:
  antibiotic   an antibiotic is running and no reason is on record   normal film    -> review-antibiotic
  suspected    fever, cough, fast breath, suspected pneumonia, no antibiotic  pneumonia film -> pneumonia-untreated
  recorded     pneumonia recorded and treated                         normal film    -> discordance
The others have a film and nothing that it could change: no complaint, an antibiotic with its reason on record, one
that was stopped or whose course is over, antibiotic ear drops, a pneumonia of last year or refuted, a cold without
fever.
"""

import argparse
import copy
import csv
import datetime
import gzip
import json
import pathlib
import random
import re
import sys
import uuid

import films
import places
from fhir_records import LOINC, NAMESPACE, RXNORM, SNOMED, TERMS, coding, concept

KEPT = {"Encounter", "Condition", "Observation", "MedicationRequest", "AllergyIntolerance", "Immunization", "Procedure"}
DATED = ("onsetDateTime", "effectiveDateTime", "authoredOn", "recordedDate", "occurrenceDateTime")
ADULT = re.compile(
    r"pregnan|fetus|miscarr|eclampsia|blighted|alzheimer|prostat|osteopor|lipid|triglycerid|"
    r"hypertens|diabet|coronary|heart|stroke|smok|overdose|obes|neoplasm|carcinoma|polyp|"
    r"emphysema|obstructive|arthr|gout|neuropath|chronic pain|cardiac|infarct|fibrillation|"
    r"metabolic|contracept|abuse|housing|sexual|HIV|cigarette|tobacco|malignan|MMSE|mammogra|"
    r"colonoscop|impacted|alcohol|sterili|intrauterine|obstet|birth", re.I)
CHEST = re.compile(r"pneumon|bronchi|cough|fever|respirat|sepsis|covid|influenza|tubercul", re.I)
INFECTION = re.compile(
    r"otitis|sinusitis|strepto|bacterial|urinary|cystitis|appendic|cellulitis|abscess|pharyngitis", re.I)
CHILD_DRUGS = re.compile(r"ibuprofen|acetaminophen [0-9.]+ MG(/ML)? Oral|loratadine|cetirizine|fexofenadine|"
                         r"epinephrine|hydrocortisone|albuterol|fluticasone propionate 0.044|prednisone|"
                         r"diphenhydramine", re.I)
ANTIBIOTIC = re.compile(r"cillin|cef|mycin|oxacin|cycline|nitrofurantoin|sulfameth", re.I)
ANTIBIOTICS = [("308182", "Amoxicillin 250 MG Oral Capsule"), ("141963", "azithromycin 40 MG/ML Oral Suspension"),
               ("562251", "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet"), ("309097",
                                                                                   "Cefuroxime 250 MG Oral Tablet")]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DATE = re.compile(r'"(\d{4}-\d\d-\d\d)((?:T[^"]*)?)"')
NEEDS = ["antibiotic", "suspected", "recorded"]
OTHERS = (["plain"] * 20 + ["antibiotic-with-reason"] * 4 + ["antibiotic-stopped"] * 3 + ["antibiotic-over",
                                                                                          "ear-drops"]
          + ["pneumonia-last-year"] * 2 + ["pneumonia-refuted"] + ["cold"] * 4)
EXPECTED = {("antibiotic", "normal"): "review-antibiotic", ("suspected", "pneumonia"): "pneumonia-untreated",
            ("recorded", "normal"): "discordance"}


def when(resource):
    """The day of a resource, from whichever field has it; None without one."""
    text = next((resource[key] for key in DATED if key in resource), None) or \
        resource.get("performedDateTime") or \
        (resource.get("period") or resource.get("performedPeriod") or {}).get("start")
    return datetime.date.fromisoformat(text[:10]) if text else None


def wanted(resource, age_days, before):
    """Whether a child of that age could have it, `before` days ahead of the newest event, without a chest question."""
    said = json.dumps([resource.get("code"), resource.get("medicationCodeableConcept"), resource.get("type")])
    if not 0 <= before < age_days - 20 or ADULT.search(said):
        return False
    kind = resource["resourceType"]
    if kind == "MedicationRequest":
        running = resource.get("status") == "active"
        return bool(CHILD_DRUGS.search(said)) or (not running and bool(ANTIBIOTIC.search(said)) and before > 30)
    if CHEST.search(said) and (before < 60 or not resource.get("abatementDateTime")) and kind != "Immunization":
        return False
    if kind == "Condition" and INFECTION.search(said) and (before < 60 or not resource.get("abatementDateTime")):
        return False  # it could be the reason of an antibiotic
    return not (kind == "Observation" and "8331-1" in said and before < 30)


def backgrounds(path):
    """[(newest day, gender, [resources with their day])] of the real records that have anything recent."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entries = [entry["resource"] for entry in json.loads(line)["entry"]]
            patient = entries[0]
            dated = [(when(resource), resource) for resource in entries if resource["resourceType"] in KEPT]
            dated = [(day, resource) for day, resource in dated if day]
            if dated:
                found.append((max(day for day, _ in dated), patient["id"], patient["gender"], dated))
    return found


class Child:
    """One patient's entries under construction. Offsets are days from the newest event."""

    def __init__(self, name, base, age_days, newest):
        last, old_id, gender, dated = base
        self.name, self.newest, self.serial = name, newest, 0
        self.patient = self.fresh("patient")
        kept = [resource for day, resource in dated if wanted(resource, age_days, (last - day).days)]
        shift = newest - last
        text = json.dumps(kept)
        text = UUID.sub(lambda match: self.patient if match[0] == old_id else self.fresh(match[0]), text)
        text = DATE.sub(
            lambda match: f'"{(datetime.date.fromisoformat(match[1]) + shift).isoformat()}{match[2]}"', text)
        birth = newest - datetime.timedelta(days=age_days)
        self.resources = [{"resourceType": "Patient", "id": self.patient, "gender": gender,
                           "birthDate": birth.isoformat(),
                           "name": [{"family": f"Cohort{name}", "given": ["Child"]}]}]
        present = set()
        for resource in json.loads(text):
            resource.pop("meta", None)
            self.resources.append(resource)
            present.add(resource["id"])
        for resource in self.resources[1:]:  # what pointed to resources that were left out
            for key in ("encounter", "requester", "reasonReference", "context", "location", "performer", "participant",
                        "serviceProvider", "hospitalization", "recorder", "asserter"):
                if key in resource and not set(UUID.findall(json.dumps(resource[key]))) <= present:
                    del resource[key]

    def fresh(self, label):
        return str(uuid.uuid5(NAMESPACE, f"cohort/{self.name}/{label}"))

    def day(self, offset):
        return f"{(self.newest + datetime.timedelta(days=offset)).isoformat()}T08:00:00+00:00"

    def add(self, kind, **body):
        self.serial += 1
        identity = self.fresh(f"new-{self.serial}")
        self.resources.append({"resourceType": kind, "id": identity, **body})
        return {"reference": f"urn:uuid:{identity}"}

    @property
    def subject(self):
        return {"reference": f"urn:uuid:{self.patient}"}

    def encounter(self, offset):
        return self.add("Encounter", status="finished", **{"class": coding(TERMS + "v3-ActCode", "AMB")},
                        subject=self.subject, period={"start": self.day(offset), "end": self.day(offset)})

    def condition(self, code, display, offset, *, verification="confirmed", clinical="active", abated=None):
        return self.add("Condition", clinicalStatus=concept(coding(TERMS + "condition-clinical", clinical)),
                        verificationStatus=concept(coding(TERMS + "condition-ver-status", verification)),
                        code=concept(coding(SNOMED, code, display), text=display), subject=self.subject,
                        onsetDateTime=self.day(offset), recordedDate=self.day(offset),
                        **({} if abated is None else {"abatementDateTime": self.day(abated)}))

    def observation(self, code, display, value, unit, offset=-1):
        return self.add("Observation", status="final", code=concept(coding(LOINC, code, display), text=display),
                        subject=self.subject, effectiveDateTime=self.day(offset),
                        valueQuantity={"value": value, "unit": unit, "system": "http://unitsofmeasure.org",
                                       "code": unit})

    def antibiotic(self, which, offset, *, status="active", reason=None, days=None, product=None):
        code, display = product or ANTIBIOTICS[which % len(ANTIBIOTICS)]
        dosage = {}
        if days:
            bounds = {"start": self.day(offset)[:10], "end": self.day(offset + days)[:10]}
            dosage = {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": bounds}}}]}
        return self.add("MedicationRequest", status=status, intent="order", subject=self.subject,
                        medicationCodeableConcept=concept(coding(RXNORM, code, display), text=display),
                        authoredOn=self.day(offset), **dosage, **({"reasonReference": [reason]} if reason else {}))

    def film(self, path):
        study = self.add("ImagingStudy", status="available", subject=self.subject, started=self.day(-1),
                         numberOfSeries=1, numberOfInstances=1,
                         series=[{"uid": f"2.25.{uuid.UUID(self.fresh('series')).int}", "number": 1,
                                  "modality": coding("http://dicom.nema.org/resources/ontology/DCM", "DX",
                                                     "Digital Radiography"),
                                  "bodySite": coding(SNOMED, "51185008", "Thoracic structure (body structure)"),
                                  "started": self.day(-1), "numberOfInstances": 1}])
        self.add("DocumentReference", status="current", subject=self.subject, date=self.day(-1),
                 type=concept(coding(LOINC, "36643-5", "XR Chest 2 Views"), text="Chest radiograph"),
                 content=[{"attachment": {"contentType": "image/png", "url": path, "title": "Chest radiograph"}}],
                 context={"related": [study]})

    def bundle(self):
        entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource,
                    "request": {"method": "POST", "url": resource["resourceType"]}} for resource in self.resources]
        return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def tell(child, scenario, draw):
    """Adds the scenario's resources."""
    pick = draw.randrange(1000)
    if scenario == "antibiotic":
        child.antibiotic(pick, -2)
    elif scenario == "suspected":
        child.condition("233604007", "Pneumonia", -1, verification="provisional")
        child.condition("49727002", "Cough", -3)
        child.observation("8310-5", "Body temperature", round(38.6 + pick % 14 / 10, 1), "Cel")
        child.observation("9279-1", "Respiratory rate", 44 + pick % 12, "/min")
        child.observation(
            "6690-2", "Leukocytes [#/volume] in Blood by Automated count", 16.0 + pick % 60 / 10, "10*3/uL")
    elif scenario == "recorded":
        child.antibiotic(pick, -2, reason=child.condition("233604007", "Pneumonia", -2))
    elif scenario == "antibiotic-with-reason":
        child.antibiotic(pick, -2, reason=child.condition("65363002", "Otitis media", -2))
    elif scenario == "antibiotic-stopped":
        child.antibiotic(pick, -90, status="stopped")
    elif scenario == "antibiotic-over":
        child.antibiotic(pick, -60, days=10)
    elif scenario == "ear-drops":
        child.antibiotic(pick, -3, product=("848956", "ciprofloxacin 2 MG/ML Otic Solution"))
    elif scenario == "pneumonia-refuted":
        child.condition("233604007", "Pneumonia", -40, verification="refuted", clinical="inactive")
    elif scenario == "pneumonia-last-year":
        child.condition("233604007", "Pneumonia", -290, clinical="resolved", abated=-270)
    elif scenario == "cold":
        child.condition("195662009", "Acute viral pharyngitis (disorder)", -2)


def cast(patients, share, seed):
    """The scenario of each patient; needing ones are the first of one fixed order, so shares are nested."""
    order = list(range(patients))
    random.Random(f"{seed}/need").shuffle(order)
    draw = random.Random(f"{seed}/others")
    scenarios = [draw.choice(OTHERS) for _ in range(patients)]
    for rank, index in enumerate(order[:round(patients * share / 100)]):
        scenarios[index] = NEEDS[rank % len(NEEDS)]
    return scenarios


def draw_films(folder, split, patients, seed, repeat):
    """[(pixels, label, source name, repeated)] for the patients."""
    pool = []
    for name in {"dev": ["train", "val"], "test": ["test"]}[split]:
        images, labels = films.read_idx(folder / name)
        pool += [(pixels, films.LABELS[label], f"{name}-{index}", 0) for index, (pixels, label)
                 in enumerate(zip(images, labels))]
    random.Random(f"{seed}/films").shuffle(pool)
    if patients > len(pool) and not repeat:
        raise SystemExit(f"cohort.py: {patients} patients and only {len(pool)} films of split {split}; take fewer "
                         "patients or --repeat (a film comes again, moved by a pixel)")
    chosen = pool[:patients]
    moves = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)]
    while len(chosen) < patients:
        pixels, label, name, _ = pool[len(chosen) % len(pool)]
        turn = len(chosen) // len(pool)
        if turn > len(moves):
            raise SystemExit(f"cohort.py: more than {len(moves) + 1} patients a film")
        chosen.append((films.shifted(pixels, *moves[turn - 1]), label, name, turn))
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--need", default="2,5,20,50", help="shares in per cent (default 2,5,20,50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", action="store_true", help="let films come again, moved by a pixel")
    parser.add_argument("--data", type=pathlib.Path, default=places.HEALTH_DATA)
    options = parser.parse_args()
    (options.out / "films").mkdir(parents=True, exist_ok=True)
    drawn = draw_films(options.data / "pneumoniamnist", options.split, options.patients, options.seed, options.repeat)
    bases = backgrounds(options.data / "fhir-synthea" / "bundles.ndjson.gz")
    draw = random.Random(f"{options.seed}/children")
    children = []
    for index, (pixels, *_) in enumerate(drawn):
        (options.out / "films" / f"{index:05d}.png").write_bytes(films.png(pixels))
        newest = datetime.date(2024, 1, 1) + datetime.timedelta(days=draw.randrange(360))
        children.append(Child(f"{options.split}-{options.seed}-{index}", bases[index % len(bases)],
                              draw.randrange(380, 5 * 365), newest))
    for share in options.need.split(","):
        write_share(options, share.strip(), children, drawn)
    return 0


def write_share(options, share, children, drawn):
    scenarios = cast(options.patients, float(share), options.seed)
    counts = {}
    with open(options.out / f"cohort-{share}.ndjson", "w", encoding="utf-8") as bundles, \
            open(options.out / f"truth-{share}.csv", "w", encoding="utf-8", newline="") as table:
        truth = csv.writer(table)
        truth.writerow(["line", "patient", "film", "label", "needs_film", "scenario", "expected", "source", "repeat"])
        for index, (child, scenario, (_, label, source, turn)) in enumerate(zip(children, scenarios, drawn)):
            told = copy.copy(child)
            told.resources = list(child.resources)
            told.encounter(0)
            tell(told, scenario, random.Random(f"{options.seed}/tell/{index}"))
            told.film(f"films/{index:05d}.png")
            bundles.write(json.dumps(told.bundle(), separators=(",", ":")) + "\n")
            expected = EXPECTED.get((scenario, label), "")
            truth.writerow([index, child.patient, f"films/{index:05d}.png", label, int(scenario in NEEDS), scenario,
                            expected,
                            source, turn])
            counts[expected or "no imaging alert"] = counts.get(expected or "no imaging alert", 0) + 1
    print(f"cohort-{share}.ndjson: {options.patients} patients, {sum(s in NEEDS for s in scenarios)} need the film; "
          + ", ".join(f"{key} {value}" for key, value in sorted(counts.items())))


if __name__ == "__main__":
    sys.exit(main())
