"""The planted positives that hang on the patient: pregnancy, age, kidney function and other measurements.

Companion of planted_positives.py; the same rules hold: one case, one source, nothing from a pack.
"""

from fhir_records import ICD10
from planted_drugs import DRUGS
from planted_positives import Case

# key: LOINC code, display, unit, UCUM code
LABS = {
    "creatinine": ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", "mg/dL"),
    "creatinine-si": ("14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", "umol/L"),
    "egfr": ("98979-8", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or "
             "Blood by Creatinine-based formula (CKD-EPI 2021)", "mL/min/1.73m2", "mL/min/{1.73_m2}"),
    "egfr-old": ("33914-3", "Estimated Glomerular Filtration Rate", "mL/min/{1.73_m2}", "mL/min/{1.73_m2}"),
    "potassium": ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "potassium-meq": ("2823-3", "Potassium", "mEq/L", "meq/L"),
    "sodium": ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "magnesium": ("19123-9", "Magnesium [Mass/volume] in Serum or Plasma", "mg/dL", "mg/dL"),
    "magnesium-si": ("2601-3", "Magnesium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "calcium": ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", "mg/dL"),
    "calcium-si": ("2000-8", "Calcium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "inr": ("6301-6", "INR in Platelet poor plasma by Coagulation assay", "{INR}", "{INR}"),
    "digoxin": ("10535-3", "Digoxin [Mass/volume] in Serum or Plasma", "ng/mL", "ng/mL"),
    "lithium": ("14334-7", "Lithium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "neutrophils": ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*3/uL", "10*3/uL"),
    "neutrophils-ul": ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "/uL", "/uL"),
    "platelets": ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", "10*3/uL"),
    "alt": ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L"),
    "ck": ("2157-6", "Creatine kinase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L"),
    "glucose": ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", "mg/dL"),
    "glucose-si": ("14749-6", "Glucose [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "lactate": ("2524-7", "Lactate [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L"),
    "phenytoin": ("3968-5", "Phenytoin [Mass/volume] in Serum or Plasma", "ug/mL", "ug/mL"),
    "theophylline": ("4049-3", "Theophylline [Mass/volume] in Serum or Plasma", "ug/mL", "ug/mL"),
    "vancomycin": ("4092-3", "Vancomycin [Mass/volume] in Serum or Plasma --trough", "ug/mL", "ug/mL"),
    "tacrolimus": ("11253-2", "Tacrolimus [Mass/volume] in Blood", "ng/mL", "ng/mL"),
    "hemoglobin": ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", "g/dL"),
    "hemoglobin-si": ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/L", "g/L"),
    "qtc": ("8636-3", "Q-T interval corrected", "ms", "ms"),
    "bilirubin": ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", "mg/dL"),
}


def measure(record, lab, value, **options):
    code, display, unit, ucum = LABS[lab]
    return record.lab(code, display, value, unit, ucum=ucum, **options)


PREGNANT = {  # the ways a record says so
    "condition": lambda r: r.condition("77386006", "Pregnant", onset=-80),
    "normal": lambda r: r.condition("72892002", "Normal pregnancy (disorder)", onset=-110),
    "icd": lambda r: r.condition("Z33.1", "Pregnant state, incidental", ICD10, onset=-60),
    "supervision": lambda r: r.condition("Z34.90", "Encounter for supervision of normal pregnancy, unspecified, "
                                         "unspecified trimester", ICD10, onset=-50),
    "status": lambda r: r.finding("82810-3", "Pregnancy status", ("77386006", "Pregnant"), offset=-20),
}


def pregnant(key, source, how, years=30):
    def build(record, form):
        PREGNANT[how](record)
        record.medication(DRUGS[key], form(0), start=-6)
    return Case("pregnancy", f"{key} in pregnancy ({how})", [key], source, build, sex="female", years=years)


def _third_trimester(record, form):
    record.condition("77386006", "Pregnant", onset=-200)
    record.lab("18185-9", "Gestational age", 33, "wk", offset=-1)
    record.medication(DRUGS["ibuprofen"], form(0), start=-2)


PREGNANCY = [
    pregnant("isotretinoin", "Accutane label, boxed warning", "condition", 22),
    pregnant("warfarin", "Coumadin label, 4: pregnancy", "normal"),
    pregnant("lisinopril", "Zestril label, boxed warning: fetal toxicity", "icd"),
    pregnant("losartan", "Cozaar label, boxed warning: fetal toxicity", "status"),
    pregnant("valproate", "Depakote label, boxed warning: fetal risk", "supervision"),
    pregnant("methotrexate", "Trexall label, boxed warning, 4", "condition"),
    pregnant("misoprostol", "Cytotec label, boxed warning", "normal"),
    pregnant("ribavirin", "Rebetol label, boxed warning", "icd"),
    pregnant("thalidomide", "Thalomid label, boxed warning", "status", 35),
    pregnant("lenalidomide", "Revlimid label, boxed warning", "condition", 39),
    pregnant("bosentan", "Tracleer label, boxed warning", "normal"),
    pregnant("ambrisentan", "Letairis label, boxed warning", "icd"),
    pregnant("macitentan", "Opsumit label, boxed warning", "condition"),
    pregnant("mycophenolate", "CellCept label, boxed warning", "supervision"),
    pregnant("acitretin", "Soriatane label, boxed warning", "status"),
    pregnant("leflunomide", "Arava label, boxed warning, 4", "normal"),
    pregnant("riociguat", "Adempas label, boxed warning", "condition"),
    pregnant("testosterone", "Depo-Testosterone label, 4: pregnancy", "icd"),
    pregnant("ergotamine", "Cafergot label, Contraindications", "condition"),
    pregnant("doxycycline", "Vibramycin label, Warnings: tooth development", "normal"),
    Case("pregnancy", "ibuprofen at 33 weeks", ["ibuprofen"], "NSAID labels, 8.1; FDA 2020: avoid from 20 weeks",
         _third_trimester, sex="female", years=31),
]


def aged(key, years, source, extra=None, days=None):
    def build(record, form):
        if extra:
            extra(record)
        record.medication(DRUGS[key], form(0), start=-1 if (days or 900) < 60 else -2)
    return Case("age", f"{key} at {days} days" if days else f"{key} at {years}", [key], source, build,
                years=days / 365.25 if days else years)


AGES = [
    aged("codeine", 8, "Codeine label, boxed warning, 4: under 12 years"),
    aged("codeine", 4, "Codeine label, 4: under 12 years"),
    aged("tramadol", 10, "Ultram label, boxed warning, 4: under 12 years"),
    aged("promethazine", 1, "Promethazine label, boxed warning: under 2 years"),
    aged("aspirin", 9, "Reye's syndrome: aspirin label, Warnings; Surgeon General 1982",
         lambda r: r.condition("6142004", "Influenza", onset=-2)),
    aged("tetracycline", 5, "Tetracycline label, Warnings: under 8 years"),
    aged("minocycline", 6, "Minocin label, 5: under 8 years"),
    aged("loperamide", 1, "Imodium label, 4: under 2 years"),
    aged("ceftriaxone", 0, "Rocephin label, 4: hyperbilirubinemic neonates",
         lambda r: (measure(r, "bilirubin", 15.2), r.condition("387712008", "Neonatal jaundice", onset=-2)), days=9),
    aged("sulfamethoxazole / trimethoprim", 0, "Bactrim label, Contraindications: under 2 months", days=30),
    aged("nitrofurantoin", 0, "Macrobid label, Contraindications: neonates", days=20),
    aged("diphenhydramine", 81, "AGS Beers 2023: first-generation antihistamines"),
    aged("amitriptyline", 78, "AGS Beers 2023: tertiary tricyclics"),
    aged("diazepam", 83, "AGS Beers 2023: benzodiazepines"),
    aged("glyburide", 79, "AGS Beers 2023: sulfonylureas, long-acting"),
    aged("zolpidem", 76, "AGS Beers 2023: nonbenzodiazepine hypnotics"),
    aged("indomethacin", 77, "AGS Beers 2023: indomethacin"),
    aged("meperidine", 80, "AGS Beers 2023: meperidine"),
    aged("hydroxyzine", 84, "AGS Beers 2023: first-generation antihistamines"),
]


def renal(key, lab, value, dose, source, years=66, sex="male"):
    """`dose` = (value, unit, times, every, period unit): the full dose, at an eGFR where it must not be given."""
    def build(record, form):
        measure(record, lab, value, offset=-2)
        record.medication(DRUGS[key], form(0), start=-10, dose=dose)
    return Case("renal", f"{key} with {lab} {value}", [key], source, build, sex=sex, years=years)


# eGFR by CKD-EPI 2021 for a man of 66: creatinine 3.0 mg/dL gives 22, 265 umol/L the same, 4.2 mg/dL gives 15, 2.6
# gives 26.
RENAL = [
    renal("metformin", "creatinine", 3.0, (1000, "mg", 2, 1, "d"), "Glucophage label, 4: eGFR below 30"),
    renal("metformin", "creatinine-si", 270, (1000, "mg", 2, 1, "d"), "Glucophage label, 4"),
    renal("metformin", "egfr", 24, (850, "mg", 2, 1, "d"), "Glucophage label, 4"),
    renal("metformin", "egfr-old", 21.5, (1000, "mg", 2, 1, "d"), "Glucophage label, 4"),
    renal("nitrofurantoin", "creatinine", 3.1, (100, "mg", 2, 1, "d"),
          "Macrobid label, Contraindications: CrCl below 60; "
          "AGS Beers 2023: below 30"),
    renal("dabigatran", "egfr", 20, (150, "mg", 2, 1, "d"), "Pradaxa label, 2.2: 75 mg at CrCl 15-30"),
    renal("rivaroxaban", "egfr", 11, (20, "mg", 1, 1, "d"), "Xarelto label, 2.1, 8.6"),
    renal("enoxaparin", "creatinine", 3.4, (80, "mg", 2, 1, "d"), "Lovenox label, 2.3: 1 mg/kg once daily below 30"),
    renal("gabapentin", "creatinine-si", 330, (1200, "mg", 3, 1, "d"), "Neurontin label, 2.4: 200-700 mg a day at CrCl "
          "15-29"),
    renal("pregabalin", "egfr", 19, (300, "mg", 2, 1, "d"), "Lyrica label, 2.7: 150 mg a day at most at CrCl 15-30"),
    renal("levofloxacin", "creatinine", 3.3, (750, "mg", 1, 1, "d"), "Levaquin label, 2.3"),
    renal("acyclovir", "egfr", 14, (800, "mg", 5, 1, "d"), "Zovirax label, Dosage: every 8 h at CrCl 10-25"),
    renal("valacyclovir", "creatinine", 3.6, (1000, "mg", 3, 1, "d"), "Valtrex label, 2.4"),
    renal("methotrexate", "egfr", 18, (15, "mg", 1, 1, "wk"), "Trexall label, 5, 8.6: avoid below 30"),
    renal("sotalol", "creatinine", 3.5, (120, "mg", 2, 1, "d"), "Betapace AF label, 4: CrCl below 40"),
    renal("dofetilide", "egfr", 16, (500, "ug", 2, 1, "d"), "Tikosyn label, 4: CrCl below 20"),
    renal("ketorolac", "creatinine-si", 300, (10, "mg", 4, 1, "d"), "Toradol label, 4: advanced renal impairment"),
    renal("naproxen", "egfr", 22, (500, "mg", 2, 1, "d"), "NSAID labels, 5.6: avoid in advanced renal disease"),
    renal("duloxetine", "egfr", 20, (60, "mg", 1, 1, "d"), "Cymbalta label, 5.14: avoid at GFR below 30"),
    renal("famotidine", "creatinine", 3.8, (40, "mg", 2, 1, "d"), "Pepcid label, 2.2"),
    renal("memantine", "egfr", 17, (10, "mg", 2, 1, "d"), "Namenda label, 2.2: 5 mg twice daily at CrCl 5-29"),
    renal("zoledronic acid", "creatinine", 2.6, (5, "mg", 1, 1, "a"), "Reclast label, 4: CrCl below 35"),
    renal("alendronate", "egfr", 23, (70, "mg", 1, 1, "wk"), "Fosamax label, 5.6: not recommended at CrCl below 35"),
    renal("rosuvastatin-40", "creatinine", 3.0, (40, "mg", 1, 1, "d"), "Crestor label, 2.5: 10 mg at most below 30"),
    renal("sitagliptin", "creatinine-si", 290, (100, "mg", 1, 1, "d"), "Januvia label, 2.2: 25 mg below 30"),
    renal("cefepime", "egfr", 18, (2000, "mg", 3, 1, "d"), "Maxipime label, 2.3, 5.2: encephalopathy"),
    renal("exenatide", "egfr", 20, (10, "ug", 2, 1, "d"), "Byetta label, 5.3: not below CrCl 30"),
    renal("meperidine", "egfr", 18, (50, "mg", 4, 1, "d"), "Demerol label, 8.6: normeperidine; KDIGO"),
    renal("baclofen", "egfr", 12, (20, "mg", 3, 1, "d"), "Baclofen label, Precautions; KDIGO: avoid below 30"),
    renal("glyburide", "creatinine", 3.2, (10, "mg", 1, 1, "d"),
          "KDIGO diabetes 2022: avoid; AGS Beers 2023", years=60),
]


def labbed(key, lab, value, source, years=55, group="lab"):
    def build(record, form):
        measure(record, lab, value)
        record.medication(DRUGS[key], form(0), start=-60)
    return Case(group, f"{key} with {lab} {value}", [key], source, build, years=years)


LAB_CASES = [
    labbed("spironolactone", "potassium", 6.1, "Aldactone label, 4: hyperkalaemia"),
    labbed("lisinopril", "potassium", 6.2, "Zestril label, 5.5"),
    labbed("enalapril", "potassium-meq", 6.4, "Vasotec label, 5"),
    labbed("losartan", "potassium", 6.3, "Cozaar label, 5.4"),
    labbed("eplerenone", "potassium", 5.9, "Inspra label, 4: potassium above 5.5 at start"),
    labbed("potassium chloride", "potassium", 6.0, "K-Tab label, 4: hyperkalaemia"),
    labbed("amiloride", "potassium-meq", 6.1, "Midamor label, boxed warning, Contraindications"),
    labbed("digoxin", "potassium", 2.7, "Lanoxin label, 5: hypokalaemia sensitises"),
    labbed("digoxin", "digoxin", 3.4, "Lanoxin label, 10: toxicity above 2 ng/mL"),
    labbed("warfarin", "inr", 7.8, "Coumadin label, 5.1; ACCP 2012"),
    labbed("sotalol", "potassium", 2.6, "Betapace label, 4: below 4 mEq/L"),
    labbed("dofetilide", "magnesium", 1.0, "Tikosyn label, Warnings: correct magnesium"),
    labbed("amiodarone", "potassium", 2.5, "Cordarone label, 5: correct before"),
    labbed("lithium", "lithium", 2.3, "Lithium label, boxed warning: toxicity above 1.5"),
    labbed("clozapine", "neutrophils", 0.7, "Clozaril label, boxed warning: ANC below 1000"),
    labbed("clozapine", "neutrophils-ul", 640, "Clozaril label, boxed warning"),
    labbed("methotrexate", "platelets", 38, "Trexall label, boxed warning: myelosuppression"),
    labbed("methotrexate", "alt", 340, "Trexall label, boxed warning: hepatotoxicity"),
    labbed("simvastatin", "ck", 14500, "Zocor label, 5.1: stop above 10 times the limit"),
    labbed("metformin", "lactate", 7.2, "Glucophage label, boxed warning: lactic acidosis"),
    labbed("heparin", "platelets", 42, "Heparin label, 4, 5: HIT"),
    labbed("carbamazepine", "sodium", 119, "Tegretol label, Precautions: hyponatraemia"),
    labbed("hydrochlorothiazide", "sodium", 118, "Thiazide labels, 5: hyponatraemia"),
    labbed("desmopressin", "sodium", 124, "DDAVP label, 4: hyponatraemia"),
    labbed("phenytoin", "phenytoin", 38, "Dilantin label, 5: toxicity above 20"),
    labbed("theophylline", "theophylline", 31, "Theophylline label, Warnings: toxicity above 20"),
    labbed("methimazole", "neutrophils", 0.3, "Tapazole label, 5: agranulocytosis"),
    labbed("glipizide", "glucose", 41, "Glucotrol label, 5: hypoglycaemia"),
    labbed("insulin glargine", "glucose-si", 2.1, "Lantus label, 4: during hypoglycaemia"),
    labbed("epoetin alfa", "hemoglobin", 14.1, "Epogen label, boxed warning: above 11"),
    labbed("zoledronic acid", "calcium", 6.6, "Reclast label, 4: hypocalcaemia"),
    labbed("denosumab", "calcium-si", 1.7, "Prolia label, 4: hypocalcaemia"),
    labbed("vancomycin", "vancomycin", 41, "ASHP/IDSA 2020: trough above 20"),
    labbed("tacrolimus", "tacrolimus", 28, "Prograf label, 2: trough range 5-15"),
    labbed("citalopram", "qtc", 538, "Celexa label, 5.2: stop above 500 ms", group="qt"),
    labbed("haloperidol", "qtc", 545, "Haldol label, Warnings; CredibleMeds", group="qt"),
]

