#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares operators, losses, optimizers and saved modules with PyTorch on random shapes.

compare_cases computes every case on the device and writes what it was given and what came out,
together with the PyTorch expression for the same. Here that expression is evaluated in double, and
the largest error of each case is printed: of values and of gradients, relative to the largest
magnitude of the reference.

    tests/compare/compare_pytorch.py build/release/tests/compare/compare_cases [--rounds 3]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
from torch import optim

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from formulas import Adafactor, Around, Lamb, Lion, MuonAndAdamW  # noqa: E402
from pytorch_side import load_state, read_safetensors  # noqa: E402

OPTIMIZERS = {"optim": optim, "Lion": Lion, "Lamb": Lamb, "Adafactor": Adafactor, "MuonAndAdamW": MuonAndAdamW}


def error(result, reference):
    if result.shape != reference.shape:
        return float("inf")
    if reference.numel() == 0:
        return 0.0
    scale = reference.abs().max().item() or 1.0
    return torch.nan_to_num((result - reference).abs(), nan=float("inf")).max().item() / scale


def flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def compare_module(expression, record, weights):
    """Error of what the module computes with the weights that ingot saved."""
    module = eval(expression, {"torch": torch}).double().eval()
    _, state = read_safetensors(weights)
    load_state(module, state)
    with torch.no_grad():
        return {"value": error(record["out_y"], module(record["x"]))}


def compare_operator(expression, record):
    """Errors of the value and of the gradients."""
    value, d_y = record.pop("out_y"), record.pop("out_d_y", None)
    gradients = {name: record.pop(name) for name in list(record) if name.startswith("grad_")}
    for name in gradients:
        record[name[len("grad_") :]].requires_grad_()
    y = eval(expression, {"torch": torch, "F": F}, record).double()
    errors = {"value": error(value, y.detach())}
    if gradients:
        wanted = [record[name[len("grad_") :]] for name in gradients]
        d = [None] * len(wanted)  # of a step function
        if y.requires_grad:
            d = torch.autograd.grad(y, wanted, d_y, allow_unused=True)
        for (name, ours), theirs in zip(gradients.items(), d):
            errors["d " + name[5:]] = error(ours, torch.zeros_like(ours) if theirs is None else theirs)
    return errors


def compare_optimizer(expression, around, record):
    """Errors of the parameters after all steps, and of their moving averages where they are kept."""
    count = sum(name.startswith("end") for name in record)
    params = [record[f"p{i}"].requires_grad_() for i in range(count)]
    optimizer, around = eval(expression, OPTIMIZERS, {"params": params}), eval(around, {"Around": Around})
    around.begin(params)
    step = 0
    while f"target0.{step}" in record:
        sum((0.3 * (p - record[f"target{i}.{step}"]) ** 2).sum() for i, p in enumerate(params)).backward()
        around.step(optimizer)
        step += 1

    def of_all(name, theirs):  # in one: a parameter of a single number may end up near 0
        ours = [record[f"{name}{i}"] for i in range(count)]
        return error(flat(ours), flat(theirs))

    errors = {"end": of_all("end", params)}
    if around.averaged:
        errors["average"] = of_all("average", around.averaged.module)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="compare_cases, from the build folder")
    parser.add_argument("--rounds", type=int, default=1, help="each with other sizes and values")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--filter", default="", help="only expressions that contain this")
    parser.add_argument("--limit", type=float, default=1e-5, help="errors above it are marked")
    options = parser.parse_args()

    worst = {}
    for seed in range(options.seed, options.seed + options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            says = None if seed == options.seed else subprocess.DEVNULL  # the device, once
            subprocess.run([options.program, folder, str(seed), options.filter], check=True, stdout=says)
            for path in sorted(pathlib.Path(folder).glob("*.safetensors")):
                metadata, record = read_safetensors(path)
                expression = metadata["torch"]
                if metadata["kind"] == "module":
                    errors = compare_module(expression, record, path.parent / metadata["weights"])
                elif metadata["kind"] == "optimizer":
                    errors = compare_optimizer(expression, metadata["around"], record)
                    expression += f", {metadata['around']}" * (metadata["around"] != "Around()")
                else:
                    errors = compare_operator(expression, record)
                seen = worst.setdefault(expression, {})
                for what, size in errors.items():
                    seen[what] = max(size, seen.get(what, 0))

    above = 0
    for expression, errors in worst.items():
        high = max(errors.values()) > options.limit
        above += high
        text = "  ".join(f"{what} {size:.1e}" for what, size in errors.items())
        print(f"{'!' if high else ' '} {expression:60} {text}")
    print(f"{len(worst)} cases, {above} with an error above {options.limit:g}")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
