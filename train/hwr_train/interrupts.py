"""Ctrl-C and SIGTERM that are not lost, and end nothing in the middle."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType

_WATCHED = (signal.SIGINT, signal.SIGTERM)
_seen = 0  # the signal that came


class Interrupts:
    """Within it, `check` raises what Ctrl-C and SIGTERM do elsewhere; the second one in a row does so at once.

    Python raises them wherever it is: in the middle of an import of JAX, which then cannot end, or in a callback of the
    garbage collector, where they are thrown away. What is printed of the latter is left out. Within another one,
    it changes nothing.
    """

    def __enter__(self) -> Interrupts:
        global _seen
        self.before = {}
        if threading.current_thread() is not threading.main_thread():
            return self
        if signal.getsignal(signal.SIGINT) is not _note:
            _seen = 0
            self.before = {number: signal.signal(number, _note) for number in _WATCHED}
            self.hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def _unraisable(self, thrown_away: sys.UnraisableHookArgs) -> None:
        if thrown_away.exc_type not in (KeyboardInterrupt, SystemExit):
            self.hook(thrown_away)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _seen
        if self.before:
            _seen = 0
            sys.unraisablehook = self.hook
            for number, handler in self.before.items():
                signal.signal(number, handler)


def _note(number: int, frame: FrameType | None) -> None:
    global _seen
    again, _seen = _seen, number
    if again:
        check()


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was typed within `Interrupts`, SystemExit(143) after SIGTERM."""
    if _seen == signal.SIGINT:
        raise KeyboardInterrupt
    if _seen:
        sys.exit(128 + _seen)
