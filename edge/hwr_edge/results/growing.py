"""Files that are written whole or not at all: draft beside the target, fsync, rename.

What takes long grows in a draft that an interrupted run leaves and a later one goes on with.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Protocol

from hwr_edge.errors import OutputError

_SYNC_EVERY = 1.0  # seconds

Guard = Callable[[], AbstractContextManager[None]]
"""Entered while a file gets its name; raises OutputError where another one may not be replaced."""


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
            raise cannot_write(self._name, error) from error


def cannot_write(name: Path | str, error: Exception) -> OutputError:
    """What is said of a file that cannot be written."""
    return OutputError(f"{name}: cannot be written ({getattr(error, 'strerror', None) or error})")


@contextmanager
def open_sink(
    path: Path | None, private: bool = False, guard: Guard = nullcontext
) -> Iterator[Sink]:
    """Standard output, or a file that appears under its name when all is written.

    Anything that is no regular file (a device, a pipe) is written to directly. A new file that is
    `private` is its owner's alone.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left. Where the guard says
            so, all that was written is kept beside it, and the message tells where.
        BrokenPipeError: the reader of standard output is gone.
    """
    if path is None:
        if sys.stdout is None:
            raise OutputError("standard output: cannot be written (closed)")
        yield _Stream(sys.stdout.buffer, "standard output")
        return
    with _direct(path) if _is_special(path) else _draft(path, private, guard) as stream:
        yield _Stream(stream, str(path))


_KEPT = "the rows so far are kept: the same command with --resume goes on"


class _Growing:
    """Rows that survive a power cut: what is written is on the disk a second later."""

    def __init__(self, file: int, name: str) -> None:
        self._file, self._name, self._synced = file, name, time.monotonic()

    def write(self, text: str) -> None:
        try:
            data = text.encode("utf-8", "surrogateescape")
            while data:
                data = data[os.write(self._file, data) :]
            if time.monotonic() - self._synced > _SYNC_EVERY:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise OutputError(f"{cannot_write(self._name, error)}; {_KEPT}") from error


@contextmanager
def open_growing(
    path: Path, options: str, after: int | None = None, guard: Guard = nullcontext
) -> Iterator[Sink]:
    """A file that grows as FILE.part and is renamed when all is written.

    Interrupted, FILE.part stays, if anything is in it, and FILE.part.options beside it.

    Args:
        path: the file.
        options: what rows are made with: a run with others must not go on with it.
        after: so many bytes were found in FILE.part, and what is written comes after them; None
            where there must be none.
        guard: entered while FILE.part is renamed.

    Raises:
        OutputError: the file cannot be written, there is a FILE.part though `after` is None, it is
            not as it was found, or the guard says so.
    """
    if _is_special(path):
        with open_sink(path) as sink:
            yield sink
        return
    target, mode = _target(path)
    part = part_of(path)
    file = _open_part(part, after, path)
    held = False
    try:
        lock_growing(file, part)
        if not is_still(file, part) or os.fstat(file).st_size != (after or 0):
            raise _changed(part)
        held = True
        if not after:
            write_whole(options_beside(part), options.encode(), private=True)
        mine = _inode(options_beside(part))
        yield _Growing(file, str(path))
        try:
            os.fsync(file)
            with guard():
                os.fchmod(file, mode)
                os.replace(part, target)
        except OSError as error:
            raise cannot_write(path, error) from error
        except OutputError as error:  # the guard's
            raise OutputError(f"{error}; {_KEPT}") from error
        if _inode(options_beside(part)) == mine:  # else they are the next run's already
            options_beside(part).unlink(missing_ok=True)
    finally:
        # Unlinked while it is held, and never another run's.
        if held and after is None and os.fstat(file).st_size == 0 and is_still(file, part):
            options_beside(part).unlink(missing_ok=True)
            part.unlink(missing_ok=True)
        os.close(file)


def _open_part(part: Path, after: int | None, path: Path) -> int:
    new = os.O_CREAT | (os.O_EXCL if after is None else 0)
    flags = os.O_RDWR | os.O_APPEND | (0 if after else new)
    try:
        return os.open(part, flags, 0o600)
    except FileExistsError as error:
        _refuse_held(part)
        raise OutputError(
            f"{part}: left by an interrupted run; go on with --resume, or delete it"
        ) from error
    except OSError as error:
        if after and isinstance(error, FileNotFoundError):
            raise _changed(part) from error
        raise cannot_write(path, error) from error


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _changed(part: Path) -> OutputError:
    return OutputError(f"{part}: another run has changed it meanwhile; run the command again")


def lock_growing(file: int, part: Path) -> None:
    """Hold an open FILE.part until it is closed.

    Raises:
        OutputError: another run holds it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OutputError(f"{part}: another run is writing it") from error


def _refuse_held(part: Path) -> None:
    """Raise OutputError where another run is writing FILE.part."""
    with suppress(OSError), part.open("rb+") as file:
        lock_growing(file.fileno(), part)


def options_beside(part: Path) -> Path:
    """Where `open_growing` keeps what the rows of a FILE.part are made with."""
    return part.with_name(f"{part.name}.options")


def part_of(path: Path) -> Path:
    """Where `open_growing` keeps what is there so far: FILE.part beside the target.

    Raises:
        OutputError: the target cannot be written.
    """
    target, _ = _target(path)
    return target.with_name(f"{target.name}.part")


def answers_beside(results: Path) -> Path:
    """Where a review keeps the answers to a file of results: NAME.answers.jsonl beside it.

    By whatever link the file is named, its answers are in one place.
    """
    if results.is_symlink():
        results = Path(os.path.realpath(results))
    return results.with_name(f"{results.stem}.answers.jsonl")


def write_whole(path: Path, data: bytes, private: bool = False) -> None:
    """Write a file whole or not at all; a new one that is `private` is its owner's alone.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
    """
    with _draft(path, private) as stream:
        stream.write(data)


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


@contextmanager
def _direct(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("wb", buffering=0) as stream:
            yield stream
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def _draft(path: Path, private: bool = False, guard: Guard = nullcontext) -> Iterator[IO[bytes]]:
    target, mode = _target(path, 0o600 if private else 0o666)
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
        with _keeping(Path(draft), part_of(path)), guard():
            Path(draft).chmod(mode)
            os.replace(draft, target)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            stream.close()
        Path(draft).unlink(missing_ok=True)


@contextmanager
def _keeping(draft: Path, part: Path) -> Iterator[None]:
    """Keep a draft that is whole where a guard refuses it: as FILE.part, or by another free name."""
    try:
        yield
    except OutputError as error:
        for kept in (part, *(part.with_name(f"{part.name}{k}") for k in range(2, 100))):
            if not os.path.lexists(kept):
                os.replace(draft, kept)
                raise OutputError(f"{error}; what was read is kept in {kept}") from error
        raise


def _is_special(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError as error:
        raise cannot_write(path, error) from error


def _target(path: Path, new: int = 0o666) -> tuple[Path, int]:
    """The file behind a link, and the permissions it is to have."""
    try:
        # Path.resolve treats a loop of links in two ways, by the version of Python.
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        there = target.exists()
        mode = stat.S_IMODE(target.stat().st_mode) if there else 0
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from error
    if target.is_dir():
        raise OutputError(f"{path}: cannot be written (it is a folder)")
    if there and not os.access(target, os.W_OK):
        raise OutputError(f"{path}: cannot be written (no permission)")
    if there:
        return target, mode
    mask = os.umask(0)
    os.umask(mask)
    return target, new & ~mask
