"""Which values pydicom decodes from DICOM files, for src/media/sample_files_test.cc.

    python tests/dicom/digests.py FOLDER... > src/media/testdata/dicom_digests.csv

A row a file whose pixels pydicom decodes: name, frames, CRC-32 of the stored values of all frames (frame after frame, pixel after
pixel, channel after channel, as 32-bit little-endian integers, before any conversion of colours), and lossy where another decoder may
round differently: then also their mean. Needs pydicom 3, pylibjpeg with its libjpeg and openjpeg plugins, python-gdcm, numpy.
"""
import logging
import pathlib
import sys
import warnings
import zlib

import numpy
import pydicom
from pydicom.pixels import pixel_array

LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"}


def rows(folder):
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file()):
        try:
            data = pydicom.dcmread(path, force=True)
            if "PixelData" not in data:
                continue
            values = numpy.ascontiguousarray(pixel_array(data, raw=True)).astype("<i4")
        except Exception as error:  # whatever pydicom cannot decode is not asked of us
            print(path.name, type(error).__name__, error, file=sys.stderr)
            continue
        lossy = str(data.file_meta.get("TransferSyntaxUID", "")) in LOSSY
        yield (path.name, int(data.get("NumberOfFrames") or 1), f"{zlib.crc32(values.tobytes()):08x}", int(lossy),
               f"{values.mean():.4f}")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    found = {}
    for folder in sys.argv[1:]:
        for row in rows(folder):
            found[row[0]] = row
    print("file,frames,crc32,lossy,mean")
    for name in sorted(found):
        print(*found[name], sep=",")
