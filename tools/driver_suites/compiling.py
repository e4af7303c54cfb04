# SPDX-License-Identifier: MIT
"""tools/drivers compile: the program compile_kernels on chip after chip, as many at once as there
are cores, and what became of every pipeline: one line a chip, the verdict last."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from . import page
from .chips import Suite, chips_named
from .common import Failure, ROOT, Skip

LONGEST_S = 900  # for one chip; ten times that with --all
MOST_FROM_TABLES = 8  # pipelines of a kernel that only rows of the operators' tests ask for


def figures(executables):
    """The few figures that all compilers have, under one name, of the worst executable of a
    pipeline; each compiler has words of its own for them."""
    words = {  # a missing figure is one that the driver does not tell
        "registers": ("VGPRs", "Number of GPRs", "Registers used", "GPRs", "Max live registers"),
        "spills": ("Spilled VGPRs", "Spilled SGPRs", "Spills", "Spills to memory", "STP Count"),
        "scratch": ("Scratch size", "Scratch Memory Size", "Scratch", "SLM size"),
        "shared": ("LDS size", "Workgroup Memory Size"),
        "waves": ("Subgroups per SIMD", "Max warps/SM", "Max Waves Per Core", "Threads"),
        "instructions": ("Instructions", "Instruction count", "Instruction Count"),
        "code": ("Code size",),
    }
    worst = {}
    for executable in executables:
        statistics = executable.get("statistics", {})
        found = {"subgroup": executable["subgroup_size"]}
        for figure, names in words.items():
            values = [statistics[name] for name in names if name in statistics]
            if values:
                found[figure] = int(sum(values) if figure == "spills" else values[0])
        if not worst or found.get("registers", 0) >= worst.get("registers", 0):
            worst = found
    return worst


def by_kernel(pipelines):
    """The figures of a kernel over its pipelines: the least occupancy, else the most. With what asked
    for the first pipeline that spills, or that has arrays in memory."""
    kernels = {}
    for pipeline in pipelines:
        entry = kernels.setdefault(pipeline["kernel"], {"pipelines": 0, "spilling": 0})
        entry["pipelines"] += 1
        found = figures(pipeline.get("executables", []))
        for name, value in found.items():
            pick = min if name == "waves" else max
            entry[name] = pick(entry.get(name, value), value)
        if found.get("spills") or found.get("scratch"):
            if not entry["spilling"]:
                entry["example"] = {"source": pipeline["source"], "constants": {
                    name: value for name, value in pipeline["constants"].items()
                    if not name.startswith("PW_")}}
            entry["spilling"] += 1
    for entry in kernels.values():
        if not entry["spilling"]:
            del entry["spilling"]
    return kernels


class Outcome:
    """What came of one chip."""

    def __init__(self, chip):
        self.chip = chip
        self.skipped = None  # the reason
        self.report = {}
        self.failures = []
        self.seconds = 0.0
        self.kernels = {}

    def spilling(self):
        return {name: entry for name, entry in self.kernels.items() if "spilling" in entry}

    def line(self):
        name = f"{self.chip.vendor}:{self.chip.name}"
        if self.skipped:
            return f"{name:<15} skipped: {self.skipped}"
        spills = sum(entry["spilling"] for entry in self.spilling().values())
        return (f"{name:<15} {len(self.report.get('pipelines', [])):5} pipelines "
                f"{len(self.failures):4} failures {spills:4} spill  {self.seconds:6.1f} s" +
                (f"  ({self.report['left_out']} left out)" if self.report.get("left_out") else ""))


def compile_chip(suite, chip, program, folder, most, kernel):
    outcome = Outcome(chip)
    start = time.monotonic()
    longest_s = LONGEST_S if most else 10 * LONGEST_S
    out = folder / f"{chip.vendor}-{chip.name}.json"
    try:
        command, environment = suite.command(chip.vendor, chip.name, program, str(out),
                                             str(most), kernel)
    except Skip as reason:
        outcome.skipped = str(reason)
        return outcome
    # The driver must compile, not remember; and it is asked nothing about a validation layer.
    environment.update(MESA_SHADER_CACHE_DISABLE="true", INGOT_VALIDATION="0")
    environment.pop("INGOT_DEVICE", None)
    environment.pop("INGOT_DEVICE_CLASS", None)
    try:
        done = subprocess.run(["nice", *command], env=environment, text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=longest_s)
        said = [line for line in done.stderr.splitlines() if line.startswith("compile_kernels:")]
        if done.returncode != 0:
            outcome.failures.append(" / ".join(said) or f"ended with status {done.returncode}")
    except subprocess.TimeoutExpired:
        outcome.failures.append(f"not ready after {longest_s} s")
    outcome.seconds = time.monotonic() - start
    if outcome.failures:
        return outcome
    outcome.report = json.loads(out.read_text())
    for entry in outcome.report["failures"]:
        outcome.failures.append(f"{entry['name']}: {entry['reason']}")
    for entry in outcome.report["pipelines"]:
        if "error" in entry:
            outcome.failures.append(f"{entry['kernel']} ({entry['source']}): {entry['error']}")
    outcome.kernels = by_kernel(outcome.report["pipelines"])
    return outcome


def program_of(build):
    """compile_kernels, built if the folder is a build that knows it."""
    folder = pathlib.Path(build)
    folder = folder if folder.is_absolute() else ROOT / folder
    if not (folder / "CMakeCache.txt").exists():
        raise Failure(f"{folder} is no build; cmake --preset release makes build/release")
    done = subprocess.run(["cmake", "--build", folder, "--target", "compile_kernels"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failure("compile_kernels does not build:\n" + done.stdout[-3000:])
    return str(folder / "tools" / "compile_kernels")


def unexplained(outcomes):
    """Spills on desktop chips that no note explains, as lines. Only those that this very driver
    showed before count as ours: another version's are for whoever looks at the new version."""
    notes = page.read_notes()
    known = page.read_json()
    ours, news = [], []
    for outcome in outcomes:
        if not outcome.chip.desktop:
            continue
        name = f"{outcome.chip.vendor}:{outcome.chip.name}"
        for kernel, entry in outcome.spilling().items():
            if page.note_for(notes, outcome.chip, kernel):
                continue
            line = (f"{name}: {kernel} spills in {entry['spilling']} of {entry['pipelines']} "
                    f"pipelines: {json.dumps(entry['example'])}")
            judged = known.get("chips", {}).get(name, {}).get("driver")
            same = judged in (None, outcome.report["driver"])
            (ours if same else news).append(line)
    return ours, news


def compile_all(arguments):
    if arguments.kernel and arguments.write:
        raise Failure("--write needs all kernels, --kernel chooses some")
    suite = Suite(arguments.suite)
    chips = chips_named(arguments.chips)
    most = 0 if arguments.all else MOST_FROM_TABLES
    program = program_of(arguments.build)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="ingot-compile-") as folder:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for outcome in pool.map(lambda chip: compile_chip(suite, chip, program,
                                                              pathlib.Path(folder),
                                                              most, arguments.kernel), chips):
                print(outcome.line(), flush=True)
                for failure in outcome.failures[:20]:
                    print(f"    failed: {failure}")
                for entry in outcome.report.get("skipped", []):
                    print(f"    skipped: {entry['name']}: {entry['reason']}")
                outcomes.append(outcome)
    if all(outcome.skipped for outcome in outcomes):
        raise Skip("none of these drivers is there")
    if arguments.write:
        page.store(outcomes)
        page.write(arguments)
    ours, news = unexplained(outcomes)
    for line in news:
        print(f"note: with a driver that docs/kernels.md does not know yet, {line}")
    for line in ours:
        print(f"unexplained: {line}")
    failures = sum(len(outcome.failures) for outcome in outcomes)
    compiled = sum(len(outcome.report.get("pipelines", [])) for outcome in outcomes)
    skipped = sum(1 for outcome in outcomes if outcome.skipped)
    each = "every pipeline" if arguments.all else "each of them"
    verdict = f"{each} compiles" if not failures and not ours else "FAILED"
    print(f"drivers: {compiled} pipelines on {len(outcomes) - skipped} chips"
          f"{f', {skipped} chips skipped' if skipped else ''}, {failures} failures, "
          f"{len(ours)} unexplained spills: {verdict}")
    sys.stdout.flush()
    return 1 if failures or ours else 0
