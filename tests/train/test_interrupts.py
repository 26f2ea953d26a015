"""A Ctrl-C that a callback of the garbage collector swallows still stops the work."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest

from hwr_train.interrupts import Interrupts, check


def test_a_swallowed_ctrl_c_is_raised_at_the_next_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def typed(phase: str, _: object) -> None:
        gc.callbacks.remove(typed)
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

    def broken(phase: str, _: object) -> None:
        gc.callbacks.remove(broken)
        raise ValueError("not ours to hide")

    # Python hands what such a callback raises to this hook, and goes on.
    printed: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda thrown: printed.append(thrown.exc_type))
    with Interrupts():
        check()
        gc.callbacks.extend([typed, broken])
        gc.collect()
        gc.collect()
        assert printed == [ValueError]
        with pytest.raises(KeyboardInterrupt):
            check()
    check()


def test_ctrl_c_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook) == before
