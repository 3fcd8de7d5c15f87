"""Makes tiny.onnx, the network of the OpenVINO back end's tests, and prints what onnxruntime says it says.

    pip install numpy onnx onnxruntime && python make_tiny.py

Input image float32 [n, 1, 8, 8]; outputs logits [n, 2] and gate [n, 1]. Weights are a fixed sequence, not trained.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def weights(name, shape, start):
    """Values in [-1, 1): the fractional parts of multiples of the golden ratio, so that no random generator is needed."""
    count = int(np.prod(shape))
    values = ((start + np.arange(count)) * 0.6180339887498949) % 1.0 * 2.0 - 1.0
    return numpy_helper.from_array(values.reshape(shape).astype(np.float32), name)


def model():
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "w2", "b2"], ["c2"], pads=[1, 1, 1, 1], group=4),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("GlobalAveragePool", ["r2"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["logits"]),
        helper.make_node("MatMul", ["f", "w4"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["gate"]),
    ]
    shapes = {"w1": (4, 1, 3, 3), "b1": (4,), "w2": (4, 1, 3, 3), "b2": (4,), "w3": (4, 2), "b3": (2,), "w4": (4, 1)}
    initializers = [weights(name, shape, 100 * k) for k, (name, shape) in enumerate(shapes.items())]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 2]),
            helper.make_tensor_value_info("gate", TensorProto.FLOAT, ["n", 1]),
        ],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="tenfold")


def image(number):
    """The test's picture of that number, [8, 8]."""
    position = np.arange(64) + 64 * number
    return ((position * 7919 % 997) / 997).astype(np.float32).reshape(8, 8)


path = Path(__file__).with_name("tiny.onnx")
tiny = model()
onnx.checker.check_model(tiny, full_check=True)
path.write_bytes(tiny.SerializeToString(deterministic=True))
session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
for number in (0, 1):
    logits, gate = session.run(None, {"image": image(number)[None, None]})
    print(number, [f"{x:.9g}" for x in logits[0]], f"{gate[0, 0]:.9g}")
