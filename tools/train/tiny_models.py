"""
Tiny models in the form of Hugging Face exports, for the app's tests: tiny_models.py OUT_FOLDER

tiny-encoder: a transformer over word pieces that makes vectors (feature-extraction), with weights drawn from a seed.
tiny-lm: a causal language model over byte pairs, trained for a minute on the Countdown samples that come with Cairn.
Beside each lies golden.json with what PyTorch and the reference tokenizer make of some texts:
{texts: [[text, ids, vector]…]} and {texts: [[prompt, response, ids, ends, surprisal, entropy]…]}, ends in UTF-16,
surprisal and entropy in bits, windows cut as docs/models.md says. Runs on the CPU; the same seed gives the same files.
"""

import gzip
import json
import math
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources/samples/countdown-runs/grpo/eval_samples.jsonl.gz"
ENCODER = {"width": 24, "heads": 2, "layers": 2, "positions": 24, "pieces": 300}
LM = {"width": 48, "heads": 4, "layers": 2, "positions": 64, "pieces": 400}
STEPS = 250
ENCODED = ["Let me check that.", "Wait, try again!", "1 + 2 = 3", "Δ ≠ naïve 🙂", "so the answer is 4 " * 12]
SCORED = [
    ("Use 3, 4 and 5 to make 17.", "Let me try: 3 * 4 + 5 = 17. That works!"),
    ("", "Wait, let me check that again."),
    ("", "naïve 🙂 Δ≠δ"),
    ("Use 1 and 2.", "To solve the problem, we need to use the numbers. " * 8),
    ("Use the numbers [1, 2, 3] exactly once. " * 8, "60 - 51 = 9, too small. Try another."),
]


def samples():
    with gzip.open(SAMPLES, "rt", encoding="utf8") as lines:
        return [json.loads(line)["raw_generation"] for line in lines]


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.take, self.give = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, mask):
        batch, length, width = x.shape
        split = lambda part: part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = (split(part) for part in self.take(x).chunk(3, dim=-1))
        weights = (q @ k.transpose(-2, -1)) / math.sqrt(width // self.heads) + mask
        return self.give((weights.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width))


class Body(nn.Module):
    def __init__(self, pieces, width, heads, layers, positions):
        super().__init__()
        self.words, self.places = nn.Embedding(pieces, width), nn.Embedding(positions, width)
        self.attention = nn.ModuleList(Attention(width, heads) for _ in range(layers))
        self.feed = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)) for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * layers + 1))

    def forward(self, ids, places, mask):
        x = self.words(ids) + self.places(places)
        for at, (attention, feed) in enumerate(zip(self.attention, self.feed)):
            x = x + attention(self.norms[2 * at](x), mask)
            x = x + feed(self.norms[2 * at + 1](x))
        return self.norms[-1](x)


class Encoder(nn.Module):
    def __init__(self, pieces):
        super().__init__()
        self.body = Body(pieces, ENCODER["width"], ENCODER["heads"], ENCODER["layers"], ENCODER["positions"])
        self.types = nn.Embedding(2, ENCODER["width"])

    def forward(self, input_ids, attention_mask, token_type_ids):
        mask = (1 - attention_mask[:, None, None, :].float()) * -1e9
        places = torch.arange(input_ids.shape[1])[None, :]
        return self.body(input_ids, places, mask) + self.types(token_type_ids)


class LanguageModel(nn.Module):
    def __init__(self, pieces):
        super().__init__()
        self.body = Body(pieces, LM["width"], LM["heads"], LM["layers"], LM["positions"])
        self.head = nn.Linear(LM["width"], pieces)

    def forward(self, input_ids, attention_mask, position_ids):
        length = input_ids.shape[1]
        at = torch.arange(length)
        later = (at[None, :] > at[:, None]).float()[None, None]
        unseen = 1 - attention_mask[:, None, None, :].float()
        return self.head(self.body(input_ids, position_ids, torch.clamp(later + unseen, max=1) * -1e9))


def word_pieces(texts):
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    trainer = trainers.WordPieceTrainer(vocab_size=ENCODER["pieces"], special_tokens=special, show_progress=False)
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.decoder = decoders.WordPiece()
    return made


def byte_pairs(texts):
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=LM["pieces"],
        special_tokens=["<|begin|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    return made


def train(model, tokenizer, texts):
    stream = torch.tensor([id for text in texts for id in [0, *tokenizer.encode(text).ids]])
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    length = LM["positions"]
    places, mask = torch.arange(length)[None, :], torch.ones(1, length, dtype=torch.long)
    for _ in range(STEPS):
        starts = torch.randint(len(stream) - length - 1, (16,))
        rows = torch.stack([stream[start : start + length + 1] for start in starts])
        logits = model(rows[:, :-1], mask.expand(16, -1), places.expand(16, -1))
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), rows[:, 1:].reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print(f"tiny-lm: {loss.item() / math.log(2):.2f} bits a token", file=sys.stderr)


def export(model, names, output, folder, config, tokenizer):
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    example = tuple(torch.ones(2, 7, dtype=torch.long) for _ in names)
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        model,
        example,
        folder / "model.onnx",
        input_names=names,
        output_names=[output],
        dynamic_shapes=tuple(free for _ in names),
        opset_version=18,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


@torch.no_grad()
def vectors(model, tokenizer):
    """Mean over the tokens of each window, of length one; of several windows their sum, again of length one."""
    before, after, room = [2], [3], ENCODER["positions"] - 2
    found = []
    for text in ENCODED:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        total = torch.zeros(ENCODER["width"])
        at = 0
        while True:
            row = torch.tensor([before + ids[at : at + room] + after])
            hidden = model(row, torch.ones_like(row), torch.zeros_like(row))[0].mean(0)
            total += hidden / hidden.norm()
            if at + room >= len(ids):
                break
            at += math.ceil(room * 3 / 4)
        found.append([text, tokenizer.encode(text).ids, (total / total.norm()).tolist()])
    return found


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


@torch.no_grad()
def scores(model, tokenizer):
    found = []
    longest = LM["positions"]
    half = longest // 2
    for prompt, response in SCORED:
        made = tokenizer.encode(response)
        before = [0, *tokenizer.encode(prompt).ids]
        ids = before + made.ids
        surprisal, entropy = [], []
        at = len(before)
        while at < len(ids):
            end = min(len(ids), longest if not surprisal and at < half else at + longest - half)
            first = max(0, end - longest)
            row = torch.tensor([ids[first:end]])
            logits = model(row, torch.ones_like(row), torch.arange(row.shape[1])[None, :])[0]
            log_p = logits.double().log_softmax(-1) / math.log(2)
            for place in range(at, end):
                told = log_p[place - 1 - first]
                surprisal.append(-told[ids[place]].item())
                entropy.append(-(told.exp2() * told).sum().item())
            at = end
        # A token that ends within a character ends where the character begins.
        text, ends, size = response.encode(), [], 0
        for id in made.ids:
            size += len(tokenizer.id_to_token(id))
            ends.append(utf16(text[:size].decode("utf8", errors="ignore")))
        found.append([prompt, response, made.ids, ends, surprisal, entropy])
    return found


def main():
    out = Path(sys.argv[1])
    torch.manual_seed(1)
    torch.set_num_threads(1)
    texts = samples()[:200]
    pieces = word_pieces(texts)
    encoder = Encoder(pieces.get_vocab_size())
    export(
        encoder,
        ["input_ids", "attention_mask", "token_type_ids"],
        "last_hidden_state",
        out / "tiny-encoder",
        {
            "model_type": "tiny",
            "architectures": ["TinyModel"],
            "hidden_size": ENCODER["width"],
            "max_position_embeddings": ENCODER["positions"],
            "pad_token_id": 0,
        },
        pieces,
    )
    (out / "tiny-encoder/golden.json").write_text(json.dumps({"texts": vectors(encoder, pieces)}) + "\n")

    pairs = byte_pairs(texts)
    lm = LanguageModel(pairs.get_vocab_size())
    train(lm, pairs, texts)
    export(
        lm,
        ["input_ids", "attention_mask", "position_ids"],
        "logits",
        out / "tiny-lm",
        {
            "model_type": "tiny",
            "architectures": ["TinyForCausalLM"],
            "vocab_size": pairs.get_vocab_size(),
            "max_position_embeddings": LM["positions"],
            "bos_token_id": 0,
        },
        pairs,
    )
    (out / "tiny-lm/golden.json").write_text(json.dumps({"texts": scores(lm, pairs)}) + "\n")


if __name__ == "__main__":
    main()
