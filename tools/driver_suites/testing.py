# SPDX-License-Identifier: MIT
"""tools/drivers test: all tests on one executing driver after the other, with validation and
synchronization validation, each suite with its own layers. One line a driver."""
import os
import pathlib
import re
import subprocess
import time

from .common import Failure, ROOT, Skip, drivers_folder

# By their label in CTest. The last is this machine's lavapipe, treated as a card.
USUAL = ["lavapipe", "lavapipe-sid", "swiftshader", "lavapipe-card"]
WHERE = {"lavapipe": "tools/setup --check installs it",
         "swiftshader": "tools/setup --check installs it, where chromium is packaged",
         "lavapipe-card": "it needs lavapipe; tools/setup --check installs it"}


def output_of(command):
    done = subprocess.run(command, cwd=ROOT, text=True, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def prepare(build, suites):
    """Configures with the suites' drivers among the tests, and builds."""
    configure = ["cmake", "-S", str(ROOT), "-B", str(build)]
    if not (build / "CMakeCache.txt").exists():
        configure += ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"]
    if suites:
        configure.append(f"-DINGOT_TEST_SUITES={';'.join(suites)}")
    for command in (configure, ["cmake", "--build", str(build)]):
        status, said = output_of(command)
        if status != 0:
            raise Failure(f"{' '.join(command)}:\n{said[-4000:]}")


def run_driver(build, driver):
    """(line, whether all passed, whether it was skipped)"""
    select = ["ctest", "--test-dir", str(build), "-L", f"^{re.escape(driver)}$"]
    _, listed = output_of(select + ["-N"])
    count = re.search(r"Total Tests: (\d+)", listed)
    if not count or count[1] == "0":
        suite = driver.removeprefix("lavapipe-")
        where = WHERE.get(driver, f"tools/drivers fetch {suite} unpacks it")
        return f"{driver:<15} skipped: this driver is not here; {where}", True, True
    start = time.monotonic()
    status, said = output_of(select + ["-j", str(os.cpu_count() or 1), "--output-on-failure"])
    failed = re.findall(r"^\s*\d+ - (\S+) \((?!Skipped)(.+)\)$", said, re.MULTILINE)
    if status != 0:
        print(said, flush=True)
    line = (f"{driver:<15} {count[1]:>4} tests {len(failed):4} failed "
            f"{time.monotonic() - start:7.1f} s")
    return line, status == 0, False


def test_all(arguments):
    build = pathlib.Path(arguments.build)
    build = build if build.is_absolute() else ROOT / build
    drivers = arguments.drivers or USUAL
    suites = []
    for driver in drivers:
        suite = driver.removeprefix("lavapipe-")
        if suite != driver and driver not in WHERE and (drivers_folder() / suite).is_dir():
            suites.append(suite)
    prepare(build, suites)
    passed = skipped = 0
    for driver in drivers:
        line, good, missing = run_driver(build, driver)
        print(line, flush=True)
        passed += good and not missing
        skipped += missing
    failed = len(drivers) - passed - skipped
    if skipped == len(drivers):
        raise Skip("none of these drivers is here")
    print(f"drivers: {passed} of {len(drivers)} drivers pass" +
          (f", {skipped} skipped" if skipped else "") +
          (f", {failed} FAILED" if failed else ""))
    return 1 if failed else 0
