"""Runs the command line in a fresh process, as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
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
