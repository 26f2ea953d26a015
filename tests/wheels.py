"""The built wheel, and the Pythons of this machine, for what runs the device side away from the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def find_python(version: str) -> str | None:
    """A Python of that version that starts: on the path, or one that pyenv keeps."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(pyenv.glob(f"{version}.*/bin/python"))
    for candidate in [f"python{version}", *map(str, kept)]:
        probe = [candidate, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        try:
            found = subprocess.run(probe, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        if found.stdout.strip() == version:
            return candidate
    return None


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def copy_device_tests(work: Path) -> None:
    """The tests of the device side and what they read, without the sources."""
    for part in ("tests/edge", "tests/fuzz", "tests/golden", "examples"):
        shutil.copytree(ROOT / part, work / part, dirs_exist_ok=True)
    for file in [*(ROOT / "tests").glob("*.py"), ROOT / "pyproject.toml"]:
        shutil.copy(file, work / file.relative_to(ROOT))
    (work / "docs").mkdir(exist_ok=True)
    shutil.copy(ROOT / "docs" / "python.md", work / "docs")  # its examples are tests
