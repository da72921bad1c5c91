"""
A tiny text classifier in the form of a Hugging Face export, for the app's tests: tiny_classifier.py OUT_FOLDER

Its words are known, its weights are drawn from a seed; golden.json holds what the reference tokenizer and runtime
make of some texts: {texts: [[text, ids, logits]…]}.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = "[PAD] [UNK] [CLS] [SEP] let me check that wait try again first then so the answer is . , ? = + 1 2 3 4".split()
LABELS = ["other", "checks", "goes back"]
WIDTH = 8
TEXTS = ["Let me check that.", "Wait, try again!", "1 + 2 = 3", "", "so the answer is 4 " * 6]


def tokenizer():
    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return made


def graph(rng):
    node, constant = helper.make_node, lambda name, array: numpy_helper.from_array(array, name)
    nodes = [
        node("Gather", ["words", "input_ids"], ["x"]),
        node("Cast", ["attention_mask"], ["m"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["m", "last"], ["m3"]),
        node("Mul", ["x", "m3"], ["kept"]),
        node("ReduceSum", ["kept", "one"], ["sum"], keepdims=0),
        node("ReduceSum", ["m", "one"], ["count"]),
        node("Div", ["sum", "count"], ["mean"]),
        node("MatMul", ["mean", "weight"], ["logits"]),
    ]
    constants = [
        constant("words", rng.normal(size=(len(WORDS), WIDTH)).astype(np.float32)),
        constant("weight", rng.normal(size=(WIDTH, len(LABELS))).astype(np.float32)),
        constant("last", np.array([2])),
        constant("one", np.array([1])),
    ]
    ids = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(LABELS)])
    made = helper.make_graph(nodes, "tiny", [ids("input_ids"), ids("attention_mask")], [out], constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    onnx.save(graph(np.random.default_rng(1)), out / "model.onnx")
    tokens = tokenizer()
    tokens.save(str(out / "tokenizer.json"))
    config = {
        "model_type": "tiny",
        "architectures": ["TinyForSequenceClassification"],
        "id2label": {str(at): label for at, label in enumerate(LABELS)},
        "max_position_embeddings": 16,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    session = ort.InferenceSession(str(out / "model.onnx"))
    golden = []
    for text in TEXTS:
        ids = tokens.encode(text).ids
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
        golden.append([text, ids, session.run(None, feed)[0][0].tolist()])
    (out / "golden.json").write_text(json.dumps({"texts": golden}) + "\n")


if __name__ == "__main__":
    main()
