"""Writes the model card from the figures of the training run."""

from dataset import BEHAVIOURS

NAMES = {behaviour: behaviour.replace("_", " ") for behaviour in BEHAVIOURS}


def number(value):
    return f"{value:.3f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def figures(measured):
    return [measured["support"], *(number(measured[name]) for name in ("precision", "recall", "f1", "ap", "ece"))]


def overall(part, thresholds):
    rows = []
    for behaviour in BEHAVIOURS:
        low, high = part["intervals"][behaviour]
        own = figures(part["behaviours"][behaviour])
        rows.append([NAMES[behaviour], number(thresholds[behaviour]), *own[:4], f"{low:.3f}–{high:.3f}", *own[4:]])
    head = ["behaviour", "threshold", "support", "precision", "recall", "F1", "95 % interval of F1", "average precision", "ECE"]
    return table(head, rows)


def by_source(part):
    rows = [
        [source, NAMES[behaviour], *figures(measured)]
        for source, own in part["sources"].items()
        for behaviour, measured in own.items()
        if measured is not None
    ]
    return table(["source", "behaviour", "support", "precision", "recall", "F1", "average precision", "ECE"], rows)


def parts(validation):
    rows = [
        [name, *(f"{number(own[behaviour]['f1'])} / {number(own[behaviour]['ap'])}" for behaviour in BEHAVIOURS)]
        for name, own in validation["parts"].items()
    ]
    return table(["model", *NAMES.values()], rows)


def render(record):
    data, dev, validation, settings = record["data"], record["dev"], record["crossValidation"], record["settings"]
    return f"""# Model card: cairn-fast {record["version"]}

Says for every step (about a sentence) of a reasoning trace with what probability it shows verification,
backtracking, subgoal setting and backward chaining. English text. Runs on the CPU; {record["bytes"] / 1e6:.1f} MB.

## How it works
The extractor in `src/shared/domain/features` gives each step the set of its word 1–3-grams (numbers replaced
by what they are: the target, seen before, new), {record["features"]:,} of them known to the model, and 36 dense features:
position, length, overlap with earlier steps, arithmetic that holds or not, expressions computed again. The
model is the weighted mean of the logits of a logistic regression with the steps before and after (weight
{settings["linearShare"]}) and of {settings["members"]} small convolutional networks over the steps of the trace (together {1 - settings["linearShare"]:.1f}), then
Platt scaling. Nothing outside the trace and its prompt is looked at.

## Data
- Labels: {data["traces"]} traces, {data["steps"]:,} steps, {data["problems"]} problems ({", ".join(data["sources"])}), one annotator, after the
  labelling guide. Part of the text is not redistributable; no text is in the model or in this repository.
- Further labels: {data["toldTraces"]:,} traces, {data["toldSteps"]:,} steps of the weakly labelled traces and others, labelled
  after the same guide by language models, not by people (`tools/train/more-traces.jsonl`: offsets only); 346 of the
  traces were also written by language models (`written-traces.jsonl`). `tools/train/README.md` says how, and how well such
  labels agree with the annotator's; that they count as much, and which kinds were written, was decided with the
  development split in view. Calibration, thresholds and every figure here rest on the annotator's labels alone.
- Weak labels as a second task of the networks only: {data["weakTraces"]:,} traces, {data["weakSteps"]:,} segments, six labels by GPT-4o;
  traces on development problems left out.
- Split by problem. Everything (settings, mixture, calibration, thresholds) was chosen by
  five-fold cross-validation by problem on the training split. The development split ({dev["traces"]} traces, {dev["steps"]:,}
  steps, {dev["problems"]} problems) was used for the figures below; no setting was chosen from it,
  but it was also printed for an early linear model and two try-out runs.

## Development split
At the stored thresholds; intervals by drawing whole traces with replacement (1,000 times); ECE over ten bins.

{overall(dev, record["thresholds"])}

{by_source(dev)}

## Cross-validation on the training split
Out of fold, thresholds chosen on the same predictions. These figures flatter: the probabilities that stand for the labels
by language models come from a model that saw all of the annotator's training labels. Trained on those labels alone, F1
was 0.682 / 0.731 / 0.678 / 0.359 (version 1.0.0). The development split is not touched by this.

{overall(validation, record["thresholds"])}

What each part reaches alone (best F1 / average precision):

{parts(validation)}

## Limits
- For comparison, two people reach F1 0.85, 0.79, 0.89 and 0.57 against each other on steps of this kind.
- Backward chaining is rare ({validation["behaviours"]["backward_chaining"]["support"]} training steps, many from a few problems): read its interval before its F1.
- Calibration holds for the training split's mix of sources. Where a source shows a behaviour more often than
  that (verification in math500 traces), the probabilities are too low; see ECE by source.
- Trained on English mathematics, logic and puzzles by R1-distilled, Qwen, Llama and DeepSeek models. Other
  subjects, languages and styles are untested. Short Countdown traces are easier than prose; see the sources.
- Most training traces came without their prompt, so prompt features carry little outside Countdown.
- A step is what the labelled files call one; a coarser or finer segmentation shifts probabilities.
- One annotator's reading of the guide is what it learnt, mistakes included.

## Reproduce
`tools/train/train_fast.sh`, described in `tools/train/README.md`; seed {settings["seed"]}. Figures: `metrics.json` beside this file.
"""
