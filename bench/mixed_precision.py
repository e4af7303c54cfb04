#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the two networks of samples/20_mixed_precision.cpp in f32, f16 and bf16 over several seeds
and says whether the precisions differ by more than seeds do.

    bench/mixed_precision.py BUILD/samples/sample_20_mixed_precision [--seeds 3] [--images 6000]
        [--epochs 3] [--steps 300] [--text FILE] [--launcher "tools/drivers run lavapipe"]
        [--commit HASH] [--out FILE.json]

Of each network: mean and deviation over the seeds of what is measured on data that was not trained
on, and the time of the processor that the program took with both networks, compiling and measuring
included. A 16-bit precision is within noise when its mean is worse than that of f32 by at
most twice the standard error of the difference. The exit code is 1 where it is not.
"""
import argparse
import json
import re
import resource
import shlex
import statistics
import subprocess
import sys

PRECISIONS = ["f32", "f16", "bf16"]
# What is compared, and whether more of it is better.
MEASURES = {"clothes": ("test accuracy", True), "letters": ("held out", False)}


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    runs, device = [], ""
    for line in text.splitlines():
        if line.startswith("on "):
            device = line[3:]
        found = re.match(r"(\w+) (\w+) seed (\d+): (.*)", line)
        if not found:
            continue
        name, precision, seed, rest = found.groups()
        result = {"network": name, "precision": precision, "seed": int(seed),
                  "processor_s": round(processor_s, 1)}
        for part in rest.split(", "):
            words = part.split()
            if words[-1] == "s":
                result["seconds"] = float(words[0])
            elif words[-1] == "skipped":
                result["skipped steps"] = int(words[0])
            else:
                numbers = [word for word in words if re.fullmatch(r"[-+.\de]+", word)]
                result[" ".join(w for w in words if w not in numbers and w != "%")] = float(numbers[0])
        runs.append(result)
    return runs, device


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--text")
    parser.add_argument("--launcher", default="")
    parser.add_argument("--commit", default="")
    parser.add_argument("--out")
    arguments = parser.parse_args()

    runs, device = [], ""
    for seed in range(1, arguments.seeds + 1):
        for precision in PRECISIONS:
            command = shlex.split(arguments.launcher) + [
                arguments.program, precision, str(seed), str(arguments.images),
                str(arguments.epochs), str(arguments.steps)]
            more, device = run(command + ([arguments.text] if arguments.text else []))
            runs += more
            for result in more:
                print(json.dumps(result), file=sys.stderr)

    summary, worse = [], 0
    for network, (measure, more_is_better) in MEASURES.items():
        rows = {p: [r for r in runs if r["network"] == network and r["precision"] == p]
                for p in PRECISIONS}
        values = {p: [r[measure] for r in rows[p]] for p in PRECISIONS}
        processor_s = {p: statistics.median(r["processor_s"] for r in rows[p]) for p in PRECISIONS}
        for p in PRECISIONS:
            mean, deviation = statistics.mean(values[p]), statistics.stdev(values[p])
            lost = (statistics.mean(values["f32"]) - mean) * (1 if more_is_better else -1)
            error = ((statistics.variance(values["f32"]) + deviation ** 2) / len(values[p])) ** 0.5
            within = p == "f32" or lost <= 2 * error
            worse += not within
            row = {"network": network, "precision": p, "measure": measure, "mean": round(mean, 4),
                   "deviation": round(deviation, 4), "seeds": len(values[p]),
                   "lost to f32": round(lost, 4), "standard error": round(error, 4),
                   "within noise": within, "processor_s": processor_s[p]}
            summary.append(row)
            print(f"{network:8} {p:5} {measure} {mean:.4f} +- {deviation:.4f}, both networks in"
                  f" {processor_s[p]:.1f} s of the processor"
                  f"{'' if within else '  WORSE THAN NOISE'}")
    if arguments.out:
        with open(arguments.out, "w") as out:
            json.dump({"device": device, "commit": arguments.commit, "images": arguments.images,
                       "epochs": arguments.epochs, "steps": arguments.steps,
                       "text": "tinyshakespeare" if arguments.text else "sentences",
                       "summary": summary, "runs": runs}, out, indent=1)
            out.write("\n")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
