"""Faults of the system that no command expected."""

from __future__ import annotations

import errno
import signal
import sys
from types import ModuleType

import pytest

from hwr_edge.commands import app, file


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/list.csv"),
            "/srv/list.csv: cannot be used (Permission denied)",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "standard output: cannot be written (No space left on device)",
        ),
    ],
)
def test_a_fault_of_a_file_names_the_file(
    error: OSError,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def program(_: list[str]) -> None:
        raise error

    monkeypatch.setattr(app, "program", program)
    monkeypatch.setattr(app, "stderr_is_the_commands", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["hwr-edge", "info"])
    told: list[str] = []
    monkeypatch.setattr(app, "print_message", told.append)
    monkeypatch.setattr(app, "stdout_failed", lambda e: told.append(f"standard output: cannot be written ({e.strerror})"))  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 1
    assert told == [line]
    assert not capfd.readouterr().out


@pytest.mark.parametrize("module", [app, file])
def test_the_annotations_of_the_start_are_compiled_before_it(module: ModuleType) -> None:
    options = module.options if module is app else module.read_files
    assert not any(isinstance(kind, str) for kind in options.__annotations__.values())
