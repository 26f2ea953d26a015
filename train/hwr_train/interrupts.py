"""Ctrl-C that is not lost."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

_seen = False


class Interrupts:
    """Within it, Ctrl-C raises KeyboardInterrupt as ever, and `check` raises it once more.

    Python throws the exception away where it comes in a callback of the garbage collector, and JAX
    has one: without a second look such a Ctrl-C would change nothing. What it prints then is left out.
    """

    def __enter__(self) -> Interrupts:
        global _seen
        _seen = False
        self.ours = threading.current_thread() is threading.main_thread()
        if self.ours:
            self.before = signal.signal(signal.SIGINT, self._note)
            self.hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        global _seen
        _seen = True
        signal.default_int_handler(number, frame)

    def _unraisable(self, thrown_away: sys.UnraisableHookArgs) -> None:
        if thrown_away.exc_type is not KeyboardInterrupt:
            self.hook(thrown_away)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _seen
        _seen = False
        if self.ours:
            signal.signal(signal.SIGINT, self.before)
            sys.unraisablehook = self.hook


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was typed within `Interrupts`."""
    if _seen:
        raise KeyboardInterrupt
