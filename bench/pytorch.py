#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of `ingot bench` in PyTorch beside ingot and prints the ratio.

usage: bench/pytorch.py [--ingot build/release/tools/ingot] [--device NAME] [--json] [CASE ...]

PyTorch runs on the processor with each number of threads from one to all, and the best counts;
--torch-device cuda compares with a card. OPENBLAS_NUM_THREADS is set along with torch's threads by
running each configuration in a process of its own.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "samples" / "networks"))

FOR_CARDS = {"gpt2_124m"}  # elsewhere only when named, as in `ingot bench`


def cases():
    result = {}
    for form in ("nn", "nt", "tn"):
        for size in (256, 512, 1024):
            result[f"matmul_{form}_{size}"] = lambda torch, dev, f=form, s=size: matmul(torch, dev, f, s)
    result["mlp_784_256_10"] = lambda torch, dev: image_step(torch, dev, mlp(torch), (64, 784))
    result["cnn_28"] = lambda torch, dev: image_step(torch, dev, cnn(torch), (64, 1, 28, 28))
    result["gpt_4x128"] = lambda torch, dev: gpt_step(
        torch, dev, 16, vocabulary=65, length=64, layers=4, heads=4, width=128)
    result["gpt2_124m"] = lambda torch, dev: gpt_step(
        torch, dev, 8, vocabulary=50257, length=1024, layers=12, heads=12, width=768)
    return result


def matmul(torch, device, form, size):
    a, b = torch.randn(size, size, device=device), torch.randn(size, size, device=device)
    x = a.t() if form[0] == "t" else a
    y = b.t() if form[1] == "t" else b
    return lambda: torch.mm(x, y)


def mlp(torch):
    nn = torch.nn
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def cnn(torch):
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def image_step(torch, device, net, shape):
    net = net.to(device)
    labels = torch.arange(shape[0], device=device) % 10
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    return step(torch, net, optimizer, torch.randn(*shape, device=device), labels)


def gpt_step(torch, device, batch, **sizes):
    from gpt import Gpt
    net = Gpt(**sizes).to(device)
    shape = (batch, sizes["length"])
    words = torch.arange(batch * sizes["length"], device=device) * 7919 % sizes["vocabulary"]
    return step(torch, net, torch.optim.AdamW(net.parameters(), lr=3e-4), words.reshape(shape), words)


def step(torch, net, optimizer, x, labels):
    loss_of = torch.nn.CrossEntropyLoss()

    def run():
        optimizer.zero_grad()
        logits = net(x)
        loss = loss_of(logits.reshape(-1, logits.shape[-1]), labels)
        loss.backward()
        optimizer.step()
        return loss
    return run


def time_case(name, seconds, device, threads):
    import torch
    if device == "cpu":
        torch.set_num_threads(threads)
    torch.manual_seed(1)
    run = cases()[name](torch, device)
    wait = torch.cuda.synchronize if device == "cuda" else (lambda: None)
    times = []
    for _ in range(3):
        run()
    wait()
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        wait()
        times.append((time.perf_counter() - start) * 1e3)
    return {"ms": statistics.median(times), "ms_min": min(times), "ms_max": max(times),
            "threads": threads, "torch": torch.__version__}


def in_own_process(name, args, threads):
    env = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    command = [sys.executable, __file__, "--one", name, "--threads", str(threads),
               "--seconds", str(args.seconds), "--torch-device", args.torch_device]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"pytorch.py: {name}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", default="build/release/tools/ingot")
    parser.add_argument("--device", default="")
    parser.add_argument("--torch-device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(time_case(args.one, args.seconds, args.torch_device, args.threads)))
        return
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("pytorch.py: PyTorch is not installed for this python (Debian: python3-torch)")

    def wanted(name):
        if args.cases:
            return any(name.startswith(part) for part in args.cases)
        return name not in FOR_CARDS or args.torch_device == "cuda"

    names = [name for name in cases() if wanted(name)]
    if not names:
        sys.exit(f"pytorch.py: no such case; there are {', '.join(cases())}")
    cpus = len(os.sched_getaffinity(0))
    threads = sorted({1, cpus}) if args.torch_device == "cpu" else [1]
    report = {"cases": []}
    for name in names:
        # ingot between two rounds of PyTorch: what else the machine does then meets both alike.
        torch_runs = [in_own_process(name, args, t) for t in threads]
        command = [args.ingot, "bench", name, "--json"]
        if args.device:
            command += ["--device", args.device]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr.strip())
        ours = json.loads(done.stdout)
        torch_runs += [in_own_process(name, args, t) for t in threads]
        best = min(torch_runs, key=lambda r: r["ms"])
        case = next(c for c in ours["cases"] if c["name"] == name)
        report.update(device=ours["device"], driver=ours["driver"], commit=ours["commit"],
                      torch=best["torch"])
        row = {"name": name, "ingot_ms": case["ms"], "torch_ms": best["ms"],
               "torch_threads": best["threads"], "ratio": case["ms"] / best["ms"]}
        report["cases"].append(row)
        if not args.json:
            print(f"{name:<18} ingot {row['ingot_ms']:9.3f} ms   torch {row['torch_ms']:9.3f} ms "
                  f"({best['threads']} threads)   ratio {row['ratio']:.2f}", flush=True)
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"{report['device']}, {report['driver']}; PyTorch {report['torch']}")


if __name__ == "__main__":
    main()
