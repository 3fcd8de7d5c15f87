"""What planted.py plants: records in which a clinical pharmacist would want an alert, each with its source.

Every case is a function of a fresh record (fhir_records.Record) that adds what matters; planted.py adds the ordinary
rest. Sources are sections of FDA-approved labels (brand or generic name, section), boxed warnings, the ONC
high-priority list (Phansalkar et al., JAMIA 2012;19:735-43), the AGS Beers Criteria 2023, CredibleMeds (QT), the
KDIGO guidelines and the 2022 drug-allergy practice parameter of AAAAI/ACAAI. Written from knowledge of them. Looked
up (the text or extracts of it): the labels of Zocor, Tikosyn, Tracleer, Neurontin, Lyrica; of the 127 interacting pairs 99 also
stand in the ONC high-priority list or the ANSM thesaurus as contraindicated or not advised; the other citations were
not looked up one by one. Nothing is taken from a pack.
"""

from dataclasses import dataclass, field
from typing import Callable

from fhir_records import ICD10, RXNORM, SNOMED
from planted_drugs import DRUGS

# Kinds that count as the same finding: an engine may file a QT pair as an interaction, a potassium problem under lab-
# drug.
GROUPS = {
    "pair": ["drug-interaction", "qt", "duplication"],
    "qt": ["qt", "drug-interaction", "condition-contraindication", "lab-drug"],
    "duplication": ["duplication", "drug-interaction"],
    "allergy": ["allergy"],
    "condition": ["condition-contraindication", "qt", "pregnancy"],
    "pregnancy": ["pregnancy", "condition-contraindication"],
    "age": ["age", "condition-contraindication", "drug-interaction"],
    "renal": ["renal-dose", "condition-contraindication", "lab-drug"],
    "lab": ["lab-drug", "renal-dose", "qt", "condition-contraindication"],
}


@dataclass
class Case:
    """One record to plant. `drugs`: the keys an alert must mention together; `sex`, `years` (or `days` old) of the
    patient; `build(record, form)`: adds the resources, form(i) being the way the i-th drug is written; `fails_at`:
    for near-misses, the tiers that count as a false alert; `mutation`: what makes a near-miss one."""
    group: str
    name: str
    drugs: list
    source: str
    build: Callable
    sex: str = ""
    years: float = 45
    mutation: str = ""
    fails_at: list = field(default_factory=lambda: ["interrupt", "show"])


def orders(*keys, **options):
    """A builder that orders the drugs, nothing else."""
    def build(record, form):
        for index, key in enumerate(keys):
            record.medication(DRUGS[key], form(index), start=-30 + 9 * index, **options)
    return build


def pairs(group, rows):
    return [Case(group, f"{a} + {b}", [a, b], source, orders(a, b)) for a, b, source in rows]


INTERACTIONS = pairs("pair", [
    ("simvastatin", "clarithromycin", "Zocor label, 4 Contraindications: strong CYP3A4 inhibitors"),
    ("simvastatin", "itraconazole", "Zocor label, 4"),
    ("simvastatin", "gemfibrozil", "Zocor label, 4"),
    ("simvastatin", "cyclosporine", "Zocor label, 4"),
    ("lovastatin", "erythromycin", "Mevacor label, 4; ONC"),
    ("lovastatin", "ketoconazole", "Mevacor label, 4; ONC"),
    ("atorvastatin", "cyclosporine", "Lipitor label, 7.1: avoid"),
    ("rosuvastatin", "cyclosporine", "Crestor label, 2.6, 7.1: 5 mg at most"),
    ("sildenafil", "nitroglycerin", "Viagra label, 4.1"),
    ("tadalafil", "isosorbide mononitrate", "Cialis label, 4.1"),
    ("vardenafil", "isosorbide dinitrate", "Levitra label, 4.1"),
    ("riociguat", "sildenafil", "Adempas label, 4.3"),
    ("riociguat", "nitroglycerin", "Adempas label, 4.2"),
    ("warfarin", "naproxen", "Coumadin label, 7.3: NSAIDs raise the risk of bleeding"),
    ("warfarin", "ketorolac", "Toradol label, 4 and boxed warning"),
    ("warfarin", "fluconazole", "Coumadin label, 7.2: CYP2C9 inhibitors"),
    ("warfarin", "metronidazole", "Coumadin label, 7.2; Flagyl label, Drug interactions"),
    ("warfarin", "sulfamethoxazole / trimethoprim", "Bactrim label, Precautions; Coumadin label, 7.2"),
    ("warfarin", "amiodarone", "Cordarone label, 7: INR rises, reduce warfarin by a third to a half"),
    ("warfarin", "aspirin", "Coumadin label, 7.3"),
    ("apixaban", "rifampin", "Eliquis label, 7.2: avoid combined P-gp and strong CYP3A4 inducers"),
    ("rivaroxaban", "carbamazepine", "Xarelto label, 7.3: avoid"),
    ("dabigatran", "rifampin", "Pradaxa label, 7.1: avoid"),
    ("phenelzine", "sertraline", "Zoloft label, 4; ONC"),
    ("tranylcypromine", "fluoxetine", "Prozac label, 4.1; ONC"),
    ("selegiline", "meperidine", "Eldepryl label, Contraindications; ONC"),
    ("linezolid", "venlafaxine", "Effexor XR label, 4.2"),
    ("tranylcypromine", "pseudoephedrine", "Parnate label, 4; ONC"),
    ("tranylcypromine", "methylphenidate", "Ritalin label, 4; ONC"),
    ("phenelzine", "tramadol", "Ultram label, 4; ONC"),
    ("isocarboxazid", "bupropion", "Wellbutrin XL label, 4"),
    ("rasagiline", "dextromethorphan", "Azilect label, 4"),
    ("methylene blue", "paroxetine", "Provayblue label, boxed warning"),
    ("phenelzine", "duloxetine", "Cymbalta label, 4; ONC"),
    ("sumatriptan", "phenelzine", "Imitrex label, 4; ONC"),
    ("sumatriptan", "ergotamine", "Imitrex label, 4: ergots within 24 hours"),
    ("methotrexate", "sulfamethoxazole / trimethoprim", "Trexall label, 7; Bactrim label, Precautions"),
    ("methotrexate", "probenecid", "Trexall label, 7.1"),
    ("azathioprine", "allopurinol", "Imuran label, Precautions; Zyloprim label, Warnings"),
    ("mercaptopurine", "febuxostat", "Uloric label, 4"),
    ("azathioprine", "febuxostat", "Uloric label, 4"),
    ("clopidogrel", "omeprazole", "Plavix label, 5.1: avoid"),
    ("tizanidine", "ciprofloxacin", "Zanaflex label, 4; ONC"),
    ("tizanidine", "fluvoxamine", "Zanaflex label, 4; ONC"),
    ("ergotamine", "clarithromycin", "Cafergot label, boxed warning; ONC"),
    ("dihydroergotamine", "ritonavir", "D.H.E. 45 label, boxed warning; ONC"),
    ("ergotamine", "itraconazole", "Sporanox label, boxed warning; ONC"),
    ("colchicine", "clarithromycin", "Colcrys label, 4, 7"),
    ("triazolam", "itraconazole", "Halcion label, 4"),
    ("midazolam", "ketoconazole", "Midazolam syrup label; Nizoral label, 4 (oral midazolam)"),
    ("alprazolam", "ketoconazole", "Xanax label, 4"),
    ("fentanyl", "ritonavir", "Duragesic label, boxed warning: CYP3A4 inhibitors"),
    ("oxycodone", "alprazolam", "Boxed warning of all opioids and benzodiazepines (FDA 2016)"),
    ("morphine", "lorazepam", "Boxed warning of all opioids and benzodiazepines (FDA 2016)"),
    ("methadone", "diazepam", "Boxed warning of all opioids and benzodiazepines (FDA 2016)"),
    ("lisinopril", "sacubitril / valsartan", "Entresto label, 4: ACE inhibitor within 36 hours"),
    ("amiloride", "potassium chloride", "Midamor label, Contraindications"),
    ("spironolactone", "potassium chloride", "Aldactone label, 7.1: hyperkalaemia"),
    ("eplerenone", "ketoconazole", "Inspra label, 4"),
    ("eplerenone", "spironolactone", "Inspra label, 4 (in hypertension), 7.2"),
    ("digoxin", "amiodarone", "Lanoxin label, 7.1: halve digoxin"),
    ("digoxin", "clarithromycin", "Lanoxin label, 7.1; Biaxin label, 7"),
    ("digoxin", "dronedarone", "Multaq label, 7: halve or stop digoxin"),
    ("verapamil", "metoprolol", "Calan label, Drug interactions: beta-blockers"),
    ("verapamil", "propranolol", "Calan label, Drug interactions: beta-blockers"),
    ("ivabradine", "diltiazem", "Corlanor label, 7.1: avoid"),
    ("ivabradine", "clarithromycin", "Corlanor label, 4"),
    ("ranolazine", "ketoconazole", "Ranexa label, 4"),
    ("ranolazine", "rifampin", "Ranexa label, 4"),
    ("dronedarone", "itraconazole", "Multaq label, 4"),
    ("theophylline", "fluvoxamine", "Luvox label, 7; theophylline label, Drug interactions"),
    ("theophylline", "ciprofloxacin", "Cipro label, 5, 7: serious and fatal reactions"),
    ("lithium", "ibuprofen", "Lithium label, 7: NSAIDs"),
    ("lithium", "hydrochlorothiazide", "Lithium label, 7: diuretics"),
    ("lithium", "lisinopril", "Lithium label, 7: renin-angiotensin antagonists"),
    ("carbamazepine", "voriconazole", "Vfend label, 4"),
    ("rifampin", "darunavir", "Prezista label, 4"),
    ("rifampin", "atazanavir", "Reyataz label, 4"),
    ("st john's wort", "cyclosporine", "Neoral label, Drug interactions: should not be used"),
    ("st john's wort", "atazanavir", "Reyataz label, 4"),
    ("omeprazole", "rilpivirine", "Edurant label, 4"),
    ("omeprazole", "atazanavir", "Reyataz label, 7; ONC"),
    ("dofetilide", "hydrochlorothiazide", "Tikosyn label, 4"),
    ("dofetilide", "verapamil", "Tikosyn label, 4"),
    ("dofetilide", "trimethoprim", "Tikosyn label, 4"),
    ("tamoxifen", "paroxetine", "Tamoxifen label, 7; FDA advisory committee 2006; ANSM"),
    ("alfuzosin", "ketoconazole", "Uroxatral label, 4"),
    ("lamotrigine", "valproate", "Lamictal label, boxed warning: rash"),
    ("meropenem", "valproate", "Merrem label, 7.2; Depakote label, 7.1: carbapenems"),
    ("ketorolac", "probenecid", "Toradol label, 4"),
    ("bosentan", "cyclosporine", "Tracleer label, 4"),
    ("bosentan", "glyburide", "Tracleer label, 4"),
    ("repaglinide", "gemfibrozil", "Prandin label, 4"),
    ("isotretinoin", "tetracycline", "Accutane label, Warnings: pseudotumor cerebri"),
    ("acitretin", "methotrexate", "Soriatane label, Contraindications"),
    ("lurasidone", "ketoconazole", "Latuda label, 4"),
    ("lurasidone", "rifampin", "Latuda label, 4"),
    ("tolvaptan", "clarithromycin", "Samsca label, 4"),
    ("ticagrelor", "ketoconazole", "Brilinta label, 7.1: avoid"),
    ("tacrolimus", "clarithromycin", "Prograf label, 7.2"),
    ("cyclosporine", "rifampin", "Neoral label, Drug interactions"),
    ("naloxegol", "clarithromycin", "Movantik label, 4"),
    ("ramelteon", "fluvoxamine", "Rozerem label, 4; ONC"),
    ("irinotecan", "ketoconazole", "Camptosar label, 7; ONC"),
    ("disulfiram", "metronidazole", "Flagyl label, 4: psychotic reactions"),
    ("sodium oxybate", "zolpidem", "Xyrem label, 4: sedative hypnotics"),
])

QT_PAIRS = pairs("qt", [
    ("thioridazine", "fluoxetine", "Thioridazine label, Contraindications; ONC"),
    ("pimozide", "clarithromycin", "Orap label, Contraindications; ONC"),
    ("pimozide", "sertraline", "Zoloft label, 4; Orap label"),
    ("ziprasidone", "quinidine", "Geodon label, 4"),
    ("haloperidol", "methadone", "CredibleMeds: both known risk"),
    ("amiodarone", "levofloxacin", "Levaquin label, 5; CredibleMeds: both known risk"),
    ("sotalol", "moxifloxacin", "Avelox label, 5: class III antiarrhythmics; CredibleMeds"),
    ("dofetilide", "ondansetron", "CredibleMeds: both known risk"),
    ("escitalopram", "domperidone", "ANSM 2020 contraindicated; CredibleMeds: both known risk"),
    ("citalopram-40", "fluconazole", "Celexa label, 5.2: 20 mg at most with CYP2C19 inhibitors; CredibleMeds"),
    ("amiodarone", "azithromycin", "Zithromax label, 5: QT; CredibleMeds"),
    ("droperidol", "ondansetron", "Inapsine label, boxed warning; CredibleMeds"),
    ("quinidine", "thioridazine", "Thioridazine label, Contraindications; ONC"),
    ("arsenic trioxide", "haloperidol", "Trisenox label, boxed warning; CredibleMeds"),
    ("vandetanib", "ondansetron", "Caprelsa label, boxed warning; CredibleMeds"),
    ("ibutilide", "amiodarone", "Corvert label, Precautions; CredibleMeds"),
    ("erythromycin", "haloperidol", "CredibleMeds: both known risk; ONC"),
    ("chloroquine", "citalopram", "CredibleMeds: both known risk; ANSM 2020"),
    ("pentamidine", "amiodarone", "CredibleMeds: both known risk; ONC"),
    ("dronedarone", "sotalol", "Multaq label, 4: drugs that prolong QT"),
])

DUPLICATIONS = pairs("duplication", [
    ("atorvastatin", "rosuvastatin", "two statins"), ("simvastatin", "pravastatin", "two statins"),
    ("ibuprofen", "naproxen", "two NSAIDs; labels of both: avoid other NSAIDs"),
    ("ketorolac", "diclofenac", "Toradol label, 4: with other NSAIDs"),
    ("lisinopril", "enalapril", "two ACE inhibitors"), ("losartan", "valsartan", "two angiotensin II antagonists"),
    ("omeprazole", "pantoprazole", "two proton pump inhibitors"),
    ("sertraline", "escitalopram", "two SSRIs; labels: serotonin syndrome"),
    ("warfarin", "apixaban", "two anticoagulants"), ("rivaroxaban", "apixaban", "two anticoagulants"),
    ("enoxaparin", "rivaroxaban", "two anticoagulants; Xarelto label, 7.4"),
    ("alprazolam", "lorazepam", "two benzodiazepines"), ("metoprolol", "atenolol", "two beta-blockers"),
    ("zolpidem", "eszopiclone", "two hypnotics of one class"), ("glipizide", "glimepiride", "two sulfonylureas"),
    ("furosemide", "torsemide", "two loop diuretics"), ("sitagliptin", "saxagliptin", "two DPP-4 inhibitors"),
    ("liraglutide", "exenatide", "two GLP-1 agonists"), ("amlodipine", "nifedipine", "two dihydropyridines"),
    ("salmeterol / fluticasone", "formoterol", "Advair label, 5: no other long-acting beta-2 agonist"),
]) + [
    Case("duplication", "acetaminophen twice", ["acetaminophen"], "one ingredient in two products; hepatotoxicity, "
         "boxed warning of combination products", orders("acetaminophen", "hydrocodone / acetaminophen")),
    Case("duplication", "warfarin twice", ["warfarin"], "one ingredient ordered twice", orders("warfarin", "warfarin")),
]


def allergic(key, allergen, source, **options):
    """An allergy to `allergen` = (code, display, system) and an order for `key`."""
    def build(record, form):
        code, display, system = allergen
        record.allergy(code, display, system, **options)
        record.medication(DRUGS[key], form(0), start=-2)
    return Case("allergy", f"{key} with {allergen[1]}", [key], source, build)


PENICILLIN = ("91936005", "Allergy to penicillin", SNOMED)
SULFA = ("91939003", "Allergy to sulfonamide", SNOMED)
TEXT = None  # no code system: the allergy is named in free text only
ALLERGIES = [
    allergic("amoxicillin", PENICILLIN, "same class", reaction="Anaphylaxis", severity="severe"),
    allergic("amoxicillin / clavulanate", ("7980", "penicillin G", RXNORM), "same class", reaction="Hives"),
    allergic("piperacillin / tazobactam", ("723", "amoxicillin", RXNORM), "same class", reaction="Anaphylaxis"),
    allergic("penicillin v", ("", "Penicillins", TEXT), "same ingredient group", reaction="Angioedema"),
    allergic("amoxicillin", ("723", "amoxicillin", RXNORM), "same ingredient", reaction="Urticaria"),
    allergic("cephalexin", ("733", "ampicillin", RXNORM), "identical R1 side chain; AAAAI 2022",
             reaction="Anaphylaxis", severity="severe"),
    allergic("cefadroxil", ("723", "amoxicillin", RXNORM), "identical R1 side chain; AAAAI 2022",
             reaction="Anaphylaxis", severity="severe"),
    allergic("cefotaxime", ("2193", "ceftriaxone", RXNORM), "identical R1 side chain; AAAAI 2022",
             reaction="Anaphylaxis"),
    allergic("cefaclor", ("2231", "cephalexin", RXNORM), "identical R1 side chain; AAAAI 2022", reaction="Anaphylaxis"),
    allergic("sulfamethoxazole / trimethoprim", SULFA, "Bactrim label, Contraindications", reaction="Rash"),
    allergic("sulfasalazine", SULFA, "Azulfidine label, Contraindications: hypersensitivity to sulfonamides",
             reaction="Stevens-Johnson syndrome", severity="severe"),
    allergic("sulfamethoxazole / trimethoprim", ("", "Sulfa drugs", TEXT), "Bactrim label, Contraindications",
             reaction="Hives"),
    allergic("ibuprofen", ("1191", "aspirin", RXNORM), "Motrin label, Contraindications: asthma or urticaria after "
             "aspirin", reaction="Bronchospasm", severity="severe"),
    allergic("naproxen", ("293586001", "Allergy to aspirin", SNOMED), "Naprosyn label, 4", reaction="Urticaria"),
    allergic("ketorolac", ("5640", "ibuprofen", RXNORM), "Toradol label, Contraindications", reaction="Anaphylaxis"),
    allergic("enalapril", ("29046", "lisinopril", RXNORM), "Vasotec label, 4: angioedema from an ACE inhibitor",
             reaction="Angioedema", severity="severe"),
    allergic("sacubitril / valsartan", ("29046", "lisinopril", RXNORM), "Entresto label, 4: angioedema from an ACE "
             "inhibitor", reaction="Angioedema", severity="severe"),
    allergic("oxcarbazepine", ("2002", "carbamazepine", RXNORM), "Trileptal label, 5: cross-reactivity 25-30%",
             reaction="Stevens-Johnson syndrome", severity="severe"),
    allergic("carbamazepine", ("8183", "phenytoin", RXNORM), "Tegretol label, Warnings: aromatic anticonvulsants",
             reaction="Drug reaction with eosinophilia and systemic symptoms", severity="severe"),
    allergic("fosphenytoin", ("8183", "phenytoin", RXNORM), "Cerebyx label, 4: hydantoins", reaction="Rash"),
    allergic("allopurinol", ("519", "allopurinol", RXNORM), "same ingredient", reaction="Toxic epidermal necrolysis"),
    allergic("vancomycin", ("", "Vancomycin", TEXT), "same ingredient", reaction="Anaphylaxis"),
    allergic("levofloxacin", ("2551", "ciprofloxacin", RXNORM), "Levaquin label, 4: quinolones",
             reaction="Anaphylaxis"),
    allergic("azithromycin", ("4053", "erythromycin", RXNORM), "Zithromax label, 4: macrolides", reaction="Angioedema"),
    allergic("enoxaparin", ("5224", "heparin", RXNORM), "Lovenox label, 4: hypersensitivity to heparin, HIT",
             reaction="Heparin-induced thrombocytopenia", severity="severe"),
    allergic("minocycline", ("3640", "doxycycline", RXNORM), "Minocin label, 4: tetracyclines", reaction="Angioedema"),
    allergic("tobramycin", ("1596450", "gentamicin", RXNORM), "Tobramycin label, Contraindications: aminoglycosides",
             reaction="Anaphylaxis"),
]


def with_condition(key, code, display, source, *, system=SNOMED, group="condition", sex="", years=55, **options):
    def build(record, form):
        record.condition(code, display, system, **options)
        record.medication(DRUGS[key], form(0), start=-3)
    return Case(group, f"{key} in {display}", [key], source, build, sex=sex, years=years)


CONDITIONS = [
    with_condition("propranolol", "195967001", "Asthma", "Inderal label, 4: bronchial asthma"),
    with_condition("propranolol", "J45.40", "Moderate persistent asthma, uncomplicated", "Inderal label, 4",
                   system=ICD10),
    with_condition("sotalol", "195967001", "Asthma (disorder)", "Betapace label, 4"),
    with_condition("naproxen", "13200003", "Peptic ulcer", "NSAID labels, boxed warning: GI bleeding"),
    with_condition("ketorolac", "K25.4", "Chronic or unspecified gastric ulcer with hemorrhage", "Toradol label, 4",
                   system=ICD10, onset=-20),
    with_condition("ibuprofen", "42343007", "Congestive heart failure",
                   "NSAID labels, 5: avoid in severe heart failure; "
                   "2022 AHA/ACC/HFSA guideline: harm"),
    with_condition("ibuprofen", "431857002", "Chronic kidney disease stage 4 (disorder)", "NSAID labels, 5: advanced "
                   "renal disease; KDIGO"),
    with_condition("metformin", "N18.6", "End stage renal disease", "Glucophage label, 4: eGFR below 30", system=ICD10),
    with_condition("metformin", "433146000", "Chronic kidney disease stage 5 (disorder)", "Glucophage label, 4"),
    with_condition("pioglitazone", "42343007", "Congestive heart failure", "Actos label, boxed warning"),
    with_condition("bupropion", "84757009", "Epilepsy", "Wellbutrin label, 4: seizure disorder", years=35),
    with_condition("bupropion", "78004001", "Bulimia nervosa", "Wellbutrin label, 4", years=28, sex="female"),
    with_condition("tramadol", "84757009", "Epilepsy (disorder)", "Ultram label, 5: seizures", years=40),
    with_condition("sumatriptan", "53741008", "Coronary arteriosclerosis", "Imitrex label, 4: coronary artery disease"),
    with_condition("sumatriptan", "22298006", "Myocardial infarction", "Imitrex label, 4", onset=-500),
    with_condition("ergotamine", "53741008", "Coronary heart disease", "Cafergot label, Contraindications"),
    with_condition("ethinyl estradiol / levonorgestrel", "128053003", "Deep venous thrombosis",
                   "Combined contraceptive labels, 4; US MEC 2024 category 4", sex="female", years=29),
    with_condition("ethinyl estradiol / levonorgestrel", "4473006", "Migraine with aura",
                   "Combined contraceptive labels, 4; US MEC 2024 category 4", sex="female", years=31),
    with_condition("ethinyl estradiol / levonorgestrel", "254837009", "Malignant neoplasm of breast",
                   "Combined contraceptive labels, 4; US MEC 2024 category 4", sex="female", years=38),
    with_condition("estradiol", "59282003", "Pulmonary embolism", "Estrace label, 4", sex="female", onset=-60),
    with_condition("raloxifene", "128053003", "Deep venous thrombosis", "Evista label, 4", sex="female", years=62),
    with_condition("verapamil", "703272007", "Heart failure with reduced ejection fraction",
                   "Calan label, 4: severe left ventricular dysfunction"),
    with_condition("diltiazem", "36083008", "Sick sinus syndrome", "Cardizem label, Contraindications"),
    with_condition("metoprolol", "27885002", "Complete atrioventricular block", "Lopressor label, 4"),
    with_condition("flecainide", "22298006", "Myocardial infarction", "Tambocor label, boxed warning (CAST)"),
    with_condition("dronedarone", "I48.21", "Permanent atrial fibrillation", "Multaq label, boxed warning",
                   system=ICD10),
    with_condition("cilostazol", "42343007", "Congestive heart failure", "Pletal label, boxed warning"),
    with_condition("metoclopramide", "49049000", "Parkinson's disease", "Reglan label, 5; AGS Beers 2023"),
    with_condition("haloperidol", "49049000", "Parkinson's disease", "Haldol label, Contraindications"),
    with_condition("metoclopramide", "302835009", "Pheochromocytoma", "Reglan label, 4"),
    with_condition("metoclopramide", "81060008", "Intestinal obstruction", "Reglan label, 4: mechanical obstruction",
                   onset=-2),
    with_condition("methotrexate", "235875008", "Alcoholic hepatitis", "Trexall label, boxed warning, 4 (alcoholism, "
                   "liver disease)"),
    with_condition("simvastatin", "37871000", "Acute hepatitis", "Zocor label, 4: active liver disease", onset=-10),
    with_condition("oxybutynin", "392291006", "Angle-closure glaucoma", "Ditropan label, 4"),
    with_condition("amitriptyline", "392291006", "Angle-closure glaucoma (disorder)", "Elavil label, Warnings"),
    with_condition("dabigatran", "Z95.2", "Presence of prosthetic heart valve", "Pradaxa label, 4: mechanical "
                   "prosthetic valve", system=ICD10, text="Mechanical mitral valve prosthesis"),
    with_condition("testosterone", "399068003", "Malignant tumor of prostate", "Depo-Testosterone label, 4",
                   sex="male", years=63),
    with_condition("lisinopril", "82966003", "Hereditary angioedema", "Zestril label, 4"),
    with_condition("liraglutide", "255032005", "Medullary thyroid carcinoma", "Victoza label, boxed warning"),
    with_condition("rasburicase", "D75.A", "Glucose-6-phosphate dehydrogenase (G6PD) deficiency without anemia",
                   "Elitek label, boxed warning", system=ICD10, sex="male", years=34),
    with_condition("primaquine", "D75.A", "Glucose-6-phosphate dehydrogenase (G6PD) deficiency without anemia",
                   "Primaquine label, Contraindications", system=ICD10, sex="male", years=27),
    with_condition("succinylcholine", "405501007", "Malignant hyperthermia", "Anectine label, 4", years=33),
    with_condition("ciprofloxacin", "91637004", "Myasthenia gravis", "Cipro label, boxed warning"),
    with_condition("spironolactone", "363732003", "Addison's disease", "Aldactone label, 4"),
    with_condition("phentermine", "53741008", "Coronary arteriosclerosis", "Adipex-P label, 4"),
    with_condition("valproate", "E72.20", "Disorder of urea cycle metabolism, unspecified", "Depakote label, 4",
                   system=ICD10, years=24),
    with_condition("ondansetron", "I45.81", "Long QT syndrome", "Zofran label, 5.2: avoid in congenital long QT",
                   system=ICD10, group="condition", years=37),
    with_condition("sotalol", "9651007", "Long QT syndrome", "Betapace label, 4"),
]


def _aliskiren(record, form):
    record.condition("44054006", "Diabetes mellitus type 2")
    record.medication(DRUGS["losartan"], form(0), start=-90)
    record.medication(DRUGS["aliskiren"], form(1), start=-8)


INTERACTIONS.append(Case("pair", "aliskiren + losartan in diabetes", ["aliskiren", "losartan"], "Tekturna label, 4",
                         _aliskiren, years=58))
