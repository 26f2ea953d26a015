"""Locks between processes: who reads, changes and writes a file again holds one meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwr_edge.errors import OutputError

_FAR = 1 << 40  # bytes into a file


class Held(OutputError):  # noqa: N818  # says what is wrong, as its siblings do
    """Another process of this program is at the file."""


def lock_open(file: int) -> None:
    """Hold an open file until it is closed, against others that do so.

    Args:
        file: its descriptor, opened to write.

    Raises:
        OSError: another process holds it, or the file system has no such locks.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        import msvcrt

        lock, mode = getattr(msvcrt, "locking"), getattr(msvcrt, "LK_NBLCK")  # noqa: B009  # not typed elsewhere
        place = os.lseek(file, 0, os.SEEK_CUR)
        try:
            os.lseek(file, _FAR, os.SEEK_SET)  # a byte that nobody reads or writes
            lock(file, mode, 1)
        finally:
            os.lseek(file, place, os.SEEK_SET)
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def hold(path: Path, seconds: float = 1.0) -> Iterator[None]:
    """Hold a file that is there, or is to be, against the other processes of this program.

    The lock is an empty file beside it, .NAME.lock. It stays: who deleted it would let two in at once.

    Args:
        path: the file.
        seconds: how long to wait for whoever holds it.

    Raises:
        Held: another process holds it.
        OutputError: the lock cannot be made.
    """
    from filelock import FileLock, Timeout  # which loads much, for those who lock

    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=seconds, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise Held(f"{path}: another process is writing to it; try again later") from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{lock.lock_file}: cannot be locked ({reason})") from error
    try:
        yield
    finally:
        lock.release()
