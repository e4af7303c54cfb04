#!/bin/sh
# SPDX-License-Identifier: MIT
# table.sh FOLDER FILE PROGRAM ARGUMENTS...: runs the program where the file lies in $INGOT_DATA_DIR, or
# in the folder; an argument FILE stands for its path.
set -e
file=${INGOT_DATA_DIR:-$1}/$2
shift 2
if [ ! -f "$file" ]; then
    echo "skipped: the data was found in none of $file"
    exit 0
fi
for argument; do
    shift
    [ "$argument" = FILE ] && argument=$file
    set -- "$@" "$argument"
done
exec "$@"
