# SPDX-License-Identifier: MIT
"""The drivers of an unpacked suite and how to run a program on one of them.

Most compile only: a library preloaded into the program pretends to be the kernel's driver of a card
that is not there, and the real shader compiler runs. A program runs through the suite's own dynamic
loader, so a newer C library than the machine's is no obstacle.
"""
import collections
import hashlib
import os
import pathlib
import shutil
import tempfile

from .common import Architecture, Failure, Skip, drivers_folder

# desktop: where a spill is a fault of ours. On the others it is only shown.
Chip = collections.namedtuple("Chip", "vendor name title desktop")
CHIPS = [
    Chip("amd", "vega10", "GCN 5, Radeon RX Vega 64", True),
    Chip("amd", "navi10", "RDNA 1, Radeon RX 5700", True),
    Chip("amd", "navi21", "RDNA 2, Radeon RX 6800", True),
    Chip("amd", "navi31", "RDNA 3, Radeon RX 7900", True),
    Chip("amd", "gfx1201", "RDNA 4, Radeon RX 9070", True),
    Chip("intel", "tgl", "Xe-LP, Tiger Lake", True),
    Chip("intel", "dg2", "Xe-HPG, Arc A770", True),
    Chip("intel", "lnl", "Xe2, Lunar Lake", True),
    Chip("intel", "bmg", "Xe2, Arc B580", True),
    Chip("nvidia", "0x172", "Ampere, RTX 30", True),
    Chip("nvidia", "0x192", "Ada, RTX 40", True),
    Chip("nvidia", "0x1b2", "Blackwell, RTX 50", True),
    Chip("qualcomm", "660", "Adreno 660", False),
    Chip("qualcomm", "740", "Adreno 740", False),
    Chip("qualcomm", "830", "Adreno 830", False),
    Chip("apple", "m1", "M1", False),
]

# Vendor: driver, shim, and the environment that makes it this chip.
VENDORS = {
    "amd": ("libvulkan_radeon.so", "libamdgpu_noop_drm_shim.so",
            lambda name: {"AMDGPU_GPU_ID": name}),
    "intel": ("libvulkan_intel.so", "libintel_noop_drm_shim.so",
              lambda name: {"INTEL_STUB_GPU_PLATFORM": name}),
    "nvidia": ("libvulkan_nouveau.so", "libnouveau_noop_drm_shim.so",
               lambda name: {"NOUVEAU_CHIPSET": name, "NVK_I_WANT_A_BROKEN_VULKAN_DRIVER": "1"}),
    "qualcomm": ("libvulkan_freedreno.so", "libfreedreno_noop_drm_shim.so",
                 lambda name: {"FD_GPU_ID": name}),
    "apple": ("libvulkan_asahi.so", "libasahi_noop_drm_shim.so", lambda name: {}),
    "lavapipe": ("libvulkan_lvp.so", None, lambda name: {}),
}


def chips_named(words):
    """Chips by vendor (amd), name (navi31) or both (amd:navi31); without words, all."""
    if not words:
        return CHIPS
    found = []
    for word in words:
        those = [chip for chip in CHIPS
                 if word in (chip.vendor, chip.name, f"{chip.vendor}:{chip.name}")]
        if not those:
            raise Failure(f"no chip is called '{word}'; there are " +
                          ", ".join(f"{chip.vendor}:{chip.name}" for chip in CHIPS))
        found += [chip for chip in those if chip not in found]
    return found


class Suite:
    """An unpacked suite (see fetch.py)."""

    def __init__(self, name="sid"):
        self.folder = drivers_folder() / name
        self.root = self.folder / "root"
        if not self.root.is_dir():
            raise Skip(f"there are no drivers in {self.folder}; tools/drivers fetch {name}")
        architecture = Architecture()
        self.libraries = self.root / "usr/lib" / architecture.triple
        self.layers = self.root / "usr/share/vulkan/explicit_layer.d"
        places = [self.libraries, self.root / "lib64", self.root / "usr/lib64",
                  self.root / "lib" / architecture.triple, self.root / "usr/lib"]
        loaders = [place / architecture.loader for place in places]
        self.loader = next((loader for loader in loaders if loader.exists()), None)
        if self.loader is None:
            raise Failure(f"{self.root} has no dynamic loader")
        # The suite's own first; then what a program needs of this machine (libfmt, say).
        self.search = [self.libraries, self.root / "lib" / architecture.triple,
                       pathlib.Path("/usr/lib") / architecture.triple,
                       pathlib.Path("/lib") / architecture.triple, pathlib.Path("/usr/local/lib")]

    def why_not(self, vendor):
        """What a vendor's driver lacks to be used, or nothing."""
        driver, shim, _ = VENDORS[vendor]
        for library in (driver, shim):
            if library and not (self.libraries / library).exists():
                return f"{library} is not in {self.folder}"
        return None

    def manifest(self, vendor):
        """The loader's JSON file for a driver, by full path."""
        library = self.libraries / VENDORS[vendor][0]
        text = ('{"file_format_version": "1.0.1", "ICD": '
                f'{{"api_version": "1.3.0", "library_path": "{library}"}}}}\n')
        mark = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = pathlib.Path(tempfile.gettempdir()) / f"ingot-{os.getuid()}-{mark}.json"
        if not path.exists() or path.read_text() != text:
            scratch = path.with_suffix(f".{os.getpid()}")
            scratch.write_text(text)
            scratch.rename(path)
        return str(path)

    def command(self, vendor, name, program, *arguments):
        """The command and the environment that run a program on a driver."""
        missing = self.why_not(vendor)
        if missing:
            raise Skip(missing)
        found = shutil.which(program)
        if not found:
            raise Failure(f"there is no program {program}")
        _, shim, chip_environment = VENDORS[vendor]
        manifest = self.manifest(vendor)
        environment = dict(os.environ, VK_DRIVER_FILES=manifest, VK_ICD_FILENAMES=manifest,
                           VK_LAYER_PATH=str(self.layers), **chip_environment(name))
        environment.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        search = ":".join(str(place) for place in self.search if place.is_dir())
        preload = ["--preload", str(self.libraries / shim)] if shim else []
        return ([str(self.loader), "--library-path", search, *preload, found, *arguments],
                environment)
