# SPDX-License-Identifier: MIT
"""docs/kernels.json, what the vendors' compilers told about every kernel; docs/kernels.md, the page
made from it; docs/kernels.notes, why a kernel may spill where it does."""
import fnmatch
import json
import subprocess

from .chips import CHIPS
from .common import Failure, ROOT

JSON = ROOT / "docs/kernels.json"
PAGE = ROOT / "docs/kernels.md"
NOTES = ROOT / "docs/kernels.notes"

TITLES = {
    "amd": ("AMD", "VGPRs of a lane / waves on a SIMD"),
    "intel": ("Intel", "most live registers / lanes of a subgroup; this driver tells no occupancy"),
    "nvidia": ("NVIDIA", "registers of a lane / warps on a multiprocessor"),
    "qualcomm": ("Qualcomm", "registers of a lane / waves on a core"),
    "apple": ("Apple", "half-registers of a lane / threads of a group"),
}

HEAD = """# Kernels, as the vendors' compilers see them

Written by `tools/drivers compile --write` with the drivers that `tools/drivers fetch` unpacks; no
card was needed. Compiled are the pipelines of some training steps and of the rows of the operators'
tests, lowered for each chip, with every kernel that could have been chosen (of a kernel's rows the first
eight pipelines; `--all` takes all of them), and what they do not reach with default constants.

A row is a shader; its numbers are the worst of its variants and specializations: the most registers,
the least occupancy. `docs/kernels.json` has each variant. **S** marks registers spilled to memory, or
arrays that lie there; a dash, a kernel that the chip cannot run. Kernels made for processors
(`matmul_subgroup` and those with FIXED sizes) are compiled here and chosen by no card.
"""


def read_json():
    try:
        return json.loads(JSON.read_text())
    except FileNotFoundError:
        return {}


def read_notes():
    """(chip pattern, kernel pattern, why) of each line."""
    notes = []
    if NOTES.exists():
        for number, line in enumerate(NOTES.read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            head, _, why = line.partition(": ")
            patterns = head.split()
            if len(patterns) != 2 or not why:
                raise Failure(f"docs/kernels.notes:{number}: not 'CHIP KERNEL: why'")
            notes.append((patterns[0], patterns[1], why.strip()))
    return notes


def note_for(notes, chip, kernel):
    for chip_pattern, kernel_pattern, why in notes:
        if (fnmatch.fnmatchcase(f"{chip.vendor}:{chip.name}", chip_pattern) and
                fnmatch.fnmatchcase(kernel, kernel_pattern)):
            return why
    return None


def store(outcomes):
    """Puts what was found into docs/kernels.json; chips that were not looked at stay."""
    data = read_json()
    chips = data.get("chips", {})
    for outcome in outcomes:
        if outcome.skipped or not outcome.report:
            continue
        chips[f"{outcome.chip.vendor}:{outcome.chip.name}"] = {
            "device": outcome.report["device"], "driver": outcome.report["driver"],
            "pipelines": len(outcome.report["pipelines"]),
            "skipped": {entry["name"]: entry["reason"] for entry in outcome.report["skipped"]},
            "kernels": outcome.kernels}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True,
                            capture_output=True, check=False).stdout.strip()
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(dump(commit, chips))


def dump(commit, chips):
    """JSON with one line a kernel, so that a change is a line in a diff."""
    parts = []
    for chip in CHIPS:
        name = f"{chip.vendor}:{chip.name}"
        if name not in chips:
            continue
        entry = chips[name]
        head = ",\n".join(f"   {json.dumps(key)}: {json.dumps(entry[key])}"
                          for key in ("device", "driver", "pipelines", "skipped"))
        lines = ",\n".join(f"    {json.dumps(kernel)}: {json.dumps(entry['kernels'][kernel])}"
                           for kernel in sorted(entry["kernels"]))
        parts.append(f"  {json.dumps(name)}: {{\n{head},\n   \"kernels\": {{\n{lines}\n   }}\n  }}")
    return (f"{{\n \"commit\": {json.dumps(commit)},\n \"chips\": {{\n" + ",\n".join(parts) +
            "\n }\n}\n")


def shader_of(kernel, shaders):
    """The file a variant comes from: the longest name that it begins with."""
    return max((name for name in shaders if kernel == name or kernel.startswith(name + "_")),
               key=len, default=kernel)


def cell(entries, vendor):
    """The worst of a shader's variants on a chip."""
    if not entries:
        return "–"
    registers = [entry["registers"] for entry in entries if "registers" in entry]
    text = str(max(registers)) if registers else "?"
    if vendor == "intel":
        text += f" / {min(entry['subgroup'] for entry in entries if 'subgroup' in entry)}"
    else:
        waves = [entry["waves"] for entry in entries if "waves" in entry]
        text += f" / {min(waves)}" if waves else ""
    return text + (" **S**" if any("spilling" in entry for entry in entries) else "")


def vendor_table(vendor, chips, shaders):
    names = [chip for chip in CHIPS
             if chip.vendor == vendor and f"{vendor}:{chip.name}" in chips]
    if not names:
        return []
    title, legend = TITLES[vendor]
    rows = {}
    for chip in names:
        for kernel, entry in chips[f"{vendor}:{chip.name}"]["kernels"].items():
            per_chip = rows.setdefault(shader_of(kernel, shaders), {})
            per_chip.setdefault(chip.name, []).append(entry)
    lines = ["", f"## {title}", "", legend[0].upper() + legend[1:] + ".", ""]
    shared = any("shared" in entry for row in rows.values() for entries in row.values()
                 for entry in entries)
    lines.append("| shader | " + " | ".join(chip.name for chip in names) +
                 (" | shared, bytes |" if shared else " |"))
    lines.append("|---|" + "---|" * (len(names) + shared))
    for shader in sorted(rows):
        cells = [cell(rows[shader].get(chip.name), vendor) for chip in names]
        if shared:
            most = max((entry.get("shared", 0) for entries in rows[shader].values()
                        for entry in entries), default=0)
            cells.append(f"{most:,}" if most else "")
        lines.append(f"| `{shader}` | " + " | ".join(cells) + " |")
    return lines


def spill_lines(chips):
    """Each kernel that spills on some chip, with the chips and the reason."""
    notes = read_notes()
    found = {}
    for chip in CHIPS:
        name = f"{chip.vendor}:{chip.name}"
        for kernel, entry in chips.get(name, {}).get("kernels", {}).items():
            if "spilling" in entry:
                why = note_for(notes, chip, kernel)
                if why is None:
                    why = "**not explained yet**" if chip.desktop else "not looked into"
                found.setdefault((kernel, why), []).append(
                    f"{name} ({entry['spilling']} of {entry['pipelines']})")
    lines = ["", "## Spills", ""]
    if not found:
        return lines + ["None."]
    lines += ["Registers or arrays in memory; in brackets, in how many pipelines of the kernel.", "",
              "| kernel | chips | why |", "|---|---|---|"]
    merged = {}
    for (kernel, why), where in found.items():
        merged.setdefault((tuple(where), why), []).append(kernel)
    for (where, why), kernels in merged.items():
        lines.append("| " + ", ".join(f"`{kernel}`" for kernel in sorted(kernels)) + " | " +
                     ", ".join(where) + f" | {why} |")
    return lines


def write(_arguments=None):
    data = read_json()
    if not data:
        raise Failure("there is no docs/kernels.json; tools/drivers compile --write makes it")
    chips = data["chips"]
    shaders = [path.stem for path in (ROOT / "shaders").glob("*.comp")]
    lines = [HEAD, f"At commit {data['commit']}:", "",
             "| chip | | driver | pipelines | kernels that spill |", "|---|---|---|---|---|"]
    for chip in CHIPS:
        name = f"{chip.vendor}:{chip.name}"
        if name in chips:
            entry = chips[name]
            spilling = sum("spilling" in kernel for kernel in entry["kernels"].values())
            lines.append(f"| {name} | {chip.title} | {entry['driver']} | {entry['pipelines']} | "
                         f"{spilling or ''} |")
    lines += spill_lines(chips)
    for vendor in TITLES:
        lines += vendor_table(vendor, chips, shaders)
    PAGE.write_text("\n".join(lines) + "\n")
    print(f"drivers: wrote {PAGE.relative_to(ROOT)}")
