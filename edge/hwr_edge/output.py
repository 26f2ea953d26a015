"""Files that are written whole or not at all: draft beside the target, fsync, rename."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from hwr_edge.errors import OutputError


class Sink(Protocol):
    """Somewhere to write text to."""

    def write(self, text: str) -> None:
        """Write, and let it be seen at once.

        Raises:
            OutputError: it cannot be written.
        """


class _Stream:
    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, text: str) -> None:
        try:
            self._stream.write(text.encode("utf-8", "surrogateescape"))
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _told(self._name, error) from error


@contextmanager
def open_sink(path: Path | None) -> Iterator[Sink]:
    """Standard output, or a file that appears under its name when all is written.

    Anything that is no regular file (a device, a pipe) is written to directly.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
        BrokenPipeError: the reader of standard output is gone.
    """
    if path is None:
        if sys.stdout is None:
            raise OutputError("standard output: cannot be written (closed)")
        yield _Stream(sys.stdout.buffer, "standard output")
        return
    with _direct(path) if _is_special(path) else _draft(path) as stream:
        yield _Stream(stream, str(path))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
    """
    with _draft(path) as stream:
        stream.write(data)


def make_folder(path: Path) -> None:
    """Make a folder, with its parents, unless it is there.

    Raises:
        OutputError: it cannot be made or not be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _told(str(path), error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: cannot be written (no permission)")


@contextmanager
def _direct(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("wb", buffering=0) as stream:
            yield stream
    except OSError as error:
        raise _told(str(path), error) from error


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    target, mode = _target(path)
    try:
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".hwr-edge-", suffix=".part")
    except OSError as error:
        raise _told(str(path), error) from error
    stream = os.fdopen(handle, "wb")
    try:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        stream.close()
        Path(draft).chmod(mode)
        os.replace(draft, target)
    except OSError as error:
        raise _told(str(path), error) from error
    finally:
        with suppress(OSError):
            stream.close()
        Path(draft).unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError as error:
        raise _told(str(path), error) from error


def _target(path: Path) -> tuple[Path, int]:
    """The file behind a link, and the permissions it is to have."""
    try:
        # Path.resolve treats a loop of links in two ways, by the version of Python.
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        there = target.exists()
        mode = stat.S_IMODE(target.stat().st_mode) if there else 0
    except (OSError, ValueError) as error:
        raise _told(str(path), error) from error
    if target.is_dir():
        raise OutputError(f"{path}: cannot be written (it is a folder)")
    if there and not os.access(target, os.W_OK):
        raise OutputError(f"{path}: cannot be written (no permission)")
    if there:
        return target, mode
    mask = os.umask(0)
    os.umask(mask)
    return target, 0o666 & ~mask


def _told(name: str, error: Exception) -> OutputError:
    return OutputError(f"{name}: cannot be written ({getattr(error, 'strerror', None) or error})")
