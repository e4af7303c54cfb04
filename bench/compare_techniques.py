#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the training-techniques table of one library against another's.

    bench/compare_techniques.py OURS.jsonl THEIRS.jsonl

Each file has a line of JSON for each run: row, seed, best_val, test [loss, accuracy], seconds. Of each
row, the means of the best validation accuracy and of the final test accuracy agree when Welch's test
(B. L. Welch, "The generalization of 'Student's' problem when several different population variances
are involved", 1947) gives p > 0.001, or when they differ by at most 0.01. The exit code is 1 where they
do not agree, and where a row is missing or has fewer than five runs.
"""
import json
import math
import sys

LEAST_RUNS = 5
LEAST_P = 0.001
CLOSE = 0.01


def incomplete_beta(a, b, x):
    """I_x(a, b), by its continued fraction (Abramowitz and Stegun, 26.5.8), evaluated by Lentz."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
                     + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d, value = 1.0, 0.0, 1.0
    for i in range(400):
        m = i // 2
        if i == 0:
            term = 1.0
        elif i % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + term * d or tiny)
        c = 1 + term / c or tiny
        value *= c * d
        if abs(1 - c * d) < 1e-14:
            break
    return front * (value - 1)


def mean_and_variance(values):
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def welch(a, b):
    """Two-sided p of equal means."""
    (mean_a, var_a), (mean_b, var_b) = mean_and_variance(a), mean_and_variance(b)
    error_a, error_b = var_a / len(a), var_b / len(b)
    error = error_a + error_b
    if error == 0:
        return 1.0 if mean_a == mean_b else 0.0
    freedom = error ** 2 / (error_a ** 2 / (len(a) - 1) + error_b ** 2 / (len(b) - 1))
    t_squared = (mean_a - mean_b) ** 2 / error
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t_squared))


def read(path):
    rows = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            run = json.loads(line)
            rows.setdefault(run["row"], []).append(run)
    return rows


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours, theirs = read(sys.argv[1]), read(sys.argv[2])
    figures = {"best validation": lambda run: run["best_val"],
               "final test": lambda run: run["test"][1]}
    print(f"{'row':15} {'accuracy':16} {'runs':>7} {'ours':>16} {'theirs':>16} {'difference':>10} "
          f"{'p':>7}")
    bad = 0
    for row, runs in theirs.items():
        mine = ours.get(row, [])
        if len(mine) < LEAST_RUNS:
            print(f"{row:15} {len(mine)} runs, {LEAST_RUNS} are needed")
            bad += 1
            continue
        for name, figure in figures.items():
            a, b = [figure(run) for run in mine], [figure(run) for run in runs]
            (mean_a, var_a), (mean_b, var_b) = mean_and_variance(a), mean_and_variance(b)
            p = welch(a, b)
            agrees = p > LEAST_P or abs(mean_a - mean_b) <= CLOSE
            bad += not agrees
            print(f"{row:15} {name:16} {len(a):3}/{len(b):3} "
                  f"{mean_a:7.4f} +-{math.sqrt(var_a / len(a)):7.4f} "
                  f"{mean_b:7.4f} +-{math.sqrt(var_b / len(b)):7.4f} {mean_a - mean_b:10.4f} {p:7.4f}"
                  f"{'' if agrees else '  DIFFERS'}")
    def per_seed(field):
        return sum(sum(run[field] for run in runs) / len(runs) for runs in ours.values())

    print(f"{per_seed('seconds'):.0f} s for a seed of these {len(ours)} rows")
    if all("processor_s" in run for runs in ours.values() for run in runs):
        print(f"{per_seed('processor_s'):.0f} s of the processor")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
