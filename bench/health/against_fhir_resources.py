#!/usr/bin/env python3
"""Compares the facts of `tenfold explain PACK --input FILE` with what fhir.resources reads out of the same FHIR R4 files.

    python3 -m venv venv && venv/bin/pip install fhir.resources==8.3.0
    npm pack hl7.fhir.r4.examples@4.0.1 && tar -xzf hl7.fhir.r4.examples-4.0.1.tgz
    venv/bin/python bench/health/against_fhir_resources.py --tenfold build/default/bin/tenfold package BUNDLES.ndjson.gz …

An input is a folder of .json files (those with a resource that Tenfold reads), a .json file, or NDJSON, plain or gzip.
The facts are derived a second time here, from the models of fhir.resources (R4B, which has these resources as R4 does) and
what src/media/fhir_schema.cc says that each relation means. Not compared: as_of, film, image_tag (what lies outside the
record) and unreadable. Exit status 1 if any fact differs.
"""
import argparse
import collections
import datetime
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from fhir.resources.R4B import get_fhir_model_class

KINDS = {"Patient", "Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance",
         "ImagingStudy", "DocumentReference", "Encounter"}
SKIPPED = {"as_of", "film", "image_tag", "unreadable"}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SYSTEMS = {"http://loinc.org": "loinc", "http://snomed.info/sct": "snomed",
           "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm", "http://hl7.org/fhir/sid/icd-10": "icd10",
           "http://hl7.org/fhir/sid/icd-10-cm": "icd10", "http://hl7.org/fhir/sid/icd-10-us": "icd10",
           "http://hl7.org/fhir/sid/icd-10-nl": "icd10", "http://hl7.org/fhir/sid/icd-10-de": "icd10",
           "http://hl7.org/fhir/sid/icd-9-cm": "icd9", "http://hl7.org/fhir/sid/icd-9": "icd9",
           "http://www.whocc.no/atc": "atc", "http://hl7.org/fhir/sid/ndc": "ndc", "http://hl7.org/fhir/sid/cvx": "cvx",
           "http://fdasis.nlm.nih.gov": "unii", "http://unitsofmeasure.org": "ucum",
           "urn:oid:2.16.840.1.113883.6.69": "ndc", "urn:oid:2.16.840.1.113883.6.96": "snomed",
           "urn:oid:2.16.840.1.113883.6.1": "loinc", "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
           "urn:oid:2.16.840.1.113883.6.73": "atc"}
DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 365.25 / 12, "a": 365.25}
A_DAY = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "QOD": 0.5, "AM": 1, "PM": 1, "BED": 1, "Q1H": 24, "Q2H": 12, "Q3H": 8,
         "Q4H": 6, "Q6H": 4, "Q8H": 3, "Q12H": 2, "Q24H": 1, "QHS": 1, "QAM": 1, "QPM": 1, "WK": 1 / 7, "MO": 12 / 365.25}


def moment(value):
    """FHIR date, dateTime or instant in microseconds since 1970, its missing parts the earliest."""
    if value is None:
        return None
    if isinstance(value, str):
        parts = [int(part) for part in value.split("-")] + [1, 1]
        value = datetime.date(*parts[:3])
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return (value - EPOCH) // datetime.timedelta(microseconds=1)


def words(text):
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ").lower()


def system(url):
    url = url or ""
    return SYSTEMS.get(url[:-1] if url.endswith("/") else url, url)


def codings(concept):
    return [(system(c.system), c.code) for c in (concept.coding or []) if c.code] if concept else []


def said(concept):
    if concept is None:
        return None
    text = concept.text or next((c.display for c in concept.coding or [] if c.display), None)
    return words(text) if text else None


def first_code(concept):
    return next((c.code for c in concept.coding or [] if c.code), "") if concept else ""


def unit(quantity):
    code, printed = quantity.code or "", quantity.unit or ""
    return code if (quantity.system == "http://unitsofmeasure.org" and code) or not printed else printed


class Refused(Exception):
    """The resource gives no facts."""


class Record:
    """A Bundle, or one resource."""

    def __init__(self, resource):
        self.facts, self.names, self.resources, self.refused = set(), {}, {}, set()
        entries = [resource]
        urls = [None]
        if resource.get_resource_type() == "Bundle":
            kept = [e for e in resource.entry or [] if e.resource is not None]
            entries, urls = [e.resource for e in kept], [e.fullUrl for e in kept]
        listed = []
        for number, (each, url) in enumerate(zip(entries, urls), 1):
            identity = each.id or (re.split("[/:]", url)[-1] if url else f"#{number}")
            name = f"{each.get_resource_type()}/{identity}"
            self.resources.setdefault(name, each)
            if url:
                self.names.setdefault(url, name)
            listed.append((name, each))
        for name, each in listed:
            if each.get_resource_type() in KINDS:
                self.read(name, each)

    def read(self, name, resource):
        self.r, self.new = name, set()
        try:
            getattr(self, resource.get_resource_type())(resource)
        except Refused:
            self.refused.add(name)
            return
        self.facts |= self.new

    def add(self, relation, *values):
        self.new.add((relation, *values))

    def name(self, reference):
        if reference.startswith("#"):
            return self.r + reference
        if reference in self.names:
            return self.names[reference]
        reference = reference.split("/_history/")[0]
        match = re.search(r"(?:^|/)([A-Z][A-Za-z]*/[^/?]+)$", reference)
        return match.group(1) if match else reference

    def patient(self, reference):
        if reference is None or not reference.reference:
            raise Refused
        return self.name(reference.reference)

    def about(self, concept, r=None):
        for each in codings(concept):
            self.add("code", r or self.r, *each)
        if said(concept):
            self.add("code_text", r or self.r, said(concept))

    def at(self, relation, value, r=None):
        if value is not None:
            self.add(relation, r or self.r, moment(value))

    def visit(self, reference):
        if reference is not None and reference.reference:
            name = self.name(reference.reference)
            if name.startswith("Encounter/"):
                self.add("in_encounter", self.r, name)

    def Patient(self, x):
        self.add("patient", self.r, x.gender or "unknown")
        self.at("birth", x.birthDate)
        self.at("deceased", x.deceasedDateTime)
        if x.deceasedBoolean or (x.deceasedBoolean is None and x.deceasedDateTime is not None):
            self.add("dead", self.r)

    def Condition(self, x):
        self.add("condition", self.r, self.patient(x.subject), first_code(x.clinicalStatus),
                 first_code(x.verificationStatus))
        self.about(x.code)
        onset = x.onsetDateTime or (x.onsetPeriod.start if x.onsetPeriod else None)
        self.at("condition_onset", onset or x.recordedDate)
        self.at("condition_abated", x.abatementDateTime or (x.abatementPeriod.end if x.abatementPeriod else None))
        self.visit(x.encounter)

    def AllergyIntolerance(self, x):
        self.add("allergy", self.r, self.patient(x.patient), first_code(x.clinicalStatus),
                 first_code(x.verificationStatus), x.criticality or "")
        self.about(x.code)
        for reaction in x.reaction or []:
            self.about(reaction.substance)
            for manifestation in reaction.manifestation or []:
                if said(manifestation):
                    self.add("reaction", self.r, said(manifestation))
        self.visit(x.encounter)

    def Encounter(self, x):
        patient = self.patient(x.subject)
        if x.period and x.period.start:
            self.add("encounter", self.r, patient, x.status or "", x.class_fhir.code or "", moment(x.period.start))
        if x.period:
            self.at("encounter_end", x.period.end)

    def Observation(self, x):
        patient = self.patient(x.subject)
        period = x.effectivePeriod
        t = x.effectiveDateTime or (period and (period.end or period.start)) or x.effectiveInstant or x.issued
        if t:
            self.add("observation", self.r, patient, x.status or "", moment(t))
        self.measured(self.r, x)
        for number, part in enumerate(x.component or [] if t else []):
            r = f"{self.r}#{number}"
            self.add("observation", r, patient, x.status or "", moment(t))
            self.measured(r, part)
        self.visit(x.encounter)

    def measured(self, r, x):
        self.about(x.code, r)
        q = x.valueQuantity
        if q and q.value is not None:
            if q.comparator:
                self.add("quantity_bound", r, q.comparator, float(q.value), unit(q))
            else:
                self.add("quantity", r, float(q.value), unit(q))
        for each in codings(x.valueCodeableConcept):
            self.add("value_code", r, *each)
        for text in (said(x.valueCodeableConcept), words(x.valueString) if x.valueString else None):
            if text:
                self.add("value_text", r, text)
        if x.valueBoolean is not None:
            self.add("value_bool", r, x.valueBoolean)
        if x.valueInteger is not None:
            self.add("quantity", r, float(x.valueInteger), "")
        for concept in x.interpretation or []:
            for _, code in codings(concept):
                self.add("interpretation", r, code)

    def MedicationRequest(self, x):
        if x.doNotPerform:
            raise Refused
        self.add("medication", self.r, self.patient(x.subject), "request", x.status or "", x.intent or "")
        begins = [d.timing.repeat.boundsPeriod.start if d.timing and d.timing.repeat and d.timing.repeat.boundsPeriod
                  else None for d in x.dosageInstruction or []]
        begin = min(map(moment, begins)) if begins and all(begins) else moment(x.authoredOn)
        if begin is not None:
            self.add("medication_start", self.r, begin)
        valid = x.dispenseRequest.validityPeriod if x.dispenseRequest else None
        self.drug(x)
        self.doses(x.dosageInstruction, moment(x.authoredOn), None, moment(valid.end) if valid else None)
        self.visit(x.encounter)

    def MedicationStatement(self, x):
        self.add("medication", self.r, self.patient(x.subject), "statement", x.status or "", "")
        period = x.effectivePeriod
        start = x.effectiveDateTime or (period.start if period else None)
        self.at("medication_start", start)
        self.drug(x)
        self.doses(x.dosage, moment(start), moment(period.end) if period else None, None)
        self.visit(x.context)

    def drug(self, x):
        if x.medicationCodeableConcept:
            self.about(x.medicationCodeableConcept)
        reference = x.medicationReference
        if not reference:
            return
        name = reference.reference or ""
        if name.startswith("#"):
            found = next((c for c in x.contained or [] if c.id in (name, name[1:])), None)
        else:
            found = self.resources.get(self.name(name))
        if found is None or found.get_resource_type() != "Medication":
            if reference.display:
                self.add("code_text", self.r, words(reference.display))
            return
        if found.code:
            self.about(found.code)
        else:
            for ingredient in found.ingredient or []:
                self.about(ingredient.itemCodeableConcept)

    def doses(self, dosages, start, end, valid):
        ends = []
        for dosage in dosages or []:
            if dosage.asNeededBoolean or dosage.asNeededCodeableConcept:
                self.add("as_needed", self.r)
            route = next((code for kind, code in codings(dosage.route) if kind == "snomed"), None) or said(dosage.route)
            if route:
                self.add("route", self.r, route)
            quantity = dosage.doseAndRate[0].doseQuantity if dosage.doseAndRate else None
            if quantity and quantity.value is not None:
                self.add("dose", self.r, float(quantity.value), unit(quantity))
            ends.append(self.timing(dosage.timing, start))
        bound = max(ends) if ends and all(e is not None for e in ends) else None
        last = next((e for e in (end, bound, valid) if e is not None), None)
        if last is not None:
            self.add("medication_end", self.r, last)

    def timing(self, timing, start):
        if timing is None:
            return None
        repeat, times = timing.repeat, None
        if repeat:
            listed = len(repeat.when or []) + len(repeat.timeOfDay or [])
            period = float(repeat.period) * DAYS[repeat.periodUnit] if repeat.period and repeat.periodUnit else None
            days = len(repeat.dayOfWeek or [])
            if period or listed or days:
                times = (repeat.frequency or listed or 1) / (period or 1)
                if days and not (period and period > 1):
                    times *= days / 7
        names = [code for _, code in codings(timing.code)] + ([timing.code.text] if timing.code and timing.code.text else [])
        for name in names:
            times = times or A_DAY.get(name.upper().replace(".", "").replace(" ", ""))
        if times:
            self.add("daily", self.r, float(times))
        if repeat and repeat.boundsPeriod and repeat.boundsPeriod.end:
            return moment(repeat.boundsPeriod.end)
        length = repeat.boundsDuration if repeat else None
        days = length and (DAYS.get(length.code) or DAYS.get(length.unit))
        if start is None or not days or length.value is None:
            return None
        return start + int(float(length.value) * days * 86_400_000_000)

    def ImagingStudy(self, x):
        patient = self.patient(x.subject)
        series = x.series or []
        t = x.started or next((s.started for s in series if s.started), None)
        if t:
            self.add("study", self.r, patient, x.status or "", moment(t))
        for modality in list(x.modality or []) + [s.modality for s in series if s.modality]:
            if modality.code:
                self.add("study_modality", self.r, modality.code)
        for site in [s.bodySite for s in series if s.bodySite]:
            if site.code or site.display:
                self.add("study_body", self.r, site.code or words(site.display))
        self.visit(x.encounter)

    def DocumentReference(self, x):
        context = x.context
        t = x.date or (context.period.start if context and context.period else None)
        wrong = "entered-in-error" in (x.status, x.docStatus)
        patient = self.patient(x.subject)
        if t:
            self.add("document", self.r, patient, "entered-in-error" if wrong else x.status or "", moment(t))
        self.about(x.type)
        for visit in (context.encounter or []) if context else []:
            self.visit(visit)


# --- what Tenfold prints ------------------------------------------------------------------------------------------------

TOKEN = re.compile(r'\s*(?:t"(?P<time>[^"]*)"|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<word>[^,()\s]+))\s*(?P<end>[,)])')
ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]+)\}|.)")


def unescape(match):
    return chr(int(match[2], 16)) if match[2] else {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(match[1], match[1])


def printed(line):
    relation, at = line[4:].split("(", 1)
    values, position = [], 0
    while True:
        token = TOKEN.match(at, position)
        if token["time"] is not None:
            stamp = token["time"].removesuffix(" UTC")
            values.append(moment(datetime.datetime.fromisoformat(stamp)))
        elif token["text"] is not None:
            values.append(ESCAPE.sub(unescape, token["text"]))
        else:
            word = token["word"]
            values.append(word == "true" if word in ("true", "false") else float(word))
        position = token.end()
        if token["end"] == ")":
            return (relation, *values)


def explained(tenfold, pack, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "record.json"
        path.write_text(text, encoding="utf-8")
        run = subprocess.run([tenfold, "explain", pack, "--input", str(path)], capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return [printed(line) for line in run.stdout.splitlines() if line.startswith("rel ")]


def records(inputs):
    for given in map(pathlib.Path, inputs):
        for path in sorted(given.glob("*.json")) if given.is_dir() else [given]:
            data = path.read_bytes()
            if data[:2] == b"\x1f\x8b":
                data = gzip.decompress(data)
            text = data.decode("utf-8-sig")
            if ".ndjson" in path.name:
                for number, line in enumerate(text.splitlines(), 1):
                    yield f"{path.name}#{number}", line
            else:
                yield path.name, text


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tenfold", required=True)
    options.add_argument("--pack", default="packs/health")
    options.add_argument("--shown", type=int, default=20, help="differences to print")
    options.add_argument("inputs", nargs="+")
    given = options.parse_args()
    count, different = collections.Counter(), []
    for name, text in records(given.inputs):
        try:
            kind = json.loads(text).get("resourceType")
        except (ValueError, AttributeError):
            continue
        if kind != "Bundle" and kind not in KINDS:
            continue
        try:
            record = Record(get_fhir_model_class(kind).model_validate_json(text))
        except Exception as error:  # pydantic's, of many kinds
            count["not valid for fhir.resources"] += 1
            print(f"skipped {name}: {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        read = [r for r in record.resources.values() if r.get_resource_type() in KINDS]
        if not read:
            continue
        facts = explained(given.tenfold, given.pack, text)
        # A modifier extension, which nobody may ignore, is refused whole; so is a resource without a patient.
        whole = {f[1] for f in facts if f[0] == "unreadable"} - {f[1] for f in facts if f[0] not in SKIPPED}
        modified = {f[1] for f in facts if f[0] == "unreadable" and "modifierExtension" in f[2]}
        expected = {f for f in record.facts if f[1].split("#")[0] not in modified}
        got = {f for f in facts if f[0] not in SKIPPED}
        count["records"] += 1
        count["resources"] += len(read)
        count["resources refused by both"] += len(whole & record.refused) + len(modified)
        count["facts"] += len(expected)
        for sign, facts_of_one in (("-", expected - got), ("+", got - expected)):
            for fact in sorted(facts_of_one, key=str):
                different.append(f"{sign} {name} {fact}")
    count["differences"] = len(different)
    for line in different[:given.shown]:
        print(line)
    for what in ("records", "resources", "resources refused by both", "not valid for fhir.resources", "facts",
                 "differences"):
        print(f"{count[what]:8} {what}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
