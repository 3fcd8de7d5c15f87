"""What planted.py plants as near-misses: records one fact away from a danger, where an alert would be a false one.

Each names its mutation, so that a score can say which kind of nearness an engine gets wrong. `fails_at` is
["interrupt"] for the cases on which careful pharmacists would still like a quiet line (tolerated combinations, the
ONC non-interruptive pairs: Phansalkar et al., JAMIA 2013;20:489-93); everywhere else a shown alert is already false.
Patients are men of 45 unless the case needs someone else, so that nothing but the planted matter can set off an
alert.
"""

from fhir_records import ICD10, RXNORM, SNOMED
from planted_drugs import DRUGS
from planted_measured import PREGNANT
from planted_positives import Case, orders

SHOWN, INTERRUPTING = ["interrupt", "show"], ["interrupt"]


def near(group, drugs, mutation, source, build, sex="male", years=45, fails_at=SHOWN):
    return Case(group, " + ".join(drugs) + f", {mutation}", list(drugs), source, build, sex, years, mutation, fails_at)


def second_is(status, *keys):
    """Both ordered; the second has a status under which it is not taken."""
    def build(record, form):
        record.medication(DRUGS[keys[0]], form(0), start=-40)
        kind = form(1)
        if status in ("not-taken",) or (status == "cancelled" and kind == "statement"):
            kind = "statement"
        elif kind == "statement" and status not in ("stopped", "completed", "entered-in-error", "on-hold"):
            kind = "text"
        record.medication(DRUGS[keys[1]], kind, start=-25, status="cancelled" if status == "not-taken" else status)
    return near("pair", keys, f"second {status}", "not an active order (FHIR R4 medicationrequest-status, "
                "medication-statement-status)", build)


def second_ended(*keys, form_of="product"):
    """Both still carry the status active, but the second's period ended long ago."""
    def build(record, form):
        record.medication(DRUGS[keys[1]], form_of, start=-80, begin=-80, end=-45)
        record.medication(DRUGS[keys[0]], form(0), start=-20)
    how = "statement's effectivePeriod" if form_of == "statement" else "order's boundsPeriod"
    return near("pair", keys, f"second ended by its {how}", "the periods do not overlap", build)


def one_after_the_other(*keys):
    def build(record, form):
        record.medication(DRUGS[keys[0]], "product", start=-60, begin=-60, end=-50, status="completed")
        record.medication(DRUGS[keys[1]], "product", start=-12, begin=-12)
    return near("pair", keys, "sequential", "the first course had ended before the second began", build)


def not_yet(*keys):
    """The second starts after the first has ended, both in the future of as-of: they never overlap."""
    def build(record, form):
        record.medication(DRUGS[keys[0]], "product", start=-5, begin=-5, end=6)
        record.medication(DRUGS[keys[1]], "product", start=-1, begin=20, end=40)
    return near("pair", keys, "second not started", "the periods do not overlap", build)


def somebody_elses(*keys):
    """The second drug belongs to another patient in the same bundle."""
    def build(record, form):
        other = record.add({"resourceType": "Patient", "gender": "male", "birthDate": "1979-02-03",
                            "name": [{"family": "Other"}]})
        record.medication(DRUGS[keys[0]], "product", start=-20)
        record.medication(DRUGS[keys[1]], "product", start=-10, patient=other)
    return near("pair", keys, "other patient in the bundle", "two patients", build)


def forbidden(*keys):
    def build(record, form):
        record.medication(DRUGS[keys[0]], "product", start=-20)
        record.medication(DRUGS[keys[1]], "product", start=-10, do_not_perform=True)
    return near("pair", keys, "second doNotPerform", "an order not to give it", build)


def other_route(*keys):
    return near("pair", keys, "other route", "negligible systemic absorption (label, 12.3)", orders(*keys))


def tolerated(*keys, source="ONC non-interruptive list", fails_at=INTERRUPTING, doses=(None, None)):
    def build(record, form):
        for index, key in enumerate(keys):
            record.medication(DRUGS[key], form(index), start=-50 + index, dose=doses[index])
    return near("pair", keys, "tolerated combination", source, build, fails_at=fails_at)


PAIRS = [
    *(second_is(status, a, b) for status, a, b in [
        ("stopped", "simvastatin", "clarithromycin"), ("stopped", "nitroglycerin", "sildenafil"),
        ("stopped", "warfarin", "naproxen"), ("stopped", "methotrexate", "sulfamethoxazole / trimethoprim"),
        ("stopped", "clopidogrel", "omeprazole"), ("completed", "warfarin", "metronidazole"),
        ("completed", "tizanidine", "ciprofloxacin"), ("completed", "colchicine", "clarithromycin"),
        ("completed", "simvastatin", "itraconazole"), ("cancelled", "spironolactone", "potassium chloride"),
        ("cancelled", "warfarin", "apixaban"), ("cancelled", "lithium", "ibuprofen"),
        ("entered-in-error", "azathioprine", "allopurinol"), ("entered-in-error", "alprazolam", "oxycodone"),
        ("entered-in-error", "isosorbide mononitrate", "tadalafil"), ("entered-in-error", "sertraline", "linezolid"),
        ("on-hold", "simvastatin", "clarithromycin"), ("on-hold", "atorvastatin", "itraconazole"),
        ("on-hold", "warfarin", "fluconazole"), ("not-taken", "nitroglycerin", "sildenafil"),
        ("not-taken", "warfarin", "naproxen"), ("stopped", "atorvastatin", "rosuvastatin"),
        ("completed", "ibuprofen", "naproxen"), ("stopped", "lisinopril", "enalapril"),
        ("completed", "haloperidol", "ondansetron"), ("stopped", "pimozide", "clarithromycin")]),
    *(second_ended(a, b) for a, b in [
        ("simvastatin", "clarithromycin"), ("warfarin", "metronidazole"), ("tizanidine", "ciprofloxacin"),
        ("methotrexate", "sulfamethoxazole / trimethoprim"), ("triazolam", "itraconazole"),
        ("sotalol", "moxifloxacin")]),
    *(second_ended(a, b, form_of="statement") for a, b in [
        ("nitroglycerin", "sildenafil"), ("warfarin", "ibuprofen"), ("lisinopril", "potassium chloride"),
        ("simvastatin", "erythromycin")]),
    *(one_after_the_other(a, b) for a, b in [
        ("clarithromycin", "simvastatin"), ("itraconazole", "lovastatin"), ("ciprofloxacin", "tizanidine"),
        ("sulfamethoxazole / trimethoprim", "warfarin"), ("warfarin", "rivaroxaban"), ("simvastatin", "atorvastatin")]),
    *(not_yet(a, b) for a, b in [
        ("clarithromycin", "simvastatin"), ("ketorolac", "naproxen"), ("metronidazole", "warfarin")]),
    *(somebody_elses(a, b) for a, b in [
        ("warfarin", "fluconazole"), ("nitroglycerin", "sildenafil"), ("oxycodone", "alprazolam")]),
    *(forbidden(a, b) for a, b in [("warfarin", "naproxen"), ("simvastatin", "clarithromycin")]),
    *(other_route(a, b) for a, b in [
        ("simvastatin", "ketoconazole-shampoo"), ("lovastatin", "ketoconazole-cream"), ("tizanidine",
                                                                                        "ciprofloxacin-eye"),
        ("theophylline", "ciprofloxacin-ear"), ("simvastatin", "erythromycin-eye"), ("colchicine", "erythromycin-gel"),
        ("sotalol", "moxifloxacin-eye"), ("amiodarone", "azithromycin-eye"), ("warfarin", "metronidazole-gel"),
        ("disulfiram", "metronidazole-gel"), ("amiodarone", "levofloxacin-eye"), ("triazolam", "ketoconazole-cream")]),
    *(tolerated(a, b) for a, b in [
        ("lisinopril", "hydrochlorothiazide"), ("atenolol", "nifedipine"), ("metoprolol", "sertraline"),
        ("warfarin", "acetaminophen"), ("warfarin", "pantoprazole"), ("warfarin", "atorvastatin"),
        ("methotrexate", "folic acid"), ("glipizide", "lisinopril"), ("metoprolol", "levothyroxine"),
        ("clopidogrel", "aspirin-81"), ("ibuprofen", "hydrochlorothiazide"), ("omeprazole", "diazepam")]),
    tolerated("rosuvastatin-5", "cyclosporine", source="Crestor label, 2.6: 5 mg allowed",
              doses=((5, "mg", 1, 1, "d"), None)),
    tolerated("simvastatin-10", "verapamil", source="Zocor label, 2.3: 10 mg allowed",
              doses=((10, "mg", 1, 1, "d"), None)),
    tolerated("citalopram", "omeprazole", source="Celexa label, 2.3: 20 mg allowed", doses=((20, "mg", 1, 1, "d"),
                                                                                            None)),
    *(tolerated(a, b, source="usual combination, no label warning", fails_at=SHOWN) for a, b in [
        ("clopidogrel", "pantoprazole"), ("rosuvastatin", "clarithromycin"), ("metformin", "lisinopril"),
        ("apixaban", "acetaminophen"), ("clopidogrel", "famotidine"), ("simvastatin", "cetirizine"),
        ("metoprolol", "lisinopril"), ("amlodipine", "atorvastatin"), ("amlodipine", "losartan"),
        ("metformin", "insulin glargine"), ("ibuprofen", "acetaminophen"), ("furosemide", "spironolactone")]),
]


def allergy_but(key, allergen, mutation, source="the allergy does not stand", fails_at=SHOWN, **options):
    def build(record, form):
        code, display, system = allergen
        record.allergy(code, display, system, **options)
        record.medication(DRUGS[key], form(0), start=-2)
    return near("allergy", [key], f"{display_of(allergen)}: {mutation}", source, build, fails_at=fails_at)


def display_of(coded):
    return coded[1]


PENICILLIN = ("91936005", "Allergy to penicillin", SNOMED)
SULFA = ("91939003", "Allergy to sulfonamide", SNOMED)
ALLERGIES = [
    allergy_but("amoxicillin", PENICILLIN, "inactive", clinical="inactive"),
    allergy_but("amoxicillin", PENICILLIN, "refuted", verification="refuted", clinical="inactive"),
    allergy_but("amoxicillin / clavulanate", ("7980", "penicillin G", RXNORM), "resolved", clinical="resolved"),
    allergy_but("penicillin v", ("", "Penicillin - delabelled after oral challenge", None), "refuted",
                verification="refuted", clinical="resolved"),
    allergy_but("piperacillin / tazobactam", PENICILLIN, "entered in error", verification="entered-in-error"),
    allergy_but("sulfamethoxazole / trimethoprim", SULFA, "entered in error", verification="entered-in-error"),
    allergy_but("sulfamethoxazole / trimethoprim", SULFA, "refuted", verification="refuted", clinical="inactive"),
    allergy_but("ibuprofen", ("1191", "aspirin", RXNORM), "resolved", clinical="resolved"),
    allergy_but("levofloxacin", ("2551", "ciprofloxacin", RXNORM), "refuted", verification="refuted",
                clinical="inactive"),
    allergy_but("azithromycin", PENICILLIN, "another class", "no cross-reactivity", reaction="Anaphylaxis"),
    allergy_but("doxycycline", PENICILLIN, "another class", "no cross-reactivity", reaction="Hives"),
    allergy_but("aztreonam", PENICILLIN, "no shared side chain", "AAAAI 2022: may be given", reaction="Rash"),
    allergy_but("cefazolin", PENICILLIN, "no shared side chain", "AAAAI 2022: may be given whatever the reaction",
                reaction="Rash", severity="mild", criticality="low", fails_at=INTERRUPTING),
    allergy_but("ceftriaxone", PENICILLIN, "no shared side chain", "AAAAI 2022: may be given", reaction="Rash",
                severity="mild", criticality="low", fails_at=INTERRUPTING),
    allergy_but("furosemide", SULFA, "not an antibiotic sulfonamide", "Strom et al., NEJM 2003;349:1628",
                reaction="Rash", severity="mild", fails_at=INTERRUPTING),
    allergy_but("acetaminophen", ("1191", "aspirin", RXNORM), "another class", "tolerated at usual doses",
                reaction="Urticaria"),
    allergy_but("amlodipine", ("29046", "lisinopril", RXNORM), "another class", "no cross-reactivity",
                reaction="Angioedema"),
    allergy_but("amoxicillin", ("409137002", "No known drug allergy", SNOMED), "no allergy", "a statement of absence"),
    allergy_but("amoxicillin", ("91935009", "Allergy to peanuts", SNOMED), "a food", "no cross-reactivity"),
    allergy_but("ceftriaxone", ("419474003", "Allergy to mould", SNOMED), "an environmental allergy",
                "no cross-reactivity"),
    allergy_but("iohexol", ("300913006", "Shellfish allergy", SNOMED), "a food",
                "ACR Manual on Contrast Media 2023: no "
                "cross-reactivity"),
    allergy_but("amoxicillin", ("2551", "ciprofloxacin", RXNORM), "another class", "no cross-reactivity",
                reaction="Rash"),
]


def condition_but(key, code, display, mutation, source="the condition does not stand", *, system=SNOMED, sex="male",
                  years=45, fails_at=SHOWN, **options):
    def build(record, form):
        record.condition(code, display, system, **options)
        record.medication(DRUGS[key], form(0), start=-3)
    return near("condition", [key], f"{display}: {mutation}", source, build, sex, years, fails_at)


REFUTED = {"verification": "refuted", "clinical": "inactive"}
GONE = {"clinical": "resolved", "onset": -4000, "abated": -3600}
CONDITIONS = [
    condition_but("propranolol", "195967001", "Asthma", "refuted", **REFUTED),
    condition_but("propranolol", "195967001", "Asthma", "entered in error", verification="entered-in-error"),
    condition_but("propranolol", "Z82.5", "Family history of asthma and other chronic lower respiratory diseases",
                  "a relative's", "family history only", system=ICD10),
    condition_but("propranolol", "61582004", "Allergic rhinitis", "another disease", "not a contraindication"),
    condition_but("bupropion", "84757009", "Epilepsy", "refuted", **REFUTED),
    condition_but("bupropion", "128613002", "Seizure disorder", "entered in error", verification="entered-in-error"),
    condition_but("naproxen", "13200003", "Peptic ulcer", "refuted", **REFUTED),
    condition_but("ibuprofen", "42343007", "Congestive heart failure", "refuted", **REFUTED),
    condition_but("pioglitazone", "42343007", "Congestive heart failure", "entered in error",
                  verification="entered-in-error"),
    condition_but("pioglitazone", "44054006", "Diabetes mellitus type 2", "the indication", "the indication itself"),
    condition_but("sumatriptan", "53741008", "Coronary arteriosclerosis", "refuted", **REFUTED),
    condition_but("ethinyl estradiol / levonorgestrel", "128053003", "Deep venous thrombosis", "entered in error",
                  verification="entered-in-error", sex="female", years=24),
    condition_but("ethinyl estradiol / levonorgestrel", "56097005", "Migraine without aura", "without aura",
                  "US MEC 2024 category 2", sex="female", years=24, fails_at=INTERRUPTING),
    condition_but("ethinyl estradiol / levonorgestrel", "Z80.3", "Family history of malignant neoplasm of breast",
                  "a relative's", "US MEC 2024 category 1", system=ICD10, sex="female", years=26),
    condition_but("oxybutynin", "77075001", "Primary open angle glaucoma", "open angle",
                  "Ditropan label, 4 names narrow "
                  "angle", fails_at=INTERRUPTING),
    condition_but("metoprolol", "270492004", "First degree atrioventricular block", "first degree",
                  "Lopressor label, 4 names second and third degree", fails_at=INTERRUPTING),
    condition_but("testosterone", "266569009", "Benign prostatic hyperplasia", "benign",
                  "Depo-Testosterone label, 4 names "
                  "carcinoma", fails_at=INTERRUPTING),
    condition_but("warfarin", "Z95.2", "Presence of prosthetic heart valve", "the indication", "the indication itself",
                  system=ICD10),
    condition_but("aliskiren", "44054006", "Diabetes mellitus type 2", "alone", "Tekturna label, 4: only with an ACE "
                  "inhibitor or ARB", fails_at=INTERRUPTING),
    condition_but("metformin", "431856006", "Chronic kidney disease stage 2 (disorder)", "mild",
                  "Glucophage label, 2.2: "
                  "no change above 45"),
    condition_but("liraglutide", "40930008", "Hypothyroidism", "another thyroid disease",
                  "Victoza label names medullary "
                  "carcinoma and MEN 2"),
    condition_but("metoclopramide", "81060008", "Intestinal obstruction", "resolved ten years ago", **GONE),
    condition_but("simvastatin", "37871000", "Acute hepatitis", "resolved ten years ago", **GONE),
    condition_but("metoclopramide", "49049000", "Parkinson's disease", "refuted", **REFUTED),
    condition_but("ciprofloxacin", "91637004", "Myasthenia gravis",
                  "entered in error", verification="entered-in-error"),
    condition_but("ondansetron", "I45.81", "Long QT syndrome", "refuted", system=ICD10, **REFUTED),
    condition_but("flecainide", "22298006", "Myocardial infarction", "entered in error",
                  verification="entered-in-error"),
]


def _past(record):
    record.condition("72892002", "Normal pregnancy", onset=-1100, clinical="resolved", abated=-830)


NOT_PREGNANT = {
    "over two years ago": _past,
    "entered in error": lambda r: r.condition("77386006", "Pregnant", onset=-30, verification="entered-in-error"),
    "refuted": lambda r: r.condition("77386006", "Pregnant", onset=-30, **REFUTED),
    "status not pregnant": lambda r: r.finding("82810-3", "Pregnancy status", ("60001007", "Not pregnant"), offset=-4),
    "negative test": lambda r: r.condition("Z32.02", "Encounter for pregnancy test, result negative", ICD10, onset=-4),
    "pregnant before, not now": lambda r: (
        r.finding("82810-3", "Pregnancy status", ("77386006", "Pregnant"), offset=-420),
        r.finding("82810-3", "Pregnancy status", ("60001007", "Not pregnant"), offset=-6)),
}


def not_pregnant(key, how, sex="female", years=33):
    def build(record, form):
        NOT_PREGNANT[how](record)
        record.medication(DRUGS[key], form(0), start=-6)
    return near("pregnancy", [key], f"{how}{' (man)' if sex == 'male' else ''}", "not pregnant", build, sex, years)


def safe_in_pregnancy(key):
    def build(record, form):
        PREGNANT["condition"](record)
        record.medication(DRUGS[key], form(0), start=-6)
    return near("pregnancy", [key], "a drug used in pregnancy", "ACOG practice bulletins; label, 8.1", build, "female",
                30)


def _man_and_wife(record, form):
    """The bundle of a man that also holds his pregnant wife; the lisinopril is his."""
    wife = record.add({"resourceType": "Patient", "gender": "female", "birthDate": "1991-05-05",
                       "name": [{"family": "Wife"}]})
    record.condition("77386006", "Pregnant", onset=-60, patient=wife)
    record.medication(DRUGS["lisinopril"], "product", start=-10)


PREGNANCY = [
    not_pregnant("lisinopril", "over two years ago"), not_pregnant("warfarin", "over two years ago"),
    not_pregnant("losartan", "pregnant before, not now"), not_pregnant("lisinopril", "entered in error"),
    not_pregnant("warfarin", "refuted"), not_pregnant("losartan", "status not pregnant", years=36),
    not_pregnant("enalapril", "negative test"), not_pregnant("lisinopril", "over two years ago", sex="male"),
    not_pregnant("doxycycline", "pregnant before, not now"),
    *(safe_in_pregnancy(key) for key in ["labetalol", "acetaminophen", "amoxicillin", "cephalexin", "insulin glargine",
                                         "levothyroxine", "penicillin v"]),
    near("pregnancy", ["lisinopril"], "other patient in the bundle", "somebody else is pregnant", _man_and_wife),
]


def fine_at(key, years, source="within the licensed age"):
    return near("age", [key], f"at {years}", source, orders(key), "male", years)


AGES = [fine_at(key, years) for key, years in [
    ("codeine", 35), ("tramadol", 40), ("promethazine-25", 40), ("aspirin-81", 58), ("tetracycline", 30),
    ("minocycline", 19),
    ("loperamide", 31), ("ceftriaxone", 40), ("sulfamethoxazole / trimethoprim", 30), ("diphenhydramine", 30),
    ("amitriptyline", 42), ("diazepam", 38), ("glyburide", 50), ("zolpidem", 34), ("hydroxyzine", 29),
    ("acetaminophen", 4), ("amoxicillin", 3), ("ibuprofen", 7), ("cetirizine", 81), ("acetaminophen", 84)]]
