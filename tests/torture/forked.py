"""Commands in forks of this process, which has loaded all of them: a kill costs milliseconds, and comes while work is done.

Nothing is written before a command is loaded, so that a kill of its start would show nothing.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import cv2

import hwr_edge.camera.command
import hwr_edge.camera.pick
import hwr_edge.form.propose
import hwr_edge.page.reader
import hwr_edge.review.export
import hwr_edge.scan.annotate
import hwr_edge.scan.batch  # noqa: F401  # all of these: loaded once, for all forks
from fakes import TINY_MODEL
from hwr_edge.commands.app import main, program

cv2.setNumThreads(1)
program([])  # loads the module of each command

Work = Callable[[], object]


@dataclass
class Forked:
    """A fork that is at work."""

    process: int
    said: int
    status: int | None = None

    def wait(self) -> tuple[int, str]:
        """What it printed, and its exit status, negative for a signal."""
        with os.fdopen(self.said, "rb") as stream:
            text = stream.read().decode("utf-8", "replace")
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self.status, text


def forked(folder: Path, work: Work, errors: Path = Path(os.devnull)) -> Forked:
    """Begin work in a fork that is in that folder, whose output is kept, and its errors in a file."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    if process := os.fork():
        os.close(writing)
        return Forked(process, reading)
    os.close(reading)
    _work(folder, work, writing, errors)


def _work(folder: Path, work: Work, said: int, errors: Path) -> NoReturn:
    status = 1
    try:
        os.dup2(said, 1)
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        os.chdir(folder)
        work()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def command(*arguments: str, model: Path | str = TINY_MODEL) -> Work:
    """`hwr-edge` with these arguments; the model that ships is ""."""

    def work() -> None:
        os.environ["HWR_EDGE_MODEL"] = str(model)
        sys.argv = ["hwr-edge", *arguments]
        main()

    return work


def done(folder: Path, *arguments: str, model: Path | str = TINY_MODEL) -> str:
    """Run a command to its end, which must be a good one; what it printed."""
    status, text = forked(folder, command(*arguments, model=model)).wait()
    if status:
        raise RuntimeError(f"hwr-edge {' '.join(arguments)}: exit status {status}")
    return text


@dataclass
class Killer:
    """Kills forks at random moments of their work, evenly over the time that the whole of it takes.

    kills: forks that were at work when they were killed; those that had ended are not counted.
    """

    rng: random.Random
    kills: int = 0
    _lasts: dict[str, list[float]] = field(default_factory=dict)

    def run(self, folder: Path, work: Work, name: str, ready: bool = False) -> tuple[bool, str]:
        """Work in a fork, and kill it.

        Args:
            folder: where it works.
            work: what it does.
            name: that of such work, which lasts as long.
            ready: it prints a line when it is made ready, before which it is not killed.

        Returns:
            Whether it was killed while it worked, and what it had printed.
        """
        lasts = self._lasts.setdefault(name, [])
        process = forked(folder, work)
        while ready and os.read(process.said, 1) not in (b"\n", b""):
            pass
        began = time.monotonic()
        if (
            len(lasts) < 3 or self.rng.random() < 0.02
        ):  # how long all of it takes, as the machine is now
            status, text = process.wait()
            lasts[:] = [*lasts[-2:], time.monotonic() - began]
            return False, text
        time.sleep(self.rng.random() * sorted(lasts)[1])
        os.kill(process.process, signal.SIGKILL)
        status, text = process.wait()
        self.kills += status == -signal.SIGKILL
        return status == -signal.SIGKILL, text


def lines(text: str) -> Sequence[str]:
    """Whole lines of what was printed."""
    return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
