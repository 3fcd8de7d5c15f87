"""PneumoniaMNIST films (IDX, gzip) to PNG files, with the standard library alone."""

import gzip
import pathlib
import struct
import zlib

LABELS = ["normal", "pneumonia"]


def read_idx(path):
    """(images, labels): images as bytes of 28 x 28 grey pixels each. Raises ValueError on a file that is no IDX."""
    folder, split = pathlib.Path(path).parent, pathlib.Path(path).name
    with gzip.open(folder / f"{split}-images.idx3.gz") as data:
        magic, count, height, width = struct.unpack(">IIII", data.read(16))
        pixels = data.read()
    with gzip.open(folder / f"{split}-labels.idx1.gz") as data:
        label_magic, label_count = struct.unpack(">II", data.read(8))
        labels = data.read()
    size = height * width
    if (magic, label_magic) != (0x803, 0x801) or count != label_count or len(pixels) != count * size:
        raise ValueError(f"{path}: not an IDX pair of images and labels")
    return [pixels[i * size:(i + 1) * size] for i in range(count)], list(labels)


def shifted(pixels, right, down, side=28):
    """The film moved by whole pixels, its border repeated: another file, all but the same picture."""
    rows = []
    for y in range(side):
        row = pixels[min(max(y - down, 0), side - 1) * side:][:side]
        rows.append(bytes(row[min(max(x - right, 0), side - 1)] for x in range(side)))
    return b"".join(rows)


def png(pixels, side=28):
    """An 8-bit grey PNG of side x side pixels (PNG specification, third edition, sections 5 and 11)."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    scanlines = b"".join(b"\0" + pixels[y * side:(y + 1) * side] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(scanlines, 9)) + chunk(b"IEND", b""))
