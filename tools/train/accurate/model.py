"""The network: a pretrained encoder over windows, a recurrent layer over the steps of the trace."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

HIDDEN, HEADS, INNER, WORDS, PLACES = 384, 12, 1536, 30522, 512
# Probabilities of cairn-fast, the last four dense features, are logits within ±LOGIT, divided by it.
LOGIT = 8


class Layer(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.mix = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        n, t, _ = x.shape
        heads = lambda y: y.view(n, t, HEADS, HIDDEN // HEADS).transpose(1, 2)
        # Written out: on a CPU the library's own takes twice as long to go back through.
        scores = heads(self.query(x)) @ heads(self.key(x)).transpose(2, 3) / (HIDDEN // HEADS) ** 0.5
        mixed = (scores + mask).softmax(-1).to(x.dtype) @ heads(self.value(x))
        x = self.norm1(x + self.dropout(self.mix(mixed.transpose(1, 2).reshape(n, t, HIDDEN))))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """The lowest `layers` of BERT's encoder; from word pieces of windows to a vector for each own step."""

    def __init__(self, layers, dropout=0.1):
        super().__init__()
        self.words = nn.Embedding(WORDS, HIDDEN)
        self.places = nn.Embedding(PLACES, HIDDEN)
        self.kinds = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))

    def forward(self, ids, mask, pool):
        x = self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds
        x = self.dropout(self.norm(x))
        unseen = torch.where(mask > 0, 0.0, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, unseen)
        return pool.to(x.dtype) @ x

    def load_pretrained(self, path):
        given = load_file(str(path))
        get = lambda name: given[name if name in given else f"bert.{name}"]
        put = lambda linear, name: (
            linear.weight.data.copy_(get(f"{name}.weight")),
            linear.bias.data.copy_(get(f"{name}.bias")),
        )
        self.words.weight.data.copy_(get("embeddings.word_embeddings.weight"))
        self.places.weight.data.copy_(get("embeddings.position_embeddings.weight"))
        self.kinds.data.copy_(get("embeddings.token_type_embeddings.weight")[0])
        put(self.norm, "embeddings.LayerNorm")
        for index, layer in enumerate(self.layers):
            at = f"encoder.layer.{index}"
            put(layer.query, f"{at}.attention.self.query")
            put(layer.key, f"{at}.attention.self.key")
            put(layer.value, f"{at}.attention.self.value")
            put(layer.mix, f"{at}.attention.output.dense")
            put(layer.norm1, f"{at}.attention.output.LayerNorm")
            put(layer.up, f"{at}.intermediate.dense")
            put(layer.down, f"{at}.output.dense")
            put(layer.norm2, f"{at}.output.LayerNorm")


class Sequence(nn.Module):
    """From the vectors and dense features of a trace's steps to logits of the four behaviours."""

    def __init__(self, dense, width=128, dropout=0.3, weak=6):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dense))
        self.register_buffer("scale", torch.ones(dense))
        self.into = nn.Linear(HIDDEN + dense, 2 * width)
        self.recurrent = nn.GRU(2 * width, width, bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(4 * width, 4)
        self.weak = nn.Linear(4 * width, weak)
        # What the language model that labelled further traces sees differently from the annotator; training only.
        self.told = nn.Linear(4 * width, 4)
        nn.init.zeros_(self.told.weight)
        nn.init.zeros_(self.told.bias)

    def features(self, vectors, dense):
        """What the linear output layers read, for each step of one trace."""
        x = torch.cat([vectors, (dense - self.mean) * self.scale], -1)
        x = self.dropout(F.gelu(self.into(self.dropout(x))))
        y, _ = self.recurrent(x[None])
        return self.dropout(torch.cat([x, y[0]], -1))

    def forward(self, vectors, dense):
        return self.out(self.features(vectors, dense))


def load(path):
    """A trained network: encoder and sequence."""
    given = torch.load(path, map_location="cpu")
    sequence = Sequence(given["sequence"]["mean"].shape[0])
    sequence.load_state_dict(given["sequence"])
    encoder = Encoder(given["layers"])
    encoder.load_state_dict(given["encoder"])
    return nn.ModuleList([encoder, sequence])
