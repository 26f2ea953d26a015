"""A folder of aarch64 wheels: this program with all it needs, to be installed where there is no network.

    make bundle PY=3.11

PY is the Python of the system that it is for: 3.11 on Bookworm, 3.13 on Trixie. pip judges the packages'
conditions by the Python it runs in, so one of that version must be here too.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from wheels import ROOT, build_wheel, find_python

GLIBC = range(17, 37)
"""manylinux tags 2_17 to 2_36; Bookworm has glibc 2.36."""
NUMPY_1 = ("3.11",)
"""Pythons whose system has packages built for NumPy 1: beside them nothing may bring NumPy 2."""


def extras(version: str) -> str:
    """What is installed with the program."""
    return "web,pdf,bookworm" if version in NUMPY_1 else "web,pdf"


def download(version: str, folder: Path, requirements: list[str]) -> None:
    """Get aarch64 wheels of those and of all they need.

    Raises:
        SystemExit: that Python is not here, or a package has no wheel.
    """
    python = find_python(version)
    if python is None:
        sys.exit(f"make bundle PY={version} needs Python {version} on this machine too")
    tags = [f"manylinux_2_{minor}_aarch64" for minor in GLIBC] + ["manylinux2014_aarch64"]
    command = [sys.executable, "-m", "pip", "--python", shutil.which(python) or python]
    command += [
        "download",
        "--quiet",
        "--only-binary=:all:",
        "--python-version",
        version,
        "--dest",
        str(folder),
    ]
    command += [part for tag in tags for part in ("--platform", tag)]
    if subprocess.run([*command, *requirements], check=False).returncode:
        sys.exit(f"no aarch64 wheels for Python {version} of: {' '.join(requirements)}")


def make_bundle(version: str, folder: Path) -> str:
    """Fill a folder with wheels and `INSTALL.txt`; the command that installs from inside it."""
    wheel = build_wheel(folder)
    wanted = f"hwr-edge[{extras(version)}]"
    download(version, folder, [f"{wheel}[{extras(version)}]"])
    line = f'~/hwr/bin/pip install --no-index --find-links . "{wanted}"'
    told = [
        f"For Python {version} on 64-bit Raspberry Pi OS or Debian. In this folder:",
        "",
        "python3 -m venv --system-site-packages ~/hwr",
        line,
    ]
    (folder / "INSTALL.txt").write_text("\n".join(told) + "\n", encoding="utf-8")
    return line


def main() -> None:
    """Make it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("version", nargs="?", default="3.11", metavar="PY")
    version: str = parser.parse_args().version
    folder = ROOT / "dist" / f"bundle-aarch64-py{version}"
    line = make_bundle(version, folder)
    files = list(folder.glob("*.whl"))
    size = sum(file.stat().st_size for file in files) / 1e6
    print(
        f"{folder.relative_to(ROOT)}: {len(files)} wheels, {size:.0f} MB; INSTALL.txt says:\n{line}"
    )


if __name__ == "__main__":
    main()
