# SPDX-License-Identifier: MIT
"""Builds the pretended Intel kernel driver, which Debian's mesa-drm-shim leaves out, from Debian's
own source package of Mesa. The build tools that this machine may lack are unpacked, not installed.
The shim speaks the kernel's interface, not Mesa's: that of one Mesa serves the drivers of another.
"""
import collections
import os
import pathlib
import re
import shutil
import subprocess

from .common import Architecture, Skip

SHIM = "libintel_noop_drm_shim.so"
SOURCE_SUITE = "trixie"  # the oldest whose Mesa builds it for all chips that we ask for
TOOLS = ["ninja-build", "bison", "flex", "m4", "libfl2", "python3-mako", "python3-markupsafe",
         "python3-yaml", "python3-pkg-resources", "libdrm-dev", "libdrm2", "libexpat1-dev",
         "libexpat1", "zlib1g-dev", "zlib1g"]
Shim = collections.namedtuple("Shim", "path version")


def host_suite():
    try:
        text = pathlib.Path("/etc/os-release").read_text()
    except FileNotFoundError:
        text = ""
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.MULTILINE)
    if not found or "ID=debian" not in text:
        raise Skip("Intel's shim is built on Debian only")
    return found[1]


def build_shim(work, mirror, make_apt, unpack):
    """Builds the shim in the folder `work`; half a minute on two cores, 460 MiB."""
    for program in ("gcc", "g++", "pkg-config", "python3"):
        if not shutil.which(program):
            raise Skip(f"building Intel's shim needs {program}")
    host = host_suite()
    apt = make_apt(work / "apt", [("deb", f"{mirror} {host} main"),
                                  ("deb", f"{mirror} {SOURCE_SUITE} main"),
                                  ("deb-src", f"{mirror} {SOURCE_SUITE} main")])
    apt("update")
    apt("source", "--download-only", f"mesa/{SOURCE_SUITE}", cwd=work)
    # Mesa wants a newer meson than Debian 12 has.
    apt("download", *[f"{tool}/{host}" for tool in TOOLS], f"meson/{SOURCE_SUITE}", cwd=work)
    unpack(work.glob("*.deb"), work / "tools")
    source = next(work.glob("mesa_*.orig.tar.*"))
    version = re.match(r"mesa_(.+)\.orig", source.name)[1]
    (work / "mesa").mkdir()
    subprocess.run(["tar", "-xf", source, "-C", work / "mesa", "--strip-components=1"], check=True)

    triple = Architecture().triple
    usr = work / "tools/usr"
    environment = dict(
        os.environ, PATH=f"{usr}/bin:{os.environ['PATH']}",
        PYTHONPATH=f"{usr}/lib/python3/dist-packages", BISON_PKGDATADIR=f"{usr}/share/bison",
        M4=f"{usr}/bin/m4", PKG_CONFIG_SYSROOT_DIR=str(work / "tools"),
        PKG_CONFIG_LIBDIR=f"{usr}/lib/{triple}/pkgconfig:{usr}/share/pkgconfig",
        LIBRARY_PATH=f"{usr}/lib/{triple}")  # and so no run path: every build is the same
    off = [f"-D{name}=disabled"
           for name in ("glx", "egl", "gbm", "llvm", "zstd", "libunwind", "valgrind", "xmlconfig")]
    empty = [f"-D{name}=" for name in ("gallium-drivers", "vulkan-drivers", "platforms",
                                       "video-codecs")]
    target = f"src/intel/tools/{SHIM}"
    for command in (
            ["python3", usr / "bin/meson", "setup", "build", "mesa", "-Dtools=drm-shim,intel",
             "-Dopengl=false", "-Doptimization=0", "-Ddebug=false", "-Db_ndebug=true",
             *off, *empty],
            ["nice", "ninja", "-j2", "-C", "build", target]):
        done = subprocess.run(command, cwd=work, env=environment, text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            lines = done.stdout.splitlines()
            said = next((line for line in lines if "ERROR" in line or "error:" in line),
                        lines[-1] if lines else "")
            raise Skip(f"Intel's shim does not build here: {said.strip()}")
    return Shim(work / "build" / target, version)
