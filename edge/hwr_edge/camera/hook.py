"""A program of the user's own, run for each name; never through a shell."""

from __future__ import annotations

import os
import queue
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from hwr_edge.camera.event import Event, stamp
from hwr_edge.errors import DataError
from hwr_edge.native import heard

_LONGEST = 60.0  # seconds that it may run
_WAITING = 100  # names that may wait for it


class Hook:
    """Runs the program in a thread of its own, one name after the other."""

    def __init__(self, command: str, tell: Callable[[str], None]) -> None:
        """Take the program and its arguments, quoted as in a shell.

        Args:
            command: HWR_EDGE_NAME, HWR_EDGE_CONFIDENCE, HWR_EDGE_TIME and HWR_EDGE_JSON are in its
                environment, HWR_EDGE_MATCH too with a roster.
            tell: gets a line when it cannot be run or fails; called from the thread.

        Raises:
            DataError: there is no such program.
        """
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise DataError(f"--on-name {command}: {error}") from error
        if not self._command or shutil.which(self._command[0]) is None:
            raise DataError(f"--on-name {command}: program not found")
        self._tell = tell
        self._events: queue.Queue[Event | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def add(self, event: Event) -> None:
        """Run it for a name when those before are done."""
        try:
            self._events.put_nowait(event)
        except queue.Full:
            self._tell(
                f"{self._command[0]} is too slow: {_WAITING} names are waiting, so one was skipped"
            )

    def close(self, seconds: float | None = None) -> None:
        """Wait for the names so far, not longer than that; how many are left out is told."""
        end = None if seconds is None else time.monotonic() + seconds
        try:
            with suppress(queue.Full):
                self._events.put(None, timeout=seconds)
                self._thread.join(None if end is None else max(0.0, end - time.monotonic()))
        finally:  # a Ctrl-C ends the waiting, too
            left = 0
            with suppress(queue.Empty):
                while True:
                    left += self._events.get_nowait() is not None
            if left:
                self._tell(f"{self._command[0]} is too slow: {left} names were not passed to it")

    def _work(self) -> None:
        while event := self._events.get():
            try:
                status = self._run(event)
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                self._tell(f"{self._command[0]} could not be run for a name ({error})")
            else:
                if status:
                    self._tell(f"{self._command[0]} failed for a name (exit status {status})")

    def _run(self, event: Event) -> int:
        reading = event.reading
        facts = {
            "HWR_EDGE_NAME": reading.text,
            "HWR_EDGE_CONFIDENCE": f"{reading.confidence:.4f}",
            "HWR_EDGE_TIME": stamp(event.time),
            "HWR_EDGE_JSON": event.json().rstrip("\n"),
        }
        if reading.match:
            facts["HWR_EDGE_MATCH"] = reading.match.name or ""
        with heard():  # it begins with the stderr of this moment
            process = subprocess.Popen(
                self._command,
                env={**os.environ, **facts},
                stdin=subprocess.DEVNULL,
                # Its output goes to stderr: standard output holds names alone.
                stdout=subprocess.DEVNULL if sys.stderr is None else sys.stderr.fileno(),
            )
        with process:
            try:
                return process.wait(_LONGEST)
            except BaseException:
                process.kill()
                raise
