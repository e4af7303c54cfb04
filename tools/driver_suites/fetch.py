# SPDX-License-Identifier: MIT
"""Unpacks the Vulkan drivers of a Debian suite into a folder. Nothing is installed, no root is
needed: apt works on lists, caches and a package database of its own, and checks what it downloads
against the suite's signed index. The mirror is the one this machine's apt is configured with.

A suite lies in FOLDER/SUITE: `root`, the unpacked packages, and `versions.json`, which names them.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from .common import Architecture, Failure, Skip, drivers_folder
from .intel_shim import SHIM, build_shim

PACKAGES = ["mesa-vulkan-drivers", "mesa-drm-shim", "libvulkan1", "vulkan-validationlayers",
            "libstdc++6"]
BASES = {"bookworm-backports": "bookworm", "trixie-backports": "trixie"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# By these words apt says that the bytes are not what the archive has signed.
DISTRUST = re.compile(r"hash sum mismatch|BADSIG|NO_PUBKEY|EXPKEYSIG|REVKEYSIG|is not signed|"
                      r"not authenticated|unexpected size|GPG error", re.IGNORECASE)


class Apt:
    """apt with a folder of its own in place of the system's."""

    def __init__(self, folder, lines):
        self.folder = pathlib.Path(folder)
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        signed = f" signed-by={KEYRING}" if os.path.exists(KEYRING) else ""
        (self.folder / "sources.list").write_text("".join(
            f"{kind} [check-valid-until=no{signed}] {where}\n" for kind, where in lines))
        options = {"Dir::State": self.folder, "Dir::State::status": self.folder / "status",
                   "Dir::Cache": self.folder / "cache",
                   "Dir::Etc::sourcelist": self.folder / "sources.list",
                   "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
                   "APT::Install-Recommends": "false", "APT::Sandbox::User": "root",
                   "Acquire::Retries": "3", "Debug::NoLocking": "1"}
        self.options = ["-qq"] + [f"-o{name}={value}" for name, value in options.items()]

    def __call__(self, *arguments, cwd=None):
        environment = dict(os.environ, LC_ALL="C")
        done = subprocess.run(["apt-get", *self.options, *arguments], cwd=cwd, text=True,
                              env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        complaints = [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:"))]
        if DISTRUST.search("\n".join(complaints)):
            raise Failure("apt does not trust what it fetched: " + " / ".join(complaints))
        # An index that cannot be had is only a warning for apt.
        if done.returncode != 0 or (arguments[0] == "update" and
                                    any("Failed to fetch" in line for line in complaints)):
            said = complaints or done.stdout.splitlines()[-3:] or [f"status {done.returncode}"]
            raise Skip("apt could not fetch: " + " / ".join(said[:3]))


def mirror():
    """The Debian mirror that this machine's apt is configured with."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Skip("there is no apt here to fetch Debian's drivers with")
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], text=True,
                            capture_output=True, check=False).stdout.split()
    for uri in listed:
        if uri.rstrip("/").endswith("/debian"):
            return uri.rstrip("/")
    raise Skip("no Debian mirror is configured for this machine's apt")


def unpack(packages, to):
    """Unpacks .deb files; returns their versions by name."""
    versions = {}
    for package in sorted(packages):
        fields = subprocess.run(["dpkg-deb", "--show", "--showformat=${Package} ${Version}",
                                 package], text=True, capture_output=True, check=True).stdout
        name, version = fields.split()
        subprocess.run(["dpkg-deb", "--extract", package, to], check=True)
        versions[name] = version
    return versions


def fetch(suite="sid", again=False):
    """Makes sure that a suite is there, and returns its folder and what was done."""
    target = drivers_folder() / suite
    if not again and (target / "versions.json").exists():
        return target, "there already"
    architecture = Architecture()
    where = mirror()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{suite}-", dir=target.parent) as work_name:
        work = pathlib.Path(work_name)
        lines = [("deb", f"{where} {BASES.get(suite, suite)} main")]
        if suite in BASES:
            lines.append(("deb", f"{where} {suite} main"))
        apt = Apt(work / "apt", lines)
        apt("update")
        apt("-t", suite, "-y", "--download-only", "install", *PACKAGES)
        new = work / "new"
        (new / "root").mkdir(parents=True)
        packages = list((work / "apt/cache/archives").glob("*.deb"))
        versions = {"suite": suite, "architecture": architecture.debian,
                    "packages": unpack(packages, new / "root")}
        shutil.rmtree(work / "apt")
        try:
            shim = build_shim(work / "shim", where, Apt, unpack)
            shutil.copy(shim.path, new / "root/usr/lib" / architecture.triple / SHIM)
            versions["intel_shim"] = shim.version
        except Skip as reason:  # the other drivers are as good without it
            versions["intel_shim_missing"] = str(reason)
        (new / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
        if target.exists():
            shutil.rmtree(target)
        new.rename(target)
    return target, "fetched"


def describe(suite_folder):
    """One line on what lies there."""
    try:
        versions = json.loads((suite_folder / "versions.json").read_text())
    except FileNotFoundError:
        return "unpacked by other means; versions unknown"
    text = "Mesa " + versions["packages"].get("mesa-vulkan-drivers", "?")
    text += ", validation layers " + versions["packages"].get("vulkan-validationlayers", "?")
    if "intel_shim" in versions:
        return text + f", Intel's shim of Mesa {versions['intel_shim']}"
    return text + f", without Intel's shim ({versions.get('intel_shim_missing', 'not built')})"
