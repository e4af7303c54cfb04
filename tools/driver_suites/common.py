# SPDX-License-Identifier: MIT
"""Where unpacked suites lie, and the two ways in which something may not work out."""
import os
import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parents[2]  # of the project
SKIPPED = 77  # the exit status of a check that could not be made, as automake and CTest know it


class Skip(Exception):
    """What is needed is not to be had here (no network, another system): a named skip."""


class Failure(Exception):
    """Something is wrong: what was fetched cannot be trusted, or a check found a fault."""


def drivers_folder():
    """The folder with one unpacked suite below each name."""
    given = os.environ.get("INGOT_DRIVERS")
    if given:
        return pathlib.Path(given).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return pathlib.Path(cache).expanduser() / "ingot" / "drivers"


class Architecture:
    """What Debian calls this machine, in its several dialects."""

    KNOWN = {"x86_64": ("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
             "aarch64": ("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1")}

    def __init__(self):
        if platform.system() != "Linux" or platform.machine() not in self.KNOWN:
            raise Skip(f"the drivers of Debian do not run on {platform.system()} "
                       f"{platform.machine()}")
        self.debian, self.triple, self.loader = self.KNOWN[platform.machine()]
