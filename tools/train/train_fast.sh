#!/bin/sh
# Trains cairn-fast from the labelled data: train_fast.sh WORK_FOLDER [options of train_fast.py]
set -eu
work="$1"
shift
here="$(dirname "$0")"
mkdir -p "$work"
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
exec "$work/venv/bin/python" "$here/train_fast.py" --work "$work" "$@"
