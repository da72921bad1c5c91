"""
Writes a trained network as the app's files: export.py CHECKPOINT.pt CALIBRATION.json OUT_FOLDER --encoder MINILM

model.onnx (encoder, int8, for CPU), model-fp16.onnx (the same for CUDA), head.onnx, tokenizer.json and
tokenizer_config.json. CALIBRATION.json: {slope: [4], fast: [4], offset: [4]}, see head_graph.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from graphs import encoder_graph, head_graph


def export(checkpoint, calibration, out, encoder):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    given = torch.load(checkpoint, map_location="cpu")
    layers = given["layers"]
    save = lambda model, name: (out / name).write_bytes(model.SerializeToString(deterministic=True))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "encoder.onnx"
        onnx.save(encoder_graph(given["encoder"], layers), whole)
        # 8-bit weights with a scale for each column; activations are scaled on the way, by run.
        quantize_dynamic(
            whole,
            out / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    save(encoder_graph(given["encoder"], layers, np.float16), "model-fp16.onnx")
    save(head_graph(given["sequence"], calibration), "head.onnx")
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copyfile(Path(encoder) / name, out / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("calibration")
    parser.add_argument("out")
    parser.add_argument("--encoder", required=True)
    args = parser.parse_args()
    export(args.checkpoint, json.loads(Path(args.calibration).read_text()), args.out, args.encoder)


if __name__ == "__main__":
    main()
