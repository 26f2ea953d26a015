"""Folders that are made for results, and names in them that are on the disk for sure."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hwr_edge.errors import OutputError, cannot_write


def sync_folder(path: Path) -> None:
    """Wait until a new file's name is on the disk too.

    Raises:
        OutputError: it cannot be.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EACCES):  # that cannot, need not, or may not
            raise cannot_write(path, error) from error


def make_folder(path: Path, private: bool = False) -> None:
    """Make a folder, with its parents, unless it is there; a new one that is `private` is its owner's alone.

    Raises:
        OutputError: it cannot be made or not be written to.
    """
    try:
        new = not path.is_dir()
        path.mkdir(parents=True, exist_ok=True)
        if new and private:
            path.chmod(0o700)
    except OSError as error:
        raise cannot_write(path, error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: cannot be written (no permission)")


def make_own_folder(folder: Path, below: Path) -> Path:
    """Make folders of names that nobody typed in one that is there; none may be a link.

    Args:
        folder: what the user named.
        below: the path from there.

    Returns:
        The innermost one.

    Raises:
        OutputError: one cannot be made, or is a link.
    """
    for name in below.parts:
        folder = folder / name
        if folder.is_symlink():
            raise OutputError(f"{folder}: is a link; delete it, or choose another folder")
        make_folder(folder)
    return folder
