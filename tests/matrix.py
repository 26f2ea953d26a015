"""Run the device side's tests from the built wheel on every Python found, with old and new NumPy.

    python tests/matrix.py [--require 3.11 3.13]

Each environment gets the wheel and pytest, nothing of the sources. Missing Pythons are named;
one that is required and missing fails the run. At the end the environments are compared: LiteRT and
tflite-runtime, with XNNPACK and without, must read alike (agreement.py says what that is).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agreement import all_agree, make_inputs
from wheels import ROOT, build_wheel, copy_device_tests, find_python

HOME = ROOT / ".venv-matrix"
PYTHONS = ("3.11", "3.12", "3.13")
# What Debian 12 has, with the last OpenCV that takes it.
OLD = ("numpy==1.24.*", "opencv-python-headless==4.11.*")


@dataclass(frozen=True)
class Environment:
    """One Python with what is installed beside the wheel, and what of its needs is not."""

    name: str
    python: str
    extra: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


ENVIRONMENTS = (
    Environment("3.11", "3.11"),
    Environment("3.11-old-numpy", "3.11", OLD),
    Environment(
        "3.11-tflite-runtime", "3.11", (*OLD, "tflite-runtime==2.14.0"), ("ai-edge-litert",)
    ),
    Environment("3.12", "3.12"),
    Environment("3.13", "3.13"),
)


def run(environment: Environment, python: str, wheel: Path) -> bool:
    """Install and test in a folder that holds the tests alone; whether all passed."""
    folder = HOME / environment.name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    own = folder / "venv" / "bin" / "python"
    packages = [
        f"{wheel}[web,pdf,images,sheets,events]",
        "pytest>=8",
        "pytest-xdist>=3.6",
        "hypothesis>=6.100",
        *environment.extra,
    ]
    subprocess.run([own, "-m", "pip", "install", "-q", *packages], check=True)
    if environment.without:
        subprocess.run(
            [own, "-m", "pip", "uninstall", "-q", "-y", *environment.without], check=True
        )
    work = folder / "work"
    copy_device_tests(work)
    tests = subprocess.run([own, "-m", "pytest", "tests/edge", "-n", "auto"], cwd=work, check=False)
    output = HOME / "outputs" / environment.name
    command = [str(own), "tests/outputs.py", str(HOME / "inputs"), str(output)]
    dumped = subprocess.run(command, cwd=work, check=False)
    return tests.returncode == 0 and dumped.returncode == 0


def main() -> int:
    """Run every environment; 0 when all that could run passed and none required is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--require", nargs="*", default=[], metavar="VERSION")
    required = set(parser.parse_args().require)
    wheel = build_wheel(HOME / "dist")
    for made in ("inputs", "outputs"):
        shutil.rmtree(HOME / made, ignore_errors=True)
    make_inputs(HOME / "inputs")
    pythons = {version: find_python(version) for version in PYTHONS}
    missing = [version for version, python in pythons.items() if python is None]
    failed = []
    for environment in ENVIRONMENTS:
        if python := pythons[environment.python]:
            print(f"== {environment.name} ({python})", flush=True)
            if not run(environment, python, wheel):
                failed.append(environment.name)
    agree, table = all_agree(sorted((HOME / "outputs").glob("*/*.npz")))
    print(table)
    if not agree:
        failed.append("agreement of the runtimes")
    print(f"missing Pythons: {', '.join(missing) or 'none'}")
    print(f"failed: {', '.join(failed) or 'none'}")
    return 1 if failed or required & set(missing) else 0


if __name__ == "__main__":
    sys.exit(main())
