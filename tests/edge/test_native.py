from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from hwr_edge import native
from hwr_edge.commands.console import print_message
from hwr_edge.native import quiet, quiet_in_command


def test_what_native_code_writes_is_dropped_and_stderr_comes_back(capfd: Any) -> None:
    with quiet():
        os.write(2, b"libpng warning: noise\n")
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


@pytest.mark.parametrize(("command", "heard"), [(False, "noise\nours\n"), (True, "ours\n")])
def test_at_each_image_the_command_alone_is_quiet(
    command: bool, heard: str, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "_command", command)
    with quiet_in_command():
        os.write(2, b"noise\n")
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == heard


def test_an_error_inside_gives_stderr_back(capfd: Any) -> None:
    with pytest.raises(RuntimeError), quiet():
        raise RuntimeError
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def test_what_was_printed_before_is_not_lost(capfd: Any) -> None:
    print("before", file=sys.stderr, end=" ")
    with quiet():
        pass
    assert capfd.readouterr().err == "before "


def test_threads_inside_at_once_all_stay_quiet(capfd: Any) -> None:
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        for _ in range(200):
            with quiet():
                os.write(2, b"noise\n")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_file_descriptor_is_leaked() -> None:
    before = open_files()
    for _ in range(20):
        with quiet():
            pass
    assert open_files() == before


def test_a_complaint_is_heard_while_another_thread_is_quiet(capfd: Any) -> None:
    inside, done = threading.Event(), threading.Event()

    def work() -> None:
        with quiet():
            inside.set()
            done.wait(10)
            os.write(2, b"noise\n")

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(10)
    print_message("the log cannot be written")
    os.write(2, b"more noise\n")
    done.set()
    thread.join()
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "hwr-edge: the log cannot be written\nours\n"
