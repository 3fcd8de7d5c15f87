"""The drugs that planted.py writes into records: codes, routes and product names, one a line.

Columns: key | RxNorm ingredient | ATC | route | RxNorm product (SCD) | product name as RxNorm spells it. A key may
end in -strength or -form (simvastatin-10, ketoconazole-cream): the ingredient is what stands before. An empty column
means that the code was not looked up with certainty; such a drug then appears by its ingredient code or by its name
alone. Codes: RxNorm Current Prescribable Content (NLM, October 2025, free to use) looked up in a public copy of it;
ATC codes of the WHO Collaborating Centre, written from knowledge of the index and not looked up one by one. This
table shares nothing with any pack.
"""

from typing import NamedTuple

# Other names under which an alert may call the ingredient (INN, British, class-free short forms).
ALSO = {
    "acetaminophen": ["paracetamol"],
    "acyclovir": ["aciclovir"],
    "alendronate": ["alendron"],
    "amoxicillin / clavulanate": ["amoxicillin"],
    "aspirin": ["acetylsalicylic acid"],
    "calcium gluconate": ["calcium"],
    "cephalexin": ["cefalexin"],
    "cholecalciferol": ["colecalciferol"],
    "cyclosporine": ["ciclosporin"],
    "enoxaparin": ["enoxaparin"],
    "epoetin alfa": ["epoetin", "erythropoietin"],
    "ergotamine": ["ergotamin"],
    "ethinyl estradiol / levonorgestrel": ["ethinyl", "levonorgestrel", "contraceptive"],
    "glyburide": ["glibenclamide"],
    "hydrocodone / acetaminophen": ["hydrocodone"],
    "insulin glargine": ["insulin"],
    "isosorbide dinitrate": ["isosorbide"],
    "isosorbide mononitrate": ["isosorbide"],
    "levothyroxine": ["levothyroxin"],
    "lithium": ["lithium"],
    "meperidine": ["pethidine"],
    "methimazole": ["thiamazole"],
    "methylene blue": ["methylthioninium"],
    "mycophenolate": ["mycophenol"],
    "nitroglycerin": ["glyceryl trinitrate"],
    "penicillin v": ["phenoxymethylpenicillin", "penicillin"],
    "phenelzine": ["phenelzin"],
    "piperacillin / tazobactam": ["piperacillin"],
    "potassium chloride": ["potassium"],
    "primaquine": ["primaquin"],
    "rifampin": ["rifampicin"],
    "sacubitril / valsartan": ["sacubitril"],
    "salmeterol / fluticasone": ["salmeterol"],
    "sodium oxybate": ["oxybate"],
    "st john's wort": ["st. john's wort", "hypericum", "st john"],
    "succinylcholine": ["suxamethonium"],
    "sulfamethoxazole / trimethoprim": ["sulfamethoxazole", "trimethoprim", "cotrimoxazole", "co-trimoxazole"],
    "torsemide": ["torasemide"],
    "valproate": ["valpro"],
    "zoledronic acid": ["zoledron"],
}

_TABLE = """
simvastatin | 36567 | C10AA01 | oral | 312961 | simvastatin 20 MG Oral Tablet
simvastatin-10 | 36567 | C10AA01 | oral | 314231 | simvastatin 10 MG Oral Tablet
lovastatin | 6472 | C10AA02 | oral | 197905 | lovastatin 40 MG Oral Tablet
atorvastatin | 83367 | C10AA05 | oral | 617311 | atorvastatin 40 MG Oral Tablet
rosuvastatin | 301542 | C10AA07 | oral | 859751 | rosuvastatin calcium 20 MG Oral Tablet
rosuvastatin-5 | 301542 | C10AA07 | oral | 859424 | rosuvastatin calcium 5 MG Oral Tablet
rosuvastatin-40 | 301542 | C10AA07 | oral | 859419 | rosuvastatin calcium 40 MG Oral Tablet
pravastatin | 42463 | C10AA03 | oral | 904475 | pravastatin sodium 40 MG Oral Tablet
gemfibrozil | 4719 | C10AB04 | oral | 310459 | gemfibrozil 600 MG Oral Tablet
clarithromycin | 21212 | J01FA09 | oral | 197517 | clarithromycin 500 MG Oral Tablet
erythromycin | 4053 | J01FA01 | oral | 197650 | erythromycin 500 MG Oral Tablet
azithromycin | 18631 | J01FA10 | oral | 308460 | azithromycin 250 MG Oral Tablet
itraconazole | 28031 | J02AC02 | oral | 311204 | itraconazole 100 MG Oral Capsule
ketoconazole | 6135 | J02AB02 | oral | 197853 | ketoconazole 200 MG Oral Tablet
fluconazole | 4450 | J02AC01 | oral | 197700 | fluconazole 200 MG Oral Tablet
voriconazole | 121243 | J02AC03 | oral | 349434 | voriconazole 200 MG Oral Tablet
cyclosporine | 3008 | L04AD01 | oral | 328160 | cyclosporine 100 MG Oral Capsule
tacrolimus | 42316 | L04AD02 | oral | 198377 | tacrolimus 1 MG Oral Capsule
sildenafil | 136411 | G04BE03 | oral | 312950 | sildenafil 50 MG Oral Tablet
tadalafil | 358263 | G04BE08 | oral | 402019 | tadalafil 20 MG Oral Tablet
vardenafil | 306674 | G04BE09 | oral | 349480 | vardenafil 20 MG Oral Tablet
nitroglycerin | 4917 | C01DA02 | sublingual | 198039 | nitroglycerin 0.4 MG Sublingual Tablet
isosorbide mononitrate | 28004 | C01DA14 | oral | 353538 | 24 HR isosorbide mononitrate 60 MG Extended Release Oral Tablet
isosorbide dinitrate | 6058 | C01DA08 | oral | 206842 | isosorbide dinitrate 20 MG Oral Tablet
riociguat | 1439816 | C02KX05 | oral | 1439833 | riociguat 2.5 MG Oral Tablet
warfarin | 11289 | B01AA03 | oral | 855332 | warfarin sodium 5 MG Oral Tablet
apixaban | 1364430 | B01AF02 | oral | 1364445 | apixaban 5 MG Oral Tablet
rivaroxaban | 1114195 | B01AF01 | oral | 1232086 | rivaroxaban 20 MG Oral Tablet
dabigatran | 1546356 | B01AE07 | oral | 1037045 | dabigatran etexilate 150 MG Oral Capsule
dabigatran-75 | 1546356 | B01AE07 | oral | 1037179 | dabigatran etexilate 75 MG Oral Capsule
enoxaparin | 67108 | B01AB05 | subcutaneous | 854241 | 0.8 ML enoxaparin sodium 100 MG/ML Prefilled Syringe
heparin | 5224 | B01AB01 | intravenous | 1361226 | heparin sodium, porcine 1000 UNT/ML Injectable Solution
naproxen | 7258 | M01AE02 | oral | 198014 | naproxen 500 MG Oral Tablet
ibuprofen | 5640 | M01AE01 | oral | 197806 | ibuprofen 600 MG Oral Tablet
ketorolac | 35827 | M01AB15 | oral | 834022 | ketorolac tromethamine 10 MG Oral Tablet
diclofenac | 3355 | M01AB05 | oral | 855926 | diclofenac sodium 75 MG Delayed Release Oral Tablet
indomethacin | 5781 | M01AB01 | oral | 197818 | indomethacin 50 MG Oral Capsule
celecoxib | 140587 | M01AH01 | oral | 205323 | celecoxib 200 MG Oral Capsule
aspirin | 1191 | N02BA01 | oral | 212033 | aspirin 325 MG Oral Tablet
aspirin-81 | 1191 | B01AC06 | oral | 308416 | aspirin 81 MG Delayed Release Oral Tablet
acetaminophen | 161 | N02BE01 | oral | 313782 | Acetaminophen 325 MG Oral Tablet
metronidazole | 6922 | P01AB01 | oral | 311681 | metronidazole 500 MG Oral Tablet
sulfamethoxazole / trimethoprim | 10831 | J01EE01 | oral | 198335 | sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet
amiodarone | 703 | C01BD01 | oral |  | 
phenelzine | 8123 | N06AF03 | oral | 312347 | phenelzine 15 MG Oral Tablet
tranylcypromine | 10734 | N06AF04 | oral | 313447 | tranylcypromine 10 MG Oral Tablet
isocarboxazid | 6011 | N06AF01 | oral | 104837 | isocarboxazid 10 MG Oral Tablet
selegiline | 9639 | N04BD01 | oral | 859186 | selegiline hydrochloride 5 MG Oral Capsule
rasagiline | 134748 | N04BD02 | oral | 608328 | rasagiline 1 MG Oral Tablet
linezolid | 190376 | J01XX08 | oral | 311347 | linezolid 600 MG Oral Tablet
methylene blue | 6878 | V03AB17 | intravenous | 1788984 | 10 ML methylene blue 5 MG/ML Injection
sertraline | 36437 | N06AB06 | oral | 312941 | sertraline 50 MG Oral Tablet
fluoxetine | 4493 | N06AB03 | oral | 310385 | fluoxetine 20 MG Oral Capsule
paroxetine | 32937 | N06AB05 | oral | 1738495 | paroxetine hydrochloride 20 MG Oral Tablet
citalopram | 2556 | N06AB04 | oral | 200371 | citalopram 20 MG Oral Tablet
citalopram-40 | 2556 | N06AB04 | oral | 309314 | citalopram 40 MG Oral Tablet
escitalopram | 321988 | N06AB10 | oral | 349332 | escitalopram 10 MG Oral Tablet
fluvoxamine | 42355 | N06AB08 | oral | 903884 | fluvoxamine maleate 100 MG Oral Tablet
venlafaxine | 39786 | N06AX16 | oral | 313585 | 24 HR venlafaxine 75 MG Extended Release Oral Capsule
duloxetine | 72625 | N06AX21 | oral | 596934 | duloxetine 60 MG Delayed Release Oral Capsule
bupropion | 42347 | N06AX12 | oral | 993541 | 24 HR bupropion hydrochloride 150 MG Extended Release Oral Tablet
meperidine | 6754 | N02AB02 | oral | 861467 | meperidine hydrochloride 50 MG Oral Tablet
tramadol | 10689 | N02AX02 | oral | 835603 | tramadol hydrochloride 50 MG Oral Tablet
dextromethorphan | 3289 | R05DA09 | oral | 1090487 | dextromethorphan hydrobromide 15 MG Oral Capsule
pseudoephedrine | 8896 | R01BA02 | oral | 1049160 | pseudoephedrine hydrochloride 30 MG Oral Tablet
methylphenidate | 6901 | N06BA04 | oral | 1091150 | methylphenidate hydrochloride 10 MG Oral Tablet
methotrexate | 6851 | L04AX03 | oral | 105585 | methotrexate 2.5 MG Oral Tablet
azathioprine | 1256 | L04AX01 | oral | 197388 | azathioprine 50 MG Oral Tablet
mercaptopurine | 103 | L01BB02 | oral | 197931 | mercaptopurine 50 MG Oral Tablet
allopurinol | 519 | M04AA01 | oral |  | 
febuxostat | 73689 | M04AA03 | oral | 834235 | febuxostat 40 MG Oral Tablet
clopidogrel | 32968 | B01AC04 | oral | 309362 | clopidogrel 75 MG Oral Tablet
ticagrelor | 1116632 | B01AC24 | oral | 1116635 | ticagrelor 90 MG Oral Tablet
omeprazole | 7646 | A02BC01 | oral | 198051 | omeprazole 20 MG Delayed Release Oral Capsule
pantoprazole | 40790 | A02BC02 | oral | 314200 | pantoprazole 40 MG Delayed Release Oral Tablet
famotidine | 4278 | A02BA03 | oral | 284245 | famotidine 40 MG Oral Tablet
famotidine-20 | 4278 | A02BA03 | oral | 310273 | famotidine 20 MG Oral Tablet
tizanidine | 57258 | M03BX02 | oral | 313413 | tizanidine 4 MG Oral Tablet
ciprofloxacin | 2551 | J01MA02 | oral | 309309 | ciprofloxacin 500 MG Oral Tablet
levofloxacin | 82122 | J01MA12 | oral | 311296 | levofloxacin 750 MG Oral Tablet
moxifloxacin | 139462 | J01MA14 | oral | 311787 | moxifloxacin 400 MG Oral Tablet
ergotamine | 4025 | N02CA02 | oral | 1293504 | caffeine 100 MG / ergotamine tartrate 1 MG Oral Tablet
dihydroergotamine | 3418 | N02CA01 | injection | 861672 | 1 ML dihydroergotamine mesylate 1 MG/ML Injection
ritonavir | 85762 | J05AE03 | oral | 900575 | ritonavir 100 MG Oral Tablet
darunavir | 460132 | J05AE10 | oral | 1359269 | darunavir 800 MG Oral Tablet
atazanavir | 343047 | J05AE08 | oral |  | 
rilpivirine | 1102270 | J05AG05 | oral | 1102273 | rilpivirine 25 MG Oral Tablet
colchicine | 2683 | M04AC01 | oral | 197541 | colchicine 0.6 MG Oral Tablet
triazolam | 10767 | N05CD05 | oral | 198318 | triazolam 0.25 MG Oral Tablet
midazolam | 6960 | N05CD08 | oral | 422410 | midazolam 2 MG/ML Oral Solution
alprazolam | 596 | N05BA12 | oral | 308048 | alprazolam 0.5 MG Oral Tablet
lorazepam | 6470 | N05BA06 | oral | 197901 | lorazepam 1 MG Oral Tablet
diazepam | 3322 | N05BA01 | oral | 197591 | diazepam 5 MG Oral Tablet
zolpidem | 39993 | N05CF02 | oral | 854873 | zolpidem tartrate 10 MG Oral Tablet
eszopiclone | 461016 | N05CF04 | oral | 485442 | eszopiclone 2 MG Oral Tablet
oxycodone | 7804 | N02AA05 | oral | 1049683 | oxycodone hydrochloride 10 MG Oral Tablet
morphine | 7052 | N02AA01 | oral | 891888 | morphine sulfate 30 MG Extended Release Oral Tablet
methadone | 6813 | N07BC02 | oral | 864706 | methadone hydrochloride 10 MG Oral Tablet
fentanyl | 4337 | N02AB03 | transdermal | 245135 | 72 HR fentanyl 0.05 MG/HR Transdermal System
codeine | 2670 | R05DA04 | oral | 997287 | codeine sulfate 30 MG Oral Tablet
hydrocodone / acetaminophen | 214182 | N02AJ22 | oral | 857002 | acetaminophen 325 MG / hydrocodone bitartrate 5 MG Oral Tablet
lisinopril | 29046 | C09AA03 | oral | 314076 | lisinopril 10 MG Oral Tablet
enalapril | 3827 | C09AA02 | oral | 858817 | enalapril maleate 10 MG Oral Tablet
ramipril | 35296 | C09AA05 | oral | 198189 | ramipril 5 MG Oral Capsule
losartan | 52175 | C09CA01 | oral | 979492 | losartan potassium 50 MG Oral Tablet
valsartan | 69749 | C09CA03 | oral | 349201 | valsartan 160 MG Oral Tablet
sacubitril / valsartan | 1656339 | C09DX04 | oral | 1656349 | sacubitril 49 MG / valsartan 51 MG Oral Tablet
aliskiren | 325646 | C09XA02 | oral | 1011736 | aliskiren 150 MG Oral Tablet
spironolactone | 9997 | C03DA01 | oral | 313096 | spironolactone 25 MG Oral Tablet
eplerenone | 298869 | C03DA04 | oral | 351257 | eplerenone 50 MG Oral Tablet
amiloride | 644 | C03DB01 | oral | 977880 | amiloride hydrochloride 5 MG Oral Tablet
potassium chloride | 8591 | A12BA01 | oral | 198116 | potassium chloride 20 MEQ Extended Release Oral Tablet
hydrochlorothiazide | 5487 | C03AA03 | oral | 310798 | hydrochlorothiazide 25 MG Oral Tablet
furosemide | 4603 | C03CA01 | oral | 313988 | furosemide 40 MG Oral Tablet
torsemide | 38413 | C03CA04 | oral | 198371 | torsemide 20 MG Oral Tablet
digoxin | 3407 | C01AA05 | oral | 197604 | digoxin 0.125 MG Oral Tablet
digoxin-250 | 3407 | C01AA05 | oral | 197606 | digoxin 0.25 MG Oral Tablet
dronedarone | 233698 | C01BD07 | oral | 854856 | dronedarone 400 MG Oral Tablet
sotalol | 9947 | C07AA07 | oral | 1923426 | sotalol hydrochloride 80 MG Oral Tablet
dofetilide | 49247 | C01BD04 | oral | 310005 | dofetilide 0.5 MG Oral Capsule
flecainide | 4441 | C01BC04 | oral | 886666 | flecainide acetate 100 MG Oral Tablet
quinidine | 9068 | C01BA01 | oral | 852877 | quinidine sulfate 200 MG Oral Tablet
ibutilide | 41289 | C01BD05 | intravenous | 979120 | 10 ML ibutilide fumarate 0.1 MG/ML Injection
verapamil | 11170 | C08DA01 | oral | 897666 | verapamil hydrochloride 120 MG Oral Tablet
diltiazem | 3443 | C08DB01 | oral | 830837 | 24 HR diltiazem hydrochloride 240 MG Extended Release Oral Capsule
amlodipine | 17767 | C08CA01 | oral | 197361 | amlodipine 5 MG Oral Tablet
nifedipine | 7417 | C08CA05 | oral | 198035 | 24 HR nifedipine 60 MG Extended Release Oral Tablet
metoprolol | 6918 | C07AB02 | oral | 866514 | metoprolol tartrate 50 MG Oral Tablet
atenolol | 1202 | C07AB03 | oral | 197381 | atenolol 50 MG Oral Tablet
propranolol | 8787 | C07AA05 | oral | 856519 | propranolol hydrochloride 40 MG Oral Tablet
ivabradine | 1649480 | C01EB17 | oral | 1649485 | ivabradine 5 MG Oral Tablet
ranolazine | 35829 | C01EB18 | oral | 616749 | 12 HR ranolazine 500 MG Extended Release Oral Tablet
theophylline | 10438 | R03DA04 | oral | 313310 | theophylline 300 MG Extended Release Oral Capsule
lithium | 6448 | N05AN01 | oral | 197889 | lithium carbonate 300 MG Oral Capsule
carbamazepine | 2002 | N03AF01 | oral | 308979 | carbamazepine 200 MG Oral Tablet
oxcarbazepine | 32624 | N03AF02 | oral | 312137 | oxcarbazepine 300 MG Oral Tablet
phenytoin | 8183 | N03AB02 | oral | 855671 | phenytoin sodium 100 MG Extended Release Oral Capsule
fosphenytoin | 72236 | N03AB05 | intravenous | 1670200 | 2 ML fosphenytoin sodium 75 MG/ML Injection
lamotrigine | 28439 | N03AX09 | oral | 198427 | lamotrigine 100 MG Oral Tablet
valproate | 40254 | N03AG01 | oral | 1099870 | divalproex sodium 500 MG Delayed Release Oral Tablet
meropenem | 29561 | J01DH02 | intravenous | 1722939 | meropenem 1000 MG Injection
rifampin | 9384 | J04AB02 | oral | 198202 | rifampin 300 MG Oral Capsule
st john's wort |  | N06AX25 | oral |  | 
ethinyl estradiol / levonorgestrel | 214558 | G03AA07 | oral | 748878 | {21 (ethinyl estradiol 0.03 MG / levonorgestrel 0.15 MG Oral Tablet) / 7 (inert ingredients 1 MG Oral Tablet) } Pack
estradiol | 4083 | G03CA03 | oral | 197658 | estradiol 1 MG Oral Tablet
raloxifene | 72143 | G03XC01 | oral | 1490065 | raloxifene hydrochloride 60 MG Oral Tablet
tamoxifen | 10324 | L02BA01 | oral | 313195 | tamoxifen 20 MG Oral Tablet
testosterone | 10379 | G03BA03 | intramuscular | 2047882 | 1 ML testosterone cypionate 200 MG/ML Injection
thioridazine | 10502 | N05AC02 | oral | 198275 | thioridazine 50 MG Oral Tablet
pimozide | 8331 | N05AG02 | oral | 198103 | pimozide 2 MG Oral Tablet
haloperidol | 5093 | N05AD01 | oral | 310672 | haloperidol 5 MG Oral Tablet
droperidol | 3648 | N05AD08 | intravenous | 282485 | 2 ML droperidol 2.5 MG/ML Injection
ziprasidone | 115698 | N05AE04 | oral | 313776 | ziprasidone 40 MG Oral Capsule
chlorpromazine | 2403 | N05AA01 | oral | 991336 | chlorpromazine hydrochloride 50 MG Oral Tablet
clozapine | 2626 | N05AH02 | oral | 197535 | clozapine 100 MG Oral Tablet
lurasidone | 1040028 | N05AE05 | oral | 1040031 | lurasidone hydrochloride 40 MG Oral Tablet
amitriptyline | 704 | N06AA09 | oral | 856834 | amitriptyline hydrochloride 25 MG Oral Tablet
hydroxyzine | 5553 | N05BB01 | oral | 995258 | hydroxyzine hydrochloride 25 MG Oral Tablet
domperidone | 3626 | A03FA03 | oral |  | 
ondansetron | 26225 | A04AA01 | oral | 312086 | ondansetron 8 MG Oral Tablet
metoclopramide | 6915 | A03FA01 | oral | 311666 | metoclopramide 10 MG Oral Tablet
prochlorperazine | 8704 | N05AB04 | oral | 198365 | prochlorperazine 10 MG Oral Tablet
promethazine | 8745 | R06AD02 | oral | 992432 | promethazine hydrochloride 1.25 MG/ML Oral Solution
promethazine-25 | 8745 | R06AD02 | oral | 992447 | promethazine hydrochloride 25 MG Oral Tablet
diphenhydramine | 3498 | R06AA02 | oral | 1049909 | diphenhydramine hydrochloride 25 MG Oral Capsule
loperamide | 6468 | A07DA03 | oral | 978006 | loperamide hydrochloride 2 MG Oral Capsule
alfuzosin | 17300 | G04CA01 | oral |  | 
probenecid | 8698 | M04AB01 | oral | 198152 | probenecid 500 MG Oral Tablet
bosentan | 75207 | C02KX01 | oral | 656659 | bosentan 125 MG Oral Tablet
ambrisentan | 358274 | C02KX02 | oral |  | 
glyburide | 4815 | A10BB01 | oral | 310537 | glyburide 5 MG Oral Tablet
glipizide | 4821 | A10BB07 | oral | 310490 | glipizide 5 MG Oral Tablet
glimepiride | 25789 | A10BB12 | oral | 199246 | glimepiride 2 MG Oral Tablet
repaglinide | 73044 | A10BX02 | oral | 200256 | repaglinide 1 MG Oral Tablet
metformin | 6809 | A10BA02 | oral | 861004 | metformin hydrochloride 1000 MG Oral Tablet
metformin-500 | 6809 | A10BA02 | oral | 861007 | metformin hydrochloride 500 MG Oral Tablet
pioglitazone | 33738 | A10BG03 | oral | 312440 | pioglitazone 30 MG Oral Tablet
sitagliptin | 593411 | A10BH01 | oral | 665033 | sitagliptin 100 MG Oral Tablet
sitagliptin-25 | 593411 | A10BH01 | oral | 665038 | sitagliptin 25 MG Oral Tablet
saxagliptin | 857974 | A10BH03 | oral | 858036 | saxagliptin 5 MG Oral Tablet
liraglutide | 475968 | A10BJ02 | subcutaneous | 897122 | 3 ML liraglutide 6 MG/ML Pen Injector
exenatide | 60548 | A10BJ01 | subcutaneous | 847910 | 60 ACTUAT exenatide 0.01 MG/ACTUAT Pen Injector
insulin glargine | 274783 | A10AE04 | subcutaneous | 311041 | insulin glargine 100 UNT/ML Injectable Solution
isotretinoin | 6064 | D10BA01 | oral | 197845 | isotretinoin 40 MG Oral Capsule
doxycycline | 3640 | J01AA02 | oral | 1649988 | doxycycline hyclate 100 MG Oral Capsule
tetracycline | 10395 | J01AA07 | oral | 198250 | tetracycline hydrochloride 250 MG Oral Capsule
minocycline | 6980 | J01AA08 | oral | 197984 | minocycline 100 MG Oral Capsule
acitretin | 16818 | D05BB02 | oral |  | 
sumatriptan | 37418 | N02CC01 | oral | 313161 | sumatriptan 50 MG Oral Tablet
tolvaptan | 358257 | C03XA01 | oral | 2719335 | tolvaptan 15 MG Oral Tablet
ceftriaxone | 2193 | J01DD04 | intravenous | 1665021 | ceftriaxone 1000 MG Injection
calcium gluconate | 1908 | A12AA03 | intravenous | 1668250 | 10 ML calcium gluconate 100 MG/ML Injection
naloxegol | 1551777 | A06AH03 | oral | 1551782 | naloxegol 25 MG Oral Tablet
ramelteon | 596205 | N05CH02 | oral | 577348 | ramelteon 8 MG Oral Tablet
irinotecan | 51499 | L01CE02 | intravenous | 1726324 | 5 ML irinotecan hydrochloride 20 MG/ML Injection
disulfiram | 3554 | N07BB01 | oral | 197623 | disulfiram 250 MG Oral Tablet
sodium oxybate | 9899 | N07XX04 | oral | 349482 | sodium oxybate 500 MG/ML Oral Solution
arsenic trioxide | 18330 | L01XX27 | intravenous | 829926 | 10 ML arsenic trioxide 1 MG/ML Injection
vandetanib | 1098413 | L01EX04 | oral | 1098418 | vandetanib 300 MG Oral Tablet
chloroquine | 2393 | P01BA01 | oral | 1117531 | chloroquine phosphate 250 MG Oral Tablet
pentamidine | 7994 | P01CX01 | intravenous | 861601 | pentamidine isethionate 300 MG Injection
amoxicillin | 723 | J01CA04 | oral | 308191 | amoxicillin 500 MG Oral Capsule
amoxicillin / clavulanate | 19711 | J01CR02 | oral | 562508 | amoxicillin 875 MG / clavulanate 125 MG Oral Tablet
piperacillin / tazobactam | 74169 | J01CR05 | intravenous | 1659149 | piperacillin 4000 MG / tazobactam 500 MG Injection
ampicillin | 733 | J01CA01 | intravenous | 1721475 | ampicillin 1000 MG Injection
penicillin v | 7984 | J01CE02 | oral | 834102 | penicillin V potassium 500 MG Oral Tablet
cephalexin | 2231 | J01DB01 | oral | 309114 | cephalexin 500 MG Oral Capsule
cefadroxil | 2177 | J01DB05 | oral | 309049 | cefadroxil 500 MG Oral Capsule
cefaclor | 2176 | J01DC04 | oral | 197449 | cefaclor 500 MG Oral Capsule
cefazolin | 2180 | J01DB04 | intravenous | 1665050 | cefazolin 1000 MG Injection
cefotaxime | 2186 | J01DD01 | intravenous | 1656313 | cefotaxime 1000 MG Injection
cefepime | 20481 | J01DE01 | intravenous | 1665088 | cefepime 2000 MG Injection
aztreonam | 1272 | J01DF01 | intravenous | 1664981 | aztreonam 1000 MG Injection
gentamicin | 1596450 | J01GB03 | intravenous | 1870650 | 2 ML gentamicin 40 MG/ML Injection
tobramycin | 10627 | J01GB01 | intravenous | 597823 | tobramycin 40 MG/ML Injectable Solution
vancomycin | 11124 | J01XA01 | intravenous | 1807513 | vancomycin 1000 MG Injection
nitrofurantoin | 7454 | J01XE01 | oral | 1648755 | nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule
bupivacaine | 1815 | N01BB01 | injection | 1724880 | 10 ML bupivacaine hydrochloride 5 MG/ML Injection
varenicline | 591622 | N07BA03 | oral | 636676 | varenicline 1 MG Oral Tablet
oxybutynin | 32675 | G04BD04 | oral | 863664 | oxybutynin chloride 5 MG Oral Tablet
alendronate |  | M05BA04 | oral |  | 
zoledronic acid | 77655 | M05BA08 | intravenous | 705824 | 100 ML zoledronic acid 0.05 MG/ML Injection
denosumab | 993449 | M05BX04 | subcutaneous | 993452 | 1 ML denosumab 60 MG/ML Prefilled Syringe
rasburicase | 283821 | V03AF07 | intravenous | 1790344 | rasburicase 1.5 MG Injection
primaquine | 8687 | P01BA03 | oral | 904170 | primaquine phosphate 26.3 MG Oral Tablet
succinylcholine | 10154 | M03AB01 | intravenous | 1594589 | succinylcholine chloride 20 MG/ML Injectable Solution
cilostazol | 21107 | B01AC23 | oral | 242461 | cilostazol 100 MG Oral Tablet
phentermine | 8152 | A08AA01 | oral | 803353 | phentermine hydrochloride 37.5 MG Oral Tablet
misoprostol | 42331 | A02BB01 | oral | 317128 | misoprostol 0.2 MG Oral Tablet
ribavirin | 9344 | J05AP01 | oral | 248109 | ribavirin 200 MG Oral Tablet
dutasteride | 228790 | G04CB02 | oral | 351172 | dutasteride 0.5 MG Oral Capsule
thalidomide | 10432 | L04AX02 | oral | 360176 | thalidomide 100 MG Oral Capsule
lenalidomide | 342369 | L04AX04 | oral | 602910 | lenalidomide 10 MG Oral Capsule
mycophenolate | 68149 | L04AA06 | oral | 200060 | mycophenolate mofetil 500 MG Oral Tablet
leflunomide | 27169 | L04AA13 | oral | 205285 | leflunomide 20 MG Oral Tablet
macitentan | 1442132 | C02KX04 | oral | 1442137 | macitentan 10 MG Oral Tablet
gabapentin | 25480 | N03AX12 | oral | 310433 | gabapentin 600 MG Oral Tablet
gabapentin-300 | 25480 | N03AX12 | oral | 310431 | gabapentin 300 MG Oral Capsule
pregabalin | 187832 | N03AX16 | oral | 483440 | pregabalin 150 MG Oral Capsule
acyclovir | 281 | J05AB01 | oral |  | 
valacyclovir | 73645 | J05AB11 | oral | 313564 | valacyclovir 1000 MG Oral Tablet
valacyclovir-500 | 73645 | J05AB11 | oral | 313565 | valacyclovir 500 MG Oral Tablet
memantine | 6719 | N06DX01 | oral | 996561 | memantine hydrochloride 10 MG Oral Tablet
memantine-5 | 6719 | N06DX01 | oral | 996571 | memantine hydrochloride 5 MG Oral Tablet
baclofen | 1292 | M03BX01 | oral | 197391 | baclofen 10 MG Oral Tablet
levothyroxine | 10582 | H03AA01 | oral | 966222 | levothyroxine sodium 0.075 MG Oral Tablet
desmopressin | 3251 | H01BA02 | oral | 833008 | desmopressin acetate 0.2 MG Oral Tablet
epoetin alfa | 105694 | B03XA01 | subcutaneous | 1721684 | 1 ML epoetin alfa 10000 UNT/ML Injection
methimazole | 6835 | H03BB02 | oral | 197941 | methimazole 10 MG Oral Tablet
cholecalciferol | 2418 | A11CC05 | oral | 199362 | cholecalciferol 0.025 MG Oral Tablet
cetirizine | 20610 | R06AE07 | oral | 1014678 | cetirizine hydrochloride 10 MG Oral Tablet
labetalol | 6185 | C07AG01 | oral | 896762 | labetalol hydrochloride 200 MG Oral Tablet
iohexol | 5956 | V08AB02 | intravenous |  | 
folic acid | 4511 | B03BB01 | oral | 310410 | folic acid 1 MG Oral Tablet
ketoconazole-shampoo | 6135 | D01AC08 | topical | 106336 | ketoconazole 20 MG/ML Medicated Shampoo
ketoconazole-cream | 6135 | D01AC08 | topical | 203088 | ketoconazole 20 MG/ML Topical Cream
ciprofloxacin-eye | 2551 | S01AE03 | ophthalmic | 309307 | ciprofloxacin 3 MG/ML Ophthalmic Solution
ciprofloxacin-ear | 2551 | S02AA15 | otic | 848956 | ciprofloxacin 2 MG/ML Otic Solution
erythromycin-eye | 4053 | S01AA17 | ophthalmic | 310149 | erythromycin 0.005 MG/MG Ophthalmic Ointment
erythromycin-gel | 4053 | D10AF02 | topical | 310152 | erythromycin 0.02 MG/MG Topical Gel
moxifloxacin-eye | 139462 | S01AE07 | ophthalmic | 403818 | moxifloxacin 5 MG/ML Ophthalmic Solution
metronidazole-gel | 6922 | D06BX01 | topical | 311679 | metronidazole 0.0075 MG/MG Topical Gel
azithromycin-eye | 18631 | S01AA26 | ophthalmic |  | 
tacrolimus-ointment | 42316 | D11AH01 | topical | 314266 | tacrolimus 0.001 MG/MG Topical Ointment
diclofenac-gel | 3355 | M02AA15 | topical | 855633 | diclofenac sodium 0.01 MG/MG Topical Gel
levofloxacin-eye | 82122 | S01AE05 | ophthalmic | 314080 | levofloxacin 5 MG/ML Ophthalmic Solution
tobramycin-eye | 10627 | S01AA12 | ophthalmic | 313415 | tobramycin 3 MG/ML Ophthalmic Solution
acyclovir-cream | 281 | D06BB03 | topical |  | 
estradiol-vaginal | 4083 | G03CA03 | vaginal | 884707 | estradiol 0.01 MG Vaginal Insert
nitroglycerin-rectal | 4917 | C05AE01 | rectal | 1114466 | nitroglycerin 0.004 MG/MG Rectal Ointment
doxepin-cream | 3638 | D04AX01 | topical | 1000091 | doxepin hydrochloride 50 MG/ML Topical Cream
tretinoin-cream | 10753 | D10AD01 | topical | 106302 | tretinoin 0.25 MG/ML Topical Cream
naloxone | 7242 | V03AB15 | nasal | 1725059 | naloxone hydrochloride 40 MG/ML Nasal Spray
sulfasalazine | 9524 | A07EC01 | oral | 198232 | sulfasalazine 500 MG Oral Tablet
trimethoprim | 10829 | J01EA01 | oral | 198332 | trimethoprim 100 MG Oral Tablet
ergocalciferol | 4018 | A11CC01 | oral | 1367410 | ergocalciferol 1.25 MG Oral Capsule
nevirapine | 53654 | J05AG01 | oral | 199422 | nevirapine 200 MG Oral Tablet
salmeterol / fluticasone | 284635 | R03AK06 | inhalation | 896209 | 60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler
formoterol | 25255 | R03AC13 | inhalation | 1246319 | formoterol fumarate 0.01 MG/ML Inhalation Solution
"""


class Drug(NamedTuple):
    """One product. `base` is the ingredient's English name; `names` are all names that an alert may use for it."""
    key: str
    base: str
    ingredient: str
    atc: str
    route: str
    product: str
    display: str

    @property
    def names(self):
        return [self.base, *ALSO.get(self.base, [])]

    def free_text(self):
        """As somebody types it: name, strength, form."""
        words = self.display.split()
        strength = next((f" {words[i]} {words[i + 1].lower()}" for i in range(len(words) - 1)
                         if words[i][0].isdigit() and words[i + 1].startswith(("MG", "UNT", "MEQ"))), "")
        form = {"oral": "po", "ophthalmic": "eye drops", "otic": "ear drops", "topical": "topical",
                "intravenous": "iv", "subcutaneous": "sc"}.get(self.route, self.route)
        return f"{self.base.capitalize()}{strength} {form}"


def _base(key):
    head, dash, tail = key.rpartition("-")
    return head if dash and tail in _SUFFIXES or tail.isdigit() else key


_SUFFIXES = {"shampoo", "cream", "eye", "ear", "gel", "ointment", "vaginal", "rectal"}


def _read():
    drugs = {}
    for line in _TABLE.strip().splitlines():
        key, ingredient, atc, route, product, display = (part.strip() for part in line.split("|"))
        drugs[key] = Drug(key, _base(key), ingredient, atc, route, product, display)
    return drugs


DRUGS = _read()
