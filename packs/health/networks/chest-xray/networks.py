"""The networks of the sweep, from a logistic regression to one of 33 MFLOP, and what each costs.

All take [n, 1, 28, 28] in [0, 1] and give logits [n, 2] (normal, pneumonia). Only Conv, Relu, pooling and Gemm, so that
any back end runs them. FLOPs count a multiply-add as two; bias, Relu and pooling are left out (below 2%).
"""

import torch
from torch import nn

# A perceptron's hidden widths, or (channels, convolutions) at 28x28, 14x14 and 7x7; without a convolution at 28x28 the
# first one strides: the cheap way in.
SIZES = {
    "logistic": ("dense", []),
    "perceptron": ("dense", [32]),
    "conv-tiny": ("conv", [(4, 0), (8, 1), (12, 1)]),
    "conv-small": ("conv", [(8, 0), (16, 1), (32, 2)]),
    "conv-medium": ("conv", [(12, 1), (24, 2), (48, 2)]),
    "conv-large": ("conv", [(24, 1), (48, 2), (96, 3)]),
}


def block(inputs, outputs, stride=1):
    return [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


class Net(nn.Module):
    """`dropout` acts before the last layer, in training only."""

    def __init__(self, size, dropout=0.2):
        super().__init__()
        kind, shape = SIZES[size]
        self.kind = kind
        if kind == "dense":
            widths = [28 * 28] + shape
            layers = [nn.Flatten()]
            for before, after in zip(widths, widths[1:]):
                layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
            self.body = nn.Sequential(*layers)
            self.head = nn.Linear(widths[-1], 2)
        else:
            layers, channels = [], 1
            for level, (width, convolutions) in enumerate(shape):
                if level == 0:
                    layers += block(1, width, 2 if convolutions == 0 else 1)
                    convolutions = max(convolutions - 1, 0)
                    small = shape[0][1] == 0
                else:
                    stride = 1 if small and level == 1 else 2
                    layers += block(channels, width, stride)
                    convolutions -= 1
                channels = width
                for _ in range(convolutions):
                    layers += block(channels, channels)
            layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout)]
            self.body = nn.Sequential(*layers)
            self.head = nn.Linear(channels, 2)

    def forward(self, image):
        return self.head(self.body(image * 2 - 1))


def flops(net):
    """FLOPs of one input [1, 1, 28, 28]: 2 * multiply-adds of the convolutions and dense layers."""
    total = 0

    def count(layer, _, out):
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            per_output = layer.kernel_size[0] * layer.kernel_size[1] * layer.in_channels // layer.groups
            total += 2 * per_output * out[0].numel()
        elif isinstance(layer, nn.Linear):
            total += 2 * layer.in_features * layer.out_features

    hooks = [layer.register_forward_hook(count) for layer in net.modules()]
    was_training = net.training
    net.eval()
    with torch.no_grad():
        net(torch.zeros(1, 1, 28, 28))
    net.train(was_training)
    for hook in hooks:
        hook.remove()
    return total


def parameters(net):
    return sum(p.numel() for p in net.parameters())
