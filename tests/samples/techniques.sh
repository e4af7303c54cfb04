#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the program $1, sample_training_techniques, for a few epochs of a few rows, with the files of
# $INGOT_DATA_DIR, or of the folder $2.
set -e
packed=${INGOT_DATA_DIR:-$2}/cifar10-subset
if [ ! -f "$packed/train.bin.xz" ]; then
    echo "skipped: the data was found in none of $packed/train.bin.xz"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for part in train val test; do
    xz -dc "$packed/$part.bin.xz" > "$folder/$part.bin"
done
"$1" "$folder" --rows base,early_stopping,all --epochs 2 --out "$folder/lines" --pages "$folder/pages"
test -s "$folder/pages/all/report.html"
test "$(wc -l < "$folder/lines")" = 3
