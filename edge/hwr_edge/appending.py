"""Files that grow: opened without following links, added to whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from hwr_edge.errors import cannot_write


def open_own(path: Path, flags: int) -> int:
    """Open a regular file of such a name, and never another one by a link; a new one is its owner's alone.

    Args:
        path: the file.
        flags: as `os.open` has them.

    Raises:
        OSError: it cannot be opened, is a link or not a regular file.
    """
    # What each system has of these; O_BINARY keeps Windows from writing other line ends.
    careful = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    file = os.open(path, flags | careful, 0o600)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file


def append_whole(file: int, path: Path, data: bytes) -> None:
    """Add to an open file, and wait until it is on the disk.

    Args:
        file: its descriptor, opened to append.
        path: what errors call it.
        data: what is added.

    Raises:
        OutputError: it cannot be written; nothing of it is left, unless the disk is gone.
    """
    end: int | None = None
    try:
        end = os.fstat(file).st_size
        if os.write(file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    except OSError as error:
        with suppress(OSError):
            if end is not None:
                os.ftruncate(file, end)
        raise cannot_write(path, error) from error


def is_still(file: int, path: Path) -> bool:
    """Whether an open file is the one that lies there: not deleted, moved or replaced."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False
