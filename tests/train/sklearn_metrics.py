#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes metrics.json: random predictions and what scikit-learn's metrics say of them.
    tests/train/sklearn_metrics.py > tests/train/metrics.json      (needs python3-sklearn)"""
import json
import sys

import numpy as np
import sklearn
from sklearn import metrics

AVERAGES = ["macro", "micro", "weighted"]


def by_average(name, function, labels, predicted):
    return {name + ("" if average == "macro" else "_" + average):
            function(labels, predicted, average=average, zero_division=0) for average in AVERAGES}


def class_metrics(labels, predicted, binary):
    found = {"accuracy": metrics.accuracy_score(labels, predicted)}
    for name, function in [("precision", metrics.precision_score), ("recall", metrics.recall_score),
                           ("f1", metrics.f1_score), ("dice", metrics.f1_score),
                           ("iou", metrics.jaccard_score)]:
        found |= by_average(name, function, labels, predicted)
        if binary:
            found[name + "_binary"] = function(labels, predicted, zero_division=0)
    return found


def classes_case(rng, name, samples, classes, used, decimals):
    labels = rng.integers(0, used, samples)
    logits = rng.normal(size=(samples, classes)) + 1.5 * np.eye(classes)[labels]
    logits = np.round(logits, decimals).astype(np.float32)  # few decimals: equal scores
    predicted = logits.argmax(1)
    found = class_metrics(labels, predicted, classes == 2)
    p = np.exp(logits.astype(np.float64))
    p /= p.sum(1, keepdims=True)
    if classes == 2:
        found["roc_auc"] = metrics.roc_auc_score(labels, p[:, 1])
        found["average_precision"] = metrics.average_precision_score(labels, p[:, 1])
    else:
        one_hot = np.eye(classes)[labels][:, :used]
        found["roc_auc"] = metrics.roc_auc_score(one_hot, p[:, :used], average="macro")
        found["average_precision"] = metrics.average_precision_score(one_hot, p[:, :used],
                                                                     average="macro")
        if used == classes:
            for k in (1, 2):
                found[f"top_{k}_accuracy"] = metrics.top_k_accuracy_score(labels, logits, k=k)
    return {"name": name, "kind": "classes", "width": classes, "outputs": logits.ravel().tolist(),
            "targets": labels.tolist(), "expected": found}


def elements_case(rng, name, samples, width):
    targets = (rng.random((samples, width)) < 0.3).astype(np.float32)
    outputs = (rng.normal(size=(samples, width)) + targets).astype(np.float32)
    flat, predicted = targets.ravel().astype(int), (outputs.ravel() > 0).astype(int)
    found = class_metrics(flat, predicted, True)
    found["roc_auc"] = metrics.roc_auc_score(flat, outputs.ravel())
    found["average_precision"] = metrics.average_precision_score(flat, outputs.ravel())
    return {"name": name, "kind": "elements", "width": width, "outputs": outputs.ravel().tolist(),
            "targets": targets.ravel().tolist(), "expected": found}


def numbers_case(rng, name, samples, width, mean):
    targets = rng.normal(mean, 3, (samples, width)).astype(np.float32)
    outputs = (targets + rng.normal(0, 1, (samples, width))).astype(np.float32)
    a, b = targets.astype(np.float64), outputs.astype(np.float64)
    found = {"mean_absolute_error": metrics.mean_absolute_error(a, b),
             "root_mean_squared_error": metrics.mean_squared_error(a, b, squared=False),
             "r2": metrics.r2_score(a, b)}
    return {"name": name, "kind": "numbers", "width": width, "outputs": outputs.ravel().tolist(),
            "targets": targets.ravel().tolist(), "expected": found}


def main():
    rng = np.random.default_rng(1)
    cases = [classes_case(rng, "five classes", 211, 5, 5, 6),
             classes_case(rng, "five classes, equal scores", 97, 5, 5, 1),
             classes_case(rng, "seven classes, of which four occur", 101, 7, 4, 6),
             classes_case(rng, "two classes", 103, 2, 2, 6),
             elements_case(rng, "masks", 37, 11),
             numbers_case(rng, "numbers", 89, 1, 0),
             numbers_case(rng, "three numbers far from 0", 67, 3, 1000)]
    print(json.dumps({"made_by": f"scikit-learn {sklearn.__version__}", "cases": cases}), file=sys.stdout)


if __name__ == "__main__":
    main()
