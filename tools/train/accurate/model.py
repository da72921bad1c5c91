"""The network: a pretrained encoder over windows, a recurrent layer over the steps of the trace."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

HIDDEN, LAYERS, HEADS, INNER = 384, 6, 12, 1536


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

    def forward(self, x, bias):
        n, t, _ = x.shape
        heads = lambda y: y.view(n, t, HEADS, HIDDEN // HEADS).transpose(1, 2)
        scores = heads(self.query(x)) @ heads(self.key(x)).transpose(-1, -2) / (HIDDEN // HEADS) ** 0.5
        weights = self.dropout(torch.softmax(scores + bias, -1))
        mixed = (weights @ heads(self.value(x))).transpose(1, 2).reshape(n, t, HIDDEN)
        x = self.norm1(x + self.dropout(self.mix(mixed)))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Encoder(nn.Module):
    """BERT's encoder; from word pieces of windows to one vector for each of their own steps."""

    def __init__(self, dropout=0.1):
        super().__init__()
        self.words = nn.Embedding(30522, HIDDEN)
        self.places = nn.Embedding(512, HIDDEN)
        self.kinds = nn.Parameter(torch.zeros(HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))

    def forward(self, ids, mask, pool):
        x = self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds
        x = self.dropout(self.norm(x))
        bias = (mask[:, None, None, :] - 1) * 10000.0
        for layer in self.layers:
            x = layer(x, bias)
        return pool.to(x.dtype) @ x

    def load_pretrained(self, path):
        given = load_file(path)
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

    def features(self, vectors, dense):
        x = torch.cat([vectors, (dense - self.mean) * self.scale], -1)
        x = self.dropout(F.gelu(self.into(self.dropout(x))))
        y, _ = self.recurrent(x[None])
        return self.dropout(torch.cat([x, y[0]], -1))

    def forward(self, vectors, dense):
        return self.out(self.features(vectors, dense))
