"""Reads the PneumoniaMNIST films and varies them for training.

Films are grey, [n, 1, 28, 28] float32 in [0, 1], 0 black; labels 0 normal, 1 pneumonia.
Source: Kermany et al. 2018, as cut down by MedMNIST v2 (Yang et al. 2023), CC BY 4.0.
"""

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

LABELS = ["normal", "pneumonia"]


def read_idx(path):
    """An IDX file of bytes, gzip: magic, big-endian sizes, then one byte an item."""
    with gzip.open(path) as file:
        raw = file.read()
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_split(folder, split):
    """(images [n, 28, 28] uint8, labels [n] int64) of train, val or test."""
    images = read_idx(Path(folder) / f"{split}-images.idx3.gz")
    labels = read_idx(Path(folder) / f"{split}-labels.idx1.gz").astype(np.int64)
    return images, labels


def as_tensor(images):
    return torch.from_numpy(images.astype(np.float32) / 255.0).unsqueeze(1)


def read_train_and_val(folder):
    """Training and validation tensors. Training images that also occur in validation are left out of training
    (eight validation images do), so that what validation chooses is not chosen by memory."""
    images, labels = read_split(folder, "train")
    val_images, val_labels = read_split(folder, "val")
    seen = {image.tobytes() for image in val_images}
    keep = np.array([image.tobytes() not in seen for image in images])
    return (
        (as_tensor(images[keep]), torch.from_numpy(labels[keep])),
        (as_tensor(val_images), torch.from_numpy(val_labels)),
    )


def vary(batch, random, strength=1.0):
    """The batch as another machine and another child's posture would have given it: turned up to 9 degrees, moved up to
    two pixels, zoomed and stretched by a tenth, gamma, contrast, brightness and grain changed. Never mirrored: the
    heart is on the left. `random` is a torch.Generator; strength 0 changes nothing."""
    n = batch.shape[0]

    def spread(width):
        return (torch.rand(n, generator=random) * 2 - 1) * width * strength

    angle, zoom = spread(math.radians(9)), 1 + spread(0.10)
    stretch, shear = 1 + spread(0.07), spread(0.06)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    shift_x, shift_y = spread(2 / 14), spread(2 / 14)
    theta = torch.stack(
        [
            torch.stack([cos * stretch, -sin + shear, shift_x], 1),
            torch.stack([sin, cos / stretch, shift_y], 1),
        ],
        1,
    )
    grid = F.affine_grid(theta, list(batch.shape), align_corners=False)
    out = F.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)
    gamma = torch.exp(spread(0.35)).view(n, 1, 1, 1)
    contrast = torch.exp(spread(0.25)).view(n, 1, 1, 1)
    brightness = spread(0.10).view(n, 1, 1, 1)
    out = out.clamp(1e-4, 1) ** gamma
    middle = out.mean((1, 2, 3), keepdim=True)
    out = (out - middle) * contrast + middle + brightness
    out = out + torch.randn(out.shape, generator=random) * 0.015 * strength
    return out.clamp(0, 1)
