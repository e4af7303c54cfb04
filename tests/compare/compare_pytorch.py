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
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
import torch
import torch.nn.functional as F
from torch import optim

TYPES = {"F32": numpy.float32, "I32": numpy.int32, "U8": numpy.uint8}


def read_safetensors(path):
    """The metadata and the tensors by name: floats as f64, integers as i64."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = numpy.frombuffer(data[8 + size + begin : 8 + size + end], TYPES[entry["dtype"]])
        tensor = torch.from_numpy(array.reshape(entry["shape"]).copy())
        tensors[name] = tensor.double() if tensor.is_floating_point() else tensor.long()
    return metadata, tensors


def error(result, reference):
    if result.shape != reference.shape:
        return float("inf")
    if reference.numel() == 0:
        return 0.0
    scale = reference.abs().max().item() or 1.0
    return torch.nan_to_num((result - reference).abs(), nan=float("inf")).max().item() / scale


def compare_module(expression, record, weights):
    """Error of what the module computes with the weights that ingot saved."""
    module = eval(expression, {"torch": torch}).double().eval()
    _, state = read_safetensors(weights)
    lacking = module.load_state_dict(state, strict=False)
    left = [name for name in lacking.missing_keys if not name.endswith("num_batches_tracked")]
    if left or lacking.unexpected_keys:
        sys.exit(f"{expression}: missing {left}, unexpected {lacking.unexpected_keys}")
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


def compare_optimizer(expression, record):
    """Errors of the parameters after all steps."""
    count = sum(name.startswith("end") for name in record)
    params = [record[f"p{i}"].requires_grad_() for i in range(count)]
    optimizer = eval(expression, {"optim": optim, "params": params})
    step = 0
    while f"target0.{step}" in record:
        optimizer.zero_grad()
        sum((0.3 * (p - record[f"target{i}.{step}"]) ** 2).sum() for i, p in enumerate(params)).backward()
        optimizer.step()
        step += 1
    return {"end": max(error(record[f"end{i}"], p.detach()) for i, p in enumerate(params))}


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
                    errors = compare_optimizer(expression, record)
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
