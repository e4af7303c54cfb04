#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the program $1, sample_07_pretrained, on $3 pictures, with the files of $INGOT_DATA_DIR, or of
# the folder $2.
set -e
folder=${INGOT_DATA_DIR:-$2}
weights=$folder/resnet20-cifar10/resnet20.safetensors
packed=$folder/cifar10-subset/test.bin.xz
if [ ! -f "$weights" ] || [ ! -f "$packed" ]; then
    echo "skipped: the data was found in none of $weights, $packed"
    exit 0
fi
pictures=$(mktemp)
trap 'rm -f "$pictures"' EXIT
xz -dc "$packed" > "$pictures"
"$1" "$weights" "$pictures" "$3"
