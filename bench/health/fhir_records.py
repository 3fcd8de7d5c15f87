"""Builds FHIR R4 bundles for the health benchmarks, resource by resource, the way hospital systems write them.

Read by planted.py, cohort.py and compare_lists.py. Nothing here comes from a pack: what a record says is decided by the
caller, and the same arguments always give the same bytes (ids are UUIDv5 of the record's name).
"""

import datetime
import uuid

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"
ROUTES = {  # SNOMED CT, route of administration
    "oral": ("26643006", "Oral route"), "intravenous": ("47625008", "Intravenous route"),
    "topical": ("6064005", "Topical route"), "ophthalmic": ("54485002", "Ophthalmic route"),
    "otic": ("10547007", "Otic route"), "nasal": ("46713006", "Nasal route"),
    "intramuscular": ("78421000", "Intramuscular route"), "subcutaneous": ("34206005", "Subcutaneous route"),
    "vaginal": ("16857009", "Vaginal route"), "transdermal": ("45890007", "Transdermal route"),
    "sublingual": ("37839007", "Sublingual route"), "rectal": ("37161004", "Rectal route"),
    "inhalation": ("447694001", "Respiratory tract route"), "injection": ("385218009", "Injection route"),
}
NAMESPACE = uuid.UUID("5d0b1c6e-9a54-5b0e-8a3c-7f60c1f3a7f1")  # fixed, so that every run gives the same ids


def coding(system, code, display=None):
    """One Coding; display is left out when None."""
    return {"system": system, "code": code, **({"display": display} if display else {})}


def concept(*codings, text=None):
    """A CodeableConcept of the codings, with text where given."""
    return {**({"coding": list(codings)} if codings else {}), **({"text": text} if text else {})}


class Record:
    """One patient's bundle under construction.

    `as_of` is the newest event (a date); days are counted from it, negative in the past. `layout` is how entries are
    addressed: "urn" (transaction, urn:uuid references), "url" (collection, absolute fullUrl, relative references),
    "searchset" (as a server answers a search).
    """

    def __init__(self, name, gender, birth, as_of, layout="urn"):
        self.name, self.as_of, self.layout = name, as_of, layout
        self.entries, self.serial = [], 0
        self.patient_id = self.new_id()
        self.gender, self.birth = gender, birth
        self.add({"resourceType": "Patient", "gender": gender, "birthDate": birth.isoformat(),
                  "name": [{"family": f"Test{name}", "given": ["Planted"]}]}, self.patient_id)

    def new_id(self):
        self.serial += 1
        return str(uuid.uuid5(NAMESPACE, f"{self.name}/{self.serial}"))

    def reference(self, kind, identity):
        return {"reference": f"urn:uuid:{identity}" if self.layout == "urn" else f"{kind}/{identity}"}

    def subject(self, patient=None):
        return self.reference("Patient", patient or self.patient_id)

    def day(self, offset, clock=True):
        """The date `offset` days from as_of; with a time of day on most of them, as records have it."""
        date = self.as_of + datetime.timedelta(days=offset)
        return f"{date.isoformat()}T0{1 + abs(offset) % 8}:30:00+00:00" if clock else date.isoformat()

    def add(self, resource, identity=None):
        """Appends the resource; returns its id."""
        identity = identity or self.new_id()
        kind = resource["resourceType"]
        full = f"urn:uuid:{identity}" if self.layout == "urn" else f"https://hospital.example/fhir/{kind}/{identity}"
        entry = {"fullUrl": full, "resource": {"resourceType": kind, "id": identity, **resource}}
        if self.layout == "urn":
            entry["request"] = {"method": "POST", "url": kind}
        self.entries.append(entry)
        return identity

    def bundle(self):
        kind = {"urn": "transaction", "url": "collection", "searchset": "searchset"}[self.layout]
        return {"resourceType": "Bundle", "type": kind, "entry": self.entries}

    # --- what a record holds -------------------------------------------------------------------------------------

    def encounter(self, offset=0, kind="AMB", patient=None):
        return self.add({"resourceType": "Encounter", "status": "finished",
                         "class": coding(TERMS + "v3-ActCode", kind), "subject": self.subject(patient),
                         "period": {"start": self.day(offset), "end": self.day(offset)}})

    def condition(self, code, display, system=SNOMED, *, clinical="active", verification="confirmed", onset=-400,
                  abated=None, text=None, patient=None):
        """A Condition. Without a clinical status where it was entered in error (invariant con-5 of the standard)."""
        body = {"resourceType": "Condition", "subject": self.subject(patient), "onsetDateTime": self.day(onset),
                "recordedDate": self.day(onset),
                "verificationStatus": concept(coding(TERMS + "condition-ver-status", verification)),
                "code": concept(coding(system, code, display), text=text or display)
                if code else concept(text=text or display)}
        if verification != "entered-in-error":
            body["clinicalStatus"] = concept(coding(TERMS + "condition-clinical", clinical))
        if abated is not None:
            body["abatementDateTime"] = self.day(abated)
        return self.add(body)

    def allergy(self, code, display, system=RXNORM, *, clinical="active", verification="confirmed", reaction=None,
                severity=None, criticality="high", text=None, patient=None):
        body = {"resourceType": "AllergyIntolerance", "type": "allergy", "category": ["medication"],
                "criticality": criticality, "patient": self.subject(patient), "recordedDate": self.day(-900),
                "verificationStatus": concept(coding(TERMS + "allergyintolerance-verification", verification)),
                "code": concept(coding(system, code, display), text=text or display)
                if code else concept(text=text or display)}
        if verification != "entered-in-error":
            body["clinicalStatus"] = concept(coding(TERMS + "allergyintolerance-clinical", clinical))
        if reaction:
            body["reaction"] = [{"manifestation": [concept(text=reaction)],
                                 **({"severity": severity} if severity else {})}]
        return self.add(body)

    def lab(self, code, display, value, unit, *, offset=-1, status="final", ucum=None, patient=None):
        return self.add({"resourceType": "Observation", "status": status,
                         "category": [concept(coding(TERMS + "observation-category", "laboratory"))],
                         "code": concept(coding(LOINC, code, display), text=display),
                         "subject": self.subject(patient), "effectiveDateTime": self.day(offset),
                         "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum or unit}})

    def vital(self, code, display, value, unit, offset=-1):
        identity = self.lab(code, display, value, unit, offset=offset)
        self.entries[-1]["resource"]["category"] = [concept(coding(TERMS + "observation-category", "vital-signs"))]
        return identity

    def finding(self, code, display, answer, offset=-5):
        """An Observation whose value is a concept: answer = (SNOMED code, display)."""
        return self.add({"resourceType": "Observation", "status": "final",
                         "code": concept(coding(LOINC, code, display), text=display), "subject": self.subject(),
                         "effectiveDateTime": self.day(offset),
                         "valueCodeableConcept": concept(coding(SNOMED, *answer), text=answer[1])})

    def medication(self, drug, form, *, status="active", start=-20, end=None, begin=None, dose=None, text=None,
                   intent="order", patient=None, do_not_perform=False):
        """An order or a statement for `drug` (planted_drugs.Drug).

        form: "product" (RxNorm product code), "ingredient" (RxNorm ingredient code), "atc", "bare-atc" (no display),
        "text", "contained", "reference" (a Medication of its own), "statement" (MedicationStatement).
        dose: (value, unit, times, every, period unit), as in one 300 mg capsule twice a day: (300, "mg", 2, 1, "d").
        begin, end: days of the bounds that the dosage states (or of effectivePeriod); start: when it was written.
        """
        what, contained = self._drug_concept(drug, form, text), None
        if form in ("contained", "reference"):
            body = {"resourceType": "Medication", "code": what}
            if form == "contained":
                contained = [{**body, "id": "med1"}]
                drug_part = {"medicationReference": {"reference": "#med1"}}
            else:
                drug_part = {"medicationReference": self.reference("Medication", self.add(body))}
        else:
            drug_part = {"medicationCodeableConcept": what}
        dosage = self._dosage(drug, dose, begin, end)
        if form == "statement":
            period = {"start": self.day(begin if begin is not None else start)}
            if end is not None:
                period["end"] = self.day(end)
            status = {"cancelled": "not-taken", "draft": "intended"}.get(status, status)
            return self.add({"resourceType": "MedicationStatement", "status": status, **drug_part,
                             "subject": self.subject(patient), "effectivePeriod": period,
                             "dateAsserted": self.day(start), "dosage": [dosage]})
        return self.add({"resourceType": "MedicationRequest", "status": status, "intent": intent,
                         **({"contained": contained} if contained else {}), **drug_part,
                         **({"doNotPerform": True} if do_not_perform else {}),
                         "subject": self.subject(patient), "authoredOn": self.day(start),
                         "dosageInstruction": [dosage]})

    @staticmethod
    def _drug_concept(drug, form, text):
        if text:
            return concept(text=text)
        if form == "text" or not (drug.product or drug.ingredient or drug.atc):
            return concept(text=drug.free_text())
        if form == "atc":
            return concept(coding(ATC, drug.atc, drug.base), text=drug.free_text())
        if form == "bare-atc":
            return concept(coding(ATC, drug.atc))
        if drug.product and form != "ingredient":
            return concept(coding(RXNORM, drug.product, drug.display), text=drug.display)
        if drug.ingredient:
            return concept(coding(RXNORM, drug.ingredient, drug.base), text=drug.free_text())
        return concept(text=drug.free_text())

    def _dosage(self, drug, dose, begin, end):
        route = ROUTES[drug.route]
        dosage = {"sequence": 1, "route": concept(coding(SNOMED, *route), text=route[1])}
        repeat = {}
        if dose:
            value, unit, times, every, period = dose
            dosage["text"] = f"{value:g} {unit} {times} time(s) every {every:g} {period}"
            dosage["doseAndRate"] = [{"doseQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}]
            repeat.update({"frequency": times, "period": every, "periodUnit": period})
        if begin is not None or end is not None:
            bounds = {} if begin is None else {"start": self.day(begin, clock=False)}
            if end is not None:
                bounds["end"] = self.day(end, clock=False)
            repeat["boundsPeriod"] = bounds
        if repeat:
            dosage["timing"] = {"repeat": repeat}
        return dosage
