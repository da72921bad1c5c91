"""Runs the exported files as the app does: one window a run, one trace a run of the head."""

from pathlib import Path

import numpy as np
import onnxruntime as ort

from windows import pack, windows_of


class Exported:
    def __init__(self, folder, encoder="model.onnx", threads=1):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        open_ = lambda name: ort.InferenceSession(str(Path(folder) / name), options, providers=["CPUExecutionProvider"])
        self.encoder, self.head = open_(encoder), open_("head.onnx")

    def vectors(self, steps):
        parts = []
        for window in windows_of(steps):
            ids, mask, pool = pack([window])
            parts.append(self.encoder.run(None, {"ids": ids, "mask": mask, "pool": pool})[0][0])
        return np.concatenate(parts)

    def predict(self, steps, dense):
        """Probabilities, logits and features of the steps of one trace."""
        lengths = np.array([len(steps)], np.int32)
        feed = {"vectors": self.vectors(steps)[None], "dense": dense[None], "lengths": lengths}
        return [own[0] for own in self.head.run(None, feed)]
