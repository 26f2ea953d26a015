"""The device side on the processor of a Raspberry Pi, emulated: installed offline, tested, compared with x86-64.

    make test-arm64 [ARM64=.venv-arm64] [LOG=tests/arm64/log.txt] [TESTS=tests/edge]

In a Debian bookworm arm64 root without network: installs the bundle as its INSTALL.txt says, beside the system's
NumPy; reads the examples; runs all tests of the device side; and compares readings and logits
with those of the same packages on this machine, in LiteRT and in tflite-runtime.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from agreement import all_agree, make_inputs
from arm64.bundle import download, make_bundle
from arm64.debian_root import PROCESSOR, DebianRoot, check_tools
from hwr_edge.line.bench import machine_name
from kept_log import Log
from wheels import ROOT, copy_device_tests, find_python

VERSION = "3.11"  # bookworm's
TFLITE = "/opt/tflite-runtime"
_OWN = "/home/pi/hwr/bin"
_TESTS = ("pytest>=8", "hypothesis>=6.100")
_OLD = ("numpy<2", "opencv-python-headless<4.12")


def install(root: DebianRoot, log: Log, work: Path) -> None:
    """Offline, as a user would from the bundle; then tflite-runtime in an environment of its own."""
    bundle, more = work / "bundle", work / "more"
    line = make_bundle(VERSION, bundle)
    download(VERSION, more, [*_TESTS, *_OLD, "tflite-runtime==2.14.0"])
    venv = "python3 -m venv --system-site-packages ~/hwr"
    shell = ["sh", "-c", f"cd /srv/hwr/bundle && rm -rf ~/hwr && {venv} && {line}"]
    log.step(f"{venv} && {line}", root.run(*shell))
    wheels = ["--no-index", "--find-links", "/srv/hwr/more", "--find-links", "/srv/hwr/bundle"]
    log.step("pip install pytest", root.run(f"{_OWN}/pip", "install", "-q", *wheels, *_TESTS))
    wanted = "hwr-edge[tflite-runtime]"
    other = [
        f"rm -rf {TFLITE} && python3 -m venv --system-site-packages {TFLITE}",
        f"{TFLITE}/bin/pip install -q {' '.join(wheels)} '{wanted}'",
        f"{TFLITE}/bin/pip uninstall -q -y ai-edge-litert",
    ]
    log.step(f"pip install '{wanted}', without LiteRT", root.run("sh", "-c", " && ".join(other)))


def counterpart(root: DebianRoot, folder: Path, wheel: Path) -> Path:
    """This machine's Python with the packages of the root, version for version."""
    python = find_python(VERSION)
    assert python, "the bundle was made with it"
    listed = root.run(f"{_OWN}/pip", "freeze").stdout.splitlines()
    pins = [line for line in listed if "==" in line]
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    own = folder / "bin" / "python"
    subprocess.run([own, "-m", "pip", "install", "-q", wheel, *pins], check=True)
    return own


def compare(root: DebianRoot, log: Log, work: Path, native: Path) -> None:
    """Readings and logits of both processors."""
    outputs = work / "outputs"
    command = ["tests/outputs.py", "inputs", "outputs/x86-64"]
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([native, *command], cwd=work, env=clean, check=True)
    for name, python in (("litert", f"{_OWN}/python"), ("tflite", f"{TFLITE}/bin/python")):
        line = f"cd /srv/hwr && {python} tests/outputs.py inputs outputs/arm64-{name}"
        log.step(f"outputs of {name}", root.run("sh", "-c", line))
    native_files = sorted((outputs / "x86-64").glob("*.npz"))
    files = [native_files[0], *sorted(outputs.glob("arm64-*/*.npz"))]
    agree, table = all_agree(files, same_processor=False)
    delegated, table_delegated = all_agree([native_files[1], *files[1:]], same_processor=False)
    log.say(f"{table}\n{table_delegated}")
    log.failed |= not (agree and delegated)


def examples(root: DebianRoot, log: Log, native: Path) -> None:
    """Both processors' rows of the examples."""
    own = subprocess.run(
        [native.parent / "hwr-edge", "file", "examples"], cwd=ROOT, capture_output=True, text=True
    )
    line = f"cd /srv/hwr && {_OWN}/hwr-edge file examples"
    log.step("hwr-edge file examples", root.run("sh", "-c", line), shown=9)
    log.say(f"the same here, x86-64:\n{own.stdout.strip()}")


def main() -> int:
    """Everything; 0 where all passed and agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=ROOT / ".venv-arm64")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--tests", nargs="+", default=["tests/edge"])
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    check_tools()
    root, log, began = DebianRoot(folder / "root"), Log(), time.monotonic()
    root.make()
    work = root.folder / "srv" / "hwr"
    shutil.rmtree(work, ignore_errors=True)
    copy_device_tests(work)
    make_inputs(work / "inputs")
    qemu = subprocess.run(["qemu-aarch64-static", "--version"], capture_output=True, text=True)
    log.say(
        f"{qemu.stdout.splitlines()[0]} as {PROCESSOR}, on {machine_name()}; {platform.system()}"
    )
    install(root, log, work)
    info = f"{_OWN}/hwr-edge info | head -n 4; {_OWN}/pip list"
    log.step("hwr-edge info | head -n 4; pip list", root.run("sh", "-c", info), shown=99)
    (wheel,) = (work / "bundle").glob("hwr_edge-*.whl")
    native = counterpart(root, folder / "x86-64", wheel)
    examples(root, log, native)
    compare(root, log, work, native)
    tests = f"pytest {' '.join(given.tests)}"
    log.step(tests, root.run("sh", "-c", f"cd /srv/hwr && {_OWN}/python -m {tests}"))
    log.say(f"{'FAILED' if log.failed else 'passed'} in {(time.monotonic() - began) / 60:.0f} min")
    log.keep(given.log)
    return int(log.failed)


if __name__ == "__main__":
    sys.exit(main())
