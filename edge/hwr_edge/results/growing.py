"""Output that grows in a draft, which an interrupted run leaves and a later one goes on with."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from hwr_edge.appending import is_still, open_own
from hwr_edge.errors import OutputError, cannot_write
from hwr_edge.files import Guard, Sink, is_special, open_sink, part_of, target_of, write_own
from hwr_edge.folders import sync_folder
from hwr_edge.locks import lock_open

_SYNC_EVERY = 1.0  # seconds
_HOW_TO_RESUME = "rows so far are kept; repeat the command with --resume to continue"


class _SyncedSink:
    """Rows that survive a power cut: what is written is on the disk a second later."""

    def __init__(self, file: int, name: str) -> None:
        self._file, self._name, self._synced = file, name, time.monotonic()

    def write(self, text: str | bytes) -> None:
        try:
            data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
            while data:
                data = data[os.write(self._file, data) :]
            if time.monotonic() - self._synced > _SYNC_EVERY:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise OutputError(f"{cannot_write(self._name, error)}; {_HOW_TO_RESUME}") from error


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
    if is_special(path):
        with open_sink(path) as sink:
            yield sink
        return
    target, mode = target_of(path)
    part = part_of(path)
    file = _open_part(part, after, path)
    held = False
    try:
        lock_part(file, part)
        if not is_still(file, part) or os.fstat(file).st_size != (after or 0):
            raise _changed(part)
        held = True
        if not after:
            write_own(options_beside(part), options.encode(), private=True)
        mine = _inode(options_beside(part))
        yield _SyncedSink(file, str(path))
        try:
            os.fsync(file)
            with guard():
                part.chmod(mode)
                if os.name == "nt":  # no open file gets another name there
                    os.close(file)
                    file = os.open(os.devnull, os.O_RDONLY)  # to be closed in its place
                os.replace(part, target)
            sync_folder(target)
        except OSError as error:
            raise cannot_write(path, error) from error
        except OutputError as error:  # the guard's
            raise OutputError(f"{error}; {_HOW_TO_RESUME}") from error
        if _inode(options_beside(part)) == mine:  # else they are the next run's already
            options_beside(part).unlink(missing_ok=True)
    finally:
        # Unlinked while it is held, and never another run's.
        _leave(file, part, held and after is None)


def _leave(file: int, part: Path, unused: bool) -> None:
    """Close FILE.part, and delete it where nothing was written and it is `unused` otherwise."""
    with suppress(OSError):  # closed already, for its new name
        if unused and os.fstat(file).st_size == 0 and is_still(file, part):
            if os.name == "nt":  # no open file is deleted there
                os.close(file)
            options_beside(part).unlink(missing_ok=True)
            part.unlink(missing_ok=True)
        os.close(file)


def _open_part(part: Path, after: int | None, path: Path) -> int:
    new = os.O_CREAT | (os.O_EXCL if after is None else 0)
    flags = os.O_RDWR | os.O_APPEND | (0 if after else new)
    try:
        return open_own(part, flags)
    except FileExistsError as error:
        _refuse_held(part)
        raise OutputError(
            f"{part}: left by an interrupted run; continue with --resume, or delete it"
        ) from error
    except OSError as error:
        if after and isinstance(error, FileNotFoundError):
            raise _changed(part) from error
        raise cannot_write(path, error) from error


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


def _changed(part: Path) -> OutputError:
    return OutputError(f"{part}: another run changed it; run the command again")


def lock_part(file: int, part: Path) -> None:
    """Hold an open FILE.part until it is closed.

    Raises:
        OutputError: another run holds it.
    """
    try:
        lock_open(file)
    except OSError as error:
        raise OutputError(f"{part}: another run is writing to it") from error


def _refuse_held(part: Path) -> None:
    """Raise OutputError where another run is writing FILE.part."""
    with suppress(OSError), os.fdopen(open_own(part, os.O_RDWR), "rb+") as file:
        lock_part(file.fileno(), part)


def options_beside(part: Path) -> Path:
    """Where `open_growing` keeps what the rows of a FILE.part are made with."""
    return part.with_name(f"{part.name}.options")
