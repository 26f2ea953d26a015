"""Files that get their names together: all of them, or none, whatever stops that.

A kill between two renames leaves a folder half changed. So what was there is kept before the first one, with a note
that says so, and whoever comes next puts it back.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwr_edge.files import write_whole
from hwr_edge.folders import sync_folder

_PREFIX, _SUFFIX = ".ship-", ".part"
_NOTE, _KEPT = "begun.json", "before"


@contextmanager
def named_together(folder: Path) -> Iterator[Path]:
    """A folder for drafts beside their places: when the context ends well, each has its name in `folder`.

    The caller holds the folder against others, and has called `put_back`.

    Raises:
        OSError, OutputError: a file cannot be written; all is as it was.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX, suffix=_SUFFIX, dir=folder) as made:
        drafts = Path(made)
        yield drafts
        names = sorted(path.name for path in drafts.iterdir())
        _keep(names, drafts, folder)
        try:
            for name in names:
                os.replace(drafts / name, folder / name)
            sync_folder(folder / names[-1])
        except BaseException:
            _put_back(drafts, folder)
            raise
        (drafts / _NOTE).unlink()


def put_back(folder: Path) -> None:
    """Make all as it was before what was killed; the caller holds the folder.

    Raises:
        OSError, OutputError: a file cannot be written.
    """
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        _put_back(left, folder)
        shutil.rmtree(left)


def _keep(names: list[str], drafts: Path, folder: Path) -> None:
    """Keep what is there, and note then which of the names are."""
    (drafts / _KEPT).mkdir()
    there = [name for name in names if (folder / name).exists()]
    for name in there:
        write_whole(drafts / _KEPT / name, (folder / name).read_bytes())
        shutil.copystat(folder / name, drafts / _KEPT / name)
    note = {"names": names, "there": there}
    write_whole(drafts / _NOTE, json.dumps(note).encode())


def _put_back(drafts: Path, folder: Path) -> None:
    """Make all as it was, if renaming had begun; a second time nothing is left to do."""
    if not (drafts / _NOTE).exists():
        return
    note = json.loads((drafts / _NOTE).read_bytes())
    for name in note["names"]:
        if name not in note["there"]:
            (folder / name).unlink(missing_ok=True)
        elif (drafts / _KEPT / name).exists():
            os.replace(drafts / _KEPT / name, folder / name)
    sync_folder(folder / _NOTE)
    (drafts / _NOTE).unlink()
