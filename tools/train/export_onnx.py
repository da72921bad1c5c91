"""Writes the classifier as ONNX; the inputs are those of src/shared/domain/features/pack.ts."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 17
WIDTH = 32


class Graph:
    """Collects nodes and constants."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, array):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind, *inputs, **attributes):
        self.count += 1
        name = f"n{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolve(self, x, weight, bias):
        """x: [1, in, positions]; weight: [out, in, taps]; the output has as many positions."""
        taps = weight.shape[2]
        return self.add(
            "Conv",
            x,
            self.constant(weight.astype(np.float32)),
            self.constant(bias.astype(np.float32)),
            kernel_shape=[taps],
            pads=[taps // 2, taps // 2],
        )


def bag(graph, table):
    """Weighted sum of the table's rows for each position: [positions, columns]."""
    stored = graph.constant(table.astype(np.float16))
    rows = graph.add("Gather", graph.add("Cast", stored, to=TensorProto.FLOAT), "indices")
    one = graph.constant(np.array([1], np.int64))
    chunks = graph.add("Squeeze", graph.add("MatMul", "values", rows), one)
    return graph.add("ReduceSum", graph.add("Gather", chunks, "rows"), one, keepdims=0)


def finish(graph, output, dense_width, description):
    graph.nodes.append(helper.make_node("Identity", [output], ["probabilities"]))
    f, i = TensorProto.FLOAT, TensorProto.INT32
    inputs = [
        helper.make_tensor_value_info("indices", i, ["chunks", WIDTH]),
        helper.make_tensor_value_info("values", f, ["chunks", 1, WIDTH]),
        helper.make_tensor_value_info("rows", i, ["positions", "row_width"]),
        helper.make_tensor_value_info("dense", f, ["positions", dense_width]),
    ]
    outputs = [helper.make_tensor_value_info("probabilities", f, ["positions", 4])]
    made = helper.make_graph(graph.nodes, "cairn-fast", inputs, outputs, graph.constants, doc_string=description)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    model.producer_name = "cairn"
    checker.check_model(model)
    return model.SerializeToString(deterministic=True)
