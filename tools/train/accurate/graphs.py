"""The network as ONNX graphs, written node by node so that the runtime's fused operators are used."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from model import LOGIT

OPSET = 17
HEADS = 12
FUSED = "com.microsoft"


class Graph:
    """Collects nodes and constants; weights are stored in `kind`."""

    def __init__(self, kind=np.float32):
        self.nodes, self.constants, self.kind = [], [], kind

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name, tensor):
        return self.constant(name, np.asarray(tensor, self.kind))

    def add(self, kind, inputs, name, domain="", outputs=None, **attributes):
        made = outputs or [name]
        self.nodes.append(helper.make_node(kind, inputs, made, name=name, domain=domain, **attributes))
        return made[0]

    def model(self, name, inputs, outputs):
        value = lambda own: helper.make_tensor_value_info(*own)
        graph = helper.make_graph(self.nodes, name, list(map(value, inputs)), list(map(value, outputs)), self.constants)
        sets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=8)
        model.producer_name = "cairn"
        checker.check_model(model)
        return model


def encoder_graph(state, layers, kind=np.float32):
    """
    Windows of word pieces to vectors of their own steps.
    Inputs: ids int64 [n, t], mask int32 [n, t], pool float32 [n, s, t]; output: vectors float32 [n, s, 384]. In 32 bits,
    from which the 8 bits are made, it is for a CPU and takes one window a run: the mask is not looked at.
    """
    g = Graph(kind)
    get = lambda name: state[name].numpy()
    turned = lambda name: get(f"{name}.weight").T
    x = g.add("Gather", [g.weight("words", get("words.weight")), "ids"], "word")
    # The kind of text is always the first one: its vector goes with the place.
    places = g.weight("places", get("places.weight") + get("kinds"))
    g.add("Slice", [g.add("Shape", ["ids"], "shape"), g.constant("c1", np.array([1])), g.constant("c2", np.array([2]))], "length")
    x = g.add("Add", [x, g.add("Slice", [places, g.constant("c0", np.array([0])), "length"], "place")], "sum")
    norm = lambda name: [g.weight(f"{name}.weight", get(f"{name}.weight")), g.weight(f"{name}.bias", get(f"{name}.bias"))]
    on_cpu = kind == np.float32
    # A CPU gets one window a run, so that nothing is padding; without a mask its attention is faster.
    masked = [] if on_cpu else ["mask"]

    def add_and_norm(y, bias, x, name):
        if not on_cpu:
            return g.add("SkipLayerNormalization", [y, x, *norm(name), bias], f"{name}.out", FUSED, epsilon=1e-12)
        # On a CPU the fused operator takes three times as long as its parts. The runtime would fuse an Add.
        y = g.add("Sum", [g.add("Add", [y, bias], f"{name}.biased"), x], f"{name}.sum")
        return g.add("LayerNormalization", [y, *norm(name)], f"{name}.out", axis=-1, epsilon=1e-12)

    x = g.add("LayerNormalization", [x, *norm("norm")], "start", axis=-1, epsilon=1e-12)
    for at in range(layers):
        p = f"layers.{at}"
        linear = lambda name, x: g.add("MatMul", [x, g.weight(f"{p}.{name}.weight", turned(f"{p}.{name}"))], f"{p}.{name}")
        bias = lambda *names: g.weight(f"{p}.{names[0]}.bias", np.concatenate([get(f"{p}.{n}.bias") for n in names]))
        parts = [linear(name, x) for name in ("query", "key", "value")]
        parts += [bias("query", "key", "value"), *masked]
        mixed = g.add("MultiHeadAttention", parts, f"{p}.attention", FUSED, num_heads=HEADS)
        x = add_and_norm(linear("mix", mixed), bias("mix"), x, f"{p}.norm1")
        wide = g.add("BiasGelu", [linear("up", x), bias("up")], f"{p}.gelu", FUSED)
        x = add_and_norm(linear("down", wide), bias("down"), x, f"{p}.norm2")
    pool = "pool"
    if kind == np.float16:
        pool = g.add("Cast", ["pool"], "pool16", to=TensorProto.FLOAT16)
    x = g.add("MatMul", [pool, x], "pooled")
    g.add("Cast", [x], "out", outputs=["vectors"], to=TensorProto.FLOAT)
    inputs = [
        ("ids", TensorProto.INT64, ["n", "t"]),
        ("mask", TensorProto.INT32, ["n", "t"]),
        ("pool", TensorProto.FLOAT, ["n", "s", "t"]),
    ]
    return g.model("cairn-accurate-encoder", inputs, [("vectors", TensorProto.FLOAT, ["n", "s", 384])])


def head_graph(state, calibration):
    """
    Step vectors and dense features of traces to calibrated probabilities: sigmoid(slope × the network's logits + fast ×
    cairn-fast's + offset), each of `calibration` a number for each behaviour.
    Inputs: vectors float32 [b, s, 384], dense float32 [b, s, d], lengths int32 [b]; outputs: probabilities,
    the network's logits float32 [b, s, 4], features float32 [b, s, f] that the last layer reads.
    """
    g = Graph()
    get = lambda name: state[name].numpy()
    d = len(get("mean"))
    x = g.add("Mul", [g.add("Sub", ["dense", g.weight("mean", get("mean"))], "centred"), g.weight("scale", get("scale"))], "scaled")
    x = g.add("Concat", ["vectors", x], "both", axis=2)
    x = g.add("MatMul", [x, g.weight("into.weight", get("into.weight").T)], "into")
    x = g.add("BiasGelu", [x, g.weight("into.bias", get("into.bias"))], "gelu", FUSED)
    width = get("recurrent.weight_hh_l0").shape[1]
    # PyTorch orders the gates reset, update, new; ONNX update, reset, new.
    gates = lambda a: np.concatenate([a[width : 2 * width], a[:width], a[2 * width :]])
    both = lambda name: np.stack([gates(get(f"recurrent.{name}_l0{end}")) for end in ("", "_reverse")])
    recurrent = [
        g.add("Transpose", [x], "by_step", perm=[1, 0, 2]),
        g.weight("recurrent.input", both("weight_ih")),
        g.weight("recurrent.hidden", both("weight_hh")),
        g.weight("recurrent.bias", np.concatenate([both("bias_ih"), both("bias_hh")], 1)),
        "lengths",
    ]
    y = g.add("GRU", recurrent, "recurrent", hidden_size=width, direction="bidirectional", linear_before_reset=1)
    y = g.add("Transpose", [y], "by_trace", perm=[2, 0, 1, 3])
    y = g.add("Reshape", [y, g.constant("flat", np.array([0, 0, 2 * width]))], "joined")
    x = g.add("Concat", [x, y], "joint", outputs=["features"], axis=2)
    z = g.add("MatMul", [x, g.weight("out.weight", get("out.weight").T)], "out")
    z = g.add("Add", [z, g.weight("out.bias", get("out.bias"))], "biased", outputs=["logits"])
    ends = [g.constant("from", np.array([d - 4])), g.constant("to", np.array([d])), g.constant("axis", np.array([2]))]
    own = g.add("Mul", [z, g.weight("slope", calibration["slope"])], "sloped")
    # The last dense features are cairn-fast's logits divided by LOGIT.
    trust = g.weight("trust", LOGIT * np.array(calibration["fast"]))
    fast = g.add("Mul", [g.add("Slice", ["dense", *ends], "fast"), trust], "trusted")
    z = g.add("Add", [g.add("Add", [own, fast], "both_say"), g.weight("offset", calibration["offset"])], "calibrated")
    g.add("Sigmoid", [z], "sigmoid", outputs=["probabilities"])
    f = TensorProto.FLOAT
    inputs = [("vectors", f, ["b", "s", 384]), ("dense", f, ["b", "s", d]), ("lengths", TensorProto.INT32, ["b"])]
    outputs = [
        ("probabilities", f, ["b", "s", 4]),
        ("logits", f, ["b", "s", 4]),
        ("features", f, ["b", "s", 4 * width]),
    ]
    return g.model("cairn-accurate-head", inputs, outputs)


def heads_graph(weights, biases, trust, slopes, offsets):
    """
    Step features to the calibrated logits of every head of an ensemble; weights are kept in 16 bits.
    Inputs: features float32 [s, f] (as `head_graph` gives), fast float32 [s, 4] (the last four dense features);
    output: logits float32 [s, heads, 4]. `weights`: heads × 4 × f; `biases`, `slopes`, `offsets`: heads × 4.
    """
    g = Graph()
    heads, behaviours, width = weights.shape
    # Calibration is part of the layer: slope · (W x + b + trust · fast) + offset.
    layer = (weights * slopes[..., None]).reshape(-1, width).T
    g.constant("layer16", np.asarray(layer, np.float16))
    x = g.add("MatMul", ["features", g.add("Cast", ["layer16"], "layer", to=TensorProto.FLOAT)], "linear")
    x = g.add("Add", [x, g.weight("bias", (biases * slopes + offsets).reshape(-1))], "biased")
    x = g.add("Reshape", [x, g.constant("shape", np.array([-1, heads, behaviours]))], "by_head")
    fast = g.add("Unsqueeze", ["fast", g.constant("one", np.array([1]))], "fast_row")
    g.add("Add", [x, g.add("Mul", [fast, g.weight("trust", trust * slopes)], "trusted")], "sum", outputs=["logits"])
    f = TensorProto.FLOAT
    inputs = [("features", f, ["s", width]), ("fast", f, ["s", behaviours])]
    return g.model("cairn-accurate-heads", inputs, [("logits", f, ["s", heads, behaviours])])
