"""Frames taken in a thread of their own, so that a camera that blocks holds up nothing else."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from hwr_edge.camera.frames import Frame
from hwr_edge.errors import HwrError

_AHEAD = 2  # frames of a recording that wait to be looked at


class Pump:
    """Runs an iterator of frames in a daemon thread.

    heard: when the last frame came, or the thread began, by the monotonic clock.
    flowing: whether any frame came yet.
    """

    def __init__(self, make: Callable[[], Iterator[Frame]], newest: bool) -> None:
        """Begin at once.

        Args:
            make: opens the source in the thread and gives its frames; closes it when it is closed.
            newest: keep the newest frame alone, and drop those nobody came for; else keep all.
        """
        self.heard, self.flowing = time.monotonic(), False
        self._make, self._newest = make, newest
        self._frames: deque[Frame] = deque(maxlen=1 if newest else None)
        self._turn = threading.Condition()
        self._stopped = self._ended = False
        self._error: HwrError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether no frame will come any more."""
        with self._turn:
            return self._ended and not self._frames

    @property
    def running(self) -> bool:
        """Whether its thread is still at work, or stuck."""
        return self._thread.is_alive()

    def next(self, seconds: float) -> Frame | None:
        """The next frame, or None where none came in that time or will come at all.

        Raises:
            HwrError: what ended the source.
        """
        with self._turn:
            self._turn.wait_for(lambda: self._frames or self._ended, seconds)
            if self._frames:
                self._turn.notify_all()
                return self._frames.popleft()
            if self._error:
                raise _without_frames(self._error)
            return None

    def stop(self) -> None:
        """Let the thread end, if it still answers; nobody waits for it."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end, not longer than that."""
        self._thread.join(seconds)

    def _run(self) -> None:
        error: HwrError | None = None
        try:
            frames = self._make()
            try:
                for frame in frames:
                    if not self._put(frame):
                        break
            finally:
                getattr(frames, "close", lambda: None)()
        except HwrError as found:
            error = _without_frames(found)
        except Exception as found:  # a driver's own errors are of any kind
            error = HwrError(f"the camera failed ({type(found).__name__}: {found})")
        with self._turn:
            self._error, self._ended = error, True
            self._turn.notify_all()

    def _put(self, frame: Frame) -> bool:
        with self._turn:
            if not self._newest:
                self._turn.wait_for(lambda: self._stopped or len(self._frames) < _AHEAD)
            if self._stopped:  # given up: a frame that comes late is none
                return False
            self._frames.append(frame)
            self.heard, self.flowing = time.monotonic(), True
            self._turn.notify_all()
            return True


def _without_frames(error: HwrError) -> HwrError:
    """The same error that holds no stack: with it, a lost camera's last picture would stay in memory."""
    return type(error)(*error.args)
