"""Keeps what C libraries write straight to stderr away from the user.

libpng, libtiff and the interpreters have no switch for it, so file descriptor 2 points nowhere
for the few milliseconds of one call. Errors still come back as exceptions and are told properly.
A program that uses the library writes there from its other threads: what happens at each image is quiet
in the command alone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

_STDERR = 2  # its file descriptor
_lock = threading.Lock()
_inside = 0
_kept: int | None = None
_command = False


def stderr_is_the_commands() -> None:
    """Say that this process is the command's: nobody else writes to its stderr."""
    global _command
    _command = True


@contextmanager
def quiet_in_command() -> Iterator[None]:
    """`quiet` where the process is the command's; else nothing."""
    with quiet() if _command else nullcontext():
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what native code writes to stderr; threads may be inside at the same time."""
    _enter()
    try:
        yield
    finally:
        _leave()


@contextmanager
def heard() -> Iterator[None]:
    """Let what is written to stderr be read, also while other threads are quiet."""
    with _lock:
        if not _inside or _kept is None:
            yield
            return
        os.dup2(_kept, _STDERR)
        try:
            yield
        finally:
            _point_nowhere()


def _point_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)


def _enter() -> None:
    global _inside, _kept
    with _lock:
        _inside += 1
        if _inside > 1:
            return
        try:
            if sys.stderr is not None:
                sys.stderr.flush()
            _kept = os.dup(_STDERR)
            _point_nowhere()
        except (OSError, ValueError):
            _kept = None  # stderr is closed: nothing to keep quiet


def _leave() -> None:
    global _inside, _kept
    with _lock:
        _inside -= 1
        if _inside == 0 and _kept is not None:
            os.dup2(_kept, _STDERR)
            os.close(_kept)
            _kept = None
