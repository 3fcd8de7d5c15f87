#!/usr/bin/env python3
"""What PP-OCRv6 small reads on the receipts of SROIE, for ocr.py --lines; needs `pip install rapidocr==3.10.0 openvino`
(or onnxruntime), whose wheel carries the weights.

  bench/documents/ppocr.py openvino >ppocr.jsonl       or onnxruntime
"""
import argparse
import json
import pathlib
import tarfile
import tempfile
import time

from rapidocr import EngineType, RapidOCR

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("engine", choices=["openvino", "onnxruntime"])
parser.add_argument("--data", default="../shared/data")
options = parser.parse_args()
engine = EngineType.OPENVINO if options.engine == "openvino" else EngineType.ONNXRUNTIME
reader = RapidOCR(params={"Global.log_level": "error", **{f"{part}.engine_type": engine for part in ("Det", "Cls", "Rec")}})
with tempfile.TemporaryDirectory() as scratch:
    with tarfile.open(pathlib.Path(options.data) / "media" / "ocr-sroie" / "images.tar") as tar:
        tar.extractall(scratch, filter="data")
    for path in sorted(pathlib.Path(scratch).rglob("*.jpg")):
        before = time.process_time()
        read = reader(str(path))
        cpu = time.process_time() - before
        lines = [] if read.boxes is None else [
            {"box": [float(x) for corner in box for x in corner], "text": text} for box, text in zip(read.boxes, read.txts)]
        print(json.dumps({"image": path.name, "cpu": cpu, "lines": lines}), flush=True)
