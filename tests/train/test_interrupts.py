"""Ctrl-C and SIGTERM are answered where nothing is in the middle, also where a library swallows them."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest

from hwr_train.console import errors_reported
from hwr_train.interrupts import Interrupts, check


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_a_signal_is_raised_at_the_next_check(
    number: signal.Signals, raised: type[BaseException]
) -> None:
    with Interrupts():
        check()
        os.kill(os.getpid(), number)
        with pytest.raises(raised):
            check()
    check()


def test_the_second_one_is_raised_at_once_and_a_callback_that_swallows_it_loses_nothing(
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
        os.kill(os.getpid(), signal.SIGINT)
        gc.callbacks.extend([typed, broken])
        gc.collect()
        gc.collect()
        assert printed == [ValueError]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()
    check()


def test_within_another_one_nothing_is_forgotten() -> None:
    with Interrupts():
        with Interrupts():
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()


def test_signals_are_as_before_afterwards() -> None:
    def found() -> list[object]:
        return [*map(signal.getsignal, (signal.SIGINT, signal.SIGTERM)), sys.unraisablehook]

    before = found()
    with Interrupts():
        assert not set(found()) & set(before)
    assert found() == before


def test_a_command_that_is_ended_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def ended() -> None:
        with errors_reported(lambda: "go on so"), Interrupts():
            os.kill(os.getpid(), signal.SIGTERM)
            check()

    with pytest.raises(SystemExit) as raised:
        ended()
    assert raised.value.code == 143
    assert capsys.readouterr().err == "go on so\n"
