"""The planted near-misses that hang on a measurement: kidney function, potassium and the like.

Companion of planted_near_misses.py. The commonest traps: the same number in another unit, a value entered in error,
an old value overtaken by a newer one, another patient's value, a dose already fitted to the kidneys.
"""

from planted_drugs import DRUGS
from planted_measured import LABS, measure
from planted_near_misses import INTERRUPTING, near, SHOWN

LABS["qtc-s"] = ("8636-3", "Q-T interval corrected", "s", "s")


def normal(group, key, lab, value, mutation="normal value", years=45, fails_at=SHOWN, dose=None):
    def build(record, form):
        measure(record, lab, value)
        record.medication(DRUGS[key], form(0), start=-40, dose=dose)
    return near(group, [key], f"{mutation} ({lab} {value})", "within range", build, "male", years, fails_at)


def overtaken(group, key, lab, bad, good, days=25):
    """The dangerous value is the older one."""
    def build(record, form):
        measure(record, lab, bad, offset=-days)
        measure(record, lab, good, offset=-1)
        record.medication(DRUGS[key], form(0), start=-200)
    return near(group, [key], f"old {lab} {bad}, now {good}", "the newest value counts", build)


def void(group, key, lab, value, status):
    """A value that does not count, and before it a good one."""
    def build(record, form):
        good = {"creatinine": 0.95, "potassium": 4.3, "inr": 2.4, "egfr": 92, "digoxin": 0.8, "sodium": 140}[lab]
        measure(record, lab, good, offset=-9)
        measure(record, lab, value, offset=-1, status=status)
        record.medication(DRUGS[key], form(0), start=-200)
    return near(group, [key], f"{lab} {value} {status}", "FHIR R4 observation-status", build)


def anothers(group, key, lab, value):
    def build(record, form):
        other = record.add({"resourceType": "Patient", "gender": "male", "birthDate": "1950-01-01",
                            "name": [{"family": "Other"}]})
        measure(record, lab, value, patient=other)
        record.medication(DRUGS[key], form(0), start=-30)
    return near(group, [key], f"other patient's {lab} {value}", "two patients", build)


def stopped_for(group, key, lab, value):
    def build(record, form):
        kind = "text" if form(0) == "statement" else form(0)
        measure(record, lab, value)
        record.medication(DRUGS[key], kind, start=-100, status="stopped", end=-2)
    return near(group, [key], f"stopped, {lab} {value}", "no longer taken", build)


def fitted(key, lab, value, dose, source, years=66):
    """The dose is the one that the label gives for this kidney function."""
    def build(record, form):
        measure(record, lab, value, offset=-2)
        record.medication(DRUGS[key], form(0), start=-10, dose=dose)
    return near("renal", [key], f"dose fitted to {lab} {value}", source, build, "male", years)


def _above_sixty(record, form):
    measure(record, "egfr", 60)
    record.entries[-1]["resource"]["valueQuantity"]["comparator"] = ">"
    record.medication(DRUGS["metformin"], form(0), start=-30)


def _nine_years_old(record, form):
    measure(record, "potassium", 6.1, offset=-3300)
    record.medication(DRUGS["lisinopril"], form(0), start=-30)


RENAL = [
    normal("renal", "metformin", "creatinine", 0.98), normal("renal", "metformin", "creatinine-si", 92, "other unit"),
    normal("renal", "nitrofurantoin", "creatinine-si", 84, "other unit"),
    normal("renal", "gabapentin", "creatinine-si", 97, "other unit", dose=(600, "mg", 3, 1, "d")),
    normal("renal", "sotalol", "creatinine-si", 80, "other unit"), normal("renal", "dabigatran", "egfr", 96),
    normal("renal", "zoledronic acid", "creatinine", 0.9), normal(
        "renal", "enoxaparin", "creatinine-si", 78, "other unit"),
    normal("renal", "metformin-500", "egfr", 71, dose=(500, "mg", 2, 1, "d")),
    near("renal", ["metformin"], "eGFR above 60", "within range", _above_sixty),
    overtaken("renal", "metformin", "creatinine", 3.6, 1.0), overtaken("renal", "nitrofurantoin", "egfr", 22, 88),
    overtaken("renal", "dabigatran", "creatinine-si", 310, 85), overtaken("renal", "naproxen", "creatinine", 4.1, 0.9),
    void("renal", "metformin", "creatinine", 9.8, "entered-in-error"),
    void("renal", "gabapentin", "egfr", 9, "entered-in-error"), void("renal", "metformin", "egfr", 12, "cancelled"),
    anothers("renal", "metformin", "creatinine", 5.2), anothers("renal", "nitrofurantoin", "egfr", 17),
    stopped_for("renal", "metformin", "creatinine", 4.4), stopped_for("renal", "naproxen", "egfr", 20),
    fitted("gabapentin-300", "egfr", 20, (300, "mg", 1, 1, "d"), "Neurontin label, 2.4"),
    fitted("sitagliptin-25", "egfr", 21, (25, "mg", 1, 1, "d"), "Januvia label, 2.2"),
    fitted("memantine-5", "egfr", 18, (5, "mg", 2, 1, "d"), "Namenda label, 2.2"),
    fitted("famotidine-20", "egfr", 22, (20, "mg", 1, 2, "d"), "Pepcid label, 2.2"),
    fitted("valacyclovir-500", "egfr", 17, (500, "mg", 1, 1, "d"), "Valtrex label, 2.4"),
    fitted("dabigatran-75", "egfr", 23, (75, "mg", 2, 1, "d"), "Pradaxa label, 2.2"),
    fitted("enoxaparin", "egfr", 24, (80, "mg", 1, 1, "d"), "Lovenox label, 2.3: 1 mg/kg once daily"),
    fitted("levofloxacin", "egfr", 34, (750, "mg", 1, 2, "d"), "Levaquin label, 2.3"),
    fitted("rosuvastatin-5", "egfr", 22, (5, "mg", 1, 1, "d"), "Crestor label, 2.5"),
    fitted("pregabalin", "egfr", 21, (75, "mg", 1, 1, "d"), "Lyrica label, 2.7"),
    fitted("acyclovir", "egfr", 19, (800, "mg", 3, 1, "d"), "Zovirax label, Dosage"),
    fitted("cefepime", "egfr", 24, (1000, "mg", 1, 1, "d"), "Maxipime label, 2.3"),
    *(fitted(key, "egfr", 17, dose, "cleared by the liver; no change needed") for key, dose in [
        ("acetaminophen", (500, "mg", 3, 1, "d")), ("doxycycline", (100, "mg", 2, 1, "d")),
        ("levothyroxine", (75, "ug", 1, 1, "d")), ("atorvastatin", (40, "mg", 1, 1, "d"))]),
]

LAB_CASES = [
    normal("lab", "spironolactone", "potassium", 4.4), normal("lab", "lisinopril", "potassium-meq", 4.4),
    normal("lab", "digoxin", "potassium", 4.2), normal(
        "lab", "digoxin", "digoxin", 0.8), normal("lab", "warfarin", "inr", 2.5),
    normal("lab", "lithium", "lithium", 0.8), normal("lab", "clozapine", "neutrophils", 4.2),
    normal("lab", "clozapine", "neutrophils-ul", 4200, "other unit"), normal("lab", "methotrexate", "platelets", 240),
    normal("lab", "methotrexate", "alt", 24), normal("lab", "simvastatin", "ck", 130),
    normal("lab", "glipizide", "glucose-si", 5.4, "other unit"), normal("lab",
           "insulin glargine", "glucose-si", 6.3, "other unit"),
    normal("lab", "glipizide", "glucose", 112), normal("lab", "zoledronic acid", "calcium-si", 2.35, "other unit"),
    normal("lab", "denosumab", "calcium-si", 2.4, "other unit"), normal("lab",
           "dofetilide", "magnesium-si", 0.86, "other unit"),
    normal("lab", "epoetin alfa", "hemoglobin-si", 98, "other unit"), normal("lab", "epoetin alfa", "hemoglobin", 9.8),
    normal("lab", "hydrochlorothiazide", "sodium", 139), normal("lab", "phenytoin", "phenytoin", 14),
    normal("lab", "theophylline", "theophylline", 11), normal("lab", "vancomycin", "vancomycin", 14),
    normal("lab", "tacrolimus", "tacrolimus", 8.1), normal("qt", "citalopram", "qtc", 418),
    normal("qt", "haloperidol", "qtc-s", 0.43, "other unit"),
    overtaken("lab", "lisinopril", "potassium", 6.4, 4.3), overtaken("lab", "spironolactone", "potassium", 6.2, 4.6),
    overtaken("lab", "warfarin", "inr", 8.1, 2.6), overtaken("lab", "digoxin", "digoxin", 3.3, 0.9),
    overtaken("lab", "hydrochlorothiazide", "sodium", 119, 138), overtaken("lab", "clozapine", "neutrophils", 0.8, 3.9),
    void("lab", "lisinopril", "potassium", 7.9, "entered-in-error"), void("lab", "warfarin", "inr", 14,
                                                                          "entered-in-error"),
    void("lab", "spironolactone", "potassium", 6.9, "cancelled"), void(
        "lab", "digoxin", "digoxin", 9.0, "entered-in-error"),
    anothers("lab", "lisinopril", "potassium", 6.8), anothers("lab", "warfarin", "inr", 9.2),
    stopped_for("lab", "spironolactone", "potassium", 6.2), stopped_for("lab", "warfarin", "inr", 7.6),
    stopped_for("lab", "simvastatin", "ck", 14500), stopped_for("lab", "clozapine", "neutrophils", 0.7),
    near("lab", ["lisinopril"], "potassium 6.1 nine years ago", "too old to act on", _nine_years_old,
         fails_at=INTERRUPTING),
]
