"""Writes a trained net as ONNX (opset 13, batch of any size, batch normalisation folded into the convolutions) and
checks that the file says what the net says."""

import copy
import hashlib
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(sequence):
    """A copy in which each convolution has swallowed the batch normalisation behind it."""
    layers, out = list(sequence), []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            out[-1] = fuse_conv_bn_eval(out[-1], layer)
        elif not isinstance(layer, nn.Dropout):
            out.append(copy.deepcopy(layer))
    return nn.Sequential(*out)


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def run_onnx(path, images, output=0):
    """Output number `output` of the file for images [n, 1, 28, 28], on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    images = np.asarray(images, np.float32)
    parts = [session.run(None, {name: images[i : i + 512]})[output] for i in range(0, len(images), 512)]
    return np.concatenate(parts)


def export(net, path, output):
    """Writes `net` (already folded, [n, 1, 28, 28] -> [n, k]) to `path`; the input is called image."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    sample = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (sample,),
            str(path),
            dynamo=False,
            opset_version=13,
            input_names=["image"],
            output_names=[output],
            dynamic_axes={"image": {0: "n"}, output: {0: "n"}},
        )
    model = onnx.load(str(path))
    onnx.checker.check_model(model)
    model.producer_name, model.producer_version, model.doc_string = "tenfold", "", ""
    onnx.save(model, str(path))
    for count in (1, 4):
        with torch.no_grad():
            wanted = net(sample[:count]).numpy()
        found = run_onnx(path, sample[:count])
        worst = float(np.abs(wanted - found).max())
        if found.shape != wanted.shape or worst > 1e-4:
            raise SystemExit(f"{path}: exported file differs from the net by {worst}")


class Classifier(nn.Module):
    """A Net of networks.py as it is shipped: folded."""

    def __init__(self, net):
        super().__init__()
        self.body, self.head = folded(net.body), copy.deepcopy(net.head)

    def forward(self, image):
        return self.head(self.body(image * 2 - 1))
