"""Folders of runs: made for a new one, removed where it never began."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from hwr_edge.errors import cannot_write
from hwr_edge.folders import make_folder


def new_run_folder(runs: Path, preset: str) -> Path:
    """A new folder, called by the time and the preset.

    Raises:
        OutputError: it cannot be made.
    """
    make_folder(runs)
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{preset}"
    for number in count(1):
        folder = runs / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:  # another run's, that began in this second
            continue
        except OSError as error:
            raise cannot_write(folder, error) from error
        return folder
    raise AssertionError


def remove_unbegun_run(folder: Path) -> None:
    """Of a run that failed before its first epoch there is nothing to go on with."""
    if not (folder / "state.json").exists():
        for path in (folder / "config.json", *folder.glob("cleaning-*.json")):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # something else lies there
            folder.rmdir()
