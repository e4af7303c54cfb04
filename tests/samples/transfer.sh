#!/bin/sh
# SPDX-License-Identifier: MIT
# transfer.sh FOLDER SAMPLE PROGRAM NUMBERS...: runs sample 17_transfer or 18_fine_tune for a few
# steps, with the files of $INGOT_DATA_DIR, or of the folder.
set -e
folder=${INGOT_DATA_DIR:-$1} sample=$2 program=$3
shift 3
found() {
    for file; do
        [ -f "$file" ] && continue
        echo "skipped: the data was found in none of $*"
        exit 0
    done
}
if [ "$sample" = 17_transfer ]; then
    images=$folder/mnist/t10k-images-idx3-ubyte.gz
    labels=$folder/mnist/t10k-labels-idx1-ubyte.gz
    found "$images" "$labels"
    exec "$program" "$images" "$labels" "$@"
fi
weights=$folder/resnet20-cifar10/resnet20.safetensors
packed=$folder/cifar10-subset/test.bin.xz
found "$weights" "$packed"
pictures=$(mktemp)
trap 'rm -f "$pictures"' EXIT
xz -dc "$packed" > "$pictures"
"$program" "$weights" "$pictures" "$@"
