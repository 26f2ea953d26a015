"""Recordings: a video file or a folder of frames, every frame, by the recording's own clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from hwr_edge.camera.frames import Frame
from hwr_edge.camera.opencv import silence
from hwr_edge.camera.pump import Pump
from hwr_edge.errors import CameraError, ImageError
from hwr_edge.image.decode import read_grey
from hwr_edge.image.sources import find

FPS = 15.0
"""Of a folder of frames, and of a video that does not say."""
_TICK = 0.2  # seconds
_CUT_SHORT = 0.9  # of the frames that a video announces; counts are a little off in good ones


class Recorded:
    """Every frame of a recording; blocking reads are left to a thread."""

    live = False

    def __init__(self, frames: Callable[[], Iterator[Frame]]) -> None:
        """Take what opens the recording and gives its frames: `video` or `folder`."""
        self._frames = frames

    def __enter__(self) -> Recorded:
        self._pump = Pump(self._frames, newest=False)
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
        while not self._pump.ended:
            yield self._pump.next(_TICK)
        self._pump.next(0)  # says what ended it, if anything did


def repeated(frames: Callable[[], Iterator[Frame]]) -> Iterator[Frame]:
    """A recording shown for ever, as fast as it was taken."""
    began, start = time.monotonic(), 0.0
    while True:
        last, pause = 0.0, 1 / FPS
        for frame in frames():
            pause = frame.time - last or pause
            last = frame.time
            time.sleep(max(0.0, began + start + last - time.monotonic()))
            yield replace(frame, time=start + last)
        start += last + pause


def video(path: Path, fps: float | None, tell: Callable[[str], None]) -> Iterator[Frame]:
    """The frames of a video file.

    Args:
        path: any video that OpenCV reads.
        fps: frames a second; None for what the file says.
        tell: gets a line where the video is cut short.

    Raises:
        CameraError: no frame can be read.
    """
    silence()
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened():
            raise CameraError(f"{path}: cannot be read as a video")
        said = capture.get(cv2.CAP_PROP_FPS)
        rate = fps or (said if 0 < said <= 1000 else FPS)
        announced = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        place = 0
        while True:
            found, pixels = capture.read()
            if not found:
                break
            yield Frame(place / rate, np.asarray(pixels, np.uint8))
            place += 1
        if place == 0:
            raise CameraError(f"{path}: no frame can be read")
        if place < _CUT_SHORT * announced:
            tell(f"{path}: ends after {place} of {announced:.0f} frames; damaged or cut short")
    finally:
        capture.release()


def folder(path: Path, fps: float | None, tell: Callable[[str], None]) -> Iterator[Frame]:
    """The images of a folder, in the order of their names; arguments and errors as for `video`."""
    found = find([str(path)])
    images = found.images
    if not images:
        raise CameraError("; ".join(found.problems))
    for problem in found.problems:
        tell(problem)
    good = 0
    for place, image in enumerate(images):
        try:
            pixels = read_grey(Path(image))
        except ImageError as error:
            tell(str(error))
            continue
        good += 1
        yield Frame(place / (fps or FPS), pixels)
    if not good:
        raise CameraError(f"{path}: no image in this folder can be read")
