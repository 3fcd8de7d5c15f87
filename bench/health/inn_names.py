"""French names of substances, as the ANSM thesaurus writes them, to English ones: rules for endings, a list of
exceptions.

English means the name that a US record uses (USAN), with the INN beside it where that differs (rifampin, rifampicin).
Checked once against RxNorm's ingredient names; what RxNorm does not know (never sold in the US) keeps its INN.
"""

import re
import unicodedata

EXCEPTIONS = {
    "abciximab (c 7e3b fab)": "abciximab", "aciclovir": "acyclovir", "acide acetylsalicylique": "aspirin",
    "acide amidotrizoique": "diatrizoate", "acide chenodesoxycholique": "chenodiol", "acide folinique": "leucovorin",
    "acide ioxaglique": "ioxaglate", "acide ioxitalamique": "ioxithalamate", "acide nicotinique": "niacin",
    "acide ursodesoxycholique": "ursodiol", "acitretine": "acitretin", "adrenaline": "epinephrine",
    "alfuzosine": "alfuzosin", "alimemazine": "trimeprazine", "alteplase recombinante": "alteplase",
    "amphotericine b": "amphotericin b", "arsenieux": "arsenic trioxide",
    "baclofene": "baclofen", "bcg": "bcg vaccine", "benethamine-penicilline": "penethamate",
    "benzylpenicilline": "penicillin g", "bleu de methylene": "methylene blue", "candesartan cilexetil": "candesartan",
    "canrenoate de potassium": "potassium canrenoate", "chlormethine": "mechlorethamine",
    "chlorphenamine": "chlorpheniramine", "chlortalidone": "chlorthalidone", "ciclosporine": "cyclosporine",
    "colestyramine": "cholestyramine", "dalfopristine": "dalfopristin", "dalteparine sodique": "dalteparin",
    "danaparoide sodique": "danaparoid", "darifenacine": "darifenacin", "dexketoprofene trometamol": "dexketoprofen",
    "dextromethorphane": "dextromethorphan", "dextropropoxyphene": "propoxyphene",
    "di(acefylline) diphenhydramine": "diphenhydramine", "digitoxine": "digitoxin", "digoxine": "digoxin",
    "dinitrate d'isosorbide": "isosorbide dinitrate", "disulfirame": "disulfiram", "dosulepine": "dothiepin",
    "doxazosine": "doxazosin", "doxepine": "doxepin", "eribuline": "eribulin", "esclicarbazepine": "eslicarbazepine",
    "eslicarbamazepine": "eslicarbazepine", "estrogenes conjugues": "conjugated estrogens",
    "estrogenes sulfoconjugues equins": "conjugated estrogens", "ethinylestradiol": "ethinyl estradiol", "fer": "iron",
    "fluorouracile": "fluorouracil", "gabapentine": "gabapentin", "glibenclamide": "glyburide",
    "heparine calcique": "heparin calcium", "heparine sodique": "heparin", "hydroxycarbamide": "hydroxyurea",
    "iloprost trometamol": "iloprost",
    "immunoglobuline de lapin anti-lymphocyte t humain": "anti-thymocyte globulin (rabbit)", "insuline": "insulin",
    "iproniazide": "iproniazid", "isoniazide": "isoniazid", "isoprenaline": "isoproterenol",
    "isosorbide": "isosorbide mononitrate", "ketotifene": "ketotifen", "levomepromazine": "methotrimeprazine",
    "linezolide": "linezolid", "meclozine": "meclizine", "mepyramine": "pyrilamine", "metformine": "metformin",
    "methylenecycline": "methacycline", "methylergometrine": "methylergonovine",
    "methylphenobarbital": "mephobarbital", "mianserine": "mianserin", "midostaurine": "midostaurin",
    "millepertuis": "st. john's wort", "mitomycine c": "mitomycin", "mycophenolate sodique": "mycophenolic acid",
    "nadroparine calcique": "nadroparin", "noradrenaline": "norepinephrine", "norelgestromine": "norelgestromin",
    "norethisterone": "norethindrone", "oestradiol": "estradiol", "or": "gold", "oxybate de sodium": "sodium oxybate",
    "oxybutynine": "oxybutynin", "p a s sodique": "aminosalicylic acid", "paracetamol": "acetaminophen",
    "paraffine": "mineral oil", "peg-interferon alfa-2a": "peginterferon alfa-2a",
    "perindopril tert-butylamine": "perindopril", "pethidine": "meperidine",
    "phenoxymethylpenicilline": "penicillin v", "piroxicam-betadex": "piroxicam", "pizotifene": "pizotifen",
    "polymyxine b": "polymyxin b", "potassium": "potassium chloride", "prazosine": "prazosin",
    "pregabaline": "pregabalin", "probenecide": "probenecid", "quinupristine": "quinupristin",
    "retinoine": "tretinoin", "retinol": "vitamin a", "rifabutine": "rifabutin", "rifampicine": "rifampin",
    "rotavirus": "rotavirus vaccine", "salbutamol": "albuterol", "silodosine": "silodosin",
    "sodium (oxybate de)": "sodium oxybate", "solifenacine": "solifenacin", "streptozocine": "streptozocin",
    "suxamethonium": "succinylcholine", "tamsulosine": "tamsulosin", "tedizolide": "tedizolid",
    "terazosine": "terazosin", "tetracosactide": "cosyntropin", "tetryzoline": "tetrahydrozoline",
    "thyroxines": "levothyroxine", "tioguanine": "thioguanine", "topotecane": "topotecan", "torasemide": "torsemide",
    "trihexyphenidyle": "trihexyphenidyl", "trimethoprime": "trimethoprim", "trinitrine": "nitroglycerin",
    "virus de la fievre jaune": "yellow fever vaccine", "virus de la rougeole": "measles vaccine",
    "virus de la varicelle": "varicella vaccine", "virus des oreillons": "mumps vaccine",
    "virus rougeoleux": "measles vaccine", "virus rubeoleux": "rubella vaccine",
    "virus varicelle-zona": "zoster vaccine live",
    "virus vivant attenue de la grippe": "influenza vaccine, live attenuated", "vitamine a": "vitamin a",
    "warfarine": "warfarin",
}
# Where a US name and the INN differ, an alert may use either.
INN_TOO = {
    "norethindrone": "norethisterone", "ethinyl estradiol": "ethinylestradiol",
    "rifampin": "rifampicin", "cyclosporine": "ciclosporin", "meperidine": "pethidine", "acetaminophen": "paracetamol",
    "aspirin": "acetylsalicylic acid", "nitroglycerin": "glyceryl trinitrate", "st. john's wort": "st john's wort",
    "acyclovir": "aciclovir", "glyburide": "glibenclamide", "albuterol": "salbutamol", "epinephrine": "adrenaline",
    "valproic acid": "valproate", "methylergonovine": "methylergometrine", "hydroxyurea": "hydroxycarbamide",
    "mechlorethamine": "chlormethine", "thioguanine": "tioguanine", "levothyroxine": "thyroxine",
    "mycophenolate mofetil": "mycophenol", "mycophenolic acid": "mycophenol", "vitamin a": "retinol",
    "torsemide": "torasemide", "ergonovine": "ergometrine", "levomethadyl acetate": "levacetylmethadol",
    "potassium chloride": "potassium", "fusidic acid": "fusidate", "isosorbide mononitrate": "isosorbide",
    "sodium oxybate": "oxybate", "methylene blue": "methylthioninium", "dothiepin": "dosulepin",
    "methotrimeprazine": "levomepromazine", "chlorthalidone": "chlortalidone", "amphetamine": "amfetamine",
    "methylergometrine": "methylergonovine", "pethidine": "meperidine", "rifampicin": "rifampin",
}
# (French ending, English ending), longest first; anything else keeps its form.
ENDINGS = sorted([
    ("afenacine", "afenacin"), ("bactame", "bactam"), ("bufene", "bufen"), ("cilline", "cillin"),
    ("fungine", "fungin"), ("gliptine", "gliptin"), ("kacine", "kacin"), ("listine", "listin"), ("lukine", "lukin"),
    ("metacine", "methacin"), ("micine", "micin"), ("mycine", "mycin"), ("naproxene", "naproxen"), ("nazide", "nazid"),
    ("oine", "oin"), ("oxacine", "oxacin"), ("parine", "parin"), ("planine", "planin"), ("platine", "platin"),
    ("profene", "profen"), ("reline", "relin"), ("rubicine", "rubicin"), ("statine", "statin"), ("tocine", "tocin"),
    ("toine", "toin"), ("xifene", "xifen"),
], key=lambda pair: -len(pair[0]))


def plain(name):
    """Lower case, no accents, no line-break hyphens: how the thesaurus's names are compared."""
    name = unicodedata.normalize("NFD", name.lower().replace("œ", "oe").replace("’", "'"))
    name = "".join(mark for mark in name if not unicodedata.combining(mark))
    return " ".join(name.replace("- ", "-").split())


def english(french):
    """The English name of a French substance."""
    name = plain(french)
    if name in EXCEPTIONS:
        return EXCEPTIONS[name]
    match = re.fullmatch(r"acide (.+)ique", name)
    if match:
        return f"{match[1]}ic acid"
    for ending, put in ENDINGS:
        if name.endswith(ending):
            return name[: -len(ending)] + put
    return name


def names(substance):
    """All names under which an alert may call an English substance."""
    return [substance, *([INN_TOO[substance]] if substance in INN_TOO else [])]
