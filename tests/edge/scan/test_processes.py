"""Processes that work for another one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from hwr_edge.scan.processes import no_interrupt

PARENT = """
import multiprocessing, os, time
from hwr_edge.scan.processes import end_with_parent

def work(pipe):
    end_with_parent()
    pipe.send(os.getpid())
    time.sleep(60)

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    multiprocessing.get_context("fork").Process(target=work, args=(there,)).start()
    print(here.recv(), flush=True)
    time.sleep(60)
"""


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_ends_when_the_one_that_began_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert _lives(child)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while _lives(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _lives(child)


def test_a_process_that_begins_without_interrupts_gets_none() -> None:
    with no_interrupt():
        child = subprocess.Popen(["sleep", "60"])
    try:
        os.kill(child.pid, signal.SIGINT)
        time.sleep(0.2)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
