"""A Ctrl-C that a callback of the garbage collector swallows still stops the work."""

from __future__ import annotations

import gc
import os
import signal

import pytest

from hwr_train.interrupts import Interrupts


def test_a_swallowed_ctrl_c_is_raised_at_the_next_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def typed(phase: str, _: object) -> None:
        gc.callbacks.remove(typed)
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

    # Python hands what such a callback raises to this hook, and goes on.
    swallowed: list[object] = []
    monkeypatch.setattr(
        "sys.unraisablehook", lambda unraisable: swallowed.append(unraisable.exc_value)
    )
    with Interrupts() as interrupts:
        interrupts.check()
        gc.callbacks.append(typed)
        gc.collect()
        assert isinstance(swallowed[0], KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_ctrl_c_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
