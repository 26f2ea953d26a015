"""The built wheel: what it holds, and that it works in a clean environment away from the sources."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_device_side_and_the_model_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "edge" / "hwr_edge"
    sources = {
        f"hwr_edge/{path.relative_to(package)}"
        for kind in ("*.py", "*.html", "*.css", "*.js", "*.json")
        for path in package.rglob(kind)
    }
    wanted = sources | {
        "hwr_edge/py.typed",
        "hwr_edge/names-int8.tflite",
        "hwr_edge/name-model.npz",
        "hwr_edge/print-int8.tflite",
        "hwr_edge/form-fields.npz",
    }
    assert {n for n in names if ".dist-info/" not in n} == wanted


def test_the_wheel_reads_the_example_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    binaries = tmp_path / "venv" / "bin"
    install = [str(binaries / "python"), "-m", "pip", "install", "-q", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    image = tmp_path / "name.png"
    image.write_bytes((ROOT / "examples" / "manon.png").read_bytes())

    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True, env=clean
        )
        return done.stdout

    assert run(str(binaries / "hwr-edge"), "file", "name.png") == "MANON\n"
    assert str(binaries.parent) in run(str(binaries / "hwr-edge"), "info")
    installed = run(str(binaries / "python"), "-m", "pip", "list").lower()
    assert "ai-edge-litert" in installed
    for heavy in ("tensorflow", "keras", "jax", "torch"):
        assert heavy not in installed
