"""A live camera: the newest frame, and the camera opened again whenever it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol

from hwr_edge.camera.frames import Frame
from hwr_edge.camera.pump import Pump
from hwr_edge.errors import CameraError, HwrError

_TICK = 0.2  # seconds
_PATIENCE = 5.0  # seconds without a frame
_TO_START = 4  # times as long for the first: a camera that starts takes its time
_FIRST, _LONGEST = 1.0, 30.0  # seconds before the first attempt, and at most before a later one
_MOST_STUCK = 3  # threads that a camera that hangs may hold for ever; attempts while one does


class CameraHeld(CameraError):  # noqa: N818  # says what is wrong, as its siblings do
    """This process has the camera and cannot let go of it: only a new one helps."""


class Capture(Protocol):
    """An open camera, used by one thread."""

    def read(self) -> Frame:
        """Wait for the next frame.

        Raises:
            CameraError: the camera gives none any more.
        """

    def close(self) -> None:
        """Give the camera back.

        Raises:
            CameraHeld: that cannot be done.
        """


class Live:
    """Frames of a camera for weeks: what hangs, goes away or fails is opened anew, ever more seldom."""

    live = True

    def __init__(
        self,
        name: str,
        start: Callable[[], Capture],
        tell: Callable[[str], None],
        patience: float = _PATIENCE,
    ) -> None:
        """Open nothing yet.

        Args:
            name: what messages call the camera.
            start: opens it; called again for each attempt, each time in a new thread.
            tell: gets one line when the camera is lost and one when it is back.
            patience: seconds without a frame after which it counts as lost.
        """
        self._name, self._start, self._tell, self._patience = name, start, tell, patience
        self._stuck: list[Pump] = []
        self._vain = 0

    def __enter__(self) -> Live:
        """Open the camera.

        Raises:
            HwrError: it cannot be opened.
        """
        self._pump = Pump(self._frames, newest=True)
        end = time.monotonic() + _TO_START * self._patience
        try:
            self._first = None
            while self._first is None and time.monotonic() < end:
                self._first = self._pump.next(_TICK)
            if self._first is None:
                raise CameraError(f"{self._name}: sends no frames; is another program using it?")
        except BaseException:
            self._pump.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pump.stop()
        self._pump.join(_TICK)

    def __iter__(self) -> Iterator[Frame | None]:
        yield self._first
        wait, lost, again = _FIRST, False, 0.0
        while True:
            frame, why = self._try()
            if frame is not None:
                if lost:
                    self._tell(f"{self._name}: is back")
                wait, lost, again, self._vain = _FIRST, False, 0.0, 0
            elif why and not again:
                if not lost:
                    self._tell(f"{self._name}: {why}; reconnecting until it is back")
                self._give_up()
                lost, again, wait = True, time.monotonic() + wait, min(2 * wait, _LONGEST)
            elif again and time.monotonic() >= again:
                self._pump, again = Pump(self._frames, newest=True), 0.0
            yield frame

    def _try(self) -> tuple[Frame | None, str]:
        """A frame, or why there will be none."""
        if self._pump.ended:
            time.sleep(_TICK)
        try:
            frame = self._pump.next(_TICK)
        except CameraHeld:
            raise
        except HwrError as error:
            return None, str(error).removeprefix(f"{self._name}: ")
        patience = self._patience * (1 if self._pump.flowing else _TO_START)
        silent = time.monotonic() - self._pump.heard > patience
        if frame is None and (silent or self._pump.ended):
            return None, f"sent no frame for {patience:.0f} seconds"
        return frame, ""

    def _give_up(self) -> None:
        """Leave the thread to itself; too many that never end mean that only a new process helps."""
        self._pump.stop()
        self._stuck = [pump for pump in [*self._stuck, self._pump] if pump.running]
        self._vain = self._vain + 1 if self._stuck else 0
        if len(self._stuck) > _MOST_STUCK:
            raise CameraError(f"{self._name}: hangs each time it is opened; restart hwr-edge")
        if self._vain > _MOST_STUCK:
            raise CameraHeld(f"{self._name}: hangs, and cannot be opened again; restart hwr-edge")

    def _frames(self) -> Iterator[Frame]:
        capture = self._start()
        try:
            while True:
                yield capture.read()
        finally:
            capture.close()
