"""Real images that are not chest radiographs, to measure the gate: none of them was read while it was fitted.

Each source gives grey images [h, w] without tags; `small` brings them to 28x28 exactly as a film is brought there. A
source whose files are not on this machine is skipped and named.
"""

import csv
import gzip
import importlib.util
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

MOST = 150  # images a source gives at most, so that no source drowns the others


def package_folder(name):
    spec = importlib.util.find_spec(name)
    return Path(list(spec.submodule_search_locations)[0]) if spec else None


def grey(picture):
    """A PIL image as luma (ITU-R BT.601) in [0, 1]."""
    return np.asarray(picture.convert("L"), np.float32) / 255


def stretched(values):
    values = np.asarray(values, np.float32)
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def small(image):
    """Centre-cropped to the short edge, then 28x28 bicubic with antialiasing: what MedMNIST did to the films."""
    h, w = image.shape
    edge = min(h, w)
    top, left = (h - edge) // 2, (w - edge) // 2
    cut = Image.fromarray(np.ascontiguousarray(image[top : top + edge, left : left + edge], np.float32))
    return np.clip(np.asarray(cut.resize((28, 28), Image.BICUBIC)), 0, 1)


def spaced(items, most=MOST):
    items = list(items)
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).astype(int)]


def tar_of(path, keep=lambda name: True):
    if not path.exists():
        return
    with tarfile.open(path) as archive:
        names = [
            m for m in archive.getmembers() if m.isfile() and m.name.lower().endswith((".jpg", ".png", ".bmp", ".jpeg"))
        ]
        for member in spaced([m for m in names if keep(m.name)]):
            yield grey(Image.open(io.BytesIO(archive.extractfile(member).read())))


def idx_of(path):
    if not path.exists():
        return
    with gzip.open(path) as file:
        raw = file.read()
    count, h, w = struct.unpack(">3I", raw[4:16])
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(count, h, w)
    for i in np.linspace(0, count - 1, MOST).astype(int):
        yield images[i].astype(np.float32) / 255


def dicom_image(path, frame=0):
    import pydicom

    data = pydicom.dcmread(path, force=True)
    values = data.pixel_array
    if int(data.get("NumberOfFrames", 1)) > 1:
        values = values[min(frame, len(values) - 1)]
    if data.SamplesPerPixel > 1:
        values = values.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    values = stretched(values)
    return 1 - values if data.PhotometricInterpretation == "MONOCHROME1" else values


def dicom_folder(folder, skip=("RG1", "RG3")):
    """CT, MR, US, NM and secondary captures; a picture stored in several syntaxes counts once."""
    seen = set()
    for path in sorted(folder.glob("*.dcm")) if folder and folder.exists() else []:
        if path.name.startswith(skip):
            continue
        try:
            image = dicom_image(path)
        except Exception:  # not a picture, or a syntax this machine does not decode
            continue
        if image.ndim != 2 or min(image.shape) < 16:
            continue
        key = tuple(np.round(small(image)[::4, ::4].ravel(), 1))
        if key not in seen:
            seen.add(key)
            yield image


def dicoms(data):
    yield from dicom_folder(data / "media/dicom")
    store = package_folder("data_store")
    yield from dicom_folder(store / "data" if store else None)


def leg(_):
    """The leg of pydicom-data, whole and in overlapping squares, as other exposures of it might be cut."""
    store = package_folder("data_store")
    if not store:
        return
    image = dicom_image(store / "data/RG3_UNCR.dcm")
    yield image
    for edge in (700, 1000, 1300):
        for top in np.linspace(0, image.shape[0] - edge, 5).astype(int):
            left = (image.shape[1] - edge) // 2
            cut = image[top : top + edge, left : left + edge]
            yield cut
            yield cut[:, ::-1]


def brain_mr(_):
    """Slices of the MNI152 template in three planes (nilearn)."""
    folder = package_folder("nilearn")
    if not folder:
        return
    import nibabel

    volume = stretched(
        nibabel.load(folder / "datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz").get_fdata()
    )
    for axis in range(3):
        length = volume.shape[axis]
        for place in np.linspace(0.15 * length, 0.85 * length, 20).astype(int):
            yield np.rot90(np.take(volume, place, axis))


def head_ct_volume(extra):
    """The head CT of Debian's invesalius-examples: [108, 256, 256] signed 16 bit, Hounsfield-like."""
    path = extra / "cranium.dat" if extra else None
    if path is None or not path.exists():
        return None
    return np.fromfile(path, np.int16).reshape(108, 256, 256).astype(np.float32)


def head_ct(extra):
    volume = head_ct_volume(extra)
    if volume is None:
        return
    for low, high in ((-100, 200), (-500, 1500)):
        window = np.clip((volume - low) / (high - low), 0, 1)
        for place in np.linspace(5, 102, 25).astype(int):
            yield window[place]
        for place in np.linspace(60, 200, 12).astype(int):
            yield window[::-1, place]
            yield window[::-1, :, place]


def folder_of(folder):
    for path in sorted(folder.rglob("*")) if folder.exists() else []:
        if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            yield path, grey(Image.open(path))


def hand_films(extra):
    """Ten radiographs of children's hands (radinformatics/bone-age), upright and as their mirror image."""
    for _, image in folder_of(extra / "bone-age/example_images") if extra else []:
        yield image
        yield image[:, ::-1]


def adult_films(extra):
    """(set, finding, image) of adults' chest films: what the network was not trained for."""
    if not extra:
        return
    for name in ("Actualmed-COVID-chestxray-dataset", "Figure1-COVID-chestxray-dataset", "torchxrayvision"):
        findings = {}
        if (extra / name / "metadata.csv").exists():
            with open(extra / name / "metadata.csv", newline="", encoding="latin-1") as file:
                for row in csv.DictReader(file):
                    findings[row.get("imagename") or row["patientid"]] = row["finding"].strip()
        inside = extra / name / ("tests" if name == "torchxrayvision" else "images")
        for path, image in folder_of(inside):
            yield name, findings.get(path.name, findings.get(path.stem, "")), image


def head_films(extra):
    """Radiographs of that head as a beam would make them (line integrals of its attenuation), from 24 directions, in
    three exposures and whole or cut to the face: another body part, in the manner of a film."""
    from scipy import ndimage

    volume = head_ct_volume(extra)
    if volume is None:
        return
    attenuation = np.clip(volume + 1000, 0, 3000) / 1000
    attenuation = ndimage.zoom(attenuation, (1.0, 0.5, 0.5), order=1)
    for angle in np.arange(0, 360, 15):
        turned = ndimage.rotate(attenuation, angle, axes=(1, 2), reshape=False, order=1)
        film = ndimage.zoom(turned.sum(1)[::-1], (1.2, 1.0), order=1)
        for exposure in (0.01, 0.02):
            yield stretched(1 - np.exp(-exposure * film))
        yield stretched(film)[:, 20:-20]


def photographs(_):
    from sklearn.datasets import load_sample_images

    for image in load_sample_images().images:
        luma = grey(Image.fromarray(image))
        yield from (luma, luma[:, :300], luma[:, -300:])
    folder = package_folder("skimage")
    for path in sorted((folder / "data").glob("*")) if folder else []:
        if path.suffix in (".png", ".jpg", ".gif", ".tif"):
            try:
                picture = Image.open(path)
            except UnidentifiedImageError:  # a TIFF of a kind that Pillow does not read
                continue
            for frame, page in enumerate(ImageSequence.Iterator(picture)):
                if frame < 3:
                    luma = grey(page)
                    yield luma
                    if min(luma.shape) >= 200:
                        half = min(luma.shape) // 2
                        yield from (luma[:half, :half], luma[-half:, -half:])


def faces(_):
    folder = package_folder("skimage")
    if folder:
        yield from spaced(np.load(folder / "data/lfw_subset.npy")[:100].astype(np.float32))


def video(data):
    """Frames of the videos and the preview, one a second at most."""
    folder = data / "media/video"
    for path in sorted(folder.glob("*.gif")) if folder.exists() else []:
        for page in spaced(ImageSequence.Iterator(Image.open(path)), 30):
            yield grey(page)
    if importlib.util.find_spec("av"):
        import av

        for path in sorted(folder.glob("*.mp4")):
            frames = [
                f.to_ndarray(format="gray") for i, f in enumerate(av.open(str(path)).decode(video=0)) if i % 25 == 0
            ]
            for frame in spaced(frames, 40):
                yield frame.astype(np.float32) / 255


def sources(data, extra):
    """name -> (what it is, its images). `extra` holds what is not in the data folder (see README)."""
    return {
        "neu-det": ("rolled steel surfaces", tar_of(data / "quality/neu-det/images.tar")),
        "magnetic-tile": (
            "magnetic tiles",
            tar_of(data / "quality/magnetic-tile/images.tar", lambda n: n.endswith(".jpg")),
        ),
        "deeppcb": ("circuit boards", tar_of(data / "quality/deeppcb/test.tar", lambda n: n.endswith(".jpg"))),
        "bsdata": (
            "ball screws, photographs",
            tar_of(data / "quality/bsdata/test.tar", lambda n: n.startswith("images/")),
        ),
        "sroie": ("receipts, scanned", tar_of(data / "media/ocr-sroie/images.tar")),
        "mnist": ("handwritten digits", idx_of(data / "perception/mnist/test-images.idx3.gz")),
        "handwritten-math": ("handwritten symbols", idx_of(data / "perception/handwritten-math/all-images.idx3.gz")),
        "video": ("video frames", video(data)),
        "photographs": ("scikit-learn and scikit-image samples", photographs(data)),
        "faces": ("faces (lfw, scikit-image)", faces(data)),
        "dicom-other": ("CT, MR, US, NM, captures (pydicom)", dicoms(data)),
        "leg-film": ("one radiograph of a leg, 31 cuts (pydicom-data)", leg(data)),
        "brain-mr": ("MNI152 brain slices (nilearn)", brain_mr(data)),
        "head-ct": ("head CT slices (invesalius-examples)", head_ct(extra)),
        "hand-films": ("radiographs of ten hands and their mirror images (radinformatics/bone-age)", hand_films(extra)),
        "head-films": ("radiographs computed from that head CT", head_films(extra)),
    }
