"""Files that are written whole or not at all: draft beside the target, fsync, rename."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Protocol

from hwr_edge.errors import OutputError, cannot_write
from hwr_edge.folders import sync_folder

Guard = Callable[[], AbstractContextManager[None]]
"""Entered while a file gets its name; raises OutputError where another one may not be replaced."""


class Sink(Protocol):
    """Somewhere to write text to."""

    def write(self, text: str | bytes) -> None:
        """Write, and let it be seen at once.

        Raises:
            OutputError: it cannot be written.
        """


class _StreamSink:
    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, text: str | bytes) -> None:
        try:
            data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error


@contextmanager
def open_sink(
    path: Path | None, private: bool = False, guard: Guard = nullcontext
) -> Iterator[Sink]:
    """Standard output, or a file that appears under its name when all is written.

    Anything that is not a regular file (a device, a pipe) is written to directly. A new file that is
    `private` is its owner's alone.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left. Where the guard says
            so, all that was written is kept beside it, and the message tells where.
        BrokenPipeError: the reader of standard output is gone.
    """
    if path is None:
        if sys.stdout is None:
            raise OutputError("standard output: cannot be written (closed)")
        yield _StreamSink(sys.stdout.buffer, "standard output")
        return
    with _direct(path) if is_special(path) else _draft(path, private, guard) as stream:
        yield _StreamSink(stream, str(path))


def part_of(path: Path) -> Path:
    """Where a draft that is to be kept lies: FILE.part beside the target.

    Raises:
        OutputError: the target cannot be written.
    """
    target, _ = target_of(path)
    return target.with_name(f"{target.name}.part")


def write_whole(path: Path, data: bytes, private: bool = False) -> None:
    """Write a file whole or not at all; a new one that is `private` is its owner's alone.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
    """
    with _draft(path, private) as stream:
        stream.write(data)


def write_own(path: Path, data: bytes, private: bool = False) -> None:
    """The same for a name that the program made and nobody typed.

    Whoever may write in the folder can have put a link there: it is replaced, and what it leads to
    stays as it is.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
    """
    with _draft(path, private, follow=False) as stream:
        stream.write(data)


def write_new(path: Path, data: bytes) -> None:
    """The same where no file may be yet: of two that write one at once, one is refused.

    Raises:
        OutputError: the file cannot be written, or one is there; nothing half-written is left.
    """
    with _draft(path, follow=False, new=True) as stream:
        stream.write(data)


@contextmanager
def _direct(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("wb", buffering=0) as stream:
            yield stream
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def _draft(
    path: Path,
    private: bool = False,
    guard: Guard = nullcontext,
    follow: bool = True,
    new: bool = False,
) -> Iterator[IO[bytes]]:
    target, mode = target_of(path, 0o600 if private else 0o666, follow)
    try:
        import tempfile  # which loads much, for those who write

        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".hwr-edge-", suffix=".part")
    except OSError as error:
        raise cannot_write(path, error) from error
    stream = os.fdopen(handle, "wb")
    try:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        stream.close()
        with _keeping(Path(draft), target.with_name(f"{target.name}.part")), guard():
            Path(draft).chmod(mode)
            (_name_new if new else os.replace)(draft, target)
        if follow:
            sync_folder(target)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            stream.close()
        Path(draft).unlink(missing_ok=True)


def _name_new(draft: str, target: Path) -> None:
    """Give a draft its name, unless that is taken."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError as error:  # a memory card's file system has no second names
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        os.replace(draft, target)


@contextmanager
def _keeping(draft: Path, part: Path) -> Iterator[None]:
    """Keep a draft that is whole where a guard refuses it: as FILE.part, or by another free name."""
    try:
        yield
    except OutputError as error:
        for kept in (part, *(part.with_name(f"{part.name}{k}") for k in range(2, 100))):
            if not os.path.lexists(kept):
                os.replace(draft, kept)
                raise OutputError(f"{error}; readings are kept in {kept}") from error
        raise


def is_special(path: Path) -> bool:
    """Whether it is there and neither a regular file nor a folder: a device, a pipe.

    Raises:
        OutputError: that cannot be told.
    """
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError as error:
        raise cannot_write(path, error) from error


def target_of(path: Path, new: int = 0o666, follow: bool = True) -> tuple[Path, int]:
    """The file behind a link, and the permissions it is to have: its own, else `new` without the umask.

    Where links are not followed, the file is the name itself, and a link there counts as nothing.

    Raises:
        OutputError: it may not be written.
    """
    try:
        # Path.resolve treats a loop of links in two ways, by the version of Python.
        folder = Path(os.path.realpath(path.parent))
        target = Path(os.path.realpath(path)) if follow else folder / path.name
        if follow and target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        there = target.exists() and not target.is_symlink()
        mode = stat.S_IMODE(target.stat().st_mode) if there else 0
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from error
    if target.is_dir() and not target.is_symlink():
        raise OutputError(f"{path}: cannot be written (is a folder)")
    if there and not os.access(target, os.W_OK):
        raise OutputError(f"{path}: cannot be written (no permission)")
    if there:
        return target, mode
    mask = os.umask(0)
    os.umask(mask)
    return target, new & ~mask
