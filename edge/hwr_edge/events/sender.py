"""Gives what waits in an outbox, in a thread of its own, with longer and longer pauses after failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from hwr_edge.errors import HwrError
from hwr_edge.events.outbox import Outbox, Waiting
from hwr_edge.locks import Held, hold

_SHORTEST, _LONGEST = 0.5, 60.0  # seconds between tries
_LOOK = 1.0  # seconds until it looks for rows of other processes
_LEAVE = 2.0  # seconds to say goodbye


class Receiver(Protocol):
    """The other side."""

    def give(self, row: Waiting) -> str | None:
        """Send a row; None once it was taken, else why not."""

    def close(self) -> None:
        """End."""


class Sender:
    """One receiver's thread. Where another process sends from the outbox already, it waits its turn."""

    def __init__(
        self, outbox: Outbox, connect: Callable[[], Receiver], tell: Callable[[str], None]
    ) -> None:
        """Begin.

        Args:
            outbox: what is to be given.
            connect: makes the receiver; called in the thread.
            tell: gets a line when giving fails, once until it works again.
        """
        self.outbox, self._connect, self._tell = outbox, connect, tell
        self._new, self._stop = threading.Event(), threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There are new rows."""
        self._new.set()

    def wait(self, seconds: float) -> int:
        """Wait until everything is given, not longer than that; how many rows are left."""
        end = time.monotonic() + seconds
        while (left := len(self.outbox)) and time.monotonic() < end:
            time.sleep(0.05)
        return left

    def close(self) -> None:
        """End after the row that is being given."""
        self._stop.set()
        self._new.set()
        self._thread.join(_LEAVE)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                with hold(self.outbox.path, _LOOK):
                    self._send_all()
            except Held:
                continue
            except HwrError as error:  # the disk; the rows stay
                self._say(str(error))
                self._stop.wait(_LONGEST)
            except Exception as error:  # its message may hold a name
                self._say(f"a bug in hwr-edge while names are sent ({type(error).__name__})")
                self._stop.wait(_LONGEST)

    def _send_all(self) -> None:
        receiver, pause = self._connect(), _SHORTEST
        try:
            while not self._stop.is_set():
                self._new.clear()
                row = self.outbox.first()
                if row is None:
                    self._new.wait(_LOOK)
                    continue
                why = receiver.give(row)
                if why is None:
                    self.outbox.given(row.id)
                    self._failing, pause = False, _SHORTEST
                    continue
                self._say(f"{self.outbox.shown}: {why}; names wait on the disk")
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST)
        finally:
            receiver.close()

    def _say(self, line: str) -> None:
        if not self._failing and not self._stop.is_set():
            self._tell(line)
        self._failing = True
