"""Ctrl-C at any moment ends the command with one line, while modules load and at the exit, too.

While a command works, a Ctrl-C is a KeyboardInterrupt, so that drafts are removed; `commands.console` says the
line. Before and after there is nothing to remove, and the process ends where it is.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STATUS = 130
_TWICE = (
    2.0  # seconds in which a further Ctrl-C is the same one: a hand, a shell and make each send it
)
_first = 0.0


def end_at_once() -> None:
    """From now on, end where the process is."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # of a job in the background
        signal.signal(signal.SIGINT, _end)
        sys.unraisablehook = _keep_interrupt


def ignore() -> None:
    """From now on nothing is left to interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def raised() -> Iterator[None]:
    """Let a Ctrl-C be a KeyboardInterrupt, once: what tidies up after it is not broken off."""
    before = signal.getsignal(signal.SIGINT)
    if before is not _end:  # the process is another program's, or has its own way
        yield
        return
    signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is _raise:
            signal.signal(signal.SIGINT, before)


def _raise(number: int, frame: FrameType | None) -> None:
    global _first
    _first = time.monotonic()
    signal.signal(signal.SIGINT, _again)
    raise KeyboardInterrupt


def _again(number: int, frame: FrameType | None) -> None:
    if time.monotonic() - _first > _TWICE:
        _end(number, frame)


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, b"hwr-edge: interrupted\n")
    os._exit(STATUS)


def _keep_interrupt(lost: UnraisableHookArgs) -> None:
    """A KeyboardInterrupt that fell where nobody can catch it, such as a callback, comes again."""
    if lost.exc_type is KeyboardInterrupt and signal.getsignal(signal.SIGINT) is _again:
        import _thread
        from threading import Timer

        signal.signal(signal.SIGINT, _raise)
        Timer(0.02, _thread.interrupt_main).start()  # once this is left, which cannot raise either
    elif lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
