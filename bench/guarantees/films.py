#!/usr/bin/env python3
"""PneumoniaMNIST (IDX files) as a folder of PNG and a labels file, as `tenfold calibrate` reads them. Standard library.

    bench/guarantees/films.py ../shared/data/health/pneumoniamnist OUT --split test [--records]

--records writes, besides, a FHIR bundle a film (OUT/records/NAME.json): a child of four with fever and cough and this
film, so that the health pack asks its network about it.
"""
import argparse
import gzip
import json
import pathlib
import struct
import zlib

LABELS = ("normal", "pneumonia")


def idx(path):
    raw = gzip.open(path).read()
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    return shape, raw[4 + 4 * rank :]


def png(width, height, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + rows[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def bundle(name, film):
    def coded(system, code, text):
        return {"coding": [{"system": system, "code": code, "display": text}], "text": text}

    person = {"reference": f"Patient/{name}"}
    snomed = "http://snomed.info/sct"
    resources = [
        {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "2021-06-01"},
        *(
            {
                "resourceType": "Condition",
                "id": f"{name}-{text}",
                "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "active"),
                "verificationStatus": coded(
                    "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "confirmed"
                ),
                "code": coded(snomed, code, text),
                "subject": person,
                "onsetDateTime": "2026-03-01",
            }
            for code, text in (("386661006", "Fever"), ("49727002", "Cough"), ("267036007", "Dyspnea"))
        ),
        {
            "resourceType": "ImagingStudy",
            "id": f"{name}-study",
            "status": "available",
            "subject": person,
            "started": "2026-03-03",
            "series": [
                {
                    "uid": "2.25.1",
                    "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CR"},
                    "bodySite": {"system": snomed, "code": "51185008", "display": "Thoracic structure"},
                }
            ],
        },
        {
            "resourceType": "DocumentReference",
            "id": f"{name}-film",
            "status": "current",
            "subject": person,
            "date": "2026-03-03",
            "content": [{"attachment": {"contentType": "image/png", "url": film}}],
        },
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--split", choices=("train", "val", "test"), default="test")
    parser.add_argument("--records", action="store_true")
    args = parser.parse_args()
    (count, height, width), pixels = idx(args.source / f"{args.split}-images.idx3.gz")
    _, labels = idx(args.source / f"{args.split}-labels.idx1.gz")
    args.out.mkdir(parents=True, exist_ok=True)
    if args.records:
        (args.out / "records").mkdir(exist_ok=True)
    with open(args.out / "labels.csv", "w") as file:
        file.write("item,label\n")
        for i in range(count):
            name = f"{args.split}-{i:04d}"
            picture = pixels[i * width * height : (i + 1) * width * height]
            (args.out / f"{name}.png").write_bytes(png(width, height, picture))
            file.write(f"{name}.png,{LABELS[labels[i]]}\n")
            if args.records:
                record = bundle(name, f"../{name}.png")
                (args.out / "records" / f"{name}.json").write_text(json.dumps(record))
    print(count, "films in", args.out)


if __name__ == "__main__":
    main()
