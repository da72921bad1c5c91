"""Writes the ensemble as one ONNX graph; its inputs are those of src/shared/domain/features/pack.ts."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 17
CHUNK = 32
VOTES = 12  # 4 behaviours × {own step, step before, step after}


class Graph:
    """Collects nodes and constants."""

    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, array):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def floats(self, array):
        return self.constant(np.asarray(array, np.float32))

    def add(self, kind, *inputs, **attributes):
        self.count += 1
        name = f"n{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolve(self, x, weight, bias, group=1):
        """x: [1, in, positions]; weight: [out, in / group, taps]; as many positions come out."""
        pad = weight.shape[2] // 2
        return self.add("Conv", x, self.floats(weight), self.floats(bias), group=group, pads=[pad, pad])


def export(linear, networks, idf, share, slope, offset):
    """Bytes of the model: probabilities = sigmoid(slope · (share · linear + (1 − share) · mean network) + offset).

    `idf` are the factors by which the networks' training scaled the extractor's values.
    """
    members = len(networks)
    rest = (1 - share) / members
    scale = np.concatenate([[0], idf])[:, None]
    tables = np.concatenate([net["table"] * scale for net in networks], 1)
    tables[0] = 0
    width = tables.shape[1]
    votes = sum(net["wide"] for net in networks) * scale * rest
    votes[1:] += share * np.concatenate(list(linear.sparse.transpose(1, 2, 0)), 1)
    votes *= np.tile(slope, 3)
    votes[0] = 0

    g = Graph()
    mask = g.add("Slice", "dense", *(g.constant(np.array([at], np.int64)) for at in (0, 1, 1)))
    step = np.abs(tables).max(0) / 127
    packed = np.rint(tables / step).astype(np.int8)
    stored = [g.constant(packed), g.constant(votes.astype(np.float16))]
    table = g.add("Concat", *(g.add("Cast", name, to=TensorProto.FLOAT) for name in stored), axis=1)
    one = g.constant(np.array([1], np.int64))
    chunks = g.add("Squeeze", g.add("MatMul", "values", g.add("Gather", table, "indices")), one)
    bag = g.add("ReduceSum", g.add("Gather", chunks, "rows"), one, keepdims=0)
    split = g.constant(np.array([width, VOTES], np.int64))
    g.nodes.append(helper.make_node("Split", [bag, split], ["vectors", "votes"], axis=1))

    dense = np.concatenate([net["dense"] for net in networks], 1)
    vectors = g.add("Mul", "vectors", g.floats(step))
    x = g.add("Mul", g.add("Relu", g.add("Add", vectors, g.add("MatMul", "dense", g.floats(dense)))), mask)
    near = across(g, turn(g, x), networks, "near", members)
    near = g.add("Mul", g.add("Relu", near), turn(g, mask))
    far = g.add("Mul", g.add("Relu", across(g, near, networks, "far", members)), turn(g, mask))
    deep = turn_back(g, g.add("Add", near, far))

    own = networks[0]["table"].shape[1]
    out = [net["out"][:, :4] * rest * slope for net in networks]
    z = g.add("MatMul", x, g.floats(np.concatenate([o[:own] for o in out])))
    z = g.add("Add", z, g.add("MatMul", deep, g.floats(np.concatenate([o[own:] for o in out]))))
    bias = (share * linear.bias + sum(net["out_bias"][:4] for net in networks) * rest) * slope + offset
    near_votes = g.add("Concat", "votes", "dense", axis=1)
    z = g.add("Add", z, turn_back(g, g.convolve(turn(g, near_votes), vote_weights(linear, share, slope), bias)))
    return finish(g, g.add("Sigmoid", z), dense.shape[0])


def vote_weights(linear, share, slope):
    """Adds each step's votes to the step they are for; the linear model's dense weights likewise."""
    features = linear.dense.shape[2]
    weight = np.zeros((4, VOTES + features, 3))
    # Tap 0 looks at the step before, tap 2 at the step after; roles are own, before, after.
    for role, tap in enumerate((1, 0, 2)):
        for behaviour in range(4):
            weight[behaviour, role * 4 + behaviour, tap] = 1
            weight[behaviour, VOTES:, tap] = linear.dense[behaviour, role] * share * slope[behaviour]
    return weight


def across(g, x, networks, name, members):
    """The same convolution of every member at once, each on its own channels."""
    weight = np.concatenate([net[name].transpose(2, 1, 0) for net in networks])
    return g.convolve(x, weight, np.concatenate([net[f"{name}_bias"] for net in networks]), members)


def turn(g, x):
    """[positions, channels] to [1, channels, positions]."""
    return g.add("Unsqueeze", g.add("Transpose", x, perm=[1, 0]), g.constant(np.array([0], np.int64)))


def turn_back(g, x):
    return g.add("Transpose", g.add("Squeeze", x, g.constant(np.array([0], np.int64))), perm=[1, 0])


def finish(g, output, dense_width):
    g.nodes.append(helper.make_node("Identity", [output], ["probabilities"]))
    f, i = TensorProto.FLOAT, TensorProto.INT32
    inputs = [
        helper.make_tensor_value_info("indices", i, ["chunks", CHUNK]),
        helper.make_tensor_value_info("values", f, ["chunks", 1, CHUNK]),
        helper.make_tensor_value_info("rows", i, ["positions", "row_width"]),
        helper.make_tensor_value_info("dense", f, ["positions", dense_width]),
    ]
    outputs = [helper.make_tensor_value_info("probabilities", f, ["positions", 4])]
    made = helper.make_graph(g.nodes, "cairn-fast", inputs, outputs, g.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    model.producer_name = "cairn"
    checker.check_model(model)
    return model.SerializeToString(deterministic=True)
