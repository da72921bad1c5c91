"""Reads data sets that Cairn wrote as trainers do: `python tools/trainers/check.py SET…`.

Every set is loaded by `datasets` from its folder (the card says which files are which split) and file by file; then
the trainer of its format takes two steps with a small random model on the CPU, or the format's own reader goes
through every row. What is not installed is said and left out.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from datasets import load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForTokenClassification, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
STEPS = 2
LONGEST = 512


def texts(value):
    """Every text in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def new_tokenizer(rows):
    """Byte-level BPE of 600 tokens, learnt from the rows, with a chat template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator((text for row in rows for text in texts(row)), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    fast.chat_template = TEMPLATE
    return fast


def config_of(tokenizer, **more):
    """A Qwen2 of two layers."""
    small = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2)
    ids = dict(pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None)
    return Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=2, **small, **ids, **more)


def arguments(folder):
    return dict(
        output_dir=folder, max_steps=STEPS, per_device_train_batch_size=2, per_device_eval_batch_size=2,
        report_to="none", use_cpu=True, logging_steps=1, save_strategy="no", bf16=False, max_length=LONGEST,
    )  # fmt: skip


def losses(trainer):
    """Two steps and an evaluation; the losses, which must be numbers."""
    trainer.train()
    found = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    evaluated = trainer.evaluate()["eval_loss"] if trainer.eval_dataset is not None else None
    assert len(found) == STEPS and all(loss == loss for loss in [*found, evaluated or 0.0]), (found, evaluated)
    shown = ", ".join(f"{loss:.3f}" for loss in found)
    return f"loss {shown}" + ("" if evaluated is None else f"; validation {evaluated:.3f}")


def sft(splits, tokenizer, folder):
    import trl

    trainer = trl.SFTTrainer(
        model=Qwen2ForCausalLM(config_of(tokenizer)), args=trl.SFTConfig(**arguments(folder)),
        train_dataset=splits["train"], eval_dataset=small(splits), processing_class=tokenizer,
    )  # fmt: skip
    row = trainer.train_dataset[0]
    mask = row.get("completion_mask") or row.get("assistant_masks")
    learnt = f", {sum(mask)} of {len(mask)} tokens of the first row are learnt" if mask else ""
    return f"trl {trl.__version__} SFTTrainer: {losses(trainer)}{learnt}"


def dpo(splits, tokenizer, folder):
    import trl

    trainer = trl.DPOTrainer(
        model=Qwen2ForCausalLM(config_of(tokenizer)), ref_model=Qwen2ForCausalLM(config_of(tokenizer)),
        args=trl.DPOConfig(**arguments(folder)), train_dataset=splits["train"], eval_dataset=small(splits),
        processing_class=tokenizer,
    )  # fmt: skip
    return f"trl {trl.__version__} DPOTrainer: {losses(trainer)}"


def prm(splits, tokenizer, folder):
    import trl

    if not hasattr(trl, "PRMTrainer"):
        return f"trl {trl.__version__} has no PRMTrainer: rows loaded only"
    model = AutoModelForTokenClassification.from_config(config_of(tokenizer, num_labels=2))
    trainer = trl.PRMTrainer(
        model=model, args=trl.PRMConfig(**arguments(folder)), train_dataset=splits["train"],
        eval_dataset=small(splits), processing_class=tokenizer,
    )  # fmt: skip
    labels = trainer.train_dataset[0]["labels"]
    return f"trl {trl.__version__} PRMTrainer: {losses(trainer)}, {sum(one >= 0 for one in labels)} labels in the first row"


def verl_messages(splits, tokenizer, folder):
    try:
        from omegaconf import OmegaConf
        from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset
    except ImportError as missing:
        return f"verl's MultiTurnSFTDataset not run: {missing}"
    files = {split: str(Path(folder) / f"{split}.parquet") for split in splits}
    for split, rows in splits.items():
        rows.to_parquet(files[split])
    config = OmegaConf.create({"max_length": 4096, "truncation": "error", "pad_mode": "no_padding"})
    rows = MultiTurnSFTDataset(files["train"], tokenizer, config)
    learnt = [int(rows[at]["loss_mask"].sum()) for at in range(len(rows))]
    assert min(learnt) > 0
    return f"verl MultiTurnSFTDataset: {len(rows)} rows, {min(learnt)} to {max(learnt)} tokens learnt"


def verl_pairs(keys):
    def read(splits, tokenizer, folder):
        try:
            from omegaconf import OmegaConf
            from verl.utils.dataset.sft_dataset import SFTDataset
        except ImportError as missing:
            return f"verl's SFTDataset not run: {missing}"
        file = str(Path(folder) / "train.parquet")
        splits["train"].to_parquet(file)
        config = OmegaConf.create({"max_length": 4096, "truncation": "error", **keys})
        rows = SFTDataset(file, tokenizer, config)
        learnt = [int(rows[at]["loss_mask"].sum()) for at in range(len(rows))]
        assert min(learnt) > 0
        return f"verl SFTDataset: {len(rows)} rows, {min(learnt)} to {max(learnt)} tokens learnt"

    return read


def llama_factory(path, tokenizer):
    """The names of `dataset_info.json`, read by LLaMA-Factory's own parser, loader, converter and processor."""
    try:
        from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
        from llamafactory.hparams import DataArguments, ModelArguments
        from transformers import Seq2SeqTrainingArguments
    except ImportError as missing:
        return f"LLaMA-Factory not run: {missing}"
    info = json.loads((path / "dataset_info.json").read_text())
    said = []
    for name, entry in info.items():
        with tempfile.TemporaryDirectory() as folder:
            stage = "rm" if entry.get("ranking") else "sft"
            data = DataArguments(dataset=[name], dataset_dir=str(path), template="qwen", cutoff_len=4096)
            template = get_template_and_fix_tokenizer(tokenizer, data)
            run = Seq2SeqTrainingArguments(output_dir=folder, do_train=True, use_cpu=True, report_to="none")
            model = ModelArguments(model_name_or_path="none", cache_dir=folder)
            read = get_dataset(template, model, data, run, stage=stage, tokenizer=tokenizer)
            rows = read["train_dataset"]
            learnt = [sum(one != -100 for one in row["chosen_labels" if stage == "rm" else "labels"]) for row in rows]
            assert min(learnt) > 0
            said.append(f"{name} ({stage}) {len(rows)} rows, {min(learnt)} to {max(learnt)} tokens learnt")
    return "LLaMA-Factory: " + "; ".join(said)


def sharegpt(splits, tokenizer, folder):
    """Roles and their order as FastChat's and LLaMA-Factory's readers ask for them."""
    for row in (row for rows in splits.values() for row in rows):
        said = [turn["from"] for turn in row["conversations"] if turn["from"] != "system"]
        assert said == ["human", "gpt"] * (len(said) // 2), said
    return "conversations alternate, human first"


def small(splits):
    return splits["validation"].select(range(min(8, len(splits["validation"])))) if "validation" in splits else None


VERL_PROMPT = dict(
    prompt_key="extra_info", response_key="extra_info", prompt_dict_keys=["question"], response_dict_keys=["answer"]
)
READERS = {
    "trl_messages": [sft, verl_messages],
    "trl_prompt_completion": [sft],
    "trl_preference": [dpo],
    "trl_stepwise": [prm],
    "openai": [sft],
    "plain": [sft],
    "verl_query": [verl_pairs(dict(prompt_key="query", response_key="completion"))],
    "verl_prompt": [verl_pairs(VERL_PROMPT)],
    "sharegpt": [sharegpt],
}
#: The same formats, for pairs.
PAIR_READERS = {"openai": [], "plain": [dpo], "llama_factory": []}


def rows_of(path):
    """The splits by the card, and the same rows file by file."""
    manifest = json.loads((path / "manifest.json").read_text())
    groups = sorted({one["group"] for one in manifest["files"]}, key=str)
    found = {}
    for group in groups:
        splits = load_dataset(str(path), name=group or "default")
        for one in (one for one in manifest["files"] if one["group"] == group):
            assert len(splits[one["split"]]) == one["rows"], one
            kind = "json" if one["path"].endswith(".jsonl") else "parquet"
            alone = load_dataset(kind, data_files=str(path / one["path"]), split="train")
            assert alone.to_list() == splits[one["split"]].to_list(), one["path"]
        found[group] = splits
    return manifest, found


def check(path):
    manifest, groups = rows_of(path)
    recipe = manifest["recipe"]
    shape = recipe["output"]["format"]
    counts = "; ".join(f"{len(rows)} {name}" for splits in groups.values() for name, rows in splits.items())
    said = [f"datasets: {counts}"]
    for splits in groups.values():
        tokenizer = new_tokenizer(splits["train"].select(range(min(200, len(splits["train"])))).to_list())
        pairs = recipe["rows"]["kind"].endswith("pairs")
        readers = PAIR_READERS.get(shape) if pairs and shape in PAIR_READERS else READERS.get(shape, [])
        for reader in readers:
            with tempfile.TemporaryDirectory() as folder:
                said.append(reader(splits, tokenizer, folder))
        if shape == "llama_factory":
            said.append(llama_factory(path, tokenizer))
    return said


if __name__ == "__main__":
    torch.manual_seed(1)
    failed = 0
    for path in map(Path, sys.argv[1:]):
        try:
            print(f"ok    {path.name}: " + " · ".join(check(path)), flush=True)
        except Exception as error:  # noqa: BLE001 — whatever a trainer raises is the finding
            failed += 1
            print(f"WRONG {path.name}: {type(error).__name__}: {str(error)[:800]}", flush=True)
    sys.exit(1 if failed else 0)
