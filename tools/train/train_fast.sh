#!/bin/sh
# Trains cairn-fast from the shared data: train_fast.sh WORK_FOLDER SHARED_DATA_FOLDER [options of train_fast.py]
set -eu
mkdir -p "$1"
work="$1"
data="$2"
shift 2
here="$(dirname "$0")"
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
python="$work/venv/bin/python"
"$python" -m pip install --quiet --requirement "$here/requirements.txt"
# First from the annotator's labels alone, which tells how to read those of language models.
"$python" "$here/train_fast.py" --work "$work/first" --labels "$data/labels" --out "$work/first/model" --golden "$work/first/golden.json"
"$python" "$here/more_traces.py" "$work/told.jsonl" --labels "$data/labels" --traces "$data/traces" --first "$work/first"
exec "$python" "$here/train_fast.py" --work "$work" --labels "$data/labels" --told "$work/told.jsonl" "$@"
