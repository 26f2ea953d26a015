"""Runs the command line in a fresh process, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import hwr_edge
from fakes import TINY_MODEL

HWR_EDGE = [sys.executable, "-m", "hwr_edge"]


def environment(**more: str) -> dict[str, str]:
    """The environment in which a fresh process finds the package under test and the tiny model."""
    package = str(Path(hwr_edge.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": package, "HWR_EDGE_MODEL": str(TINY_MODEL), **more}


def run(
    *arguments: str | Path, cwd: Path | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run `hwr-edge` to its end, with text in and out."""
    command = [*HWR_EDGE, *map(str, arguments)]
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, **more}
    return subprocess.run(command, cwd=cwd, env=environment(), check=False, **options)


def interrupt(folder: Path, content: bytes, *options: str) -> None:
    """Leave what a killed run of `hwr-edge file` with these options leaves, with that in FILE.part."""
    waiting = folder / "waiting-for-ever.png"
    os.mkfifo(waiting)
    part = folder / f"{options[options.index('--output') + 1]}.part"
    command = [*HWR_EDGE, "file", waiting.name, *options]
    with subprocess.Popen(command, cwd=folder, env=environment()) as process:
        deadline = time.monotonic() + 30
        while not part.with_name(f"{part.name}.options").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
    waiting.unlink()
    part.write_bytes(content)
